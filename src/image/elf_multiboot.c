/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Does a file have a Multiboot header?  Nothing here boots by it: it is what a refusal names.
 *
 * ABI source: GNU Multiboot Specification 0.6.96, 3.1; Multiboot2 Specification 2.0, 3.1.
 */
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/span.h"
#include "image/elf.h"

#define HEADER1_MAGIC     0x1badb002u
#define HEADER1_WITHIN    0x2000u /* first bytes of the file that hold the header */
#define HEADER1_ALIGNMENT 4u
#define HEADER2_MAGIC     0xe85250d6u
#define HEADER2_WITHIN    0x8000u
#define HEADER2_ALIGNMENT 8u

/* The first @count words of a header, whose sum is 0. */
static bool is_header(struct pvl_span bytes, uint64_t at, uint32_t magic, unsigned int count)
{
	uint32_t word, sum = 0;

	if (!pvl_span_le32(bytes, at, &word) || word != magic)
		return false;
	for (unsigned int i = 0; i < count; i++) {
		if (!pvl_span_le32(bytes, at + 4u * i, &word))
			return false;
		sum += word;
	}
	return sum == 0;
}

static bool has_multiboot(struct pvl_span bytes)
{
	const struct pvl_span first = { bytes.data,
					(size_t)pvl_min_u64(bytes.size, HEADER1_WITHIN) };

	for (uint64_t at = 0; at < first.size; at += HEADER1_ALIGNMENT)
		if (is_header(first, at, HEADER1_MAGIC, 3))
			return true;
	for (uint64_t at = 0; at < bytes.size; at += HEADER2_ALIGNMENT)
		if (is_header(bytes, at, HEADER2_MAGIC, 4))
			return true;
	return false;
}

enum pvhload_status pvl_elf_find_multiboot(struct pvl_elf *elf, struct pvhload_error *err)
{
	const size_t size = (size_t)pvl_min_u64(elf->image->source.length, HEADER2_WITHIN);
	enum pvhload_status status;
	uint8_t *bytes = malloc(size);

	if (!bytes)
		return pvl_fail_no_memory(err, size);
	status = pvl_image_fetch(elf->image, elf->head, 0, bytes, size, err);
	elf->image->has_multiboot =
		status == PVHLOAD_OK && has_multiboot((struct pvl_span){ bytes, size });
	free(bytes);
	return status;
}
