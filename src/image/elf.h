/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The parts of the ELF parser: header, segments, notes. */
#ifndef PVL_IMAGE_ELF_H
#define PVL_IMAGE_ELF_H

#include "image/elf_note.h"
#include "image/elf_table.h"
#include "image/image.h"

/* The ELF file being opened. */
struct pvl_elf {
	struct pvhload_image *image;
	const struct pvl_head *head;
	struct pvl_elf_header header;
	struct pvl_elf_phdr *phdrs;
	size_t phnum;
	uint64_t shnum; /* section headers, by section 0 where e_shnum is 0 */
};

/* Fill image->segments and what follows from them. */
enum pvhload_status pvl_elf_take_segments(struct pvl_elf *elf, struct pvhload_error *err);

/* Look for PVH notes in every PT_NOTE, then, without an entry from there, in every SHT_NOTE. */
enum pvhload_status pvl_elf_take_notes(struct pvl_elf *elf, struct pvl_notes *ret,
				       struct pvhload_error *err);

/* Is it Linux?  Fills info.guest; the segments and info.pvh are known. */
enum pvhload_status pvl_elf_judge_guest(struct pvl_elf *elf, const struct pvl_notes *notes,
					struct pvhload_error *err);

#endif
