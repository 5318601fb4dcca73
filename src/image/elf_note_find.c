/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Where an ELF file keeps its notes: segments first, then sections. */
#include "abi/elf_layout.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "image/elf.h"

#define SHDRS_AT_ONCE 16u
#define FEW_NOTES     1024u /* bytes that need no memory of their own: Linux has 500 */

struct search {
	struct pvl_elf *elf;
	uint8_t *buffer; /* @room bytes: @few, or ours to free */
	uint64_t room;
	uint64_t budget; /* bytes that may still be read */
	struct pvl_notes notes;
	uint8_t few[FEW_NOTES];
};

/* Make room for @size bytes; what was in the buffer is lost. */
static enum pvhload_status make_room(struct search *search, uint64_t size,
				     struct pvhload_error *err)
{
	uint8_t *larger;

	if (size <= search->room)
		return PVHLOAD_OK;
	larger = malloc((size_t)size);
	if (!larger)
		return pvl_fail_no_memory(err, size);
	if (search->buffer != search->few)
		free(search->buffer);
	search->buffer = larger;
	search->room = size;
	return PVHLOAD_OK;
}

/* Read the notes in one range of the file, cut at the end of the file and at the limits. */
static enum pvhload_status scan_range(struct search *search, uint64_t offset, uint64_t size,
				      uint64_t align, struct pvhload_error *err)
{
	const struct pvhload_image *image = search->elf->image;
	struct pvl_notes_part part = { .offset = offset, .align = align };
	uint64_t read;

	if (offset >= image->source.length)
		return PVHLOAD_OK;
	part.size = pvl_min_u64(size, image->source.length - offset);
	read = pvl_min_u64(part.size, pvl_min_u64(search->budget, PVHLOAD_ELF_NOTE_BYTES_MAX));
	search->budget -= read;
	PVL_TRY(make_room(search, read, err));
	PVL_TRY(pvl_image_fetch(image, search->elf->head, offset, search->buffer, read, err));
	part.bytes = (struct pvl_span){ search->buffer, (size_t)read };
	pvl_notes_scan(&part, &search->notes);
	return PVHLOAD_OK;
}

/* By p_offset and p_filesz: GRUB's PT_NOTE has p_memsz 0, and its p_vaddr is in no PT_LOAD. */
static enum pvhload_status scan_segments(struct search *search, struct pvhload_error *err)
{
	for (size_t i = 0; i < search->elf->phnum; i++) {
		const struct pvl_elf_phdr *p = &search->elf->phdrs[i];

		if (p->type == PVL_PT_NOTE)
			PVL_TRY(scan_range(search, p->offset, p->filesz, p->align, err));
	}
	return PVHLOAD_OK;
}

/* @count entries of the section table, at most SHDRS_AT_ONCE, from @offset of the file on. */
static enum pvhload_status scan_entries(struct search *search, uint64_t offset, size_t count,
					struct pvhload_error *err)
{
	const bool is64 = search->elf->header.is64;
	const size_t size = count * pvl_elf_shdr_size(is64);
	uint8_t bytes[SHDRS_AT_ONCE * PVL_ELF64_SHDR_SIZE];
	struct pvl_elf_shdr shdrs[SHDRS_AT_ONCE];

	PVL_TRY(pvl_image_fetch(search->elf->image, search->elf->head, offset, bytes, size, err));
	if (!pvl_elf_read_shdrs((struct pvl_span){ bytes, size }, is64, shdrs, count))
		return pvl_fail_no_memory(err, size);
	for (size_t i = 0; i < count; i++)
		if (shdrs[i].type == PVL_SHT_NOTE)
			PVL_TRY(scan_range(search, shdrs[i].offset, shdrs[i].size, shdrs[i].align,
					   err));
	return PVHLOAD_OK;
}

/* A damaged or missing section table is no reason to refuse a file that can be loaded. */
static enum pvhload_status scan_sections(struct search *search, struct pvhload_error *err)
{
	const struct pvl_elf_header *h = &search->elf->header;
	const uint64_t file_size = search->elf->image->source.length;
	const size_t entry = pvl_elf_shdr_size(h->is64);
	uint64_t left, at = h->shoff;

	if (h->shentsize != entry || h->shoff == 0 || h->shoff > file_size)
		return PVHLOAD_OK;
	left = pvl_min_u64(search->elf->shnum, (file_size - h->shoff) / entry);
	while (left > 0) {
		const size_t n = (size_t)pvl_min_u64(left, SHDRS_AT_ONCE);

		PVL_TRY(scan_entries(search, at, n, err));
		at += n * entry;
		left -= n;
	}
	return PVHLOAD_OK;
}

/* Sections are only searched if no segment has an entry. */
static enum pvhload_status scan_file(struct search *search, struct pvhload_error *err)
{
	PVL_TRY(scan_segments(search, err));
	if (search->notes.has_entry)
		return PVHLOAD_OK;
	search->budget = PVHLOAD_ELF_NOTE_BYTES_TOTAL_MAX;
	return scan_sections(search, err);
}

enum pvhload_status pvl_elf_take_notes(struct pvl_elf *elf, struct pvl_notes *ret,
				       struct pvhload_error *err)
{
	struct search search = { .elf = elf,
				 .room = FEW_NOTES,
				 .budget = PVHLOAD_ELF_NOTE_BYTES_TOTAL_MAX };
	enum pvhload_status status;

	search.buffer = search.few;
	status = scan_file(&search, err);
	if (search.buffer != search.few)
		free(search.buffer);
	if (status == PVHLOAD_OK)
		*ret = search.notes;
	return status;
}
