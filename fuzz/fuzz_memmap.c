/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Any bytes as calls that edit a memory map, held against a model: 1 KiB of addresses, a byte each
 * that says what type covers it.
 */
#include <string.h>

#include <pvhload/memmap.h>

#include "fuzz.h"

#define SPAN     1024u
#define CAPACITY 24u

struct model {
	uint8_t type[SPAN]; /* 0: nothing */
};

static const struct model nothing;

static void check(const struct pvhload_memmap *map, const struct model *model)
{
	static struct model seen;
	uint64_t ram = 0;

	memset(&seen, 0, sizeof(seen));
	MUST(map->count <= CAPACITY);
	for (size_t i = 0; i < map->count; i++) {
		const struct pvhload_memmap_entry *e = &map->entries[i];

		MUST(e->size > 0 && e->gpa < SPAN && e->size <= SPAN - e->gpa);
		MUST(memcmp(seen.type + e->gpa, nothing.type, (size_t)e->size) == 0);
		memset(seen.type + e->gpa, (int)e->type, (size_t)e->size);
		ram += e->type == PVHLOAD_MEMMAP_RAM ? e->size : 0;
	}
	MUST(memcmp(&seen, model, sizeof(seen)) == 0);
	MUST(pvhload_memmap_ram_size(map) == ram);
}

/* What a call must answer, but for the capacity, which the model does not know. */
static enum pvhload_status expected(const struct model *m, uint64_t addr, uint64_t size,
				    uint32_t type, int reserve)
{
	if (reserve && type == PVHLOAD_MEMMAP_RAM)
		return PVHLOAD_E_USAGE;
	if (size == 0 || type == 0)
		return PVHLOAD_E_MEMMAP;
	for (uint64_t a = addr; a < addr + size; a++)
		if (m->type[a] != 0 && !(reserve && m->type[a] == PVHLOAD_MEMMAP_RAM))
			return PVHLOAD_E_OVERLAP;
	return PVHLOAD_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pvhload_memmap_entry entries[CAPACITY];
	struct pvhload_memmap map = { sizeof(map), entries, CAPACITY, 0, 0 };
	static struct model model;

	memset(&model, 0, sizeof(model));
	/* Six bytes a call: what, type, address, size. */
	for (size_t at = 0; at + 6 <= size && at < (size_t)6 * 64; at += 6) {
		const uint64_t addr = (data[at + 2] + 256u * data[at + 3]) % SPAN;
		uint64_t length = data[at + 4] + 256u * data[at + 5];
		const uint32_t type = data[at + 1] % 4;
		const int what = data[at] % 3;
		enum pvhload_status status, model_says;

		if (length > SPAN - addr)
			length = SPAN - addr;
		if (what == 2) {
			MUST(pvhload_memmap_normalize(&map, NULL) == PVHLOAD_OK);
			check(&map, &model);
			continue;
		}
		model_says = expected(&model, addr, length, type, what);
		status = what ? pvhload_memmap_reserve(&map, addr, length, type, NULL)
			      : pvhload_memmap_add(&map, addr, length, type, NULL);
		MUST(status == model_says ||
		     (model_says == PVHLOAD_OK && status == PVHLOAD_E_CAPACITY));
		if (status == PVHLOAD_OK)
			memset(model.type + addr, (int)type, (size_t)length);
		check(&map, &model);
	}
	return 0;
}
