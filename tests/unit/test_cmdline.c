/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Building a command line: what is on it afterwards, what is refused, and that nothing is cut short. */
#include "cmdline_fixture.h"
#include "cmdline_model.h"
#include "fake_memory.h"

static struct pvhload_error refused;

START_TEST(new_ones)
{
	struct pvhload_cmdline *line = NULL;
	struct pvhload_error err;

	ck_status(PVHLOAD_E_USAGE, err, pvhload_cmdline_new(0, &line, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_cmdline_new(1, NULL, &err));
	ck_status(PVHLOAD_E_LIMIT, err,
		  pvhload_cmdline_new(PVHLOAD_CMDLINE_CAPACITY_MAX + 1, &line, &err));
	ck_says(err, "65537 bytes", "65536");
	ck_status(PVHLOAD_E_LIMIT, err, pvhload_cmdline_new(SIZE_MAX, &line, &err));
	ck_assert_ptr_null(line);
	line = line_of(PVHLOAD_CMDLINE_CAPACITY_MAX);
	ck_assert_uint_eq(pvhload_cmdline_capacity(line), PVHLOAD_CMDLINE_CAPACITY_MAX);
	pvhload_cmdline_free(line);
	line = line_of(1);
	is_text(line, "");
	ck_assert_str_eq(pvhload_cmdline_init_args(line), "");
	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_add(line, "a", NULL, &refused),
		   "would need 2 bytes with its NUL, 1 more than its capacity");
	pvhload_cmdline_free(line);
	pvhload_cmdline_free(NULL);
	ck_assert_str_eq(pvhload_cmdline_str(NULL), "");
	ck_assert_str_eq(pvhload_cmdline_init_args(NULL), "");
	ck_assert_uint_eq(pvhload_cmdline_length(NULL), 0);
	ck_assert_uint_eq(pvhload_cmdline_capacity(NULL), 0);
}
END_TEST

START_TEST(copies)
{
	struct pvhload_cmdline *line = parsed("a=1 -- b"), *copy = NULL;
	struct pvhload_error err;

	ck_status(PVHLOAD_E_USAGE, err, pvhload_cmdline_copy(NULL, 0, &copy, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_cmdline_copy(line, 0, NULL, &err));
	ck_status(PVHLOAD_E_LIMIT, err,
		  pvhload_cmdline_copy(line, PVHLOAD_CMDLINE_CAPACITY_MAX + 1, &copy, &err));
	ck_status(PVHLOAD_E_CMDLINE, err, pvhload_cmdline_copy(line, 8, &copy, &err));
	ck_says(err, "would need 9 bytes with its NUL, 1 more than its capacity");
	ck_assert_ptr_null(copy);

	ck_status(PVHLOAD_OK, err, pvhload_cmdline_copy(line, 9, &copy, &err));
	is_text(copy, "a=1 -- b");
	ck_assert_uint_eq(pvhload_cmdline_capacity(copy), 9);
	ck_assert_str_eq(pvhload_cmdline_init_args(copy), "b");
	pvhload_cmdline_free(copy);

	ck_status(PVHLOAD_OK, err, pvhload_cmdline_copy(line, 0, &copy, &err));
	ck_assert_uint_eq(pvhload_cmdline_capacity(copy), 4096);
	ck_done(copy, "a=1 c -- b", pvhload_cmdline_add(copy, "c", NULL, &done_err_));
	is_text(line, "a=1 -- b");
	pvhload_cmdline_free(copy);
	pvhload_cmdline_free(line);
}
END_TEST

START_TEST(adding)
{
	struct pvhload_cmdline *line = line_of(100);

	ck_done(line, "quiet", pvhload_cmdline_add(line, "quiet", NULL, &done_err_));
	ck_done(line, "quiet a=", pvhload_cmdline_add(line, "a", "", &done_err_));
	ck_done(line, "quiet a= b=c=d,e", pvhload_cmdline_add(line, "b", "c=d,e", &done_err_));
	ck_done(line, "quiet a= b=c=d,e f=\" g h \"",
		pvhload_cmdline_add(line, "f", " g h ", &done_err_));
	ck_done(line, "quiet a= b=c=d,e f=\" g h \" -x'y=~!",
		pvhload_cmdline_add(line, "-x'y", "~!", &done_err_));
	ck_done(line, "quiet a= b=c=d,e f=\" g h \" -x'y=~! --=1",
		pvhload_cmdline_add(line, "--", "1", &done_err_));
	pvhload_cmdline_free(line);
}
END_TEST

START_TEST(what_cannot_be_added)
{
	struct pvhload_cmdline *line = parsed("a b -- c");
	static const struct {
		const char *key, *value, *says;
		uint64_t offset;
	} cases[] = {
		{ "", NULL, "the parameter's name is empty", 0 },
		{ "--", NULL, "the flag \"--\" would end the kernel's parameters", 0 },
		{ "a b", NULL,
		  "character 0x20 at offset 1 of the parameter's name would end the word", 1 },
		{ "ab=", "c",
		  "character 0x3d at offset 2 of the parameter's name would end the name", 2 },
		{ "\"a", "c", "character 0x22 at offset 0 of the parameter's name cannot be quoted",
		  0 },
		{ "a\t", "c",
		  "character 0x09 at offset 1 of the parameter's name is not printable ASCII", 1 },
		{ "a", "c\"", "character 0x22 at offset 1 of the value cannot be quoted", 1 },
		{ "a", "\n", "character 0x0a at offset 0 of the value is not printable ASCII", 0 },
		{ "a", "bc\x7f", "character 0x7f at offset 2 of the value is not printable ASCII",
		  2 },
		{ "a", "\xf0\x9f\x92\x96",
		  "character 0xf0 at offset 0 of the value is not printable", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *const values[] = { "x", cases[i].value };

		ck_refused(line, PVHLOAD_E_CMDLINE,
			   pvhload_cmdline_add(line, cases[i].key, cases[i].value, &refused),
			   cases[i].says);
		ck_assert_uint_eq(refused.offset, cases[i].offset);
		if (!cases[i].value)
			continue;
		ck_refused(line, PVHLOAD_E_CMDLINE,
			   pvhload_cmdline_add_list(line, cases[i].key, values, 2, &refused),
			   cases[i].says);
	}
	ck_refused(line, PVHLOAD_E_USAGE, pvhload_cmdline_add(line, NULL, "x", &refused), "NULL");
	ck_status(PVHLOAD_E_USAGE, refused, pvhload_cmdline_add(NULL, "x", "x", &refused));
	ck_refused(line, PVHLOAD_E_USAGE,
		   pvhload_cmdline_add(line, pvhload_cmdline_str(line) + 7, NULL, &refused),
		   "lies inside the command line");
	ck_refused(line, PVHLOAD_E_USAGE,
		   pvhload_cmdline_add(line, "x", pvhload_cmdline_str(line), &refused),
		   "lies inside the command line");
	pvhload_cmdline_free(line);
}
END_TEST

START_TEST(lists)
{
	static const char *const one[] = { "x" }, *const two[] = { "x", "" },
				 *const three[] = { "x y", "z", "w" }, *const comma[] = { "x,y" },
				 *const hole[] = { "x", NULL };
	struct pvhload_cmdline *line = line_of(100);

	ck_done(line, "a=x", pvhload_cmdline_add_list(line, "a", one, 1, &done_err_));
	ck_done(line, "a=x b=x,", pvhload_cmdline_add_list(line, "b", two, 2, &done_err_));
	ck_done(line, "a=x b=x, c=\"x y,z,w\"",
		pvhload_cmdline_add_list(line, "c", three, 3, &done_err_));
	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_add_list(line, "d", comma, 1, &refused),
		   "character 0x2c at offset 1 of the value would separate values");
	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_add_list(line, "d", one, 0, &refused),
		   "the list has no values");
	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_add_list(line, "d", NULL, 0, &refused),
		   "the list has no values");
	ck_refused(line, PVHLOAD_E_USAGE, pvhload_cmdline_add_list(line, "d", NULL, 1, &refused),
		   "NULL");
	ck_refused(line, PVHLOAD_E_USAGE, pvhload_cmdline_add_list(line, "d", hole, 2, &refused),
		   "NULL");
	ck_refused(line, PVHLOAD_E_USAGE, pvhload_cmdline_add_list(line, NULL, one, 1, &refused),
		   "NULL");
	pvhload_cmdline_free(line);
}
END_TEST

START_TEST(appending)
{
	struct pvhload_cmdline *line = line_of(100);

	ck_done(line, "", pvhload_cmdline_append(line, "", &done_err_));
	ck_done(line, "", pvhload_cmdline_append(line, " \t\n", &done_err_));
	ck_done(line, "a b=\"c  d\"",
		pvhload_cmdline_append(line, "\ta   b=\"c  d\"\r\n", &done_err_));
	ck_done(line, "a b=\"c  d\" --x", pvhload_cmdline_append(line, "--x", &done_err_));
	ck_done(line, "a b=\"c  d\" --x", pvhload_cmdline_append(line, "", &done_err_));
	ck_done(line, "a b=\"c  d\" --x ~", pvhload_cmdline_append(line, "~", &done_err_));
	ck_refused(line, PVHLOAD_E_USAGE, pvhload_cmdline_append(line, NULL, &refused), "NULL");
	ck_status(PVHLOAD_E_USAGE, refused, pvhload_cmdline_append(NULL, "", &refused));
	pvhload_cmdline_free(line);
}
END_TEST

/* Text that is refused, whether it is to be parameters or arguments of init. */
static const struct {
	const char *text;
	uint64_t offset;
	const char *says;
} bad_texts[] = {
	{ "e -- f", 2, "the word \"--\" at offset 2 is a separator, not text to add" },
	{ "e \"--\" f", 2, "the word \"--\" at offset 2" },
	{ "e f=\"g", 2, "the quotes in the word at offset 2 are not closed" },
	{ "e=\"a\tb\"", 4,
	  "character 0x09 at offset 4 is not printable ASCII, and it is within quotes" },
	{ "e\x01", 1, "character 0x01 at offset 1 is not printable ASCII" },
	{ "\x7f", 0, "character 0x7f at offset 0 is not printable ASCII" },
	{ "\x80", 0, "character 0x80 at offset 0 is not printable ASCII" },
};

START_TEST(what_cannot_be_appended)
{
	struct pvhload_cmdline *line = parsed("a -- b");

	for (size_t i = 0; i < sizeof(bad_texts) / sizeof(bad_texts[0]); i++) {
		ck_refused(line, PVHLOAD_E_CMDLINE,
			   pvhload_cmdline_append(line, bad_texts[i].text, &refused),
			   bad_texts[i].says);
		ck_assert_uint_eq(refused.offset, bad_texts[i].offset);
		ck_refused(line, PVHLOAD_E_CMDLINE,
			   pvhload_cmdline_append_init_args(line, bad_texts[i].text, &refused),
			   bad_texts[i].says);
		ck_assert_uint_eq(refused.offset, bad_texts[i].offset);
	}
	pvhload_cmdline_free(line);
}
END_TEST

/* However they come, parameters are before the "--" and init's arguments after it. */
START_TEST(init_args)
{
	struct pvhload_cmdline *line = line_of(100);

	ck_done(line, "", pvhload_cmdline_append_init_args(line, " ", &done_err_));
	ck_done(line, "-- a", pvhload_cmdline_append_init_args(line, "a", &done_err_));
	ck_done(line, "-- a b=\"c d\"",
		pvhload_cmdline_append_init_args(line, "  b=\"c d\"", &done_err_));
	ck_done(line, "e -- a b=\"c d\"", pvhload_cmdline_add(line, "e", NULL, &done_err_));
	ck_done(line, "e f g -- a b=\"c d\"", pvhload_cmdline_append(line, "f g", &done_err_));
	ck_done(line, "e f g -- a b=\"c d\" --h",
		pvhload_cmdline_append_init_args(line, "--h", &done_err_));
	ck_assert_str_eq(pvhload_cmdline_init_args(line), "a b=\"c d\" --h");
	ck_refused(line, PVHLOAD_E_USAGE, pvhload_cmdline_append_init_args(line, NULL, &refused),
		   "NULL");
	pvhload_cmdline_free(line);

	/* after a second "--" Linux takes nothing */
	line = parsed("a -- b -- c");
	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_append_init_args(line, "d", &refused),
		   "the second \"--\", at byte 7 of the command line");
	ck_done(line, "a d -- b -- c", pvhload_cmdline_add(line, "d", NULL, &done_err_));
	pvhload_cmdline_free(line);
}
END_TEST

/* Linux panics at the 33rd argument of init. */
START_TEST(as_many_as_init_takes)
{
	struct pvhload_cmdline *line = line_of(200);

	for (int i = 0; i < 16; i++)
		ck_assert_int_eq(pvhload_cmdline_append_init_args(line, "a b=1", NULL), PVHLOAD_OK);
	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_append_init_args(line, "c", &refused),
		   "init would get 33 arguments, 1 more than the 32");
	ck_assert_int_eq(pvhload_cmdline_add(line, "quiet", NULL, NULL), PVHLOAD_OK);
	pvhload_cmdline_free(line);
	/* what is there already counts, and what is after a second "--" does not */
	line = parsed(
		"x -- 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 "
		"30 31");
	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_append_init_args(line, "a b", &refused),
		   "33 arguments");
	ck_assert_int_eq(pvhload_cmdline_append_init_args(line, "a", NULL), PVHLOAD_OK);
	pvhload_cmdline_free(line);
}
END_TEST

/* Quotes that another text left open take in all that would follow. */
START_TEST(after_open_quotes)
{
	static const char *const value[] = { "x" };
	struct pvhload_cmdline *line = parsed("a b=\"c d");
	const char *says = "the quotes that byte 4 of the command line opens are not closed";

	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_add(line, "e", NULL, &refused), says);
	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_append(line, "e", &refused), says);
	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_append_init_args(line, "e", &refused),
		   says);
	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_add_list(line, "e", value, 1, &refused),
		   says);
	ck_done(line, "a b=\"c d", pvhload_cmdline_append(line, "", &done_err_));
	ck_done(line, "a b=c", pvhload_cmdline_replace(line, "b", "c", &done_err_));
	ck_done(line, "a b=c e", pvhload_cmdline_add(line, "e", NULL, &done_err_));
	pvhload_cmdline_free(line);

	/* there, parameters still go before them */
	line = parsed("a -- \"b c");
	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_append_init_args(line, "e", &refused),
		   "byte 5 of the command line opens");
	ck_done(line, "a e -- \"b c", pvhload_cmdline_add(line, "e", NULL, &done_err_));
	ck_done(line, "a e f -- \"b c", pvhload_cmdline_append(line, "f", &done_err_));
	pvhload_cmdline_free(line);
}
END_TEST

/* What fits to the last byte is there whole; with one byte less it is refused, and says so. */
START_TEST(to_the_last_byte)
{
	static const char *const values[] = { "bb", "c c" };

	for (size_t spare = 0; spare <= 1; spare++) {
		struct pvhload_cmdline *line =
			line_of(sizeof("a=\"b c\" b=\"bb,c c\" d -- e f") - spare);
		struct pvhload_error err;

		ck_done(line, "b=\"bb,c c\"",
			pvhload_cmdline_add_list(line, "b", values, 2, &done_err_));
		ck_done(line, "b=\"bb,c c\" -- e",
			pvhload_cmdline_append_init_args(line, "e", &done_err_));
		ck_done(line, "b=\"bb,c c\" d -- e",
			pvhload_cmdline_append(line, " d ", &done_err_));
		ck_done(line, "b=\"bb,c c\" d a=\"b c\" -- e",
			pvhload_cmdline_add(line, "a", "b c", &done_err_));
		ck_status(spare ? PVHLOAD_E_CMDLINE : PVHLOAD_OK, err,
			  pvhload_cmdline_append_init_args(line, "f", &err));
		if (spare)
			ck_says(err, "would need 28 bytes with its NUL, 1 more than its capacity");
		is_text(line, spare ? "b=\"bb,c c\" d a=\"b c\" -- e"
				    : "b=\"bb,c c\" d a=\"b c\" -- e f");
		pvhload_cmdline_free(line);
	}
}
END_TEST

START_TEST(written)
{
	struct pvhload_memmap_entry entry = { 0, 0x1000, PVHLOAD_MEMMAP_RAM, 0 };
	struct pvhload_memmap map = { sizeof(map), &entry, 1, 1, 0 };
	struct pvhload_cmdline *line = parsed("a -- b");
	struct fake_memory fake;
	struct pvhload_error err;

	fake_memory_init(&fake, 0x1000, 0);
	ck_status(PVHLOAD_E_USAGE, err, pvhload_cmdline_write(NULL, &fake.memory, 0, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_cmdline_write(line, NULL, 0, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_cmdline_write(line, &fake.memory, 0, &err));
	fake.memory.memmap = &map;
	ck_status(PVHLOAD_E_RANGE, err,
		  pvhload_cmdline_write(line, &fake.memory, 0x1000 - 6, &err));
	ck_says(err, "the command line: 0x7 bytes at 0xffa");
	ck_assert_uint_eq(err.gpa, 0xffa);
	ck_status(PVHLOAD_E_RANGE, err,
		  pvhload_cmdline_write(line, &fake.memory, UINT64_MAX - 5, &err));
	entry.type = 0;
	ck_status(PVHLOAD_E_MEMMAP, err, pvhload_cmdline_write(line, &fake.memory, 0, &err));
	entry.type = PVHLOAD_MEMMAP_RAM;
	ck_assert(fake_memory_untouched(&fake));

	ck_status(PVHLOAD_OK, err, pvhload_cmdline_write(line, &fake.memory, 0x1000 - 7, &err));
	ck_assert_mem_eq(fake.bytes + 0x1000 - 7, "a -- b", 7);
	memset(fake.bytes + 0x1000 - 7, FAKE_PATTERN, 7);
	ck_assert(fake_memory_untouched(&fake));

	fake.fail_at = fake.calls + 1;
	fake.fail_with = -5;
	ck_status(PVHLOAD_E_CALLBACK, err, pvhload_cmdline_write(line, &fake.memory, 0, &err));
	ck_assert_int_eq(err.cause, -5);
	ck_assert(!fake.strayed);
	fake_memory_free(&fake);
	pvhload_cmdline_free(line);
}
END_TEST

/* Edits at random, each held against a model that has words in lists. */
START_TEST(like_the_model)
{
	uint8_t data[800];
	uint32_t state = 1;

	for (int round = 0; round < 400; round++) {
		for (size_t i = 0; i < sizeof(data); i++) {
			state = state * 1664525u + 1013904223u;
			data[i] = (uint8_t)(state >> 24);
		}
		model_edit(data, sizeof(data));
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cmdline");

	ADD_TESTS(suite, "whole", new_ones, copies, written);
	ADD_TESTS(suite, "building", adding, what_cannot_be_added, lists, appending,
		  what_cannot_be_appended, init_args, as_many_as_init_takes, after_open_quotes,
		  to_the_last_byte, like_the_model);
	return run_suite(suite);
}
