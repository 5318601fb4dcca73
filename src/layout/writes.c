/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "layout/writes.h"

#include "core/checked.h"
#include "core/error.h"
#include "core/grow.h"
#include "core/libc.h"
#include "layout/write_kinds.h"

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

/* The first of @count writes that ends above @gpa. */
static size_t first_above(const struct pvl_writes *writes, size_t count, uint64_t gpa)
{
	size_t low = 0, high = count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (writes->items[middle].gpa + writes->items[middle].size <= gpa)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

enum pvhload_status pvl_writes_fill(struct pvl_writes *writes, size_t count, struct pvl_range range,
				    struct pvhload_error *err)
{
	uint64_t at = range.start;

	for (size_t i = first_above(writes, count, at); i < count; i++) {
		const struct pvl_write w = writes->items[i];

		if (w.gpa >= range.end)
			break;
		if (w.gpa > at)
			PVL_TRY(pvl_writes_append(
				writes, (struct pvl_write){ .gpa = at, .size = w.gpa - at }, err));
		at = w.gpa + w.size;
	}
	if (at >= range.end)
		return PVHLOAD_OK;
	return pvl_writes_append(writes, (struct pvl_write){ .gpa = at, .size = range.end - at },
				 err);
}

void pvl_writes_finish(struct pvl_writes *writes, struct pvl_space *space)
{
	size_t region = 0;

	pvl_space_close(space);
	pvl_sort_by_start(writes->items, writes->count, sizeof(*writes->items));
	for (size_t i = 0; i < writes->count; i++) {
		while (region < space->count &&
		       space->claims[region].range.end <= writes->items[i].gpa)
			region++;
		writes->items[i].region = region;
	}
}

static uint64_t size_to_load(const struct pvl_writes *writes)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < writes->count; i++)
		if (pvl_write_kind(&writes->items[i])->may_fail)
			sum += writes->items[i].size;
	return sum;
}

static enum pvhload_status load_one(struct pvl_write *item, const char *name, uint8_t *dst,
				    struct pvhload_error *err)
{
	const enum pvhload_status status =
		pvl_write_kind(item)->read(item, 0, dst, item->size, err);

	if (status != PVHLOAD_OK)
		return pvl_fail_in(err, status, "%s", name);
	item->from = PVL_FROM_BYTES;
	item->bytes = dst;
	return PVHLOAD_OK;
}

enum pvhload_status pvl_writes_load(struct pvl_writes *writes, const struct pvl_space *space,
				    uint8_t **ret, struct pvhload_error *err)
{
	const uint64_t size = size_to_load(writes);
	uint8_t *at;

	if (size == 0)
		return PVHLOAD_OK;
	at = *ret = size <= SIZE_MAX ? malloc((size_t)size) : NULL;
	if (!at)
		return pvl_fail_no_memory(err, size);
	for (size_t i = 0; i < writes->count; i++) {
		struct pvl_write *item = &writes->items[i];

		if (!pvl_write_kind(item)->may_fail)
			continue;
		PVL_TRY(load_one(item, space->claims[item->region].name, at, err));
		at += item->size;
	}
	return PVHLOAD_OK;
}

enum pvhload_status pvl_fail_in_region(const struct pvl_claim *claim, enum pvhload_status status,
				       struct pvhload_error *err)
{
	if (status == PVHLOAD_OK || status == PVHLOAD_E_CANCELLED)
		return status;
	return pvl_fail_in(err, status, "%s", claim->name);
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
			PVL_TRY(pvl_write_kind(item)->read(item, part.start - item->gpa,
							   dst + (part.start - gpa),
							   part.end - part.start, err));
	}
	return PVHLOAD_OK;
}
