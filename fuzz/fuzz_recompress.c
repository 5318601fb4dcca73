/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Any bytes, compressed by each codec: as a stream of its own, decoded as a payload is, and as a whole file; and behind a
 * kernel, as the payload of a bzImage that is extracted again.  What comes out is what went in.
 *
 * Input: the codec, how often the bytes are repeated, then the bytes.
 */
#include <string.h>

#include <pvhload/pvhload.h>

#include "codec/codec.h"
#include "fuzz.h"
#include "images.h"
#include "fuzz_input.h"

#define SIZE_MAX_RAW 0x40000u

/* The bytes as often as asked for, so that there are long matches and far ones. */
static struct bytes repeated(const struct bytes *once, unsigned int times)
{
	struct bytes out;

	while (times > 1 && once->size * times > SIZE_MAX_RAW)
		times--;
	out = bytes_zero(once->size * times);
	for (unsigned int i = 0; i < times; i++)
		memcpy(out.data + i * once->size, once->data, once->size);
	return out;
}

static void as_payload(const struct bytes *raw, const struct bytes *packed, uint32_t id)
{
	const struct pvl_stream stream = { { packed->data, packed->size }, 0, NULL };
	const struct pvl_codec *codec = pvl_codec_find(stream.bytes);
	uint8_t *back = malloc(raw->size);

	MUST(back && codec && codec->id == id);
	MUST(pvl_codec_decode(codec, stream, back, raw->size, NULL, NULL) == PVHLOAD_OK);
	MUST(memcmp(back, raw->data, raw->size) == 0);
	free(back);
}

static void as_file(const struct bytes *raw, const struct bytes *packed)
{
	const struct pvl_stream stream = { { packed->data, packed->size }, 0, NULL };
	const struct pvl_codec *codec = pvl_codec_find_file(stream.bytes);
	struct bytes back = { NULL, 0 };

	MUST(codec != NULL);
	MUST(pvl_codec_decode_file(codec, stream, raw->size, "the limit", NULL, &back.data,
				   &back.size, NULL) == PVHLOAD_OK);
	MUST(back.size == raw->size && memcmp(back.data, raw->data, raw->size) == 0);
	free(back.data);
	/* One byte less is too little. */
	back = (struct bytes){ NULL, 0 };
	MUST(pvl_codec_decode_file(codec, stream, raw->size - 1, "the limit", NULL, &back.data,
				   &back.size, NULL) == PVHLOAD_E_LIMIT);
	MUST(!back.data);
}

/* The bytes as a segment of a kernel, in a bzImage. */
static void as_kernel(const struct bytes *raw, enum codec codec)
{
	const struct elf_spec spec = {
		.entry = SMALL_LOW,
		.segments = { { PH_LOAD, SMALL_LOW, raw->data, raw->size, raw->size, 0x1000 } },
		.segment_count = 1,
	};
	struct bytes elf = build_elf(&spec), file = build_compressed(&elf, codec);
	const struct pvhload_source source = pvhload_source_buffer(file.data, file.size);
	struct bytes back = bytes_zero(elf.size);
	struct pvhload_image *image = NULL;

	MUST(pvhload_image_open(&source, NULL, &image, NULL) == PVHLOAD_OK);
	MUST(pvhload_image_decode(image, NULL) == PVHLOAD_OK);
	MUST(pvhload_image_get_info(pvhload_image_payload(image))->size == elf.size);
	MUST(pvhload_image_read(pvhload_image_payload(image), 0, back.data, back.size, NULL) ==
	     PVHLOAD_OK);
	MUST(memcmp(back.data, elf.data, elf.size) == 0);
	pvhload_image_close(image);
	bytes_free(&back);
	bytes_free(&file);
	bytes_free(&elf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size, 0 };
	const enum codec codec = (enum codec)input_below(&in, FRAMINGS);
	const unsigned int times = 1u << input_byte(&in) % 12;
	struct bytes once, raw, packed;

	if (!codecs[codec].compress)
		return 0;
	once = input_rest(&in);
	if (once.size > 1 && once.size <= SIZE_MAX_RAW) {
		raw = repeated(&once, times);
		packed = codecs[codec].compress(&raw);
		if (codec < CODECS) {
			as_payload(&raw, &packed, codecs[codec].id);
			as_kernel(&raw, codec);
		}
		as_file(&raw, &packed);
		bytes_free(&packed);
		bytes_free(&raw);
	}
	bytes_free(&once);
	return 0;
}
