/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The only access to untrusted bytes: parsers have a span and narrow it here, and do no pointer
 * arithmetic of their own.  Loads are byte by byte, so they work on any host and at any alignment;
 * little-endian, but for those of device trees.
 */
#ifndef PVL_CORE_SPAN_H
#define PVL_CORE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes we may read but do not own. */
struct pvl_span {
	const uint8_t *data;
	size_t size;
};

/* Are @length bytes from @offset in @s?  It compares with what is left instead of adding, so nothing can wrap. */
static inline bool pvl_span_has(struct pvl_span s, uint64_t offset, uint64_t length)
{
	return offset <= s.size && length <= s.size - offset;
}

/* Narrow @s to @length bytes from @offset; false if it has not all of them. */
static inline bool pvl_span_sub(struct pvl_span s, uint64_t offset, uint64_t length,
				struct pvl_span *ret)
{
	if (!pvl_span_has(s, offset, length))
		return false;
	/* NULL + 0 is undefined, and an empty span may have no address. */
	ret->data = s.size > 0 ? s.data + offset : s.data;
	ret->size = (size_t)length;
	return true;
}

static inline bool pvl_span_u8(struct pvl_span s, uint64_t offset, uint8_t *ret)
{
	struct pvl_span f;

	if (!pvl_span_sub(s, offset, 1, &f))
		return false;
	*ret = f.data[0];
	return true;
}

static inline bool pvl_span_le16(struct pvl_span s, uint64_t offset, uint16_t *ret)
{
	struct pvl_span f;

	if (!pvl_span_sub(s, offset, 2, &f))
		return false;
	*ret = (uint16_t)(f.data[0] | f.data[1] << 8);
	return true;
}

static inline bool pvl_span_le32(struct pvl_span s, uint64_t offset, uint32_t *ret)
{
	struct pvl_span f;

	if (!pvl_span_sub(s, offset, 4, &f))
		return false;
	*ret = (uint32_t)f.data[0] | (uint32_t)f.data[1] << 8 | (uint32_t)f.data[2] << 16 |
	       (uint32_t)f.data[3] << 24;
	return true;
}

static inline bool pvl_span_le64(struct pvl_span s, uint64_t offset, uint64_t *ret)
{
	struct pvl_span high;
	uint32_t low32, high32;

	if (!pvl_span_sub(s, offset, 8, &high) || !pvl_span_le32(high, 0, &low32) ||
	    !pvl_span_le32(high, 4, &high32))
		return false;
	*ret = (uint64_t)high32 << 32 | low32;
	return true;
}

/* The same of bytes that are known to be there; 0 where they are not. */
static inline uint16_t pvl_span_get16(struct pvl_span s, uint64_t offset)
{
	uint16_t value = 0;

	(void)pvl_span_le16(s, offset, &value);
	return value;
}

static inline uint32_t pvl_span_get32(struct pvl_span s, uint64_t offset)
{
	uint32_t value = 0;

	(void)pvl_span_le32(s, offset, &value);
	return value;
}

static inline uint64_t pvl_span_get64(struct pvl_span s, uint64_t offset)
{
	uint64_t value = 0;

	(void)pvl_span_le64(s, offset, &value);
	return value;
}

/* Big-endian, of bytes that are known to be there; 0 where they are not. */
static inline uint32_t pvl_span_get_be32(struct pvl_span s, uint64_t offset)
{
	struct pvl_span f;

	if (!pvl_span_sub(s, offset, 4, &f))
		return 0;
	return (uint32_t)f.data[0] << 24 | (uint32_t)f.data[1] << 16 | (uint32_t)f.data[2] << 8 |
	       (uint32_t)f.data[3];
}

static inline uint64_t pvl_span_get_be64(struct pvl_span s, uint64_t offset)
{
	return (uint64_t)pvl_span_get_be32(s, offset) << 32 | pvl_span_get_be32(s, offset + 4);
}

#endif
