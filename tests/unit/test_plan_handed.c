/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What a Linux plan hands over: initrd, setup_data, a long map, screen and firmware. */
#include <unistd.h>

#include "descriptors.h"
#include "plan_fixture.h"

/* The initrd's address and size as the zero page has them, high halves and all. */
static void expect_initrd(struct plan_fixture *f, uint64_t gpa, uint64_t size)
{
	expect_region(plan(f), "initrd", gpa, size);
	ck_assert_uint_eq(zero_page(f, 0x218, 4) | zero_page(f, 0x0c0, 4) << 32, gpa);
	ck_assert_uint_eq(zero_page(f, 0x21c, 4) | zero_page(f, 0x0c4, 4) << 32, size);
}

START_TEST(initrd)
{
	static const uint8_t bytes[10000] = { 1 };
	const struct pvhload_source parts[2] = { pvhload_source_buffer(bytes, 4097),
						 pvhload_source_buffer(bytes, 2) };
	struct pvhload_error err;
	struct plan_fixture f;
	uint8_t joined[8];

	bzimage_setup(&f, 6 * GIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.config.initrds = parts;
	f.config.initrd_count = 2;
	/* initrd_addr_max 0x7fffffff; joined with three bytes between */
	expect_initrd(&f, 0x7fffe000, 4097 + 3 + 2);
	committed(&f, 0x7fffe000 + 4096, joined, sizeof(joined));
	ck_assert_mem_eq(joined, ((const uint8_t[]){ 0, 0, 0, 0, 1, 0, 0xa5, 0xa5 }), 8);

	/* where the caller wants it, above 4 GiB too */
	set_place(&f, PVHLOAD_REGION_INITRD, 0, 5 * GIB);
	expect_initrd(&f, 5 * GIB, 4102);
	set_place(&f, PVHLOAD_REGION_INITRD, 0, 0x80000000);
	expect_initrd(&f, 0x80000000, 4102);
	set_field(&f, 0x236, 0x01, 2); /* not XLF_CAN_BE_LOADED_ABOVE_4G */
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "does not end below initrd_addr_max");
	ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_INITRD);
	set_place(&f, PVHLOAD_REGION_INITRD, 0, 0);
	expect_initrd(&f, 0x7fffe000, 4102);
	plan_teardown(&f);
}
END_TEST

/* What does not fit below initrd_addr_max goes above, if the kernel takes it there. */
START_TEST(initrd_above)
{
	static const uint8_t byte[1];
	const struct pvhload_source one = pvhload_source_buffer(byte, 1);
	const struct pvhload_boot_keep_free low =
		KEEP_FREE(0x4000000, 3 * GIB - 0x4000000, "the VMM's");
	const struct pvhload_boot_keep_free rest = KEEP_FREE(0x100000, 0xf00000, "rest");
	const struct pvhload_boot_keep_free both[2] = { rest, low };
	const struct pvhload_boot_keep_free all_low =
		KEEP_FREE(0x203000, 3 * GIB - 0x203000, "all above an ELF file at 1 MiB");
	struct pvhload_error err;
	struct plan_fixture f;

	bzimage_setup(&f, 6 * GIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.config.initrds = &one;
	f.config.initrd_count = 1;
	f.config.keep_free = both;
	f.config.keep_free_count = 2;
	expect_initrd(&f, 7 * GIB - 4096, 1);
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX32;
	err = refused(&f, PVHLOAD_E_NO_ROOM);
	ck_says(err, "no room for initrd", "no free RAM between 0x100000 and initrd_addr_max");
	plan_teardown(&f);

	/* an ELF file does not say that its kernel could: where it has to be, and told */
	plan_setup(&f, 6 * GIB);
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX64;
	f.config.initrds = &one;
	f.config.initrd_count = 1;
	expect_initrd(&f, 3 * GIB - 4096, 1);
	ck_assert_ptr_null(strstr(pvhload_plan_get_info(f.plan)->reason, "4 GiB"));
	f.config.keep_free = &all_low;
	f.config.keep_free_count = 1;
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0x100000);
	expect_initrd(&f, 7 * GIB - 4096, 1);
	ck_assert_ptr_nonnull(
		strstr(pvhload_plan_get_info(f.plan)->reason,
		       "; the initrd is above 4 GiB, with no room below: an ELF file does not"));
	f.config.keep_free_count = 0;
	set_place(&f, PVHLOAD_REGION_INITRD, 0, 4 * GIB);
	expect_initrd(&f, 4 * GIB, 1);
	ck_assert_ptr_nonnull(
		strstr(pvhload_plan_get_info(f.plan)->reason,
		       "asked for; the initrd is above 4 GiB, as asked: an ELF file"));
	set_place(&f, PVHLOAD_REGION_INITRD, 0, (uint64_t)1 << 46);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "does not end below 2^46");
	f.config.protocol = PVHLOAD_PROTOCOL_PVH;
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "does not end below 4 GiB");
	plan_teardown(&f);
}
END_TEST

static void expect_node(struct plan_fixture *f, uint64_t gpa, uint64_t next, uint32_t type,
			uint32_t len)
{
	uint8_t node[16];

	committed(f, gpa, node, sizeof(node));
	ck_assert_uint_eq(le(node, 8), next);
	ck_assert_uint_eq(le(node + 8, 4), type);
	ck_assert_uint_eq(le(node + 12, 4), len);
}

START_TEST(setup_data)
{
	static const uint8_t seed[5] = { 1, 2, 3, 4, 5 };
	static const uint8_t dtb[48] = { 0xd0, 0x0d, 0xfe, 0xed, 0, 0, 0, 48 };
	const struct pvhload_source sources[2] = { pvhload_source_buffer(seed, sizeof(seed)),
						   pvhload_source_buffer(dtb, sizeof(dtb)) };
	const struct pvhload_linux_setup_data data[3] = {
		{ sizeof(data[0]), &sources[0], PVHLOAD_SETUP_RNG_SEED, 0 },
		{ sizeof(data[0]), &sources[1], PVHLOAD_SETUP_DTB, 0 },
		{ sizeof(data[0]), &sources[0], 1000, PVHLOAD_SETUP_DATA_INDIRECT },
	};
	const struct pvhload_plan_info *info;
	struct plan_fixture f;
	uint8_t bytes[48];

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.x86.setup_data = data;
	f.x86.setup_data_count = 3;
	info = plan(&f);
	expect_region(info, "setup_data 0 rng_seed", 0x20800, 16 + 5);
	expect_region(info, "setup_data 1 dtb", 0x20818, 16 + 48);
	expect_region(info, "setup_data 2 1000", 0x20858, 16 + 24);
	expect_region(info, "setup_data 2 1000 data", 256 * MIB - 4096, 5);
	ck_assert_uint_eq(zero_page(&f, 0x250, 8), 0x20800);
	expect_node(&f, 0x20800, 0x20818, 9, 5);
	expect_node(&f, 0x20818, 0x20858, 2, 48);
	expect_node(&f, 0x20858, 0, 0x80000000, 24);
	committed(&f, 0x20810, bytes, 6);
	ck_assert_mem_eq(bytes, "\1\2\3\4\5\xa5", 6);
	committed(&f, 0x20828, bytes, sizeof(dtb));
	ck_assert_mem_eq(bytes, dtb, sizeof(dtb));
	committed(&f, 0x20868, bytes, 24); /* struct setup_indirect */
	ck_assert_uint_eq(le(bytes, 4), 0x80000000 | 1000);
	ck_assert_uint_eq(le(bytes + 8, 8), 5);
	ck_assert_uint_eq(le(bytes + 16, 8), 256 * MIB - 4096);
	committed(&f, 256 * MIB - 4096, bytes, 6);
	ck_assert_mem_eq(bytes, "\1\2\3\4\5\xa5", 6);

	set_place(&f, PVHLOAD_REGION_X86_SETUP_DATA, 0, 0x90000);
	expect_region(plan(&f), "setup_data 0 rng_seed", 0x90000, 16 + 5);
	expect_region(plan(&f), "setup_data 1 dtb", 0x90018, 16 + 48);
	plan_teardown(&f);
}
END_TEST

/* Linux keeps setup_data's memory: little of it may be in low memory, which it needs itself. */
START_TEST(setup_data_and_low_memory)
{
	static const uint8_t bytes[20000] = { 1 };
	const struct pvhload_source large = pvhload_source_buffer(bytes, 16 * 1024 - 15);
	const struct pvhload_source half = pvhload_source_buffer(bytes, 8 * 1024);
	struct pvhload_linux_setup_data data[3];
	struct plan_fixture f;

	for (size_t i = 0; i < 3; i++)
		data[i] = (struct pvhload_linux_setup_data){ sizeof(data[0]), &half, 1000, 0 };
	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.x86.setup_data = data;
	f.x86.setup_data_count = 3;
	expect_region(plan(&f), "setup_data 0 1000", 0x20800, 16 + 8192);
	expect_region(plan(&f), "setup_data 1 1000", 0x100000, 16 + 8192);
	expect_region(plan(&f), "setup_data 2 1000", 0x102010, 16 + 8192);
	data[0].source = &large;
	f.x86.setup_data_count = 1;
	expect_region(plan(&f), "setup_data 0 1000", 0x100000, 16 * 1024 + 1);
	set_place(&f, PVHLOAD_REGION_X86_SETUP_DATA, 0, 0x30000); /* unless the caller says so */
	expect_region(plan(&f), "setup_data 0 1000", 0x30000, 16 * 1024 + 1);
	plan_teardown(&f);
}
END_TEST

START_TEST(setup_data_refused)
{
	static const uint8_t text[48] = "no device tree";
	struct pvhload_source source = pvhload_source_buffer(text, sizeof(text));
	struct pvhload_linux_setup_data data = { sizeof(data), &source, PVHLOAD_SETUP_DTB, 0 };
	struct pvhload_error err;
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.x86.setup_data = &data;
	f.x86.setup_data_count = 1;
	err = refused(&f, PVHLOAD_E_MALFORMED);
	ck_says(err, "setup_data 0 (dtb)", "not a device tree", "0x6e6f2064");
	ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_SETUP_DATA);
	ck_assert_uint_eq(err.index, 0);
	data.type = PVHLOAD_SETUP_E820_EXT;
	err = refused(&f, PVHLOAD_E_USAGE);
	ck_says(err, "type 0x1 is not the caller's to give");
	data.type = PVHLOAD_SETUP_RNG_SEED;
	data.flags = PVHLOAD_SETUP_DATA_INDIRECT;
	err = refused(&f, PVHLOAD_E_USAGE);
	ck_says(err, "setup_data 0 (rng_seed): given by a setup_indirect, Linux does not see it");
	data.flags = 0;
	source = pvhload_source_buffer(text, 0);
	err = refused(&f, PVHLOAD_E_MALFORMED);
	ck_says(err, "setup_data 0 (rng_seed)", "it is empty");
	source = pvhload_source_buffer(text, sizeof(text));
	set_place(&f, PVHLOAD_REGION_X86_SETUP_DATA, 0, 0x90004);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "setup_data 0 rng_seed at 0x90004 is not at a multiple of 0x8");
	set_place(&f, PVHLOAD_REGION_X86_SETUP_DATA, 0, 0);
	set_field(&f, 0x206, 0x208, 2);
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX32;
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "boot protocol 2.08 cannot take setup_data");
	f.x86.setup_data_count = PVHLOAD_LINUX_SETUP_DATA_MAX + 1;
	err = refused(&f, PVHLOAD_E_LIMIT);
	ck_says(err, "65 setup_data", "64");
	f.x86.setup_data_count = 1;
	f.x86.setup_data = NULL;
	(void)refused(&f, PVHLOAD_E_USAGE);
	plan_teardown(&f);
}
END_TEST

/* 128 entries are the zero page's; the others stand first in the list. */
START_TEST(long_map)
{
	static const uint8_t seed[8] = { 1 };
	const struct pvhload_source source = pvhload_source_buffer(seed, sizeof(seed));
	const struct pvhload_linux_setup_data data = { sizeof(data), &source,
						       PVHLOAD_SETUP_RNG_SEED, 0 };
	struct pvhload_error err;
	struct plan_fixture f;
	uint8_t entry[20];

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.x86.setup_data = &data;
	f.x86.setup_data_count = 1;
	for (uint64_t i = 0; i < 70; i++)
		ck_status(PVHLOAD_OK, err,
			  pvhload_memmap_reserve(&f.map, 128 * MIB + i * 0x10000, 0x1000,
						 PVHLOAD_MEMMAP_RESERVED, &err));
	ck_assert_uint_eq(f.map.count, 142);
	expect_region(plan(&f), "setup_data 0 e820_ext", 0x20800, 16 + 14 * 20);
	expect_region(plan(&f), "setup_data 1 rng_seed", 0x20928, 16 + 8);
	ck_assert_uint_eq(zero_page(&f, 0x1e8, 1), 128);
	ck_assert_uint_eq(zero_page(&f, 0x250, 8), 0x20800);
	expect_node(&f, 0x20800, 0x20928, 1, 14 * 20);
	expect_node(&f, 0x20928, 0, 9, 8);
	for (size_t i = 0; i < 142; i++) {
		const struct pvhload_memmap_entry *e =
			&pvhload_plan_get_info(f.plan)->memmap->entries[i];

		committed(&f, i < 128 ? 0x7000 + 0x2d0 + i * 20 : 0x20810 + (i - 128) * 20, entry,
			  sizeof(entry));
		ck_assert_uint_eq(le(entry, 8), e->gpa);
		ck_assert_uint_eq(le(entry + 8, 8), e->size);
		ck_assert_uint_eq(le(entry + 16, 4), e->type);
	}
	plan_teardown(&f);
}
END_TEST

START_TEST(screen_and_firmware)
{
	const struct pvhload_framebuffer screen = { .struct_size = sizeof(screen),
						    .type = PVHLOAD_FRAMEBUFFER_VGA_TEXT };
	const uint8_t text[64] = { [0x06] = 3, 80, [0x0e] = 25, 1, 16 };
	uint8_t efi[32], page[4096];
	struct pvhload_error err;
	struct plan_fixture f;

	memset(efi, 0x22, sizeof(efi));
	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX32);
	f.x86.framebuffer = &screen;
	f.x86.efi_info = efi;
	f.x86.type_of_loader = 0xd1;
	f.x86.loadflags = PVHLOAD_LOADFLAG_QUIET;
	(void)plan(&f);
	committed(&f, 0x7000, page, sizeof(page));
	ck_assert_mem_eq(page, text, sizeof(text));
	ck_assert_mem_eq(page + 0x1c0, efi, sizeof(efi));
	ck_assert_uint_eq(page[0x210], 0xd1);
	ck_assert_uint_eq(page[0x211], 0x21);
	f.x86.loadflags = PVHLOAD_LOADFLAG_CAN_USE_HEAP;
	err = refused(&f, PVHLOAD_E_USAGE);
	ck_says(err, "load flags 0x80");
	f.x86.loadflags = 0;
	f.x86.type_of_loader = 0x100;
	(void)refused(&f, PVHLOAD_E_USAGE);
	plan_teardown(&f);
}
END_TEST

START_TEST(rules)
{
	static const uint8_t byte[1];
	const struct pvhload_source source = pvhload_source_buffer(byte, 1);
	const struct pvhload_boot_module module = { sizeof(module), &source, NULL };
	struct pvhload_error err;
	struct plan_fixture f;
	char text[2049];

	memset(text, 'x', sizeof(text));
	text[2047] = '\0';
	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.config.cmdline = text;
	(void)plan(&f);
	text[2047] = 'x';
	text[2048] = '\0';
	err = refused(&f, PVHLOAD_E_CMDLINE);
	ck_says(err, "2048 bytes, 1 more than the 2047");
	f.config.cmdline = NULL;
	f.config.modules = &module;
	f.config.module_count = 1;
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "no modules beside the initrd; PVH does");
	f.config.module_count = 0;
	f.map.count = 1;
	f.map.entries[0] = (struct pvhload_memmap_entry){ 0, 256 * MIB, PVHLOAD_MEMMAP_RAM, 0 };
	err = refused(&f, PVHLOAD_E_MEMMAP);
	ck_says(err, "has 1 entry; Linux up to 6.19");
	f.config.flags = PVHLOAD_BOOT_NOT_LINUX;
	(void)plan(&f);
	plan_teardown(&f);
}
END_TEST

/* The plan keeps each file for itself, and closes all of them. */
START_TEST(descriptors)
{
	struct pvhload_linux_setup_data data[3];
	struct pvhload_source sources[3];
	const size_t before = open_descriptors();
	struct plan_fixture f;
	uint8_t bytes[4];

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	for (size_t i = 0; i < 3; i++) {
		const char text[4] = { 'f', 'd', ' ', (char)('0' + i) };

		sources[i] = pvhload_source_fd(file_of(text, sizeof(text)));
		data[i] = (struct pvhload_linux_setup_data){ sizeof(data[i]), &sources[i],
							     PVHLOAD_SETUP_RNG_SEED, 0 };
	}
	f.x86.setup_data = data;
	f.x86.setup_data_count = 3;
	(void)plan(&f);
	ck_assert_uint_eq(open_descriptors(), before + 2 * 3);
	for (size_t i = 0; i < 3; i++)
		close(sources[i].fd);
	ck_assert_uint_eq(open_descriptors(), before + 3);
	for (size_t i = 0; i < 3; i++) {
		committed(&f, 0x20810 + 24 * i, bytes, sizeof(bytes));
		ck_assert_mem_eq(bytes, "fd ", 3);
		ck_assert_uint_eq(bytes[3], '0' + i);
	}
	plan_teardown(&f);
	ck_assert_uint_eq(open_descriptors(), before);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_handed");

	ADD_TESTS(suite, "plan_handed", initrd, initrd_above, setup_data, setup_data_and_low_memory,
		  setup_data_refused, long_map, screen_and_firmware, rules, descriptors);
	return run_suite(suite);
}
