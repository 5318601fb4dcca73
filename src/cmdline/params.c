/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The parameters that are on a command line.
 *
 * ABI source: Linux, kernel/params.c, parameq(), and init/main.c: parameters end at a "--", init's
 * arguments at the next.
 */
#include <pvhload/cmdline_params.h>

#include "abi/sizes.h"
#include "cmdline/cmdline.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/sized.h"

/* The first word at or after @at; the "--" before init's arguments is skipped. */
static bool next_word(const struct pvhload_cmdline *line, size_t at, struct pvl_word *ret)
{
	if (at >= line->boot_length && at < line->length - line->init_length)
		at = line->length - line->init_length;
	return pvl_word_next(line->text, line->length, at, ret);
}

/* The next parameter named @key at or after @at; false if there is none. */
static bool next_of(const struct pvhload_cmdline *line, const char *key, size_t at,
		    struct pvl_word *ret)
{
	const size_t length = strlen(key);

	ret->end = at;
	while (next_word(line, ret->end, ret) && ret->start < line->boot_length)
		if (pvl_key_equal(line->text + ret->key, ret->key_end - ret->key, key, length))
			return true;
	return false;
}

static void describe(const struct pvhload_cmdline *line, const struct pvl_word *word,
		     uint32_t section, struct pvhload_cmdline_param *param)
{
	const struct pvhload_cmdline_param made = {
		.key = line->text + word->key,
		.key_length = word->key_end - word->key,
		.value = word->has_value ? line->text + word->value : NULL,
		.value_length = word->value_end - word->value,
		.start = word->start,
		.end = word->end,
		.section = section,
	};

	pvl_sized_out(param, &made, sizeof(made));
}

static enum pvhload_status check_query(const struct pvhload_cmdline *line, const char *key,
				       const struct pvhload_cmdline_param *param,
				       struct pvhload_error *err)
{
	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!line || !key || !pvl_sized_out_usable(param, PVL_V1_CMDLINE_PARAM))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the command line, the name or the parameter is NULL, or the "
				"parameter has a wrong size");
	return PVHLOAD_OK;
}

static enum pvhload_status not_found(const char *key, struct pvhload_error *err)
{
	return pvl_fail(err, PVHLOAD_E_NOT_FOUND, PVL_ANYWHERE,
			"the command line has no parameter %.64s", key);
}

enum pvhload_status pvhload_cmdline_next(const struct pvhload_cmdline *line,
					 struct pvhload_cmdline_param *param,
					 struct pvhload_error *err)
{
	struct pvl_word word;
	uint32_t section;

	PVL_TRY(check_query(line, "", param, err));
	word.end = param->end;
	section = param->section;
	while (next_word(line, word.end, &word)) {
		if (word.start >= line->boot_length && section == PVHLOAD_CMDLINE_KERNEL)
			section = PVHLOAD_CMDLINE_INIT;
		if (section != PVHLOAD_CMDLINE_INIT || !pvl_word_is_dashes(line->text, &word)) {
			describe(line, &word, section, param);
			return PVHLOAD_OK;
		}
		section = PVHLOAD_CMDLINE_IGNORED;
	}
	return pvl_fail(err, PVHLOAD_E_NOT_FOUND, PVL_ANYWHERE,
			"the command line has no more words");
}

enum pvhload_status pvhload_cmdline_get(const struct pvhload_cmdline *line, const char *key,
					size_t index, struct pvhload_cmdline_param *param,
					struct pvhload_error *err)
{
	struct pvl_word word = { .end = 0 }, found = { .end = 0 };
	size_t count = 0;

	PVL_TRY(check_query(line, key, param, err));
	while (count <= index && next_of(line, key, word.end, &word)) {
		found = word;
		count++;
	}
	if (count == 0)
		return not_found(key, err);
	if (index != PVHLOAD_CMDLINE_LAST && count <= index)
		return pvl_fail(err, PVHLOAD_E_NOT_FOUND, PVL_ANYWHERE,
				"the command line has %.64s only %zu times", key, count);
	describe(line, &found, PVHLOAD_CMDLINE_KERNEL, param);
	return PVHLOAD_OK;
}

int pvhload_cmdline_has(const struct pvhload_cmdline *line, const char *key)
{
	struct pvl_word word;

	return line && key && next_of(line, key, 0, &word);
}

enum pvhload_status pvhload_cmdline_remove(struct pvhload_cmdline *line, const char *key,
					   struct pvhload_error *err)
{
	struct pvl_word word;

	PVL_TRY(pvl_cmdline_usable(line, key, err));
	if (!next_of(line, key, 0, &word))
		return not_found(key, err);
	do
		pvl_cmdline_cut(line, &word);
	while (next_of(line, key, word.start, &word));
	return PVHLOAD_OK;
}

/* The length of the text once @param has replaced all parameters of its name. */
static size_t length_with(const struct pvhload_cmdline *line, const struct pvl_param *param,
			  const struct pvl_word *first)
{
	size_t length = line->length - (first->end - first->start) + param->length;
	struct pvl_word word = *first;

	while (next_of(line, param->key, word.end, &word))
		length -= word.end - word.start + 1;
	return length;
}

enum pvhload_status pvhload_cmdline_replace(struct pvhload_cmdline *line, const char *key,
					    const char *value, struct pvhload_error *err)
{
	struct pvl_word first, word;
	struct pvl_param param;

	PVL_TRY(pvl_param_init_one(line, key, &value, &param, err));
	if (!next_of(line, key, 0, &first))
		return not_found(key, err);
	PVL_TRY(pvl_cmdline_fits(line, length_with(line, &param, &first), err));
	while (next_of(line, key, first.end, &word))
		pvl_cmdline_cut(line, &word);
	pvl_cmdline_exchange(line, &first, param.length);
	pvl_param_put(&param, line->text + first.start);
	return PVHLOAD_OK;
}

static bool same_text(const char *a, size_t a_length, const char *b, size_t b_length)
{
	return a_length == b_length && (!a || memcmp(a, b, a_length) == 0);
}

static bool same_param(const struct pvhload_cmdline_param *a, const struct pvhload_cmdline_param *b)
{
	return a->section == b->section && !a->value == !b->value &&
	       same_text(a->key, a->key_length, b->key, b->key_length) &&
	       same_text(a->value, a->value_length, b->value, b->value_length);
}

/* The next word that Linux does not ignore. */
static bool next_effective(const struct pvhload_cmdline *line, struct pvhload_cmdline_param *param)
{
	return pvhload_cmdline_next(line, param, NULL) == PVHLOAD_OK &&
	       param->section != PVHLOAD_CMDLINE_IGNORED;
}

int pvhload_cmdline_equal(const struct pvhload_cmdline *a, const struct pvhload_cmdline *b)
{
	struct pvhload_cmdline_param pa = PVHLOAD_CMDLINE_PARAM_INIT;
	struct pvhload_cmdline_param pb = PVHLOAD_CMDLINE_PARAM_INIT;

	if (!a || !b)
		return 0;
	for (;;) {
		const bool more = next_effective(a, &pa);

		if (next_effective(b, &pb) != more)
			return 0;
		if (!more)
			return 1;
		if (!same_param(&pa, &pb))
			return 0;
	}
}
