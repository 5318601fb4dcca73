/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The n-th allocation fails, for every n, while a UKI is planned: as test_no_memory.c does it for other images. */
#include "failing_memory.h"
#include "open_image.h"
#include "uki_images.h"

static int64_t read_bytes(void *user, uint64_t offset, void *dst, size_t len)
{
	memcpy(dst, (const uint8_t *)user + offset, len);
	return (int64_t)len;
}

/* By its source, with a command line that is joined. */
static enum pvhload_status boot(const struct bytes *uki, const struct pvhload_memmap *map,
				uint32_t profile, struct pvhload_error *err)
{
	const struct pvhload_source source =
		pvhload_source_reader(read_bytes, uki->data, uki->size);
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_plan *plan = NULL;
	enum pvhload_status status;

	config.kernel = &source;
	config.memmap = map;
	config.cmdline = "more";
	config.flags = PVHLOAD_BOOT_UKI_APPEND;
	config.uki_profile = profile;
	status = pvhload_boot_plan(&config, &plan, err);
	pvhload_plan_free(plan);
	return status;
}

static void exhaust(const struct bytes *uki, uint32_t profile, size_t least)
{
	struct pvhload_memmap_entry entries[3];
	const struct pvhload_memmap map = ram_map(entries, 4u << 20);
	size_t n, allocations;

	for (n = 1;; n++) {
		struct pvhload_error err = PVHLOAD_ERROR_INIT;
		enum pvhload_status status;

		failing_memory_begin(n);
		status = boot(uki, &map, profile, &err);
		allocations = failing_memory_end();
		if (status == PVHLOAD_OK && allocations < n)
			break;
		if (status == PVHLOAD_OK)
			continue; /* the failure was made up for: an array that was not shortened */
		ck_assert_msg(status == PVHLOAD_E_NO_MEMORY, "allocation %zu: %s", n, err.message);
		ck_says(err, "no host memory");
	}
	ck_assert_uint_gt(n, least);
}

/* The UKI, its parts, the command line; the kernel, which profile 1 has its own of. */
START_TEST(a_plan)
{
	struct bytes elf = small_kernel_file(), file = codecs[GZIP].compress(&elf), uki;
	struct uki_spec spec = small_uki(&elf);

	add_text(&spec, ".profile", "ID=0");
	add_text(&spec, ".profile", "ID=1");
	add_section(&spec, ".linux", file.data, file.size);
	uki = build_uki(&spec);
	exhaust(&uki, 0, 12);
	exhaust(&uki, 1, 16);
	bytes_free(&uki);
	bytes_free(&file);
	bytes_free(&elf);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("no_memory_uki");

	ADD_TESTS(suite, "no_memory_uki", a_plan);
	return run_suite(suite);
}
