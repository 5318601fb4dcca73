/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A Multiboot boot, of either version: the content of the information, the parts, and how the kernel is entered.
 *
 * ABI source: GNU Multiboot Specification 0.6.96, 3.2 and 3.3; Multiboot2 Specification 2.0, 3.3 and 3.6.
 */
#include "boot/files.h"
#include "boot/protocols.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "multiboot/multiboot_info.h"
#include "x86/limits.h"

/* One Multiboot plan in the making. */
struct multiboot_job {
	struct pvl_multiboot_input input;
	struct pvl_multiboot_module *modules; /* input.modules, of the plan's arena */
	size_t info;                          /* the numbers of our parts: the information, */
	size_t gdt;
	size_t files; /* and initrd and modules */
};

static uint32_t version_of(const struct pvl_builder *b)
{
	return b->method.protocol->entry == PVL_ENTRY_MULTIBOOT1 ? 1 : 2;
}

static enum pvhload_status check_multiboot(const struct pvl_builder *b, struct pvhload_error *err)
{
	const char *what = pvl_linux_x86_option(&b->x86);

	if (what)
		return pvl_fail(err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
				"Multiboot has no place for %s; the Linux boot protocol does",
				what);
	if (!pvl_has_entry(b->image, b->method.protocol->entry))
		return pvl_no_entry(b, err);
	return PVHLOAD_OK;
}

/* KiB of RAM from @gpa on. */
static uint32_t kib_from(const struct pvl_builder *b, uint64_t gpa, uint64_t end)
{
	const uint64_t until = pvl_min_u64(pvl_ram_until(&b->layout.space.ram, gpa), end);

	return until > gpa ? (uint32_t)pvl_min_u64((until - gpa) >> 10, UINT32_MAX) : 0;
}

static enum pvhload_status list_modules(struct pvl_builder *b, struct multiboot_job *job,
					struct pvhload_error *err)
{
	const struct pvhload_boot_config *c = &b->config;
	const size_t initrds = c->initrd_count > 0 ? 1 : 0;
	const size_t count = c->module_count + initrds;

	job->modules = pvl_plan_new(b, count, sizeof(*job->modules));
	if (!job->modules)
		return pvl_fail_no_memory(err, count * sizeof(*job->modules));
	job->modules[0].text = "initrd";
	for (size_t i = 0; i < c->module_count; i++) {
		struct pvhload_boot_module module = PVHLOAD_BOOT_MODULE_INIT;

		PVL_TRY(pvl_config_module(c, i, &module, err));
		job->modules[initrds + i].text = module.cmdline ? module.cmdline : "";
	}
	job->input.modules = job->modules;
	job->input.module_count = count;
	job->input.initrd_count = initrds;
	return PVHLOAD_OK;
}

static enum pvhload_status make_input(struct pvl_builder *b, struct multiboot_job *job,
				      struct pvhload_error *err)
{
	const struct pvhload_image_multiboot *header =
		pvl_multiboot_header(b->image, b->method.protocol->entry);
	const struct pvhload_boot_multiboot *options = &b->multiboot;

	b->plan->info.cmdline_max = PVHLOAD_MULTIBOOT_CMDLINE_LENGTH_MAX;
	job->input = (struct pvl_multiboot_input){
		.version = version_of(b),
		.kernel_name = options->kernel_name ? options->kernel_name : "kernel",
		.cmdline = b->plan->cmdline,
		.memmap = b->plan->memmap.entries,
		.memmap_count = b->plan->memmap.count,
		.lower_kib = kib_from(b, 0, PVL_X86_LOW_RAM_END),
		.upper_kib = kib_from(b, PVL_X86_HIGH_RAM_GPA, UINT64_MAX),
		.rsdp = options->rsdp,
		.rsdp_size = options->rsdp_size,
		.is_relocatable = header->reloc != NULL,
	};
	PVL_TRY(list_modules(b, job, err));
	return pvl_multiboot_check(&job->input, err);
}

static void append_structures(struct pvl_builder *b, struct multiboot_job *job)
{
	const struct pvl_part info = { .name = "multiboot info",
				       .kind = PVHLOAD_REGION_MULTIBOOT_INFO,
				       .size = pvl_multiboot_encode(&job->input, 0, NULL),
				       .align = 8,
				       .limit = PVL_4GIB,
				       .limit_name = PVL_4GIB_NAME,
				       .usual = PVHLOAD_MULTIBOOT_INFO_GPA };

	job->info = pvl_layout_append(&b->layout, &info);
	job->gdt = pvl_append_gdt(&b->layout, PVHLOAD_PVH_GDT_SIZE, PVHLOAD_PVH_GDT_GPA);
}

static enum pvhload_status append_parts(struct pvl_builder *b, void *user,
					struct pvhload_error *err)
{
	static const struct pvl_initrd_rule rule = { PVL_4GIB, PVL_4GIB_NAME, 0, NULL };
	struct multiboot_job *job = user;

	PVL_TRY(make_input(b, job, err));
	PVL_TRY(pvl_layout_init(&b->layout, 2 + job->input.module_count, err));
	append_structures(b, job);
	return pvl_append_files(b, &rule, &job->files, err);
}

/*
 * Above the kernel: one that can be moved may not have its place yet, and then goes below what does, or is refused.  The
 * information has the end of each file in 32 bits.
 */
static void bound_file(const struct pvl_builder *b, struct pvl_part *part)
{
	uint64_t end = 0;

	if (b->layout.kernel_placed)
		end = b->place.image.end;
	else if (!b->kernel.movable)
		end = b->kernel.own + b->kernel.extent;
	part->min = pvl_max_u64(b->layout.space.arch->high_min, end);
	part->limit = UINT32_MAX;
	part->limit_name = "0xffffffff";
}

/*
 * As QEMU places them, and as kernels assume that take the memory after the last module for free; GRUB 2.06 has those
 * of a Multiboot 2 kernel below it (found by booting).  What was placed before the kernel may be below it.
 */
static enum pvhload_status check_above(const struct pvl_builder *b, const struct multiboot_job *job,
				       struct pvhload_error *err)
{
	for (size_t i = 0; i < job->input.module_count; i++) {
		const struct pvl_part *part = &b->layout.parts[job->files + i];

		if (part->gpa >= b->place.image.end)
			continue;
		(void)pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(part->gpa),
			       "%s at 0x%" PRIx64
			       " is not above the kernel, which ends at 0x%" PRIx64
			       ", as Multiboot kernels take for granted",
			       part->name, part->gpa, b->place.image.end);
		return pvl_fail_about(err, PVHLOAD_E_RANGE, part->subject, part->subject_index);
	}
	return PVHLOAD_OK;
}

static enum pvhload_status set_cpu(struct pvl_builder *b, void *user, struct pvhload_error *err)
{
	struct multiboot_job *job = user;
	const struct pvl_part *parts = b->layout.parts;
	const uint64_t info = parts[job->info].gpa;

	PVL_TRY(check_above(b, job, err));
	b->plan->info.multiboot_info_gpa = info;
	return pvhload_x86_cpu_init_multiboot(version_of(b), (uint32_t)b->place.entry,
					      (uint32_t)info, (uint32_t)parts[job->gdt].gpa,
					      &b->plan->cpu, err);
}

static void note_places(const struct pvl_builder *b, struct multiboot_job *job)
{
	for (size_t i = 0; i < job->input.module_count; i++) {
		job->modules[i].gpa = b->layout.parts[job->files + i].gpa;
		job->modules[i].size = b->layout.parts[job->files + i].size;
	}
	job->input.load_base = b->place.gpa;
}

/* An address has no place in either version. */
static void note_rsdp(struct pvl_builder *b)
{
	if (version_of(b) == 1 && (b->config.rsdp_gpa != 0 || b->multiboot.rsdp))
		pvl_plan_note(b, "the RSDP is not passed on: Multiboot 1 has no place for it, "
				 "and the guest searches the BIOS areas");
	else if (b->config.rsdp_gpa != 0 && !b->multiboot.rsdp)
		pvl_plan_note(b, "the RSDP is not passed on: Multiboot 2 takes its bytes, not its "
				 "address");
}

/* Encode everything into one block that the writes point into. */
static enum pvhload_status encode(struct pvl_builder *b, void *user, struct pvhload_error *err)
{
	struct multiboot_job *job = user;
	const struct pvl_part *info = &b->layout.parts[job->info];
	const uint64_t size = PVHLOAD_PVH_GDT_SIZE + info->size;
	struct pvl_block block = { &b->plan->writes, calloc(1, (size_t)size) };

	b->plan->blob = block.at;
	if (!block.at)
		return pvl_fail_no_memory(err, size);
	note_places(b, job);
	note_rsdp(b);
	PVL_TRY(pvl_write_files(b, job->files, err));
	PVL_TRY(pvl_write_gdt(b, job->gdt, &block, err));
	(void)pvl_multiboot_encode(&job->input, info->gpa, block.at);
	return pvl_block_append(&block, info->gpa, info->size, err);
}

static const struct pvl_protocol_ops multiboot_ops = {
	.check = check_multiboot,
	.job_size = sizeof(struct multiboot_job),
	.parts = append_parts,
	.bound_file = bound_file,
	.describe_cpu = pvl_describe_x86_cpu,
	.cpu = set_cpu,
	.encode = encode,
};

const struct pvl_protocol pvl_protocol_multiboot1 = {
	.id = PVHLOAD_PROTOCOL_MULTIBOOT1,
	.name = "multiboot1",
	.entry_name = "Multiboot 1",
	.method_name = "Multiboot 1",
	.payload_name = "Multiboot 1",
	.entry = PVL_ENTRY_MULTIBOOT1,
	.ops = &multiboot_ops,
};

const struct pvl_protocol pvl_protocol_multiboot2 = {
	.id = PVHLOAD_PROTOCOL_MULTIBOOT2,
	.name = "multiboot2",
	.entry_name = "Multiboot 2",
	.method_name = "Multiboot 2",
	.payload_name = "Multiboot 2",
	.entry = PVL_ENTRY_MULTIBOOT2,
	.ops = &multiboot_ops,
};
