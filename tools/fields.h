/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * What verbs print, text and JSON alike: a record's fields are a table, one row for each fact, and its
 * text is lines that name them.  JSON has the fields in the order of the table.
 */
#ifndef TOOL_FIELDS_H
#define TOOL_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;
struct record;

/* How a field is printed.  Numbers are numbers in JSON, of 1, 2, 4 or 8 bytes in memory. */
enum field_kind {
	FIELD_DEC,          /* 12 */
	FIELD_HEX,          /* 0x12 */
	FIELD_HEX10,        /* 0x0000000012 */
	FIELD_HEX_COLUMN,   /* 0x12, and blanks up to 12 characters */
	FIELD_VERSION,      /* 2.15, for 0x20f */
	FIELD_BOOL,         /* JSON's true or false */
	FIELD_WORDS,        /* a const char * to text of our own */
	FIELD_TEXT,         /* a const char * to text that may hold anything */
	FIELD_NAME,         /* a uint32_t by its name; without one, it is not there */
	FIELD_NAME_OR_TYPE, /* the same, but without one it is a number, "type 0x12" */
	FIELD_FLAG,         /* a uint32_t: there if it has a bit of the row's */
	FIELD_OBJECT,       /* a record */
	FIELD_LIST,         /* records; JSON has a list even if there are none */
	FIELD_MADE,         /* made for JSON by a function of its own */
};

struct field {
	const char *key;      /* its name in JSON, and in lines */
	enum field_kind kind; /* how it is printed */
	bool only_text;       /* not in JSON */
	uint32_t bits;        /* of a FIELD_FLAG */
	/*
	 * Where it is: at @at in the record, or if @via is not 0, in what the pointer at @via in the
	 * record points to; NULL means that it is not there.
	 */
	size_t via, at, size;
	/* If not NULL, instead of these: the value's address, or the text; NULL if it is not there. */
	const void *(*get)(const void *record);
	const char *(*name)(uint32_t value);               /* of a name; NULL for none */
	const struct record *of;                           /* of an object, or list */
	const void *(*item)(const void *record, size_t i); /* of a list; NULL after the last */
	struct json_object *(*make)(const void *record);   /* of a FIELD_MADE */
};

/*
 * Text.  In @text, {KEY} stands for a field, {KEY.KEY} for one of an object, and {KEY~} for a size in
 * larger units, " (1.5 MiB)", or nothing if it has few digits.
 *
 * @when has conditions, with blanks between: KEY, it is there; !KEY, it is not; +KEY, it is there and
 * not 0; -KEY, it is 0 or not there.  A line is printed if all hold; NULL is always.
 */
struct field_line {
	const char *when;
	const char *text; /* or NULL: */
	const char *list; /* the key of a list, whose items print their lines; or NULL: */
	void (*print)(const void *record); /* a function of its own */
};

/* A kind of record. */
struct record {
	const struct field *fields;
	size_t field_count;
	const struct field_line *lines;
	size_t line_count;
};

#define FIELD_COUNT(array)   (sizeof(array) / sizeof((array)[0]))
#define RECORD_FIELDS(array) .fields = (array), .field_count = FIELD_COUNT(array)
#define RECORD_LINES(array)  .lines = (array), .line_count = FIELD_COUNT(array)

/* Where a field is: a member, and one of the struct that the pointer @pointer points to. */
#define AT_MEMBER(type, member) \
	.at = offsetof(type, member), .size = sizeof(((const type *)0)->member)
#define AT_MEMBER_VIA(type, pointer, target, member) \
	.via = offsetof(type, pointer), AT_MEMBER(target, member)

struct json_object *record_json(const struct record *record, const void *value);
void record_print(const struct record *record, const void *value);

#endif
