/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "scene.h"

static void print_elf(const struct model_elf *elf)
{
	fprintf(stderr, "  elf%d entry 0x%" PRIx64, elf->is32 ? 32 : 64, elf->entry);
	if (elf->has_pvh)
		fprintf(stderr, " pvh 0x%" PRIx64, elf->pvh_entry);
	if (elf->has_pvh && elf->has_reloc)
		fprintf(stderr, " reloc 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64, elf->reloc_align,
			elf->reloc_min, elf->reloc_end);
	for (size_t i = 0; i < elf->count; i++)
		fprintf(stderr, " [0x%" PRIx64 " +0x%" PRIx64 "]", elf->segments[i].gpa,
			elf->segments[i].mem_size);
	fputc('\n', stderr);
}

static void print_bzimage(const struct model_bzimage *bz)
{
	fprintf(stderr,
		"  bzImage 0x%" PRIx32 " relocatable %d alignment 0x%" PRIx64 "/0x%" PRIx64
		" preferred 0x%" PRIx64 " needs 0x%" PRIx64 " code 0x%" PRIx64 " at 0x%" PRIx64
		" xloadflags 0x%" PRIx32 " cmdline %" PRIu64 " initrd 0x%" PRIx64 " payload %d\n",
		bz->version, bz->relocatable, bz->alignment, bz->min_alignment, bz->preferred,
		model_window(bz), bz->code_size, bz->code32_start, bz->xloadflags, bz->cmdline_max,
		bz->initrd_end, bz->payload);
}

static void print_config(const struct scene *s)
{
	const struct pvhload_boot_config *c = &s->config;
	const struct scene_places *p = &s->places;

	fprintf(stderr,
		"  protocol %" PRIu32 " decompress %" PRIu32 " flags %" PRIu32 " levels %" PRIu32
		" page 0x%" PRIx64 " mask 0x%" PRIx64 " cmdline %zu rsdp 0x%" PRIx64 "\n",
		c->protocol, c->decompress, c->flags, s->x86.paging_levels, s->x86.page_size,
		s->x86.page_entry_mask, s->cmdline_length, c->rsdp_gpa);
	fprintf(stderr, "  words: %.*s\n", (int)s->words_length, s->cmdline);
	fprintf(stderr,
		"  places: gdt 0x%" PRIx64 " start_info 0x%" PRIx64 " modlist 0x%" PRIx64
		" memmap 0x%" PRIx64 " cmdline 0x%" PRIx64 " module cmdlines 0x%" PRIx64
		" initrd 0x%" PRIx64 " kernel 0x%" PRIx64 " zero page 0x%" PRIx64
		" setup_data 0x%" PRIx64 " page tables 0x%" PRIx64 "\n",
		p->gdt_gpa, p->start_info_gpa, p->modlist_gpa, p->memmap_gpa, p->cmdline_gpa,
		p->module_cmdlines_gpa, p->initrd_gpa, p->kernel_gpa, p->zero_page_gpa,
		p->setup_data_gpa, p->page_tables_gpa);
}

static void print_flat(const struct model_flat *flat)
{
	fprintf(stderr,
		"  %s text_offset 0x%" PRIx64 " image_size 0x%" PRIx64 " flags 0x%" PRIx64
		" file 0x%zx\n",
		flat->is_arm64 ? "arm64" : "riscv64", flat->text_offset, flat->image_size,
		flat->flags, flat->bytes.size);
}

static void print_multiboot(const struct model_image *image)
{
	for (size_t i = 0; i < 2; i++) {
		const struct model_multiboot *m = &image->multiboot[i];

		if (m->has)
			fprintf(stderr,
				"  multiboot %zu usable %d entry 0x%" PRIx64 " align 0x%" PRIx64
				" in [0x%" PRIx64 ", 0x%" PRIx64 ")\n",
				i + 1, m->usable, m->entry, m->align, m->min, m->end);
	}
}

static void print_ranges(const char *name, const struct tree_range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fprintf(stderr, "  tree: %s [0x%" PRIx64 ", 0x%" PRIx64 ")\n", name, ranges[i].gpa,
			ranges[i].gpa + ranges[i].size);
}

static void print_tree(const struct scene *s)
{
	const struct scene_tree *t = &s->tree;

	print_ranges("memory", t->memory, t->memory_count);
	print_ranges("reserved", t->reserved, t->reserved_count);
	print_ranges("initrd", &t->initrd, t->has_initrd ? 1 : 0);
	fprintf(stderr,
		"  tree: %zu bytes, cells %" PRIu32 " %" PRIu32 ", bootargs %zu, way %" PRIu32
		", flags %" PRIu32 ", room 0x%zx, given: %d, asked to be at 0x%" PRIx64 "\n",
		t->bytes.size, t->address_cells, t->size_cells, strlen(t->bootargs),
		t->fdt.bootargs, t->fdt.flags, t->fdt.room, s->config.fdt != NULL,
		s->places.fdt_gpa);
}

void scene_print(const struct scene *s)
{
	const struct pvhload_boot_config *c = &s->config;

	for (size_t i = 0; i < s->map.count; i++)
		fprintf(stderr, "  map [0x%" PRIx64 ", 0x%" PRIx64 ") type %" PRIu32 "\n",
			s->entries[i].gpa, s->entries[i].gpa + s->entries[i].size,
			s->entries[i].type);
	for (size_t i = 0; i < c->keep_free_count; i++)
		fprintf(stderr, "  reserved [0x%" PRIx64 ", +0x%" PRIx64 "), %zu bytes%s\n",
			s->keep_free[i].gpa, s->keep_free[i].size, s->keep_free[i].byte_count,
			s->keep_free[i].flags ? " until the entry" : "");
	if (s->is_flat)
		print_tree(s);
	if (s->image->is_bzimage)
		print_bzimage(&s->image->bzimage);
	if (s->image->is_flat)
		print_flat(&s->image->flat);
	else
		print_elf(&s->image->elf);
	if (s->image->has_multiboot)
		print_multiboot(s->image);
	print_config(s);
	fprintf(stderr, "  initrd 0x%" PRIx64 " in %zu\n", scene_initrd_size(s), c->initrd_count);
	for (size_t i = 0; i < c->module_count; i++)
		fprintf(stderr, "  module 0x%" PRIx64 " at 0x%" PRIx64 "\n",
			s->module_sources[i].size, s->places.modules[i]);
	for (size_t i = 0; i < s->x86.setup_data_count; i++)
		fprintf(stderr,
			"  setup_data %" PRIu32 " flags %" PRIu32 " 0x%" PRIx64 " at 0x%" PRIx64
			" and 0x%" PRIx64 "\n",
			s->nodes[i].type, s->nodes[i].flags, s->node_sources[i].size,
			s->places.nodes[i], s->places.node_bytes[i]);
}
