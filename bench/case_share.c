/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A second guest from an image that the first has decoded. */
#include "bench.h"

/* The first guest opens the image for both. */
static int decode_once(struct bench *b)
{
	return guest_open(b) || pvhload_image_decode(b->image, &b->err) ? -1 : 0;
}

static int fill_another(struct bench *b)
{
	return guest_fill(b, pvhload_ram_flat_ops());
}

static int fill_first(struct bench *b)
{
	struct pvhload_image *const decoded = b->image;
	const int failed = guest_load(b);

	pvhload_image_close(b->image);
	b->image = decoded;
	return failed;
}

static void free_plan(struct bench *b)
{
	pvhload_plan_free(b->plan);
	b->plan = NULL;
}

#define SECOND(codec, series)                                                                    \
	{                                                                                        \
		.name = "share/" codec "/copied", .over = "the first guest", .kernel = (series), \
		.file = "vmlinuz", .ram = RAM_FRESH, .prepare = decode_once,                     \
		.measured = fill_another, .limit = fill_first, .finish = free_plan               \
	}

const struct bench_case share_cases[] = {
	SECOND("lz4", "6.1"),
	SECOND("zstd", "6.12"),
	{ 0 },
};
