/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Plans of raw firmware: the only places there are, the reset state, and that nothing else gets into ROM. */
#include <unistd.h>

#include "descriptors.h"
#include "fake_memory.h"
#include "made_firmware.h"
#include "plan_fixture.h"

#define RAM_SIZE  (8u << 20)
#define BIOS_SIZE 0x40000u
#define VARS_SIZE 0x8000u
#define BIOS_GPA  0xfffc0000u
#define ALIAS_GPA 0xe0000u
#define ALIAS     0x20000u

static const struct pvhload_range roms[] = { { ALIAS_GPA, ALIAS }, { 0xff000000, 0x1000000 } };

/* A firmware in place of the small kernel, and ROM for all of it. */
static void firmware_setup(struct plan_fixture *f)
{
	plan_setup(f, RAM_SIZE);
	pvhload_image_close(f->image);
	bytes_free(&f->bytes);
	f->bytes = build_bios(BIOS_SIZE);
	f->image = f->config.image = open_firmware(&f->bytes);
	f->config.protocol = PVHLOAD_PROTOCOL_AUTO;
	f->config.roms = roms;
	f->config.rom_count = 2;
}

START_TEST(what_the_plan_says)
{
	const struct pvhload_plan_info *info;
	struct plan_fixture f;

	firmware_setup(&f);
	info = plan(&f);
	ck_assert_uint_eq(info->protocol, PVHLOAD_PROTOCOL_X86_RESET);
	ck_assert_str_eq(pvhload_protocol_name(info->protocol), "reset");
	ck_assert_str_eq(info->reason, "reset is the best of the image's entries");
	ck_assert_uint_eq(info->entry, 0xfffffff0);
	ck_assert_uint_eq(info->kernel_gpa, BIOS_GPA);
	ck_assert_uint_eq(info->start_info_gpa + info->zero_page_gpa + info->cmdline_max, 0);
	ck_assert_uint_eq(info->guest, PVHLOAD_GUEST_OTHER);
	ck_assert_str_eq(info->cmdline, "");
	ck_assert_uint_eq(info->region_count, 2);
	expect_region(info, "firmware alias", ALIAS_GPA, ALIAS);
	ck_assert_uint_eq(info->regions[0]->kind, PVHLOAD_REGION_FIRMWARE_ALIAS);
	ck_assert_uint_eq(info->regions[0]->reason, PVHLOAD_PLACED_USUAL);
	expect_region(info, "firmware", BIOS_GPA, BIOS_SIZE);
	ck_assert_uint_eq(info->regions[1]->kind, PVHLOAD_REGION_FIRMWARE);
	ck_assert_uint_eq(info->regions[1]->index, 0);
	ck_assert_uint_eq(info->regions[1]->reason, PVHLOAD_PLACED_ONLY);
	plan_teardown(&f);
}
END_TEST

/* As pvhload_x86_cpu_init_reset() has it, which test_cpu.c checks. */
START_TEST(from_reset)
{
	struct pvhload_x86_cpu reset = PVHLOAD_X86_CPU_INIT;
	struct pvhload_error err;
	struct plan_fixture f;

	firmware_setup(&f);
	f.config.protocol = PVHLOAD_PROTOCOL_X86_RESET;
	ck_status(PVHLOAD_OK, err, pvhload_x86_cpu_init_reset(&reset, &err));
	ck_assert_mem_eq(plan(&f)->x86_cpu, &reset, sizeof(reset));
	ck_assert_str_eq(pvhload_plan_get_info(f.plan)->reason, "asked for");
	plan_teardown(&f);
}
END_TEST

/* The bytes of a region, as the plan has them. */
static uint8_t *region_bytes(const struct plan_fixture *f, const char *name)
{
	const struct pvhload_plan_info *info = pvhload_plan_get_info(f->plan);
	struct pvhload_error err;
	uint8_t *bytes;
	size_t i = 0;

	while (strcmp(info->regions[i]->name, name) != 0)
		i++;
	bytes = malloc((size_t)info->regions[i]->size);
	ck_assert_ptr_nonnull(bytes);
	ck_status(PVHLOAD_OK, err,
		  pvhload_plan_read_region(f->plan, i, 0, bytes, (size_t)info->regions[i]->size,
					   &err));
	return bytes;
}

START_TEST(its_bytes)
{
	uint8_t *firmware, *alias;
	struct plan_fixture f;

	firmware_setup(&f);
	(void)plan(&f);
	firmware = region_bytes(&f, "firmware");
	alias = region_bytes(&f, "firmware alias");
	ck_assert_mem_eq(firmware, f.bytes.data, BIOS_SIZE);
	ck_assert_mem_eq(alias, f.bytes.data + BIOS_SIZE - ALIAS, ALIAS);
	free(firmware);
	free(alias);
	plan_teardown(&f);
}
END_TEST

/* Variables of a file of their own are directly below the code. */
START_TEST(variables)
{
	struct bytes vars = bytes_zero(VARS_SIZE);
	const struct pvhload_source source = pvhload_source_buffer(vars.data, vars.size);
	const struct pvhload_plan_info *info;
	struct plan_fixture f;
	uint8_t *bytes;

	memset(vars.data, 0x77, VARS_SIZE);
	firmware_setup(&f);
	f.config.firmware_vars = &source;
	info = plan(&f);
	ck_assert_uint_eq(info->region_count, 3);
	expect_region(info, "firmware variables", BIOS_GPA - VARS_SIZE, VARS_SIZE);
	ck_assert_uint_eq(info->regions[1]->kind, PVHLOAD_REGION_FIRMWARE);
	ck_assert_uint_eq(info->regions[1]->index, 1);
	bytes = region_bytes(&f, "firmware variables");
	ck_assert_mem_eq(bytes, vars.data, VARS_SIZE);
	free(bytes);
	plan_teardown(&f);
	bytes_free(&vars);
}
END_TEST

/* Of a file that the plan keeps for itself, and closes. */
START_TEST(variables_of_a_descriptor)
{
	struct bytes vars = bytes_zero(VARS_SIZE);
	const size_t before = open_descriptors();
	struct pvhload_source source;
	struct plan_fixture f;
	uint8_t *bytes;

	memset(vars.data, 0x77, VARS_SIZE);
	firmware_setup(&f);
	source = pvhload_source_fd(file_of(vars.data, vars.size));
	f.config.firmware_vars = &source;
	(void)plan(&f);
	close(source.fd);
	ck_assert_uint_eq(open_descriptors(), before + 1);
	bytes = region_bytes(&f, "firmware variables");
	ck_assert_mem_eq(bytes, vars.data, VARS_SIZE);
	free(bytes);
	plan_teardown(&f);
	ck_assert_uint_eq(open_descriptors(), before);
	bytes_free(&vars);
}
END_TEST

START_TEST(variables_that_do_not_fit)
{
	static const struct {
		size_t size;
		enum pvhload_status status;
		const char *says;
	} cases[] = {
		{ 0, PVHLOAD_E_MALFORMED, "firmware variables: 0 bytes, which is none" },
		{ 4097, PVHLOAD_E_MALFORMED,
		  "firmware variables: 4097 bytes, which is no multiple of 4096" },
		{ (16u << 20) - BIOS_SIZE + 4096, PVHLOAD_E_LIMIT,
		  "4096 more than the limit, 16777216" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pvhload_source source = never_read(cases[i].size);
		struct plan_fixture f;

		firmware_setup(&f);
		f.config.firmware_vars = &source;
		ck_says(refused(&f, cases[i].status), cases[i].says);
		plan_teardown(&f);
	}
}
END_TEST

/* The most there can be, and variables whose window has no ROM. */
START_TEST(variables_at_the_limits)
{
	const struct pvhload_source most = never_read((16u << 20) - BIOS_SIZE);
	const struct pvhload_range small[] = { { ALIAS_GPA, ALIAS }, { BIOS_GPA, BIOS_SIZE } };
	struct plan_fixture f;

	firmware_setup(&f);
	f.config.firmware_vars = &most;
	expect_region(plan(&f), "firmware variables", 0xff000000, most.size);
	f.config.roms = small;
	ck_says(refused(&f, PVHLOAD_E_RANGE),
		"firmware variables [0xff000000, 0xfffc0000) is in none of the ROMs that are declared");
	plan_teardown(&f);
}
END_TEST

/* The alias in RAM, as on a machine without a chipset that shadows. */
START_TEST(alias_in_ram)
{
	uint8_t bytes[2];
	struct plan_fixture f;
	struct pvhload_error err;

	firmware_setup(&f);
	f.config.roms = &roms[1];
	f.config.rom_count = 1;
	ck_says(refused(&f, PVHLOAD_E_RANGE), "firmware alias [0xe0000, 0x100000) leaves RAM",
		"nor is it in one of the ROMs that are declared");
	ck_status(PVHLOAD_OK, err,
		  pvhload_memmap_add(&f.map, ALIAS_GPA, ALIAS, PVHLOAD_MEMMAP_RAM, &err));
	expect_region(plan(&f), "firmware alias", ALIAS_GPA, ALIAS);
	committed(&f, ALIAS_GPA - 1, bytes, 2);
	ck_assert_uint_eq(bytes[0], 0xa5);
	ck_assert_uint_eq(bytes[1], f.bytes.data[BIOS_SIZE - ALIAS]);
	plan_teardown(&f);
}
END_TEST

/* What is no place for it: the window is ROM, all of it, and nobody else's. */
START_TEST(no_place)
{
	static const struct pvhload_range below[] = { { ALIAS_GPA, ALIAS },
						      { 0xffff0000, 0x10000 } };
	static const struct pvhload_range empty = { 0xff000000, 0 };
	static const struct pvhload_range wraps = { 0xff000000, UINT64_MAX };
	const struct pvhload_boot_keep_free device = KEEP_FREE(0xfffd0000, 0x1000, "a device");
	struct pvhload_error err;
	struct plan_fixture f;

	firmware_setup(&f);
	f.config.roms = below;
	ck_says(refused(&f, PVHLOAD_E_RANGE),
		"firmware [0xfffc0000, 0x100000000) is in none of the ROMs that are declared");
	f.config.rom_count = 1;
	f.config.roms = &empty;
	ck_says(refused(&f, PVHLOAD_E_MEMMAP), "ROM 0, 0x0 bytes at 0xff000000, is empty");
	f.config.roms = &wraps;
	ck_says(refused(&f, PVHLOAD_E_MEMMAP), "passes the end of the address space");
	f.config.roms = roms;
	f.config.rom_count = 2;
	f.config.keep_free = &device;
	f.config.keep_free_count = 1;
	ck_says(refused(&f, PVHLOAD_E_OVERLAP),
		"firmware [0xfffc0000, 0x100000000) overlaps a device [0xfffd0000, 0xfffd1000)");
	f.config.keep_free_count = 0;
	ck_status(PVHLOAD_OK, err,
		  pvhload_memmap_add(&f.map, 0xffff0000, 0x1000, PVHLOAD_MEMMAP_RAM, &err));
	ck_says(refused(&f, PVHLOAD_E_MEMMAP),
		"ROM 1, [0xff000000, 0x100000000), overlaps RAM of the memory map");
	f.config.rom_count = 1;
	ck_says(refused(&f, PVHLOAD_E_RANGE), "and some of it is RAM of the memory map");
	plan_teardown(&f);
}
END_TEST

START_TEST(rom_counts)
{
	struct pvhload_range many[PVHLOAD_BOOT_ROMS_MAX + 1];
	struct plan_fixture f;

	for (size_t i = 0; i <= PVHLOAD_BOOT_ROMS_MAX; i++)
		many[i] = roms[i % 2];
	firmware_setup(&f);
	f.config.roms = many;
	f.config.rom_count = PVHLOAD_BOOT_ROMS_MAX;
	(void)plan(&f);
	f.config.rom_count++;
	ck_says(refused(&f, PVHLOAD_E_LIMIT),
		"the boot config has 17 ROMs, 1 more than the limit, 16");
	f.config.roms = NULL;
	ck_says(refused(&f, PVHLOAD_E_USAGE),
		"the boot config counts 17 ROMs, but their array is NULL");
	plan_teardown(&f);
}
END_TEST

/* A firmware is told nothing. */
START_TEST(nothing_is_passed_on)
{
	const struct pvhload_source file = pvhload_source_buffer("file", 4);
	const struct pvhload_boot_module module = { sizeof(module), &file, NULL };
	const char *what[] = {
		"a command line", "an initrd or a module", "an initrd or a module", "an RSDP",
		"load flags",     "page tables",           "a BIOS data area"
	};

	for (size_t i = 0; i < sizeof(what) / sizeof(what[0]); i++) {
		struct plan_fixture f;

		firmware_setup(&f);
		f.config.cmdline = i == 0 ? "quiet" : NULL;
		f.config.initrds = &file;
		f.config.initrd_count = i == 1;
		f.config.modules = &module;
		f.config.module_count = i == 2;
		f.config.rsdp_gpa = i == 3 ? 0x9f000 : 0;
		f.x86.loadflags = i == 4 ? PVHLOAD_LOADFLAG_QUIET : 0;
		f.x86.paging_levels = i == 5 ? 5 : 0;
		f.x86.flags = i == 6 ? PVHLOAD_BOOT_X86_BDA : 0;
		ck_says(refused(&f, PVHLOAD_E_PROTOCOL), "a firmware finds out by itself", what[i]);
		plan_teardown(&f);
	}
}
END_TEST

/* Reset goes with a firmware alone, and a firmware with nothing else. */
START_TEST(by_reset_alone)
{
	static const uint32_t others[] = { PVHLOAD_PROTOCOL_PVH, PVHLOAD_PROTOCOL_X86_LINUX64,
					   PVHLOAD_PROTOCOL_X86_LINUX32 };
	const struct pvhload_source vars = never_read(4096);
	struct plan_fixture f;

	firmware_setup(&f);
	for (size_t i = 0; i < 3; i++) {
		f.config.protocol = others[i];
		ck_says(refused(&f, PVHLOAD_E_PROTOCOL),
			"the image is a firmware, which starts from reset");
	}
	plan_teardown(&f);
	plan_setup(&f, RAM_SIZE);
	f.config.protocol = PVHLOAD_PROTOCOL_X86_RESET;
	ck_says(refused(&f, PVHLOAD_E_PROTOCOL), "not opened as a firmware");
	f.config.protocol = PVHLOAD_PROTOCOL_AUTO;
	f.config.firmware_vars = &vars;
	ck_says(refused(&f, PVHLOAD_E_USAGE), "firmware variables");
	plan_teardown(&f);
}
END_TEST

/* Its place is not the caller's to choose. */
START_TEST(no_other_place)
{
	struct plan_fixture f;

	firmware_setup(&f);
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0xff000000);
	ck_says(refused(&f, PVHLOAD_E_RANGE),
		"the firmware cannot be at 0xff000000: it ends at 4 GiB, so it is at 0xfffc0000");
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0);
	set_place(&f, PVHLOAD_REGION_FIRMWARE, 0, 0xff000000);
	ck_says(refused(&f, PVHLOAD_E_USAGE), "unknown kind of region (19)");
	plan_teardown(&f);
}
END_TEST

/* A kernel is in RAM, whatever else there is. */
START_TEST(rom_is_no_place_for_a_kernel)
{
	const struct pvhload_range rom = { 0x10000000, 0x1000000 };
	struct plan_fixture f;

	plan_setup(&f, RAM_SIZE);
	f.config.roms = &rom;
	f.config.rom_count = 1;
	set_place(&f, PVHLOAD_REGION_CMDLINE, 0, rom.gpa);
	ck_says(refused(&f, PVHLOAD_E_RANGE), "cmdline", "leaves RAM");
	plan_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_firmware");

	ADD_TESTS(suite, "plan_firmware", what_the_plan_says, from_reset, its_bytes, variables,
		  variables_of_a_descriptor, variables_that_do_not_fit, variables_at_the_limits,
		  alias_in_ram, no_place, rom_counts, nothing_is_passed_on, by_reset_alone,
		  no_other_place, rom_is_no_place_for_a_kernel);
	return run_suite(suite);
}
