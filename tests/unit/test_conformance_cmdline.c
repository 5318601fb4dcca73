/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Command lines as rust-vmm's linux-loader (0.14) tests and treats them; each test has the name of its
 * own.  Where its rule is right ours is the same; a line with "ours:" says what holds instead, and
 * docs/linux-loader.md why.
 */
#include <stdio.h>

#include "cmdline_fixture.h"

#define HEART "\xf0\x9f\x92\x96"

static struct pvhload_error refused;

#define ADDED(line, key, value, text) \
	ck_done(line, text, pvhload_cmdline_add(line, key, value, &done_err_))
#define APPENDED(line, more, text) \
	ck_done(line, text, pvhload_cmdline_append(line, more, &done_err_))
#define INIT_ADDED(line, more, text) \
	ck_done(line, text, pvhload_cmdline_append_init_args(line, more, &done_err_))
#define NOT_ADDED(line, key, value, says) \
	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_add(line, key, value, &refused), says)
#define NOT_APPENDED(line, more, says) \
	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_append(line, more, &refused), says)
#define LIST_ADDED(line, key, values, count, text) \
	ck_done(line, text, pvhload_cmdline_add_list(line, key, values, count, &done_err_))
#define LIST_REFUSED(line, key, values, count, says) \
	ck_refused(line, PVHLOAD_E_CMDLINE,          \
		   pvhload_cmdline_add_list(line, key, values, count, &refused), says)
#define TOO_LARGE "more than its capacity"

START_TEST(insert_hello_world)
{
	struct pvhload_cmdline *line = line_of(100);

	is_text(line, "");
	ADDED(line, "hello", "world", "hello=world");
	pvhload_cmdline_free(line);
}
END_TEST

START_TEST(insert_multi)
{
	struct pvhload_cmdline *line = line_of(100);

	ADDED(line, "hello", "world", "hello=world");
	ADDED(line, "foo", "bar", "hello=world foo=bar");
	pvhload_cmdline_free(line);
}
END_TEST

START_TEST(insert_space)
{
	struct pvhload_cmdline *line = line_of(100);

	NOT_ADDED(line, "a ", "b", "0x20 at offset 1 of the parameter's name");
	NOT_ADDED(line, "a ", "b ", "0x20 at offset 1 of the parameter's name");
	NOT_ADDED(line, " a", "b", "0x20 at offset 0 of the parameter's name");
	NOT_ADDED(line, "a", "hello \"world", "0x22 at offset 6 of the value");
	NOT_ADDED(line, "a", "\"foor bar\" \"foor bar\"", "0x22 at offset 0 of the value");
	is_text(line, "");
	/* its values bring their quotes, ours get them: the text is the same */
	NOT_ADDED(line, "a", "\"b b\"", "0x22 at offset 0 of the value");
	ADDED(line, "a", "b b", "a=\"b b\"");
	NOT_ADDED(line, "c", "\" d\"", "0x22 at offset 0 of the value");
	ADDED(line, "c", " d", "a=\"b b\" c=\" d\"");
	pvhload_cmdline_free(line);

	line = line_of(100);
	ADDED(line, "a", "b ", "a=\"b \""); /* ours: quoted; NoQuoteSpace there */
	APPENDED(line, "c=\" d\"", "a=\"b \" c=\" d\"");
	/* ours: quotes that are not closed are refused */
	NOT_ADDED(line, "a", "\"b", "0x22 at offset 0");
	NOT_ADDED(line, "a", "b\"", "0x22 at offset 1");
	NOT_ADDED(line, "a", "\"", "0x22 at offset 0");
	NOT_APPENDED(line, "a=\"b", "not closed");
	pvhload_cmdline_free(line);
}
END_TEST

START_TEST(insert_equals)
{
	struct pvhload_cmdline *line = line_of(100);

	NOT_ADDED(line, "a=", "b", "0x3d at offset 1 of the parameter's name");
	NOT_ADDED(line, "a=", "b ", "0x3d at offset 1 of the parameter's name");
	NOT_ADDED(line, "=a", "b", "0x3d at offset 0 of the parameter's name");
	NOT_ADDED(line, "", "b", "name is empty");       /* ours: Linux would read the flag "=b" */
	NOT_ADDED(line, "a\"", "b", "0x22 at offset 1"); /* ours: as would the quote be read */
	is_text(line, "");
	pvhload_cmdline_free(line);
}
END_TEST

START_TEST(insert_emoji)
{
	static const char *const second[] = { HEART, "love" }, *const good[] = { "heart", "love" };
	struct pvhload_cmdline *line = line_of(100);

	NOT_ADDED(line, "heart", HEART, "0xf0 at offset 0 of the value");
	NOT_ADDED(line, HEART, "love", "0xf0 at offset 0 of the parameter's name");
	NOT_APPENDED(line, "heart=" HEART, "0xf0 at offset 6");
	LIST_REFUSED(line, HEART, good, 2, "0xf0 at offset 0 of the parameter's name");
	LIST_REFUSED(line, "heart", second, 2, "0xf0 at offset 0 of the value");
	is_text(line, "");
	pvhload_cmdline_free(line);
}
END_TEST

START_TEST(insert_string)
{
	struct pvhload_cmdline *line = line_of(13);

	APPENDED(line, "noapic", "noapic");
	APPENDED(line, "nopci", "noapic nopci");
	APPENDED(line, "", "noapic nopci"); /* ours: it adds a space, or finds no room for it */
	pvhload_cmdline_free(line);
}
END_TEST

START_TEST(insert_too_large)
{
	struct pvhload_cmdline *line = line_of(4);

	NOT_ADDED(line, "hello", "world", "would need 12 bytes with its NUL, 8 more");
	NOT_ADDED(line, "a", "world", TOO_LARGE);
	NOT_ADDED(line, "hello", "b", TOO_LARGE);
	ADDED(line, "a", "b", "a=b");
	NOT_ADDED(line, "a", "b", TOO_LARGE);
	NOT_APPENDED(line, "a", TOO_LARGE);
	is_text(line, "a=b");
	pvhload_cmdline_free(line);

	line = line_of(10);
	ADDED(line, "ab", "ba", "ab=ba");
	NOT_ADDED(line, "c", "da", "would need 11 bytes with its NUL, 1 more");
	ADDED(line, "c", "d", "ab=ba c=d");
	pvhload_cmdline_free(line);

	line = line_of(11);
	ADDED(line, "ab", "ba", "ab=ba");
	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_append_init_args(line, "da", &refused),
		   "would need 12 bytes with its NUL, 1 more");
	INIT_ADDED(line, "d", "ab=ba -- d");
	pvhload_cmdline_free(line);

	line = line_of(20);
	ADDED(line, "ab", "ba", "ab=ba");
	INIT_ADDED(line, "da", "ab=ba -- da");
	ck_refused(line, PVHLOAD_E_CMDLINE,
		   pvhload_cmdline_append_init_args(line, "abcdabcd", &refused),
		   "would need 21 bytes with its NUL, 1 more");
	INIT_ADDED(line, "abcdabc", "ab=ba -- da abcdabc");
	pvhload_cmdline_free(line);
}
END_TEST

START_TEST(add_virtio_mmio_device)
{
	const uint32_t none = PVHLOAD_VIRTIO_MMIO_NO_ID;
	struct pvhload_cmdline *line = line_of(5);

	ck_refused(line, PVHLOAD_E_CMDLINE,
		   pvhload_cmdline_add_virtio_mmio(line, 0, 0, 0, none, &refused),
		   "the size of a virtio-mmio device cannot be 0");
	/* ours: before there is a question of room, Linux takes no irq 0 */
	ck_refused(line, PVHLOAD_E_CMDLINE,
		   pvhload_cmdline_add_virtio_mmio(line, 1, 0, 0, none, &refused),
		   "the irq of a virtio-mmio device cannot be 0");
	ck_refused(line, PVHLOAD_E_CMDLINE,
		   pvhload_cmdline_add_virtio_mmio(line, 1, 0, 1, none, &refused), TOO_LARGE);
	pvhload_cmdline_free(line);

	line = line_of(150);
	ck_done(line, "virtio_mmio.device=1@0x0:1",
		pvhload_cmdline_add_virtio_mmio(line, 1, 0, 1, none, &done_err_));
	ck_done(line, "virtio_mmio.device=1@0x0:1 virtio_mmio.device=2K@0x100:2",
		pvhload_cmdline_add_virtio_mmio(line, 2 << 10, 0x100, 2, none, &done_err_));
	ck_done(line,
		"virtio_mmio.device=1@0x0:1 virtio_mmio.device=2K@0x100:2 "
		"virtio_mmio.device=3M@0x1000:3",
		pvhload_cmdline_add_virtio_mmio(line, 3 << 20, 0x1000, 3, none, &done_err_));
	ck_done(line,
		"virtio_mmio.device=1@0x0:1 virtio_mmio.device=2K@0x100:2 "
		"virtio_mmio.device=3M@0x1000:3 virtio_mmio.device=4G@0x10000:4:42",
		pvhload_cmdline_add_virtio_mmio(line, 4ull << 30, 0x10000, 4, 42, &done_err_));
	pvhload_cmdline_free(line);
}
END_TEST

START_TEST(insert_multiple)
{
	static const char *const bar[] = { "bar", "baz" }, *const space[] = { "bar " },
				 *const none[] = { "" };
	struct pvhload_cmdline *line = line_of(10);

	LIST_REFUSED(line, "foo=", NULL, 0, "0x3d at offset 3 of the parameter's name");
	LIST_REFUSED(line, "foo", NULL, 0, "the list has no values");
	/* ours: there is no room for the quotes; NoQuoteSpace there */
	LIST_REFUSED(line, "foo", space, 1, "would need 11 bytes with its NUL, 1 more");
	LIST_REFUSED(line, "foo", bar, 2, "would need 12 bytes with its NUL, 2 more");
	pvhload_cmdline_free(line);

	line = line_of(100);
	LIST_ADDED(line, "foo", bar, 1, "foo=bar");
	pvhload_cmdline_free(line);
	line = line_of(100);
	LIST_ADDED(line, "foo", bar, 2, "foo=bar,baz");
	LIST_ADDED(line, "foo", none, 1, "foo=bar,baz foo=");
	LIST_ADDED(line, "foo", space, 1, "foo=bar,baz foo= foo=\"bar \"");
	pvhload_cmdline_free(line);
}
END_TEST

/* its bytes with the NUL; and init's arguments alone, which it cannot make a text of */
START_TEST(cmdline_into_vec)
{
	struct pvhload_cmdline *line = line_of(4096);

	ck_assert_mem_eq(pvhload_cmdline_str(line), "", 1);
	pvhload_cmdline_free(line);
	line = parsed("foo");
	ck_assert_mem_eq(pvhload_cmdline_str(line), "foo", 4);
	pvhload_cmdline_free(line);
	line = line_of(4096);
	INIT_ADDED(line, "foo--bar", "-- foo--bar"); /* ours: Linux takes that */
	pvhload_cmdline_free(line);
}
END_TEST

START_TEST(partial_eq)
{
	const uint32_t none = PVHLOAD_VIRTIO_MMIO_NO_ID;
	struct pvhload_cmdline *a = line_of(20), *b = line_of(30);
	struct pvhload_error err;

	APPENDED(a, "hello world!", "hello world!");
	APPENDED(b, "hello", "hello");
	ck_assert_int_eq(pvhload_cmdline_equal(a, b), 0);
	APPENDED(b, "world!", "hello world!");
	ck_assert_int_eq(pvhload_cmdline_equal(a, b), 1);
	pvhload_cmdline_free(a);
	pvhload_cmdline_free(b);

	a = line_of(4096);
	b = line_of(4096);
	ck_assert_int_eq(pvhload_cmdline_equal(a, b), 1);
	ck_status(PVHLOAD_OK, err, pvhload_cmdline_add_virtio_mmio(a, 1, 0, 1, none, &err));
	ck_assert_int_eq(pvhload_cmdline_equal(a, b), 0);
	ck_status(PVHLOAD_OK, err, pvhload_cmdline_add_virtio_mmio(b, 1, 0, 1, none, &err));
	ck_assert_int_eq(pvhload_cmdline_equal(a, b), 1);
	pvhload_cmdline_free(a);
	pvhload_cmdline_free(b);

	/* ours: two that have arguments of init only, which it takes for equal */
	a = parsed("-- a");
	b = parsed("-- b");
	ck_assert_int_eq(pvhload_cmdline_equal(a, b), 0);
	pvhload_cmdline_free(a);
	pvhload_cmdline_free(b);
}
END_TEST

START_TEST(try_from)
{
	static const struct {
		const char *text, *boot, *init;
	} cases[] = {
		{ "hello=world foo=bar", "hello=world foo=bar", "" },
		{ "hello=world -- foo=bar", "hello=world", "foo=bar" },
		{ "hello=world --foo=bar -- arg1 --arg2", "hello=world --foo=bar", "arg1 --arg2" },
		{ "arg1-- arg2 --arg3", "arg1-- arg2 --arg3", "" },
		{ "--arg1-- -- arg2 -- --arg3", "--arg1--", "arg2 -- --arg3" },
		{ "a=\"b -- c\" d -- e ", "a=\"b -- c\" d", "e" },
		{ "foo--bar=baz a=\"b -- c\"", "foo--bar=baz a=\"b -- c\"", "" },
		{ "--foo --bar", "--foo --bar", "" },
		{ "foo=\"bar--baz\" foo", "foo=\"bar--baz\" foo", "" },
		/* cases of its rules; ours: a "--" counts at either end, and between tabs */
		{ "foo -- ", "foo", "" },
		{ "foo --", "foo", "" },
		{ "-- bar", "", "bar" },
		{ " -- bar", "", "bar" },
		{ "a\t--\tb", "a", "b" },
		{ "a=\" -- b", "a=\" -- b", "" },
	};
	struct pvhload_cmdline *line;
	struct pvhload_error err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pvhload_cmdline *whole = parsed(cases[i].text);
		const char *between = !*cases[i].init ? "" : *cases[i].boot ? " -- " : "-- ";
		char text[64];

		snprintf(text, sizeof(text), "%s%s%s", cases[i].boot, between, cases[i].init);
		is_text(whole, text);
		ck_assert_str_eq(pvhload_cmdline_init_args(whole), cases[i].init);
		pvhload_cmdline_free(whole);
	}
	ck_status(PVHLOAD_E_USAGE, err, pvhload_cmdline_new(0, &line, &err));
	line = line_of(10);
	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_parse(line, "foo --  bar", &refused),
		   "would need 11 bytes with its NUL, 1 more");
	pvhload_cmdline_free(line);
	line = line_of(11);
	ck_done(line, "foo -- bar", pvhload_cmdline_parse(line, "foo --  bar", &done_err_));
	/* ours: it takes any bytes here */
	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_parse(line, HEART, &refused), "0xf0");
	pvhload_cmdline_free(line);
}
END_TEST

START_TEST(try_from_err)
{
	static const char text[] = "console=ttyS0 nomodules -- /etc/password --param";
	struct pvhload_cmdline *line = NULL;
	struct pvhload_error err;
	char many[4097];

	ck_status(PVHLOAD_E_USAGE, err, pvhload_cmdline_new(0, &line, &err));
	ck_assert_ptr_null(line);
	line = line_of(4095);
	memset(many, 'X', 4096);
	many[4096] = '\0';
	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_parse(line, many, &refused),
		   "would need 4097 bytes with its NUL, 2 more");
	pvhload_cmdline_free(line);
	line = line_of(4096);
	ck_done(line, text, pvhload_cmdline_parse(line, text, &done_err_));
	pvhload_cmdline_free(line);
}
END_TEST

START_TEST(as_cstring)
{
	struct pvhload_cmdline *line = line_of(4096);

	is_text(line, "");
	/* ours: NoBootArgsInserted there */
	INIT_ADDED(line, "/etc/password", "-- /etc/password");
	ADDED(line, "console", "ttyS0", "console=ttyS0 -- /etc/password");
	APPENDED(line, "nomodules", "console=ttyS0 nomodules -- /etc/password");
	INIT_ADDED(line, "--param", "console=ttyS0 nomodules -- /etc/password --param");
	pvhload_cmdline_free(line);
}
END_TEST

/* ours: text that would end the parameters, or init's arguments, unseen */
START_TEST(dashes_in_text)
{
	struct pvhload_cmdline *line = parsed("foo");

	NOT_APPENDED(line, "--", "\"--\" at offset 0");
	NOT_APPENDED(line, "a -- b", "\"--\" at offset 2");
	NOT_ADDED(line, "--", NULL, "would end the kernel's parameters");
	ck_refused(line, PVHLOAD_E_CMDLINE,
		   pvhload_cmdline_append_init_args(line, "a -- b", &refused), "offset 2");
	pvhload_cmdline_free(line);
}
END_TEST

START_TEST(doctests)
{
	static const char *const values[] = { "bar", "baz" };
	struct pvhload_cmdline *line = line_of(100);

	APPENDED(line, "foobar", "foobar");
	pvhload_cmdline_free(line);
	line = line_of(100);
	ADDED(line, "foo", "bar", "foo=bar");
	pvhload_cmdline_free(line);
	line = line_of(100);
	LIST_ADDED(line, "foo", values, 2, "foo=bar,baz");
	pvhload_cmdline_free(line);
	line = line_of(100);
	APPENDED(line, "foo", "foo");
	INIT_ADDED(line, "bar", "foo -- bar");
	pvhload_cmdline_free(line);
	line = line_of(100);
	ck_done(line, "virtio_mmio.device=4K@0x1000:5:42",
		pvhload_cmdline_add_virtio_mmio(line, 1 << 12, 0x1000, 5, 42, &done_err_));
	pvhload_cmdline_free(line);
	line = line_of(100);
	ck_done(line, "foo -- bar", pvhload_cmdline_parse(line, "foo -- bar", &done_err_));
	pvhload_cmdline_free(line);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("conformance_cmdline");

	ADD_TESTS(suite, "cmdline", insert_hello_world, insert_multi, insert_space, insert_equals,
		  insert_emoji, insert_string, insert_too_large, add_virtio_mmio_device,
		  insert_multiple, cmdline_into_vec, partial_eq, try_from, try_from_err, as_cstring,
		  dashes_in_text, doctests);
	return run_suite(suite);
}
