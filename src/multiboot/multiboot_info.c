/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The rules on the information, which both versions share.
 *
 * ABI source: GNU Multiboot Specification 0.6.96, 3.3; Multiboot2 Specification 2.0, 3.6.
 */
#include "multiboot/multiboot_info.h"

#include "abi/rsdp_layout.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/span.h"
#include "multiboot/multiboot_writer.h"

uint64_t pvl_multiboot_encode(const struct pvl_multiboot_input *input, uint64_t gpa, uint8_t *dst)
{
	struct pvl_multiboot_writer w = { dst, 0 };

	if (input->version == 1)
		pvl_multiboot1_encode(input, gpa, &w);
	else
		pvl_multiboot2_encode(input, &w);
	return w.at;
}

static enum pvhload_status check_name(const struct pvl_multiboot_input *input,
				      struct pvhload_error *err)
{
	const char *name = input->kernel_name;
	const size_t length = strlen(name);

	if (length == 0 || strcspn(name, " \t\n") != length)
		return pvl_fail(
			err, PVHLOAD_E_CMDLINE, PVL_ANYWHERE,
			"the kernel's name is empty or has a blank: Multiboot kernels skip the "
			"first word of the command line, which it is to be");
	if (length > PVHLOAD_MULTIBOOT_NAME_MAX)
		return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_ANYWHERE,
				"the kernel's name has %zu bytes, %zu more than the limit of %u",
				length, length - PVHLOAD_MULTIBOOT_NAME_MAX,
				PVHLOAD_MULTIBOOT_NAME_MAX);
	return PVHLOAD_OK;
}

static enum pvhload_status fail_text(const struct pvl_multiboot_input *input, size_t i,
				     size_t length, struct pvhload_error *err)
{
	(void)pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_ANYWHERE,
		       "the command line of module %zu has %zu bytes, %zu more than the "
		       "limit of %u",
		       i, length, length - PVHLOAD_MULTIBOOT_CMDLINE_LENGTH_MAX,
		       PVHLOAD_MULTIBOOT_CMDLINE_LENGTH_MAX);
	return pvl_fail_about(err, PVHLOAD_E_CMDLINE, PVHLOAD_SUBJECT_MODULE,
			      i - input->initrd_count);
}

static enum pvhload_status check_texts(const struct pvl_multiboot_input *input,
				       struct pvhload_error *err)
{
	uint64_t total = pvl_multiboot_cmdline_size(input);

	for (size_t i = 0; i < input->module_count; i++) {
		const size_t length = strlen(input->modules[i].text);

		if (length > PVHLOAD_MULTIBOOT_CMDLINE_LENGTH_MAX)
			return fail_text(input, i, length, err);
		total += length + 1;
	}
	if (total > PVHLOAD_MULTIBOOT_CMDLINE_TOTAL_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_ANYWHERE,
				"the command lines together take %" PRIu64
				" bytes; the limit is %u: %" PRIu64 " too many",
				total, PVHLOAD_MULTIBOOT_CMDLINE_TOTAL_MAX,
				total - PVHLOAD_MULTIBOOT_CMDLINE_TOTAL_MAX);
	return PVHLOAD_OK;
}

static bool sums_to_zero(const uint8_t *bytes, size_t size)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + bytes[i]);
	return sum == 0;
}

/* How many bytes it has, by its revision; 0 if that is no size that it can have. */
static size_t rsdp_size(struct pvl_span rsdp)
{
	const uint32_t length = pvl_span_get32(rsdp, PVL_RSDP_LENGTH);

	if (rsdp.size < PVL_RSDP_SIZE_1 ||
	    memcmp(rsdp.data, PVL_RSDP_SIGNATURE, strlen(PVL_RSDP_SIGNATURE)) != 0)
		return 0;
	if (rsdp.data[PVL_RSDP_REVISION] == 0)
		return PVL_RSDP_SIZE_1;
	return length >= PVL_RSDP_SIZE_2 && length <= PVHLOAD_MULTIBOOT_RSDP_MAX ? length : 0;
}

static enum pvhload_status check_rsdp(const struct pvl_multiboot_input *input,
				      struct pvhload_error *err)
{
	const struct pvl_span rsdp = { input->rsdp, input->rsdp_size };

	if (!input->rsdp)
		return PVHLOAD_OK;
	if (rsdp_size(rsdp) != rsdp.size)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE,
				"the %zu bytes of the RSDP do not begin with \"" PVL_RSDP_SIGNATURE
				"\", or are not as many as it says",
				rsdp.size);
	if (!sums_to_zero(rsdp.data, PVL_RSDP_SIZE_1) || !sums_to_zero(rsdp.data, rsdp.size))
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE,
				"the RSDP has a wrong checksum");
	return PVHLOAD_OK;
}

enum pvhload_status pvl_multiboot_check(const struct pvl_multiboot_input *input,
					struct pvhload_error *err)
{
	const size_t length = strlen(input->cmdline);

	if (input->memmap_count > PVHLOAD_MULTIBOOT_MEMMAP_MAX)
		return pvl_fail(err, PVHLOAD_E_MEMMAP, PVL_ANYWHERE,
				"the memory map has %zu entries; the limit is %u: %zu too many",
				input->memmap_count, PVHLOAD_MULTIBOOT_MEMMAP_MAX,
				input->memmap_count - PVHLOAD_MULTIBOOT_MEMMAP_MAX);
	PVL_TRY(check_name(input, err));
	if (length > PVHLOAD_MULTIBOOT_CMDLINE_LENGTH_MAX)
		return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_ANYWHERE,
				"the command line has %zu bytes, %zu more than the limit of %u",
				length, length - PVHLOAD_MULTIBOOT_CMDLINE_LENGTH_MAX,
				PVHLOAD_MULTIBOOT_CMDLINE_LENGTH_MAX);
	PVL_TRY(check_texts(input, err));
	return check_rsdp(input, err);
}
