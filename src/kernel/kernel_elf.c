/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * An ELF kernel's place.  Each segment must be in free RAM; what RAM lies between two of them belongs to the
 * kernel as well if it is Linux, which gives those gaps to its page allocator (no document says so).
 * A kernel that looks for another place is moved as a whole, to where all of its extent is free.
 *
 * ABI source: Xen, docs/misc/pvh.pandoc (PHYS32_RELOC); Linux, arch/x86/kernel/head_64.S, which finds out
 * where it is, by multiples of PMD_SIZE.
 */
#include <pvhload/region.h>

#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "kernel/kernel_format.h"

/* Linux has 4 or 5. */
#define FEW_SEGMENTS 16u

/* The kernel's ranges, by address: its segments, for Linux joined across RAM. */
struct extents {
	struct pvl_range *ranges; /* room for one for each segment: @few, or of the heap */
	size_t count;
	struct pvl_range few[FEW_SEGMENTS];
};

/* The PHYS32_RELOC note says where the image may be. */
static void describe_pvh(struct pvl_kernel *k)
{
	const struct pvhload_image_pvh *pvh = k->image->info.pvh;
	const struct pvhload_image_pvh_reloc *reloc = pvh ? pvh->reloc : NULL;

	k->movable = reloc != NULL;
	k->why_not = k->image->reloc_problem[0] ? k->image->reloc_problem
						: "it has no PHYS32_RELOC note";
	k->align = reloc ? reloc->align : 1;
	k->min = reloc ? reloc->min : k->own;
	k->end = reloc ? (uint64_t)reloc->max + 1 : k->own + k->extent;
	snprintf(k->end_name, sizeof(k->end_name), "0x%" PRIx64, k->end);
}

/* startup_64 finds out where it is; anything else that an ELF file may be stays where it is linked. */
static void describe_linux(struct pvl_kernel *k, uint32_t levels)
{
	k->movable = k->entry == PVL_ENTRY_64;
	k->why_not = "its 32-bit entry is not position independent";
	k->align = PVL_X86_LINUX_STEP;
	k->phase = k->own & (PVL_X86_LINUX_STEP - 1);
	k->min = PVL_X86_LINUX_STEP;
	pvl_kernel_set_end(k, pvl_linux_memory_bits(levels));
}

/* The header of Multiboot 2 may say where the image may be.  The gaps between segments are not the kernel's. */
static void describe_multiboot(struct pvl_kernel *k)
{
	const struct pvhload_image_multiboot *header = pvl_multiboot_header(k->image, k->entry);
	const struct pvhload_image_multiboot_reloc *reloc = header ? header->reloc : NULL;

	k->is_linux = false;
	k->movable = reloc != NULL;
	k->why_not = "its Multiboot header does not say that it can be";
	k->align = reloc ? reloc->align : 1;
	k->min = reloc ? reloc->min : k->own;
	k->end = reloc ? (uint64_t)reloc->max + 1 : k->own + k->extent;
	snprintf(k->end_name, sizeof(k->end_name), "0x%" PRIx64, k->end);
}

/*
 * By a Multiboot header with address fields not the ELF file's segments.  Nothing of an image that turns out to have
 * no such entry.
 */
static const struct pvhload_image_elf *loaded(const struct pvl_kernel *k)
{
	static const struct pvhload_image_elf nothing = { .segments = NULL };
	const struct pvhload_image_multiboot *header = NULL;

	if (pvl_is_multiboot(k->entry))
		header = pvl_multiboot_header(k->image, k->entry);
	if (header && header->loads)
		return header->loads;
	return k->image->info.elf ? k->image->info.elf : &nothing;
}

static void describe(struct pvl_kernel *k, uint32_t levels)
{
	k->loads = loaded(k);
	k->own = k->loads->range.gpa;
	k->extent = k->loads->range.size;
	if (k->entry == PVL_ENTRY_PVH)
		describe_pvh(k);
	else if (pvl_is_multiboot(k->entry))
		describe_multiboot(k);
	else
		describe_linux(k, levels);
	k->least_align = k->align;
	k->search_min = pvl_max_u64(k->min, pvl_arch_x86.high_min);
}

/* How many bytes of the kernel at @gpa are outside of where it may be. */
static uint64_t outside(const struct pvl_kernel *k, uint64_t gpa)
{
	const uint64_t from = pvl_max_u64(gpa, k->min);
	const uint64_t room = from < k->end ? k->end - from : 0;
	const uint64_t below = from - gpa;

	return below >= k->extent ? k->extent : k->extent - pvl_min_u64(k->extent - below, room);
}

/* May it be moved to @gpa? */
static enum pvhload_status check_move(const struct pvl_kernel *k, uint64_t gpa,
				      struct pvhload_error *err)
{
	struct pvl_range range;

	if (!k->movable)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"the kernel cannot be moved from 0x%" PRIx64 " to 0x%" PRIx64
				": %s",
				k->own, gpa, k->why_not);
	if (((gpa - k->phase) & (k->align - 1)) != 0)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"the kernel cannot be moved from 0x%" PRIx64 " to 0x%" PRIx64
				": %s must be a multiple of 0x%" PRIx64,
				k->own, gpa,
				k->entry == PVL_ENTRY_64 ? "the distance" : "its address",
				k->align);
	if (gpa < k->min || !pvl_range_make(gpa, k->extent, &range) || range.end > k->end)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"the kernel, 0x%" PRIx64 " bytes, cannot be moved to 0x%" PRIx64
				": it can be in [0x%" PRIx64 ", 0x%" PRIx64 "), and 0x%" PRIx64
				" bytes would be outside",
				k->extent, gpa, k->min, k->end, outside(k, gpa));
	return PVHLOAD_OK;
}

/* Where it is entered if it is not moved. */
static uint64_t entry_of(const struct pvl_kernel *k)
{
	if (pvl_is_multiboot(k->entry))
		return pvl_multiboot_header(k->image, k->entry)->entry;
	return k->entry == PVL_ENTRY_PVH ? k->image->info.pvh->entry : k->image->info.entry;
}

/* Where a Multiboot kernel is linked to is no place that it allows, if it says which it does. */
static enum pvhload_status at(const struct pvl_kernel *k, uint64_t gpa,
			      struct pvl_kernel_place *ret, struct pvhload_error *err)
{
	struct pvl_kernel_place place = { .gpa = gpa, .shift = gpa - k->own };

	if (gpa != k->own || (pvl_is_multiboot(k->entry) && k->movable))
		PVL_TRY(check_move(k, gpa, err));
	/* No overflow: it is the linked address, or check_move() has checked the end. */
	place.image = place.run = (struct pvl_range){ gpa, gpa + k->extent };
	place.entry = entry_of(k) + place.shift;
	*ret = place;
	return PVHLOAD_OK;
}

static struct pvl_range segment_range(const struct pvhload_image_segment *s,
				      const struct pvl_kernel_place *place)
{
	return (struct pvl_range){ s->gpa + place->shift, s->gpa + place->shift + s->mem_size };
}

/* The ranges of all segments there, sorted. */
static enum pvhload_status list_segments(const struct pvl_kernel *k,
					 const struct pvl_kernel_place *place, struct extents *ret,
					 struct pvhload_error *err)
{
	const size_t count = k->loads->segment_count;

	ret->ranges = count <= FEW_SEGMENTS ? ret->few : calloc(count, sizeof(*ret->ranges));
	if (!ret->ranges)
		return pvl_fail_no_memory(err, count * sizeof(*ret->ranges));
	for (size_t i = 0; i < count; i++)
		ret->ranges[i] = segment_range(k->loads->segments[i], place);
	pvl_ranges_sort(ret->ranges, count);
	ret->count = count;
	return PVHLOAD_OK;
}

static void free_extents(struct extents *extents)
{
	if (extents->ranges != extents->few)
		free(extents->ranges);
}

/* Join neighbours with nothing but RAM between them; returns how many ranges are left. */
static size_t join_across_ram(const struct pvl_ram *ram, struct pvl_range *ranges, size_t count)
{
	size_t out = 0;

	for (size_t i = 1; i < count; i++) {
		const struct pvl_range both = { ranges[out].start,
						pvl_max_u64(ranges[out].end, ranges[i].end) };

		if (pvl_ram_contains(ram, both))
			ranges[out] = both;
		else
			ranges[++out] = ranges[i];
	}
	return out + 1;
}

/* The ranges of the kernel there; free_extents() frees them. */
static enum pvhload_status list_extents(const struct pvl_kernel *k,
					const struct pvl_kernel_place *place,
					const struct pvl_space *space, struct extents *ret,
					struct pvhload_error *err)
{
	PVL_TRY(list_segments(k, place, ret, err));
	ret->count = pvl_ranges_join_touching(ret->ranges, ret->count);
	if (k->is_linux)
		ret->count = join_across_ram(&space->ram, ret->ranges, ret->count);
	return PVHLOAD_OK;
}

static void name_extent(const struct extents *extents, size_t i, char name[PVL_NAME_SIZE])
{
	snprintf(name, PVL_NAME_SIZE, extents->count == 1 ? "kernel" : "kernel %zu", i);
}

static enum pvhload_status check_segments(const struct pvl_kernel *k,
					  const struct pvl_kernel_place *place,
					  const struct pvl_space *space, struct pvhload_error *err)
{
	char name[PVL_NAME_SIZE];

	for (size_t i = 0; i < k->loads->segment_count; i++) {
		snprintf(name, sizeof(name), "kernel segment %zu", i);
		PVL_TRY(pvl_space_check(space, name, segment_range(k->loads->segments[i], place),
					err));
	}
	return PVHLOAD_OK;
}

static enum pvhload_status check_extents(const struct extents *extents,
					 const struct pvl_space *space, struct pvhload_error *err)
{
	char name[PVL_NAME_SIZE];

	for (size_t i = 0; i < extents->count; i++) {
		name_extent(extents, i, name);
		PVL_TRY(pvl_space_check(space, name, extents->ranges[i], err));
	}
	return PVHLOAD_OK;
}

/* The message names the segment at fault, or, for a gap, the extent. */
static enum pvhload_status check(const struct pvl_kernel *k, const struct pvl_kernel_place *place,
				 const struct pvl_space *space, struct pvhload_error *err)
{
	struct extents extents;
	enum pvhload_status status;

	PVL_TRY(check_segments(k, place, space, err));
	PVL_TRY(list_extents(k, place, space, &extents, err));
	status = check_extents(&extents, space, err);
	free_extents(&extents);
	return status;
}

static enum pvhload_status claim_extents(const struct extents *extents, uint32_t reason,
					 struct pvl_space *space, struct pvhload_error *err)
{
	for (size_t i = 0; i < extents->count; i++) {
		const struct pvl_range range = extents->ranges[i];
		struct pvl_part part = { .kind = PVHLOAD_REGION_KERNEL,
					 .index = (uint32_t)i,
					 .size = range.end - range.start,
					 .align = 1,
					 .limit = UINT64_MAX,
					 .limit_name = "2^64" };

		name_extent(extents, i, part.name);
		PVL_TRY(pvl_space_claim(space, &part, range.start, reason, err));
	}
	return PVHLOAD_OK;
}

static enum pvhload_status claim(const struct pvl_kernel *k, const struct pvl_kernel_place *place,
				 uint32_t reason, struct pvl_space *space,
				 struct pvhload_error *err)
{
	struct extents extents;
	enum pvhload_status status;

	PVL_TRY(list_extents(k, place, space, &extents, err));
	status = claim_extents(&extents, reason, space, err);
	free_extents(&extents);
	return status;
}

/* Flags that say nothing at all are not believed. */
static bool is_steady(const struct pvhload_image_segment *s)
{
	return s->flags != 0 && !(s->flags & PVHLOAD_SEGMENT_WRITE);
}

static enum pvhload_status append_bytes(const struct pvl_kernel *k,
					const struct pvl_kernel_place *place,
					struct pvl_writes *writes, struct pvhload_error *err)
{
	for (size_t i = 0; i < k->loads->segment_count; i++) {
		const struct pvhload_image_segment *s = k->loads->segments[i];
		const struct pvl_write bytes = { .gpa = s->gpa + place->shift,
						 .size = s->file_size,
						 .from = PVL_FROM_SOURCE,
						 .source = pvl_image_source(k->image),
						 .offset = s->offset,
						 .steady = is_steady(s),
						 .subject = PVHLOAD_SUBJECT_KERNEL };

		PVL_TRY(pvl_writes_append(writes, bytes, err));
	}
	return PVHLOAD_OK;
}

/* Sort them, and leave out what one before has written: where two overlap, they are the same bytes. */
static void drop_repeated(struct pvl_writes *writes)
{
	uint64_t end = 0;
	size_t count = 0;

	pvl_sort_by_start(writes->items, writes->count, sizeof(*writes->items));
	for (size_t i = 0; i < writes->count; i++) {
		struct pvl_write w = writes->items[i];
		const uint64_t known = w.gpa < end ? pvl_min_u64(end - w.gpa, w.size) : 0;

		w.gpa += known;
		w.offset += known;
		w.size -= known;
		if (w.size == 0)
			continue;
		end = w.gpa + w.size;
		writes->items[count++] = w;
	}
	writes->count = count;
}

/* Zeros for what has no bytes of the kernel's claims, which no other part of the plan has. */
static enum pvhload_status append_zeros(const struct pvl_space *space, struct pvl_writes *writes,
					struct pvhload_error *err)
{
	const size_t bytes = writes->count;

	for (size_t i = 0; i < space->count; i++)
		if (space->claims[i].kind == PVHLOAD_REGION_KERNEL)
			PVL_TRY(pvl_writes_fill(writes, bytes, space->claims[i].range, err));
	return PVHLOAD_OK;
}

/*
 * All bytes of the segments, and zeros for the rest of what the kernel has claimed: a .bss may reach over
 * another segment's bytes, in whatever order the program headers are, and the bytes stay; and of Linux the gaps
 * are the kernel's, and memory that is used again may hold anything.  The claims say which: the RAM by which
 * they were made may have been less than the space has.  The kernel's are the first writes.
 */
static enum pvhload_status write_segments(const struct pvl_kernel *k,
					  const struct pvl_kernel_place *place,
					  const struct pvl_space *space, struct pvl_writes *writes,
					  struct pvhload_error *err)
{
	PVL_TRY(append_bytes(k, place, writes, err));
	drop_repeated(writes);
	return append_zeros(space, writes, err);
}

const struct pvl_kernel_format pvl_kernel_elf = {
	.describe = describe,
	.at = at,
	.check = check,
	.claim = claim,
	.write = write_segments,
};
