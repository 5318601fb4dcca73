/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "open_image.h"

struct pvhload_image *open_bytes(const struct bytes *bytes)
{
	struct pvhload_source source = pvhload_source_buffer(bytes->data, bytes->size);
	struct pvhload_image *image = NULL;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, NULL, &image, &err));
	ck_assert_ptr_nonnull(image);
	return image;
}

struct pvhload_error refuse_bytes(const struct bytes *bytes, enum pvhload_status status)
{
	struct pvhload_source source = pvhload_source_buffer(bytes->data, bytes->size);
	struct pvhload_image *const untouched = (struct pvhload_image *)(uintptr_t)0x5a5a;
	struct pvhload_image *image = untouched;
	struct pvhload_error err;

	ck_status(status, err, pvhload_image_open(&source, NULL, &image, &err));
	ck_assert_ptr_eq(image, untouched);
	return err;
}

struct pvhload_error refuse_decode(const struct bytes *bytes, uint64_t limit,
				   enum pvhload_status status)
{
	struct pvhload_source source = pvhload_source_buffer(bytes->data, bytes->size);
	struct pvhload_image_options options = { .struct_size = sizeof(options),
						 .decode_limit = limit };
	struct pvhload_image *image = NULL;
	struct pvhload_error err;
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, &options, &image, &err));
	ck_status(status, err, pvhload_image_decode(image, &err));
	ck_assert_ptr_null(pvhload_image_payload(image));
	pvhload_image_close(image);
	return err;
}

struct pvhload_error refuse_elf(const struct elf_spec *spec, enum pvhload_status status)
{
	struct bytes bytes = build_elf(spec);
	struct pvhload_error err = refuse_bytes(&bytes, status);

	bytes_free(&bytes);
	return err;
}

struct pvhload_memmap ram_map(struct pvhload_memmap_entry entries[3], uint64_t ram_size)
{
	struct pvhload_memmap map = { sizeof(map), entries, 3, 0, 0 };
	struct pvhload_memmap_x86 x86 = { .struct_size = sizeof(x86), .ram_size = ram_size };
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_memmap_init_x86(&x86, &map, &err));
	return map;
}
