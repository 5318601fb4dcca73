/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "boot/plan_fdt.h"

#include "core/error.h"
#include "core/libc.h"
#include "guest/cmdline_rules.h"

/* The command line that the guest will find, which may be the tree's own. */
static enum pvhload_status take_cmdline(struct pvl_builder *b, struct pvhload_error *err)
{
	const char *bootargs = b->plan->fdt.facts.bootargs;
	char *copy = pvl_plan_text(b, bootargs ? bootargs : "", err);

	if (!copy)
		return PVHLOAD_E_NO_MEMORY;
	b->plan->cmdline = copy;
	b->plan->info.cmdline = copy;
	if (strcmp(copy, b->config.cmdline) != 0)
		pvl_plan_note(b, "the command line %s the device tree's own",
			      b->config.cmdline[0] == '\0' ? "is" : "has");
	return PVHLOAD_OK;
}

static enum pvhload_status check_cmdline(const struct pvl_builder *b, uint32_t max,
					 struct pvhload_error *err)
{
	PVL_TRY(pvl_check_cmdline_length(b->plan->cmdline, max, false, err));
	return pvl_check_init_args(b->plan->cmdline, err);
}

static enum pvhload_status keep_reservations(struct pvl_builder *b, struct pvhload_error *err)
{
	const struct pvl_fdt_facts *facts = &b->plan->fdt.facts;

	for (size_t i = 0; i < facts->reserved_count; i++)
		PVL_TRY(pvl_space_keep_rest(&b->layout.space, facts->reserved[i].name,
					    facts->reserved[i].range, err));
	return PVHLOAD_OK;
}

enum pvhload_status pvl_make_fdt(struct pvl_builder *b, uint32_t cmdline_max,
				 struct pvhload_error *err)
{
	const struct pvl_fdt_wanted wanted = { .fdt = b->config.fdt,
					       .cmdline = b->config.cmdline,
					       .memmap = &b->plan->memmap,
					       .has_initrd = b->config.initrd_count > 0 };

	PVL_TRY(pvl_fdt_make(&wanted, &b->plan->fdt, err));
	PVL_TRY(take_cmdline(b, err));
	PVL_TRY(check_cmdline(b, cmdline_max, err));
	return keep_reservations(b, err);
}

enum pvhload_status pvl_check_fdt_memory(const struct pvl_builder *b, struct pvhload_error *err)
{
	const struct pvl_space *space = &b->layout.space;

	for (size_t i = 0; i < space->count; i++) {
		const struct pvl_claim *claim = &space->claims[i];

		if (claim->kind != 0 && !pvl_fdt_in_memory(&b->plan->fdt, claim->range))
			return pvl_fail(
				err, PVHLOAD_E_MEMMAP, PVL_GPA(claim->range.start),
				"%s " PVL_RANGE_FMT
				" is RAM by the memory map, and not in the device tree's memory: "
				"the two must agree, or PVHLOAD_FDT_WRITE_MEMORY put the map there",
				claim->name, PVL_RANGE_ARG(claim->range));
	}
	return PVHLOAD_OK;
}

enum pvhload_status pvl_write_fdt(struct pvl_builder *b, uint64_t gpa, struct pvl_range initrd,
				  struct pvhload_error *err)
{
	struct pvl_fdt *fdt = &b->plan->fdt;
	const struct pvl_write bytes = {
		.gpa = gpa, .size = fdt->size, .from = PVL_FROM_BYTES, .bytes = fdt->bytes
	};

	if (b->config.initrd_count > 0)
		pvl_fdt_set_initrd(fdt, initrd);
	return pvl_writes_append(&b->plan->writes, bytes, err);
}
