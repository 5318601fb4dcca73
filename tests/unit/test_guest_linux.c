/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The zero page and setup_data as a kernel reads them, field by field; and how they are printed. */
#include <stdio.h>

#include "guest_side.h"
#include "suite.h"

/* A member of a struct, where its bytes are in the page, and the first protocol that has it. */
struct field {
	const char *name;
	size_t member, size, offset;
	uint16_t version;
};

#define FIELD(type, name, offset, version)                                                    \
	{                                                                                     \
#name, offsetof(struct type, name), sizeof(((struct type *)0)->name), offset, \
			version                                                               \
	}
#define ZERO(name, offset, version) FIELD(pvhload_guest_zero_page, name, offset, version)
#define SCREEN(name, offset)        FIELD(pvhload_guest_screen, name, offset, 0)

/* zero-page.rst and boot.rst */
static const struct field fields[] = {
	ZERO(acpi_rsdp_addr, 0x70, 0),
	ZERO(cc_blob_address, 0x13c, 0),
	ZERO(alt_mem_k, 0x1e0, 0),
	ZERO(scratch, 0x1e4, 0),
	ZERO(secure_boot, 0x1ec, 0),
	ZERO(setup_sects, 0x1f1, 0),
	ZERO(root_flags, 0x1f2, 0),
	ZERO(syssize, 0x1f4, 0x204),
	ZERO(vid_mode, 0x1fa, 0),
	ZERO(boot_flag, 0x1fe, 0),
	ZERO(jump, 0x200, 0x200),
	ZERO(kernel_version, 0x20e, 0x200),
	ZERO(type_of_loader, 0x210, 0x200),
	ZERO(loadflags, 0x211, 0x200),
	ZERO(code32_start, 0x214, 0x200),
	ZERO(heap_end_ptr, 0x224, 0x201),
	ZERO(initrd_addr_max, 0x22c, 0x203),
	ZERO(kernel_alignment, 0x230, 0x205),
	ZERO(relocatable_kernel, 0x234, 0x205),
	ZERO(min_alignment, 0x235, 0x20a),
	ZERO(xloadflags, 0x236, 0x20c),
	ZERO(cmdline_size, 0x238, 0x206),
	ZERO(payload_offset, 0x248, 0x208),
	ZERO(payload_length, 0x24c, 0x208),
	ZERO(setup_data, 0x250, 0x209),
	ZERO(pref_address, 0x258, 0x20a),
	ZERO(init_size, 0x260, 0x20a),
	ZERO(handover_offset, 0x264, 0x20b),
	ZERO(kernel_info_offset, 0x268, 0x20f),
};

static const struct field screen_fields[] = {
	SCREEN(mode, 0x06),         SCREEN(columns, 0x07),     SCREEN(lines, 0x0e),
	SCREEN(type, 0x0f),         SCREEN(points, 0x10),      SCREEN(lfb_width, 0x12),
	SCREEN(lfb_height, 0x14),   SCREEN(lfb_depth, 0x16),   SCREEN(lfb_size, 0x1c),
	SCREEN(lfb_stride, 0x24),   SCREEN(red_bits, 0x26),    SCREEN(red_shift, 0x27),
	SCREEN(green_bits, 0x28),   SCREEN(green_shift, 0x29), SCREEN(blue_bits, 0x2a),
	SCREEN(blue_shift, 0x2b),   SCREEN(unused_bits, 0x2c), SCREEN(unused_shift, 0x2d),
	SCREEN(capabilities, 0x36),
};

/* Every byte of the page is another than its neighbours. */
static void fill_page(uint16_t version)
{
	for (uint32_t i = 0; i < 0x2d0; i++)
		memory.data[PAGE + i] = (uint8_t)(i * 7 + 1);
	memory.data[PAGE + 0x1ef] = 0;
	put_page(version);
}

static uint64_t member_of(const void *of, const struct field *field)
{
	return get_member((const uint8_t *)of + field->member, field->size);
}

START_TEST(every_field)
{
	for (uint16_t version = 0x200; version <= 0x210; version++) {
		struct pvhload_guest_zero_page page;

		fill_page(version);
		page = read_page();
		ck_assert_uint_eq(page.gpa, PAGE);
		ck_assert_uint_eq(page.version, version);
		ck_assert_ptr_eq(page.bytes, memory.data + PAGE);
		ck_assert_ptr_eq(page.efi_info, memory.data + PAGE + 0x1c0);
		for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
			const struct field *f = &fields[i];
			const uint64_t there = peek(memory.data + PAGE + f->offset, f->size);

			ck_assert_msg(member_of(&page, f) == (version < f->version ? 0 : there),
				      "%s in %#x", f->name, version);
		}
	}
}
END_TEST

/* Where a number's halves are, and what else is in the page. */
START_TEST(halves)
{
	static const struct {
		size_t member, low, high;
		uint16_t version;
	} cases[] = {
		{ offsetof(struct pvhload_guest_zero_page, ramdisk_image), 0x218, 0xc0, 0x200 },
		{ offsetof(struct pvhload_guest_zero_page, ramdisk_size), 0x21c, 0xc4, 0x200 },
		{ offsetof(struct pvhload_guest_zero_page, cmd_line_ptr), 0x228, 0xc8, 0x202 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (uint16_t version = 0x200; version < 0x204; version++)
			for (uint8_t sentinel = 0; sentinel < 2; sentinel++) {
				struct pvhload_guest_zero_page page;
				uint64_t expected = sentinel ? 0x55667788 : 0x1122334455667788;

				fill_page(version);
				poke(&memory, PAGE + cases[i].low, 0x55667788, 4);
				poke(&memory, PAGE + cases[i].high, 0x11223344, 4);
				memory.data[PAGE + 0x1ef] = sentinel;
				page = read_page();
				if (version < cases[i].version)
					expected = 0;
				ck_assert_uint_eq(get_member((uint8_t *)&page + cases[i].member, 8),
						  expected);
				ck_assert_uint_eq(page.sentinel, sentinel);
				ck_assert_uint_eq(page.acpi_rsdp_addr == 0, sentinel);
			}
}
END_TEST

START_TEST(places)
{
	struct pvhload_guest_zero_page page;
	static const struct {
		uint64_t gpa;
		uint32_t magic;
		enum pvhload_guest_status status;
	} cases[] = {
		{ MEMORY_SIZE - 4096, 0x53726448, PVHLOAD_GUEST_OK },
		{ MEMORY_SIZE - 4095, 0x53726448, PVHLOAD_GUEST_E_REACH },
		{ 0, 0x53726448, PVHLOAD_GUEST_E_REACH },
		{ PAGE + 1, 0x53726448, PVHLOAD_GUEST_OK },
		{ PAGE, 0x53726449, PVHLOAD_GUEST_E_MAGIC },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		poke(&memory, (size_t)(cases[i].gpa + 0x202), cases[i].magic, 4);
		ck_assert_int_eq(pvhload_guest_read_zero_page(&reach, cases[i].gpa, &page),
				 cases[i].status);
	}
}
END_TEST

START_TEST(command_line)
{
	struct pvhload_guest_zero_page page;

	put_page(0x20f);
	page = read_page();

	ck_assert_ptr_null(page.cmdline);
	poke(&memory, PAGE + 0x228, 0x800, 4);
	memcpy(memory.data + 0x800, "quiet", 6);
	page = read_page();
	ck_assert_str_eq(page.cmdline, "quiet");
	poke(&memory, PAGE + 0xc8, 1, 4);
	page = read_page();
	ck_assert_ptr_null(page.cmdline);
}
END_TEST

/* How many entries the page says it has, and how many it is taken to have. */
START_TEST(e820)
{
	static const uint8_t counts[][2] = {
		{ 0, 0 }, { 1, 1 }, { 128, 128 }, { 129, 128 }, { 255, 128 }
	};
	struct pvhload_guest_range range;

	put_page(0x20f);
	for (uint32_t i = 0; i < 128; i++)
		put_entry20(PAGE + 0x2d0 + i * 20, i << 20, 0x1000 + i, i);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct pvhload_guest_zero_page page;
		uint32_t n;

		memory.data[PAGE + 0x1e8] = counts[i][0];
		page = read_page();
		ck_assert_uint_eq(page.e820_entries, counts[i][1]);
		for (n = 0; pvhload_guest_read_e820(&page, n, &range) == PVHLOAD_GUEST_OK; n++) {
			ck_assert_uint_eq(range.addr, n << 20);
			ck_assert_uint_eq(range.size, 0x1000 + n);
			ck_assert_uint_eq(range.type, n);
			ck_assert_uint_eq(range.reserved, 0);
		}
		ck_assert_uint_eq(n, counts[i][1]);
		ck_assert_int_eq(pvhload_guest_read_e820(&page, n, &range), PVHLOAD_GUEST_END);
	}
	put_entry20(PAGE + 0x2d0, UINT64_MAX - 0xfff, 0x1000, 1);
	const struct pvhload_guest_zero_page page = read_page();
	ck_assert_int_eq(pvhload_guest_read_e820(&page, 0, &range), PVHLOAD_GUEST_E_RANGE);
}
END_TEST

START_TEST(screen)
{
	struct pvhload_guest_zero_page page;
	struct pvhload_guest_screen found;

	fill_page(0x20f);
	page = read_page();
	pvhload_guest_read_screen(&page, &found);
	for (size_t i = 0; i < sizeof(screen_fields) / sizeof(screen_fields[0]); i++) {
		const struct field *f = &screen_fields[i];

		ck_assert_msg(member_of(&found, f) == peek(memory.data + PAGE + f->offset, f->size),
			      "%s", f->name);
	}
	/* its high half counts with bit 1 of the capabilities */
	for (uint32_t bit = 0; bit < 2; bit++) {
		poke(&memory, PAGE + 0x18, 0x80000000, 4);
		poke(&memory, PAGE + 0x3a, 0x12, 4);
		poke(&memory, PAGE + 0x36, bit << 1 | 1, 4);
		pvhload_guest_read_screen(&page, &found);
		ck_assert_uint_eq(found.lfb_base, bit ? 0x1280000000 : 0x80000000);
	}
}
END_TEST

static void expect_line(const char *prefix, const char *name, uint64_t value)
{
	char line[80];

	snprintf(line, sizeof(line), "\n%s%s 0x%" PRIx64 "\n", prefix, name, value);
	ck_assert_msg(strstr(printed, line), "no%sin%s", line, printed);
}

START_TEST(print)
{
	struct pvhload_guest_zero_page page;

	fill_page(0x20f);
	memory.data[PAGE + 0x1e8] = 2;
	put_entry20(PAGE + 0x2d0, 0, 0x9fc00, 1);
	put_entry20(PAGE + 0x2e4, UINT64_MAX, 1, 1);
	page = read_page();
	page.setup_data = 0;
	pvhload_guest_print_zero_page(&printer, &page);
	ck_assert_int_eq(strncmp(printed, "zero_page 0x1000\n", 17), 0);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(fields[i].name, "setup_data") != 0)
			expect_line("", fields[i].name,
				    peek(memory.data + PAGE + fields[i].offset, fields[i].size));
	for (size_t i = 0; i < sizeof(screen_fields) / sizeof(screen_fields[0]); i++)
		expect_line("screen.", screen_fields[i].name,
			    peek(memory.data + PAGE + screen_fields[i].offset,
				 screen_fields[i].size));
	expect_line("", "version", 0x20f);
	expect_line("", "e820_entries", 2);
	expect_line("screen.", "lfb_base",
		    peek(page.bytes + 0x3a, 4) << 32 | peek(page.bytes + 0x18, 4));
	ck_assert_ptr_nonnull(strstr(printed, "cmdline (none)\n"));
	ck_assert_ptr_nonnull(
		strstr(printed, "\ne820 0x0 0x9fc00 0x1\ne820: end beyond 64 bits\n"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("guest_linux");
	TCase *c = tcase_create("zero_page");

	tcase_add_checked_fixture(c, guest_side_setup, guest_side_teardown);
	tcase_add_test(c, every_field);
	tcase_add_test(c, halves);
	tcase_add_test(c, places);
	tcase_add_test(c, command_line);
	tcase_add_test(c, e820);
	tcase_add_test(c, screen);
	tcase_add_test(c, print);
	suite_add_tcase(s, c);
	return run_suite(s);
}
