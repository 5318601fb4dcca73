/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * How many system calls a boot takes, from opening the image to the end of the commit, those of malloc() and of the
 * libraries included.  A source that the caller does not keep open is duplicated and closed.
 */
#include <stdio.h>

#include "boot_once.h"
#include "suite.h"
#include "system_calls.h"

static void boot(void *user)
{
	boot_once(user);
}

#define LARGE \
	(6u << 20) /* from 4 MiB on, memory that is decoded to has huge pages, for a call more */

/*
 * fstat and the file's head, then: notes and segments; decoded size and code; decoded size, memory for the payload and its
 * bytes.  LZ4 takes memory of 4 MiB for a chunk of more than 2, a read for each chunk, and one for the first one's size.
 */
static const struct {
	const char *name;
	struct boot_once boot;
	size_t most;
} cases[] = {
	{ "an ELF file", { .kind = BOOT_ELF, .kept_open = true }, 6 },
	{ "an ELF file, duplicated", { .kind = BOOT_ELF }, 7 },
	{ "a bzImage as it is", { .kind = BOOT_BZIMAGE, .kept_open = true, .codec = ZSTD }, 4 },
	{ "a bzImage as it is, duplicated", { .kind = BOOT_BZIMAGE, .codec = ZSTD }, 5 },
	{ "zstd", { .kind = BOOT_HOST_DECODE, .kept_open = true, .codec = ZSTD }, 6 },
	{ "zstd, duplicated", { .kind = BOOT_HOST_DECODE, .codec = ZSTD }, 7 },
	{ "zstd, large",
	  { .kind = BOOT_HOST_DECODE, .kept_open = true, .codec = ZSTD, .unit = LARGE },
	  6 },
	{ "LZ4", { .kind = BOOT_HOST_DECODE, .kept_open = true, .codec = LZ4 }, 6 + 2 },
	{ "LZ4, duplicated", { .kind = BOOT_HOST_DECODE, .codec = LZ4 }, 7 + 2 },
	{ "LZ4 of three chunks",
	  { .kind = BOOT_HOST_DECODE, .kept_open = true, .codec = LZ4, .unit = LARGE },
	  6 + 3 + 1 },
};

START_TEST(no_more_than)
{
	struct boot_once once = cases[_i].boot;
	struct system_calls calls;
	bool traced;

	if (once.kind != BOOT_ELF && skip_without(once.codec))
		return;
	boot_once_prepare(&once);
	traced = system_calls_of(boot, &once, &calls);
	boot_once_end(&once);
	if (!traced) {
		puts("# SKIP no_more_than: a child cannot be traced here");
		return;
	}
	if (calls.count > cases[_i].most)
		system_calls_list(&calls);
	ck_assert_msg(calls.count > 0 && calls.count <= cases[_i].most,
		      "%s: %zu system calls, not %zu", cases[_i].name, calls.count, cases[_i].most);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("system_calls");
	TCase *all = tcase_create("system_calls");

	tcase_add_loop_test(all, no_more_than, 0, sizeof(cases) / sizeof(cases[0]));
	suite_add_tcase(suite, all);
	return run_suite(suite);
}
