/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "uki_images.h"

#include <string.h>

#define OPTIONAL_SIZE    240u
#define OPTIONAL_SIZE_32 224u
#define HEADER_SIZE      40u

struct uki_section *add_section(struct uki_spec *spec, const char *name, const void *bytes,
				size_t size)
{
	struct uki_section *section = &spec->sections[spec->section_count++];

	*section = (struct uki_section){ .name = name, .bytes = bytes, .size = size };
	return section;
}

struct uki_section *add_text(struct uki_spec *spec, const char *name, const char *text)
{
	return add_section(spec, name, text, strlen(text));
}

static size_t align_up(size_t size)
{
	return (size + UKI_ALIGN - 1) / UKI_ALIGN * UKI_ALIGN;
}

static size_t pe_at(const struct uki_spec *spec)
{
	return spec->pe_at ? spec->pe_at : 0x80;
}

size_t uki_optional_offset(const struct uki_spec *spec)
{
	return pe_at(spec) + 24;
}

size_t uki_header_offset(const struct uki_spec *spec, size_t i)
{
	return uki_optional_offset(spec) + (spec->pe32 ? OPTIONAL_SIZE_32 : OPTIONAL_SIZE) +
	       i * HEADER_SIZE;
}

static uint32_t chosen(uint32_t given, size_t usual)
{
	return given == UKI_NO_SIZE ? 0 : given ? given : (uint32_t)usual;
}

static uint32_t raw_size(const struct uki_section *section)
{
	return chosen(section->raw_size, align_up(section->size));
}

size_t uki_section_offset(const struct uki_spec *spec, size_t i)
{
	size_t at = align_up(uki_header_offset(spec, spec->section_count));

	if (spec->sections[i].raw_offset)
		return spec->sections[i].raw_offset;
	for (size_t k = 0; k < i; k++)
		if (!spec->sections[k].raw_offset)
			at += raw_size(&spec->sections[k]);
	return at;
}

size_t uki_end(const struct uki_spec *spec)
{
	size_t end = align_up(uki_header_offset(spec, spec->section_count));

	for (size_t i = 0; i < spec->section_count; i++)
		if (!spec->sections[i].raw_offset)
			end += raw_size(&spec->sections[i]);
	return end;
}

static void put_headers(const struct uki_spec *spec, struct bytes *out)
{
	const size_t pe = pe_at(spec), optional = uki_optional_offset(spec);
	const size_t directories = optional + (spec->pe32 ? 92 : 108);

	poke(out, 0, 0x5a4d, 2);
	poke(out, 0x3c, pe, 4);
	poke(out, pe, 0x4550, 4);
	poke(out, pe + 4, spec->machine ? spec->machine : 0x8664, 2);
	poke(out, pe + 6, spec->section_count, 2);
	poke(out, pe + 20, spec->pe32 ? OPTIONAL_SIZE_32 : OPTIONAL_SIZE, 2);
	poke(out, optional, spec->pe32 ? 0x10b : 0x20b, 2);
	poke(out, optional + 68, spec->subsystem ? spec->subsystem : 10, 2);
	poke(out, directories, 16, 4);
	if (spec->signature_size == 0)
		return;
	poke(out, directories + 4 + 8 * 4, uki_end(spec), 4);
	poke(out, directories + 4 + 8 * 4 + 4, spec->signature_size, 4);
}

static void put_section(const struct uki_spec *spec, size_t i, struct bytes *out)
{
	const struct uki_section *section = &spec->sections[i];
	const size_t header = uki_header_offset(spec, i), at = uki_section_offset(spec, i);
	const size_t raw = raw_size(section);

	for (size_t k = 0; k < 8 && section->name[k]; k++)
		out->data[header + k] = (uint8_t)section->name[k];
	poke(out, header + 8, chosen(section->virtual_size, section->size), 4);
	poke(out, header + 12, 0x10000 + 0x1000 * i, 4);
	poke(out, header + 16, raw, 4);
	poke(out, header + 20, at, 4);
	if (section->size > 0 && !section->raw_offset)
		memcpy(out->data + at, section->bytes, raw < section->size ? raw : section->size);
}

struct bytes build_uki(const struct uki_spec *spec)
{
	const size_t sections_at = align_up(uki_header_offset(spec, spec->section_count));
	struct bytes out = bytes_zero(uki_end(spec) + spec->signature_size);

	put_headers(spec, &out);
	memset(out.data + sections_at, UKI_FILL, out.size - sections_at);
	for (size_t i = 0; i < spec->section_count; i++)
		put_section(spec, i, &out);
	return out;
}

struct bytes small_kernel_file(void)
{
	const struct elf_spec spec = small_kernel();

	return build_elf(&spec);
}

struct uki_spec small_uki(const struct bytes *kernel)
{
	struct uki_spec spec = { .section_count = 0 };

	add_text(&spec, ".text", "code of the stub");
	add_text(&spec, ".cmdline", UKI_CMDLINE);
	add_section(&spec, ".linux", kernel->data, kernel->size);
	add_text(&spec, ".initrd", UKI_INITRD);
	return spec;
}
