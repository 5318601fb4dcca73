/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* pvhload_boot_load() with host memory that runs out at the n-th allocation, for every n. */
#include "both_ways.h"
#include "failing_memory.h"

#define RAM_SIZE (3u << 20)
#define UNIT     0x100u

/* Load, then commit once more, for which the payload is decoded anew. */
static enum pvhload_status load_twice(struct both_ways *both,
				      const struct pvhload_boot_config *config, bool *ret_loaded,
				      struct pvhload_error *err)
{
	struct pvhload_plan *plan = NULL;
	enum pvhload_status status;

	status = pvhload_boot_load(config, &both->loaded.memory, &plan, err);
	*ret_loaded = status == PVHLOAD_OK;
	if (status == PVHLOAD_OK)
		status = pvhload_plan_commit(plan, &both->loaded.memory, err);
	pvhload_plan_free(plan);
	return status;
}

START_TEST(every_allocation)
{
	const struct elf_spec spec = moved_kernel(UNIT);
	const struct pvhload_range range = moved_range(&spec);
	struct bytes elf = build_elf(&spec);
	struct pvhload_error err;
	struct both_ways both;
	struct plan_fixture f;
	size_t n = 0, count;

	plan_setup(&f, RAM_SIZE);
	use_bytes(&f, build_compressed(&elf, GZIP));
	both_setup(&both, RAM_SIZE, FAKE_HOST_PTR);
	do {
		enum pvhload_status status;

		bool loaded;

		memset(both.loaded.bytes, FAKE_PATTERN, RAM_SIZE);
		pvhload_image_drop_payload(f.image);
		err = (struct pvhload_error)PVHLOAD_ERROR_INIT;
		failing_memory_begin(++n);
		status = load_twice(&both, &f.config, &loaded, &err);
		count = failing_memory_end();
		/* without memory to look for the place, it is not decoded in place */
		ck_assert(status == PVHLOAD_OK || status == PVHLOAD_E_NO_MEMORY);
		if (strstr(err.message, "has been cleared"))
			fake_memory_take(&both.loaded, range.gpa, NULL, (size_t)range.size);
		ck_assert(loaded || fake_memory_untouched(&both.loaded));
	} while (n <= count);
	ck_assert_uint_gt(count, 10);
	loads_the_same(&both, &f.config, range);
	both_teardown(&both);
	plan_teardown(&f);
	bytes_free(&elf);
}
END_TEST

/* The kernel's region is read, for which the payload is decoded anew. */
START_TEST(of_a_region)
{
	const struct elf_spec spec = moved_kernel(UNIT);
	struct bytes elf = build_elf(&spec);
	struct pvhload_plan *plan = NULL;
	struct pvhload_error err;
	enum pvhload_status status;
	struct both_ways both;
	struct plan_fixture f;
	size_t n = 0, index = 0;
	uint8_t byte;

	plan_setup(&f, RAM_SIZE);
	use_bytes(&f, build_compressed(&elf, GZIP));
	both_setup(&both, RAM_SIZE, FAKE_HOST_PTR);
	ck_status(PVHLOAD_OK, err, pvhload_boot_load(&f.config, &both.loaded.memory, &plan, &err));
	while (pvhload_plan_get_info(plan)->regions[index]->kind != PVHLOAD_REGION_KERNEL)
		index++;
	do {
		failing_memory_begin(++n);
		status = pvhload_plan_read_region(plan, index, 0, &byte, 1, NULL);
		(void)failing_memory_end();
		ck_assert(status == PVHLOAD_E_NO_MEMORY || (status == PVHLOAD_OK && n > 2));
	} while (status != PVHLOAD_OK);
	ck_assert_uint_eq(byte,
			  both.loaded.bytes[pvhload_plan_get_info(plan)->regions[index]->gpa]);
	pvhload_plan_free(plan);
	both_teardown(&both);
	plan_teardown(&f);
	bytes_free(&elf);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("boot_load_memory");

	ADD_TESTS(suite, "no memory", every_allocation, of_a_region);
	return run_suite(suite);
}
