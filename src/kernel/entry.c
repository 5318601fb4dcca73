/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "kernel/entry.h"

#include "core/libc.h"
#include "image/format.h"
#include "x86/setup_header.h"

bool pvl_has_entry(const struct pvhload_image *kernel, enum pvl_entry entry)
{
	const struct pvhload_image_info *info = &kernel->info;

	if (entry == PVL_ENTRY_ARM64 || entry == PVL_ENTRY_RISCV64)
		return info->flat &&
		       info->arch == (entry == PVL_ENTRY_ARM64 ? PVHLOAD_ARCH_ARM64
							       : PVHLOAD_ARCH_RISCV64);
	if (pvl_is_multiboot(entry)) {
		const struct pvhload_image_multiboot *header = pvl_multiboot_header(kernel, entry);

		return header && !header->problem[0];
	}
	if (entry == PVL_ENTRY_PVH)
		return info->pvh && pvl_image_has_code_at(kernel, info->pvh->entry);
	if (entry == PVL_ENTRY_RESET)
		return info->firmware != NULL;
	return entry == PVL_ENTRY_64 ? info->has_entry64 : info->has_entry32;
}

bool pvl_offers_entry(const struct pvhload_image *kernel, enum pvl_entry entry)
{
	return pvl_has_entry(kernel, entry) &&
	       (entry == PVL_ENTRY_PVH || entry == PVL_ENTRY_RESET || pvl_is_multiboot(entry) ||
		kernel->info.guest == PVHLOAD_GUEST_LINUX);
}

static void why_pvh(const struct pvhload_image *kernel, char *text, size_t size)
{
	const struct pvhload_image_pvh *pvh = kernel->info.pvh;
	const char *more = "", *problem = "";

	if (pvh->reloc) {
		more = ", and its PHYS32_RELOC note that it can be moved";
	} else if (kernel->reloc_problem[0]) {
		more = "; it cannot be moved: ";
		problem = kernel->reloc_problem;
	}
	snprintf(text, size, "its PHYS32_ENTRY note says 0x%" PRIx32 "%s%s", pvh->entry, more,
		 problem);
}

static void why_multiboot(const struct pvhload_image_multiboot *header, char *text, size_t size)
{
	snprintf(text, size,
		 "its Multiboot %" PRIu32 " header at offset 0x%" PRIx64 ", %sentry 0x%" PRIx64
		 "%s",
		 header->version, header->header_offset,
		 header->address ? "with address fields, " : "", header->entry,
		 header->reloc ? ", which says that it can be moved" : "");
}

void pvl_why(const struct pvhload_image *kernel, enum pvl_entry entry, char *text, size_t size)
{
	const struct pvhload_image_info *info = &kernel->info;
	const bool wide = entry == PVL_ENTRY_64;

	if (info->flat)
		snprintf(text, size, "it is %s, entered at its first byte", kernel->format->label);
	else if (entry == PVL_ENTRY_PVH)
		why_pvh(kernel, text, size);
	else if (entry == PVL_ENTRY_RESET)
		snprintf(text, size, "its code at the reset vector jumps to 0x%" PRIx64,
			 info->firmware->target);
	else if (pvl_is_multiboot(entry))
		why_multiboot(pvl_multiboot_header(kernel, entry), text, size);
	else if (info->format != PVHLOAD_FORMAT_BZIMAGE)
		snprintf(text, size, "its ELF entry is 0x%" PRIx64 ", and it is Linux: %s",
			 info->entry, info->guest_reason);
	else if (wide)
		snprintf(text, size, "its xloadflags, 0x%" PRIx32 ", have XLF_KERNEL_64",
			 info->bzimage->xloadflags);
	else
		snprintf(text, size, "its boot protocol is %" PRIu32 ".%02" PRIu32,
			 info->bzimage->boot_protocol >> 8, info->bzimage->boot_protocol & 0xff);
}

static void why_not_pvh(const struct pvhload_image *kernel, char *text, size_t size)
{
	const struct pvhload_image_info *info = &kernel->info;

	if (info->format == PVHLOAD_FORMAT_BZIMAGE &&
	    info->bzimage->boot_protocol < PVL_PROTOCOL_2_08)
		snprintf(text, size,
			 "the image's boot protocol %" PRIu32 ".%02" PRIu32
			 " has no payload to take an ELF file from",
			 info->bzimage->boot_protocol >> 8, info->bzimage->boot_protocol & 0xff);
	else if (info->format == PVHLOAD_FORMAT_BZIMAGE)
		snprintf(text, size, "the image has no payload to take an ELF file from");
	else if (info->pvh)
		snprintf(text, size, "its PVH entry 0x%" PRIx32 " is in no segment's bytes",
			 info->pvh->entry);
	else if (kernel->not_kernel)
		snprintf(text, size, "it is %s", kernel->not_kernel);
	else if (kernel->pvh_problem[0])
		snprintf(text, size, "%s", kernel->pvh_problem);
	else if (info->format == PVHLOAD_FORMAT_MULTIBOOT)
		snprintf(text, size, "it is no ELF file");
	else
		snprintf(text, size, "it has no Xen PHYS32_ENTRY note%s",
			 info->guest == PVHLOAD_GUEST_LINUX ? ", so it was built without CONFIG_PVH"
							    : "");
}

static void why_not_bzimage(const struct pvhload_image_info *info, bool wide, char *text,
			    size_t size)
{
	const struct pvhload_image_part *part = pvl_image_payload_part(info);

	if (pvl_bzimage_lacks_room(info) &&
	    (!wide || info->bzimage->xloadflags & PVHLOAD_XLF_KERNEL_64))
		snprintf(text, size,
			 "its init_size, %" PRIu64 ", is %" PRIu64
			 " bytes less than its payload decodes to, %" PRIu64,
			 info->init_size, part->decoded_size - info->init_size, part->decoded_size);
	else if (wide && info->bzimage->xloadflags & PVHLOAD_XLF_KERNEL_64)
		snprintf(text, size,
			 "its protected-mode code, %" PRIu64 " bytes, ends before the entry",
			 info->bzimage->code_size);
	else if (wide)
		snprintf(text, size, "its xloadflags, 0x%" PRIx32 ", do not have XLF_KERNEL_64",
			 info->bzimage->xloadflags);
	else if (info->entry == 0)
		snprintf(
			text, size,
			"its code32_start is 0: the 16-bit entry, which needs a BIOS, is its only one");
	else
		snprintf(text, size,
			 "its boot protocol, %" PRIu32 ".%02" PRIu32
			 ", is older than 2.05: it is entered in real mode, by a BIOS",
			 info->bzimage->boot_protocol >> 8, info->bzimage->boot_protocol & 0xff);
}

static void why_not_elf(const struct pvhload_image *kernel, bool wide, char *text, size_t size)
{
	const struct pvhload_image_info *info = &kernel->info;

	if (info->format == PVHLOAD_FORMAT_MULTIBOOT)
		snprintf(text, size, "it is no ELF file");
	else if ((info->format == PVHLOAD_FORMAT_ELF64) != wide)
		snprintf(text, size, "it is %s file", wide ? "an ELF32" : "an ELF64");
	else if (kernel->not_kernel)
		snprintf(text, size, "it is %s", kernel->not_kernel);
	else if (!pvl_has_entry(kernel, wide ? PVL_ENTRY_64 : PVL_ENTRY_32))
		snprintf(text, size, "its ELF entry 0x%" PRIx64 " is in no segment's bytes%s",
			 info->entry,
			 kernel->entry_is_virtual ? " but by virtual address, as Multiboot has it"
						  : "");
	else if (pvl_image_has_multiboot(kernel))
		snprintf(text, size, "its ELF entry is that of its Multiboot header");
	else
		snprintf(text, size, "it is not taken for Linux: %s", info->guest_reason);
}

static void why_not_multiboot(const struct pvhload_image *kernel, enum pvl_entry entry, char *text,
			      size_t size)
{
	const struct pvhload_image_multiboot *header = pvl_multiboot_header(kernel, entry);
	const unsigned int version = entry == PVL_ENTRY_MULTIBOOT1 ? 1 : 2;

	if (!header)
		snprintf(text, size, "it has no Multiboot %u header", version);
	else
		snprintf(text, size, "of its Multiboot %u header at offset 0x%" PRIx64 ": %s",
			 version, header->header_offset, header->problem);
}

void pvl_why_not(const struct pvhload_image *kernel, enum pvl_entry entry, char *text, size_t size)
{
	const struct pvhload_image_info *info = &kernel->info;
	const bool wide = entry == PVL_ENTRY_64;

	if (info->flat || entry == PVL_ENTRY_ARM64 || entry == PVL_ENTRY_RISCV64)
		snprintf(text, size, "it is %s", kernel->format->label);
	else if (entry == PVL_ENTRY_PVH)
		why_not_pvh(kernel, text, size);
	else if (pvl_is_multiboot(entry))
		why_not_multiboot(kernel, entry, text, size);
	else if (info->format == PVHLOAD_FORMAT_BZIMAGE)
		why_not_bzimage(info, wide, text, size);
	else
		why_not_elf(kernel, wide, text, size);
}
