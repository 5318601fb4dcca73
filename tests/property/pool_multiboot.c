/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Multiboot kernels: ELF files with a header or two after all else, and files that are none. */
#include <string.h>

#include "multiboot_images.h"
#include "pool.h"

#define HEADERS  0x100u /* bytes for both */
#define FOUR_GIB (UINT64_C(1) << 32)
#define FLAT_AT  0x40u /* the headers in a file that is no ELF file */

static bool is_usable(const struct model_image *image, uint64_t entry)
{
	return image->elf.end <= FOUR_GIB && model_has_code_at(&image->elf, entry);
}

static void add_tag(struct mb_spec *spec, struct mb_tag tag)
{
	spec->tags[spec->tag_count++] = tag;
}

/* Where it may be moved to. */
static void make_reloc(struct model_multiboot *m, struct random *r, struct mb_spec *spec)
{
	static const uint64_t aligns[] = { 1, 8, 0x1000, 0x1000, 0x200000 };

	m->has_reloc = true;
	m->align = random_of(r, aligns);
	m->min = random_one_in(r, 3) ? 0 : random_size(r, 12, 24);
	m->end = random_one_in(r, 2) ? FOUR_GIB : m->min + random_size(r, 16, 30);
	add_tag(spec, (struct mb_tag){
			      10,
			      0,
			      { (uint32_t)m->min, (uint32_t)(m->end - 1), (uint32_t)m->align, 0 },
			      4,
			      0 });
}

static void make_headers(struct model_image *image, struct random *r, struct mb_spec *spec)
{
	const uint64_t which = random_below(r, 3);

	image->has_multiboot = true;
	spec->has1 = which != 0;
	spec->has2 = which != 1;
	for (size_t i = 0; i < 2; i++) {
		image->multiboot[i].has = i == 0 ? spec->has1 : spec->has2;
		image->multiboot[i].entry = image->elf.entry;
	}
	if (spec->has2 && random_one_in(r, 2))
		make_reloc(&image->multiboot[1], r, spec);
}

static void judge(struct model_image *image)
{
	for (size_t i = 0; i < 2; i++)
		image->multiboot[i].usable =
			image->multiboot[i].has && is_usable(image, image->multiboot[i].entry);
}

static void make_elf(struct model_image *image, struct random *r)
{
	const bool is32 = !random_one_in(r, 4);
	struct mb_spec spec = { .has1 = false };
	const struct model_segment *first = &image->elf.segments[0];
	struct bytes elf = { NULL, 0 }, more;

	do { /* a note that says that it is Linux is for others */
		bytes_free(&elf);
		elf = pool_elf(&image->elf, r, is32);
	} while (image->elf.has_sign && !image->elf.has_text);
	image->elf.has_sign = false; /* a Multiboot header says that it is not */
	make_headers(image, r, &spec);
	if (spec.has2 && random_one_in(r, 3)) {
		image->multiboot[1].entry = (uint32_t)(first->gpa + random_below(r, 16));
		add_tag(&spec,
			(struct mb_tag){ 3, 0, { (uint32_t)image->multiboot[1].entry }, 1, 0 });
	}
	more = bytes_zero(HEADERS + 8 - elf.size % 8);
	spec.at1 = (elf.size + 7) / 8 * 8;
	spec.at2 = spec.at1 + 0x10;
	image->bytes = bytes_join(&elf, &more);
	put_multiboot(&image->bytes, &spec);
	bytes_free(&elf);
	bytes_free(&more);
}

/* One segment, by the address fields: what is after the header, of which some is left out at the end. */
static void make_flat(struct model_image *image, struct random *r)
{
	const uint32_t gpa = 0x1000 * (uint32_t)(1 + random_below(r, 0x4000));
	const uint64_t size = 0x200 + random_below(r, 0x1000), bytes = 0x200 + size;
	struct model_segment *s = &image->elf.segments[0];
	struct mb_spec spec = { .flags = 0x10000, .at1 = FLAT_AT, .at2 = FLAT_AT + 0x30 };
	const uint32_t skip = (uint32_t)random_below(r, FLAT_AT);

	*s = (struct model_segment){ gpa, size, size };
	s->mem_size += random_one_in(r, 2) ? random_size(r, 4, 24) : 0;
	image->elf.is32 = true;
	image->elf.count = 1;
	image->elf.low = gpa;
	image->elf.end = gpa + s->mem_size;
	image->elf.entry = gpa + random_below(r, size);
	make_headers(image, r, &spec);
	spec.address[0] = gpa + FLAT_AT - skip;
	spec.address[1] = gpa;
	spec.address[2] = (uint32_t)(gpa + size);
	spec.address[3] = s->mem_size > size ? (uint32_t)image->elf.end : 0;
	spec.address[4] = (uint32_t)image->elf.entry;
	add_tag(&spec,
		(struct mb_tag){ 2,
				 0,
				 { spec.address[0] + 0x30, gpa, spec.address[2], spec.address[3] },
				 4,
				 0 });
	add_tag(&spec, (struct mb_tag){ 3, 0, { spec.address[4] }, 1, 0 });
	image->bytes = bytes_zero((size_t)bytes);
	put_multiboot(&image->bytes, &spec);
	image->bytes.data[skip] = 1;
}

void multiboot_pool_make(struct model_image pool[POOL_SIZE], struct random *r)
{
	for (size_t i = 0; i < POOL_SIZE; i++) {
		struct model_image *image = &pool[i];

		memset(image, 0, sizeof(*image));
		image->is_elf = i % 4 != 0;
		if (image->is_elf)
			make_elf(image, r);
		else
			make_flat(image, r);
		judge(image);
		model_open(image);
	}
}
