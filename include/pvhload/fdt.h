/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * Flattened device trees: putting what a kernel is to know into the VMM's, and reading it back.
 *
 * A VMM for arm64 or riscv64 describes its machine by a device tree, and the kernel finds its command line, initrd and
 * seeds in the tree's node /chosen.  pvhload_boot_plan() puts them there, and the tree into guest memory;
 * pvhload_fdt_edit() is for a VMM that does its own boot setup.
 *
 * A kernel that cannot use its tree stops without a word, so the tree is checked before anything is done with it: its
 * header, its blocks, every node and property.
 *
 * Editing is libfdt's work: a build without it refuses.  Reading takes nothing.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par Ownership and threads
 * Nothing of the arguments is kept, and the caller's tree is never written to.  The library's own copies of a tree,
 * which may have seeds in them, are zeroed before they are freed.  A view is the caller's to free; no other thread may be
 * using it then.  Calls may run in parallel, if the callbacks in their memory may.
 *
 * @par ABI source
 * Devicetree Specification, chapters 3 and 5; Linux, Documentation/arch/arm64/booting.rst.
 *
 * @since 0.3
 */
#ifndef PVHLOAD_FDT_H
#define PVHLOAD_FDT_H

#include <stddef.h>
#include <stdint.h>

#include <pvhload/guest_memory.h>
#include <pvhload/macros.h>
#include <pvhload/memmap.h>
#include <pvhload/range.h>
#include <pvhload/read_back.h>
#include <pvhload/status.h>

PVHLOAD_BEGIN_DECLS

/** A tree's address in the guest must be a multiple of this: with another, Linux stops without a word. */
#define PVHLOAD_FDT_ALIGN 8u

/** Most bytes of a tree that is given to a guest: above that, Linux on arm64 stops without a word. */
#define PVHLOAD_FDT_LIMIT 0x200000u

/** Limits of this library. */
#define PVHLOAD_FDT_SIZE_MAX \
	0x1000000u                /**< bytes of a tree that is edited or read, free ones included */
#define PVHLOAD_FDT_DEPTH_MAX 64u /**< nodes in each other, the root included */
#define PVHLOAD_FDT_NAME_MAX  255u /**< bytes of a node's or property's name */
#define PVHLOAD_FDT_RANGES_MAX \
	256u /**< reservations, of the block and of nodes together; banks of memory; nodes of memory */
#define PVHLOAD_FDT_CMDLINE_MAX \
	0xffffu                       /**< bytes of bootargs, without the NUL; kernels take less */
#define PVHLOAD_FDT_RNG_SEED_MAX 512u /**< bytes of pvhload_fdt::rng_seed */

/** Bytes of pvhload_fdt::kaslr_seed; with fewer, Linux takes a seed for none. */
#define PVHLOAD_FDT_KASLR_SEED_SIZE 8u

/** pvhload_fdt::bootargs: what becomes of the tree's own command line. */
#define PVHLOAD_FDT_BOOTARGS_AUTO \
	0u /**< replaced if there is another, neither NULL nor ""; else kept */
#define PVHLOAD_FDT_BOOTARGS_REPLACE 1u /**< replaced; by "" if there is no other */
#define PVHLOAD_FDT_BOOTARGS_APPEND \
	2u                           /**< kept, with the other after it and a space between them */
#define PVHLOAD_FDT_BOOTARGS_KEEP 3u /**< kept, and the other is not used */

/**
 * pvhload_fdt::flags: the nodes of memory in the tree are replaced by one, memory@ADDRESS, that has the RAM of the
 * memory map.  What these nodes say besides, such as NUMA nodes, is lost.
 */
#define PVHLOAD_FDT_WRITE_MEMORY 0x1u

/** A tree, and what goes into it; 0 in any member but @c struct_size, @c tree and @c size is fine. */
struct pvhload_fdt {
	size_t struct_size; /**< sizeof(struct pvhload_fdt) */
	const void *tree;   /**< required: a flattened device tree of version 17, at any address */
	size_t size;        /**< bytes at @c tree; the tree may be smaller, as its header says */
	uint32_t bootargs;  /**< PVHLOAD_FDT_BOOTARGS_* */
	uint32_t flags;     /**< PVHLOAD_FDT_WRITE_MEMORY or 0 */
	/**
	 * PVHLOAD_FDT_KASLR_SEED_SIZE random bytes, not all 0, for kaslr-seed; NULL leaves what the tree has.
	 * Without one Linux on arm64 does not move, unless the processor has random numbers.
	 */
	const void *kaslr_seed;
	const void *rng_seed; /**< random bytes for rng-seed; NULL leaves what the tree has */
	size_t rng_seed_size; /**< how many: 1 to PVHLOAD_FDT_RNG_SEED_MAX; 32 do.  0 if @c rng_seed is NULL */
	size_t room; /**< bytes left free in the tree, for a firmware that edits it; OpenSBI wants 4 KiB */
};

/** Initialiser for a struct pvhload_fdt. */
#define PVHLOAD_FDT_INIT PVHLOAD_SIZED_(pvhload_fdt)

/** What a kernel is told by its tree; 0 in any member but @c struct_size is fine. */
struct pvhload_fdt_params {
	size_t struct_size;  /**< sizeof(struct pvhload_fdt_params) */
	const char *cmdline; /**< NUL-terminated; NULL is the same as "" */
	uint64_t initrd_gpa; /**< where the initrd is */
	uint64_t
		initrd_size; /**< its bytes; 0: there is none, and what the tree says of one is left */
	const struct pvhload_memmap *memmap; /**< for PVHLOAD_FDT_WRITE_MEMORY, which requires it */
};

/** Initialiser for a struct pvhload_fdt_params. */
#define PVHLOAD_FDT_PARAMS_INIT PVHLOAD_SIZED_(pvhload_fdt_params)

/** pvhload_fdt_reservation::kind */
#define PVHLOAD_FDT_RESERVED_ENTRY 1u /**< an entry of the memory reservation block, /memreserve/ */
#define PVHLOAD_FDT_RESERVED_NODE  2u /**< a range of a child of /reserved-memory, by its reg */

/** A range that a tree takes out of memory.  Made by the library, which may append members. */
struct pvhload_fdt_reservation {
	uint64_t gpa;     /**< first address */
	uint64_t size;    /**< bytes */
	const char *name; /**< the node's, cut to 47 bytes; or "/memreserve/ N" */
	uint32_t kind;    /**< PVHLOAD_FDT_RESERVED_* */
	uint32_t no_map;  /**< 1 if the node has no-map: the kernel does not even map it */
};

/**
 * What was found in guest memory.  Made by the library, which may append members: read it through
 * the pointer, never copy it by sizeof.
 */
struct pvhload_fdt_view {
	uint64_t total_size;         /**< bytes of the tree, as its header says */
	uint64_t packed_size;        /**< bytes of its blocks alone, without the free ones */
	uint32_t version;            /**< of its format */
	uint32_t last_comp_version;  /**< the lowest version that it is compatible with */
	uint32_t has_bootargs;       /**< 1 if /chosen has bootargs */
	uint32_t has_initrd;         /**< 1 if it has linux,initrd-start and linux,initrd-end */
	const char *bootargs;        /**< the command line; "" if there is none */
	struct pvhload_range initrd; /**< where the initrd is; zeros if there is none */
	uint32_t has_kaslr_seed;     /**< 1 if /chosen has kaslr-seed */
	uint32_t has_rng_seed;       /**< 1 if it has rng-seed */
	uint64_t kaslr_seed_size;    /**< bytes of kaslr-seed; the seed itself is not told */
	uint64_t rng_seed_size;      /**< bytes of rng-seed */
	const struct pvhload_range *memory; /**< banks of memory, in the tree's order */
	size_t memory_count;                /**< how many */
	const struct pvhload_fdt_reservation *const
		*reservations;    /**< pointers to the reservations: the block's, then the nodes' */
	size_t reservation_count; /**< how many */
	/** Pointers to what went wrong, in the order in which it was found; only with PVHLOAD_READ_PARTIAL. */
	const struct pvhload_error *const *problems;
	size_t problem_count; /**< how many, at most PVHLOAD_READ_PROBLEMS_MAX */
	uint32_t incomplete;  /**< PVHLOAD_PART_*: where something is missing; 0 if nothing is */
};

/**
 * Make a tree for a guest: a packed copy of the caller's, whose node /chosen says what it is to say.
 *
 * - bootargs, as pvhload_fdt::bootargs says.
 * - linux,initrd-start and linux,initrd-end, as 8 bytes each, if there is an initrd.
 * - kaslr-seed and rng-seed, if they are given.
 *
 * /chosen is made if there is none.  All else is as in the caller's tree.  The size depends on all arguments but
 * pvhload_fdt_params::initrd_gpa, so it can be asked for before the initrd and the tree have their places.
 *
 * Where things are is not judged: that the tree goes to a multiple of PVHLOAD_FDT_ALIGN, to RAM which the guest can write
 * to and which nothing else claims, and that the kernel takes a command line of that length, is the caller's to see to.
 *
 * @par ABI source
 * Of /chosen: Devicetree Specification, section 3.6, and Linux, Documentation/devicetree/bindings/chosen.txt.  That
 * Linux takes 8 bytes of linux,initrd-start and -end whatever #address-cells is, was found by booting.
 *
 * @param[in]  fdt       The tree, and what goes into it.
 * @param[in]  params    What the kernel is told.  May be NULL for no command line and no initrd.
 * @param[out] dst       The tree.  Untouched on failure.  NULL to ask for the size alone.
 * @param[in]  capacity  Bytes at @p dst.
 * @param[out] ret_size  Bytes that the tree takes, @c room included.  Untouched on failure.
 * @param[out] err       May be NULL.  Filled on failure only; @c offset is that in the tree.
 *
 * @retval PVHLOAD_OK             The tree is at @p dst, or @p dst is NULL.
 * @retval PVHLOAD_E_USAGE        A required pointer is NULL, a struct's @c struct_size is wrong, a flag or
 *                                @c bootargs is unknown, @c kaslr_seed is all zeros, or @c rng_seed and
 *                                @c rng_seed_size contradict each other.
 * @retval PVHLOAD_E_NO_MEMORY    No host memory.
 * @retval PVHLOAD_E_CAPACITY     The tree does not fit; the message says how many bytes it takes.
 * @retval PVHLOAD_E_FORMAT       There is no device tree: the magic is another.
 * @retval PVHLOAD_E_UNSUPPORTED  This build has no libfdt; or the tree's version is none that is compatible with 17.
 * @retval PVHLOAD_E_MALFORMED    The tree is damaged, or contradicts itself; or addresses or sizes of memory are not of
 *                                1 or 2 cells.
 * @retval PVHLOAD_E_LIMIT        The tree is above a limit of this library, or would be above PVHLOAD_FDT_LIMIT; or
 *                                @c rng_seed_size is above its limit.
 * @retval PVHLOAD_E_MEMMAP       With PVHLOAD_FDT_WRITE_MEMORY: the map is unsound (pvhload_memmap_validate()), has no
 *                                RAM or more ranges of it than PVHLOAD_FDT_RANGES_MAX; or an address or size needs more
 *                                cells than the tree gives it.
 * @retval PVHLOAD_E_CMDLINE      There are more bytes of bootargs than PVHLOAD_FDT_CMDLINE_MAX.
 * @retval PVHLOAD_E_RANGE        The initrd's range wraps.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_fdt_edit(const struct pvhload_fdt *fdt, const struct pvhload_fdt_params *params, void *dst,
		 size_t capacity, size_t *ret_size, struct pvhload_error *err);

/**
 * Read what a kernel is told by the tree at @p gpa from guest memory.
 *
 * Nothing in the guest is trusted: the tree must be in the RAM that @p mem declares, and all of it is walked within its
 * blocks and the limits of this library.  Whether a guest could boot with it is not judged here.
 *
 * With PVHLOAD_READ_PARTIAL, a tree whose header and blocks are sound is enough for a view.  Where a node or
 * property is broken, the view has what comes before it; where the value of a property is, all but that.
 *
 * @param[in]  mem   Guest memory with a @c read callback and a @c memmap.
 * @param[in]  gpa   Address of the tree.
 * @param[in]  flags PVHLOAD_READ_PARTIAL or 0.
 * @param[out] view  What was found.  Untouched on failure.
 * @param[out] err   May be NULL.  Filled on failure only; @c gpa is the address at fault.
 *
 * @retval PVHLOAD_OK             Read; with PVHLOAD_READ_PARTIAL, as far as @c incomplete says.
 * @retval PVHLOAD_E_USAGE        A pointer is NULL, a struct's @c struct_size is wrong, a flag is unknown, or
 *                                @p mem has no @c read or no @c memmap.
 * @retval PVHLOAD_E_NO_MEMORY    No host memory.
 * @retval PVHLOAD_E_MEMMAP       The map in @p mem is unsound (pvhload_memmap_validate()).
 * @retval PVHLOAD_E_FORMAT       There is no device tree at @p gpa: its magic is another.
 * @retval PVHLOAD_E_UNSUPPORTED  Its version is none that is compatible with 17.
 * @retval PVHLOAD_E_RANGE        It is not in RAM.
 * @retval PVHLOAD_E_LIMIT        It takes more than PVHLOAD_FDT_SIZE_MAX bytes, or has more reservations in its block
 *                                than PVHLOAD_FDT_RANGES_MAX; or, without PVHLOAD_READ_PARTIAL, something in it is
 *                                above a limit of this library.
 * @retval PVHLOAD_E_MALFORMED    Its header contradicts itself; or, without PVHLOAD_READ_PARTIAL, a node or property is
 *                                broken.
 * @retval PVHLOAD_E_CALLBACK     @c read failed.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status pvhload_fdt_read(const struct pvhload_memory *mem,
								   uint64_t gpa, uint32_t flags,
								   struct pvhload_fdt_view **view,
								   struct pvhload_error *err);

/**
 * Free a view.
 *
 * @param[in] view  From pvhload_fdt_read(), or NULL.
 */
PVHLOAD_API void pvhload_fdt_view_free(struct pvhload_fdt_view *view);

/**
 * Judge the tree at @p gpa in guest memory by what Linux does with it.
 *
 * For looking at a guest that does not start.  Problems are, each of them one of its own: what cannot be read, as with
 * PVHLOAD_READ_PARTIAL; a tree at no multiple of PVHLOAD_FDT_ALIGN, or above PVHLOAD_FDT_LIMIT; a kaslr-seed that Linux
 * takes for none; no memory; a tree or initrd outside of the memory that the tree has, or in a range of a child of
 * /reserved-memory; an initrd that is empty, or over the tree.  Nothing is written.  Where the kernel is, and whether it
 * has drivers for such a machine, the tree does not say.
 *
 * @par ABI source
 * Linux, Documentation/arch/arm64/booting.rst.
 *
 * @param[in]  mem   Guest memory with a @c read callback and a @c memmap.
 * @param[in]  gpa   Address of the tree.
 * @param[out] check What is wrong.  Untouched on failure.
 * @param[out] err   May be NULL.  Filled on failure only; @c gpa is the address at fault.
 *
 * @retval PVHLOAD_OK             Judged: the problems, if there are any, are in @p check.
 * @retval PVHLOAD_E_USAGE        A pointer is NULL, a struct's @c struct_size is wrong, or @p mem has no @c read or no
 *                                @c memmap.
 * @retval PVHLOAD_E_NO_MEMORY    No host memory.
 * @retval PVHLOAD_E_MEMMAP       The map in @p mem is unsound (pvhload_memmap_validate()).
 * @retval PVHLOAD_E_FORMAT       There is no device tree at @p gpa: its magic is another.
 * @retval PVHLOAD_E_UNSUPPORTED  Its version is none that is compatible with 17.
 * @retval PVHLOAD_E_RANGE        It is not in RAM.
 * @retval PVHLOAD_E_LIMIT        It takes more than PVHLOAD_FDT_SIZE_MAX bytes, or has more reservations in its block
 *                                than PVHLOAD_FDT_RANGES_MAX.
 * @retval PVHLOAD_E_MALFORMED    Its header contradicts itself.
 * @retval PVHLOAD_E_CALLBACK     @c read failed.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_fdt_check(const struct pvhload_memory *mem, uint64_t gpa, struct pvhload_check **check,
		  struct pvhload_error *err);

PVHLOAD_END_DECLS

#endif
