/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A boot of a flat Image, on arm64 or riscv64: the kernel, a device tree that says where the rest is, and an initrd.
 *
 * ABI source: Linux, Documentation/arch/arm64/booting.rst, Documentation/arch/riscv/boot.rst.
 */
#include "abi/flat_layout.h"
#include "arm64/arm64_limits.h"
#include "boot/files.h"
#include "boot/plan_fdt.h"
#include "boot/protocols.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "riscv64/riscv64_limits.h"

/*
 * Bytes of command line, without the NUL.  Linux, arch/arm64 and arch/riscv, include/uapi/asm/setup.h: COMMAND_LINE_SIZE
 * is 2048 and, in 6.1, 1024.  A longer one is cut without a word.
 */
#define ARM64_CMDLINE_MAX   2047u
#define RISCV64_CMDLINE_MAX 1023u

/* One plan in the making. */
struct flat_job {
	size_t fdt; /* the numbers of the parts */
	size_t initrd;
};

static bool is_arm64(const struct pvl_builder *b)
{
	return b->method.protocol == &pvl_protocol_arm64;
}

/* What the config has that a device tree does not carry, or NULL. */
static const char *cannot_carry(const struct pvl_builder *b)
{
	if (b->config.module_count > 0)
		return "modules beside the initrd";
	if (b->config.rsdp_gpa != 0)
		return "an RSDP";
	if ((b->x86.flags & PVHLOAD_BOOT_X86_BDA) != 0)
		return "a BIOS data area";
	return pvl_linux_x86_option(&b->x86);
}

static enum pvhload_status check_flat(const struct pvl_builder *b, struct pvhload_error *err)
{
	const char *what = cannot_carry(b);

	if (!pvl_has_entry(b->image, b->method.protocol->entry))
		return pvl_no_entry(b, err);
	if (what)
		return pvl_fail(err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
				"the %s protocol has no place for %s", b->method.protocol->name,
				what);
	if (b->config.decompress == PVHLOAD_DECOMPRESS_GUEST)
		return pvl_fail(err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
				"the guest cannot decode the image: it is code as it runs");
	if (!b->config.fdt)
		return pvl_fail(
			err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
			"the %s protocol tells the kernel of its machine by a device tree, and "
			"the boot config has none",
			b->method.protocol->name);
	return PVHLOAD_OK;
}

static uint64_t window_start(uint64_t gpa)
{
	return gpa & ~(uint64_t)(PVL_ARM64_WINDOW_ALIGN - 1);
}

static uint64_t window_end(uint64_t gpa)
{
	const uint64_t most = UINT64_C(1) << PVL_ARM64_ADDRESS_BITS;
	uint64_t end;

	return pvl_add_u64(window_start(gpa), PVL_ARM64_WINDOW, &end) ? pvl_min_u64(end, most)
								      : most;
}

/* From where RAM begins, or the kernel is asked to be; from where it is, if that is not in it. */
static uint64_t window_limit(const struct pvl_builder *b)
{
	const struct pvl_ram *ram = &b->layout.space.ram;
	const uint64_t asked = pvl_config_place(b, PVHLOAD_REGION_KERNEL, 0);
	const uint64_t end = window_end(asked != 0       ? asked
					: ram->count > 0 ? ram->ranges[0].start
							 : 0);

	return b->layout.kernel_placed && b->place.run.end > end ? window_end(b->place.gpa) : end;
}

/* Where there is no room in the window, kernels of today take it elsewhere (found by booting: 7.3). */
static struct pvl_initrd_rule initrd_rule(const struct pvl_builder *b)
{
	if (!is_arm64(b))
		return (struct pvl_initrd_rule){ UINT64_C(1) << PVL_RISCV64_PHYSICAL_BITS, "2^56",
						 0, NULL };
	return (struct pvl_initrd_rule){ window_limit(b),
					 "the end of the kernel's window of 32 GiB",
					 UINT64_C(1) << PVL_ARM64_ADDRESS_BITS, "2^48" };
}

/* What is below an old arm64 kernel is lost to it. */
static void stay_above(const struct pvl_builder *b, struct pvl_part *part)
{
	if (b->layout.kernel_placed && is_arm64(b) && !b->loaded->info.flat->anywhere)
		part->min = b->place.run.end;
}

static void bound_file(const struct pvl_builder *b, struct pvl_part *part)
{
	stay_above(b, part);
	if (is_arm64(b))
		part->limit = window_limit(b);
}

/* After the kernel. */
static enum pvhload_status prepare_fdt(struct pvl_layout *layout, struct pvl_part *part,
				       struct pvhload_error *err)
{
	const struct pvl_builder *b = layout->kernel;
	const struct pvhload_image_flat *flat = b->loaded->info.flat;

	(void)err;
	if (!layout->kernel_placed || flat->image_size == 0 ||
	    !pvl_align_up(b->place.run.end, PVHLOAD_FDT_LIMIT, &part->usual))
		part->usual = 0;
	stay_above(b, part);
	return PVHLOAD_OK;
}

/*
 * In 2 MiB of its own: kernels before 4.2 want it not to cross a multiple of that, and within 512 MiB of the kernel
 * (booting.rst, as far as we know: it is not in our sources).  An arm64 Image that does not say how much it needs
 * gets the room after it.
 */
static struct pvl_part fdt_part(struct pvl_builder *b)
{
	const bool asked = pvl_config_place(b, PVHLOAD_REGION_FDT, 0) != 0;
	const bool unsized = b->loaded->info.flat->image_size == 0;

	return (struct pvl_part){ .name = "fdt",
				  .kind = PVHLOAD_REGION_FDT,
				  .class = unsized ? PVL_FILE : PVL_STRUCTURE,
				  .size = b->plan->fdt.size,
				  .align = asked ? PVHLOAD_FDT_ALIGN : PVHLOAD_FDT_LIMIT,
				  .min = b->layout.space.arch->high_min,
				  .limit = is_arm64(b) ? UINT64_C(1) << PVL_ARM64_ADDRESS_BITS
						       : UINT64_C(1) << PVL_RISCV64_PHYSICAL_BITS,
				  .limit_name = is_arm64(b) ? "2^48" : "2^56",
				  .whole_pages = true,
				  .search = unsized ? PVL_HIGHEST : PVL_LOWEST,
				  .prepare = prepare_fdt };
}

static enum pvhload_status append_parts(struct pvl_builder *b, void *user,
					struct pvhload_error *err)
{
	const uint32_t cmdline_max = b->method.protocol->cmdline_max;
	const struct pvl_initrd_rule rule = initrd_rule(b);
	struct flat_job *job = user;
	struct pvl_part fdt;

	b->plan->info.cmdline_max = cmdline_max;
	PVL_TRY(pvl_make_fdt(b, cmdline_max, err));
	fdt = fdt_part(b);
	PVL_TRY(pvl_layout_init(&b->layout, 2, err));
	job->fdt = pvl_layout_append(&b->layout, &fdt);
	job->initrd = pvl_append_initrd(b, &rule);
	return PVHLOAD_OK;
}

/* The initrd, or an empty range. */
static struct pvl_range initrd_range(const struct pvl_builder *b, const struct flat_job *job)
{
	const struct pvl_part *part = &b->layout.parts[job->initrd];

	if (b->config.initrd_count == 0)
		return (struct pvl_range){ 0, 0 };
	return (struct pvl_range){ part->gpa, part->gpa + part->size };
}

/* Does the window that begins with the lower of the two have both? */
static bool is_in_window(struct pvl_range kernel, struct pvl_range initrd)
{
	const uint64_t start = window_start(pvl_min_u64(kernel.start, initrd.start));

	return pvl_max_u64(kernel.end, initrd.end) - start <= PVL_ARM64_WINDOW;
}

static enum pvhload_status check_window(struct pvl_builder *b, const struct flat_job *job,
					struct pvhload_error *err)
{
	const struct pvl_range initrd = initrd_range(b, job);
	const bool asked = pvl_config_place(b, PVHLOAD_REGION_KERNEL, 0) != 0 ||
			   pvl_config_place(b, PVHLOAD_REGION_INITRD, 0) != 0;

	if (initrd.end == 0 || is_in_window(b->place.run, initrd))
		return PVHLOAD_OK;
	if (asked)
		return pvl_fail(
			err, PVHLOAD_E_RANGE, PVL_GPA(initrd.start),
			"the kernel at 0x%" PRIx64 " and the initrd at 0x%" PRIx64
			" are not in one window of 32 GiB that begins at a multiple of 1 GiB",
			b->place.run.start, initrd.start);
	pvl_plan_note(
		b, "the initrd is not in the kernel's window of 32 GiB, which an old kernel wants");
	return PVHLOAD_OK;
}

static enum pvhload_status check_below(const struct pvl_builder *b, const struct pvl_part *part,
				       struct pvhload_error *err)
{
	if (part->size == 0 || part->gpa >= b->place.run.end)
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(part->gpa),
			"%s at 0x%" PRIx64 " is below the kernel at 0x%" PRIx64
			", whose flags say that memory there is lost to it",
			part->name, part->gpa, b->place.gpa);
}

static enum pvhload_status check_places(struct pvl_builder *b, const struct flat_job *job,
					struct pvhload_error *err)
{
	const struct pvhload_image_flat *flat = b->loaded->info.flat;

	if (!is_arm64(b))
		return PVHLOAD_OK;
	for (size_t i = 0; i < b->layout.count && !flat->anywhere; i++)
		PVL_TRY(check_below(b, &b->layout.parts[i], err));
	if (flat->image_size == 0)
		pvl_plan_note(b,
			      "the Image does not say how much it needs after its bytes, as before "
			      "Linux 3.17: as much as possible is free");
	return check_window(b, job, err);
}

static enum pvhload_status set_cpu(struct pvl_builder *b, void *user, struct pvhload_error *err)
{
	const struct flat_job *job = user;
	const uint64_t fdt = b->layout.parts[job->fdt].gpa;

	PVL_TRY(check_places(b, job, err));
	PVL_TRY(pvl_check_fdt_memory(b, err));
	b->plan->info.fdt_gpa = fdt;
	if (is_arm64(b))
		return pvhload_arm64_cpu_init_linux(b->place.entry, fdt, b->arm64.exception_level,
						    &b->plan->arm64_cpu, err);
	return pvhload_riscv64_cpu_init_linux(b->place.entry, fdt, b->riscv64.boot_hart,
					      &b->plan->riscv64_cpu, err);
}

static enum pvhload_status encode(struct pvl_builder *b, void *user, struct pvhload_error *err)
{
	const struct flat_job *job = user;
	const struct pvl_range initrd = initrd_range(b, job);

	if (b->config.initrd_count > 0)
		PVL_TRY(pvl_write_initrd(b, initrd.start, err));
	return pvl_write_fdt(b, b->layout.parts[job->fdt].gpa, initrd, err);
}

static void describe_cpu(struct pvhload_plan *plan)
{
	struct pvhload_plan_info *info = &plan->info;

	if (info->protocol == PVHLOAD_PROTOCOL_ARM64_LINUX) {
		info->arch = PVHLOAD_ARCH_ARM64;
		info->arm64_cpu = &plan->arm64_cpu;
		plan->arm64_cpu.struct_size = sizeof(plan->arm64_cpu);
	} else {
		info->arch = PVHLOAD_ARCH_RISCV64;
		info->riscv64_cpu = &plan->riscv64_cpu;
		plan->riscv64_cpu.struct_size = sizeof(plan->riscv64_cpu);
	}
}

static const struct pvl_protocol_ops flat_ops = {
	.check = check_flat,
	.job_size = sizeof(struct flat_job),
	.parts = append_parts,
	.bound_file = bound_file,
	.describe_cpu = describe_cpu,
	.cpu = set_cpu,
	.encode = encode,
};

const struct pvl_protocol pvl_protocol_arm64 = {
	.id = PVHLOAD_PROTOCOL_ARM64_LINUX,
	.name = "arm64",
	.entry_name = "arm64 Linux",
	.method_name = "the arm64 protocol",
	.payload_name = "the arm64 protocol",
	.entry = PVL_ENTRY_ARM64,
	.arch = PVHLOAD_ARCH_ARM64,
	.cmdline_max = ARM64_CMDLINE_MAX,
	.ops = &flat_ops,
};

const struct pvl_protocol pvl_protocol_riscv64 = {
	.id = PVHLOAD_PROTOCOL_RISCV64_LINUX,
	.name = "riscv64",
	.entry_name = "riscv64 Linux",
	.method_name = "the riscv64 protocol",
	.payload_name = "the riscv64 protocol",
	.entry = PVL_ENTRY_RISCV64,
	.arch = PVHLOAD_ARCH_RISCV64,
	.cmdline_max = RISCV64_CMDLINE_MAX,
	.ops = &flat_ops,
};
