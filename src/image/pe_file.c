/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "image/pe_file.h"

#include <pvhload/image.h>

#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"

/* Enough of the optional header for the subsystem and the certificates, in both of its forms. */
#define OPTIONAL_READ                     \
	(PVL_PE32P_DIRECTORY_COUNT + 4u + \
	 PVL_PE_DIRECTORY_SIZE * (PVL_PE_DIRECTORY_CERTIFICATES + 1u))

/* Offsets and sizes in a PE file have 32 bits: sums of a few of them cannot wrap. */
static bool is_inside(const struct pvl_source *source, uint64_t offset, uint64_t size)
{
	return offset + size <= source->length;
}

static enum pvhload_status find_header(const struct pvl_source *source, uint64_t *ret_at,
				       bool *ret_found, struct pvhload_error *err)
{
	uint8_t bytes[4];
	const struct pvl_span span = { bytes, sizeof(bytes) };

	*ret_found = false;
	if (!is_inside(source, PVL_PE_OFFSET, sizeof(bytes)))
		return PVHLOAD_OK;
	PVL_TRY(pvl_source_read(source, PVL_PE_OFFSET, bytes, sizeof(bytes), err));
	*ret_at = pvl_span_get32(span, 0);
	if (!is_inside(source, *ret_at, sizeof(bytes)))
		return PVHLOAD_OK;
	PVL_TRY(pvl_source_read(source, *ret_at, bytes, sizeof(bytes), err));
	*ret_found = pvl_span_get32(span, 0) == PVL_PE_MAGIC;
	return PVHLOAD_OK;
}

static enum pvhload_status check_table(const struct pvl_source *source,
				       const struct pvl_pe_file *pe, struct pvhload_error *err)
{
	if (pe->section_count > PVHLOAD_PE_SECTIONS_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_AT(pe->sections_at),
				"a PE file of %u sections, more than the limit of %u "
				"(PVHLOAD_PE_SECTIONS_MAX)",
				pe->section_count, PVHLOAD_PE_SECTIONS_MAX);
	if (!is_inside(source, pe->sections_at, (uint64_t)pe->section_count * PVL_PE_SECTION_SIZE))
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(pe->sections_at),
				"a PE file: the table of its sections, %u at offset 0x%" PRIx64
				", passes the end of the file, 0x%" PRIx64 " (is it truncated?)",
				pe->section_count, pe->sections_at, source->length);
	return PVHLOAD_OK;
}

static enum pvhload_status check_certificates(const struct pvl_source *source,
					      const struct pvl_pe_file *pe,
					      struct pvhload_error *err)
{
	if (is_inside(source, pe->certificates_offset, pe->certificates_size))
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(pe->certificates_offset),
			"a PE file: its signature, 0x%" PRIx64 " bytes at offset 0x%" PRIx64
			", passes the end of the file, 0x%" PRIx64 " (is it truncated?)",
			pe->certificates_size, pe->certificates_offset, source->length);
}

/* What of @optional, the optional header as far as it is read, is of use. */
static void read_optional(struct pvl_span optional, struct pvl_pe_file *ret)
{
	const uint16_t magic = pvl_span_get16(optional, 0);
	const uint64_t count_at = magic == PVL_PE32_MAGIC    ? PVL_PE32_DIRECTORY_COUNT
				  : magic == PVL_PE32P_MAGIC ? PVL_PE32P_DIRECTORY_COUNT
							     : optional.size;
	struct pvl_span directory;

	ret->subsystem = pvl_span_get16(optional, PVL_PE_SUBSYSTEM);
	if (pvl_span_get32(optional, count_at) <= PVL_PE_DIRECTORY_CERTIFICATES ||
	    !pvl_span_sub(optional,
			  count_at + 4 +
				  (uint64_t)PVL_PE_DIRECTORY_SIZE * PVL_PE_DIRECTORY_CERTIFICATES,
			  PVL_PE_DIRECTORY_SIZE, &directory))
		return;
	ret->certificates_size = pvl_span_get32(directory, 4);
	ret->certificates_offset = ret->certificates_size > 0 ? pvl_span_get32(directory, 0) : 0;
}

enum pvhload_status pvl_pe_file_open(const struct pvl_source *source, struct pvl_pe_file *ret,
				     bool *ret_found, struct pvhload_error *err)
{
	uint8_t header[PVL_PE_OPTIONAL], optional[OPTIONAL_READ];
	const struct pvl_span h = { header, sizeof(header) };
	struct pvl_pe_file pe = { .sections_at = 0 };
	uint64_t at = 0, size;

	PVL_TRY(find_header(source, &at, ret_found, err));
	if (!*ret_found)
		return PVHLOAD_OK;
	if (!is_inside(source, at, sizeof(header)))
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(at),
				"a PE file: its header at offset 0x%" PRIx64
				" passes the end of the file, 0x%" PRIx64 " (is it truncated?)",
				at, source->length);
	PVL_TRY(pvl_source_read(source, at, header, sizeof(header), err));
	size = pvl_span_get16(h, PVL_PE_OPTIONAL_SIZE);
	pe.machine = pvl_span_get16(h, PVL_PE_MACHINE);
	pe.section_count = pvl_span_get16(h, PVL_PE_SECTION_COUNT);
	pe.sections_at = at + PVL_PE_OPTIONAL + size;
	PVL_TRY(check_table(source, &pe, err));
	size = pvl_min_u64(size, sizeof(optional));
	PVL_TRY(pvl_source_read(source, at + PVL_PE_OPTIONAL, optional, size, err));
	read_optional((struct pvl_span){ optional, (size_t)size }, &pe);
	PVL_TRY(check_certificates(source, &pe, err));
	*ret = pe;
	return PVHLOAD_OK;
}

enum pvhload_status pvl_pe_file_section(const struct pvl_source *source,
					const struct pvl_pe_file *pe, uint16_t i,
					struct pvl_pe_section *ret, struct pvhload_error *err)
{
	uint8_t header[PVL_PE_SECTION_SIZE];
	const struct pvl_span h = { header, sizeof(header) };
	uint64_t raw_size;

	PVL_TRY(pvl_source_read(source, pe->sections_at + (uint64_t)i * PVL_PE_SECTION_SIZE, header,
				sizeof(header), err));
	memcpy(ret->name, header, sizeof(ret->name));
	ret->offset = pvl_span_get32(h, PVL_PE_RAW_OFFSET);
	raw_size = pvl_span_get32(h, PVL_PE_RAW_SIZE);
	/* What is after the virtual size fills up the file, what is after the raw size is zeros in memory. */
	ret->size = pvl_min_u64(pvl_span_get32(h, PVL_PE_VIRTUAL_SIZE), raw_size);
	if (raw_size == 0)
		ret->offset = 0; /* it has none */
	if (!is_inside(source, ret->offset, raw_size))
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(ret->offset),
				"a PE file: section %u, 0x%" PRIx64 " bytes at offset 0x%" PRIx64
				", passes the end of the file, 0x%" PRIx64 " (is it truncated?)",
				i, raw_size, ret->offset, source->length);
	return PVHLOAD_OK;
}

bool pvl_pe_is_called(const struct pvl_pe_section *section, const char *name)
{
	uint8_t padded[PVL_PE_NAME_SIZE] = { 0 };

	memcpy(padded, name, strlen(name));
	return memcmp(section->name, padded, sizeof(padded)) == 0;
}
