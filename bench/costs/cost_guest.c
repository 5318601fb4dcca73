/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The headers for guests, in a process that has the guest's memory: start info and a zero page at their limits. */
#include "costs.h"

#include <string.h>

#include <pvhload/guest.h>

#define RAM_SIZE  ((size_t)64 << 20)
#define INFO_GPA  0x6000u
#define PAGE_GPA  0x7000u
#define TABLE_GPA 0x100000u
#define NODES_GPA 0x200000u
#define TEXT_GPA  0x800000u
#define NODES     PVHLOAD_GUEST_SETUP_DATA_MAX
#define ENTRY     sizeof(struct pvhload_hvm_memmap_entry)
#define MODULE    sizeof(struct pvhload_hvm_modlist_entry)

static struct pvhload_guest_reach reach;
static volatile uint64_t sum; /* what is read is used */

static void prepare(void)
{
	(void)cost_memory(RAM_SIZE);
	reach = (struct pvhload_guest_reach){ (uintptr_t)cost_ram, RAM_SIZE };
	memset(cost_ram + TEXT_GPA, 'a', PVHLOAD_GUEST_TEXT_MAX - 1);
}

/* Where a member of start info is. */
#define INFO(member) (cost_ram + INFO_GPA + offsetof(struct pvhload_hvm_start_info, member))

static void prepare_info(void)
{
	prepare();
	cost_put(INFO(magic), PVHLOAD_START_INFO_MAGIC, 4);
	cost_put(INFO(version), 1, 4);
}

static void prepare_modules(uint64_t text)
{
	prepare_info();
	cost_put(INFO(nr_modules), PVHLOAD_GUEST_MODULES_MAX, 4);
	cost_put(INFO(modlist_paddr), TABLE_GPA, 8);
	for (size_t i = 0; i < PVHLOAD_GUEST_MODULES_MAX; i++)
		cost_put(cost_ram + TABLE_GPA + i * MODULE +
				 offsetof(struct pvhload_hvm_modlist_entry, cmdline_paddr),
			 text, 8);
}

static void prepare_modules_alone(void)
{
	prepare_modules(0);
}

static void prepare_modules_with_text(void)
{
	prepare_modules(TEXT_GPA);
}

static void prepare_map(void)
{
	prepare_info();
	cost_put(INFO(memmap_entries), PVHLOAD_GUEST_MEMMAP_MAX, 4);
	cost_put(INFO(memmap_paddr), TABLE_GPA, 8);
	for (size_t i = 0; i < PVHLOAD_GUEST_MEMMAP_MAX; i++)
		cost_put(cost_ram + TABLE_GPA + i * ENTRY + 8, 1, 8);
}

static void read_info(struct pvhload_guest_start_info *info)
{
	must_hold(pvhload_guest_read_start_info(&reach, INFO_GPA, info) == PVHLOAD_GUEST_OK,
		  "no start info");
}

static void read_modules(void)
{
	struct pvhload_guest_start_info info = { .gpa = 0 };
	struct pvhload_guest_module module = { .size = 0 };

	read_info(&info);
	for (uint32_t i = 0; i < PVHLOAD_GUEST_MODULES_MAX; i++) {
		must_hold(pvhload_guest_read_module(&info, i, &module) == PVHLOAD_GUEST_OK,
			  "no such module");
		sum += module.size + (module.cmdline != NULL);
	}
}

static void read_map(void)
{
	struct pvhload_guest_start_info info = { .gpa = 0 };
	struct pvhload_guest_range range = { .size = 0 };

	read_info(&info);
	for (uint32_t i = 0; i < PVHLOAD_GUEST_MEMMAP_MAX; i++) {
		must_hold(pvhload_guest_read_memmap(&info, i, &range) == PVHLOAD_GUEST_OK,
			  "no such entry");
		sum += range.size;
	}
}

static void read_text(void)
{
	must_hold(pvhload_guest_text(&reach, TEXT_GPA) != NULL, "no text");
}

/* So many nodes with @size bytes of data each, in which there are map entries. */
static void prepare_nodes(size_t count, uint32_t type, uint32_t size)
{
	prepare();
	cost_put(cost_ram + PAGE_GPA + PVHLOAD_SETUP_MAGIC, PVHLOAD_SETUP_MAGIC_VALUE, 4);
	cost_put(cost_ram + PAGE_GPA + PVHLOAD_SETUP_VERSION, 0x20f, 2);
	cost_put(cost_ram + PAGE_GPA + PVHLOAD_SETUP_SETUP_DATA, NODES_GPA, 8);
	for (size_t i = 0; i < count; i++) {
		uint8_t *node = cost_ram + NODES_GPA + i * 64;

		cost_put(node, i + 1 < count ? NODES_GPA + (i + 1) * 64 : 0, 8);
		cost_put(node + 8, type, 4);
		cost_put(node + 12, size, 4);
	}
}

static void prepare_list(void)
{
	prepare_nodes(NODES, PVHLOAD_SETUP_RNG_SEED, 32);
}

static void prepare_entries(void)
{
	prepare_nodes(1, PVHLOAD_SETUP_E820_EXT,
		      PVHLOAD_GUEST_E820_EXT_MAX * PVHLOAD_E820_ENTRY_SIZE);
}

static void read_list(void)
{
	struct pvhload_guest_zero_page page = { .gpa = 0 };
	struct pvhload_guest_setup_data list;
	struct pvhload_guest_node node;
	struct pvhload_guest_range range = { .size = 0 };
	size_t nodes = 0, entries = 0;

	must_hold(pvhload_guest_read_zero_page(&reach, PAGE_GPA, &page) == PVHLOAD_GUEST_OK,
		  "no zero page");
	pvhload_guest_begin_setup_data(&page, &list);
	for (; pvhload_guest_next_setup_data(&list, &node) == PVHLOAD_GUEST_OK; nodes++)
		for (uint32_t i = 0;
		     pvhload_guest_read_e820_ext(&node, i, &range) == PVHLOAD_GUEST_OK; i++)
			entries++;
	must_hold(nodes == NODES || entries == PVHLOAD_GUEST_E820_EXT_MAX, "less than the limit");
}

const struct cost_case guest_costs[] = {
	{ "PVHLOAD_GUEST_MODULES_MAX", "read_module: 4096", prepare_modules_alone, read_modules,
	  NULL },
	{ "PVHLOAD_GUEST_MODULES_MAX", "the same, all with 64 KiB of text",
	  prepare_modules_with_text, read_modules, NULL },
	{ "PVHLOAD_GUEST_MEMMAP_MAX", "read_memmap: 4096", prepare_map, read_map, NULL },
	{ "PVHLOAD_GUEST_SETUP_DATA_MAX", "next_setup_data: 256", prepare_list, read_list, NULL },
	{ "PVHLOAD_GUEST_E820_EXT_MAX", "read_e820_ext: 4096", prepare_entries, read_list, NULL },
	{ "PVHLOAD_GUEST_TEXT_MAX", "text: 65536 bytes", prepare, read_text, NULL },
	{ 0 },
};
