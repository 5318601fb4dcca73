/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A plan, and the state while it is made. */
#ifndef PVL_BOOT_PLAN_H
#define PVL_BOOT_PLAN_H

#include <pvhload/boot.h>

#include "abi/bda_layout.h"
#include "core/arena.h"
#include "fdt/fdt.h"
#include "guest/memory_effects.h"
#include "kernel/kernel.h"
#include "layout/layout.h"
#include "layout/writes.h"
#include "linux/linux.h"

/* Bytes of the notes of a plan, the NUL included: a message that is as long as can be, and some more. */
#define PVL_PLAN_NOTES_SIZE (PVHLOAD_ERROR_MESSAGE_SIZE + 512u)

/* Bytes of what is before them: a method's name before its failure. */
#define PVL_PLAN_REASON_SIZE (PVHLOAD_ERROR_MESSAGE_SIZE + 64u)

/* Methods that are tried for one image. */
#define PVL_METHODS_MAX 5u

/* One of the caller's files; opened when it is first needed. */
struct pvl_file {
	struct pvl_source source;
	bool opened;
};

struct pvhload_plan {
	struct pvhload_plan_info info;
	struct pvhload_memmap memmap;
	union {
		struct pvhload_x86_cpu cpu;
		struct pvhload_arm64_cpu arm64_cpu;
		struct pvhload_riscv64_cpu riscv64_cpu;
	};
	struct pvl_space space; /* the regions are made from its claims */
	struct pvhload_plan_region *regions;
	const struct pvhload_plan_region **region_list; /* info.regions; in the same block */
	struct pvhload_image *loaded; /* the image that is written; the plan holds a reference */
	struct pvl_file *files;       /* initrds, then modules */
	size_t file_count;
	size_t initrd_count;
	struct pvl_linux_node *nodes; /* setup_data */
	size_t node_count;
	struct pvhload_range roms[PVHLOAD_BOOT_ROMS_MAX];
	struct pvl_source firmware_vars; /* zeros without any */
	char *cmdline;
	struct pvl_writes writes;
	uint8_t *blob;                    /* what the writes' bytes point into */
	uint8_t *kept;                    /* likewise, for the bytes of keep_free */
	struct pvl_fdt fdt;               /* likewise, of a protocol with a device tree */
	uint8_t bda[PVL_BDA_SIZE];        /* what the write of the BIOS data area points to */
	struct pvhload_progress progress; /* who is told of a commit */
	struct pvl_arena arena;           /* of what is not said to be freed by itself */

	struct pvhload_error *errors; /* of the attempts that failed, if any did; ours to free */
	struct pvhload_plan_attempt attempts[PVL_METHODS_MAX];
	const struct pvhload_plan_attempt *attempt_list[PVL_METHODS_MAX]; /* info.attempts */
};

struct pvl_in_place;
struct pvl_decoded;

/* A method: a protocol, and who decodes a bzImage. */
struct pvl_method {
	const struct pvl_protocol *protocol;
	uint32_t decompress; /* PVHLOAD_DECOMPRESS_*; 0 if there is nothing to decode */
};

/* Where the caller wants a region to be. */
struct pvl_boot_place {
	uint32_t kind; /* PVHLOAD_REGION_* */
	uint32_t index;
	uint64_t gpa;
};

/* The RAM that memmap=exactmap leaves the kernel; plan_memory.c. */
struct pvl_exact {
	struct pvl_ram ram;
	struct pvhload_memmap map; /* the same, for messages */
};

/* What a UKI gives, and the config does not; plan_uki.c. */
struct pvl_uki_use {
	char *cmdline;                    /* what config.cmdline is, or NULL */
	bool appended;                    /* it has the caller's after the UKI's */
	struct pvhload_source initrds[2]; /* what config.initrds are */
	struct pvhload_image *kernel;     /* of a profile that has its own, or NULL */
	uint8_t *tree;                    /* .dtb, or NULL: */
	struct pvhload_fdt fdt;           /* then what config.fdt is */
};

/* A plan in the making. */
struct pvl_builder {
	struct pvhload_plan *plan;
	struct pvl_in_place
		*in_place; /* what guest memory has of it already; NULL: nothing goes there */
	struct pvhload_boot_config config; /* completed: what the caller's struct lacks is 0 */
	struct pvhload_boot_x86 x86;       /* likewise; config.x86 is not used */
	struct pvhload_boot_arm64 arm64;
	struct pvhload_boot_riscv64 riscv64;
	struct pvhload_boot_multiboot multiboot;
	struct pvl_boot_place *places; /* config.places, sorted; config_places.c */
	size_t place_count;
	struct pvhload_image *image;  /* config.image, or the kernel in a compressed file or UKI */
	struct pvhload_image *opened; /* from config.kernel, or NULL */
	struct pvl_uki_use uki;
	struct pvhload_progress progress;  /* config.progress; nobody if its callback is NULL */
	struct pvhload_pool pool;          /* likewise config.pool; none if its run is NULL */
	struct pvl_callbacks callbacks;    /* both of them */
	bool is_linux;                     /* the guest, for all rules; pvl_boots_linux() */
	struct pvl_memory_effects effects; /* of the command line, if the guest is Linux */
	struct pvl_exact exact;
	bool kaslr_unsafe;    /* pvl_check_own_kaslr() refuses the kernel's own decoding */
	bool initrds_dropped; /* all of them were empty */
	bool prepared;        /* what all methods share has been made */

	/* Of the current method. */
	struct pvl_method method;
	const struct pvhload_image *loaded; /* image, or its payload */
	struct pvl_kernel kernel;
	struct pvl_kernel_place place; /* once the kernel has one */
	struct pvl_layout layout;      /* its space is the plan's */
	char *notes;                   /* what pvl_plan_note() appended; NULL: nothing */
	size_t notes_left_out;         /* for lack of room */
	bool notes_lost;               /* for lack of memory */
};

/* The caller's config, complete and checked on its own. */
enum pvhload_status pvl_read_config(const struct pvhload_boot_config *caller, struct pvl_builder *b,
				    struct pvhload_error *err);

/* @count elements, which may be none, of @size bytes, zeroed, that live as long as the plan; NULL without memory. */
static inline void *pvl_plan_new(struct pvl_builder *b, size_t count, size_t size)
{
	return pvl_arena_new(&b->plan->arena, count > 0 ? count : 1, size);
}

/* A copy of @text that lives as long as the plan; NULL, and @err says that there is no memory. */
char *pvl_plan_text(struct pvl_builder *b, const char *text, struct pvhload_error *err);

/*
 * Append to the plan's reason, after a "; ", something of the method that is out of the ordinary.  What does not
 * fit, and all after it, is counted by the second of these, which is to be called last.
 */
void pvl_plan_note(struct pvl_builder *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
const char *pvl_plan_notes(struct pvl_builder *b);

/*
 * If config.image is a UKI, complete the config by it: its profile's kernel, *@ret, and what the caller has not given.
 * For another image, *@ret is the image.  What is made is freed by the last of these; the other says what was used.
 */
enum pvhload_status pvl_use_uki(struct pvl_builder *b, struct pvhload_image **ret,
				struct pvhload_error *err);
/* Is the kernel, b->image, for the machine that the UKI is for, if it is in one? */
enum pvhload_status pvl_check_uki_machine(const struct pvl_builder *b, struct pvhload_error *err);
void pvl_note_uki(struct pvl_builder *b);
void pvl_free_uki(struct pvl_builder *b);

/* Make the plan by the best of the methods that the config allows: choose.c. */
enum pvhload_status pvl_choose(struct pvl_builder *b, struct pvhload_error *err);

/* Make the plan of @b->method; on failure @b can be used for another. */
enum pvhload_status pvl_plan_method(struct pvl_builder *b, struct pvhload_error *err);

/* Write the plan to @mem, where @decoded, which may be NULL, is already. */
enum pvhload_status pvl_plan_write(const struct pvhload_plan *plan,
				   const struct pvhload_memory *mem,
				   const struct pvl_decoded *decoded, struct pvhload_error *err);

/*
 * Duplicate the caller's descriptors, except those that the caller keeps open.
 */
enum pvhload_status pvl_plan_own(struct pvhload_plan *plan, struct pvhload_error *err);

/* Copy, sort and check the caller's places; what is copied is freed by the second of these. */
enum pvhload_status pvl_copy_places(struct pvl_builder *b, struct pvhload_error *err);
void pvl_free_places(struct pvl_builder *b);

/* Where the caller wants the region of this kind and index to be; 0: the caller gave none. */
uint64_t pvl_config_place(const struct pvl_builder *b, uint32_t kind, uint32_t index);

/* Module @i of the caller's array, complete; PVHLOAD_E_USAGE if its size is wrong. */
enum pvhload_status pvl_config_module(const struct pvhload_boot_config *config, size_t i,
				      struct pvhload_boot_module *ret, struct pvhload_error *err);

/*
 * Is the guest Linux?  @image is no compressed file; @protocol is what the caller asked for, @flags are those of
 * the config.
 */
bool pvl_boots_linux(const struct pvhload_image *image, uint32_t protocol, uint32_t flags);

/* What @x asks for that only Linux's protocol for x86 carries, in words, or NULL. */
const char *pvl_linux_x86_option(const struct pvhload_boot_x86 *x);

/* Bytes of command line, without the NUL, that a kernel takes by PVH. */
uint32_t pvl_pvh_cmdline_max(const struct pvhload_image_info *info, bool is_linux);

/* PVHLOAD_E_PROTOCOL: why this method is not possible, and by what else the image could be entered. */
enum pvhload_status pvl_no_entry(const struct pvl_builder *b, struct pvhload_error *err);

#endif
