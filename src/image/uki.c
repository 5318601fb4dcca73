/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Opening a unified kernel image (UKI): a PE file whose section .linux is the kernel.  Of its other sections, those that
 * the specification names are its parts; what else there is, is the program that firmware would start.
 *
 * ABI source: UAPI Group, Unified Kernel Image (names, profiles); Microsoft, PE Format.
 */
#include "core/error.h"
#include "core/libc.h"
#include "image/format.h"
#include "image/image_parts.h"
#include "image/pe.h"
#include "image/pe_file.h"

/* Of what begins with "MZ" and is none of the other formats that do: is there a kernel in it? */
enum pvhload_status pvl_uki_search(struct pvhload_image *image, const struct pvl_head *head,
				   bool *ret, struct pvhload_error *err)
{
	struct pvl_pe_file pe = { .section_count = 0 };
	struct pvl_pe_section section;
	bool found = false;
	uint16_t mz;

	*ret = false;
	if (!pvl_span_le16((struct pvl_span){ head->bytes, head->size }, 0, &mz) ||
	    mz != PVL_MZ_MAGIC)
		return PVHLOAD_OK;
	PVL_TRY(pvl_pe_file_open(&image->source, &pe, &found, err));
	for (uint16_t i = 0; found && i < pe.section_count; i++) {
		PVL_TRY(pvl_pe_file_section(&image->source, &pe, i, &section, err));
		*ret |= pvl_section_kind(&section) == PVHLOAD_IMAGE_PART_KERNEL;
	}
	return PVHLOAD_OK;
}

static uint32_t machine_arch(uint16_t machine)
{
	switch (machine) {
	case PVL_PE_MACHINE_X86_64:
		return PVHLOAD_ARCH_X86_64;
	case PVL_PE_MACHINE_I386:
		return PVHLOAD_ARCH_I386;
	default:
		return pvl_pe_machine_arch(machine);
	}
}

/* The parts, in the order of their sections, to image->sections, which has room. */
static enum pvhload_status read_parts(struct pvhload_image *image, const struct pvl_pe_file *pe,
				      size_t *ret_count, struct pvhload_error *err)
{
	uint32_t profile = PVHLOAD_UKI_BASE, kind;
	struct pvl_pe_section section;
	size_t count = 0;

	for (uint16_t i = 0; i < pe->section_count; i++) {
		PVL_TRY(pvl_pe_file_section(&image->source, pe, i, &section, err));
		kind = pvl_section_kind(&section);
		if (kind == PVHLOAD_IMAGE_PART_PROFILE)
			profile++; /* the first is 0: PVHLOAD_UKI_BASE is UINT32_MAX */
		if (kind != 0)
			image->sections[count++] =
				(struct pvhload_image_part){ .kind = kind,
							     .codec = PVHLOAD_CODEC_NONE,
							     .offset = section.offset,
							     .size = section.size,
							     .profile = profile };
	}
	image->uki.profile_count = profile == PVHLOAD_UKI_BASE ? 1 : profile + 1;
	*ret_count = count;
	return PVHLOAD_OK;
}

static void list_parts(struct pvhload_image *image, size_t count)
{
	image->info.parts = image->section_list;
	image->info.part_count = count;
	for (size_t i = 0; i < count; i++)
		image->section_list[i] = &image->sections[i];
}

/* Make @kernel, one of the list, its first. */
static void put_first(struct pvhload_image *image, const struct pvhload_image_part *kernel)
{
	size_t i = (size_t)(kernel - image->sections);

	for (; i > 0; i--)
		image->section_list[i] = image->section_list[i - 1];
	image->part = *kernel;
	image->section_list[0] = kernel;
}

static enum pvhload_status find_kernel(struct pvhload_image *image, const struct pvl_head *head,
				       struct pvhload_error *err)
{
	const struct pvhload_image_part *kernel =
		pvhload_image_find_part(image, PVHLOAD_IMAGE_PART_KERNEL, 0);

	for (size_t i = 0; !kernel && i < image->info.part_count; i++)
		if (image->info.parts[i]->kind == PVHLOAD_IMAGE_PART_KERNEL)
			return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE,
					"a UKI with a kernel (.linux) in profile %" PRIu32
					", but none in profile 0",
					image->info.parts[i]->profile);
	if (!kernel)
		return pvl_image_no_format(image, (struct pvl_span){ head->bytes, head->size },
					   err);
	put_first(image, kernel);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_uki_open(struct pvhload_image *image, const struct pvl_head *head,
				 struct pvhload_error *err)
{
	struct pvl_pe_file pe = { .section_count = 0 };
	size_t room, count = 0;
	bool found = false;

	PVL_TRY(pvl_pe_file_open(&image->source, &pe, &found, err));
	if (!found)
		return pvl_image_no_format(image, (struct pvl_span){ head->bytes, head->size },
					   err);
	room = pe.section_count + (size_t)1; /* never 0 bytes */
	image->sections = calloc(room, sizeof(*image->sections));
	image->section_list = calloc(room, sizeof(const struct pvhload_image_part *));
	if (!image->sections || !image->section_list)
		return pvl_fail_no_memory(err, room * sizeof(*image->sections));
	PVL_TRY(read_parts(image, &pe, &count, err));
	list_parts(image, count);
	image->uki.signature_offset = pe.certificates_offset;
	image->uki.signature_size = pe.certificates_size;
	image->info.uki = &image->uki;
	image->info.arch = machine_arch(pe.machine);
	return find_kernel(image, head, err);
}

/* A window into the file is not decoded, and its size is no limit's. */
enum pvhload_status pvl_uki_check(const struct pvhload_image *image, struct pvhload_error *err)
{
	(void)image;
	(void)err;
	return PVHLOAD_OK;
}
