/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "pool_flat.h"

#include <string.h>

#include "flat_images.h"

#define HEADER       64u
#define OLD_OFFSET   0x80000u /* text_offset of a kernel that has no image_size */
#define BIG_ENDIAN   0x1u
#define ANYWHERE     0x8u
#define PAGE_SIZE_AT 1u /* bits of arm64's flags */

uint64_t flat_extent(const struct model_flat *flat)
{
	return flat->image_size > flat->bytes.size ? flat->image_size : flat->bytes.size;
}

uint64_t flat_page(const struct model_flat *flat)
{
	static const uint64_t pages[] = { 0x10000, 0x1000, 0x4000, 0x10000 };

	return flat->is_arm64 ? pages[flat->flags >> PAGE_SIZE_AT & 3] : 0x1000;
}

uint64_t flat_end(const struct model_flat *flat)
{
	return UINT64_C(1) << (flat->is_arm64 ? 48 : 56);
}

bool flat_moves(const struct model_flat *flat)
{
	return !flat->is_arm64 || flat->flags & ANYWHERE;
}

/* The header by its offsets, and bytes that are not zeros. */
static struct bytes build(const struct model_flat *flat, uint64_t text_offset, uint64_t size)
{
	struct bytes out = bytes_zero((size_t)size);

	for (size_t i = HEADER; i < out.size; i++)
		out.data[i] = (uint8_t)(i * 11 + (i >> 8) + 1) | 1;
	poke(&out, 8, text_offset, 8);
	poke(&out, 16, flat->image_size, 8);
	poke(&out, 24, flat->flags, 8);
	if (flat->is_arm64) {
		poke(&out, 56, 0x644d5241, 4);
		return out;
	}
	poke(&out, 32, 2, 4);
	poke(&out, 48, 0x5643534952, 8);
	poke(&out, 56, 0x05435352, 4);
	return out;
}

/* Around the file's size, or far above, as .bss is. */
static uint64_t make_size(const struct model_flat *flat, struct random *r, uint64_t size)
{
	if (flat->is_arm64 && random_one_in(r, 6))
		return 0;
	if (random_one_in(r, 3))
		return size - 1 + random_below(r, 3);
	if (random_one_in(r, 8))
		return 1 + random_below(r, size);
	return size + random_size(r, 0, random_one_in(r, 12) ? 35 : 26);
}

static void make_flat(struct model_flat *flat, struct random *r)
{
	static const uint64_t offsets[] = {
		0, 0, 0, 0x80000, 0x80000, 0x200000, 0x200000, 0x400000
	};
	const uint64_t size = HEADER + random_size(r, 0, 13);
	uint64_t offset = random_of(r, offsets);

	if (random_one_in(r, 6))
		offset = random_size(r, 3, 23) / 8 * 8;
	if (random_one_in(r, 2))
		offset = offset / 4096 * 4096;
	flat->image_size = make_size(flat, r, size);
	flat->flags = random_one_in(r, 8) ? BIG_ENDIAN : 0;
	if (flat->is_arm64) {
		flat->flags |= random_below(r, 4) << PAGE_SIZE_AT;
		flat->flags |= random_one_in(r, 3) ? 0 : ANYWHERE;
	}
	flat->bytes = build(flat, offset, size);
	flat->text_offset = flat->image_size == 0 ? OLD_OFFSET : offset;
}

/* As it is; compressed; an EFI zboot image; such a one compressed. */
static struct bytes pack(const struct bytes *flat, uint64_t how)
{
	struct bytes zboot, out;

	if (how == 0)
		return codecs[GZIP].compress(flat);
	if (how > 2)
		return bytes_copy(flat->data, flat->size);
	zboot = build_zboot(flat, GZIP, NULL);
	if (how == 1)
		return zboot;
	out = codecs[GZIP].compress(&zboot);
	bytes_free(&zboot);
	return out;
}

void flat_pool_make(struct model_image pool[FLAT_POOL_SIZE], struct random *r)
{
	for (size_t i = 0; i < FLAT_POOL_SIZE; i++) {
		struct model_image *image = &pool[i];

		memset(image, 0, sizeof(*image));
		image->is_flat = true;
		image->flat.is_arm64 = i % 2 == 0;
		make_flat(&image->flat, r);
		image->bytes = pack(&image->flat.bytes, random_below(r, 8));
		model_open(image);
	}
}

void flat_pool_free(struct model_image pool[FLAT_POOL_SIZE])
{
	for (size_t i = 0; i < FLAT_POOL_SIZE; i++) {
		pvhload_image_close(pool[i].image);
		bytes_free(&pool[i].bytes);
		bytes_free(&pool[i].flat.bytes);
	}
}
