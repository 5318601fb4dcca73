/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "judging.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void has_problems(const char *name, const struct pvhload_check *check,
			 const struct problem *problems, size_t most)
{
	for (size_t i = 0; i < check->count; i++) {
		const struct pvhload_error *got = check->problems[i];

		ck_assert_msg(i < most && problems[i].message &&
				      strcmp(got->message, problems[i].message) == 0,
			      "%s, problem %zu: %s", name, i, got->message);
		ck_assert_msg(got->status == (int32_t)problems[i].status, "%s: %s", name,
			      pvhload_status_name(got->status));
		ck_assert_msg(got->gpa == problems[i].gpa, "%s: 0x%" PRIx64, name, got->gpa);
		ck_assert_msg(got->subject == problems[i].subject, "%s: %s", name, got->message);
		ck_assert_msg(got->index == problems[i].index, "%s: %" PRIu32 ": %s", name,
			      got->index, got->message);
		ck_assert_uint_eq(got->struct_size, sizeof(*got));
	}
	ck_assert_msg(check->count == most || !problems[check->count].message,
		      "%s: %zu problems, the next is missing", name, check->count);
}

void judges_as(const struct scene *scene, const char *name, uint32_t flags,
	       const struct problem *problems, size_t most)
{
	struct fake_memory *fake = scene->fake;
	uint8_t *before = malloc((size_t)fake->size);
	struct pvhload_check *check = NULL;
	struct pvhload_error err;

	ck_assert_ptr_nonnull(before);
	memcpy(before, fake->bytes, (size_t)fake->size);
	fake->ops.write = NULL; /* it can do without */
	ck_status(PVHLOAD_OK, err, scene->call(&fake->memory, scene->gpa, flags, &check, &err));
	has_problems(name, check, problems, most);
	ck_assert(!fake->strayed);
	ck_assert_mem_eq(before, fake->bytes, (size_t)fake->size);
	free(before);
	pvhload_check_free(check);
}

void judging_refused(const struct scene *scene, uint64_t gpa, uint32_t flags,
		     enum pvhload_status status)
{
	struct pvhload_check *const untouched = (struct pvhload_check *)(uintptr_t)0x5a5a;
	struct pvhload_check *check = untouched;
	struct pvhload_error err;

	ck_status(status, err, scene->call(&scene->fake->memory, gpa, flags, &check, &err));
	ck_assert_ptr_eq(check, untouched);
}

void cannot_judge(const struct scene *scene, struct pvhload_memmap_entry *entry, uint64_t stray)
{
	struct fake_memory *fake = scene->fake;
	struct pvhload_error err;

	judging_refused(scene, scene->gpa, 2, PVHLOAD_E_USAGE);
	judging_refused(scene, scene->gpa + 4, 0, PVHLOAD_E_FORMAT);
	judging_refused(scene, stray, 0, PVHLOAD_E_RANGE);
	ck_status(PVHLOAD_E_USAGE, err, scene->call(&fake->memory, scene->gpa, 0, NULL, &err));
	fake->fail_at = fake->calls + 1;
	fake->fail_with = 7;
	judging_refused(scene, scene->gpa, 0, PVHLOAD_E_CALLBACK);
	entry->gpa = 0;
	judging_refused(scene, scene->gpa, 0, PVHLOAD_E_MEMMAP);
	fake->memory.memmap = NULL;
	judging_refused(scene, scene->gpa, 0, PVHLOAD_E_USAGE);
	pvhload_check_free(NULL);
}
