/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Multiboot headers: where they are found, what they say, and each rule of theirs broken alone. */
#include <stdio.h>

#include "multiboot_images.h"
#include "open_image.h"

static struct pvhload_image *open_elf(const struct mb_spec *spec)
{
	struct bytes bytes = build_multiboot_elf(spec);
	struct pvhload_image *image = open_bytes(&bytes);

	/* The source is a buffer, but what a header says has been read. */
	bytes_free(&bytes);
	return image;
}

START_TEST(places)
{
	static const struct {
		uint32_t words[4];
		size_t at; /* in the file */
		int version;
	} cases[] = {
		{ { 0x1badb002, 3, 0u - 0x1badb002 - 3, 0 }, 0x1000, 1 },
		{ { 0x1badb002, 3, 0u - 0x1badb002 - 3, 0 }, 0x1004, 1 },
		{ { 0x1badb002, 3, 0u - 0x1badb002 - 3, 0 }, 0x2000 - 12, 1 },
		{ { 0x1badb002, 3, 0u - 0x1badb002 - 3, 0 }, 0x2000 - 8, 0 },
		{ { 0x1badb002, 3, 0u - 0x1badb002 - 3, 0 }, 0x1002, 0 },
		{ { 0x1badb002, 3, 0u - 0x1badb002 - 2, 0 }, 0x1000, 0 },
		{ { 0xe85250d6, 0, 24, 0u - 0xe85250d6 - 24 }, 0x1000, 2 },
		{ { 0xe85250d6, 0, 24, 0u - 0xe85250d6 - 24 }, 0x8000 - 24, 2 },
		{ { 0xe85250d6, 0, 24, 0u - 0xe85250d6 - 24 }, 0x8000 - 8, 0 },
		{ { 0xe85250d6, 0, 24, 0u - 0xe85250d6 - 24 }, 0x1004, 0 },
		{ { 0xe85250d6, 0, 24, 0u - 0xe85250d6 - 23 }, 0x1000, 0 },
		/* for MIPS */
		{ { 0xe85250d6, 4, 24, 0u - 0xe85250d6 - 28 }, 0x1000, 0 },
	};
	const struct mb_spec none = { .has1 = false };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes bytes = build_multiboot_elf(&none);
		const struct pvhload_image_info *info;
		const struct pvhload_image_multiboot *header;
		struct pvhload_image *image;

		for (size_t w = 0; w < 4; w++)
			poke(&bytes, cases[i].at + 4 * w, cases[i].words[w], 4);
		/* the tag that ends a header of version 2 */
		poke(&bytes, cases[i].at + 16, 8ull << 32, 8);
		image = open_bytes(&bytes);
		info = pvhload_image_get_info(image);
		ck_assert_msg((info->multiboot1 != NULL) == (cases[i].version == 1) &&
				      (info->multiboot2 != NULL) == (cases[i].version == 2),
			      "case %zu", i);
		header = cases[i].version == 2 ? info->multiboot2 : info->multiboot1;
		if (header) {
			ck_assert_str_eq(header->problem, "");
			ck_assert_uint_eq(header->version, (uint32_t)cases[i].version);
			ck_assert_uint_eq(header->header_offset, cases[i].at);
			ck_assert_uint_eq(header->header_size, cases[i].version == 1 ? 12 : 24);
			ck_assert_uint_eq(header->flags, cases[i].version == 1 ? 3 : 0);
			ck_assert_uint_eq(header->entry, MB_ELF_ENTRY);
			ck_assert_ptr_eq(header->loads, info->elf);
			ck_assert(!header->address && !header->reloc);
		}
		pvhload_image_close(image);
		bytes_free(&bytes);
	}
}
END_TEST

/* A magic whose checksum is wrong is passed over, and the first header that is one counts. */
START_TEST(several)
{
	const struct mb_spec spec = { .has1 = true, .flags = 3, .at1 = 0x1100 };
	struct bytes bytes = build_multiboot_elf(&spec);
	struct pvhload_image *image;

	poke(&bytes, 0x1000, 0x1badb002, 4);
	poke(&bytes, 0x1200, 0x1badb002, 4);
	poke(&bytes, 0x1208, 0u - 0x1badb002u, 4);
	image = open_bytes(&bytes);
	ck_assert_uint_eq(pvhload_image_get_info(image)->multiboot1->header_offset, 0x1100);
	pvhload_image_close(image);
	bytes_free(&bytes);
}
END_TEST

/* In an ELF file: what it loads, by flags and tags. */
static const struct {
	const char *name;
	struct mb_spec spec;
	const char *problem1, *problem2; /* NULL: there is no header of that version */
} elf_cases[] = {
	{ "no demands", { .has1 = true, .at1 = MB_AT1 }, "", NULL },
	{ "pages, memory, video", { .has1 = true, .flags = 7, .at1 = MB_AT1 }, "", NULL },
	{ "an unknown demand",
	  { .has1 = true, .flags = 0xb, .at1 = MB_AT1 },
	  "its flags demand what is not known: 0x8 of 0xb",
	  NULL },
	{ "the highest demand",
	  { .has1 = true, .flags = 0x8000, .at1 = MB_AT1 },
	  "its flags demand what is not known: 0x8000 of 0x8000",
	  NULL },
	{ "unknown flags that are no demands",
	  { .has1 = true, .flags = 0xfffe0000, .at1 = MB_AT1 },
	  "",
	  NULL },
	{ "address fields past the first bytes",
	  { .has1 = true, .flags = 0x10000, .at1 = 0x2000 - 28 },
	  "its address fields pass the first 8192 bytes",
	  NULL },
	{ "no tags", { .has2 = true, .at2 = MB_AT2 }, NULL, "" },
	{ "all that is known, and optional",
	  { .has2 = true,
	    .tags = { { 1, 0, { 6, 4, 1, 3, 9, 21 }, 6, 0 },
		      { 4, MB_OPTIONAL, { 3 }, 1, 0 },
		      { 5, MB_OPTIONAL, { 1024, 768, 32 }, 3, 0 },
		      { 6, 0, { 0 }, 0, 0 },
		      { 7, 0, { 0 }, 0, 0 },
		      { 9, 0, { 0x1000 }, 1, 0 },
		      { 0x4711, MB_OPTIONAL, { 0 }, 2, 0 } },
	    .tag_count = 7,
	    .at2 = MB_AT2 },
	  NULL,
	  "" },
	{ "an unknown tag",
	  { .has2 = true, .tags = { { 0x4711, 0, { 0 }, 1, 0 } }, .tag_count = 1, .at2 = MB_AT2 },
	  NULL,
	  "it has a tag of the unknown type 18193, which is not optional" },
	{ "information of an unknown type",
	  { .has2 = true, .tags = { { 1, 0, { 6, 22 }, 2, 0 } }, .tag_count = 1, .at2 = MB_AT2 },
	  NULL,
	  "it requires information of the unknown type 22" },
	{ "the same, if it is there",
	  { .has2 = true,
	    .tags = { { 1, MB_OPTIONAL, { 6, 22 }, 2, 0 } },
	    .tag_count = 1,
	    .at2 = MB_AT2 },
	  NULL,
	  "" },
	{ "a framebuffer",
	  { .has2 = true,
	    .tags = { { 5, 0, { 1024, 768, 32 }, 3, 0 } },
	    .tag_count = 1,
	    .at2 = MB_AT2 },
	  NULL,
	  "it requires a framebuffer: its tag for one is not optional" },
	{ "a framebuffer, and what is wrong after it",
	  { .has2 = true,
	    .tags = { { 5, 0, { 1024, 768, 32 }, 3, 0 }, { 0x4711, 0, { 0 }, 1, 0 } },
	    .tag_count = 2,
	    .at2 = MB_AT2 },
	  NULL,
	  "it requires a framebuffer: its tag for one is not optional" },
	{ "a console that has to be there",
	  { .has2 = true, .tags = { { 4, 0, { 1 }, 1, 0 } }, .tag_count = 1, .at2 = MB_AT2 },
	  NULL,
	  "it requires a console, and there is no screen to promise it" },
	{ "a console, if there is one",
	  { .has2 = true, .tags = { { 4, 0, { 2 }, 1, 0 } }, .tag_count = 1, .at2 = MB_AT2 },
	  NULL,
	  "" },
	{ "a short tag",
	  { .has2 = true, .tags = { { 3, 0, { 0 }, 0, 0 } }, .tag_count = 1, .at2 = MB_AT2 },
	  NULL,
	  "its tag of type 3 has 8 bytes, less than 12" },
	{ "an address tag without its last byte",
	  { .has2 = true, .tags = { { 2, 0, { 0 }, 4, 23 } }, .tag_count = 1, .at2 = MB_AT2 },
	  NULL,
	  "its tag of type 2 has 23 bytes, less than 24" },
	{ "a tag of less than its header",
	  { .has2 = true, .tags = { { 6, 0, { 0 }, 0, 7 } }, .tag_count = 1, .at2 = MB_AT2 },
	  NULL,
	  "its tag at 0x10 has 7 bytes, and the header 32" },
	{ "a tag past the header",
	  { .has2 = true, .tags = { { 6, 0, { 0 }, 0, 17 } }, .tag_count = 1, .at2 = MB_AT2 },
	  NULL,
	  "its tag at 0x10 has 17 bytes, and the header 32" },
	{ "a tag of 4 GiB",
	  { .has2 = true,
	    .tags = { { 6, 0, { 0 }, 0, 0xffffffff } },
	    .tag_count = 1,
	    .at2 = MB_AT2 },
	  NULL,
	  "its tag at 0x10 has 4294967295 bytes, and the header 32" },
	{ "a tag past the header, and what its tags before it lack",
	  { .has2 = true,
	    .tags = { { 2, 0, { 0x100040, 0x100000, 0, 0 }, 4, 0 }, { 6, 0, { 0 }, 0, 17 } },
	    .tag_count = 2,
	    .at2 = MB_AT2 },
	  NULL,
	  "its tag at 0x28 has 17 bytes, and the header 56" },
	{ "no end",
	  { .has2 = true,
	    .tags = { { 6, 0, { 0 }, 0, 0 } },
	    .tag_count = 1,
	    .no_end = true,
	    .at2 = MB_AT2 },
	  NULL,
	  "its tags have no end" },
	{ "an address tag alone",
	  { .has2 = true,
	    .tags = { { 2, 0, { 0x100040, 0x100000, 0, 0 }, 4, 0 } },
	    .tag_count = 1,
	    .at2 = MB_AT2 },
	  NULL,
	  "it has an address tag, but no entry tag" },
	{ "an entry that nothing is at",
	  { .has2 = true, .tags = { { 3, 0, { 0x110000 }, 1, 0 } }, .tag_count = 1, .at2 = MB_AT2 },
	  NULL,
	  "its entry 0x110000 is in no segment's bytes" },
	{ "relocatable by 0",
	  { .has2 = true,
	    .tags = { { 10, 0, { 0, 0xffffffff, 0, 0 }, 4, 0 } },
	    .tag_count = 1,
	    .at2 = MB_AT2 },
	  NULL,
	  "its relocatable tag has an alignment of 0x0, which is no power of two" },
	{ "relocatable by 3 pages",
	  { .has2 = true,
	    .tags = { { 10, 0, { 0, 0xffffffff, 0x3000, 0 }, 4, 0 } },
	    .tag_count = 1,
	    .at2 = MB_AT2 },
	  NULL,
	  "its relocatable tag has an alignment of 0x3000, which is no power of two" },
	{ "relocatable to nowhere",
	  { .has2 = true,
	    .tags = { { 10, 0, { 0x2000, 0x1fff, 0x1000, 0 }, 4, 0 } },
	    .tag_count = 1,
	    .at2 = MB_AT2 },
	  NULL,
	  "its relocatable tag allows 0x2000 to 0x1fff, preference 0, which is nowhere or unknown" },
	{ "relocatable by an unknown preference",
	  { .has2 = true,
	    .tags = { { 10, 0, { 0, 0xffffffff, 0x1000, 3 }, 4, 0 } },
	    .tag_count = 1,
	    .at2 = MB_AT2 },
	  NULL,
	  "its relocatable tag allows 0x0 to 0xffffffff, preference 3, which is nowhere or unknown" },
	{ "one that is broken, and one that is not",
	  { .has1 = true, .flags = 8, .at1 = MB_AT1, .has2 = true, .at2 = MB_AT2 },
	  "its flags demand what is not known: 0x8 of 0x8",
	  "" },
};

static void check_problem(const char *name, const struct pvhload_image_multiboot *header,
			  const char *problem)
{
	ck_assert_msg((header != NULL) == (problem != NULL), "%s", name);
	if (header)
		ck_assert_msg(strcmp(header->problem, problem) == 0, "%s: %s", name,
			      header->problem);
}

/* A bad header is no reason not to open the file. */
START_TEST(in_elf_files)
{
	for (size_t i = 0; i < sizeof(elf_cases) / sizeof(elf_cases[0]); i++) {
		struct pvhload_image *image = open_elf(&elf_cases[i].spec);
		const struct pvhload_image_info *info = pvhload_image_get_info(image);

		check_problem(elf_cases[i].name, info->multiboot1, elf_cases[i].problem1);
		check_problem(elf_cases[i].name, info->multiboot2, elf_cases[i].problem2);
		ck_assert_uint_eq(info->format, PVHLOAD_FORMAT_ELF32);
		ck_assert_uint_eq(info->guest, PVHLOAD_GUEST_OTHER);
		ck_assert_str_eq(info->guest_reason,
				 "a Multiboot header, which Linux does not have");
		pvhload_image_close(image);
	}
}
END_TEST

/* The length of a header of version 2: it is inside of the first 32768 bytes, and of the file. */
START_TEST(lengths)
{
	static const struct {
		uint32_t length;
		size_t at;
		bool fits;
	} cases[] = {
		{ 23, MB_AT2, false },         { 24, MB_AT2, true },
		{ 24, 0x8000 - 24, true },     { 25, 0x8000 - 24, false },
		{ 0xffffffff, MB_AT2, false },
	};
	const struct mb_spec none = { .has1 = false };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes bytes = build_multiboot_elf(&none);
		const char *problem;
		struct pvhload_image *image;
		char expected[128];

		poke(&bytes, cases[i].at, 0xe85250d6, 8);
		poke(&bytes, cases[i].at + 8, cases[i].length, 4);
		poke(&bytes, cases[i].at + 12, 0u - 0xe85250d6u - cases[i].length, 4);
		poke(&bytes, cases[i].at + 16, 8ull << 32, 8);
		image = open_bytes(&bytes);
		problem = pvhload_image_get_info(image)->multiboot2->problem;
		snprintf(expected, sizeof(expected),
			 "it has %" PRIu32
			 " bytes, less than 24, or passes the first 32768 of the file",
			 cases[i].length);
		ck_assert_str_eq(problem, cases[i].fits ? "" : expected);
		pvhload_image_close(image);
		bytes_free(&bytes);
	}
}
END_TEST

/* An ELF file's entry may be a virtual address of a segment; else it is what it is. */
START_TEST(virtual_entries)
{
	static const struct {
		uint32_t e_entry, p_vaddr;
		uint64_t entry;
		const char *problem;
	} cases[] = {
		{ 0x100200, 0x100000, 0x100200, "" },
		{ 0xc0000200, 0xc0000000, 0x100200, "" },
		{ 0xc000ffff, 0xc0000000, 0x10ffff, "" },
		{ 0xc0010000, 0xc0000000, 0, "its entry 0xc0010000 is in no segment's bytes" },
		/* physical, and in no segment by p_vaddr */
		{ 0x100200, 0xc0000000, 0x100200, "" },
	};
	const struct mb_spec spec = { .has1 = true, .at1 = MB_AT1 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes bytes = build_multiboot_elf(&spec);
		const struct pvhload_image_multiboot *header;
		struct pvhload_image *image;

		poke(&bytes, 24, cases[i].e_entry, 4);
		poke(&bytes, 52 + 8, cases[i].p_vaddr, 4);
		image = open_bytes(&bytes);
		header = pvhload_image_get_info(image)->multiboot1;
		ck_assert_str_eq(header->problem, cases[i].problem);
		if (!cases[i].problem[0])
			ck_assert_uint_eq(header->entry, cases[i].entry);
		pvhload_image_close(image);
		bytes_free(&bytes);
	}
}
END_TEST

/* An ELF file of 64 bits, of which all is below 4 GiB, or not. */
START_TEST(elf64)
{
	static const uint64_t gpas[] = { 0xfffff000, 0xfffff001, 0x100000000 };

	for (size_t i = 0; i < 3; i++) {
		struct elf_spec elf = { .entry = gpas[i], .segment_count = 1 };
		static const uint8_t content[0x1000];
		const struct pvhload_image_multiboot *header;
		struct pvhload_image *image;
		struct bytes bytes;

		elf.segments[0] =
			(struct part){ PH_LOAD, gpas[i], content, sizeof(content), 0x1000, 1 };
		elf.tail = content;
		elf.tail_size = sizeof(content);
		bytes = build_elf(&elf);
		put_multiboot(&bytes, &(struct mb_spec){ .has2 = true,
							 .at2 = (bytes.size - 64) & ~(size_t)7 });
		image = open_bytes(&bytes);
		header = pvhload_image_get_info(image)->multiboot2;
		ck_assert_ptr_nonnull(header);
		if (i == 0)
			ck_assert_str_eq(header->problem, "");
		else
			ck_assert_ptr_nonnull(strstr(header->problem, "are not below 4 GiB"));
		pvhload_image_close(image);
		bytes_free(&bytes);
	}
}
END_TEST

/* None is looked for where no segment has any of the first 32768 bytes. */
START_TEST(nothing_loaded)
{
	static const uint8_t content[0x8000];

	for (size_t over = 0; over < 2; over++) {
		struct elf_spec elf = { .entry = MB_ELF_GPA, .segment_count = 2 };
		struct pvhload_image *image;
		struct bytes bytes;

		elf.segments[0] = (struct part){ 0, 0, content, 0x7f00, 0x7f00, 1 };
		elf.segments[1] = (struct part){ PH_LOAD, MB_ELF_GPA, content, 0x1000, 0x1000, 1 };
		elf.segments[0].file_size += 0x7fff + over - elf_segment_offset(&elf, 1);
		ck_assert_uint_eq(elf_segment_offset(&elf, 1), 0x7fff + over);
		bytes = build_elf(&elf);
		put_multiboot(&bytes, &(struct mb_spec){ .has2 = true, .at2 = MB_AT2 });
		image = open_bytes(&bytes);
		ck_assert_int_eq(pvhload_image_get_info(image)->multiboot2 != NULL, over == 0);
		pvhload_image_close(image);
		bytes_free(&bytes);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("multiboot");

	ADD_TESTS(suite, "headers", places, several, lengths, in_elf_files, virtual_entries, elf64,
		  nothing_loaded);
	return run_suite(suite);
}
