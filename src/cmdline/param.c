/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* One parameter, written so that Linux reads the same name and value. */
#include "cmdline/cmdline.h"
#include "core/error.h"
#include "core/libc.h"

static bool printable(char c)
{
	return c >= ' ' && c <= '~';
}

/* Why @c is not allowed, or NULL if it is.  @banned has the printable characters that are not. */
static const char *why_not(char c, const char *banned)
{
	if (!printable(c))
		return "is not printable ASCII";
	if (!strchr(banned, c))
		return NULL;
	switch (c) {
	case '"':
		return "cannot be quoted";
	case '=':
		return "would end the name";
	case ',':
		return "would separate values";
	default:
		return "would end the word";
	}
}

static enum pvhload_status check_text(const char *what, const char *text, const char *banned,
				      struct pvhload_error *err)
{
	for (size_t i = 0; text[i] != '\0'; i++) {
		const char *why = why_not(text[i], banned);

		if (why)
			return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_AT(i),
					"character 0x%02x at offset %zu of the %s %s",
					(unsigned char)text[i], i, what, why);
	}
	return PVHLOAD_OK;
}

static enum pvhload_status check_key(const char *key, bool flag, struct pvhload_error *err)
{
	if (key[0] == '\0')
		return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_AT(0), "the parameter's name is empty");
	if (flag && strcmp(key, "--") == 0)
		return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_AT(0),
				"the flag \"--\" would end the kernel's parameters");
	return check_text("parameter's name", key, " =\"", err);
}

enum pvhload_status pvl_param_init(const char *key, const char *const *values, size_t count,
				   bool list, struct pvl_param *ret, struct pvhload_error *err)
{
	const char *banned = list ? "\"," : "\"";

	PVL_TRY(check_key(key, !values, err));
	*ret = (struct pvl_param){
		.key = key, .key_length = strlen(key), .values = values, .count = count
	};
	ret->length = ret->key_length;
	for (size_t i = 0; i < count; i++) {
		PVL_TRY(check_text("value", values[i], banned, err));
		ret->quoted = ret->quoted || strchr(values[i], ' ');
		ret->length += 1 + strlen(values[i]); /* the '=' or a comma */
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
