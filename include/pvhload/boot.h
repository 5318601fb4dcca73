/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * From an image to a guest that is ready to run, in two steps or in one.
 *
 * pvhload_boot_plan() decides where everything goes and touches no guest memory; every rule of the
 * boot protocol has been checked when it succeeds.  pvhload_plan_commit() writes what the plan says
 * and nothing else.  pvhload_boot_load() does both.  The processor's first state is part of the plan.  What else a
 * guest needs of its machine (LINT0 and LINT1, MTRRs, the hypervisor bit, a timer, the other processors) is in
 * docs/what-a-vmm-brings.md.
 *
 * ABI source: given at pvhload_boot_plan().
 *
 * @par Ownership and threads
 * Unless a function says otherwise, nothing is kept or changed, and any thread may call it.
 *
 * @since 0.1
 */
#ifndef PVHLOAD_BOOT_H
#define PVHLOAD_BOOT_H

#include <pvhload/fdt.h>
#include <pvhload/framebuffer.h>
#include <pvhload/guest_memory.h>
#include <pvhload/image.h>
#include <pvhload/linux.h>
#include <pvhload/macros.h>
#include <pvhload/memmap.h>
#include <pvhload/multiboot.h>
#include <pvhload/plan.h>
#include <pvhload/pool.h>
#include <pvhload/progress.h>
#include <pvhload/protocol.h>
#include <pvhload/pvh.h>
#include <pvhload/region.h>
#include <pvhload/source.h>
#include <pvhload/status.h>

PVHLOAD_BEGIN_DECLS

/** Who decodes a bzImage: pvhload_boot_config::decompress.  No other format leaves a choice. */
#define PVHLOAD_DECOMPRESS_AUTO  0u /**< the planner chooses, see pvhload_boot_plan() */
#define PVHLOAD_DECOMPRESS_HOST  1u /**< the library: the ELF file in the payload is loaded */
#define PVHLOAD_DECOMPRESS_GUEST 2u /**< the kernel's own code: the bzImage is loaded as it is */

/** Most initrds, keep_free ranges, places and ROMs of one plan. */
#define PVHLOAD_BOOT_ROMS_MAX      16u /**< @since 0.3 */
#define PVHLOAD_BOOT_INITRDS_MAX   256u
#define PVHLOAD_BOOT_KEEP_FREE_MAX 4096u
#define PVHLOAD_BOOT_PLACES_MAX    8192u

/**
 * pvhload_boot_config::flags: the guest is not Linux, or it is; at most one of them.  Without either it is Linux if
 * its image is (pvhload_image_info::guest), or if a Linux protocol is asked for.
 *
 * For a guest that is not Linux, Linux's requirements on the memory map and its limit on init arguments are not
 * checked, nor, for an ELF file by PVH, its limit on the command line, and PVH's modlist and memmap may end as high
 * as 4 GiB.  With PVHLOAD_PROTOCOL_AUTO an ELF file's own entry is not used, only its PVH entry and its Multiboot
 * headers.
 */
#define PVHLOAD_BOOT_NOT_LINUX 0x1u
#define PVHLOAD_BOOT_LINUX     0x2u /**< see PVHLOAD_BOOT_NOT_LINUX.  @since 0.3 */

/**
 * pvhload_boot_config::flags: the command line of a UKI (.cmdline) is kept, and the caller's follows it after a space.
 * For other images it changes nothing.
 *
 * @since 0.3
 */
#define PVHLOAD_BOOT_UKI_APPEND 0x4u

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

/**
 * pvhload_boot_keep_free::flags: nobody needs the range once the guest has been entered.  A boot loader that runs in
 * the guest's RAM says so of itself and of what it reads: a kernel that decodes itself may move over it.  Not for a
 * range that has bytes, which are there for who is entered.
 *
 * @since 0.3
 */
#define PVHLOAD_BOOT_KEEP_FREE_UNTIL_ENTRY 0x1u

/**
 * RAM that the VMM keeps for itself during the boot.  The guest sees it as RAM.
 *
 * With @c bytes it is a region of the plan, PVHLOAD_REGION_KEPT, and a commit writes them: a table that a firmware or
 * the guest looks for at an address of its own, such as that of pvhload_kernel_hashes_table().  The range then has
 * to be RAM, and not at address 0, which means that there is no such place.  That it keeps the range, the guest has
 * to know by itself.
 */
struct pvhload_boot_keep_free {
	size_t struct_size; /**< sizeof(struct pvhload_boot_keep_free) */
	uint64_t gpa;       /**< first address */
	uint64_t size;      /**< bytes, not 0 */
	const char *name;   /**< for messages, which cut it after 47 bytes; NULL is "reserved" */
	uint32_t flags;     /**< PVHLOAD_BOOT_KEEP_FREE_UNTIL_ENTRY or 0.  @since 0.3 */
	uint32_t reserved;  /**< 0 */
	const void *bytes;  /**< what is written there, copied; NULL: nothing.  @since 0.3 */
	size_t byte_count;  /**< of them, not above @c size; the rest is zeros.  @since 0.3 */
};

/** Initialiser for a struct pvhload_boot_keep_free. */
#define PVHLOAD_BOOT_KEEP_FREE_INIT PVHLOAD_SIZED_(pvhload_boot_keep_free)

/**
 * pvhload_boot_x86::flags, for any protocol: write what a BIOS would have to the BIOS data area, the 256 bytes from
 * 0x400 on, as a region PVHLOAD_REGION_X86_BDA.  By the words at 0x40e and 0x413 RAM from 0 on ends where it does in the
 * memory map, below 640 KiB; the rest is 0.  Xen, which is entered by Multiboot, dies without them.
 *
 * @since 0.3
 */
#define PVHLOAD_BOOT_X86_BDA 0x1u

/**
 * Options of x86, for the Linux protocols.  0 in any member but @c struct_size is fine.  PVH ignores
 * @c type_of_loader, and refuses setup_data, framebuffer, efi_info and loadflags, which it cannot pass on; so do
 * Multiboot, arm64 and riscv64.  They and the 32-bit entry have no page tables: they refuse 5 paging levels, pages of
 * 1 GiB and a page_entry_mask.
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
	uint32_t flags;           /**< PVHLOAD_BOOT_X86_BDA or 0.  @since 0.3 */
	uint64_t page_size;       /**< bytes of a page: 2 MiB or 1 GiB; 0 is 2 MiB */
	uint64_t page_entry_mask; /**< set in every entry: a memory encryption bit */
};

/** Initialiser for a struct pvhload_boot_x86. */
#define PVHLOAD_BOOT_X86_INIT PVHLOAD_SIZED_(pvhload_boot_x86)

/** Options of arm64, for its kernels alone.  0 in any member but @c struct_size is fine.  @since 0.3 */
struct pvhload_boot_arm64 {
	size_t struct_size;       /**< sizeof(struct pvhload_boot_arm64) */
	uint32_t exception_level; /**< 1 or 2; 0 is 1: see pvhload_arm64_cpu_init_linux() */
	uint32_t reserved;        /**< 0 */
};

/** Initialiser for a struct pvhload_boot_arm64. */
#define PVHLOAD_BOOT_ARM64_INIT PVHLOAD_SIZED_(pvhload_boot_arm64)

/** Options of riscv64, for its kernels alone.  0 in any member but @c struct_size is fine.  @since 0.3 */
struct pvhload_boot_riscv64 {
	size_t struct_size; /**< sizeof(struct pvhload_boot_riscv64) */
	uint64_t boot_hart; /**< the number of the hart that boots */
};

/** Initialiser for a struct pvhload_boot_riscv64. */
#define PVHLOAD_BOOT_RISCV64_INIT PVHLOAD_SIZED_(pvhload_boot_riscv64)

/**
 * What to boot.  Required: @c struct_size, @c memmap, and exactly one of @c image and @c kernel; 0 in any other
 * member is fine.  The elements of an array all have the size that its first one declares.
 */
struct pvhload_boot_config {
	size_t struct_size;          /**< sizeof(struct pvhload_boot_config) */
	struct pvhload_image *image; /**< the kernel; or NULL, with its source in @c kernel */
	const struct pvhload_memmap *memmap; /**< required: what the guest is told, and where things
	                                          may go */
	const char *cmdline; /**< NUL-terminated; NULL is the same as "".  A UKI's own
	                                          is used then, see pvhload_boot_plan() */
	/**
	 * Joined into one initrd, each part padded with zeros to a multiple of 4 bytes, as Linux
	 * takes concatenated cpio archives.  It becomes the first module.  A part of no bytes adds
	 * none, nor any padding; if all are such, there is no initrd, and the plan's reason says so.
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
	uint32_t flags;                                 /**< PVHLOAD_BOOT_* */
	uint32_t decompress;                            /**< PVHLOAD_DECOMPRESS_* */
	uint32_t uki_profile;                           /**< of a UKI, from 0 on; 0 for all else.
							     @since 0.3 */
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
	/** The machine's device tree, for arm64 and riscv64, which need it; others refuse it.  @since 0.3 */
	const struct pvhload_fdt *fdt;
	const struct pvhload_boot_arm64 *arm64;     /**< NULL: all of it is 0.  @since 0.3 */
	const struct pvhload_boot_riscv64 *riscv64; /**< NULL: all of it is 0.  @since 0.3 */
	/**
	 * For an image opened as a firmware: what is ROM for the guest, and may be written before it runs, as in
	 * pvhload_memory::roms.  The firmware has to lie in one of these ranges, and RAM of the map in none.  Copied.
	 * @since 0.3
	 */
	const struct pvhload_range *roms;
	size_t rom_count; /**< how many.  @since 0.3 */
	/**
	 * The variables that go with a firmware's code, placed directly below it; NULL for none, as if one file has
	 * both.  @since 0.3
	 */
	const struct pvhload_source *firmware_vars;
	const struct pvhload_boot_multiboot *multiboot; /**< NULL: all of it is 0.  @since 0.3 */
	/**
	 * Threads that may help to decode the image, unless it has a pool of its own (pvhload_image_options::pool);
	 * NULL for none.  The struct is copied.  @since 0.3
	 */
	const struct pvhload_pool *pool;
};

/** Initialiser for a struct pvhload_boot_config. */
#define PVHLOAD_BOOT_CONFIG_INIT PVHLOAD_SIZED_(pvhload_boot_config)

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
 * Of a UKI, the kernel (.linux) of the profile @c uki_profile is booted.  Its initrd is .ucode, then .initrd, joined as
 * @c initrds are, unless the config has initrds: those are used in place of both.  Its command line is .cmdline, unless
 * the config has one that is not empty, which is used in its place, or after it with PVHLOAD_BOOT_UKI_APPEND.
 * pvhload_plan_info::reason says which of them were used, and what took another's place.  A .dtb is the
 * device tree of an arm64 or riscv64 kernel if the config has @c arm64 or @c riscv64, and no @c fdt; it is not handed to
 * x86 kernels.  So a plan is for another architecture than x86 only if the config has a member for one.  Firmware that
 * starts a UKI measures its sections into the TPM, and verifies its signature: who boots it here has neither.
 *
 * PVHLOAD_PROTOCOL_AUTO tries PVH first, with a bzImage decoded by the host; then the 64-bit Linux entry and
 * the 32-bit one, with a bzImage decoded by the kernel itself; then the 64-bit entry of a bzImage's payload.  A
 * Multiboot header is the last of an ELF file's entries, version 2 before 1.
 * The next method is tried when image, memory map or config do not allow one; pvhload_plan_info::reason says
 * why.  PVHLOAD_PROTOCOL_X86_LINUX64 and _LINUX32 let a bzImage decode itself unless @c decompress says
 * otherwise, or its own KASLR may put the kernel over what is kept free, and for longer than until the entry, and yet
 * RAM in its memory map.  The entry
 * of an ELF32 file is used as a 32-bit Linux entry only if PVHLOAD_PROTOCOL_X86_LINUX32
 * is asked for.
 *
 * A flat Image for arm64 or riscv64 has one protocol, its own, and takes a device tree: the config's @c fdt, of which
 * the guest gets a copy with the command line, the initrd's place and seeds in /chosen.  The memory map is that of the
 * machine, a call of pvhload_memmap_add() for each bank, and has to agree with the tree's memory: a region that is
 * not in that is refused.  Memory that the tree has and the map has not is not looked for, and the guest uses it.  What
 * the tree reserves stays free.  An arm64 kernel goes to the lowest multiple of 2 MiB plus its text_offset where it
 * fits; a riscv64 kernel text_offset after the start of RAM, where a firmware is.  Keep free what the VMM has at the
 * start of RAM.  pvhload_plan_info::arm64_cpu or _riscv64_cpu is the processor's state.  There are no modules, RSDP or
 * options of x86.
 *
 * An image opened as a firmware (pvhload_image_options::format) is planned by PVHLOAD_PROTOCOL_X86_RESET, and by no
 * other.  It takes the addresses up to 4 GiB, its variables those below, and its last 128 KiB, or all of it if that is
 * less, the addresses up to 1 MiB as well: firmware jumps there at once.  That copy is in RAM of the map, or in a ROM;
 * in RAM, a firmware that unpacks itself there works on machines without a chipset that switches between both.  The
 * firmware finds out about the machine by itself: there is no command line, initrd, module, RSDP or option of x86.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par Ownership and threads
 * The plan keeps what it needs: a reference to the image, and duplicates of the descriptors of initrds,
 * modules and setup_data, so that the caller may close all of them.  A descriptor whose source says
 * PVHLOAD_SOURCE_KEPT_OPEN is not duplicated: it, and buffers and readers, are borrowed until
 * pvhload_plan_free(), as is what the @c user of @c progress and @c pool points to.  Everything else is copied.  The plan
 * is the caller's to free.  Calls may run in parallel, also on one image; decode it first to avoid duplicate
 * work.  Each tells its own @c progress, from its own thread.
 *
 * @par ABI source
 * Xen, docs/misc/pvh.pandoc and public/arch-x86/hvm/start_info.h; Linux,
 * arch/x86/platform/pvh/head.S and enlighten.c, Documentation/arch/x86/boot.rst and
 * arch/x86/kernel/head_64.S, Documentation/arch/arm64/booting.rst and Documentation/arch/riscv/boot.rst; Intel SDM,
 * volume 3, "First Instruction Executed"; GNU Multiboot Specification 0.6.96; Multiboot2 Specification 2.0.
 *
 * @param[in]  config  What to boot.
 * @param[out] plan    The plan.  Untouched on failure.
 * @param[out] err     May be NULL.  Filled on failure only; @c gpa is the guest address at fault,
 *                     @c subject and @c index the file, and @c offset a place in it, where they apply.
 *
 * @retval PVHLOAD_OK             The plan is made.
 * @retval PVHLOAD_E_USAGE        A required pointer is NULL, a struct's @c struct_size is wrong, a flag,
 *                                protocol, decompressor, setup_data type or kind of place is not one the
 *                                caller may give, a place, or a keep_free range with bytes, is address 0,
 *                                a place is given twice, a count has no bytes, there are firmware variables
 *                                for an image that is no firmware, a range
 *                                with bytes is kept free until the entry only, the paging
 *                                options are invalid, or a struct pvhload_source is invalid.
 * @retval PVHLOAD_E_NO_MEMORY    No host memory.
 * @retval PVHLOAD_E_CANCELLED    The progress callback of the config, or of the image, ended the call.
 * @retval PVHLOAD_E_CALLBACK     @c run of the pool of the config, or of the image, failed.  @since 0.3
 * @retval PVHLOAD_E_SOURCE       An image, initrd, module or setup_data cannot be read, or its descriptor
 *                                not be duplicated.
 * @retval PVHLOAD_E_FORMAT       See pvhload_image_decode(), and, with @c kernel, pvhload_image_open(); or the device
 *                                tree is none: its magic is another.
 * @retval PVHLOAD_E_NOT_FOUND    The image has no such profile, or the profile no kernel.
 * @retval PVHLOAD_E_UNSUPPORTED  See pvhload_image_decode(); or the kernel is for a machine that no protocol is for; or
 *                                it takes a device tree, and this build has no libfdt, or see pvhload_fdt_edit().
 * @retval PVHLOAD_E_MALFORMED    See pvhload_image_decode(); or the PVH entry is in no segment, a
 *                                module or setup_data is empty, the size of firmware variables is 0 or no
 *                                multiple of PVHLOAD_FIRMWARE_ALIGN, a device tree is damaged, or an RSDP for
 *                                Multiboot a wrong signature, length or checksum; or a
 *                                UKI's command line has a NUL in it, or its kernel is for another machine than it.
 * @retval PVHLOAD_E_LIMIT        See pvhload_image_decode(); too many initrds, modules, keep_free ranges,
 *                                places, ROMs or setup_data, or firmware and variables together have more than
 *                                PVHLOAD_FIRMWARE_SIZE_MAX bytes, or too many bytes of modules' command lines or
 *                                setup_data; page tables larger than PVHLOAD_X86_PAGE_TABLES_SIZE_MAX.
 * @retval PVHLOAD_E_PROTOCOL     The image cannot be entered by the protocol, or cannot be decoded as @c
 *                                decompress asks; or the protocol cannot pass on a module, setup_data or
 *                                the like.  The message says why, and which other protocol would do.
 * @retval PVHLOAD_E_MEMMAP       The map is unsound (pvhload_memmap_validate()), or has more entries than
 *                                PVHLOAD_PVH_MEMMAP_READ_MAX; or a ROM is empty, wraps or overlaps RAM of it; or a
 *                                region would not be in the device tree's memory; or, for Linux, it has more than 127
 *                                entries by PVH, fewer than 2 or more than PVHLOAD_LINUX_MEMMAP_MAX by a
 *                                Linux protocol, or no 28 KiB of RAM between 64 KiB and 640 KiB.
 * @retval PVHLOAD_E_CMDLINE      The command line, which may be a UKI's, is longer than the kernel takes, or a module's than
 *                                PVHLOAD_PVH_CMDLINE_LENGTH_MAX; or, for Linux, it has more than
 *                                PVHLOAD_CMDLINE_INIT_ARGS_MAX words after a "--", or more than 1024 ranges in
 *                                mem= and memmap=.  The message says by how many bytes or words.  The kernel's
 *                                name, for Multiboot, is empty, has a blank or is too long.
 * @retval PVHLOAD_E_RANGE        A segment or a fixed place leaves RAM or its limit; the message
 *                                names what is there instead.  By Multiboot, a module is below the kernel.  On arm64,
 *                                the initrd is not in the kernel's window (PVHLOAD_REGION_INITRD), or something is below
 *                                a kernel that loses memory there.  A keep_free range is empty or wraps, or its bytes
 *                                are not in RAM or more than its size.  A firmware is in no ROM.
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
 * Plan, and write the plan to guest memory, in one step: pvhload_boot_plan() and pvhload_plan_commit(), but that a bzImage
 * which the host decodes may be decoded in guest memory, so that its bytes are written once.
 *
 * That is done if @p mem has @c host_ptr, which gives one pointer to as much RAM, from where the kernel is going to be less
 * the offset of its bytes in the payload, as the payload decodes to; if all of that is RAM in the maps of config and memory,
 * none of it is kept free, taken by the command line or another claim's; and if nobody has decoded the payload, and its
 * segments are in the file in the order of their addresses.  Then what belongs elsewhere is moved, and what of that RAM is in
 * no region is zeroed: bytes of the VMM's own there are lost, and the caller's sources must not be there, unless the
 * config keeps them free.  Otherwise, and for files that are compressed as a whole, it is decoded to host memory, and copied.
 * The regions, their bytes and the processor's state are the same in both cases.
 *
 * All that the config, and the image as it is opened, can tell is checked before anything is written.  What only the decoded
 * payload tells (that it is damaged, or no kernel; that it has no entry, and the like; what does not fit next to the
 * kernel) is found when it is in guest memory.  If the call fails then, or later, the RAM that was decoded to is zeroed, and
 * the message ends with its addresses: the one exception to the rule that what fails before a commit leaves no trace.
 *
 * @c begin_region is called as by pvhload_plan_commit(), but the kernel's bytes are where they belong by then: decoding and
 * moving come before the first region, through @c host_ptr, or by @c write where that has no pointer to what a part of the
 * kernel moves to.  PVHLOAD_MEMORY_ZEROED has to hold when the call begins.
 *
 * The plan can be committed again, and its regions be read, like any other.  For that the payload is decoded anew from its
 * source, once, to host memory that the plan keeps.  If the source has changed, that fails with PVHLOAD_E_SOURCE when its
 * stream is damaged or decodes to another size; a sound one of the same size is not noticed, and its bytes are used.  A VMM
 * that measures a guest by the plan's regions should give a source that cannot change, or plan and commit in two steps.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par Ownership and threads
 * As pvhload_boot_plan(), and nothing is kept of @p mem.  Other threads may use the image.  The
 * progress is told of all of it, from this thread: PVHLOAD_PROGRESS_PLAN and _DECODE, then _COMMIT.
 *
 * @par ABI source
 * As pvhload_boot_plan().
 *
 * @param[in]  config  What to boot.
 * @param[in]  mem     Guest memory, as for pvhload_plan_commit().
 * @param[out] plan    The plan, which is the caller's to free.  Untouched on failure.
 * @param[out] err     May be NULL.  Filled on failure only, as by the two calls.
 *
 * @retval PVHLOAD_OK             The guest is ready to run.
 * @retval PVHLOAD_E_USAGE        See pvhload_boot_plan() and pvhload_plan_commit().
 * @retval PVHLOAD_E_NO_MEMORY    No host memory.
 * @retval PVHLOAD_E_CANCELLED    The progress callback of the config, or of the image, ended the call.
 * @retval PVHLOAD_E_SOURCE       A source cannot be read, or has changed.
 * @retval PVHLOAD_E_CALLBACK     A callback of @p mem, or @c run of a pool, failed.
 * @retval PVHLOAD_E_FORMAT       See pvhload_boot_plan(); so are the following.
 * @retval PVHLOAD_E_NOT_FOUND    A UKI's profile.
 * @retval PVHLOAD_E_UNSUPPORTED  A codec, or a machine.
 * @retval PVHLOAD_E_MALFORMED    An image, or another input, is damaged.
 * @retval PVHLOAD_E_LIMIT        Something is above a limit.
 * @retval PVHLOAD_E_PROTOCOL     There is no such entry.
 * @retval PVHLOAD_E_MEMMAP       The config's map, or that of @p mem, is unsound, or not what the protocol wants.
 * @retval PVHLOAD_E_CMDLINE      The command line is too long.
 * @retval PVHLOAD_E_RANGE        A place is not in the config's RAM, or a region not in that of @p mem.
 * @retval PVHLOAD_E_OVERLAP      Two want the same place.
 * @retval PVHLOAD_E_NO_ROOM      Something does not fit.
 *
 * @since 0.3
 * @see docs/examples/kvm.c
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_boot_load(const struct pvhload_boot_config *config, const struct pvhload_memory *mem,
		  struct pvhload_plan **plan, struct pvhload_error *err);

/**
 * The capacity to pass to pvhload_cmdline_new(): pvhload_plan_info::cmdline_max of a plan by this protocol,
 * plus 1 for the NUL.
 *
 * @param[in] image     The image, or NULL.  One that is compressed as a whole, or a UKI, has to be decoded; a UKI's
 *                      own command line takes its share of what is left.
 * @param[in] protocol  PVHLOAD_PROTOCOL_*; with AUTO, the smallest capacity of all of them.
 * @param[in] flags     pvhload_boot_config::flags.
 * @return              Bytes, the NUL included: no more than PVHLOAD_CMDLINE_CAPACITY_MAX.  0 for NULL,
 *                      for a compressed file or UKI that is not decoded, for a firmware, and for a kernel that no
 *                      protocol is for.
 *
 * @par Units
 * Bytes.
 *
 * @par ABI source
 * Linux, Documentation/arch/x86/boot.rst (cmdline_size) and COMMAND_LINE_SIZE.
 */
PVHLOAD_API size_t pvhload_boot_cmdline_capacity(const struct pvhload_image *image,
						 uint32_t protocol, uint32_t flags);

PVHLOAD_END_DECLS

#endif
