/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * A screen that the guest finds when it starts: a framebuffer in memory that the VMM shows, or a VGA in
 * its text mode.
 *
 * ABI source: Linux, include/uapi/linux/screen_info.h; drivers/firmware/sysfb_simplefb.c, which says what
 * Linux takes of it.
 *
 * @since 0.2
 */
#ifndef PVHLOAD_FRAMEBUFFER_H
#define PVHLOAD_FRAMEBUFFER_H

#include <stddef.h>
#include <stdint.h>

#include <pvhload/macros.h>

/** pvhload_framebuffer::type. */
#define PVHLOAD_FRAMEBUFFER_LINEAR   0u /**< pixels, line after line, at pvhload_framebuffer::gpa */
#define PVHLOAD_FRAMEBUFFER_VGA_TEXT 1u /**< a VGA in mode 3: 80 by 25 characters at 0xb8000 */

/** Where a colour is within a pixel.  Frozen: it will not grow. */
struct pvhload_framebuffer_color {
	uint8_t position; /**< lowest bit */
	uint8_t size;     /**< bits */
};

/**
 * A screen.  The call that takes one fails with PVHLOAD_E_USAGE if a rule below is broken, and with
 * PVHLOAD_E_OVERLAP if its pixels overlap RAM of the map.  PVH has no field for it: a plan by PVH is refused with
 * PVHLOAD_E_PROTOCOL.
 *
 * 0 in @c type, @c size, @c stride and the colours is a default.  For PVHLOAD_FRAMEBUFFER_VGA_TEXT leave all
 * members other than @c struct_size and @c type 0.
 */
struct pvhload_framebuffer {
	size_t struct_size;      /**< sizeof(struct pvhload_framebuffer) */
	uint32_t type;           /**< PVHLOAD_FRAMEBUFFER_* */
	uint32_t bits_per_pixel; /**< 8, 15, 16, 24 or 32 */
	uint64_t gpa;  /**< of the first pixel, not 0; not in RAM that the map gives to the guest */
	uint64_t size; /**< bytes of video memory; 0: height * stride */
	uint32_t width;  /**< pixels of a line, 1 to 65535 */
	uint32_t height; /**< lines, 1 to 65535 */
	uint32_t stride; /**< bytes from one line to the next, at most 65535; 0: no gap */
	/**
	 * Colours, by the bits per pixel:
	 * - 32: if red, green or blue has size 0, all four are replaced: 8 bits each, blue lowest, the
	 *   top 8 unused.
	 * - 15, 16 and 24: red, green and blue must have a size.
	 * - 8: pixels are numbers of a palette, and the colours may be 0.
	 */
	struct pvhload_framebuffer_color red;
	struct pvhload_framebuffer_color green;  /**< see @c red */
	struct pvhload_framebuffer_color blue;   /**< see @c red */
	struct pvhload_framebuffer_color unused; /**< bits of a pixel that are no colour */
	uint32_t reserved;                       /**< 0 */
};

/** Initialiser for a struct pvhload_framebuffer. */
#define PVHLOAD_FRAMEBUFFER_INIT PVHLOAD_SIZED_(pvhload_framebuffer)

#endif
