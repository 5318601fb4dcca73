/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A boot by the Linux/x86 protocol: the zero page's content, the parts, and how the kernel is
 * entered.  All structures stay below 4 GiB, even if the kernel takes them higher: they are small,
 * and so they are always in the range that the page tables map.
 *
 * ABI source: Linux, Documentation/arch/x86/boot.rst; for an ELF file's entry arch/x86/kernel/head_64.S.
 */
#include <pvhload/x86_page_tables.h>

#include "boot/files.h"
#include "boot/plan_memory.h"
#include "boot/protocols.h"
#include "core/error.h"
#include "core/libc.h"
#include "linux/linux.h"
#include "x86/limits.h"

/* One plan in the making. */
struct linux_job {
	struct pvl_linux_input input;
	struct pvl_linux_reach reach;
	struct pvhload_x86_page_tables tables;
	struct pvhload_range *mapped; /* tables.ranges, ours to free */
	struct pvl_linux_parts parts;
	size_t gdt;
	size_t page_tables; /* the part; 0 for the 32-bit entry, which has none */
	size_t initrd;
};

static bool is_bzimage(const struct pvhload_image *image)
{
	return image->info.format == PVHLOAD_FORMAT_BZIMAGE;
}

static bool is_wide(const struct pvl_builder *b)
{
	return b->method.protocol->entry == PVL_ENTRY_64;
}

/*
 * The code that decodes a bzImage works with 5 levels, and switches to 4 if its kernel cannot use
 * 5.  A kernel that is entered directly must have been built for 5.
 */
static enum pvhload_status check_paging(const struct pvl_builder *b, struct pvhload_error *err)
{
	const bool host = b->method.decompress == PVHLOAD_DECOMPRESS_HOST;
	const uint32_t needed = host ? PVHLOAD_XLF_5LEVEL_ENABLED : PVHLOAD_XLF_5LEVEL;
	const struct pvhload_image_info *info = &b->image->info;

	if (!is_wide(b)) {
		if (b->x86.paging_levels != 5 && b->x86.page_entry_mask == 0 &&
		    b->x86.page_size != PVHLOAD_X86_PAGE_SIZE_1G)
			return PVHLOAD_OK;
		return pvl_fail(
			err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
			"the 32-bit entry has no page tables: none with 5 levels, none with "
			"pages of 1 GiB, and none with a mask");
	}
	if (b->x86.paging_levels != 5 || !is_bzimage(b->image) ||
	    info->bzimage->xloadflags & needed)
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
			"the kernel's xloadflags, 0x%" PRIx32
			", do not have %s: it cannot be entered with 5-level page tables",
			info->bzimage->xloadflags, host ? "XLF_5LEVEL_ENABLED" : "XLF_5LEVEL");
}

static enum pvhload_status check_linux(const struct pvl_builder *b, struct pvhload_error *err)
{
	const bool host = b->method.decompress == PVHLOAD_DECOMPRESS_HOST;

	if (!host && !pvl_has_entry(b->image, b->method.protocol->entry))
		return pvl_no_entry(b, err);
	if (host && !pvl_image_payload_part(&b->image->info))
		return pvl_fail(err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
				"the host cannot decode the image: it has no payload");
	if (b->config.module_count > 0)
		return pvl_fail(
			err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
			"the Linux boot protocol has no modules beside the initrd; PVH does");
	PVL_TRY(check_paging(b, err));
	return host ? PVHLOAD_OK : pvl_check_own_kaslr(b, err);
}

static enum pvhload_status make_input(struct pvl_builder *b, struct linux_job *job,
				      struct pvhload_error *err)
{
	const struct pvhload_boot_x86 *x = &b->x86;
	struct pvhload_linux_params params = PVHLOAD_LINUX_PARAMS_INIT;

	if (is_bzimage(b->image)) {
		params.setup_header = b->image->setup_header;
		params.setup_header_size = b->image->setup_header_size;
	}
	params.memmap = &b->plan->memmap;
	params.cmdline = b->plan->cmdline;
	params.rsdp_gpa = b->config.rsdp_gpa;
	params.framebuffer = x->framebuffer;
	params.efi_info = x->efi_info;
	params.setup_data = x->setup_data;
	params.setup_data_count = x->setup_data_count;
	params.type_of_loader = x->type_of_loader;
	params.loadflags = x->loadflags;
	PVL_TRY(pvl_linux_input(&params, !b->is_linux, b->plan->nodes, &job->input, err));
	b->plan->info.cmdline_max = job->input.cmdline_max;
	job->reach = pvl_linux_reach(&job->input, is_wide(b));
	return PVHLOAD_OK;
}

static enum pvhload_status check_content(struct pvl_builder *b, void *user,
					 struct pvhload_error *err)
{
	return make_input(b, user, err);
}

/*
 * What the kernel may access before it has its own tables.  All of the first 4 GiB is mapped, as
 * kernels also read low memory that no document names, and everything but the initrd and the kernel
 * is there.
 */
static enum pvhload_status list_mapped(const struct pvl_space *space, struct linux_job *job,
				       struct pvhload_error *err)
{
	const size_t most = space->count + 1;
	size_t count = 0;

	free(job->mapped);
	job->mapped = calloc(most, sizeof(*job->mapped));
	if (!job->mapped)
		return pvl_fail_no_memory(err, most * sizeof(*job->mapped));
	job->mapped[count++] = (struct pvhload_range){ 0, PVL_4GIB };
	for (size_t i = 0; i < space->count; i++) {
		const struct pvl_claim *claim = &space->claims[i];
		const bool kernel = claim->kind == PVHLOAD_REGION_KERNEL ||
				    claim->kind == PVHLOAD_REGION_KERNEL_IMAGE;

		if (kernel && claim->range.end > PVL_4GIB)
			job->mapped[count++] =
				(struct pvhload_range){ claim->range.start, claim->size };
	}
	job->tables.ranges = job->mapped;
	job->tables.range_count = count;
	return PVHLOAD_OK;
}

/*
 * The size of the page tables, which depends on the kernel's place; until it has one, for a kernel
 * below 4 GiB.
 */
static enum pvhload_status measure_tables(struct pvl_layout *layout, struct pvl_part *part,
					  struct pvhload_error *err)
{
	struct linux_job *job = part->user;
	enum pvhload_status status = list_mapped(&layout->space, job, err);

	if (status == PVHLOAD_OK)
		status = pvhload_x86_page_tables_size(&job->tables, &part->size, err);
	return status == PVHLOAD_OK
		       ? status
		       : pvl_fail_in(err, status, "page tables for 4 GiB and the kernel");
}

static void append_tables(struct pvl_builder *b, struct linux_job *job)
{
	const struct pvl_part tables = { .name = "page tables",
					 .kind = PVHLOAD_REGION_X86_PAGE_TABLES,
					 .align = PVL_X86_PAGE_SIZE,
					 .limit = PVL_4GIB,
					 .limit_name = PVL_4GIB_NAME,
					 .usual = PVHLOAD_LINUX_PAGE_TABLES_GPA,
					 .prepare = measure_tables,
					 .measured_late = true,
					 .user = job };

	job->tables.struct_size = sizeof(job->tables);
	job->tables.levels = b->x86.paging_levels;
	job->tables.page_size = b->x86.page_size;
	job->tables.entry_mask = b->x86.page_entry_mask;
	if (is_wide(b))
		job->page_tables = pvl_layout_append(&b->layout, &tables);
}

static void append_structures(struct pvl_builder *b, struct linux_job *job)
{
	struct pvl_layout *layout = &b->layout;

	pvl_linux_append_page(&job->input, PVL_4GIB, PVL_4GIB_NAME, layout, &job->parts);
	job->gdt = pvl_append_gdt(layout, PVHLOAD_LINUX_GDT_SIZE, PVHLOAD_LINUX_GDT_GPA);
	append_tables(b, job);
	pvl_linux_append_list(&job->input, PVL_4GIB, PVL_4GIB_NAME, layout, &job->parts);
}

/* Above 4 GiB only if it is asked to be there, or if there is no room below. */
static void append_initrd(struct pvl_builder *b, struct linux_job *job)
{
	const struct pvl_initrd_rule rule = { job->reach.initrd_limit, job->reach.initrd_limit_name,
					      job->reach.above ? b->kernel.end : 0,
					      b->kernel.end_name };

	job->initrd = pvl_append_initrd(b, &rule);
}

static enum pvhload_status append_parts(struct pvl_builder *b, void *user,
					struct pvhload_error *err)
{
	struct linux_job *job = user;

	if (!pvl_has_entry(b->loaded, b->method.protocol->entry))
		return pvl_no_entry(b, err);
	PVL_TRY(make_input(b, job, err));
	PVL_TRY(pvl_layout_init(&b->layout, PVL_LINUX_PARTS_MAX + 3, err));
	append_structures(b, job);
	append_initrd(b, job);
	return PVHLOAD_OK;
}

static enum pvhload_status set_cpu(struct pvl_builder *b, void *user, struct pvhload_error *err)
{
	struct linux_job *job = user;
	const struct pvl_part *parts = b->layout.parts;
	const uint64_t zero_page = parts[job->parts.zero_page].gpa, gdt = parts[job->gdt].gpa;

	b->plan->info.zero_page_gpa = zero_page;
	if (!is_wide(b))
		return pvhload_x86_cpu_init_linux32((uint32_t)b->place.entry, (uint32_t)zero_page,
						    (uint32_t)gdt, &b->plan->cpu, err);
	job->tables.gpa = parts[job->page_tables].gpa;
	return pvhload_x86_cpu_init_linux64(b->place.entry, zero_page, gdt, job->tables.gpa,
					    job->tables.levels, &b->plan->cpu, err);
}

/* GDT and page tables, which the zero page does not point to. */
static enum pvhload_status encode_tables(struct pvl_builder *b, struct linux_job *job,
					 struct pvl_block *block, struct pvhload_error *err)
{
	const struct pvl_part *parts = b->layout.parts;
	uint64_t size;

	PVL_TRY(pvl_write_gdt(b, job->gdt, block, err));
	if (job->page_tables == 0)
		return PVHLOAD_OK;
	size = parts[job->page_tables].size;
	PVL_TRY(pvhload_x86_page_tables_build(&job->tables, block->at, (size_t)size, err));
	return pvl_block_append(block, job->tables.gpa, size, err);
}

static uint64_t block_size(const struct pvl_builder *b, const struct linux_job *job)
{
	const uint64_t tables = job->page_tables ? b->layout.parts[job->page_tables].size : 0;

	return PVHLOAD_LINUX_GDT_SIZE + tables + PVL_ZERO_PAGE_HEAD +
	       pvl_linux_block_size(&job->input);
}

/* Update the header's fields that depend on the kernel's place. */
static void update_header(struct pvl_builder *b, struct linux_job *job)
{
	const bool as_it_is = is_bzimage(b->loaded);

	if (!job->input.header_made)
		pvl_kernel_update_header(&b->kernel, as_it_is ? &b->place : NULL, job->input.header,
					 sizeof(job->input.header));
}

/* Its address takes ext_ramdisk_image in the zero page: Documentation/arch/x86/zero-page.rst. */
static void note_initrd(struct pvl_builder *b, const struct linux_job *job)
{
	const struct pvl_part *initrd = &b->layout.parts[job->initrd];

	if (job->input.header_made && initrd->gpa + initrd->size > PVL_4GIB)
		pvl_plan_note(b,
			      "the initrd is above 4 GiB, %s: an ELF file does not say whether it "
			      "takes one there (a bzImage has XLF_CAN_BE_LOADED_ABOVE_4G)",
			      initrd->reason == PVHLOAD_PLACED_ASKED ? "as asked"
								     : "with no room below");
}

static enum pvhload_status encode(struct pvl_builder *b, void *user, struct pvhload_error *err)
{
	struct linux_job *job = user;
	const uint64_t size = block_size(b, job);
	struct pvl_block block = { &b->plan->writes, calloc(1, (size_t)size) };

	b->plan->blob = block.at;
	if (!block.at)
		return pvl_fail_no_memory(err, size);
	update_header(b, job);
	if (b->config.initrd_count > 0) {
		job->input.initrd_gpa = b->layout.parts[job->initrd].gpa;
		job->input.initrd_size = b->layout.parts[job->initrd].size;
		note_initrd(b, job);
		PVL_TRY(pvl_write_initrd(b, job->input.initrd_gpa, err));
	}
	PVL_TRY(encode_tables(b, job, &block, err));
	return pvl_linux_encode(&job->input, &b->layout, &job->parts, &block, &block, err);
}

static void end(void *user)
{
	struct linux_job *job = user;

	free(job->mapped);
}

static const struct pvl_protocol_ops linux_ops = {
	.check = check_linux,
	.job_size = sizeof(struct linux_job),
	.end = end,
	.content = check_content,
	.parts = append_parts,
	.describe_cpu = pvl_describe_x86_cpu,
	.cpu = set_cpu,
	.encode = encode,
};

const struct pvl_protocol pvl_protocol_linux64 = {
	.id = PVHLOAD_PROTOCOL_X86_LINUX64,
	.name = "linux64",
	.entry_name = "64-bit Linux",
	.method_name = "the 64-bit entry",
	.payload_name = "the 64-bit entry of the payload",
	.entry = PVL_ENTRY_64,
	.ops = &linux_ops,
};

const struct pvl_protocol pvl_protocol_linux32 = {
	.id = PVHLOAD_PROTOCOL_X86_LINUX32,
	.name = "linux32",
	.entry_name = "32-bit Linux",
	.method_name = "the 32-bit entry",
	.payload_name = "the 32-bit entry",
	.entry = PVL_ENTRY_32,
	.ops = &linux_ops,
};
