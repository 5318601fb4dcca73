/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Where an ELF file keeps its notes: segments first, then sections. */
#include <elf.h>
#include <stdlib.h>

#include "core/checked.h"
#include "core/error.h"
#include "image/elf.h"

#define SHDRS_AT_ONCE 64u

struct search {
	struct pvl_elf *elf;
	uint8_t *buffer; /* PVHLOAD_ELF_NOTE_BYTES_MAX bytes */
	uint64_t budget; /* bytes that may still be looked at */
	struct pvl_notes notes;
};

/* Look at the notes in one range of the file; what passes its end, or the limits, is left out. */
static enum pvhload_status scan(struct search *search, uint64_t offset, uint64_t size,
				uint64_t align, struct pvhload_error *err)
{
	const struct pvhload_image *image = search->elf->image;
	enum pvhload_status status;

	if (offset >= image->source.length)
		return PVHLOAD_OK;
	size = pvl_min_u64(size, image->source.length - offset);
	size = pvl_min_u64(size, pvl_min_u64(search->budget, PVHLOAD_ELF_NOTE_BYTES_MAX));
	search->budget -= size;
	status = pvl_image_fetch(image, search->elf->head, offset, search->buffer, size, err);
	if (status == PVHLOAD_OK)
		pvl_notes_scan((struct pvl_span){ search->buffer, (size_t)size }, align,
			       &search->notes);
	return status;
}

/* By p_offset and p_filesz: GRUB's PT_NOTE has p_memsz 0, and its p_vaddr is in no PT_LOAD. */
static enum pvhload_status scan_segments(struct search *search, struct pvhload_error *err)
{
	enum pvhload_status status = PVHLOAD_OK;

	for (size_t i = 0; i < search->elf->phnum && status == PVHLOAD_OK; i++) {
		const struct pvl_elf_phdr *p = &search->elf->phdrs[i];

		if (p->type == PT_NOTE)
			status = scan(search, p->offset, p->filesz, p->align, err);
	}
	return status;
}

/* A section table that is damaged or not there is no reason to refuse what can be loaded. */
static enum pvhload_status scan_sections(struct search *search, struct pvhload_error *err)
{
	const struct pvl_elf_header *h = &search->elf->header;
	const struct pvhload_image *image = search->elf->image;
	const size_t entry = pvl_elf_shdr_size(h->is64);
	uint8_t bytes[SHDRS_AT_ONCE * sizeof(Elf64_Shdr)];
	struct pvl_elf_shdr shdrs[SHDRS_AT_ONCE];
	enum pvhload_status status = PVHLOAD_OK;
	uint64_t left;

	if (h->shentsize != entry || h->shoff == 0 || h->shoff > image->source.length)
		return PVHLOAD_OK;
	left = pvl_min_u64(h->shnum, (image->source.length - h->shoff) / entry);
	for (uint64_t at = h->shoff; left > 0 && status == PVHLOAD_OK;) {
		const size_t n = (size_t)pvl_min_u64(left, SHDRS_AT_ONCE);

		status = pvl_image_fetch(image, search->elf->head, at, bytes, n * entry, err);
		if (status == PVHLOAD_OK &&
		    !pvl_elf_read_shdrs((struct pvl_span){ bytes, n * entry }, h->is64, shdrs, n))
			status = pvl_fail_no_memory(err, n * entry);
		for (size_t i = 0; i < n && status == PVHLOAD_OK; i++)
			if (shdrs[i].type == SHT_NOTE)
				status = scan(search, shdrs[i].offset, shdrs[i].size,
					      shdrs[i].align, err);
		at += n * entry;
		left -= n;
	}
	return status;
}

enum pvhload_status pvl_elf_take_notes(struct pvl_elf *elf, struct pvl_notes *ret,
				       struct pvhload_error *err)
{
	struct search search = { .elf = elf, .budget = PVHLOAD_ELF_NOTE_BYTES_TOTAL_MAX };
	enum pvhload_status status;

	search.buffer = malloc(PVHLOAD_ELF_NOTE_BYTES_MAX);
	if (!search.buffer)
		return pvl_fail_no_memory(err, PVHLOAD_ELF_NOTE_BYTES_MAX);
	status = scan_segments(&search, err);
	if (status == PVHLOAD_OK && !search.notes.has_entry) {
		search.budget = PVHLOAD_ELF_NOTE_BYTES_TOTAL_MAX;
		status = scan_sections(&search, err);
	}
	free(search.buffer);
	if (status == PVHLOAD_OK)
		*ret = search.notes;
	return status;
}
