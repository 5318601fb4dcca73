/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Any bytes, compressed by each codec: as a stream of its own, decoded as a payload is, and as a whole file; and behind a
 * kernel, as the payload of a bzImage that is extracted again.  What comes out is what went in.
 *
 * Input: the codec, how often the bytes are repeated, then the bytes.  Or a byte 0xff, and numbers that overwrite bytes of
 * two chunks of LZ4's, which a pool decodes.
 */
#include <string.h>

#include <pvhload/pvhload.h>

#include "codec/codec.h"
#include "fuzz.h"
#include "images.h"
#include "fuzz_input.h"

#define SIZE_MAX_RAW 0x40000u
#define SIZE_MAX_FEW 0x3000u /* most inputs: what is large takes long */
#define CHOSEN       16u     /* one input in so many may be large, or goes to a pool */

/* The bytes as often as asked for, up to @most, so that there are long matches and far ones. */
static struct bytes repeated(const struct bytes *once, unsigned int times, size_t most)
{
	struct bytes out;

	while (times > 1 && once->size * times > most)
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

static int call_tasks(void *user, void (*task)(void *arg, size_t index), void *arg, size_t count)
{
	(void)user;
	for (size_t i = count; i-- > 0;)
		task(arg, i);
	return 0;
}

static int64_t read_at(void *user, uint64_t offset, void *dst, size_t len)
{
	memcpy(dst, (const uint8_t *)user + offset, len);
	return (int64_t)len;
}

/* A kernel whose segment is more than a chunk, the first of more than 64 KiB; made once. */
static const struct bytes *two_chunks(void)
{
	static struct bytes file;

	if (!file.data) {
		struct bytes zeros = bytes_zero((8u << 20) + 0x10000), elf;
		const struct elf_spec spec = {
			.entry = SMALL_LOW,
			.segments = { { PH_LOAD, SMALL_LOW, zeros.data, zeros.size, zeros.size,
					0x1000 } },
			.segment_count = 1,
		};

		for (uint32_t i = 0, x = 1; i < 0xc000; i++, x = x * 1664525 + 1013904223)
			zeros.data[i] = (uint8_t)(x >> 24);
		elf = build_elf(&spec);
		file = build_compressed(&elf, LZ4);
		bytes_free(&elf);
		bytes_free(&zeros);
	}
	return &file;
}

/* With a pool from a buffer, or without one from a reader. */
static struct pvhload_image *decode(const struct bytes *file, const struct pvhload_pool *pool,
				    struct pvhload_error *err, enum pvhload_status *ret)
{
	const struct pvhload_source source =
		pool ? pvhload_source_buffer(file->data, file->size)
		     : pvhload_source_reader(read_at, file->data, file->size);
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	struct pvhload_image *image = NULL;

	options.pool = pool;
	*ret = pvhload_image_open(&source, &options, &image, err);
	if (*ret == PVHLOAD_OK)
		*ret = pvhload_image_decode(image, err);
	return image;
}

/* With a pool and without the same status, message and bytes. */
static void by_pool(struct input *in)
{
	static uint8_t a[0x10000], b[0x10000];
	struct pvhload_error errs[2] = { PVHLOAD_ERROR_INIT, PVHLOAD_ERROR_INIT };
	struct bytes file = bytes_copy(two_chunks()->data, two_chunks()->size);
	const struct pvhload_pool pool = { sizeof(pool), call_tasks, NULL };
	struct pvhload_image *images[2];
	enum pvhload_status statuses[2];

	input_damage(in, &file);
	images[0] = decode(&file, &pool, &errs[0], &statuses[0]);
	images[1] = decode(&file, NULL, &errs[1], &statuses[1]);
	MUST(statuses[0] == statuses[1] && strcmp(errs[0].message, errs[1].message) == 0);
	if (statuses[0] == PVHLOAD_OK && pvhload_image_payload(images[0])) {
		const struct pvhload_image *p = pvhload_image_payload(images[0]);
		const struct pvhload_image *q = pvhload_image_payload(images[1]);
		const uint64_t size = pvhload_image_get_info(p)->size;

		MUST(pvhload_image_get_info(q)->size == size);
		for (uint64_t at = 0; at < size; at += sizeof(a)) {
			const size_t n = size - at < sizeof(a) ? (size_t)(size - at) : sizeof(a);

			MUST(pvhload_image_read(p, at, a, n, NULL) == PVHLOAD_OK);
			MUST(pvhload_image_read(q, at, b, n, NULL) == PVHLOAD_OK);
			MUST(memcmp(a, b, n) == 0);
		}
	}
	pvhload_image_close(images[0]);
	pvhload_image_close(images[1]);
	bytes_free(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size, 0 };
	const enum codec codec = (enum codec)input_below(&in, FRAMINGS);
	const unsigned int times = 1u << input_byte(&in) % 12;
	const bool chosen = input_is_chosen(data, size, CHOSEN);
	struct bytes once, raw, packed;

	if (size > 0 && data[0] == 0xff && codecs[LZ4].compress) {
		in.at = 1;
		if (chosen)
			by_pool(&in);
		return 0;
	}
	if (!codecs[codec].compress)
		return 0;
	once = input_rest(&in);
	if (once.size > 1 && once.size <= SIZE_MAX_RAW) {
		raw = repeated(&once, times, chosen ? SIZE_MAX_RAW : SIZE_MAX_FEW);
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
