/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The n-th allocation fails, for every n of a boot by Multiboot: the calls say so, and leave nothing behind. */
#include "failing_memory.h"
#include "fake_memory.h"
#include "multiboot_images.h"
#include "open_image.h"

static enum pvhload_status boot(const struct bytes *bytes, const struct pvhload_memmap *map,
				const struct fake_memory *fake, struct pvhload_error *err)
{
	const struct pvhload_source file = pvhload_source_buffer("a module", 8);
	const struct pvhload_source kernel = pvhload_source_buffer(bytes->data, bytes->size);
	struct pvhload_boot_module module = PVHLOAD_BOOT_MODULE_INIT;
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_boot_x86 x86 = PVHLOAD_BOOT_X86_INIT;
	struct pvhload_image_explanation *explanation = NULL;
	struct pvhload_image *image = NULL;
	struct pvhload_plan *plan = NULL;
	enum pvhload_status status = pvhload_image_open(&kernel, NULL, &image, err);

	module.source = &file;
	module.cmdline = "its name";
	x86.flags = PVHLOAD_BOOT_X86_BDA;
	config.image = image;
	config.memmap = map;
	config.modules = &module;
	config.module_count = 1;
	config.x86 = &x86;
	if (status == PVHLOAD_OK)
		status = pvhload_image_explain(image, &explanation, err);
	if (status == PVHLOAD_OK)
		status = pvhload_boot_plan(&config, &plan, err);
	if (status == PVHLOAD_OK)
		status = pvhload_plan_commit(plan, &fake->memory, err);
	pvhload_image_explanation_free(explanation);
	pvhload_plan_free(plan);
	pvhload_image_close(image);
	return status;
}

/* @bytes are freed. */
static void exhaust(struct bytes bytes)
{
	struct pvhload_memmap_entry entries[3];
	const struct pvhload_memmap map = ram_map(entries, 4u << 20);
	size_t n, allocations;

	for (n = 1;; n++) {
		struct pvhload_error err = PVHLOAD_ERROR_INIT;
		enum pvhload_status status;
		struct fake_memory fake;

		fake_memory_init(&fake, 4u << 20, 0);
		failing_memory_begin(n);
		status = boot(&bytes, &map, &fake, &err);
		allocations = failing_memory_end();
		fake_memory_free(&fake);
		if (status == PVHLOAD_OK && allocations < n)
			break;
		ck_assert_msg(status == PVHLOAD_E_NO_MEMORY, "allocation %zu: %s", n, err.message);
		ck_says(err, "no host memory");
	}
	ck_assert_uint_gt(n, 10);
	bytes_free(&bytes);
}

START_TEST(flat)
{
	const struct mb_spec spec = flat_spec(_i + 1);

	exhaust(build_multiboot_flat(&spec));
}
END_TEST

START_TEST(elf)
{
	const struct mb_spec spec = { .has1 = _i == 0,
				      .at1 = MB_AT1,
				      .has2 = _i == 1,
				      .tags = { { 10, 0, { 0, 0xffffffff, 0x1000, 0 }, 4, 0 } },
				      .tag_count = 1,
				      .at2 = MB_AT2 };

	exhaust(build_multiboot_elf(&spec));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("multiboot_memory");
	TCase *all = tcase_create("multiboot_memory");

	tcase_add_loop_test(all, flat, 0, 2);
	tcase_add_loop_test(all, elf, 0, 2);
	suite_add_tcase(suite, all);
	return run_suite(suite);
}
