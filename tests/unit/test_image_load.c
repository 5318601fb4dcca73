/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* ELF files loaded by themselves: every byte, every address in the answer, and every refusal. */
#include "load_fixture.h"

START_TEST(where_it_is_linked_to)
{
	struct elf_spec spec = small_kernel();
	struct load_fixture f;

	load_setup(&f, build_elf(&spec), FAKE_ZERO);
	load_image(&f);
	ck_assert_uint_eq(f.result.gpa, SMALL_LOW);
	ck_assert_uint_eq(f.result.gpa + f.result.size, SMALL_END);
	ck_assert_uint_eq(f.result.runtime.gpa, SMALL_LOW);
	ck_assert_uint_eq(f.result.runtime.gpa + f.result.runtime.size, SMALL_END);
	ck_assert_uint_eq(f.result.entry, 0x100000);
	ck_assert_uint_eq(f.result.entry64, 0x100000);
	ck_assert_uint_eq(f.result.has_entry32, 0);
	ck_assert_uint_eq(f.result.has_entry64, 1);
	ck_assert_uint_eq(f.result.has_pvh_entry, 1);
	ck_assert_uint_eq(f.result.pvh_entry, SMALL_ENTRY);
	ck_assert_uint_eq(f.result.setup_header_size, 0);

	/* text, data, .bss, and as it is Linux, zeros between the segments; nothing anywhere else */
	take_bytes(&f, 0x100000, spec.segments[0].bytes, 0x40);
	take_bytes(&f, 0x100040, NULL, 0x200000 - 0x100040);
	take_bytes(&f, 0x200000, spec.segments[1].bytes, 0x20);
	take_bytes(&f, 0x200020, NULL, 0x3000 - 0x20);
	ck_assert(fake_memory_untouched(&f.fake));
	load_teardown(&f);
}
END_TEST

START_TEST(zeros_where_they_are_needed)
{
	const struct elf_spec spec = small_kernel();
	struct load_fixture f;

	/* without a zero callback they are written */
	load_setup(&f, build_elf(&spec), 0);
	load_image(&f);
	ck_assert_uint_eq(peek(f.fake.bytes + 0x202ff8, 8), 0);
	ck_assert_uint_eq(f.fake.calls, 3 + 16); /* 64 KiB at once between the segments */
	load_teardown(&f);
	/* in memory that is known to be zero they are not */
	load_setup(&f, build_elf(&spec), FAKE_ZERO);
	f.fake.memory.flags = PVHLOAD_MEMORY_ZEROED;
	load_image(&f);
	ck_assert_uint_eq(f.fake.calls, 2);
	ck_assert_uint_eq(f.fake.bytes[0x200020], FAKE_PATTERN);
	load_teardown(&f);
}
END_TEST

/* What begin_region is told of it. */
START_TEST(why_it_is_there)
{
	static const struct {
		bool movable, asked;
		uint32_t reason;
	} cases[] = {
		{ true, false, PVHLOAD_PLACED_PREFERRED },
		{ true, true, PVHLOAD_PLACED_ASKED },
		{ false, false, PVHLOAD_PLACED_ONLY },
		{ false, true, PVHLOAD_PLACED_ASKED },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct elf_spec spec = small_kernel();
		struct load_fixture f;

		spec.is32 = !cases[i].movable;
		load_setup(&f, build_elf(&spec), FAKE_BEGIN_REGION);
		if (cases[i].asked)
			load_image_at(&f, SMALL_LOW);
		else
			load_image(&f);
		ck_assert_uint_eq(f.fake.regions, 1);
		ck_assert_uint_eq(f.fake.region.reason, cases[i].reason);
		load_teardown(&f);
	}
}
END_TEST

START_TEST(moved)
{
	static const uint64_t places[] = { 0, 0x1000, 0x101000, 0x2fd000 };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct elf_spec spec = small_kernel();
		const uint64_t at = places[i];
		struct load_fixture f;

		spec.entry = 0x20001f; /* not the first byte */
		load_setup(&f, build_elf(&spec), FAKE_ZERO);
		load_everywhere(&f);
		load_image_at(&f, at);
		ck_assert_uint_eq(f.result.gpa, at);
		ck_assert_uint_eq(f.result.gpa + f.result.size, at + 0x103000);
		ck_assert_uint_eq(f.result.runtime.gpa, at);
		ck_assert_uint_eq(f.result.runtime.gpa + f.result.runtime.size, at + 0x103000);
		ck_assert_uint_eq(f.result.entry, at + 0x10001f);
		/* Linux is moved by 2 MiB, and what these places are not; the caller may know better */
		ck_assert_uint_eq(f.result.has_entry64, 0);
		ck_assert_uint_eq(f.result.entry64, 0);
		/* no PHYS32_RELOC note: by PVH it may not be moved */
		ck_assert_uint_eq(f.result.has_pvh_entry, 0);
		ck_assert_uint_eq(f.result.pvh_entry, 0);
		take_bytes(&f, at, spec.segments[0].bytes, 0x40);
		take_bytes(&f, at + 0x40, NULL, 0x100000 - 0x40);
		take_bytes(&f, at + 0x100000, spec.segments[1].bytes, 0x20);
		take_bytes(&f, at + 0x100020, NULL, 0x3000 - 0x20);
		ck_assert(fake_memory_untouched(&f.fake));
		load_teardown(&f);
	}
}
END_TEST

/* The PVH entry moves along as far as the image's note allows. */
START_TEST(moved_with_a_reloc_note)
{
	static const struct {
		uint32_t align, min, max;
		uint64_t at;
		uint32_t pvh_entry; /* 0: not usable */
	} cases[] = {
		{ 0x1000, 0x100000, 0x3fffff, 0x101000, SMALL_ENTRY + 0x1000 },
		{ 0x1000, 0x100000, 0x3fffff, 0x100000, SMALL_ENTRY },
		{ 0x1000, 0x100000, 0x203fff, 0x101000, SMALL_ENTRY + 0x1000 }, /* its last byte */
		{ 0x1000, 0x100000, 0x203ffe, 0x101000, 0 },
		{ 0x1000, 0x101000, 0x3fffff, 0x101000, SMALL_ENTRY + 0x1000 },
		{ 0x1000, 0x101001, 0x3fffff, 0x101000, 0 },
		{ 0x1000, 0, 0x3fffff, 0, SMALL_ENTRY - 0x100000 },
		/* where it is linked to, the note has no say */
		{ 0x200000, 0x300000, 0x3fffff, 0x100000, SMALL_ENTRY },
		{ 0x100000, 0, 0x3fffff, 0x200000, SMALL_ENTRY + 0x100000 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct elf_spec spec = small_kernel();
		struct load_fixture f;

		add_reloc_note(&spec, cases[i].align, cases[i].min, cases[i].max);
		load_setup(&f, build_elf(&spec), FAKE_ZERO);
		load_everywhere(&f);
		load_image_at(&f, cases[i].at);
		ck_assert_uint_eq(f.result.has_pvh_entry, cases[i].pvh_entry != 0);
		ck_assert_uint_eq(f.result.pvh_entry, cases[i].pvh_entry);
		load_teardown(&f);
	}
}
END_TEST

START_TEST(entries_that_are_none)
{
	struct elf_spec spec = small_kernel();
	struct load_fixture f;
	static uint8_t notes[64];

	/* e_entry and the PVH entry in .bss */
	spec.entry = 0x200020;
	spec.segments[2].bytes = notes;
	spec.segments[2].file_size = put_note(notes, 0, "Xen", 18, "\x20\0\x20\0\0\0\0\0", 8, 4);
	load_setup(&f, build_elf(&spec), FAKE_ZERO);
	load_image(&f);
	ck_assert_uint_eq(f.result.entry, 0x200020);
	ck_assert_uint_eq(f.result.has_entry64, 0);
	ck_assert_uint_eq(f.result.entry64, 0);
	ck_assert_uint_eq(f.result.has_pvh_entry, 0);
	load_teardown(&f);

	spec = small_kernel();
	spec.is32 = true;
	load_setup(&f, build_elf(&spec), FAKE_ZERO);
	load_image(&f);
	ck_assert_uint_eq(f.result.entry, 0x100000);
	ck_assert_uint_eq(f.result.has_entry32, 1);
	ck_assert_uint_eq(f.result.has_entry64, 0);
	ck_assert_uint_eq(f.result.entry64, 0);
	ck_assert_uint_eq(f.result.has_pvh_entry, 1);
	load_teardown(&f);
}
END_TEST

START_TEST(places_refused)
{
	static const struct {
		uint64_t at;
		const char *says;
	} cases[] = {
		{ 0x100800, "0x100800 is not 0x100000, where the image is linked to, moved by a "
			    "multiple of 0x1000" },
		{ 0x1, "multiple of 0x1000" },
		{ 0xfffff, "multiple of 0x1000" },
		{ 0x2fe000, "kernel segment 1 [0x3fe000, 0x401000) leaves RAM" },
		{ 0x400000, "kernel segment 0 [0x400000, 0x400040) leaves RAM" },
		{ 0xfffffffffff00000, "passes the end of the address space" },
		{ 0xfffffffffffff000, "passes the end of the address space" },
	};
	const struct elf_spec spec = small_kernel();
	struct pvhload_error err;
	struct load_fixture f;

	load_setup(&f, build_elf(&spec), FAKE_ZERO);
	load_everywhere(&f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		err = load_refused_at(&f, cases[i].at, PVHLOAD_E_RANGE);
		ck_says(err, cases[i].says);
	}
	load_teardown(&f);
}
END_TEST

/* A byte short, a hole within: nothing is written, not even the segment that would fit. */
START_TEST(ram_that_is_not)
{
	const struct elf_spec spec = small_kernel();
	struct pvhload_error err;
	struct load_fixture f;

	load_setup(&f, build_elf(&spec), FAKE_ZERO);
	f.map.count = 1;
	f.entries[0] = (struct pvhload_memmap_entry){ 0, SMALL_END - 1, PVHLOAD_MEMMAP_RAM, 0 };
	err = load_refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "kernel segment 1 [0x200000, 0x203000) leaves RAM");
	ck_assert_uint_eq(err.gpa, SMALL_END - 1); /* the first byte that is not RAM */
	f.entries[0].size++;
	load_image(&f);
	load_teardown(&f);

	load_setup(&f, build_elf(&spec), FAKE_ZERO);
	f.map.count = 2;
	f.entries[0] = (struct pvhload_memmap_entry){ 0, 0x200100, PVHLOAD_MEMMAP_RAM, 0 };
	f.entries[1] = (struct pvhload_memmap_entry){ 0x200101, 0x1ffeff, PVHLOAD_MEMMAP_RAM, 0 };
	(void)load_refused(&f, PVHLOAD_E_RANGE);
	/* a hole between the segments is nobody's business */
	f.entries[0].size = 0x100040;
	f.entries[1] = (struct pvhload_memmap_entry){ 0x200000, 0x3000, PVHLOAD_MEMMAP_RAM, 0 };
	load_image(&f);
	load_teardown(&f);
}
END_TEST

START_TEST(above_4g)
{
	const uint64_t at = (1ull << 32) + 0x100000; /* moved by a multiple of 2 MiB */
	static uint8_t ram[0x103000];
	const struct pvhload_ram_slot slot = { .gpa = at, .size = sizeof(ram), .host = ram };
	const struct pvhload_ram_slots table = { sizeof(table), &slot, 1 };
	struct pvhload_memmap_entry entry = { at, sizeof(ram), PVHLOAD_MEMMAP_RAM, 0 };
	const struct pvhload_memmap map = { sizeof(map), &entry, 1, 1, 0 };
	struct pvhload_memory mem = PVHLOAD_MEMORY_INIT;

	mem.ops = pvhload_ram_slots_ops();
	mem.user = (void *)(uintptr_t)&table;
	mem.memmap = &map;
	for (int is32 = 0; is32 < 2; is32++) {
		struct pvhload_image_load_options options = { sizeof(options), at,
							      PVHLOAD_IMAGE_LOAD_AT, 0 };
		struct pvhload_image_load_result result = PVHLOAD_IMAGE_LOAD_RESULT_INIT;
		struct elf_spec spec = small_kernel();
		struct pvhload_image *image;
		struct pvhload_error err;
		struct bytes bytes;

		spec.is32 = is32;
		add_reloc_note(&spec, 0x1000, 0, UINT32_MAX);
		bytes = build_elf(&spec);
		image = open_bytes(&bytes);
		ck_status(PVHLOAD_OK, err,
			  pvhload_image_load(image, &mem, &options, &result, &err));
		ck_assert_uint_eq(result.gpa, at);
		ck_assert_uint_eq(result.gpa + result.size, at + 0x103000);
		ck_assert_uint_eq(result.entry, at);
		/* 32 bits do not reach it */
		ck_assert_uint_eq(result.has_entry32, 0);
		ck_assert_uint_eq(result.has_entry64, !is32);
		ck_assert_uint_eq(result.has_pvh_entry, 0);
		ck_assert_mem_eq(ram, spec.segments[0].bytes, 0x40);
		pvhload_image_close(image);
		bytes_free(&bytes);
	}
}
END_TEST

/* What is in it could be loaded, once it is decoded. */
START_TEST(a_compressed_file)
{
	const struct elf_spec spec = small_kernel();
	struct bytes elf = build_elf(&spec);
	struct pvhload_error err;
	struct load_fixture f;

	load_setup(&f, codecs[GZIP].compress(&elf), FAKE_ZERO);
	err = load_refused(&f, PVHLOAD_E_UNSUPPORTED);
	ck_says(err, "a compressed file: decode it and load its payload");
	bytes_free(&elf);
	load_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("image_load");

	ADD_TESTS(suite, "elf", where_it_is_linked_to, zeros_where_they_are_needed, why_it_is_there,
		  moved, moved_with_a_reloc_note, entries_that_are_none, places_refused,
		  ram_that_is_not, above_4g, a_compressed_file);
	return run_suite(suite);
}
