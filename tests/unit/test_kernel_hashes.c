/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The table of kernel hashes, byte for byte. */
#include <string.h>

#include <pvhload/kernel_hashes.h>

#include "suite.h"

/* What the table is but for the digests, as text: GUID, length, and in place of a digest its letter. */
static const uint8_t expected[PVHLOAD_KERNEL_HASHES_SIZE] =
	"\x06\xd6\x38\x94\x22\x4f\xc9\x4c\xb4\x79\xa7\x93\xd4\x11\xfd\x21\xa8\x00"
	"\xd8\x2d\xd0\x97\x20\xbd\x94\x4c\xaa\x78\xe7\x71\x4d\x36\xab\x2a\x32\x00"
	"cccccccccccccccccccccccccccccccc"
	"\x31\xf7\xba\x44\x2f\x3a\xd7\x4b\x9a\xf1\x41\xe2\x91\x69\x78\x1d\x32\x00"
	"iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii"
	"\x37\x94\xe7\x4d\xd2\xab\x7f\x42\xb8\x35\xd5\xb1\x72\xd2\x04\x5b\x32\x00"
	"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
	"\0\0\0\0\0\0\0";

static struct pvhload_kernel_hashes letters(void)
{
	struct pvhload_kernel_hashes hashes = PVHLOAD_KERNEL_HASHES_INIT;

	memset(hashes.cmdline, 'c', sizeof(hashes.cmdline));
	memset(hashes.initrd, 'i', sizeof(hashes.initrd));
	memset(hashes.kernel, 'k', sizeof(hashes.kernel));
	return hashes;
}

START_TEST(bytes_of_the_table)
{
	const struct pvhload_kernel_hashes hashes = letters();
	uint8_t bytes[PVHLOAD_KERNEL_HASHES_SIZE + 1];
	struct pvhload_error err;

	memset(bytes, 0xa5, sizeof(bytes));
	ck_status(PVHLOAD_OK, err,
		  pvhload_kernel_hashes_table(&hashes, bytes, sizeof(bytes), &err));
	ck_assert_mem_eq(bytes, expected, PVHLOAD_KERNEL_HASHES_SIZE);
	ck_assert_uint_eq(bytes[PVHLOAD_KERNEL_HASHES_SIZE], 0xa5);
	memset(bytes, 0xa5, sizeof(bytes));
	ck_status(PVHLOAD_OK, err,
		  pvhload_kernel_hashes_table(&hashes, bytes, PVHLOAD_KERNEL_HASHES_SIZE, &err));
	ck_assert_mem_eq(bytes, expected, PVHLOAD_KERNEL_HASHES_SIZE);
}
END_TEST

START_TEST(refused)
{
	struct pvhload_kernel_hashes hashes = letters();
	uint8_t bytes[PVHLOAD_KERNEL_HASHES_SIZE] = { 1 };
	struct pvhload_error err;

	ck_status(PVHLOAD_E_CAPACITY, err,
		  pvhload_kernel_hashes_table(&hashes, bytes, sizeof(bytes) - 1, &err));
	ck_says(err, "takes 176 bytes, and there is room for 175");
	ck_status(PVHLOAD_E_USAGE, err,
		  pvhload_kernel_hashes_table(&hashes, NULL, sizeof(bytes), &err));
	ck_status(PVHLOAD_E_USAGE, err,
		  pvhload_kernel_hashes_table(NULL, bytes, sizeof(bytes), &err));
	hashes.struct_size--;
	ck_status(PVHLOAD_E_USAGE, err,
		  pvhload_kernel_hashes_table(&hashes, bytes, sizeof(bytes), &err));
	ck_assert_uint_eq(bytes[0], 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kernel_hashes");

	ADD_TESTS(suite, "kernel_hashes", bytes_of_the_table, refused);
	return run_suite(suite);
}
