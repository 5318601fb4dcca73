/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Loading an image by itself.  First where it would be and what it takes there, all of it checked;
 * then the bytes.
 *
 * ABI source: System V gABI, "Program Header"; Linux, Documentation/arch/x86/boot.rst
 * (relocatable_kernel, kernel_alignment, min_alignment, pref_address, init_size); Xen,
 * docs/misc/pvh.pandoc (PHYS32_RELOC).
 */
#include <string.h>

#include <pvhload/image_load.h>

#include "abi/sizes.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/sized.h"
#include "core/store.h"
#include "image/bzimage_place.h"
#include "image/image.h"
#include "memory/transfer.h"

/* One load: what was asked, and the answer in the making. */
struct load {
	const struct pvhload_image *image;
	struct pvhload_image_load_options options;
	struct pvhload_image_load_result result;
	struct pvl_transfer transfer;
	uint64_t delta; /* ELF: from p_paddr to the place, modulo 2^64 */
};

static bool above_4g(uint64_t end)
{
	return end > (uint64_t)UINT32_MAX + 1;
}

static enum pvhload_status too_high(const char *what, uint64_t gpa, uint64_t size,
				    struct pvhload_error *err)
{
	return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
			"%s, 0x%" PRIx64 " bytes at 0x%" PRIx64
			", passes the end of the address space",
			what, size, gpa);
}

/* The PVH entry, where the image's own note allows the place. */
static void locate_pvh(struct load *l)
{
	const struct pvhload_image_pvh *pvh = l->image->info.pvh;
	struct pvhload_image_load_result *r = &l->result;
	bool allowed = l->delta == 0;
	uint64_t entry;

	if (!pvh)
		return;
	if (!allowed && pvh->reloc)
		allowed = r->gpa % pvh->reloc->align == 0 && r->gpa >= pvh->reloc->min &&
			  r->end - 1 <= pvh->reloc->max;
	entry = pvh->entry + l->delta;
	if (!allowed || entry > UINT32_MAX || !pvl_image_has_code_at(l->image, pvh->entry))
		return;
	r->has_pvh_entry = 1;
	r->pvh_entry = (uint32_t)entry;
}

static enum pvhload_status place_elf(struct load *l, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &l->image->info;
	struct pvhload_image_load_result *r = &l->result;
	const uint64_t size = info->elf->range.size;
	struct pvl_range range;

	r->gpa = l->options.flags & PVHLOAD_IMAGE_LOAD_AT ? l->options.gpa : info->elf->range.gpa;
	l->delta = r->gpa - info->elf->range.gpa;
	if ((r->gpa < info->elf->range.gpa ? -l->delta : l->delta) % info->alignment != 0)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(r->gpa),
				"0x%" PRIx64 " is not 0x%" PRIx64
				", where the image is linked to, moved by a multiple of 0x%" PRIx64,
				r->gpa, info->elf->range.gpa, info->alignment);
	if (!pvl_range_make(r->gpa, size, &range))
		return too_high("the image", r->gpa, size, err);
	r->end = range.end;
	r->runtime_start = range.start;
	r->runtime_end = range.end;
	r->entry = info->entry + l->delta;
	r->has_entry32 = info->has_entry32 && !above_4g(range.end);
	r->has_entry64 = info->has_entry64;
	r->entry64 = info->has_entry64 ? r->entry : 0;
	locate_pvh(l);
	return PVHLOAD_OK;
}

static enum pvhload_status check_elf(const struct load *l, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &l->image->info;

	for (size_t i = 0; i < info->elf->segment_count; i++) {
		const struct pvhload_image_segment *s = info->elf->segments[i];
		enum pvhload_status status =
			pvl_memory_check(&l->transfer.mem, s->gpa + l->delta, s->mem_size, err);

		if (status != PVHLOAD_OK)
			return pvl_fail_in(err, status, "segment %zu", i);
	}
	return PVHLOAD_OK;
}

static enum pvhload_status write_elf(struct load *l, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &l->image->info;
	enum pvhload_status status = PVHLOAD_OK;

	for (size_t i = 0; i < info->elf->segment_count && status == PVHLOAD_OK; i++) {
		const struct pvhload_image_segment *s = info->elf->segments[i];
		const uint64_t gpa = s->gpa + l->delta, bss = s->mem_size - s->file_size;

		if (s->file_size > 0)
			status = pvl_transfer_source(&l->transfer, &l->image->source, s->offset,
						     gpa, s->file_size, err);
		if (status == PVHLOAD_OK && bss > 0)
			status = pvl_transfer_zeros(&l->transfer, gpa + s->file_size, bss, err);
		if (status != PVHLOAD_OK)
			status = pvl_fail_in(err, status, "segment %zu", i);
	}
	return status;
}

/* Where it goes, and what that means. */
static enum pvhload_status choose_bzimage(struct load *l, uint64_t *ret_alignment,
					  struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &l->image->info;
	const uint64_t own = info->relocatable ? info->preferred_address : info->entry;
	struct pvhload_image_load_result *r = &l->result;
	struct pvl_bzimage_extent extent;
	enum pvhload_status status;

	if (pvl_bzimage_lacks_room(info))
		return pvl_fail(err, PVHLOAD_E_PROTOCOL, PVL_AT(PVHLOAD_SETUP_INIT_SIZE),
				"the image's init_size, %" PRIu64 ", is %" PRIu64
				" bytes less than its payload unpacks to, %" PRIu64
				": it would die without a word",
				info->init_size,
				pvl_image_payload_part(info)->decoded_size - info->init_size,
				pvl_image_payload_part(info)->decoded_size);
	if (!info->has_entry32 && !info->has_entry64)
		return pvl_fail(err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
				"the image announces no entry but the 16-bit one (boot protocol "
				"%" PRIu32 ".%02" PRIu32 ", code32_start 0x%" PRIx64
				"): it has to be started in real mode",
				info->bzimage->boot_protocol >> 8,
				info->bzimage->boot_protocol & 0xff, info->entry);
	r->gpa = r->entry = l->options.flags & PVHLOAD_IMAGE_LOAD_AT ? l->options.gpa : own;
	*ret_alignment = pvl_bzimage_alignment(info, r->gpa);
	status = pvl_bzimage_extent(info, r->gpa, *ret_alignment, info->init_size, &extent, err);
	if (status != PVHLOAD_OK)
		return status;
	r->end = extent.image.end;
	r->runtime_start = extent.window.start;
	r->runtime_end = extent.window.end;
	return PVHLOAD_OK;
}

/* Above 4 GiB there is only the 64-bit entry, and only for a kernel that says so. */
static enum pvhload_status choose_entries(struct load *l, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &l->image->info;
	const bool may =
		info->has_entry64 && info->bzimage->xloadflags & PVHLOAD_XLF_CAN_BE_LOADED_ABOVE_4G;
	struct pvhload_image_load_result *r = &l->result;
	const uint64_t end = pvl_max_u64(r->end, r->runtime_end);

	if (above_4g(end) && !may)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(r->gpa),
				"the kernel loaded at 0x%" PRIx64 " takes RAM up to 0x%" PRIx64
				"; it does not say that it can be above 4 GiB",
				r->gpa, end);
	r->has_entry32 = info->has_entry32 && !above_4g(end);
	r->has_entry64 = info->has_entry64;
	r->entry64 = info->has_entry64 ? r->gpa + PVHLOAD_SETUP_ENTRY64 : 0;
	return PVHLOAD_OK;
}

/* Set a field of 32 bits, if the header has it. */
static void set_field(struct pvhload_image_load_result *r, uint32_t offset, uint32_t value)
{
	const size_t at = offset - PVHLOAD_SETUP_HEADER_OFFSET;

	if (at + sizeof(value) <= r->setup_header_size)
		pvl_store_le32(r->setup_header + at, value);
}

static enum pvhload_status place_bzimage(struct load *l, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &l->image->info;
	struct pvhload_image_load_result *r = &l->result;
	enum pvhload_status status;
	uint64_t alignment = info->alignment;

	status = choose_bzimage(l, &alignment, err);
	if (status != PVHLOAD_OK)
		return status;
	status = choose_entries(l, err);
	if (status != PVHLOAD_OK)
		return status;

	r->setup_header_size = l->image->setup_header_size;
	memcpy(r->setup_header, l->image->setup_header, r->setup_header_size);
	set_field(r, PVHLOAD_SETUP_CODE32_START, r->gpa <= UINT32_MAX ? (uint32_t)r->gpa : 0);
	if (alignment != info->alignment)
		set_field(r, PVHLOAD_SETUP_ALIGNMENT, (uint32_t)alignment);
	return PVHLOAD_OK;
}

static enum pvhload_status check_bzimage(const struct load *l, struct pvhload_error *err)
{
	const struct pvhload_image_load_result *r = &l->result;
	enum pvhload_status status;

	status = pvl_memory_check(&l->transfer.mem, r->gpa, r->end - r->gpa, err);
	if (status != PVHLOAD_OK)
		return pvl_fail_in(err, status, "the image");
	if (r->runtime_end == r->runtime_start)
		return PVHLOAD_OK;
	status = pvl_memory_check(&l->transfer.mem, r->runtime_start,
				  r->runtime_end - r->runtime_start, err);
	return status == PVHLOAD_OK ? status : pvl_fail_in(err, status, "the run-time range");
}

static enum pvhload_status write_bzimage(struct load *l, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &l->image->info;

	return pvl_transfer_source(&l->transfer, &l->image->source, info->bzimage->code_offset,
				   l->result.gpa, info->bzimage->code_size, err);
}

/* Find the place, hold it against RAM, and only then write. */
static enum pvhload_status load(struct load *l, struct pvhload_error *err)
{
	const bool elf = l->image->info.format != PVHLOAD_FORMAT_BZIMAGE;
	enum pvhload_status status = elf ? place_elf(l, err) : place_bzimage(l, err);

	if (status == PVHLOAD_OK)
		status = elf ? check_elf(l, err) : check_bzimage(l, err);
	if (status == PVHLOAD_OK)
		status = pvl_transfer_init(&l->transfer, err);
	if (status == PVHLOAD_OK)
		status = elf ? write_elf(l, err) : write_bzimage(l, err);
	pvl_transfer_free(&l->transfer);
	return status;
}

static enum pvhload_status take_arguments(struct load *l,
					  const struct pvhload_image_load_options *options,
					  const struct pvhload_image_load_result *result,
					  struct pvhload_error *err)
{
	if (!l->image || !pvl_sized_out_usable(result, PVL_V1_LOAD_RESULT) ||
	    (options &&
	     !pvl_sized_in(&l->options, sizeof(l->options), options, PVL_V1_LOAD_OPTIONS)))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the image or the result is NULL, or a struct has a wrong size");
	if (l->image->info.format == PVHLOAD_FORMAT_COMPRESSED)
		return pvl_fail(err, PVHLOAD_E_UNSUPPORTED, PVL_ANYWHERE,
				"the image is a compressed file: decode it and load its payload");
	if ((l->options.flags & ~PVHLOAD_IMAGE_LOAD_AT) != 0 || l->options.reserved != 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the load options have an unknown flag (0x%" PRIx32
				"), or their reserved member is not 0",
				l->options.flags);
	if (l->options.flags == 0 && l->options.gpa != 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_GPA(l->options.gpa),
				"the load options name 0x%" PRIx64
				", but not the flag that asks for it (PVHLOAD_IMAGE_LOAD_AT)",
				l->options.gpa);
	return PVHLOAD_OK;
}

enum pvhload_status pvhload_image_load(const struct pvhload_image *image,
				       const struct pvhload_memory *mem,
				       const struct pvhload_image_load_options *options,
				       struct pvhload_image_load_result *result,
				       struct pvhload_error *err)
{
	struct load l = { .image = image };
	struct pvl_ram ram = { NULL, 0 };
	enum pvhload_status status;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	status = take_arguments(&l, options, result, err);
	if (status == PVHLOAD_OK)
		status = pvl_memory_open(mem, PVL_MEMORY_WRITES, &ram, &l.transfer.mem, err);
	if (status == PVHLOAD_OK && !mem->memmap)
		status =
			pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "the guest memory has no map");
	if (status == PVHLOAD_OK)
		status = pvl_ram_init(mem->memmap, &ram, err);
	if (status == PVHLOAD_OK)
		status = load(&l, err);
	pvl_ram_free(&ram);
	if (status == PVHLOAD_OK)
		pvl_sized_out(result, &l.result, sizeof(l.result));
	return status;
}
