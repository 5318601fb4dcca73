/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* bzImage: the setup header by its own length, the payload's place, and what is inside. */
#include <unistd.h>

#include "descriptors.h"
#include "open_image.h"

START_TEST(a_modern_header)
{
	struct bzimage_spec spec = undecoded_bzimage();
	const struct pvhload_image_info *info;
	struct pvhload_image *image;
	struct pvhload_error err;
	struct bytes bytes;
	char text[64];

	spec.setup_sects = 39;
	spec.tail_size = 1472; /* a signature after it */
	bytes = build_bzimage(&spec);
	image = open_bytes(&bytes);
	info = pvhload_image_get_info(image);
	ck_assert_uint_eq(info->format, PVHLOAD_FORMAT_BZIMAGE);
	ck_assert_uint_eq(info->arch, PVHLOAD_ARCH_X86_64);
	ck_assert_uint_eq(info->size, bytes.size);
	ck_assert_uint_eq(info->entry, 0x100000);
	ck_assert_ptr_null(info->elf);
	ck_assert_ptr_null(info->pvh);
	ck_assert_uint_eq(info->relocatable, 1);
	ck_assert_uint_eq(info->alignment, 0x200000);
	ck_assert_uint_eq(info->preferred_address, 0x1000000);
	ck_assert_uint_eq(info->init_size, 0x3000000);
	ck_assert_uint_eq(info->cmdline_max, 2047);
	ck_assert_uint_eq(info->initrd_max, 0x7fffffff);
	ck_assert_uint_eq(info->bzimage->boot_protocol, 0x20f);
	ck_assert_uint_eq(info->bzimage->loadflags, 1);
	ck_assert_uint_eq(info->bzimage->xloadflags, 0x7f);
	ck_assert_uint_eq(info->part_count, 1);
	ck_assert_uint_eq(info->parts[0]->kind, PVHLOAD_IMAGE_PART_KERNEL);
	ck_assert_uint_eq(info->parts[0]->codec, PVHLOAD_CODEC_ZSTD);
	ck_assert_uint_eq(info->parts[0]->offset, bzimage_payload_offset(&spec));
	ck_assert_uint_eq(info->parts[0]->size, PROBE_SIZE + 4);
	ck_assert_uint_eq(info->parts[0]->decoded_size, 0x345);
	ck_status(PVHLOAD_OK, err, pvhload_image_kernel_version(image, text, sizeof(text), &err));
	ck_assert_str_eq(text, "6.1.0-test (x@y) #1 SMP");
	ck_status(PVHLOAD_E_CAPACITY, err, pvhload_image_kernel_version(image, text, 23, &err));
	ck_says(err, "24 bytes", "23");
	pvhload_image_close(image);
	bytes_free(&bytes);
}
END_TEST

#define WINDOW 7 /* where it starts in the file */

/* What it is compressed by, read from a window of a file whose payload is at @at. */
static uint32_t codec_in_file(uint64_t at)
{
	struct bzimage_spec spec = undecoded_bzimage();
	const size_t usual = bzimage_payload_offset(&spec);
	struct pvhload_source source;
	struct pvhload_image *image;
	struct pvhload_error err;
	struct bytes bytes, file;
	uint32_t codec;
	int fd;

	spec.tail_size = (size_t)at - usual;
	bytes = build_bzimage(&spec);
	memmove(bytes.data + at, bytes.data + usual, PROBE_SIZE + 4);
	memset(bytes.data + usual, 0, (size_t)at - usual);
	poke(&bytes, 0x248, at - 5 * 512, 4);
	file = bytes_zero(WINDOW + bytes.size);
	memcpy(file.data + WINDOW, bytes.data, bytes.size);
	fd = file_of(file.data, file.size);
	source = pvhload_source_fd(fd);
	source.offset = WINDOW;
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, NULL, &image, &err));
	codec = pvhload_image_get_info(image)->parts[0]->codec;
	pvhload_image_close(image);
	close(fd);
	bytes_free(&file);
	bytes_free(&bytes);
	return codec;
}

/* Its magic is read with the file's head if it is not too far away, and by itself otherwise. */
START_TEST(a_payload_anywhere)
{
	for (uint64_t block = 2; block <= 7; block++)
		for (uint64_t at = block * 3840 - 12; at < block * 3840 + 3; at++)
			ck_assert_uint_eq(codec_in_file(at), PVHLOAD_CODEC_ZSTD);
}
END_TEST

/* A field is read only if the protocol has it: older images keep text or code there. */
START_TEST(old_protocols)
{
	static const struct {
		uint16_t version;
		uint32_t cmdline_max;
		uint64_t initrd_max, alignment, preferred, init_size;
		uint32_t relocatable, xloadflags;
		bool payload;
	} cases[] = {
		{ 0x20f, 2047, 0x7fffffff, 0x200000, 0x1000000, 0x3000000, 1, 0x7f, true },
		{ 0x20c, 2047, 0x7fffffff, 0x200000, 0x1000000, 0x3000000, 1, 0x7f, true },
		{ 0x20b, 2047, 0x7fffffff, 0x200000, 0x1000000, 0x3000000, 1, 0, true },
		{ 0x209, 2047, 0x7fffffff, 0x200000, 0x100000, 0, 1, 0, true },
		{ 0x207, 2047, 0x7fffffff, 0x200000, 0x100000, 0, 1, 0, false },
		{ 0x205, 255, 0x7fffffff, 0x200000, 0x100000, 0, 1, 0, false },
		{ 0x204, 255, 0x7fffffff, 0, 0x100000, 0, 0, 0, false },
		{ 0x203, 255, 0x7fffffff, 0, 0x100000, 0, 0, 0, false },
		{ 0x202, 255, 0x37ffffff, 0, 0x100000, 0, 0, 0, false },
		{ 0x200, 255, 0x37ffffff, 0, 0x100000, 0, 0, 0, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bzimage_spec spec = undecoded_bzimage();
		const struct pvhload_image_info *info;
		struct pvhload_image *image;
		struct bytes bytes;

		spec.version = cases[i].version;
		bytes = build_bzimage(&spec);
		image = open_bytes(&bytes);
		info = pvhload_image_get_info(image);
		ck_assert_uint_eq(info->bzimage->boot_protocol, cases[i].version);
		ck_assert_uint_eq(info->arch, cases[i].version >= 0x20c ? PVHLOAD_ARCH_X86_64 : 0);
		ck_assert_uint_eq(info->cmdline_max, cases[i].cmdline_max);
		ck_assert_uint_eq(info->initrd_max, cases[i].initrd_max);
		ck_assert_uint_eq(info->alignment, cases[i].alignment);
		ck_assert_uint_eq(info->preferred_address, cases[i].preferred);
		ck_assert_uint_eq(info->init_size, cases[i].init_size);
		ck_assert_uint_eq(info->relocatable, cases[i].relocatable);
		ck_assert_uint_eq(info->bzimage->xloadflags, cases[i].xloadflags);
		ck_assert_uint_eq(info->part_count, cases[i].payload);
		pvhload_image_close(image);
		bytes_free(&bytes);
	}
}
END_TEST

/* And only if the header itself reaches that far. */
START_TEST(header_length)
{
	struct bzimage_spec spec = undecoded_bzimage();
	const struct pvhload_image_info *info;
	struct pvhload_image *image;
	struct bytes bytes = build_bzimage(&spec);

	bytes.data[0x201] = 0x267 - 0x202; /* ends within init_size's last byte + handover_offset */
	image = open_bytes(&bytes);
	ck_assert_uint_eq(pvhload_image_get_info(image)->init_size, 0x3000000);
	pvhload_image_close(image);
	bytes.data[0x201] = 0x263 - 0x202; /* one byte of init_size short */
	image = open_bytes(&bytes);
	ck_assert_uint_eq(pvhload_image_get_info(image)->init_size, 0);
	pvhload_image_close(image);
	bytes.data[0x201] = 0x240 - 0x202; /* as memdisk's */
	image = open_bytes(&bytes);
	info = pvhload_image_get_info(image);
	ck_assert_uint_eq(info->part_count, 0);
	ck_assert_uint_eq(info->cmdline_max, 2047);
	pvhload_image_close(image);
	bytes.data[0x201] = 0x7f; /* a later protocol's, within the zero page's room */
	image = open_bytes(&bytes);
	ck_assert_uint_eq(pvhload_image_get_info(image)->init_size, 0x3000000);
	pvhload_image_close(image);
	bytes_free(&bytes);
}
END_TEST

START_TEST(headers_refused)
{
	static const struct {
		size_t offset;
		uint64_t value;
		size_t size;
		enum pvhload_status status;
		const char *says;
	} cases[] = {
		{ 0x1fe, 0xaa54, 2, PVHLOAD_E_MALFORMED, "boot_flag is 0xaa54" },
		{ 0x202, 0, 4, PVHLOAD_E_FORMAT, "neither" },
		{ 0x206, 0x1ff, 2, PVHLOAD_E_UNSUPPORTED, "version 0x1ff" },
		{ 0x211, 0, 1, PVHLOAD_E_UNSUPPORTED, "zImage" },
		{ 0x200, 0xe9, 1, PVHLOAD_E_MALFORMED, "jump (0xe9" },
		{ 0x201, 0x80, 1, PVHLOAD_E_MALFORMED, "where it ends" },
		{ 0x201, 0x0f, 1, PVHLOAD_E_MALFORMED, "where it ends" },
		{ 0x1f1, 0xff, 1, PVHLOAD_E_MALFORMED, "0x20000 (is it truncated?)" },
		{ 0x248, 0xffffffff, 4, PVHLOAD_E_MALFORMED, "passes the end" },
		{ 0x24c, 0xffffffff, 4, PVHLOAD_E_MALFORMED, "passes the end" },
		{ 0x24c, PROBE_SIZE + 5, 4, PVHLOAD_E_MALFORMED, "truncated" },
		{ 0x24c, 12, 4, PVHLOAD_E_MALFORMED, "12 bytes holds no kernel" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct bzimage_spec spec = undecoded_bzimage();
		struct bytes bytes = build_bzimage(&spec);
		struct pvhload_error err;

		poke(&bytes, cases[i].offset, cases[i].value, cases[i].size);
		err = refuse_bytes(&bytes, cases[i].status);
		ck_says(err, cases[i].says);
		bytes_free(&bytes);
	}
}
END_TEST

START_TEST(no_version_text)
{
	struct bzimage_spec spec = undecoded_bzimage();
	struct pvhload_image *image;
	struct pvhload_error err;
	struct bytes bytes;
	char text[16];

	spec.kernel_version = NULL;
	bytes = build_bzimage(&spec);
	image = open_bytes(&bytes);
	ck_status(PVHLOAD_E_NOT_FOUND, err, pvhload_image_kernel_version(image, text, 16, &err));
	pvhload_image_close(image);
	poke(&bytes, 0x20e, 0xffff, 2); /* past the end */
	image = open_bytes(&bytes);
	ck_status(PVHLOAD_E_NOT_FOUND, err, pvhload_image_kernel_version(image, text, 16, &err));
	pvhload_image_close(image);
	poke(&bytes, 0x20e, 0x400, 2); /* an empty string */
	image = open_bytes(&bytes);
	ck_status(PVHLOAD_E_NOT_FOUND, err, pvhload_image_kernel_version(image, text, 16, &err));
	pvhload_image_close(image);
	bytes_free(&bytes);
}
END_TEST

/* What is loaded: by syssize, where the protocol has it, and never past the file. */
/* Where the payload ends: after 1 KiB of code and with its size trailer. */
#define PAYLOAD_END (0x400 + PROBE_SIZE + 4)

START_TEST(code_by_syssize)
{
	static const struct {
		uint16_t version;
		uint32_t syssize;
		size_t size; /* 0: the rest of the file */
	} cases[] = {
		{ 0x20f, 0x100, 0x1000 },  /* a signature is after it */
		{ 0x20f, 1, PAYLOAD_END }, /* it could not unpack what is not there */
		{ 0x20f, 0, 0 },           /* memdisk's */
		{ 0x20f, 0xffffffff, 0 },  /* rounded up, or nonsense */
		{ 0x204, 0x80, 0x800 },    /* no payload before 2.08 */
		{ 0x203, 0x80, 0 },        /* had 2 bytes then, not to be trusted */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bzimage_spec spec = undecoded_bzimage();
		const struct pvhload_image_info *info;
		struct pvhload_image *image;
		struct bytes bytes;

		spec.setup_sects = 3;
		spec.version = cases[i].version;
		spec.tail_size = 1472;
		bytes = build_bzimage(&spec);
		poke(&bytes, 0x1f4, cases[i].syssize, 4);
		image = open_bytes(&bytes);
		info = pvhload_image_get_info(image);
		ck_assert_uint_eq(info->bzimage->code_offset, 0x800);
		ck_assert_uint_eq(info->bzimage->code_size,
				  cases[i].size ? cases[i].size : bytes.size - 0x800);
		pvhload_image_close(image);
		bytes_free(&bytes);
	}
}
END_TEST

START_TEST(alignments)
{
	static const struct {
		uint16_t version;
		uint32_t kernel_alignment;
		uint8_t field;
		uint32_t least;
	} cases[] = {
		{ 0x20f, 0x1000000, 21, 0x200000 }, { 0x20f, 0x200000, 21, 0x200000 },
		{ 0x20a, 0x1000000, 12, 0x1000 },   { 0x209, 0x1000000, 12, 0x1000000 },
		{ 0x20f, 0x200000, 22, 0x200000 }, /* above kernel_alignment: nonsense */
		{ 0x20f, 0x200000, 11, 0x200000 },  { 0x20f, 0x200000, 0, 0x200000 },
		{ 0x20f, 0x200000, 32, 0x200000 },  { 0x20f, 0x80000000, 31, 0x80000000 },
	};
	struct bzimage_spec spec = undecoded_bzimage();
	struct pvhload_image *image;
	struct pvhload_error err;
	struct bytes bytes;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		spec.version = cases[i].version;
		bytes = build_bzimage(&spec);
		poke(&bytes, 0x230, cases[i].kernel_alignment, 4);
		poke(&bytes, 0x235, cases[i].field, 1);
		image = open_bytes(&bytes);
		ck_assert_uint_eq(pvhload_image_get_info(image)->alignment,
				  cases[i].kernel_alignment);
		ck_assert_uint_eq(pvhload_image_get_info(image)->bzimage->min_alignment,
				  cases[i].least);
		pvhload_image_close(image);
		bytes_free(&bytes);
	}

	/* it means nothing unless the kernel is relocatable */
	spec.version = 0;
	bytes = build_bzimage(&spec);
	poke(&bytes, 0x230, 0x300000, 4);
	err = refuse_bytes(&bytes, PVHLOAD_E_MALFORMED);
	ck_says(err, "kernel_alignment, 0x300000", "power of two");
	ck_assert_uint_eq(err.offset, 0x230);
	poke(&bytes, 0x230, 0, 4);
	(void)refuse_bytes(&bytes, PVHLOAD_E_MALFORMED);
	poke(&bytes, 0x234, 0, 1);
	image = open_bytes(&bytes);
	ck_assert_uint_eq(pvhload_image_get_info(image)->bzimage->min_alignment, 0);
	pvhload_image_close(image);
	bytes_free(&bytes);
}
END_TEST

/* Headers of programs other than Linux, as Debian has them. */
START_TEST(entries)
{
	static const struct {
		const char *name;
		uint16_t version;
		uint8_t header_end;
		uint32_t code32_start;
		uint16_t xloadflags;
		uint32_t has_entry32, has_entry64;
	} cases[] = {
		{ "Linux, x86-64", 0x20f, 0x6c, 0x100000, 0x7f, 1, 1 },
		{ "Linux, i386", 0x20f, 0x6c, 0x100000, 0, 1, 0 },
		{ "memtest86+ x64", 0x20c, 0x68, 0x100000, 0x09, 1, 1 },
		{ "memtest86+ ia32", 0x20c, 0x68, 0x100000, 0x04, 1, 0 },
		{ "code up to the entry", 0x20f, 0x6c, 0x100000, 0x7f, 1, 0 },
		{ "ipxe.lkrn", 0x207, 0x67, 0, 0x7f, 0, 0 },
		{ "memdisk", 0x203, 0x40, 0x100000, 0x7f, 0, 0 },
		{ "Linux 2.05", 0x205, 0x40, 0x100000, 0x7f, 1, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bzimage_spec spec = undecoded_bzimage();
		const struct pvhload_image_info *info;
		struct pvhload_image *image;
		struct bytes bytes;

		spec.version = cases[i].version;
		spec.payload_size = 0;
		spec.tail_size = PROBE_SIZE;
		bytes = build_bzimage(&spec);
		poke(&bytes, 0x201, cases[i].header_end - 2u, 1);
		poke(&bytes, 0x214, cases[i].code32_start, 4);
		poke(&bytes, 0x236, cases[i].xloadflags, 2);
		if (strcmp(cases[i].name, "code up to the entry") == 0)
			poke(&bytes, 0x1f4, 0x200 / 16, 4);
		image = open_bytes(&bytes);
		info = pvhload_image_get_info(image);
		ck_assert_msg(info->has_entry32 == cases[i].has_entry32, "%s", cases[i].name);
		ck_assert_msg(info->has_entry64 == cases[i].has_entry64, "%s", cases[i].name);
		pvhload_image_close(image);
		bytes_free(&bytes);
	}
}
END_TEST

/* The header by its own length, byte for byte, and nothing after it. */
START_TEST(its_own_header)
{
	static const uint32_t ends[] = { 0x212, 0x240, 0x268, 0x26c, 0x281 };
	struct bzimage_spec spec = undecoded_bzimage();
	struct bytes bytes = build_bzimage(&spec);
	uint8_t header[PVHLOAD_SETUP_HEADER_ROOM + 1];
	struct pvhload_error bad = { .struct_size = 1 };
	struct pvhload_image *image;
	struct pvhload_error err;
	size_t size;

	for (size_t i = 0x26c; i < 0x290; i++)
		bytes.data[i] = (uint8_t)i; /* code, or a later protocol's fields */
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		const size_t expected = ends[i] - 0x1f1;

		poke(&bytes, 0x201, ends[i] - 0x202, 1);
		image = open_bytes(&bytes);
		memset(header, 0x5a, sizeof(header));
		size = 0;
		ck_status(PVHLOAD_E_CAPACITY, err,
			  pvhload_image_setup_header(image, header, expected - 1, &size, &err));
		ck_assert_uint_eq(header[0], 0x5a);
		ck_assert_uint_eq(size, 0);
		ck_status(PVHLOAD_OK, err,
			  pvhload_image_setup_header(image, header, expected, &size, &err));
		ck_assert_uint_eq(size, expected);
		ck_assert_mem_eq(header, bytes.data + 0x1f1, expected);
		ck_assert_uint_eq(header[expected], 0x5a);
		pvhload_image_close(image);
	}

	image = open_bytes(&bytes);
	ck_status(PVHLOAD_E_CAPACITY, err, pvhload_image_setup_header(image, NULL, 0, &size, &err));
	ck_says(err, "144 bytes", "room for 0");
	ck_status(PVHLOAD_E_USAGE, err, pvhload_image_setup_header(NULL, header, 9, &size, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_image_setup_header(image, NULL, 9, &size, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_image_setup_header(image, header, 9, NULL, &err));
	ck_assert_int_eq(pvhload_image_setup_header(image, header, 159, &size, &bad),
			 PVHLOAD_E_USAGE);
	pvhload_image_close(image);
	bytes_free(&bytes);
}
END_TEST

START_TEST(no_header)
{
	const struct elf_spec spec = small_kernel();
	struct bytes bytes = build_elf(&spec);
	struct pvhload_image *image = open_bytes(&bytes);
	struct pvhload_error err;
	uint8_t header[PVHLOAD_SETUP_HEADER_ROOM];
	size_t size = 7;

	ck_status(PVHLOAD_E_NOT_FOUND, err,
		  pvhload_image_setup_header(image, header, sizeof(header), &size, &err));
	ck_assert_uint_eq(size, 7);
	pvhload_image_close(image);
	bytes_free(&bytes);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("bzimage");

	ADD_TESTS(suite, "header", a_modern_header, a_payload_anywhere, old_protocols,
		  header_length, headers_refused, no_version_text);
	ADD_TESTS(suite, "loading", code_by_syssize, alignments, entries, its_own_header,
		  no_header);
	return run_suite(suite);
}
