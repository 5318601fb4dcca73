/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * From an image to a guest that is ready to run, in two steps.
 *
 * pvhload_boot_plan() decides where everything goes and touches no guest memory; every rule of the
 * boot protocol has been checked when it succeeds.  pvhload_plan_commit() writes what the plan says
 * and nothing else.  The processor's first state is part of the plan.  What else a guest needs of its machine
 * (LINT0 and LINT1, MTRRs, the hypervisor bit, a timer, the other processors) is in docs/what-a-vmm-brings.md.
 *
 * ABI source: given at pvhload_boot_plan(); committing a plan has none of its own.
 *
 * @par Ownership and threads
 * Unless a function says otherwise, nothing is kept or changed, and any thread may call it.
 *
 * @since 0.1
 */
#ifndef PVHLOAD_BOOT_H
#define PVHLOAD_BOOT_H

#include <pvhload/framebuffer.h>
#include <pvhload/guest_memory.h>
#include <pvhload/image.h>
#include <pvhload/linux.h>
#include <pvhload/macros.h>
#include <pvhload/memmap.h>
#include <pvhload/progress.h>
#include <pvhload/protocol.h>
#include <pvhload/pvh.h>
#include <pvhload/region.h>
#include <pvhload/source.h>
#include <pvhload/status.h>
#include <pvhload/x86_cpu.h>

PVHLOAD_BEGIN_DECLS

/** A finished plan. */
struct pvhload_plan;

/** Who decodes a bzImage: pvhload_boot_config::decompress.  No other format leaves a choice. */
#define PVHLOAD_DECOMPRESS_AUTO  0u /**< the planner chooses, see pvhload_boot_plan() */
#define PVHLOAD_DECOMPRESS_HOST  1u /**< the library: the ELF file in the payload is loaded */
#define PVHLOAD_DECOMPRESS_GUEST 2u /**< the kernel's own code: the bzImage is loaded as it is */

/** Most initrds, keep_free ranges and places of one plan. */
#define PVHLOAD_BOOT_INITRDS_MAX   256u
#define PVHLOAD_BOOT_KEEP_FREE_MAX 4096u
#define PVHLOAD_BOOT_PLACES_MAX    8192u

/**
 * pvhload_boot_config::flags: the guest is not Linux, or it is; at most one of them.  Without either it is Linux if
 * its image is (pvhload_image_info::guest), or if a Linux protocol is asked for.
 *
 * For a guest that is not Linux, Linux's requirements on the memory map and its limit on init arguments are not
 * checked, nor, for an ELF file by PVH, its limit on the command line, and PVH's modlist and memmap may end as high
 * as 4 GiB.  With PVHLOAD_PROTOCOL_AUTO an ELF file's own entry is not used, only its PVH entry.
 */
#define PVHLOAD_BOOT_NOT_LINUX 0x1u
#define PVHLOAD_BOOT_LINUX     0x2u /**< see PVHLOAD_BOOT_NOT_LINUX.  @since 0.3 */

/**
 * A file for the guest in addition to its initrd.  Linux uses only the first module, as its initrd:
 * without an initrd, that is the first of these.
 */
struct pvhload_boot_module {
	size_t struct_size;                  /**< sizeof(struct pvhload_boot_module) */
	const struct pvhload_source *source; /**< its bytes; the struct is copied */
	const char *cmdline;                 /**< NUL-terminated; NULL for none */
};

/** Initialiser for a struct pvhload_boot_module. */
#define PVHLOAD_BOOT_MODULE_INIT PVHLOAD_SIZED_(pvhload_boot_module)

/** RAM that the VMM keeps for itself during the boot.  The guest sees it as RAM. */
struct pvhload_boot_keep_free {
	size_t struct_size; /**< sizeof(struct pvhload_boot_keep_free) */
	uint64_t gpa;       /**< first address */
	uint64_t size;      /**< bytes, not 0 */
	const char *name;   /**< for messages, which cut it after 47 bytes; NULL is "reserved" */
};

/** Initialiser for a struct pvhload_boot_keep_free. */
#define PVHLOAD_BOOT_KEEP_FREE_INIT PVHLOAD_SIZED_(pvhload_boot_keep_free)

/**
 * Options of x86, for the Linux protocols.  0 in any member but @c struct_size is fine.  PVH ignores
 * @c type_of_loader, and refuses setup_data, framebuffer, efi_info and loadflags, which it cannot pass on.  PVH
 * and the 32-bit entry have no page tables: they refuse 5 paging levels, pages of 1 GiB and a page_entry_mask.
 */
struct pvhload_boot_x86 {
	size_t struct_size;                                /**< sizeof(struct pvhload_boot_x86) */
	const struct pvhload_linux_setup_data *setup_data; /**< in the order of the list */
	size_t setup_data_count;                           /**< how many */
	const struct pvhload_framebuffer *framebuffer;     /**< the first screen; NULL: none */
	const uint8_t *efi_info; /**< PVHLOAD_EFI_INFO_SIZE bytes; NULL: no EFI */
	uint32_t type_of_loader; /**< one byte; 0 is PVHLOAD_LINUX_LOADER_UNDEFINED */
	uint32_t loadflags;      /**< PVHLOAD_LOADFLAG_KASLR and _QUIET, to be set */

	/* Page tables for the 64-bit entry. */
	uint32_t paging_levels;   /**< 4 or 5; 0 is 4 */
	uint32_t reserved;        /**< 0 */
	uint64_t page_size;       /**< bytes of a page: 2 MiB or 1 GiB; 0 is 2 MiB */
	uint64_t page_entry_mask; /**< set in every entry: a memory encryption bit */
};

/** Initialiser for a struct pvhload_boot_x86. */
#define PVHLOAD_BOOT_X86_INIT PVHLOAD_SIZED_(pvhload_boot_x86)

/**
 * What to boot.  Required: @c struct_size, @c memmap, and exactly one of @c image and @c kernel; 0 in any other
 * member is fine.  The elements of an array all have the size that its first one declares.
 */
struct pvhload_boot_config {
	size_t struct_size;          /**< sizeof(struct pvhload_boot_config) */
	struct pvhload_image *image; /**< the kernel; or NULL, with its source in @c kernel */
	const struct pvhload_memmap *memmap; /**< required: what the guest is told, and where things
	                                          may go */
	const char *cmdline;                 /**< NUL-terminated; NULL is the same as "" */
	/**
	 * Joined into one initrd, each part padded with zeros to a multiple of 4 bytes, as Linux
	 * takes concatenated cpio archives.  It becomes the first module.  Parts of no bytes add
	 * none; if all are such, there is no initrd, and the plan's reason says so.
	 */
	const struct pvhload_source *initrds;
	size_t initrd_count;                            /**< parts; 0 for no initrd */
	const struct pvhload_boot_module *modules;      /**< further modules */
	size_t module_count;                            /**< how many */
	const struct pvhload_boot_keep_free *keep_free; /**< RAM in which nothing is placed */
	size_t keep_free_count;                         /**< how many */
	const struct pvhload_boot_place *places;        /**< regions that the caller places
							     itself */
	size_t place_count;                             /**< how many */
	uint64_t rsdp_gpa;                              /**< ACPI RSDP, 0 for none */
	uint32_t protocol;                              /**< PVHLOAD_PROTOCOL_* */
	uint32_t flags;                                 /**< PVHLOAD_BOOT_NOT_LINUX, _LINUX or 0 */
	uint32_t decompress;                            /**< PVHLOAD_DECOMPRESS_* */
	uint32_t reserved;                              /**< 0 */
	const struct pvhload_boot_x86 *x86;             /**< NULL: all of it is 0 */
	/**
	 * The kernel's source, if @c image is NULL: it is opened with the default options, as by
	 * pvhload_image_open(), for this plan alone.
	 */
	const struct pvhload_source *kernel;
	/**
	 * Called while this plan is made and committed; NULL for none.  The struct is copied.
	 * Decoding is reported to it as well, unless the image has a callback of its own
	 * (pvhload_image_options::progress).
	 */
	const struct pvhload_progress *progress;
};

/** Initialiser for a struct pvhload_boot_config. */
#define PVHLOAD_BOOT_CONFIG_INIT PVHLOAD_SIZED_(pvhload_boot_config)

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
	                                                       disjoint, all inside RAM */
	size_t region_count;                              /**< how many */
	const struct pvhload_memmap *memmap;   /**< the map the guest is given, by address */
	const char *cmdline;                   /**< the command line the guest is given */
	const struct pvhload_x86_cpu *x86_cpu; /**< the boot processor's first state */
	uint64_t zero_page_gpa; /**< Linux protocols: address of the zero page; else 0 */
	uint64_t kernel_gpa;    /**< where the lowest byte of the image is loaded */
	const char *reason;     /**< one line: why this protocol, and what is out of the ordinary */
	uint32_t decompress;    /**< who decodes the bzImage: PVHLOAD_DECOMPRESS_HOST or _GUEST; 0
			          if there is nothing to decode */
	/** Pointers to all attempts, in the order in which they were made; the last is this plan. */
	const struct pvhload_plan_attempt *const *attempts;
	size_t attempt_count; /**< how many; at least 1 */
	uint32_t guest;       /**< PVHLOAD_GUEST_*: whose rules were checked.  @since 0.3 */
	uint32_t reserved;    /**< 0 */
};

/**
 * Decide where everything goes.
 *
 * A region for which the caller gave a place goes there, and the ranges of @c keep_free stay free.  The
 * kernel goes where it prefers to be; if it cannot be there but may be moved, to the lowest place where it
 * fits.  Structures go to their usual places, PVHLOAD_PVH_..._GPA and PVHLOAD_LINUX_..._GPA, or else as low
 * as they fit; initrd and modules as high as they fit.  If something has no room, planning is repeated with
 * initrd and modules before the kernel, with the kernel low or high, and with the largest file first.
 * Nothing is placed where mem= and memmap= of a Linux guest's command line leave it no RAM.  docs/planning.md has
 * all steps and limits.  The result depends on the arguments alone.
 *
 * PVHLOAD_PROTOCOL_AUTO tries PVH first, with a bzImage decoded by the host; then the 64-bit Linux entry and
 * the 32-bit one, with a bzImage decoded by the kernel itself; then the 64-bit entry of a bzImage's payload.
 * The next method is tried when image, memory map or config do not allow one; pvhload_plan_info::reason says
 * why.  PVHLOAD_PROTOCOL_X86_LINUX64 and _LINUX32 let a bzImage decode itself unless @c decompress says
 * otherwise, or its own KASLR may put the kernel over what is kept free and yet RAM in its memory map.  The entry
 * of an ELF32 file is used as a 32-bit Linux entry only if PVHLOAD_PROTOCOL_X86_LINUX32
 * is asked for.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par Ownership and threads
 * The plan keeps what it needs: a reference to the image, and duplicates of the descriptors of initrds,
 * modules and setup_data, so that the caller may close all of them.  A descriptor whose source says
 * PVHLOAD_SOURCE_KEPT_OPEN is not duplicated: it, and buffers and readers, are borrowed until
 * pvhload_plan_free(), as is what the @c user of @c progress points to.  Everything else is copied.  The plan
 * is the caller's to free.  Calls may run in parallel, also on one image; decode it first to avoid duplicate
 * work.  Each tells its own @c progress, from its own thread.
 *
 * @par ABI source
 * Xen, docs/misc/pvh.pandoc and public/arch-x86/hvm/start_info.h; Linux,
 * arch/x86/platform/pvh/head.S and enlighten.c, Documentation/arch/x86/boot.rst and
 * arch/x86/kernel/head_64.S.
 *
 * @param[in]  config  What to boot.
 * @param[out] plan    The plan.  Untouched on failure.
 * @param[out] err     May be NULL.  Filled on failure only; @c gpa is the guest address at fault,
 *                     @c subject and @c index the file, and @c offset a place in it, where they apply.
 *
 * @retval PVHLOAD_OK             The plan is made.
 * @retval PVHLOAD_E_USAGE        A required pointer is NULL, a struct's @c struct_size is wrong, a flag,
 *                                protocol, decompressor, setup_data type or kind of place is not one the
 *                                caller may give, a place is address 0 or given twice, the paging
 *                                options are invalid, or a struct pvhload_source is invalid.
 * @retval PVHLOAD_E_NO_MEMORY    No host memory.
 * @retval PVHLOAD_E_CANCELLED    The progress callback of the config, or of the image, ended the call.
 * @retval PVHLOAD_E_SOURCE       An image, initrd, module or setup_data cannot be read, or its descriptor
 *                                not be duplicated.
 * @retval PVHLOAD_E_FORMAT       See pvhload_image_decode(), and, with @c kernel, pvhload_image_open().
 * @retval PVHLOAD_E_UNSUPPORTED  See pvhload_image_decode().
 * @retval PVHLOAD_E_MALFORMED    See pvhload_image_decode(); or the PVH entry is in no segment, a
 *                                module or setup_data is empty, or a device tree has no valid header.
 * @retval PVHLOAD_E_LIMIT        See pvhload_image_decode(); too many initrds, modules, keep_free ranges,
 *                                places or setup_data, or too many bytes of modules' command lines or
 *                                setup_data; page tables larger than PVHLOAD_X86_PAGE_TABLES_SIZE_MAX.
 * @retval PVHLOAD_E_PROTOCOL     The image cannot be entered by the protocol, or cannot be decoded as @c
 *                                decompress asks; or the protocol cannot pass on a module, setup_data or
 *                                the like.  The message says why, and which other protocol would do.
 * @retval PVHLOAD_E_MEMMAP       The map is unsound (pvhload_memmap_validate()), or has more entries than
 *                                PVHLOAD_PVH_MEMMAP_READ_MAX; or, for Linux, it has more than 127
 *                                entries by PVH, fewer than 2 or more than PVHLOAD_LINUX_MEMMAP_MAX by a
 *                                Linux protocol, or no 28 KiB of RAM between 64 KiB and 640 KiB.
 * @retval PVHLOAD_E_CMDLINE      The command line is longer than the kernel takes, or a module's than
 *                                PVHLOAD_PVH_CMDLINE_LENGTH_MAX; or, for Linux, it has more than
 *                                PVHLOAD_CMDLINE_INIT_ARGS_MAX words after a "--", or more than 1024 ranges in
 *                                mem= and memmap=.  The message says by how many bytes or words.
 * @retval PVHLOAD_E_RANGE        A segment or a fixed place leaves RAM or its limit; the message
 *                                names what is there instead.  A keep_free range is empty or wraps.
 * @retval PVHLOAD_E_OVERLAP      A segment, keep_free range or fixed place claims another's bytes, the RSDP's,
 *                                or what the command line takes away; or the KASLR of a kernel that is asked to
 *                                decode itself may.
 * @retval PVHLOAD_E_NO_ROOM      Something does not fit; the message says how much room there is and how
 *                                much more it takes.
 * @see docs/examples/boot.c
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_boot_plan(const struct pvhload_boot_config *config, struct pvhload_plan **plan,
		  struct pvhload_error *err);

/**
 * The capacity to pass to pvhload_cmdline_new(): pvhload_plan_info::cmdline_max of a plan by this protocol,
 * plus 1 for the NUL.
 *
 * @param[in] image     The image, or NULL.  One that is compressed as a whole has to be decoded.
 * @param[in] protocol  PVHLOAD_PROTOCOL_*; with AUTO, the smallest capacity of all of them.
 * @param[in] flags     pvhload_boot_config::flags.
 * @return              Bytes, the NUL included: no more than PVHLOAD_CMDLINE_CAPACITY_MAX.  0 for NULL, and
 *                      for a compressed file that is not decoded.
 *
 * @par Units
 * Bytes.
 *
 * @par ABI source
 * Linux, Documentation/arch/x86/boot.rst (cmdline_size) and COMMAND_LINE_SIZE.
 */
PVHLOAD_API size_t pvhload_boot_cmdline_capacity(const struct pvhload_image *image,
						 uint32_t protocol, uint32_t flags);

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
 * @retval PVHLOAD_E_USAGE  @p plan or @p cpu is NULL, or the @c struct_size of @p cpu is wrong.
 *
 * @since 0.2
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_plan_get_x86_cpu(const struct pvhload_plan *plan, struct pvhload_x86_cpu *cpu,
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
 * @param[in]  mem   Guest memory.  If it declares a map, every region must lie in its RAM.
 * @param[out] err   May be NULL.  Filled on failure only; @c gpa is the guest address at fault and
 *                   @c offset the place in the source, where they apply.
 *
 * @retval PVHLOAD_OK           The guest is ready to run.
 * @retval PVHLOAD_E_USAGE      A pointer is NULL, a struct's @c struct_size is wrong, @p mem has no
 *                              @c write, or a flag is unknown.
 * @retval PVHLOAD_E_NO_MEMORY  No host memory for a buffer; nothing was written.
 * @retval PVHLOAD_E_MEMMAP     The map in @p mem is unsound (pvhload_memmap_validate()); nothing was
 *                              written.
 * @retval PVHLOAD_E_RANGE      A region leaves the RAM of @p mem; nothing was written.
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
 * included, and in them what pvhload_plan_commit() does not write.  Left as they are: what the config keeps free, and the RSDP.  They are the VMM's, and so is clearing
 * them; other tables of the VMM's must be kept free, or be written after this call.  The two calls may be made
 * in either order; after both, each byte of RAM is the plan's, the VMM's or 0.
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
 * @retval PVHLOAD_E_NO_MEMORY  No host memory; nothing was written.
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
 * Nothing is kept or changed.  One thread at a time per plan.
 *
 * @param[in]  plan    The plan.
 * @param[in]  index   Of the region, in pvhload_plan_info::regions.
 * @param[in]  offset  First byte, from the start of the region.
 * @param[out] dst     Room for @p size bytes; zeros where a commit writes nothing.  On failure its content
 *                     is undefined.
 * @param[in]  size    Bytes; @p offset + @p size is not above the region's size.
 * @param[out] err     May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK        All @p size bytes are at @p dst.
 * @retval PVHLOAD_E_USAGE   A pointer is NULL, or there is no such region, or no such bytes in it.
 * @retval PVHLOAD_E_SOURCE  The image, an initrd, a module or a setup_data cannot be read any more.
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
 * @param[in] plan  From pvhload_boot_plan(), or NULL.  Its info is invalid afterwards.
 *
 * @par Ownership and threads
 * Frees @p plan, and with it what it keeps of the image.  No other thread may be using it.
 */
PVHLOAD_API void pvhload_plan_free(struct pvhload_plan *plan);

PVHLOAD_END_DECLS

#endif
