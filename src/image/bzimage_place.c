/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * ABI source: Linux, Documentation/arch/x86/boot.rst: relocatable_kernel, kernel_alignment,
 * min_alignment, pref_address, init_size.
 */
#include "image/bzimage_place.h"

#include "core/checked.h"
#include "core/error.h"
#include "image/image.h"

/*
 * Protocols before 2.10 do not say what the kernel needs.  With 2.08 it is known what is inside; .bss
 * comes to that, and this much is generous for kernels of their time.  Before, not even that: kernels
 * unpack to three or four times their size.  These are assumptions, no ABI.
 */
#define OLD_BSS    (8u << 20)
#define OLD_FACTOR 5u

#define PROTOCOL_WITH_INIT_SIZE 0x20au

uint64_t pvl_bzimage_window_size(const struct pvhload_image_info *info)
{
	const struct pvhload_image_part *payload = pvl_image_payload_part(info);
	uint64_t size = info->init_size;

	/* Sums and products of values of 32 bits, but for code_size, which is the size of a file. */
	if (size == 0 && payload)
		size = payload->decoded_size + OLD_BSS;
	else if (size == 0)
		size = info->bzimage->code_size < UINT32_MAX ? info->bzimage->code_size * OLD_FACTOR
							     : info->bzimage->code_size;
	return size;
}

bool pvl_bzimage_lacks_room(const struct pvhload_image_info *info)
{
	const struct pvhload_image_part *payload = pvl_image_payload_part(info);

	return info->bzimage->boot_protocol >= PROTOCOL_WITH_INIT_SIZE && payload &&
	       info->init_size < payload->decoded_size;
}

uint64_t pvl_bzimage_alignment(const struct pvhload_image_info *info, uint64_t load)
{
	if (!info->relocatable || load % info->alignment == 0)
		return info->alignment;
	return info->bzimage->min_alignment;
}

static enum pvhload_status check_load(const struct pvhload_image_info *info, uint64_t load,
				      struct pvhload_error *err)
{
	if (!info->relocatable && load != info->entry)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(load),
				"the kernel is not relocatable: it must be loaded at 0x%" PRIx64
				", not at 0x%" PRIx64,
				info->entry, load);
	/* Old kernels prefer places that are none by their own alignment, and move themselves up. */
	if (info->relocatable && load != info->preferred_address &&
	    load % info->bzimage->min_alignment != 0)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(load),
				"the kernel at 0x%" PRIx64
				" is not at a multiple of its least alignment, 0x%" PRIx32,
				load, info->bzimage->min_alignment);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_bzimage_extent(const struct pvhload_image_info *info, uint64_t load,
				       uint64_t alignment, uint64_t window,
				       struct pvl_bzimage_extent *ret, struct pvhload_error *err)
{
	enum pvhload_status status = check_load(info, load, err);
	uint64_t start = info->preferred_address;
	bool fits = true;

	if (status != PVHLOAD_OK)
		return status;
	if (info->relocatable)
		fits = pvl_align_up(pvl_max_u64(load, start), alignment, &start);
	fits = fits && pvl_range_make(load, info->bzimage->code_size, &ret->image) &&
	       pvl_range_make(start, window, &ret->window);
	if (!fits)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(load),
				"the kernel at 0x%" PRIx64 ", running from 0x%" PRIx64
				" on, passes the end of the address "
				"space",
				load, start);
	return PVHLOAD_OK;
}
