/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * ELF files as rust-vmm's linux-loader (0.14) tests and treats them.  Where its rule is right ours is
 * the same; where it is not, the case says what holds instead, and docs/linux-loader.md why.
 */
#include "conformance.h"
#include "load_fixture.h"

/* Its test_elf.bin: code at 0, data after where the entry points to, which is neither. */
static const uint8_t code[29] = { 0xb8, 4, 0, 0, 0, 0xbb, 1, 0, 0, 0, 0xb9, 0x20 };
static const char data[14] = {
	'H', 'e', 'l', 'l', 'o', ',', ' ', 'W', 'o', 'r', 'l', 'd', '!', 10
};

static struct elf_spec test_elf(void)
{
	return (struct elf_spec){
		.entry = 0x400,
		.segments = { { PH_LOAD, 0, code, sizeof(code), sizeof(code), 16 },
			      { PH_LOAD, 0x420, data, sizeof(data), sizeof(data), 16 } },
		.segment_count = 2,
	};
}

static void setup(struct load_fixture *f, const struct elf_spec *spec)
{
	load_setup_region(f, build_elf(spec), FAKE_ZERO, G16);
}

/*
 * elf.load.1 to .4 and elf.ovf: its kernel_offset is what is added to each address, our place is where
 * the lowest address goes; its highmem_start is a RAM map that starts there.
 */
START_TEST(offsets)
{
	static const struct {
		const char *shows;
		uint64_t place, ram_from;
		bool loads;
		uint64_t entry, end;
	} cases[] = {
		{ "elf.load.1, .2: moved by 2 MiB", 0x200000, 0, true, 0x200400, 0x20042e },
		{ "elf.load.3: where it is linked to", 0, 0, true, 0x400, 0x42e },
		{ "elf.load.4: RAM starts above it", 0, 0xa00000, false, 0, 0 },
		{ "RAM starts between entry and data, which its test of e_entry alone lets pass", 0,
		  0x400, false, 0, 0 },
		{ "moved above the start of RAM, which its test of e_entry as it stands refuses",
		  0xa00000, 0xa00000, true, 0xa00400, 0xa0042e },
		{ "elf.ovf: an offset that overflows", UINT64_MAX, 0, false, 0, 0 },
		{ "the same, at a multiple of the alignment", 0xffffffffffe00000, 0, false, 0, 0 },
		{ "its image moved by 1 MiB, where Linux hangs", 0x100000, 0, false, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct elf_spec spec = test_elf();
		struct load_fixture f;

		setup(&f, &spec);
		f.entries[0].gpa = cases[i].ram_from;
		f.entries[0].size -= cases[i].ram_from;
		if (cases[i].loads) {
			load_image_at(&f, cases[i].place);
			ck_assert_msg(f.result.entry == cases[i].entry, "%s", cases[i].shows);
			ck_assert_msg(f.result.gpa + f.result.size == cases[i].end, "%s",
				      cases[i].shows);
			ck_assert_msg(f.result.gpa == cases[i].place, "%s", cases[i].shows);
			take_bytes(&f, cases[i].place, code, sizeof(code));
			take_bytes(&f, cases[i].place + 0x420, data, sizeof(data));
			ck_assert_msg(fake_memory_untouched(&f.fake), "%s", cases[i].shows);
		} else {
			(void)load_refused_at(&f, cases[i].place, PVHLOAD_E_RANGE);
		}
		load_teardown(&f);
	}
}
END_TEST

/* elf.magic, elf.endian, elf.phoff; and what it does not look at, which is refused here. */
START_TEST(headers)
{
	static const struct {
		const char *shows;
		size_t offset;
		uint64_t value;
		size_t size;
		enum pvhload_status status;
	} cases[] = {
		{ "elf.magic", 1, 0x33, 1, PVHLOAD_E_FORMAT },
		{ "elf.endian", 5, 2, 1, PVHLOAD_E_UNSUPPORTED },
		{ "EI_DATA is neither", 5, 0, 1, PVHLOAD_E_MALFORMED },
		{ "elf.phoff: inside the header", 0x20, 0x10, 1, PVHLOAD_E_MALFORMED },
		{ "e_phoff beyond the file", 0x20, 0x100000, 8, PVHLOAD_E_MALFORMED },
		{ "e_phoff of 2^63", 0x20, 1ull << 63, 8, PVHLOAD_E_MALFORMED },
		{ "e_phentsize", 54, 55, 2, PVHLOAD_E_MALFORMED },
		{ "EI_CLASS says 32 bits, the rest is 64", 4, 1, 1, PVHLOAD_E_MALFORMED },
		{ "EI_VERSION", 6, 2, 1, PVHLOAD_E_UNSUPPORTED },
		{ "e_machine: AArch64", 18, MACHINE_AARCH64, 2, PVHLOAD_E_UNSUPPORTED },
		{ "e_type: an object file", 16, TYPE_REL, 2, PVHLOAD_E_UNSUPPORTED },
		{ "e_type: a core dump", 16, TYPE_CORE, 2, PVHLOAD_E_UNSUPPORTED },
		{ "e_phnum 0xffff is not a number of headers", 56, 0xffff, 2, PVHLOAD_E_LIMIT },
		{ "p_filesz above p_memsz", 64 + 32, 30, 8, PVHLOAD_E_MALFORMED },
		{ "p_memsz that wraps", 64 + 56 + 40, UINT64_MAX, 8, PVHLOAD_E_MALFORMED },
		{ "p_offset after the file", 64 + 8, 0x10000, 8, PVHLOAD_E_MALFORMED },
		{ "overlapping segments", 64 + 56 + 24, 28, 8, PVHLOAD_E_MALFORMED },
	};
	const struct elf_spec spec = test_elf();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes bytes = build_elf(&spec);
		struct pvhload_source source;
		struct pvhload_image *image;
		enum pvhload_status status;

		poke(&bytes, cases[i].offset, cases[i].value, cases[i].size);
		source = pvhload_source_buffer(bytes.data, bytes.size);
		status = pvhload_image_open(&source, NULL, &image, NULL);
		ck_assert_msg(status == cases[i].status, "%s: %s", cases[i].shows,
			      pvhload_status_name(status));
		bytes_free(&bytes);
	}
}
END_TEST

/* Its note files, each in a segment of its own: notes are (name, type, bytes of descriptor). */
struct note_case {
	const char *shows;
	struct {
		const char *name;
		uint32_t type;
		const char *desc;
		size_t size;
	} notes[3];
	uint64_t align;
	uint32_t has_entry;
};

static const struct note_case note_cases[] = {
	{ "elf.pvh.1: test_elfnote",
	  { { "dummy", 1, "\xfe\xca\xfe\xca\0\0\0", 8 },
	    { "Xen", 18, "\x1f\xfe\xe1\x01\0\0\0", 8 },
	    { "GNU", 3, "twenty bytes of hash", 20 } },
	  4,
	  1 },
	{ "elf.align.2: p_align 8, padded to 4 all the same",
	  { { "dummy", 1, "\xfe\xca\xfe\xca\0\0\0", 8 },
	    { "Xen", 18, "\x1f\xfe\xe1\x01\0\0\0", 8 },
	    { "GNU", 3, "twenty bytes of hash", 20 } },
	  8,
	  1 },
	{ "4 bytes are an address as well", { { "Xen", 18, "\x1f\xfe\xe1\x01", 4 } }, 4, 1 },
	{ "elf.note.dummy: type 18, but not Xen's", { { "dummy", 18, "", 0 } }, 4, 0 },
	{ "elf.note.bad: too short; no entry, and no reason to refuse the image",
	  { { "Xen", 18, "\x1f\x1e", 2 } },
	  4,
	  0 },
	{ "an upper half, which it ignores", { { "Xen", 18, "\x1f\xfe\xe1\x01\1\0\0", 8 } }, 4, 0 },
	{ "the first of Xen's notes counts",
	  { { "Xen", 18, "\x1f\xfe\xe1\x01", 4 }, { "Xen", 18, "\0\0\x10", 4 } },
	  4,
	  1 },
};

START_TEST(notes)
{
	for (size_t i = 0; i < sizeof(note_cases) / sizeof(note_cases[0]); i++) {
		const struct note_case *c = &note_cases[i];
		struct elf_spec spec = test_elf();
		const struct pvhload_image_info *info;
		struct pvhload_image *image;
		struct bytes bytes;
		uint8_t buffer[128];
		size_t used = 0;

		for (size_t k = 0; k < 3 && c->notes[k].name; k++)
			used = put_note(buffer, used, c->notes[k].name, c->notes[k].type,
					c->notes[k].desc, c->notes[k].size, 4);
		spec.segments[2] = (struct part){ PH_NOTE, 0x4000b0, buffer, used, used, c->align };
		spec.segment_count = 3;
		bytes = build_elf(&spec);
		image = open_bytes(&bytes);
		info = pvhload_image_get_info(image);
		ck_assert_msg(!info->pvh == !c->has_entry, "%s", c->shows);
		ck_assert_msg(!info->pvh || info->pvh->entry == 0x1e1fe1f, "%s", c->shows);
		pvhload_image_close(image);
		bytes_free(&bytes);
	}
}
END_TEST

/* Segments of notes that run out, or say nothing: an entry found before counts, none is invented. */
START_TEST(damaged_notes)
{
	/* elf.align.1: text where a note should be, and a p_align of 13 */
	static const char garbage[] = "\0\0Hello, World!\n";
	struct elf_spec spec = test_elf();
	struct pvhload_image *image;
	struct bytes bytes;
	uint8_t xen[64];
	const size_t size = put_note(xen, 0, "Xen", 18, "\x1f\xfe\xe1\x01", 4, 4);

	spec.segments[2] = (struct part){ PH_NOTE, 0x8888048020, garbage, 16, 16, 13 };
	spec.segment_count = 3;
	bytes = build_elf(&spec);
	image = open_bytes(&bytes);
	ck_assert_ptr_null(pvhload_image_get_info(image)->pvh);
	pvhload_image_close(image);
	bytes_free(&bytes);

	/* its rule is that the last PT_NOTE decides; here a sound one is not lost to it */
	for (size_t first = 0; first < 2; first++) {
		spec.segments[2 + first] = (struct part){ PH_NOTE, 0, xen, size, size, 4 };
		spec.segments[3 - first] = (struct part){ PH_NOTE, 0, garbage, 16, 16, 4 };
		spec.segment_count = 4;
		bytes = build_elf(&spec);
		image = open_bytes(&bytes);
		ck_assert_uint_eq(pvhload_image_get_info(image)->pvh->entry, 0x1e1fe1f);
		pvhload_image_close(image);
		bytes_free(&bytes);
	}

	/* a segment ends within the note, though the file has the rest: it reads on, we do not */
	spec.segments[2] = (struct part){ PH_NOTE, 0, xen, size, size, 4 };
	spec.segment_count = 3;
	bytes = build_elf(&spec);
	poke(&bytes, elf_phdr_offset(&spec, 2) + 32, size - 1, 8);
	image = open_bytes(&bytes);
	ck_assert_ptr_null(pvhload_image_get_info(image)->pvh);
	pvhload_image_close(image);
	bytes_free(&bytes);
}
END_TEST

/* elf.pvh.2: with an offset it ignores the PVH entry; the image itself says whether it may move. */
START_TEST(pvh_and_offsets)
{
	for (int reloc = 0; reloc < 2; reloc++) {
		struct elf_spec spec = small_kernel();
		struct load_fixture f;

		if (reloc)
			add_reloc_note(&spec, 0x1000, 0, G16 - 1);
		setup(&f, &spec);
		load_image_at(&f, 0x300000);
		ck_assert_uint_eq(f.result.has_pvh_entry, (uint32_t)reloc);
		ck_assert_uint_eq(f.result.pvh_entry, reloc ? SMALL_ENTRY + 0x200000 : 0);
		load_image(&f);
		ck_assert_uint_eq(f.result.pvh_entry, SMALL_ENTRY);
		load_teardown(&f);
	}
}
END_TEST

/* .bss: it neither zeroes it nor counts a segment that has nothing else. */
START_TEST(bss)
{
	struct elf_spec spec = test_elf();
	struct load_fixture f;

	spec.segments[1].mem_size = 0x1000;
	spec.segments[2] = (struct part){ PH_LOAD, 0x8000, NULL, 0, 0x2000, 16 };
	spec.segment_count = 3;
	setup(&f, &spec);
	load_image(&f);
	ck_assert_uint_eq(f.result.gpa + f.result.size, 0xa000);
	take_bytes(&f, 0, code, sizeof(code));
	take_bytes(&f, 0x420, data, sizeof(data));
	take_bytes(&f, 0x420 + sizeof(data), NULL, 0x1000 - sizeof(data));
	take_bytes(&f, 0x8000, NULL, 0x2000);
	ck_assert(fake_memory_untouched(&f.fake));
	/* it has to fit, too: nothing is written before that is known */
	f.fake.calls = 0;
	f.entries[0].size = 0x9fff;
	(void)load_refused(&f, PVHLOAD_E_RANGE);
	load_teardown(&f);
}
END_TEST

/* Its test_elfnote loads nothing at all: that cannot be meant, and is refused. */
START_TEST(nothing_to_load)
{
	struct elf_spec spec = small_kernel();
	struct pvhload_error err;

	spec.segments[0] = (struct part){ PH_LOAD, 0x400000, NULL, 0, 0, 0x200000 };
	spec.segments[1] = spec.segments[2];
	spec.segment_count = 2;
	err = refuse_elf(&spec, PVHLOAD_E_MALFORMED);
	ck_says(err, "nothing to load");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("conformance_elf");

	ADD_TESTS(suite, "loading", offsets, headers, bss, nothing_to_load);
	ADD_TESTS(suite, "notes", notes, damaged_notes, pvh_and_offsets);
	return run_suite(suite);
}
