/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * What rust-vmm's linux-loader (0.14) tests of writing boot parameters, and how it reads and writes.
 * Where its rule is right ours is the same; where it is not, the case says what holds instead, and
 * docs/linux-loader.md why.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "load_fixture.h"
#include "zero_page.h"

#define G16 0x1000000u

static void setup(struct fake_memory *fake, struct pvhload_memmap *map,
		  struct pvhload_memmap_entry entries[3])
{
	fake_memory_init(fake, G16, FAKE_READ);
	*map = ram_map(entries, G16);
	fake->memory.memmap = map;
}

/*
 * linux, pvh (b) and (c), fdt: structures that end with the last byte of RAM.  Its test wants one byte
 * more; a byte that is really missing is refused by both.
 */
START_TEST(up_to_the_end_of_ram)
{
	static const struct {
		const char *shows;
		size_t size;
	} cases[] = {
		{ "linux: the zero page at 0xfff000", 4096 },
		{ "pvh (b): start info at 0xffffc8", 56 },
		{ "pvh (c): a map of one entry at 0xffffe8", 24 },
		{ "pvh: a module list, which it tests by another rule", 32 },
		{ "fdt: 32 bytes at 0xffffe0", 32 },
		{ "one byte", 1 },
	};
	struct pvhload_memmap_entry entries[3];
	static uint8_t bytes[4096];
	struct pvhload_memmap map;
	struct fake_memory fake;

	memset(bytes, 0x11, sizeof(bytes));
	setup(&fake, &map, entries);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const uint64_t last = G16 - cases[i].size;
		enum pvhload_status status =
			pvhload_memory_write(&fake.memory, last + 1, bytes, cases[i].size, NULL);

		ck_assert_msg(status == PVHLOAD_E_RANGE, "%s", cases[i].shows);
		ck_assert_msg(fake_memory_untouched(&fake), "%s", cases[i].shows);
		status = pvhload_memory_write(&fake.memory, last, bytes, cases[i].size, NULL);
		ck_assert_msg(status == PVHLOAD_OK, "%s", cases[i].shows);
		ck_assert_mem_eq(fake.bytes + last, bytes, cases[i].size);
		memset(fake.bytes + last, FAKE_PATTERN, cases[i].size);
	}
	fake_memory_free(&fake);
}
END_TEST

/* Holes: it accepts what spans one, and finds out when half is written. */
START_TEST(holes)
{
	struct pvhload_memmap_entry entries[2] = { { 0, 0x3000, PVHLOAD_MEMMAP_RAM, 0 },
						   { 0x4000, 0x3000, PVHLOAD_MEMMAP_RAM, 0 } };
	const struct pvhload_memmap map = { sizeof(map), entries, 2, 2 };
	struct fake_memory fake;
	struct pvhload_error err;
	static uint8_t bytes[0x2000];

	fake_memory_init(&fake, 0x7000, FAKE_READ);
	fake.memory.memmap = &map;
	/* its end is RAM, and so is its start */
	ck_status(PVHLOAD_E_RANGE, err,
		  pvhload_memory_write(&fake.memory, 0x2800, bytes, 0x2000, &err));
	ck_assert(fake_memory_untouched(&fake));
	/* up to the hole, which its test of the byte behind refuses */
	ck_status(PVHLOAD_OK, err, pvhload_memory_write(&fake.memory, 0x2000, bytes, 0x1000, &err));
	/* of any size: nothing says that a zero page has 4096 bytes */
	ck_status(PVHLOAD_OK, err, pvhload_memory_write(&fake.memory, 0x4000, bytes, 7, &err));
	ck_status(PVHLOAD_OK, err, pvhload_memory_write(&fake.memory, 0x7001, bytes, 0, &err));
	fake_memory_free(&fake);
}
END_TEST

/* linux: a zero page of the caller's, written at 0x30000 and found there again. */
START_TEST(a_zero_page)
{
	const struct zero_page_spec spec = { .type_of_loader = 0xff,
					     .rsdp_gpa = 0xe0000,
					     .e820 = { { 0, 0x9fc00, 1 },
						       { 0x100000, 0xf00000, 1 } },
					     .e820_entries = 2 };
	struct pvhload_memmap_entry entries[3];
	struct pvhload_linux_view *view;
	struct pvhload_memmap map;
	struct fake_memory fake;
	struct pvhload_error err;
	uint8_t page[4096];

	setup(&fake, &map, entries);
	put_zero_page(page, &spec);
	ck_status(PVHLOAD_OK, err,
		  pvhload_memory_write(&fake.memory, 0x30000, page, sizeof(page), &err));
	ck_status(PVHLOAD_OK, err, pvhload_linux_read(&fake.memory, 0x30000, &view, &err));
	ck_assert_mem_eq(view->zero_page, page, sizeof(page));
	ck_assert_uint_eq(view->type_of_loader, 0xff);
	ck_assert_uint_eq(view->memmap->count, 2);
	ck_assert_uint_eq(view->memmap->entries[1].size, 0xf00000);
	pvhload_linux_view_free(view);
	fake_memory_free(&fake);
}
END_TEST

/*
 * pvh (a) to (d): counts and addresses are what was written, never the caller's word, and every list
 * is held against RAM before the first byte.
 */
START_TEST(start_info)
{
	const struct pvhload_pvh_module module = { 0x10000, 0x100, "" };
	struct pvhload_pvh_params params = PVHLOAD_PVH_PARAMS_INIT;
	struct pvhload_pvh_layout layout = PVHLOAD_PVH_LAYOUT_INIT;
	struct pvhload_memmap_entry entries[3];
	struct pvhload_pvh_view *view;
	struct pvhload_memmap map;
	struct fake_memory fake;
	struct pvhload_error err;

	setup(&fake, &map, entries);
	params.modules = &module;
	params.module_count = 1;
	/* (a): no map */
	ck_status(PVHLOAD_E_USAGE, err, pvhload_pvh_write(&fake.memory, &layout, &params, &err));
	params.memmap = &map;
	/* (b), (c) and its modules: a byte too high, for each; its modules have no such test */
	layout.start_info_gpa = G16 - 48;
	ck_status(PVHLOAD_E_RANGE, err, pvhload_pvh_write(&fake.memory, &layout, &params, &err));
	layout.start_info_gpa = G16 - 56;
	layout.memmap_gpa = G16 - 40;
	ck_status(PVHLOAD_E_RANGE, err, pvhload_pvh_write(&fake.memory, &layout, &params, &err));
	layout.memmap_gpa = 0x7000;
	layout.modlist_gpa = G16 - 24;
	ck_status(PVHLOAD_E_RANGE, err, pvhload_pvh_write(&fake.memory, &layout, &params, &err));
	ck_assert(fake_memory_untouched(&fake));
	/* (d): all of it, start info up to the last byte of RAM */
	layout.modlist_gpa = 0x6040;
	ck_status(PVHLOAD_OK, err, pvhload_pvh_write(&fake.memory, &layout, &params, &err));
	ck_status(PVHLOAD_OK, err, pvhload_pvh_read(&fake.memory, G16 - 56, &view, &err));
	ck_assert_uint_eq(view->memmap_count, 2);
	ck_assert_uint_eq(view->memmap_gpa, 0x7000);
	ck_assert_uint_eq(view->modlist_gpa, 0x6040);
	ck_assert_uint_eq(view->module_count, 1);
	ck_assert_uint_eq(view->modules[0].gpa, 0x10000);
	ck_assert_uint_eq(view->modules[0].size, 0x100);
	pvhload_pvh_view_free(view);
	fake_memory_free(&fake);
}
END_TEST

/* Its documentation's example: an image loaded, then start info and a map of the caller's own. */
START_TEST(load_and_configure)
{
	const struct elf_spec spec = small_kernel();
	struct pvhload_error err;
	uint8_t info[56] = { 0 }, table[24] = { 0 };
	struct bytes b = { info, sizeof(info) };
	struct load_fixture f;

	poke(&b, 0, 0x336ec578, 4);
	poke(&b, 4, 1, 4);
	poke(&b, 40, 0x7000, 8);
	poke(&b, 48, 1, 4);
	b = (struct bytes){ table, sizeof(table) };
	poke(&b, 8, 0x9fc00, 8);
	poke(&b, 16, 1, 4);
	load_setup_ram(&f, build_elf(&spec), FAKE_ZERO, G16);
	load_image(&f);
	ck_assert_uint_eq(f.result.pvh_entry, SMALL_ENTRY);
	ck_status(PVHLOAD_OK, err,
		  pvhload_memory_write(&f.fake.memory, 0x6000, info, sizeof(info), &err));
	ck_status(PVHLOAD_OK, err,
		  pvhload_memory_write(&f.fake.memory, 0x7000, table, sizeof(table), &err));
	take_bytes(&f, 0x6000, info, sizeof(info));
	take_bytes(&f, 0x7000, table, sizeof(table));
	load_teardown(&f);
}
END_TEST

static int64_t sixteen_at_a_time(void *user, uint64_t offset, void *dst, size_t len)
{
	const struct bytes *bytes = user;

	len = len < 16 ? len : 16;
	memcpy(dst, bytes->data + offset, len);
	return (int64_t)len;
}

/* A read that gives less than was asked is no error; it makes one of it. */
START_TEST(short_reads)
{
	struct elf_spec spec = small_kernel();
	struct pvhload_source source;
	struct pvhload_error err;
	struct load_fixture f;

	load_setup(&f, build_elf(&spec), FAKE_ZERO);
	pvhload_image_close(f.image);
	source = pvhload_source_reader(sixteen_at_a_time, &f.bytes, f.bytes.size);
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, NULL, &f.image, &err));
	load_image(&f);
	take_bytes(&f, 0x100000, spec.segments[0].bytes, 0x40);
	take_bytes(&f, 0x200000, spec.segments[1].bytes, 0x20);
	load_teardown(&f);
}
END_TEST

/* An image inside another file; the descriptor's own position is neither used nor moved. */
START_TEST(a_part_of_a_file)
{
	struct elf_spec spec = small_kernel();
	struct pvhload_source source;
	struct pvhload_error err;
	struct load_fixture f;
	int fd = memfd_create("container", 0);

	load_setup(&f, build_elf(&spec), FAKE_ZERO | FAKE_HOST_PTR);
	pvhload_image_close(f.image);
	ck_assert_int_eq(pwrite(fd, f.bytes.data, f.bytes.size, 777), (ssize_t)f.bytes.size);
	ck_assert_int_eq(lseek(fd, 5, SEEK_SET), 5);
	source = pvhload_source_fd_range(fd, 777, f.bytes.size);
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, NULL, &f.image, &err));
	load_image(&f);
	take_bytes(&f, 0x100000, spec.segments[0].bytes, 0x40);
	ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 5);
	close(fd);
	load_teardown(&f);
}
END_TEST

/* A segment over the end of RAM: it writes the part that fits, and then fails. */
START_TEST(no_partial_writes)
{
	struct elf_spec spec = small_kernel();
	struct pvhload_error err;
	struct load_fixture f;

	spec.segments[1].paddr = LOAD_RAM - 0x10;
	spec.segments[1].mem_size = spec.segments[1].file_size;
	load_setup(&f, build_elf(&spec), FAKE_ZERO);
	err = load_refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "segment 1: 0x20 bytes at 0x3ffff0");
	load_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("conformance");

	ADD_TESTS(suite, "parameters", up_to_the_end_of_ram, holes, a_zero_page, start_info,
		  load_and_configure);
	ADD_TESTS(suite, "input and output", short_reads, a_part_of_a_file, no_partial_writes);
	return run_suite(suite);
}
