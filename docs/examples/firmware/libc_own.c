/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * All that the library wants of a C library, and no more: what core/libc.h declares.  Memory comes from a fixed arena,
 * in blocks one after the other, of which the last is used again once it is freed.
 */
#include "core/libc.h"

#include <stdbool.h>
#include <stdint.h>

#define ARENA_SIZE (1u << 20)
#define BLOCK \
	16u /* of the arena: what a block's size is a multiple of, and what its header takes */

static _Alignas(BLOCK) uint8_t arena[ARENA_SIZE];
static size_t arena_used;

/* A block's size stands before it. */
static size_t *size_of(void *p)
{
	return (size_t *)(void *)((uint8_t *)p - BLOCK);
}

void *malloc(size_t size)
{
	uint8_t *block = &arena[arena_used];

	if (size > ARENA_SIZE - 2 * BLOCK || arena_used > ARENA_SIZE - 2 * BLOCK - size)
		return NULL;
	size = (size + BLOCK - 1) / BLOCK * BLOCK;
	arena_used += BLOCK + size;
	*size_of(block + BLOCK) = size;
	return block + BLOCK;
}

void *calloc(size_t count, size_t size)
{
	void *p = size > 0 && count > SIZE_MAX / size ? NULL : malloc(count * size);

	return p ? memset(p, 0, count * size) : NULL;
}

void *realloc(void *p, size_t size)
{
	void *grown;

	if (p && size <= *size_of(p))
		return p;
	grown = malloc(size);
	if (p && grown) {
		memcpy(grown, p, *size_of(p));
		free(p);
	}
	return grown;
}

void free(void *p)
{
	if (p && (uint8_t *)p + *size_of(p) == &arena[arena_used])
		arena_used -= BLOCK + *size_of(p);
}

void *pvl_new_output(size_t size)
{
	return malloc(size);
}

/* As instructions, so that the compiler does not make calls of memcpy() and memset() out of them. */
static void *copy(void *dst, const void *src, size_t size)
{
	void *at = dst;

	__asm__ volatile("rep movsb" : "+D"(at), "+S"(src), "+c"(size) : : "memory");
	return dst;
}

void *memcpy(void *restrict dst, const void *restrict src, size_t size)
{
	return copy(dst, src, size);
}

void *memmove(void *dst, const void *src, size_t size)
{
	uint8_t *at = (uint8_t *)dst + size - 1;
	const uint8_t *from = (const uint8_t *)src + size - 1;

	if ((uintptr_t)dst <= (uintptr_t)src)
		return copy(dst, src, size);
	__asm__ volatile("std; rep movsb; cld" : "+D"(at), "+S"(from), "+c"(size) : : "memory");
	return dst;
}

void *memset(void *dst, int c, size_t size)
{
	void *at = dst;

	__asm__ volatile("rep stosb" : "+D"(at), "+c"(size) : "a"(c) : "memory");
	return dst;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const uint8_t *x = a, *y = b;

	for (size_t i = 0; i < size; i++)
		if (x[i] != y[i])
			return x[i] - y[i];
	return 0;
}

void *memchr(const void *p, int c, size_t size)
{
	const uint8_t *bytes = p;

	for (size_t i = 0; i < size; i++)
		if (bytes[i] == (uint8_t)c)
			return (void *)(uintptr_t)(bytes + i);
	return NULL;
}

void *memmem(const void *p, size_t size, const void *part, size_t part_size)
{
	const uint8_t *at = p;

	for (; size >= part_size; at++, size--)
		if (memcmp(at, part, part_size) == 0)
			return (void *)(uintptr_t)at;
	return NULL;
}

size_t strlen(const char *s)
{
	return strcspn(s, "");
}

int strcmp(const char *a, const char *b)
{
	for (; *a != '\0' && *a == *b; a++, b++)
		;
	return (unsigned char)*a - (unsigned char)*b;
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (*s == '\0')
			return NULL;
	return (char *)(uintptr_t)s;
}

size_t strcspn(const char *s, const char *banned)
{
	size_t length = 0;

	while (!strchr(banned, s[length])) /* which finds the NUL, too */
		length++;
	return length;
}

char *strdup(const char *s)
{
	const size_t size = strlen(s) + 1;
	char *copy = malloc(size);

	return copy ? memcpy(copy, s, size) : NULL;
}

void *bsearch(const void *key, const void *base, size_t count, size_t size,
	      int (*compare)(const void *, const void *))
{
	const uint8_t *first = base;

	while (count > 0) {
		const uint8_t *middle = first + count / 2 * size;
		const int order = compare(key, middle);

		if (order == 0)
			return (void *)(uintptr_t)middle;
		if (order > 0)
			first = middle + size;
		count = order > 0 ? count - count / 2 - 1 : count / 2;
	}
	return NULL;
}

/* By insertion: what is sorted here has few elements, and is nearly in order. */
void qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	uint8_t *first = base;

	for (size_t i = 0; i < count; i++)
		for (uint8_t *at = first + i * size; at > first && compare(at - size, at) > 0;
		     at -= size)
			for (uint8_t *byte = at; byte < at + size; byte++) {
				const uint8_t moved = *byte;

				*byte = *(byte - size);
				*(byte - size) = moved;
			}
}

/* What is formatted: all of it is counted, and what has room is kept. */
struct output {
	char *dst;
	size_t size, length;
	va_list args;
};

static void put(struct output *out, char c)
{
	if (out->length < out->size)
		out->dst[out->length] = c;
	out->length++;
}

static void put_number(struct output *out, bool is_long, char conversion, unsigned int width)
{
	const uint64_t mask = is_long ? UINT64_MAX : UINT32_MAX;
	const int64_t value = is_long ? va_arg(out->args, long) : va_arg(out->args, int);
	const bool negative = conversion == 'd' && value < 0;
	uint64_t rest = (negative ? -(uint64_t)value : (uint64_t)value) & mask;
	char digits[20]; /* UINT64_MAX has as many */
	unsigned int count = 0;

	if (negative)
		put(out, '-');
	for (; rest > 0 || count == 0; rest /= conversion == 'x' ? 16 : 10)
		digits[count++] = "0123456789abcdef"[rest % (conversion == 'x' ? 16 : 10)];
	for (; width > count; width--)
		put(out, '0');
	while (count > 0)
		put(out, digits[--count]);
}

/* What stands after a '%'; returns its last character. */
static const char *put_conversion(struct output *out, const char *format)
{
	unsigned int numbers[2] = { 0, UINT32_MAX }; /* the width, and after a '.' the precision */
	size_t i = 0;
	bool is_long = false;

	for (; (*format >= '0' && *format <= '9') || *format == '.' || *format == '*'; format++)
		if (*format == '.')
			numbers[++i] = 0;
		else if (*format == '*')
			numbers[i] = va_arg(out->args, unsigned int);
		else
			numbers[i] = numbers[i] * 10 + (unsigned int)(*format - '0');
	for (; *format == 'l' || *format == 'z'; format++)
		is_long = true;
	if (*format != 's')
		put_number(out, is_long, *format, numbers[0]);
	else
		for (const char *s = va_arg(out->args, const char *); numbers[1]-- > 0 && *s; s++)
			put(out, *s);
	return format;
}

/*
 * What the library's messages have: s, with a precision as well; d, u and x, also of a long or size_t, which are the
 * same, and filled with 0 to a width.
 */
int vsnprintf(char *restrict dst, size_t size, const char *restrict format, va_list args)
{
	struct output out = { .dst = dst, .size = size };

	va_copy(out.args, args);
	for (; *format != '\0'; format++)
		if (*format == '%')
			format = put_conversion(&out, format + 1);
		else
			put(&out, *format);
	va_end(out.args);
	if (size > 0)
		dst[out.length < size ? out.length : size - 1] = '\0';
	return (int)out.length;
}

int snprintf(char *restrict dst, size_t size, const char *restrict format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(dst, size, format, args);
	va_end(args);
	return length;
}
