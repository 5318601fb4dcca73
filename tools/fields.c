/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

#define ROUNDED_FROM 10000u /* a smaller number of bytes is easily read as it is */

/* What is at @at is a pointer. */
static const void *pointer_at(const void *at)
{
	const void *pointer;

	memcpy(&pointer, at, sizeof(pointer));
	return pointer;
}

/* The address of a field's value; of a text, the text.  NULL if it is not there. */
static const void *value_of(const struct field *field, const void *record)
{
	const char *at = record;

	if (field->get)
		return field->get(record);
	if (field->via != 0) {
		at = pointer_at(at + field->via);
		if (!at)
			return NULL;
	}
	at += field->at;
	return field->kind == FIELD_WORDS || field->kind == FIELD_TEXT ? pointer_at(at) : at;
}

static uint64_t number_of(const struct field *field, const void *record)
{
	const void *at = value_of(field, record);
	uint64_t u64 = 0;
	uint32_t u32 = 0;
	uint16_t u16 = 0;
	uint8_t u8 = 0;

	if (!at)
		return 0;
	switch (field->size) {
	case sizeof(u64):
		memcpy(&u64, at, sizeof(u64));
		return u64;
	case sizeof(u32):
		memcpy(&u32, at, sizeof(u32));
		return u32;
	case sizeof(u16):
		memcpy(&u16, at, sizeof(u16));
		return u16;
	default:
		memcpy(&u8, at, sizeof(u8));
		return u8;
	}
}

static const char *name_of(const struct field *field, const void *record)
{
	return field->name((uint32_t)number_of(field, record));
}

static bool is_there(const struct field *field, const void *record)
{
	if (field->kind == FIELD_FLAG)
		return (number_of(field, record) & field->bits) != 0;
	if (field->kind == FIELD_NAME)
		return value_of(field, record) && name_of(field, record);
	if (field->kind == FIELD_LIST)
		return field->item(record, 0) != NULL;
	return value_of(field, record) != NULL;
}

static struct json_object *list_json(const struct field *field, const void *record)
{
	struct json_object *array = json_object_new_array();
	const void *item;

	for (size_t i = 0; (item = field->item(record, i)) != NULL; i++)
		json_object_array_add(array, record_json(field->of, item));
	return array;
}

static struct json_object *field_json(const struct field *field, const void *record)
{
	if (field->kind == FIELD_LIST)
		return list_json(field, record);
	if (field->kind == FIELD_MADE)
		return field->make(record);
	if (!is_there(field, record))
		return NULL;
	switch (field->kind) {
	case FIELD_BOOL:
		return json_object_new_boolean(number_of(field, record) != 0);
	case FIELD_WORDS:
	case FIELD_TEXT:
		return json_text(value_of(field, record));
	case FIELD_NAME:
	case FIELD_NAME_OR_TYPE:
		if (name_of(field, record))
			return json_text(name_of(field, record));
		return json_object_new_uint64(number_of(field, record));
	case FIELD_OBJECT:
		return record_json(field->of, value_of(field, record));
	default:
		return json_object_new_uint64(number_of(field, record));
	}
}

struct json_object *record_json(const struct record *record, const void *value)
{
	struct json_object *object = json_object_new_object();

	for (size_t i = 0; i < record->field_count; i++)
		if (!record->fields[i].only_text)
			json_add(object, record->fields[i].key,
				 field_json(&record->fields[i], value));
	return object;
}

/* The field that @key names, of @length characters; *@value is the record that it is a field of. */
static const struct field *field_named(const struct record *record, const char *key, size_t length,
				       const void **value)
{
	const size_t own = strcspn(key, ".") < length ? strcspn(key, ".") : length;

	for (size_t i = 0; i < record->field_count; i++) {
		const struct field *field = &record->fields[i];

		if (strlen(field->key) != own || memcmp(field->key, key, own) != 0)
			continue;
		if (own == length)
			return field;
		*value = value_of(field, *value);
		return field_named(field->of, key + own + 1, length - own - 1, value);
	}
	abort(); /* a mistake in a table */
}

static void print_rounded(uint64_t bytes)
{
	char size[32];

	if (bytes >= ROUNDED_FROM)
		printf(" (%s)", tool_size_text(bytes, size));
}

static void print_name_or_type(const struct field *field, const void *record)
{
	const char *name = name_of(field, record);

	if (name)
		printf("%s", name);
	else
		printf("type 0x%" PRIx64, number_of(field, record));
}

static void print_field(const struct field *field, const void *record)
{
	const uint64_t number = field->kind == FIELD_WORDS || field->kind == FIELD_TEXT
					? 0
					: number_of(field, record);

	switch (field->kind) {
	case FIELD_HEX:
		printf("0x%" PRIx64, number);
		break;
	case FIELD_HEX10:
		printf("0x%010" PRIx64, number);
		break;
	case FIELD_HEX_COLUMN:
		printf("0x%-10" PRIx64, number);
		break;
	case FIELD_VERSION:
		printf("%" PRIu64 ".%02" PRIu64, number >> 8, number & 0xff);
		break;
	case FIELD_WORDS:
		printf("%s", (const char *)value_of(field, record));
		break;
	case FIELD_TEXT:
		tool_print_text(value_of(field, record));
		break;
	case FIELD_NAME:
	case FIELD_NAME_OR_TYPE:
		print_name_or_type(field, record);
		break;
	default:
		printf("%" PRIu64, number);
		break;
	}
}

static void print_text(const struct record *record, const void *value, const char *text)
{
	while (*text) {
		const size_t plain = strcspn(text, "{");
		const struct field *field;
		const void *of = value;
		size_t length;
		bool rounded;

		printf("%.*s", (int)plain, text);
		text += plain;
		if (*text == '\0')
			return;
		text++;
		length = strcspn(text, "}");
		rounded = length > 0 && text[length - 1] == '~';
		field = field_named(record, text, rounded ? length - 1 : length, &of);
		if (rounded)
			print_rounded(number_of(field, of));
		else
			print_field(field, of);
		text += length + 1;
	}
}

static bool holds(const struct record *record, const void *value, const char *when)
{
	while (when && *when) {
		const char sign = *when;
		const size_t skip = sign == '!' || sign == '+' || sign == '-' ? 1 : 0;
		const size_t length = strcspn(when + skip, " ");
		const void *of = value;
		const struct field *field = field_named(record, when + skip, length, &of);
		bool there = is_there(field, of);

		if (sign == '+' || sign == '-')
			there = there && number_of(field, of) != 0;
		if (there == (sign == '!' || sign == '-'))
			return false;
		when += skip + length;
		when += *when == ' ';
	}
	return true;
}

static void print_list(const struct record *record, const void *value, const char *key)
{
	const struct field *field = field_named(record, key, strlen(key), &value);
	const void *item;

	for (size_t i = 0; (item = field->item(value, i)) != NULL; i++)
		record_print(field->of, item);
}

void record_print(const struct record *record, const void *value)
{
	for (size_t i = 0; i < record->line_count; i++) {
		const struct field_line *line = &record->lines[i];

		if (!holds(record, value, line->when))
			continue;
		if (line->text)
			print_text(record, value, line->text);
		else if (line->list)
			print_list(record, value, line->list);
		else
			line->print(value);
	}
}
