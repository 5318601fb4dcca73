/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Layouts are written out by offset, independently of the library's own tables.
 *
 * ABI source: Xen, public/arch-x86/hvm/start_info.h.
 */
#include "conformance.h"

#include "open_image.h"

void g16_setup(struct g16 *g)
{
	fake_memory_init(&g->fake, G16, FAKE_READ);
	g->region = (struct pvhload_memmap_entry){ 0, G16, PVHLOAD_MEMMAP_RAM, 0 };
	g->ram = (struct pvhload_memmap){ sizeof(g->ram), &g->region, 1, 1, 0 };
	g->fake.memory.memmap = &g->ram;
	g->told = ram_map(g->entries, G16);
}

void g16_teardown(struct g16 *g)
{
	fake_memory_free(&g->fake);
}

void g16_put(struct g16 *g, uint64_t gpa, const void *bytes, size_t size)
{
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_memory_write(&g->fake.memory, gpa, bytes, size, &err));
}

void g16_written(struct g16 *g, uint64_t gpa, const void *bytes, size_t size)
{
	g16_put(g, gpa, bytes, size);
	fake_memory_take(&g->fake, gpa, bytes, size);
	ck_assert(fake_memory_untouched(&g->fake));
}

void g16_not_written(struct g16 *g, uint64_t gpa, const void *bytes, size_t size)
{
	const uint64_t calls = g->fake.calls;
	struct pvhload_error err;

	ck_status(PVHLOAD_E_RANGE, err,
		  pvhload_memory_write(&g->fake.memory, gpa, bytes, size, &err));
	ck_assert_uint_eq(err.gpa, gpa);
	ck_assert_uint_eq(g->fake.calls, calls);
	ck_assert(fake_memory_untouched(&g->fake));
}

static void take_start_info(struct g16 *g, const struct pvhload_pvh_layout *layout,
			    const struct pvhload_pvh_params *params)
{
	struct bytes info = bytes_zero(56);

	poke(&info, 0, 0x336ec578, 4);
	poke(&info, 4, 1, 4);
	poke(&info, 12, params->module_count, 4);
	if (params->module_count > 0)
		poke(&info, 16, layout->modlist_gpa ? layout->modlist_gpa : 0x6040, 8);
	poke(&info, 24, 0x20000, 8); /* an empty command line */
	poke(&info, 40, layout->memmap_gpa ? layout->memmap_gpa : 0x7000, 8);
	poke(&info, 48, params->memmap->count, 4);
	fake_memory_take(&g->fake, layout->start_info_gpa ? layout->start_info_gpa : 0x6000,
			 info.data, info.size);
	fake_memory_take(&g->fake, 0x20000, NULL, 2048);
	bytes_free(&info);
}

static void take_lists(struct g16 *g, const struct pvhload_pvh_layout *layout,
		       const struct pvhload_pvh_params *params)
{
	struct bytes memmap = bytes_zero(24 * params->memmap->count);
	struct bytes modlist = bytes_zero(32 * params->module_count);

	for (size_t i = 0; i < params->memmap->count; i++) {
		poke(&memmap, 24 * i, params->memmap->entries[i].gpa, 8);
		poke(&memmap, 24 * i + 8, params->memmap->entries[i].size, 8);
		poke(&memmap, 24 * i + 16, params->memmap->entries[i].type, 4);
	}
	for (size_t i = 0; i < params->module_count; i++) {
		poke(&modlist, 32 * i, params->modules[i].gpa, 8);
		poke(&modlist, 32 * i + 8, params->modules[i].size, 8);
	}
	fake_memory_take(&g->fake, layout->memmap_gpa ? layout->memmap_gpa : 0x7000, memmap.data,
			 memmap.size);
	fake_memory_take(&g->fake, layout->modlist_gpa ? layout->modlist_gpa : 0x6040, modlist.data,
			 modlist.size);
	bytes_free(&memmap);
	bytes_free(&modlist);
}

void g16_pvh_written(struct g16 *g, const struct pvhload_pvh_layout *layout,
		     const struct pvhload_pvh_params *params)
{
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_pvh_write(&g->fake.memory, layout, params, &err));
	take_start_info(g, layout, params);
	take_lists(g, layout, params);
	ck_assert(fake_memory_untouched(&g->fake));
}

struct pvhload_error g16_pvh_refused(struct g16 *g, const struct pvhload_pvh_layout *layout,
				     const struct pvhload_pvh_params *params,
				     enum pvhload_status status)
{
	const uint64_t calls = g->fake.calls;
	struct pvhload_error err;

	ck_status(status, err, pvhload_pvh_write(&g->fake.memory, layout, params, &err));
	ck_assert_uint_eq(g->fake.calls, calls);
	ck_assert(fake_memory_untouched(&g->fake));
	return err;
}
