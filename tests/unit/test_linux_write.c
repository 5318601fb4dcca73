/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The zero page: exact bytes, whose word each field is, and nothing else written. */
#include "linux_fixture.h"

#define ABOVE_4G 0x140000000u /* RAM in a guest of 8 GiB */

/* Bytes 0x1f1 to 0x26b of Debian's vmlinuz-6.12.111+deb12-cloud-amd64. */
static const uint8_t debian_6_12[123] = {
	0x27, 0x01, 0x00, 0x20, 0x13, 0x0b, 0x00, 0x00, 0x00, 0xff, 0xff, 0x00, 0x00, 0x55,
	0xaa, 0xeb, 0x6a, 0x48, 0x64, 0x72, 0x53, 0x0f, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x10, 0xc0, 0x42, 0x00, 0x01, 0x00, 0x80, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x5c, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0x7f, 0x00, 0x00, 0x20, 0x00, 0x01, 0x15, 0x7f,
	0x00, 0xff, 0x07, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0xcc, 0x02, 0x00, 0x00, 0x50, 0xc8, 0xad, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00,
	0xc0, 0x7d, 0x03, 0xf0, 0xff, 0xaf, 0x00, 0xdc, 0x04, 0xb1, 0x00,
};

/* Two entries of RAM, as the 4 MiB of the fixture have them. */
static void put_e820(struct bytes *page)
{
	poke(page, 0x1e8, 2, 1);
	poke(page, 0x2d0, 0, 8);
	poke(page, 0x2d8, 0x9fc00, 8);
	poke(page, 0x2e0, 1, 4);
	poke(page, 0x2e4, 0x100000, 8);
	poke(page, 0x2ec, 0x300000, 8);
	poke(page, 0x2f4, 1, 4);
}

START_TEST(exact_page)
{
	struct bytes page = bytes_zero(4096);
	uint8_t efi[32];
	struct linux_fixture f;

	for (size_t i = 0; i < 32; i++)
		efi[i] = (uint8_t)(0xe0 + i);
	linux_setup(&f);
	f.params.setup_header = debian_6_12;
	f.params.setup_header_size = sizeof(debian_6_12);
	f.params.cmdline = "console=ttyS0";
	f.params.initrd_gpa = 0x200000;
	f.params.initrd_size = 0x123456;
	f.params.rsdp_gpa = 0xe0000;
	f.params.efi_info = efi;
	f.params.loadflags = PVHLOAD_LOADFLAG_QUIET;
	linux_written(&f);

	poke(&page, 0x070, 0xe0000, 8); /* acpi_rsdp_addr */
	memcpy(page.data + 0x1c0, efi, 32);
	put_e820(&page);
	memcpy(page.data + 0x1f1, debian_6_12, 123);
	poke(&page, 0x210, 0xff, 1);     /* type_of_loader */
	poke(&page, 0x211, 0x21, 1);     /* loadflags */
	poke(&page, 0x218, 0x200000, 4); /* ramdisk_image */
	poke(&page, 0x21c, 0x123456, 4); /* ramdisk_size */
	poke(&page, 0x228, 0x20000, 4);  /* cmd_line_ptr */
	ck_assert_mem_eq(f.page, page.data, 4096);
	ck_assert_uint_eq(f.page[0x1ef], 0); /* sentinel */

	ck_assert_mem_eq(f.fake.bytes + 0x20000, "console=ttyS0", 14);
	for (uint64_t i = 0x2000e; i < 0x20800; i++)
		ck_assert_uint_eq(f.fake.bytes[i], 0); /* the window Linux reads */
	ck_written_only(&f.fake, (const struct written[]){ { 0x7000, 4096 }, { 0x20000, 2048 } },
			2);
	linux_teardown(&f);
	bytes_free(&page);
}
END_TEST

START_TEST(exact_page_of_an_elf_file)
{
	struct bytes page = bytes_zero(4096);
	struct linux_fixture f;

	linux_setup(&f);
	linux_use_head(&f, 0, 0);
	f.params.setup_header_size = 123; /* of nothing */
	linux_written(&f);
	put_e820(&page);
	poke(&page, 0x1fa, 0xffff, 2);     /* vid_mode: normal */
	poke(&page, 0x1fe, 0xaa55, 2);     /* boot_flag */
	poke(&page, 0x202, 0x53726448, 4); /* "HdrS" */
	poke(&page, 0x206, 0x20f, 2);      /* version */
	poke(&page, 0x210, 0xff, 1);       /* type_of_loader */
	poke(&page, 0x211, 0x01, 1);       /* loadflags: LOADED_HIGH */
	poke(&page, 0x228, 0x20000, 4);    /* cmd_line_ptr */
	ck_assert_mem_eq(f.page, page.data, 4096);
	ck_assert_uint_eq(f.fake.bytes[0x20000], 0);
	ck_written_only(&f.fake, (const struct written[]){ { 0x7000, 4096 }, { 0x20000, 2048 } },
			2);
	linux_teardown(&f);
	bytes_free(&page);
}
END_TEST

/* The other tests' headers come from a description; of this kernel it gives the kernel's bytes. */
START_TEST(described_header_is_the_real_one)
{
	struct bytes head = build_head(0x20f, 0x26c);

	ck_assert_mem_eq(head.data + 0x1f1, debian_6_12, 123);
	ck_assert_uint_eq(head.data[0x1f0], HEAD_CODE);
	ck_assert_uint_eq(head.data[0x26c], HEAD_CODE);
	bytes_free(&head);
}
END_TEST

/*
 * Headers of every length: what is within is copied, text where newer protocols have fields included,
 * and what lies after in the file does not get into the page.
 */
START_TEST(header_lengths)
{
	static const struct {
		uint16_t version;
		uint32_t end;
	} headers[] = {
		{ 0x200, 0x218 }, { 0x201, 0x226 }, { 0x203, 0x240 }, /* memdisk */
		{ 0x204, 0x230 }, { 0x207, 0x267 },                   /* iPXE */
		{ 0x209, 0x258 }, { 0x20d, 0x268 }, { 0x20f, 0x26c },
		{ 0x20f, 0x270 }, /* one newer field */
		{ 0x20f, 0x281 }, /* the longest that a jump can name */
	};

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		const uint32_t end = headers[i].end;
		struct bytes page = bytes_zero(4096);
		struct linux_fixture f;

		linux_setup(&f);
		linux_use_head(&f, headers[i].version, end);
		linux_written(&f);
		put_e820(&page);
		memcpy(page.data + 0x1f1, f.head.data + 0x1f1, end - 0x1f1);
		poke(&page, 0x210, 0xff, 1);
		poke(&page, 0x218, 0, 8); /* ramdisk_* */
		if (headers[i].version >= 0x202)
			poke(&page, 0x228, 0x20000, 4);
		if (headers[i].version >= 0x209)
			poke(&page, 0x250, 0, 8);
		ck_assert_mem_eq(f.page, page.data, 4096);

		/* the bytes and not one more are what it takes */
		f.params.setup_header_size = end - 0x1f1;
		linux_written(&f);
		ck_assert_mem_eq(f.page, page.data, 4096);
		linux_teardown(&f);

		linux_setup(&f);
		linux_use_head(&f, headers[i].version, end);
		f.params.setup_header_size = end - 0x1f1 - 1;
		const struct pvhload_error err = linux_refused(&f, PVHLOAD_E_MALFORMED);
		ck_says(err, "whose jump has it end at");
		linux_teardown(&f);
		bytes_free(&page);
	}
}
END_TEST

/* iPXE keeps text where 2.08 and later have fields: none of it is read, all of it is left alone. */
START_TEST(text_in_the_header_is_no_field)
{
	struct linux_fixture f;

	linux_setup(&f);
	linux_use_head(&f, 0x207, 0x267);
	linux_written(&f);
	for (size_t i = 0x248; i < 0x267; i++)
		ck_assert_uint_eq(f.page[i], HEAD_CODE);
	ck_assert_uint_eq(f.page[0x236], HEAD_CODE); /* all of xloadflags, were it one */
	f.layout.zero_page_gpa = 4 * GIB;
	f.map = ram_map(f.entries, 8 * GIB);
	f.fake.calls = 0;
	struct pvhload_error err;
	ck_status(PVHLOAD_E_RANGE, err, linux_write(&f, &err));
	ck_says(err, "zero page", "below 4 GiB");
	ck_assert_uint_eq(f.fake.calls, 0);
	linux_teardown(&f);
}
END_TEST

/* What is the kernel's word stays as it is, whatever it is. */
START_TEST(kernels_own_fields)
{
	static const struct {
		uint32_t offset;
		uint32_t size;
		uint64_t value;
	} fields[] = {
		{ 0x1f2, 2, 0 },                 /* root_flags */
		{ 0x1fa, 2, 0xfffd },            /* vid_mode */
		{ 0x214, 4, 0x3200000 },         /* code32_start: where the caller loaded it */
		{ 0x22c, 4, 0x12345678 },        /* initrd_addr_max */
		{ 0x230, 4, 0x1000000 },         /* kernel_alignment */
		{ 0x234, 1, 0 },                 /* relocatable_kernel */
		{ 0x235, 1, 0x18 },              /* min_alignment */
		{ 0x236, 2, 0x1ff },             /* xloadflags */
		{ 0x238, 4, 0x1234 },            /* cmdline_size */
		{ 0x258, 8, 0x123456789000000 }, /* pref_address */
		{ 0x260, 4, 0xfedcba98 },        /* init_size */
		{ 0x268, 4, 0x7fffffff },        /* kernel_info_offset */
	};
	struct linux_fixture f;

	linux_setup(&f);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		linux_poke(&f, fields[i].offset, fields[i].value, fields[i].size);
	linux_written(&f);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		ck_assert_uint_eq(peek(f.page + fields[i].offset, fields[i].size), fields[i].value);
	linux_teardown(&f);
}
END_TEST

START_TEST(load_flags_and_loader)
{
	static const struct {
		uint8_t file;
		uint8_t asked;
		uint8_t page;
	} flags[] = {
		{ 0x01, 0x00, 0x01 }, { 0x01, 0x02, 0x03 }, { 0x01, 0x20, 0x21 },
		{ 0x01, 0x22, 0x23 }, { 0x00, 0x00, 0x00 }, { 0xc3, 0x00, 0x01 },
		{ 0xff, 0x00, 0x3d }, { 0xff, 0x02, 0x3f }, /* QUIET and reserved bits stay */
	};
	struct linux_fixture f;

	linux_setup(&f);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		linux_poke(&f, 0x211, flags[i].file, 1);
		f.params.loadflags = flags[i].asked;
		linux_written(&f);
		ck_assert_uint_eq(f.page[0x211], flags[i].page);
	}
	linux_poke(&f, 0x210, 0x72, 1); /* another loader's number in the file */
	linux_written(&f);
	ck_assert_uint_eq(f.page[0x210], 0xff);
	f.params.type_of_loader = 0xb0;
	linux_written(&f);
	ck_assert_uint_eq(f.page[0x210], 0xb0);
	linux_teardown(&f);
}
END_TEST

/* The file's own ramdisk_* and cmd_line_ptr are nothing to go by. */
START_TEST(stale_pointers_of_the_file)
{
	struct linux_fixture f;

	linux_setup(&f);
	linux_poke(&f, 0x218, 0x1111111122222222, 8);
	linux_poke(&f, 0x228, 0x33333333, 4);
	f.params.initrd_gpa = 0x44444444; /* of none */
	linux_written(&f);
	ck_assert_uint_eq(peek(f.page + 0x218, 8), 0);
	ck_assert_uint_eq(peek(f.page + 0x0c0, 8), 0);
	ck_assert_uint_eq(peek(f.page + 0x228, 4), 0x20000);
	linux_teardown(&f);
}
END_TEST

START_TEST(initrd_above_4_gib)
{
	struct linux_fixture f;

	linux_setup(&f);
	f.map = ram_map(f.entries, 32 * GIB);
	f.params.initrd_gpa = ABOVE_4G + 0x1000;
	f.params.initrd_size = 0x2fedcba98;
	linux_written(&f);
	ck_assert_uint_eq(peek(f.page + 0x218, 4), 0x40001000);
	ck_assert_uint_eq(peek(f.page + 0x21c, 4), 0xfedcba98);
	ck_assert_uint_eq(peek(f.page + 0x0c0, 4), 1); /* ext_ramdisk_image */
	ck_assert_uint_eq(peek(f.page + 0x0c4, 4), 2); /* ext_ramdisk_size */
	ck_assert_uint_eq(peek(f.page + 0x0c8, 4), 0); /* ext_cmd_line_ptr */
	linux_teardown(&f);
}
END_TEST

/* All of it above 4 GiB: for a kernel that says it can, and for an ELF file, by the 64-bit entry. */
START_TEST(everything_above_4_gib)
{
	const size_t size = 0x4000;
	struct bytes high = bytes_zero(size);
	struct pvhload_ram_slot slot = { .gpa = ABOVE_4G, .size = size, .host = high.data };
	struct pvhload_source seed;
	struct pvhload_linux_setup_data data = setup_data(&seed, 9, "seed", 4);
	struct pvhload_error err;
	struct linux_fixture f;

	linux_setup(&f);
	f.map = ram_map(f.entries, 8 * GIB);
	f.fake.memory.ops = pvhload_ram_flat_ops();
	f.fake.memory.user = &slot;
	f.layout.zero_page_gpa = ABOVE_4G;
	f.layout.cmdline_gpa = ABOVE_4G + 0x2000;
	f.layout.setup_data_gpa = ABOVE_4G + 0x3000;
	f.params.setup_data = &data;
	f.params.setup_data_count = 1;
	for (int elf = 0; elf < 2; elf++) {
		if (elf)
			linux_use_head(&f, 0, 0);
		memset(high.data, FAKE_PATTERN, size);
		f.params.flags = 0;
		ck_status(PVHLOAD_OK, err, linux_write(&f, &err));
		ck_assert_uint_eq(peek(high.data + 0x228, 4), 0x40002000);
		ck_assert_uint_eq(peek(high.data + 0x0c8, 4), 1);
		ck_assert_uint_eq(peek(high.data + 0x250, 8), ABOVE_4G + 0x3000);
		ck_assert_uint_eq(peek(high.data + 0x3008, 4), 9);
		ck_assert_uint_eq(high.data[0x1000], FAKE_PATTERN);
		f.params.flags = PVHLOAD_LINUX_ENTRY32;
		err = linux_refused(&f, PVHLOAD_E_RANGE);
		ck_says(err, "zero page", "below 4 GiB");
	}
	linux_teardown(&f);
	bytes_free(&high);
}
END_TEST

/* Long texts, for kernels that take them: the window grows with the text. */
START_TEST(command_lines)
{
	char text[4097];
	struct linux_fixture f;

	memset(text, 'x', sizeof(text));
	text[4096] = '\0';
	linux_setup(&f);
	f.params.cmdline = text + 4096 - 2047;
	linux_written(&f);
	ck_assert_mem_eq(f.fake.bytes + 0x20000, f.params.cmdline, 2048);
	ck_assert_uint_eq(f.fake.bytes[0x20800], FAKE_PATTERN);
	linux_poke(&f, 0x238, 4096, 4);
	f.params.cmdline = text;
	linux_written(&f);
	ck_assert_mem_eq(f.fake.bytes + 0x20000, text, 4097);
	ck_assert_uint_eq(f.fake.bytes[0x21001], FAKE_PATTERN);
	f.layout.cmdline_gpa = 0x3ff000 - 1; /* up to the last byte of RAM */
	linux_written(&f);
	ck_assert_uint_eq(peek(f.page + 0x228, 4), 0x3fefff);
	ck_assert_uint_eq(f.fake.bytes[0x3fffff], 0);
	linux_teardown(&f);
}
END_TEST

/* Protocols before 2.02 have no command line pointer; the field is not theirs, so it is not set. */
START_TEST(no_command_line_before_2_02)
{
	struct linux_fixture f;

	linux_setup(&f);
	linux_use_head(&f, 0x201, 0x240);
	linux_written(&f);
	for (size_t i = 0x228; i < 0x22c; i++)
		ck_assert_uint_eq(f.page[i], HEAD_CODE);
	linux_use_head(&f, 0x202, 0x240);
	f.params.cmdline = "a";
	linux_written(&f);
	ck_assert_uint_eq(peek(f.page + 0x228, 4), 0x20000);
	linux_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("linux_write");

	ADD_TESTS(suite, "linux_write", exact_page, exact_page_of_an_elf_file,
		  described_header_is_the_real_one, header_lengths, text_in_the_header_is_no_field,
		  kernels_own_fields, load_flags_and_loader, stale_pointers_of_the_file,
		  initrd_above_4_gib, everything_above_4_gib, command_lines,
		  no_command_line_before_2_02);
	return run_suite(suite);
}
