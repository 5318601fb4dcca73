/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "guest/check.h"

#include "core/libc.h"
#include "guest/rsdp.h"

struct pvl_check *pvl_check_new(struct pvhload_error *err)
{
	struct pvl_check *check = calloc(1, sizeof(*check));

	if (!check) {
		(void)pvl_fail_no_memory(err, sizeof(*check));
		return NULL;
	}
	check->made.problems = check->list;
	return check;
}

void pvhload_check_free(struct pvhload_check *check)
{
	free(check); /* it is the first member of what was allocated */
}

void pvl_check_append(struct pvl_check *check, const struct pvhload_error *problem)
{
	const size_t i = check->made.count;
	struct pvhload_error *last = &check->errors[PVHLOAD_CHECK_PROBLEMS_MAX - 1];

	if (i < PVHLOAD_CHECK_PROBLEMS_MAX) {
		check->errors[i] = *problem;
		check->list[i] = &check->errors[i];
		check->made.count++;
		return;
	}
	/* The problem in the last place is replaced as well, so it counts. */
	check->untold += check->untold == 0 ? 2 : 1;
	(void)pvl_fail(last, (enum pvhload_status)problem->status, PVL_ANYWHERE,
		       "%zu more problems", check->untold);
	(void)pvl_fail_about(last, (enum pvhload_status)problem->status, PVHLOAD_SUBJECT_NONE, 0);
}

void pvl_check_append_all(struct pvl_check *check, const struct pvhload_error *const *problems,
			  size_t count)
{
	for (size_t i = 0; i < count; i++)
		pvl_check_append(check, problems[i]);
}

enum pvhload_status pvl_check_rule(struct pvl_check *check, enum pvhload_status status,
				   const struct pvhload_error *found, struct pvhload_error *err)
{
	if (pvl_is_final(status))
		return pvl_fail_as(err, status, found);
	if (status != PVHLOAD_OK)
		pvl_check_append(check, found);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_check_memmap(struct pvl_check *check, const struct pvhload_memmap *map,
				     const char *without, bool *ret_sound,
				     struct pvhload_error *err)
{
	struct pvhload_error found = PVHLOAD_ERROR_INIT;
	const enum pvhload_status status =
		map->count > 0 ? pvl_memmap_check(map, &found)
			       : pvl_fail(&found, PVHLOAD_E_MEMMAP, PVL_ANYWHERE, "%s", without);

	*ret_sound = status == PVHLOAD_OK;
	return pvl_check_rule(check, status, &found, err);
}

enum pvhload_status pvl_check_places(struct pvl_check *check, struct pvl_layout *layout,
				     uint64_t rsdp_gpa, struct pvhload_error *err)
{
	struct pvhload_error found = PVHLOAD_ERROR_INIT;

	PVL_TRY(pvl_check_rule(check, pvl_keep_rsdp_free(&layout->space, rsdp_gpa, &found), &found,
			       err));
	for (size_t i = 0; i < layout->count; i++) {
		const enum pvhload_status status = pvl_layout_claim_fixed(layout, i, &found);

		PVL_TRY(pvl_check_rule(check, status, &found, err));
	}
	return PVHLOAD_OK;
}
