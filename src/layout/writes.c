/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "layout/writes.h"

#include "core/checked.h"
#include "core/error.h"
#include "core/grow.h"
#include "core/libc.h"

enum pvhload_status pvl_writes_append(struct pvl_writes *writes, struct pvl_write item,
				      struct pvhload_error *err)
{
	if (item.size == 0)
		return PVHLOAD_OK;
	if (!pvl_grow((void **)&writes->items, &writes->capacity, writes->count,
		      sizeof(*writes->items)))
		return pvl_fail_no_memory(err, sizeof(*writes->items));
	writes->items[writes->count++] = item;
	return PVHLOAD_OK;
}

void pvl_writes_free(struct pvl_writes *writes)
{
	free(writes->items);
	writes->items = NULL;
	writes->count = writes->capacity = 0;
}

enum pvhload_status pvl_block_append(struct pvl_block *block, uint64_t gpa, uint64_t size,
				     struct pvhload_error *err)
{
	const struct pvl_write item = {
		.gpa = gpa, .size = size, .from = PVL_FROM_BYTES, .bytes = block->at
	};

	block->at += size;
	return pvl_writes_append(block->writes, item, err);
}

static uint64_t from_sources(const struct pvl_writes *writes)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < writes->count; i++)
		if (writes->items[i].from == PVL_FROM_SOURCE)
			sum += writes->items[i].size;
	return sum;
}

static enum pvhload_status load_one(struct pvl_write *item, const char *name, uint8_t *dst,
				    struct pvhload_error *err)
{
	const enum pvhload_status status =
		pvl_source_read(item->source, item->offset, dst, item->size, err);

	if (status != PVHLOAD_OK)
		return pvl_fail_about(err, pvl_fail_in(err, status, "%s", name), item->subject,
				      item->index);
	item->from = PVL_FROM_BYTES;
	item->bytes = dst;
	return PVHLOAD_OK;
}

enum pvhload_status pvl_writes_load(struct pvl_writes *writes, const struct pvl_space *space,
				    uint8_t **ret, struct pvhload_error *err)
{
	const uint64_t size = from_sources(writes);
	uint8_t *at;

	if (size == 0)
		return PVHLOAD_OK;
	at = *ret = size <= SIZE_MAX ? malloc((size_t)size) : NULL;
	if (!at)
		return pvl_fail_no_memory(err, size);
	for (size_t i = 0; i < writes->count; i++) {
		struct pvl_write *item = &writes->items[i];

		if (item->from != PVL_FROM_SOURCE)
			continue;
		PVL_TRY(load_one(item, pvl_space_name(space, item->gpa), at, err));
		at += item->size;
	}
	return PVHLOAD_OK;
}

/* Copy @range of what @item writes, all of which it has. */
static enum pvhload_status read_one(const struct pvl_write *item, struct pvl_range range,
				    uint8_t *dst, struct pvhload_error *err)
{
	const uint64_t offset = range.start - item->gpa, size = range.end - range.start;

	if (item->from == PVL_FROM_BYTES)
		memcpy(dst, item->bytes + offset, (size_t)size);
	if (item->from != PVL_FROM_SOURCE)
		return PVHLOAD_OK;
	return pvl_fail_about(err,
			      pvl_source_read(item->source, item->offset + offset, dst, size, err),
			      item->subject, item->index);
}

enum pvhload_status pvl_writes_read(const struct pvl_writes *writes, uint64_t gpa, uint8_t *dst,
				    size_t size, struct pvhload_error *err)
{
	const struct pvl_range wanted = { gpa, gpa + size };

	if (size > 0)
		memset(dst, 0, size);
	for (size_t i = 0; i < writes->count; i++) {
		const struct pvl_write *item = &writes->items[i];
		const struct pvl_range part = { pvl_max_u64(gpa, item->gpa),
						pvl_min_u64(wanted.end, item->gpa + item->size) };

		if (part.start < part.end)
			PVL_TRY(read_one(item, part, dst + (part.start - gpa), err));
	}
	return PVHLOAD_OK;
}

/* No two writes share a byte, so that no two begin at one address. */
static int by_address(const void *a, const void *b)
{
	const struct pvl_write *x = a, *y = b;

	return (x->gpa > y->gpa) - (x->gpa < y->gpa);
}

void pvl_writes_sort(struct pvl_writes *writes)
{
	if (writes->count > 1)
		qsort(writes->items, writes->count, sizeof(*writes->items), by_address);
}
