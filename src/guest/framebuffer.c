/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* ABI source: Linux, drivers/firmware/sysfb_simplefb.c, and the widths of struct screen_info's fields. */
#include "guest/framebuffer.h"

#include "abi/sizes.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/sized.h"

#define COLORS 4u

static bool is_depth(uint32_t bits)
{
	return bits == 8 || bits == 15 || bits == 16 || bits == 24 || bits == 32;
}

static uint32_t line_bytes(const struct pvhload_framebuffer *fb)
{
	return fb->width * ((fb->bits_per_pixel + 7) / 8);
}

static bool has_colors(const struct pvhload_framebuffer *fb)
{
	return fb->red.size != 0 && fb->green.size != 0 && fb->blue.size != 0;
}

static bool has_none(const struct pvhload_framebuffer_color *color)
{
	return color->position == 0 && color->size == 0;
}

static void fill_defaults(struct pvhload_framebuffer *fb)
{
	if (fb->stride == 0)
		fb->stride = line_bytes(fb);
	if (fb->size == 0)
		fb->size = (uint64_t)fb->height * fb->stride;
	if (fb->bits_per_pixel != 32 || !has_none(&fb->red) || !has_none(&fb->green) ||
	    !has_none(&fb->blue) || !has_none(&fb->unused))
		return;
	fb->blue = (struct pvhload_framebuffer_color){ 0, 8 };
	fb->green = (struct pvhload_framebuffer_color){ 8, 8 };
	fb->red = (struct pvhload_framebuffer_color){ 16, 8 };
	fb->unused = (struct pvhload_framebuffer_color){ 24, 8 };
}

/* Each within a pixel, and no bit in two. */
static enum pvhload_status check_colors(const struct pvhload_framebuffer *fb,
					struct pvhload_error *err)
{
	const struct pvhload_framebuffer_color colors[COLORS] = { fb->red, fb->green, fb->blue,
								  fb->unused };
	uint64_t seen = 0, bits;

	/* 8 bits per pixel are numbers of a palette. */
	if (fb->bits_per_pixel > 8 && !has_colors(fb))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the framebuffer's colours have no size");
	for (size_t i = 0; i < COLORS; i++) {
		if (colors[i].size > fb->bits_per_pixel ||
		    colors[i].position > fb->bits_per_pixel - colors[i].size)
			return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
					"a colour of the framebuffer, %u bits from bit %u on, "
					"leaves the %" PRIu32 " bits of a pixel",
					colors[i].size, colors[i].position, fb->bits_per_pixel);
		bits = (((uint64_t)1 << colors[i].size) - 1) << colors[i].position;
		if ((seen & bits) != 0)
			return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
					"two colours of the framebuffer share bits 0x%" PRIx64,
					seen & bits);
		seen |= bits;
	}
	return PVHLOAD_OK;
}

static enum pvhload_status check_linear(struct pvhload_framebuffer *fb, struct pvhload_error *err)
{
	struct pvl_range range;

	if (fb->width == 0 || fb->width > UINT16_MAX || fb->height == 0 ||
	    fb->height > UINT16_MAX || !is_depth(fb->bits_per_pixel))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"a framebuffer of %" PRIu32 " by %" PRIu32 " pixels of %" PRIu32
				" bits: it takes 1 to 65535 by 1 to 65535, of 8, 15, 16, 24 or 32",
				fb->width, fb->height, fb->bits_per_pixel);
	fill_defaults(fb);
	if (fb->stride < line_bytes(fb) || fb->stride > UINT16_MAX)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the framebuffer's stride, %" PRIu32 ", is not between the %" PRIu32
				" bytes of a line and 65535",
				fb->stride, line_bytes(fb));
	if (fb->size < (uint64_t)fb->height * fb->stride)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the framebuffer's size, %" PRIu64 ", is less than the %" PRIu64
				" bytes of its lines",
				fb->size, (uint64_t)fb->height * fb->stride);
	if (fb->gpa == 0 || !pvl_range_make(fb->gpa, fb->size, &range))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_GPA(fb->gpa),
				"a framebuffer of %" PRIu64 " bytes cannot be at 0x%" PRIx64,
				fb->size, fb->gpa);
	return check_colors(fb, err);
}

static bool is_text(const struct pvhload_framebuffer *fb)
{
	const struct pvhload_framebuffer text = { .struct_size = fb->struct_size,
						  .type = fb->type };

	return memcmp(fb, &text, sizeof(text)) == 0; /* there is no padding */
}

enum pvhload_status pvl_framebuffer_open(const struct pvhload_framebuffer *caller,
					 struct pvhload_framebuffer *ret, struct pvhload_error *err)
{
	if (!pvl_sized_in(ret, sizeof(*ret), caller, PVL_V1_FRAMEBUFFER) || ret->reserved != 0 ||
	    ret->type > PVHLOAD_FRAMEBUFFER_VGA_TEXT)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the framebuffer has a wrong size or an unknown type");
	if (ret->type == PVHLOAD_FRAMEBUFFER_LINEAR)
		return check_linear(ret, err);
	if (!is_text(ret))
		return pvl_fail(
			err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
			"a VGA's text mode has no pixels: the framebuffer's other members are 0");
	return PVHLOAD_OK;
}

enum pvhload_status pvl_framebuffer_check_map(const struct pvhload_framebuffer *fb,
					      const struct pvhload_memmap_entry *entries,
					      size_t count, struct pvhload_error *err)
{
	const struct pvl_range range = { fb->gpa, fb->gpa + fb->size };

	for (size_t i = 0; i < count; i++) {
		const struct pvl_range entry = pvl_memmap_range(&entries[i]);

		if (entries[i].type == PVHLOAD_MEMMAP_RAM && pvl_range_overlap(range, entry))
			return pvl_fail(err, PVHLOAD_E_OVERLAP, PVL_GPA(fb->gpa),
					"the framebuffer " PVL_RANGE_FMT
					" overlaps RAM " PVL_RANGE_FMT,
					PVL_RANGE_ARG(range), PVL_RANGE_ARG(entry));
	}
	return PVHLOAD_OK;
}
