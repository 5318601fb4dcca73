/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * pvhload_fdt_check(): a tree is read back and held against what Linux does with it.
 *
 * ABI source: Linux, Documentation/arch/arm64/booting.rst.  That there is not a word of a tree that is misaligned or too
 * large, and that a seed which is too short is none, was found by booting.
 */
#include "core/libc.h"
#include "fdt/fdt.h"
#include "guest/check.h"

/* One call of pvhload_fdt_check(). */
struct job {
	struct pvhload_fdt_view *view;
	struct pvl_range tree;
	struct pvl_ram banks; /* of memory, as the tree has them */
};

static struct pvl_range range_of(const struct pvhload_range *range)
{
	return (struct pvl_range){ range->gpa, range->gpa + range->size };
}

static enum pvhload_status check_alignment(const struct job *job, struct pvhload_error *found)
{
	if (job->tree.start % PVHLOAD_FDT_ALIGN == 0)
		return PVHLOAD_OK;
	return pvl_fail(found, PVHLOAD_E_RANGE, PVL_GPA(job->tree.start),
			"the device tree is at 0x%" PRIx64
			", no multiple of %u: Linux stops without a word",
			job->tree.start, PVHLOAD_FDT_ALIGN);
}

static enum pvhload_status check_size(const struct job *job, struct pvhload_error *found)
{
	if (job->view->total_size <= PVHLOAD_FDT_LIMIT)
		return PVHLOAD_OK;
	return pvl_fail(found, PVHLOAD_E_LIMIT, PVL_GPA(job->tree.start),
			"the device tree has %" PRIu64 " bytes, %" PRIu64
			" without its free ones; Linux on arm64 stops without a word above %u",
			job->view->total_size, job->view->packed_size, PVHLOAD_FDT_LIMIT);
}

static enum pvhload_status check_seed(const struct job *job, struct pvhload_error *found)
{
	if (!job->view->has_kaslr_seed || job->view->kaslr_seed_size == PVHLOAD_FDT_KASLR_SEED_SIZE)
		return PVHLOAD_OK;
	return pvl_fail(found, PVHLOAD_E_MALFORMED, PVL_GPA(job->tree.start),
			"kaslr-seed has %" PRIu64 " bytes, not %u: Linux takes it for none",
			job->view->kaslr_seed_size, PVHLOAD_FDT_KASLR_SEED_SIZE);
}

static enum pvhload_status check_memory(const struct job *job, struct pvhload_error *found)
{
	if (job->banks.count > 0)
		return PVHLOAD_OK;
	return pvl_fail(
		found, PVHLOAD_E_MEMMAP, PVL_GPA(job->tree.start),
		"the device tree has no memory: no node with device_type \"memory\" and a range");
}

static enum pvhload_status check_in_memory(const struct job *job, const char *name,
					   struct pvl_range range, struct pvhload_error *found)
{
	if (job->banks.count == 0 || pvl_ram_contains(&job->banks, range))
		return PVHLOAD_OK;
	return pvl_fail(found, PVHLOAD_E_RANGE, PVL_GPA(range.start),
			"%s " PVL_RANGE_FMT " is not in memory, as the device tree has it", name,
			PVL_RANGE_ARG(range));
}

/* Entries of the block are not held against these: boot loaders put the tree and the initrd there themselves. */
static enum pvhload_status check_unreserved(const struct job *job, const char *name,
					    struct pvl_range range, struct pvhload_error *found)
{
	for (size_t i = 0; i < job->view->reservation_count; i++) {
		const struct pvhload_fdt_reservation *r = job->view->reservations[i];
		const struct pvl_range reserved = { r->gpa, r->gpa + r->size };

		if (r->kind == PVHLOAD_FDT_RESERVED_NODE && pvl_range_overlap(range, reserved))
			return pvl_fail(found, PVHLOAD_E_OVERLAP, PVL_GPA(range.start),
					"%s " PVL_RANGE_FMT
					" and the reserved memory %s " PVL_RANGE_FMT " overlap",
					name, PVL_RANGE_ARG(range), r->name,
					PVL_RANGE_ARG(reserved));
	}
	return PVHLOAD_OK;
}

static enum pvhload_status check_tree_place(const struct job *job, struct pvhload_error *found)
{
	PVL_TRY(check_in_memory(job, "the device tree", job->tree, found));
	return check_unreserved(job, "the device tree", job->tree, found);
}

static enum pvhload_status check_initrd(const struct job *job, struct pvhload_error *found)
{
	const struct pvl_range initrd = range_of(&job->view->initrd);

	if (!job->view->has_initrd)
		return PVHLOAD_OK;
	if (initrd.start == initrd.end)
		return pvl_fail(found, PVHLOAD_E_MALFORMED, PVL_GPA(initrd.start),
				"the initrd at 0x%" PRIx64 " has no bytes", initrd.start);
	if (pvl_range_overlap(initrd, job->tree))
		return pvl_fail(found, PVHLOAD_E_OVERLAP, PVL_GPA(initrd.start),
				"initrd " PVL_RANGE_FMT " and the device tree " PVL_RANGE_FMT
				" overlap",
				PVL_RANGE_ARG(initrd), PVL_RANGE_ARG(job->tree));
	PVL_TRY(check_in_memory(job, "initrd", initrd, found));
	return check_unreserved(job, "initrd", initrd, found);
}

static enum pvhload_status check_rules(const struct job *job, struct pvl_check *check,
				       struct pvhload_error *err)
{
	/* @judges: the parts of the view that it takes. */
	static const struct {
		enum pvhload_status (*check)(const struct job *job, struct pvhload_error *found);
		uint32_t judges;
	} rules[] = {
		{ check_alignment, 0 },
		{ check_size, 0 },
		{ check_seed, PVHLOAD_PART_FDT },
		{ check_memory, PVHLOAD_PART_FDT | PVHLOAD_PART_MEMMAP },
		{ check_tree_place, PVHLOAD_PART_FDT | PVHLOAD_PART_MEMMAP },
		{ check_initrd, PVHLOAD_PART_FDT | PVHLOAD_PART_MEMMAP | PVHLOAD_PART_INITRD },
	};
	struct pvhload_error found = PVHLOAD_ERROR_INIT;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if ((job->view->incomplete & rules[i].judges) != 0)
			continue;
		PVL_TRY(pvl_check_rule(check, rules[i].check(job, &found), &found, err));
	}
	return PVHLOAD_OK;
}

/* The banks of memory in order, those that touch joined. */
static enum pvhload_status sort_banks(struct job *job, struct pvhload_error *err)
{
	const size_t count = job->view->memory_count;

	if (count == 0)
		return PVHLOAD_OK;
	job->banks.ranges = calloc(count, sizeof(*job->banks.ranges));
	if (!job->banks.ranges)
		return pvl_fail_no_memory(err, count * sizeof(*job->banks.ranges));
	for (size_t i = 0; i < count; i++)
		job->banks.ranges[i] = range_of(&job->view->memory[i]);
	pvl_ranges_sort(job->banks.ranges, count);
	job->banks.count = pvl_ranges_join_touching(job->banks.ranges, count);
	return PVHLOAD_OK;
}

static enum pvhload_status check_all(struct job *job, const struct pvhload_memory *mem,
				     uint64_t gpa, struct pvl_check **check,
				     struct pvhload_error *err)
{
	PVL_TRY(pvhload_fdt_read(mem, gpa, PVHLOAD_READ_PARTIAL, &job->view, err));
	*check = pvl_check_new(err);
	if (!*check)
		return PVHLOAD_E_NO_MEMORY;
	pvl_check_append_all(*check, job->view->problems, job->view->problem_count);
	job->tree = (struct pvl_range){ gpa, gpa + job->view->total_size };
	PVL_TRY(sort_banks(job, err));
	return check_rules(job, *check, err);
}

enum pvhload_status pvhload_fdt_check(const struct pvhload_memory *mem, uint64_t gpa,
				      struct pvhload_check **check, struct pvhload_error *err)
{
	struct job job = { .view = NULL };
	struct pvl_check *made = NULL;
	enum pvhload_status status;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!check)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"there is no place for the check");
	status = check_all(&job, mem, gpa, &made, err);
	pvl_ram_free(&job.banks);
	pvhload_fdt_view_free(job.view);
	if (status != PVHLOAD_OK) {
		pvhload_check_free(made ? &made->made : NULL);
		return status;
	}
	*check = &made->made;
	return PVHLOAD_OK;
}
