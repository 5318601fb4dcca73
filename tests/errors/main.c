/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Does everything wrong that the tables name; with --markdown, prints docs/errors.md. */
#include <stdio.h>

#include "errors.h"

static const struct theme *const themes[] = {
	&images_theme,   &ukis_theme,         &payloads_theme, &entries_theme, &handed_theme,
	&memmaps_theme,  &places_theme,       &initrds_theme,  &room_theme,    &paging_theme,
	&cmdline_theme,  &guest_memory_theme, &usage_theme,    &reading_theme, &machines_theme,
	&firmware_theme, &trees_theme,
};

#define THEMES (sizeof(themes) / sizeof(themes[0]))
#define LEAST  60

static const char introduction[] =
	"<!-- SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause -->\n"
	"# Errors, and what to do about each\n"
	"\n"
	"What a VMM's author runs into, by theme: what was done, the status and the message that came of\n"
	"it, word for word, and what to do. Most of these end, where nothing is checked, in a guest that\n"
	"hangs without a word.\n"
	"\n"
	"`struct pvhload_error` also has the numbers for a program: offset, guest-physical address, which\n"
	"file, and what a callback returned. Texts may get better in any version: a program decides by the\n"
	"status.\n"
	"\n"
	"This page is printed by the test that makes each of these mistakes (`tests/errors/`); that test\n"
	"holds the library to every message here.\n";

/* Mistakes are numbered through all themes. */
static const struct mistake *mistake(int number)
{
	size_t n = (size_t)number;

	for (size_t i = 0; i < THEMES; i++) {
		if (n < themes[i]->count)
			return &themes[i]->mistakes[n];
		n -= themes[i]->count;
	}
	return NULL;
}

static int mistakes(void)
{
	size_t count = 0;

	for (size_t i = 0; i < THEMES; i++)
		count += themes[i]->count;
	return (int)count;
}

START_TEST(is_told)
{
	const struct mistake *m = mistake(_i);
	const struct pvhload_error err = m->make();

#ifndef PVL_HAVE_FDT
	/* What is wrong with a plan that has a device tree is not found without libfdt. */
	if (strstr(err.message, "takes libfdt"))
		return;
#endif
	ck_assert_msg(err.status == (int32_t)m->status, "%s: %s, expected %s (%s)", m->title,
		      pvhload_status_name(err.status), pvhload_status_name(m->status), err.message);
	ck_assert_msg(strcmp(err.message, m->message) == 0, "%s: it says '%s', expected '%s'",
		      m->title, err.message, m->message);
}
END_TEST

START_TEST(is_in_the_table_once)
{
	ck_assert_int_ge(mistakes(), LEAST);
	for (int i = 0; i < mistakes(); i++) {
		ck_assert_msg(strchr(mistake(i)->message, '\n') == NULL, "%s", mistake(i)->title);
		ck_assert_msg(mistake(i)->advice[0] != '\0', "%s", mistake(i)->title);
		for (int k = 0; k < i; k++) {
			ck_assert_str_ne(mistake(i)->title, mistake(k)->title);
			ck_assert_str_ne(mistake(i)->message, mistake(k)->message);
		}
	}
}
END_TEST

static void print_markdown(void)
{
	fputs(introduction, stdout);
	for (size_t i = 0; i < THEMES; i++) {
		printf("\n## %s\n", themes[i]->title);
		for (size_t k = 0; k < themes[i]->count; k++) {
			const struct mistake *m = &themes[i]->mistakes[k];

			printf("\n### %s\n\n`%s`\n\n```\n%s\n```\n\n%s\n", m->title,
			       pvhload_status_name((int32_t)m->status), m->message, m->advice);
		}
	}
}

int main(int argc, char **argv)
{
	Suite *suite;
	TCase *all;

	if (argc == 2 && strcmp(argv[1], "--markdown") == 0) {
		print_markdown();
		return EXIT_SUCCESS;
	}
	suite = suite_create("errors");
	all = tcase_create("errors");
	tcase_add_loop_test(all, is_told, 0, mistakes());
	tcase_add_test(all, is_in_the_table_once);
	suite_add_tcase(suite, all);
	return run_suite(suite);
}
