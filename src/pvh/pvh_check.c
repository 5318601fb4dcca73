/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * pvhload_pvh_check(): start info is read back and held against the rules and places that writing
 * obeys.
 *
 * ABI source: Linux, arch/x86/platform/pvh/enlighten.c, for the one rule that writing does not
 * need: there is a memory map.
 */
#include <stddef.h>

#include <pvhload/abi/start_info.h>

#include "core/error.h"
#include "core/libc.h"
#include "guest/check.h"
#include "pvh/pvh.h"
#include "x86/limits.h"

/* One call of pvhload_pvh_check(). */
struct job {
	struct pvl_check *check;
	struct pvhload_pvh_view *view;
	struct pvhload_memmap map; /* the view's */
	struct pvl_pvh_input input;
	uint32_t unjudged; /* PVHLOAD_PART_*: what is incomplete, or unsound as a whole */
	struct pvl_layout layout;
};

static bool is_judged(const struct job *job, uint32_t parts)
{
	return (job->unjudged & parts) == 0;
}

static enum pvhload_status check_memmap(struct job *job, struct pvhload_error *err)
{
	static const char without[] =
		"there is no memory map: Linux stops, unless Xen tells it one";
	static const char old[] =
		"version 0 has no memory map: Linux stops, unless Xen tells it one";
	const bool not_linux = (job->input.flags & PVHLOAD_PVH_NOT_LINUX) != 0;
	bool sound = false;

	if (!is_judged(job, PVHLOAD_PART_MEMMAP))
		return PVHLOAD_OK;
	if (job->map.count > 0 || !not_linux)
		PVL_TRY(pvl_check_memmap(job->check, &job->map,
					 job->view->version == 0 ? old : without, &sound, err));
	if (!sound)
		job->unjudged |= PVHLOAD_PART_MEMMAP;
	return PVHLOAD_OK;
}

static enum pvhload_status check_rules(struct job *job, struct pvhload_error *err)
{
	struct pvhload_error found = PVHLOAD_ERROR_INIT;

	for (size_t i = 0; i < PVL_PVH_RULES; i++) {
		if (!is_judged(job, pvl_pvh_rules[i].judges))
			continue;
		PVL_TRY(pvl_check_rule(job->check, pvl_pvh_rules[i].check(&job->input, &found),
				       &found, err));
	}
	return PVHLOAD_OK;
}

/* The structures at the places they have.  Those that are absent or cannot be judged have size 0. */
static void append_structures(struct job *job, uint64_t gpa)
{
	const struct pvhload_pvh_view *view = job->view;
	const size_t first = pvl_pvh_append_parts(&job->input, &job->layout);
	struct pvl_part *parts = job->layout.parts + first;

	parts[PVL_PVH_START_INFO].fixed = gpa;
	parts[PVL_PVH_MODLIST].fixed = view->modlist_gpa;
	parts[PVL_PVH_MEMMAP].fixed = view->memmap_gpa;
	parts[PVL_PVH_CMDLINE].fixed = view->cmdline_gpa;
	if (view->version == 0)
		parts[PVL_PVH_START_INFO].size =
			offsetof(struct pvhload_hvm_start_info, memmap_paddr);
	if ((view->incomplete & PVHLOAD_PART_MEMMAP) != 0)
		parts[PVL_PVH_MEMMAP].size = 0;
	if (!view->has_cmdline || (view->incomplete & PVHLOAD_PART_CMDLINE) != 0)
		parts[PVL_PVH_CMDLINE].size = 0;
	parts[PVL_PVH_MODULE_CMDLINES].size = 0;
}

static enum pvhload_status append_modules(struct job *job, struct pvhload_error *err)
{
	struct pvhload_error found = PVHLOAD_ERROR_INIT;

	for (size_t i = 0; i < job->input.module_count; i++)
		PVL_TRY(pvl_check_rule(job->check,
				       pvl_pvh_append_module(&job->input, i, &job->layout, &found),
				       &found, err));
	return PVHLOAD_OK;
}

static enum pvhload_status check_places(struct job *job, const struct pvhload_memory *mem,
					uint64_t gpa, struct pvhload_error *err)
{
	const bool has_map = is_judged(job, PVHLOAD_PART_MEMMAP);

	PVL_TRY(pvl_space_init(&job->layout.space, &pvl_arch_x86, has_map ? &job->map : mem->memmap,
			       err));
	PVL_TRY(pvl_layout_init(&job->layout, PVL_PVH_PARTS + job->input.module_count, err));
	append_structures(job, gpa);
	PVL_TRY(append_modules(job, err));
	return pvl_check_places(job->check, &job->layout, job->input.rsdp_gpa, err);
}

/* Turn the view into the input that writing would have. */
static enum pvhload_status make_input(struct job *job, uint32_t flags, struct pvhload_error *err)
{
	const struct pvhload_pvh_view *view = job->view;
	const bool has_modules = (view->incomplete & PVHLOAD_PART_MODULES) == 0;
	struct pvhload_pvh_params params = PVHLOAD_PVH_PARAMS_INIT;

	job->unjudged = view->incomplete;
	job->map = (struct pvhload_memmap)PVHLOAD_MEMMAP_INIT;
	job->map.entries = (struct pvhload_memmap_entry *)(uintptr_t)view->memmap; /* only read */
	job->map.capacity = job->map.count = view->memmap_count;
	params.memmap = &job->map;
	params.cmdline = view->cmdline;
	params.modules = view->modules;
	params.module_count = has_modules ? view->module_count : 0;
	params.rsdp_gpa = view->rsdp_gpa;
	params.flags = flags;
	return pvl_pvh_input(&params, 0, false, &job->input, err);
}

static enum pvhload_status check_all(struct job *job, const struct pvhload_memory *mem,
				     uint64_t gpa, uint32_t flags, struct pvhload_error *err)
{
	PVL_TRY(pvhload_pvh_read(mem, gpa, PVHLOAD_READ_PARTIAL, &job->view, err));
	job->check = pvl_check_new(err);
	if (!job->check)
		return PVHLOAD_E_NO_MEMORY;
	pvl_check_append_all(job->check, job->view->problems, job->view->problem_count);
	PVL_TRY(make_input(job, flags, err));
	PVL_TRY(check_memmap(job, err));
	PVL_TRY(check_rules(job, err));
	return check_places(job, mem, gpa, err);
}

enum pvhload_status pvhload_pvh_check(const struct pvhload_memory *mem, uint64_t gpa,
				      uint32_t flags, struct pvhload_check **check,
				      struct pvhload_error *err)
{
	struct job job;
	enum pvhload_status status;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!check || (flags & ~PVHLOAD_PVH_NOT_LINUX) != 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"there is no place for the check, or a flag is unknown: 0x%" PRIx32,
				flags);
	memset(&job, 0, sizeof(job));
	status = check_all(&job, mem, gpa, flags, err);
	pvl_layout_free(&job.layout);
	pvl_space_free(&job.layout.space);
	pvhload_pvh_view_free(job.view);
	if (status == PVHLOAD_OK)
		*check = &job.check->made;
	else
		pvhload_check_free(job.check ? &job.check->made : NULL);
	return status;
}
