/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Made-up firmware. */
#ifndef SUPPORT_MADE_FIRMWARE_H
#define SUPPORT_MADE_FIRMWARE_H

#include "open_image.h"

#define RESET_CODE_SIZE 16u

/* @size bytes, each page full of its number from 1 on, that end with @reset and zeros. */
struct bytes build_firmware(size_t size, const uint8_t reset[RESET_CODE_SIZE]);

/* The same with a far jump to f000:e05b, as SeaBIOS has it. */
struct bytes build_bios(size_t size);

/* The options with which bytes are a firmware. */
struct pvhload_image_options firmware_options(void);

struct pvhload_image *open_firmware(const struct bytes *bytes);

#endif
