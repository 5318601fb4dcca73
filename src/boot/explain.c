/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Saying why an image cannot be entered, and how else it could be. */
#include <inttypes.h>
#include <stdio.h>

#include <pvhload/abi/setup_header.h>

#include "boot/plan.h"
#include "core/error.h"

#define PROTOCOL_WITH_PAYLOAD 0x208u

static void why_bzimage(const struct pvhload_image_info *info, char *text, size_t size)
{
	if (info->boot_protocol < PROTOCOL_WITH_PAYLOAD)
		snprintf(text, size,
			 "the image's boot protocol %" PRIu32 ".%02" PRIu32
			 " has no payload to take an ELF file from",
			 info->boot_protocol >> 8, info->boot_protocol & 0xff);
	else
		snprintf(text, size, "the image has no payload to take an ELF file from");
}

static void why(const struct pvhload_image *kernel, char *text, size_t size)
{
	if (kernel->info.format == PVHLOAD_FORMAT_BZIMAGE)
		why_bzimage(&kernel->info, text, size);
	else if (kernel->pvh_problem)
		snprintf(text, size, "%s", kernel->pvh_problem);
	else
		snprintf(text, size,
			 "it has no Xen PHYS32_ENTRY note, so a Linux kernel was built without "
			 "CONFIG_PVH");
}

static void alternatives(const struct pvhload_image_info *info, char *text, size_t size)
{
	if (info->format == PVHLOAD_FORMAT_ELF64)
		snprintf(text, size, "the 64-bit Linux entry at 0x%" PRIx64 ", if it is Linux",
			 info->entry);
	else if (info->format == PVHLOAD_FORMAT_ELF32)
		snprintf(text, size, "its 32-bit ELF entry at 0x%" PRIx64 ", as Multiboot has it",
			 info->entry);
	else if (info->xloadflags & PVHLOAD_XLF_KERNEL_64)
		snprintf(text, size, "the Linux boot protocol, by its 64-bit or 32-bit entry");
	else if (info->entry != 0)
		snprintf(text, size, "the Linux boot protocol, by its 32-bit entry");
	else
		snprintf(text, size, "the 16-bit entry, which needs a BIOS");
}

enum pvhload_status pvl_no_pvh_entry(const struct pvhload_image *image,
				     const struct pvhload_image *kernel, struct pvhload_error *err)
{
	char reason[128], other[96];

	why(kernel, reason, sizeof(reason));
	alternatives(&image->info, other, sizeof(other));
	return pvl_fail(err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
			"no PVH entry: %s; it could boot by %s", reason, other);
}
