/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Guests that are told by Multiboot 2; its kernels may be moved, so that all ways to place things are tried. */
#include "costs.h"

#include <string.h>

#define HEADER_AT   5000u /* of the kernel: in the page that is loaded */
#define HEADER_SIZE 48u
#define MAGIC       0xe85250d6u
#define TEXTS       16u
#define RSDP_SIZE   PVHLOAD_MULTIBOOT_RSDP_MAX

static struct pvhload_boot_multiboot multiboot = PVHLOAD_BOOT_MULTIBOOT_INIT;

/* A header whose one tag says that the kernel may be anywhere. */
static void put_header(uint8_t *at)
{
	const uint32_t words[] = { MAGIC, 0,  HEADER_SIZE, 0u - MAGIC - HEADER_SIZE,
				   10,    24, 0,           UINT32_MAX,
				   4096,  0,  0 /* end */, 8 };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		cost_put(at + 4 * i, words[i], 4);
}

static void prepare(size_t entries)
{
	static struct pvhload_source kernel;
	const struct pvhload_source plain = stage_kernel();
	uint8_t *bytes = cost_zeros(plain.size);

	memcpy(bytes, plain.data, plain.size);
	put_header(bytes + HEADER_AT);
	kernel = pvhload_source_buffer(bytes, plain.size);
	(void)cost_memory(PIECES_END);
	cost_prepare_plan(entries);
	cost_config.kernel = &kernel;
	cost_config.protocol = PVHLOAD_PROTOCOL_MULTIBOOT2;
	cost_config.multiboot = &multiboot;
}

static void prepare_map(void)
{
	prepare(PVHLOAD_MULTIBOOT_MEMMAP_MAX);
}

/* The name, a space and the command line. */
static void prepare_text(void)
{
	prepare(2);
	multiboot.kernel_name = cost_text(PVHLOAD_MULTIBOOT_NAME_MAX);
	cost_config.cmdline =
		cost_text(PVHLOAD_MULTIBOOT_CMDLINE_LENGTH_MAX - PVHLOAD_MULTIBOOT_NAME_MAX - 1);
}

/* All but one of them are modules'. */
static void prepare_texts(void)
{
	prepare_text();
	cost_prepare_modules(TEXTS - 1, PVHLOAD_MULTIBOOT_CMDLINE_TOTAL_MAX / TEXTS - 1, false);
}

/* So that the bytes sum up to 0: the first 20, and all. */
static void put_sum(uint8_t *rsdp, size_t at, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (i != at)
			rsdp[at] = (uint8_t)(rsdp[at] - rsdp[i]);
}

static void prepare_rsdp(void)
{
	uint8_t *rsdp = cost_zeros(RSDP_SIZE);

	prepare(2);
	memcpy(rsdp, "RSD PTR ", 8);
	rsdp[15] = 2;
	cost_put(rsdp + 20, RSDP_SIZE, 4);
	put_sum(rsdp, 8, 20);
	put_sum(rsdp, 32, RSDP_SIZE);
	multiboot.rsdp = rsdp;
	multiboot.rsdp_size = RSDP_SIZE;
}

/* The last module is larger than all RAM, so it is looked for in each of 12 orders. */
static void prepare_no_room(void)
{
	static struct pvhload_source large = { .struct_size = sizeof(large) };
	struct pvhload_boot_module *last;

	prepare(PVHLOAD_MULTIBOOT_MEMMAP_MAX);
	cost_prepare_modules(PVHLOAD_PVH_MODULES_MAX, 0, true);
	large = pvhload_source_buffer(cost_zeros(PIECES_END), PIECES_END);
	last = (struct pvhload_boot_module *)(uintptr_t)&cost_config
		       .modules[PVHLOAD_PVH_MODULES_MAX - 1];
	last->source = &large;
}

static void find_no_room(void)
{
	struct pvhload_plan *plan;

	must_be(pvhload_boot_plan(&cost_config, &plan, &stage_error), PVHLOAD_E_NO_ROOM);
}

const struct cost_case multiboot_costs[] = {
	{ "PVHLOAD_PVH_MODULES_MAX", "plan: 4096, 4096 entries, no room", prepare_no_room,
	  find_no_room, NULL },
	{ "PVHLOAD_MULTIBOOT_MEMMAP_MAX", "load: 4096 entries", prepare_map, cost_load,
	  cost_drop_plan },
	{ "PVHLOAD_MULTIBOOT_CMDLINE_LENGTH_MAX", "load: 65535 bytes", prepare_text, cost_load,
	  cost_drop_plan },
	{ "PVHLOAD_MULTIBOOT_CMDLINE_TOTAL_MAX", "load: 16 of 64 KiB", prepare_texts, cost_load,
	  cost_drop_plan },
	{ "PVHLOAD_MULTIBOOT_RSDP_MAX", "load: 4096 bytes", prepare_rsdp, cost_load,
	  cost_drop_plan },
	{ 0 },
};
