/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Multiboot's address fields: what they load of a file, in bounds that 32 bits could wrap, and its uses. */
#include "load_fixture.h"
#include "multiboot_images.h"
#include "plan_fixture.h"
#include "uki_images.h"

static struct pvhload_image *open_elf(const struct mb_spec *spec)
{
	struct bytes bytes = build_multiboot_elf(spec);
	struct pvhload_image *image = open_bytes(&bytes);

	/* The source is a buffer, but what a header says has been read. */
	bytes_free(&bytes);
	return image;
}

static void check_flat(const struct pvhload_image_info *info, int version)
{
	const struct pvhload_image_multiboot *header =
		version == 1 ? info->multiboot1 : info->multiboot2;
	const struct pvhload_image_segment *s = header->loads->segments[0];

	ck_assert_uint_eq(info->format, PVHLOAD_FORMAT_MULTIBOOT);
	ck_assert_str_eq(pvhload_format_name(info->format), "multiboot");
	ck_assert_uint_eq(info->arch, PVHLOAD_ARCH_I386);
	ck_assert_uint_eq(info->entry, MB_FLAT_ENTRY);
	ck_assert_uint_eq(info->preferred_address, MB_FLAT_GPA);
	ck_assert_uint_eq(info->init_size, MB_FLAT_END - MB_FLAT_GPA);
	ck_assert_uint_eq(info->alignment, 1);
	ck_assert_uint_eq(info->relocatable, 0);
	ck_assert_uint_eq(info->guest, PVHLOAD_GUEST_OTHER);
	ck_assert(!info->elf && !info->pvh && !info->bzimage);
	ck_assert_ptr_null(version == 1 ? info->multiboot2 : info->multiboot1);
	ck_assert_str_eq(header->problem, "");
	if (version == 1)
		ck_assert_uint_eq(header->header_size, 32);
	ck_assert_uint_eq(header->entry, MB_FLAT_ENTRY);
	ck_assert_uint_eq(header->loads->segment_count, 1);
	ck_assert_uint_eq(header->loads->range.gpa, MB_FLAT_GPA);
	ck_assert_uint_eq(header->loads->range.size, MB_FLAT_END - MB_FLAT_GPA);
	ck_assert_uint_eq(s->offset, MB_FLAT_SKIP);
	ck_assert_uint_eq(s->gpa, MB_FLAT_GPA);
	ck_assert_uint_eq(s->file_size, MB_FLAT_SIZE - MB_FLAT_SKIP - 256);
	ck_assert_uint_eq(s->mem_size, MB_FLAT_END - MB_FLAT_GPA);
	ck_assert_uint_eq(header->address->header_addr, MB_FLAT_GPA + MB_FLAT_AT - MB_FLAT_SKIP);
	ck_assert_uint_eq(header->address->entry_addr, MB_FLAT_ENTRY);
}

/*
 * A file that begins with "MZ" is a Multiboot kernel by its address fields, an EFI program as well or not, if it is no
 * other kernel: with a section .linux it is a UKI.
 */
START_TEST(begins_with_mz)
{
	const struct mb_spec spec = flat_spec(1);
	struct bytes kernel = small_kernel_file();

	for (int i = 0; i < 3; i++) {
		struct bytes bytes = build_multiboot_flat(&spec), program;
		struct uki_spec pe = { .pe_at = 0x400 };
		struct pvhload_image *image;

		if (i == 2)
			add_section(&pe, ".linux", kernel.data, kernel.size);
		add_text(&pe, ".text", "a program");
		program = build_uki(&pe);
		memcpy(bytes.data, program.data, 0x40);
		if (i > 0)
			memcpy(bytes.data + pe.pe_at, program.data + pe.pe_at,
			       program.size - pe.pe_at);
		ck_assert_uint_eq(peek(bytes.data, 2), 0x5a4d);
		image = open_bytes(&bytes);
		if (i < 2)
			check_flat(pvhload_image_get_info(image), 1);
		else
			ck_assert_uint_eq(pvhload_image_get_info(image)->format,
					  PVHLOAD_FORMAT_UKI);
		pvhload_image_close(image);
		bytes_free(&program);
		bytes_free(&bytes);
	}
	bytes_free(&kernel);
}
END_TEST

/* No ELF file, alone and compressed. */
START_TEST(flat_files)
{
	for (int version = 1; version <= 2; version++) {
		const struct mb_spec spec = flat_spec(version);
		struct bytes bytes = build_multiboot_flat(&spec), file;
		struct pvhload_image *image = open_bytes(&bytes);
		struct pvhload_error err;

		check_flat(pvhload_image_get_info(image), version);
		pvhload_image_close(image);
		file = codecs[GZIP].compress(&bytes);
		image = open_bytes(&file);
		ck_status(PVHLOAD_OK, err, pvhload_image_decode(image, &err));
		check_flat(pvhload_image_get_info(pvhload_image_payload(image)), version);
		pvhload_image_close(image);
		bytes_free(&file);
		bytes_free(&bytes);
	}
}
END_TEST

/* Each address changed alone; both versions have the same rules. */
static const struct {
	size_t field;
	uint32_t value;
	const char *says; /* "": it is fine, and loads: */
	uint64_t offset, gpa, file_size, mem_size;
} address_cases[] = {
	{ 0, MB_FLAT_GPA + 0x80, "", 0x80, 0x100000, 0x2e80, 0x5000 },
	{ 0, MB_FLAT_GPA + 0x100, "", 0, 0x100000, 0x2e80, 0x5000 },
	{ 0, MB_FLAT_GPA + 0x101, "put what is loaded before the start of the file", 0, 0, 0, 0 },
	{ 0, MB_FLAT_GPA - 1, "put what is loaded before the start of the file", 0, 0, 0, 0 },
	{ 0, 0xffffffff, "put what is loaded before the start of the file", 0, 0, 0, 0 },
	{ 1, MB_FLAT_GPA + 0x80, "", 0x100, 0x100080, 0x2e00, 0x4f80 },
	{ 1, MB_FLAT_GPA + 0x81, "put what is loaded before the start of the file", 0, 0, 0, 0 },
	{ 1, 0, "put what is loaded before the start of the file", 0, 0, 0, 0 },
	{ 2, 0, "", 0x80, 0x100000, 0x2f80, 0x5000 },
	{ 2, MB_FLAT_GPA + 0x2f80, "", 0x80, 0x100000, 0x2f80, 0x5000 },
	{ 2, MB_FLAT_GPA + 0x2f81, "is not after load_addr, or passes the end of the file", 0, 0, 0,
	  0 },
	{ 2, MB_FLAT_GPA, "is not after load_addr, or passes the end of the file", 0, 0, 0, 0 },
	{ 2, 1, "is not after load_addr, or passes the end of the file", 0, 0, 0, 0 },
	{ 2, 0xffffffff, "is not after load_addr, or passes the end of the file", 0, 0, 0, 0 },
	{ 3, 0, "", 0x80, 0x100000, 0x2e80, 0x2e80 },
	{ 3, MB_FLAT_LOAD_END, "", 0x80, 0x100000, 0x2e80, 0x2e80 },
	{ 3, 0xffffffff, "", 0x80, 0x100000, 0x2e80, 0xffefffff },
	{ 3, MB_FLAT_LOAD_END - 1, "is before the end of what is loaded, 0x102e80", 0, 0, 0, 0 },
	{ 3, 1, "is before the end of what is loaded, 0x102e80", 0, 0, 0, 0 },
	{ 4, MB_FLAT_LOAD_END - 1, "", 0x80, 0x100000, 0x2e80, 0x5000 },
	{ 4, MB_FLAT_LOAD_END, "its entry 0x102e80 is in no segment's bytes", 0, 0, 0, 0 },
	{ 4, MB_FLAT_GPA - 1, "its entry 0xfffff is in no segment's bytes", 0, 0, 0, 0 },
};

static void set_address(struct mb_spec *spec, size_t field, uint32_t value)
{
	spec->address[field] = value;
	if (field < 4)
		spec->tags[0].words[field] = value;
	else
		spec->tags[1].words[0] = value;
}

START_TEST(addresses)
{
	for (size_t i = 0; i < 2 * sizeof(address_cases) / sizeof(address_cases[0]); i++) {
		const size_t k = i / 2;
		struct mb_spec spec = flat_spec((int)(i % 2) + 1);
		const struct pvhload_image_segment *s;
		const struct pvhload_image_info *info;
		struct pvhload_image *image;
		struct bytes bytes;

		set_address(&spec, address_cases[k].field, address_cases[k].value);
		bytes = build_multiboot_flat(&spec);
		if (address_cases[k].says[0]) {
			const struct pvhload_error err = refuse_bytes(&bytes, PVHLOAD_E_MALFORMED);

			ck_says(err, "header at offset 0x100 cannot be used",
				address_cases[k].says);
			ck_assert_uint_eq(err.offset, MB_FLAT_AT);
			bytes_free(&bytes);
			continue;
		}
		image = open_bytes(&bytes);
		info = pvhload_image_get_info(image);
		s = (i % 2 ? info->multiboot2 : info->multiboot1)->loads->segments[0];
		ck_assert_uint_eq(s->offset, address_cases[k].offset);
		ck_assert_uint_eq(s->gpa, address_cases[k].gpa);
		ck_assert_uint_eq(s->file_size, address_cases[k].file_size);
		ck_assert_uint_eq(s->mem_size, address_cases[k].mem_size);
		pvhload_image_close(image);
		bytes_free(&bytes);
	}
}
END_TEST

/* A load address of -1 is all of the file, in version 2; in version 1 it is an address. */
START_TEST(whole_file)
{
	struct mb_spec spec = flat_spec(2);
	const struct pvhload_image_segment *s;
	struct pvhload_image *image;
	struct bytes bytes;

	set_address(&spec, 1, 0xffffffff);
	bytes = build_multiboot_flat(&spec);
	image = open_bytes(&bytes);
	s = pvhload_image_get_info(image)->multiboot2->loads->segments[0];
	ck_assert_uint_eq(s->offset, 0);
	ck_assert_uint_eq(s->gpa, MB_FLAT_GPA - MB_FLAT_SKIP);
	ck_assert_uint_eq(s->file_size, MB_FLAT_LOAD_END - MB_FLAT_GPA + MB_FLAT_SKIP);
	pvhload_image_close(image);
	bytes_free(&bytes);

	/* its start would be below address 0 */
	set_address(&spec, 0, MB_FLAT_AT - 1);
	bytes = build_multiboot_flat(&spec);
	ck_says(refuse_bytes(&bytes, PVHLOAD_E_MALFORMED), "before the start of the file");
	bytes_free(&bytes);

	spec = flat_spec(1);
	set_address(&spec, 1, 0xffffffff);
	bytes = build_multiboot_flat(&spec);
	ck_says(refuse_bytes(&bytes, PVHLOAD_E_MALFORMED), "before the start of the file");
	bytes_free(&bytes);
}
END_TEST

/* Past 4 GiB, by the file's own length. */
START_TEST(past_4g)
{
	struct mb_spec spec = flat_spec(1);
	struct bytes bytes;

	set_address(&spec, 0, 0xfffff080);
	set_address(&spec, 1, 0xfffff000);
	set_address(&spec, 2, 0);
	set_address(&spec, 3, 0);
	set_address(&spec, 4, 0xfffff000);
	bytes = build_multiboot_flat(&spec);
	ck_says(refuse_bytes(&bytes, PVHLOAD_E_MALFORMED),
		"0x2f80 bytes at 0xfffff000 are not below 4 GiB");
	bytes_free(&bytes);
}
END_TEST

/* Nothing says what to load of a file that is no ELF file and has no address fields. */
START_TEST(no_format)
{
	struct mb_spec spec = flat_spec(1);
	struct bytes bytes;

	spec.flags = 3;
	bytes = build_multiboot_flat(&spec);
	ck_says(refuse_bytes(&bytes, PVHLOAD_E_FORMAT),
		"it has a Multiboot header, but is no ELF file, and the header has no address fields");
	bytes_free(&bytes);
}
END_TEST

/* Address fields win over the ELF file's segments, for Multiboot alone. */
START_TEST(over_elf)
{
	const struct mb_spec spec = {
		.has1 = true,
		.flags = 0x10000,
		.address = { 0x200000 + 0x800, 0x200000, 0, 0, 0x200000 },
		.at1 = MB_AT1,
	};
	struct pvhload_image *image = open_elf(&spec);
	const struct pvhload_image_info *info = pvhload_image_get_info(image);

	ck_assert_uint_eq(info->format, PVHLOAD_FORMAT_ELF32);
	ck_assert_uint_eq(info->elf->range.gpa, MB_ELF_GPA);
	ck_assert_uint_eq(info->multiboot1->loads->range.gpa, 0x200000);
	ck_assert_uint_eq(info->multiboot1->loads->segments[0]->offset, MB_AT1 - 0x800);
	pvhload_image_close(image);
}
END_TEST

/* Loading such a file by itself. */
START_TEST(loading)
{
	const struct mb_spec spec = flat_spec(2);
	struct bytes expected = build_multiboot_flat(&spec);
	struct load_fixture f;

	load_setup(&f, build_multiboot_flat(&spec), 0);
	load_image(&f);
	ck_assert_uint_eq(f.result.gpa, MB_FLAT_GPA);
	ck_assert_uint_eq(f.result.size, MB_FLAT_END - MB_FLAT_GPA);
	ck_assert_uint_eq(f.result.entry, MB_FLAT_ENTRY);
	ck_assert_uint_eq(f.result.has_entry32 + f.result.has_entry64 + f.result.has_pvh_entry, 0);
	take_bytes(&f, MB_FLAT_GPA, expected.data + MB_FLAT_SKIP,
		   MB_FLAT_SIZE - MB_FLAT_SKIP - 256);
	load_teardown(&f);
	load_setup(&f, build_multiboot_flat(&spec), 0);
	ck_says(load_refused_at(&f, 0x200000, PVHLOAD_E_RANGE),
		"its Multiboot header does not say that it can be");
	load_teardown(&f);
	bytes_free(&expected);
}
END_TEST

/* How it can be entered. */
START_TEST(methods)
{
	const struct mb_spec specs[] = {
		{ .has1 = true, .flags = 8, .at1 = MB_AT1, .has2 = true, .at2 = MB_AT2 },
		flat_spec(1),
	};
	static const struct {
		uint32_t protocol, can;
		const char *reason;
	} expected[2][5] = {
		{ { PVHLOAD_PROTOCOL_PVH, 0, "it has no Xen PHYS32_ENTRY note" },
		  { PVHLOAD_PROTOCOL_X86_LINUX64, 0, "it is an ELF32 file" },
		  { PVHLOAD_PROTOCOL_X86_LINUX32, 0,
		    "its ELF entry is that of its Multiboot header" },
		  { PVHLOAD_PROTOCOL_MULTIBOOT2, 1,
		    "its Multiboot 2 header at offset 0x1040, entry 0x100200" },
		  { PVHLOAD_PROTOCOL_MULTIBOOT1, 0,
		    "of its Multiboot 1 header at offset 0x1000: its flags demand what is not known: "
		    "0x8 of 0x8" } },
		{ { PVHLOAD_PROTOCOL_PVH, 0, "it is no ELF file" },
		  { PVHLOAD_PROTOCOL_X86_LINUX64, 0, "it is no ELF file" },
		  { PVHLOAD_PROTOCOL_X86_LINUX32, 0, "it is no ELF file" },
		  { PVHLOAD_PROTOCOL_MULTIBOOT1, 1,
		    "its Multiboot 1 header at offset 0x100, with address fields, entry 0x100200" },
		  { 0, 0, NULL } },
	};

	for (size_t i = 0; i < 2; i++) {
		struct bytes bytes =
			i == 0 ? build_multiboot_elf(&specs[i]) : build_multiboot_flat(&specs[i]);
		struct pvhload_image *image = open_bytes(&bytes);
		struct pvhload_image_explanation *e = NULL;
		struct pvhload_error err;

		ck_status(PVHLOAD_OK, err, pvhload_image_explain(image, &e, &err));
		ck_assert_uint_eq(e->count, i == 0 ? 5 : 4);
		for (size_t m = 0; m < e->count; m++) {
			ck_assert_uint_eq(e->methods[m]->protocol, expected[i][m].protocol);
			ck_assert_uint_eq(e->methods[m]->can, expected[i][m].can);
			ck_assert_str_eq(e->methods[m]->reason, expected[i][m].reason);
		}
		pvhload_image_explanation_free(e);
		pvhload_image_close(image);
		bytes_free(&bytes);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("multiboot_address");

	ADD_TESTS(suite, "address fields", flat_files, begins_with_mz, addresses, whole_file,
		  past_4g, no_format, over_elf);
	ADD_TESTS(suite, "uses", loading, methods);
	return run_suite(suite);
}
