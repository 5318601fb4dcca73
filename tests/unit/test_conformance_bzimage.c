/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * bzImages as rust-vmm's linux-loader (0.14) tests and treats them.  Where its rule is right ours is
 * the same; where it is not, the case says what holds instead, and docs/linux-loader.md why.
 */
#include "conformance.h"
#include "load_fixture.h"

#define CODE_SIZE 0x6b5e40u /* of the 5.10 kernel that its tests fetch */
#define PREFERRED 0x1000000u
#define INIT_SIZE 0x100000u /* a small one, so that there need not be much RAM */

/* A kernel like that one: 2.15, relocatable, aligned to 2 MiB. */
static struct bytes kernel(void)
{
	uint8_t *payload = calloc(1, CODE_SIZE - 0x404);
	const struct bzimage_spec spec = { .setup_sects = 39,
					   .payload = memcpy(payload, "\x28\xb5\x2f\xfd", 4),
					   .payload_size = CODE_SIZE - 0x404,
					   .decoded_size = 0x345 };
	struct bytes bytes = build_bzimage(&spec);

	for (size_t i = 0; i < CODE_SIZE; i += 4093)
		bytes.data[0x5000 + i] ^= (uint8_t)(i >> 5);
	poke(&bytes, 0x260, INIT_SIZE, 4);
	free(payload);
	return bytes;
}

/* bz.load.1: at 2 MiB, which here takes the RAM that it will run in as well. */
START_TEST(at_an_address)
{
	struct load_fixture f;

	load_setup_region(&f, kernel(), 0, PREFERRED + INIT_SIZE);
	load_image_at(&f, 0x200000);
	ck_assert_uint_eq(f.result.gpa, 0x200000);
	ck_assert_uint_eq(f.result.gpa + f.result.size, 0x8b5e40);
	ck_assert_uint_eq(f.result.runtime.gpa, PREFERRED);
	ck_assert_uint_eq(f.result.runtime.gpa + f.result.runtime.size, PREFERRED + INIT_SIZE);
	ck_assert_uint_eq(f.result.setup_header_size, 0x26c - 0x1f1);
	ck_assert_uint_eq(peek(f.result.setup_header + (0x202 - 0x1f1), 4), 0x53726448);
	ck_assert_uint_eq(peek(f.result.setup_header + (0x206 - 0x1f1), 2), 0x20f);
	ck_assert_uint_eq(f.result.setup_header[0x211 - 0x1f1], 1);
	ck_assert_uint_eq(peek(f.result.setup_header + (0x214 - 0x1f1), 4), 0x200000);
	take_bytes(&f, 0x200000, f.bytes.data + 0x5000, CODE_SIZE);
	ck_assert(fake_memory_untouched(&f.fake));
	load_teardown(&f);

	load_setup_region(&f, kernel(), 0, G16); /* its own RAM ends where this kernel would run */
	(void)load_refused_at(&f, 0x200000, PVHLOAD_E_RANGE);
	load_teardown(&f);
}
END_TEST

/* bz.load.2, .3: code32_start is for the 16-bit loader; a kernel says itself what it prefers. */
START_TEST(by_default)
{
	struct load_fixture f;

	load_setup_region(&f, kernel(), 0, PREFERRED + CODE_SIZE);
	load_image(&f);
	ck_assert_uint_eq(f.result.gpa, PREFERRED);
	ck_assert_uint_eq(f.result.gpa + f.result.size, PREFERRED + CODE_SIZE);
	load_teardown(&f);

	/* at 1 MiB such a kernel would begin by moving to the next multiple of its alignment */
	load_setup_region(&f, kernel(), 0, PREFERRED + CODE_SIZE);
	(void)load_refused_at(&f, 0x100000, PVHLOAD_E_RANGE);
	load_teardown(&f);

	/* one that cannot be moved belongs at code32_start, and nowhere else */
	load_setup_region(&f, kernel(), 0, PREFERRED + INIT_SIZE);
	pvhload_image_close(f.image);
	poke(&f.bytes, 0x234, 0, 1);
	f.image = open_bytes(&f.bytes);
	(void)load_refused_at(&f, 0x200000, PVHLOAD_E_RANGE);
	load_image(&f);
	ck_assert_uint_eq(f.result.gpa, 0x100000);
	ck_assert_uint_eq(f.result.gpa + f.result.size, 0x7b5e40);
	load_teardown(&f);
}
END_TEST

/* bz.load.4: its highmem_start is a RAM map; the bytes count, not a field of the header. */
START_TEST(below_ram)
{
	struct pvhload_error err;
	struct load_fixture f;

	load_setup_region(&f, kernel(), 0, PREFERRED + INIT_SIZE);
	f.entries[0].gpa = 0x400000;
	f.entries[0].size -= 0x400000;
	err = load_refused_at(&f, 0x200000, PVHLOAD_E_RANGE);
	ck_says(err, "kernel image [0x200000, 0x8b5e40) leaves RAM");
	/* its test of code32_start would refuse this one */
	load_image_at(&f, 0x400000);
	load_teardown(&f);
}
END_TEST

/* bz.underflow and the like: the header says more than the file has. */
START_TEST(truncated)
{
	struct bytes bytes = { calloc(1, 559), 559 };
	struct pvhload_error err;

	poke(&bytes, 0x1f1, 0xc6, 1);
	poke(&bytes, 0x1fe, 0xc6c6, 2);
	poke(&bytes, 0x200, 0xc6c6, 2);
	poke(&bytes, 0x202, 0x53726448, 4);
	poke(&bytes, 0x206, 0xb9b9, 2);
	poke(&bytes, 0x211, 0xff, 1);
	err = refuse_bytes(&bytes, PVHLOAD_E_MALFORMED);
	ck_says(err, "boot_flag is 0xc6c6");
	poke(&bytes, 0x1fe, 0xaa55, 2);
	err = refuse_bytes(&bytes, PVHLOAD_E_MALFORMED);
	ck_says(err, "jump");
	poke(&bytes, 0x200, 0x6aeb, 2); /* a header of which it would take what there is */
	err = refuse_bytes(&bytes, PVHLOAD_E_MALFORMED);
	ck_says(err, "ends within the setup header, which reaches to 0x26c");
	poke(&bytes, 0x200, 0x20eb, 2);
	err = refuse_bytes(&bytes, PVHLOAD_E_MALFORMED);
	ck_says(err, "protected-mode code, which starts at 0x18e00");
	bytes_free(&bytes);

	/* setup code and nothing else, which it loads as nothing */
	bytes = kernel();
	bytes.size = 0x5000;
	(void)refuse_bytes(&bytes, PVHLOAD_E_MALFORMED);
	bytes_free(&bytes);
}
END_TEST

START_TEST(not_one)
{
	struct bytes bytes = kernel();

	poke(&bytes, 0x202, 0x53726449, 4);
	(void)refuse_bytes(&bytes, PVHLOAD_E_FORMAT);
	poke(&bytes, 0x202, 0x53726448, 4);
	poke(&bytes, 0x206, 0x1ff, 2);
	(void)refuse_bytes(&bytes, PVHLOAD_E_UNSUPPORTED);
	poke(&bytes, 0x206, 0x20f, 2);
	poke(&bytes, 0x211, 0, 1);
	(void)refuse_bytes(&bytes, PVHLOAD_E_UNSUPPORTED);
	bytes_free(&bytes);
}
END_TEST

/* setup_sects 0 is 4. */
START_TEST(the_least_setup)
{
	struct bzimage_spec spec = undecoded_bzimage();
	struct load_fixture f;
	struct bytes bytes;

	spec.setup_sects = 0;
	bytes = build_bzimage(&spec);
	poke(&bytes, 0x258, 0x200000, 8);
	poke(&bytes, 0x260, 0x1000, 4);
	load_setup_region(&f, bytes, 0, LOAD_RAM);
	load_image(&f);
	ck_assert_uint_eq(pvhload_image_get_info(f.image)->bzimage->code_offset, 5 * 512);
	take_bytes(&f, 0x200000, bytes.data + 5 * 512, (size_t)(f.result.size));
	load_teardown(&f);
}
END_TEST

/* It hands on 123 bytes whatever the header's length is, and loads a signature with the code. */
START_TEST(what_is_not_the_kernels)
{
	struct load_fixture f;
	struct bytes bytes = kernel();
	struct bytes longer = { calloc(1, bytes.size + 1472), bytes.size + 1472 };

	memcpy(longer.data, bytes.data, bytes.size);
	memset(longer.data + bytes.size, 0x55, 1472);
	poke(&longer, 0x201, 0x268 - 0x202, 1);
	poke(&longer, 0x268, 0xccccccccc, 4); /* code after a header of 2.12 */
	bytes_free(&bytes);
	load_setup_region(&f, longer, 0, PREFERRED + CODE_SIZE);
	load_image(&f);
	ck_assert_uint_eq(f.result.setup_header_size, 0x268 - 0x1f1);
	ck_assert_uint_eq(peek(f.result.setup_header + (0x268 - 0x1f1), 4), 0);
	ck_assert_uint_eq(f.result.gpa + f.result.size, PREFERRED + CODE_SIZE);
	load_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("conformance_bzimage");

	ADD_TESTS(suite, "bzimage", at_an_address, by_default, below_ram, truncated, not_one,
		  the_least_setup, what_is_not_the_kernels);
	return run_suite(suite);
}
