/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The boot configurators of rust-vmm's linux-loader (0.14), as its tests have them: each structure at
 * the addresses of the test, written as bytes of the caller's and by the function that makes it here.
 * Its range test wants one byte more than there is to write: what its test expects where ours fits has
 * a "there".
 */
#include "conformance.h"
#include "linux_fixture.h"

static struct pvhload_linux_params linux_params(const struct g16 *g, const struct bytes *head)
{
	struct pvhload_linux_params params = PVHLOAD_LINUX_PARAMS_INIT;

	params.memmap = &g->told;
	params.setup_header = head->data + 0x1f1;
	params.setup_header_size = head->size - 0x1f1;
	return params;
}

/* test_configure_linux_boot: the page it writes, and the two places. */
START_TEST(configure_linux_boot)
{
	struct bytes page = bytes_zero(4096);
	struct pvhload_linux_view *view;
	struct pvhload_error err;
	struct g16 g;

	poke(&page, 0x1fe, 0xaa55, 2);
	poke(&page, 0x202, 0x53726448, 4);
	poke(&page, 0x210, 0xff, 1);
	poke(&page, 0x230, 0x1000000, 4);
	g16_setup(&g);
	g16_not_written(&g, 0xfff001, page.data, page.size);
	g16_written(&g, 0xfff000, page.data, page.size); /* ZeroPagePastRamEnd there */
	g16_put(&g, 0x30000, page.data, page.size);
	ck_status(PVHLOAD_OK, err, pvhload_linux_read(&g.fake.memory, 0x30000, 0, &view, &err));
	ck_assert_mem_eq(view->zero_page, page.data, page.size);
	ck_assert_uint_eq(view->memmap->count, 0);
	pvhload_linux_view_free(view);
	fake_memory_take(&g.fake, 0x30000, page.data, page.size);
	ck_assert(fake_memory_untouched(&g.fake));
	g16_teardown(&g);
	bytes_free(&page);
}
END_TEST

/* The same of pvhload_linux_write(), which makes the page of a kernel's header. */
START_TEST(configure_linux_boot_by_parts)
{
	static const uint64_t places[] = { 0xfff000, 0x30000 };
	struct pvhload_linux_layout layout = PVHLOAD_LINUX_LAYOUT_INIT;
	struct bytes head = build_head(0x20f, 0x26c);
	struct pvhload_linux_params params;
	struct pvhload_error err;
	struct g16 g;

	poke(&head, 0x230, 0x1000000, 4);
	g16_setup(&g);
	params = linux_params(&g, &head);
	layout.zero_page_gpa = 0xfff001;
	ck_status(PVHLOAD_E_RANGE, err,
		  pvhload_linux_write(&g.fake.memory, &layout, &params, &err));
	ck_says(err, "zero page [0xfff001, 0x1000001) leaves RAM");
	ck_assert(fake_memory_untouched(&g.fake));
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const uint8_t *page = g.fake.bytes + places[i];
		const struct written written[] = { { places[i], 4096 }, { 0x20000, 2048 } };

		layout.zero_page_gpa = places[i];
		ck_status(PVHLOAD_OK, err,
			  pvhload_linux_write(&g.fake.memory, &layout, &params, &err));
		ck_assert_uint_eq(peek(page + 0x1fe, 2), 0xaa55);
		ck_assert_uint_eq(peek(page + 0x202, 4), 0x53726448);
		ck_assert_uint_eq(page[0x210], 0xff); /* which the file has as 0 */
		ck_assert_uint_eq(peek(page + 0x230, 4), 0x1000000);
		ck_written_only(&g.fake, written, 2);
		memset(g.fake.bytes, FAKE_PATTERN, G16);
	}
	g16_teardown(&g);
	bytes_free(&head);
}
END_TEST

/* test_configure_pvh_boot: places of start info, map and modules; 0 is "none" there, the default here. */
struct pvh_case {
	const char *shows;
	uint64_t start_info, memmap, modlist;
};

static const struct pvh_case pvh_fits[] = {
	{ "(b), StartInfoPastRamEnd there", 0xffffc8, 0x7000, 0 },
	{ "(c), MemmapTablePastRamEnd there", 0x100000, 0xffffe8, 0 },
	{ "(d)", 0x100000, 0x7000, 0x6040 },
	{ "modules to the last byte, which both take", 0x100000, 0x7000, 0xffffe0 },
}, pvh_does_not_fit[] = {
	{ "start_info", 0xffffc9, 0x7000, 0 },
	{ "memmap", 0x100000, 0xffffe9, 0 },
	{ "modlist", 0x100000, 0x7000, 0xffffe1 },
};

/* The bytes that its test writes: counts are 0 whatever is there, and the map's one entry is empty. */
START_TEST(configure_pvh_boot)
{
	struct bytes info = bytes_zero(56), entry = bytes_zero(24), module = bytes_zero(32);
	struct g16 g;

	poke(&info, 0, 0x336ec578, 4);
	poke(&info, 4, 1, 4);
	poke(&info, 40, 0x7000, 8);
	poke(&entry, 0, 0x7000, 8);
	poke(&entry, 16, 1, 4);
	poke(&module, 0, 0x10000, 8);
	poke(&module, 8, 0x100, 8);
	g16_setup(&g);
	for (size_t i = 0; i < sizeof(pvh_fits) / sizeof(pvh_fits[0]); i++) {
		g16_written(&g, pvh_fits[i].memmap, entry.data, entry.size);
		g16_written(&g, pvh_fits[i].start_info, info.data, info.size);
		if (pvh_fits[i].modlist != 0)
			g16_written(&g, pvh_fits[i].modlist, module.data, module.size);
	}
	g16_not_written(&g, 0xffffe9, entry.data, entry.size);
	g16_not_written(&g, 0xffffc9, info.data, info.size);
	g16_not_written(&g, 0xffffe1, module.data, module.size);
	g16_teardown(&g);
	bytes_free(&info);
	bytes_free(&entry);
	bytes_free(&module);
}
END_TEST

static void set_pvh_case(struct pvhload_pvh_layout *layout, struct pvhload_pvh_params *params,
			 const struct pvh_case *c)
{
	layout->start_info_gpa = c->start_info;
	layout->memmap_gpa = c->memmap;
	layout->modlist_gpa = c->modlist;
	params->module_count = c->modlist != 0;
}

/* The same of pvhload_pvh_write(), where counts and addresses are what is written. */
START_TEST(configure_pvh_boot_by_parts)
{
	const struct pvhload_pvh_module module = { 0x10000, 0x100, NULL };
	struct pvhload_memmap_entry entry = { 0x7000, 0, PVHLOAD_MEMMAP_RAM, 0 };
	struct pvhload_memmap map = { sizeof(map), &entry, 1, 1, 0 };
	struct pvhload_pvh_params params = PVHLOAD_PVH_PARAMS_INIT;
	struct pvhload_pvh_layout layout = PVHLOAD_PVH_LAYOUT_INIT;
	struct pvhload_error err;
	struct g16 g;

	g16_setup(&g);
	params.modules = &module;
	layout.start_info_gpa = 0x6000;
	err = g16_pvh_refused(&g, &layout, &params, PVHLOAD_E_USAGE); /* (a) */
	ck_says(err, "no memory map");
	params.memmap = &map;
	err = g16_pvh_refused(&g, &layout, &params, PVHLOAD_E_MEMMAP); /* written there */
	ck_says(err, "memory map entry at 0x7000 has size 0");
	entry.size = 0x1000;
	err = g16_pvh_refused(&g, &layout, &params, PVHLOAD_E_MEMMAP); /* written there */
	ck_says(err, "no 28 KiB of RAM");
	params.flags = PVHLOAD_PVH_NOT_LINUX;
	for (size_t i = 0; i < sizeof(pvh_does_not_fit) / sizeof(pvh_does_not_fit[0]); i++) {
		set_pvh_case(&layout, &params, &pvh_does_not_fit[i]);
		err = g16_pvh_refused(&g, &layout, &params, PVHLOAD_E_RANGE);
		ck_says(err, pvh_does_not_fit[i].shows, "0x1000001) leaves RAM");
	}
	for (size_t i = 0; i < sizeof(pvh_fits) / sizeof(pvh_fits[0]); i++) {
		set_pvh_case(&layout, &params, &pvh_fits[i]);
		g16_pvh_written(&g, &layout, &params);
	}
	g16_teardown(&g);
}
END_TEST

/*
 * test_configure_fdt_boot: its blob of 32 bytes, which is no device tree; and the smallest that is one,
 * as x86 kernels get it.
 */
START_TEST(configure_fdt_boot)
{
	struct pvhload_linux_layout layout = PVHLOAD_LINUX_LAYOUT_INIT;
	struct bytes blob = bytes_zero(32), tree = build_dtb(40, 40);
	const struct written written[] = { { 0x7000, 4096 }, { 0x20000, 2048 }, { 0xffffc8, 56 } };
	struct bytes head = build_head(0x20f, 0x26c);
	struct pvhload_linux_setup_data data;
	struct pvhload_linux_params params;
	struct pvhload_source source;
	struct pvhload_error err;
	struct g16 g;

	g16_setup(&g);
	g16_not_written(&g, 0xffffe1, blob.data, blob.size);
	g16_written(&g, 0xffffe0, blob.data, blob.size); /* FDTPastRamEnd there */
	g16_written(&g, 0xffffdf, blob.data, blob.size);

	params = linux_params(&g, &head);
	params.setup_data = &data;
	params.setup_data_count = 1;
	data = setup_data(&source, PVHLOAD_SETUP_DTB, blob.data, blob.size);
	ck_status(PVHLOAD_E_MALFORMED, err,
		  pvhload_linux_write(&g.fake.memory, &layout, &params, &err));
	ck_says(err, "not a device tree");
	data = setup_data(&source, PVHLOAD_SETUP_DTB, tree.data, tree.size);
	layout.setup_data_gpa = 0xffffd0;
	ck_status(PVHLOAD_E_RANGE, err,
		  pvhload_linux_write(&g.fake.memory, &layout, &params, &err));
	ck_says(err, "setup_data 0 dtb [0xffffd0, 0x1000008) leaves RAM");
	ck_assert(fake_memory_untouched(&g.fake));
	layout.setup_data_gpa = 0xffffc8;
	ck_status(PVHLOAD_OK, err, pvhload_linux_write(&g.fake.memory, &layout, &params, &err));
	ck_assert_uint_eq(peek(g.fake.bytes + 0x7250, 8), 0xffffc8);
	ck_assert_uint_eq(peek(g.fake.bytes + 0xffffc8, 8), 0);
	ck_assert_uint_eq(peek(g.fake.bytes + 0xffffd0, 4), 2);
	ck_assert_uint_eq(peek(g.fake.bytes + 0xffffd4, 4), 40);
	ck_assert_mem_eq(g.fake.bytes + 0xffffd8, tree.data, 40);
	ck_written_only(&g.fake, written, 3);
	g16_teardown(&g);
	bytes_free(&blob);
	bytes_free(&tree);
	bytes_free(&head);
}
END_TEST

/*
 * Its tests of the messages, of the module ("failed to configure boot parameter by PVH.") and of each
 * configurator.  Where they say which structure could not be placed or written, ours says where and why
 * as well.  No map: configure_pvh_boot_by_parts; no address is no error: add_section_add_module.
 */
struct message_case {
	const char *theirs;
	enum { LINUX, PVH, BYTES } by;
	size_t offset;   /* of the place, in the layout */
	uint64_t gpa;    /* 0: the default */
	uint64_t writes; /* that succeed before one fails, if @gpa is 0 */
	const char *ours;
};

#define PVH_PLACE(member)   offsetof(struct pvhload_pvh_layout, member)
#define LINUX_PLACE(member) offsetof(struct pvhload_linux_layout, member)
/* each by its last 8 bytes */
#define NO_RAM(range) \
	range " leaves RAM: the memory map ends at 0x1000000; 0x8 of its bytes are not RAM"
#define FAILED "the write callback returned -77 for "

static const struct message_case message_cases[] = {
	{ "boot parameter address overflows.", BYTES, 0, UINT64_MAX - 1, 0,
	  "0x8 bytes at 0xfffffffffffffffe are not all in the guest's RAM: there is none at "
	  "0xfffffffffffffffe" },
	{ "boot parameter address precedes the starting address.", PVH, PVH_PLACE(modlist_gpa),
	  0xf00, 0,
	  "modlist [0xf00, 0xf20) leaves RAM: it runs into the hole [0x0, 0x1000); 0x20 of its bytes "
	  "are not RAM" },
	{ "the zero page extends past the end of guest memory.", LINUX, LINUX_PLACE(zero_page_gpa),
	  0xfff008, 0, NO_RAM("zero page [0xfff008, 0x1000008)") },
	{ "error writing to the zero page of guest memory.", LINUX, 0, 0, 0,
	  "zero page: " FAILED "0xcd0 bytes at 0x7000" },
	{ "the memory map table extends past the end of guest memory.", PVH, PVH_PLACE(memmap_gpa),
	  0xffffd8, 0, NO_RAM("memmap [0xffffd8, 0x1000008)") },
	{ "error writing memory map table to guest memory.", PVH, 0, 0, 2,
	  "memmap: " FAILED "0x30 bytes at 0x7000" },
	{ "the hvm_start_info structure extends past the end of guest memory.", PVH,
	  PVH_PLACE(start_info_gpa), 0xffffd0, 0, NO_RAM("start_info [0xffffd0, 0x1000008)") },
	{ "error writing hvm_start_info to guest memory.", PVH, 0, 0, 0,
	  "start_info: " FAILED "0x38 bytes at 0x6000" },
	{ "ModulesSetup, for want of a test of the range", PVH, PVH_PLACE(modlist_gpa), 0xffffe8, 0,
	  NO_RAM("modlist [0xffffe8, 0x1000008)") },
	{ "ModulesSetup", PVH, 0, 0, 1, "modlist: " FAILED "0x20 bytes at 0x6040" },
	{ "FDT does not fit in guest memory.", LINUX, LINUX_PLACE(setup_data_gpa), 0xffffd0, 0,
	  NO_RAM("setup_data 0 dtb [0xffffd0, 0x1000008)") },
	{ "error writing FDT in guest memory.", LINUX, 0, 0, 3,
	  "setup_data 0 dtb: " FAILED "0x10 bytes at 0x20800" },
};

static enum pvhload_status provoke(struct g16 *g, const struct message_case *c,
				   const struct bytes *head, struct pvhload_error *err)
{
	const struct pvhload_pvh_module module = { 0x10000, 0x100, NULL };
	struct pvhload_pvh_params params = PVHLOAD_PVH_PARAMS_INIT;
	struct pvhload_pvh_layout layout = PVHLOAD_PVH_LAYOUT_INIT;
	struct pvhload_linux_params linux = linux_params(g, head);
	struct pvhload_linux_layout linux_layout = PVHLOAD_LINUX_LAYOUT_INIT;
	struct bytes tree = build_dtb(40, 40);
	struct pvhload_linux_setup_data data;
	struct pvhload_source source;
	enum pvhload_status status;

	data = setup_data(&source, PVHLOAD_SETUP_DTB, tree.data, tree.size);
	linux.setup_data = &data;
	linux.setup_data_count = 1;
	params.memmap = &g->told;
	params.modules = &module;
	params.module_count = 1;
	if (c->gpa != 0 && c->by == PVH)
		memcpy((char *)&layout + c->offset, &c->gpa, sizeof(c->gpa));
	if (c->gpa != 0 && c->by == LINUX)
		memcpy((char *)&linux_layout + c->offset, &c->gpa, sizeof(c->gpa));
	if (c->by == BYTES)
		status = pvhload_memory_write(&g->fake.memory, c->gpa, "8 bytes", 8, err);
	else if (c->by == PVH)
		status = pvhload_pvh_write(&g->fake.memory, &layout, &params, err);
	else
		status = pvhload_linux_write(&g->fake.memory, &linux_layout, &linux, err);
	bytes_free(&tree);
	return status;
}

START_TEST(error_messages)
{
	struct bytes head = build_head(0x20f, 0x26c);

	for (size_t i = 0; i < sizeof(message_cases) / sizeof(message_cases[0]); i++) {
		const struct message_case *c = &message_cases[i];
		struct pvhload_error err;
		struct g16 g;

		g16_setup(&g);
		g.region = (struct pvhload_memmap_entry){ 0x1000, G16 - 0x1000, PVHLOAD_MEMMAP_RAM,
							  0 };
		g.fake.fail_at = c->gpa == 0 ? c->writes + 1 : 0;
		ck_status(c->gpa == 0 ? PVHLOAD_E_CALLBACK : PVHLOAD_E_RANGE, err,
			  provoke(&g, c, &head, &err));
		ck_assert_msg(strcmp(err.message, c->ours) == 0, "%s: %s", c->theirs, err.message);
		ck_assert_msg(c->gpa == 0 || fake_memory_untouched(&g.fake), "%s", c->theirs);
		g16_teardown(&g);
	}
	bytes_free(&head);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("conformance_boot");

	ADD_TESTS(suite, "configurators", configure_linux_boot, configure_linux_boot_by_parts,
		  configure_pvh_boot, configure_pvh_boot_by_parts, configure_fdt_boot,
		  error_messages);
	return run_suite(suite);
}
