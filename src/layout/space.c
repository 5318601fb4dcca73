/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "layout/space.h"

#include "core/checked.h"
#include "core/error.h"
#include "core/grow.h"
#include "core/libc.h"
#include "memory/rom.h"

static bool take_from(struct pvl_gaps *gaps, struct pvl_range range)
{
	if (!pvl_gaps_make_room(gaps))
		return false;
	pvl_gaps_take(gaps, range);
	return true;
}

/* What no claim has of @ranges. */
static enum pvhload_status make_gaps(const struct pvl_space *space, const struct pvl_range *ranges,
				     size_t count, struct pvl_gaps *gaps, struct pvhload_error *err)
{
	bool made = pvl_gaps_init(gaps, ranges, count, space->arch->page_size);

	for (size_t i = 0; made && i < space->count; i++)
		made = take_from(gaps, space->claims[i].range);
	return made ? PVHLOAD_OK : pvl_fail_no_memory(err, sizeof(*gaps->blocks));
}

static enum pvhload_status make_unclaimed(struct pvl_space *space, struct pvhload_error *err)
{
	const struct pvl_range all = { 0, UINT64_MAX };

	return make_gaps(space, &all, 1, &space->unclaimed, err);
}

/* After claims or RAM were taken away. */
static enum pvhload_status remake_gaps(struct pvl_space *space, struct pvhload_error *err)
{
	if (space->unclaimed.count > 0)
		PVL_TRY(make_unclaimed(space, err));
	return make_gaps(space, space->ram.ranges, space->ram.count, &space->free, err);
}

enum pvhload_status pvl_space_init(struct pvl_space *space, const struct pvl_arch *arch,
				   const struct pvhload_memmap *memmap, struct pvhload_error *err)
{
	memset(space, 0, sizeof(*space));
	space->arch = arch;
	space->memmap = memmap;
	PVL_TRY(pvl_ram_init(memmap, &space->ram, err));
	return remake_gaps(space, err);
}

static void free_gaps(struct pvl_space *space)
{
	pvl_gaps_free(&space->unclaimed);
	pvl_gaps_free(&space->free);
}

void pvl_space_init_in(struct pvl_space *space, const struct pvl_arch *arch,
		       const struct pvhload_memmap *memmap, struct pvl_range *ranges,
		       struct pvl_claim *claims, size_t capacity)
{
	memset(space, 0, sizeof(*space));
	space->arch = arch;
	space->memmap = memmap;
	space->claims = claims;
	space->capacity = capacity;
	space->gapless = true;
	pvl_ram_init_in(memmap, ranges, &space->ram);
}

void pvl_space_free(struct pvl_space *space)
{
	pvl_ram_free(&space->ram);
	free_gaps(space);
	free(space->claims);
	space->claims = NULL;
}

void pvl_space_sort(struct pvl_space *space)
{
	pvl_sort_by_start(space->claims, space->count, sizeof(*space->claims));
}

void pvl_space_close(struct pvl_space *space)
{
	pvl_space_sort(space);
	free_gaps(space);
}

/* The lowest claim that has something of @range, or NULL. */
static const struct pvl_claim *lowest_claim(const struct pvl_space *space, struct pvl_range range)
{
	const struct pvl_claim *lowest = NULL;

	for (size_t i = 0; i < space->count; i++) {
		const struct pvl_claim *claim = &space->claims[i];

		if (pvl_range_overlap(claim->range, range) &&
		    (!lowest || claim->range.start < lowest->range.start))
			lowest = claim;
	}
	return lowest;
}

const struct pvl_claim *pvl_space_claim_of(const struct pvl_space *space, uint64_t gpa)
{
	return lowest_claim(space, (struct pvl_range){ gpa, gpa + 1 });
}

static enum pvhload_status insert(struct pvl_space *space, const struct pvl_part *part,
				  struct pvl_range range, uint32_t reason,
				  struct pvhload_error *err)
{
	struct pvl_claim *claim;

	if (!pvl_grow((void **)&space->claims, &space->capacity, space->count,
		      sizeof(*space->claims)) ||
	    (!space->gapless && !take_from(&space->free, range)) ||
	    (space->unclaimed.count > 0 && !take_from(&space->unclaimed, range)))
		return pvl_fail_no_memory(err, sizeof(*space->claims));
	claim = &space->claims[space->count];
	claim->range = range;
	claim->size = part->size;
	claim->kind = part->kind;
	claim->index = part->index;
	claim->reason = reason;
	claim->unused = false;
	claim->number = space->count;
	memcpy(claim->name, part->name, sizeof(claim->name));
	space->count++;
	return PVHLOAD_OK;
}

/* The first address of @range that is not RAM; @range is known to have one. */
static uint64_t first_not_ram(const struct pvl_space *space, struct pvl_range range)
{
	uint64_t at = range.start;

	for (size_t i = 0; i < space->ram.count; i++)
		if (at >= space->ram.ranges[i].start && at < space->ram.ranges[i].end)
			at = space->ram.ranges[i].end;
	return at;
}

static uint64_t count_not_ram(const struct pvl_space *space, struct pvl_range range)
{
	uint64_t count = range.end - range.start;

	for (size_t i = 0; i < space->ram.count; i++) {
		const uint64_t start = pvl_max_u64(range.start, space->ram.ranges[i].start);
		const uint64_t end = pvl_min_u64(range.end, space->ram.ranges[i].end);

		count -= start < end ? end - start : 0;
	}
	return count;
}

static enum pvhload_status not_ram(const struct pvl_space *space, const char *name,
				   struct pvl_range range, struct pvhload_error *err)
{
	const uint64_t at = first_not_ram(space, range), missing = count_not_ram(space, range);
	struct pvl_range hole = { 0, UINT64_MAX };

	for (size_t i = 0; i < space->memmap->count; i++) {
		const struct pvhload_memmap_entry *e = &space->memmap->entries[i];
		const struct pvl_range r = pvl_memmap_range(e);

		if (at >= r.start && at < r.end)
			return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(at),
					"%s " PVL_RANGE_FMT
					" leaves RAM: it runs into %s " PVL_RANGE_FMT "; 0x%" PRIx64
					" of its bytes are not RAM",
					name, PVL_RANGE_ARG(range), pvl_memmap_type_name(e->type),
					PVL_RANGE_ARG(r), missing);
		if (r.end <= at)
			hole.start = pvl_max_u64(hole.start, r.end);
		else
			hole.end = pvl_min_u64(hole.end, r.start);
	}
	if (hole.end == UINT64_MAX)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(at),
				"%s " PVL_RANGE_FMT " leaves RAM: the memory map ends at 0x%" PRIx64
				"; 0x%" PRIx64 " of its bytes are not RAM",
				name, PVL_RANGE_ARG(range), hole.start, missing);
	return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(at),
			"%s " PVL_RANGE_FMT " leaves RAM: it runs into the hole " PVL_RANGE_FMT
			"; 0x%" PRIx64 " of its bytes are not RAM",
			name, PVL_RANGE_ARG(range), PVL_RANGE_ARG(hole), missing);
}

static enum pvhload_status check_claims(const struct pvl_space *space, const char *name,
					struct pvl_range range, struct pvhload_error *err)
{
	const struct pvl_claim *other = lowest_claim(space, range);
	struct pvl_range both;

	if (!other)
		return PVHLOAD_OK;
	both = (struct pvl_range){ pvl_max_u64(range.start, other->range.start),
				   pvl_min_u64(range.end, other->range.end) };
	return pvl_fail(err, PVHLOAD_E_OVERLAP, PVL_GPA(both.start),
			"%s " PVL_RANGE_FMT " overlaps %s " PVL_RANGE_FMT " by 0x%" PRIx64 " bytes",
			name, PVL_RANGE_ARG(range), other->name, PVL_RANGE_ARG(other->range),
			both.end - both.start);
}

enum pvhload_status pvl_space_check(const struct pvl_space *space, const char *name,
				    struct pvl_range range, struct pvhload_error *err)
{
	if (pvl_gaps_contain(&space->free, range))
		return PVHLOAD_OK;
	if (!pvl_ram_contains(&space->ram, range))
		return not_ram(space, name, range, err);
	return check_claims(space, name, range, err);
}

/* What there is instead of a ROM for @part. */
static enum pvhload_status not_rom(const struct pvl_space *space, const struct pvl_part *part,
				   struct pvl_range range, struct pvhload_error *err)
{
	const char *ram = pvl_ram_overlaps(&space->ram, range)
				  ? ", and some of it is RAM of the memory map"
				  : "";

	if (part->target == PVL_TO_RAM_OR_ROM)
		return pvl_fail_but(err, not_ram(space, part->name, range, err),
				    "nor is it in one of the ROMs that are declared");
	return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(range.start),
			"%s " PVL_RANGE_FMT " is in none of the ROMs that are declared%s",
			part->name, PVL_RANGE_ARG(range), ram);
}

enum pvhload_status pvl_space_check_part(const struct pvl_space *space, const struct pvl_part *part,
					 struct pvl_range range, struct pvhload_error *err)
{
	const bool rom = part->target != PVL_TO_RAM &&
			 pvl_roms_contain(space->roms, space->rom_count, range);

	if (rom || (part->target == PVL_TO_RAM_OR_ROM && pvl_ram_contains(&space->ram, range)))
		return check_claims(space, part->name, range, err);
	if (part->target == PVL_TO_RAM)
		return pvl_space_check(space, part->name, range, err);
	return not_rom(space, part, range, err);
}

void pvl_part_set_name(struct pvl_part *part, const char *name)
{
	if (snprintf(part->name, sizeof(part->name), "%s", name) >= (int)sizeof(part->name))
		part->name[sizeof(part->name) - 2] = '~';
}

/* check_claims() of a range that may be anywhere, without a look at each claim. */
static enum pvhload_status check_unclaimed(struct pvl_space *space, const char *name,
					   struct pvl_range range, struct pvhload_error *err)
{
	if (space->gapless)
		return check_claims(space, name, range, err);
	if (space->unclaimed.count == 0)
		PVL_TRY(make_unclaimed(space, err));
	return pvl_gaps_contain(&space->unclaimed, range) ? PVHLOAD_OK
							  : check_claims(space, name, range, err);
}

enum pvhload_status pvl_space_keep_free(struct pvl_space *space, const char *name, uint64_t gpa,
					uint64_t size, struct pvhload_error *err)
{
	struct pvl_part part = { .size = size };
	struct pvl_range range;

	if (size == 0)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"keep_free \"%s\" at 0x%" PRIx64 " is empty", name, gpa);
	if (!pvl_range_make(gpa, size, &range))
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"keep_free \"%s\", 0x%" PRIx64 " bytes at 0x%" PRIx64
				", passes the end of the address space",
				name, size, gpa);
	pvl_part_set_name(&part, name);
	if (!pvl_gaps_contain(&space->free, range))
		PVL_TRY(check_unclaimed(space, name, range, err));
	return insert(space, &part, range, 0, err);
}

static enum pvhload_status keep_rest(struct pvl_space *space, const char *name,
				     struct pvl_range range, bool unused, struct pvhload_error *err)
{
	struct pvl_range gap;

	if (space->unclaimed.count == 0)
		PVL_TRY(make_unclaimed(space, err));
	while (pvl_gaps_next(&space->unclaimed, range, &gap)) {
		PVL_TRY(pvl_space_keep_free(space, name, gap.start, gap.end - gap.start, err));
		space->claims[space->count - 1].unused = unused;
		range.start = gap.end;
	}
	return PVHLOAD_OK;
}

enum pvhload_status pvl_space_keep_rest(struct pvl_space *space, const char *name,
					struct pvl_range range, struct pvhload_error *err)
{
	return keep_rest(space, name, range, false, err);
}

enum pvhload_status pvl_space_leave_unused(struct pvl_space *space, const char *name,
					   struct pvl_range range, struct pvhload_error *err)
{
	return keep_rest(space, name, range, true, err);
}

bool pvl_space_is_claimed(const struct pvl_space *space, struct pvl_range range)
{
	const struct pvl_claim *claim = lowest_claim(space, range);

	return claim && pvl_range_contains(claim->range, range);
}

/* The range that @part claims at @gpa; false if it wraps. */
static bool claimed(const struct pvl_space *space, const struct pvl_part *part, uint64_t gpa,
		    struct pvl_range *ret)
{
	if (!pvl_range_make(gpa, part->size, ret))
		return false;
	return !part->whole_pages || pvl_align_up(ret->end, space->arch->page_size, &ret->end);
}

enum pvhload_status pvl_space_claim(struct pvl_space *space, const struct pvl_part *part,
				    uint64_t gpa, uint32_t reason, struct pvhload_error *err)
{
	struct pvl_range range;

	if (!claimed(space, part, gpa, &range) || gpa + part->size > part->limit)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"%s, 0x%" PRIx64 " bytes at 0x%" PRIx64
				", does not end below %s: 0x%" PRIx64 " bytes are beyond it",
				part->name, part->size, gpa, part->limit_name,
				gpa < part->limit ? part->size - (part->limit - gpa) : part->size);
	if ((gpa & (part->align - 1)) != 0)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"%s at 0x%" PRIx64 " is not at a multiple of 0x%" PRIx64,
				part->name, gpa, part->align);
	PVL_TRY(pvl_space_check_part(space, part, range, err));
	return insert(space, part, range, reason, err);
}

enum pvhload_status pvl_space_release(struct pvl_space *space, uint64_t gpa,
				      struct pvhload_error *err)
{
	const size_t i = (size_t)(pvl_space_claim_of(space, gpa) - space->claims);

	space->claims[i] = space->claims[--space->count];
	return remake_gaps(space, err);
}

enum pvhload_status pvl_space_clear(struct pvl_space *space, struct pvhload_error *err)
{
	space->saved_count = 0;
	return pvl_space_restore(space, err);
}

void pvl_space_save(struct pvl_space *space)
{
	space->saved_count = space->count;
}

/* They may have been sorted since, so they are known by their numbers. */
enum pvhload_status pvl_space_restore(struct pvl_space *space, struct pvhload_error *err)
{
	size_t kept = 0;

	if (space->count == space->saved_count)
		return PVHLOAD_OK;
	for (size_t i = 0; i < space->count; i++)
		if (space->claims[i].number < space->saved_count)
			space->claims[kept++] = space->claims[i];
	space->count = kept;
	return remake_gaps(space, err);
}

enum pvhload_status pvl_space_set_ram(struct pvl_space *space, const struct pvhload_memmap *memmap,
				      const struct pvl_ram *ram, struct pvhload_error *err)
{
	space->memmap = memmap;
	space->ram = *ram;
	return remake_gaps(space, err);
}
