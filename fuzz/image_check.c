/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "image_check.h"

#include <string.h>

#include "answers.h"
#include "fake_memory.h"
#include "fuzz_input.h"

#define RAM_SIZE     (2u << 20)
#define DECODE_LIMIT (1u << 20)
#define CHOSEN       16u /* one file in so many is not only opened and described */

static int64_t read_at(void *user, uint64_t offset, void *dst, size_t len)
{
	memcpy(dst, (const uint8_t *)user + offset, len);
	return (int64_t)len;
}

static void check_status(enum pvhload_status status, const struct pvhload_error *err)
{
	MUST(status != PVHLOAD_E_USAGE && status != PVHLOAD_E_CALLBACK);
	MUST(status != PVHLOAD_E_SOURCE);
	answers_check_error(status, err);
}

/* Made once: to fill it takes longer than to fuzz, and nothing looks at its bytes. */
static struct fake_memory *guest(void)
{
	static struct fake_memory fake;

	if (!fake.bytes)
		fake_memory_init(&fake, RAM_SIZE, FAKE_ZERO);
	fake.calls = 0;
	return &fake;
}

/* Load by itself: into RAM alone, and the answer is about RAM. */
static void load(const struct pvhload_image *image)
{
	struct pvhload_memmap_entry entry = { 0, RAM_SIZE, PVHLOAD_MEMMAP_RAM, 0 };
	const struct pvhload_memmap map = { sizeof(map), &entry, 1, 1, 0 };
	struct pvhload_image_load_options options = PVHLOAD_IMAGE_LOAD_OPTIONS_INIT;
	struct pvhload_image_load_result r = PVHLOAD_IMAGE_LOAD_RESULT_INIT;
	struct fake_memory *fake = guest();
	struct pvhload_memory memory = fake->memory;

	memory.memmap = &map;
	for (int at = 0; at < 2; at++) {
		const struct pvhload_image_load_result before = r;
		struct pvhload_error err = answers_error();
		enum pvhload_status status;

		fake->calls = 0;
		status = pvhload_image_load(image, &memory, &options, &r, &err);
		check_status(status, &err);
		MUST((status == PVHLOAD_OK) == (fake->calls > 0));
		MUST(!fake->strayed);
		if (status != PVHLOAD_OK) {
			MUST(memcmp(&r, &before, sizeof(r)) == 0);
		} else {
			MUST(r.size > 0 && r.gpa < RAM_SIZE && r.size <= RAM_SIZE - r.gpa);
			MUST(r.runtime.gpa < RAM_SIZE &&
			     r.runtime.size <= RAM_SIZE - r.runtime.gpa);
			MUST(r.setup_header_size <= PVHLOAD_SETUP_HEADER_ROOM);
		}
		options.flags = PVHLOAD_IMAGE_LOAD_AT; /* to 0 */
	}
}

/* Each part is inside the image, and what a profile has is one of the parts. */
static void look_at_parts(const struct pvhload_image *image)
{
	const struct pvhload_image_info *info = pvhload_image_get_info(image);

	MUST(!info->uki || info->uki->profile_count > 0);
	MUST(!info->uki || info->uki->signature_offset + info->uki->signature_size <= info->size);
	for (size_t i = 0; i < info->part_count; i++) {
		const struct pvhload_image_part *part = info->parts[i], *found;
		const uint32_t profile = part->profile;

		MUST(part->offset <= info->size && part->size <= info->size - part->offset);
		MUST(pvhload_image_part_source(image, part).size == part->size);
		MUST(profile == PVHLOAD_UKI_BASE || profile < info->uki->profile_count);
		found = pvhload_image_find_part(image, part->kind, profile);
		MUST(found && found->kind == part->kind && found->profile == profile);
	}
}

/* Plan and commit; the regions are what plans promise, and writes stay in RAM. */
static enum pvhload_status boot(struct pvhload_image *image, uint32_t protocol, uint32_t profile)
{
	struct pvhload_memmap_entry entries[] = { { 0, 0x9fc00, PVHLOAD_MEMMAP_RAM, 0 },
						  { 0x100000, RAM_SIZE - 0x100000,
						    PVHLOAD_MEMMAP_RAM, 0 } };
	struct pvhload_memmap map = { sizeof(map), entries, 2, 2, 0 };
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_error err = answers_error();
	struct pvhload_plan *plan = ANSWERS_UNTOUCHED;
	const struct pvhload_plan_info *info;
	struct fake_memory *fake = guest();
	enum pvhload_status status;
	uint64_t end = 0;

	config.image = image;
	config.memmap = &map;
	config.protocol = protocol;
	config.uki_profile = profile;
	config.cmdline = profile > 0 ? "more" : NULL;
	config.flags = PVHLOAD_BOOT_UKI_APPEND;
	status = pvhload_boot_plan(&config, &plan, &err);
	check_status(status, &err);
	plan = answers_filled(status, plan);
	if (!plan)
		return status;
	info = pvhload_plan_get_info(plan);
	for (size_t i = 0; i < info->region_count; i++) {
		MUST(info->regions[i]->gpa >= end && info->regions[i]->size > 0);
		end = info->regions[i]->gpa + info->regions[i]->size;
		MUST(end <= RAM_SIZE);
	}
	MUST(pvhload_plan_commit(plan, &fake->memory, &err) == PVHLOAD_OK);
	MUST(!fake->strayed);
	pvhload_plan_free(plan);
	return status;
}

/* What is found decodes to what it says, and is inside the image. */
static void search(const struct pvhload_image *image)
{
	struct pvhload_image_payload_place place = PVHLOAD_IMAGE_PAYLOAD_PLACE_INIT;
	const uint64_t size = pvhload_image_get_info(image)->size;
	struct pvhload_error err = answers_error();
	static uint8_t bytes[DECODE_LIMIT];
	const enum pvhload_status status =
		pvhload_image_search_payload(image, &place, bytes, sizeof(bytes), &err);

	check_status(status, &err);
	MUST(status == PVHLOAD_OK || status == PVHLOAD_E_NOT_FOUND || status == PVHLOAD_E_LIMIT);
	if (status == PVHLOAD_OK) {
		MUST(place.decoded_size > 0 && place.decoded_size <= DECODE_LIMIT);
		MUST(place.offset < size && place.size <= size - place.offset);
	}
}

static void boot_by(struct pvhload_image *image, unsigned int only)
{
	static const uint32_t protocols[] = { PVHLOAD_PROTOCOL_X86_LINUX64,
					      PVHLOAD_PROTOCOL_X86_LINUX32, PVHLOAD_PROTOCOL_PVH,
					      PVHLOAD_PROTOCOL_MULTIBOOT1,
					      PVHLOAD_PROTOCOL_MULTIBOOT2 };
	const unsigned int count = sizeof(protocols) / sizeof(protocols[0]);

	for (unsigned int i = 0; i < count; i++)
		if (only % (count + 1) == 0 || only % (count + 1) == i + 1)
			(void)boot(image, protocols[i], 0);
}

/* What is told of an image without loading it. */
static void describe(const struct pvhload_image *image)
{
	struct pvhload_image_relocations relocations = PVHLOAD_IMAGE_RELOCATIONS_INIT;
	char text[64];
	enum pvhload_status status;

	MUST(pvhload_format_name(pvhload_image_get_info(image)->format)[0] != '\0');
	status = pvhload_image_kernel_version(image, text, sizeof(text), NULL);
	MUST(status == PVHLOAD_OK || status == PVHLOAD_E_NOT_FOUND || status == PVHLOAD_E_CAPACITY);
	status = pvhload_image_count_relocations(image, &relocations, NULL);
	MUST(status == PVHLOAD_OK || status == PVHLOAD_E_NOT_FOUND);
	look_at_parts(image);
}

static enum pvhload_status open_and_look(const struct pvhload_source *source,
					 const struct bytes *file, image_look *look,
					 struct pvhload_image **image)
{
	struct pvhload_image_options options = { .struct_size = sizeof(options),
						 .decode_limit = DECODE_LIMIT };
	struct pvhload_error err = answers_error();
	const enum pvhload_status status = pvhload_image_open(source, &options, image, &err);

	check_status(status, &err);
	*image = answers_filled(status, *image);
	if (!*image)
		return status;
	if (look)
		look(*image, file);
	describe(*image);
	return status;
}

static enum pvhload_status open_and_plan(const struct pvhload_source *source,
					 const struct bytes *file, image_look *look,
					 unsigned int only)
{
	struct pvhload_image *image = ANSWERS_UNTOUCHED;
	enum pvhload_status status = open_and_look(source, file, look, &image);

	if (!image)
		return status;
	search(image);
	load(image);
	boot_by(image, only);
	if (pvhload_image_get_info(image)->uki)
		(void)boot(image, PVHLOAD_PROTOCOL_AUTO, 1);
	status = boot(image, PVHLOAD_PROTOCOL_AUTO, 0);
	pvhload_image_close(image);
	return status;
}

void image_check(const struct bytes *file, image_look *look, unsigned int only)
{
	const struct pvhload_source buffer = pvhload_source_buffer(file->data, file->size);
	const struct pvhload_source reader = pvhload_source_reader(read_at, file->data, file->size);
	struct pvhload_image *image = ANSWERS_UNTOUCHED;

	if (input_is_chosen(file->data, file->size, CHOSEN)) {
		/* The same answer, wherever the bytes come from. */
		MUST(open_and_plan(&buffer, file, look, only) ==
		     open_and_plan(&reader, file, look, only));
	} else {
		(void)open_and_look(only % 2 == 0 ? &buffer : &reader, file, look, &image);
		pvhload_image_close(image);
	}
}
