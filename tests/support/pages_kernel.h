/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A kernel whose segments begin at pages of its file, as a linker makes them, so that they can be mapped. */
#ifndef SUPPORT_PAGES_KERNEL_H
#define SUPPORT_PAGES_KERNEL_H

#include "open_image.h"

/* Text that nobody writes, then data, whose pages from the second to the fifth are zeros; then .bss. */
#define PAGES_RAM       (4u << 20)
#define PAGES_TEXT      0x100000u
#define PAGES_TEXT_SIZE 0x8000u
#define PAGES_DATA      0x200000u
#define PAGES_DATA_SIZE 0x6123u
#define PAGES_ZEROS     (PAGES_DATA + 0x1000u)
#define PAGES_ZEROS_END (PAGES_DATA + 0x5000u)
#define PAGES_END       0x20a000u

struct bytes pages_kernel(void);

/* Text and data of it, to compare memory with. */
const uint8_t *pages_text(void);
const uint8_t *pages_data(void);

/* A plan of it in PAGES_RAM bytes of RAM, which has the image. */
struct pvhload_plan *pages_plan(struct pvhload_image *image);

/* Fresh private memory, PAGES_RAM bytes. */
uint8_t *pages_memory(void);

#endif
