/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Finding a kernel's place.  Its own place is tried first; then, if it can be moved, the lowest or
 * highest place where all of it fits.
 */
#include "kernel/kernel.h"

#include <pvhload/region.h>

#include "core/error.h"
#include "arm64/arm64_limits.h"
#include "core/libc.h"
#include "kernel/kernel_format.h"
#include "riscv64/riscv64_limits.h"

static const struct pvl_kernel_format *format_of(const struct pvl_kernel *kernel)
{
	if (kernel->image->info.flat)
		return &pvl_kernel_flat;
	if (kernel->image->info.firmware)
		return &pvl_kernel_firmware;
	return kernel->image->info.format == PVHLOAD_FORMAT_BZIMAGE ? &pvl_kernel_bzimage
								    : &pvl_kernel_elf;
}

const struct pvl_arch *pvl_kernel_arch(const struct pvhload_image *image)
{
	if (image->info.arch == PVHLOAD_ARCH_ARM64)
		return pvl_arch_arm64(image->flat.page_size);
	return image->info.arch == PVHLOAD_ARCH_RISCV64 ? &pvl_arch_riscv64 : &pvl_arch_x86;
}

uint64_t pvl_kernel_own(const struct pvl_kernel *kernel, const struct pvl_space *space)
{
	const struct pvl_kernel_format *format = format_of(kernel);

	return format->own ? format->own(kernel, space) : kernel->own;
}

void pvl_kernel_set_end(struct pvl_kernel *kernel, unsigned int bits)
{
	kernel->end = UINT64_C(1) << bits;
	snprintf(kernel->end_name, sizeof(kernel->end_name), bits == 32 ? PVL_4GIB_NAME : "2^%u",
		 bits);
}

void pvl_kernel_describe(const struct pvhload_image *image, enum pvl_entry entry, uint32_t levels,
			 bool is_linux, struct pvl_kernel *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->image = image;
	ret->entry = entry;
	ret->is_linux = is_linux;
	format_of(ret)->describe(ret, levels);
}

enum pvhload_status pvl_kernel_at(const struct pvl_kernel *kernel, uint64_t gpa,
				  struct pvl_kernel_place *ret, struct pvhload_error *err)
{
	return format_of(kernel)->at(kernel, gpa, ret, err);
}

enum pvhload_status pvl_kernel_check(const struct pvl_kernel *kernel,
				     const struct pvl_kernel_place *place,
				     const struct pvl_space *space, struct pvhload_error *err)
{
	return format_of(kernel)->check(kernel, place, space, err);
}

enum pvhload_status pvl_kernel_claim(const struct pvl_kernel *kernel,
				     const struct pvl_kernel_place *place, uint32_t reason,
				     struct pvl_space *space, struct pvhload_error *err)
{
	return format_of(kernel)->claim(kernel, place, reason, space, err);
}

enum pvhload_status pvl_kernel_write(const struct pvl_kernel *kernel,
				     const struct pvl_kernel_place *place,
				     const struct pvl_space *space, struct pvl_writes *writes,
				     struct pvhload_error *err)
{
	return format_of(kernel)->write(kernel, place, space, writes, err);
}

/* May the kernel be at @gpa, and is all that it takes there free? */
static enum pvhload_status fits_at(const struct pvl_kernel *kernel, uint64_t gpa,
				   const struct pvl_space *space, struct pvl_kernel_place *ret,
				   struct pvhload_error *err)
{
	PVL_TRY(pvl_kernel_at(kernel, gpa, ret, err));
	return pvl_kernel_check(kernel, ret, space, err);
}

static enum pvhload_status search(const struct pvl_kernel *kernel, uint64_t align, bool highest,
				  const struct pvl_space *space, uint64_t *ret,
				  struct pvhload_error *err)
{
	const struct pvl_part part = { .name = "kernel",
				       .size = kernel->extent,
				       .align = align,
				       .phase = kernel->phase,
				       .min = kernel->search_min,
				       .limit = kernel->end,
				       .limit_name = kernel->end_name };

	return pvl_space_find(space, &part, highest, ret, err);
}

/* Find another place than its own, which failed with @first. */
static enum pvhload_status find_another(const struct pvl_kernel *kernel, enum pvl_kernel_goes goes,
					const struct pvl_space *space,
					const struct pvhload_error *first,
					struct pvl_kernel_place *ret, struct pvhload_error *err)
{
	const bool highest = goes == PVL_KERNEL_HIGH;
	enum pvhload_status status = PVHLOAD_E_NO_ROOM;
	uint64_t gpa = 0;

	/* Where every byte counts, the smaller alignment is better. */
	if (goes == PVL_KERNEL_OWN)
		status = search(kernel, kernel->align, highest, space, &gpa, err);
	if (status != PVHLOAD_OK &&
	    (goes != PVL_KERNEL_OWN || kernel->least_align != kernel->align))
		status = search(kernel, kernel->least_align, highest, space, &gpa, err);
	if (status != PVHLOAD_OK)
		return pvl_fail_in(err, status, "%s", first->message);
	return pvl_kernel_at(kernel, gpa, ret, err);
}

static enum pvhload_status claim_another(const struct pvl_kernel *kernel, enum pvl_kernel_goes goes,
					 struct pvl_space *space, const struct pvhload_error *first,
					 struct pvl_kernel_place *ret, struct pvhload_error *err)
{
	if (!kernel->movable && !kernel->why_not)
		return pvl_fail_as(err, (enum pvhload_status)first->status, first);
	if (!kernel->movable && !kernel->own_is_lowest)
		return pvl_fail(err, (enum pvhload_status)first->status, PVL_GPA(first->gpa),
				"%s; the kernel cannot be moved: %s", first->message,
				kernel->why_not);
	PVL_TRY(find_another(kernel, goes, space, first, ret, err));
	return pvl_kernel_claim(kernel, ret, PVHLOAD_PLACED_MOVED, space, err);
}

enum pvhload_status pvl_kernel_place(const struct pvl_kernel *kernel, uint64_t asked,
				     enum pvl_kernel_goes goes, struct pvl_space *space,
				     struct pvl_kernel_place *ret, struct pvhload_error *err)
{
	const uint32_t own = kernel->movable ? PVHLOAD_PLACED_PREFERRED : PVHLOAD_PLACED_ONLY;
	struct pvhload_error first = PVHLOAD_ERROR_INIT;
	enum pvhload_status status = PVHLOAD_E_NO_ROOM;

	if (asked != 0) {
		PVL_TRY(fits_at(kernel, asked, space, ret, err));
		return pvl_kernel_claim(kernel, ret, PVHLOAD_PLACED_ASKED, space, err);
	}
	if (goes == PVL_KERNEL_OWN)
		status = fits_at(kernel, pvl_kernel_own(kernel, space), space, ret, &first);
	if (status == PVHLOAD_OK)
		return pvl_kernel_claim(kernel, ret, own, space, err);
	if (pvl_is_final(status))
		return pvl_fail_as(err, status, &first);
	return claim_another(kernel, goes, space, &first, ret, err);
}
