/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * What a file is that is of no format here: named in the refusal, with what to do.  By its first bytes, and of a PE file
 * its sections.
 *
 * ABI source: Linux, arch/arm/boot/compressed/head.S; Microsoft, PE Format; UAPI Group, Unified Kernel Image;
 * shim, SBAT.md (.sbat); Linux, Documentation/driver-api/early-userspace/buffer-format.rst (cpio).
 */
#include "core/checked.h"
#include "core/libc.h"
#include "image/format.h"
#include "image/image_parts.h"
#include "image/pe_file.h"

#define CPIO_MAGIC       "07070" /* of cpio's formats in ASCII; Linux's go on with 1 or 2 */
#define ARM_ZIMAGE_AT    0x24u
#define ARM_ZIMAGE_MAGIC 0x016f2818u

#define SBAT_BYTES     512u
#define COMPONENT_SIZE 32u

/* What a PE file without .linux has. */
struct contents {
	struct pvl_pe_section sbat; /* all 0 without one */
	char part[PVL_PE_NAME_SIZE +
		  1]; /* the first that only UKIs and their add-ons have, or "" */
};

/* Both are in programs of other kinds as well. */
static bool is_only_of_ukis(uint32_t kind)
{
	return kind != 0 && kind != PVHLOAD_IMAGE_PART_SBAT && kind != PVHLOAD_IMAGE_PART_OSREL;
}

static void read_contents(const struct pvl_source *source, const struct pvl_pe_file *pe,
			  struct contents *ret)
{
	struct pvl_pe_section section;

	memset(ret, 0, sizeof(*ret));
	for (uint16_t i = 0; i < pe->section_count; i++) {
		const enum pvhload_status status =
			pvl_pe_file_section(source, pe, i, &section, NULL);
		const uint32_t kind = status == PVHLOAD_OK ? pvl_section_kind(&section) : 0;

		if (kind == PVHLOAD_IMAGE_PART_SBAT && ret->sbat.size == 0)
			ret->sbat = section;
		if (is_only_of_ukis(kind) && !ret->part[0])
			memcpy(ret->part, section.name, sizeof(section.name));
	}
}

static bool is_of_name(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_';
}

/* What the second line of .sbat begins with: its first line is about .sbat itself.  "" if there is none. */
static void read_component(const struct pvl_source *source, const struct pvl_pe_section *sbat,
			   char *name)
{
	const size_t size = (size_t)pvl_min_u64(SBAT_BYTES, sbat->size);
	uint8_t bytes[SBAT_BYTES];
	const uint8_t *line;
	size_t n, left;

	name[0] = '\0';
	if (size == 0 || pvl_source_read(source, sbat->offset, bytes, size, NULL) != PVHLOAD_OK)
		return;
	line = memchr(bytes, '\n', size);
	left = line ? size - (size_t)(line + 1 - bytes) : 0;
	for (n = 0; n < left && n < COMPONENT_SIZE - 1 && is_of_name(line[1 + n]); n++)
		name[n] = (char)line[1 + n];
	name[n] = '\0';
}

static void say_efi(const struct pvl_source *source, const struct contents *has, char *text,
		    size_t size)
{
	char name[COMPONENT_SIZE];

	read_component(source, &has->sbat, name);
	if (has->part[0])
		snprintf(text, size,
			 "an add-on for a unified kernel image (it has %s), and no kernel "
			 "(.linux): give the UKI that it is for",
			 has->part);
	else
		snprintf(
			text, size,
			"an EFI program%s%s%s without a kernel (.linux), which needs EFI firmware: "
			"give the kernel that it starts",
			name[0] ? " (" : "", name, name[0] ? ", by its .sbat section)" : "");
}

/* Its tables have been found sound; what cannot be read now is not said. */
static void say_program(const struct pvl_source *source, char *text, size_t size)
{
	struct pvl_pe_file pe;
	struct contents has;
	bool found = false;

	if (pvl_pe_file_open(source, &pe, &found, NULL) != PVHLOAD_OK || !found) {
		snprintf(text, size, "a DOS program");
		return;
	}
	read_contents(source, &pe, &has);
	if (pe.subsystem == PVL_PE_SUBSYSTEM_EFI)
		say_efi(source, &has, text, size);
	else
		snprintf(text, size, "a PE file without a Linux setup header");
}

static const char *other_than_pe(struct pvl_span head)
{
	uint32_t arm = 0;

	(void)pvl_span_le32(head, ARM_ZIMAGE_AT, &arm);
	if (head.size == 0)
		return "the file is empty";
	if (head.size >= strlen(CPIO_MAGIC) &&
	    memcmp(head.data, CPIO_MAGIC, strlen(CPIO_MAGIC)) == 0)
		return "a cpio archive, as an initrd is";
	if (arm == ARM_ZIMAGE_MAGIC)
		return "an arm zImage, a kernel for 32-bit processors, which this library does not boot";
	return NULL;
}

/* A guess, which is why it is not opened as one. */
static bool may_be_firmware(const struct pvl_source *source)
{
	struct pvhload_image_firmware firmware;

	return pvl_firmware_read(source, &firmware, NULL) == PVHLOAD_OK;
}

void pvl_format_say(const struct pvl_source *source, struct pvl_span head, char *text, size_t size)
{
	const char *other = other_than_pe(head);
	uint16_t mz = 0;

	(void)pvl_span_le16(head, 0, &mz);
	if (other)
		snprintf(text, size, "%s", other);
	else if (mz == PVL_MZ_MAGIC)
		say_program(source, text, size);
	else if (may_be_firmware(source))
		snprintf(
			text, size,
			"by its last bytes it may be a raw x86 firmware, and is opened as one only if that is "
			"asked for");
	else
		snprintf(
			text, size,
			"neither an ELF file nor a bzImage, nor compressed by a codec that is known");
}
