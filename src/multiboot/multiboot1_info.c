/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The information of Multiboot 1: one structure, then the arrays and texts that it points to.
 *
 * ABI source: GNU Multiboot Specification 0.6.96, 3.3.
 */
#include "abi/multiboot_layout.h"
#include "core/libc.h"
#include "multiboot/multiboot_writer.h"

/* Append a text; its address. */
static uint32_t append_text(struct pvl_multiboot_writer *w, uint64_t gpa, const char *text)
{
	const size_t size = strlen(text) + 1;
	const uint64_t at = pvl_multiboot_append(w, size);

	pvl_multiboot_put(w, at, text, size);
	return (uint32_t)(gpa + at);
}

static void append_modules(const struct pvl_multiboot_input *input, uint64_t gpa,
			   struct pvl_multiboot_writer *w)
{
	const uint64_t at =
		pvl_multiboot_append(w, input->module_count * (uint64_t)PVL_MB1_MODULE_SIZE);

	pvl_multiboot_put32(w, PVL_MB1I_MODS_COUNT, (uint32_t)input->module_count);
	pvl_multiboot_put32(w, PVL_MB1I_MODS_ADDR, (uint32_t)(gpa + at));
	for (size_t i = 0; i < input->module_count; i++) {
		const struct pvl_multiboot_module *m = &input->modules[i];
		const uint64_t module = at + i * (uint64_t)PVL_MB1_MODULE_SIZE;

		pvl_multiboot_put32(w, module + PVL_MB1_MODULE_START, (uint32_t)m->gpa);
		pvl_multiboot_put32(w, module + PVL_MB1_MODULE_END, (uint32_t)(m->gpa + m->size));
		pvl_multiboot_put32(w, module + PVL_MB1_MODULE_CMDLINE,
				    append_text(w, gpa, m->text));
	}
}

static void append_memmap(const struct pvl_multiboot_input *input, uint64_t gpa,
			  struct pvl_multiboot_writer *w)
{
	const uint64_t size = input->memmap_count * (uint64_t)PVL_MB1_MMAP_ENTRY;
	const uint64_t at = pvl_multiboot_append(w, size);

	pvl_multiboot_put32(w, PVL_MB1I_MMAP_LENGTH, (uint32_t)size);
	pvl_multiboot_put32(w, PVL_MB1I_MMAP_ADDR, (uint32_t)(gpa + at));
	for (size_t i = 0; i < input->memmap_count; i++) {
		const struct pvhload_memmap_entry *e = &input->memmap[i];
		const uint64_t entry = at + i * (uint64_t)PVL_MB1_MMAP_ENTRY;

		pvl_multiboot_put32(w, entry + PVL_MB1_MMAP_SIZE, PVL_MB1_MMAP_SAYS);
		pvl_multiboot_put64(w, entry + PVL_MB1_MMAP_ADDR, e->gpa);
		pvl_multiboot_put64(w, entry + PVL_MB1_MMAP_LENGTH, e->size);
		pvl_multiboot_put32(w, entry + PVL_MB1_MMAP_TYPE, e->type);
	}
}

static void append_cmdline(const struct pvl_multiboot_input *input, uint64_t gpa,
			   struct pvl_multiboot_writer *w)
{
	const uint64_t at = pvl_multiboot_append(w, pvl_multiboot_cmdline_size(input));

	pvl_multiboot_put_cmdline(w, at, input);
	pvl_multiboot_put32(w, PVL_MB1I_CMDLINE, (uint32_t)(gpa + at));
}

/* The block begins with the structure, so that its fields are at their own offsets. */
void pvl_multiboot1_encode(const struct pvl_multiboot_input *input, uint64_t gpa,
			   struct pvl_multiboot_writer *w)
{
	(void)pvl_multiboot_append(w, PVL_MB1I_SIZE);
	pvl_multiboot_put32(w, PVL_MB1I_FLAGS,
			    PVL_MB1I_FLAG_MEMORY | PVL_MB1I_FLAG_CMDLINE | PVL_MB1I_FLAG_MODS |
				    PVL_MB1I_FLAG_MMAP | PVL_MB1I_FLAG_LOADER);
	pvl_multiboot_put32(w, PVL_MB1I_MEM_LOWER, input->lower_kib);
	pvl_multiboot_put32(w, PVL_MB1I_MEM_UPPER, input->upper_kib);
	append_modules(input, gpa, w);
	append_memmap(input, gpa, w);
	append_cmdline(input, gpa, w);
	pvl_multiboot_put32(w, PVL_MB1I_LOADER_NAME,
			    append_text(w, gpa, PVL_MULTIBOOT_LOADER_NAME));
}
