/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Plans: of what most guests have, and of very much. */
#include "counts.h"

#include <string.h>

#include <elf.h>

#define KERNEL_GPA   (16 * MIB)
#define NOTE_OFFSET  512u
#define PAGE         4096u
#define MANY_ENTRIES 4000u
#define SLOTS_GPA    (64 * MIB) /* of many entries: where they begin */
#define SLOT_STRIDE  0x10000u
#define SLOT_SIZE    0x3000u

/* An ELF file with a segment of a page and a PVH note. */
static struct {
	Elf64_Ehdr header;
	Elf64_Phdr segments[2];
	uint8_t gap[NOTE_OFFSET - sizeof(Elf64_Ehdr) - 2 * sizeof(Elf64_Phdr)];
	Elf64_Nhdr note;
	char owner[4];
	uint64_t entry;
	uint8_t rest[2 * PAGE - NOTE_OFFSET - sizeof(Elf64_Nhdr) - 12];
} kernel;

static struct pvhload_boot_config config;
static struct pvhload_boot_module modules[PVHLOAD_PVH_MODULES_MAX];
static struct pvhload_source file, byte;
static struct pvhload_image *image;
static struct pvhload_plan *plan;

static void make_kernel(void)
{
	memcpy(kernel.header.e_ident, "\177ELF\2\1\1", 7);
	kernel.header.e_type = ET_EXEC;
	kernel.header.e_machine = EM_X86_64;
	kernel.header.e_version = 1;
	kernel.header.e_entry = KERNEL_GPA;
	kernel.header.e_phoff = sizeof(kernel.header);
	kernel.header.e_ehsize = sizeof(kernel.header);
	kernel.header.e_phentsize = sizeof(kernel.segments[0]);
	kernel.header.e_phnum = 2;
	kernel.segments[0] = (Elf64_Phdr){ .p_type = PT_LOAD,
					   .p_offset = PAGE,
					   .p_vaddr = KERNEL_GPA,
					   .p_paddr = KERNEL_GPA,
					   .p_filesz = PAGE,
					   .p_memsz = 16 * PAGE,
					   .p_align = PAGE };
	kernel.segments[1] = (Elf64_Phdr){ .p_type = PT_NOTE,
					   .p_offset = NOTE_OFFSET,
					   .p_filesz = 24,
					   .p_memsz = 24,
					   .p_align = 4 };
	kernel.note = (Elf64_Nhdr){ .n_namesz = 4, .n_descsz = 8, .n_type = 18 };
	memcpy(kernel.owner, "Xen", 4);
	kernel.entry = KERNEL_GPA;
}

static void prepare_config(void)
{
	struct pvhload_source source = pvhload_source_buffer(&kernel, sizeof(kernel));

	make_kernel();
	must(pvhload_image_open(&source, NULL, &image, &scene_error));
	config = (struct pvhload_boot_config)PVHLOAD_BOOT_CONFIG_INIT;
	config.image = image;
	config.memmap = scene_map();
	config.cmdline = "console=ttyS0";
}

static void prepare_initrd(void)
{
	prepare_config();
	file = pvhload_source_buffer(&kernel, sizeof(kernel));
	config.initrds = &file;
	config.initrd_count = 1;
}

static void prepare_modules(size_t count)
{
	prepare_config();
	byte = pvhload_source_buffer("x", 1);
	for (size_t i = 0; i < count; i++)
		modules[i] = (struct pvhload_boot_module){ .struct_size = sizeof(modules[i]),
							   .source = &byte };
	config.modules = modules;
	config.module_count = count;
	config.flags = PVHLOAD_BOOT_NOT_LINUX;
}

static void prepare_1000(void)
{
	prepare_modules(1000);
}

static void prepare_4000(void)
{
	prepare_modules(4000);
}

/* A kernel's room, and then small ranges with gaps, all in no order. */
static void prepare_entries(void)
{
	struct pvhload_memmap *map;

	prepare_initrd();
	map = scene_map();
	map->count = 0;
	must(pvhload_memmap_add(map, 0, PVHLOAD_X86_EBDA_GPA, PVHLOAD_MEMMAP_RAM, &scene_error));
	must(pvhload_memmap_add(map, MIB, SLOTS_GPA - 2 * MIB, PVHLOAD_MEMMAP_RAM, &scene_error));
	while (map->count < MANY_ENTRIES) {
		map->entries[map->count] = (struct pvhload_memmap_entry){
			.gpa = SLOTS_GPA + map->count * SLOT_STRIDE,
			.size = SLOT_SIZE,
			.type = PVHLOAD_MEMMAP_RAM,
		};
		map->count++;
	}
	scene_shuffle(map->entries, map->count);
	map->checked = 0;
}

static void make_plan(void)
{
	must(pvhload_boot_plan(&config, &plan, &scene_error));
}

static void check_plan(void)
{
	const struct pvhload_plan_info *info = pvhload_plan_get_info(plan);

	must_hold(info->kernel_gpa == KERNEL_GPA, "the kernel is not where it is linked");
	must_hold(info->region_count > config.module_count + config.initrd_count,
		  "a file has no region");
	pvhload_plan_free(plan);
	pvhload_image_close(image);
}

const struct scene plan_scenes[] = {
	{ "plan-initrd", "plan of a kernel and an initrd", 35000, prepare_initrd, make_plan,
	  check_plan },
	{ "plan-1000-modules", "plan of 1,000 modules", 2000000, prepare_1000, make_plan,
	  check_plan },
	{ "plan-4000-modules", "plan of 4,000 modules", 8000000, prepare_4000, make_plan,
	  check_plan },
	{ "plan-4000-entries", "plan with a map of 4,000 entries in no order", 10000000,
	  prepare_entries, make_plan, check_plan },
	{ 0 },
};
