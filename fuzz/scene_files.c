/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What goes along with the kernel, and how it is asked for. */
#include <string.h>

#include "flow_scene.h"

#define MIB UINT64_C(0x100000)

/* Of any size up to some KiB, by any kind of source. */
static void make_file(struct scene *s, struct input *in, struct scene_file *file, unsigned int tag)
{
	const uint8_t which = input_byte(in);

	size_t size = (size_t)input_number(in, 2) >> (which & 7);

	/* Large ones have to be put into order where RAM is short. */
	file->bytes = bytes_zero((which & 0xc0) == 0xc0 ? 32 * size : size);
	for (size_t i = 0; i < size; i++)
		file->bytes.data[i] =
			(uint8_t)(which & 8 && i >= 4096 && i < 12288 ? 0 : i * 5 + tag);
	for (size_t i = size; i < file->bytes.size; i += size)
		memcpy(file->bytes.data + i, file->bytes.data, size);
	file->source = world_open(&s->world, &file->world, &file->bytes,
				  (enum world_kind)(which >> 4 & 3));
}

/* setup_data and the like; with AUTO they leave the Linux protocols. */
static bool takes_linux_options(const struct scene *s)
{
	return s->config.protocol == PVHLOAD_PROTOCOL_X86_LINUX64 ||
	       s->config.protocol == PVHLOAD_PROTOCOL_X86_LINUX32 ||
	       (s->kind != SCENE_MULTIBOOT && s->config.protocol == PVHLOAD_PROTOCOL_AUTO);
}

static void make_nodes(struct scene *s, struct input *in)
{
	static const uint32_t types[] = { 9, 0x1000, 5, 6, 7, 2, 4 };
	const size_t count = (size_t)input_below(in, SCENE_FILES_MAX + 1);

	for (size_t i = 0; i < count; i++) {
		struct pvhload_linux_setup_data *d = &s->node_list[i];

		make_file(s, in, &s->nodes[i], 0x60 + (unsigned int)i);
		*d = (struct pvhload_linux_setup_data)PVHLOAD_LINUX_SETUP_DATA_INIT;
		d->source = &s->nodes[i].source;
		d->type = input_of(in, types);
		d->flags = input_one_in(in, 4) ? PVHLOAD_SETUP_DATA_INDIRECT : 0;
	}
	s->x86.setup_data = s->node_list;
	s->x86.setup_data_count = count;
}

static bool has_place(const struct scene *s, uint32_t kind, uint32_t index)
{
	for (size_t i = 0; i < s->config.place_count; i++)
		if (s->places[i].kind == kind && s->places[i].index == index)
			return true;
	return false;
}

static void make_places(struct scene *s, struct input *in)
{
	static const uint32_t kinds[] = {
		PVHLOAD_REGION_KERNEL,
		PVHLOAD_REGION_INITRD,
		PVHLOAD_REGION_MODULE,
		PVHLOAD_REGION_PVH_START_INFO,
		PVHLOAD_REGION_PVH_MODLIST,
		PVHLOAD_REGION_PVH_MEMMAP,
		PVHLOAD_REGION_CMDLINE,
		PVHLOAD_REGION_PVH_MODULE_CMDLINES,
		PVHLOAD_REGION_X86_GDT,
		PVHLOAD_REGION_X86_ZERO_PAGE,
		PVHLOAD_REGION_X86_SETUP_DATA,
		PVHLOAD_REGION_X86_PAGE_TABLES,
		PVHLOAD_REGION_FDT,
		PVHLOAD_REGION_X86_SETUP_DATA_BYTES,
		PVHLOAD_REGION_MULTIBOOT_INFO,
	};
	const size_t count = input_one_in(in, 2) ? (size_t)input_below(in, SCENE_PLACES_MAX) : 0;

	for (size_t i = 0; i < count; i++) {
		const uint8_t which = input_byte(in);
		const uint32_t kind = input_of(in, kinds);
		const uint32_t index = kind == PVHLOAD_REGION_MODULE && which & 1;
		struct pvhload_boot_place *p = &s->places[s->config.place_count];

		if (has_place(s, kind, index))
			continue;
		*p = (struct pvhload_boot_place){ sizeof(*p), kind, index, 0 };
		p->gpa = (which & 0x80 ? s->ram_at : 0) +
			 ((1 + input_number(in, 2)) << (which & 0x40 ? 12 : 4));
		s->config.place_count++;
	}
	s->config.places = s->places;
}

/* A firmware is told of nothing, and a flat Image's kernel of no modules. */
static size_t count_of(const struct scene *s, struct input *in, bool module)
{
	const bool none = s->kind == SCENE_FIRMWARE || (module && s->kind == SCENE_FLAT);

	return none && !s->odd ? 0 : (size_t)input_below(in, SCENE_FILES_MAX + 1);
}

void scene_make_files(struct scene *s, struct input *in)
{
	const size_t initrds = count_of(s, in, false), modules = count_of(s, in, true);

	for (size_t i = 0; i < initrds; i++) {
		make_file(s, in, &s->initrds[i], 0x20 + (unsigned int)i);
		s->initrd_sources[i] = s->initrds[i].source;
	}
	for (size_t i = 0; i < modules; i++) {
		struct pvhload_boot_module *m = &s->module_list[i];

		make_file(s, in, &s->modules[i], 0x40 + (unsigned int)i);
		*m = (struct pvhload_boot_module)PVHLOAD_BOOT_MODULE_INIT;
		m->source = &s->modules[i].source;
		m->cmdline = input_one_in(in, 2) ? "module words" : NULL;
	}
	s->config.initrds = s->initrd_sources;
	s->config.initrd_count = initrds;
	s->config.modules = s->module_list;
	s->config.module_count = modules;
	if (s->config.x86 && (takes_linux_options(s) || s->odd))
		make_nodes(s, in);
	if (s->kind != SCENE_FIRMWARE || s->odd)
		make_places(s, in);
}

static void make_cmdline(struct scene *s, struct input *in)
{
	static const char *const words[] = {
		"console=ttyS0", "mem=24M",   "memmap=64K$0x200000", "memmap=exactmap", "nokaslr",
		"-- init",       "\"a b\"=c", "memmap=1M@3M",        "mem=nonsense",    "kaslr",
	};
	const size_t count = (size_t)input_below(in, 6);
	const size_t fill = input_one_in(in, 8) ? (size_t)input_number(in, 2) % 2100 : 0;

	for (size_t i = 0; i < count; i++) {
		strcat(s->cmdline, i > 0 ? " " : "");
		strcat(s->cmdline, input_of(in, words));
	}
	memset(s->cmdline + strlen(s->cmdline), 'x', fill);
	s->config.cmdline = s->cmdline;
}

/* In the hole below 4 GiB, above all RAM, or somewhere in it. */
static void make_framebuffer(struct scene *s, struct input *in)
{
	static const uint64_t places[] = { 0xd0000000, UINT64_C(1) << 40, 0xffff0000, 0x200000 };
	static const uint32_t depths[] = { 32, 24, 16, 15, 8 };
	const uint8_t which = input_byte(in);
	struct pvhload_framebuffer *fb = &s->framebuffer;

	*fb = (struct pvhload_framebuffer)PVHLOAD_FRAMEBUFFER_INIT;
	s->x86.framebuffer = fb;
	fb->type = which & 1 ? PVHLOAD_FRAMEBUFFER_VGA_TEXT : PVHLOAD_FRAMEBUFFER_LINEAR;
	if (which & 1)
		return;
	fb->gpa = input_of(in, places);
	fb->bits_per_pixel = input_of(in, depths);
	fb->width = 1 + (uint32_t)input_number(in, 1) * 4;
	fb->height = 1 + (uint32_t)input_number(in, 1) * 4;
	fb->size = which & 2 ? 0x400000 : 0;
	if (fb->bits_per_pixel == 32 && !(which & 4))
		return; /* by default */
	fb->blue = (struct pvhload_framebuffer_color){ 0, 5 };
	fb->green = (struct pvhload_framebuffer_color){ 5, which & 8 ? 6 : 5 };
	fb->red = (struct pvhload_framebuffer_color){ 10, 5 };
}

static void make_x86(struct scene *s, struct input *in)
{
	static const uint8_t efi_info[PVHLOAD_EFI_INFO_SIZE] = "EL64";
	const uint8_t which = input_byte(in);

	if (which % 2 == 0 || ((s->kind == SCENE_FLAT || s->kind == SCENE_FIRMWARE) && !s->odd))
		return;
	s->x86 = (struct pvhload_boot_x86)PVHLOAD_BOOT_X86_INIT;
	s->x86.type_of_loader = which & 1 ? 0xb0 : 0;
	s->x86.flags = which & 32 ? PVHLOAD_BOOT_X86_BDA : 0;
	s->config.x86 = &s->x86;
	if (!takes_linux_options(s) && !s->odd)
		return;
	s->x86.loadflags = which & 2 ? PVHLOAD_LOADFLAG_QUIET : 0;
	s->x86.paging_levels = which & 4 ? 5 : 0;
	s->x86.page_size = which & 8 ? PVHLOAD_X86_PAGE_SIZE_1G : 0;
	s->x86.page_entry_mask = which & 16 ? UINT64_C(1) << 47 : 0;
	s->x86.efi_info = which & 64 ? efi_info : NULL;
	if (which & 128)
		make_framebuffer(s, in);
}

static void make_protocol(struct scene *s, struct input *in)
{
	static const uint32_t protocols[] = {
		PVHLOAD_PROTOCOL_AUTO,        PVHLOAD_PROTOCOL_PVH,
		PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_PROTOCOL_X86_LINUX32,
		PVHLOAD_PROTOCOL_MULTIBOOT1,  PVHLOAD_PROTOCOL_MULTIBOOT2,
	};
	const bool usual = s->kind == SCENE_FLAT || s->kind == SCENE_FIRMWARE;

	s->config.protocol = usual ? PVHLOAD_PROTOCOL_AUTO : input_of(in, protocols);
	s->config.decompress = usual ? 0 : (uint32_t)input_below(in, 3);
	s->config.flags = (uint32_t)input_below(in, 3) | (input_one_in(in, 4) ? 4u : 0);
	s->config.uki_profile = (s->is_uki || s->odd) && input_one_in(in, 4);
	s->config.rsdp_gpa = (!usual || s->odd) && input_one_in(in, 4) ? 0xe0000 : 0;
}

void scene_make_options(struct scene *s, struct input *in)
{
	const uint8_t which = input_byte(in);

	if (s->kind != SCENE_FIRMWARE || s->odd)
		make_cmdline(s, in);
	make_protocol(s, in);
	make_x86(s, in);
	s->arm64 = (struct pvhload_boot_arm64)PVHLOAD_BOOT_ARM64_INIT;
	s->arm64.exception_level = which & 1 ? 2 : 0;
	s->riscv64 = (struct pvhload_boot_riscv64)PVHLOAD_BOOT_RISCV64_INIT;
	if (s->kind == SCENE_FLAT && s->flat == ARM64)
		s->config.arm64 = &s->arm64;
	if (s->kind == SCENE_FLAT && s->flat == RISCV64)
		s->config.riscv64 = &s->riscv64;
	s->multiboot = (struct pvhload_boot_multiboot)PVHLOAD_BOOT_MULTIBOOT_INIT;
	s->multiboot.kernel_name = which & 2 ? "name" : NULL;
	s->config.multiboot = &s->multiboot;
	s->ways.callbacks = which >> 2 & 0xf;
	s->ways.stale = (which & 0x40) != 0;
	s->ways.by_source = (which & 0x80) != 0 && s->kind != SCENE_FIRMWARE;
	s->progress = (struct pvhload_progress)PVHLOAD_PROGRESS_INIT;
	s->progress.callback = world_report;
	s->progress.user = &s->world;
	s->config.progress = &s->progress;
}

uint64_t scene_initrd_size(const struct scene *s)
{
	uint64_t size = 0;

	for (size_t i = 0; i < s->config.initrd_count; i++)
		if (s->initrds[i].bytes.size > 0)
			size = (size + 3) / 4 * 4 + s->initrds[i].bytes.size;
	return size;
}
