/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Page tables for any ranges, walked back as the processor does: what is in a page of a range is mapped to itself, what is
 * next to it is not, and the size is that of the tables that these addresses need.
 *
 * Input: levels, page size, mask and place; then ranges of 10 bytes each.
 */
#include <string.h>

#include <pvhload/pvhload.h>

#include "fuzz.h"
#include "fuzz_input.h"

#define RANGES_MAX 12u
#define SIZE_FEW   0x10000u /* more is built for one input in CHOSEN, as it takes long */
#define CHOSEN     16u
#define TABLE      4096u
#define MASK       UINT64_C(0x000ffffffffff000)

static struct pvhload_range ranges[RANGES_MAX];

static uint64_t page_of(const struct pvhload_x86_page_tables *spec)
{
	return spec->page_size ? spec->page_size : PVHLOAD_X86_PAGE_SIZE_2M;
}

/* Does a page with a byte of a range have @address? */
static bool wanted(const struct pvhload_x86_page_tables *spec, uint64_t address)
{
	const uint64_t page = page_of(spec), first = address / page * page;

	for (size_t i = 0; i < spec->range_count; i++)
		if (ranges[i].size > 0 && ranges[i].gpa < first + page &&
		    ranges[i].gpa + ranges[i].size > first)
			return true;
	return false;
}

/* Where @address is mapped to, or UINT64_MAX. */
static uint64_t walk(const struct pvhload_x86_page_tables *spec, const uint8_t *bytes,
		     uint64_t size, uint64_t address)
{
	const uint64_t mask = spec->entry_mask;
	uint64_t table = spec->gpa;

	for (unsigned int shift = spec->levels == 5 ? 48 : 39; shift >= 21; shift -= 9) {
		uint64_t entry;

		MUST(table >= spec->gpa && table - spec->gpa <= size - TABLE);
		entry = peek(bytes + (table - spec->gpa) + (address >> shift & 511) * 8, 8);
		if (entry == 0)
			return UINT64_MAX;
		MUST((entry & 3) == 3 && (entry & mask) == mask && (entry >> 63) == 0);
		table = entry & MASK & ~mask;
		if (entry & 0x80)
			return table + (address & ((UINT64_C(1) << shift) - 1));
	}
	abort(); /* a walk ends at a page */
}

static void expect(const struct pvhload_x86_page_tables *spec, const uint8_t *bytes, uint64_t size,
		   uint64_t address)
{
	const uint64_t end = UINT64_C(1) << (spec->levels == 5 ? 52 : 47);

	if (address < end)
		MUST(walk(spec, bytes, size, address) ==
		     (wanted(spec, address) ? address : UINT64_MAX));
}

static void check(const struct pvhload_x86_page_tables *spec, const uint8_t *bytes, uint64_t size)
{
	const uint64_t page = page_of(spec);

	for (size_t i = 0; i < spec->range_count; i++) {
		const struct pvhload_range r = spec->ranges[i];
		const uint64_t at[] = { r.gpa,
					r.gpa + r.size / 2,
					r.gpa + r.size - (r.size > 0),
					r.gpa / page * page - 1,
					r.gpa + r.size + page,
					r.gpa ^ UINT64_C(1) << 39 };

		for (size_t k = 0; k < sizeof(at) / sizeof(at[0]); k++)
			expect(spec, bytes, size, at[k]);
	}
}

/* No table without an entry, but for the root. */
static void no_empty_table(const uint8_t *bytes, uint64_t size)
{
	static const uint8_t empty[TABLE];

	for (uint64_t at = TABLE; at < size; at += TABLE)
		MUST(memcmp(bytes + at, empty, TABLE) != 0);
}

static void make_spec(struct input *in, struct pvhload_x86_page_tables *spec)
{
	static const uint64_t masks[] = { 0, UINT64_C(1) << 47, UINT64_C(1) << 51 };
	static const unsigned int levels[] = { 4, 5, 0 };

	*spec = (struct pvhload_x86_page_tables)PVHLOAD_X86_PAGE_TABLES_INIT;
	spec->levels = input_of(in, levels);
	spec->page_size = input_one_in(in, 3) ? PVHLOAD_X86_PAGE_SIZE_1G : 0;
	spec->entry_mask = input_of(in, masks);
	spec->gpa = input_number(in, 5) << 12;
	spec->range_count = (size_t)input_below(in, RANGES_MAX + 1);
	spec->ranges = ranges;
	for (size_t i = 0; i < spec->range_count; i++) {
		const unsigned int shift = input_byte(in) % 52;

		ranges[i].gpa = input_number(in, 3) << (shift % 32);
		ranges[i].size = input_number(in, 2);
		ranges[i].size <<= input_byte(in) % 28;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pvhload_x86_page_tables spec;
	struct input in = { data, size, 0 };
	enum pvhload_status status;
	uint64_t takes = 1;
	uint8_t *bytes;

	make_spec(&in, &spec);
	status = pvhload_x86_page_tables_size(&spec, &takes, NULL);
	MUST(status == PVHLOAD_OK || status == PVHLOAD_E_LIMIT || status == PVHLOAD_E_RANGE);
	MUST(status == PVHLOAD_OK || takes == 1);
	if (status != PVHLOAD_OK)
		return 0;
	MUST(takes >= TABLE && takes % TABLE == 0 && takes <= PVHLOAD_X86_PAGE_TABLES_SIZE_MAX);
	if (takes > SIZE_FEW && !input_is_chosen(data, size, CHOSEN))
		return 0;
	bytes = malloc((size_t)takes);
	MUST(bytes != NULL);
	MUST(pvhload_x86_page_tables_build(&spec, bytes, (size_t)takes - 1, NULL) ==
		     PVHLOAD_E_CAPACITY ||
	     spec.entry_mask != 0 || spec.gpa >> 52 != 0 || (spec.gpa + takes) >> 52 != 0);
	status = pvhload_x86_page_tables_build(&spec, bytes, (size_t)takes, NULL);
	MUST(status == PVHLOAD_OK || status == PVHLOAD_E_RANGE);
	if (status == PVHLOAD_OK) {
		check(&spec, bytes, takes);
		no_empty_table(bytes, takes);
	}
	free(bytes);
	return 0;
}
