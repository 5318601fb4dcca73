/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Streams that decode to 2 GiB, by each codec, in a file and in a bzImage: what is taken of host memory goes by the
 * limit, and that it is passed is found out once.
 */
#include "heap_calls.h"
#include "image/image.h"
#include "open_image.h"

#define MIB          (1u << 20)
#define PIECE        (64u * MIB) /* that many bytes are compressed, */
#define PIECES       32u         /* and the stream repeated */
#define DECODE_LIMIT (16u * MIB)
/* A buffer that doubles takes twice the limit; what the encoder's usual settings want of a decoder is below the rest. */
#define HEAP_MOST (2 * DECODE_LIMIT + 96u * MIB)

/* Streams one after the other, 2 GiB in all. */
static struct bytes bomb_of(enum codec codec)
{
	struct bytes zeros = bytes_zero(PIECE), one = codecs[codec].compress(&zeros), all;

	bytes_free(&zeros);
	all = bytes_zero(PIECES * one.size);
	for (size_t i = 0; i < PIECES; i++)
		memcpy(all.data + i * one.size, one.data, one.size);
	bytes_free(&one);
	ck_assert_uint_lt(all.size, DECODE_LIMIT);
	return all;
}

struct counted {
	struct bytes bytes;
	size_t reads;
	struct pvhload_image *image;
};

static int64_t read_counted(void *user, uint64_t offset, void *dst, size_t len)
{
	struct counted *c = user;

	c->reads++;
	memcpy(dst, c->bytes.data + offset, len);
	return (int64_t)len;
}

static void open_counted(struct counted *c, struct bytes bytes)
{
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	struct pvhload_source source;
	struct pvhload_error err;

	*c = (struct counted){ .bytes = bytes };
	source = pvhload_source_reader(read_counted, c, bytes.size);
	options.decode_limit = DECODE_LIMIT;
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, &options, &c->image, &err));
}

/* Three calls fail alike, and only the first reads, or takes memory for what it decodes. */
static struct pvhload_error refused_once(struct counted *c, enum pvhload_status status)
{
	const bool seen = heap_calls_seen();
	struct pvhload_error first, err;
	struct heap_calls calls;

	heap_calls_begin();
	ck_status(status, first, pvhload_image_decode(c->image, &first));
	calls = heap_calls_end();
	if (seen)
		ck_assert_msg(calls.bytes < HEAP_MOST, "%zu bytes", calls.bytes);
	c->reads = 0;
	for (int i = 0; i < 2; i++) {
		heap_calls_begin();
		if (i == 0)
			ck_status(status, err, pvhload_image_decode(c->image, &err));
		else
			ck_status(status, err, pvhload_image_share(c->image, &err));
		calls = heap_calls_end();
		if (seen)
			ck_assert_msg(calls.bytes < MIB, "%zu bytes once more", calls.bytes);
		ck_assert_str_eq(first.message, err.message);
	}
	ck_assert_uint_eq(c->reads, 0);
	ck_assert_ptr_null(pvhload_image_payload(c->image));
	pvhload_image_close(c->image);
	bytes_free(&c->bytes);
	return first;
}

START_TEST(files)
{
	const enum codec codec = (enum codec)_i;
	struct counted c;

	if (skip_without(codec))
		return;
	open_counted(&c, bomb_of(codec));
	ck_says(refused_once(&c, PVHLOAD_E_LIMIT), codecs[codec].name, "more than decode_limit, ");
}
END_TEST

/* One that says that it is 4096 bytes, and one that says what it is. */
START_TEST(payloads)
{
	const enum codec codec = (enum codec)_i;
	struct bytes bomb;

	if (skip_without(codec))
		return;
	bomb = bomb_of(codec);
	for (int honest = 0; honest <= 1; honest++) {
		const struct bzimage_spec spec = { .payload = bomb.data,
						   .payload_size = bomb.size,
						   .decoded_size = honest ? 2048 * MIB : 4096 };
		struct counted c;

		open_counted(&c, build_bzimage(&spec));
		if (honest)
			ck_says(refused_once(&c, PVHLOAD_E_LIMIT), "2147483648", "decode_limit");
		else
			ck_says(refused_once(&c, PVHLOAD_E_MALFORMED), "more than the 4096 bytes");
	}
	bytes_free(&bomb);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("bombs");
	TCase *all = tcase_create("bombs");

	tcase_add_loop_test(all, files, 0, FRAMINGS);
	tcase_add_loop_test(all, payloads, 0, CODECS);
	tcase_set_timeout(all, 120);
	suite_add_tcase(suite, all);
	return run_suite(suite);
}
