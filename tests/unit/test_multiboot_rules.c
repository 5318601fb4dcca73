/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What Multiboot cannot pass on, and what is refused. */
#include "multiboot_fixture.h"

/* What the information has no place for. */
START_TEST(cannot_carry)
{
	static const uint8_t efi_info[PVHLOAD_EFI_INFO_SIZE];
	struct pvhload_linux_setup_data data = PVHLOAD_LINUX_SETUP_DATA_INIT;
	struct pvhload_framebuffer framebuffer = PVHLOAD_FRAMEBUFFER_INIT;
	const struct {
		const char *says;
		struct pvhload_boot_x86 x86;
	} cases[] = {
		{ "no place for setup_data", { .setup_data = &data, .setup_data_count = 1 } },
		{ "no place for a framebuffer", { .framebuffer = &framebuffer } },
		{ "no place for an efi_info", { .efi_info = efi_info } },
		{ "no place for load flags", { .loadflags = PVHLOAD_LOADFLAG_QUIET } },
		{ "no place for 5-level page tables", { .paging_levels = 5 } },
		{ "no place for page tables", { .page_size = 1 << 30 } },
		{ "no place for page tables", { .page_entry_mask = 1ull << 51 } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pvhload_boot_x86 x86 = cases[i].x86;
		struct multiboot_fixture m;

		x86.struct_size = sizeof(x86);
		multiboot_setup(&m, PVHLOAD_PROTOCOL_MULTIBOOT1);
		m.f.config.x86 = &x86;
		ck_says(refused(&m.f, PVHLOAD_E_PROTOCOL), cases[i].says);
		plan_teardown(&m.f);
	}
}
END_TEST

/* The address of an RSDP alone cannot be passed on, which is no reason to fail. */
START_TEST(notes)
{
	struct multiboot_fixture m;

	for (uint32_t version = 1; version <= 2; version++) {
		multiboot_setup(&m, version == 1 ? PVHLOAD_PROTOCOL_MULTIBOOT1
						 : PVHLOAD_PROTOCOL_MULTIBOOT2);
		m.f.config.rsdp_gpa = 0xe0000;
		ck_assert_ptr_nonnull(strstr(plan(&m.f)->reason, "the RSDP is not passed on"));
		plan_teardown(&m.f);
	}
	make_rsdp2();
	multiboot_setup(&m, PVHLOAD_PROTOCOL_MULTIBOOT2);
	m.f.config.rsdp_gpa = 0xe0000;
	m.multiboot.rsdp = rsdp2;
	m.multiboot.rsdp_size = sizeof(rsdp2);
	ck_assert_str_eq(plan(&m.f)->reason, "asked for");
	plan_teardown(&m.f);
}
END_TEST

/* The RSDP's bytes, each rule broken alone. */
START_TEST(bad_rsdps)
{
	static const struct {
		size_t at;
		uint8_t value;
		size_t size;
		bool sums;
		const char *says;
	} cases[] = {
		{ 0, 'r', 36, true, "do not begin with" },
		{ 15, 2, 35, false, "or are not as many as it says" },
		{ 15, 2, 19, false, "do not begin with" },
		{ 15, 0, 36, true, "or are not as many as it says" },
		{ 20, 35, 36, true, "or are not as many as it says" },
		{ 20, 37, 36, true, "or are not as many as it says" },
		{ 21, 0x80, 36, true, "or are not as many as it says" },
		{ 9, 'c', 36, false, "a wrong checksum" },
		{ 25, 1, 36, false, "a wrong checksum" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct multiboot_fixture m;

		make_rsdp2();
		rsdp2[cases[i].at] = cases[i].value;
		if (cases[i].sums) {
			checksum(rsdp2, 20, 8);
			checksum(rsdp2, 36, 32);
		}
		multiboot_setup(&m, PVHLOAD_PROTOCOL_MULTIBOOT2);
		m.multiboot.rsdp = rsdp2;
		m.multiboot.rsdp_size = cases[i].size;
		ck_says(refused(&m.f, PVHLOAD_E_MALFORMED), cases[i].says);
		plan_teardown(&m.f);
	}
}
END_TEST

static char *text_of(size_t length)
{
	char *text = malloc(length + 1);

	memset(text, 'x', length);
	text[length] = '\0';
	return text;
}

/* Both sides of each limit on texts. */
START_TEST(long_texts)
{
	char *name = text_of(PVHLOAD_MULTIBOOT_NAME_MAX + 1);
	char *line = text_of(PVHLOAD_MULTIBOOT_CMDLINE_LENGTH_MAX + 1);
	struct pvhload_error err;
	struct multiboot_fixture m;

	multiboot_setup(&m, PVHLOAD_PROTOCOL_MULTIBOOT2);
	multiboot_add_files(&m);
	m.multiboot.kernel_name = name;
	ck_says(refused(&m.f, PVHLOAD_E_CMDLINE), "4096 bytes, 1 more than the limit of 4095");
	m.multiboot.kernel_name = name + 1;
	m.f.config.cmdline = line;
	ck_says(refused(&m.f, PVHLOAD_E_CMDLINE), "65536 bytes, 1 more than the limit of 65535");
	m.f.config.cmdline = line + 1;
	m.modules[1].cmdline = line;
	err = refused(&m.f, PVHLOAD_E_CMDLINE);
	ck_says(err,
		"the command line of module 2 has 65536 bytes, 1 more than the limit of 65535");
	ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_MODULE);
	ck_assert_uint_eq(err.index, 1);
	m.modules[1].cmdline = line + 1;
	ck_assert_uint_eq(plan(&m.f)->cmdline_max, PVHLOAD_MULTIBOOT_CMDLINE_LENGTH_MAX);
	ck_assert_uint_eq(pvhload_boot_cmdline_capacity(m.f.image, PVHLOAD_PROTOCOL_MULTIBOOT2, 0),
			  PVHLOAD_MULTIBOOT_CMDLINE_LENGTH_MAX + 1);
	ck_assert_uint_eq(pvhload_boot_cmdline_capacity(m.f.image, PVHLOAD_PROTOCOL_MULTIBOOT1, 0),
			  PVHLOAD_MULTIBOOT_CMDLINE_LENGTH_MAX + 1);
	m.multiboot.kernel_name = "";
	ck_says(refused(&m.f, PVHLOAD_E_CMDLINE), "the kernel's name is empty or has a blank");
	m.multiboot.kernel_name = "a\tb";
	ck_says(refused(&m.f, PVHLOAD_E_CMDLINE), "the kernel's name is empty or has a blank");
	plan_teardown(&m.f);
	free(name);
	free(line);
}
END_TEST

/* 1 MiB of texts, and a byte more. */
START_TEST(many_texts)
{
	char *line = text_of(PVHLOAD_MULTIBOOT_CMDLINE_LENGTH_MAX);
	struct pvhload_boot_module modules[16];
	struct multiboot_fixture m;

	multiboot_setup(&m, PVHLOAD_PROTOCOL_MULTIBOOT1);
	multiboot_add_files(&m);
	for (size_t i = 0; i < 16; i++) {
		modules[i] = m.modules[0];
		modules[i].cmdline = line;
	}
	/* with "kernel" and "initrd", 14 bytes */
	modules[15].cmdline = line + 14;
	m.f.config.modules = modules;
	m.f.config.module_count = 16;
	(void)plan(&m.f);
	modules[15].cmdline = line + 13;
	ck_says(refused(&m.f, PVHLOAD_E_LIMIT), "1048577 bytes; the limit is 1048576: 1 too many");
	plan_teardown(&m.f);
	free(line);
}
END_TEST

START_TEST(long_maps)
{
	struct pvhload_memmap_entry *entries = calloc(4098, sizeof(*entries));
	struct pvhload_memmap map = { sizeof(map), entries, 4098, 4097, 0 };
	struct multiboot_fixture m;

	multiboot_setup(&m, PVHLOAD_PROTOCOL_MULTIBOOT1);
	memcpy(entries, m.f.entries, 2 * sizeof(*entries));
	for (size_t i = 2; i < 4098; i++)
		entries[i] = (struct pvhload_memmap_entry){ (64 + i) * MIB, 1, 2, 0 };
	m.f.config.memmap = &map;
	ck_says(refused(&m.f, PVHLOAD_E_MEMMAP), "4097 entries; the limit is 4096: 1 too many");
	map.count = 4096;
	ck_assert_uint_eq(plan(&m.f)->memmap->count, 4096);
	plan_teardown(&m.f);
	free(entries);
}
END_TEST

/* The caller's struct. */
START_TEST(options)
{
	struct multiboot_fixture m;

	multiboot_setup(&m, PVHLOAD_PROTOCOL_MULTIBOOT1);
	m.multiboot.rsdp_size = 20;
	ck_says(refused(&m.f, PVHLOAD_E_USAGE), "counts 20 bytes of an RSDP, but they are NULL");
	m.multiboot.rsdp_size = 0;
	m.multiboot.struct_size--;
	ck_says(refused(&m.f, PVHLOAD_E_USAGE), "for Multiboot has a wrong size");
	plan_teardown(&m.f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("multiboot_rules");

	ADD_TESTS(suite, "rules", cannot_carry, notes, bad_rsdps, long_texts, many_texts, long_maps,
		  options);
	return run_suite(suite);
}
