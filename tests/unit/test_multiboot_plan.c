/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Plans by Multiboot: where things are, and which header is taken. */
#include "multiboot_fixture.h"

/* What is loaded: the file's bytes, and zeros up to the end of .bss. */
START_TEST(bytes_of_a_flat_file)
{
	const struct mb_spec spec = flat_spec(1);
	struct bytes file = build_multiboot_flat(&spec);
	static uint8_t got[MB_FLAT_END - MB_FLAT_GPA + 1];
	const size_t loaded = MB_FLAT_LOAD_END - MB_FLAT_GPA;
	struct multiboot_fixture m;

	multiboot_setup(&m, PVHLOAD_PROTOCOL_MULTIBOOT1);
	expect_region(plan(&m.f), "kernel", MB_FLAT_GPA, MB_FLAT_END - MB_FLAT_GPA);
	committed(&m.f, MB_FLAT_GPA, got, sizeof(got));
	ck_assert_mem_eq(got, file.data + MB_FLAT_SKIP, loaded);
	for (size_t i = loaded; i < sizeof(got) - 1; i++)
		ck_assert_uint_eq(got[i], 0);
	ck_assert_uint_eq(got[sizeof(got) - 1], 0xa5);
	bytes_free(&file);
	plan_teardown(&m.f);
}
END_TEST

static struct mb_spec relocatable(uint32_t min, uint32_t max, uint32_t align)
{
	const struct mb_spec spec = {
		.has2 = true,
		.tags = { { 10, 0, { min, max, align, 0 }, 4, 0 } },
		.tag_count = 1,
		.at2 = MB_AT2,
	};

	return spec;
}

/* Where a kernel goes that says where it may be, and what it is told. */
START_TEST(moved)
{
	static const struct {
		const char *name;
		uint32_t min, max, align;
		uint64_t asked, kept, gpa; /* kept: a range that is taken */
		enum pvhload_status status;
	} cases[] = {
		{ "where it is linked", 0, 0xffffffff, 0x1000, 0, 0, 0x100000, PVHLOAD_OK },
		{ "asked for", 0, 0xffffffff, 0x1000, 0x2000000, 0, 0x2000000, PVHLOAD_OK },
		{ "not aligned", 0, 0xffffffff, 0x1000, 0x2000800, 0, 0, PVHLOAD_E_RANGE },
		{ "as high as it says", 0, 0x2110fff, 0x1000, 0x2100000, 0, 0x2100000, PVHLOAD_OK },
		{ "a byte higher", 0, 0x2110ffe, 0x1000, 0x2100000, 0, 0, PVHLOAD_E_RANGE },
		{ "taken", 0, 0xffffffff, 0x1000, 0, 0x100000, 0x101000, PVHLOAD_OK },
		{ "taken, large steps", 0, 0xffffffff, 0x400000, 0, 0x100000, 0x400000,
		  PVHLOAD_OK },
		{ "linked too low", 0x300000, 0xffffffff, 0x1000, 0, 0, 0x300000, PVHLOAD_OK },
		{ "linked to no multiple", 0, 0xffffffff, 0x800000, 0, 0, 0x800000, PVHLOAD_OK },
		{ "nowhere", 0x300000, 0x310fff, 0x200000, 0, 0, 0, PVHLOAD_E_NO_ROOM },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct mb_spec spec = relocatable(cases[i].min, cases[i].max, cases[i].align);
		const struct pvhload_boot_keep_free taken =
			KEEP_FREE(cases[i].kept, 0x1000, "taken");
		const struct pvhload_plan_info *info;
		struct multiboot_fixture m;

		multiboot_setup_bytes(&m, PVHLOAD_PROTOCOL_MULTIBOOT2, build_multiboot_elf(&spec));
		set_place(&m.f, PVHLOAD_REGION_KERNEL, 0, cases[i].asked);
		if (cases[i].kept != 0) {
			m.f.config.keep_free = &taken;
			m.f.config.keep_free_count = 1;
		}
		if (cases[i].status != PVHLOAD_OK) {
			(void)refused(&m.f, cases[i].status);
			plan_teardown(&m.f);
			continue;
		}
		info = plan(&m.f);
		ck_assert_msg(info->kernel_gpa == cases[i].gpa, "%s: 0x%" PRIx64, cases[i].name,
			      info->kernel_gpa);
		ck_assert_uint_eq(info->entry, cases[i].gpa + 0x200);
		ck_assert_uint_eq(info->x86_cpu->rip, info->entry);
		/* the last tag but one */
		ck_assert_uint_eq(guest_le(&m.f, 8, 0x9080), 12ull << 32 | 21);
		ck_assert_uint_eq(guest_le(&m.f, 8, 0x9088), cases[i].gpa);
		plan_teardown(&m.f);
	}
}
END_TEST

/* A kernel of version 1 says nothing, and stays. */
START_TEST(not_moved)
{
	struct multiboot_fixture m;

	multiboot_setup(&m, PVHLOAD_PROTOCOL_MULTIBOOT1);
	set_place(&m.f, PVHLOAD_REGION_KERNEL, 0, 0x200000);
	ck_says(refused(&m.f, PVHLOAD_E_RANGE), "its Multiboot header does not say that it can be");
	plan_teardown(&m.f);
}
END_TEST

/* Modules are above the kernel, whatever room there is below. */
START_TEST(above_the_kernel)
{
	struct mb_spec spec = flat_spec(1);
	struct pvhload_error err;
	struct multiboot_fixture m;

	/* at 60 MiB, of 64 */
	spec.address[0] = 60 * MIB + MB_FLAT_AT - MB_FLAT_SKIP;
	spec.address[1] = 60 * MIB;
	spec.address[2] = 0;
	spec.address[3] = 64 * MIB - 0x2000;
	spec.address[4] = 60 * MIB;
	multiboot_setup_bytes(&m, PVHLOAD_PROTOCOL_MULTIBOOT1, build_multiboot_flat(&spec));
	multiboot_add_files(&m);
	m.f.config.initrd_count = 0;
	expect_region(plan(&m.f), "module 0", 64 * MIB - 0x1000, 5);
	expect_region(pvhload_plan_get_info(m.f.plan), "module 1", 64 * MIB - 0x2000, 6);
	m.f.config.initrd_count = 1;
	err = refused(&m.f, PVHLOAD_E_NO_ROOM);
	ck_says(err, "module 2");
	m.f.config.initrd_count = 0;
	set_place(&m.f, PVHLOAD_REGION_MODULE, 1, 0x200000);
	err = refused(&m.f, PVHLOAD_E_RANGE);
	ck_says(err, "module 1 at 0x200000 is not above the kernel, which ends at 0x3ffe000");
	ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_MODULE);
	ck_assert_uint_eq(err.index, 1);
	plan_teardown(&m.f);
}
END_TEST

/* The information goes where it is asked for, or where there is room. */
START_TEST(information_elsewhere)
{
	const struct pvhload_boot_keep_free taken = KEEP_FREE(0x9010, 0x1000, "taken");
	struct multiboot_fixture m;

	multiboot_setup(&m, PVHLOAD_PROTOCOL_MULTIBOOT2);
	set_place(&m.f, PVHLOAD_REGION_MULTIBOOT_INFO, 0, 0x50008);
	expect_region(plan(&m.f), "multiboot info", 0x50008, 136);
	ck_assert_uint_eq(pvhload_plan_get_info(m.f.plan)->x86_cpu->rbx, 0x50008);
	ck_assert_uint_eq(guest_le(&m.f, 4, 0x50008), 136);
	set_place(&m.f, PVHLOAD_REGION_MULTIBOOT_INFO, 0, 0x50004);
	ck_says(refused(&m.f, PVHLOAD_E_RANGE),
		"multiboot info at 0x50004 is not at a multiple of 0x8");
	set_place(&m.f, PVHLOAD_REGION_MULTIBOOT_INFO, 0, 0);
	m.f.config.keep_free = &taken;
	m.f.config.keep_free_count = 1;
	ck_assert_uint_ne(plan(&m.f)->multiboot_info_gpa, 0x9000);
	plan_teardown(&m.f);
}
END_TEST

/* Which header is taken, if several are there. */
START_TEST(best)
{
	static const struct {
		uint32_t flags1, has2, tag2, protocol;
	} cases[] = {
		{ 3, 1, 6, PVHLOAD_PROTOCOL_MULTIBOOT2 },
		{ 3, 1, 5, PVHLOAD_PROTOCOL_MULTIBOOT1 }, /* it requires a framebuffer */
		{ 3, 0, 0, PVHLOAD_PROTOCOL_MULTIBOOT1 },
		{ 8, 1, 6, PVHLOAD_PROTOCOL_MULTIBOOT2 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct mb_spec spec = {
			.has1 = true,
			.flags = cases[i].flags1,
			.at1 = MB_AT1,
			.has2 = cases[i].has2 != 0,
			.tags = { { (uint16_t)cases[i].tag2, 0, { 0 }, 3, 0 } },
			.tag_count = 1,
			.at2 = MB_AT2,
		};
		struct multiboot_fixture m;

		multiboot_setup_bytes(&m, PVHLOAD_PROTOCOL_AUTO, build_multiboot_elf(&spec));
		ck_assert_uint_eq(plan(&m.f)->protocol, cases[i].protocol);
		plan_teardown(&m.f);
	}
}
END_TEST

/* PVH is better than either. */
START_TEST(pvh_is_better)
{
	struct elf_spec elf = small_kernel();
	const struct mb_spec spec = { .has1 = true, .at1 = 0x1000 };
	static const uint8_t tail[0x1100];
	struct bytes bytes;
	struct multiboot_fixture m;

	elf.tail = tail;
	elf.tail_size = sizeof(tail);
	bytes = build_elf(&elf);
	put_multiboot(&bytes, &spec);
	multiboot_setup_bytes(&m, PVHLOAD_PROTOCOL_AUTO, bytes);
	ck_assert_uint_eq(plan(&m.f)->protocol, PVHLOAD_PROTOCOL_PVH);
	m.f.config.protocol = PVHLOAD_PROTOCOL_MULTIBOOT1;
	ck_assert_uint_eq(plan(&m.f)->entry, SMALL_LOW);
	plan_teardown(&m.f);
}
END_TEST

/* Asked of an image that has no such header. */
START_TEST(no_header)
{
	const struct bzimage_spec bzimage = undecoded_bzimage();
	struct multiboot_fixture m;

	multiboot_setup(&m, PVHLOAD_PROTOCOL_MULTIBOOT1);
	m.f.config.protocol = PVHLOAD_PROTOCOL_MULTIBOOT2;
	ck_says(refused(&m.f, PVHLOAD_E_PROTOCOL),
		"no Multiboot 2 entry: it has no Multiboot 2 header; it could boot by Multiboot 1");
	m.f.config.protocol = PVHLOAD_PROTOCOL_PVH;
	ck_says(refused(&m.f, PVHLOAD_E_PROTOCOL), "no PVH entry: it is no ELF file");
	m.f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX32;
	ck_says(refused(&m.f, PVHLOAD_E_PROTOCOL), "no 32-bit Linux entry: it is no ELF file");
	use_bytes(&m.f, build_bzimage(&bzimage));
	m.f.config.protocol = PVHLOAD_PROTOCOL_MULTIBOOT1;
	ck_says(refused(&m.f, PVHLOAD_E_PROTOCOL), "it has no Multiboot 1 header");
	plan_teardown(&m.f);
}
END_TEST

/* The BIOS data area, for any protocol, and only on request. */
START_TEST(bios_data_area)
{
	static const uint32_t protocols[] = { PVHLOAD_PROTOCOL_MULTIBOOT1, PVHLOAD_PROTOCOL_PVH };

	for (size_t i = 0; i < 2; i++) {
		struct elf_spec elf = small_kernel();
		uint8_t bytes[256], zeros[256] = { 0 };
		struct pvhload_error err;
		struct multiboot_fixture m;

		multiboot_setup(&m, protocols[i]);
		if (i == 1)
			use_bytes(&m.f, build_elf(&elf));
		ck_assert_ptr_null(region(plan(&m.f), "bios data area"));
		m.f.x86.flags = PVHLOAD_BOOT_X86_BDA;
		m.f.config.x86 = &m.f.x86;
		expect_region(plan(&m.f), "bios data area", 0x400, 256);
		ck_assert_uint_eq(region(pvhload_plan_get_info(m.f.plan), "bios data area")->kind,
				  PVHLOAD_REGION_X86_BDA);
		committed(&m.f, 0x400, bytes, sizeof(bytes));
		ck_assert_uint_eq(le(bytes + 0x0e, 2), 0x9fc0);
		ck_assert_uint_eq(le(bytes + 0x13, 2), 639);
		memset(bytes + 0x0e, 0, 2);
		memset(bytes + 0x13, 0, 2);
		ck_assert_mem_eq(bytes, zeros, sizeof(bytes));

		m.f.entries[0].size = 0xa0000;
		(void)plan(&m.f);
		ck_assert_uint_eq(guest_le(&m.f, 2, 0x40e), 0xa000);
		ck_assert_uint_eq(guest_le(&m.f, 2, 0x413), 640);
		m.f.entries[0].gpa = 0x400;
		m.f.entries[0].size = 0x9f800;
		(void)plan(&m.f);
		ck_assert_uint_eq(guest_le(&m.f, 2, 0x40e), 0x9fc0);
		ck_assert_uint_eq(guest_le(&m.f, 2, 0x413), 639);
		if (i == 0) {
			m.f.entries[0].gpa = 0x1000;
			err = refused(&m.f, PVHLOAD_E_RANGE);
			ck_says(err, "bios data area");
		}
		plan_teardown(&m.f);
	}
}
END_TEST

/* The guest is told of an end in 32 bits, so that 4 GiB would be 0. */
START_TEST(below_the_last_byte)
{
	struct multiboot_fixture m;
	struct pvhload_source initrd = never_read(0x1000);

	for (uint32_t i = 0; i < 2; i++) {
		multiboot_setup(&m, PVHLOAD_PROTOCOL_MULTIBOOT1 + i);
		m.f.entries[1].size = 4 * GIB - m.f.entries[1].gpa;
		m.f.config.initrds = &initrd;
		m.f.config.initrd_count = 1;
		initrd.size = 0x1000;
		expect_region(plan(&m.f), "initrd", 0xffffe000, 0x1000);
		set_place(&m.f, PVHLOAD_REGION_INITRD, 0, 0xfffff000);
		ck_says(refused(&m.f, PVHLOAD_E_RANGE),
			"initrd, 0x1000 bytes at 0xfffff000, does not end below 0xffffffff");
		initrd.size = 0xfff;
		expect_region(plan(&m.f), "initrd", 0xfffff000, 0xfff);
		plan_teardown(&m.f);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("multiboot_plan");

	ADD_TESTS(suite, "places", bytes_of_a_flat_file, moved, not_moved, above_the_kernel,
		  below_the_last_byte, information_elsewhere, bios_data_area);
	ADD_TESTS(suite, "choice", best, pvh_is_better, no_header);
	return run_suite(suite);
}
