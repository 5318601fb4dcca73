/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The lists of boot parameters of rust-vmm's linux-loader (0.14), as its tests and documentation have
 * them.  Its BootParams collects bytes, and its configurators write them; here an array of the caller's
 * is the list, and pvhload_pvh_write() or, for any other bytes, pvhload_memory_write() writes it.  The
 * guest has the same bytes at the same addresses.  docs/linux-loader.md says why where it has not.
 */
#include "conformance.h"
#include "suite.h"

/* What one call allocates at once, at most; armed only during that call, as Check allocates too. */
static bool armed;
static size_t largest;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static void asked(size_t size)
{
	if (armed && size > largest)
		largest = size;
}

void *__wrap_malloc(size_t size)
{
	asked(size);
	return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	asked(size > 0 && count > SIZE_MAX / size ? SIZE_MAX : count * size);
	return __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	asked(size);
	return __real_realloc(old, size);
}

/* Its test of list_addition: elements of 5 bytes, in a list that starts at 0x1000. */
START_TEST(list_addition)
{
	static const uint8_t zeros[5], second[5] = { 2, 2, 2, 3, 3 }, ones[5] = { 1, 1, 1, 1, 1 };
	static const uint8_t both[10] = { 0, 0, 0, 0, 0, 2, 2, 2, 3, 3 };
	static const uint8_t all[13] = { 0, 0, 0, 0, 0, 2, 2, 2, 1, 1, 1, 1, 1 };
	struct g16 g;

	g16_setup(&g);
	g.region = (struct pvhload_memmap_entry){ 0x1000, G16 - 0x1000, PVHLOAD_MEMMAP_RAM, 0 };
	g16_written(&g, 0x1000, zeros, 5);
	/* the same address again: over what is there */
	g16_put(&g, 0x1000, ones, 5);
	g16_written(&g, 0x1000, zeros, 5);
	/* ours: what precedes the list is a mistake if it is not RAM; it has InvalidAddress */
	g16_not_written(&g, 0xf00, zeros, 5);
	g16_not_written(&g, 0xffc, zeros, 5);
	/* the next one after the first, and one over the end of the second */
	g16_put(&g, 0x1000, zeros, 5);
	g16_put(&g, 0x1000 + 5, second, 5);
	ck_assert_mem_eq(g.fake.bytes + 0x1000, both, sizeof(both));
	g16_put(&g, 0x1000 + 5 + 3, ones, 5);
	fake_memory_take(&g.fake, 0x1000, all, sizeof(all));
	ck_assert(fake_memory_untouched(&g.fake));
	g16_teardown(&g);
}
END_TEST

/* Its test of BootParams, on elements of 8 bytes: where each goes, and that the last list counts. */
START_TEST(bootparams)
{
	static const uint8_t elements[3 * 8], other[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	static const uint8_t sections[4 * 8];
	static const uint8_t modules[5 * 8] = { [32] = 1, 2, 3, 4, 5, 6, 7, 8 };
	struct g16 g;

	g16_setup(&g);
	g16_written(&g, 0x1000, other, 8);     /* new */
	g16_written(&g, 0x2000, elements, 16); /* set_sections */
	g16_put(&g, 0x3000, elements, 24);     /* set_sections, again */
	g16_put(&g, 0x3018, elements, 8);      /* add_section */
	fake_memory_take(&g.fake, 0x3000, sections, sizeof(sections));
	g16_written(&g, 0x4000, elements, 16); /* set_modules */
	g16_put(&g, 0x5000, elements, 24);     /* set_modules, again */
	g16_put(&g, 0x5018, elements, 8);      /* add_module */
	g16_put(&g, 0x5020, other, 8);         /* add_module, of another type */
	fake_memory_take(&g.fake, 0x5000, modules, sizeof(modules));
	ck_assert(fake_memory_untouched(&g.fake));
	g16_teardown(&g);
}
END_TEST

/* The same steps with the lists that a PVH guest has: map entries of 24 bytes, modules of 32. */
START_TEST(bootparams_of_pvh)
{
	struct pvhload_memmap_entry entries[4] = { { 0, 0x9fc00, PVHLOAD_MEMMAP_RAM, 0 },
						   { 0x100000, 0xf00000, PVHLOAD_MEMMAP_RAM, 0 },
						   { 0xf0000, 0x10000, PVHLOAD_MEMMAP_RESERVED, 0 },
						   { 0xfee00000, 0x1000, 17, 0 } };
	struct pvhload_memmap map = { sizeof(map), entries, 4, 2, 0 };
	struct pvhload_pvh_module modules[5];
	struct pvhload_pvh_params params = PVHLOAD_PVH_PARAMS_INIT;
	struct pvhload_pvh_layout layout = PVHLOAD_PVH_LAYOUT_INIT;
	struct g16 g;

	for (size_t i = 0; i < 5; i++)
		modules[i] = (struct pvhload_pvh_module){ 0x10000 + 0x1000 * i, 0x100 + i, NULL };
	g16_setup(&g);
	params.memmap = &map;
	params.modules = modules;
	layout.start_info_gpa = 0x1000;
	layout.memmap_gpa = 0x2000;
	layout.modlist_gpa = 0x4000;
	params.module_count = 2;
	g16_pvh_written(&g, &layout, &params);

	layout.memmap_gpa = 0x3000;
	layout.modlist_gpa = 0x5000;
	map.count = 3;
	params.module_count = 3;
	g16_pvh_written(&g, &layout, &params);
	/* add_section, and add_module twice: each follows the one before */
	map.count = 4;
	params.module_count = 5;
	g16_pvh_written(&g, &layout, &params);
	g16_teardown(&g);
}
END_TEST

/*
 * The examples in its documentation of set_sections, set_modules, add_section and add_module: elements
 * without a byte, and lists without an address or an element.
 */
START_TEST(add_section_add_module)
{
	const struct pvhload_pvh_module module = { 0x10000, 0x100, NULL };
	struct pvhload_pvh_params params = PVHLOAD_PVH_PARAMS_INIT;
	struct pvhload_pvh_layout layout = PVHLOAD_PVH_LAYOUT_INIT;
	struct pvhload_memmap none;
	struct pvhload_error err;
	struct g16 g;

	g16_setup(&g);
	none = (struct pvhload_memmap){ sizeof(none), g.entries, 3, 0, 0 };
	/* at 0x2000, again, after that; ours: and below, where no byte breaks a rule either */
	g16_written(&g, 0x2000, "", 0);
	g16_written(&g, 0x2000, "", 0);
	g16_written(&g, 0x2000 + 0, "", 0);
	g16_written(&g, 0x1f00, "", 0);
	ck_assert_uint_eq(g.fake.calls, 0);

	/* ours: lists without an address, MissingStartAddress there, go where most VMMs have them */
	params.memmap = &g.told;
	params.modules = &module;
	params.module_count = 1;
	g16_pvh_written(&g, &layout, &params);
	/* set_modules, twice; an empty list is none, whatever address it has */
	layout.modlist_gpa = 0x2000;
	g16_pvh_written(&g, &layout, &params);
	layout.modlist_gpa = 0x3000;
	params.module_count = 0;
	g16_pvh_written(&g, &layout, &params);
	/* ours: there is no guest without a memory map */
	params.memmap = &none;
	err = g16_pvh_refused(&g, &layout, &params, PVHLOAD_E_MEMMAP);
	ck_says(err, "the memory map is empty");
	g16_teardown(&g);
}
END_TEST

static int64_t never(void *user, uint64_t offset, void *dst, size_t len)
{
	(void)user, (void)offset, (void)dst, (void)len;
	return -1;
}

/*
 * An element at 2^40 has its list grow up to there, and the process end; one near 2^64 is a panic.  Here
 * an address costs nothing, and every count and length has a limit, held before what it counts is read.
 */
START_TEST(far_away)
{
	static const uint8_t element[5];
	const struct pvhload_pvh_module module = { 0x10000, 0x100, NULL };
	struct pvhload_source source = pvhload_source_reader(never, NULL, 1ull << 40);
	struct pvhload_linux_setup_data data = PVHLOAD_LINUX_SETUP_DATA_INIT;
	struct pvhload_linux_params linux_params = PVHLOAD_LINUX_PARAMS_INIT;
	struct pvhload_pvh_params params = PVHLOAD_PVH_PARAMS_INIT;
	struct pvhload_pvh_layout layout = PVHLOAD_PVH_LAYOUT_INIT;
	struct pvhload_error err;
	struct g16 g;

	g16_setup(&g);
	params.memmap = &g.told;
	params.modules = &module;
	params.module_count = 1;
	linux_params.memmap = &g.told;
	linux_params.setup_data = &data;
	data.source = &source;
	data.type = PVHLOAD_SETUP_PCI;

	armed = true;
	g16_not_written(&g, 1ull << 40, element, sizeof(element));
	g16_not_written(&g, UINT64_MAX - 1, element, sizeof(element));
	layout.modlist_gpa = 1ull << 40;
	err = g16_pvh_refused(&g, &layout, &params, PVHLOAD_E_RANGE);
	ck_says(err, "modlist, 0x20 bytes at 0x10000000000", "does not end below 1 GiB");
	layout.modlist_gpa = 0;
	layout.memmap_gpa = UINT64_MAX - 1;
	err = g16_pvh_refused(&g, &layout, &params, PVHLOAD_E_RANGE);
	ck_says(err, "memmap, 0x30 bytes at 0xfffffffffffffffe", "does not end below 1 GiB");
	layout.memmap_gpa = 0;
	params.module_count = SIZE_MAX;
	err = g16_pvh_refused(&g, &layout, &params, PVHLOAD_E_LIMIT);
	ck_says(err, "the limit is 4096");
	linux_params.setup_data_count = SIZE_MAX;
	ck_status(PVHLOAD_E_LIMIT, err,
		  pvhload_linux_write(&g.fake.memory, NULL, &linux_params, &err));
	linux_params.setup_data_count = 1;
	ck_status(PVHLOAD_E_LIMIT, err,
		  pvhload_linux_write(&g.fake.memory, NULL, &linux_params, &err));
	armed = false;
	ck_assert_uint_eq(g.fake.calls, 0);
	ck_assert(fake_memory_untouched(&g.fake));
	ck_assert_uint_gt(largest, 0);
	ck_assert_uint_lt(largest, 0x10000);
	g16_teardown(&g);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("conformance_params");

	ADD_TESTS(suite, "lists", list_addition, bootparams, bootparams_of_pvh,
		  add_section_add_module, far_away);
	return run_suite(suite);
}
