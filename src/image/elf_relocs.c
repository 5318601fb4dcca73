/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The relocation tables that the kernel build appends to vmlinux.
 *
 * ABI source: Linux, arch/x86/tools/relocs.c and arch/x86/boot/compressed/misc.c.  Words of 32 bits
 * up to the end of the file.  A zero word stands before each table: three of them up to Linux 6.14
 * (64-bit, inverse 32-bit, 32-bit), two from 6.15 on (64-bit, 32-bit), one on i386 (32-bit).  The
 * number of zeros tells the forms apart, never a version number: stable trees carry backports.
 */
#include <stdlib.h>

#include "abi/sizes.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/sized.h"
#include "image/image.h"

#define CHUNK_WORDS 4096u
#define TABLES_MAX  3u

/* Entries behind each zero word, in order. */
struct tables {
	uint64_t entries[TABLES_MAX];
	unsigned int count;
	uint32_t last; /* each table ascends */
};

/* False if this cannot be a word of relocation tables. */
static bool take_word(struct tables *t, uint32_t word)
{
	if (word == 0) {
		t->last = 0;
		return t->count++ < TABLES_MAX;
	}
	if (t->count == 0 || word <= t->last)
		return false;
	t->last = word;
	t->entries[t->count - 1]++;
	return true;
}

static enum pvhload_status none(struct pvhload_error *err)
{
	return pvl_fail(err, PVHLOAD_E_NOT_FOUND, PVL_ANYWHERE,
			"no relocation tables follow the ELF file");
}

static enum pvhload_status count_words(const struct pvhload_image *image, uint64_t offset,
				       struct tables *t, struct pvhload_error *err)
{
	enum pvhload_status status = PVHLOAD_OK;
	uint8_t *chunk = malloc(CHUNK_WORDS * 4);

	if (!chunk)
		return pvl_fail_no_memory(err, CHUNK_WORDS * 4);
	while (offset < image->source.length && status == PVHLOAD_OK) {
		const size_t n =
			(size_t)pvl_min_u64(image->source.length - offset, CHUNK_WORDS * 4);

		status = pvl_source_read(&image->source, offset, chunk, n, err);
		for (size_t i = 0; i < n && status == PVHLOAD_OK; i += 4) {
			uint32_t word = 0;

			(void)pvl_span_le32((struct pvl_span){ chunk, n }, i, &word);
			if (!take_word(t, word))
				status = none(err);
		}
		offset += n;
	}
	free(chunk);
	return status;
}

/* Which table is which, by their number and the kernel's width. */
static bool assign(const struct pvhload_image *image, const struct tables *t,
		   struct pvhload_image_relocations *ret)
{
	const bool is64 = image->info.format == PVHLOAD_FORMAT_ELF64;

	if (is64 && t->count == 3) {
		ret->r64 = t->entries[0];
		ret->r32_inverse = t->entries[1];
		ret->r32 = t->entries[2];
	} else if (is64 && t->count == 2) {
		ret->r64 = t->entries[0];
		ret->r32 = t->entries[1];
	} else if (!is64 && t->count == 1) {
		ret->r32 = t->entries[0];
	} else {
		return false;
	}
	return true;
}

enum pvhload_status pvhload_image_count_relocations(const struct pvhload_image *image,
						    struct pvhload_image_relocations *relocations,
						    struct pvhload_error *err)
{
	struct pvhload_image_relocations found = PVHLOAD_IMAGE_RELOCATIONS_INIT;
	struct tables tables = { { 0 }, 0, 0 };
	enum pvhload_status status;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!image || !pvl_sized_out_usable(relocations, PVL_V1_RELOCATIONS))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the image or the result is NULL or has a wrong size");
	if (image->elf_end == 0)
		return none(err);
	found.offset = image->elf_end;
	found.size = image->source.length - image->elf_end;
	if (found.size < 4 || found.size % 4 != 0)
		return none(err);
	status = count_words(image, found.offset, &tables, err);
	if (status != PVHLOAD_OK)
		return status;
	if (!assign(image, &tables, &found))
		return none(err);
	pvl_sized_out(relocations, &found, sizeof(found));
	return PVHLOAD_OK;
}
