/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Finding, replacing, removing and comparing parameters. */
#include "cmdline_fixture.h"

static struct pvhload_error refused;

static void is_param(const struct pvhload_cmdline *line, const struct pvhload_cmdline_param *param,
		     const char *key, const char *value, const char *raw)
{
	ck_assert_uint_eq(param->struct_size, sizeof(*param));
	ck_assert_uint_eq(param->key_length, strlen(key));
	ck_assert_mem_eq(param->key, key, strlen(key));
	ck_assert_int_eq(!param->value, !value);
	ck_assert_uint_eq(param->value_length, value ? strlen(value) : 0);
	if (value)
		ck_assert_mem_eq(param->value, value, strlen(value));
	ck_assert_uint_eq(param->end - param->start, strlen(raw));
	ck_assert_mem_eq(pvhload_cmdline_str(line) + param->start, raw, strlen(raw));
	ck_assert_uint_eq(param->reserved, 0);
}

START_TEST(going_through)
{
	struct pvhload_cmdline *line = parsed("a=\"b c\" -- d -- e");
	struct pvhload_cmdline_param p = PVHLOAD_CMDLINE_PARAM_INIT, before;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_cmdline_next(line, &p, &err));
	is_param(line, &p, "a", "b c", "a=\"b c\"");
	ck_assert_uint_eq(p.section, PVHLOAD_CMDLINE_KERNEL);
	ck_status(PVHLOAD_OK, err, pvhload_cmdline_next(line, &p, &err));
	is_param(line, &p, "d", NULL, "d");
	ck_assert_uint_eq(p.section, PVHLOAD_CMDLINE_INIT);
	ck_status(PVHLOAD_OK, err, pvhload_cmdline_next(line, &p, &err));
	is_param(line, &p, "e", NULL, "e");
	ck_assert_uint_eq(p.section, PVHLOAD_CMDLINE_IGNORED);
	before = p;
	ck_status(PVHLOAD_E_NOT_FOUND, err, pvhload_cmdline_next(line, &p, &err));
	ck_assert_mem_eq(&p, &before, sizeof(p));

	p.end = SIZE_MAX; /* of another command line */
	ck_status(PVHLOAD_E_NOT_FOUND, err, pvhload_cmdline_next(line, &p, &err));
	p.struct_size = sizeof(p) - 8;
	ck_status(PVHLOAD_E_USAGE, err, pvhload_cmdline_next(line, &p, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_cmdline_next(line, NULL, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_cmdline_next(NULL, &before, &err));
	pvhload_cmdline_free(line);
}
END_TEST

START_TEST(finding)
{
	struct pvhload_cmdline *line = parsed("a-b=1 c a_b=\"2 3\" x=--x a-b -- a_b=5 d");
	struct pvhload_cmdline_param p = PVHLOAD_CMDLINE_PARAM_INIT, before = p;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_cmdline_get(line, "a_b", 0, &p, &err));
	is_param(line, &p, "a-b", "1", "a-b=1");
	ck_status(PVHLOAD_OK, err, pvhload_cmdline_get(line, "a-b", 1, &p, &err));
	is_param(line, &p, "a_b", "2 3", "a_b=\"2 3\"");
	ck_status(PVHLOAD_OK, err,
		  pvhload_cmdline_get(line, "a_b", PVHLOAD_CMDLINE_LAST, &p, &err));
	is_param(line, &p, "a-b", NULL, "a-b");
	ck_assert_uint_eq(p.section, PVHLOAD_CMDLINE_KERNEL);
	before = p;
	ck_status(PVHLOAD_E_NOT_FOUND, err, pvhload_cmdline_get(line, "a_b", 3, &p, &err));
	ck_says(err, "has a_b only 3 times");
	ck_status(PVHLOAD_E_NOT_FOUND, err, pvhload_cmdline_get(line, "d", 0, &p, &err));
	ck_says(err, "has no parameter d");
	ck_status(PVHLOAD_E_NOT_FOUND, err,
		  pvhload_cmdline_get(line, "a", PVHLOAD_CMDLINE_LAST, &p, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_cmdline_get(NULL, "a", 0, &p, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_cmdline_get(line, NULL, 0, &p, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_cmdline_get(line, "a", 0, NULL, &err));
	ck_assert_mem_eq(&p, &before, sizeof(p));

	ck_assert_int_eq(pvhload_cmdline_has(line, "a_b"), 1);
	ck_assert_int_eq(pvhload_cmdline_has(line, "x"), 1);
	ck_assert_int_eq(pvhload_cmdline_has(line, "--x"), 0);
	ck_assert_int_eq(pvhload_cmdline_has(line, "d"), 0);
	ck_assert_int_eq(pvhload_cmdline_has(line, "a-b=1"), 0);
	ck_assert_int_eq(pvhload_cmdline_has(line, ""), 0);
	ck_assert_int_eq(pvhload_cmdline_has(line, NULL), 0);
	ck_assert_int_eq(pvhload_cmdline_has(NULL, "x"), 0);
	pvhload_cmdline_free(line);
}
END_TEST

START_TEST(replacing)
{
	struct pvhload_cmdline *line = parsed("a-b=1 c a_b=2 -- a_b");

	ck_done(line, "a_b=\"x y\" c -- a_b",
		pvhload_cmdline_replace(line, "a_b", "x y", &done_err_));
	ck_done(line, "a_b c -- a_b", pvhload_cmdline_replace(line, "a_b", NULL, &done_err_));
	ck_done(line, "a_b c=long -- a_b", pvhload_cmdline_replace(line, "c", "long", &done_err_));
	ck_refused(line, PVHLOAD_E_NOT_FOUND, pvhload_cmdline_replace(line, "d", "1", &refused),
		   "has no parameter d");
	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_replace(line, "c", "\"", &refused),
		   "0x22 at offset 0 of the value");
	ck_refused(line, PVHLOAD_E_USAGE, pvhload_cmdline_replace(line, NULL, "1", &refused),
		   "NULL");
	ck_refused(line, PVHLOAD_E_USAGE,
		   pvhload_cmdline_replace(line, "c", pvhload_cmdline_init_args(line), &refused),
		   "lies inside the command line");
	pvhload_cmdline_free(line);

	/* what the others leave is room enough, and no more */
	line = line_of(sizeof("aa=1 c aa=2"));
	ck_done(line, "aa=1 c aa=2", pvhload_cmdline_parse(line, "aa=1 c aa=2", &done_err_));
	ck_refused(line, PVHLOAD_E_CMDLINE,
		   pvhload_cmdline_replace(line, "aa", "1234567", &refused),
		   "would need 13 bytes with its NUL, 1 more");
	ck_done(line, "aa=123456 c", pvhload_cmdline_replace(line, "aa", "123456", &done_err_));
	pvhload_cmdline_free(line);
}
END_TEST

START_TEST(removing)
{
	static const struct {
		const char *text, *left;
	} cases[] = {
		{ "a", "" },
		{ "a b", "b" },
		{ "b a", "b" },
		{ "b a c", "b c" },
		{ "a a=1 b a=\"2 3\" c a=4", "b c" },
		{ "a -- d", "-- d" },
		{ "a a -- a", "-- a" },
		{ "b a -- d", "b -- d" },
		{ "b a=\"x y", "b" },
	};
	struct pvhload_cmdline *line;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		line = parsed(cases[i].text);
		ck_done(line, cases[i].left, pvhload_cmdline_remove(line, "a", &done_err_));
		ck_refused(line, PVHLOAD_E_NOT_FOUND, pvhload_cmdline_remove(line, "a", &refused),
			   "has no parameter a");
		pvhload_cmdline_free(line);
	}
	line = parsed("a -- d");
	ck_refused(line, PVHLOAD_E_NOT_FOUND, pvhload_cmdline_remove(line, "d", &refused),
		   "has no parameter d");
	ck_refused(line, PVHLOAD_E_USAGE, pvhload_cmdline_remove(line, NULL, &refused), "NULL");
	ck_refused(line, PVHLOAD_E_USAGE,
		   pvhload_cmdline_remove(line, pvhload_cmdline_str(line), &refused),
		   "lies inside");
	ck_status(PVHLOAD_E_USAGE, refused, pvhload_cmdline_remove(NULL, "a", &refused));
	pvhload_cmdline_free(line);
}
END_TEST

START_TEST(comparing)
{
	static const struct {
		const char *a, *b;
		int equal;
	} cases[] = {
		{ "", " ", 1 },
		{ "", "a", 0 },
		{ "a b", " a\tb", 1 },
		{ "a b", "b a", 0 },
		{ "a=\"b\"", "a=b", 1 },
		{ "a=\"b c\"", "\"a=b c\"", 1 },
		{ "a=", "a", 0 },
		{ "a=", "a=\"\"", 1 },
		{ "a=b", "a=c", 0 },
		{ "a=b", "a=bc", 0 },
		{ "a-b", "a_b", 0 }, /* init may see it */
		{ "a --", "a", 1 },
		{ "a -- b", "a b", 0 },
		{ "a -- b", "a \"--\" b", 1 },
		{ "a -- b", "a -- b -- c", 1 },
		{ "a -- b -- d", "a -- b -- c", 1 },
		{ "a -- b", "a -- b b", 0 },
	};
	struct pvhload_cmdline *a, *b;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		a = parsed(cases[i].a);
		b = parsed(cases[i].b);
		ck_assert_msg(pvhload_cmdline_equal(a, b) == cases[i].equal, "%s", cases[i].b);
		ck_assert_msg(pvhload_cmdline_equal(b, a) == cases[i].equal, "%s", cases[i].b);
		ck_assert_int_eq(pvhload_cmdline_equal(a, a), 1);
		ck_assert_int_eq(pvhload_cmdline_equal(a, NULL), 0);
		ck_assert_int_eq(pvhload_cmdline_equal(NULL, a), 0);
		pvhload_cmdline_free(a);
		pvhload_cmdline_free(b);
	}
	ck_assert_int_eq(pvhload_cmdline_equal(NULL, NULL), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cmdline_params");

	ADD_TESTS(suite, "params", going_through, finding, replacing, removing, comparing);
	return run_suite(suite);
}
