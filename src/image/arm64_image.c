/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Opening an arm64 Image.
 *
 * ABI source: Linux, Documentation/arch/arm64/booting.rst.
 */
#include "core/error.h"
#include "core/libc.h"
#include "image/flat.h"
#include "image/pe.h"

/* A kernel that is no EFI program does not begin with "MZ". */
bool pvl_arm64_probe(struct pvl_span head)
{
	uint32_t magic;

	return pvl_span_le32(head, PVL_FLAT_MAGIC, &magic) && magic == PVL_ARM64_MAGIC;
}

static enum pvhload_status check_reserved(const struct pvhload_image *image, struct pvl_span h,
					  struct pvhload_error *err)
{
	for (uint64_t i = 0; i < PVL_ARM64_RESERVED_COUNT; i++) {
		const uint64_t at = PVL_ARM64_RESERVED + i * sizeof(uint64_t);
		const uint64_t word = pvl_span_get64(h, at);

		if (word != 0)
			return pvl_fail(err, PVHLOAD_E_UNSUPPORTED, PVL_AT(at),
					"%s whose reserved word at 0x%" PRIx64 " is 0x%" PRIx64
					", not 0",
					image->format->label, at, word);
	}
	return PVHLOAD_OK;
}

static uint32_t page_size(uint64_t flags)
{
	/* The field begins at bit 1, so that it is the shift: 2 for each of its steps. */
	const uint32_t steps = (uint32_t)(flags & PVL_ARM64_FLAG_PAGE_SIZE);

	return steps == 0 ? 0 : PVL_ARM64_PAGE_SIZE_UNIT << steps;
}

static void read_fields(struct pvhload_image_flat *flat, struct pvl_span h)
{
	flat->image_size = pvl_span_get64(h, PVL_FLAT_IMAGE_SIZE);
	flat->flags = pvl_span_get64(h, PVL_FLAT_FLAGS);
	/* Where image_size is 0, the field has the kernel's own byte order, which nothing says. */
	flat->text_offset = flat->image_size == 0 ? PVL_ARM64_OLD_TEXT_OFFSET
						  : pvl_span_get64(h, PVL_FLAT_TEXT_OFFSET);
	flat->page_size = page_size(flat->flags);
	flat->big_endian = (flat->flags & PVL_FLAT_FLAG_BIG_ENDIAN) != 0;
	flat->anywhere = (flat->flags & PVL_ARM64_FLAG_ANYWHERE) != 0;
}

enum pvhload_status pvl_arm64_open(struct pvhload_image *image, const struct pvl_head *head,
				   struct pvhload_error *err)
{
	struct pvl_span h = { NULL, 0 };

	PVL_TRY(pvl_flat_read_header(image, head, &h, err));
	PVL_TRY(check_reserved(image, h, err));
	read_fields(&image->flat, h);
	PVL_TRY(pvl_flat_check_flags(image, image->flat.flags, PVL_ARM64_FLAGS, err));
	PVL_TRY(pvl_flat_check_size(image, UINT64_C(1) << PVL_ARM64_ADDRESS_BITS, err));
	PVL_TRY(pvl_flat_check_pe(image, head, PVL_PE_MACHINE_ARM64, err));
	pvl_flat_describe(image, PVHLOAD_ARCH_ARM64, PVL_ARM64_ALIGN);
	image->info.relocatable = 1;
	return PVHLOAD_OK;
}
