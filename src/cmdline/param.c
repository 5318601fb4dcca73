/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* One parameter, written so that Linux reads the same name and value. */
#include "cmdline/cmdline.h"
#include "core/error.h"
#include "core/libc.h"

/* What characters mean, as bits of a set. */
#define SPACE       1u
#define QUOTE       2u
#define EQUALS      4u
#define COMMA       8u
#define UNPRINTABLE 16u

/* Most are: letters, digits and what else is above the comma in ASCII. */
static bool means_nothing(char c)
{
	return c > ',' && c <= '~' && c != '=';
}

static unsigned int meaning(char c)
{
	switch (c) {
	case ' ':
		return SPACE;
	case '"':
		return QUOTE;
	case '=':
		return EQUALS;
	case ',':
		return COMMA;
	default:
		return c < ' ' || c > '~' ? UNPRINTABLE : 0;
	}
}

static const char *why_not(unsigned int banned)
{
	switch (banned) {
	case SPACE:
		return "would end the word";
	case QUOTE:
		return "cannot be quoted";
	case EQUALS:
		return "would end the name";
	case COMMA:
		return "would separate values";
	default:
		return "is not printable ASCII";
	}
}

/* Measure @text, none of whose characters may be of the set @banned, and tell which sets it has. */
static enum pvhload_status check_text(const char *what, const char *text, unsigned int banned,
				      size_t *ret_length, unsigned int *ret_has,
				      struct pvhload_error *err)
{
	unsigned int has = 0;
	size_t i;

	for (i = 0;; i++) {
		unsigned int is;

		while (means_nothing(text[i]))
			i++;
		if (text[i] == '\0')
			break;
		is = meaning(text[i]);
		if (is & banned)
			return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_AT(i),
					"character 0x%02x at offset %zu of the %s %s",
					(unsigned char)text[i], i, what, why_not(is));
		has |= is;
	}
	*ret_length = i;
	*ret_has = has;
	return PVHLOAD_OK;
}

static enum pvhload_status check_key(const char *key, bool flag, size_t *ret_length,
				     struct pvhload_error *err)
{
	unsigned int has;

	if (key[0] == '\0')
		return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_AT(0), "the parameter's name is empty");
	if (flag && strcmp(key, "--") == 0)
		return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_AT(0),
				"the flag \"--\" would end the kernel's parameters");
	return check_text("parameter's name", key, SPACE | EQUALS | QUOTE | UNPRINTABLE, ret_length,
			  &has, err);
}

enum pvhload_status pvl_param_init(const char *key, const char *const *values, size_t count,
				   bool list, struct pvl_param *ret, struct pvhload_error *err)
{
	const unsigned int banned = QUOTE | UNPRINTABLE | (list ? COMMA : 0);
	size_t length;

	PVL_TRY(check_key(key, !values, &length, err));
	*ret = (struct pvl_param){
		.key = key, .key_length = length, .values = values, .count = count, .length = length
	};
	for (size_t i = 0; i < count; i++) {
		unsigned int has;

		PVL_TRY(check_text("value", values[i], banned, &length, &has, err));
		ret->quoted = ret->quoted || (has & SPACE);
		ret->length += 1 + length; /* the '=' or a comma */
	}
	if (ret->quoted)
		ret->length += 2;
	return PVHLOAD_OK;
}

enum pvhload_status pvl_param_init_one(const struct pvhload_cmdline *line, const char *key,
				       const char *const *value, struct pvl_param *ret,
				       struct pvhload_error *err)
{
	const bool flag = !*value;

	PVL_TRY(pvl_cmdline_usable(line, key, err));
	if (!flag)
		PVL_TRY(pvl_cmdline_usable(line, *value, err));
	return pvl_param_init(key, flag ? NULL : value, flag ? 0 : 1, false, ret, err);
}

void pvl_param_put(const struct pvl_param *param, char *to)
{
	memcpy(to, param->key, param->key_length);
	to += param->key_length;
	for (size_t i = 0; i < param->count; i++) {
		const size_t length = strlen(param->values[i]);

		*to++ = i == 0 ? '=' : ',';
		if (i == 0 && param->quoted)
			*to++ = '"';
		memcpy(to, param->values[i], length);
		to += length;
	}
	if (param->quoted)
		*to = '"';
}

enum pvhload_status pvl_cmdline_add_param(struct pvhload_cmdline *line,
					  const struct pvl_param *param, struct pvhload_error *err)
{
	PVL_TRY(pvl_cmdline_takes_param(line, param->length, err));
	pvl_param_put(param, pvl_cmdline_room_for_param(line, param->length));
	return PVHLOAD_OK;
}
