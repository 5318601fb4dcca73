/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A refusal for lack of place names the rule, both parties, the addresses, and how much is missing. */
#include "plan_fixture.h"

static void expect_message(struct plan_fixture *f, enum pvhload_status status, const char *message)
{
	const struct pvhload_error err = refused(f, status);

	ck_assert_str_eq(err.message, message);
}

START_TEST(leaves_ram)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	set_place(&f, PVHLOAD_REGION_CMDLINE, 0, 64 * MIB - 0x100);
	expect_message(&f, PVHLOAD_E_RANGE,
		       "cmdline [0x3ffff00, 0x4000700) leaves RAM: the memory map ends at "
		       "0x4000000; 0x700 of its bytes are not RAM");
	set_place(&f, PVHLOAD_REGION_CMDLINE, 0, 0x9fb00);
	expect_message(&f, PVHLOAD_E_RANGE,
		       "cmdline [0x9fb00, 0xa0300) leaves RAM: it runs into the hole [0x9fc00, "
		       "0x100000); 0x700 of its bytes are not RAM");
	f.entries[2] = (struct pvhload_memmap_entry){ 0x9fc00, 0x100, PVHLOAD_MEMMAP_NVS, 0 };
	f.map.count = 3;
	expect_message(&f, PVHLOAD_E_RANGE,
		       "cmdline [0x9fb00, 0xa0300) leaves RAM: it runs into ACPI NVS [0x9fc00, "
		       "0x9fd00); 0x700 of its bytes are not RAM");
	plan_teardown(&f);
}
END_TEST

START_TEST(overlaps)
{
	const struct pvhload_boot_keep_free acpi = KEEP_FREE(0x30000, 0x1000, "ACPI tables");
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.keep_free = &acpi;
	f.config.keep_free_count = 1;
	set_place(&f, PVHLOAD_REGION_CMDLINE, 0, 0x2fc00);
	expect_message(
		&f, PVHLOAD_E_OVERLAP,
		"cmdline [0x2fc00, 0x30400) overlaps ACPI tables [0x30000, 0x31000) by 0x400 "
		"bytes");
	set_place(&f, PVHLOAD_REGION_CMDLINE, 0, 0x202c00);
	expect_message(&f, PVHLOAD_E_OVERLAP,
		       "kernel segment 1 [0x200000, 0x203000) overlaps cmdline [0x202c00, "
		       "0x203400) by 0x400 bytes; the kernel cannot be moved: it has no "
		       "PHYS32_RELOC note");
	plan_teardown(&f);
}
END_TEST

START_TEST(limits)
{
	static const uint8_t bytes[0x1800];
	const struct pvhload_source initrd = pvhload_source_buffer(bytes, sizeof(bytes));
	struct plan_fixture f;

	plan_setup(&f, 2 * GIB);
	set_place(&f, PVHLOAD_REGION_PVH_MEMMAP, 0, GIB - 0x10);
	expect_message(&f, PVHLOAD_E_RANGE,
		       "memmap, 0x30 bytes at 0x3ffffff0, does not end below 1 GiB: 0x20 bytes are "
		       "beyond it");
	set_place(&f, PVHLOAD_REGION_PVH_MEMMAP, 0, GIB + 1);
	expect_message(&f, PVHLOAD_E_RANGE,
		       "memmap, 0x30 bytes at 0x40000001, does not end below 1 GiB: 0x30 bytes are "
		       "beyond it");
	plan_teardown(&f);

	bzimage_setup(&f, 3 * GIB, PVHLOAD_PROTOCOL_X86_LINUX32);
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	set_place(&f, PVHLOAD_REGION_INITRD, 0, 2 * GIB - 0x1000);
	expect_message(&f, PVHLOAD_E_RANGE,
		       "initrd, 0x1800 bytes at 0x7ffff000, does not end below initrd_addr_max, "
		       "0x7fffffff: 0x800 bytes are beyond it");
	set_place(&f, PVHLOAD_REGION_INITRD, 0, 0x8000800);
	expect_message(&f, PVHLOAD_E_RANGE, "initrd at 0x8000800 is not at a multiple of 0x1000");
	plan_teardown(&f);
}
END_TEST

/* A name that is too long for a message is seen to be cut. */
START_TEST(long_names)
{
	const struct pvhload_boot_keep_free r =
		KEEP_FREE(SMALL_LOW, 0x1000,
			  "a name of forty-seven bytes, which is all of it, but two");
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.keep_free = &r;
	f.config.keep_free_count = 1;
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "overlaps a name of forty-seven bytes, which is all of i~ [0x100000");
	plan_teardown(&f);
}
END_TEST

START_TEST(no_room)
{
	const struct pvhload_boot_keep_free rest =
		KEEP_FREE(SMALL_END, 64 * MIB - SMALL_END - 0x2800, "rest");
	struct pvhload_source initrd = pvhload_source_buffer("i", 1);
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.keep_free = &rest;
	f.config.keep_free_count = 1;
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	initrd.size = 0x2001; /* never read */
	expect_message(
		&f, PVHLOAD_E_NO_ROOM,
		"no room for initrd, 8193 bytes: the largest free range between 0x100000 and "
		"4 GiB has 8192 bytes, [0x3ffe000, 0x4000000) above rest: 1 too few");
	plan_teardown(&f);
}
END_TEST

/* Its own place is taken, and there is none that is better. */
START_TEST(no_room_for_kernel)
{
	const struct pvhload_boot_keep_free taken[2] = {
		KEEP_FREE(0x1000000, 0x1000, "ACPI tables"),
		KEEP_FREE(0x1200000, 0x2e00000, "rest"),
	};
	struct plan_fixture f;

	bzimage_setup(&f, 64 * MIB, PVHLOAD_PROTOCOL_X86_LINUX32);
	f.config.keep_free = taken;
	f.config.keep_free_count = 2;
	expect_message(&f, PVHLOAD_E_NO_ROOM,
		       "kernel [0x1000000, 0x4000000) overlaps ACPI tables [0x1000000, 0x1001000) "
		       "by 0x1000 bytes: no room for kernel, 50331648 bytes: there is no free RAM "
		       "between 0x1000000 and 4 GiB at a multiple of 0x200000");
	plan_teardown(&f);

	plan_setup(&f, 6 * MIB);
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX64;
	set_place(&f, PVHLOAD_REGION_CMDLINE, 0, SMALL_LOW);
	set_place(&f, PVHLOAD_REGION_X86_ZERO_PAGE, 0, 0x400000);
	expect_message(&f, PVHLOAD_E_NO_ROOM,
		       "kernel segment 0 [0x100000, 0x100040) overlaps cmdline [0x100000, "
		       "0x100800) by 0x40 bytes: no room for kernel, 1060864 bytes: the largest "
		       "free range between 0x200000 and 2^46 at 0x100000 plus a multiple "
		       "of 0x200000 has 1048576 bytes, [0x300000, 0x400000) below zero page: "
		       "12288 too few");
	plan_teardown(&f);
}
END_TEST

START_TEST(limits_of_the_content)
{
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.entries[0].size = 0x10000 + 0x6000 + 1;
	err = refused(&f, PVHLOAD_E_MEMMAP);
	ck_says(err, "no 28 KiB of RAM", "the largest piece has 24577 bytes, 4095 too few");
	plan_teardown(&f);

	bzimage_setup(&f, 6 * GIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.x86.page_entry_mask = 1ull << 20;
	expect_message(&f, PVHLOAD_E_RANGE,
		       "page tables for 4 GiB and the kernel: the pages [0x0, 0x100000000) have "
		       "addresses with bits of the entry mask 0x100000");
	plan_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_messages");

	ADD_TESTS(suite, "plan_messages", leaves_ram, overlaps, limits, long_names, no_room,
		  no_room_for_kernel, limits_of_the_content);
	return run_suite(suite);
}
