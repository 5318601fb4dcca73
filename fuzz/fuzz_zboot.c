/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * An EFI zboot image whose payload is any bytes, really compressed, or a flat Image with any header: decoded, it is what
 * went in.
 *
 * Input: the codec, the machine, the flat Image's header; then up to three numbers that overwrite any of the file.
 */
#include <string.h>

#include "flat_images.h"
#include "image_check.h"
#include "fuzz_input.h"

#define HEADER_SIZE 64u

static struct bytes payload; /* of the file that is looked at */

static void look(struct pvhload_image *image, const struct bytes *file)
{
	const struct pvhload_image_info *info = pvhload_image_get_info(image), *inner;
	uint8_t *back;

	(void)file;
	if (info->format != PVHLOAD_FORMAT_EFI_ZBOOT ||
	    pvhload_image_decode(image, NULL) != PVHLOAD_OK)
		return;
	inner = pvhload_image_get_info(pvhload_image_payload(image));
	MUST(inner->flat && inner->size > 0);
	MUST(info->parts[0]->decoded_size == inner->size);
	if (!payload.data)
		return;
	back = malloc(payload.size);
	MUST(back && inner->size == payload.size);
	MUST(pvhload_image_read(pvhload_image_payload(image), 0, back, payload.size, NULL) ==
	     PVHLOAD_OK);
	MUST(memcmp(back, payload.data, payload.size) == 0);
	free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size, 0 };
	enum codec codec = (enum codec)input_below(&in, CODECS);
	struct bytes raw = build_flat((enum flat)input_below(&in, FLATS), true), file;
	const size_t changed = (size_t)input_below(&in, HEADER_SIZE);

	if (!codecs[codec].compress || codec == BZIP2) /* zboot never had it */
		codec = GZIP;
	for (size_t i = 0; i < changed; i++)
		raw.data[i < 56 ? i : 0] ^= input_byte(&in); /* the magic stays */
	file = build_zboot(&raw, codec, NULL);
	payload = raw;
	if (in.at < in.size) {
		payload.data = NULL; /* it may decode to something else */
		input_damage(&in, &file);
	}
	image_check(&file, look, (unsigned int)in.at);
	bytes_free(&file);
	bytes_free(&raw);
	return 0;
}
