/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What docs/attacks.md lists and no other test has: numbers of an image that lie, wrap, or are as large as can be. */
#include "heap_calls.h"
#include "plan_fixture.h"

#define ENTRY 18

static const uint8_t entry_desc[4] = { 0x10, 0, 0x10, 0 };

enum { P_OFFSET = 8, P_PADDR = 24, P_FILESZ = 32, P_MEMSZ = 40 };

/* Fields of the second segment, 0x20 bytes at 0x200000 of 0x3000 in memory; 0: as it is. */
static const struct {
	uint64_t offset, paddr, filesz, memsz;
	const char *says; /* NULL: it opens, and no RAM is large enough */
} at_the_end[] = {
	{ .memsz = UINT64_MAX, .says = "end of the address space" },
	{ .memsz = UINT64_MAX - 0x1fffff, .says = "end of the address space" },
	{ .memsz = UINT64_MAX - 0x200000 },
	{ .memsz = UINT64_MAX, .paddr = UINT64_MAX, .says = "end of the address space" },
	{ .paddr = UINT64_MAX, .says = "end of the address space" },
	{ .paddr = UINT64_MAX - 0x3000 },
	{ .filesz = UINT64_MAX, .says = "p_filesz 0xffffffffffffffff" },
	{ .filesz = UINT64_MAX - 0x200000,
	  .memsz = UINT64_MAX - 0x200000,
	  .says = "end of the file" },
	{ .filesz = UINT64_MAX, .memsz = UINT64_MAX, .says = "end of the" },
	{ .offset = UINT64_MAX, .says = "the end of the file" },
	{ .offset = UINT64_MAX - 0x1f, .says = "the end of the file" },
	{ .offset = UINT64_MAX - 0x20, .says = "the end of the file" },
	{ .offset = UINT64_MAX - 0x1f,
	  .paddr = UINT64_MAX - 0x3000,
	  .says = "the end of the file" },
};

static void poke_unless_0(struct bytes *bytes, size_t at, uint64_t value)
{
	if (value)
		poke(bytes, at, value, 8);
}

START_TEST(segments_up_to_2_64)
{
	const struct elf_spec spec = small_kernel();
	const size_t at = elf_phdr_offset(&spec, 1);
	struct bytes bytes = build_elf(&spec);
	struct pvhload_error err;
	struct plan_fixture f;

	poke_unless_0(&bytes, at + P_OFFSET, at_the_end[_i].offset);
	poke_unless_0(&bytes, at + P_PADDR, at_the_end[_i].paddr);
	poke_unless_0(&bytes, at + P_FILESZ, at_the_end[_i].filesz);
	poke_unless_0(&bytes, at + P_MEMSZ, at_the_end[_i].memsz);
	if (at_the_end[_i].says) {
		err = refuse_bytes(&bytes, PVHLOAD_E_MALFORMED);
		ck_says(err, "segment 1", at_the_end[_i].says);
		bytes_free(&bytes);
		return;
	}
	plan_setup(&f, 64 * MIB);
	use_bytes(&f, bytes);
	ck_says(refused(&f, PVHLOAD_E_RANGE), "kernel segment 1", "leaves RAM");
	plan_teardown(&f);
}
END_TEST

/* All of a segment in a hole of the map, or after its end. */
START_TEST(segments_in_holes)
{
	static const struct {
		uint64_t gpa;
		const char *says;
	} cases[] = {
		{ 0xa0000, "the hole [0x9fc00, 0x100000)" },
		{ 0xfc000, "the hole [0x9fc00, 0x100000)" },
		{ 3 * GIB, "the hole [0xc0000000, 0x100000000)" },
		{ 0xfec00000, "the hole [0xc0000000, 0x100000000)" },
		{ 4 * GIB - 0x3000, "the hole [0xc0000000, 0x100000000)" },
		{ 7 * GIB, "the memory map ends at 0x1c0000000" },
		{ 1ull << 52, "the memory map ends at" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct elf_spec spec = small_kernel();
		struct pvhload_error err;
		struct plan_fixture f;

		spec.segments[1].paddr = cases[i].gpa;
		plan_setup_spec(&f, 6 * GIB, &spec);
		err = refused(&f, PVHLOAD_E_RANGE);
		ck_says(err, "kernel segment 1", cases[i].says);
		plan_teardown(&f);
	}
}
END_TEST

/* Whether the image has a PVH entry, with these notes in one segment. */
static bool has_entry(const uint8_t *notes, size_t size, uint64_t align)
{
	struct elf_spec spec = small_kernel();
	struct pvhload_image *image;
	struct bytes bytes;
	bool found;

	spec.segments[2] = (struct part){ PH_NOTE, 0, notes, size, size, align };
	bytes = build_elf(&spec);
	image = open_bytes(&bytes);
	found = pvhload_image_get_info(image)->pvh != NULL;
	pvhload_image_close(image);
	bytes_free(&bytes);
	return found;
}

/* A size that 32 bits wrap once it is rounded up, or with a header: the entry after the note is not found by it. */
START_TEST(note_sizes_that_wrap)
{
	static const uint32_t sizes[] = { 0x7ffffff8, 0x80000000, 0xffffffe8, 0xffffffec,
					  0xfffffff0, 0xfffffff4, 0xfffffff5, 0xfffffff8,
					  0xfffffff9, 0xfffffffc, 0xfffffffd, 0xffffffff };

	for (size_t i = 0; i < 6 * (sizeof(sizes) / sizeof(sizes[0])); i++) {
		const size_t align = i / 2 % 3 == 2 ? 8 : 4, field = i % 2 * 4;
		uint8_t notes[128] = { 0 };
		struct bytes b = { notes, 0 };
		size_t size = put_note(notes, 0, "GNU", 3, "", 0, align);

		size = put_note(notes, size, "Xen", ENTRY, entry_desc, 4, align);
		ck_assert(has_entry(notes, size, align));
		poke(&b, field, sizes[i / 6], 4);
		ck_assert_msg(!has_entry(notes, size, i / 2 % 3 == 0 ? 1 : align),
			      "size 0x%x at %zu", sizes[i / 6], field);
	}
}
END_TEST

/* A segment of notes that is not in the file hides no other. */
START_TEST(notes_outside_the_file)
{
	static const struct {
		size_t field;
		uint64_t value;
	} cases[] = {
		{ P_OFFSET, UINT64_MAX }, { P_OFFSET, UINT64_MAX - 0x1f }, { P_FILESZ, UINT64_MAX },
		{ P_FILESZ, UINT32_MAX }, { P_FILESZ, INT64_MAX },         { P_OFFSET, INT64_MAX },
		{ P_OFFSET, 1ull << 32 },
	};
	uint8_t notes[64];
	const size_t size = put_note(notes, 0, "Xen", ENTRY, entry_desc, 4, 4);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct elf_spec spec = small_kernel();
		struct pvhload_image *image;
		struct bytes bytes;

		spec.segments[2] = spec.segments[3] =
			(struct part){ PH_NOTE, 0, notes, size, size, 4 };
		spec.segment_count = 4;
		bytes = build_elf(&spec);
		poke(&bytes, elf_phdr_offset(&spec, 2) + cases[i].field, cases[i].value, 8);
		image = open_bytes(&bytes);
		ck_assert_uint_eq(pvhload_image_get_info(image)->pvh->entry, SMALL_ENTRY);
		pvhload_image_close(image);
		bytes_free(&bytes);
	}
}
END_TEST

#define EMPTY_NOTE 12u
#define MILLION    1000000u
/* As many as are read of one segment, with an entry after them. */
#define MOST (5459 * EMPTY_NOTE + 20)

/*
 * What opening costs is what the limits say, however many notes there are: an entry after a million in one segment is not
 * found, nor one in the last of as many segments as have more than is read in all.
 */
START_TEST(a_million_notes)
{
	static const struct {
		size_t segments, each;
		bool found;
	} cases[] = { { 1, MILLION * EMPTY_NOTE + 20, false },
		      { 1, MOST, true },
		      { 15, MOST, true },
		      { PARTS_MAX - 2, MOST, false } };
	const bool seen = heap_calls_seen();
	struct bytes notes = bytes_zero(MILLION * EMPTY_NOTE + 64);
	const size_t size =
		put_note(notes.data, MILLION * EMPTY_NOTE, "Xen", ENTRY, entry_desc, 4, 4);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const size_t each = cases[i].each, last = 1 + cases[i].segments;
		struct elf_spec spec = small_kernel();
		struct pvhload_image *image;
		struct heap_calls calls;
		struct bytes bytes;

		for (size_t k = 2; k <= last; k++)
			spec.segments[k] = (struct part){ PH_NOTE, 0, notes.data, each, each, 4 };
		spec.segments[last].bytes = notes.data + size - each;
		spec.segment_count = last + 1;
		bytes = build_elf(&spec);
		heap_calls_begin();
		image = open_bytes(&bytes);
		calls = heap_calls_end();
		ck_assert_uint_eq(pvhload_image_get_info(image)->pvh != NULL, cases[i].found);
		if (seen)
			ck_assert_uint_lt(calls.bytes, 2 * PVHLOAD_ELF_NOTE_BYTES_TOTAL_MAX);
		pvhload_image_close(image);
		bytes_free(&bytes);
	}
	bytes_free(&notes);
}
END_TEST

/* 0 is 4 sectors, and 255 all that the field can say. */
START_TEST(setup_sects)
{
	static const uint8_t fields[] = { 0, 1, 4, 255 };

	for (size_t i = 0; i < sizeof(fields); i++) {
		struct bzimage_spec spec = undecoded_bzimage();
		const size_t sectors = fields[i] ? fields[i] : 4;
		const struct pvhload_image_info *info;
		struct pvhload_image *image;
		struct bytes bytes;

		spec.setup_sects = fields[i];
		bytes = build_bzimage(&spec);
		ck_assert_uint_eq(bytes.data[0x1f1], fields[i]);
		image = open_bytes(&bytes);
		info = pvhload_image_get_info(image);
		ck_assert_uint_eq(info->bzimage->code_offset, (1 + sectors) * 512);
		ck_assert_uint_eq(info->parts[0]->offset, bzimage_payload_offset(&spec));
		pvhload_image_close(image);
		/* the code they leave begins at the end of the file, or after it */
		bytes.size = (1 + sectors) * 512;
		(void)refuse_bytes(&bytes, PVHLOAD_E_MALFORMED);
		bytes.size--;
		(void)refuse_bytes(&bytes, PVHLOAD_E_MALFORMED);
		bytes_free(&bytes);
	}
}
END_TEST

/* A payload's place and size, each of 32 bits, whose sum is another number in 32 bits.  A place of 0 says that there is none. */
START_TEST(payload_that_wraps)
{
	static const struct {
		uint32_t offset, size;
	} cases[] = {
		{ 0xfffffff0, 0x20 },       { 0xffffffff, 0xffffffff }, { 0x400, 0xfffffc00 },
		{ 0x80000000, 0x80000000 }, { 0xfffff600, 0x1000 },     { 1, 0xffffffff },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct bzimage_spec spec = undecoded_bzimage();
		struct bytes bytes = build_bzimage(&spec);
		struct pvhload_error err;

		poke(&bytes, 0x248, cases[i].offset, 4);
		poke(&bytes, 0x24c, cases[i].size, 4);
		err = refuse_bytes(&bytes, PVHLOAD_E_MALFORMED);
		ck_says(err, "passes the end");
		bytes_free(&bytes);
	}
}
END_TEST

/* A field of a setup header at its extremes; the kernel has pref_address 16 MiB, init_size 48 MiB, and 256 MiB of RAM. */
static const struct {
	size_t at, size;
	uint64_t value;
	uint32_t protocol;
	enum pvhload_status status;
	const char *says;
} extremes[] = {
	{ 0x260, 4, 0xffffffff, PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_E_NO_ROOM,
	  "4294967295 bytes" },
	{ 0x260, 4, 0xfffff000, PVHLOAD_PROTOCOL_X86_LINUX32, PVHLOAD_E_NO_ROOM, "kernel" },
	{ 0x230, 4, 0x80000000, PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_OK, NULL },
	{ 0x230, 4, 1, PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_OK, NULL },
	{ 0x258, 8, UINT64_MAX, PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_E_NO_ROOM, "kernel" },
	{ 0x258, 8, UINT64_MAX, PVHLOAD_PROTOCOL_X86_LINUX32, PVHLOAD_E_NO_ROOM, "kernel" },
	{ 0x258, 8, UINT64_MAX - 0x1fffff, PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_E_NO_ROOM,
	  "kernel" },
	{ 0x258, 8, UINT64_MAX - 0x2ffffff, PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_E_NO_ROOM,
	  "kernel" },
	{ 0x258, 8, 0xffffffff, PVHLOAD_PROTOCOL_X86_LINUX32, PVHLOAD_E_NO_ROOM, "kernel" },
	{ 0x22c, 4, 0, PVHLOAD_PROTOCOL_X86_LINUX32, PVHLOAD_E_NO_ROOM, "initrd" },
	{ 0x22c, 4, 1, PVHLOAD_PROTOCOL_X86_LINUX32, PVHLOAD_E_NO_ROOM, "initrd" },
	{ 0x22c, 4, 0xffffffff, PVHLOAD_PROTOCOL_X86_LINUX32, PVHLOAD_OK, NULL },
	/* by that entry, what may be loaded above 4 GiB has its initrd anywhere */
	{ 0x22c, 4, 0, PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_OK, NULL },
	{ 0x22c, 4, 0xffffffff, PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_OK, NULL },
	{ 0x238, 4, 0xffffffff, PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_OK, NULL },
	{ 0x238, 4, 0, PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_E_CMDLINE, "" },
};

START_TEST(setup_header_extremes)
{
	static const uint8_t initrd[8192];
	struct pvhload_source source = pvhload_source_buffer(initrd, sizeof(initrd));
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, extremes[_i].protocol);
	set_field(&f, extremes[_i].at, extremes[_i].value, extremes[_i].size);
	f.config.initrds = &source;
	f.config.initrd_count = 1;
	f.config.cmdline = "quiet";
	if (extremes[_i].status == PVHLOAD_OK)
		(void)plan(&f);
	else
		ck_says(refused(&f, extremes[_i].status), extremes[_i].says);
	plan_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("attacks");
	TCase *tables = tcase_create("tables");

	tcase_add_loop_test(tables, segments_up_to_2_64, 0,
			    (int)(sizeof(at_the_end) / sizeof(at_the_end[0])));
	tcase_add_loop_test(tables, setup_header_extremes, 0,
			    (int)(sizeof(extremes) / sizeof(extremes[0])));
	suite_add_tcase(suite, tables);
	ADD_TESTS(suite, "elf", segments_in_holes, note_sizes_that_wrap, notes_outside_the_file,
		  a_million_notes);
	ADD_TESTS(suite, "bzimage", setup_sects, payload_that_wraps);
	return run_suite(suite);
}
