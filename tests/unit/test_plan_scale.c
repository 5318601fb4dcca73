/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Plans of many things, and of guests that no host could hold: nothing is touched but the plan. */
#include <stdio.h>

#include "fake_memory.h"
#include "plan_fixture.h"

#define TIB       (1ull << 40)
#define TEXT_SIZE 612u

/* A guest that is told of modules, committed and read back. */
struct guest {
	struct plan_fixture f;
	struct fake_memory fake;
	struct pvhload_pvh_view *view;
	struct pvhload_boot_module *modules;
	char (*texts)[TEXT_SIZE];
	struct pvhload_source byte;
};

/* @count modules of one byte, their command lines @length characters long and no two the same. */
static void modules_setup(struct guest *g, uint64_t ram, size_t count, size_t length)
{
	memset(g, 0, sizeof(*g));
	plan_setup(&g->f, ram);
	g->byte = pvhload_source_buffer("x", 1);
	g->modules = calloc(count, sizeof(*g->modules));
	g->texts = calloc(count, sizeof(*g->texts));
	for (size_t i = 0; i < count; i++) {
		memset(g->texts[i], 'a', length);
		snprintf(g->texts[i], 16, "module %zu", i);
		g->texts[i][strlen(g->texts[i])] = '-';
		g->texts[i][length] = '\0';
		g->modules[i] = (struct pvhload_boot_module){ sizeof(g->modules[0]), &g->byte,
							      g->texts[i] };
	}
	g->f.config.modules = g->modules;
	g->f.config.module_count = count;
}

static void modules_read_back(struct guest *g, uint64_t ram)
{
	const struct pvhload_plan_info *info = pvhload_plan_get_info(g->f.plan);
	struct pvhload_error err;

	fake_memory_init(&g->fake, ram, FAKE_READ);
	g->fake.memory.memmap = info->memmap;
	ck_status(PVHLOAD_OK, err, pvhload_plan_commit(g->f.plan, &g->fake.memory, &err));
	ck_status(PVHLOAD_OK, err,
		  pvhload_pvh_read(&g->fake.memory, info->start_info_gpa, 0, &g->view, &err));
	ck_assert(!g->fake.strayed);
	ck_assert_uint_eq(g->view->module_count, g->f.config.module_count);
	for (size_t i = 0; i < g->view->module_count; i++) {
		ck_assert_str_eq(g->view->modules[i].cmdline, g->texts[i]);
		ck_assert_uint_eq(g->view->modules[i].gpa, ram - (i + 1) * 4096);
		ck_assert_uint_eq(g->view->modules[i].size, 1);
	}
	ck_assert_uint_eq(g->view->memmap_count, info->memmap->count);
	ck_assert_str_eq(g->view->cmdline, "");
}

static void modules_teardown(struct guest *g)
{
	pvhload_pvh_view_free(g->view);
	fake_memory_free(&g->fake);
	free(g->modules);
	free(g->texts);
	plan_teardown(&g->f);
}

START_TEST(thousand_modules)
{
	const struct pvhload_plan_info *info;
	struct guest g;

	modules_setup(&g, 16 * MIB, 1000, 99);
	info = plan(&g.f);
	expect_region(info, "start_info", 0x6000, 56);
	expect_region(info, "modlist", 0x6040, 32000);
	expect_region(info, "memmap", 0x1000, 48); /* the list is where it would be */
	expect_region(info, "cmdline", 0x20000, 2048);
	expect_region(info, "module cmdlines", 0x20800, 100000);
	expect_region(info, "module 999", 16 * MIB - 1000 * 4096, 1);
	ck_assert_uint_eq(info->region_count, 1000 + 7);
	modules_read_back(&g, 16 * MIB);
	modules_teardown(&g);

	/* more text than there is low memory: after the kernel */
	modules_setup(&g, 16 * MIB, 1000, 599);
	info = plan(&g.f);
	expect_region(info, "modlist", 0x6040, 32000);
	expect_region(info, "module cmdlines", SMALL_END, 600000);
	modules_read_back(&g, 16 * MIB);
	modules_teardown(&g);
}
END_TEST

START_TEST(as_many_modules_as_there_may_be)
{
	const struct pvhload_plan_info *info;
	const struct pvhload_source initrd = pvhload_source_buffer("i", 1);
	struct pvhload_error err;
	struct guest g;

	modules_setup(&g, 32 * MIB, PVHLOAD_PVH_MODULES_MAX, 15);
	g.f.config.flags = PVHLOAD_BOOT_NOT_LINUX;
	info = plan(&g.f);
	expect_region(info, "modlist", 0x6040, 131072);
	expect_region(info, "memmap", 0x1000, 48);
	expect_region(info, "cmdline", 0x1030, 2048);
	expect_region(info, "module cmdlines", 0x26040, 65536);
	expect_region(info, "module 4095", 16 * MIB, 1);
	modules_read_back(&g, 32 * MIB);

	g.f.config.initrds = &initrd;
	g.f.config.initrd_count = 1;
	err = refused(&g.f, PVHLOAD_E_LIMIT);
	ck_says(err, "there are 4097 modules; the limit is 4096");
	g.f.config.initrd_count = 0;
	g.f.config.module_count++;
	err = refused(&g.f, PVHLOAD_E_LIMIT);
	ck_says(err, "4097 modules", "4096");
	g.f.config.module_count--;
	modules_teardown(&g);
}
END_TEST

/* One byte too much text for all of them together, and the most there may be. */
START_TEST(text_of_modules)
{
	struct pvhload_error err;
	struct guest g;

	modules_setup(&g, 32 * MIB, 2048, 511);
	g.texts[0][510] = '\0'; /* the command line's own NUL counts as well */
	expect_region(plan(&g.f), "module cmdlines", SMALL_END, PVHLOAD_PVH_CMDLINE_TOTAL_MAX - 1);
	g.texts[0][510] = 'a';
	err = refused(&g.f, PVHLOAD_E_LIMIT);
	ck_says(err, "the command lines together take 1048577 bytes", "1048576");
	modules_teardown(&g);
}
END_TEST

/* RAM, with 4 KiB reserved every 64 KiB from 128 MiB on: @count entries of them all. */
static struct pvhload_memmap long_map(struct pvhload_memmap_entry *entries, size_t count)
{
	struct pvhload_memmap map = ram_map(entries, 256 * MIB);

	entries[1].size = 127 * MIB;
	for (uint64_t at = 128 * MIB; map.count < count; at += 0x10000) {
		entries[map.count++] = (struct pvhload_memmap_entry){ at, 0xf000, 1, 0 };
		if (map.count < count)
			entries[map.count++] =
				(struct pvhload_memmap_entry){ at + 0xf000, 0x1000, 2, 0 };
	}
	map.capacity = map.count;
	return map;
}

START_TEST(thousand_map_entries)
{
	static struct pvhload_memmap_entry entries[PVHLOAD_LINUX_MEMMAP_MAX + 1];
	struct pvhload_memmap map = long_map(entries, 1000);
	const struct pvhload_plan_info *info;
	struct pvhload_linux_view *view;
	struct fake_memory fake;
	struct pvhload_error err;
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.config.memmap = &map;
	f.map = map;
	info = plan(&f);
	/* 872 that the zero page cannot take, which is more than low memory is given for them */
	expect_region(info, "setup_data 0 e820_ext", 0x100000, 16 + 872 * 20);
	expect_region(info, "zero page", 0x7000, 4096);
	fake_memory_init(&fake, 256 * MIB, FAKE_READ | FAKE_ZERO);
	fake.memory.memmap = info->memmap;
	ck_status(PVHLOAD_OK, err, pvhload_plan_commit(f.plan, &fake.memory, &err));
	ck_status(PVHLOAD_OK, err,
		  pvhload_linux_read(&fake.memory, info->zero_page_gpa, 0, &view, &err));
	ck_assert_uint_eq(view->e820_entries, 128);
	ck_assert_uint_eq(view->memmap->count, 1000);
	ck_assert_mem_eq(view->memmap->entries, entries, 1000 * sizeof(entries[0]));
	pvhload_linux_view_free(view);
	fake_memory_free(&fake);

	map = f.map = long_map(entries, PVHLOAD_LINUX_MEMMAP_MAX);
	expect_region(plan(&f), "setup_data 0 e820_ext", 0x100000, 16 + 3968 * 20);
	map = f.map = long_map(entries, PVHLOAD_LINUX_MEMMAP_MAX + 1);
	err = refused(&f, PVHLOAD_E_MEMMAP);
	ck_says(err, "4097 entries", "4096");
	plan_teardown(&f);
}
END_TEST

/* Where the modules below go: the ends of the gaps of long_map(), and of RAM below them. */
struct ends {
	uint64_t gaps[PVHLOAD_PVH_MODULES_MAX / 2];
	size_t count;
	uint64_t low;
};

static struct ends ends_of(const struct pvhload_memmap *map)
{
	struct ends ends = { .low = 127 * MIB };

	for (size_t i = 0; i < map->count; i++)
		if (map->entries[i].gpa > ends.low && map->entries[i].type == PVHLOAD_MEMMAP_RAM)
			ends.gaps[ends.count++] = map->entries[i].gpa + map->entries[i].size;
	return ends;
}

/* The highest place for @pages of them, which is one in a gap if it has room. */
static uint64_t highest_place(struct ends *ends, uint64_t pages)
{
	const uint64_t size = pages * 4096;

	for (size_t i = ends->count; i-- > 0;)
		if (ends->gaps[i] - ends->gaps[i] / 0x10000 * 0x10000 >= size)
			return ends->gaps[i] -= size;
	return ends->low -= size;
}

/* As many modules as there may be, of 1 to 17 pages, and thousands of gaps of 15. */
START_TEST(modules_among_gaps)
{
	static struct pvhload_memmap_entry entries[PVHLOAD_PVH_MODULES_MAX];
	static const uint8_t bytes[17 * 4096];
	static struct pvhload_source sources[PVHLOAD_PVH_MODULES_MAX];
	const struct pvhload_memmap map = long_map(entries, PVHLOAD_PVH_MODULES_MAX);
	static struct ends ends;
	struct guest g;

	modules_setup(&g, 256 * MIB, PVHLOAD_PVH_MODULES_MAX, 15);
	entries[1].size = 126 * MIB; /* apart from the first gap */
	for (size_t i = 0; i < PVHLOAD_PVH_MODULES_MAX; i++) {
		sources[i] = pvhload_source_buffer(bytes, (1 + i * 7 % 17) * 4096 - i % 2);
		g.modules[i].source = &sources[i];
	}
	g.f.config.flags = PVHLOAD_BOOT_NOT_LINUX;
	g.f.config.memmap = &map;
	g.f.map = map;
	(void)plan(&g.f);
	ends = ends_of(&map);
	for (size_t i = 0; i < PVHLOAD_PVH_MODULES_MAX; i++) {
		char name[32];

		snprintf(name, sizeof(name), "module %zu", i);
		expect_region(pvhload_plan_get_info(g.f.plan), name,
			      highest_place(&ends, 1 + i * 7 % 17),
			      (1 + i * 7 % 17) * 4096 - i % 2);
	}
	modules_teardown(&g);
}
END_TEST

/* As many ranges as there may be, from the top down, in RAM and beyond it; the initrd goes between them. */
START_TEST(as_much_kept_free_as_there_may_be)
{
	static struct pvhload_boot_keep_free kept[PVHLOAD_BOOT_KEEP_FREE_MAX];
	static const uint8_t bytes[0x2000];
	const struct pvhload_source initrd = pvhload_source_buffer(bytes, sizeof(bytes));
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, 256 * MIB);
	for (size_t i = 0; i < PVHLOAD_BOOT_KEEP_FREE_MAX; i++)
		kept[i] = (struct pvhload_boot_keep_free)KEEP_FREE(0x18000000 - (i + 1) * 0x10000,
								   0xe000 + i % 4 * 0x800, "kept");
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	f.config.keep_free = kept;
	f.config.keep_free_count = PVHLOAD_BOOT_KEEP_FREE_MAX;
	expect_region(plan(&f), "initrd", 256 * MIB - 0x2000, sizeof(bytes));
	kept[2048].size = 0xf000;
	kept[2052].size = 0xe001; /* of whole pages, only one is free after it */
	expect_region(plan(&f), "initrd", 256 * MIB - 8 * 0x10000 - 0x2000, sizeof(bytes));
	kept[4095].gpa = kept[0].gpa + 0xdfff;
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "kept [0x17ffdfff, ", "overlaps kept [0x17ff0000, 0x17ffe000) by 0x1 bytes");
	plan_teardown(&f);
}
END_TEST

/* All of the guest but the first 3 GiB is the VMM's, but for what is left at the top. */
static void use_top(struct plan_fixture *f, struct pvhload_boot_keep_free *low)
{
	low[0] = (struct pvhload_boot_keep_free)KEEP_FREE(0x4000000, 3 * GIB - 0x4000000, "a");
	low[1] = (struct pvhload_boot_keep_free)KEEP_FREE(0x100000, 0xf00000, "b");
	f->config.keep_free = low;
	f->config.keep_free_count = 2;
}

/* The end of RAM is 1 GiB above its size; Linux manages what is below 2^46. */
static void check_huge(uint64_t ram, uint64_t top)
{
	static const uint8_t bytes[5000];
	const struct pvhload_source initrd = pvhload_source_buffer(bytes, sizeof(bytes));
	struct pvhload_boot_keep_free low[2];
	const struct pvhload_plan_info *info;
	struct plan_fixture f;

	bzimage_setup(&f, ram, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	info = plan(&f);
	expect_region(info, "kernel", 0x1000000, 0x3000000);
	expect_region(info, "initrd", 0x7fffe000, 5000);
	expect_region(info, "page tables", 0x9000, 6 * 4096); /* a guest's size is none of theirs */
	ck_assert_uint_eq(info->memmap->count, 3);
	ck_assert_uint_eq(info->memmap->entries[2].gpa + info->memmap->entries[2].size, ram + GIB);
	use_top(&f, low);
	expect_region(plan(&f), "initrd", top - 8192, 5000);

	/* a kernel at the top takes tables of its own: one of each level, as it is in one GiB */
	f.config.keep_free_count = 0;
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, top - 0x40000000);
	info = plan(&f);
	expect_region(info, "kernel", top - 0x40000000, 0x3000000);
	expect_region(info, "page tables", 0x9000, 8 * 4096);
	expect_region(info, "initrd", 0x7fffe000, 5000);
	ck_assert_uint_eq(info->entry, top - 0x40000000 + 0x200);
	plan_teardown(&f);

	plan_setup(&f, ram);
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	info = plan(&f);
	expect_region(info, "initrd", 3 * GIB - 8192, 5000);
	expect_region(info, "memmap", 0x7000, 3 * 24);
	plan_teardown(&f);
}

START_TEST(guest_of_1_tib)
{
	check_huge(TIB, TIB + GIB);
}
END_TEST

START_TEST(guest_of_64_tib)
{
	const struct pvhload_source initrd = pvhload_source_buffer("i", 1);
	struct pvhload_boot_keep_free low[2];
	struct plan_fixture f;

	check_huge(64 * TIB, 64 * TIB);

	/* with 5 levels, Linux manages 64 times that, and there is one more level of tables */
	bzimage_setup(&f, 64 * TIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	set_field(&f, 0x236, 0x7f, 2);
	f.x86.paging_levels = 5;
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	use_top(&f, low);
	expect_region(plan(&f), "initrd", 64 * TIB + GIB - 4096, 1);
	expect_region(plan(&f), "page tables", 0x9000, 7 * 4096);
	plan_teardown(&f);
}
END_TEST

/* An initrd as large as half of the guest is claimed like any other. */
START_TEST(huge_initrd)
{
	struct pvhload_source initrd = never_read(32 * TIB - 1);
	struct plan_fixture f;

	bzimage_setup(&f, 64 * TIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	expect_region(plan(&f), "initrd", 32 * TIB, 32 * TIB - 1);
	plan_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_scale");

	ADD_TESTS(suite, "plan_scale", thousand_modules, as_many_modules_as_there_may_be,
		  text_of_modules, thousand_map_entries, modules_among_gaps,
		  as_much_kept_free_as_there_may_be, guest_of_1_tib, guest_of_64_tib, huge_initrd);
	return run_suite(suite);
}
