/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A firmware from the reset state: the copy of its last bytes below 1 MiB, and its variables below it.
 *
 * ABI source: Intel SDM, volume 3, "Processor State After Reset"; image/firmware_image.c for the copy.  That variables in a
 * file of their own are directly below the code: EDK II's OVMF, which is built so.
 */
#include "boot/protocols.h"
#include "core/error.h"
#include "core/libc.h"
#include "x86/limits.h"

/* The numbers of our parts. */
enum { PART_ALIAS, PART_VARS, PARTS };

/* What a firmware is told of by nobody but itself. */
static const char *cannot_carry(const struct pvl_builder *b)
{
	const struct pvhload_boot_config *c = &b->config;
	const struct pvhload_boot_x86 *x = &b->x86;

	if (c->cmdline[0] != '\0')
		return "a command line";
	if (c->initrd_count > 0 || c->module_count > 0)
		return "an initrd or a module";
	if (c->rsdp_gpa != 0)
		return "an RSDP";
	if (x->setup_data_count > 0 || x->framebuffer || x->efi_info || x->loadflags != 0)
		return "setup_data, a framebuffer, an efi_info or load flags";
	if (x->paging_levels != 0 || x->page_size != 0 || x->page_entry_mask != 0)
		return "page tables";
	return (x->flags & PVHLOAD_BOOT_X86_BDA) != 0 ? "a BIOS data area, which is its own" : NULL;
}

static enum pvhload_status check_reset(const struct pvl_builder *b, struct pvhload_error *err)
{
	const char *what = cannot_carry(b);

	if (what)
		return pvl_fail(
			err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
			"a firmware finds out by itself what there is: nothing tells it of %s",
			what);
	return PVHLOAD_OK;
}

static enum pvhload_status check_vars(uint64_t size, uint64_t code, struct pvhload_error *err)
{
	if (size == 0 || size % PVHLOAD_FIRMWARE_ALIGN != 0)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE,
				"firmware variables: %" PRIu64 " bytes, which is %s", size,
				size == 0 ? "none" : "no multiple of 4096");
	if (size > PVHLOAD_FIRMWARE_SIZE_MAX - code)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_ANYWHERE,
				"firmware variables: with %" PRIu64
				" bytes, and the firmware's %" PRIu64 ", there are %" PRIu64
				" more than the limit, %u",
				size, code, size + code - PVHLOAD_FIRMWARE_SIZE_MAX,
				PVHLOAD_FIRMWARE_SIZE_MAX);
	return PVHLOAD_OK;
}

static enum pvhload_status open_vars(const struct pvl_builder *b, struct pvhload_error *err)
{
	struct pvl_source *vars = &b->plan->firmware_vars;
	const enum pvhload_status status = pvl_source_open(b->config.firmware_vars, vars, err);

	if (status != PVHLOAD_OK)
		return pvl_fail_in(err, status, "firmware variables");
	return check_vars(vars->length, b->image->info.size, err);
}

static void append_alias(struct pvl_builder *b)
{
	const struct pvhload_range *alias = &b->image->firmware.alias;
	const struct pvl_part part = { .name = "firmware alias",
				       .kind = PVHLOAD_REGION_FIRMWARE_ALIAS,
				       .size = alias->size,
				       .align = PVHLOAD_FIRMWARE_ALIGN,
				       .limit = PVL_X86_FIRMWARE_ALIAS_END,
				       .limit_name = "1 MiB",
				       .usual = alias->gpa,
				       .search = PVL_NOWHERE_ELSE,
				       .target = PVL_TO_RAM_OR_ROM };

	(void)pvl_layout_append(&b->layout, &part);
}

static void append_vars(struct pvl_builder *b)
{
	const uint64_t code = b->image->firmware.window.gpa;
	const uint64_t size = b->plan->firmware_vars.length;
	const struct pvl_part part = { .name = "firmware variables",
				       .kind = PVHLOAD_REGION_FIRMWARE,
				       .index = 1,
				       .size = size,
				       .align = PVHLOAD_FIRMWARE_ALIGN,
				       .limit = code,
				       .limit_name = "the firmware",
				       .usual = code - size,
				       .search = PVL_NOWHERE_ELSE,
				       .target = PVL_TO_ROM };

	(void)pvl_layout_append(&b->layout, &part);
}

static enum pvhload_status append_parts(struct pvl_builder *b, void *job, struct pvhload_error *err)
{
	(void)job;
	if (b->config.firmware_vars)
		PVL_TRY(open_vars(b, err));
	PVL_TRY(pvl_layout_init(&b->layout, PARTS, err));
	append_alias(b);
	append_vars(b);
	return PVHLOAD_OK;
}

static enum pvhload_status set_cpu(struct pvl_builder *b, void *job, struct pvhload_error *err)
{
	(void)job;
	return pvhload_x86_cpu_init_reset(&b->plan->cpu, err);
}

static enum pvhload_status encode(struct pvl_builder *b, void *job, struct pvhload_error *err)
{
	const struct pvl_part *parts = b->layout.parts;
	const struct pvl_write alias = { .gpa = parts[PART_ALIAS].gpa,
					 .size = parts[PART_ALIAS].size,
					 .from = PVL_FROM_SOURCE,
					 .source = pvl_image_source(b->loaded),
					 .offset =
						 b->loaded->source.length - parts[PART_ALIAS].size,
					 .subject = PVHLOAD_SUBJECT_KERNEL };
	const struct pvl_write vars = { .gpa = parts[PART_VARS].gpa,
					.size = parts[PART_VARS].size,
					.from = PVL_FROM_SOURCE,
					.source = &b->plan->firmware_vars };

	(void)job;
	PVL_TRY(pvl_writes_append(&b->plan->writes, alias, err));
	return pvl_writes_append(&b->plan->writes, vars, err);
}

static const struct pvl_protocol_ops reset_ops = {
	.check = check_reset,
	.parts = append_parts,
	.describe_cpu = pvl_describe_x86_cpu,
	.cpu = set_cpu,
	.encode = encode,
};

const struct pvl_protocol pvl_protocol_reset = {
	.id = PVHLOAD_PROTOCOL_X86_RESET,
	.name = "reset",
	.entry_name = "reset",
	.method_name = "reset",
	.payload_name = "reset",
	.entry = PVL_ENTRY_RESET,
	.ops = &reset_ops,
};
