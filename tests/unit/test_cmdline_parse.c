/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Text taken apart as Linux does it; tests/boot/test_cmdline.py has a kernel do the same.
 *
 * ABI source: Linux, lib/cmdline.c, kernel/params.c, init/main.c.
 */
#include <stdio.h>

#include "cmdline_fixture.h"

static struct pvhload_error refused;

/* The words as "kernel|init|ignored", each a list of KEY or KEY:VALUE in brackets. */
static void describe(const struct pvhload_cmdline *line, char *to, size_t size)
{
	struct pvhload_cmdline_param p = PVHLOAD_CMDLINE_PARAM_INIT;
	uint32_t section = 0;
	size_t used = 0;

	to[0] = '\0';
	while (pvhload_cmdline_next(line, &p, NULL) == PVHLOAD_OK) {
		for (; section < p.section; section++)
			used += (size_t)snprintf(to + used, size - used, "|");
		used += (size_t)snprintf(to + used, size - used, "[%.*s%s%.*s]", (int)p.key_length,
					 p.key, p.value ? ":" : "", (int)p.value_length,
					 p.value ? p.value : "");
		ck_assert_uint_lt(used, size);
	}
}

static const struct {
	const char *text, *words, *str; /* str: NULL if the text itself */
} cases[] = {
	{ "", "", NULL },
	{ " \t\n\v\f\r", "", "" },
	{ "a", "[a]", NULL },
	{ "  a   b  ", "[a][b]", "a b" },
	{ "\ta\tb=c\n", "[a][b:c]", "a b=c" },
	/* values */
	{ "a= b=c=d e==", "[a:][b:c=d][e:=]", NULL },
	{ "a=\"b c\" d=\"\" e=\"f\"", "[a:b c][d:][e:f]", NULL },
	{ "a=\"b\"c d=e\"f g\"h", "[a:b\"c][d:e\"f g\"h]", NULL },
	{ "a=b\" c\"", "[a:b\" c\"]", NULL },
	{ "a=\"b c\"d\" e\"", "[a:b c\"d\" e]", NULL },
	/* names */
	{ "=a =b=c == ===", "[=a][=b:c][=:][=:=]", NULL },
	{ "\"a b\" \"c d=e f\" \"g=h\"", "[a b][c d:e f][g:h]", NULL },
	{ "\"a=\"b\"", "[a:b]", NULL },
	{ "\"\" \"=\" \"=\"", "[][=][=]", NULL },
	{ "a\"b c\"=d", "[a\"b c\":d]", NULL },
	/* quotes that are not closed */
	{ "a=\"b c ", "[a:b c ]", NULL },
	{ "a \"", "[a][]", NULL },
	{ "a=\"", "[a:]", NULL },
	{ "\"a b=c", "[a b:c]", NULL },
	{ "a=\" -- b", "[a: -- b]", NULL },
	{ "a\" -- b", "[a\" -- b]", NULL },
	/* where parameters end */
	{ "-- a b=c", "|[a][b:c]", NULL },
	{ "a -- b", "[a]|[b]", NULL },
	{ "a --", "[a]", "a" },
	{ "a -- ", "[a]", "a" },
	{ "--", "", "" },
	{ "a\t--\nb", "[a]|[b]", "a -- b" },
	{ "a \"--\" b", "[a]|[b]", "a -- b" },
	{ "a \"--", "[a]", "a" },
	{ "a -- b -- c d", "[a]|[b]|[c][d]", NULL },
	{ "a -- -- c -- d", "[a]||[c][--][d]", NULL },
	{ "-- --", "", "-- --" },
	{ "a --b c-- --=d --- -", "[a][--b][c--][--:d][---][-]", NULL },
	{ "a=\"b -- c\" -- d=\"e -- f\"", "[a:b -- c]|[d:e -- f]", NULL },
	{ "a=-- -- b", "[a:--]|[b]", NULL },
};

START_TEST(texts)
{
	struct pvhload_cmdline *line = parsed("something=else -- before");
	char words[256], again[256];
	struct pvhload_error err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *str = cases[i].str ? cases[i].str : cases[i].text;
		const size_t length = strlen(str);
		struct pvhload_cmdline *fitting = line_of(length + 1);

		ck_status(PVHLOAD_OK, err, pvhload_cmdline_parse(line, cases[i].text, &err));
		describe(line, words, sizeof(words));
		ck_assert_msg(strcmp(words, cases[i].words) == 0, "%s: %s", cases[i].text, words);
		is_text(line, str);

		ck_status(PVHLOAD_OK, err, pvhload_cmdline_parse(fitting, str, &err));
		describe(fitting, again, sizeof(again));
		ck_assert_str_eq(again, words);
		is_text(fitting, str);
		pvhload_cmdline_free(fitting);
		if (length == 0)
			continue;
		fitting = line_of(length);
		ck_refused(fitting, PVHLOAD_E_CMDLINE,
			   pvhload_cmdline_parse(fitting, cases[i].text, &refused),
			   "with its NUL, 1 more than its capacity");
		pvhload_cmdline_free(fitting);
	}
	pvhload_cmdline_free(line);
}
END_TEST

START_TEST(refusals)
{
	struct pvhload_cmdline *line = parsed("a -- b");

	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_parse(line, "c \x80", &refused),
		   "character 0x80 at offset 2 is not printable ASCII");
	ck_assert_uint_eq(refused.offset, 2);
	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_parse(line, "c -- d\xa0", &refused),
		   "character 0xa0 at offset 6");
	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_parse(line, "c=\"d\ne\"", &refused),
		   "character 0x0a at offset 4 is not printable ASCII, and it is within quotes");
	ck_refused(line, PVHLOAD_E_USAGE, pvhload_cmdline_parse(line, NULL, &refused), "NULL");
	ck_refused(line, PVHLOAD_E_USAGE,
		   pvhload_cmdline_parse(line, pvhload_cmdline_init_args(line), &refused),
		   "lies inside the command line");
	ck_status(PVHLOAD_E_USAGE, refused, pvhload_cmdline_parse(NULL, "", &refused));
	pvhload_cmdline_free(line);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cmdline_parse");

	ADD_TESTS(suite, "parse", texts, refusals);
	return run_suite(suite);
}
