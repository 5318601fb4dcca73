/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "scene.h"

#include <stdio.h>
#include <string.h>

#include "scene_map.h"

#define PAGE UINT64_C(4096)
#define MIB  (UINT64_C(1) << 20)
#define GIB  (UINT64_C(1) << 30)

uint8_t scene_byte(uint64_t offset)
{
	return (uint8_t)(offset * 7 + (offset >> 8) + 1);
}

static int64_t read_bytes(void *user, uint64_t offset, void *dst, size_t len)
{
	uint8_t *bytes = dst;

	(void)user;
	for (size_t i = 0; i < len; i++)
		bytes[i] = scene_byte(offset + i);
	return (int64_t)len;
}

struct pvhload_source scene_source(uint64_t length)
{
	struct pvhload_source source = PVHLOAD_SIZED_(pvhload_source);

	source.kind = PVHLOAD_SOURCE_READER;
	source.read_at = read_bytes;
	source.size = length;
	return source;
}

uint64_t scene_ram(const struct scene *s)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->map.count; i++)
		if (s->map.entries[i].type == PVHLOAD_MEMMAP_RAM)
			sum += s->map.entries[i].size;
	return sum;
}

size_t scene_files(const struct scene *s)
{
	/* a kernel that does not say how much it needs has its device tree high */
	const bool tree = s->is_flat && s->image->is_flat && s->image->flat.image_size == 0;

	return s->config.module_count + (scene_initrd_size(s) > 0 ? 1 : 0) + (tree ? 1 : 0);
}

uint64_t scene_initrd_size(const struct scene *s)
{
	uint64_t size = 0;

	for (size_t i = 0; i < s->config.initrd_count; i++)
		if (s->initrds[i].size > 0)
			size = (size + 3) / 4 * 4 + s->initrds[i].size;
	return size;
}

const uint64_t scene_usual_places[SCENE_USUAL_PLACES] = {
	0x500,   0x6000, 0x6040,  0x7000,   0x9000, 0x20000, 0x20800,
	0x80000, MIB,    2 * MIB, 16 * MIB, GIB,    4 * GIB, 4 * GIB - 0x1000
};

/* Where something ends or begins, or is usual, or anything: not 0. */
static uint64_t somewhere(const struct scene *s, struct random *r)
{
	const struct pvhload_memmap_entry *e = &s->map.entries[random_below(r, s->map.count)];
	uint64_t at;

	switch (random_below(r, 6)) {
	case 0:
		at = random_of(r, scene_usual_places);
		break;
	case 1:
		at = s->image->is_bzimage ? s->image->bzimage.preferred : s->image->elf.low;
		break;
	case 2:
		at = random_size(r, 8, 36);
		break;
	case 3:
		at = e->gpa + e->size - random_size(r, 4, 20);
		break;
	default:
		at = e->gpa + random_below(r, e->size);
		break;
	}
	if (random_one_in(r, 3))
		at += random_size(r, 4, 24);
	if (!random_one_in(r, 3))
		at &= ~UINT64_C(0xfff);
	if (random_one_in(r, 4))
		at &= ~UINT64_C(0x1fffff);
	at &= (UINT64_C(1) << 60) - 1;
	return at != 0 ? at : 0x1000;
}

/* Small mostly, now and then as large as the guest. */
static uint64_t file_size(const struct scene *s, struct random *r)
{
	const struct pvhload_memmap_entry *e = &s->map.entries[random_below(r, s->map.count)];
	const uint64_t ram = scene_ram(s);

	/* as large as a range, or as half of it, or nearly so */
	if (random_one_in(r, 10) && e->size > 16 * PAGE)
		return e->size / (1 + random_below(r, 2)) - random_below(r, 3) * PAGE;
	if (random_one_in(r, 250))
		return 0;
	if (random_one_in(r, 12) && ram > 16)
		return ram - random_below(r, ram / 2);
	if (random_one_in(r, 6))
		return 4096 * (1 + random_below(r, 16));
	return random_size(r, 0, random_one_in(r, 4) ? 32 : 16);
}

bool scene_is_kept(const struct scene *s, size_t count, uint64_t gpa, uint64_t size)
{
	for (size_t i = 0; i < count; i++)
		if (gpa < s->keep_free[i].gpa + s->keep_free[i].size &&
		    s->keep_free[i].gpa < gpa + size)
			return true;
	return false;
}

/* At address 0 is no place for them. */
void scene_make_kept(struct scene *s, struct random *r, struct pvhload_boot_keep_free *made)
{
	for (size_t i = 0; i < SCENE_KEPT_MAX; i++)
		s->kept[i] = scene_byte(i);
	if (made->gpa == 0 || !random_one_in(r, 10))
		return;
	made->flags = 0; /* who is entered reads them */
	made->bytes = s->kept;
	made->byte_count = (size_t)(1 + random_below(r, SCENE_KEPT_MAX));
}

static void make_reservations(struct scene *s, struct random *r)
{
	static const char *const names[] = { "ACPI tables", "firmware", NULL };
	const size_t count =
		random_one_in(r, 2) ? 0 : (size_t)random_below(r, SCENE_KEEP_FREE_MAX + 1);
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		struct pvhload_boot_keep_free *made = &s->keep_free[n];

		*made = (struct pvhload_boot_keep_free)PVHLOAD_BOOT_KEEP_FREE_INIT;
		made->gpa = somewhere(s, r);
		made->size = random_size(r, 0, random_one_in(r, 4) ? 31 : 20);
		made->size = random_one_in(r, 300) ? 0 : made->size;
		made->name = random_of(r, names);
		made->flags = random_one_in(r, 3) ? PVHLOAD_BOOT_KEEP_FREE_UNTIL_ENTRY : 0;
		scene_make_kept(s, r, made);
		n += !scene_is_kept(s, n, made->gpa, made->size) || random_one_in(r, 20);
	}
	s->config.keep_free = s->keep_free;
	s->config.keep_free_count = n;
	if (!random_one_in(r, 3))
		s->config.rsdp_gpa = random_one_in(r, 2) ? 0xe0000 : somewhere(s, r);
	if (scene_is_kept(s, n, s->config.rsdp_gpa, 36) && !random_one_in(r, 6))
		s->config.rsdp_gpa = n > 0 && s->keep_free[0].size > 36 ? s->keep_free[0].gpa : 0;
}

static void make_places(struct scene *s, struct random *r)
{
	struct scene_places *p = &s->places;
	uint64_t *const all[] = { &p->gdt_gpa,         &p->start_info_gpa, &p->modlist_gpa,
				  &p->memmap_gpa,      &p->cmdline_gpa,    &p->module_cmdlines_gpa,
				  &p->initrd_gpa,      &p->initrd_gpa,     &p->kernel_gpa,
				  &p->kernel_gpa,      &p->zero_page_gpa,  &p->setup_data_gpa,
				  &p->page_tables_gpa, &p->page_tables_gpa };

	memset(p, 0, sizeof(*p));
	for (uint64_t n = random_one_in(r, 2) ? 0 : random_below(r, 4); n > 0; n--) {
		uint64_t *const place = random_of(r, all);

		*place = somewhere(s, r);
	}
	if (random_one_in(r, 8))
		memset(p, 0, sizeof(*p));
}

/* Now and then a file has its place with it. */
static uint64_t own_place(const struct scene *s, struct random *r, uint64_t align)
{
	return random_one_in(r, 12) ? somewhere(s, r) / align * align : 0;
}

/* A few files that just fit into the ranges that there are, if each gets the right one. */
static uint64_t tight_size(const struct scene *s, struct random *r)
{
	const struct pvhload_memmap_entry *best = NULL;

	for (int tries = 0; tries < 8; tries++) {
		const struct pvhload_memmap_entry *e =
			&s->map.entries[random_below(r, s->map.count)];

		if (e->type == PVHLOAD_MEMMAP_RAM && e->gpa >= MIB && e->size > 64 * PAGE &&
		    (!best || random_one_in(r, 2)))
			best = e;
	}
	return best ? best->size - (8 + random_below(r, 24)) * PAGE : file_size(s, r);
}

static void make_files(struct scene *s, struct random *r)
{
	const bool tight = random_one_in(r, 12);
	static const char *const texts[] = { NULL, NULL, "", "x",
					     "console=ttyS0 root=/dev/vda quiet" };
	const size_t modules =
		tight ? 2 + (size_t)random_below(r, 2)
		: random_one_in(r, 3)
			? (size_t)random_below(r, random_one_in(r, 5) ? SCENE_MODULES_MAX + 1 : 4)
			: 0;

	s->config.initrds = s->initrds;
	s->config.initrd_count = random_one_in(r, 3) ? 0
				 : random_one_in(r, 3)
					 ? (size_t)random_below(r, SCENE_INITRDS_MAX) + 1
					 : 1;
	for (size_t i = 0; i < s->config.initrd_count; i++)
		s->initrds[i] = scene_source(file_size(s, r));
	s->config.modules = s->modules;
	s->config.module_count = modules;
	for (size_t i = 0; i < modules; i++) {
		s->module_sources[i] = scene_source(tight         ? tight_size(s, r)
						    : modules > 4 ? 1 + random_below(r, 10000)
								  : file_size(s, r));
		s->modules[i] =
			(struct pvhload_boot_module){ sizeof(s->modules[0]), &s->module_sources[i],
						      random_of(r, texts) };
		s->places.modules[i] = own_place(s, r, 4096);
	}
}

static void make_nodes(struct scene *s, struct random *r)
{
	static const uint32_t indirect[] = { 1000, 1001, PVHLOAD_SETUP_IMA, PVHLOAD_SETUP_CC_BLOB };
	static const uint32_t direct[] = { PVHLOAD_SETUP_RNG_SEED, 1000, PVHLOAD_SETUP_EFI };

	s->x86.setup_data = s->nodes;
	s->x86.setup_data_count =
		random_one_in(r, 3) ? (size_t)random_below(r, SCENE_NODES_MAX + 1) : 0;
	for (size_t i = 0; i < s->x86.setup_data_count; i++) {
		const bool is_indirect = random_one_in(r, 3);
		const uint32_t type = is_indirect ? random_of(r, indirect) : random_of(r, direct);
		uint64_t size = random_size(r, 0, random_one_in(r, 6) ? 24 : 13);

		if (random_one_in(r, 200))
			size = random_one_in(r, 2) ? 0 : 70 * MIB;
		s->node_sources[i] = scene_source(size);
		s->nodes[i] = (struct pvhload_linux_setup_data){
			sizeof(s->nodes[0]), &s->node_sources[i], type,
			is_indirect ? PVHLOAD_SETUP_DATA_INDIRECT : 0
		};
		s->places.nodes[i] = own_place(s, r, 8);
		s->places.node_bytes[i] = is_indirect ? own_place(s, r, 4096) : 0;
	}
}

void scene_clear_cmdline(struct scene *s)
{
	if (s->cmdline[0] == '\0')
		memset(s->cmdline, 'x', sizeof(s->cmdline) - 1);
	s->cmdline[s->cmdline_length] = 'x';
}

static void make_cmdline(struct scene *s, struct random *r)
{
	static const uint64_t lengths[] = { 0, 20, 255, 256, 2047, 2048, 4095, 65535 };
	uint64_t length = random_one_in(r, 8)    ? random_of(r, lengths)
			  : random_one_in(r, 50) ? random_below(r, SCENE_CMDLINE_MAX + 1)
						 : random_below(r, 100);

	scene_clear_cmdline(s);
	scene_words_make(s, r);
	length = length < s->words_length ? s->words_length : length;
	s->cmdline_length = (size_t)length;
	s->cmdline[s->cmdline_length] = '\0';
	s->config.cmdline = length == 0 && random_one_in(r, 2) ? NULL : s->cmdline;
}

static void make_options(struct scene *s, struct random *r)
{
	static const uint64_t masks[] = { UINT64_C(1) << 47, UINT64_C(1) << 51, UINT64_C(1) << 33 };
	struct pvhload_boot_config *c = &s->config;

	c->protocol = random_one_in(r, 4) ? PVHLOAD_PROTOCOL_AUTO : (uint32_t)random_below(r, 4);
	c->decompress =
		random_one_in(r, 2) ? PVHLOAD_DECOMPRESS_AUTO : (uint32_t)random_below(r, 3);
	c->flags = random_one_in(r, 3)   ? PVHLOAD_BOOT_NOT_LINUX
		   : random_one_in(r, 4) ? PVHLOAD_BOOT_LINUX
					 : 0;
	if (random_one_in(r, 6))
		s->x86.paging_levels = random_one_in(r, 2) ? 5 : 4;
	if (random_one_in(r, 6))
		s->x86.page_size = random_one_in(r, 2) ? GIB : 2 * MIB;
	if (random_one_in(r, 12))
		s->x86.page_entry_mask = random_of(r, masks);
	if (random_one_in(r, 20))
		s->x86.loadflags = PVHLOAD_LOADFLAG_QUIET;
}

/* The protocols that the image has an entry for. */
static size_t entries_of(const struct model_image *image, uint32_t protocols[5])
{
	const struct model_bzimage *bz = &image->bzimage;
	const bool has_elf = !image->is_bzimage || bz->payload == PAYLOAD_ELF;
	const bool elf_entry =
		!image->is_bzimage && model_has_code_at(&image->elf, image->elf.entry);
	size_t n = 0;

	if (has_elf && image->elf.has_pvh && model_has_code_at(&image->elf, image->elf.pvh_entry))
		protocols[n++] = PVHLOAD_PROTOCOL_PVH;
	for (uint32_t i = 0; image->has_multiboot && i < 2; i++)
		if (image->multiboot[i].usable)
			protocols[n++] = PVHLOAD_PROTOCOL_MULTIBOOT1 + i;
	if (image->has_multiboot && !image->is_elf)
		return n;
	if (image->is_bzimage && !model_has_room(bz))
		return n;
	if (image->is_bzimage ? (bz->xloadflags & PVHLOAD_XLF_KERNEL_64) != 0
			      : elf_entry && !image->elf.is32)
		protocols[n++] = PVHLOAD_PROTOCOL_X86_LINUX64;
	if (image->is_bzimage ? bz->version >= 0x205 && bz->code32_start != 0
			      : elf_entry && image->elf.is32)
		protocols[n++] = PVHLOAD_PROTOCOL_X86_LINUX32;
	return n;
}

/* Most scenes ask for nothing that their protocol has no place for. */
static void make_sense(struct scene *s, struct random *r)
{
	const uint32_t version = s->image->is_bzimage ? s->image->bzimage.version : 0x20f;
	struct pvhload_boot_config *c = &s->config;
	uint32_t protocols[5];
	const size_t count = entries_of(s->image, protocols);
	const bool any = c->protocol == PVHLOAD_PROTOCOL_AUTO;

	if (!any && count > 0)
		c->protocol = protocols[random_below(r, count)];
	if (!any)
		c->decompress = random_one_in(r, 4) ? c->decompress : PVHLOAD_DECOMPRESS_AUTO;
	if (any && random_one_in(r, 2))
		c->module_count = 0;
	if (c->protocol == PVHLOAD_PROTOCOL_PVH || c->protocol >= PVHLOAD_PROTOCOL_MULTIBOOT1 ||
	    (any && c->module_count > 0)) {
		s->x86.setup_data_count = 0;
		s->x86.page_entry_mask = s->x86.paging_levels = s->x86.loadflags = 0;
		s->x86.page_size = 0;
	} else {
		c->module_count = 0;
	}
	if (c->protocol == PVHLOAD_PROTOCOL_X86_LINUX32)
		s->x86.page_entry_mask = s->x86.page_size = s->x86.paging_levels = 0;
	if (version < 0x20f)
		s->x86.setup_data_count = 0;
	if (version < 0x202)
		c->cmdline = NULL;
}

void scene_add_place(struct scene *s, uint32_t kind, size_t index, uint64_t gpa)
{
	if (gpa != 0)
		s->place_list[s->config.place_count++] =
			(struct pvhload_boot_place){ sizeof(s->place_list[0]), kind,
						     (uint32_t)index, gpa };
}

/* The same for a planner, in an order that means nothing. */
static void list_places(struct scene *s)
{
	const struct scene_places *p = &s->places;
	const size_t initrd = scene_initrd_size(s) > 0 ? 1 : 0;
	const size_t map = s->map.count > PVHLOAD_E820_TABLE_MAX ? 1 : 0;

	for (size_t i = s->x86.setup_data_count; i-- > 0;) {
		scene_add_place(s, PVHLOAD_REGION_X86_SETUP_DATA_BYTES, map + i, p->node_bytes[i]);
		scene_add_place(s, PVHLOAD_REGION_X86_SETUP_DATA, map + i, p->nodes[i]);
	}
	if (map == 1 || s->x86.setup_data_count == 0 || p->nodes[0] == 0)
		scene_add_place(s, PVHLOAD_REGION_X86_SETUP_DATA, 0, p->setup_data_gpa);
	for (size_t i = 0; i < s->config.module_count; i++)
		scene_add_place(s, PVHLOAD_REGION_MODULE, initrd + i, p->modules[i]);
	scene_add_place(s, PVHLOAD_REGION_X86_PAGE_TABLES, 0, p->page_tables_gpa);
	scene_add_place(s, PVHLOAD_REGION_X86_GDT, 0, p->gdt_gpa);
	scene_add_place(s, PVHLOAD_REGION_PVH_START_INFO, 0, p->start_info_gpa);
	scene_add_place(s, PVHLOAD_REGION_PVH_MODLIST, 0, p->modlist_gpa);
	scene_add_place(s, PVHLOAD_REGION_PVH_MEMMAP, 0, p->memmap_gpa);
	scene_add_place(s, PVHLOAD_REGION_CMDLINE, 0, p->cmdline_gpa);
	scene_add_place(s, PVHLOAD_REGION_PVH_MODULE_CMDLINES, 0, p->module_cmdlines_gpa);
	scene_add_place(s, PVHLOAD_REGION_INITRD, 0, p->initrd_gpa);
	scene_add_place(s, PVHLOAD_REGION_KERNEL, 0, p->kernel_gpa);
	scene_add_place(s, PVHLOAD_REGION_X86_ZERO_PAGE, 0, p->zero_page_gpa);
	scene_add_place(s, PVHLOAD_REGION_MULTIBOOT_INFO, 0, p->info_gpa);
	s->config.places = s->config.place_count > 0 ? s->place_list : NULL;
}

void scene_make(struct scene *s, const struct model_image pool[POOL_SIZE], uint64_t seed)
{
	struct random r = { seed };

	s->is_flat = false;
	s->seed = seed;
	s->image = &pool[random_below(&r, POOL_SIZE)];
	s->map = (struct pvhload_memmap){ sizeof(s->map), s->entries, SCENE_ENTRIES_MAX, 0, 0 };
	scene_map_make(&s->map, &r);
	s->config = (struct pvhload_boot_config)PVHLOAD_BOOT_CONFIG_INIT;
	s->config.image = s->image->image;
	s->config.memmap = &s->map;
	s->x86 = (struct pvhload_boot_x86)PVHLOAD_BOOT_X86_INIT;
	s->config.x86 = &s->x86;
	make_reservations(s, &r);
	make_places(s, &r);
	if (s->image->has_multiboot && random_one_in(&r, 8))
		s->places.info_gpa = somewhere(s, &r) & ~UINT64_C(3);
	make_files(s, &r);
	make_options(s, &r);
	/* Linux has no such header */
	if (s->image->has_multiboot && s->config.flags == PVHLOAD_BOOT_LINUX)
		s->config.flags = 0;
	make_nodes(s, &r);
	make_cmdline(s, &r);
	if (!random_one_in(&r, 8))
		make_sense(s, &r);
	list_places(s);
	if (!s->config.cmdline) {
		s->cmdline[s->cmdline_length] = 'x';
		s->cmdline_length = 0;
		s->cmdline[0] = '\0';
		s->word_count = 0;
		s->nokaslr = false;
	}
}
