/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The one answer to "where may this kernel be?", for the planner, pvhload_image_load() and
 * pvhload_image_explain().  A kernel here is an image and an entry, as each entry has rules of its
 * own.
 */
#ifndef PVL_KERNEL_KERNEL_H
#define PVL_KERNEL_KERNEL_H

#include "image/image.h"
#include "kernel/entry.h"
#include "layout/layout.h"
#include "layout/writes.h"

struct pvl_kernel {
	const struct pvhload_image
		*image; /* what is loaded: not what it is compressed or packed in */
	const struct pvhload_image_elf *loads; /* its segments; NULL of what has none */
	enum pvl_entry entry;

	uint64_t own; /* its own place, see pvl_kernel_own() */
	bool is_linux;
	bool movable; /* it may be at other places */
	const char *
		why_not; /* the reason if it may not; NULL for a firmware, of which nobody expects it */
	bool own_is_lowest; /* its own place is the lowest where it fits: without one, it has no room */
	/* Where it may be moved to: addresses that are @phase modulo @align, within [min, end). */
	uint64_t align;
	uint64_t least_align; /* the smaller alignment, if only that finds a place; mostly the
			         same */
	uint64_t phase;
	uint64_t min;
	uint64_t search_min; /* lowest address that a search returns */
	uint64_t end;
	char end_name[24];
	uint64_t extent; /* contiguous bytes that it takes when it is moved */
};

/* What a kernel takes at a given address. */
struct pvl_kernel_place {
	uint64_t gpa;           /* of its lowest byte */
	uint64_t shift;         /* ELF: added to every address of the image, modulo 2^64 */
	uint64_t alignment;     /* bzImage: the kernel_alignment to be passed to the kernel */
	struct pvl_range image; /* the bytes as loaded, .bss included */
	struct pvl_range run;   /* what it needs at run time */
	uint64_t entry;         /* where it is entered */
};

/*
 * Describe @image entered by @entry.  The @levels of page tables, 0 for 4, limit how high it may
 * be.  An ELF file that @is_linux has what lies between its segments as well.
 */
void pvl_kernel_describe(const struct pvhload_image *image, enum pvl_entry entry, uint32_t levels,
			 bool is_linux, struct pvl_kernel *ret);

/* The numbers of the architecture that it is for. */
const struct pvl_arch *pvl_kernel_arch(const struct pvhload_image *image);

/* Its own place, which of a flat Image depends on what is free in @space. */
uint64_t pvl_kernel_own(const struct pvl_kernel *kernel, const struct pvl_space *space);

/* What it takes at @gpa.  PVHLOAD_E_RANGE, with the reason, if it may not be there. */
enum pvhload_status pvl_kernel_at(const struct pvl_kernel *kernel, uint64_t gpa,
				  struct pvl_kernel_place *ret, struct pvhload_error *err);

/* Check that all ranges of the kernel there are free RAM; the message names what is there instead. */
enum pvhload_status pvl_kernel_check(const struct pvl_kernel *kernel,
				     const struct pvl_kernel_place *place,
				     const struct pvl_space *space, struct pvhload_error *err);

/* Claim the ranges of the kernel there. */
enum pvhload_status pvl_kernel_claim(const struct pvl_kernel *kernel,
				     const struct pvl_kernel_place *place, uint32_t reason,
				     struct pvl_space *space, struct pvhload_error *err);

/* Find a place and claim it: at @asked, or, if that is 0, where @goes says. */
enum pvhload_status pvl_kernel_place(const struct pvl_kernel *kernel, uint64_t asked,
				     enum pvl_kernel_goes goes, struct pvl_space *space,
				     struct pvl_kernel_place *ret, struct pvhload_error *err);

/* Append the writes of the kernel there, which has been claimed in @space. */
enum pvhload_status pvl_kernel_write(const struct pvl_kernel *kernel,
				     const struct pvl_kernel_place *place,
				     const struct pvl_space *space, struct pvl_writes *writes,
				     struct pvhload_error *err);

/* What a setup_header says of a bzImage's place; the header is the file's, or its copy in a zero page. */
struct pvl_bzimage_terms {
	bool relocatable;
	uint64_t preferred;  /* pref_address */
	uint64_t alignment;  /* kernel_alignment, as the kernel sees it */
	uint64_t image_size; /* bytes as loaded */
	uint64_t run_size;   /* init_size */
};

/*
 * Set the two ranges for the load address.  False if one passes the end of the address space, or
 * the alignment is not a power of two; the range of the image may still be set.
 */
bool pvl_bzimage_ranges(const struct pvl_bzimage_terms *terms, uint64_t load,
			struct pvl_kernel_place *ret);

/* Does it run outside the range where it is loaded?  If not, the regions are one. */
bool pvl_bzimage_runs_elsewhere(const struct pvl_kernel_place *place);

/* That one; or where it runs. */
struct pvl_range pvl_bzimage_range(const struct pvl_kernel_place *place);

/*
 * Bring a bzImage's setup_header, whose bytes from PVHLOAD_SETUP_HEADER_OFFSET on are at @header,
 * up to date for the place: code32_start, and kernel_alignment.  @place is NULL for the ELF file in
 * a bzImage's payload, with which no 32-bit code is loaded.
 */
void pvl_kernel_update_header(const struct pvl_kernel *kernel, const struct pvl_kernel_place *place,
			      uint8_t *header, size_t size);

#endif
