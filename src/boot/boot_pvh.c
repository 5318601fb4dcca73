/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A PVH boot: the content of start info, the parts, and how the kernel is entered.
 *
 * ABI source: Xen, docs/misc/pvh.pandoc and public/arch-x86/hvm/start_info.h; Linux,
 * arch/x86/platform/pvh.
 */
#include <pvhload/x86_page_tables.h>

#include "boot/files.h"
#include "boot/protocols.h"
#include "core/error.h"
#include "core/libc.h"
#include "pvh/pvh.h"

/* One PVH plan in the making. */
struct pvh_job {
	struct pvl_pvh_input input;
	struct pvhload_pvh_module *modules; /* input.modules, of the plan's arena */
	size_t first;                       /* the numbers of our parts: the structures, */
	size_t gdt;
	size_t files; /* and initrd and modules */
};

static enum pvhload_status check_pvh(const struct pvl_builder *b, struct pvhload_error *err)
{
	const char *what = pvl_linux_x86_option(&b->x86);

	if (what)
		return pvl_fail(err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
				"PVH has no place for %s; the Linux boot protocol does", what);
	return PVHLOAD_OK;
}

/* A PHYS32_ENTRY outside the image's code would fail without a message. */
static enum pvhload_status check_entry(const struct pvl_builder *b, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &b->loaded->info;

	if (!info->pvh)
		return pvl_no_entry(b, err);
	if (pvl_has_entry(b->loaded, PVL_ENTRY_PVH))
		return PVHLOAD_OK;
	(void)pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_GPA(info->pvh->entry),
		       "the PVH entry 0x%" PRIx32
		       " is in no segment's bytes; the image loads [0x%" PRIx64 ", 0x%" PRIx64 ")",
		       info->pvh->entry, info->elf->range.gpa,
		       info->elf->range.gpa + info->elf->range.size);
	return pvl_fail_about(err, PVHLOAD_E_MALFORMED, PVHLOAD_SUBJECT_KERNEL, 0);
}

/* The modules as the guest will see them; their places are known only later. */
static enum pvhload_status list_modules(struct pvl_builder *b, struct pvh_job *job,
					size_t *ret_count, struct pvhload_error *err)
{
	const struct pvhload_boot_config *c = &b->config;
	const size_t initrds = c->initrd_count > 0 ? 1 : 0;
	const size_t count = c->module_count + initrds;

	job->modules = pvl_plan_new(b, count, sizeof(*job->modules));
	if (!job->modules)
		return pvl_fail_no_memory(err, count * sizeof(*job->modules));
	for (size_t i = 0; i < c->module_count; i++) {
		struct pvhload_boot_module module = PVHLOAD_BOOT_MODULE_INIT;

		PVL_TRY(pvl_config_module(c, i, &module, err));
		job->modules[initrds + i].cmdline = module.cmdline;
	}
	*ret_count = count;
	return PVHLOAD_OK;
}

static enum pvhload_status make_input(struct pvl_builder *b, struct pvh_job *job,
				      struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &b->image->info;
	struct pvhload_pvh_params params = PVHLOAD_PVH_PARAMS_INIT;

	b->plan->info.cmdline_max = pvl_pvh_cmdline_max(info, b->is_linux);
	PVL_TRY(list_modules(b, job, &params.module_count, err));
	params.modules = job->modules;
	params.cmdline = b->plan->cmdline;
	params.memmap = &b->plan->memmap;
	params.rsdp_gpa = b->config.rsdp_gpa;
	params.flags = b->is_linux ? 0 : PVHLOAD_PVH_NOT_LINUX;
	PVL_TRY(pvl_pvh_input(&params, b->plan->info.cmdline_max,
			      info->format != PVHLOAD_FORMAT_BZIMAGE, &job->input, err));
	return pvl_pvh_check(&job->input, err);
}

static enum pvhload_status check_content(struct pvl_builder *b, void *user,
					 struct pvhload_error *err)
{
	return make_input(b, user, err);
}

static void append_structures(struct pvl_builder *b, struct pvh_job *job)
{

	job->first = pvl_pvh_append_parts(&job->input, &b->layout);
	job->gdt = pvl_append_gdt(&b->layout, PVHLOAD_PVH_GDT_SIZE, PVHLOAD_PVH_GDT_GPA);
}

static enum pvhload_status append_parts(struct pvl_builder *b, void *user,
					struct pvhload_error *err)
{
	static const struct pvl_initrd_rule rule = { PVL_4GIB, PVL_4GIB_NAME, 0, NULL };
	struct pvh_job *job = user;

	PVL_TRY(check_entry(b, err));
	PVL_TRY(make_input(b, job, err));
	PVL_TRY(pvl_layout_init(&b->layout, PVL_PVH_PARTS + 1 + job->input.module_count, err));
	append_structures(b, job);
	PVL_TRY(pvl_append_files(b, &rule, &job->files, err));
	return PVHLOAD_OK;
}

static enum pvhload_status set_cpu(struct pvl_builder *b, void *user, struct pvhload_error *err)
{
	const struct pvh_job *job = user;
	const struct pvl_part *parts = b->layout.parts;
	const uint64_t start_info = parts[job->first + PVL_PVH_START_INFO].gpa;

	b->plan->info.start_info_gpa = start_info;
	return pvhload_x86_cpu_init_pvh((uint32_t)b->place.entry, (uint32_t)start_info,
					(uint32_t)parts[job->gdt].gpa, &b->plan->cpu, err);
}

static void note_modules(const struct pvl_builder *b, struct pvh_job *job)
{
	for (size_t i = 0; i < job->input.module_count; i++) {
		job->modules[i].gpa = b->layout.parts[job->files + i].gpa;
		job->modules[i].size = b->layout.parts[job->files + i].size;
	}
}

/* FreeBSD maps no more than the first GiB as well; others may map all of it. */
static void note_tables(struct pvl_builder *b, const struct pvh_job *job)
{
	const struct pvl_part *parts = b->layout.parts + job->first;
	const struct pvl_part *modlist = &parts[PVL_PVH_MODLIST], *map = &parts[PVL_PVH_MEMMAP];
	const bool both = modlist->gpa + modlist->size > PVHLOAD_PVH_TABLES_LIMIT;

	if (both || map->gpa + map->size > PVHLOAD_PVH_TABLES_LIMIT)
		pvl_plan_note(b, "%s above 1 GiB, %s: a guest that maps less cannot read %s",
			      both ? "modlist or memmap are" : "memmap is",
			      modlist->reason == PVHLOAD_PLACED_ASKED ||
					      map->reason == PVHLOAD_PLACED_ASKED
				      ? "as asked"
				      : "with no room below",
			      both ? "them" : "it");
}

/* Encode everything into one block that the writes point into. */
static enum pvhload_status encode(struct pvl_builder *b, void *user, struct pvhload_error *err)
{
	struct pvh_job *job = user;
	const uint64_t size = PVHLOAD_PVH_GDT_SIZE + pvl_pvh_total_size(&job->input);
	struct pvl_block block = { &b->plan->writes, malloc((size_t)size) };

	b->plan->blob = block.at;
	if (!block.at)
		return pvl_fail_no_memory(err, size);
	note_modules(b, job);
	note_tables(b, job);
	PVL_TRY(pvl_write_files(b, job->files, err));
	PVL_TRY(pvl_write_gdt(b, job->gdt, &block, err));
	return pvl_pvh_encode(&job->input, &b->layout, job->first, &block, &block, err);
}

static const struct pvl_protocol_ops pvh_ops = {
	.check = check_pvh,
	.job_size = sizeof(struct pvh_job),
	.content = check_content,
	.parts = append_parts,
	.describe_cpu = pvl_describe_x86_cpu,
	.cpu = set_cpu,
	.encode = encode,
};

const struct pvl_protocol pvl_protocol_pvh = {
	.id = PVHLOAD_PROTOCOL_PVH,
	.name = "pvh",
	.entry_name = "PVH",
	.method_name = "PVH",
	.payload_name = "PVH",
	.entry = PVL_ENTRY_PVH,
	.ops = &pvh_ops,
};
