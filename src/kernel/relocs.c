/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The relocation tables that the kernel build appends to vmlinux.
 *
 * ABI source: Linux, arch/x86/tools/relocs.c and arch/x86/boot/compressed/misc.c.  32-bit words up
 * to the end of the file.  There is a zero word before each table: three of them up to Linux 6.14
 * (64-bit, inverse 32-bit, 32-bit), two from 6.15 on (64-bit, 32-bit), one on i386 (32-bit).  The
 * number of zeros tells the forms apart, never a version number: stable trees carry backports.  An
 * entry is the lower half of the field's virtual address, to be sign-extended.
 */
#include "kernel/relocs.h"

#include "abi/sizes.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/sized.h"

#define WORD_SIZE  4u
#define CHUNK_SIZE (16u << 10)

/* The kinds of the tables, by how many there are and the kernel's width. */
static const struct form {
	bool is64;
	unsigned int tables;
	enum pvl_reloc_kind kinds[PVL_RELOC_TABLES_MAX];
} forms[] = {
	{ true, 3, { PVL_RELOC_64, PVL_RELOC_32_INVERSE, PVL_RELOC_32 } },
	{ true, 2, { PVL_RELOC_64, PVL_RELOC_32 } },
	{ false, 1, { PVL_RELOC_32 } },
};

static bool is_64bit(const struct pvhload_image *image)
{
	return image->info.format == PVHLOAD_FORMAT_ELF64;
}

static enum pvhload_status no_tables(struct pvhload_error *err)
{
	return pvl_fail(err, PVHLOAD_E_NOT_FOUND, PVL_ANYWHERE,
			"no relocation tables follow the ELF file");
}

static void rewind_reader(struct pvl_relocs *relocs)
{
	relocs->reader = (struct pvl_reloc_reader){ .chunk = relocs->reader.chunk,
						    .offset = relocs->offset };
}

/* The next word; *@ret_more is false at the image's end. */
static enum pvhload_status next_word(struct pvl_relocs *relocs, uint32_t *ret, bool *ret_more,
				     struct pvhload_error *err)
{
	const struct pvl_source *source = &relocs->image->source;
	struct pvl_reloc_reader *r = &relocs->reader;

	if (r->at == r->size) {
		r->at = 0;
		r->size = (size_t)pvl_min_u64(source->length - r->offset, CHUNK_SIZE);
		PVL_TRY(pvl_source_read(source, r->offset, r->chunk, r->size, err));
		r->offset += r->size;
	}
	*ret_more = pvl_span_le32((struct pvl_span){ r->chunk, r->size }, r->at, ret);
	r->at += *ret_more ? WORD_SIZE : 0;
	return PVHLOAD_OK;
}

/* The next entry; it is of table reader.table - 1. */
static enum pvhload_status next_entry(struct pvl_relocs *relocs, uint32_t *ret, bool *ret_more,
				      struct pvhload_error *err)
{
	struct pvl_reloc_reader *r = &relocs->reader;

	for (;;) {
		PVL_TRY(next_word(relocs, ret, ret_more, err));
		if (!*ret_more)
			return PVHLOAD_OK;
		if (*ret != 0)
			break;
		r->last = 0;
		if (++r->table > PVL_RELOC_TABLES_MAX)
			return no_tables(err);
	}
	if (r->table == 0 || *ret <= r->last)
		return no_tables(err);
	r->last = *ret;
	return PVHLOAD_OK;
}

static enum pvhload_status too_many(const struct pvl_relocs *relocs, struct pvhload_error *err)
{
	return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_AT(relocs->offset),
			"the relocation tables after the ELF file have more than %u entries "
			"(PVHLOAD_RELOCATIONS_MAX)",
			PVHLOAD_RELOCATIONS_MAX);
}

/* Read all words once, to check the entries and count those of each table, @entries, zeros before. */
static enum pvhload_status count_entries(struct pvl_relocs *relocs, uint64_t *entries,
					 struct pvhload_error *err)
{
	uint32_t entry, total = 0;
	bool more;

	rewind_reader(relocs);
	for (;;) {
		PVL_TRY(next_entry(relocs, &entry, &more, err));
		if (!more)
			return PVHLOAD_OK;
		if (total == PVHLOAD_RELOCATIONS_MAX)
			return too_many(relocs, err);
		total++;
		entries[relocs->reader.table - 1]++;
	}
}

/* Find out which form the tables have. */
static enum pvhload_status survey(struct pvl_relocs *relocs, struct pvhload_error *err)
{
	uint64_t entries[PVL_RELOC_TABLES_MAX] = { 0 };
	const bool is64 = is_64bit(relocs->image);

	PVL_TRY(count_entries(relocs, entries, err));
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (forms[i].is64 != is64 || forms[i].tables != relocs->reader.table)
			continue;
		relocs->kinds = forms[i].kinds;
		relocs->tables = forms[i].tables;
		for (unsigned int t = 0; t < forms[i].tables; t++)
			relocs->counts[forms[i].kinds[t]] += entries[t];
		rewind_reader(relocs);
		return PVHLOAD_OK;
	}
	return no_tables(err);
}

enum pvhload_status pvl_relocs_open(const struct pvhload_image *image, struct pvl_relocs *ret,
				    struct pvhload_error *err)
{
	struct pvl_relocs relocs = { .image = image, .offset = image->elf_end };
	enum pvhload_status status;
	size_t room;

	if (relocs.offset == 0)
		return no_tables(err);
	relocs.size = image->source.length - relocs.offset;
	if (relocs.size < WORD_SIZE || relocs.size % WORD_SIZE != 0)
		return no_tables(err);
	room = (size_t)pvl_min_u64(relocs.size, CHUNK_SIZE);
	relocs.reader.chunk = malloc(room);
	if (!relocs.reader.chunk)
		return pvl_fail_no_memory(err, room);
	status = survey(&relocs, err);
	if (status != PVHLOAD_OK) {
		pvl_relocs_close(&relocs);
		return status;
	}
	*ret = relocs;
	return PVHLOAD_OK;
}

enum pvhload_status pvl_relocs_next(struct pvl_relocs *relocs, struct pvl_reloc *ret,
				    bool *ret_more, struct pvhload_error *err)
{
	enum pvhload_status status;
	uint32_t entry;
	bool more;

	status = next_entry(relocs, &entry, &more, err);
	/* All of it has been looked at. */
	if (status == PVHLOAD_E_NOT_FOUND || relocs->reader.table > relocs->tables)
		return pvl_image_changed(err, relocs->offset);
	if (status != PVHLOAD_OK)
		return status;
	if (more) {
		ret->kind = relocs->kinds[relocs->reader.table - 1];
		ret->address = is_64bit(relocs->image) ? (uint64_t)(int64_t)(int32_t)entry : entry;
	}
	*ret_more = more;
	return PVHLOAD_OK;
}

void pvl_relocs_close(struct pvl_relocs *relocs)
{
	free(relocs->reader.chunk);
	relocs->reader.chunk = NULL;
}

enum pvhload_status pvhload_image_count_relocations(const struct pvhload_image *image,
						    struct pvhload_image_relocations *relocations,
						    struct pvhload_error *err)
{
	struct pvhload_image_relocations found = PVHLOAD_IMAGE_RELOCATIONS_INIT;
	struct pvl_relocs relocs;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!image || !pvl_sized_out_usable(relocations, PVL_V1_RELOCATIONS))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the image or the result is NULL or has a wrong size");
	PVL_TRY(pvl_relocs_open(image, &relocs, err));
	found.offset = relocs.offset;
	found.size = relocs.size;
	found.r64 = relocs.counts[PVL_RELOC_64];
	found.r32 = relocs.counts[PVL_RELOC_32];
	found.r32_inverse = relocs.counts[PVL_RELOC_32_INVERSE];
	pvl_relocs_close(&relocs);
	pvl_sized_out(relocations, &found, sizeof(found));
	return PVHLOAD_OK;
}
