/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A PE file with any sections, in any order, by any sizes: its parts are the sections of their names, where the headers
 * say that they are.
 *
 * Input: sections, each a byte for its name, one for its size and one for the profile's text; then up to three numbers
 * that overwrite any of the file.
 */
#include <string.h>

#include "image_check.h"
#include "images.h"
#include "fuzz_input.h"
#include "uki_images.h"

#define SECTIONS_MAX 40u

static const char *const names[] = { ".linux",   ".cmdline", ".initrd", ".profile",
				     ".dtb",     ".ucode",   ".osrel",  ".uname",
				     ".dtbauto", ".hwids",   ".sbat",   ".text" };

/* What a section has of its file; a header's virtual size leaves out what fills it up. */
static uint64_t section_size(const uint8_t *header)
{
	const uint64_t virtual = peek(header + 8, 4), raw = peek(header + 16, 4);

	return virtual != 0 && virtual < raw ? virtual : raw;
}

/* Is there a section of this name, and just this place? */
static bool has_section(const struct bytes *file, const struct pvhload_image_part *part)
{
	const uint64_t pe = peek(file->data + 0x3c, 4);
	const uint64_t count = peek(file->data + pe + 6, 2);
	const uint8_t *header = file->data + pe + 24 + peek(file->data + pe + 20, 2);
	const char *name = pvhload_image_part_name(part->kind);

	for (uint64_t i = 0; i < count; i++, header += 40)
		if (header[0] == '.' && strncmp((const char *)header + 1, name, 7) == 0 &&
		    part->size <= section_size(header) &&
		    (part->size == 0 || part->offset == peek(header + 20, 4)))
			return true;
	return false;
}

static void look(struct pvhload_image *image, const struct bytes *file)
{
	const struct pvhload_image_info *info = pvhload_image_get_info(image);

	if (!info->uki)
		return;
	MUST(info->uki->profile_count > 0 && info->part_count > 0);
	MUST(info->parts[0]->kind == PVHLOAD_IMAGE_PART_KERNEL);
	for (size_t i = 0; i < info->part_count; i++)
		MUST(has_section(file, info->parts[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t filler[256];
	struct input in = { data, size, 0 };
	struct uki_spec spec = { .section_count = 0 };
	struct bytes kernel = small_kernel_file(), file;
	const size_t count = 1 + (size_t)input_below(&in, SECTIONS_MAX);

	memset(filler, 'a', sizeof(filler));
	for (size_t i = 0; i < count; i++) {
		const char *name = input_of(&in, names);
		const uint8_t length = input_byte(&in);

		if (strcmp(name, ".linux") == 0 && length < 0x80)
			add_section(&spec, name, kernel.data, kernel.size);
		else
			add_section(&spec, name, filler, length);
	}
	spec.signature_size = input_byte(&in);
	spec.pe32 = input_one_in(&in, 4);
	file = build_uki(&spec);
	input_damage(&in, &file);
	image_check(&file, look, (unsigned int)spec.signature_size);
	bytes_free(&file);
	bytes_free(&kernel);
	return 0;
}
