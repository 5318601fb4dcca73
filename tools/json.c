/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "json.h"

#include <stdlib.h>
#include <string.h>

void json_add(struct json_object *object, const char *key, struct json_object *value)
{
	json_object_object_add(object, key, value);
}

void json_add_number(struct json_object *object, const char *key, uint64_t number)
{
	json_add(object, key, json_object_new_uint64(number));
}

void json_add_bool(struct json_object *object, const char *key, bool value)
{
	json_add(object, key, json_object_new_boolean(value));
}

/* Bytes of the UTF-8 sequence at @s, or 0 if it is none. */
static size_t sequence(const unsigned char *s)
{
	const size_t n = s[0] < 0x80             ? 1
			 : (s[0] & 0xe0) == 0xc0 ? 2
			 : (s[0] & 0xf0) == 0xe0 ? 3
			 : (s[0] & 0xf8) == 0xf0 ? 4
						 : 0;
	static const unsigned char least_second[5] = { 0, 0, 0x80, 0xa0, 0x90 };

	if (n > 1 && (s[0] == 0xc0 || s[0] == 0xc1 || s[0] > 0xf4))
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if (n > 2 && (s[0] & 0x0f) == 0 && s[1] < least_second[n])
		return 0;
	if ((s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

/* JSON is UTF-8; a byte of a command line that is not becomes U+FFFD. */
void json_add_text(struct json_object *object, const char *key, const char *text)
{
	static const char replacement[] = "\xef\xbf\xbd";
	struct json_object *value = NULL;
	char *clean = text ? malloc(3 * strlen(text) + 1) : NULL;

	if (clean) {
		const unsigned char *s = (const unsigned char *)text;
		char *out = clean;

		while (*s) {
			const size_t n = sequence(s);

			memcpy(out, n ? (const void *)s : replacement, n ? n : 3);
			out += n ? n : 3;
			s += n ? n : 1;
		}
		*out = '\0';
		value = json_object_new_string(clean);
	}
	free(clean);
	json_add(object, key, value);
}

struct json_object *json_memmap(const struct pvhload_memmap_entry *entries, size_t count)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < count; i++) {
		struct json_object *entry = json_object_new_object();

		json_add_number(entry, "addr", entries[i].gpa);
		json_add_number(entry, "size", entries[i].size);
		json_add_number(entry, "type", entries[i].type);
		json_object_array_add(array, entry);
	}
	return array;
}

static struct json_object *segment(const struct pvhload_x86_segment *s)
{
	struct json_object *object = json_object_new_object();

	json_add_number(object, "selector", s->selector);
	json_add_number(object, "base", s->base);
	json_add_number(object, "limit", s->limit);
	json_add_number(object, "type", s->type);
	json_add_number(object, "s", s->s);
	json_add_number(object, "dpl", s->dpl);
	json_add_number(object, "present", s->present);
	json_add_number(object, "l", s->l);
	json_add_number(object, "db", s->db);
	json_add_number(object, "g", s->g);
	json_add_number(object, "avl", s->avl);
	return object;
}

static struct json_object *table(const struct pvhload_x86_table *t)
{
	struct json_object *object = json_object_new_object();

	json_add_number(object, "base", t->base);
	json_add_number(object, "limit", t->limit);
	return object;
}

struct json_object *json_cpu(const struct pvhload_x86_cpu *cpu)
{
	const struct {
		const char *name;
		uint64_t value;
	} registers[] = {
		{ "rax", cpu->rax }, { "rbx", cpu->rbx }, { "rcx", cpu->rcx },
		{ "rdx", cpu->rdx }, { "rsi", cpu->rsi }, { "rdi", cpu->rdi },
		{ "rsp", cpu->rsp }, { "rbp", cpu->rbp }, { "r8", cpu->r8 },
		{ "r9", cpu->r9 },   { "r10", cpu->r10 }, { "r11", cpu->r11 },
		{ "r12", cpu->r12 }, { "r13", cpu->r13 }, { "r14", cpu->r14 },
		{ "r15", cpu->r15 }, { "rip", cpu->rip }, { "rflags", cpu->rflags },
		{ "cr0", cpu->cr0 }, { "cr2", cpu->cr2 }, { "cr3", cpu->cr3 },
		{ "cr4", cpu->cr4 }, { "cr8", cpu->cr8 }, { "efer", cpu->efer },
	};
	const struct {
		const char *name;
		const struct pvhload_x86_segment *value;
	} segments[] = {
		{ "cs", &cpu->cs }, { "ds", &cpu->ds }, { "es", &cpu->es }, { "fs", &cpu->fs },
		{ "gs", &cpu->gs }, { "ss", &cpu->ss }, { "tr", &cpu->tr }, { "ldt", &cpu->ldt },
	};
	struct json_object *object = json_object_new_object();

	for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
		json_add_number(object, registers[i].name, registers[i].value);
	for (size_t i = 0; i < sizeof(segments) / sizeof(segments[0]); i++)
		json_add(object, segments[i].name, segment(segments[i].value));
	json_add(object, "gdt", table(&cpu->gdt));
	json_add(object, "idt", table(&cpu->idt));
	return object;
}

bool json_print(struct json_object *object, FILE *file)
{
	const char *text =
		json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
							       JSON_C_TO_STRING_SPACED |
							       JSON_C_TO_STRING_NOSLASHESCAPE);
	bool done = text && fputs(text, file) >= 0 && fputc('\n', file) != EOF;

	json_object_put(object);
	return done;
}
