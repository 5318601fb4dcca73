/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * PVH start information: writing it to guest memory, and reading it back.
 *
 * For a VMM that does its own boot setup.  pvhload_boot_plan() does this, and everything around it, in
 * one call.
 *
 * A PVH guest cannot report what is wrong with its start info: Linux stops without a word.  So the
 * rules are checked here, before a byte is written.
 *
 * @par Ownership and threads
 * Nothing of the arguments is kept.  A view, or a list of problems, is the caller's to free, and does not
 * depend on guest memory; no other thread may be using what is freed.  Calls may run in parallel if the
 * callbacks in their memory may.
 *
 * @since 0.1
 */
#ifndef PVHLOAD_PVH_H
#define PVHLOAD_PVH_H

#include <pvhload/abi/setup_header.h>
#include <pvhload/guest_memory.h>
#include <pvhload/macros.h>
#include <pvhload/memmap.h>
#include <pvhload/read_back.h>
#include <pvhload/status.h>

PVHLOAD_BEGIN_DECLS

/** Default places: those that Cloud Hypervisor, Firecracker and libkrun share. */
#define PVHLOAD_PVH_GDT_GPA        0x500u
#define PVHLOAD_PVH_START_INFO_GPA 0x6000u
#define PVHLOAD_PVH_MODLIST_GPA    0x6040u
#define PVHLOAD_PVH_MEMMAP_GPA     0x7000u
#define PVHLOAD_PVH_CMDLINE_GPA    0x20000u

/** Map entries and module list must end below this address: Linux's entry maps the first GiB. */
#define PVHLOAD_PVH_TABLES_LIMIT 0x40000000u

/** Map entries that Linux takes; it copies them to a table of 128 and adds one of its own. */
#define PVHLOAD_PVH_MEMMAP_MAX 127u

/** Most bytes of command line that Linux keeps, without the NUL. */
#define PVHLOAD_PVH_CMDLINE_MAX (PVHLOAD_LINUX_COMMAND_LINE_SIZE - 1)

/** Bytes that Linux reads from the command line's address, whatever its length. */
#define PVHLOAD_PVH_CMDLINE_WINDOW PVHLOAD_LINUX_COMMAND_LINE_SIZE

/** Limits of this library, for writing and for reading back. */
#define PVHLOAD_PVH_MODULES_MAX        4096u     /**< modules */
#define PVHLOAD_PVH_MEMMAP_READ_MAX    4096u     /**< map entries */
#define PVHLOAD_PVH_CMDLINE_LENGTH_MAX 0xffffu   /**< bytes of a command line, without the NUL */
#define PVHLOAD_PVH_CMDLINE_TOTAL_MAX  0x100000u /**< bytes of all command lines, NULs included */

/**
 * pvhload_pvh_params::flags: the guest is not Linux.  Lifts the rules that are Linux's alone: 127 map
 * entries, 28 KiB of RAM between 64 KiB and 640 KiB, 2047 bytes of command line,
 * PVHLOAD_CMDLINE_INIT_ARGS_MAX words after a "--", and that modlist and memmap end at or below
 * PVHLOAD_PVH_TABLES_LIMIT, not 4 GiB.
 */
#define PVHLOAD_PVH_NOT_LINUX 0x1u

/** A module that is in guest memory. */
struct pvhload_pvh_module {
	uint64_t gpa;        /**< first address */
	uint64_t size;       /**< bytes */
	const char *cmdline; /**< NUL-terminated; NULL for none */
};

/** Where the structures go; 0 in any member but @c struct_size is the default. */
struct pvhload_pvh_layout {
	size_t struct_size;      /**< sizeof(struct pvhload_pvh_layout) */
	uint64_t start_info_gpa; /**< default PVHLOAD_PVH_START_INFO_GPA; below 4 GiB */
	uint64_t modlist_gpa; /**< default PVHLOAD_PVH_MODLIST_GPA; below 1 GiB (4 if not Linux) */
	uint64_t memmap_gpa;  /**< default PVHLOAD_PVH_MEMMAP_GPA; below 1 GiB (4 if not Linux) */
	uint64_t cmdline_gpa; /**< default PVHLOAD_PVH_CMDLINE_GPA; below 4 GiB */
	uint64_t module_cmdlines_gpa; /**< default: after the command line; below 4 GiB */
};

/** Initialiser for a struct pvhload_pvh_layout. */
#define PVHLOAD_PVH_LAYOUT_INIT PVHLOAD_SIZED_(pvhload_pvh_layout)

/** What the guest is told; 0 in any member but @c struct_size and @c memmap is fine. */
struct pvhload_pvh_params {
	size_t struct_size;                       /**< sizeof(struct pvhload_pvh_params) */
	const char *cmdline;                      /**< NUL-terminated; NULL is the same as "" */
	const struct pvhload_pvh_module *modules; /**< in order; Linux takes the first as initrd */
	size_t module_count;                      /**< modules */
	const struct pvhload_memmap *memmap;      /**< required: the guest's memory map */
	uint64_t rsdp_gpa;                        /**< ACPI RSDP, 0 for none */
	uint32_t flags;                           /**< PVHLOAD_PVH_NOT_LINUX or 0 */
	uint32_t start_info_flags;                /**< hvm_start_info::flags; 0 outside Xen */
};

/** Initialiser for a struct pvhload_pvh_params. */
#define PVHLOAD_PVH_PARAMS_INIT PVHLOAD_SIZED_(pvhload_pvh_params)

/**
 * What was found in guest memory.  Made by the library, which may append members: read it through
 * the pointer, never copy it by sizeof.
 */
struct pvhload_pvh_view {
	uint32_t magic;                            /**< PVHLOAD_START_INFO_MAGIC */
	uint32_t version;                          /**< 0 has no memory map */
	uint32_t flags;                            /**< PVHLOAD_SIF_* */
	uint32_t has_cmdline;                      /**< 1 if cmdline_paddr is not 0 */
	uint64_t cmdline_gpa;                      /**< its address */
	uint64_t modlist_gpa;                      /**< address of the module list, 0 for none */
	uint64_t memmap_gpa;                       /**< address of the memory map, 0 for none */
	uint64_t rsdp_gpa;                         /**< address of the RSDP, 0 for none */
	const char *cmdline;                       /**< the command line; "" if there is none */
	const struct pvhload_pvh_module *modules;  /**< the modules */
	size_t module_count;                       /**< how many */
	const struct pvhload_memmap_entry *memmap; /**< the map, in the guest's order */
	size_t memmap_count;                       /**< how many entries */
	/**
	 * Pointers to what went wrong, in the order in which it was found; only with
	 * PVHLOAD_READ_PARTIAL.  @c subject and @c index are the module, if it is about one's command
	 * line.
	 */
	const struct pvhload_error *const *problems;
	size_t problem_count; /**< how many, at most PVHLOAD_READ_PROBLEMS_MAX */
	uint32_t incomplete;  /**< PVHLOAD_PART_*: where something is missing; 0 if nothing is */
};

/**
 * Write start info, module list, memory map and command lines to guest memory.
 *
 * Without modules, modlist_paddr is 0.  The command line's address is always valid: without one, an
 * empty string is written.  The modules' bytes are not touched; they must be in guest memory when
 * the guest starts.  The default place of the list has room for 126 modules; for more, choose
 * another.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par ABI source
 * Xen, public/arch-x86/hvm/start_info.h; Linux, arch/x86/platform/pvh/head.S and enlighten.c.
 *
 * @param[in]  mem     Guest memory; @c memmap may be NULL, then that of @p params is its RAM.
 * @param[in]  layout  May be NULL for the default places.
 * @param[in]  params  What to tell the guest.
 * @param[out] err     May be NULL.  Filled on failure only; @c gpa is the address at fault.
 *
 * @retval PVHLOAD_OK           Everything is in guest memory.
 * @retval PVHLOAD_E_USAGE      A required pointer is NULL, a struct's @c struct_size is wrong, a flag is
 *                              unknown, or @p mem has no @c write.
 * @retval PVHLOAD_E_NO_MEMORY  No host memory.
 * @retval PVHLOAD_E_MEMMAP     A map is unsound (pvhload_memmap_validate()), or has more than
 *                              PVHLOAD_PVH_MEMMAP_READ_MAX entries; or, for Linux, it has more than
 *                              127, or no 28 KiB of RAM between 64 KiB and 640 KiB.
 * @retval PVHLOAD_E_CMDLINE    The command line is longer than 2047 bytes (65535 if not Linux), or a
 *                              module's longer than 65535; or, for Linux, it has more than
 *                              PVHLOAD_CMDLINE_INIT_ARGS_MAX words after a "--".
 * @retval PVHLOAD_E_LIMIT      More modules than PVHLOAD_PVH_MODULES_MAX, or all command lines take
 *                              more than PVHLOAD_PVH_CMDLINE_TOTAL_MAX.
 * @retval PVHLOAD_E_RANGE      A structure is not wholly in RAM (it must be RAM, not ROM: Linux writes to
 *                              it), not below its limit, or at address 0; a module is empty, at
 *                              address 0, not in RAM, or not below 4 GiB.
 * @retval PVHLOAD_E_OVERLAP    Two of the structures, the modules and the RSDP claim the same bytes.
 * @retval PVHLOAD_E_CALLBACK   @c write failed; only then can a part have been written.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_pvh_write(const struct pvhload_memory *mem, const struct pvhload_pvh_layout *layout,
		  const struct pvhload_pvh_params *params, struct pvhload_error *err);

/**
 * Read start info and everything it points to from guest memory.
 *
 * Nothing in the guest is trusted: every address must be in the RAM that @p mem declares, and every
 * count below a limit.  Whether a guest could boot with it is not judged here.
 *
 * With PVHLOAD_READ_PARTIAL, the first 40 bytes of start info are enough for a view, which then has:
 * - The map, and the modules: the first entries, if the list is too long or does not end before RAM does.
 * - The command line: what there is of it, if it has no end.
 * - A module's command line: none, if it cannot be read.  Once all command lines together are above the
 *   limit, no more are read.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par ABI source
 * Xen, public/arch-x86/hvm/start_info.h.
 *
 * @param[in]  mem   Guest memory with a @c read callback and a @c memmap.
 * @param[in]  gpa   Address of the start info.
 * @param[in]  flags PVHLOAD_READ_PARTIAL or 0.
 * @param[out] view  What was found.  Untouched on failure.
 * @param[out] err   May be NULL.  Filled on failure only; @c gpa is the address at fault.
 *
 * @retval PVHLOAD_OK           Read; with PVHLOAD_READ_PARTIAL, as far as @c incomplete says.
 * @retval PVHLOAD_E_USAGE      A pointer is NULL, a struct's @c struct_size is wrong, a flag is unknown, or
 *                              @p mem has no @c read or no @c memmap.
 * @retval PVHLOAD_E_NO_MEMORY  No host memory.
 * @retval PVHLOAD_E_MEMMAP     The map in @p mem is unsound (pvhload_memmap_validate()).
 * @retval PVHLOAD_E_FORMAT     There is no start info at @p gpa: its magic is another.
 * @retval PVHLOAD_E_RANGE      It is not in RAM; or, without PVHLOAD_READ_PARTIAL, something it points to
 *                              is not.
 * @retval PVHLOAD_E_LIMIT      Only without PVHLOAD_READ_PARTIAL: more modules or map entries than
 *                              PVHLOAD_PVH_MODULES_MAX or PVHLOAD_PVH_MEMMAP_READ_MAX; or more command
 *                              line bytes than PVHLOAD_PVH_CMDLINE_TOTAL_MAX.
 * @retval PVHLOAD_E_MALFORMED  Only without PVHLOAD_READ_PARTIAL: a command line has no NUL within
 *                              PVHLOAD_PVH_CMDLINE_LENGTH_MAX bytes, or before RAM ends; modules or map
 *                              entries are counted, but their address is 0, which means absent.
 * @retval PVHLOAD_E_CALLBACK   @c read failed.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status pvhload_pvh_read(const struct pvhload_memory *mem,
								   uint64_t gpa, uint32_t flags,
								   struct pvhload_pvh_view **view,
								   struct pvhload_error *err);

/**
 * Free a view.
 *
 * @param[in] view  From pvhload_pvh_read(), or NULL.
 */
PVHLOAD_API void pvhload_pvh_view_free(struct pvhload_pvh_view *view);

/**
 * Judge start info in guest memory, and everything it points to, by the rules of pvhload_pvh_write().
 *
 * For looking at a guest that does not start: a PVH guest cannot say what is wrong with its start info.
 * Every broken rule is a problem of its own, so that all of them can be seen at once.  Nothing is
 * written.
 *
 * What cannot be read is a problem, as with PVHLOAD_READ_PARTIAL, and not judged further.  Places
 * are held against the RAM of the memory map in the guest, as that is what the kernel goes by; if
 * it cannot be read or is unsound, against that of @p mem.  The places of the modules' command
 * lines are not judged, as Linux does not read them.  Overlaps with the kernel are not found, as
 * start info does not say where that is; nor does it say how long a command line the kernel takes, so
 * that one of more than 2047 bytes, Linux's usual limit, is a problem unless the guest is not Linux.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par ABI source
 * Xen, public/arch-x86/hvm/start_info.h; Linux, arch/x86/platform/pvh/head.S and enlighten.c.
 *
 * @param[in]  mem   Guest memory with a @c read callback and a @c memmap.
 * @param[in]  gpa   Address of the start info.
 * @param[in]  flags PVHLOAD_PVH_NOT_LINUX or 0.
 * @param[out] check What is wrong.  Untouched on failure.
 * @param[out] err   May be NULL.  Filled on failure only; @c gpa is the address at fault.
 *
 * @retval PVHLOAD_OK           Judged: the problems, if there are any, are in @p check.
 * @retval PVHLOAD_E_USAGE      A pointer is NULL, a struct's @c struct_size is wrong, a flag is unknown, or
 *                              @p mem has no @c read or no @c memmap.
 * @retval PVHLOAD_E_NO_MEMORY  No host memory.
 * @retval PVHLOAD_E_MEMMAP     The map in @p mem is unsound (pvhload_memmap_validate()).
 * @retval PVHLOAD_E_FORMAT     There is no start info at @p gpa: its magic is another.
 * @retval PVHLOAD_E_RANGE      Start info is not in RAM.
 * @retval PVHLOAD_E_CALLBACK   @c read failed.
 *
 * @since 0.2
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_pvh_check(const struct pvhload_memory *mem, uint64_t gpa, uint32_t flags,
		  struct pvhload_check **check, struct pvhload_error *err);

PVHLOAD_END_DECLS

#endif
