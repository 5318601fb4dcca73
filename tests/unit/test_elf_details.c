/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What an ELF kernel says of itself beside its headers: relocation tables and version. */
#include <sys/mman.h>
#include <unistd.h>

#include "kernel/relocs.h"
#include "open_image.h"

static struct pvhload_image *with_tail(const uint32_t *words, size_t count, bool is32,
				       struct bytes *ret)
{
	struct elf_spec spec = small_kernel();
	struct bytes tail = bytes_zero(4 * count);

	for (size_t i = 0; i < count; i++)
		poke(&tail, 4 * i, words[i], 4);
	spec.is32 = is32;
	spec.tail = tail.data;
	spec.tail_size = tail.size;
	*ret = build_elf(&spec);
	bytes_free(&tail);
	return open_bytes(ret);
}

START_TEST(relocation_tables)
{
	static const struct {
		uint32_t words[12];
		size_t count;
		bool is32;
		bool found;
		uint64_t r64, inverse, r32;
	} cases[] = {
		/* up to 6.14: three tables; from 6.15: two; i386: one; a table may be empty */
		{ { 0, 5, 6, 7, 0, 4, 0, 8, 9 }, 9, false, true, 3, 1, 2 },
		{ { 0, 5, 6, 0, 4 }, 5, false, true, 2, 0, 1 },
		{ { 0, 0, 0 }, 3, false, true, 0, 0, 0 },
		{ { 0, 1, 2, 3, 4 }, 5, true, true, 0, 0, 4 },
		/* not tables: no zero first, not ascending, one or four zeros, i386 with two */
		{ { 1, 0, 2 }, 3, false, false, 0, 0, 0 },
		{ { 0, 5, 5, 0, 1 }, 5, false, false, 0, 0, 0 },
		{ { 0, 1 }, 2, false, false, 0, 0, 0 },
		{ { 0, 1, 0, 1, 0, 1, 0, 1 }, 8, false, false, 0, 0, 0 },
		{ { 0, 1, 0, 1 }, 4, true, false, 0, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pvhload_image_relocations r = PVHLOAD_IMAGE_RELOCATIONS_INIT;
		struct pvhload_error err;
		struct bytes bytes;
		struct pvhload_image *image =
			with_tail(cases[i].words, cases[i].count, cases[i].is32, &bytes);

		if (!cases[i].found) {
			r.r64 = 0x5a;
			ck_status(PVHLOAD_E_NOT_FOUND, err,
				  pvhload_image_count_relocations(image, &r, &err));
			ck_assert_uint_eq(r.r64, 0x5a);
		} else {
			ck_status(PVHLOAD_OK, err,
				  pvhload_image_count_relocations(image, &r, &err));
			ck_assert_uint_eq(r.r64, cases[i].r64);
			ck_assert_uint_eq(r.r32_inverse, cases[i].inverse);
			ck_assert_uint_eq(r.r32, cases[i].r32);
			ck_assert_uint_eq(r.size, 4 * cases[i].count);
			ck_assert_uint_eq(r.offset, bytes.size - 4 * cases[i].count);
		}
		ck_status(PVHLOAD_E_USAGE, err, pvhload_image_count_relocations(image, NULL, &err));
		ck_status(PVHLOAD_E_USAGE, err, pvhload_image_count_relocations(NULL, &r, &err));
		r.struct_size = 4;
		ck_status(PVHLOAD_E_USAGE, err, pvhload_image_count_relocations(image, &r, &err));
		pvhload_image_close(image);
		bytes_free(&bytes);
	}
}
END_TEST

/* One entry after the other, with its table's kind and the sign of its address. */
START_TEST(relocation_entries)
{
	static const struct {
		uint32_t words[8];
		size_t count;
		bool is32;
		struct pvl_reloc entries[4];
		size_t found;
	} cases[] = {
		{ { 0, 5, 0x81000010, 0, 7, 0, 8 },
		  7,
		  false,
		  { { PVL_RELOC_64, 5 },
		    { PVL_RELOC_64, 0xffffffff81000010 },
		    { PVL_RELOC_32_INVERSE, 7 },
		    { PVL_RELOC_32, 8 } },
		  4 },
		{ { 0, 0, 0xfffffffc }, 3, false, { { PVL_RELOC_32, 0xfffffffffffffffc } }, 1 },
		{ { 0, 0xc1000000 }, 2, true, { { PVL_RELOC_32, 0xc1000000 } }, 1 },
		{ { 0, 0, 0 }, 3, false, { { 0, 0 } }, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pvl_reloc entry = { PVL_RELOC_KINDS, 0x5a };
		struct pvl_relocs relocs;
		struct pvhload_error err;
		struct bytes bytes;
		bool more = true;
		struct pvhload_image *image =
			with_tail(cases[i].words, cases[i].count, cases[i].is32, &bytes);

		ck_status(PVHLOAD_OK, err, pvl_relocs_open(image, &relocs, &err));
		for (size_t k = 0; k < cases[i].found; k++) {
			ck_status(PVHLOAD_OK, err, pvl_relocs_next(&relocs, &entry, &more, &err));
			ck_assert(more);
			ck_assert_int_eq(entry.kind, cases[i].entries[k].kind);
			ck_assert_uint_eq(entry.address, cases[i].entries[k].address);
		}
		entry.address = 0x5a;
		ck_status(PVHLOAD_OK, err, pvl_relocs_next(&relocs, &entry, &more, &err));
		ck_assert(!more);
		ck_assert_uint_eq(entry.address, 0x5a);
		pvl_relocs_close(&relocs);

		/* all of it has been looked at before: what is else now has changed */
		if (!cases[i].is32 && cases[i].count == 3) {
			ck_status(PVHLOAD_OK, err, pvl_relocs_open(image, &relocs, &err));
			poke(&bytes, bytes.size - 12, 9, 4);
			ck_status(PVHLOAD_E_SOURCE, err,
				  pvl_relocs_next(&relocs, &entry, &more, &err));
			ck_says(err, "has changed");
			pvl_relocs_close(&relocs);
		}
		pvhload_image_close(image);
		bytes_free(&bytes);
	}
}
END_TEST

START_TEST(no_relocation_tables)
{
	struct pvhload_image_relocations r = PVHLOAD_IMAGE_RELOCATIONS_INIT;
	const struct elf_spec spec = small_kernel();
	struct bytes bytes = build_elf(&spec); /* without a section table, its end is unknown */
	struct pvhload_image *image = open_bytes(&bytes);
	struct pvhload_error err;

	ck_status(PVHLOAD_E_NOT_FOUND, err, pvhload_image_count_relocations(image, &r, &err));
	pvhload_image_close(image);
	bytes_free(&bytes);

	/* a section table that passes the file's end, by its size or its place: they would be outside */
	for (int by_place = 0; by_place < 2; by_place++) {
		image = with_tail((const uint32_t[]){ 0, 0, 1 }, 3, false, &bytes);
		ck_status(PVHLOAD_OK, err, pvhload_image_count_relocations(image, &r, &err));
		pvhload_image_close(image);
		poke(&bytes, by_place ? 0x28 : 0x3c, by_place ? UINT64_MAX - 63 : 0xfeff,
		     by_place ? 8 : 2);
		image = open_bytes(&bytes);
		ck_status(PVHLOAD_E_NOT_FOUND, err,
			  pvhload_image_count_relocations(image, &r, &err));
		pvhload_image_close(image);
		bytes_free(&bytes);
	}

	image = with_tail((const uint32_t[]){ 0, 0 }, 2, false, &bytes);
	pvhload_image_close(image);
	bytes.size -= 3; /* not a whole number of words */
	image = open_bytes(&bytes);
	ck_status(PVHLOAD_E_NOT_FOUND, err, pvhload_image_count_relocations(image, &r, &err));
	pvhload_image_close(image);
	bytes_free(&bytes);
}
END_TEST

/* As many entries as may be, in two tables; and then one more. */
START_TEST(most_relocations)
{
	struct pvhload_image_relocations r = PVHLOAD_IMAGE_RELOCATIONS_INIT;
	const size_t half = PVHLOAD_RELOCATIONS_MAX / 2, count = 2 + 2 * half;
	uint32_t *words = calloc(count + 1, sizeof(*words));
	struct pvhload_image *image;
	struct pvhload_error err;
	struct bytes bytes;

	ck_assert_ptr_nonnull(words);
	for (uint32_t i = 1; i <= half; i++)
		words[i] = words[1 + half + i] = i;
	words[count] = (uint32_t)half + 1;
	image = with_tail(words, count, false, &bytes);
	ck_status(PVHLOAD_OK, err, pvhload_image_count_relocations(image, &r, &err));
	ck_assert_uint_eq(r.r64, half);
	ck_assert_uint_eq(r.r32, half);
	pvhload_image_close(image);
	bytes_free(&bytes);
	image = with_tail(words, count + 1, false, &bytes);
	r.r64 = 0x5a;
	ck_status(PVHLOAD_E_LIMIT, err, pvhload_image_count_relocations(image, &r, &err));
	ck_says(err, "more than 4194304 entries", "PVHLOAD_RELOCATIONS_MAX");
	ck_assert_uint_eq(err.offset, bytes.size - 4 * (count + 1));
	ck_assert_uint_eq(r.r64, 0x5a);
	pvhload_image_close(image);
	bytes_free(&bytes);
	free(words);
}
END_TEST

/* A file that gets shorter after it was opened. */
START_TEST(source_that_shrinks)
{
	const uint32_t words[] = { 0, 1, 0, 2 };
	struct pvhload_image_relocations r = PVHLOAD_IMAGE_RELOCATIONS_INIT;
	int fd = memfd_create("kernel", 0);
	struct pvhload_source source = pvhload_source_fd(fd);
	struct pvhload_image *image = NULL;
	struct pvhload_error err;
	struct bytes bytes;
	char text[64];

	pvhload_image_close(with_tail(words, 4, false, &bytes));
	ck_assert_int_eq(write(fd, bytes.data, bytes.size), (ssize_t)bytes.size);
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, NULL, &image, &err));
	ck_status(PVHLOAD_OK, err, pvhload_image_count_relocations(image, &r, &err));
	ck_assert_int_eq(ftruncate(fd, 100), 0);
	ck_status(PVHLOAD_E_SOURCE, err, pvhload_image_count_relocations(image, &r, &err));
	ck_status(PVHLOAD_E_SOURCE, err, pvhload_image_read(image, 99, text, 2, &err));
	ck_assert_uint_eq(err.offset, 100);
	ck_status(PVHLOAD_OK, err, pvhload_image_read(image, 98, text, 2, &err));
	ck_status(PVHLOAD_E_SOURCE, err, pvhload_image_kernel_version(image, text, 64, &err));
	pvhload_image_close(image);
	bytes_free(&bytes);
	close(fd);
}
END_TEST

/* Segments that share bytes are searched no longer than the image is. */
struct counter {
	const struct bytes *bytes;
	uint64_t read;
};

static int64_t read_counted(void *user, uint64_t offset, void *dst, size_t len)
{
	struct counter *c = user;

	memcpy(dst, c->bytes->data + offset, len);
	c->read += len;
	return (int64_t)len;
}

START_TEST(version_search_is_bounded)
{
	const size_t size = 1u << 20;
	uint8_t *zeros = calloc(1, size);
	struct elf_spec spec = { .entry = 0x100000 };
	struct counter counter;
	struct pvhload_source source;
	struct pvhload_image *image = NULL;
	struct pvhload_error err;
	struct bytes bytes;
	char text[64];

	spec.segments[0] = (struct part){ PH_LOAD, 1ull << 32, zeros, size, size, 1 };
	for (size_t i = 1; i < PARTS_MAX; i++)
		spec.segments[i] =
			(struct part){ PH_LOAD, (uint64_t)(1 + i) << 32, NULL, 0, size, 1 };
	spec.segment_count = PARTS_MAX;
	bytes = build_elf(&spec);
	for (size_t i = 1; i < PARTS_MAX; i++) { /* all of them have the first one's bytes */
		poke(&bytes, elf_phdr_offset(&spec, i) + 8, elf_segment_offset(&spec, 0), 8);
		poke(&bytes, elf_phdr_offset(&spec, i) + 32, size, 8);
	}
	counter = (struct counter){ &bytes, 0 };
	source = pvhload_source_reader(read_counted, &counter, bytes.size);
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, NULL, &image, &err));
	counter.read = 0;
	ck_status(PVHLOAD_E_NOT_FOUND, err, pvhload_image_kernel_version(image, text, 64, &err));
	ck_assert_uint_le(counter.read, 2 * bytes.size);
	pvhload_image_close(image);
	bytes_free(&bytes);
	free(zeros);
}
END_TEST

/* The banner in a segment of @size bytes, at @at. */
static enum pvhload_status version_at(const char *banner, size_t at, size_t size, char *text,
				      size_t capacity)
{
	struct pvhload_error err = fresh_error();
	struct elf_spec spec = small_kernel();
	uint8_t *segment = calloc(1, size);
	struct pvhload_image *image;
	enum pvhload_status status;
	struct bytes bytes;

	memcpy(segment + at, banner, strlen(banner) + (at + strlen(banner) < size));
	spec.segments[1].bytes = segment;
	spec.segments[1].mem_size = spec.segments[1].file_size = size;
	bytes = build_elf(&spec);
	image = open_bytes(&bytes);
	status = pvhload_image_kernel_version(image, text, capacity, &err);
	ck_assert(is_fresh(&err) == (status == PVHLOAD_OK));
	pvhload_image_close(image);
	bytes_free(&bytes);
	free(segment);
	return status;
}

START_TEST(version_text)
{
	const size_t mib = 1u << 20;
	char text[600], banner[600] = "Linux version ";

	ck_assert_int_eq(version_at("Linux version 6.1.0-x (a@b) #1 SMP\n", 100, 4096, text,
				    sizeof(text)),
			 PVHLOAD_OK);
	ck_assert_str_eq(text, "6.1.0-x (a@b) #1 SMP");
	/* across the edge of what is searched at a time, and at the segment's very end */
	for (size_t at = mib - 20; at <= mib + 2; at++) {
		ck_assert_int_eq(version_at("Linux version 6.2\n", at, 2 * mib, text, sizeof(text)),
				 PVHLOAD_OK);
		ck_assert_str_eq(text, "6.2");
	}
	ck_assert_int_eq(version_at("Linux version 6.3", 4096 - 17, 4096, text, sizeof(text)),
			 PVHLOAD_OK);
	ck_assert_str_eq(text, "6.3");
	/* the words alone are not a banner */
	strcpy(text, "untouched");
	ck_assert_int_eq(version_at("Linux version %s\n", 100, 4096, text, sizeof(text)),
			 PVHLOAD_E_NOT_FOUND);
	ck_assert_int_eq(version_at("Linux version ", 4096 - 14, 4096, text, sizeof(text)),
			 PVHLOAD_E_NOT_FOUND);
	ck_assert_int_eq(version_at("", 0, 4096, text, sizeof(text)), PVHLOAD_E_NOT_FOUND);
	/* beside the digits */
	ck_assert_int_eq(version_at("Linux version /\n", 100, 4096, text, sizeof(text)),
			 PVHLOAD_E_NOT_FOUND);
	ck_assert_int_eq(version_at("Linux version :\n", 100, 4096, text, sizeof(text)),
			 PVHLOAD_E_NOT_FOUND);
	ck_assert_int_eq(version_at("Linux version 6.4\n", 0, 4096, text, 3), PVHLOAD_E_CAPACITY);
	ck_assert_str_eq(text, "untouched");
	ck_assert_int_eq(version_at("Linux version 6.4\n", 0, 4096, text, 4), PVHLOAD_OK);
	ck_assert_str_eq(text, "6.4");
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(version_at(i == 0 ? "Linux version 0\n" : "Linux version 9\n", 0,
					    4096, text, sizeof(text)),
				 PVHLOAD_OK);
		ck_assert_str_eq(text, i == 0 ? "0" : "9");
	}
	/* cut, if it is as long as no version text is */
	memset(banner + 14, '6', sizeof(banner) - 15);
	ck_assert_int_eq(version_at(banner, 0, 4096, text, sizeof(text)), PVHLOAD_OK);
	ck_assert_uint_eq(strlen(text), 511);
	/* what could disturb a terminal does not get out */
	ck_assert_int_eq(version_at("Linux version 6\x1b[31m\x80!\n", 0, 4096, text, sizeof(text)),
			 PVHLOAD_OK);
	ck_assert_str_eq(text, "6?[31m?!");
}
END_TEST

START_TEST(version_usage)
{
	const struct elf_spec spec = small_kernel();
	struct bytes bytes = build_elf(&spec);
	struct pvhload_image *image;
	struct pvhload_error err;
	char text[8];

	poke(&bytes, elf_segment_offset(&spec, 1) + SMALL_SIGN_AT, 0, 1);
	image = open_bytes(&bytes);

	ck_status(PVHLOAD_E_USAGE, err, pvhload_image_kernel_version(NULL, text, 8, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_image_kernel_version(image, NULL, 8, &err));
	ck_status(PVHLOAD_E_NOT_FOUND, err, pvhload_image_kernel_version(image, text, 8, &err));
	pvhload_image_close(image);
	bytes_free(&bytes);
}
END_TEST

/* An entry is one only where the file has bytes for it. */
START_TEST(linux_entries)
{
	static const struct {
		bool is32;
		uint64_t entry;
		uint32_t has_entry;
	} cases[] = {
		{ false, 0x100000, 1 }, { false, 0x10003f, 1 }, { false, 0x100040, 0 },
		{ false, 0xfffff, 0 },  { false, 0x20001f, 1 }, { false, 0x200020, 0 }, /* .bss */
		{ false, 0, 0 },        { true, 0x100000, 1 },  { true, 0x100040, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct elf_spec spec = small_kernel();
		const struct pvhload_image_info *info;
		struct pvhload_image *image;
		struct bytes bytes;

		spec.is32 = cases[i].is32;
		spec.entry = cases[i].entry;
		bytes = build_elf(&spec);
		image = open_bytes(&bytes);
		info = pvhload_image_get_info(image);
		ck_assert_uint_eq(info->has_entry32, cases[i].is32 ? cases[i].has_entry : 0);
		ck_assert_uint_eq(info->has_entry64, cases[i].is32 ? 0 : cases[i].has_entry);
		ck_assert_ptr_null(info->bzimage);
		pvhload_image_close(image);
		bytes_free(&bytes);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("elf_details");

	ADD_TESTS(suite, "elf_details", linux_entries, relocation_tables, relocation_entries,
		  no_relocation_tables, most_relocations, source_that_shrinks,
		  version_search_is_bounded, version_text, version_usage);
	return run_suite(suite);
}
