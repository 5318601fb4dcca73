/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "sparse.h"

#include <string.h>

static size_t slot_of(const struct sparse *sparse, uint64_t number)
{
	size_t slot = (size_t)(number * 0x9e3779b97f4a7c15u >> 50) & (SPARSE_SLOTS - 1);

	while (sparse->slots[slot] != 0 && sparse->numbers[sparse->slots[slot] - 1] != number)
		slot = (slot + 1) & (SPARSE_SLOTS - 1);
	return slot;
}

static uint8_t *page_at(struct sparse *sparse, uint64_t number)
{
	const size_t slot = slot_of(sparse, number);

	if (sparse->slots[slot] == 0) {
		if (sparse->count == SPARSE_PAGES_MAX)
			return NULL;
		sparse->numbers[sparse->count] = number;
		memset(sparse->bytes[sparse->count], 0xa5, SPARSE_PAGE);
		sparse->slots[slot] = (uint16_t)++sparse->count;
	}
	return sparse->bytes[sparse->slots[slot] - 1];
}

/* In a region, and how much of the kernel's has been written or zeroed. */
static bool is_planned(struct sparse *sparse, uint64_t gpa, uint64_t len)
{
	for (size_t i = 0; i < sparse->plan->region_count; i++) {
		const struct pvhload_plan_region *r = sparse->plan->regions[i];

		if (gpa >= r->gpa && gpa - r->gpa <= r->size && len <= r->size - (gpa - r->gpa)) {
			sparse->kernel += r->kind == PVHLOAD_REGION_KERNEL ? len : 0;
			return true;
		}
	}
	return false;
}

static int write_bytes(void *user, uint64_t gpa, const void *src, size_t len)
{
	struct sparse *sparse = user;
	const uint8_t *from = src;

	sparse->strayed |= !is_planned(sparse, gpa, len);
	while (len > 0) {
		const size_t at = (size_t)(gpa % SPARSE_PAGE);
		const size_t n = len < SPARSE_PAGE - at ? len : SPARSE_PAGE - at;
		uint8_t *page = page_at(sparse, gpa / SPARSE_PAGE);

		sparse->full |= !page;
		if (!page)
			return -1;
		memcpy(page + at, from, n);
		from += n;
		gpa += n;
		len -= n;
	}
	return 0;
}

/* Zeros are padding and .bss, which may be huge: only where they go is looked at. */
static int zero_bytes(void *user, uint64_t gpa, uint64_t len)
{
	struct sparse *sparse = user;

	sparse->strayed |= !is_planned(sparse, gpa, len);
	return 0;
}

void sparse_read(const struct sparse *sparse, uint64_t gpa, void *dst, size_t len)
{
	uint8_t *to = dst;

	while (len > 0) {
		const uint16_t slot = sparse->slots[slot_of(sparse, gpa / SPARSE_PAGE)];
		const size_t at = (size_t)(gpa % SPARSE_PAGE);
		const size_t n = len < SPARSE_PAGE - at ? len : SPARSE_PAGE - at;

		if (slot)
			memcpy(to, sparse->bytes[slot - 1] + at, n);
		else
			memset(to, 0xa5, n);
		to += n;
		gpa += n;
		len -= n;
	}
}

static int read_bytes(void *user, uint64_t gpa, void *dst, size_t len)
{
	sparse_read(user, gpa, dst, len);
	return 0;
}

void sparse_init(struct sparse *sparse, const struct pvhload_plan_info *plan)
{
	memset(sparse->slots, 0, sizeof(sparse->slots));
	sparse->count = 0;
	sparse->kernel = 0;
	sparse->strayed = sparse->full = false;
	sparse->plan = plan;
	sparse->ops = (struct pvhload_memory_ops)PVHLOAD_MEMORY_OPS_INIT;
	sparse->ops.write = write_bytes;
	sparse->ops.read = read_bytes;
	sparse->ops.zero = zero_bytes;
	sparse->memory = (struct pvhload_memory)PVHLOAD_MEMORY_INIT;
	sparse->memory.ops = &sparse->ops;
	sparse->memory.user = sparse;
	sparse->memory.memmap = plan->memmap;
}
