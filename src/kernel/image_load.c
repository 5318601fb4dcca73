/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * pvhload_image_load(): the place is checked for each entry of the image, by the same code as in a
 * plan.
 */
#include <pvhload/image_load.h>

#include <pvhload/region.h>

#include "abi/sizes.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/sized.h"
#include "image/format.h"
#include "kernel/kernel.h"

/* One call of pvhload_image_load(). */
struct load {
	const struct pvhload_image *image;
	struct pvhload_image_load_options options;
	struct pvhload_image_load_result result;
	struct pvl_kernel kernel; /* by the entry that was found first */
	struct pvl_kernel_place place;
	struct pvl_space space;
	struct pvl_writes writes;
};

static bool is_bzimage(const struct load *l)
{
	return l->image->info.format == PVHLOAD_FORMAT_BZIMAGE;
}

static bool is_linux(const struct load *l)
{
	return l->image->info.guest == PVHLOAD_GUEST_LINUX;
}

/* Which entries can be used at that place.  The first one determines the place. */
static bool note_entry(struct load *l, enum pvl_entry entry, bool found, struct pvhload_error *err)
{
	struct pvhload_image_load_result *r = &l->result;
	struct pvl_kernel_place place;
	struct pvl_kernel kernel;

	if (!pvl_has_entry(l->image, entry))
		return found;
	pvl_kernel_describe(l->image, entry, 0, is_linux(l), &kernel);
	if (!(l->options.flags & PVHLOAD_IMAGE_LOAD_AT))
		l->options.gpa = pvl_kernel_own(&kernel, &l->space);
	if (pvl_kernel_at(&kernel, l->options.gpa, &place, found ? NULL : err) != PVHLOAD_OK)
		return found;
	if (!found) {
		l->kernel = kernel;
		l->place = place;
	}
	switch (entry) {
	case PVL_ENTRY_PVH:
		r->has_pvh_entry = place.entry <= UINT32_MAX;
		r->pvh_entry = r->has_pvh_entry ? (uint32_t)place.entry : 0;
		break;
	case PVL_ENTRY_64:
		r->has_entry64 = 1;
		r->entry64 = place.entry;
		break;
	case PVL_ENTRY_32:
		r->has_entry32 = place.entry <= UINT32_MAX;
		break;
	case PVL_ENTRY_ARM64:
	case PVL_ENTRY_RISCV64:
	case PVL_ENTRY_RESET:
	case PVL_ENTRY_MULTIBOOT1:
	case PVL_ENTRY_MULTIBOOT2:
	case PVL_ENTRIES:
		break;
	}
	return true;
}

/* An ELF file may be moved even if none of our entries allows it: the caller has to know. */
static enum pvhload_status move_unentered(struct load *l, const struct pvhload_error *refusal,
					  struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &l->image->info;
	const uint64_t gpa =
		l->options.flags & PVHLOAD_IMAGE_LOAD_AT ? l->options.gpa : info->elf->range.gpa;
	const uint64_t distance = gpa < info->elf->range.gpa ? info->elf->range.gpa - gpa
							     : gpa - info->elf->range.gpa;
	const uint64_t extent = info->elf->range.size;

	if (distance % info->alignment != 0)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"0x%" PRIx64 " is not 0x%" PRIx64
				", where the image is linked to, moved by a multiple of 0x%" PRIx64
				"%s%s",
				gpa, info->elf->range.gpa, info->alignment,
				refusal->message[0] ? "; " : "", refusal->message);
	if (extent > UINT64_MAX - gpa)
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"the image, 0x%" PRIx64 " bytes at 0x%" PRIx64
				", passes the end of the address space",
				extent, gpa);
	pvl_kernel_describe(l->image, PVL_ENTRY_64, 0, is_linux(l), &l->kernel);
	l->place = (struct pvl_kernel_place){ .gpa = gpa, .shift = gpa - info->elf->range.gpa };
	l->place.image = l->place.run = (struct pvl_range){ gpa, gpa + extent };
	return PVHLOAD_OK;
}

/* Why a bzImage has no entry that could be used. */
static enum pvhload_status no_entry(const struct load *l, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &l->image->info;
	const struct pvhload_image_part *part = pvl_image_payload_part(info);

	if (pvl_bzimage_lacks_room(info))
		return pvl_fail(err, PVHLOAD_E_PROTOCOL, PVL_AT(PVHLOAD_SETUP_INIT_SIZE),
				"the image's init_size, %" PRIu64 ", is %" PRIu64
				" bytes less than its payload decodes to, %" PRIu64
				": it would die without a word",
				info->init_size, part->decoded_size - info->init_size,
				part->decoded_size);
	return pvl_fail(err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
			"the image announces no entry but the 16-bit one (boot protocol "
			"%" PRIu32 ".%02" PRIu32 ", code32_start 0x%" PRIx64
			"): it has to be started in real mode",
			info->bzimage->boot_protocol >> 8, info->bzimage->boot_protocol & 0xff,
			info->entry);
}

/* Find the place, by each of the entries. */
static enum pvhload_status locate(struct load *l, struct pvhload_error *err)
{
	struct pvhload_error refusal = PVHLOAD_ERROR_INIT;
	bool found = false;

	if (is_bzimage(l) && !l->image->info.has_entry32 && !l->image->info.has_entry64)
		return no_entry(l, err);
	found = note_entry(l, PVL_ENTRY_64, found, &refusal);
	found = note_entry(l, PVL_ENTRY_32, found, &refusal);
	found = note_entry(l, PVL_ENTRY_PVH, found, &refusal);
	found = note_entry(l, PVL_ENTRY_ARM64, found, &refusal);
	found = note_entry(l, PVL_ENTRY_RISCV64, found, &refusal);
	/* An ELF file is loaded by its segments, whatever a Multiboot header says. */
	if (!l->image->info.elf) {
		found = note_entry(l, PVL_ENTRY_MULTIBOOT2, found, &refusal);
		found = note_entry(l, PVL_ENTRY_MULTIBOOT1, found, &refusal);
	}
	if (found)
		return PVHLOAD_OK;
	if (!l->image->info.elf)
		return pvl_fail_as(err, (enum pvhload_status)refusal.status, &refusal);
	return move_unentered(l, &refusal, err);
}

static void describe_result(struct load *l)
{
	struct pvhload_image_load_result *r = &l->result;

	r->gpa = l->place.gpa;
	r->size = l->place.image.end - l->place.image.start;
	r->runtime.gpa = l->place.run.start;
	r->runtime.size = l->place.run.end - l->place.run.start;
	r->entry = l->kernel.loads ? l->image->info.entry + l->place.shift : l->place.gpa;
	if (!is_bzimage(l))
		return;
	r->setup_header_size = l->image->setup_header_size;
	memcpy(r->setup_header, l->image->setup_header, r->setup_header_size);
	pvl_kernel_update_header(&l->kernel, &l->place, r->setup_header, r->setup_header_size);
}

/* Why the image is where it is: PVHLOAD_PLACED_*. */
static uint32_t reason(const struct load *l)
{
	if (l->options.flags & PVHLOAD_IMAGE_LOAD_AT)
		return PVHLOAD_PLACED_ASKED;
	return l->kernel.movable ? PVHLOAD_PLACED_PREFERRED : PVHLOAD_PLACED_ONLY;
}

/* Find the place and check it against RAM before writing. */
static enum pvhload_status load_image(struct load *l, const struct pvhload_memory *mem,
				      struct pvhload_error *err)
{
	struct pvl_memory memory;

	PVL_TRY(pvl_memory_open(mem, PVL_MEMORY_WRITES, &l->space.ram, &memory, err));
	if (!mem->memmap)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "the guest memory has no map");
	PVL_TRY(pvl_space_init(&l->space, pvl_kernel_arch(l->image), mem->memmap, err));
	PVL_TRY(locate(l, err));
	PVL_TRY(pvl_kernel_check(&l->kernel, &l->place, &l->space, err));
	PVL_TRY(pvl_kernel_claim(&l->kernel, &l->place, reason(l), &l->space, err));
	PVL_TRY(pvl_kernel_write(&l->kernel, &l->place, &l->space, &l->writes, err));
	pvl_writes_finish(&l->writes, &l->space);
	describe_result(l);
	return pvl_writes_commit(&l->writes, &l->space, &memory, NULL, err);
}

static enum pvhload_status read_arguments(struct load *l,
					  const struct pvhload_image_load_options *options,
					  const struct pvhload_image_load_result *result,
					  struct pvhload_error *err)
{
	if (!l->image || !pvl_sized_out_usable(result, PVL_V1_LOAD_RESULT) ||
	    (options &&
	     !pvl_sized_in(&l->options, sizeof(l->options), options, PVL_V1_LOAD_OPTIONS)))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the image or the result is NULL, or a struct has a wrong size");
	if (l->image->format->kind & PVL_KIND_CONTAINERS)
		return pvl_fail(err, PVHLOAD_E_UNSUPPORTED, PVL_ANYWHERE,
				"the image is %s: decode it and load its payload",
				l->image->format->label);
	if (l->image->info.firmware)
		return pvl_fail(err, PVHLOAD_E_UNSUPPORTED, PVL_ANYWHERE,
				"the image is a firmware, which goes to ROM: a plan writes it");
	PVL_TRY(pvl_image_check_machine(l->image, err));
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
	enum pvhload_status status;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	PVL_TRY(read_arguments(&l, options, result, err));
	status = load_image(&l, mem, err);
	pvl_space_free(&l.space);
	pvl_writes_free(&l.writes);
	if (status == PVHLOAD_OK)
		pvl_sized_out(result, &l.result, sizeof(l.result));
	return status;
}
