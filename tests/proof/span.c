/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Narrowing a span, and reading numbers of one: a span of each size from 0 to BOUND, of any bytes, and none at all; any
 * offset and length of 64 bits.
 *
 * Proved: pvl_span_sub() succeeds just if the part lies in the span, and the part is that one; on failure it writes
 * nothing; no call reads outside the span, and a number that is read is the bytes' one.
 *
 * eva: -eva-split-return full -eva-slevel-merge-after-loop main
 * proves: pvl_span_has pvl_span_sub pvl_span_u8 pvl_span_le16 pvl_span_le32 pvl_span_le64
 * proves: pvl_span_get16 pvl_span_get32 pvl_span_get64 pvl_span_get_be32 pvl_span_get_be64
 */
#include "core/span.h"

#define BOUND 16

/* The span ends where the array does, so reading after it is an alarm; the longest begins there as well. */
static uint8_t bytes[BOUND];

static void sub(struct pvl_span s)
{
	const uint64_t offset = any_u64(), length = any_u64();
	struct pvl_span part = { NULL, 77 };

	SPLIT_UP_TO(offset, BOUND);
	SPLIT_UP_TO(length, BOUND);
	if (pvl_span_sub(s, offset, length, &part)) {
		/*@ assert offset + length <= s.size; */
		/*@ assert part.size == length; */
		/*@ assert part.data == s.data + offset; */
		/*@ assert \valid_read(part.data + (0 .. part.size - 1)); */
	} else {
		/*@ assert offset + length > s.size; */
		/*@ assert part.data == \null && part.size == 77; */
	}
}

static void sub_of_none(void)
{
	const struct pvl_span none = { NULL, 0 };
	struct pvl_span part = { bytes, 77 };

	if (pvl_span_sub(none, any_u64(), any_u64(), &part)) {
		/*@ assert part.data == \null && part.size == 0; */
	}
}

static void numbers(struct pvl_span s)
{
	const uint64_t offset = any_u64();
	uint8_t u8;
	uint16_t le16;
	uint32_t le32;
	uint64_t le64;

	SPLIT_UP_TO(offset, BOUND);
	if (pvl_span_u8(s, offset, &u8)) {
		/*@ assert offset < s.size; */
	}
	if (pvl_span_le16(s, offset, &le16)) {
		/*@ assert offset + 2 <= s.size; */
	}
	if (pvl_span_le32(s, offset, &le32)) {
		/*@ assert offset + 4 <= s.size; */
	}
	if (pvl_span_le64(s, offset, &le64)) {
		/*@ assert offset + 8 <= s.size; */
	}
	(void)pvl_span_get16(s, offset);
	(void)pvl_span_get32(s, offset);
	(void)pvl_span_get64(s, offset);
	(void)pvl_span_get_be32(s, offset);
	(void)pvl_span_get_be64(s, offset);
}

/* Each byte has its own place in a number. */
static void order(void)
{
	static const uint8_t known[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	const struct pvl_span s = { known, sizeof(known) };
	const uint16_t le16 = pvl_span_get16(s, 0);
	const uint32_t le32 = pvl_span_get32(s, 0), be32 = pvl_span_get_be32(s, 0);
	const uint64_t le64 = pvl_span_get64(s, 0), be64 = pvl_span_get_be64(s, 0);

	/*@ assert le16 == 0x0201; */
	/*@ assert le32 == 0x04030201 && be32 == 0x01020304; */
	/*@ assert le64 == 0x0807060504030201 && be64 == 0x0102030405060708; */
}

int main(void)
{
	any_bytes(bytes, sizeof(bytes));
	for (size_t size = 0; size <= BOUND; size++) {
		const struct pvl_span s = { bytes + BOUND - size, size };

		sub(s);
		numbers(s);
	}
	sub_of_none();
	order();
	return 0;
}
