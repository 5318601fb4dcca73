/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Opening a riscv64 Image.
 *
 * ABI source: Linux, Documentation/arch/riscv/boot-image-header.rst.  That a header of version 0 is read as that of
 * 0.2 is, whatever its minor number, is ours.
 */
#include "core/error.h"
#include "core/libc.h"
#include "image/flat.h"
#include "image/pe.h"

/* By the magic at 56; that at 48 is deprecated since version 0.2. */
bool pvl_riscv64_probe(struct pvl_span head)
{
	uint32_t magic;

	return pvl_span_le32(head, PVL_FLAT_MAGIC, &magic) && magic == PVL_RISCV_MAGIC;
}

static enum pvhload_status check_version(const struct pvhload_image *image,
					 struct pvhload_error *err)
{
	const uint32_t version = image->flat.header_version;

	if (version >> PVL_RISCV_VERSION_MAJOR != 0)
		return pvl_fail(err, PVHLOAD_E_UNSUPPORTED, PVL_AT(PVL_RISCV_VERSION),
				"%s whose header has version %" PRIu32 ".%" PRIu32
				"; known is 0, up to 0.2",
				image->format->label, version >> PVL_RISCV_VERSION_MAJOR,
				version & UINT16_MAX);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_riscv64_open(struct pvhload_image *image, const struct pvl_head *head,
				     struct pvhload_error *err)
{
	struct pvhload_image_flat *flat = &image->flat;
	struct pvl_span h = { NULL, 0 };

	PVL_TRY(pvl_flat_read_header(image, head, &h, err));
	flat->text_offset = pvl_span_get64(h, PVL_FLAT_TEXT_OFFSET);
	flat->image_size = pvl_span_get64(h, PVL_FLAT_IMAGE_SIZE);
	flat->flags = pvl_span_get64(h, PVL_FLAT_FLAGS);
	flat->header_version = pvl_span_get32(h, PVL_RISCV_VERSION);
	flat->big_endian = (flat->flags & PVL_FLAT_FLAG_BIG_ENDIAN) != 0;
	PVL_TRY(check_version(image, err));
	PVL_TRY(pvl_flat_check_flags(image, flat->flags, PVL_FLAT_FLAG_BIG_ENDIAN, err));
	PVL_TRY(pvl_flat_need_size(image, err));
	PVL_TRY(pvl_flat_check_size(image, UINT64_MAX, err));
	PVL_TRY(pvl_flat_check_pe(image, head, PVL_PE_MACHINE_RISCV64, err));
	pvl_flat_describe(image, PVHLOAD_ARCH_RISCV64, PVL_RISCV64_ALIGN);
	image->info.relocatable = 1;
	return PVHLOAD_OK;
}
