/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "load_fixture.h"

void load_setup(struct load_fixture *f, struct bytes bytes, unsigned int callbacks)
{
	load_setup_ram(f, bytes, callbacks, LOAD_RAM);
}

void load_setup_ram(struct load_fixture *f, struct bytes bytes, unsigned int callbacks,
		    uint64_t ram)
{
	fake_memory_init(&f->fake, ram, callbacks);
	f->map = ram_map(f->entries, ram);
	f->fake.memory.memmap = &f->map;
	f->result = (struct pvhload_image_load_result)PVHLOAD_IMAGE_LOAD_RESULT_INIT;
	f->bytes = bytes;
	f->image = open_bytes(&bytes);
}

void load_teardown(struct load_fixture *f)
{
	pvhload_image_close(f->image);
	bytes_free(&f->bytes);
	fake_memory_free(&f->fake);
}

void load_setup_region(struct load_fixture *f, struct bytes bytes, unsigned int callbacks,
		       uint64_t ram)
{
	load_setup_ram(f, bytes, callbacks, ram);
	load_everywhere(f);
}

void load_everywhere(struct load_fixture *f)
{
	f->map.count = 1;
	f->entries[0] = (struct pvhload_memmap_entry){ 0, f->fake.size, PVHLOAD_MEMMAP_RAM, 0 };
}

static void fresh_result(struct pvhload_image_load_result *result)
{
	memset(result, 0x5a, sizeof(*result));
	result->struct_size = sizeof(*result);
}

static void load_with(struct load_fixture *f, const struct pvhload_image_load_options *options)
{
	struct pvhload_error err;

	fresh_result(&f->result);
	ck_status(PVHLOAD_OK, err,
		  pvhload_image_load(f->image, &f->fake.memory, options, &f->result, &err));
	ck_assert_uint_eq(f->result.struct_size, sizeof(f->result));
	ck_assert(!f->fake.strayed);
}

void load_image(struct load_fixture *f)
{
	load_with(f, NULL);
}

void load_image_at(struct load_fixture *f, uint64_t gpa)
{
	const struct pvhload_image_load_options options = { sizeof(options), gpa,
							    PVHLOAD_IMAGE_LOAD_AT, 0 };

	load_with(f, &options);
}

static struct pvhload_error refused_with(struct load_fixture *f,
					 const struct pvhload_image_load_options *options,
					 enum pvhload_status status)
{
	struct pvhload_image_load_result untouched;
	struct pvhload_error err;

	fresh_result(&untouched);
	fresh_result(&f->result);
	ck_status(status, err,
		  pvhload_image_load(f->image, &f->fake.memory, options, &f->result, &err));
	ck_assert_mem_eq(&f->result, &untouched, sizeof(untouched));
	ck_assert(fake_memory_untouched(&f->fake));
	ck_assert_uint_eq(f->fake.calls, 0);
	return err;
}

struct pvhload_error load_refused(struct load_fixture *f, enum pvhload_status status)
{
	return refused_with(f, NULL, status);
}

struct pvhload_error load_refused_at(struct load_fixture *f, uint64_t gpa,
				     enum pvhload_status status)
{
	const struct pvhload_image_load_options options = { sizeof(options), gpa,
							    PVHLOAD_IMAGE_LOAD_AT, 0 };

	return refused_with(f, &options, status);
}

void take_bytes(struct load_fixture *f, uint64_t gpa, const void *bytes, size_t size)
{
	fake_memory_take(&f->fake, gpa, bytes, size);
}

void add_reloc_note(struct elf_spec *spec, uint32_t align, uint32_t min, uint32_t max)
{
	static uint8_t notes[128];
	struct part *part = &spec->segments[2];
	uint8_t words[12];
	struct bytes b = { words, sizeof(words) };

	poke(&b, 0, align, 4);
	poke(&b, 4, min, 4);
	poke(&b, 8, max, 4);
	memcpy(notes, part->bytes, part->file_size);
	part->file_size = put_note(notes, part->file_size, "Xen", 19, words, sizeof(words), 4);
	part->bytes = notes;
}
