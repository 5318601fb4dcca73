/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * A plan that pvhload_boot_plan() or pvhload_boot_load() has made: what it says, and how it gets into guest memory.
 *
 * ABI source: given at pvhload_boot_plan(); committing a plan has none of its own.
 *
 * @par Ownership and threads
 * Unless a function says otherwise, nothing is kept or changed, and any thread may call it.
 *
 * @since 0.1
 */
#ifndef PVHLOAD_PLAN_H
#define PVHLOAD_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include <pvhload/arm64_cpu.h>
#include <pvhload/guest_memory.h>
#include <pvhload/macros.h>
#include <pvhload/memmap.h>
#include <pvhload/region.h>
#include <pvhload/riscv64_cpu.h>
#include <pvhload/status.h>
#include <pvhload/x86_cpu.h>

PVHLOAD_BEGIN_DECLS

/** A finished plan. */
struct pvhload_plan;

/**
 * One attempt to plan by a method.  Made by the library, which may append members.
 */
struct pvhload_plan_attempt {
	uint32_t protocol; /**< PVHLOAD_PROTOCOL_*, never AUTO */
	uint32_t
		decompress; /**< who decodes: PVHLOAD_DECOMPRESS_HOST or _GUEST; 0 for nothing to decode */
	int32_t status; /**< the enum pvhload_status it ended with; PVHLOAD_OK for the plan's own */
	uint32_t reserved;   /**< 0 */
	const char *message; /**< one line, no newline: why it failed; "" if it did not */
};

/**
 * What a plan says.  Made by the library, which may append members: read it through the pointer,
 * never copy it by sizeof.
 */
struct pvhload_plan_info {
	uint32_t protocol;       /**< PVHLOAD_PROTOCOL_*, never AUTO */
	uint32_t cmdline_max;    /**< bytes of command line the kernel takes */
	uint64_t entry;          /**< where the guest starts */
	uint64_t start_info_gpa; /**< PVH: address of struct hvm_start_info */
	uint64_t kaslr_offset; /**< virtual displacement of the kernel; always 0 in this version */
	const struct pvhload_plan_region *const *regions; /**< pointers to the regions: by address,
	                                                       disjoint, all inside RAM, but for a
	                                                       firmware's, which is in ROM */
	size_t region_count;                              /**< how many */
	const struct pvhload_memmap *memmap; /**< the map the guest is given, by address */
	const char *
		cmdline; /**< the command line the guest is given; by Multiboot after the kernel's name */
	/** The boot processor's first state; NULL if the plan is for another architecture. */
	const struct pvhload_x86_cpu *x86_cpu;
	uint64_t zero_page_gpa; /**< Linux protocols: address of the zero page; else 0 */
	uint64_t kernel_gpa;    /**< where the lowest byte of the image is loaded */
	const char *reason;     /**< one line: why this protocol, and what is out of the ordinary */
	uint32_t decompress;    /**< who decodes the bzImage: PVHLOAD_DECOMPRESS_HOST or _GUEST; 0
			          if there is nothing to decode */
	/** Pointers to all attempts, in the order in which they were made; the last is this plan. */
	const struct pvhload_plan_attempt *const *attempts;
	size_t attempt_count; /**< how many; at least 1 */
	uint32_t guest;       /**< PVHLOAD_GUEST_*: whose rules were checked.  @since 0.3 */
	uint32_t
		arch; /**< PVHLOAD_ARCH_*: of the processor state; X86_64 for all x86.  @since 0.3 */
	/** The same as @c x86_cpu of an arm64 guest; else NULL.  @since 0.3 */
	const struct pvhload_arm64_cpu *arm64_cpu;
	/** The same of a riscv64 guest; else NULL.  @since 0.3 */
	const struct pvhload_riscv64_cpu *riscv64_cpu;
	uint64_t
		fdt_gpa; /**< address of the device tree; 0 if the guest gets none that way.  @since 0.3 */
	uint64_t
		multiboot_info_gpa; /**< Multiboot: address of the information; else 0.  @since 0.3 */
};

/**
 * What a plan says.
 *
 * @param[in] plan  The plan.
 * @return          Its content, or NULL if @p plan is NULL.
 *
 * @par Ownership and threads
 * Belongs to the plan and does not change; valid until pvhload_plan_free().  Any thread may read it.
 */
PVHLOAD_API const struct pvhload_plan_info *pvhload_plan_get_info(const struct pvhload_plan *plan);

/**
 * A copy of the boot processor's first state, for a thread that loads it when the plan may be gone.
 *
 * @par Units
 * As in struct pvhload_x86_cpu.
 *
 * @par ABI source
 * Given at pvhload_x86_cpu_init_pvh() and its neighbours.
 *
 * @param[in]     plan  The plan.
 * @param[in,out] cpu   Filled, as far as its @c struct_size reaches.  Untouched on failure.
 * @param[out]    err   May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK       The state is at @p cpu.
 * @retval PVHLOAD_E_USAGE     @p plan or @p cpu is NULL, or the @c struct_size of @p cpu is wrong.
 * @retval PVHLOAD_E_PROTOCOL  The plan is for another architecture.
 *
 * @since 0.2
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_plan_get_x86_cpu(const struct pvhload_plan *plan, struct pvhload_x86_cpu *cpu,
			 struct pvhload_error *err);

/**
 * The same of an arm64 guest.
 *
 * @par Units
 * As in struct pvhload_arm64_cpu.
 *
 * @par ABI source
 * Given at pvhload_arm64_cpu_init_linux().
 *
 * @param[in]     plan  The plan.
 * @param[in,out] cpu   Filled, as far as its @c struct_size reaches.  Untouched on failure.
 * @param[out]    err   May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK          The state is at @p cpu.
 * @retval PVHLOAD_E_USAGE     @p plan or @p cpu is NULL, or the @c struct_size of @p cpu is wrong.
 * @retval PVHLOAD_E_PROTOCOL  The plan is for another architecture.
 *
 * @since 0.3
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_plan_get_arm64_cpu(const struct pvhload_plan *plan, struct pvhload_arm64_cpu *cpu,
			   struct pvhload_error *err);

/**
 * The same of a riscv64 guest.
 *
 * @par Units
 * As in struct pvhload_riscv64_cpu.
 *
 * @par ABI source
 * Given at pvhload_riscv64_cpu_init_linux().
 *
 * @param[in]     plan  The plan.
 * @param[in,out] cpu   Filled, as far as its @c struct_size reaches.  Untouched on failure.
 * @param[out]    err   May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK          The state is at @p cpu.
 * @retval PVHLOAD_E_USAGE     @p plan or @p cpu is NULL, or the @c struct_size of @p cpu is wrong.
 * @retval PVHLOAD_E_PROTOCOL  The plan is for another architecture.
 *
 * @since 0.3
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_plan_get_riscv64_cpu(const struct pvhload_plan *plan, struct pvhload_riscv64_cpu *cpu,
			     struct pvhload_error *err);

/**
 * Write everything the plan says to guest memory.
 *
 * All that can be checked is checked before the first byte is written.  After that, only a failing callback
 * or a source that cannot be read any more can stop it; the message names the region, and the guest must not
 * be run.
 *
 * The @c progress of the plan's config is called once before anything is written.  If it ends the call later,
 * guest memory is written in part.  A plan may be committed more than once, to different memories or, after
 * a failure, to the same one: clear PVHLOAD_MEMORY_ZEROED then.  What is in no region, and in one that only
 * has to be free, such as what a bzImage decodes itself to, is not written: see pvhload_plan_clear_unused().
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par Ownership and threads
 * Nothing is kept.  One thread at a time per plan; progress is reported from that thread.
 *
 * @param[in]  plan  The plan.
 * @param[in]  mem   Guest memory.  If it declares a map, every region must lie in its RAM, or, of a firmware, in one of
 *                   its ROMs.
 * @param[out] err   May be NULL.  Filled on failure only; @c gpa is the guest address at fault and
 *                   @c offset the place in the source, where they apply.
 *
 * @retval PVHLOAD_OK           The guest is ready to run.
 * @retval PVHLOAD_E_USAGE      A pointer is NULL, a struct's @c struct_size is wrong, @p mem has no
 *                              @c write, or a flag is unknown.
 * @retval PVHLOAD_E_NO_MEMORY  No host memory for a buffer or, of a plan that pvhload_boot_load() made, for the payload; guest
 *                              memory may have been written in part.
 * @retval PVHLOAD_E_MEMMAP     The map in @p mem is unsound (pvhload_memmap_validate()), or a ROM is empty, wraps or
 *                              overlaps RAM; nothing was written.
 * @retval PVHLOAD_E_RANGE      A region leaves the RAM of @p mem, or a firmware's is in none of its ROMs either;
 *                              nothing was written.
 * @retval PVHLOAD_E_SOURCE     The image, an initrd, a module or a setup_data cannot be read any
 *                              more.
 * @retval PVHLOAD_E_MALFORMED  Reserved for later versions; this one does not return this.
 * @retval PVHLOAD_E_CALLBACK   A callback of @p mem failed.
 * @retval PVHLOAD_E_CANCELLED  The progress callback ended the call.  The plan is as before, and may be
 *                              committed again.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_plan_commit(const struct pvhload_plan *plan, const struct pvhload_memory *mem,
		    struct pvhload_error *err);

/**
 * Zero all RAM that the plan does not write, for a VMM whose memory was another guest's.
 *
 * That is the RAM of the plan's map outside of its regions, what mem= and memmap= take from a Linux guest
 * included, and in them what pvhload_plan_commit() does not write.  Left as they are: what the config keeps free or the
 * device tree reserves, and the RSDP.  They are the VMM's, and so is clearing them; other tables of the VMM's must be
 * kept free, or be written after this call.  The two calls may be made in either order; after both, each byte of RAM is
 * the plan's, the VMM's or 0.
 *
 * Memory that is said to be zero already, by PVHLOAD_MEMORY_ZEROED or of a slot by PVHLOAD_RAM_SLOT_ZEROED, is
 * not written.  @c begin_region is not called, and @c progress of the plan's config is told of
 * PVHLOAD_PROGRESS_CLEAR.  All that can be checked is checked before the first byte is written.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par Ownership and threads
 * Nothing is kept.  One thread at a time per plan; progress is reported from that thread.
 *
 * @param[in]  plan  The plan.
 * @param[in]  mem   Guest memory.  If it declares a map, all that is to be zeroed must be RAM of it.
 * @param[out] err   May be NULL.  Filled on failure only; @c gpa is the guest address at fault.
 *
 * @retval PVHLOAD_OK           All of it is zero.
 * @retval PVHLOAD_E_USAGE      A pointer is NULL, a struct's @c struct_size is wrong, @p mem has no
 *                              @c write, or a flag is unknown.
 * @retval PVHLOAD_E_NO_MEMORY  No host memory: some of it may not be zero.
 * @retval PVHLOAD_E_MEMMAP     The map in @p mem is unsound (pvhload_memmap_validate()); nothing was
 *                              written.
 * @retval PVHLOAD_E_RANGE      Some of it is no RAM of @p mem; nothing was written.
 * @retval PVHLOAD_E_CALLBACK   A callback of @p mem failed: some of it may not be zero.
 * @retval PVHLOAD_E_CANCELLED  The progress callback ended the call: some of it may not be zero.
 *
 * @since 0.3
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_plan_clear_unused(const struct pvhload_plan *plan, const struct pvhload_memory *mem,
			  struct pvhload_error *err);

/**
 * Read bytes of a region as pvhload_plan_commit() would write them, for a VMM that hands the bytes to another
 * interface, or measures them.
 *
 * @par Units
 * Bytes.
 *
 * @par Ownership and threads
 * Nothing is changed.  One thread at a time per plan.  A plan that pvhload_boot_load() made decodes its payload at the
 * first read of the kernel, once, keeps it, and tells the config's progress of that, from this thread; others keep nothing.
 *
 * @param[in]  plan    The plan.
 * @param[in]  index   Of the region, in pvhload_plan_info::regions.
 * @param[in]  offset  First byte, from the start of the region.
 * @param[out] dst     Room for @p size bytes; zeros where a commit writes nothing.  On failure its content
 *                     is undefined.
 * @param[in]  size    Bytes; @p offset + @p size is not above the region's size.
 * @param[out] err     May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK           All @p size bytes are at @p dst.
 * @retval PVHLOAD_E_USAGE      A pointer is NULL, or there is no such region, or no such bytes in it.
 * @retval PVHLOAD_E_SOURCE     The image, an initrd, a module or a setup_data cannot be read any more.
 * @retval PVHLOAD_E_NO_MEMORY  No host memory for the payload that is decoded.
 * @retval PVHLOAD_E_CANCELLED  The progress callback ended the decoding; the next call begins it again.
 * @retval PVHLOAD_E_CALLBACK   @c run of the image's pool failed.
 *
 * @par ABI source
 * None: bytes are copied.
 *
 * @since 0.2
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_plan_read_region(const struct pvhload_plan *plan, size_t index, uint64_t offset, void *dst,
			 size_t size, struct pvhload_error *err);

/**
 * Free a plan.
 *
 * @param[in] plan  From pvhload_boot_plan() or pvhload_boot_load(), or NULL.  Its info is invalid afterwards.
 *
 * @par Ownership and threads
 * Frees @p plan, and with it what it keeps of the image.  No other thread may be using it.
 */
PVHLOAD_API void pvhload_plan_free(struct pvhload_plan *plan);

PVHLOAD_END_DECLS

#endif
