/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A plan, and what it is built with. */
#ifndef PVL_BOOT_PLAN_H
#define PVL_BOOT_PLAN_H

#include <pvhload/boot.h>

#include "boot/space.h"
#include "image/image.h"

/*
 * Bytes that commit puts in one place: from a source, from memory of the plan's, or zeros.  Every
 * piece lies inside one region.
 */
struct pvl_write {
	uint64_t gpa;
	uint64_t size;
	const struct pvl_source *source; /* or NULL */
	uint64_t offset;                 /* in the source */
	const uint8_t *bytes;            /* or NULL: zeros */
	uint32_t subject;                /* PVHLOAD_SUBJECT_* of the source, and which it is */
	uint32_t index;
};

struct pvhload_plan {
	struct pvhload_plan_info info;
	struct pvhload_memmap memmap;
	struct pvhload_x86_cpu cpu;
	struct pvl_space space; /* claims are where the regions come from */
	struct pvhload_plan_region *regions;
	const struct pvhload_plan_region **region_list; /* info.regions */
	struct pvl_source
		*sources; /* of initrds, modules, setup_data; the kernel's is its image's */
	size_t source_count;
	char *cmdline;
	struct pvl_write *pieces;
	size_t piece_count;
	size_t piece_capacity;
	uint8_t *blob;                                /* what the pieces' bytes point into */
	char reason[PVHLOAD_ERROR_MESSAGE_SIZE + 64]; /* a way's name before its failure */
};

/* One way to boot an image. */
struct pvl_method {
	uint32_t protocol;   /* PVHLOAD_PROTOCOL_*, not AUTO */
	uint32_t decompress; /* PVHLOAD_DECOMPRESS_*; 0 if there is nothing to unpack */
};

/*
 * What is placed when, and where the kernel goes that may be elsewhere: another order is tried when
 * something has no room.
 */
struct pvl_order {
	bool by_size;     /* the largest of initrd and modules first; or else in the list's order */
	bool files_first; /* these before the kernel; or else last */
	enum { PVL_KERNEL_OWN, PVL_KERNEL_LOW, PVL_KERNEL_HIGH } kernel;
};

/* A plan in the making. */
struct pvl_builder {
	struct pvhload_plan *plan;
	struct pvhload_boot_config config; /* complete: what the caller left out is 0 */
	struct pvhload_boot_x86 x86;       /* likewise; config.x86 is not used */
	struct pvhload_boot_places places;
	struct pvhload_image *image; /* config.image, or the ELF file or bzImage that it wraps */
	struct pvl_method way;
	struct pvl_order order;
	bool placed;                        /* the kernel has a place */
	bool movable;                       /* and could have another */
	const struct pvhload_image *kernel; /* what is loaded: image, or its payload */
	uint64_t shift;     /* ELF: added to every address of the kernel's, modulo 2^64 */
	uint64_t load_gpa;  /* bzImage: of the protected-mode code */
	uint64_t alignment; /* bzImage: kernel_alignment, as the kernel is to see it */
};

/* The caller's config, complete and checked on its own. */
enum pvhload_status pvl_take_config(const struct pvhload_boot_config *caller, struct pvl_builder *b,
				    struct pvhload_error *err);

/* A failure that has nothing to do with the way or the order that was tried. */
static inline bool pvl_is_of_no_way(int32_t status)
{
	return status == PVHLOAD_E_USAGE || status == PVHLOAD_E_NO_MEMORY ||
	       status == PVHLOAD_E_SOURCE;
}

/* Make the plan of @b->way; on failure there is none, and @b can be used again. */
enum pvhload_status pvl_plan_build(struct pvl_builder *b, struct pvhload_error *err);

enum pvhload_status pvl_plan_add_write(struct pvhload_plan *plan, struct pvl_write piece,
				       struct pvhload_error *err);

/* Where the memory ends that Linux manages, by its page tables (MAX_PHYSMEM_BITS). */
static inline uint64_t pvl_linux_end(const struct pvl_builder *b)
{
	return UINT64_C(1) << (b->x86.paging_levels == 5 ? 52 : 46);
}

static inline const char *pvl_linux_end_name(const struct pvl_builder *b)
{
	return b->x86.paging_levels == 5 ? "2^52" : "2^46";
}

/* May an ELF kernel be moved, and where to? */
struct pvl_move {
	bool may;
	const char *why_not; /* if it may not */
	uint64_t align;      /* of the image's lowest byte if @absolute, else of how far it moves */
	bool absolute;
	uint64_t min; /* lowest start */
	uint64_t end; /* highest end */
};

/* Claim the kernel's segments where they are linked, or elsewhere, and add their pieces. */
enum pvhload_status pvl_plan_elf(struct pvl_builder *b, const struct pvl_move *move,
				 struct pvhload_error *err);

/* Claim what a bzImage takes as it is, loaded and at run time, and add its piece. */
enum pvhload_status pvl_plan_bzimage(struct pvl_builder *b, struct pvhload_error *err);

/* Module @i of the caller's array, complete; PVHLOAD_E_USAGE if its size is wrong. */
enum pvhload_status pvl_config_module(const struct pvhload_boot_config *config, size_t i,
				      struct pvhload_boot_module *ret, struct pvhload_error *err);

/* Bytes of command line, without the NUL, that a kernel takes by PVH. */
uint32_t pvl_pvh_cmdline_max(const struct pvhload_image_info *info, uint32_t flags);

/* A file that has its place in the guest: the joined initrds, or a module. */
struct pvl_file {
	uint64_t gpa;
	uint64_t size;
};

/* How high an initrd may reach; PVH modules stay below 4 GiB. */
struct pvl_initrd_rule {
	uint64_t limit; /* where it goes if there is room */
	const char *limit_name;
	uint64_t above; /* else, up to here; 0 for nowhere */
	const char *above_name;
};

/* Files go in two rounds: those that the caller gave a place, and the others. */
enum pvl_round { PVL_FIXED, PVL_FREE };

/* Claim a place for the joined initrds, if it is their round, and add their pieces. */
enum pvhload_status pvl_plan_initrd(struct pvl_builder *b, enum pvl_round round,
				    const struct pvl_initrd_rule *rule, struct pvl_file *file,
				    struct pvhload_error *err);

/* The same for a module; @number is its place in the guest's list, in which an initrd comes first. */
enum pvhload_status pvl_plan_module(struct pvl_builder *b, enum pvl_round round, size_t number,
				    struct pvl_file *file, struct pvhload_error *err);

/* The numbers of initrd and modules, @count in all, in the order in which they find their places. */
enum pvhload_status pvl_order_files(const struct pvl_builder *b, size_t *numbers, size_t count,
				    struct pvhload_error *err);

/* Concatenated cpio archives start at multiples of this. */
#define PVL_INITRD_PAD 4u

/* What a protocol needs to know of image and config before a bzImage is decoded for it. */
enum pvhload_status pvl_pvh_possible(const struct pvl_builder *b, struct pvhload_error *err);
enum pvhload_status pvl_linux_possible(const struct pvl_builder *b, struct pvhload_error *err);

/* Everything of a protocol: kernel, structures, files, processor state. */
enum pvhload_status pvl_plan_pvh(struct pvl_builder *b, struct pvhload_error *err);
enum pvhload_status pvl_plan_linux(struct pvl_builder *b, struct pvhload_error *err);

/* PVHLOAD_E_PROTOCOL: why not so, and by what else the image could be entered. */
enum pvhload_status pvl_no_entry(const struct pvl_builder *b, struct pvhload_error *err);

#endif
