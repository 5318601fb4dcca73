/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What a plan owns, from the caller's sources on, and its end. */
#include "boot/plan.h"

#include "core/error.h"
#include "core/libc.h"

char *pvl_plan_text(struct pvl_builder *b, const char *text, struct pvhload_error *err)
{
	const size_t size = strlen(text) + 1;
	char *copy = pvl_plan_new(b, size, 1);

	if (copy)
		memcpy(copy, text, size);
	else
		(void)pvl_fail_no_memory(err, size);
	return copy;
}

enum pvhload_status pvl_plan_own(struct pvhload_plan *plan, struct pvhload_error *err)
{
	const size_t initrds = plan->initrd_count;

	for (size_t i = 0; i < plan->file_count; i++) {
		const bool initrd = i < initrds;

		PVL_TRY(pvl_fail_about(err, pvl_source_own(&plan->files[i].source, err),
				       initrd ? PVHLOAD_SUBJECT_INITRD : PVHLOAD_SUBJECT_MODULE,
				       initrd ? i : i - initrds));
	}
	for (size_t i = 0; i < plan->node_count; i++)
		PVL_TRY(pvl_fail_about(err, pvl_source_own(&plan->nodes[i].source, err),
				       PVHLOAD_SUBJECT_SETUP_DATA, i));
	return plan->firmware_vars.length == 0 ? PVHLOAD_OK
					       : pvl_source_own(&plan->firmware_vars, err);
}

static void release_sources(struct pvhload_plan *plan)
{
	for (size_t i = 0; i < plan->file_count && plan->files; i++)
		pvl_source_release(&plan->files[i].source);
	for (size_t i = 0; i < plan->node_count && plan->nodes; i++)
		pvl_source_release(&plan->nodes[i].source);
	pvl_source_release(&plan->firmware_vars);
}

void pvhload_plan_free(struct pvhload_plan *plan)
{
	if (!plan)
		return;
	release_sources(plan);
	pvl_image_unref(plan->loaded);
	pvl_space_free(&plan->space);
	pvl_writes_free(&plan->writes);
	free(plan->regions);
	free(plan->errors);
	free(plan->blob);
	free(plan->kept);
	pvl_fdt_free(&plan->fdt);
	pvl_arena_free(&plan->arena);
	free(plan);
}
