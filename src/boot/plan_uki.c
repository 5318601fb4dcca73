/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Booting a unified kernel image: what of it is used, and what of the caller's takes its place.
 *
 * ABI source: UAPI Group, Unified Kernel Image; systemd-stub(7) (the order of initrds).
 */
#include <pvhload/cmdline.h>
#include <pvhload/image_parts.h>

#include "boot/plan.h"
#include "core/error.h"
#include "core/libc.h"

static const struct pvhload_image_part *uki_part(const struct pvl_builder *b, uint32_t kind)
{
	return pvhload_image_find_part(b->config.image, kind, b->config.uki_profile);
}

static enum pvhload_status check_profile(const struct pvl_builder *b, struct pvhload_error *err)
{
	const struct pvhload_image_uki *uki = b->config.image->info.uki;
	const uint32_t count = uki ? uki->profile_count : 1;

	if (b->config.uki_profile < count)
		return PVHLOAD_OK;
	if (!uki)
		return pvl_fail(err, PVHLOAD_E_NOT_FOUND, PVL_ANYWHERE,
				"there is no profile %" PRIu32 ": the image is no UKI",
				b->config.uki_profile);
	return pvl_fail(err, PVHLOAD_E_NOT_FOUND, PVL_ANYWHERE,
			"there is no profile %" PRIu32 ": the UKI has %" PRIu32
			", which count from 0",
			b->config.uki_profile, count);
}

static enum pvhload_status find_kernel(struct pvl_builder *b, struct pvhload_image **ret,
				       struct pvhload_error *err)
{
	const struct pvhload_image_part *kernel = uki_part(b, PVHLOAD_IMAGE_PART_KERNEL);

	*ret = b->config.image;
	if (!kernel)
		return pvl_fail(err, PVHLOAD_E_NOT_FOUND, PVL_ANYWHERE,
				"profile %" PRIu32 " of the UKI has no kernel (.linux)",
				b->config.uki_profile);
	if (kernel == b->config.image->info.parts[0]) /* its payload */
		return PVHLOAD_OK;
	PVL_TRY(pvl_image_open_kernel(b->config.image, kernel, &b->uki.kernel, err));
	*ret = b->uki.kernel;
	return PVHLOAD_OK;
}

/* In the order that systemd-stub hands them over. */
static void use_initrds(struct pvl_builder *b)
{
	static const uint32_t kinds[] = { PVHLOAD_IMAGE_PART_UCODE, PVHLOAD_IMAGE_PART_INITRD };
	size_t count = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct pvhload_image_part *part = uki_part(b, kinds[i]);

		if (part)
			b->uki.initrds[count++] = pvhload_image_part_source(b->config.image, part);
	}
	b->config.initrds = b->uki.initrds;
	b->config.initrd_count = count;
}

/* Without what ends it in the section. */
static size_t text_length(const char *text, size_t size)
{
	while (size > 0 && (text[size - 1] == '\0' || text[size - 1] == '\n'))
		size--;
	return size;
}

/* The section's text to @text, which has a byte more than that; after it a space, if @more follows, and @more. */
static enum pvhload_status read_cmdline(const struct pvhload_image *image,
					const struct pvhload_image_part *part, const char *more,
					char *text, struct pvhload_error *err)
{
	const char *nul;
	size_t length;

	PVL_TRY(pvl_source_read(&image->source, part->offset, text, part->size, err));
	length = text_length(text, (size_t)part->size);
	nul = memchr(text, '\0', length);
	if (nul)
		return pvl_fail(
			err, PVHLOAD_E_MALFORMED, PVL_AT(part->offset + (uint64_t)(nul - text)),
			"section .cmdline has a NUL at byte %zu of its %zu, which would end "
			"it there",
			(size_t)(nul - text), length);
	if (length > 0 && more[0])
		text[length++] = ' ';
	memcpy(text + length, more, strlen(more) + 1);
	return PVHLOAD_OK;
}

static enum pvhload_status use_cmdline(struct pvl_builder *b, const struct pvhload_image_part *part,
				       struct pvhload_error *err)
{
	const char *more = b->config.cmdline; /* "" or what is appended */
	size_t room;

	if (part->size > PVHLOAD_CMDLINE_CAPACITY_MAX)
		return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_AT(part->offset),
				"section .cmdline has %" PRIu64 " bytes, more than the limit of %u "
				"(PVHLOAD_CMDLINE_CAPACITY_MAX)",
				part->size, PVHLOAD_CMDLINE_CAPACITY_MAX);
	room = (size_t)part->size + strlen(more) + 2; /* the space, the NUL */
	b->uki.cmdline = calloc(room, 1);
	if (!b->uki.cmdline)
		return pvl_fail_no_memory(err, room);
	PVL_TRY(read_cmdline(b->config.image, part, more, b->uki.cmdline, err));
	b->uki.appended = more[0] != '\0';
	b->config.cmdline = b->uki.cmdline;
	return PVHLOAD_OK;
}

/*
 * Only for a caller who says that he has such a machine: anybody else, who looks at x86_cpu alone, would have a plan
 * without it by whatever image he is handed.
 */
static bool takes_tree(const struct pvl_builder *b)
{
	const uint32_t arch = b->config.image->info.arch;

	return !b->config.fdt && ((arch == PVHLOAD_ARCH_ARM64 && b->config.arm64) ||
				  (arch == PVHLOAD_ARCH_RISCV64 && b->config.riscv64));
}

static enum pvhload_status use_tree(struct pvl_builder *b, const struct pvhload_image_part *part,
				    struct pvhload_error *err)
{
	const size_t size = (size_t)part->size;

	if (part->size > PVHLOAD_FDT_SIZE_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_AT(part->offset),
				"section .dtb has %" PRIu64 " bytes, more than the limit of %u "
				"(PVHLOAD_FDT_SIZE_MAX)",
				part->size, PVHLOAD_FDT_SIZE_MAX);
	b->uki.tree = malloc(size + 1); /* never 0 bytes */
	if (!b->uki.tree)
		return pvl_fail_no_memory(err, size);
	PVL_TRY(pvl_source_read(&b->config.image->source, part->offset, b->uki.tree, size, err));
	b->uki.fdt = (struct pvhload_fdt)PVHLOAD_FDT_INIT;
	b->uki.fdt.tree = b->uki.tree;
	b->uki.fdt.size = size;
	b->config.fdt = &b->uki.fdt;
	return PVHLOAD_OK;
}

enum pvhload_status pvl_use_uki(struct pvl_builder *b, struct pvhload_image **ret,
				struct pvhload_error *err)
{
	const bool append = (b->config.flags & PVHLOAD_BOOT_UKI_APPEND) != 0;
	const struct pvhload_image_part *cmdline, *tree;

	PVL_TRY(check_profile(b, err));
	*ret = b->config.image;
	if (!b->config.image->info.uki)
		return PVHLOAD_OK;
	PVL_TRY(find_kernel(b, ret, err));
	tree = uki_part(b, PVHLOAD_IMAGE_PART_DTB);
	if (tree && takes_tree(b))
		PVL_TRY(use_tree(b, tree, err));
	cmdline = uki_part(b, PVHLOAD_IMAGE_PART_CMDLINE);
	if (cmdline && (append || !b->config.cmdline[0]))
		PVL_TRY(use_cmdline(b, cmdline, err));
	if (b->config.initrd_count == 0)
		use_initrds(b);
	return PVHLOAD_OK;
}

static bool is_x86(uint32_t arch)
{
	return arch == PVHLOAD_ARCH_X86_64 || arch == PVHLOAD_ARCH_I386;
}

enum pvhload_status pvl_check_uki_machine(const struct pvl_builder *b, struct pvhload_error *err)
{
	const struct pvhload_image_info *uki = &b->config.image->info;
	const uint32_t arch = b->image->info.arch;

	/* A firmware of 32 bits may start a kernel of 64. */
	if (!uki->uki || uki->arch == 0 || uki->arch == arch || (is_x86(uki->arch) && is_x86(arch)))
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE,
			"the UKI is for %s, and its kernel (.linux) for %s",
			pvhload_arch_name(uki->arch), pvhload_arch_name(arch));
}

/* Sections of the UKI by name, with a comma between them. */
struct names {
	char text[64];
};

static void append_name(struct names *names, const struct pvl_builder *b, uint32_t kind)
{
	const size_t length = strlen(names->text);

	if (uki_part(b, kind))
		snprintf(names->text + length, sizeof(names->text) - length, "%s.%s",
			 length > 0 ? ", " : "", pvhload_image_part_name(kind));
}

/* What comes from the UKI. */
static void note_used(struct pvl_builder *b, const struct names *used)
{
	if (b->config.image->info.uki->profile_count > 1)
		pvl_plan_note(b, "from profile %" PRIu32 " of the UKI: %s", b->config.uki_profile,
			      used->text);
	else
		pvl_plan_note(b, "from the UKI: %s", used->text);
}

void pvl_note_uki(struct pvl_builder *b)
{
	const bool own_initrds = b->config.initrds == b->uki.initrds;
	struct names used = { "" }, unused = { "" };

	if (!b->config.image->info.uki)
		return;
	append_name(&used, b, PVHLOAD_IMAGE_PART_KERNEL);
	append_name(own_initrds ? &used : &unused, b, PVHLOAD_IMAGE_PART_UCODE);
	append_name(own_initrds ? &used : &unused, b, PVHLOAD_IMAGE_PART_INITRD);
	if (b->uki.cmdline)
		append_name(&used, b, PVHLOAD_IMAGE_PART_CMDLINE);
	if (b->uki.tree)
		append_name(&used, b, PVHLOAD_IMAGE_PART_DTB);
	note_used(b, &used);
	if (unused.text[0])
		pvl_plan_note(b, "the caller's initrd is used in place of its %s", unused.text);
	if (!b->uki.tree && b->image->info.flat && uki_part(b, PVHLOAD_IMAGE_PART_DTB))
		pvl_plan_note(b, "the caller's device tree is used in place of its .dtb");
	if (b->uki.appended)
		pvl_plan_note(b, "the caller's command line follows its .cmdline");
	else if (!b->uki.cmdline && uki_part(b, PVHLOAD_IMAGE_PART_CMDLINE))
		pvl_plan_note(b, "the caller's command line is used in place of its .cmdline");
}

void pvl_free_uki(struct pvl_builder *b)
{
	free(b->uki.cmdline);
	free(b->uki.tree);
	pvl_image_unref(b->uki.kernel);
}
