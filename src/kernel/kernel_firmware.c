/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A raw firmware has one place: ROM up to 4 GiB. */
#include <pvhload/region.h>

#include "core/error.h"
#include "kernel/kernel_format.h"

static void describe(struct pvl_kernel *kernel, uint32_t levels)
{
	(void)levels;
	kernel->own = kernel->image->firmware.window.gpa;
}

static enum pvhload_status at(const struct pvl_kernel *kernel, uint64_t gpa,
			      struct pvl_kernel_place *ret, struct pvhload_error *err)
{
	if (gpa != kernel->own)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"the firmware cannot be at 0x%" PRIx64
				": it ends at 4 GiB, so it is at "
				"0x%" PRIx64,
				gpa, kernel->own);
	ret->gpa = gpa;
	ret->shift = ret->alignment = 0;
	ret->image = ret->run = (struct pvl_range){ gpa, PVL_4GIB };
	ret->entry = PVL_X86_RESET_VECTOR;
	return PVHLOAD_OK;
}

static struct pvl_part part_of(const struct pvl_kernel_place *place)
{
	return (struct pvl_part){ .name = "firmware",
				  .kind = PVHLOAD_REGION_FIRMWARE,
				  .size = place->image.end - place->image.start,
				  .align = PVHLOAD_FIRMWARE_ALIGN,
				  .limit = PVL_4GIB,
				  .limit_name = PVL_4GIB_NAME,
				  .target = PVL_TO_ROM };
}

static enum pvhload_status check(const struct pvl_kernel *kernel,
				 const struct pvl_kernel_place *place,
				 const struct pvl_space *space, struct pvhload_error *err)
{
	const struct pvl_part part = part_of(place);

	(void)kernel;
	return pvl_space_check_part(space, &part, place->image, err);
}

static enum pvhload_status claim(const struct pvl_kernel *kernel,
				 const struct pvl_kernel_place *place, uint32_t reason,
				 struct pvl_space *space, struct pvhload_error *err)
{
	const struct pvl_part part = part_of(place);

	(void)kernel;
	return pvl_space_claim(space, &part, place->gpa, reason, err);
}

static enum pvhload_status write(const struct pvl_kernel *kernel,
				 const struct pvl_kernel_place *place,
				 const struct pvl_space *space, struct pvl_writes *writes,
				 struct pvhload_error *err)
{
	const struct pvl_write all = { .gpa = place->gpa,
				       .size = kernel->image->source.length,
				       .from = PVL_FROM_SOURCE,
				       .source = pvl_image_source(kernel->image),
				       .subject = PVHLOAD_SUBJECT_KERNEL };

	(void)space;
	return pvl_writes_append(writes, all, err);
}

const struct pvl_kernel_format pvl_kernel_firmware = {
	.describe = describe,
	.at = at,
	.check = check,
	.claim = claim,
	.write = write,
};
