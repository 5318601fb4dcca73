/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * From an image to a guest that is ready to run, in two steps.
 *
 * pvhload_boot_plan() decides where everything goes and touches no guest memory; every rule of the
 * boot protocol has been checked when it succeeds.  pvhload_plan_commit() writes what the plan says
 * and nothing else.  The processor's first state is part of the plan.
 *
 * ABI source: given at pvhload_boot_plan(); committing a plan has none of its own.
 */
#ifndef PVHLOAD_BOOT_H
#define PVHLOAD_BOOT_H

#include <pvhload/cpu.h>
#include <pvhload/guest_memory.h>
#include <pvhload/image.h>
#include <pvhload/macros.h>
#include <pvhload/memmap.h>
#include <pvhload/pvh.h>
#include <pvhload/source.h>
#include <pvhload/status.h>

PVHLOAD_BEGIN_DECLS

/** A finished plan. */
struct pvhload_plan;

/** Boot protocols. */
#define PVHLOAD_PROTOCOL_AUTO 0u /**< the best the image can be entered by */
#define PVHLOAD_PROTOCOL_PVH  1u /**< x86/HVM direct boot: PHYS32_ENTRY and struct hvm_start_info */

/** Most initrds, and most reserved ranges, of one plan. */
#define PVHLOAD_BOOT_INITRDS_MAX      256u
#define PVHLOAD_BOOT_RESERVATIONS_MAX 4096u

/** pvhload_boot_config::flags: the guest is not Linux; see PVHLOAD_PVH_NOT_LINUX. */
#define PVHLOAD_BOOT_NOT_LINUX 0x1u

/**
 * A file for the guest beside its initrd.  Linux knows one module, its initrd, and takes the first:
 * without an initrd, the first of these is what it unpacks as one.
 */
struct pvhload_boot_module {
	size_t size;                         /**< sizeof(struct pvhload_boot_module) */
	const struct pvhload_source *source; /**< its bytes; the struct is copied */
	const char *cmdline;                 /**< NUL-terminated; NULL for none */
};

/** Initialiser for a struct pvhload_boot_module. */
#define PVHLOAD_BOOT_MODULE_INIT PVHLOAD_SIZED_(pvhload_boot_module)

/** RAM the VMM keeps for itself during the boot, though the guest is told of it as RAM. */
struct pvhload_boot_reservation {
	size_t size;      /**< sizeof(struct pvhload_boot_reservation) */
	uint64_t gpa;     /**< first address */
	uint64_t length;  /**< bytes, not 0 */
	const char *name; /**< for messages; NULL is "reserved" */
};

/** Initialiser for a struct pvhload_boot_reservation. */
#define PVHLOAD_BOOT_RESERVATION_INIT PVHLOAD_SIZED_(pvhload_boot_reservation)

/** Fixed places; 0 in any member but @c size lets the library choose. */
struct pvhload_boot_places {
	size_t size;                  /**< sizeof(struct pvhload_boot_places) */
	uint64_t gdt_gpa;             /**< below 4 GiB */
	uint64_t start_info_gpa;      /**< below 4 GiB */
	uint64_t modlist_gpa;         /**< below 1 GiB */
	uint64_t memmap_gpa;          /**< below 1 GiB */
	uint64_t cmdline_gpa;         /**< below 4 GiB */
	uint64_t module_cmdlines_gpa; /**< below 4 GiB */
	uint64_t initrd_gpa;          /**< below 4 GiB, a multiple of 4096 */
};

/** Initialiser for a struct pvhload_boot_places. */
#define PVHLOAD_BOOT_PLACES_INIT PVHLOAD_SIZED_(pvhload_boot_places)

/**
 * What to boot; 0 in any member but @c size, @c image and @c memmap is fine.  The elements of an
 * array all have the size that its first one declares.
 */
struct pvhload_boot_config {
	size_t size;                         /**< sizeof(struct pvhload_boot_config) */
	struct pvhload_image *image;         /**< required: the kernel */
	const struct pvhload_memmap *memmap; /**< required: what the guest is told, and where things
	                                          may go */
	const char *cmdline;                 /**< NUL-terminated; NULL is the same as "" */
	/**
	 * Joined into one initrd, each part padded with zeros to a multiple of 4 bytes, as Linux
	 * takes concatenated cpio archives.  It becomes the first module.
	 */
	const struct pvhload_source *initrds;
	size_t initrd_count;                                 /**< parts; 0 for no initrd */
	const struct pvhload_boot_module *modules;           /**< further modules */
	size_t module_count;                                 /**< how many */
	const struct pvhload_boot_reservation *reservations; /**< RAM to stay out of */
	size_t reservation_count;                            /**< how many */
	const struct pvhload_boot_places *places;            /**< NULL: the library chooses all */
	uint64_t rsdp_gpa;                                   /**< ACPI RSDP, 0 for none */
	uint32_t protocol;                                   /**< PVHLOAD_PROTOCOL_* */
	uint32_t flags;                                      /**< PVHLOAD_BOOT_NOT_LINUX or 0 */
};

/** Initialiser for a struct pvhload_boot_config. */
#define PVHLOAD_BOOT_CONFIG_INIT PVHLOAD_SIZED_(pvhload_boot_config)

/** pvhload_plan_region::kind, and the names that regions of that kind have. */
#define PVHLOAD_REGION_KERNEL          1u /**< "kernel"; in several pieces "kernel 0", "kernel 1", ... */
#define PVHLOAD_REGION_INITRD          2u /**< "initrd" */
#define PVHLOAD_REGION_MODULE          3u /**< "module N", N as the guest counts: an initrd is 0 */
#define PVHLOAD_REGION_START_INFO      4u /**< "start_info" */
#define PVHLOAD_REGION_MODLIST         5u /**< "modlist" */
#define PVHLOAD_REGION_MEMMAP          6u /**< "memmap" */
#define PVHLOAD_REGION_CMDLINE         7u /**< "cmdline" */
#define PVHLOAD_REGION_MODULE_CMDLINES 8u /**< "module cmdlines" */
#define PVHLOAD_REGION_GDT             9u /**< "gdt" */

/** A range of guest memory and what it is for.  Made by the library, which may append members. */
struct pvhload_plan_region {
	const char *name; /**< for people and scripts */
	uint64_t gpa;     /**< first address */
	uint64_t size;    /**< bytes */
	uint32_t kind;    /**< PVHLOAD_REGION_*; later versions may add kinds */
	uint32_t index;   /**< of a kernel piece or module; else 0 */
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
	uint64_t kaslr_offset;   /**< virtual displacement of the kernel; 0 */
	const struct pvhload_plan_region *const *regions; /**< pointers to the regions: by address,
	                                                       disjoint, all inside RAM */
	size_t region_count;                              /**< how many */
	const struct pvhload_memmap *memmap; /**< the map the guest is given, by address */
	const char *cmdline;                 /**< the command line the guest is given */
	const struct pvhload_cpu_state *cpu; /**< the boot processor's first state */
};

/**
 * Decide where everything goes.
 *
 * A bzImage is decoded as far as the plan needs it, if it was not yet (pvhload_image_decode()).  The
 * kernel goes to its link address; the low structures to their usual places, or elsewhere below 1 GiB
 * where those are taken; initrd and modules as high as possible below 4 GiB, each at a multiple of
 * 4096 bytes, and clear of the kernel's run-time extent.  Nothing is put where the RSDP is.  The
 * result depends on the arguments alone.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par Ownership and threads
 * The image, and what stands behind the sources of initrds and modules, are borrowed until
 * pvhload_plan_free(); everything else is copied.  The plan is the caller's to free.  Calls may run
 * in parallel on different images.
 *
 * @par ABI source
 * Xen, docs/misc/pvh.pandoc and public/arch-x86/hvm/start_info.h; Linux,
 * arch/x86/platform/pvh/head.S and enlighten.c.
 *
 * @param[in]  config  What to boot.
 * @param[out] plan    The plan.  Untouched on failure.
 * @param[out] err     May be NULL.  Filled on failure only; @c gpa is the guest address at fault,
 *                     @c subject and @c index the file, and @c offset a place in it, where they apply.
 *
 * @retval PVHLOAD_OK             The plan is made.
 * @retval PVHLOAD_E_USAGE        A required pointer is NULL, a struct's @c size is wrong, a flag or
 *                                protocol is unknown, or a source is not one.
 * @retval PVHLOAD_E_NO_MEMORY    No host memory.
 * @retval PVHLOAD_E_SOURCE       An image, initrd or module cannot be read.
 * @retval PVHLOAD_E_FORMAT       See pvhload_image_decode().
 * @retval PVHLOAD_E_UNSUPPORTED  See pvhload_image_decode().
 * @retval PVHLOAD_E_MALFORMED    See pvhload_image_decode(); or the PVH entry is in no segment, or
 *                                an initrd or module is empty.
 * @retval PVHLOAD_E_LIMIT        See pvhload_image_decode(); the payload would decode to more than
 *                                the guest's RAM; too many initrds, modules or reservations, or too
 *                                many bytes of modules' command lines.
 * @retval PVHLOAD_E_PROTOCOL     The image cannot be entered by the protocol; the message says why
 *                                and by what else it could be.
 * @retval PVHLOAD_E_MEMMAP       The map is unsound (pvhload_memmap_validate()), or has more entries
 *                                than PVHLOAD_PVH_MEMMAP_READ_MAX; or, for Linux, it has fewer than 2
 *                                entries, more than 127, or no 28 KiB of RAM between 64 KiB and 1 MiB.
 * @retval PVHLOAD_E_CMDLINE      The command line is longer than the kernel takes, or a module's than
 *                                PVHLOAD_PVH_CMDLINE_LENGTH_MAX; the message says by how many bytes.
 * @retval PVHLOAD_E_RANGE        A segment or a fixed place leaves RAM or its limit; the message
 *                                names what is there instead.  A reservation is empty or wraps.
 * @retval PVHLOAD_E_OVERLAP      A segment, reservation or fixed place claims another's bytes, or the
 *                                RSDP's.
 * @retval PVHLOAD_E_NO_ROOM      Something does not fit; the message says how much room there was.
 *
 * @since 0.1
 * @see docs/examples/boot_pvh.c
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_boot_plan(const struct pvhload_boot_config *config, struct pvhload_plan **plan,
		  struct pvhload_error *err);

/**
 * What a plan says.
 *
 * @param[in] plan  The plan.
 * @return          Its content, or NULL if @p plan is NULL.
 *
 * @par Ownership and threads
 * Belongs to the plan and does not change; valid until pvhload_plan_free().  Any thread may read it.
 *
 * @since 0.1
 */
PVHLOAD_API const struct pvhload_plan_info *pvhload_plan_get_info(const struct pvhload_plan *plan);

/**
 * Write everything the plan says to guest memory.
 *
 * All that can be checked is checked before the first byte is written.  After that, only a failing
 * callback, a source that cannot be read any more, or a payload that is decoded only now and turns
 * out to be damaged can stop it; the message names the region, and the guest must not be run.  A plan
 * may be committed more than once, to different memories.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par Ownership and threads
 * Nothing is kept.  One thread at a time per plan, image and source.
 *
 * @param[in]  plan  The plan.
 * @param[in]  mem   Guest memory.  If it declares a map, every region must lie in its RAM.
 * @param[out] err   May be NULL.  Filled on failure only; @c gpa is the guest address at fault and
 *                   @c offset the place in the source, where they apply.
 *
 * @retval PVHLOAD_OK           The guest is ready to run.
 * @retval PVHLOAD_E_USAGE      A pointer is NULL, a struct's @c size is wrong, @p mem has no
 *                              @c write, or a flag is unknown.
 * @retval PVHLOAD_E_NO_MEMORY  No host memory for a buffer; nothing was written.
 * @retval PVHLOAD_E_MEMMAP     The map in @p mem is unsound (pvhload_memmap_validate()); nothing was
 *                              written.
 * @retval PVHLOAD_E_RANGE      A region leaves the RAM of @p mem; nothing was written.
 * @retval PVHLOAD_E_SOURCE     The image, an initrd or a module cannot be read any more.
 * @retval PVHLOAD_E_MALFORMED  A payload that is decoded only now is damaged.  This version decodes
 *                              in pvhload_boot_plan(), so it does not return this.
 * @retval PVHLOAD_E_CALLBACK   A callback of @p mem failed.
 *
 * @since 0.1
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_plan_commit(const struct pvhload_plan *plan, const struct pvhload_memory *mem,
		    struct pvhload_error *err);

/**
 * Free a plan.
 *
 * @param[in] plan  From pvhload_boot_plan(), or NULL.  Its info is invalid afterwards.
 *
 * @par Ownership and threads
 * Frees @p plan; the image and the sources stay the caller's.  No other thread may be using it.
 *
 * @since 0.1
 */
PVHLOAD_API void pvhload_plan_free(struct pvhload_plan *plan);

/**
 * The name of a protocol, for people and scripts: "pvh".
 *
 * @param[in] protocol  PVHLOAD_PROTOCOL_*.
 * @return              The name, or "unknown".  Never NULL.
 *
 * @par Ownership and threads
 * The text is constant and lives as long as the library is loaded.  Any thread may call this.
 *
 * @since 0.1
 */
PVHLOAD_API const char *pvhload_protocol_name(uint32_t protocol);

PVHLOAD_END_DECLS

#endif
