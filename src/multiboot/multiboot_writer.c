/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "multiboot/multiboot_writer.h"

#include "abi/multiboot_layout.h"
#include "core/checked.h"
#include "core/libc.h"
#include "core/store.h"

uint64_t pvl_multiboot_append(struct pvl_multiboot_writer *w, uint64_t size)
{
	const uint64_t at = w->at;

	/* No overflow: all counts are limited. */
	(void)pvl_align_up(at + size, PVL_MB2_ALIGNMENT, &w->at);
	return at;
}

void pvl_multiboot_put32(const struct pvl_multiboot_writer *w, uint64_t at, uint32_t value)
{
	if (w->start)
		pvl_store_le32(w->start + at, value);
}

void pvl_multiboot_put64(const struct pvl_multiboot_writer *w, uint64_t at, uint64_t value)
{
	if (w->start)
		pvl_store_le64(w->start + at, value);
}

void pvl_multiboot_put(const struct pvl_multiboot_writer *w, uint64_t at, const void *bytes,
		       size_t size)
{
	if (w->start)
		memcpy(w->start + at, bytes, size);
}

uint64_t pvl_multiboot_cmdline_size(const struct pvl_multiboot_input *input)
{
	const size_t length = strlen(input->cmdline);

	return strlen(input->kernel_name) + (length > 0 ? 1 + length : 0) + 1;
}

void pvl_multiboot_put_cmdline(const struct pvl_multiboot_writer *w, uint64_t at,
			       const struct pvl_multiboot_input *input)
{
	const size_t name = strlen(input->kernel_name), length = strlen(input->cmdline);

	pvl_multiboot_put(w, at, input->kernel_name, name);
	if (length == 0)
		return;
	pvl_multiboot_put(w, at + name, " ", 1);
	pvl_multiboot_put(w, at + name + 1, input->cmdline, length);
}
