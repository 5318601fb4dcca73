/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Identity-mapping page tables.
 *
 * The ranges are rounded to pages, sorted and merged first; then the number of tables of a level is
 * the number of distinct address prefixes, and filling them is one pass by ascending address.
 *
 * ABI source: Intel SDM, volume 3, "4-Level Paging and 5-Level Paging".
 */
#include <stdbool.h>

#include <pvhload/x86_page_tables.h>

#include "abi/sizes.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/range.h"
#include "core/sized.h"
#include "core/span.h"
#include "core/store.h"
#include "x86/limits.h"
#include "x86/paging.h"

#define TABLE_SIZE   PVL_X86_PAGE_SIZE
#define ENTRY_SIZE   8u
#define LEVEL_BITS   9u /* of an address select an entry */
#define ROOT_SHIFT_4 39u
#define ROOT_SHIFT_5 48u
#define SHIFT_2M     21u
#define SHIFT_1G     30u

#define ENTRY_PRESENT  0x1u
#define ENTRY_WRITABLE 0x2u
#define ENTRY_LARGE    0x80u /* PS: a page and not a table */
#define ENTRY_ADDRESS  UINT64_C(0x000ffffffffff000)
#define PHYSICAL_END   (UINT64_C(1) << PVL_X86_PHYSICAL_BITS)

/* The caller's request, prepared: pages and shifts. */
struct plan {
	struct pvhload_x86_page_tables spec;
	unsigned root_shift;     /* of the address bits that select an entry of the root */
	unsigned page_shift;     /* of those that select a page */
	struct pvl_range *pages; /* whole pages, ascending, with gaps between them */
	size_t count;
	uint64_t size; /* of all tables */
};

enum pvhload_status pvl_x86_check_paging(uint32_t levels, uint64_t page_size,
					 struct pvhload_error *err)
{
	if (levels != 0 && levels != 4 && levels != 5)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"page tables have 4 or 5 levels, not %" PRIu32, levels);
	if (page_size != 0 && page_size != PVHLOAD_X86_PAGE_SIZE_2M &&
	    page_size != PVHLOAD_X86_PAGE_SIZE_1G)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"pages have 2 MiB or 1 GiB, not 0x%" PRIx64 " bytes", page_size);
	return PVHLOAD_OK;
}

static enum pvhload_status check_spec(const struct plan *plan, struct pvhload_error *err)
{
	const struct pvhload_x86_page_tables *spec = &plan->spec;

	if (spec->range_count > 0 && !spec->ranges)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "the ranges are NULL");
	PVL_TRY(pvl_x86_check_paging(spec->levels, spec->page_size, err));
	if (spec->reserved != 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the reserved member is %" PRIu32, spec->reserved);
	if (spec->entry_mask & ~ENTRY_ADDRESS)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the entry mask 0x%" PRIx64 " has bits outside 12 to 51",
				spec->entry_mask);
	if (spec->range_count > PVHLOAD_X86_PAGE_TABLES_RANGES_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_ANYWHERE,
				"%zu ranges to map; the limit is %u", spec->range_count,
				PVHLOAD_X86_PAGE_TABLES_RANGES_MAX);
	return PVHLOAD_OK;
}

/* No address in @r, which is not empty, may have a bit of the mask. */
static enum pvhload_status check_mask(uint64_t mask, struct pvl_range r, const char *what,
				      struct pvhload_error *err)
{
	/* Below the lowest bit of the mask, addresses may vary. */
	const uint64_t below = (mask & (~mask + 1)) - 1;
	const uint64_t last = r.end - 1;

	if (mask == 0 || (((r.start ^ last) & ~below) == 0 && (r.start & mask) == 0))
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(r.start),
			"the %s " PVL_RANGE_FMT
			" have addresses with bits of the entry mask 0x%" PRIx64,
			what, PVL_RANGE_ARG(r), mask);
}

/* Range @i in whole pages. */
static enum pvhload_status round_out(const struct plan *plan, size_t i, struct pvl_range *ret,
				     struct pvhload_error *err)
{
	const struct pvhload_range range = plan->spec.ranges[i];
	const uint64_t page = UINT64_C(1) << plan->page_shift;
	const bool five = plan->root_shift == ROOT_SHIFT_5;
	const uint64_t limit = five ? PVHLOAD_X86_PAGE_TABLES_END_5 : PVHLOAD_X86_PAGE_TABLES_END_4;
	struct pvl_range r;

	if (!pvl_range_make(range.gpa, range.size, &r) || r.end > limit)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(range.gpa),
				"range %zu to map, 0x%" PRIx64 " bytes at 0x%" PRIx64
				", ends above 0x%" PRIx64 ", the limit with %d levels",
				i, range.size, range.gpa, limit, five ? 5 : 4);
	/* The limit is a multiple of every page size, so rounding does not pass it. */
	ret->start = pvl_align_down(r.start, page);
	ret->end = pvl_align_down(r.end + page - 1, page);
	return check_mask(plan->spec.entry_mask, *ret, "pages", err);
}

/* Tables below the root that addresses select by what is left of them above @shift. */
static uint64_t count_tables(const struct plan *plan, unsigned shift)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < plan->count; i++) {
		const uint64_t first = plan->pages[i].start >> shift;

		sum += ((plan->pages[i].end - 1) >> shift) - first + 1;
		if (i > 0 && (plan->pages[i - 1].end - 1) >> shift == first)
			sum--; /* shared with the range before */
	}
	return sum;
}

static enum pvhload_status measure(struct plan *plan, struct pvhload_error *err)
{
	uint64_t tables = 1;

	for (unsigned shift = plan->root_shift; shift > plan->page_shift; shift -= LEVEL_BITS)
		tables += count_tables(plan, shift);
	/* At most 2^52 addresses over 2^30 for a table: this does not wrap. */
	plan->size = tables * TABLE_SIZE;
	if (plan->size > PVHLOAD_X86_PAGE_TABLES_SIZE_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_ANYWHERE,
				"the page tables would take 0x%" PRIx64
				" bytes; the limit is 0x%x: 0x%" PRIx64 " too many",
				plan->size, PVHLOAD_X86_PAGE_TABLES_SIZE_MAX,
				plan->size - PVHLOAD_X86_PAGE_TABLES_SIZE_MAX);
	return PVHLOAD_OK;
}

static enum pvhload_status collect(struct plan *plan, struct pvhload_error *err)
{
	const size_t wanted = plan->spec.range_count;

	if (wanted == 0)
		return PVHLOAD_OK;
	plan->pages = malloc(wanted * sizeof(*plan->pages));
	if (!plan->pages)
		return pvl_fail_no_memory(err, wanted * sizeof(*plan->pages));
	for (size_t i = 0; i < wanted; i++)
		if (plan->spec.ranges[i].size > 0)
			PVL_TRY(round_out(plan, i, &plan->pages[plan->count++], err));
	pvl_ranges_sort(plan->pages, plan->count);
	plan->count = pvl_ranges_join_touching(plan->pages, plan->count);
	return PVHLOAD_OK;
}

static enum pvhload_status collect_and_measure(struct plan *plan, struct pvhload_error *err)
{
	PVL_TRY(collect(plan, err));
	return measure(plan, err);
}

/* Everything that does not depend on the tables' place.  On success plan->pages is to be freed. */
static enum pvhload_status prepare(const struct pvhload_x86_page_tables *caller, struct plan *plan,
				   struct pvhload_error *err)
{
	enum pvhload_status status;

	memset(plan, 0, sizeof(*plan));
	if (!pvl_sized_in(&plan->spec, sizeof(plan->spec), caller, PVL_V1_X86_PAGE_TABLES))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"what to map is NULL or has a wrong size");
	PVL_TRY(check_spec(plan, err));
	plan->root_shift = plan->spec.levels == 5 ? ROOT_SHIFT_5 : ROOT_SHIFT_4;
	plan->page_shift = plan->spec.page_size == PVHLOAD_X86_PAGE_SIZE_1G ? SHIFT_1G : SHIFT_2M;
	status = collect_and_measure(plan, err);
	if (status != PVHLOAD_OK)
		free(plan->pages);
	return status;
}

enum pvhload_status pvhload_x86_page_tables_size(const struct pvhload_x86_page_tables *spec,
						 uint64_t *bytes, struct pvhload_error *err)
{
	struct plan plan;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!bytes)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the place for the size is NULL");
	PVL_TRY(prepare(spec, &plan, err));
	*bytes = plan.size;
	free(plan.pages);
	return PVHLOAD_OK;
}

static enum pvhload_status check_place(const struct plan *plan, size_t capacity,
				       struct pvhload_error *err)
{
	struct pvl_range tables;

	if (plan->spec.gpa % TABLE_SIZE != 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_GPA(plan->spec.gpa),
				"the page tables' address 0x%" PRIx64 " is not a multiple of %u",
				plan->spec.gpa, TABLE_SIZE);
	if (!pvl_range_make(plan->spec.gpa, plan->size, &tables) || tables.end > PHYSICAL_END)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(plan->spec.gpa),
				"page tables of 0x%" PRIx64 " bytes at 0x%" PRIx64
				" end above 2^52",
				plan->size, plan->spec.gpa);
	if (plan->size > capacity)
		return pvl_fail(err, PVHLOAD_E_CAPACITY, PVL_ANYWHERE,
				"the page tables take 0x%" PRIx64 " bytes, there are 0x%zx",
				plan->size, capacity);
	return check_mask(plan->spec.entry_mask, tables, "page tables", err);
}

/* The tables while they are filled: each is one of the pages at @bytes, in order of first need. */
struct tables {
	const struct plan *plan;
	uint8_t *bytes;
	uint64_t used;
};

static uint8_t *entry_at(const struct tables *t, uint64_t table, uint64_t address, unsigned shift)
{
	const uint64_t i = address >> shift & ((1u << LEVEL_BITS) - 1);

	return t->bytes + table * TABLE_SIZE + i * ENTRY_SIZE;
}

/* The table that @entry points to: a new one if it points to none. */
static uint64_t table_below(struct tables *t, uint8_t *entry)
{
	const struct pvhload_x86_page_tables *spec = &t->plan->spec;
	const struct pvl_span span = { entry, ENTRY_SIZE };
	uint64_t value = 0;

	(void)pvl_span_le64(span, 0, &value);
	if (value != 0)
		return ((value & ENTRY_ADDRESS & ~spec->entry_mask) - spec->gpa) / TABLE_SIZE;
	pvl_store_le64(entry, (spec->gpa + t->used * TABLE_SIZE) | spec->entry_mask |
				      ENTRY_PRESENT | ENTRY_WRITABLE);
	return t->used++;
}

/* The entry of the page at @address, in the table that has it. */
static uint8_t *page_entry(struct tables *t, uint64_t address)
{
	const struct plan *plan = t->plan;
	uint64_t table = 0;

	for (unsigned shift = plan->root_shift; shift > plan->page_shift; shift -= LEVEL_BITS)
		table = table_below(t, entry_at(t, table, address, shift));
	return entry_at(t, table, address, plan->page_shift);
}

static void put_entries(uint8_t *entry, uint64_t value, uint64_t step, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		pvl_store_le64(entry + i * ENTRY_SIZE, value + i * step);
}

/* Table by table. */
static void map_range(struct tables *t, struct pvl_range pages)
{
	const uint64_t page = UINT64_C(1) << t->plan->page_shift, of_table = page << LEVEL_BITS;
	const uint64_t bits =
		t->plan->spec.entry_mask | ENTRY_PRESENT | ENTRY_WRITABLE | ENTRY_LARGE;
	uint64_t at = pages.start;

	while (at < pages.end) {
		const uint64_t end =
			pvl_min_u64(pvl_align_down(at, of_table) + of_table, pages.end);

		put_entries(page_entry(t, at), at | bits, page, (end - at) / page);
		at = end;
	}
}

static void map_pages(const struct plan *plan, uint8_t *bytes)
{
	struct tables tables = { plan, bytes, 1 };

	memset(bytes, 0, (size_t)plan->size);
	for (size_t i = 0; i < plan->count; i++)
		map_range(&tables, plan->pages[i]);
}

enum pvhload_status pvhload_x86_page_tables_build(const struct pvhload_x86_page_tables *spec,
						  uint8_t *bytes, size_t capacity,
						  struct pvhload_error *err)
{
	enum pvhload_status status;
	struct plan plan;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!bytes)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the place for the tables is NULL");
	PVL_TRY(prepare(spec, &plan, err));
	status = check_place(&plan, capacity, err);
	if (status == PVHLOAD_OK)
		map_pages(&plan, bytes);
	free(plan.pages);
	return status;
}
