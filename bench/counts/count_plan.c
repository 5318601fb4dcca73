/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Plans: of what most guests have, and of very much. */
#include "counts.h"

#define MANY_ENTRIES 4000u
#define SLOTS_GPA    (64 * MIB) /* of many entries: where they begin */
#define SLOT_STRIDE  0x10000u
#define SLOT_SIZE    0x3000u

static struct pvhload_boot_config config;
static struct pvhload_boot_module modules[PVHLOAD_PVH_MODULES_MAX];
static struct pvhload_source file, byte;
static struct pvhload_image *image;
static struct pvhload_plan *plan;

static void prepare_config(void)
{
	struct pvhload_source source = stage_kernel();

	must(pvhload_image_open(&source, NULL, &image, &stage_error));
	config = (struct pvhload_boot_config)PVHLOAD_BOOT_CONFIG_INIT;
	config.image = image;
	config.memmap = stage_map();
	config.cmdline = "console=ttyS0";
}

static void prepare_initrd(void)
{
	prepare_config();
	file = stage_kernel();
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
	map = stage_map();
	map->count = 0;
	must(pvhload_memmap_add(map, 0, PVHLOAD_X86_EBDA_GPA, PVHLOAD_MEMMAP_RAM, &stage_error));
	must(pvhload_memmap_add(map, MIB, SLOTS_GPA - 2 * MIB, PVHLOAD_MEMMAP_RAM, &stage_error));
	while (map->count < MANY_ENTRIES) {
		map->entries[map->count] = (struct pvhload_memmap_entry){
			.gpa = SLOTS_GPA + map->count * SLOT_STRIDE,
			.size = SLOT_SIZE,
			.type = PVHLOAD_MEMMAP_RAM,
		};
		map->count++;
	}
	stage_shuffle(map->entries, map->count);
	map->checked = 0;
}

static void make_plan(void)
{
	must(pvhload_boot_plan(&config, &plan, &stage_error));
}

static void check_plan(void)
{
	const struct pvhload_plan_info *info = pvhload_plan_get_info(plan);

	must_hold(info->kernel_gpa == STAGE_KERNEL_GPA, "the kernel is not where it is linked");
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
