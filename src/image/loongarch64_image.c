/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Opening a loongarch64 Image, which has no magic of its own: it is an EFI program for that machine with Linux's sign.
 *
 * ABI source: Linux, arch/loongarch/include/asm/image.h.
 */
#include "core/error.h"
#include "core/libc.h"
#include "image/flat.h"
#include "image/pe.h"

bool pvl_loongarch64_probe(struct pvl_span head)
{
	uint32_t magic;

	return pvl_span_le32(head, PVL_FLAT_MAGIC, &magic) && magic == PVL_LINUX_PE_MAGIC &&
	       pvl_pe_machine(head) == PVL_PE_MACHINE_LOONGARCH64;
}

enum pvhload_status pvl_loongarch64_open(struct pvhload_image *image, const struct pvl_head *head,
					 struct pvhload_error *err)
{
	struct pvhload_image_flat *flat = &image->flat;
	struct pvl_span h = { NULL, 0 };

	PVL_TRY(pvl_flat_read_header(image, head, &h, err));
	flat->text_offset = pvl_span_get64(h, PVL_LOONGARCH_LOAD_OFFSET);
	flat->image_size = pvl_span_get64(h, PVL_FLAT_IMAGE_SIZE);
	PVL_TRY(pvl_flat_need_size(image, err));
	PVL_TRY(pvl_flat_check_size(image, UINT64_MAX, err));
	PVL_TRY(pvl_flat_check_pe(image, head, PVL_PE_MACHINE_LOONGARCH64, err));
	pvl_flat_describe(image, PVHLOAD_ARCH_LOONGARCH64, 0);
	image->info.entry = pvl_span_get64(h, PVL_LOONGARCH_ENTRY);
	image->info.preferred_address = flat->text_offset;
	return PVHLOAD_OK;
}
