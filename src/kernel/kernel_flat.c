/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A flat Image's place: its text_offset from a multiple of 2 MiB.  It has none of its own.
 *
 * On arm64 it goes as low as it fits: what is below an old kernel is lost to it.  On riscv64, where a firmware has the
 * first bytes of RAM, it goes text_offset from there, as all loaders do it, and otherwise as low as it fits.
 *
 * ABI source: Linux, Documentation/arch/arm64/booting.rst, Documentation/arch/riscv/boot-image-header.rst.  What a base
 * that is not a multiple of 2 MiB does was found by booting: one of 64 KiB is warned of, one of 4 KiB ends in a panic
 * on arm64 and without a word on riscv64.
 */
#include <pvhload/region.h>

#include "abi/flat_layout.h"
#include "arm64/arm64_limits.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "kernel/kernel_format.h"
#include "riscv64/riscv64_limits.h"

static bool is_riscv(const struct pvl_kernel *k)
{
	return k->image->info.arch == PVHLOAD_ARCH_RISCV64;
}

static void describe(struct pvl_kernel *k, uint32_t levels)
{
	const struct pvhload_image_info *info = &k->image->info;
	const struct pvhload_image_flat *flat = info->flat;

	(void)levels;
	k->extent = pvl_max_u64(flat->image_size, info->size);
	k->movable = is_riscv(k) || flat->anywhere;
	k->why_not = "its flags say that memory below it is lost to it";
	k->own_is_lowest = !is_riscv(k);
	k->align = k->least_align = info->alignment;
	k->phase = flat->text_offset & (info->alignment - 1);
	k->min = flat->text_offset;
	k->search_min = pvl_max_u64(k->min, pvl_kernel_arch(k->image)->high_min);
	pvl_kernel_set_end(k, is_riscv(k) ? PVL_RISCV64_PHYSICAL_BITS : PVL_ARM64_ADDRESS_BITS);
}

/* Its text_offset from the first multiple in RAM; 0 if that is nowhere, or in the first page. */
static uint64_t from_start_of_ram(const struct pvl_kernel *k, const struct pvl_space *space)
{
	uint64_t base;

	if (space->ram.count == 0 || !pvl_align_up(space->ram.ranges[0].start, k->align, &base) ||
	    !pvl_add_u64(base, k->image->info.flat->text_offset, &base) || base < k->search_min)
		return 0;
	return base;
}

static uint64_t own(const struct pvl_kernel *k, const struct pvl_space *space)
{
	const struct pvl_part part = { .name = "kernel",
				       .size = k->extent,
				       .align = k->align,
				       .phase = k->phase,
				       .min = k->search_min,
				       .limit = k->end,
				       .limit_name = k->end_name };
	uint64_t gpa;

	if (!is_riscv(k) && pvl_space_find(space, &part, false, &gpa, NULL) == PVHLOAD_OK)
		return gpa;
	return from_start_of_ram(k, space);
}

static enum pvhload_status at(const struct pvl_kernel *k, uint64_t gpa,
			      struct pvl_kernel_place *ret, struct pvhload_error *err)
{
	struct pvl_kernel_place place = { .gpa = gpa, .entry = gpa };

	if (gpa == 0)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"the kernel cannot be at address 0, which means absent");
	if (gpa < k->min || ((gpa - k->phase) & (k->align - 1)) != 0)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"the kernel cannot be at 0x%" PRIx64
				": by its boot protocol it is at a multiple of 0x%" PRIx64
				" plus its text_offset, 0x%" PRIx64,
				gpa, k->align, k->min);
	if (!pvl_range_make(gpa, k->extent, &place.image) || place.image.end > k->end)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"the kernel, 0x%" PRIx64 " bytes at 0x%" PRIx64
				", does not end below %s",
				k->extent, gpa, k->end_name);
	place.run = place.image;
	*ret = place;
	return PVHLOAD_OK;
}

static enum pvhload_status check(const struct pvl_kernel *k, const struct pvl_kernel_place *place,
				 const struct pvl_space *space, struct pvhload_error *err)
{
	(void)k;
	return pvl_space_check(space, "kernel", place->image, err);
}

static enum pvhload_status claim(const struct pvl_kernel *k, const struct pvl_kernel_place *place,
				 uint32_t reason, struct pvl_space *space,
				 struct pvhload_error *err)
{
	const struct pvl_part part = { .name = "kernel",
				       .kind = PVHLOAD_REGION_KERNEL,
				       .size = k->extent,
				       .align = 1,
				       .limit = UINT64_MAX,
				       .limit_name = "2^64" };

	return pvl_space_claim(space, &part, place->gpa, reason, err);
}

/* The whole file, and zeros for what it needs after that: .bss, which only Linux is known to clear itself. */
static enum pvhload_status write_image(const struct pvl_kernel *k,
				       const struct pvl_kernel_place *place,
				       const struct pvl_space *space, struct pvl_writes *writes,
				       struct pvhload_error *err)
{
	const uint64_t size = k->image->info.size;
	const struct pvl_write bytes = { .gpa = place->gpa,
					 .size = size,
					 .from = PVL_FROM_SOURCE,
					 .source = pvl_image_source(k->image),
					 .subject = PVHLOAD_SUBJECT_KERNEL };
	const struct pvl_write zeros = { .gpa = place->gpa + size, .size = k->extent - size };

	(void)space;
	PVL_TRY(pvl_writes_append(writes, bytes, err));
	return pvl_writes_append(writes, zeros, err);
}

const struct pvl_kernel_format pvl_kernel_flat = {
	.describe = describe,
	.own = own,
	.at = at,
	.check = check,
	.claim = claim,
	.write = write_image,
};
