/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "image/flat.h"

#include "core/error.h"
#include "core/libc.h"
#include "image/pe.h"

enum pvhload_status pvl_flat_read_header(const struct pvhload_image *image,
					 const struct pvl_head *head, struct pvl_span *ret,
					 struct pvhload_error *err)
{
	if (!pvl_span_sub((struct pvl_span){ head->bytes, head->size }, 0, PVL_FLAT_HEADER_SIZE,
			  ret))
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(head->size),
				"%s: the file ends within the header, %u bytes",
				image->format->label, PVL_FLAT_HEADER_SIZE);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_flat_check_flags(const struct pvhload_image *image, uint64_t flags,
					 uint64_t known, struct pvhload_error *err)
{
	if ((flags & ~known) != 0)
		return pvl_fail(err, PVHLOAD_E_UNSUPPORTED, PVL_AT(PVL_FLAT_FLAGS),
				"%s with unknown flags: 0x%" PRIx64 ", of which 0x%" PRIx64
				" are known",
				image->format->label, flags, known);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_flat_need_size(const struct pvhload_image *image, struct pvhload_error *err)
{
	if (image->flat.image_size == 0)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(PVL_FLAT_IMAGE_SIZE),
				"%s whose image_size is 0: it does not say how many bytes it needs",
				image->format->label);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_flat_check_size(const struct pvhload_image *image, uint64_t end,
					struct pvhload_error *err)
{
	const struct pvhload_image_flat *flat = &image->flat;

	if (flat->text_offset > end || flat->image_size > end - flat->text_offset)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(PVL_FLAT_IMAGE_SIZE),
				"%s of 0x%" PRIx64 " bytes (image_size) from 0x%" PRIx64
				" (text_offset) on, which nowhere ends below 0x%" PRIx64,
				image->format->label, flat->image_size, flat->text_offset, end);
	return PVHLOAD_OK;
}

static enum pvhload_status check_section(const struct pvhload_image *image, unsigned int i,
					 struct pvl_span section, struct pvhload_error *err)
{
	const uint64_t size = pvl_span_get32(section, PVL_PE_RAW_SIZE);
	const uint64_t offset = pvl_span_get32(section, PVL_PE_RAW_OFFSET);

	/* Two values of 32 bits: the sum cannot wrap. */
	if (size > 0 && offset + size > image->source.length)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(offset),
				"%s: section %u, 0x%" PRIx64 " bytes at offset 0x%" PRIx64
				", passes the end of the file, 0x%" PRIx64 " (is it truncated?)",
				image->format->label, i, size, offset, image->source.length);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_flat_check_pe(const struct pvhload_image *image,
				      const struct pvl_head *head, uint16_t machine,
				      struct pvhload_error *err)
{
	const struct pvl_span bytes = { head->bytes, head->size };
	const uint16_t found = pvl_pe_machine(bytes);
	struct pvl_span section;
	uint32_t pe;

	if (!pvl_pe_find(bytes, &pe))
		return PVHLOAD_OK;
	if (found != machine)
		return pvl_fail(err, PVHLOAD_E_UNSUPPORTED, PVL_AT(pe + PVL_PE_MACHINE),
				"%s whose PE header is for machine 0x%x, not 0x%x",
				image->format->label, found, machine);
	for (uint16_t i = 0; pvl_pe_section(bytes, pe, i, &section); i++)
		PVL_TRY(check_section(image, i, section, err));
	return PVHLOAD_OK;
}

void pvl_flat_describe(struct pvhload_image *image, uint32_t arch, uint64_t alignment)
{
	struct pvhload_image_info *info = &image->info;

	info->arch = arch;
	info->alignment = alignment;
	info->init_size = image->flat.image_size;
	info->flat = &image->flat;
	info->guest = PVHLOAD_GUEST_LINUX;
	snprintf(image->guest_reason, sizeof(image->guest_reason), "%s is Linux's own format",
		 image->format->label);
	info->guest_reason = image->guest_reason;
}
