/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A boot by the Linux/x86 protocol: what the zero page says, where kernel and structures go, and how
 * the kernel is entered.
 *
 * ABI source: Linux, Documentation/arch/x86/boot.rst; for an ELF file's entry arch/x86/kernel/head_64.S.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "abi/sizes.h"
#include "boot/linux_job.h"
#include "boot/reasons.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/sized.h"
#include "core/store.h"

#define KERNEL_STEP (2u << 20) /* a 64-bit kernel is moved by multiples of this (PMD_SIZE) */

static bool is_bzimage(const struct pvhload_image *image)
{
	return image->info.format == PVHLOAD_FORMAT_BZIMAGE;
}

/*
 * What unpacks a bzImage copes with 5 levels, and leaves them where the kernel inside cannot; entered
 * directly, that kernel has to have been built for them.
 */
static enum pvhload_status check_paging(const struct pvl_builder *b, struct pvhload_error *err)
{
	const bool host = b->way.decompress == PVHLOAD_DECOMPRESS_HOST;
	const uint32_t needed = host ? PVHLOAD_XLF_5LEVEL_ENABLED : PVHLOAD_XLF_5LEVEL;
	const struct pvhload_image_info *info = &b->image->info;

	if (b->way.protocol != PVHLOAD_PROTOCOL_X86_LINUX64) {
		if (b->x86.paging_levels != 5 && b->x86.page_entry_mask == 0)
			return PVHLOAD_OK;
		return pvl_fail(err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
				"the 32-bit entry has no page tables: none with 5 levels, and none "
				"with a mask");
	}
	if (b->x86.paging_levels != 5 || !is_bzimage(b->image) ||
	    info->bzimage->xloadflags & needed)
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
			"the kernel's xloadflags, 0x%" PRIx32
			", do not have %s: it cannot be entered with 5-level page tables",
			info->bzimage->xloadflags, host ? "XLF_5LEVEL_ENABLED" : "XLF_5LEVEL");
}

enum pvhload_status pvl_linux_possible(const struct pvl_builder *b, struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &b->image->info;

	if (b->way.decompress != PVHLOAD_DECOMPRESS_HOST &&
	    !pvl_has_entry(b->image, b->way.protocol))
		return pvl_no_entry(b, err);
	if (b->way.decompress == PVHLOAD_DECOMPRESS_HOST && !pvl_image_payload_part(info))
		return pvl_fail(err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
				"the host cannot unpack the image: it has no payload");
	if (b->config.module_count > 0)
		return pvl_fail(
			err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
			"the Linux boot protocol has no modules beside the initrd; PVH does");
	return check_paging(b, err);
}

static enum pvhload_status make_input(struct pvl_linux_job *job, struct pvhload_error *err)
{
	const struct pvl_builder *b = job->b;
	struct pvl_linux_input *in = &job->input;
	uint8_t header[PVHLOAD_SETUP_HEADER_ROOM];
	enum pvhload_status status = PVHLOAD_OK;
	size_t size = 0;

	if (is_bzimage(b->image))
		status = pvhload_image_setup_header(b->image, header, sizeof(header), &size, err);
	if (status == PVHLOAD_OK)
		status = pvl_linux_take_header(in, is_bzimage(b->image) ? header : NULL, size, err);
	if (status != PVHLOAD_OK)
		return status;
	in->cmdline = b->plan->cmdline;
	in->memmap = b->plan->memmap.entries;
	in->memmap_count = b->plan->memmap.count;
	in->rsdp_gpa = b->config.rsdp_gpa;
	in->screen_info = b->x86.screen_info;
	in->efi_info = b->x86.efi_info;
	in->loadflags = b->x86.loadflags;
	in->not_linux = (b->config.flags & PVHLOAD_BOOT_NOT_LINUX) != 0;
	in->type_of_loader =
		b->x86.type_of_loader ? b->x86.type_of_loader : PVHLOAD_LINUX_LOADER_UNDEFINED;
	b->plan->info.cmdline_max = in->cmdline_max;
	status = pvl_linux_take_nodes(in, b->x86.setup_data, b->x86.setup_data_count, job->nodes,
				      err);
	return status == PVHLOAD_OK ? pvl_linux_check(in, err) : status;
}

/* startup_64 finds out where it is; anything else that an ELF file may be stays where it is linked. */
static enum pvhload_status plan_kernel(struct pvl_builder *b, struct pvhload_error *err)
{
	const struct pvl_move move = { .may = b->way.protocol == PVHLOAD_PROTOCOL_X86_LINUX64,
				       .why_not = "its 32-bit entry is not position independent",
				       .align = KERNEL_STEP,
				       .min = KERNEL_STEP,
				       .end = pvl_linux_end(b) };

	if (is_bzimage(b->kernel))
		return pvl_plan_bzimage(b, err);
	return pvl_plan_elf(b, &move, err);
}

/* What the header says of the kernel's place is ours to bring up to date. */
static void update_header(struct pvl_linux_job *job)
{
	uint8_t *const header = job->input.header;
	const struct pvl_builder *b = job->b;

	if (job->input.header_made)
		return;
	/* Of a kernel that the host has unpacked, load_gpa is 0: there is no 32-bit code anywhere. */
	pvl_store_le32(header + (PVHLOAD_SETUP_CODE32_START - PVHLOAD_SETUP_HEADER_OFFSET),
		       b->load_gpa < PVL_4GIB ? (uint32_t)b->load_gpa : 0);
	if (!is_bzimage(b->kernel))
		return;
	if (b->alignment != b->image->info.alignment)
		pvl_store_le32(header + (PVHLOAD_SETUP_ALIGNMENT - PVHLOAD_SETUP_HEADER_OFFSET),
			       (uint32_t)b->alignment);
}

static enum pvhload_status plan_initrd(struct pvl_linux_job *job, enum pvl_round round,
				       struct pvhload_error *err)
{
	const struct pvl_linux_reach reach =
		pvl_linux_reach(&job->input, job->b->way.protocol == PVHLOAD_PROTOCOL_X86_LINUX64);
	/* Above 4 GiB of our own accord only where the kernel has said that it takes it there. */
	const bool above = reach.above && !job->input.header_made;
	const struct pvl_initrd_rule rule = { reach.initrd_limit, reach.initrd_limit_name,
					      above ? pvl_linux_end(job->b) : 0,
					      pvl_linux_end_name(job->b) };
	struct pvl_file file = { job->input.initrd_gpa, job->input.initrd_size };
	enum pvhload_status status = pvl_plan_initrd(job->b, round, &rule, &file, err);

	job->input.initrd_gpa = file.gpa;
	job->input.initrd_size = file.size;
	return status;
}

static uint64_t entry_of(const struct pvl_builder *b)
{
	if (!is_bzimage(b->kernel))
		return b->kernel->info.entry + b->shift;
	return b->load_gpa +
	       (b->way.protocol == PVHLOAD_PROTOCOL_X86_LINUX64 ? PVHLOAD_SETUP_ENTRY64 : 0);
}

static enum pvhload_status make_cpu(struct pvl_linux_job *job, struct pvhload_error *err)
{
	struct pvhload_plan *plan = job->b->plan;

	plan->info.entry = entry_of(job->b);
	plan->info.zero_page_gpa = job->zero_page_gpa;
	if (job->b->way.protocol == PVHLOAD_PROTOCOL_X86_LINUX64)
		return pvhload_x86_cpu_init_linux64(plan->info.entry, job->zero_page_gpa,
						    job->gdt_gpa, job->tables.gpa,
						    job->tables.levels, &plan->cpu, err);
	return pvhload_x86_cpu_init_linux32((uint32_t)plan->info.entry,
					    (uint32_t)job->zero_page_gpa, (uint32_t)job->gdt_gpa,
					    &plan->cpu, err);
}

static enum pvhload_status run(struct pvl_linux_job *job, struct pvhload_error *err)
{
	const bool files_first = job->b->order.files_first;
	enum pvhload_status status = PVHLOAD_OK;

	if (!pvl_has_entry(job->b->kernel, job->b->way.protocol))
		return pvl_no_entry(job->b, err);
	status = make_input(job, err);
	if (status == PVHLOAD_OK)
		status = pvl_linux_take_fixed(job, err);
	if (status == PVHLOAD_OK)
		status = plan_initrd(job, PVL_FIXED, err);
	if (status == PVHLOAD_OK && files_first)
		status = plan_initrd(job, PVL_FREE, err);
	if (status == PVHLOAD_OK)
		status = plan_kernel(job->b, err);
	if (status == PVHLOAD_OK)
		status = pvl_linux_take_usual(job, err);
	if (status == PVHLOAD_OK && !files_first)
		status = plan_initrd(job, PVL_FREE, err);
	if (status == PVHLOAD_OK)
		status = make_cpu(job, err);
	if (status != PVHLOAD_OK)
		return status;
	update_header(job);
	return pvl_linux_encode(job, err);
}

enum pvhload_status pvl_plan_linux(struct pvl_builder *b, struct pvhload_error *err)
{
	struct pvl_linux_job *job = calloc(1, sizeof(*job)); /* too much for a small stack */
	enum pvhload_status status;

	if (!job)
		return pvl_fail_no_memory(err, sizeof(*job));
	job->b = b;
	status = run(job, err);
	free(job->mapped);
	free(job);
	return status;
}
