/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The n-th allocation of opening, planning and committing a firmware fails, for every n. */
#include "failing_memory.h"
#include "made_firmware.h"
#include "plan_fixture.h"

static int drop(void *user, uint64_t gpa, const void *src, size_t len)
{
	(void)user;
	(void)gpa;
	(void)src;
	(void)len;
	return 0;
}

static enum pvhload_status boot(const struct bytes *bytes, const struct pvhload_memmap *map,
				struct pvhload_error *err)
{
	static const struct pvhload_range roms[] = { { 0xe0000, 0x20000 },
						     { 0xff000000, 0x1000000 } };
	const struct pvhload_source source = pvhload_source_buffer(bytes->data, bytes->size);
	const struct pvhload_source vars = pvhload_source_buffer(bytes->data, 4096);
	const struct pvhload_image_options options = firmware_options();
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_memory_ops ops = PVHLOAD_MEMORY_OPS_INIT;
	struct pvhload_memory mem = PVHLOAD_MEMORY_INIT;
	struct pvhload_image *image = NULL;
	struct pvhload_plan *plan = NULL;
	enum pvhload_status status = pvhload_image_open(&source, &options, &image, err);

	config.image = image;
	config.memmap = mem.memmap = map;
	config.roms = mem.roms = roms;
	config.rom_count = mem.rom_count = 2;
	config.firmware_vars = &vars;
	ops.write = drop;
	mem.ops = &ops;
	if (status == PVHLOAD_OK)
		status = pvhload_boot_plan(&config, &plan, err);
	if (status == PVHLOAD_OK)
		status = pvhload_plan_commit(plan, &mem, err);
	pvhload_plan_free(plan);
	pvhload_image_close(image);
	return status;
}

START_TEST(every_allocation)
{
	struct pvhload_memmap_entry entries[3];
	const struct pvhload_memmap map = ram_map(entries, 4u << 20);
	struct bytes bytes = build_bios(256u << 10);
	enum pvhload_status status = PVHLOAD_E_NO_MEMORY;
	size_t n, allocations = 0;

	for (n = 1; status != PVHLOAD_OK; n++) {
		struct pvhload_error err = PVHLOAD_ERROR_INIT;

		failing_memory_begin(n);
		status = boot(&bytes, &map, &err);
		allocations = failing_memory_end();
		if (status == PVHLOAD_OK)
			break;
		ck_assert_msg(status == PVHLOAD_E_NO_MEMORY, "allocation %zu: %s", n, err.message);
		ck_says(err, "no host memory");
	}
	ck_assert_uint_gt(n, 8);
	ck_assert_uint_eq(allocations, n - 1);
	bytes_free(&bytes);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("firmware_memory");

	ADD_TESTS(suite, "firmware_memory", every_allocation);
	return run_suite(suite);
}
