/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Edits of images that know the format: a field by its place in a table, a program header, a token.  Each takes bytes that
 * may be broken already, changes them in place, and leaves the magic as it is.
 */
#ifndef FUZZ_MUTATE_H
#define FUZZ_MUTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An image, or the part of one that begins at offset @base of it. */
struct mutated {
	uint8_t *data;
	size_t size, base;
	size_t room; /* bytes at @data, of which @size are the image */
	bool big_endian;
	uint64_t random;
};

/* What a field means, and so which values are worth a try. */
enum field_kind {
	FIELD_NUMBER,  /* any: limits of types, powers of two */
	FIELD_COUNT,   /* few, or far too many */
	FIELD_PLACE,   /* in the image, about its end, or beyond */
	FIELD_ADDRESS, /* of the guest */
	FIELD_ALIGN,   /* a power of two, or next to one */
	FIELD_FLAGS,   /* one bit is turned */
	FIELD_CHOICE   /* one of the field's own @choices, or one that nobody knows */
};

struct field_choices {
	const uint32_t *values;
	size_t count;
};

struct field {
	const char *name;
	uint16_t at, size;
	enum field_kind kind;
	struct field_choices choices;
};

/* Of an array of numbers, for FIELD_CHOICE. */
#define CHOICES(array)                                      \
	{                                                   \
		(array), sizeof(array) / sizeof((array)[0]) \
	}

uint64_t mutate_random(struct mutated *m);
/* From 0 to @n - 1; 0 for 0. */
uint64_t mutate_below(struct mutated *m, uint64_t n);

/* Are there @size bytes at offset @at of the image? */
bool mutate_has(const struct mutated *m, uint64_t at, uint64_t size);
/* A number of the image, 0 where there is none; and set one, which does nothing there. */
uint64_t mutate_get(const struct mutated *m, uint64_t at, size_t size);
void mutate_put(struct mutated *m, uint64_t at, size_t size, uint64_t value);

/* Set a field of the struct at @start to a value of its kind. */
void mutate_field(struct mutated *m, uint64_t start, const struct field *field);
/* One of @count fields. */
void mutate_one_of(struct mutated *m, uint64_t start, const struct field *fields, size_t count);

/* One edit of an image of that format, if there is enough of it for one. */
void mutate_elf(struct mutated *m);
void mutate_bzimage(struct mutated *m);
void mutate_fdt(struct mutated *m);

/* By the first bytes; none: NULL. */
typedef void mutate_edit(struct mutated *m);
mutate_edit *mutate_by_magic(const uint8_t *data, size_t size);

/*
 * One edit of an input of @target, @size bytes with room for @max_size; returns the new size, or 0 if the target has no
 * image at its place, and nothing was changed.  By one @seed the same.
 */
size_t mutate_input(const char *target, uint8_t *data, size_t size, size_t max_size,
		    unsigned int seed);

#endif
