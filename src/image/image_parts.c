/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The parts of images: what they are called, which one a profile has, and where its bytes are.
 *
 * ABI source: UAPI Group, Unified Kernel Image (names, profiles).
 */
#include "image/image_parts.h"

#include "core/libc.h"
#include "image/pe_file.h"

/* By kind; a section's name is that with a dot before it. */
static const char *const names[] = {
	[PVHLOAD_IMAGE_PART_KERNEL] = "linux",    [PVHLOAD_IMAGE_PART_INITRD] = "initrd",
	[PVHLOAD_IMAGE_PART_CMDLINE] = "cmdline", [PVHLOAD_IMAGE_PART_DTB] = "dtb",
	[PVHLOAD_IMAGE_PART_DTBAUTO] = "dtbauto", [PVHLOAD_IMAGE_PART_HWIDS] = "hwids",
	[PVHLOAD_IMAGE_PART_UCODE] = "ucode",     [PVHLOAD_IMAGE_PART_OSREL] = "osrel",
	[PVHLOAD_IMAGE_PART_UNAME] = "uname",     [PVHLOAD_IMAGE_PART_SBAT] = "sbat",
	[PVHLOAD_IMAGE_PART_PROFILE] = "profile",
};
#define KINDS_END (sizeof(names) / sizeof(names[0]))

const char *pvhload_image_part_name(uint32_t kind)
{
	return kind != 0 && kind < KINDS_END ? names[kind] : "unknown";
}

uint32_t pvl_section_kind(const struct pvl_pe_section *section)
{
	char name[PVL_PE_NAME_SIZE + 1];

	for (uint32_t kind = 1; kind < KINDS_END; kind++) {
		snprintf(name, sizeof(name), ".%s", names[kind]);
		if (pvl_pe_is_called(section, name))
			return kind;
	}
	return 0;
}

const struct pvhload_image_part *pvhload_image_find_part(const struct pvhload_image *image,
							 uint32_t kind, uint32_t profile)
{
	const struct pvhload_image_part *base = NULL;
	uint32_t count;

	if (!image)
		return NULL;
	count = image->info.uki ? image->info.uki->profile_count : 1;
	if (profile != PVHLOAD_UKI_BASE && profile >= count)
		return NULL;
	for (size_t i = 0; i < image->info.part_count; i++) {
		const struct pvhload_image_part *part = image->info.parts[i];

		if (part->kind == kind && part->profile == profile)
			return part;
		if (part->kind == kind && part->profile == PVHLOAD_UKI_BASE && !base)
			base = part;
	}
	return base;
}

struct pvhload_source pvl_image_window(const struct pvhload_image *image,
				       const struct pvhload_image_part *part)
{
	struct pvhload_source source = image->source.from;

	if (source.kind == PVHLOAD_SOURCE_BUFFER)
		source.data = (const uint8_t *)source.data + part->offset;
	else
		source.offset += part->offset;
	source.size = part->size;
	return source;
}

struct pvhload_source pvhload_image_part_source(const struct pvhload_image *image,
						const struct pvhload_image_part *part)
{
	struct pvhload_source source = { .struct_size = sizeof(source) };

	if (!image || !part || part->offset > image->source.length ||
	    part->size > image->source.length - part->offset)
		return source;
	source = pvl_image_window(image, part);
	/* They were said of the image's own source; this one may live longer than the image. */
	source.flags &= ~(PVHLOAD_SOURCE_KEPT_OPEN | PVHLOAD_SOURCE_UNCHANGING);
	return source;
}
