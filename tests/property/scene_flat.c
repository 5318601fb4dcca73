/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Scenes of flat Images: banks of RAM, a device tree, an initrd, and what such a guest is not given. */
#include <string.h>

#include "scene.h"
#include "scene_map.h"

#define GIB        (UINT64_C(1) << 30)
#define MIB        (UINT64_C(1) << 20)
#define PAGE_LARGE UINT64_C(0x10000)

/* Where something of the map begins or ends, or anything: not 0. */
static uint64_t somewhere(const struct scene *s, struct random *r)
{
	const struct pvhload_memmap_entry *e = &s->map.entries[random_below(r, s->map.count)];
	uint64_t at = e->gpa;

	switch (random_below(r, 4)) {
	case 0:
		at += e->size - random_size(r, 4, 24);
		break;
	case 1:
		at += random_size(r, 3, 26);
		break;
	default:
		at += random_below(r, e->size);
		break;
	}
	at &= (UINT64_C(1) << 57) - 1;
	return at != 0 ? at : PAGE_LARGE;
}

static uint64_t file_size(const struct scene *s, struct random *r)
{
	const struct pvhload_memmap_entry *e = &s->map.entries[random_below(r, s->map.count)];

	/* so that the tree of a kernel that does not say how much it needs has room below it alone */
	if (s->image->flat.image_size == 0 && e->size > 16 * MIB && random_one_in(r, 4))
		return e->size - random_below(r, 3 * MIB);
	/* as large as a range, or nearly so */
	if (random_one_in(r, 6) && e->size > 16 * MIB)
		return e->size - random_below(r, 6) * 2 * MIB;
	if (random_one_in(r, 6))
		return e->size / 2;
	if (random_one_in(r, 60))
		return 0;
	if (random_one_in(r, 4))
		return random_size(r, 16, 34);
	return random_size(r, 0, 17);
}

static void make_keep_free(struct scene *s, struct random *r)
{
	const size_t count = random_one_in(r, 3) ? (size_t)random_below(r, SCENE_KEEP_FREE_MAX) : 0;
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		struct pvhload_boot_keep_free *made = &s->keep_free[n];

		*made = (struct pvhload_boot_keep_free)PVHLOAD_BOOT_KEEP_FREE_INIT;
		made->gpa = random_one_in(r, 3) ? s->map.entries[0].gpa : somewhere(s, r);
		made->size = random_size(r, 0, random_one_in(r, 4) ? 31 : 22);
		made->flags = random_one_in(r, 3) ? PVHLOAD_BOOT_KEEP_FREE_UNTIL_ENTRY : 0;
		scene_make_kept(s, r, made);
		n += !scene_is_kept(s, n, made->gpa, made->size) || random_one_in(r, 20);
	}
	s->config.keep_free = s->keep_free;
	s->config.keep_free_count = n;
}

static uint64_t aligned_place(const struct scene *s, struct random *r, uint64_t align)
{
	return somewhere(s, r) / align * align;
}

/* From multiples of 2 MiB, as its header says, or not. */
static uint64_t kernel_place(const struct scene *s, struct random *r)
{
	const uint64_t at = somewhere(s, r);

	if (random_one_in(r, 6))
		return at;
	return (at & ~(2 * MIB - 1)) + s->image->flat.text_offset;
}

static void make_places(struct scene *s, struct random *r)
{
	struct scene_places *p = &s->places;

	memset(p, 0, sizeof(*p));
	if (random_one_in(r, 6))
		p->kernel_gpa = kernel_place(s, r);
	if (random_one_in(r, 6))
		p->fdt_gpa = aligned_place(s, r, random_one_in(r, 8) ? 4 : 8);
	if (random_one_in(r, 6))
		p->initrd_gpa = aligned_place(s, r, random_one_in(r, 4) ? 0x1000 : PAGE_LARGE);
	/* of what such a guest has not */
	p->gdt_gpa = random_one_in(r, 20) ? somewhere(s, r) : 0;
	p->zero_page_gpa = random_one_in(r, 20) ? somewhere(s, r) : 0;
	scene_add_place(s, PVHLOAD_REGION_X86_ZERO_PAGE, 0, p->zero_page_gpa);
	scene_add_place(s, PVHLOAD_REGION_INITRD, 0, p->initrd_gpa);
	scene_add_place(s, PVHLOAD_REGION_FDT, 0, p->fdt_gpa);
	scene_add_place(s, PVHLOAD_REGION_X86_GDT, 0, p->gdt_gpa);
	scene_add_place(s, PVHLOAD_REGION_KERNEL, 0, p->kernel_gpa);
	s->config.places = s->place_list;
}

static void make_initrds(struct scene *s, struct random *r)
{
	s->config.initrds = s->initrds;
	s->config.initrd_count = random_one_in(r, 4) ? 0
				 : random_one_in(r, 5)
					 ? 1 + (size_t)random_below(r, SCENE_INITRDS_MAX)
					 : 1;
	for (size_t i = 0; i < s->config.initrd_count; i++)
		s->initrds[i] = scene_source(file_size(s, r));
}

static void make_cmdline(struct scene *s, struct random *r)
{
	static const uint64_t lengths[] = { 0, 1023, 1024, 2047, 2048, 65535, 65536 };
	uint64_t length = random_one_in(r, 16)  ? random_of(r, lengths)
			  : random_one_in(r, 3) ? 0
						: random_below(r, 100);

	scene_clear_cmdline(s);
	s->words_length = 0;
	if (random_one_in(r, 6)) /* these words change nothing here */
		scene_words_make(s, r);
	s->word_count = 0;
	s->nokaslr = false;
	length = length < s->words_length ? s->words_length : length;
	s->cmdline_length = (size_t)length;
	s->cmdline[length] = '\0';
	s->config.cmdline = s->cmdline;
}

/* What a device tree has no place for, and processors that are not. */
static void make_mistakes(struct scene *s, struct random *r)
{
	struct pvhload_boot_config *c = &s->config;

	switch (random_below(r, 8)) {
	case 0:
		s->module_sources[0] = scene_source(1 + random_below(r, 5000));
		s->modules[0] = (struct pvhload_boot_module){ sizeof(s->modules[0]),
							      &s->module_sources[0], NULL };
		c->modules = s->modules;
		c->module_count = 1;
		break;
	case 1:
		c->rsdp_gpa = 0xe0000;
		break;
	case 2:
		s->x86.loadflags = PVHLOAD_LOADFLAG_QUIET;
		break;
	case 3:
		s->x86.page_size = GIB;
		break;
	case 4:
		c->decompress = PVHLOAD_DECOMPRESS_GUEST;
		break;
	case 5:
		c->fdt = NULL;
		break;
	case 6:
		s->arm64.exception_level = 3;
		break;
	default:
		memset(s->tree.kaslr_seed, 0, sizeof(s->tree.kaslr_seed));
		break;
	}
}

static void make_options(struct scene *s, struct random *r)
{
	static const uint32_t wrong[] = { PVHLOAD_PROTOCOL_PVH, PVHLOAD_PROTOCOL_X86_LINUX64,
					  PVHLOAD_PROTOCOL_X86_LINUX32,
					  PVHLOAD_PROTOCOL_ARM64_LINUX,
					  PVHLOAD_PROTOCOL_RISCV64_LINUX };
	const uint32_t own = s->image->flat.is_arm64 ? PVHLOAD_PROTOCOL_ARM64_LINUX
						     : PVHLOAD_PROTOCOL_RISCV64_LINUX;

	s->config.protocol = random_one_in(r, 2) ? PVHLOAD_PROTOCOL_AUTO : own;
	if (random_one_in(r, 40))
		s->config.protocol = random_of(r, wrong);
	s->config.flags = random_one_in(r, 4)   ? PVHLOAD_BOOT_LINUX
			  : random_one_in(r, 6) ? PVHLOAD_BOOT_NOT_LINUX
						: 0;
	s->config.decompress = random_one_in(r, 6) ? PVHLOAD_DECOMPRESS_HOST : 0;
	s->arm64.exception_level = (uint32_t)random_below(r, 3);
	s->riscv64.boot_hart = random_one_in(r, 2) ? 0 : random_next(r);
	s->config.fdt = &s->tree.fdt;
	if (random_one_in(r, 20))
		make_mistakes(s, r);
}

/* A kernel for x86 that is handed a device tree, or asked for by another machine's protocol. */
static void use_other(struct scene *s, const struct model_image others[POOL_SIZE], struct random *r)
{
	static const uint32_t protocols[] = { PVHLOAD_PROTOCOL_ARM64_LINUX,
					      PVHLOAD_PROTOCOL_RISCV64_LINUX };

	s->image = &others[random_below(r, POOL_SIZE)];
	s->config.image = s->image->image;
	s->config.fdt = random_one_in(r, 2) ? &s->tree.fdt : NULL;
	if (!s->config.fdt)
		s->config.protocol = random_of(r, protocols);
}

void scene_flat_make(struct scene *s, const struct model_image pool[FLAT_POOL_SIZE],
		     const struct model_image others[POOL_SIZE], uint64_t seed)
{
	struct random r = { seed };

	s->is_flat = true;
	s->seed = seed;
	s->image = &pool[random_below(&r, FLAT_POOL_SIZE)];
	s->map = (struct pvhload_memmap){ sizeof(s->map), s->entries, SCENE_ENTRIES_MAX, 0, 0 };
	scene_map_make_banks(&s->map, &r);
	s->config = (struct pvhload_boot_config)PVHLOAD_BOOT_CONFIG_INIT;
	s->config.image = s->image->image;
	s->config.memmap = &s->map;
	s->x86 = (struct pvhload_boot_x86)PVHLOAD_BOOT_X86_INIT;
	s->arm64 = (struct pvhload_boot_arm64)PVHLOAD_BOOT_ARM64_INIT;
	s->riscv64 = (struct pvhload_boot_riscv64)PVHLOAD_BOOT_RISCV64_INIT;
	s->config.x86 = &s->x86;
	s->config.arm64 = &s->arm64;
	s->config.riscv64 = &s->riscv64;
	make_keep_free(s, &r);
	make_places(s, &r);
	make_initrds(s, &r);
	make_cmdline(s, &r);
	scene_tree_make(&s->tree, &s->map, &r);
	make_options(s, &r);
	if (random_one_in(&r, 60))
		use_other(s, others, &r);
}

void scene_free(struct scene *s)
{
	scene_tree_free(&s->tree);
}
