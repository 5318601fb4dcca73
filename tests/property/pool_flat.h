/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Flat Images for arm64 and riscv64, plain or packed, and what each was made of. */
#ifndef PROPERTY_POOL_FLAT_H
#define PROPERTY_POOL_FLAT_H

#include "pool.h"

#define FLAT_POOL_SIZE 128u
void flat_pool_make(struct model_image pool[FLAT_POOL_SIZE], struct random *r);
void flat_pool_free(struct model_image pool[FLAT_POOL_SIZE]);

/* Bytes that it needs from its load address on. */
uint64_t flat_extent(const struct model_flat *flat);

/* Bytes of the kernel's pages. */
uint64_t flat_page(const struct model_flat *flat);

/* One past the highest address that a guest of its kind has. */
uint64_t flat_end(const struct model_flat *flat);

/* May it be elsewhere than as low as it fits? */
bool flat_moves(const struct model_flat *flat);

#endif
