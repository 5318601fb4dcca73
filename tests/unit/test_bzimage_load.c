/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A bzImage's protected-mode code loaded by itself, and what a caller can do wrong with any image. */
#include "load_fixture.h"

#define CODE_AT   0x400u /* in the file */
#define CODE_SIZE 0xc10u /* as syssize says */
#define INIT_SIZE 0x80000u

/* One that would like to be at 2 MiB, in steps of 1 MiB, or of 64 KiB if need be. */
static struct bytes kernel(void)
{
	struct bzimage_spec spec = undecoded_bzimage();
	struct bytes bytes;

	spec.setup_sects = 1;
	spec.kernel_version = NULL;
	spec.tail_size = 100; /* a signature */
	bytes = build_bzimage(&spec);
	poke(&bytes, 0x1f4, CODE_SIZE / 16, 4);
	poke(&bytes, 0x230, 0x100000, 4);
	poke(&bytes, 0x235, 16, 1);
	poke(&bytes, 0x258, 0x200000, 8);
	poke(&bytes, 0x260, INIT_SIZE, 4);
	return bytes;
}

/* The code at @gpa, and, where the kernel runs there as well, zeros to the end of its last page. */
static void take_code(struct load_fixture *f, uint64_t gpa)
{
	take_bytes(f, gpa, f->bytes.data + CODE_AT, CODE_SIZE);
	if (gpa >= f->result.runtime.gpa)
		take_bytes(f, gpa + CODE_SIZE, NULL, 0x1000 - CODE_SIZE);
}

/* The header as the file has it, but for where the kernel is. */
static void check_header(const struct load_fixture *f, uint32_t code32_start, uint32_t alignment)
{
	struct bytes expected = bytes_copy(f->bytes.data + 0x1f1, 0x26c - 0x1f1);

	poke(&expected, 0x214 - 0x1f1, code32_start, 4);
	poke(&expected, 0x230 - 0x1f1, alignment, 4);
	ck_assert_uint_eq(f->result.setup_header_size, expected.size);
	ck_assert_mem_eq(f->result.setup_header, expected.data, expected.size);
	bytes_free(&expected);
}

START_TEST(where_it_prefers)
{
	struct load_fixture f;

	load_setup(&f, kernel(), 0);
	load_image(&f);
	ck_assert_uint_eq(f.result.gpa, 0x200000);
	ck_assert_uint_eq(f.result.gpa + f.result.size, 0x200000 + CODE_SIZE);
	ck_assert_uint_eq(f.result.runtime.gpa, 0x200000);
	ck_assert_uint_eq(f.result.runtime.gpa + f.result.runtime.size, 0x200000 + INIT_SIZE);
	ck_assert_uint_eq(f.result.entry, 0x200000);
	ck_assert_uint_eq(f.result.entry64, 0x200200);
	ck_assert_uint_eq(f.result.has_entry32, 1);
	ck_assert_uint_eq(f.result.has_entry64, 1);
	ck_assert_uint_eq(f.result.has_pvh_entry, 0);
	check_header(&f, 0x200000, 0x100000);
	/* the code as it is, and not the signature */
	take_code(&f, 0x200000);
	ck_assert(fake_memory_untouched(&f.fake));
	load_teardown(&f);
}
END_TEST

/* Without a place, to the next multiple of kernel_alignment, as a plan. */
START_TEST(by_default)
{
	static const struct {
		uint64_t preferred;
		uint32_t alignment;
		uint64_t at;
	} cases[] = {
		{ 0x200000, 0x100000, 0x200000 }, { 0x180000, 0x100000, 0x200000 },
		{ 0x100000, 0x200000, 0x200000 }, { 0x1f0000, 0x10000, 0x1f0000 },
		{ 0, 0x10000, 0x100000 }, /* no preference */
		{ 0, 0x200000, 0x200000 },        { 0x8000, 0x1000, 0x8000 },
		{ 0x8000, 0x10000, 0x10000 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes bytes = kernel();
		struct load_fixture f;

		poke(&bytes, 0x230, cases[i].alignment, 4);
		poke(&bytes, 0x258, cases[i].preferred, 8);
		load_setup(&f, bytes, 0);
		load_image(&f);
		ck_assert_uint_eq(f.result.gpa, cases[i].at);
		ck_assert_uint_eq(f.result.runtime.gpa, cases[i].at);
		check_header(&f, (uint32_t)cases[i].at, cases[i].alignment);
		take_code(&f, cases[i].at);
		ck_assert(fake_memory_untouched(&f.fake));
		load_teardown(&f);
	}
}
END_TEST

START_TEST(elsewhere)
{
	static const struct {
		uint64_t at;
		uint64_t runtime_start;
		uint32_t alignment; /* as the header must say it */
	} cases[] = {
		{ 0x200000, 0x200000, 0x100000 }, { 0x300000, 0x300000, 0x100000 },
		{ 0x100000, 0x200000, 0x100000 }, /* it moves up to where it prefers to be */
		{ 0x310000, 0x310000, 0x10000 },  { 0x180000, 0x200000, 0x10000 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct load_fixture f;

		load_setup(&f, kernel(), 0);
		load_image_at(&f, cases[i].at);
		ck_assert_uint_eq(f.result.gpa, cases[i].at);
		ck_assert_uint_eq(f.result.gpa + f.result.size, cases[i].at + CODE_SIZE);
		ck_assert_uint_eq(f.result.runtime.gpa, cases[i].runtime_start);
		ck_assert_uint_eq(f.result.runtime.gpa + f.result.runtime.size,
				  cases[i].runtime_start + INIT_SIZE);
		ck_assert_uint_eq(f.result.entry, cases[i].at);
		ck_assert_uint_eq(f.result.entry64, cases[i].at + 0x200);
		check_header(&f, (uint32_t)cases[i].at, cases[i].alignment);
		take_code(&f, cases[i].at);
		ck_assert(fake_memory_untouched(&f.fake));
		load_teardown(&f);
	}
}
END_TEST

START_TEST(places_refused)
{
	static const struct {
		uint64_t at;
		const char *says;
	} cases[] = {
		{ 0x208000, "0x208000 is not at a multiple of its least alignment, 0x10000" },
		{ 0x1, "0x1 is not at a multiple of its least alignment" },
		{ 0xa0000, "the kernel at 0xa0000, running from 0x200000 on, is below 1 MiB" },
		{ 0x3f0000, "kernel [0x3f0000, 0x470000) leaves RAM" },
		{ 0x400000, "kernel [0x400000, 0x480000) leaves RAM" },
		{ 0xffffffffffff0000, "passes the end of the address space" },
	};
	struct pvhload_error err;
	struct load_fixture f;

	load_setup(&f, kernel(), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		err = load_refused_at(&f, cases[i].at, PVHLOAD_E_RANGE);
		ck_says(err, cases[i].says);
	}
	/* one byte of what it runs in is missing */
	f.entries[1].size = 0x200000 + INIT_SIZE - 1 - 0x100000;
	err = load_refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "kernel [0x200000, 0x280000) leaves RAM");
	f.entries[1].size++;
	load_image(&f);
	load_teardown(&f);
}
END_TEST

/* Opened as it is, then changed: the builder's images are all relocatable. */
static void setup_poked(struct load_fixture *f, size_t offset, uint64_t value, size_t size)
{
	struct bytes bytes = kernel();

	poke(&bytes, offset, value, size);
	load_setup(f, bytes, 0);
}

START_TEST(not_relocatable)
{
	struct pvhload_error err;
	struct load_fixture f;

	setup_poked(&f, 0x234, 0, 1);
	load_image(&f);
	ck_assert_uint_eq(f.result.gpa, 0x100000); /* code32_start */
	ck_assert_uint_eq(f.result.runtime.gpa, 0x200000);
	ck_assert_uint_eq(f.result.runtime.gpa + f.result.runtime.size, 0x200000 + INIT_SIZE);
	ck_assert_uint_eq(f.result.entry64, 0x100200);
	check_header(&f, 0x100000, 0x100000);
	load_image_at(&f, 0x100000);
	load_teardown(&f);

	setup_poked(&f, 0x234, 0, 1);
	err = load_refused_at(&f, 0x200000, PVHLOAD_E_RANGE);
	ck_says(err, "not relocatable", "at 0x100000, not at 0x200000");
	load_teardown(&f);
}
END_TEST

START_TEST(old_protocols)
{
	struct pvhload_error err;
	struct load_fixture f;

	/* 2.09: no init_size; what a plan would keep free for it has to be RAM here as well */
	setup_poked(&f, 0x206, 0x209, 2);
	err = load_refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "kernel [0x100000, 0x900345) leaves RAM");
	f.entries[1].size = 16u << 20;
	load_image(&f);
	ck_assert_uint_eq(f.result.gpa, 0x100000);
	ck_assert_uint_eq(f.result.runtime.gpa, 0x100000);
	ck_assert_uint_eq(f.result.runtime.size, 0x800345);
	ck_assert_uint_eq(f.result.has_entry32, 1);
	ck_assert_uint_eq(f.result.has_entry64, 0);
	ck_assert_uint_eq(f.result.entry64, 0);
	load_teardown(&f);

	/* as memdisk, and as ipxe.lkrn */
	setup_poked(&f, 0x206, 0x203, 2);
	err = load_refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "16-bit", "2.03", "code32_start 0x100000");
	load_teardown(&f);
	setup_poked(&f, 0x206, 0x207, 2);
	poke(&f.bytes, 0x214, 0, 4);
	pvhload_image_close(f.image);
	f.image = open_bytes(&f.bytes);
	err = load_refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "16-bit", "2.07", "code32_start 0x0");
	load_teardown(&f);
}
END_TEST

/* A header that ends before a field does not grow one. */
START_TEST(short_header)
{
	struct load_fixture f;

	setup_poked(&f, 0x201, 0x238 - 0x202, 1);
	load_image_at(&f, 0x110000);
	ck_assert_uint_eq(f.result.setup_header_size, 0x238 - 0x1f1);
	ck_assert_uint_eq(peek(f.result.setup_header + (0x214 - 0x1f1), 4), 0x110000);
	ck_assert_uint_eq(peek(f.result.setup_header + (0x230 - 0x1f1), 4), 0x10000);
	ck_assert_uint_eq(f.result.setup_header[0x238 - 0x1f1], 0);
	load_teardown(&f);
}
END_TEST

START_TEST(above_4g)
{
	static uint8_t ram[INIT_SIZE];
	static const uint64_t four_gib = 1ull << 32;
	const struct pvhload_ram_slot slot = { .gpa = four_gib - 0x10000,
					       .size = sizeof(ram),
					       .host = ram };
	const struct pvhload_ram_slots table = { sizeof(table), &slot, 1 };
	struct pvhload_memmap_entry entry = { slot.gpa, sizeof(ram), PVHLOAD_MEMMAP_RAM, 0 };
	const struct pvhload_memmap map = { sizeof(map), &entry, 1, 1, 0 };
	static const struct {
		uint64_t at;
		uint16_t xloadflags;
		bool fits;
		uint32_t code32_start;
	} cases[] = {
		{ four_gib, 0x03, true, 0 },
		{ four_gib, 0x01, false, 0 }, /* does not say that it can */
		{ four_gib, 0x02, false, 0 }, /* no 64-bit entry to go there by */
		{ four_gib - 0x10000, 0x03, true, 0xffff0000 },
		{ four_gib - 0x10000, 0x01, false, 0 },
	};
	struct pvhload_memory mem = PVHLOAD_MEMORY_INIT;

	mem.ops = pvhload_ram_slots_ops();
	mem.user = (void *)(uintptr_t)&table;
	mem.memmap = &map;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pvhload_image_load_options options = { sizeof(options), cases[i].at,
							      PVHLOAD_IMAGE_LOAD_AT, 0 };
		struct pvhload_image_load_result result = PVHLOAD_IMAGE_LOAD_RESULT_INIT;
		struct pvhload_image *image;
		struct bytes bytes = kernel();
		struct pvhload_error err;

		poke(&bytes, 0x236, cases[i].xloadflags, 2);
		poke(&bytes, 0x260, 0x20000, 4);
		image = open_bytes(&bytes);
		ck_status(cases[i].fits ? PVHLOAD_OK : PVHLOAD_E_RANGE, err,
			  pvhload_image_load(image, &mem, &options, &result, &err));
		if (cases[i].fits) {
			ck_assert_uint_eq(result.gpa, cases[i].at);
			ck_assert_uint_eq(result.entry64, cases[i].at + 0x200);
			ck_assert_uint_eq(result.has_entry32, 0);
			ck_assert_uint_eq(peek(result.setup_header + (0x214 - 0x1f1), 4),
					  cases[i].code32_start);
			ck_assert_mem_eq(ram + (cases[i].at - slot.gpa), bytes.data + CODE_AT,
					 CODE_SIZE);
		} else {
			ck_says(err, "does not end below 4 GiB");
		}
		pvhload_image_close(image);
		bytes_free(&bytes);
	}
}
END_TEST

START_TEST(usage)
{
	struct pvhload_image_load_options options = PVHLOAD_IMAGE_LOAD_OPTIONS_INIT;
	struct pvhload_error bad = { .struct_size = 1 };
	struct pvhload_memory_ops ops;
	struct pvhload_error err;
	struct load_fixture f;

	load_setup(&f, kernel(), 0);
	const struct pvhload_memory *mem = &f.fake.memory;

#define REFUSED(...) ck_status(PVHLOAD_E_USAGE, err, pvhload_image_load(__VA_ARGS__, &err))
	memset(&f.result, 0, sizeof(f.result));
	REFUSED(f.image, mem, NULL, &f.result); /* no size */
	f.result.struct_size = sizeof(f.result);
	REFUSED(NULL, mem, NULL, &f.result);
	REFUSED(f.image, NULL, NULL, &f.result);
	REFUSED(f.image, mem, NULL, NULL);
	options.struct_size = 1;
	REFUSED(f.image, mem, &options, &f.result);
	options.struct_size = sizeof(options);
	options.flags = 2;
	REFUSED(f.image, mem, &options, &f.result);
	options.flags = 0;
	options.reserved = 1;
	REFUSED(f.image, mem, &options, &f.result);
	options.reserved = 0;
	options.gpa = 0x200000;
	REFUSED(f.image, mem, &options, &f.result);
	ck_says(err, "name 0x200000, but not the flag");
	f.fake.memory.memmap = NULL;
	REFUSED(f.image, mem, NULL, &f.result);
	f.fake.memory.memmap = &f.map;
	ops = f.fake.ops;
	ops.write = NULL;
	f.fake.memory.ops = &ops;
	REFUSED(f.image, mem, NULL, &f.result);
	f.fake.memory.ops = &f.fake.ops;
	ck_assert_int_eq(pvhload_image_load(f.image, mem, NULL, &f.result, &bad), PVHLOAD_E_USAGE);
	f.entries[0].type = 0;
	(void)load_refused(&f, PVHLOAD_E_MEMMAP);
	load_teardown(&f);
}
END_TEST

static int64_t shrinking(void *user, uint64_t offset, void *dst, size_t len)
{
	struct load_fixture *f = user;

	if (offset >= f->bytes.size)
		return 0;
	len = len < f->bytes.size - offset ? len : (size_t)(f->bytes.size - offset);
	memcpy(dst, f->bytes.data + offset, len);
	return (int64_t)len;
}

START_TEST(sources_and_callbacks)
{
	struct pvhload_source source;
	struct pvhload_error err;
	struct load_fixture f;
	struct elf_spec spec = small_kernel();
	size_t whole;

	load_setup(&f, kernel(), 0);
	f.fake.fail_at = 1;
	ck_status(PVHLOAD_E_CALLBACK, err,
		  pvhload_image_load(f.image, &f.fake.memory, NULL, &f.result, &err));
	ck_assert_int_eq(err.cause, -77);

	pvhload_image_close(f.image);
	source = pvhload_source_reader(shrinking, &f, f.bytes.size);
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, NULL, &f.image, &err));
	whole = f.bytes.size;
	f.bytes.size = CODE_AT + CODE_SIZE - 1;
	ck_status(PVHLOAD_E_SOURCE, err,
		  pvhload_image_load(f.image, &f.fake.memory, NULL, &f.result, &err));
	f.bytes.size = whole;
	load_teardown(&f);

	/* each write of an ELF file: text, the gap, data, .bss */
	for (uint64_t n = 1; n <= 4; n++) {
		load_setup(&f, build_elf(&spec), FAKE_ZERO);
		f.fake.fail_at = n;
		ck_status(PVHLOAD_E_CALLBACK, err,
			  pvhload_image_load(f.image, &f.fake.memory, NULL, &f.result, &err));
		ck_says(err, "kernel: the ", "callback returned");
		load_teardown(&f);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("bzimage_load");

	ADD_TESTS(suite, "bzimage", where_it_prefers, by_default, elsewhere, places_refused,
		  not_relocatable, old_protocols, short_header, above_4g, usage,
		  sources_and_callbacks);
	return run_suite(suite);
}
