/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Any bytes as calls that edit a memory map, held against a model: 1 KiB of addresses, at 0, about
 * 4 GiB or 2^63, or at the end of all of them, a byte each that says what type covers it.  The last bytes are the RAM of an x86
 * PC, all of which is in the map that is made of it, but for what is between the EBDA and 1 MiB.
 */
#include <stdbool.h>
#include <string.h>

#include <pvhload/memmap.h>

#include "answers.h"
#include "fuzz.h"
#include "fuzz_input.h"

#define SPAN     1024u
#define CAPACITY 24u

#define MIB      0x100000u
#define FOUR_GIB UINT64_C(0x100000000)
#define X86_SIZE 41u /* bytes of an input, at its end */

struct model {
	uint64_t base;
	uint8_t type[SPAN]; /* 0: nothing */
};

static const struct model nothing;

/* From the last of these a range may pass 2^64. */
static const uint64_t bases[] = { 0, FOUR_GIB - SPAN / 2, (UINT64_C(1) << 63) - SPAN / 2,
				  UINT64_MAX - SPAN };

static void check(const struct pvhload_memmap *map, const struct model *model)
{
	static struct model seen;
	uint64_t ram = 0;

	memset(&seen, 0, sizeof(seen));
	MUST(map->count <= CAPACITY);
	for (size_t i = 0; i < map->count; i++) {
		const struct pvhload_memmap_entry *e = &map->entries[i];

		MUST(e->size > 0 && e->gpa >= model->base);
		MUST(e->gpa - model->base < SPAN && e->size <= SPAN - (e->gpa - model->base));
		MUST(memcmp(seen.type + (e->gpa - model->base), nothing.type, (size_t)e->size) ==
		     0);
		memset(seen.type + (e->gpa - model->base), (int)e->type, (size_t)e->size);
		ram += e->type == PVHLOAD_MEMMAP_RAM ? e->size : 0;
	}
	MUST(memcmp(seen.type, model->type, sizeof(seen.type)) == 0);
	MUST(pvhload_memmap_ram_size(map) == ram);
}

/* What a call must answer, but for the capacity, which the model does not know. */
static enum pvhload_status expected(const struct model *m, size_t at, uint64_t size, uint32_t type,
				    bool reserve)
{
	if (reserve && type == PVHLOAD_MEMMAP_RAM)
		return PVHLOAD_E_USAGE;
	if (size == 0 || type == 0 || size > UINT64_MAX - (m->base + at))
		return PVHLOAD_E_MEMMAP;
	for (size_t i = at; i < at + size; i++)
		if (m->type[i] != 0 && !(reserve && m->type[i] == PVHLOAD_MEMMAP_RAM))
			return PVHLOAD_E_OVERLAP;
	return PVHLOAD_OK;
}

/* By six bytes: what, type, address, size. */
static void call(struct pvhload_memmap *map, struct model *model, const uint8_t *data)
{
	const size_t at = (data[2] + 256u * data[3]) % SPAN;
	const uint32_t type = data[1] % 4;
	const bool wraps = model->base > UINT64_MAX - 2 * SPAN && data[1] >= 0xf0;
	const uint64_t any = data[4] + 256u * data[5];
	const uint64_t size = wraps ? any + SPAN : any > SPAN - at ? SPAN - at : any;
	struct pvhload_error err = answers_error();
	const struct pvhload_memmap before = *map;
	struct pvhload_memmap_entry entries[CAPACITY];
	enum pvhload_status status, model_says;

	memcpy(entries, map->entries, sizeof(entries));
	if (data[0] % 3 == 2) {
		MUST(pvhload_memmap_normalize(map, NULL) == PVHLOAD_OK);
		return;
	}
	model_says = expected(model, at, size, type, data[0] % 3 == 1);
	status = data[0] % 3 == 1 ? pvhload_memmap_reserve(map, model->base + at, size, type, &err)
				  : pvhload_memmap_add(map, model->base + at, size, type, &err);
	answers_check_error(status, &err);
	MUST(status == model_says || (model_says == PVHLOAD_OK && status == PVHLOAD_E_CAPACITY &&
				      before.count + 2 > CAPACITY));
	if (status != PVHLOAD_OK)
		MUST(map->count == before.count &&
		     memcmp(map->entries, entries, sizeof(entries)) == 0);
	else
		memset(model->type + at, (int)type, (size_t)size);
}

static uint64_t or_default(uint64_t value, uint64_t otherwise)
{
	return value != 0 ? value : otherwise;
}

/* All RAM but what is between the EBDA and 1 MiB, outside of the hole, in ascending order. */
static void check_x86(const struct pvhload_memmap_x86 *x86, const struct pvhload_memmap *map)
{
	const uint64_t ebda = or_default(x86->ebda_gpa, PVHLOAD_X86_EBDA_GPA);
	const uint64_t hole = or_default(x86->hole_gpa, PVHLOAD_X86_HOLE_GPA);
	const uint64_t hole_size = or_default(x86->hole_size, FOUR_GIB - hole);
	uint64_t end = 0;

	MUST(pvhload_memmap_validate(map, NULL) == PVHLOAD_OK);
	for (size_t i = 0; i < map->count; i++) {
		const struct pvhload_memmap_entry *e = &map->entries[i];

		MUST(e->type == PVHLOAD_MEMMAP_RAM && e->gpa >= end);
		end = e->gpa + e->size;
		MUST(end <= ebda || e->gpa >= MIB);
		MUST(end <= hole || e->gpa >= hole + hole_size);
	}
	MUST(pvhload_memmap_ram_size(map) ==
	     (x86->ram_size < ebda ? x86->ram_size : ebda) +
		     (x86->ram_size > MIB ? x86->ram_size - MIB : 0));
}

/* A number of any size, and of any scale. */
static uint64_t any_number(struct input *in)
{
	const uint64_t value = input_number(in, 1 + input_byte(in) % 8);

	return value << input_byte(in) % 32;
}

/* Is that a PC's RAM? */
static bool is_x86(const struct pvhload_memmap_x86 *x86)
{
	const uint64_t hole = or_default(x86->hole_gpa, PVHLOAD_X86_HOLE_GPA);
	const uint64_t hole_size =
		or_default(x86->hole_size, hole < FOUR_GIB ? FOUR_GIB - hole : 0);
	const uint64_t above = x86->ram_size > hole ? x86->ram_size - hole : 0;

	return x86->ram_size > 0 && x86->ebda_gpa <= 0xa0000 && hole >= MIB && hole_size > 0 &&
	       hole_size <= UINT64_MAX - hole && above <= UINT64_MAX - hole - hole_size;
}

static enum pvhload_status x86_status(const struct pvhload_memmap_x86 *x86, size_t capacity)
{
	const uint64_t hole = or_default(x86->hole_gpa, PVHLOAD_X86_HOLE_GPA);

	if (!is_x86(x86))
		return PVHLOAD_E_USAGE;
	return 1u + (x86->ram_size > MIB && hole > MIB) + (x86->ram_size > hole) > capacity
		       ? PVHLOAD_E_CAPACITY
		       : PVHLOAD_OK;
}

static void make_x86(struct input *in)
{
	static const struct pvhload_memmap_entry unused = { 7, 7, 7, 7 };
	struct pvhload_memmap_entry entries[4] = { unused, unused, unused, unused };
	struct pvhload_memmap map = { sizeof(map), entries, (size_t)input_below(in, 4), 0, 0 };
	struct pvhload_memmap_x86 x86 = PVHLOAD_MEMMAP_X86_INIT;
	struct pvhload_error err = answers_error();
	enum pvhload_status status;

	x86.ram_size = any_number(in);
	x86.ebda_gpa = any_number(in);
	x86.hole_gpa = any_number(in);
	x86.hole_size = any_number(in);
	status = pvhload_memmap_init_x86(&x86, &map, &err);
	answers_check_error(status, &err);
	MUST(status == x86_status(&x86, map.capacity));
	if (status == PVHLOAD_OK)
		check_x86(&x86, &map);
	MUST(map.count <= map.capacity && (status == PVHLOAD_OK) == (map.count > 0));
	for (size_t i = map.count; i < 4; i++)
		MUST(memcmp(&entries[i], &unused, sizeof(unused)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pvhload_memmap_entry entries[CAPACITY] = { { 0, 0, 0, 0 } };
	struct pvhload_memmap map = { sizeof(map), entries, CAPACITY, 0, 0 };
	static struct model model;
	struct input rest;
	size_t at = 0;

	memset(&model, 0, sizeof(model));
	model.base = bases[size > 0 ? data[0] / 3 % 4 : 0];
	for (; at + 6 <= size && at < (size_t)6 * 64; at += 6) {
		call(&map, &model, data + at);
		check(&map, &model);
	}
	rest = (struct input){ data, size, size > X86_SIZE ? size - X86_SIZE : 0 };
	make_x86(&rest);
	return 0;
}
