/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "cmdline_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pvhload/pvhload.h>

#include "cmdline/cmdline.h"

#define MUST(condition)                                                                 \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                        \
		}                                                                       \
	} while (0)

#define WORDS    512u
#define TEXT     48u /* bytes of a text that is handed over, at most */
#define CALLS    256u
#define CAPACITY 255u

/* --- the command line, as two lists --- */

struct list {
	struct model_word words[WORDS];
	size_t count;
};

struct model {
	struct list boot, init;
	size_t capacity;
};

static void list_clear(struct list *list)
{
	for (size_t i = 0; i < list->count; i++)
		model_word_free(&list->words[i]);
	list->count = 0;
}

static void list_push(struct list *list, const char *raw)
{
	MUST(list->count < WORDS && model_word_next(&raw, &list->words[list->count]));
	list->count++;
}

static void list_drop(struct list *list, size_t i)
{
	model_word_free(&list->words[i]);
	list->count--;
	memmove(&list->words[i], &list->words[i + 1], (list->count - i) * sizeof(list->words[0]));
}

static void model_copy(struct model *to, const struct model *from)
{
	to->capacity = from->capacity;
	to->boot.count = to->init.count = 0;
	for (size_t i = 0; i < from->boot.count; i++)
		list_push(&to->boot, from->boot.words[i].raw);
	for (size_t i = 0; i < from->init.count; i++)
		list_push(&to->init, from->init.words[i].raw);
}

static void model_clear(struct model *m)
{
	list_clear(&m->boot);
	list_clear(&m->init);
}

/* Bytes of its words, with a space or NUL after each. */
static size_t list_size(const struct list *list)
{
	size_t size = 0;

	for (size_t i = 0; i < list->count; i++)
		size += strlen(list->words[i].raw) + 1;
	return size;
}

static char *put_words(char *at, const struct list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		at = stpcpy(at, list->words[i].raw);
		*at++ = ' ';
	}
	return at;
}

/* The text, to be freed. */
static char *model_text(const struct model *m)
{
	char *text = malloc(list_size(&m->boot) + strlen("-- ") + list_size(&m->init) + 1);
	char *at = put_words(text, &m->boot);

	if (m->init.count > 0)
		at = put_words(stpcpy(at, "-- "), &m->init);
	*(at > text ? at - 1 : at) = '\0';
	return text;
}

static bool same_name(const char *a, const char *b)
{
	for (; *a || *b; a++, b++)
		if (*a != *b && !(strchr("-_", *a) && strchr("-_", *b) && *a && *b))
			return false;
	return true;
}

static size_t times(const struct model *m, const char *key)
{
	size_t n = 0;

	for (size_t i = 0; i < m->boot.count; i++)
		n += same_name(m->boot.words[i].key, key);
	return n;
}

/* Arguments that init gets: those up to a second "--". */
static size_t init_count(const struct model *m)
{
	size_t n = 0;

	while (n < m->init.count && !model_word_is_dashes(&m->init.words[n]))
		n++;
	return n;
}

static bool ends_open(const struct list *list)
{
	return list->count > 0 && list->words[list->count - 1].open;
}

/* --- what a call must do --- */

static bool printable(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

/* Append the words of @text to the model; false if the library must refuse it. */
static bool take_text(struct model *m, const char *text, bool to_init, bool parses)
{
	struct list *list = to_init ? &m->init : &m->boot;
	const bool continues = !ends_open(&m->boot) && !(to_init && ends_open(&m->init));
	const bool stopped = init_count(m) < m->init.count;
	bool fine = true, any = false;
	struct model_word word;

	while (fine && model_word_next(&text, &word)) {
		const bool dashes = model_word_is_dashes(&word);

		fine = printable(word.raw) && (parses || (!dashes && !word.open));
		any = true;
		if (fine && dashes && list == &m->boot)
			list = &m->init;
		else if (fine)
			list_push(list, word.raw);
		model_word_free(&word);
	}
	if (!fine || !any || parses)
		return fine;
	return continues &&
	       !(to_init && (stopped || init_count(m) > PVHLOAD_CMDLINE_INIT_ARGS_MAX));
}

static bool key_is_fine(const char *key, const char *value)
{
	return *key && printable(key) && !strpbrk(key, " =\"") && (value || strcmp(key, "--") != 0);
}

/* The word that KEY and VALUE must become; false if the library must refuse them. */
static bool make_word(const char *key, const char *value, char *raw, size_t size)
{
	if (!key_is_fine(key, value) || (value && (!printable(value) || strchr(value, '"'))))
		return false;
	if (!value)
		snprintf(raw, size, "%s", key);
	else if (strchr(value, ' '))
		snprintf(raw, size, "%s=\"%s\"", key, value);
	else
		snprintf(raw, size, "%s=%s", key, value);
	return true;
}

/* --- the library's command line --- */

static void check_param(const struct pvhload_cmdline *line, struct pvhload_cmdline_param *param,
			const struct model_word *word, uint32_t section)
{
	const char *text = pvhload_cmdline_str(line);

	MUST(pvhload_cmdline_next(line, param, NULL) == PVHLOAD_OK);
	MUST(param->section == section);
	MUST(param->key_length == strlen(word->key));
	MUST(memcmp(param->key, word->key, param->key_length) == 0);
	MUST(!param->value == !word->value);
	MUST(!word->value || (param->value_length == strlen(word->value) &&
			      memcmp(param->value, word->value, param->value_length) == 0));
	MUST(param->end - param->start == strlen(word->raw));
	MUST(strncmp(text + param->start, word->raw, strlen(word->raw)) == 0);
}

/* What is kept beside the text is what the text has: @again is its parse. */
static void check_kept(const struct pvhload_cmdline *line, const struct pvhload_cmdline *again)
{
	MUST(line->length == again->length);
	MUST(line->boot_length == again->boot_length);
	MUST(line->init_length == again->init_length);
	MUST(line->init_count == again->init_count);
	MUST(line->init_ended == again->init_ended);
	MUST(line->open == again->open);
}

/* Everything that can be asked of @line is as the model has it. */
static void check(const struct pvhload_cmdline *line, const struct model *m)
{
	struct pvhload_cmdline_param param = PVHLOAD_CMDLINE_PARAM_INIT;
	uint32_t section = PVHLOAD_CMDLINE_INIT;
	struct pvhload_cmdline *again = NULL;
	char *text = model_text(m);

	MUST(strcmp(pvhload_cmdline_str(line), text) == 0);
	MUST(pvhload_cmdline_length(line) == strlen(text));
	MUST(pvhload_cmdline_length(line) < pvhload_cmdline_capacity(line));
	MUST(pvhload_cmdline_capacity(line) == m->capacity);
	for (size_t i = 0; i < m->boot.count; i++)
		check_param(line, &param, &m->boot.words[i], PVHLOAD_CMDLINE_KERNEL);
	for (size_t i = 0; i < m->init.count; i++) {
		if (section == PVHLOAD_CMDLINE_INIT && model_word_is_dashes(&m->init.words[i]))
			section = PVHLOAD_CMDLINE_IGNORED;
		else
			check_param(line, &param, &m->init.words[i], section);
	}
	MUST(pvhload_cmdline_next(line, &param, NULL) == PVHLOAD_E_NOT_FOUND);

	/* its text is its own parse */
	MUST(pvhload_cmdline_new(m->capacity, &again, NULL) == PVHLOAD_OK);
	MUST(pvhload_cmdline_parse(again, text, NULL) == PVHLOAD_OK);
	MUST(strcmp(pvhload_cmdline_str(again), text) == 0);
	MUST(strcmp(pvhload_cmdline_init_args(again), pvhload_cmdline_init_args(line)) == 0);
	MUST(pvhload_cmdline_equal(again, line));
	check_kept(line, again);
	MUST(line->init_count == init_count(m));
	MUST(line->open == (ends_open(&m->boot) || ends_open(&m->init)));
	pvhload_cmdline_free(again);
	free(text);
}

/* --- bytes as calls --- */

struct input {
	const uint8_t *data;
	size_t size;
};

static uint8_t take_byte(struct input *in)
{
	if (in->size == 0)
		return 0;
	in->size--;
	return *in->data++;
}

/* Up to @most characters of @usual; any at all now and then. */
static char *take_chars(struct input *in, char *text, const char *usual, size_t most)
{
	const uint8_t how = take_byte(in);
	const bool any = how >= 240;
	size_t length = any ? how % TEXT : how % (most + 1), i;

	for (i = 0; i < length && in->size > 0; i++) {
		const uint8_t c = take_byte(in);

		text[i] = any ? (char)c : usual[c % strlen(usual)];
	}
	text[i] = '\0';
	return text;
}

static void replace_in(struct model *m, const char *key, const char *raw)
{
	bool first = true;

	for (size_t i = 0; i < m->boot.count; i++) {
		if (!same_name(m->boot.words[i].key, key))
			continue;
		if (first && raw) {
			const char *text = raw;

			model_word_free(&m->boot.words[i]);
			MUST(model_word_next(&text, &m->boot.words[i]));
			first = false;
		} else {
			list_drop(&m->boot, i--);
		}
	}
}

enum call { ADD, FLAG, APPEND, INIT, PARSE, REPLACE, REMOVE, LIST, COPY, CALLS_KNOWN };

/* Do to @m what @call must do; what the library must return, but for what does not fit. */
static enum pvhload_status expected(struct model *m, enum call call, const char *a, const char *b)
{
	char raw[3 * TEXT], list[2 * TEXT];
	bool fine = true;

	switch (call) {
	case LIST:
		if (strchr(b, ','))
			return PVHLOAD_E_CMDLINE;
		snprintf(list, sizeof(list), "%s,%s", b, b);
		b = list;
		/* fall through */
	case ADD:
	case FLAG:
		fine = make_word(a, call == FLAG ? NULL : b, raw, sizeof(raw)) &&
		       (m->init.count > 0 || !ends_open(&m->boot));
		if (fine)
			list_push(&m->boot, raw);
		break;
	case APPEND:
	case INIT:
	case PARSE:
		if (call == PARSE)
			model_clear(m);
		fine = take_text(m, a, call == INIT, call == PARSE);
		break;
	case REPLACE:
		if (!make_word(a, b, raw, sizeof(raw)))
			return PVHLOAD_E_CMDLINE;
		if (times(m, a) == 0)
			return PVHLOAD_E_NOT_FOUND;
		replace_in(m, a, raw);
		break;
	case COPY:
		break;
	default:
		if (times(m, a) == 0)
			return PVHLOAD_E_NOT_FOUND;
		replace_in(m, a, NULL);
	}
	return fine ? PVHLOAD_OK : PVHLOAD_E_CMDLINE;
}

/* The copy takes the place of what was copied. */
static enum pvhload_status copy_of(struct pvhload_cmdline **line)
{
	struct pvhload_cmdline *copy = NULL;
	const enum pvhload_status status = pvhload_cmdline_copy(*line, 0, &copy, NULL);

	if (status == PVHLOAD_OK) {
		pvhload_cmdline_free(*line);
		*line = copy;
	}
	return status;
}

static enum pvhload_status actual(struct pvhload_cmdline **at, enum call call, const char *a,
				  const char *b)
{
	const char *const values[] = { b, b };
	struct pvhload_cmdline *line = *at;

	switch (call) {
	case ADD:
		return pvhload_cmdline_add(line, a, b, NULL);
	case FLAG:
		return pvhload_cmdline_add(line, a, NULL, NULL);
	case APPEND:
		return pvhload_cmdline_append(line, a, NULL);
	case INIT:
		return pvhload_cmdline_append_init_args(line, a, NULL);
	case PARSE:
		return pvhload_cmdline_parse(line, a, NULL);
	case REPLACE:
		return pvhload_cmdline_replace(line, a, b, NULL);
	case LIST:
		return pvhload_cmdline_add_list(line, a, values, 2, NULL);
	case COPY:
		return copy_of(at);
	default:
		return pvhload_cmdline_remove(line, a, NULL);
	}
}

static void one_call(struct input *in, struct pvhload_cmdline **line, struct model *m,
		     struct model *after)
{
	const enum call call = (enum call)(take_byte(in) % CALLS_KNOWN);
	char a[TEXT + 1], b[TEXT + 1], *text;
	enum pvhload_status must;

	if (call == APPEND || call == INIT || call == PARSE) {
		take_chars(in, a, "  \"\"==----__,.aab\t\n", TEXT - 1);
		b[0] = '\0';
	} else {
		take_chars(in, a, "ab-_", 2);
		take_chars(in, b, "ab -,=", 6);
	}
	MUST(pvhload_cmdline_has(*line, a) == (times(m, a) > 0));
	model_copy(after, m);
	must = expected(after, call, a, b);
	text = model_text(after);
	if (must == PVHLOAD_OK && strlen(text) >= m->capacity)
		must = PVHLOAD_E_CMDLINE;
	free(text);
	MUST(actual(line, call, a, b) == must);
	if (must == PVHLOAD_OK) {
		model_clear(m);
		model_copy(m, after);
	}
	model_clear(after);
	check(*line, m);
}

void model_edit(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct pvhload_cmdline *line = NULL;
	struct model *m = calloc(2, sizeof(*m));

	m->capacity = 1u + take_byte(&in) % CAPACITY;
	MUST(pvhload_cmdline_new(m->capacity, &line, NULL) == PVHLOAD_OK);
	for (size_t i = 0; i < CALLS && in.size > 0; i++)
		one_call(&in, &line, m, m + 1);
	model_clear(m);
	free(m);
	pvhload_cmdline_free(line);
}
