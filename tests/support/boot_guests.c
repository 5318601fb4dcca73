/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "boot_guests.h"

#include "fdt_fixture.h"
#include "flat_images.h"
#include "made_firmware.h"
#include "multiboot_images.h"
#include "pages_kernel.h"
#include "uki_images.h"

#define REST_SIZE \
	(5u << 20) /* after the kernel in its file, so that what is decoded is given huge pages */
#define POOL_SIZE (9u << 20) /* more than a chunk of LZ4, so that a pool is asked */
#define LOW_END   0x9fc00u
#define HIGH      0x100000u
#define ROM_SIZE  0x40000u
#define ROM_GPA   0xfffc0000u
#define ALIAS_GPA 0xe0000u

static const struct pvhload_range roms[] = { { ALIAS_GPA, HIGH - ALIAS_GPA },
					     { ROM_GPA, ROM_SIZE } };

static bool has_tree(const struct boot_kind *kind)
{
	return kind->image == SCENE_ARM64 || kind->image == SCENE_RISCV64;
}

bool boot_guest_is_there(const struct boot_kind *kind)
{
	if (has_tree(kind) && skip_without_fdt())
		return false;
	return (kind->image != SCENE_BZIMAGE && kind->image != SCENE_HOST_DECODE &&
		kind->image != SCENE_COMPRESSED && kind->image != SCENE_ARM64) ||
	       !skip_without(kind->codec);
}

/* A kernel, and in a bzImage by a codec. */
static struct bytes kernel_image(const struct boot_kind *kind)
{
	struct bytes kernel = pages_kernel(), all, made;
	struct bytes rest = bytes_zero(kind->from == SCENE_POOL ? POOL_SIZE : REST_SIZE);

	for (size_t i = 0; i < rest.size; i += 1000)
		rest.data[i] = (uint8_t)(i / 1000 + 1);
	all = bytes_join(&kernel, &rest);
	bytes_free(&rest);
	bytes_free(&kernel);
	if (kind->image == SCENE_ELF || kind->image == SCENE_FILES)
		return all;
	if (kind->image == SCENE_COMPRESSED) {
		made = codecs[kind->codec].compress(&all);
	} else {
		made = build_compressed(&all, kind->codec);
		poke(&made, 0x260, SCENE_RAM / (kind->from == SCENE_POOL ? 2 : 4),
		     4); /* init_size */
	}
	bytes_free(&all);
	return made;
}

static struct bytes uki_image(void)
{
	struct bytes kernel = small_kernel_file(), made;
	const struct uki_spec spec = small_uki(&kernel);

	made = build_uki(&spec);
	bytes_free(&kernel);
	return made;
}

struct bytes boot_guest_image(const struct boot_kind *kind)
{
	const struct mb_spec multiboot = { .has1 = true, .at1 = MB_AT1 };

	switch (kind->image) {
	case SCENE_UKI:
		return uki_image();
	case SCENE_MULTIBOOT:
		return build_multiboot_elf(&multiboot);
	case SCENE_FIRMWARE:
		return build_bios(ROM_SIZE);
	case SCENE_ARM64:
		return small_zboot(kind->codec);
	case SCENE_RISCV64:
		return build_flat(RISCV64, true);
	default:
		return kernel_image(kind);
	}
}

struct bytes boot_guest_tree(const struct boot_kind *kind)
{
	return has_tree(kind) ? machine_tree() : (struct bytes){ NULL, 0 };
}

bool boot_guest_call_fails(struct boot_scene *s, enum pvhload_status status)
{
	if (++s->callbacks != s->fail_callback)
		return false;
	s->expects = status;
	return true;
}

static int counted_write(void *user, uint64_t gpa, const void *src, size_t len)
{
	const struct boot_guest *g = user;

	return boot_guest_call_fails(g->scene, PVHLOAD_E_CALLBACK)
		       ? BOOT_GUEST_FAILURE
		       : g->stock->write(g->stock_user, gpa, src, len);
}

static int counted_read(void *user, uint64_t gpa, void *dst, size_t len)
{
	const struct boot_guest *g = user;

	return boot_guest_call_fails(g->scene, PVHLOAD_E_CALLBACK)
		       ? BOOT_GUEST_FAILURE
		       : g->stock->read(g->stock_user, gpa, dst, len);
}

static int counted_zero(void *user, uint64_t gpa, uint64_t len)
{
	const struct boot_guest *g = user;

	return boot_guest_call_fails(g->scene, PVHLOAD_E_CALLBACK)
		       ? BOOT_GUEST_FAILURE
		       : g->stock->zero(g->stock_user, gpa, len);
}

/* None is no failure: the bytes are written then. */
static void *counted_host_ptr(void *user, uint64_t gpa, uint64_t len)
{
	const struct boot_guest *g = user;

	return boot_guest_call_fails(g->scene, PVHLOAD_OK)
		       ? NULL
		       : g->stock->host_ptr(g->stock_user, gpa, len);
}

static int counted_map_file(void *user, uint64_t gpa, int fd, uint64_t offset, uint64_t len)
{
	const struct boot_guest *g = user;

	return boot_guest_call_fails(g->scene, PVHLOAD_E_CALLBACK)
		       ? BOOT_GUEST_FAILURE
		       : g->stock->map_file(g->stock_user, gpa, fd, offset, len);
}

static int counted_begin_region(void *user, const struct pvhload_plan_region *region)
{
	const struct boot_guest *g = user;

	return boot_guest_call_fails(g->scene, PVHLOAD_E_CALLBACK)
		       ? BOOT_GUEST_FAILURE
		       : g->stock->begin_region(g->stock_user, region);
}

static int counted_progress(void *user, uint32_t phase, uint64_t done, uint64_t total)
{
	(void)phase;
	(void)done;
	(void)total;
	return boot_guest_call_fails(user, PVHLOAD_E_CANCELLED) ? BOOT_GUEST_FAILURE : 0;
}

/* It fails when it has done one task. */
static int counted_pool(void *user, void (*task)(void *arg, size_t index), void *arg, size_t count)
{
	struct boot_scene *s = user;
	const bool fails = boot_guest_call_fails(s, PVHLOAD_E_CALLBACK);

	s->pools++;
	for (size_t i = 0; i < (fails ? 1 : count); i++)
		task(arg, i);
	return fails ? BOOT_GUEST_FAILURE : 0;
}

/* Progress of image and plan, where the source is not kept open. */
static void make_options(struct boot_guest *g, struct boot_scene *s)
{
	g->options = s->kind.image == SCENE_FIRMWARE
			     ? firmware_options()
			     : (struct pvhload_image_options)PVHLOAD_IMAGE_OPTIONS_INIT;
	g->progress = (struct pvhload_progress)PVHLOAD_PROGRESS_INIT;
	g->progress.callback = counted_progress;
	g->progress.user = s;
	if (s->kind.from != SCENE_KEPT_OPEN)
		g->options.progress = g->config.progress = &g->progress;
	g->pool = (struct pvhload_pool)PVHLOAD_POOL_INIT;
	g->pool.run = counted_pool;
	g->pool.user = s;
	if (s->kind.from == SCENE_POOL)
		g->options.pool = &g->pool;
}

static void make_memory(struct boot_guest *g, const struct boot_scene *s, uint64_t gpa)
{
	const bool in_file = s->kind.way == SCENE_RAM_FILE;
	const uint32_t flags = s->kind.way == SCENE_SHARE ? PVHLOAD_RAM_SLOT_MAP : 0;
	const uint64_t size = s->kind.image == SCENE_FIRMWARE ? SCENE_RAM - ROM_SIZE : SCENE_RAM;

	g->slots[0] = (struct pvhload_ram_slot){
		.gpa = gpa, .size = size, .host = s->ram, .flags = flags
	};
	g->slots[1] = (struct pvhload_ram_slot){ .gpa = ROM_GPA,
						 .size = ROM_SIZE,
						 .host = s->ram + SCENE_RAM - ROM_SIZE,
						 .flags = PVHLOAD_RAM_SLOT_ROM |
							  PVHLOAD_RAM_SLOT_FIRMWARE };
	g->table =
		(struct pvhload_ram_slots){ sizeof(g->table), g->slots, size < SCENE_RAM ? 2 : 1 };
	g->file_slot = (struct pvhload_ram_file_slot){ .gpa = gpa, .size = SCENE_RAM };
	g->file = (struct pvhload_ram_file)PVHLOAD_RAM_FILE_INIT;
	g->file.slots = &g->file_slot;
	g->file.count = 1;
	g->file.fd = s->ram_file;
	g->stock = in_file ? pvhload_ram_file_ops() : pvhload_ram_slots_ops();
	g->stock_user = in_file ? (void *)&g->file : &g->table;
	g->ops = *g->stock;
	g->ops.write = counted_write;
	g->ops.read = counted_read;
	g->ops.zero = g->stock->zero ? counted_zero : NULL;
	g->ops.host_ptr = g->stock->host_ptr ? counted_host_ptr : NULL;
	g->ops.map_file = g->stock->map_file ? counted_map_file : NULL;
	g->ops.begin_region = g->stock->begin_region ? counted_begin_region : NULL;
	g->memory = (struct pvhload_memory)PVHLOAD_MEMORY_INIT;
	g->memory.ops = &g->ops;
	g->memory.user = g;
}

/* A part of the image's file, read in the same way. */
static struct pvhload_source part_of(const struct boot_scene *s, uint64_t offset, uint64_t size)
{
	struct pvhload_source part = s->source;

	part.offset = offset;
	part.size = size;
	return part;
}

static void add_files(struct boot_guest *g, const struct boot_scene *s)
{
	g->files[0] = part_of(s, 0x1234, 5001);
	g->files[1] = part_of(s, 0, 70000);
	g->files[2] = part_of(s, 3, 9000);
	g->module = (struct pvhload_boot_module)PVHLOAD_BOOT_MODULE_INIT;
	g->module.source = &g->files[2];
	g->config.initrds = g->files;
	g->config.initrd_count = 2;
	g->config.modules = &g->module;
	g->config.module_count = 1;
}

static void make_config(struct boot_guest *g, const struct boot_scene *s, uint64_t gpa)
{
	const bool one_piece = gpa != 0 || s->kind.image == SCENE_HOST_DECODE;

	g->entries[0] = (struct pvhload_memmap_entry){ gpa, LOW_END, PVHLOAD_MEMMAP_RAM, 0 };
	g->entries[1] = (struct pvhload_memmap_entry){ gpa + HIGH, SCENE_RAM - ROM_SIZE - HIGH,
						       PVHLOAD_MEMMAP_RAM, 0 };
	/* Without a hole, so that there is room for the kernel's file where its segments are to be. */
	if (one_piece)
		g->entries[0].size = SCENE_RAM;
	g->map = (struct pvhload_memmap){ sizeof(g->map), g->entries, 2, one_piece ? 1 : 2, 0 };
	g->config = (struct pvhload_boot_config)PVHLOAD_BOOT_CONFIG_INIT;
	g->config.memmap = &g->map;
	if (s->kind.image != SCENE_FIRMWARE)
		g->config.cmdline = "console=ttyS0";
	if (s->kind.image <= SCENE_COMPRESSED || s->kind.image == SCENE_HOST_DECODE)
		g->config.flags = PVHLOAD_BOOT_NOT_LINUX;
	if (s->kind.image == SCENE_FILES)
		add_files(g, s);
	if (s->kind.image == SCENE_BZIMAGE)
		g->config.decompress = PVHLOAD_DECOMPRESS_GUEST;
	if (s->kind.image == SCENE_UKI)
		g->config.cmdline = NULL;
	if (s->kind.image == SCENE_FIRMWARE) {
		g->config.roms = roms;
		g->config.rom_count = 2;
	}
	if (has_tree(&s->kind)) {
		g->fdt = (struct pvhload_fdt)PVHLOAD_FDT_INIT;
		g->fdt.tree = s->tree.data;
		g->fdt.size = s->tree.size;
		g->fdt.flags = PVHLOAD_FDT_WRITE_MEMORY;
		g->config.fdt = &g->fdt;
	}
}

void boot_guest_make(struct boot_guest *g, struct boot_scene *s)
{
	const uint64_t gpa = has_tree(&s->kind) ? MACHINE_RAM_GPA : 0;

	memset(g, 0, sizeof(*g));
	g->scene = s;
	make_config(g, s, gpa);
	make_options(g, s);
	make_memory(g, s, gpa);
}
