/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Statuses, names, version, and the rules of structs that begin with their size. */
#include <stdio.h>

#include "abi/sizes.h"
#include "core/error.h"
#include "core/sized.h"
#include "suite.h"

/*
 * On the hosts most people have, no struct of ours hides padding that a later member could end up
 * in.
 */
#define SIZE(type, bytes) _Static_assert(sizeof(struct type) == (bytes), #type)
#if UINTPTR_MAX == UINT64_MAX
SIZE(pvhload_error, PVL_V1_ERROR);
SIZE(pvhload_progress, PVL_V1_PROGRESS);
SIZE(pvhload_memmap, PVL_V1_MEMMAP);
SIZE(pvhload_memmap_x86, PVL_V1_MEMMAP_X86);
SIZE(pvhload_memory_ops, PVL_V1_MEMORY_OPS);
SIZE(pvhload_memory, PVL_V1_MEMORY);
SIZE(pvhload_ram_slots, PVL_V1_RAM_SLOTS);
SIZE(pvhload_ram_file, PVL_V1_RAM_FILE);
SIZE(pvhload_source, PVL_V1_SOURCE);
SIZE(pvhload_image_options, PVL_V1_IMAGE_OPTIONS);
SIZE(pvhload_image_load_options, PVL_V1_LOAD_OPTIONS);
SIZE(pvhload_image_load_result, PVL_V1_LOAD_RESULT);
SIZE(pvhload_image_relocations, PVL_V1_RELOCATIONS);
SIZE(pvhload_image_payload_place, PVL_V1_PAYLOAD_PLACE);
SIZE(pvhload_cmdline_param, PVL_V1_CMDLINE_PARAM);
SIZE(pvhload_x86_segment, 24);
SIZE(pvhload_x86_table, 16);
SIZE(pvhload_x86_msr, 24);
SIZE(pvhload_x86_lapic, 8);
SIZE(pvhload_x86_cpu, PVL_V1_X86_CPU);
SIZE(pvhload_pvh_layout, PVL_V1_PVH_LAYOUT);
SIZE(pvhload_pvh_params, PVL_V1_PVH_PARAMS);
SIZE(pvhload_boot_module, PVL_V1_BOOT_MODULE);
SIZE(pvhload_boot_keep_free, PVL_V1_BOOT_KEEP_FREE);
SIZE(pvhload_kernel_hashes, PVL_V1_KERNEL_HASHES);
SIZE(pvhload_boot_place, PVL_V1_BOOT_PLACE);
SIZE(pvhload_boot_config, PVL_V1_BOOT_CONFIG);
SIZE(pvhload_boot_x86, PVL_V1_BOOT_X86);
SIZE(pvhload_boot_arm64, PVL_V1_BOOT_ARM64);
SIZE(pvhload_boot_riscv64, PVL_V1_BOOT_RISCV64);
SIZE(pvhload_arm64_cpu, PVL_V1_ARM64_CPU);
SIZE(pvhload_riscv64_cpu, PVL_V1_RISCV64_CPU);
SIZE(pvhload_boot_multiboot, PVL_V1_BOOT_MULTIBOOT);
#endif

START_TEST(status_numbers_are_pinned)
{
	static const struct {
		int number;
		enum pvhload_status status;
		const char *name;
	} pinned[] = {
		{ 0, PVHLOAD_OK, "PVHLOAD_OK" },
		{ 1, PVHLOAD_E_USAGE, "PVHLOAD_E_USAGE" },
		{ 2, PVHLOAD_E_NO_MEMORY, "PVHLOAD_E_NO_MEMORY" },
		{ 3, PVHLOAD_E_CAPACITY, "PVHLOAD_E_CAPACITY" },
		{ 4, PVHLOAD_E_CANCELLED, "PVHLOAD_E_CANCELLED" },
		{ 16, PVHLOAD_E_SOURCE, "PVHLOAD_E_SOURCE" },
		{ 17, PVHLOAD_E_FORMAT, "PVHLOAD_E_FORMAT" },
		{ 18, PVHLOAD_E_UNSUPPORTED, "PVHLOAD_E_UNSUPPORTED" },
		{ 19, PVHLOAD_E_MALFORMED, "PVHLOAD_E_MALFORMED" },
		{ 20, PVHLOAD_E_LIMIT, "PVHLOAD_E_LIMIT" },
		{ 21, PVHLOAD_E_PROTOCOL, "PVHLOAD_E_PROTOCOL" },
		{ 22, PVHLOAD_E_NOT_FOUND, "PVHLOAD_E_NOT_FOUND" },
		{ 32, PVHLOAD_E_RANGE, "PVHLOAD_E_RANGE" },
		{ 33, PVHLOAD_E_OVERLAP, "PVHLOAD_E_OVERLAP" },
		{ 34, PVHLOAD_E_NO_ROOM, "PVHLOAD_E_NO_ROOM" },
		{ 35, PVHLOAD_E_MEMMAP, "PVHLOAD_E_MEMMAP" },
		{ 36, PVHLOAD_E_CMDLINE, "PVHLOAD_E_CMDLINE" },
		{ 48, PVHLOAD_E_CALLBACK, "PVHLOAD_E_CALLBACK" },
	};

	for (size_t i = 0; i < sizeof(pinned) / sizeof(pinned[0]); i++) {
		ck_assert_int_eq(pinned[i].status, pinned[i].number);
		ck_assert_str_eq(pvhload_status_name(pinned[i].number), pinned[i].name);
	}
	ck_assert_str_eq(pvhload_status_name(999), "unknown status");
	ck_assert_str_eq(pvhload_status_name(-1), "unknown status");
}
END_TEST

START_TEST(version_is_the_headers)
{
	char text[32];

	snprintf(text, sizeof(text), "%d.%d.%d", PVHLOAD_VERSION_MAJOR, PVHLOAD_VERSION_MINOR,
		 PVHLOAD_VERSION_PATCH);
	ck_assert_str_eq(pvhload_version(), text);
	ck_assert_str_eq(PVHLOAD_VERSION_STRING, text);
	/* the build system's own */
	ck_assert_str_eq(pvhload_version(), PROJECT_VERSION);
}
END_TEST

#if PVHLOAD_VERSION_NUMBER < PVHLOAD_VERSION_ENCODE(0, 1, 0) || \
	PVHLOAD_VERSION_NUMBER >= PVHLOAD_VERSION_ENCODE(PVHLOAD_VERSION_MAJOR + 1, 0, 0)
#error "the preprocessor compares versions wrongly"
#endif

START_TEST(versions_are_ordered)
{
	static const int ascending[] = {
		PVHLOAD_VERSION_ENCODE(0, 0, 999), PVHLOAD_VERSION_ENCODE(0, 1, 0),
		PVHLOAD_VERSION_ENCODE(0, 2, 0),   PVHLOAD_VERSION_ENCODE(0, 2, 1),
		PVHLOAD_VERSION_ENCODE(0, 10, 0),  PVHLOAD_VERSION_ENCODE(0, 999, 999),
		PVHLOAD_VERSION_ENCODE(1, 0, 0),
	};

	for (size_t i = 1; i < sizeof(ascending) / sizeof(ascending[0]); i++)
		ck_assert_int_lt(ascending[i - 1], ascending[i]);
	ck_assert_int_eq(PVHLOAD_VERSION_NUMBER,
			 PVHLOAD_VERSION_ENCODE(PVHLOAD_VERSION_MAJOR, PVHLOAD_VERSION_MINOR,
						PVHLOAD_VERSION_PATCH));
}
END_TEST

/* No text of ours is so long; if one is, that can be seen. */
START_TEST(cut_messages)
{
	const size_t most = PVHLOAD_ERROR_MESSAGE_SIZE - 1;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	char text[2 * PVHLOAD_ERROR_MESSAGE_SIZE];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	(void)pvl_fail(&err, PVHLOAD_E_RANGE, PVL_ANYWHERE, "%.*s", (int)most, text);
	ck_assert_uint_eq(strlen(err.message), most);
	ck_assert_str_eq(err.message + most - 4, "xxxx");
	(void)pvl_fail(&err, PVHLOAD_E_RANGE, PVL_ANYWHERE, "%.*s", (int)most + 1, text);
	ck_assert_uint_eq(strlen(err.message), most);
	ck_assert_str_eq(err.message + most - 4, "x...");
	(void)pvl_fail(&err, PVHLOAD_E_RANGE, PVL_ANYWHERE, "%.*s", (int)most - 3, text);
	(void)pvl_fail_but(&err, PVHLOAD_E_RANGE, "y");
	ck_assert_str_eq(err.message + most - 4, "x; y");
	(void)pvl_fail_but(&err, PVHLOAD_E_RANGE, "z");
	ck_assert_str_eq(err.message + most - 4, "x...");
	(void)pvl_fail(&err, PVHLOAD_E_RANGE, PVL_ANYWHERE, "%.*s", (int)most - 3, text);
	(void)pvl_fail_in(&err, PVHLOAD_E_RANGE, "y");
	ck_assert_uint_eq(strlen(err.message), most);
	ck_assert_int_eq(strncmp(err.message, "y: x", 4), 0);
	(void)pvl_fail_in(&err, PVHLOAD_E_RANGE, "z");
	ck_assert_uint_eq(strlen(err.message), most);
	ck_assert_int_eq(strncmp(err.message, "z: y: x", 7), 0);
	ck_assert_str_eq(err.message + most - 4, "x...");
	(void)pvl_fail_in(&err, PVHLOAD_E_RANGE, "%s", text);
	ck_assert_str_eq(err.message + most - 4, "x...");
}
END_TEST

START_TEST(names_of_kinds)
{
	ck_assert_str_eq(pvhload_format_name(PVHLOAD_FORMAT_ELF64), "elf64");
	ck_assert_str_eq(pvhload_format_name(PVHLOAD_FORMAT_ELF32), "elf32");
	ck_assert_str_eq(pvhload_format_name(PVHLOAD_FORMAT_BZIMAGE), "bzimage");
	ck_assert_str_eq(pvhload_format_name(PVHLOAD_FORMAT_COMPRESSED), "compressed");
	ck_assert_str_eq(pvhload_format_name(PVHLOAD_FORMAT_ARM64_IMAGE), "arm64-image");
	ck_assert_str_eq(pvhload_format_name(PVHLOAD_FORMAT_RISCV64_IMAGE), "riscv64-image");
	ck_assert_str_eq(pvhload_format_name(PVHLOAD_FORMAT_LOONGARCH64_IMAGE),
			 "loongarch64-image");
	ck_assert_str_eq(pvhload_format_name(PVHLOAD_FORMAT_EFI_ZBOOT), "efi-zboot");
	ck_assert_str_eq(pvhload_format_name(PVHLOAD_FORMAT_FIRMWARE), "firmware");
	ck_assert_str_eq(pvhload_format_name(0), "unknown");
	ck_assert_str_eq(pvhload_format_name(99), "unknown");
	ck_assert_str_eq(pvhload_arch_name(PVHLOAD_ARCH_X86_64), "x86_64");
	ck_assert_str_eq(pvhload_arch_name(PVHLOAD_ARCH_I386), "i386");
	ck_assert_str_eq(pvhload_arch_name(6), "unknown");
	ck_assert_str_eq(pvhload_codec_name(PVHLOAD_CODEC_NONE), "none");
	ck_assert_str_eq(pvhload_codec_name(PVHLOAD_CODEC_GZIP), "gzip");
	ck_assert_str_eq(pvhload_codec_name(PVHLOAD_CODEC_BZIP2), "bzip2");
	ck_assert_str_eq(pvhload_codec_name(PVHLOAD_CODEC_LZMA), "lzma");
	ck_assert_str_eq(pvhload_codec_name(PVHLOAD_CODEC_XZ), "xz");
	ck_assert_str_eq(pvhload_codec_name(PVHLOAD_CODEC_LZO), "lzo");
	ck_assert_str_eq(pvhload_codec_name(PVHLOAD_CODEC_LZ4), "lz4");
	ck_assert_str_eq(pvhload_codec_name(PVHLOAD_CODEC_ZSTD), "zstd");
	ck_assert_str_eq(pvhload_codec_name(PVHLOAD_CODEC_UNKNOWN), "unknown");
	ck_assert_str_eq(pvhload_protocol_name(PVHLOAD_PROTOCOL_AUTO), "auto");
	ck_assert_str_eq(pvhload_protocol_name(PVHLOAD_PROTOCOL_PVH), "pvh");
	ck_assert_str_eq(pvhload_protocol_name(77), "unknown");
}
END_TEST

/* A struct of ours, as three generations of callers know it. */
struct grown {
	size_t size;
	uint64_t first;
	uint64_t second;
	uint64_t third;
};
#define V1  (offsetof(struct grown, first) + sizeof(uint64_t))
#define OWN (offsetof(struct grown, second) + sizeof(uint64_t))

START_TEST(sized_in_follows_the_rules)
{
	static const struct {
		const char *what;
		struct grown caller;
		bool taken;
		uint64_t second;
	} cases[] = {
		{ "an older caller: what it lacks is 0", { V1, 1, 22, 33 }, true, 0 },
		{ "a caller of today", { OWN, 1, 22, 33 }, true, 22 },
		{ "a newer caller that asks for nothing new",
		  { sizeof(struct grown), 1, 22, 0 },
		  true,
		  22 },
		{ "a newer caller that does", { sizeof(struct grown), 1, 22, 1 }, false, 0 },
		{ "smaller than the first version", { V1 - 1, 1, 22, 33 }, false, 0 },
		{ "zero", { 0, 1, 22, 33 }, false, 0 },
		{ "uninitialised memory", { PVL_SIZED_MAX + 1, 1, 22, 33 }, false, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct grown own;
		bool taken;

		memset(&own, 0x5a, sizeof(own));
		taken = pvl_sized_in(&own, OWN, &cases[i].caller, V1);
		ck_assert_msg(taken == cases[i].taken, "%s", cases[i].what);
		if (!taken)
			continue;
		ck_assert_msg(own.size == OWN && own.first == 1 && own.second == cases[i].second,
			      "%s", cases[i].what);
	}
	ck_assert(!pvl_sized_in(&(struct grown){ 0 }, OWN, NULL, V1));
}
END_TEST

/* The largest struct there may be, and one byte more, all of it 0 but for the size. */
START_TEST(sized_has_a_limit)
{
	static uint64_t bytes[PVL_SIZED_MAX / sizeof(uint64_t) + 1];

	bytes[0] = PVL_SIZED_MAX;
	ck_assert(pvl_sized_usable(bytes, OWN, V1));
	ck_assert(pvl_sized_out_usable(bytes, V1));
	bytes[0] = PVL_SIZED_MAX + 1;
	ck_assert(!pvl_sized_usable(bytes, OWN, V1));
	ck_assert(!pvl_sized_out_usable(bytes, V1));
	bytes[0] = V1;
	ck_assert(pvl_sized_out_usable(bytes, V1));
}
END_TEST

START_TEST(sized_out_never_writes_past_the_caller)
{
	const struct grown made = { OWN, 1, 2, 0 };
	struct grown caller = { V1, 7, 7, 7 };

	ck_assert(pvl_sized_out_usable(&caller, V1));
	pvl_sized_out(&caller, &made, OWN);
	ck_assert_uint_eq(caller.size, V1);
	ck_assert_uint_eq(caller.first, 1);
	ck_assert_uint_eq(caller.second, 7);

	caller = (struct grown){ sizeof(struct grown), 7, 7, 7 };
	pvl_sized_out(&caller, &made, OWN);
	ck_assert_uint_eq(caller.size, sizeof(struct grown));
	ck_assert_uint_eq(caller.second, 2);
	ck_assert_uint_eq(caller.third, 7);

	caller.size = V1 - 1;
	ck_assert(!pvl_sized_out_usable(&caller, V1));
	caller.size = PVL_SIZED_MAX + 1;
	ck_assert(!pvl_sized_out_usable(&caller, V1));
	ck_assert(!pvl_sized_out_usable(NULL, V1));
}
END_TEST

/* Whoever fills it, directly or by way of a struct of their own, the size stays 0. */
START_TEST(a_zeroed_error_works)
{
	struct pvhload_error own = PVHLOAD_ERROR_INIT, err;
	struct pvhload_memory mem = PVHLOAD_MEMORY_INIT;
	struct pvhload_pvh_view *view = NULL;

	memset(&err, 0, sizeof(err));
	ck_assert(pvl_error_usable(&err));
	ck_assert_int_eq(pvhload_image_decode(NULL, &err), PVHLOAD_E_USAGE);
	ck_assert_uint_eq(err.struct_size, 0);
	ck_assert_int_eq(err.status, PVHLOAD_E_USAGE);
	ck_assert_str_eq(err.message, "the image is NULL");

	memset(&err, 0, sizeof(err));
	ck_assert_int_eq(pvhload_pvh_read(&mem, 0, 0, &view, &err), PVHLOAD_E_USAGE);
	ck_assert_uint_eq(err.struct_size, 0);
	ck_assert_int_eq(err.status, PVHLOAD_E_USAGE);
	ck_assert_uint_gt(strlen(err.message), 0);

	memset(&err, 0, sizeof(err));
	(void)pvl_fail(&own, PVHLOAD_E_RANGE, PVL_GPA(0x1000), "far");
	ck_assert_int_eq(pvl_fail_as(&err, PVHLOAD_E_RANGE, &own), PVHLOAD_E_RANGE);
	ck_assert_uint_eq(err.struct_size, 0);
	ck_assert_uint_eq(err.gpa, 0x1000);
	ck_assert_str_eq(err.message, "far");
}
END_TEST

/* A call with an error struct it cannot fill says so by its status and touches nothing. */
START_TEST(an_unusable_error_is_usage)
{
	struct pvhload_error err = fresh_error();
	struct pvhload_memmap map = PVHLOAD_MEMMAP_INIT;
	struct pvhload_x86_cpu cpu = PVHLOAD_X86_CPU_INIT;
	struct pvhload_arm64_cpu arm64 = PVHLOAD_ARM64_CPU_INIT;
	struct pvhload_riscv64_cpu riscv64 = PVHLOAD_RISCV64_CPU_INIT;
	struct pvhload_image_relocations relocations = PVHLOAD_IMAGE_RELOCATIONS_INIT;
	struct pvhload_image_payload_place place = PVHLOAD_IMAGE_PAYLOAD_PLACE_INIT;
	struct pvhload_memmap_x86 x86 = PVHLOAD_MEMMAP_X86_INIT;
	struct pvhload_memory mem = PVHLOAD_MEMORY_INIT;
	struct pvhload_x86_page_tables tables = PVHLOAD_X86_PAGE_TABLES_INIT;
	struct pvhload_pvh_params params = PVHLOAD_PVH_PARAMS_INIT;
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	const struct pvhload_source source = pvhload_source_buffer("x", 1);
	struct pvhload_pvh_view *view = NULL;
	struct pvhload_image *image = NULL;
	struct pvhload_plan *plan = NULL;
	struct pvhload_cmdline *line = NULL;
	struct pvhload_cmdline_param param = PVHLOAD_CMDLINE_PARAM_INIT;
	struct pvhload_error before;
	uint8_t bytes[64];
	uint64_t size;
	char text[8];

	for (int i = 0; i < 2; i++) {
		err.struct_size = i == 0 ? sizeof(err) - 1 : 4097;
		before = err;
		ck_assert_int_eq(pvhload_memmap_init_x86(&x86, &map, &err), PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_memmap_add(&map, 0, 1, 1, &err), PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_memmap_reserve(&map, 0, 1, 2, &err), PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_memmap_normalize(&map, &err), PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_memmap_validate(&map, &err), PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_image_open(&source, NULL, &image, &err), PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_image_decode(NULL, &err), PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_image_read(NULL, 0, bytes, 1, &err), PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_image_kernel_version(NULL, text, 8, &err),
				 PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_image_count_relocations(NULL, &relocations, &err),
				 PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_image_search_payload(NULL, &place, NULL, 0, &err),
				 PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_cmdline_new(1, &line, &err), PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_cmdline_copy(NULL, 0, &line, &err), PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_cmdline_parse(NULL, "", &err), PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_cmdline_next(NULL, &param, &err), PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_cmdline_write(NULL, &mem, 0, &err), PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_x86_cpu_init_pvh(0, 0, 0, &cpu, &err), PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_x86_cpu_init_linux32(0, 0, 0, &cpu, &err),
				 PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_x86_cpu_init_linux64(0, 0, 0, 0, 4, &cpu, &err),
				 PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_arm64_cpu_init_linux(0, 0, 1, &arm64, &err),
				 PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_riscv64_cpu_init_linux(0, 0, 0, &riscv64, &err),
				 PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_x86_cpu_gdt(&cpu, bytes, sizeof(bytes), &err),
				 PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_x86_page_tables_size(&tables, &size, &err),
				 PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_x86_page_tables_build(&tables, bytes, sizeof(bytes), &err),
				 PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_pvh_write(&mem, NULL, &params, &err), PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_pvh_read(&mem, 0, 0, &view, &err), PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_boot_plan(&config, &plan, &err), PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_plan_commit(plan, &mem, &err), PVHLOAD_E_USAGE);
		ck_assert_int_eq(pvhload_plan_get_x86_cpu(plan, &cpu, &err), PVHLOAD_E_USAGE);
		ck_assert_int_eq(memcmp(&err, &before, sizeof(err)), 0);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("status");

	ADD_TESTS(suite, "status", status_numbers_are_pinned, version_is_the_headers,
		  versions_are_ordered, cut_messages, names_of_kinds);
	ADD_TESTS(suite, "sized", sized_in_follows_the_rules, sized_has_a_limit,
		  sized_out_never_writes_past_the_caller, a_zeroed_error_works,
		  an_unusable_error_is_usage);
	return run_suite(suite);
}
