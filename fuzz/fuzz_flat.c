/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A whole boot of a flat Image: any header, any device tree, any places; what the guest would find is read back.
 *
 * Input: 2 bytes of switches, three places of 4 bytes each, the Image's header, then the tree; too short a tree is one
 * of the tests'.
 */
#include <string.h>

#include "answers.h"
#include "device_trees.h"
#include "fake_memory.h"
#include "fuzz.h"

#define RAM_SIZE    (8u << 20)
#define ALIGN_2M    0x200000u
#define HEADER_AT   14u
#define HEADER_SIZE 64u
#define IMAGE_SIZE  512u
#define TREE_AT     (HEADER_AT + HEADER_SIZE)

enum {
	RISCV = 1,
	WRITE_MEMORY = 2,
	INITRD = 4,
	PLACE_KERNEL = 8, /* and the next two */
	KEEP_FREE = 64,
	SEEDS = 128
};

struct boot {
	unsigned int switches;
	uint8_t image[IMAGE_SIZE];
	struct bytes own; /* the tests' tree */
	struct pvhload_fdt fdt;
	struct pvhload_boot_place places[3];
	struct pvhload_boot_keep_free kept;
	struct pvhload_source kernel, initrd;
	struct pvhload_memmap_entry entry;
	struct pvhload_memmap map;
	struct pvhload_boot_config config;
};

static uint64_t number(const uint8_t *bytes, size_t size)
{
	uint64_t value = 0;

	for (size_t i = size; i-- > 0;)
		value = value << 8 | bytes[i];
	return value;
}

static void make_image(struct boot *b, const uint8_t *data)
{
	static const uint8_t magics[2][4] = { { 'A', 'R', 'M', 'd' }, { 'R', 'S', 'C', 5 } };

	memcpy(b->image, data + HEADER_AT, HEADER_SIZE);
	memcpy(b->image + 56, magics[b->switches & RISCV], 4);
	/* An image that needs more than there is of RAM is always the same refusal. */
	memset(b->image + 19, 0, 5);
	b->kernel = pvhload_source_buffer(b->image, sizeof(b->image));
	b->config.kernel = &b->kernel;
}

static struct bytes small_tree(void)
{
	struct tree tree = { .rsvmap = { NULL, 0 } };
	const uint64_t ram[] = { 0, RAM_SIZE };

	tree_node(&tree, "");
	tree_u32(&tree, "#address-cells", 2);
	tree_u32(&tree, "#size-cells", 2);
	tree_node(&tree, "memory@0");
	tree_text(&tree, "device_type", "memory");
	tree_reg(&tree, "reg", ram, 2);
	tree_end(&tree);
	tree_end(&tree);
	tree_token(&tree, TREE_DONE);
	return tree_finish(&tree);
}

static void make_tree(struct boot *b, const uint8_t *tree, size_t size, unsigned int mode)
{
	b->fdt = (struct pvhload_fdt)PVHLOAD_FDT_INIT;
	b->own = small_tree();
	b->fdt.tree = size < TREE_HEADER_SIZE ? b->own.data : tree;
	b->fdt.size = size < TREE_HEADER_SIZE ? b->own.size : size;
	b->fdt.bootargs = mode % 4;
	b->fdt.flags = b->switches & WRITE_MEMORY ? PVHLOAD_FDT_WRITE_MEMORY : 0;
	b->fdt.kaslr_seed = b->switches & SEEDS ? "12345678" : NULL;
	b->config.fdt = &b->fdt;
}

static void make_places(struct boot *b, const uint8_t *data)
{
	static const uint32_t kinds[] = { PVHLOAD_REGION_KERNEL, PVHLOAD_REGION_FDT,
					  PVHLOAD_REGION_INITRD };

	for (unsigned int i = 0; i < 3; i++) {
		const uint64_t gpa = number(data + 2 + (size_t)4 * i, 4) % (RAM_SIZE + 0x10000);

		if ((b->switches & (unsigned int)PLACE_KERNEL << i) && gpa != 0)
			b->places[b->config.place_count++] =
				(struct pvhload_boot_place){ sizeof(b->places[0]), kinds[i], 0,
							     gpa };
	}
	b->config.places = b->places;
}

static void make(struct boot *b, const uint8_t *data, size_t size)
{
	memset(b, 0, sizeof(*b));
	b->switches = data[0];
	b->config = (struct pvhload_boot_config)PVHLOAD_BOOT_CONFIG_INIT;
	b->entry = (struct pvhload_memmap_entry){ 0, RAM_SIZE, PVHLOAD_MEMMAP_RAM, 0 };
	b->map = (struct pvhload_memmap){ sizeof(b->map), &b->entry, 1, 1, 0 };
	b->config.memmap = &b->map;
	b->config.cmdline = data[1] & 4 ? "more" : "";
	make_image(b, data);
	make_tree(b, data + TREE_AT, size - TREE_AT, data[1]);
	make_places(b, data);
	b->initrd = pvhload_source_buffer("initrd!", 7);
	b->config.initrds = &b->initrd;
	b->config.initrd_count = (b->switches & INITRD) != 0;
	b->kept = (struct pvhload_boot_keep_free)PVHLOAD_BOOT_KEEP_FREE_INIT;
	b->kept.size = ALIGN_2M;
	b->config.keep_free = &b->kept;
	b->config.keep_free_count = (b->switches & KEEP_FREE) != 0;
}

static void check_regions(const struct pvhload_plan_info *info)
{
	uint64_t end = 0;

	for (size_t i = 0; i < info->region_count; i++) {
		MUST(info->regions[i]->gpa >= end && info->regions[i]->size > 0);
		end = info->regions[i]->gpa + info->regions[i]->size;
		MUST(end <= RAM_SIZE);
	}
}

/* What the boot processor begins with. */
static void check_state(const struct boot *b, const struct pvhload_plan_info *info)
{
	const uint64_t text_offset =
		number(b->image + 16, 8) == 0 ? 0x80000 : number(b->image + 8, 8);

	MUST(!info->x86_cpu && !info->arm64_cpu == !!(b->switches & RISCV));
	MUST(info->entry == info->kernel_gpa);
	MUST((info->kernel_gpa - text_offset) % ALIGN_2M == 0);
	if (info->arm64_cpu)
		MUST(info->arm64_cpu->pc == info->entry && info->arm64_cpu->x[0] == info->fdt_gpa);
	else
		MUST(info->riscv64_cpu->pc == info->entry &&
		     info->riscv64_cpu->a1 == info->fdt_gpa);
	MUST(info->fdt_gpa % PVHLOAD_FDT_ALIGN == 0);
}

/* The tree says what the plan says. */
static void check_tree(const struct boot *b, const struct pvhload_plan_info *info,
		       const struct pvhload_memory *mem)
{
	struct pvhload_error err = answers_error();
	struct pvhload_fdt_view *view = NULL;

	MUST(pvhload_fdt_read(mem, info->fdt_gpa, 0, &view, &err) == PVHLOAD_OK);
	MUST(strcmp(view->bootargs, info->cmdline) == 0);
	MUST(view->packed_size <= PVHLOAD_FDT_LIMIT);
	for (size_t i = 0; i < info->region_count && b->config.initrd_count > 0; i++) {
		const struct pvhload_plan_region *r = info->regions[i];

		if (r->kind == PVHLOAD_REGION_INITRD)
			MUST(view->initrd.gpa == r->gpa && view->initrd.size == r->size);
	}
	MUST(view->kaslr_seed_size == 8 || !(b->switches & SEEDS));
	pvhload_fdt_view_free(view);
}

static void boot(const struct boot *b)
{
	struct pvhload_error err = answers_error();
	struct pvhload_plan *plan = ANSWERS_UNTOUCHED;
	static struct fake_memory fake; /* once: to fill it takes longer than to fuzz */
	struct pvhload_memory memory;
	const enum pvhload_status status = pvhload_boot_plan(&b->config, &plan, &err);

	MUST(status != PVHLOAD_E_SOURCE && status != PVHLOAD_E_CALLBACK);
	answers_check_error(status, &err);
	plan = answers_filled(status, plan);
	if (!plan)
		return;
	check_regions(pvhload_plan_get_info(plan));
	check_state(b, pvhload_plan_get_info(plan));
	if (!fake.bytes)
		fake_memory_init(&fake, RAM_SIZE, FAKE_READ);
	MUST(pvhload_plan_commit(plan, &fake.memory, &err) == PVHLOAD_OK);
	MUST(!fake.strayed);
	memory = fake.memory;
	memory.memmap = &b->map;
	check_tree(b, pvhload_plan_get_info(plan), &memory);
	pvhload_plan_free(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct boot b;

	if (size < TREE_AT)
		return 0;
	make(&b, data, size);
	boot(&b);
	bytes_free(&b.own);
	return 0;
}
