/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Stores, byte by byte, into buffers of ours: little-endian, but for those of device trees. */
#ifndef PVL_CORE_STORE_H
#define PVL_CORE_STORE_H

#include <stdint.h>

static inline void pvl_store_le16(uint8_t *dst, uint16_t value)
{
	dst[0] = (uint8_t)value;
	dst[1] = (uint8_t)(value >> 8);
}

static inline void pvl_store_le32(uint8_t *dst, uint32_t value)
{
	pvl_store_le16(dst, (uint16_t)value);
	pvl_store_le16(dst + 2, (uint16_t)(value >> 16));
}

static inline void pvl_store_le64(uint8_t *dst, uint64_t value)
{
	pvl_store_le32(dst, (uint32_t)value);
	pvl_store_le32(dst + 4, (uint32_t)(value >> 32));
}

static inline void pvl_store_be32(uint8_t *dst, uint32_t value)
{
	dst[0] = (uint8_t)(value >> 24);
	dst[1] = (uint8_t)(value >> 16);
	dst[2] = (uint8_t)(value >> 8);
	dst[3] = (uint8_t)value;
}

static inline void pvl_store_be64(uint8_t *dst, uint64_t value)
{
	pvl_store_be32(dst, (uint32_t)(value >> 32));
	pvl_store_be32(dst + 4, (uint32_t)value);
}

#endif
