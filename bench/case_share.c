/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A second guest from an image that the first has decoded: copied, or mapped by both. */
#include "bench.h"

/* The first guest opens the image for both. */
static int decode_once(struct bench *b)
{
	return guest_open(b) || pvhload_image_decode(b->image, &b->err) ? -1 : 0;
}

static int copy_another(struct bench *b)
{
	return guest_fill(b, pvhload_ram_flat_ops());
}

/* @fill an image of its own, and leave the one that is kept for the second guest. */
static int fill_first(struct bench *b, int (*open)(struct bench *), int (*fill)(struct bench *))
{
	struct pvhload_image *const kept = b->image;
	const int failed = open(b) || fill(b) ? -1 : 0;

	pvhload_image_close(b->image);
	b->image = kept;
	return failed;
}

static int copy_first(struct bench *b)
{
	return fill_first(b, guest_open, copy_another);
}

static int map_first(struct bench *b)
{
	return fill_first(b, guest_share, guest_map);
}

#define SECOND(codec, series, how, once, another, first, symbol, most)                         \
	{                                                                                      \
		.name = "share/" codec "/" how, .over = "the first guest", .kernel = (series), \
		.file = "vmlinuz", .ram = RAM_FRESH, .needs = (symbol), .target = (most),      \
		.has_pss = true, .prepare = (once), .measured = (another), .limit = (first),   \
		.finish = guest_free_plan                                                      \
	}
#define COPIED(codec, series) \
	SECOND(codec, series, "copied", decode_once, copy_another, copy_first, NULL, 0)
#define MAPPED(codec, series)                                                                     \
	SECOND(codec, series, "mapped", guest_share, guest_map, map_first, "pvhload_image_share", \
	       0.02)

const struct bench_case share_cases[] = {
	COPIED("lz4", "6.1"),
	COPIED("zstd", "6.12"),
	MAPPED("lz4", "6.1"),
	MAPPED("zstd", "6.12"),
	{ 0 },
};
