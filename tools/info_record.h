/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What info says of a file. */
#ifndef TOOL_INFO_RECORD_H
#define TOOL_INFO_RECORD_H

#include <pvhload/pvhload.h>

#include "fields.h"

/*
 * Both views of one file: the image, and the ELF file that is loaded (the same, or its payload).  If
 * the file is compressed as a whole, the image is what it decodes to, and if it is a UKI, the kernel in it.  Pointers are NULL for what there
 * is not.
 */
struct info_subject {
	const char *path;
	const char *wrapper;                        /* the codec of a file compressed as a whole */
	const struct pvhload_image_info *uki_image; /* of a UKI, whose kernel the image is then */
	const char *version;                        /* of the kernel */
	const struct pvhload_image_info *image;
	const struct pvhload_image_info
		*kernel; /* of the payload, if it could be decoded; or image */
	const struct pvhload_image_relocations *relocations;
	const struct pvhload_image_explanation *explanation; /* NULL if nothing boots it: */
	const char *not_booted;                              /* why */
	/* What info_subject_fill() finds in these. */
	const struct pvhload_image_uki *uki;
	const struct pvhload_image_uki *signature; /* the same, if it has one */
	const struct pvhload_image_bzimage *bzimage;
	const struct pvhload_image_part *payload;
	const struct pvhload_image_info *decoded; /* kernel, if it is not the image itself */
	const struct pvhload_image_pvh *pvh;
	const struct pvhload_image_pvh_reloc *pvh_reloc;
	const struct pvhload_image_elf *elf;
	const struct pvhload_image_flat *flat;
	const struct pvhload_image_firmware *firmware;
	const struct pvhload_image_info
		*needs; /* says what the kernel needs: image's, or zboot's payload's */
	const struct pvhload_image_info *machine; /* whichever of them says for which it is */
	const uint64_t *alignment, *init_size;    /* of needs, 0 is none */
	const uint64_t *preferred;                /* the same; an ELF file's 0 is an address */
	const uint64_t *initrd_max;
	const uint32_t *cmdline_max;
	const uint64_t *wanted;    /* where it is to be: that, or the only place that it can have */
	const uint64_t *elf_entry; /* stands in an ELF file, whatever it is good for */
	const uint64_t *entry32;   /* a bzImage's are said to be there */
	const uint64_t *entry64;
	uint64_t entry64_gpa;
	const uint64_t *entry; /* JSON's: the kernel's; NULL for a flat Image that does not say */
	const uint32_t *page_size, *anywhere,
		*header_version;               /* a flat Image's, where it says them */
	uint32_t version_major, version_minor; /* of its header */
	uint32_t is_foreign; /* 1 if it is for another machine than x86, or a firmware */
	uint32_t is_opaque;  /* 1 if all that it needs is in a payload that could not be decoded, or
				       is not a kernel's */
	uint32_t is_based;   /* 1 if its place is text_offset after a multiple */
	uint32_t is_undecoded; /* 1 if the kernel is in a payload that could not be decoded */
	uint32_t is_real_mode; /* 1 if it is a bzImage that has neither entry nor payload */
};

/* What pvhload_image_decode() decodes, or NULL. */
const struct pvhload_image_part *info_payload(const struct pvhload_image_info *info);

void info_subject_fill(struct info_subject *subject);

extern const struct record info_record; /* of a filled struct info_subject */

#endif
