/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A PVH boot: what the guest is told, where the structures and files go, and how it starts.
 *
 * ABI source: Xen, docs/misc/pvh.pandoc and public/arch-x86/hvm/start_info.h; Linux,
 * arch/x86/platform/pvh.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "boot/plan.h"
#include "core/error.h"
#include "protocol/pvh.h"

static const uint32_t part_kinds[PVL_PVH_PARTS] = {
	[PVL_PVH_START_INFO] = PVHLOAD_REGION_PVH_START_INFO,
	[PVL_PVH_MODLIST] = PVHLOAD_REGION_PVH_MODLIST,
	[PVL_PVH_MEMMAP] = PVHLOAD_REGION_PVH_MEMMAP,
	[PVL_PVH_CMDLINE] = PVHLOAD_REGION_CMDLINE,
	[PVL_PVH_MODULE_CMDLINES] = PVHLOAD_REGION_PVH_MODULE_CMDLINES,
};

/* One PVH plan in the making, beside what the builder has. */
struct pvh {
	struct pvl_builder *b;
	struct pvl_pvh_input input;
	struct pvhload_pvh_module *modules; /* input.modules, ours to free */
	struct pvl_file *files;
	size_t *order; /* in which they find their places */
	uint64_t gpa[PVL_PVH_PARTS];
	uint64_t gdt_gpa;
};

/* A PHYS32_ENTRY that is not code of the image is the silent kind of failure. */
static enum pvhload_status check_entry(const struct pvl_builder *b, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &b->kernel->info;
	const struct pvhload_range *range = &info->elf->range;

	if (pvl_image_has_code_at(b->kernel, info->pvh->entry))
		return PVHLOAD_OK;
	(void)pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_GPA(info->pvh->entry),
		       "the PVH entry 0x%" PRIx32
		       " is in no segment's bytes; the image loads [0x%" PRIx64 ", 0x%" PRIx64 ")",
		       info->pvh->entry, range->gpa, range->gpa + range->size);
	return pvl_fail_about(err, PVHLOAD_E_MALFORMED, PVHLOAD_SUBJECT_KERNEL, 0);
}

/* The modules as the guest will see them; their places are known only later. */
static enum pvhload_status list_modules(struct pvh *p, struct pvhload_error *err)
{
	const struct pvhload_boot_config *c = &p->b->config;
	const size_t count = c->module_count + (c->initrd_count > 0 ? 1 : 0);
	enum pvhload_status status = PVHLOAD_OK;
	struct pvhload_pvh_module *m;

	p->modules = calloc(count + 1, sizeof(*p->modules)); /* never 0 bytes */
	p->files = calloc(count + 1, sizeof(*p->files));
	p->order = calloc(count + 1, sizeof(*p->order));
	if (!p->modules || !p->files || !p->order)
		return pvl_fail_no_memory(err, count * sizeof(*p->modules));
	m = p->modules + (c->initrd_count > 0 ? 1 : 0);
	for (size_t i = 0; i < c->module_count && status == PVHLOAD_OK; i++) {
		struct pvhload_boot_module module = { .cmdline = NULL };

		status = pvl_config_module(c, i, &module, err);
		m[i].cmdline = module.cmdline;
	}
	p->input.modules = p->modules;
	p->input.module_count = count;
	return status == PVHLOAD_OK ? pvl_order_files(p->b, p->order, count, err) : status;
}

static enum pvhload_status make_input(struct pvh *p, struct pvhload_error *err)
{
	const struct pvl_builder *b = p->b;
	enum pvhload_status status;

	b->plan->info.cmdline_max = pvl_pvh_cmdline_max(&b->image->info, b->config.flags);
	p->input = (struct pvl_pvh_input){
		.cmdline = b->plan->cmdline,
		.cmdline_max = b->plan->info.cmdline_max,
		.cmdline_max_assumed = b->image->info.format != PVHLOAD_FORMAT_BZIMAGE,
		.memmap = b->plan->memmap.entries,
		.memmap_count = b->plan->memmap.count,
		.rsdp_gpa = b->config.rsdp_gpa,
		.flags = b->config.flags & PVHLOAD_BOOT_NOT_LINUX ? PVHLOAD_PVH_NOT_LINUX : 0,
	};
	status = list_modules(p, err);
	return status == PVHLOAD_OK ? pvl_pvh_check(&p->input, err) : status;
}

static struct pvl_wish part_wish(const struct pvh *p, enum pvl_pvh_part part)
{
	return (struct pvl_wish){ .name = pvl_pvh_rules[part].name,
				  .kind = part_kinds[part],
				  .size = pvl_pvh_size(part, &p->input),
				  .align = 1,
				  .limit = pvl_pvh_rules[part].limit,
				  .limit_name = pvl_pvh_rules[part].limit_name };
}

static struct pvl_wish gdt_wish(void)
{
	return (struct pvl_wish){ .name = "gdt",
				  .kind = PVHLOAD_REGION_X86_GDT,
				  .size = PVHLOAD_PVH_GDT_SIZE,
				  .align = 1,
				  .limit = PVL_4GIB,
				  .limit_name = "4 GiB" };
}

/* What the caller gave a place: before the kernel, which may be able to give way. */
static enum pvhload_status take_fixed(struct pvh *p, struct pvhload_error *err)
{
	const struct pvhload_boot_places *places = &p->b->places;
	const uint64_t fixed[PVL_PVH_PARTS] = {
		[PVL_PVH_START_INFO] = places->start_info_gpa,
		[PVL_PVH_MODLIST] = places->modlist_gpa,
		[PVL_PVH_MEMMAP] = places->memmap_gpa,
		[PVL_PVH_CMDLINE] = places->cmdline_gpa,
		[PVL_PVH_MODULE_CMDLINES] = places->module_cmdlines_gpa,
	};
	const struct pvl_wish gdt = gdt_wish();
	enum pvhload_status status = PVHLOAD_OK;

	for (unsigned int i = 0; i < PVL_PVH_PARTS && status == PVHLOAD_OK; i++) {
		const struct pvl_wish wish = part_wish(p, i);

		p->gpa[i] = wish.size > 0 ? fixed[i] : 0;
		if (p->gpa[i] != 0)
			status = pvl_space_take(&p->b->plan->space, &wish, p->gpa[i], err);
	}
	p->gdt_gpa = places->gdt_gpa;
	if (status == PVHLOAD_OK && p->gdt_gpa != 0)
		status = pvl_space_take(&p->b->plan->space, &gdt, p->gdt_gpa, err);
	return status;
}

static enum pvhload_status take_usual(struct pvh *p, struct pvhload_error *err)
{
	struct pvl_space *space = &p->b->plan->space;
	const struct pvl_wish gdt = gdt_wish();
	enum pvhload_status status = PVHLOAD_OK;

	for (unsigned int i = 0; i < PVL_PVH_PARTS && status == PVHLOAD_OK; i++) {
		const struct pvl_wish wish = part_wish(p, i);

		if (wish.size > 0 && p->gpa[i] == 0)
			status = pvl_space_take_usual(space, &wish, 0,
						      pvl_pvh_default(i, &p->input, p->gpa),
						      &p->gpa[i], err);
	}
	if (status == PVHLOAD_OK && p->gdt_gpa == 0)
		status =
			pvl_space_take_usual(space, &gdt, 0, PVHLOAD_PVH_GDT_GPA, &p->gdt_gpa, err);
	return status;
}

/* The PHYS32_RELOC note's word on where the image may be. */
static struct pvl_move move_by_note(const struct pvhload_image_info *info)
{
	const struct pvhload_image_pvh_reloc *reloc = info->pvh->reloc;

	if (!reloc)
		return (struct pvl_move){ .why_not = "it has no PHYS32_RELOC note" };
	return (struct pvl_move){ .may = true,
				  .align = reloc->align,
				  .absolute = true,
				  .min = reloc->min,
				  .end = (uint64_t)reloc->max + 1 };
}

static enum pvhload_status plan_files(struct pvh *p, enum pvl_round round,
				      struct pvhload_error *err)
{
	static const struct pvl_initrd_rule rule = { PVL_4GIB, "4 GiB", 0, NULL };
	const bool has_initrd = p->b->config.initrd_count > 0;
	enum pvhload_status status = PVHLOAD_OK;

	for (size_t i = 0; i < p->input.module_count && status == PVHLOAD_OK; i++) {
		const size_t number = p->order[i];

		if (number == 0 && has_initrd)
			status = pvl_plan_initrd(p->b, round, &rule, p->files, err);
		else
			status = pvl_plan_module(p->b, round, number, &p->files[number], err);
	}
	return status;
}

static enum pvhload_status place(struct pvh *p, struct pvhload_error *err)
{
	const struct pvl_move move = move_by_note(&p->b->kernel->info);
	const bool files_first = p->b->order.files_first;
	enum pvhload_status status = take_fixed(p, err);

	if (status == PVHLOAD_OK)
		status = plan_files(p, PVL_FIXED, err);
	if (status == PVHLOAD_OK && files_first)
		status = plan_files(p, PVL_FREE, err);
	if (status == PVHLOAD_OK)
		status = pvl_plan_elf(p->b, &move, err);
	if (status == PVHLOAD_OK)
		status = take_usual(p, err);
	if (status == PVHLOAD_OK && !files_first)
		status = plan_files(p, PVL_FREE, err);
	for (size_t i = 0; i < p->input.module_count && status == PVHLOAD_OK; i++) {
		p->modules[i].gpa = p->files[i].gpa;
		p->modules[i].size = p->files[i].size;
	}
	return status;
}

/* Encode everything into one block, and let pieces point into it. */
static enum pvhload_status encode(struct pvh *p, struct pvhload_error *err)
{
	struct pvhload_plan *plan = p->b->plan;
	enum pvhload_status status;
	uint64_t size = PVHLOAD_PVH_GDT_SIZE;
	struct pvl_write piece;
	uint8_t *at;

	for (unsigned int i = 0; i < PVL_PVH_PARTS; i++)
		size += pvl_pvh_size(i, &p->input);
	at = plan->blob = malloc((size_t)size);
	if (!at)
		return pvl_fail_no_memory(err, size);

	piece = (struct pvl_write){ .gpa = p->gdt_gpa, .size = PVHLOAD_PVH_GDT_SIZE, .bytes = at };
	status = pvhload_x86_cpu_gdt(&plan->cpu, at, PVHLOAD_PVH_GDT_SIZE, err);
	if (status == PVHLOAD_OK)
		status = pvl_plan_add_write(plan, piece, err);
	at += PVHLOAD_PVH_GDT_SIZE;
	for (unsigned int i = 0; i < PVL_PVH_PARTS && status == PVHLOAD_OK; i++) {
		pvl_pvh_encode(i, &p->input, p->gpa, at);
		piece = (struct pvl_write){ .gpa = p->gpa[i],
					    .size = pvl_pvh_size(i, &p->input),
					    .bytes = at };
		status = pvl_plan_add_write(plan, piece, err);
		at += piece.size;
	}
	return status;
}

static enum pvhload_status run(struct pvh *p, struct pvhload_error *err)
{
	struct pvhload_plan *plan = p->b->plan;
	enum pvhload_status status;

	if (!p->b->kernel->info.pvh)
		return pvl_no_entry(p->b, err);
	status = check_entry(p->b, err);
	if (status == PVHLOAD_OK)
		status = make_input(p, err);
	if (status == PVHLOAD_OK)
		status = place(p, err);
	if (status != PVHLOAD_OK)
		return status;
	plan->info.entry = p->b->kernel->info.pvh->entry + p->b->shift;
	plan->info.start_info_gpa = p->gpa[PVL_PVH_START_INFO];
	status = pvhload_x86_cpu_init_pvh((uint32_t)plan->info.entry,
					  (uint32_t)p->gpa[PVL_PVH_START_INFO],
					  (uint32_t)p->gdt_gpa, &plan->cpu, err);
	return status == PVHLOAD_OK ? encode(p, err) : status;
}

/* What start info has no field for. */
static const char *cannot_carry(const struct pvhload_boot_x86 *x)
{
	if (x->setup_data_count > 0)
		return "setup_data (a seed, a device tree)";
	if (x->screen_info)
		return "a screen_info";
	if (x->efi_info)
		return "an efi_info";
	if (x->loadflags != 0)
		return "load flags";
	if (x->page_entry_mask != 0)
		return "page tables, and a mask in them";
	return x->paging_levels == 5 ? "5-level page tables" : NULL;
}

enum pvhload_status pvl_pvh_possible(const struct pvl_builder *b, struct pvhload_error *err)
{
	const char *what = cannot_carry(&b->x86);

	if (what)
		return pvl_fail(err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
				"PVH has no place for %s; the Linux boot protocol does", what);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_plan_pvh(struct pvl_builder *b, struct pvhload_error *err)
{
	struct pvh p = { .b = b };
	enum pvhload_status status = run(&p, err);

	free(p.modules);
	free(p.files);
	free(p.order);
	return status;
}
