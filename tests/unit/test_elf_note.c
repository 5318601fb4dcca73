/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* PVH notes: padding, owners, damage, several places, and what counts as an entry. */
#include "open_image.h"

#define ENTRY 18
#define RELOC 19

static const uint8_t entry_a[8] = { 0x10, 0, 0x10, 0 }, entry_b[8] = { 0x20, 0, 0x10, 0 };

/* Notes as they are written by hand in each test. */
struct notes {
	uint8_t bytes[1024];
	size_t size;
	size_t align;
};

static void add_note(struct notes *n, const char *name, uint32_t type, const void *desc,
		     size_t size)
{
	n->size = put_note(n->bytes, n->size, name, type, desc, size, n->align ? n->align : 4);
}

static struct part note_part(const struct notes *n, uint64_t p_align)
{
	return (struct part){ PH_NOTE, 0, n->bytes, n->size, n->size, p_align };
}

/* A kernel whose notes are these segments. */
static struct pvhload_image *open_notes(const struct part *parts, size_t count)
{
	struct elf_spec spec = small_kernel();
	struct pvhload_image *image;
	struct bytes bytes;

	spec.segment_count = 2;
	for (size_t i = 0; i < count; i++)
		spec.segments[spec.segment_count++] = parts[i];
	bytes = build_elf(&spec);
	image = open_bytes(&bytes);
	/* what is looked at was copied at open: the bytes can go */
	bytes_free(&bytes);
	return image;
}

/* @entry 0: none. */
static void expect_entry(const struct part *parts, size_t count, uint32_t entry)
{
	struct pvhload_image *image = open_notes(parts, count);
	const struct pvhload_image_info *info = pvhload_image_get_info(image);

	ck_assert(!info->pvh == !entry);
	if (entry)
		ck_assert_uint_eq(info->pvh->entry, entry);
	pvhload_image_close(image);
}

static void expect_one(const struct notes *n, uint64_t p_align, uint32_t entry)
{
	const struct part part = note_part(n, p_align);

	expect_entry(&part, 1, entry);
}

START_TEST(among_others)
{
	struct notes n = { .size = 0 };

	add_note(&n, "GNU", 3, "build-id-of-20-bytes", 20);
	add_note(&n, "Linux", 0x100, "salt", 5);
	add_note(&n, "GNU", ENTRY, entry_b, 8); /* the type alone says nothing */
	add_note(&n, "Xen", 6, "linux", 6);
	add_note(&n, "Xen", ENTRY, entry_a, 8);
	add_note(&n, "Xen", 7, "2.6", 4);
	expect_one(&n, 4, 0x100010);
	expect_one(&n, 1, 0x100010);
}
END_TEST

START_TEST(owners_that_are_not_xen)
{
	static const char *const names[] = { "xen", "Xe", "Xenx", "XEN", "", "Xen " };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct notes n = { .size = 0 };

		add_note(&n, names[i], ENTRY, entry_a, 8);
		expect_one(&n, 4, 0);
	}
	for (uint32_t namesz = 3; namesz <= 8; namesz++) {
		struct notes n = { .size = 0 };
		struct bytes b = { n.bytes, 0 };

		/* "Xen" with another size: 4 is the NUL included, and nothing else is "Xen\0" */
		add_note(&n, "Xen", ENTRY, entry_a, 8);
		poke(&b, 0, namesz, 4);
		expect_one(&n, 4, namesz == 4 ? 0x100010 : 0);
	}
}
END_TEST

START_TEST(descriptor_sizes)
{
	static const struct {
		uint8_t desc[16];
		size_t size;
		uint32_t entry;
	} cases[] = {
		{ { 0x10, 0, 0x10, 0 }, 4, 0x100010 },
		{ { 0x10, 0, 0x10, 0 }, 8, 0x100010 },
		{ { 0xff, 0xff, 0xff, 0xff }, 8, 0xffffffff },
		{ { 0x10, 0, 0x10, 0, 1 }, 8, 0 }, /* above 4 GiB */
		{ { 0x10, 0, 0x10, 0 }, 2, 0 },
		{ { 0x10, 0, 0x10, 0 }, 0, 0 },
		{ { 0x10, 0, 0x10, 0 }, 12, 0 },
		{ { 0x10, 0, 0x10, 0 }, 5, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct notes n = { .size = 0 };

		add_note(&n, "Xen", ENTRY, cases[i].desc, cases[i].size);
		expect_one(&n, 4, cases[i].entry);
	}
}
END_TEST

START_TEST(first_valid_one_stands)
{
	struct notes bad = { .size = 0 }, a = { .size = 0 }, b = { .size = 0 };
	struct part parts[3];

	add_note(&bad, "Xen", ENTRY, "\x30", 1);
	add_note(&a, "Xen", ENTRY, entry_a, 8);
	add_note(&b, "Xen", ENTRY, entry_b, 4);
	parts[0] = note_part(&bad, 4);
	parts[1] = note_part(&a, 4);
	parts[2] = note_part(&b, 4);
	expect_entry(parts, 3, 0x100010);
	parts[1] = note_part(&b, 4);
	parts[2] = note_part(&a, 4);
	expect_entry(parts, 3, 0x100020);
	/* and in one segment */
	add_note(&b, "Xen", ENTRY, entry_a, 8);
	expect_one(&b, 4, 0x100020);
	/* a later segment without one does not undo it */
	bad.size = 0;
	add_note(&bad, "GNU", 1, "x", 1);
	parts[2] = note_part(&bad, 4);
	expect_entry(parts, 3, 0x100020);
}
END_TEST

START_TEST(damage_elsewhere_hides_nothing)
{
	struct notes damaged = { .size = 0 }, good = { .size = 0 };
	struct bytes b = { damaged.bytes, 0 };
	struct part parts[2];

	add_note(&good, "Xen", ENTRY, entry_a, 8);
	for (size_t field = 0; field < 8; field += 4) {
		for (size_t i = 0; i < 3; i++) {
			static const uint32_t sizes[] = { 0xffffffff, 0xfffffffc, 4096 };

			damaged.size = 0;
			add_note(&damaged, "GNU", 3, "0123456789abcdef", 16);
			poke(&b, field, sizes[i], 4);
			parts[0] = note_part(&damaged, 4);
			parts[1] = note_part(&good, 4);
			expect_entry(parts, 2, 0x100010);
			/* after the good one, in its own segment */
			parts[0] = note_part(&good, 4);
			parts[1] = note_part(&damaged, 4);
			expect_entry(parts, 2, 0x100010);
		}
	}
	/* good one first, then damage, in one segment: what was found stands */
	damaged = good;
	add_note(&damaged, "GNU", 3, "0123456789abcdef", 16);
	poke(&b, good.size, 0xfffffff0, 4);
	expect_one(&damaged, 4, 0x100010);
	expect_one(&damaged, 8, 0x100010);
	/* damage first: nothing after it can be found */
	damaged.size = 0;
	add_note(&damaged, "GNU", 3, "0123456789abcdef", 16);
	add_note(&damaged, "Xen", ENTRY, entry_a, 8);
	poke(&b, 4, 0xfffffff0, 4);
	expect_one(&damaged, 4, 0);
}
END_TEST

START_TEST(padding)
{
	struct notes four = { .size = 0 }, eight = { .align = 8 };

	/* 4 bytes of padding although p_align is 8: what the kernel and binutils write */
	add_note(&four, "dummy", 1, "\xca\xfe", 2);
	add_note(&four, "Xen", ENTRY, entry_a, 4);
	add_note(&four, "GNU", 3, "12345", 5);
	expect_one(&four, 4, 0x100010);
	expect_one(&four, 8, 0x100010);
	expect_one(&four, 0xd, 0x100010);

	/* 8 bytes, and p_align says so; without that there is no reason to look */
	add_note(&eight, "dummy", 1, "\xca\xfe", 2);
	add_note(&eight, "Xen", ENTRY, entry_a, 4);
	add_note(&eight, "GNU", 3, "12345", 5);
	expect_one(&eight, 8, 0x100010);
	expect_one(&eight, 4, 0);
}
END_TEST

START_TEST(last_padding_may_be_missing)
{
	struct notes n = { .size = 0 };

	add_note(&n, "GNU", 3, "12345", 5);
	add_note(&n, "Xen", ENTRY, entry_a, 4);
	add_note(&n, "GNU", 3, "12345", 5);
	n.size -= 3;
	expect_one(&n, 4, 0x100010);
	expect_one(&n, 8, 0x100010);
}
END_TEST

/* A PT_NOTE as GRUB writes it: p_memsz 0, p_vaddr in no segment. */
START_TEST(note_segment_of_no_memory)
{
	struct notes n = { .size = 0 };
	struct part part;

	add_note(&n, "Xen", ENTRY, entry_a, 4);
	part = note_part(&n, 4);
	part.mem_size = 0;
	expect_entry(&part, 1, 0x100010);
}
END_TEST

START_TEST(sections_as_fallback)
{
	struct notes xen = { .size = 0 }, gnu = { .size = 0 }, other = { .size = 0 };
	struct elf_spec spec = small_kernel();
	struct pvhload_image *image;
	struct bytes bytes;

	add_note(&xen, "Xen", ENTRY, entry_a, 4);
	add_note(&gnu, "GNU", 3, "12345", 5);
	add_note(&other, "Xen", ENTRY, entry_b, 4);
	spec.segments[2] = note_part(&gnu, 4);
	spec.sections[0] = (struct part){ 1, 0, "progbits", 8, 0, 4 };
	spec.sections[1] = (struct part){ SH_NOTE, 0, xen.bytes, xen.size, 0, 4 };
	spec.section_count = 2;
	bytes = build_elf(&spec);
	image = open_bytes(&bytes);
	ck_assert_uint_eq(pvhload_image_get_info(image)->pvh->entry, 0x100010);
	pvhload_image_close(image);

	/* a table that is not there, or not one, is no reason to refuse the file */
	poke(&bytes, 40, bytes.size + 1, 8);
	image = open_bytes(&bytes);
	ck_assert_ptr_null(pvhload_image_get_info(image)->pvh);
	pvhload_image_close(image);
	poke(&bytes, 40, UINT64_MAX, 8);
	pvhload_image_close(open_bytes(&bytes));
	bytes_free(&bytes);
	bytes = build_elf(&spec);
	poke(&bytes, 58, 63, 2); /* e_shentsize */
	image = open_bytes(&bytes);
	ck_assert_ptr_null(pvhload_image_get_info(image)->pvh);
	pvhload_image_close(image);
	bytes_free(&bytes);

	/* an entry from a segment makes sections uninteresting */
	spec.segments[2] = note_part(&other, 4);
	bytes = build_elf(&spec);
	image = open_bytes(&bytes);
	ck_assert_uint_eq(pvhload_image_get_info(image)->pvh->entry, 0x100020);
	pvhload_image_close(image);
	bytes_free(&bytes);
}
END_TEST

/*
 * More sections than are read at a time; in both widths, and with their number in the header or, as with
 * 65280 and more, in section 0.
 */
START_TEST(the_last_of_many_sections)
{
	struct notes xen = { .size = 0 };

	add_note(&xen, "Xen", ENTRY, entry_a, 4);
	for (int i = 0; i < 4; i++) {
		const bool is32 = i % 2, in_section_0 = i / 2;
		struct elf_spec spec = small_kernel();
		struct pvhload_image *image;
		struct bytes bytes;
		size_t section_0;

		spec.is32 = is32;
		spec.segment_count = 2;
		for (size_t k = 0; k < PARTS_MAX; k++)
			spec.sections[k] = (struct part){ 1, 0, "x", 1, 0, 1 };
		spec.sections[PARTS_MAX - 1] =
			(struct part){ SH_NOTE, 0, xen.bytes, xen.size, 0, 4 };
		spec.section_count = PARTS_MAX;
		bytes = build_elf(&spec);
		section_0 = bytes.size - (PARTS_MAX + 1) * (is32 ? 40u : 64u);
		if (in_section_0) {
			poke(&bytes, is32 ? 48 : 60, 0, 2); /* e_shnum */
			poke(&bytes, section_0 + (is32 ? 20 : 32), PARTS_MAX + 1, 4);
		}
		image = open_bytes(&bytes);
		ck_assert_uint_eq(pvhload_image_get_info(image)->pvh->entry, 0x100010);
		pvhload_image_close(image);
		bytes_free(&bytes);
	}
}
END_TEST

/* Bytes of notes are bounded, one by one and together; what is beyond is not looked at. */
START_TEST(limits)
{
	uint8_t *large = calloc(1, PVHLOAD_ELF_NOTE_BYTES_MAX + 64);
	const size_t at = PVHLOAD_ELF_NOTE_BYTES_MAX;
	struct part part = { PH_NOTE, 0, large, 0, 0, 4 };

	/* one long note up to 4 bytes before the limit, then the entry: cut off */
	struct bytes b = { large, 0 };

	poke(&b, 0, 0, 4);
	poke(&b, 4, at - 12 - 4, 4);
	part.file_size = put_note(large, at - 4, "Xen", ENTRY, entry_a, 4, 4);
	expect_entry(&part, 1, 0);
	/* with the entry just inside */
	poke(&b, 4, at - 12 - 20, 4);
	part.file_size = put_note(large, at - 20, "Xen", ENTRY, entry_a, 4, 4);
	ck_assert_uint_eq(part.file_size, at);
	expect_entry(&part, 1, 0x100010);
	free(large);
}
END_TEST

static void reloc(const uint32_t *words, size_t size, bool found, uint32_t align, uint32_t min,
		  uint32_t max)
{
	struct notes n = { .size = 0 };
	uint8_t desc[16] = { 0 };
	struct bytes b = { desc, 0 };
	struct pvhload_image *image;
	const struct pvhload_image_info *info;
	struct part part;

	for (size_t i = 0; i < size / 4; i++)
		poke(&b, 4 * i, words[i], 4);
	add_note(&n, "Xen", RELOC, desc, size);
	add_note(&n, "Xen", ENTRY, entry_a, 8);
	part = note_part(&n, 4);
	image = open_notes(&part, 1);
	info = pvhload_image_get_info(image);
	ck_assert_ptr_nonnull(info->pvh);
	ck_assert_uint_eq(info->relocatable, found);
	ck_assert(!info->pvh->reloc == !found);
	if (found) {
		ck_assert_uint_eq(info->pvh->reloc->align, align);
		ck_assert_uint_eq(info->pvh->reloc->min, min);
		ck_assert_uint_eq(info->pvh->reloc->max, max);
	}
	pvhload_image_close(image);
}

START_TEST(reloc_note)
{
	const uint32_t linux_note[4] = { 0x200000, 0x1000000, 0x3fffffff };

	reloc(linux_note, 12, true, 0x200000, 0x1000000, 0x3fffffff);
	reloc(linux_note, 8, true, 0x200000, 0x1000000, 0xffffffff);
	reloc(linux_note, 4, true, 0x200000, 0, 0xffffffff);
	/* without an alignment: the largest p_align of a PT_LOAD, here 4 KiB */
	reloc(linux_note, 0, true, 0x1000, 0, 0xffffffff);
	reloc((const uint32_t[]){ 0, 1, 2 }, 12, true, 0x1000, 1, 2);
	/* not a note we could honour */
	reloc(linux_note, 16, false, 0, 0, 0);
	reloc(linux_note, 6, false, 0, 0, 0);
	reloc((const uint32_t[]){ 0x300000, 0, 0 }, 12, false, 0, 0, 0);
}
END_TEST

START_TEST(reloc_default_alignment)
{
	struct elf_spec spec = small_kernel();
	struct notes n = { .size = 0 };
	struct pvhload_image *image;
	struct bytes bytes;

	/* p_align below 4 KiB says nothing: 2 MiB then */
	add_note(&n, "Xen", RELOC, "", 0);
	add_note(&n, "Xen", RELOC, "\0\0\0\x01", 4); /* the second does not count */
	spec.segments[0].align = spec.segments[1].align = 4;
	spec.segments[2] = note_part(&n, 4);
	bytes = build_elf(&spec);
	image = open_bytes(&bytes);
	ck_assert_uint_eq(pvhload_image_get_info(image)->relocatable, 1);
	ck_assert_uint_eq(pvhload_image_get_info(image)->alignment, 0x200000);
	pvhload_image_close(image);
	bytes_free(&bytes);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("elf_note");

	ADD_TESTS(suite, "entry", among_others, owners_that_are_not_xen, descriptor_sizes,
		  first_valid_one_stands, damage_elsewhere_hides_nothing, padding,
		  last_padding_may_be_missing, note_segment_of_no_memory);
	ADD_TESTS(suite, "places", sections_as_fallback, the_last_of_many_sections, limits);
	ADD_TESTS(suite, "reloc", reloc_note, reloc_default_alignment);
	return run_suite(suite);
}
