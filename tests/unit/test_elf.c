/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* ELF kernels: what is read from a sound one, and every way a file can contradict itself. */
#include "open_image.h"

#define EXABYTE (1ull << 60)

static void build_and_info(const struct elf_spec *spec, struct bytes *bytes,
			   struct pvhload_image **image, const struct pvhload_image_info **info)
{
	*bytes = build_elf(spec);
	*image = open_bytes(bytes);
	*info = pvhload_image_get_info(*image);
}

START_TEST(a_small_kernel)
{
	const struct elf_spec spec = small_kernel();
	const struct pvhload_image_info *info;
	struct pvhload_image *image;
	struct pvhload_error err;
	struct bytes bytes;
	uint8_t four[4];

	build_and_info(&spec, &bytes, &image, &info);
	ck_assert_uint_eq(info->format, PVHLOAD_FORMAT_ELF64);
	ck_assert_uint_eq(info->arch, PVHLOAD_ARCH_X86_64);
	ck_assert_uint_eq(info->size, bytes.size);
	ck_assert_uint_eq(info->entry, 0x100000);
	ck_assert_ptr_nonnull(info->pvh);
	ck_assert_uint_eq(info->pvh->entry, SMALL_ENTRY);
	ck_assert_ptr_null(info->pvh->reloc);
	ck_assert_uint_eq(info->elf->segment_count, 2);
	ck_assert_uint_eq(info->elf->segments[0]->offset, elf_segment_offset(&spec, 0));
	ck_assert_uint_eq(info->elf->segments[0]->gpa, 0x100000);
	ck_assert_uint_eq(info->elf->segments[0]->file_size, 0x40);
	ck_assert_uint_eq(info->elf->segments[0]->mem_size, 0x40);
	ck_assert_uint_eq(info->elf->segments[1]->offset, elf_segment_offset(&spec, 1));
	ck_assert_uint_eq(info->elf->segments[1]->gpa, 0x200000);
	ck_assert_uint_eq(info->elf->segments[1]->file_size, 0x20);
	ck_assert_uint_eq(info->elf->segments[1]->mem_size, 0x3000);
	ck_assert_uint_eq(info->elf->range.gpa, SMALL_LOW);
	ck_assert_uint_eq(info->elf->range.size, SMALL_END - SMALL_LOW);
	ck_assert_uint_eq(info->relocatable, 0);
	ck_assert_uint_eq(info->cmdline_max, 2047);
	ck_assert_uint_eq(info->alignment, 0x1000);
	ck_assert_uint_eq(info->preferred_address, SMALL_LOW);
	ck_assert_uint_eq(info->init_size, SMALL_END - SMALL_LOW);
	ck_assert_uint_eq(info->initrd_max, 0xffffffff);
	ck_assert_ptr_null(info->bzimage);
	ck_assert_uint_eq(info->part_count, 0);

	/* nothing inside, and decoding nothing is done */
	ck_status(PVHLOAD_OK, err, pvhload_image_decode(image, &err));
	ck_assert_ptr_null(pvhload_image_payload(image));

	ck_status(PVHLOAD_OK, err, pvhload_image_read(image, 0, four, 4, &err));
	ck_assert_mem_eq(four,
			 "\x7f"
			 "ELF",
			 4);
	ck_status(PVHLOAD_OK, err, pvhload_image_read(image, bytes.size, NULL, 0, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_image_read(image, bytes.size - 3, four, 4, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_image_read(image, UINT64_MAX, four, 4, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_image_read(image, 0, NULL, 4, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_image_read(NULL, 0, four, 4, &err));
	pvhload_image_close(image);
	bytes_free(&bytes);
}
END_TEST

START_TEST(a_32_bit_kernel)
{
	static uint8_t notes[64];
	struct elf_spec spec = small_kernel();
	const struct pvhload_image_info *info;
	struct pvhload_image *image;
	struct bytes bytes;

	spec.is32 = true;
	spec.segments[2].bytes = notes;
	spec.segments[2].file_size = put_note(notes, 0, "Xen", 18, "\x10\x00\x10\x00", 4, 4);
	build_and_info(&spec, &bytes, &image, &info);
	ck_assert_uint_eq(info->format, PVHLOAD_FORMAT_ELF32);
	ck_assert_uint_eq(info->arch, PVHLOAD_ARCH_I386);
	ck_assert_uint_eq(info->entry, 0x100000);
	ck_assert_uint_eq(info->pvh->entry, SMALL_ENTRY);
	ck_assert_uint_eq(info->elf->segment_count, 2);
	ck_assert_uint_eq(info->elf->segments[1]->mem_size, 0x3000);
	pvhload_image_close(image);
	bytes_free(&bytes);

	spec.machine = MACHINE_X86_64; /* 64-bit code in a 32-bit file, as objcopy makes it */
	build_and_info(&spec, &bytes, &image, &info);
	ck_assert_uint_eq(info->arch, PVHLOAD_ARCH_X86_64);
	pvhload_image_close(image);
	bytes_free(&bytes);
}
END_TEST

START_TEST(segments_in_any_order)
{
	static const uint8_t text[0x40] = { 1 };
	const struct elf_spec spec = {
		.entry = 0x100000,
		.segments = {
			{ PH_LOAD, 0x300000, NULL, 0, 0x1000, 0x1000 }, /* .bss alone */
			{ PH_LOAD, 0x100000, text, sizeof(text), sizeof(text), 0x200000 },
			{ PH_LOAD, 0x500000, NULL, 0, 0, 0x1000 },      /* nothing at all */
			{ PH_LOAD, 0x100040, text, 0x10, 0x10, 4 },     /* right after, unaligned */
		},
		.segment_count = 4,
	};
	const struct pvhload_image_info *info;
	struct pvhload_image *image;
	struct bytes bytes;

	build_and_info(&spec, &bytes, &image, &info);
	ck_assert_uint_eq(info->elf->segment_count, 3);
	ck_assert_uint_eq(info->elf->segments[0]->gpa, 0x300000);
	ck_assert_uint_eq(info->elf->segments[0]->file_size, 0);
	ck_assert_uint_eq(info->elf->segments[2]->gpa, 0x100040);
	ck_assert_uint_eq(info->elf->range.gpa, 0x100000);
	ck_assert_uint_eq(info->elf->range.size, 0x301000 - 0x100000);
	ck_assert_uint_eq(info->alignment, 0x200000);
	ck_assert_ptr_null(info->pvh);
	pvhload_image_close(image);
	bytes_free(&bytes);
}
END_TEST

/* A segment without bytes may name any offset; it is not followed. */
START_TEST(bss_offset_is_not_followed)
{
	struct elf_spec spec = small_kernel();
	struct bytes bytes;

	spec.segments[1].file_size = 0;
	bytes = build_elf(&spec);
	poke(&bytes, elf_phdr_offset(&spec, 1) + 8, UINT64_MAX, 8);
	pvhload_image_close(open_bytes(&bytes));
	bytes_free(&bytes);
}
END_TEST

START_TEST(identification)
{
	const struct elf_spec spec = small_kernel();
	struct pvhload_error err;
	static const struct {
		size_t offset;
		uint8_t value;
		enum pvhload_status status;
		const char *says;
	} cases[] = {
		{ 0, 0x7e, PVHLOAD_E_FORMAT, "neither an ELF file nor a bzImage" },
		{ 4, 0, PVHLOAD_E_MALFORMED, "class is 0" },
		{ 4, 3, PVHLOAD_E_MALFORMED, "class is 3" },
		{ 5, 2, PVHLOAD_E_UNSUPPORTED, "big-endian" },
		{ 5, 0, PVHLOAD_E_MALFORMED, "byte order is 0" },
		{ 6, 0, PVHLOAD_E_UNSUPPORTED, "version is 0" },
		{ 16, TYPE_REL, PVHLOAD_E_UNSUPPORTED, "object file" },
		{ 16, TYPE_CORE, PVHLOAD_E_UNSUPPORTED, "core dump" },
		{ 16, 0, PVHLOAD_E_UNSUPPORTED, "type 0" },
		{ 18, MACHINE_386, PVHLOAD_E_UNSUPPORTED, "class 64 for machine 3 (i386)" },
		{ 18, MACHINE_AARCH64, PVHLOAD_E_UNSUPPORTED, "machine 183 (AArch64)" },
		{ 18, 243, PVHLOAD_E_UNSUPPORTED, "RISC-V" },
		{ 18, 40, PVHLOAD_E_UNSUPPORTED, "Arm" },
		{ 18, 21, PVHLOAD_E_UNSUPPORTED, "PowerPC64" },
		{ 18, 22, PVHLOAD_E_UNSUPPORTED, "S/390" },
		{ 18, 8, PVHLOAD_E_UNSUPPORTED, "MIPS" },
		{ 18, 99, PVHLOAD_E_UNSUPPORTED, "unknown" },
		{ 54, 32, PVHLOAD_E_MALFORMED, "32 bytes, not 56" },
		{ 56, 0, PVHLOAD_E_MALFORMED, "no program headers" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes bytes = build_elf(&spec);

		bytes.data[cases[i].offset] = cases[i].value;
		err = refuse_bytes(&bytes, cases[i].status);
		ck_says(err, cases[i].says);
		bytes_free(&bytes);
	}
}
END_TEST

/* One field of one program header replaced. */
static struct pvhload_error refuse_phdr(size_t field, uint64_t value, enum pvhload_status status)
{
	const struct elf_spec spec = small_kernel();
	struct bytes bytes = build_elf(&spec);
	struct pvhload_error err;

	poke(&bytes, elf_phdr_offset(&spec, 1) + field, value, 8);
	err = refuse_bytes(&bytes, status);
	bytes_free(&bytes);
	return err;
}

enum { P_OFFSET = 8, P_PADDR = 24, P_FILESZ = 32, P_MEMSZ = 40 };

START_TEST(contradictions)
{
	struct pvhload_error err;

	err = refuse_phdr(P_MEMSZ, 0x1f, PVHLOAD_E_MALFORMED);
	ck_says(err, "segment 1", "p_filesz 0x20", "p_memsz 0x1f", "0x200000");
	err = refuse_phdr(P_MEMSZ, 0, PVHLOAD_E_MALFORMED);
	ck_says(err, "p_memsz 0x0");
	err = refuse_phdr(P_PADDR, UINT64_MAX - 0x2fff, PVHLOAD_E_MALFORMED);
	ck_says(err, "segment 1", "end of the address space");
	err = refuse_phdr(P_PADDR, 0x100020, PVHLOAD_E_MALFORMED);
	ck_says(err, "the bytes of segment 0 [0x100000, 0x100040) overlap those of",
		"segment 1 [0x100020, 0x100040), and are others of the file");
	ck_assert_uint_eq(err.gpa, 0x100020);
	err = refuse_phdr(P_PADDR, 0xfffe1, PVHLOAD_E_MALFORMED);
	ck_says(err, "segment 1 [0xfffe1, 0x100001)", "segment 0");
	err = refuse_phdr(P_OFFSET, 0x10000, PVHLOAD_E_MALFORMED);
	ck_says(err, "segment 1", "0x10000", "the end of the file", "truncated");
	ck_assert_uint_eq(err.offset, 0x10000);
	err = refuse_phdr(P_OFFSET, UINT64_MAX, PVHLOAD_E_MALFORMED);
	ck_says(err, "the end of the file");
	err = refuse_phdr(P_OFFSET, UINT64_MAX - 0x10, PVHLOAD_E_MALFORMED);
	ck_says(err, "the end of the file");
}
END_TEST

/* Large is not wrong as long as it does not wrap: the guest's RAM will decide. */
START_TEST(exabyte_bss_opens)
{
	const struct elf_spec spec = small_kernel();
	struct bytes bytes = build_elf(&spec);
	struct pvhload_image *image;

	poke(&bytes, elf_phdr_offset(&spec, 1) + P_MEMSZ, EXABYTE, 8);
	image = open_bytes(&bytes);
	ck_assert_uint_eq(pvhload_image_get_info(image)->elf->range.gpa, 0x100000);
	ck_assert_uint_eq(pvhload_image_get_info(image)->elf->range.size, 0x100000 + EXABYTE);
	pvhload_image_close(image);
	bytes_free(&bytes);
}
END_TEST

START_TEST(tables)
{
	struct elf_spec spec = small_kernel();
	struct bytes bytes = build_elf(&spec);
	struct pvhload_error err;

	poke(&bytes, 32, bytes.size - 100, 8); /* e_phoff */
	err = refuse_bytes(&bytes, PVHLOAD_E_MALFORMED);
	ck_says(err, "3 program headers", "the end of the file");
	poke(&bytes, 32, UINT64_MAX, 8);
	(void)refuse_bytes(&bytes, PVHLOAD_E_MALFORMED);
	poke(&bytes, 32, 64, 8);
	poke(&bytes, 56, PVHLOAD_ELF_PHDRS_MAX + 1, 2);
	err = refuse_bytes(&bytes, PVHLOAD_E_LIMIT);
	ck_says(err, "1025 program headers", "limit is 1024");
	poke(&bytes, 56, 0xffff, 2);
	err = refuse_bytes(&bytes, PVHLOAD_E_LIMIT);
	ck_says(err, "65535 program headers or more");
	bytes_free(&bytes);

	spec.segment_count = 3;
	spec.segments[0].type = spec.segments[1].type = PH_NOTE;
	err = refuse_elf(&spec, PVHLOAD_E_MALFORMED);
	ck_says(err, "no loadable segment");
}
END_TEST

START_TEST(usage)
{
	const struct elf_spec spec = small_kernel();
	struct bytes bytes = build_elf(&spec);
	struct pvhload_source source = pvhload_source_buffer(bytes.data, bytes.size);
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	struct pvhload_image *image = NULL;
	struct pvhload_error err;

	ck_status(PVHLOAD_E_USAGE, err, pvhload_image_open(NULL, NULL, &image, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_image_open(&source, NULL, NULL, &err));
	options.struct_size = 1;
	ck_status(PVHLOAD_E_USAGE, err, pvhload_image_open(&source, &options, &image, &err));
	ck_assert_ptr_null(image);
	ck_status(PVHLOAD_E_USAGE, err, pvhload_image_decode(NULL, &err));
	ck_assert_ptr_null(pvhload_image_get_info(NULL));
	ck_assert_ptr_null(pvhload_image_payload(NULL));
	pvhload_image_close(NULL);
	/* without anybody to tell, the answer is the same */
	source.kind = 0;
	ck_assert_int_eq(pvhload_image_open(&source, NULL, &image, NULL), PVHLOAD_E_USAGE);
	bytes_free(&bytes);
}
END_TEST

START_TEST(other_files)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *says;
	} cases[] = {
		{ "", 0, "empty" },
		{ "hello, world", 12, "neither an ELF file nor a bzImage" },
		{ "\x50\x2a\x4d\x18\0\0\0\0", 8, "nor compressed by a codec that is known" },
		{ "MZ\x90\0PE", 6, "a DOS program" },
	};
	struct pvhload_error err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes bytes = bytes_copy(cases[i].bytes, cases[i].size);

		err = refuse_bytes(&bytes, PVHLOAD_E_FORMAT);
		ck_says(err, "not a kernel image", cases[i].says);
		bytes_free(&bytes);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("elf");

	ADD_TESTS(suite, "sound", a_small_kernel, a_32_bit_kernel, segments_in_any_order,
		  bss_offset_is_not_followed, exabyte_bss_opens);
	ADD_TESTS(suite, "refused", identification, contradictions, tables, usage, other_files);
	return run_suite(suite);
}
