/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * What a file is that is of no format here: named in the refusal, with what to do.  By its first bytes alone.
 *
 * ABI source: Linux, arch/arm/boot/compressed/head.S; Microsoft, PE Format; UAPI Group, Unified Kernel Image (.linux);
 * shim, SBAT.md (.sbat); Linux, Documentation/driver-api/early-userspace/buffer-format.rst (cpio).
 */
#include "core/checked.h"
#include "core/libc.h"
#include "image/format.h"
#include "image/pe.h"

#define CPIO_MAGIC       "07070" /* of cpio's formats in ASCII; Linux's go on with 1 or 2 */
#define ARM_ZIMAGE_AT    0x24u
#define ARM_ZIMAGE_MAGIC 0x016f2818u

#define SBAT_BYTES     512u
#define COMPONENT_SIZE 32u

/* The header of the PE file's section of this name, if it is in the bytes that are read. */
static bool find_section(struct pvl_span head, uint32_t pe, const char *name, struct pvl_span *ret)
{
	char padded[PVL_PE_NAME_SIZE] = { 0 };

	memcpy(padded, name, strlen(name));
	for (uint16_t i = 0; pvl_pe_section(head, pe, i, ret); i++)
		if (memcmp(ret->data, padded, PVL_PE_NAME_SIZE) == 0)
			return true;
	return false;
}

static bool is_of_name(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_';
}

/* What the second line of .sbat begins with: its first line is about .sbat itself.  "" if there is none. */
static void read_component(const struct pvl_source *source, struct pvl_span section, char *name)
{
	uint8_t bytes[SBAT_BYTES];
	const uint8_t *line;
	uint32_t at = 0;
	size_t n, left;

	name[0] = '\0';
	(void)pvl_span_le32(section, PVL_PE_RAW_OFFSET, &at);
	if (at >= source->length)
		return;
	n = (size_t)pvl_min_u64(sizeof(bytes), source->length - at);
	if (pvl_source_read(source, at, bytes, n, NULL) != PVHLOAD_OK)
		return;
	line = memchr(bytes, '\n', n);
	left = line ? n - (size_t)(line + 1 - bytes) : 0;
	for (n = 0; n < left && n < COMPONENT_SIZE - 1 && is_of_name(line[1 + n]); n++)
		name[n] = (char)line[1 + n];
	name[n] = '\0';
}

static void say_efi(const struct pvl_source *source, struct pvl_span head, uint32_t pe, char *text,
		    size_t size)
{
	char name[COMPONENT_SIZE] = "";
	struct pvl_span section;

	if (find_section(head, pe, ".sbat", &section))
		read_component(source, section, name);
	snprintf(text, size,
		 "an EFI program%s%s%s, which needs EFI firmware: give the kernel that it starts",
		 name[0] ? " (" : "", name, name[0] ? ", by its .sbat section)" : "");
}

/* Where the PE header is that a DOS program begins with in its place, wherever in the file; 0 if there is none. */
static uint32_t find_pe(const struct pvl_source *source, struct pvl_span head)
{
	uint8_t magic[4];
	uint32_t pe = 0, found = 0;

	(void)pvl_span_le32(head, PVL_PE_OFFSET, &pe);
	if (source->length < sizeof(magic) || pe > source->length - sizeof(magic) ||
	    pvl_source_read(source, pe, magic, sizeof(magic), NULL) != PVHLOAD_OK)
		return 0;
	(void)pvl_span_le32((struct pvl_span){ magic, sizeof(magic) }, 0, &found);
	return found == PVL_PE_MAGIC ? pe : 0;
}

static void say_program(const struct pvl_source *source, struct pvl_span head, char *text,
			size_t size)
{
	const uint32_t pe = find_pe(source, head);
	uint16_t subsystem = 0;
	struct pvl_span section;

	if (pe != 0)
		(void)pvl_span_le16(head, (uint64_t)pe + PVL_PE_OPTIONAL + PVL_PE_SUBSYSTEM,
				    &subsystem);
	if (pe == 0)
		snprintf(text, size, "a DOS program");
	else if (find_section(head, pe, ".linux", &section))
		snprintf(
			text, size,
			"a unified kernel image (UKI): give the kernel in its section .linux, which "
			"objcopy -O binary -j .linux takes out");
	else if (subsystem == PVL_PE_SUBSYSTEM_EFI)
		say_efi(source, head, pe, text, size);
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
		return "an arm zImage: this library boots x86 kernels";
	return NULL;
}

void pvl_format_say(const struct pvl_source *source, struct pvl_span head, char *text, size_t size)
{
	const char *other = other_than_pe(head);
	uint16_t mz = 0;

	(void)pvl_span_le16(head, 0, &mz);
	if (other)
		snprintf(text, size, "%s", other);
	else if (mz == PVL_MZ_MAGIC)
		say_program(source, head, text, size);
	else
		snprintf(
			text, size,
			"neither an ELF file nor a bzImage, nor compressed by a codec that is known");
}
