/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Start info and zero pages that are read back out of guest memory. */
#include "errors.h"
#include "linux_read_fixture.h"
#include "pvh_fixture.h"

#define START_INFO 0x6000u

/* Read a start info of version 1 that has @value, 8 or 4 bytes of it, at @offset. */
static struct pvhload_error start_info_with(size_t offset, uint64_t value, size_t size,
					    uint64_t gpa)
{
	struct pvhload_error err = fresh_error();
	struct pvhload_pvh_view *view = NULL;
	enum pvhload_status status;
	struct pvh_fixture f;
	struct bytes page;

	pvh_setup(&f);
	f.fake.memory.memmap = &f.map;
	page = (struct bytes){ f.fake.bytes + START_INFO, 56 };
	memset(page.data, 0, page.size);
	poke(&page, 0, 0x336ec578, 4);
	poke(&page, 4, 1, 4);
	poke(&page, 40, 0x7000, 8);
	poke(&page, offset, value, size);
	status = pvhload_pvh_read(&f.fake.memory, gpa, 0, &view, &err);
	ck_assert_ptr_null(view);
	pvh_teardown(&f);
	return failed(status, &err);
}

static struct pvhload_error no_start_info(void)
{
	return start_info_with(0, 0x336ec578, 4, 0x8000);
}

static struct pvhload_error start_info_in_hole(void)
{
	return start_info_with(0, 0x336ec578, 4, 0xe0000);
}

static struct pvhload_error stray_cmdline(void)
{
	return start_info_with(24, 0xfee00000, 8, START_INFO);
}

static struct pvhload_error endless_cmdline(void)
{
	return start_info_with(24, RAM_SIZE - 300, 8, START_INFO);
}

static struct pvhload_error no_modlist(void)
{
	return start_info_with(12, 1, 4, START_INFO);
}

static struct pvhload_error huge_memmap(void)
{
	return start_info_with(48, 70000, 4, START_INFO);
}

/* Read the fixture's zero page. */
static struct pvhload_error page_of(struct linux_read *f, uint64_t gpa)
{
	struct pvhload_error err = fresh_error();
	enum pvhload_status status;

	put_zero_page(f->fake.bytes + PAGE, &f->spec);
	status = pvhload_linux_read(&f->fake.memory, gpa, 0, &f->view, &err);
	ck_assert_ptr_null(f->view);
	linux_read_teardown(f);
	return failed(status, &err);
}

static struct pvhload_error no_zero_page(void)
{
	struct linux_read f;

	linux_read_setup(&f);
	return page_of(&f, 0x90000);
}

static struct pvhload_error stray_list(void)
{
	struct linux_read f;

	linux_read_setup(&f);
	f.spec.setup_data = RAM_SIZE;
	return page_of(&f, PAGE);
}

static struct pvhload_error circular_list(void)
{
	struct linux_read f;

	linux_read_setup(&f);
	f.spec.setup_data = NODES;
	put_setup_data(f.fake.bytes, NODES, NODES + 32, PVHLOAD_SETUP_RNG_SEED, "seed", 4);
	put_setup_data(f.fake.bytes, NODES + 32, NODES, PVHLOAD_SETUP_RNG_SEED, "seed", 4);
	return page_of(&f, PAGE);
}

static struct pvhload_error huge_node(void)
{
	struct linux_read f;

	linux_read_setup(&f);
	f.spec.setup_data = NODES;
	put_setup_data(f.fake.bytes, NODES, 0, PVHLOAD_SETUP_RNG_SEED, NULL, 0x7fffffff);
	return page_of(&f, PAGE);
}

static struct pvhload_error many_e820(void)
{
	struct linux_read f;

	linux_read_setup(&f);
	f.spec.e820_entries = 200;
	return page_of(&f, PAGE);
}

static struct pvhload_error no_read(void)
{
	struct linux_read f;

	linux_read_setup(&f);
	f.fake.ops.read = NULL;
	return page_of(&f, PAGE);
}

static const struct mistake mistakes[] = {
	{ "No start info where it is looked for", no_start_info, PVHLOAD_E_FORMAT,
	  "no start info at 0x8000: the magic is 0xa5a5a5a5, not 0x336ec578",
	  "Check the address, which the guest gets in EBX: "
	  "pvhload_plan_info::start_info_gpa." },
	{ "Start info that is not in RAM", start_info_in_hole, PVHLOAD_E_RANGE,
	  "0x28 bytes at 0xe0000 are not all in the guest's RAM: there is none at 0xe0000",
	  "Check the address, and that the map is the guest's." },
	{ "A command line outside of RAM", stray_cmdline, PVHLOAD_E_RANGE,
	  "command line: 0x1 bytes at 0xfee00000 are not all in the guest's RAM: there is "
	  "none at 0xfee00000",
	  "Correct cmdline_paddr: a guest would read whatever a device answers there." },
	{ "A command line without an end", endless_cmdline, PVHLOAD_E_MALFORMED,
	  "command line: the text at 0x3ffed4 has no NUL within 300 bytes",
	  "Write the NUL as well: a guest reads on until it finds one, or leaves RAM." },
	{ "Modules, but no list of them", no_modlist, PVHLOAD_E_MALFORMED,
	  "modlist has 1 entries at address 0, which means absent",
	  "Set modlist_paddr, or nr_modules to 0: address 0 means that there is no list." },
	{ "A memory map longer than any", huge_memmap, PVHLOAD_E_LIMIT,
	  "memmap has 70000 entries; the limit is 4096",
	  "Check memmap_entries, which counts entries and not bytes." },
	{ "No zero page where it is looked for", no_zero_page, PVHLOAD_E_FORMAT,
	  "no zero page at 0x90000: boot_flag is 0xa5a5, not 0xaa55",
	  "Check the address, which the guest gets in RSI: "
	  "pvhload_plan_info::zero_page_gpa." },
	{ "A setup_data list that leaves RAM", stray_list, PVHLOAD_E_RANGE,
	  "setup_data 0 at 0x400000: 0x10 bytes at 0x400000 are not all in the guest's RAM: "
	  "there is none at 0x400000",
	  "Correct the `setup_data` field of the header, or the `next` of the node before: "
	  "Linux would follow it, and fault before its console is up." },
	{ "A setup_data list that goes in a circle", circular_list, PVHLOAD_E_MALFORMED,
	  "the setup_data list goes in a circle: after number 1 comes number 0 again, at "
	  "0x30000",
	  "End the list: the last node's `next` is 0. Linux would never get out of it." },
	{ "A setup_data node of an absurd length", huge_node, PVHLOAD_E_LIMIT,
	  "setup_data 0 at 0x30000: 0x7fffffff bytes at 0x30010: all setup_data may take "
	  "67108864 bytes, of which 67108864 are left",
	  "Correct `len`, which counts the data without the node's 16 bytes." },
	{ "More e820 entries than the zero page holds", many_e820, PVHLOAD_E_MALFORMED,
	  "the e820 table has 200 entries; there is room for 128",
	  "Put what is after entry 128 into a setup_data of type SETUP_E820_EXT, as "
	  "pvhload_linux_write() does." },
	{ "Reading memory that has no read callback", no_read, PVHLOAD_E_USAGE,
	  "the guest memory has no read callback",
	  "Fill in pvhload_memory_ops::read, which only reading back needs." },
};

THEME(reading_theme, "Reading back", mistakes);
