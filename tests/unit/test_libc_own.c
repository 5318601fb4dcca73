/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The C library of docs/examples/firmware, here under names of its own, does what this machine's does. */
#include <stdarg.h>
#include <stdio.h>

#include "suite.h"

#define ROOM       40
#define ARENA_SIZE (1u << 20)

void *own_malloc(size_t size);
void *own_calloc(size_t count, size_t size);
void *own_realloc(void *p, size_t size);
void own_free(void *p);
void *own_memcpy(void *dst, const void *src, size_t size);
void *own_memmove(void *dst, const void *src, size_t size);
void *own_memset(void *dst, int c, size_t size);
int own_memcmp(const void *a, const void *b, size_t size);
void *own_memchr(const void *p, int c, size_t size);
void *own_memmem(const void *p, size_t size, const void *part, size_t part_size);
size_t own_strlen(const char *s);
int own_strcmp(const char *a, const char *b);
char *own_strchr(const char *s, int c);
size_t own_strcspn(const char *s, const char *banned);
char *own_strdup(const char *s);
void *own_bsearch(const void *key, const void *base, size_t count, size_t size,
		  int (*compare)(const void *, const void *));
void own_qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *));
int own_vsnprintf(char *dst, size_t size, const char *format, va_list args);

/* Into any room, down to none. */
static void same_text(const char *format, ...)
{
	for (size_t room = 0; room <= ROOM; room++) {
		char own[ROOM + 1], other[ROOM + 1];
		int own_length, length;
		va_list args;

		memset(own, '~', sizeof(own));
		memset(other, '~', sizeof(other));
		va_start(args, format);
		own_length = own_vsnprintf(own, room, format, args);
		va_end(args);
		va_start(args, format);
		length = vsnprintf(other, room, format, args);
		va_end(args);
		ck_assert_int_eq(own_length, length);
		ck_assert_msg(memcmp(own, other, sizeof(own)) == 0, "%s into %zu: %.40s, not %.40s",
			      format, room, own, other);
	}
}

START_TEST(texts)
{
	same_text("");
	same_text("%s and %s", "one", "another, which is too long for the room");
	same_text("%.*s|%.64s|%.*s|", 3, "abcdef", "short", 0, "abcdef");
	same_text("%d %d %d", 0, -1, INT32_MAX);
	same_text("%d", INT32_MIN);
	same_text("%u %x", UINT32_MAX, UINT32_MAX);
	same_text("%u.%02u %02x %02x", 2u, 5u, 7u, 0x123u);
	same_text("%zu %zx", SIZE_MAX, SIZE_MAX);
	same_text("%lu %lx", 0ul, 0x123456789abcdeful);
	same_text("%ld %ld", INT64_MIN, INT64_MAX);
}
END_TEST

static int by_number(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

START_TEST(searches)
{
	static const char text[] = "a line, and another";
	static const uint32_t numbers[] = { 1, 3, 5, 8, 13 };

	ck_assert_uint_eq(own_strlen(""), 0);
	ck_assert_uint_eq(own_strlen(text), 19);
	ck_assert_uint_eq(own_strcspn(text, ".,"), 6);
	ck_assert_uint_eq(own_strcspn(text, "%"), 19);
	ck_assert_ptr_eq(own_strchr(text, 'n'), text + 4);
	ck_assert_ptr_eq(own_strchr(text, '\0'), text + 19);
	ck_assert_ptr_null(own_strchr(text, '%'));
	ck_assert_ptr_eq(own_memchr(text, '\0', 20), text + 19);
	ck_assert_ptr_null(own_memchr(text, 'r', 18));
	ck_assert_ptr_eq(own_memmem(text, 19, "other", 5), text + 14);
	ck_assert_ptr_null(own_memmem(text, 18, "other", 5));
	ck_assert_ptr_null(own_memmem(text, 4, "other", 5));
	ck_assert_int_eq(own_memcmp("ab\377", "ab\1", 2), 0);
	ck_assert_int_gt(own_memcmp("ab\377", "ab\1", 3), 0);
	ck_assert_int_lt(own_strcmp("ab", "abc"), 0);
	ck_assert_int_gt(own_strcmp("\377", "a"), 0);
	ck_assert_int_eq(own_strcmp("ab", "ab"), 0);
	for (uint32_t key = 0; key < 15; key++)
		for (size_t count = 0; count <= 5; count++)
			ck_assert_ptr_eq(own_bsearch(&key, numbers, count, 4, by_number),
					 bsearch(&key, numbers, count, 4, by_number));
}
END_TEST

/* Five numbers below 5, in each order. */
START_TEST(sorting)
{
	for (uint32_t n = 0; n < 3125; n++) {
		uint32_t own[5], other[5];

		for (uint32_t i = 0, rest = n; i < 5; i++, rest /= 5)
			own[i] = other[i] = rest % 5;
		own_qsort(own, 5, 4, by_number);
		qsort(other, 5, 4, by_number);
		ck_assert_mem_eq(own, other, sizeof(own));
	}
	own_qsort(NULL, 0, 4, by_number);
}
END_TEST

/* From each place to each other, however they overlap. */
START_TEST(moving)
{
	for (size_t from = 0; from < 12; from++)
		for (size_t to = 0; to < 12; to++)
			for (size_t size = 0; size <= 8; size++) {
				char own[] = "abcdefghijklmnopqrst",
				     other[] = "abcdefghijklmnopqrst";

				ck_assert_ptr_eq(own_memmove(own + to, own + from, size), own + to);
				memmove(other + to, other + from, size);
				ck_assert_str_eq(own, other);
			}
	char bytes[] = "abcdef";

	ck_assert_ptr_eq(own_memset(bytes + 1, 'x', 3), bytes + 1);
	ck_assert_ptr_eq(own_memcpy(bytes + 4, "yz", 2), bytes + 4);
	ck_assert_str_eq(bytes, "axxxyz");
}
END_TEST

START_TEST(memory)
{
	char *first = own_malloc(5), *second = own_calloc(2, 9), *grown;
	size_t total = 0;

	ck_assert_uint_eq((uintptr_t)first % 16, 0);
	ck_assert_uint_eq((uintptr_t)second % 16, 0);
	memcpy(first, "abcd", 5);
	grown = own_realloc(first, 100);
	ck_assert_str_eq(grown, "abcd");
	ck_assert_ptr_eq(own_realloc(grown, 50), grown);
	/* the last block is used again, and is 0 if it is asked to be */
	memset(grown, 'x', 100);
	own_free(grown);
	ck_assert_ptr_eq(own_calloc(10, 10), grown);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(grown[i], 0);
	for (int i = 0; i < 18; i++)
		ck_assert_int_eq(second[i], 0);
	own_free(grown);
	own_free(NULL);
	ck_assert_ptr_null(own_calloc(SIZE_MAX / 2, 3));
	ck_assert_ptr_null(own_malloc(SIZE_MAX));
	ck_assert_ptr_null(own_malloc(ARENA_SIZE));
	ck_assert_str_eq(own_strdup("a text"), "a text");
	/* as large as they may be, until there is no more; a sanitizer sees that they are ours */
	for (size_t size = ARENA_SIZE; size > 0; size /= 2)
		while ((grown = own_malloc(size)) != NULL) {
			memset(grown, 'x', size);
			total += size;
		}
	ck_assert_uint_gt(total, ARENA_SIZE - 4096);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("libc_own");

	ADD_TESTS(suite, "libc_own", texts, searches, sorting, moving, memory);
	return run_suite(suite);
}
