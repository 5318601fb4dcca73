/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Every length of a small valid image, on an exact-size copy: refused, or harmless all the way to a
 * committed plan.  And every single byte of it replaced.
 */
#include "fake_memory.h"
#include "flat_images.h"
#include "open_image.h"
#include "uki_images.h"

#define RAM_SIZE (4u << 20)

/* One memory for all: to fill it takes longer than the rest. */
static struct fake_memory *memory(unsigned int callbacks)
{
	static struct fake_memory with_zero, without;
	struct fake_memory *fake = callbacks & FAKE_ZERO ? &with_zero : &without;

	if (!fake->bytes)
		fake_memory_init(fake, RAM_SIZE, callbacks);
	fake->calls = 0;
	return fake;
}

/* Plan and commit if it can be done; no status that blames the caller. */
static enum pvhload_status boot_by(struct pvhload_image *image, uint32_t protocol)
{
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_memmap_entry entries[3];
	struct pvhload_memmap map = ram_map(entries, RAM_SIZE);
	struct pvhload_plan *plan = NULL;
	struct fake_memory *fake = memory(0);
	enum pvhload_status status;

	config.image = image;
	config.memmap = &map;
	config.protocol = protocol;
	status = pvhload_boot_plan(&config, &plan, &err);
	ck_assert_int_ne(status, PVHLOAD_E_USAGE);
	if (status == PVHLOAD_OK) {
		status = pvhload_plan_commit(plan, &fake->memory, &err);
		ck_assert_msg(status == PVHLOAD_OK, "%s", err.message);
		ck_assert(!fake->strayed);
	}
	pvhload_plan_free(plan);
	return status;
}

/* Loading by itself: refused, or without a byte outside RAM. */
static void load(const struct pvhload_image *image, const struct pvhload_memmap *map)
{
	struct pvhload_image_load_result result = PVHLOAD_IMAGE_LOAD_RESULT_INIT;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct fake_memory *fake = memory(FAKE_ZERO);
	enum pvhload_status status;

	fake->memory.memmap = map;
	status = pvhload_image_load(image, &fake->memory, NULL, &result, &err);
	ck_assert(status == PVHLOAD_OK || status == PVHLOAD_E_RANGE ||
		  status == PVHLOAD_E_PROTOCOL || status == PVHLOAD_E_UNSUPPORTED);
	ck_assert_int_eq(status == PVHLOAD_OK, fake->calls > 0);
	ck_assert(!fake->strayed);
}

/* Open whatever can be, load it, and boot it by every protocol; the result is PVH's. */
static enum pvhload_status exercise(const struct bytes *bytes)
{
	struct pvhload_source source = pvhload_source_buffer(bytes->data, bytes->size);
	struct pvhload_image_options options = { .struct_size = sizeof(options),
						 .decode_limit = 1u << 20 };
	struct pvhload_image_relocations relocations = PVHLOAD_IMAGE_RELOCATIONS_INIT;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_image *image = NULL;
	struct pvhload_memmap_entry entries[3];
	struct pvhload_memmap map = ram_map(entries, RAM_SIZE);
	enum pvhload_status status;
	char text[64];

	status = pvhload_image_open(&source, &options, &image, &err);
	ck_assert_int_ne(status, PVHLOAD_E_USAGE);
	if (status != PVHLOAD_OK)
		return status;
	status = pvhload_image_kernel_version(image, text, sizeof(text), NULL);
	ck_assert(status == PVHLOAD_OK || status == PVHLOAD_E_NOT_FOUND ||
		  status == PVHLOAD_E_CAPACITY);
	status = pvhload_image_count_relocations(image, &relocations, NULL);
	ck_assert(status == PVHLOAD_OK || status == PVHLOAD_E_NOT_FOUND);
	(void)boot_by(image, PVHLOAD_PROTOCOL_X86_LINUX64);
	(void)boot_by(image, PVHLOAD_PROTOCOL_X86_LINUX32);
	(void)boot_by(image, PVHLOAD_PROTOCOL_AUTO);
	status = boot_by(image, PVHLOAD_PROTOCOL_PVH);
	load(image, &map);
	pvhload_image_close(image);
	return status;
}

/* The number of lengths that still gave a plan. */
static size_t truncate_all(const struct bytes *bytes)
{
	size_t harmless = 0;

	for (size_t n = 0; n < bytes->size; n++) {
		struct bytes cut = bytes_copy(bytes->data, n);

		harmless += exercise(&cut) == PVHLOAD_OK;
		bytes_free(&cut);
	}
	return harmless;
}

static void change_all(const struct bytes *bytes, size_t limit)
{
	static const uint8_t values[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };

	for (size_t at = 0; at < bytes->size && at < limit; at++) {
		for (size_t i = 0; i < sizeof(values); i++) {
			struct bytes changed = bytes_copy(bytes->data, bytes->size);

			changed.data[at] = values[i];
			(void)exercise(&changed);
			bytes_free(&changed);
		}
	}
}

START_TEST(elf64)
{
	const struct elf_spec spec = small_kernel();
	struct bytes bytes = build_elf(&spec);

	ck_assert_int_eq(exercise(&bytes), PVHLOAD_OK);
	/* what stands last is the notes, which end with 4 bytes of upper half */
	ck_assert_uint_eq(truncate_all(&bytes), 0);
	change_all(&bytes, SIZE_MAX);
	bytes_free(&bytes);
}
END_TEST

START_TEST(elf32_with_sections_and_relocations)
{
	static uint8_t notes[32];
	static const uint8_t tables[] = { 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0 };
	struct elf_spec spec = small_kernel();
	struct bytes bytes;
	size_t harmless;

	spec.is32 = true;
	spec.segment_count = 2;
	spec.sections[0] = (struct part){ SH_NOTE, 0, notes, 0, 0, 4 };
	spec.sections[0].file_size = put_note(notes, 0, "Xen", 18, "\x10\x00\x10\x00", 4, 4);
	spec.section_count = 1;
	spec.tail = tables;
	spec.tail_size = sizeof(tables);
	bytes = build_elf(&spec);
	ck_assert_int_eq(exercise(&bytes), PVHLOAD_OK);
	/* the tables and the last fields of the last section header may be missing */
	harmless = truncate_all(&bytes);
	ck_assert_uint_ge(harmless, sizeof(tables));
	ck_assert_uint_lt(harmless, sizeof(tables) + 40);
	change_all(&bytes, SIZE_MAX);
	bytes_free(&bytes);
}
END_TEST

START_TEST(bzimages)
{
	const struct elf_spec spec = small_kernel();
	struct bytes elf = build_elf(&spec);

	for (enum codec codec = 0; codec < CODECS; codec++) {
		if (skip_without(codec))
			continue;

		struct bytes bytes = build_compressed(&elf, codec);

		ck_assert_int_eq(exercise(&bytes), PVHLOAD_OK);
		ck_assert_uint_eq(truncate_all(&bytes), 0);
		bytes_free(&bytes);
	}
	bytes_free(&elf);
}
END_TEST

START_TEST(bzimage_header_bytes)
{
	const struct elf_spec spec = small_kernel();
	struct bytes elf = build_elf(&spec), bytes = build_compressed(&elf, GZIP);

	change_all(&bytes, 0x280);
	bytes_free(&bytes);
	bytes_free(&elf);
}
END_TEST

/* For other machines, by protocols of x86: whatever byte is another, nothing of them is planned. */
START_TEST(foreign_images)
{
	for (enum flat flat = 0; flat < FLATS; flat++) {
		struct bytes bytes = build_flat(flat, true);

		ck_assert_int_eq(exercise(&bytes),
				 flat == LOONGARCH64 ? PVHLOAD_E_UNSUPPORTED : PVHLOAD_E_PROTOCOL);
		change_all(&bytes, 0x200);
		bytes_free(&bytes);
	}
}
END_TEST

START_TEST(zboot_images)
{
	struct bytes bytes = small_zboot(GZIP);

	ck_assert_int_eq(exercise(&bytes), PVHLOAD_E_PROTOCOL);
	ck_assert_uint_eq(truncate_all(&bytes), 0);
	change_all(&bytes, SIZE_MAX);
	bytes_free(&bytes);
}
END_TEST

/* All that is before the kernel's bytes, changed; what is cut off anywhere. */
START_TEST(ukis)
{
	struct bytes kernel = small_kernel_file(), bytes;
	struct uki_spec spec = small_uki(&kernel);

	add_text(&spec, ".profile", "ID=0");
	add_text(&spec, ".cmdline", "zero");
	bytes = build_uki(&spec);
	ck_assert_int_eq(exercise(&bytes), PVHLOAD_OK);
	ck_assert_uint_eq(truncate_all(&bytes), 0);
	change_all(&bytes, uki_section_offset(&spec, 2));
	bytes_free(&bytes);
	bytes_free(&kernel);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("truncation");

	ADD_TESTS(suite, "truncation", elf64, elf32_with_sections_and_relocations, bzimages,
		  bzimage_header_bytes, foreign_images, zboot_images, ukis);
	return run_suite(suite);
}
