/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The one answer to "where may this kernel be?", for the planner, for loading an image by itself, and for
 * what is said of an image.  A kernel is an image and the entry it is entered by, as each entry has rules
 * of its own.
 */
#ifndef PVL_KERNEL_KERNEL_H
#define PVL_KERNEL_KERNEL_H

#include "image/image.h"
#include "kernel/entry.h"
#include "layout/layout.h"
#include "layout/writes.h"

struct pvl_kernel {
	const struct pvhload_image *image; /* what is loaded: an ELF file, or a bzImage as it is */
	enum pvl_entry entry;

	uint64_t own;        /* where it goes by itself */
	uint64_t own_align;  /* if that is a multiple of this */
	bool movable;        /* it may be elsewhere as well */
	const char *why_not; /* if it may not */
	/* Where it may be moved to: addresses that are @phase modulo @align, within [min, end). */
	uint64_t align;
	uint64_t least_align; /* if only that helps; mostly the same */
	uint64_t phase;
	uint64_t min;
	uint64_t search_min; /* lowest address that is chosen for it, without being asked for */
	uint64_t end;
	char end_name[24];
	uint64_t extent; /* bytes that it takes in one piece when it is moved */
};

/* What a kernel takes at one address. */
struct pvl_kernel_place {
	uint64_t gpa;           /* of its lowest byte */
	uint64_t shift;         /* ELF: added to every address of the image, modulo 2^64 */
	uint64_t alignment;     /* bzImage: kernel_alignment, as the kernel is to see it */
	struct pvl_range image; /* the bytes as loaded, .bss included */
	struct pvl_range run;   /* what it needs at run time */
	uint64_t entry;         /* where it is entered */
};

/*
 * Describe the kernel that is @image entered by @entry, with page tables of @levels levels (0 is 4), which
 * bound how high it may be.
 */
void pvl_kernel_describe(const struct pvhload_image *image, enum pvl_entry entry, uint32_t levels,
			 struct pvl_kernel *ret);

/* What it takes at @gpa.  PVHLOAD_E_RANGE, with the reason, if it may not be there. */
enum pvhload_status pvl_kernel_at(const struct pvl_kernel *kernel, uint64_t gpa,
				  struct pvl_kernel_place *ret, struct pvhload_error *err);

/* True if all that belongs to it there is free RAM; if not, the message says what is in the way. */
enum pvhload_status pvl_kernel_check(const struct pvl_kernel *kernel,
				     const struct pvl_kernel_place *place,
				     const struct pvl_space *space, struct pvhload_error *err);

/* Claim what belongs to it there. */
enum pvhload_status pvl_kernel_claim(const struct pvl_kernel *kernel,
				     const struct pvl_kernel_place *place, uint32_t reason,
				     struct pvl_space *space, struct pvhload_error *err);

/* Find a place and claim it: at @asked, or, if that is 0, where @goes says. */
enum pvhload_status pvl_kernel_place(const struct pvl_kernel *kernel, uint64_t asked,
				     enum pvl_kernel_goes goes, struct pvl_space *space,
				     struct pvl_kernel_place *ret, struct pvhload_error *err);

/* What is written of it there. */
enum pvhload_status pvl_kernel_write(const struct pvl_kernel *kernel,
				     const struct pvl_kernel_place *place,
				     struct pvl_writes *writes, struct pvhload_error *err);

/* What its setup_header says of a bzImage's place: the file's, or its copy in a zero page. */
struct pvl_bzimage_terms {
	bool relocatable;
	uint64_t preferred;  /* pref_address */
	uint64_t alignment;  /* kernel_alignment, as the kernel sees it */
	uint64_t image_size; /* bytes as loaded */
	uint64_t run_size;   /* init_size */
};

/*
 * Set the two ranges that belong to the load address.  False if one of them passes the end of the address
 * space, or the alignment is no power of two; the image's may then be set all the same.
 */
bool pvl_bzimage_ranges(const struct pvl_bzimage_terms *terms, uint64_t load,
			struct pvl_kernel_place *ret);

/* Is it loaded apart from where it runs?  If not, both ranges are one. */
bool pvl_bzimage_runs_elsewhere(const struct pvl_kernel_place *place);

/* That one; or where it runs. */
struct pvl_range pvl_bzimage_range(const struct pvl_kernel_place *place);

/*
 * Bring a bzImage's setup_header, whose bytes from PVHLOAD_SETUP_HEADER_OFFSET on are at @header, up to
 * date for the place: code32_start, and kernel_alignment.  For an ELF file out of a bzImage there is no
 * 32-bit code anywhere, and @place is NULL.
 */
void pvl_kernel_update_header(const struct pvl_kernel *kernel, const struct pvl_kernel_place *place,
			      uint8_t *header, size_t size);

#endif
