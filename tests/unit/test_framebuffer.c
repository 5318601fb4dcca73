/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The first screen: its struct screen_info, byte by byte, and what is refused. */
#include "linux_fixture.h"

static const struct {
	const char *name;
	struct pvhload_framebuffer fb;
	uint8_t info[64];
} good[] = {
	{ "XRGB8888, by default",
	  { .gpa = 0xe0000000, .width = 1024, .height = 768, .bits_per_pixel = 32 },
	  { [0x0f] = 0x23,
	    [0x13] = 4,
	    [0x15] = 3,
	    [0x16] = 32,
	    [0x1b] = 0xe0,
	    [0x1c] = 48,
	    [0x25] = 16,
	    [0x26] = 8,
	    16,
	    8,
	    8,
	    8,
	    0,
	    8,
	    24 } },
	{ "RGB565 above 4 GiB, with a gap after each line and more memory than lines",
	  { .gpa = 0x123450000,
	    .size = (17u << 16) + 1,
	    .width = 640,
	    .height = 480,
	    .stride = 2048,
	    .bits_per_pixel = 16,
	    .red = { 11, 5 },
	    .green = { 5, 6 },
	    .blue = { 0, 5 } },
	  { [0x0f] = 0x70,
	    [0x12] = 0x80,
	    2,
	    0xe0,
	    1,
	    16,
	    [0x1a] = 0x45,
	    0x23,
	    1,
	    0,
	    17,
	    [0x25] = 8,
	    5,
	    11,
	    6,
	    5,
	    5,
	    0,
	    [0x36] = 2,
	    [0x3a] = 1 } },
	{ "up to 4 GiB, and more than a multiple of 64 KiB",
	  { .gpa = 0xfffeffff, .size = 0x10001, .width = 1, .height = 1, .bits_per_pixel = 8 },
	  { [0x0f] = 0x23,
	    [0x12] = 1,
	    0,
	    1,
	    0,
	    8,
	    [0x18] = 0xff,
	    0xff,
	    0xfe,
	    0xff,
	    2,
	    [0x24] = 1 } },
	{ "15 bits",
	  { .gpa = 0xe0000000,
	    .width = 1,
	    .height = 1,
	    .bits_per_pixel = 15,
	    .red = { 10, 5 },
	    .green = { 5, 5 },
	    .blue = { 0, 5 } },
	  { [0x0f] = 0x23,
	    [0x12] = 1,
	    0,
	    1,
	    0,
	    15,
	    [0x1b] = 0xe0,
	    [0x1c] = 1,
	    [0x24] = 2,
	    0,
	    5,
	    10,
	    5,
	    5,
	    5 } },
	{ "one byte past 4 GiB",
	  { .gpa = 0xffff0000, .size = 0x10001, .width = 1, .height = 1, .bits_per_pixel = 8 },
	  { [0x0f] = 0x70,
	    [0x12] = 1,
	    0,
	    1,
	    0,
	    8,
	    [0x1a] = 0xff,
	    0xff,
	    1,
	    0,
	    1,
	    [0x24] = 1,
	    [0x36] = 2 } },
	{ "a palette",
	  { .gpa = 0xe0000000, .width = 320, .height = 200, .bits_per_pixel = 8 },
	  { [0x0f] = 0x23,
	    [0x12] = 0x40,
	    1,
	    200,
	    [0x16] = 8,
	    [0x1b] = 0xe0,
	    [0x1c] = 1,
	    [0x24] = 0x40,
	    1 } },
	{ "the largest",
	  { .gpa = 0xe0000000,
	    .size = UINT64_MAX - 0xe0000000,
	    .width = 16383,
	    .height = 65535,
	    .stride = 65535,
	    .bits_per_pixel = 32 },
	  { [0x0f] = 0x70,
	    [0x12] = 0xff,
	    0x3f,
	    0xff,
	    0xff,
	    32,
	    [0x1b] = 0xe0,
	    0xff,
	    0xff,
	    0xff,
	    0xff,
	    [0x24] = 0xff,
	    0xff,
	    8,
	    16,
	    8,
	    8,
	    8,
	    0,
	    8,
	    24,
	    [0x36] = 2 } },
	{ "text",
	  { .type = PVHLOAD_FRAMEBUFFER_VGA_TEXT },
	  { [0x06] = 3, 80, [0x0e] = 25, 1, 16 } },
};

START_TEST(screen_info)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct pvhload_framebuffer fb = good[i].fb;
		struct linux_fixture f;

		linux_setup(&f);
		fb.struct_size = sizeof(fb);
		f.params.framebuffer = &fb;
		linux_written(&f);
		for (size_t at = 0; at < 64; at++)
			ck_assert_msg(f.page[at] == good[i].info[at],
				      "%s: byte 0x%zx is 0x%x, not 0x%x", good[i].name, at,
				      f.page[at], good[i].info[at]);
		linux_teardown(&f);
	}
}
END_TEST

/* One member of a good one changed. */
static const struct {
	struct pvhload_framebuffer fb;
	enum pvhload_status status;
	const char *says;
} bad[] = {
	{ { .struct_size = 8 }, PVHLOAD_E_USAGE, "wrong size" },
	{ { .type = 2 }, PVHLOAD_E_USAGE, "unknown type" },
	{ { .reserved = 1 }, PVHLOAD_E_USAGE, "wrong size" },
	{ { .width = 65536 }, PVHLOAD_E_USAGE, "of 65536 by 480 pixels of 32 bits" },
	{ { .height = 65536 }, PVHLOAD_E_USAGE, "of 640 by 65536 pixels of 32 bits" },
	{ { .bits_per_pixel = 12 }, PVHLOAD_E_USAGE, "of 640 by 480 pixels of 12 bits" },
	{ { .stride = 2559 }, PVHLOAD_E_USAGE, "2559, is not between the 2560 bytes" },
	{ { .stride = 65536 }, PVHLOAD_E_USAGE, "65536, is not between" },
	{ { .width = 16384 }, PVHLOAD_E_USAGE, "65536, is not between the 65536 bytes" },
	{ { .size = 640 * 480 * 4 - 1 }, PVHLOAD_E_USAGE, "1228799, is less than the 1228800" },
	{ { .gpa = UINT64_MAX - 640 * 480 * 4 + 1 }, PVHLOAD_E_USAGE, "cannot be at 0x" },
	{ { .red = { 25, 8 }, .green = { 8, 8 }, .blue = { 0, 8 } },
	  PVHLOAD_E_USAGE,
	  "8 bits from bit 25 on, leaves the 32" },
	{ { .red = { 0, 33 }, .green = { 8, 8 }, .blue = { 0, 8 } }, PVHLOAD_E_USAGE, "33 bits" },
	{ { .red = { 15, 8 }, .green = { 8, 8 }, .blue = { 0, 8 } },
	  PVHLOAD_E_USAGE,
	  "share bits 0x8000" },
	{ { .bits_per_pixel = 24 }, PVHLOAD_E_USAGE, "colours have no size" },
	{ { .red = { 0, 10 }, .green = { 10, 10 } }, PVHLOAD_E_USAGE, "colours have no size" },
	{ { .unused = { 24, 8 } }, PVHLOAD_E_USAGE, "colours have no size" },
	{ { .gpa = 0x200000 }, PVHLOAD_E_OVERLAP, "overlaps RAM" },
	{ { .type = PVHLOAD_FRAMEBUFFER_VGA_TEXT }, PVHLOAD_E_USAGE, "has no pixels" },
};

static struct pvhload_framebuffer changed(struct pvhload_framebuffer change)
{
	change.struct_size = change.struct_size ? change.struct_size : sizeof(change);
	change.gpa = change.gpa ? change.gpa : 0xe0000000;
	change.width = change.width ? change.width : 640;
	change.height = change.height ? change.height : 480;
	change.bits_per_pixel = change.bits_per_pixel ? change.bits_per_pixel : 32;
	return change;
}

START_TEST(refusals)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct pvhload_framebuffer fb = changed(bad[i].fb);
		struct linux_fixture f;
		struct pvhload_error err;

		linux_setup(&f);
		f.params.framebuffer = &fb;
		err = linux_refused(&f, bad[i].status);
		ck_says(err, bad[i].says);
		linux_teardown(&f);
	}
}
END_TEST

/* By one byte, or not. */
START_TEST(beside_ram)
{
	struct pvhload_framebuffer fb =
		changed((struct pvhload_framebuffer){ .bits_per_pixel = 8 });
	struct linux_fixture f;
	struct pvhload_error err;

	linux_setup(&f);
	f.params.framebuffer = &fb;
	fb.gpa = f.map.entries[f.map.count - 1].gpa + f.map.entries[f.map.count - 1].size - 1;
	err = linux_refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "overlaps RAM [0x100000, 0x400000)");
	fb.gpa++;
	linux_written(&f);
	linux_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("framebuffer");

	ADD_TESTS(suite, "framebuffer", screen_info, refusals, beside_ram);
	return run_suite(suite);
}
