/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What a Multiboot kernel is given: the information byte by byte, and the processor. */
#include "multiboot_fixture.h"

static uint32_t word(const uint8_t *bytes, size_t at)
{
	return (uint32_t)le(bytes + at, 4);
}

START_TEST(information1)
{
	static const struct {
		size_t at;
		uint64_t value;
		size_t size;
	} expected[] = {
		{ 0, 0x24d, 4 },
		{ 4, 639, 4 },
		{ 8, 63 * 1024, 4 },
		{ 12, 0, 4 },
		{ 16, 0x90d8 + 24, 4 },
		{ 20, 3, 4 },
		{ 24, 0x9078, 4 },
		{ 28, 0, 8 },
		{ 36, 0, 8 },
		{ 44, 48, 4 },
		{ 48, 0x90c0, 4 },
		{ 52, 0, 8 },
		{ 60, 0, 4 },
		{ 64, 0x9100, 4 },
		{ 68, 0, 8 },
		{ 76, 0, 8 },
		{ 84, 0, 8 },
		{ 92, 0, 8 },
		{ 100, 0, 8 },
		{ 108, 0, 8 },
		/* the modules, and their texts after them */
		{ 120, 0x3fff000, 4 },
		{ 124, 0x3fff009, 4 },
		{ 128, 0x90a8, 4 },
		{ 132, 0, 4 },
		{ 136, 0x3ffe000, 4 },
		{ 140, 0x3ffe005, 4 },
		{ 144, 0x90b0, 4 },
		{ 148, 0, 4 },
		{ 152, 0x3ffd000, 4 },
		{ 156, 0x3ffd006, 4 },
		{ 160, 0x90b8, 4 },
		{ 164, 0, 4 },
		/* the map */
		{ 192, 20, 4 },
		{ 196, 0, 8 },
		{ 204, 0x9fc00, 8 },
		{ 212, 1, 4 },
		{ 216, 20, 4 },
		{ 220, MIB, 8 },
		{ 228, 63 * MIB, 8 },
		{ 236, 1, 4 },
	};
	const struct pvhload_plan_info *info;
	struct multiboot_fixture m;
	uint8_t bytes[280];

	multiboot_setup(&m, PVHLOAD_PROTOCOL_MULTIBOOT1);
	multiboot_add_files(&m);
	m.multiboot.kernel_name = "k";
	m.f.config.cmdline = "root=a b";
	info = plan(&m.f);
	expect_region(info, "multiboot info", 0x9000, 272);
	ck_assert_uint_eq(info->multiboot_info_gpa, 0x9000);
	committed(&m.f, 0x9000, bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		ck_assert_msg(le(bytes + expected[i].at, expected[i].size) == expected[i].value,
			      "at %zu: 0x%" PRIx64, expected[i].at,
			      le(bytes + expected[i].at, expected[i].size));
	ck_assert_str_eq((char *)bytes + 0xa8, "initrd");
	ck_assert_str_eq((char *)bytes + 0xb0, "one a b");
	ck_assert_str_eq((char *)bytes + 0xb8, "");
	ck_assert_str_eq((char *)bytes + 0xf0, "k root=a b");
	ck_assert_str_eq((char *)bytes + 0x100, "libpvhload");
	ck_assert_uint_eq(bytes[272], 0xa5);
	plan_teardown(&m.f);
}
END_TEST

/* Each in its place, and the first text after them. */
START_TEST(eight_modules)
{
	const struct pvhload_source source = pvhload_source_buffer("x", 1);
	struct pvhload_boot_module modules[8];
	struct multiboot_fixture m;
	uint8_t bytes[280];

	multiboot_setup(&m, PVHLOAD_PROTOCOL_MULTIBOOT1);
	for (size_t i = 0; i < 8; i++) {
		modules[i] = (struct pvhload_boot_module)PVHLOAD_BOOT_MODULE_INIT;
		modules[i].source = &source;
	}
	m.f.config.modules = modules;
	m.f.config.module_count = 8;
	(void)plan(&m.f);
	committed(&m.f, 0x9000, bytes, sizeof(bytes));
	ck_assert_uint_eq(word(bytes, 20), 8);
	ck_assert_uint_eq(word(bytes, 24), 0x9000 + 120);
	for (size_t i = 0; i < 8; i++)
		ck_assert_uint_eq(word(bytes, 120 + 16 * i + 8), 0x9000 + 120 + 16 * 8 + 8 * i);
	plan_teardown(&m.f);
}
END_TEST

/* A tag: type, size, and its first words. */
struct tag {
	uint32_t type, size, words[3];
	size_t count;
	const char *text; /* after the words */
};

static size_t check_tag(const uint8_t *bytes, size_t at, const struct tag *tag)
{
	ck_assert_uint_eq(word(bytes, at), tag->type);
	ck_assert_uint_eq(word(bytes, at + 4), tag->size);
	for (size_t i = 0; i < tag->count; i++)
		ck_assert_uint_eq(word(bytes, at + 8 + 4 * i), tag->words[i]);
	if (tag->text)
		ck_assert_str_eq((const char *)bytes + at + 8 + 4 * tag->count, tag->text);
	return at + (tag->size + 7) / 8 * 8;
}

START_TEST(information2)
{
	static const struct tag tags[] = {
		{ 1, 8 + 11, { 0 }, 0, "k root=a b" },
		{ 2, 8 + 11, { 0 }, 0, "libpvhload" },
		{ 3, 16 + 7, { 0x3fff000, 0x3fff009 }, 2, "initrd" },
		{ 3, 16 + 8, { 0x3ffe000, 0x3ffe005 }, 2, "one a b" },
		{ 3, 16 + 1, { 0x3ffd000, 0x3ffd006 }, 2, "" },
		{ 4, 16, { 639, 63 * 1024 }, 2, NULL },
		{ 6, 16 + 48, { 24, 0 }, 2, NULL },
		{ 14, 8 + 20, { 0 }, 0, NULL },
		{ 15, 8 + 36, { 0 }, 0, NULL },
		{ 0, 8, { 0 }, 0, NULL },
	};
	struct multiboot_fixture m;
	uint8_t bytes[400];
	size_t at = 8, map = 0;

	make_rsdp2();
	multiboot_setup(&m, PVHLOAD_PROTOCOL_MULTIBOOT2);
	multiboot_add_files(&m);
	m.multiboot.kernel_name = "k";
	m.multiboot.rsdp = rsdp2;
	m.multiboot.rsdp_size = sizeof(rsdp2);
	m.f.config.cmdline = "root=a b";
	(void)plan(&m.f);
	committed(&m.f, 0x9000, bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (tags[i].type == 6)
			map = at + 16;
		if (tags[i].type == 14 || tags[i].type == 15)
			ck_assert_mem_eq(bytes + at + 8, rsdp2, tags[i].size - 8);
		at = check_tag(bytes, at, &tags[i]);
	}
	ck_assert_uint_eq(word(bytes, 0), at);
	ck_assert_uint_eq(word(bytes, 4), 0);
	ck_assert_uint_eq(bytes[at], 0xa5);
	expect_region(pvhload_plan_get_info(m.f.plan), "multiboot info", 0x9000, at);
	ck_assert_uint_eq(le(bytes + map, 8), 0);
	ck_assert_uint_eq(le(bytes + map + 8, 8), 0x9fc00);
	ck_assert_uint_eq(le(bytes + map + 16, 8), 1);
	ck_assert_uint_eq(le(bytes + map + 24, 8), MIB);
	ck_assert_uint_eq(le(bytes + map + 32, 8), 63 * MIB);
	ck_assert_uint_eq(le(bytes + map + 40, 8), 1);
	plan_teardown(&m.f);
}
END_TEST

/* Nothing but the kernel: the least that there is. */
START_TEST(least)
{
	static const struct tag tags[] = {
		{ 1, 8 + 7, { 0 }, 0, "kernel" },
		{ 2, 8 + 11, { 0 }, 0, "libpvhload" },
		{ 4, 16, { 639, 63 * 1024 }, 2, NULL },
		{ 6, 16 + 48, { 24, 0 }, 2, NULL },
		{ 0, 8, { 0 }, 0, NULL },
	};
	struct multiboot_fixture m;
	uint8_t bytes[256];
	size_t at = 8;

	multiboot_setup(&m, PVHLOAD_PROTOCOL_MULTIBOOT2);
	m.f.config.multiboot = NULL;
	(void)plan(&m.f);
	committed(&m.f, 0x9000, bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		at = check_tag(bytes, at, &tags[i]);
	ck_assert_uint_eq(word(bytes, 0), at);
	plan_teardown(&m.f);

	multiboot_setup(&m, PVHLOAD_PROTOCOL_MULTIBOOT1);
	(void)plan(&m.f);
	committed(&m.f, 0x9000, bytes, sizeof(bytes));
	ck_assert_uint_eq(word(bytes, 0), 0x24d);
	ck_assert_uint_eq(word(bytes, 20), 0);
	ck_assert_str_eq((char *)bytes + word(bytes, 16) - 0x9000, "kernel");
	plan_teardown(&m.f);
}
END_TEST

/* An RSDP of revision 0 has no other tag. */
START_TEST(old_rsdp)
{
	uint8_t copy[20], bytes[256];
	struct multiboot_fixture m;

	make_rsdp2();
	memcpy(copy, rsdp2, sizeof(copy));
	copy[15] = 0;
	checksum(copy, 20, 8);
	multiboot_setup(&m, PVHLOAD_PROTOCOL_MULTIBOOT2);
	m.multiboot.rsdp = copy;
	m.multiboot.rsdp_size = sizeof(copy);
	(void)plan(&m.f);
	committed(&m.f, 0x9000, bytes, sizeof(bytes));
	ck_assert_uint_eq(word(bytes, 128), 14);
	ck_assert_uint_eq(word(bytes, 132), 28);
	ck_assert_mem_eq(bytes + 136, copy, sizeof(copy));
	ck_assert_uint_eq(word(bytes, 160), 0);
	plan_teardown(&m.f);
}
END_TEST

/* RAM from 0 and from 1 MiB on, by the map. */
START_TEST(kib_of_memory)
{
	static const struct {
		struct pvhload_memmap_entry entries[4];
		uint32_t lower, upper;
	} cases[] = {
		{ { { 0, 0xa0000, 1, 0 }, { MIB, 63 * MIB, 1, 0 } }, 640, 63 * 1024 },
		{ { { 0, 64 * MIB, 1, 0 } }, 640, 63 * 1024 },
		{ { { 0, 0x9fbff, 1, 0 }, { MIB, 63 * MIB, 1, 0 } }, 638, 63 * 1024 },
		{ { { 0x1000, 0x9f000, 1, 0 }, { MIB, 63 * MIB, 1, 0 } }, 0, 63 * 1024 },
		{ { { 0, 0x9fc00, 1, 0 },
		    { MIB, 2 * MIB, 1, 0 },
		    { 3 * MIB, MIB, 1, 0 },
		    { 5 * MIB, GIB, 1, 0 } },
		  639,
		  3 * 1024 },
		{ { { 0, 0x9fc00, 1, 0 }, { MIB, 1ull << 43, 1, 0 } }, 639, UINT32_MAX },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct multiboot_fixture m;

		multiboot_setup(&m, PVHLOAD_PROTOCOL_MULTIBOOT1);
		memcpy(m.f.entries, cases[i].entries, sizeof(cases[i].entries));
		m.f.map.count = 0;
		while (m.f.map.count < 4 && m.f.entries[m.f.map.count].size > 0)
			m.f.map.count++;
		(void)plan(&m.f);
		ck_assert_uint_eq(guest_le(&m.f, 4, 0x9004), cases[i].lower);
		ck_assert_uint_eq(guest_le(&m.f, 4, 0x9008), cases[i].upper);
		plan_teardown(&m.f);
	}
}
END_TEST

START_TEST(the_processor)
{
	static const struct {
		uint32_t protocol, eax;
	} cases[] = { { PVHLOAD_PROTOCOL_MULTIBOOT1, 0x2badb002 },
		      { PVHLOAD_PROTOCOL_MULTIBOOT2, 0x36d76289 } };

	for (size_t i = 0; i < 2; i++) {
		const struct pvhload_x86_cpu *cpu;
		struct multiboot_fixture m;

		multiboot_setup(&m, cases[i].protocol);
		cpu = plan(&m.f)->x86_cpu;
		ck_assert_uint_eq(cpu->rax, cases[i].eax);
		ck_assert_uint_eq(cpu->rbx, 0x9000);
		ck_assert_uint_eq(cpu->rip, MB_FLAT_ENTRY);
		ck_assert_uint_eq(cpu->rcx | cpu->rdx | cpu->rsi | cpu->rdi | cpu->rbp | cpu->rsp,
				  0);
		ck_assert_uint_eq(cpu->rflags, 2);
		ck_assert_uint_eq(cpu->cr0, 0x11);
		ck_assert_uint_eq(cpu->cr3 | cpu->cr4 | cpu->efer, 0);
		ck_assert_uint_eq(cpu->cs.limit & cpu->ss.limit, 0xffffffff);
		ck_assert_uint_eq(cpu->cs.selector, 8);
		ck_assert_uint_eq(cpu->ds.selector, 16);
		ck_assert_uint_eq(cpu->gdt.base, 0x500);
		expect_region(pvhload_plan_get_info(m.f.plan), "gdt", 0x500, 32);
		plan_teardown(&m.f);
	}
}
END_TEST

START_TEST(version_of_the_processor)
{
	struct pvhload_x86_cpu cpu = PVHLOAD_X86_CPU_INIT;
	struct pvhload_error err;

	for (uint32_t version = 0; version < 4; version++)
		ck_status(version == 1 || version == 2 ? PVHLOAD_OK : PVHLOAD_E_USAGE, err,
			  pvhload_x86_cpu_init_multiboot(version, 0x100000, 0x9000, 0x500, &cpu,
							 &err));
	ck_says(err, "Multiboot has the versions 1 and 2, not 3");
	ck_assert_uint_eq(cpu.rax, 0x36d76289);
	cpu.struct_size--;
	ck_status(PVHLOAD_E_USAGE, err,
		  pvhload_x86_cpu_init_multiboot(1, 0x100000, 0x9000, 0x500, &cpu, &err));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("multiboot_info");

	ADD_TESTS(suite, "information", information1, eight_modules, information2, least, old_rsdp,
		  kib_of_memory);
	ADD_TESTS(suite, "processor", the_processor, version_of_the_processor);
	return run_suite(suite);
}
