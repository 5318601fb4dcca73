/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* ABI source: Linux, include/uapi/linux/screen_info.h and drivers/firmware/sysfb_simplefb.c. */
#include "core/checked.h"
#include "core/libc.h"
#include "core/span.h"
#include "core/store.h"
#include "linux/linux.h"

/* A VGA as its BIOS leaves it: IBM PC, mode 3. */
#define TEXT_MODE    3u
#define TEXT_COLUMNS 80u
#define TEXT_LINES   25u
#define TEXT_POINTS  16u

static void encode_text(uint8_t *info)
{
	info[PVHLOAD_SCREEN_MODE] = TEXT_MODE;
	info[PVHLOAD_SCREEN_COLUMNS] = TEXT_COLUMNS;
	info[PVHLOAD_SCREEN_LINES] = TEXT_LINES;
	info[PVHLOAD_SCREEN_TYPE] = PVHLOAD_SCREEN_TYPE_VGA;
	pvl_store_le16(info + PVHLOAD_SCREEN_POINTS, TEXT_POINTS);
}

static void encode_color(uint8_t *dst, struct pvhload_framebuffer_color color)
{
	dst[0] = color.size;
	dst[1] = color.position;
}

static void encode_linear(const struct pvhload_framebuffer *fb, uint8_t *info)
{
	/*
	 * Linux's driver for the first type takes the low half of the address for the whole: vesafb, seen by
	 * booting 6.1.  The second is made for EFI, and does not ask whether EFI made it.
	 */
	const bool low = fb->size <= PVL_4GIB && fb->gpa <= PVL_4GIB - fb->size;
	const uint64_t size = low ? (fb->size - 1) / PVHLOAD_SCREEN_LFB_SIZE_UNIT + 1 : fb->size;

	info[PVHLOAD_SCREEN_TYPE] = low ? PVHLOAD_SCREEN_TYPE_LINEAR : PVHLOAD_SCREEN_TYPE_EFI;
	pvl_store_le16(info + PVHLOAD_SCREEN_LFB_WIDTH, (uint16_t)fb->width);
	pvl_store_le16(info + PVHLOAD_SCREEN_LFB_HEIGHT, (uint16_t)fb->height);
	pvl_store_le16(info + PVHLOAD_SCREEN_LFB_DEPTH, (uint16_t)fb->bits_per_pixel);
	pvl_store_le32(info + PVHLOAD_SCREEN_LFB_BASE, (uint32_t)fb->gpa);
	/* More video memory than the field can say is more than any screen takes. */
	pvl_store_le32(info + PVHLOAD_SCREEN_LFB_SIZE, (uint32_t)pvl_min_u64(size, UINT32_MAX));
	pvl_store_le16(info + PVHLOAD_SCREEN_LFB_STRIDE, (uint16_t)fb->stride);
	encode_color(info + PVHLOAD_SCREEN_RED, fb->red);
	encode_color(info + PVHLOAD_SCREEN_GREEN, fb->green);
	encode_color(info + PVHLOAD_SCREEN_BLUE, fb->blue);
	encode_color(info + PVHLOAD_SCREEN_UNUSED, fb->unused);
	if (low)
		return;
	pvl_store_le32(info + PVHLOAD_SCREEN_CAPABILITIES, PVHLOAD_SCREEN_CAP_64BIT_BASE);
	pvl_store_le32(info + PVHLOAD_SCREEN_EXT_LFB_BASE, (uint32_t)(fb->gpa >> 32));
}

bool pvl_linux_decode_screen(const uint8_t *info, struct pvhload_framebuffer *ret)
{
	const struct pvl_span span = { info, PVHLOAD_SCREEN_INFO_SIZE };
	const uint8_t type = info[PVHLOAD_SCREEN_TYPE];
	const uint64_t unit = type == PVHLOAD_SCREEN_TYPE_LINEAR ? PVHLOAD_SCREEN_LFB_SIZE_UNIT : 1;
	struct pvl_range range;

	memset(ret, 0, sizeof(*ret));
	if (type != PVHLOAD_SCREEN_TYPE_LINEAR && type != PVHLOAD_SCREEN_TYPE_EFI)
		return false;
	ret->type = PVHLOAD_FRAMEBUFFER_LINEAR;
	ret->gpa = pvl_span_get32(span, PVHLOAD_SCREEN_LFB_BASE);
	ret->size = pvl_span_get32(span, PVHLOAD_SCREEN_LFB_SIZE) * unit;
	if (pvl_span_get32(span, PVHLOAD_SCREEN_CAPABILITIES) & PVHLOAD_SCREEN_CAP_64BIT_BASE)
		ret->gpa |= (uint64_t)pvl_span_get32(span, PVHLOAD_SCREEN_EXT_LFB_BASE) << 32;
	return ret->size > 0 && pvl_range_make(ret->gpa, ret->size, &range);
}

void pvl_linux_encode_screen(const struct pvhload_framebuffer *fb, uint8_t *info)
{
	if (fb->type == PVHLOAD_FRAMEBUFFER_VGA_TEXT)
		encode_text(info);
	else
		encode_linear(fb, info);
}
