/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Recognising an image by its content, by one table. */
#include "image/format.h"

#include "core/error.h"

/* The first format whose probe matches is opened; if that fails, no other is tried. */
static const struct pvl_format formats[] = {
	{ .id = PVHLOAD_FORMAT_ELF32,
	  .name = "elf32",
	  .label = "an ELF file",
	  .kind = PVL_KIND_ELF,
	  .probe = pvl_elf32_probe,
	  .open = pvl_elf_open },
	{ .id = PVHLOAD_FORMAT_ELF64,
	  .name = "elf64",
	  .label = "an ELF file",
	  .kind = PVL_KIND_ELF,
	  .probe = pvl_elf_probe, /* matches ELF files of any class, so that the message is about
				     ELF */
	  .open = pvl_elf_open },
	{ .id = PVHLOAD_FORMAT_BZIMAGE,
	  .name = "bzimage",
	  .label = "a bzImage",
	  .kind = PVL_KIND_BZIMAGE,
	  .holds = PVL_KIND_ELF,
	  .probe = pvl_bzimage_probe,
	  .payload_at = pvl_bzimage_payload_at,
	  .open = pvl_bzimage_open,
	  .check = pvl_bzimage_check,
	  .decode = pvl_payload_decode,
	  .context = "payload" },
	{ .id = PVHLOAD_FORMAT_EFI_ZBOOT,
	  .name = "efi-zboot",
	  .label = "an EFI zboot image",
	  .kind = PVL_KIND_ZBOOT,
	  .holds = PVL_KIND_FLAT,
	  .probe = pvl_zboot_probe,
	  .open = pvl_zboot_open,
	  .check = pvl_zboot_check,
	  .decode = pvl_payload_decode,
	  .context = "payload" },
	{ .id = PVHLOAD_FORMAT_ARM64_IMAGE,
	  .name = "arm64-image",
	  .label = "an arm64 Image",
	  .kind = PVL_KIND_FLAT,
	  .probe = pvl_arm64_probe,
	  .open = pvl_arm64_open },
	{ .id = PVHLOAD_FORMAT_RISCV64_IMAGE,
	  .name = "riscv64-image",
	  .label = "a riscv64 Image",
	  .kind = PVL_KIND_FLAT,
	  .probe = pvl_riscv64_probe,
	  .open = pvl_riscv64_open },
	{ .id = PVHLOAD_FORMAT_LOONGARCH64_IMAGE,
	  .name = "loongarch64-image",
	  .label = "a loongarch64 Image",
	  .kind = PVL_KIND_FLAT,
	  .probe = pvl_loongarch64_probe,
	  .open = pvl_loongarch64_open },
	{ .id = PVHLOAD_FORMAT_UKI,
	  .name = "uki",
	  .label = "a UKI",
	  .kind = PVL_KIND_UKI,
	  .holds = PVL_KIND_ELF | PVL_KIND_BZIMAGE | PVL_KIND_FLAT | PVL_KIND_ZBOOT |
		   PVL_KIND_COMPRESSED,
	  /* Before Multiboot: an EFI program without a kernel in it may be a Multiboot kernel. */
	  .search = pvl_uki_search,
	  .open = pvl_uki_open,
	  .check = pvl_uki_check,
	  .decode = pvl_payload_decode, /* which leaves what is not compressed alone */
	  .context = "section .linux" },
	{ .id = PVHLOAD_FORMAT_FIRMWARE,
	  .name = "firmware",
	  .label = "a firmware",
	  .kind = PVL_KIND_FIRMWARE,
	  .probe = pvl_firmware_probe,
	  .open = pvl_firmware_open },
	{ .id = PVHLOAD_FORMAT_COMPRESSED,
	  .name = "compressed",
	  .label = "a compressed file",
	  .kind = PVL_KIND_COMPRESSED,
	  .holds = PVL_KIND_ELF | PVL_KIND_BZIMAGE | PVL_KIND_FLAT | PVL_KIND_ZBOOT |
		   PVL_KIND_MULTIBOOT,
	  .probe = pvl_compressed_probe,
	  .open = pvl_compressed_open,
	  .check = pvl_compressed_check,
	  .decode = pvl_compressed_decode,
	  .context = "payload of the %s file" },
	{ .id = PVHLOAD_FORMAT_MULTIBOOT,
	  .name = "multiboot",
	  .label = "a Multiboot kernel that is no ELF file",
	  .kind = PVL_KIND_MULTIBOOT,
	  .search = pvl_multiboot_search,
	  .open = pvl_multiboot_open },
};
#define FORMAT_COUNT (sizeof(formats) / sizeof(formats[0]))

static const struct pvl_format *probe(struct pvl_span head)
{
	for (size_t i = 0; i < FORMAT_COUNT; i++)
		if (formats[i].probe && formats[i].probe(head))
			return &formats[i];
	return NULL;
}

bool pvl_format_payload_at(struct pvl_span head, uint64_t *ret)
{
	const struct pvl_format *format = probe(head);

	return format && format->payload_at && format->payload_at(head, ret);
}

enum pvhload_status pvl_format_find(struct pvhload_image *image, const struct pvl_head *head,
				    struct pvhload_error *err)
{
	image->format = probe((struct pvl_span){ head->bytes, head->size });
	for (size_t i = 0; i < FORMAT_COUNT && !image->format; i++) {
		bool found = false;

		if (formats[i].search)
			PVL_TRY(formats[i].search(image, head, &found, err));
		if (found)
			image->format = &formats[i];
	}
	return PVHLOAD_OK;
}

const struct pvl_format *pvl_format_by_id(uint32_t id)
{
	for (size_t i = 0; i < FORMAT_COUNT; i++)
		if (formats[i].id == id)
			return &formats[i];
	return NULL;
}

const char *pvhload_format_name(uint32_t format)
{
	const struct pvl_format *found = pvl_format_by_id(format);

	return found ? found->name : "unknown";
}
