/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Any bytes as the setup header of a bzImage with a payload by any codec: what the library says of it is what the
 * protocol's version has at each offset.
 *
 * Input: the codec, switches, then bytes that overwrite the header from 0x1f1 on; what is not there stays plausible.
 */
#include <string.h>

#include "image_check.h"
#include "images.h"
#include "fuzz_input.h"

#define HEADER_AT  0x1f1u
#define HEADER_END 0x290u

enum { KEEP_PAYLOAD = 1, KEEP_VERSION = 2, KEEP_SECTORS = 4 };

/* As it was before the input went over it. */
static void keep(struct bytes *file, const struct bytes *model, size_t at, size_t size)
{
	memcpy(file->data + at, model->data + at, size);
}

/* The switches. */
static uint8_t put_header(struct input *in, struct bytes *file, const struct bytes *model)
{
	const uint8_t keeps = input_byte(in);
	const size_t left = in->size - in->at;
	const size_t size = left < HEADER_END - HEADER_AT ? left : HEADER_END - HEADER_AT;

	memcpy(file->data + HEADER_AT, in->data + in->at, size);
	keep(file, model, 0x1fe, 2); /* the signatures */
	keep(file, model, 0x202, 4);
	if (keeps & KEEP_PAYLOAD)
		keep(file, model, 0x248, 8);
	if (keeps & KEEP_VERSION)
		keep(file, model, 0x206, 2);
	if (keeps & KEEP_SECTORS)
		keep(file, model, 0x1f1, 1);
	return keeps;
}

/* A field of the header, 0 if its protocol version or its length has none. */
static uint64_t field(const uint8_t *data, uint64_t since, size_t offset, size_t size)
{
	const bool has = peek(data + 0x206, 2) >= since && 0x202u + data[0x201] >= offset + size;

	return has ? peek(data + offset, size) : 0;
}

static void look_at_payload(const struct pvhload_image_info *info, const struct bytes *file)
{
	const struct pvhload_image_part *part = info->parts[0];
	const uint8_t *data = file->data;

	MUST(part->kind == PVHLOAD_IMAGE_PART_KERNEL);
	MUST(part->offset == info->bzimage->code_offset + field(data, 0x208, 0x248, 4));
	MUST(part->size == field(data, 0x208, 0x24c, 4) && part->size >= 4);
	MUST(part->offset + part->size <= file->size);
	MUST(part->decoded_size == (part->codec == PVHLOAD_CODEC_NONE
					    ? part->size
					    : peek(data + part->offset + part->size - 4, 4)));
}

static void look_at_places(const struct pvhload_image_info *info, const uint8_t *data)
{
	MUST(info->relocatable == (field(data, 0x205, 0x234, 1) != 0));
	MUST(info->entry == field(data, 0x200, 0x214, 4));
	MUST(info->init_size == field(data, 0x20a, 0x260, 4));
	if (info->bzimage->boot_protocol >= 0x20a)
		MUST(info->preferred_address == field(data, 0x20a, 0x258, 8));
	if (info->relocatable)
		MUST(info->alignment > 0 && (info->alignment & (info->alignment - 1)) == 0 &&
		     info->bzimage->min_alignment <= info->alignment);
}

static void look_at_header(const struct pvhload_image *image, const struct bytes *file)
{
	uint8_t bytes[PVHLOAD_SETUP_HEADER_ROOM];
	size_t size = 0;

	MUST(pvhload_image_setup_header(image, bytes, sizeof(bytes), &size, NULL) == PVHLOAD_OK);
	MUST(size <= sizeof(bytes) && memcmp(bytes, file->data + HEADER_AT, size) == 0);
	MUST(pvhload_image_setup_header(image, bytes, size - 1, &size, NULL) == PVHLOAD_E_CAPACITY);
}

static void look(struct pvhload_image *image, const struct bytes *file)
{
	const struct pvhload_image_info *info = pvhload_image_get_info(image);
	const struct pvhload_image_bzimage *bz = info->bzimage;
	const uint8_t *data = file->data, sectors = data[0x1f1];

	if (!bz)
		return;
	MUST(bz->boot_protocol == peek(data + 0x206, 2));
	MUST(bz->loadflags == data[0x211]);
	MUST(bz->xloadflags == field(data, 0x20c, 0x236, 2));
	MUST(bz->code_offset == (uint64_t)512 * ((sectors ? sectors : 4u) + 1));
	MUST(bz->code_offset < file->size && bz->code_size <= file->size - bz->code_offset);
	look_at_places(info, data);
	look_at_header(image, file);
	if (info->part_count > 0)
		look_at_payload(info, file);
}

/* Made once: to compress takes longer than to fuzz. */
static const struct bytes *model_of(enum codec codec)
{
	static struct bytes models[CODECS];

	if (!codecs[codec].compress)
		codec = GZIP;
	if (!models[codec].data) {
		const struct elf_spec spec = small_kernel();
		struct bytes elf = build_elf(&spec);

		models[codec] = build_compressed(&elf, codec);
		bytes_free(&elf);
	}
	return &models[codec];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size, 0 };
	const struct bytes *model = model_of((enum codec)input_below(&in, CODECS));
	struct bytes file = bytes_copy(model->data, model->size);

	image_check(&file, look, put_header(&in, &file, model) >> 3);
	bytes_free(&file);
	return 0;
}
