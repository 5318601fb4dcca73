/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "uki_fixture.h"

struct pvhload_image *open_uki(const struct uki_spec *spec, struct bytes *bytes)
{
	*bytes = build_uki(spec);
	return open_bytes(bytes);
}

void close_uki(struct pvhload_image *image, struct bytes *bytes)
{
	pvhload_image_close(image);
	bytes_free(bytes);
}

/* The part is there, and has these bytes, by its numbers and as a source. */
void expect_part(const struct pvhload_image *image, const struct pvhload_image_part *part,
		 uint32_t kind, uint32_t profile, const void *bytes, size_t size)
{
	const struct pvhload_source source = pvhload_image_part_source(image, part);
	struct pvhload_error err;
	uint8_t read[4096];

	ck_assert_ptr_nonnull(part);
	ck_assert_uint_eq(part->kind, kind);
	ck_assert_uint_eq(part->profile, profile);
	ck_assert_uint_eq(part->codec, PVHLOAD_CODEC_NONE);
	ck_assert_uint_eq(part->decoded_size, 0);
	ck_assert_uint_eq(part->size, size);
	ck_assert_uint_eq(source.kind, PVHLOAD_SOURCE_BUFFER);
	ck_assert_uint_eq(source.size, size);
	ck_assert_uint_eq(source.flags, 0);
	ck_assert_uint_le(size, sizeof(read));
	ck_status(PVHLOAD_OK, err, pvhload_image_read(image, part->offset, read, size, &err));
	if (size == 0)
		return;
	ck_assert_mem_eq(read, bytes, size);
	ck_assert_mem_eq(source.data, bytes, size);
}

const struct pvhload_image_part *part_of(const struct pvhload_image *image, uint32_t kind)
{
	return pvhload_image_find_part(image, kind, 0);
}

void expect_text(const struct pvhload_image *image, uint32_t kind, uint32_t asked, uint32_t profile,
		 const char *text)
{
	expect_part(image, pvhload_image_find_part(image, kind, asked), kind, profile, text,
		    strlen(text));
}
