/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * How rust-vmm's linux-loader (0.14) reads and writes: what may be written where, command lines among
 * it, and what an image may come from.  Where its rule is right ours is the same; where it is not, the
 * case says what holds instead, and docs/linux-loader.md why.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "cmdline_fixture.h"
#include "conformance.h"
#include "load_fixture.h"

/*
 * Structures that end with the last byte of RAM.  It wants one byte more, except for module lists; a byte
 * that is really missing is refused by both.
 */
START_TEST(up_to_the_end_of_ram)
{
	static const size_t sizes[] = { 1, 24, 32, 56, 4096 };
	static uint8_t bytes[4096];
	struct g16 g;

	memset(bytes, 0x11, sizeof(bytes));
	g16_setup(&g);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		g16_not_written(&g, G16 - sizes[i] + 1, bytes, sizes[i]);
		g16_written(&g, G16 - sizes[i], bytes, sizes[i]);
	}
	g16_teardown(&g);
}
END_TEST

/* Holes: it accepts what spans one, and finds out when half is written. */
START_TEST(holes)
{
	struct pvhload_memmap_entry entries[2] = { { 0, 0x3000, PVHLOAD_MEMMAP_RAM, 0 },
						   { 0x4000, 0x3000, PVHLOAD_MEMMAP_RAM, 0 } };
	const struct pvhload_memmap map = { sizeof(map), entries, 2, 2, 0 };
	struct fake_memory fake;
	struct pvhload_error err;
	static uint8_t bytes[0x2000];

	fake_memory_init(&fake, 0x7000, FAKE_READ);
	fake.memory.memmap = &map;
	/* its end is RAM, and so is its start */
	ck_status(PVHLOAD_E_RANGE, err,
		  pvhload_memory_write(&fake.memory, 0x2800, bytes, 0x2000, &err));
	ck_assert(fake_memory_untouched(&fake));
	/* up to the hole, which its test of the byte after refuses */
	ck_status(PVHLOAD_OK, err, pvhload_memory_write(&fake.memory, 0x2000, bytes, 0x1000, &err));
	/* of any size: nothing says that a zero page has 4096 bytes */
	ck_status(PVHLOAD_OK, err, pvhload_memory_write(&fake.memory, 0x4000, bytes, 7, &err));
	ck_status(PVHLOAD_OK, err, pvhload_memory_write(&fake.memory, 0x7001, bytes, 0, &err));
	fake_memory_free(&fake);
}
END_TEST

/* lc.ovf.1 to .3: test_cmdline_overflow */
START_TEST(cmdline_overflow)
{
	struct pvhload_cmdline *line = line_of(10);
	struct pvhload_error err;
	struct g16 g;

	g16_setup(&g);
	ck_done(line, "12345", pvhload_cmdline_append(line, "12345", &done_err_));
	ck_status(PVHLOAD_E_RANGE, err,
		  pvhload_cmdline_write(line, &g.fake.memory, UINT64_MAX - 5, &err));
	ck_status(PVHLOAD_E_RANGE, err,
		  pvhload_cmdline_write(line, &g.fake.memory, 0x1000000 - 5, &err));
	ck_assert(fake_memory_untouched(&g.fake));
	ck_status(PVHLOAD_OK, err,
		  pvhload_cmdline_write(line, &g.fake.memory, 0x1000000 - 6, &err));
	fake_memory_take(&g.fake, 0x1000000 - 6, "12345", 6);
	ck_assert(fake_memory_untouched(&g.fake));
	g16_teardown(&g);
	pvhload_cmdline_free(line);
}
END_TEST

/* lc.reg.1, .2: test_cmdline_write_end_regresion */
START_TEST(cmdline_write_end)
{
	struct pvhload_cmdline *line = line_of(10);
	uint8_t expected[100];
	struct pvhload_error err;
	struct g16 g;

	memset(expected, 1, sizeof(expected));
	g16_setup(&g);
	g16_put(&g, 45, expected, sizeof(expected));
	ck_status(PVHLOAD_OK, err, pvhload_cmdline_write(line, &g.fake.memory, 45, &err));
	expected[0] = 0;
	ck_assert_mem_eq(g.fake.bytes + 45, expected, sizeof(expected));
	ck_done(line, "123", pvhload_cmdline_append(line, "123", &done_err_));
	ck_status(PVHLOAD_OK, err, pvhload_cmdline_write(line, &g.fake.memory, 45, &err));
	memcpy(expected, "123", 4);
	fake_memory_take(&g.fake, 45, expected, sizeof(expected));
	ck_assert(fake_memory_untouched(&g.fake));
	g16_teardown(&g);
	pvhload_cmdline_free(line);
}
END_TEST

/* lc.doc: the documentation's example of load_cmdline */
START_TEST(load_cmdline)
{
	struct pvhload_cmdline *line = line_of(10);
	struct pvhload_error err;
	struct g16 g;

	g16_setup(&g);
	ck_done(line, "foo=bar", pvhload_cmdline_add(line, "foo", "bar", &done_err_));
	ck_status(PVHLOAD_OK, err, pvhload_cmdline_write(line, &g.fake.memory, 0x1000, &err));
	fake_memory_take(&g.fake, 0x1000, "foo=bar", 8);
	ck_assert(fake_memory_untouched(&g.fake));
	g16_teardown(&g);
	pvhload_cmdline_free(line);
}
END_TEST

/*
 * The crate's own example: an image with a PVH entry loaded, then start info and a map of the caller's
 * own at 0x6000 and 0x7000.  Its test_elfnote has nothing to load (nothing_to_load); this one has.
 */
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
	load_setup_region(&f, build_elf(&spec), FAKE_ZERO, G16);
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
	ck_says(err, "kernel segment 1 [0x3ffff0, 0x400010) leaves RAM");
	load_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("conformance");

	ADD_TESTS(suite, "structures", up_to_the_end_of_ram, holes, load_and_configure);
	ADD_TESTS(suite, "command lines", cmdline_overflow, cmdline_write_end, load_cmdline);
	ADD_TESTS(suite, "input and output", short_reads, a_part_of_a_file, no_partial_writes);
	return run_suite(suite);
}
