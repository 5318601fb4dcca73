/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The place of a bzImage that decodes itself.  It has two ranges: where its bytes are loaded, and
 * where it decodes its payload to and runs.  Mostly the first is within the second.
 *
 * ABI source: Linux, Documentation/arch/x86/boot.rst: relocatable_kernel, kernel_alignment,
 * min_alignment, pref_address, init_size.
 */
#include <pvhload/region.h>

#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/store.h"
#include "kernel/kernel_format.h"

/*
 * Protocols before 2.10 do not say how much memory the kernel needs.  From 2.08 on, the decoded
 * size of the payload is known; this much is added for .bss, which is generous for kernels of that
 * time.  Before 2.08, a multiple of the file size is taken: kernels decode to three or four times
 * their size.  These are assumptions, not ABI.
 */
#define OLD_BSS    (8u << 20)
#define OLD_FACTOR 5u

/* Bytes that the kernel needs from its run-time start on. */
static uint64_t run_size(const struct pvhload_image_info *info)
{
	const struct pvhload_image_part *part = pvl_image_payload_part(info);

	/* No overflow: the values have 32 bits, except code_size, which is at most the size of a file. */
	if (info->init_size != 0)
		return info->init_size;
	if (part)
		return part->decoded_size + OLD_BSS;
	return info->bzimage->code_size < UINT32_MAX ? info->bzimage->code_size * OLD_FACTOR
						     : info->bzimage->code_size;
}

/*
 * kernel_alignment for @load: as in the file, or min_alignment if the address is only a multiple of
 * that.
 */
static uint64_t alignment_for(const struct pvhload_image_info *info, uint64_t load)
{
	if (!info->relocatable || load % info->alignment == 0)
		return info->alignment;
	return info->bzimage->min_alignment;
}

/*
 * Where it goes by itself: to pref_address, which is no preference if it is 0, or to the next multiple of
 * kernel_alignment, where it would move itself up to.
 */
static uint64_t own_place(const struct pvhload_image_info *info)
{
	const uint64_t preferred =
		info->preferred_address != 0 ? info->preferred_address : pvl_arch_x86.high_min;
	uint64_t own;

	if (!info->relocatable)
		return info->entry;
	/* at() refuses what would pass the end of the address space. */
	return pvl_align_up(preferred, info->alignment, &own) ? own : preferred;
}

/* The lowest address that it may take: below 1 MiB only what the image itself asks for. */
static uint64_t lowest(const struct pvhload_image_info *info)
{
	const uint64_t preferred = info->preferred_address;
	uint64_t asks = preferred;

	if (!info->relocatable)
		asks = preferred != 0 ? pvl_min_u64(preferred, info->entry) : info->entry;
	return asks != 0 ? pvl_min_u64(asks, pvl_arch_x86.high_min) : pvl_arch_x86.high_min;
}

static void describe(struct pvl_kernel *k, uint32_t levels)
{
	const struct pvhload_image_info *info = &k->image->info;
	const bool above = k->entry == PVL_ENTRY_64 &&
			   info->bzimage->xloadflags & PVHLOAD_XLF_CAN_BE_LOADED_ABOVE_4G;

	k->movable = info->relocatable;
	k->why_not = "it is not relocatable";
	k->own = own_place(info);
	k->align = info->alignment;
	k->least_align = info->bzimage->min_alignment;
	k->min = lowest(info);
	k->search_min = pvl_max_u64(pvl_arch_x86.high_min, info->preferred_address);
	pvl_kernel_set_end(k, above ? pvl_linux_memory_bits(levels) : 32);
	k->extent = pvl_max_u64(run_size(info), info->bzimage->code_size);
}

static enum pvhload_status check_load(const struct pvhload_image_info *info, uint64_t load,
				      struct pvhload_error *err)
{
	if (!info->relocatable && load != info->entry)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(load),
				"the kernel is not relocatable: it must be loaded at 0x%" PRIx64
				", not at 0x%" PRIx64,
				info->entry, load);
	/*
	 * The preferred place of old kernels is not a multiple of their own alignment; they move
	 * themselves up.
	 */
	if (info->relocatable && load != info->preferred_address &&
	    load % info->bzimage->min_alignment != 0)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(load),
				"the kernel at 0x%" PRIx64
				" is not at a multiple of its least alignment, 0x%" PRIx32,
				load, info->bzimage->min_alignment);
	return PVHLOAD_OK;
}

/* Where it wants to run: without a pref_address, where it is loaded. */
static uint64_t run_start(const struct pvl_bzimage_terms *t, uint64_t load)
{
	if (t->relocatable)
		return pvl_max_u64(load, t->preferred);
	return t->preferred != 0 ? t->preferred : load;
}

/* Where it decodes to and runs. */
static bool set_run_range(const struct pvl_bzimage_terms *t, uint64_t load, struct pvl_range *ret)
{
	uint64_t start = run_start(t, load);

	if (t->relocatable && (t->alignment == 0 || (t->alignment & (t->alignment - 1)) != 0 ||
			       !pvl_align_up(start, t->alignment, &start)))
		return false;
	return pvl_range_make(start, t->run_size, ret);
}

bool pvl_bzimage_ranges(const struct pvl_bzimage_terms *t, uint64_t load,
			struct pvl_kernel_place *ret)
{
	return pvl_range_make(load, t->image_size, &ret->image) &&
	       set_run_range(t, load, &ret->run);
}

static enum pvhload_status set_ranges(const struct pvhload_image_info *info, uint64_t load,
				      struct pvl_kernel_place *ret, struct pvhload_error *err)
{
	const struct pvl_bzimage_terms terms = { .relocatable = info->relocatable,
						 .preferred = info->preferred_address,
						 .alignment = ret->alignment,
						 .image_size = info->bzimage->code_size,
						 .run_size = run_size(info) };

	if (pvl_bzimage_ranges(&terms, load, ret))
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(load),
			"the kernel at 0x%" PRIx64 ", running from 0x%" PRIx64
			" on, passes the end of the address space",
			load, run_start(&terms, load));
}

static enum pvhload_status check_bounds(const struct pvl_kernel *k,
					const struct pvl_kernel_place *place,
					struct pvhload_error *err)
{
	const uint64_t end = pvl_max_u64(place->image.end, place->run.end);

	if (place->image.start < k->min || place->run.start < k->min)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(place->gpa),
				"the kernel at 0x%" PRIx64 ", running from 0x%" PRIx64
				" on, is below %s",
				place->gpa, place->run.start,
				k->min < pvl_arch_x86.high_min ? "its pref_address" : "1 MiB");
	if (end > k->end)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(place->gpa),
				"the kernel at 0x%" PRIx64
				" does not end below %s: it takes RAM up to 0x%" PRIx64,
				place->gpa, k->end_name, end);
	return PVHLOAD_OK;
}

static enum pvhload_status at(const struct pvl_kernel *k, uint64_t gpa,
			      struct pvl_kernel_place *ret, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &k->image->info;
	struct pvl_kernel_place place = { .gpa = gpa, .alignment = alignment_for(info, gpa) };

	PVL_TRY(check_load(info, gpa, err));
	PVL_TRY(set_ranges(info, gpa, &place, err));
	PVL_TRY(check_bounds(k, &place, err));
	place.entry = gpa + (k->entry == PVL_ENTRY_64 ? PVHLOAD_SETUP_ENTRY64 : 0);
	*ret = place;
	return PVHLOAD_OK;
}

bool pvl_bzimage_runs_elsewhere(const struct pvl_kernel_place *place)
{
	return place->image.end < place->run.start || place->run.end < place->image.start;
}

struct pvl_range pvl_bzimage_range(const struct pvl_kernel_place *place)
{
	if (pvl_bzimage_runs_elsewhere(place))
		return place->run;
	return (struct pvl_range){ pvl_min_u64(place->image.start, place->run.start),
				   pvl_max_u64(place->image.end, place->run.end) };
}

static enum pvhload_status check(const struct pvl_kernel *k, const struct pvl_kernel_place *place,
				 const struct pvl_space *space, struct pvhload_error *err)
{
	(void)k;
	if (pvl_bzimage_runs_elsewhere(place))
		PVL_TRY(pvl_space_check(space, "kernel image", place->image, err));
	return pvl_space_check(space, "kernel", pvl_bzimage_range(place), err);
}

static enum pvhload_status claim_range(struct pvl_space *space, const char *name, uint32_t kind,
				       struct pvl_range range, uint32_t reason,
				       struct pvhload_error *err)
{
	struct pvl_part part = { .kind = kind,
				 .size = range.end - range.start,
				 .align = 1,
				 .limit = UINT64_MAX,
				 .limit_name = "2^64" };

	snprintf(part.name, sizeof(part.name), "%s", name);
	return pvl_space_claim(space, &part, range.start, reason, err);
}

static enum pvhload_status claim(const struct pvl_kernel *k, const struct pvl_kernel_place *place,
				 uint32_t reason, struct pvl_space *space,
				 struct pvhload_error *err)
{
	(void)k;
	if (pvl_bzimage_runs_elsewhere(place))
		PVL_TRY(claim_range(space, "kernel image", PVHLOAD_REGION_KERNEL_IMAGE,
				    place->image, reason, err));
	return claim_range(space, "kernel", PVHLOAD_REGION_KERNEL, pvl_bzimage_range(place), reason,
			   err);
}

/* Bytes from @gpa to the next page. */
static uint64_t rest_of_page(const struct pvl_space *space, uint64_t gpa)
{
	const uint64_t page = space->arch->page_size;

	return (page - gpa % page) % page;
}

/* The code, and zeros to the end of its last page, as far as that is the kernel's. */
static enum pvhload_status write_code(const struct pvl_kernel *k,
				      const struct pvl_kernel_place *place,
				      const struct pvl_space *space, struct pvl_writes *writes,
				      struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &k->image->info;
	const struct pvl_write code = { .gpa = place->gpa,
					.size = info->bzimage->code_size,
					.from = PVL_FROM_SOURCE,
					.source = pvl_image_source(k->image),
					.offset = info->bzimage->code_offset,
					.subject = PVHLOAD_SUBJECT_KERNEL };

	const uint64_t end = place->image.end;
	const uint64_t region_end = pvl_space_claim_of(space, place->gpa)->range.end;
	const struct pvl_write rest = {
		.gpa = end, .size = pvl_min_u64(rest_of_page(space, end), region_end - end)
	};

	PVL_TRY(pvl_writes_append(writes, code, err));
	return pvl_writes_append(writes, rest, err);
}

/* Set a field of 32 bits, if the header has it. */
static void set_field(uint8_t *header, size_t size, uint32_t offset, uint32_t value)
{
	const size_t field = offset - PVHLOAD_SETUP_HEADER_OFFSET;

	if (field + sizeof(value) <= size)
		pvl_store_le32(header + field, value);
}

void pvl_kernel_update_header(const struct pvl_kernel *kernel, const struct pvl_kernel_place *place,
			      uint8_t *header, size_t size)
{
	const uint64_t load = place ? place->gpa : 0;

	set_field(header, size, PVHLOAD_SETUP_CODE32_START,
		  load <= UINT32_MAX ? (uint32_t)load : 0);
	if (place && place->alignment != kernel->image->info.alignment)
		set_field(header, size, PVHLOAD_SETUP_ALIGNMENT, (uint32_t)place->alignment);
}

const struct pvl_kernel_format pvl_kernel_bzimage = {
	.describe = describe,
	.at = at,
	.check = check,
	.claim = claim,
	.write = write_code,
};
