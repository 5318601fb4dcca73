/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "flow_scene.h"

#include <string.h>

#include "device_trees.h"

#define KIB       UINT64_C(1024)
#define MIB       (KIB * KIB)
#define FOUR_GIB  (UINT64_C(1) << 32)
#define LOW_END   0x9fc00u
#define HOLE_SIZE 0x10000u
#define FLAT_RAM  0x40000000u

static void add_entry(struct scene *s, uint64_t gpa, uint64_t size, uint32_t type)
{
	MUST(s->map.count < SCENE_ENTRIES_MAX);
	s->entries[s->map.count++] = (struct pvhload_memmap_entry){ gpa, size, type, 0 };
}

/* RAM, with holes and other types in it. */
static void add_ram(struct scene *s, struct input *in, uint64_t gpa, uint64_t size)
{
	const uint64_t end = gpa + size;

	for (size_t left = (size_t)input_below(in, 4); left > 0 && gpa < end; left--) {
		const uint64_t until = gpa + input_below(in, (end - gpa) / 256 + 1) * 256;
		const uint64_t hole = (1 + input_below(in, 4)) * HOLE_SIZE;

		if (until > gpa)
			add_entry(s, gpa, until - gpa, PVHLOAD_MEMMAP_RAM);
		gpa = until + hole;
		if (gpa <= end && input_one_in(in, 2))
			add_entry(s, until, hole, 2 + (uint32_t)input_below(in, 4));
	}
	if (gpa < end)
		add_entry(s, gpa, end - gpa, PVHLOAD_MEMMAP_RAM);
}

static void make_map(struct scene *s, struct input *in)
{
	static const uint64_t sizes[] = { 31 * MIB, 63 * MIB, 7 * MIB, 2 * MIB, 20 * MIB };
	const uint8_t which = input_byte(in);

	s->ram_at = s->kind == SCENE_FLAT ? FLAT_RAM : MIB;
	s->map = (struct pvhload_memmap)PVHLOAD_MEMMAP_INIT;
	s->map.entries = s->entries;
	s->map.capacity = SCENE_ENTRIES_MAX;
	if (s->kind != SCENE_FLAT)
		add_entry(s, 0, which & 1 ? 0x8f000 : LOW_END, PVHLOAD_MEMMAP_RAM);
	add_ram(s, in, s->ram_at, input_of(in, sizes));
	if (which & 2)
		add_entry(s, FOUR_GIB, 8 * MIB, PVHLOAD_MEMMAP_RAM);
	if (which & 4) /* in another order */
		for (size_t i = 0; i + 1 < s->map.count; i += 2) {
			const struct pvhload_memmap_entry e = s->entries[i];

			s->entries[i] = s->entries[i + 1];
			s->entries[i + 1] = e;
		}
	s->config.memmap = &s->map;
}

/* The last bytes below 4 GiB and 1 MiB. */
static void make_roms(struct scene *s, struct input *in)
{
	static const uint64_t sizes[] = { 4 * MIB, 256 * KIB, 16 * KIB };

	s->roms[0].size = input_of(in, sizes);
	s->roms[0].gpa = FOUR_GIB - s->roms[0].size;
	s->roms[1] = (struct pvhload_range){ 0xe0000, 0x20000 };
	s->config.roms = s->roms;
	s->config.rom_count = 2;
}

/* A tree whose memory is the map's. */
static void make_tree(struct scene *s, struct input *in)
{
	static const uint8_t seed[32] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	const uint8_t which = input_byte(in);
	uint64_t banks[2 * SCENE_ENTRIES_MAX];
	struct tree tree = { .rsvmap = { NULL, 0 } };
	size_t count = 0;

	for (size_t i = 0; i < s->map.count; i++)
		if (s->entries[i].type == PVHLOAD_MEMMAP_RAM) {
			banks[count++] = s->entries[i].gpa;
			banks[count++] = s->entries[i].size;
		}
	if (which & 1)
		tree_reserve(&tree, FLAT_RAM + input_number(in, 3), 1 + input_number(in, 2));
	tree_node(&tree, "");
	tree_u32(&tree, "#address-cells", 2);
	tree_u32(&tree, "#size-cells", 2);
	tree_node(&tree, "memory@40000000");
	tree_text(&tree, "device_type", "memory");
	tree_reg(&tree, "reg", banks, count);
	tree_end(&tree);
	tree_end(&tree);
	tree_token(&tree, TREE_DONE);
	s->tree = tree_finish(&tree);
	s->fdt = (struct pvhload_fdt)PVHLOAD_FDT_INIT;
	s->fdt.tree = s->tree.data;
	s->fdt.size = s->tree.size;
	s->fdt.bootargs = which >> 1 & 3;
	s->fdt.flags = which & 8 ? PVHLOAD_FDT_WRITE_MEMORY : 0;
	s->fdt.kaslr_seed = which & 16 ? seed : NULL;
	s->fdt.rng_seed = which & 32 ? seed : NULL;
	s->fdt.rng_seed_size = which & 32 ? sizeof(seed) : 0;
	s->fdt.room = (size_t)input_byte(in) * 16;
	s->config.fdt = &s->fdt;
}

static void make_keep_free(struct scene *s, struct input *in)
{
	static const uint8_t bytes[64] = "kept";
	const size_t count = (size_t)input_below(in, SCENE_FILES_MAX + 1);

	for (size_t i = 0; i < count; i++) {
		struct pvhload_boot_keep_free *k = &s->keep_free[i];
		const uint8_t which = input_byte(in);

		*k = (struct pvhload_boot_keep_free)PVHLOAD_BOOT_KEEP_FREE_INIT;
		k->gpa =
			(which & 1 ? s->ram_at : 0) + input_number(in, 2) * (which & 2 ? 0x100 : 1);
		k->size = 1 + input_number(in, 2) * (which & 4 ? 0x40 : 1);
		if (s->odd && which & 64)
			k->size = which & 128 ? UINT64_MAX : 0; /* past the end, or empty */
		k->name = which & 8 ? "mine" : NULL;
		k->bytes = which & 16 ? bytes : NULL;
		k->byte_count = which & 16 ? 1 + (size_t)input_below(in, sizeof(bytes)) : 0;
		k->flags = which & 32 && !k->bytes ? PVHLOAD_BOOT_KEEP_FREE_UNTIL_ENTRY : 0;
	}
	s->config.keep_free = s->keep_free;
	s->config.keep_free_count = count;
}

void scene_make_machine(struct scene *s, struct input *in)
{
	make_map(s, in);
	if (s->kind == SCENE_FIRMWARE)
		make_roms(s, in);
	if (s->kind == SCENE_FLAT)
		make_tree(s, in);
	make_keep_free(s, in);
}

void scene_make(struct scene *s, struct input *in)
{
	memset(s, 0, sizeof(*s));
	s->config = (struct pvhload_boot_config)PVHLOAD_BOOT_CONFIG_INIT;
	world_make(&s->world, in);
	scene_make_kernel(s, in);
	scene_make_machine(s, in);
	scene_make_options(s, in);
	scene_make_files(s, in);
}

static void free_file(struct scene_file *file)
{
	world_close(&file->world);
	bytes_free(&file->bytes);
}

void scene_free(struct scene *s)
{
	free_file(&s->kernel);
	free_file(&s->vars);
	for (size_t i = 0; i < SCENE_FILES_MAX; i++) {
		free_file(&s->initrds[i]);
		free_file(&s->modules[i]);
		free_file(&s->nodes[i]);
	}
	bytes_free(&s->tree);
}
