/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Any bytes after the magic of an ELF file: what the library says of its segments is what the program headers say, by a
 * walk of our own, and the PVH entry is among them.
 *
 * Input: a byte of switches, then the file, whose first 20 bytes are made plausible unless the switches say otherwise.
 */
#include <string.h>

#include "image_check.h"
#include "fuzz_input.h"

enum { IS_32 = 1, AS_IT_IS = 2 };
enum { LOAD = 1 };

struct header {
	uint64_t at, offset, paddr, file_size, mem_size;
};

static struct header program_header(const struct bytes *file, size_t i)
{
	const bool is32 = file->data[4] == 1;
	const uint64_t at =
		peek(file->data + (is32 ? 28 : 32), is32 ? 4 : 8) + i * (is32 ? 32 : 56);
	const uint8_t *p = file->data + at;

	MUST(at <= file->size && file->size - at >= (is32 ? 32 : 56));
	if (peek(p, 4) != LOAD)
		return (struct header){ 0, 0, 0, 0, 0 };
	if (is32)
		return (struct header){ at, peek(p + 4, 4), peek(p + 12, 4), peek(p + 16, 4),
					peek(p + 20, 4) };
	return (struct header){ at, peek(p + 8, 8), peek(p + 24, 8), peek(p + 32, 8),
				peek(p + 40, 8) };
}

static void same_segment(const struct pvhload_image_segment *s, const struct header *h,
			 const struct pvhload_range *range, uint64_t size)
{
	MUST(s->gpa == h->paddr && s->mem_size == h->mem_size && s->file_size == h->file_size);
	MUST(s->file_size <= s->mem_size && s->mem_size <= UINT64_MAX - s->gpa);
	MUST(s->file_size == 0 ||
	     (s->offset == h->offset && s->offset <= size && s->file_size <= size - s->offset));
	MUST(s->gpa >= range->gpa && s->gpa + s->mem_size <= range->gpa + range->size);
}

static void look_at_segments(const struct pvhload_image_elf *elf, const struct bytes *file)
{
	const size_t count = (size_t)peek(file->data + (file->data[4] == 1 ? 44 : 56), 2);
	size_t found = 0;

	/* 0xffff: the number is in a section header, which this walk does not read. */
	for (size_t i = 0; i < count && count < 0xffff; i++) {
		const struct header h = program_header(file, i);

		if (h.mem_size == 0)
			continue;
		MUST(found < elf->segment_count);
		same_segment(elf->segments[found++], &h, &elf->range, file->size);
	}
	MUST(found == elf->segment_count || count == 0xffff);
}

static void look(struct pvhload_image *image, const struct bytes *file)
{
	const struct pvhload_image_info *info = pvhload_image_get_info(image);
	const struct pvhload_image_pvh *pvh = info->pvh;

	if (!info->elf)
		return;
	MUST(info->elf->segment_count > 0 && info->elf->range.size > 0);
	look_at_segments(info->elf, file);
	if (!pvh || !pvh->reloc)
		return;
	MUST(pvh->reloc->align != 0 && (pvh->reloc->align & (pvh->reloc->align - 1)) == 0);
	MUST(pvh->reloc->min <= pvh->reloc->max);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t magic[7] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };
	struct input in = { data, size, 0 };
	const uint8_t switches = input_byte(&in);
	struct bytes file = input_rest(&in);

	if (file.size >= 20 && !(switches & AS_IT_IS)) {
		memcpy(file.data, magic, sizeof(magic));
		file.data[4] = switches & IS_32 ? 1 : 2;
		poke(&file, 16, 2, 2);
		poke(&file, 18, switches & IS_32 ? 3 : 62, 2);
	}
	image_check(&file, look, switches >> 2);
	bytes_free(&file);
	return 0;
}
