/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Recognising an image by its content, by one table. */
#include "image/format.h"

/* The first format whose probe matches is opened; if that fails, no other is tried. */
static const struct pvl_format formats[] = {
	{ .id = PVHLOAD_FORMAT_ELF32,
	  .name = "elf32",
	  .level = PVL_LEVEL_PROGRAM,
	  .probe = pvl_elf32_probe,
	  .open = pvl_elf_open },
	{ .id = PVHLOAD_FORMAT_ELF64,
	  .name = "elf64",
	  .level = PVL_LEVEL_PROGRAM,
	  .probe = pvl_elf_probe, /* matches ELF files of any class, so that the message is about
				     ELF */
	  .open = pvl_elf_open },
	{ .id = PVHLOAD_FORMAT_BZIMAGE,
	  .name = "bzimage",
	  .level = PVL_LEVEL_BOOT_IMAGE,
	  .probe = pvl_bzimage_probe,
	  .open = pvl_bzimage_open,
	  .check = pvl_bzimage_check,
	  .decode = pvl_bzimage_decode,
	  .context = "payload" },
	{ .id = PVHLOAD_FORMAT_COMPRESSED,
	  .name = "compressed",
	  .level = PVL_LEVEL_WRAPPER,
	  .probe = pvl_compressed_probe,
	  .open = pvl_compressed_open,
	  .check = pvl_compressed_check,
	  .decode = pvl_compressed_decode,
	  .context = "payload of the %s file" },
};
#define FORMAT_COUNT (sizeof(formats) / sizeof(formats[0]))

const struct pvl_format *pvl_format_find(struct pvl_span head)
{
	for (size_t i = 0; i < FORMAT_COUNT; i++)
		if (formats[i].probe(head))
			return &formats[i];
	return NULL;
}

const char *pvhload_format_name(uint32_t format)
{
	for (size_t i = 0; i < FORMAT_COUNT; i++)
		if (formats[i].id == format)
			return formats[i].name;
	return "unknown";
}
