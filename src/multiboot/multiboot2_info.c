/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The information of Multiboot 2: tags, each at a multiple of 8, whose size does not count the padding.
 *
 * ABI source: Multiboot2 Specification 2.0, 3.6.
 */
#include "abi/multiboot_layout.h"
#include "abi/rsdp_layout.h"
#include "core/libc.h"
#include "multiboot/multiboot_writer.h"

/* Append a tag of @size bytes, its header included; where it is. */
static uint64_t append_tag(struct pvl_multiboot_writer *w, uint32_t type, uint64_t size)
{
	const uint64_t at = pvl_multiboot_append(w, size);

	pvl_multiboot_put32(w, at, type);
	pvl_multiboot_put32(w, at + PVL_MB2I_TAG_SIZE, (uint32_t)size);
	return at;
}

static void append_bytes(struct pvl_multiboot_writer *w, uint32_t type, const void *bytes,
			 size_t size)
{
	const uint64_t at = append_tag(w, type, PVL_MB2I_TAG_HEADER + (uint64_t)size);

	pvl_multiboot_put(w, at + PVL_MB2I_TAG_HEADER, bytes, size);
}

static void append_cmdline(const struct pvl_multiboot_input *input, struct pvl_multiboot_writer *w)
{
	const uint64_t at = append_tag(w, PVL_MB2I_CMDLINE,
				       PVL_MB2I_TAG_HEADER + pvl_multiboot_cmdline_size(input));

	pvl_multiboot_put_cmdline(w, at + PVL_MB2I_TAG_HEADER, input);
}

static void append_modules(const struct pvl_multiboot_input *input, struct pvl_multiboot_writer *w)
{
	for (size_t i = 0; i < input->module_count; i++) {
		const struct pvl_multiboot_module *m = &input->modules[i];
		const size_t size = strlen(m->text) + 1;
		const uint64_t at = append_tag(w, PVL_MB2I_MODULE, PVL_MB2I_MODULE_TEXT + size);

		pvl_multiboot_put32(w, at + PVL_MB2I_MODULE_START, (uint32_t)m->gpa);
		pvl_multiboot_put32(w, at + PVL_MB2I_MODULE_END, (uint32_t)(m->gpa + m->size));
		pvl_multiboot_put(w, at + PVL_MB2I_MODULE_TEXT, m->text, size);
	}
}

static void append_memory(const struct pvl_multiboot_input *input, struct pvl_multiboot_writer *w)
{
	const uint64_t at = append_tag(w, PVL_MB2I_MEMORY, PVL_MB2I_MEMORY_SIZE);

	pvl_multiboot_put32(w, at + PVL_MB2I_MEMORY_LOWER, input->lower_kib);
	pvl_multiboot_put32(w, at + PVL_MB2I_MEMORY_UPPER, input->upper_kib);
}

static void append_memmap(const struct pvl_multiboot_input *input, struct pvl_multiboot_writer *w)
{
	const uint64_t size = input->memmap_count * (uint64_t)PVL_MB2_MMAP_SIZE;
	const uint64_t at = append_tag(w, PVL_MB2I_MMAP, PVL_MB2I_MMAP_ENTRIES + size);

	pvl_multiboot_put32(w, at + PVL_MB2I_MMAP_ENTRY, PVL_MB2_MMAP_SIZE);
	for (size_t i = 0; i < input->memmap_count; i++) {
		const struct pvhload_memmap_entry *e = &input->memmap[i];
		const uint64_t entry = at + PVL_MB2I_MMAP_ENTRIES + i * (uint64_t)PVL_MB2_MMAP_SIZE;

		pvl_multiboot_put64(w, entry + PVL_MB2_MMAP_ADDR, e->gpa);
		pvl_multiboot_put64(w, entry + PVL_MB2_MMAP_LENGTH, e->size);
		pvl_multiboot_put32(w, entry + PVL_MB2_MMAP_TYPE, e->type);
	}
}

/* One of a later revision as one of revision 0, too, for guests that know no other. */
static void append_rsdp(const struct pvl_multiboot_input *input, struct pvl_multiboot_writer *w)
{
	if (!input->rsdp)
		return;
	append_bytes(w, PVL_MB2I_RSDP1, input->rsdp, PVL_RSDP_SIZE_1);
	if (input->rsdp_size > PVL_RSDP_SIZE_1)
		append_bytes(w, PVL_MB2I_RSDP2, input->rsdp, input->rsdp_size);
}

static void append_load_base(const struct pvl_multiboot_input *input,
			     struct pvl_multiboot_writer *w)
{
	uint64_t at;

	if (!input->is_relocatable)
		return;
	at = append_tag(w, PVL_MB2I_LOAD_BASE, PVL_MB2I_LOAD_BASE_END);
	pvl_multiboot_put32(w, at + PVL_MB2I_LOAD_BASE_GPA, (uint32_t)input->load_base);
}

/* The first word is the size of all, the tag that ends it included. */
void pvl_multiboot2_encode(const struct pvl_multiboot_input *input, struct pvl_multiboot_writer *w)
{
	(void)pvl_multiboot_append(w, PVL_MB2I_TAGS);
	append_cmdline(input, w);
	append_bytes(w, PVL_MB2I_LOADER, PVL_MULTIBOOT_LOADER_NAME,
		     sizeof(PVL_MULTIBOOT_LOADER_NAME));
	append_modules(input, w);
	append_memory(input, w);
	append_memmap(input, w);
	append_rsdp(input, w);
	append_load_base(input, w);
	(void)append_tag(w, PVL_MB2I_END, PVL_MB2I_TAG_HEADER);
	pvl_multiboot_put32(w, 0, (uint32_t)w->at);
}
