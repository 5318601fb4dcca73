/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* One parameter, as Linux will read it again. */
#include <string.h>

#include "cmdline/cmdline.h"
#include "core/error.h"

static bool printable(char c)
{
	return c >= ' ' && c <= '~';
}

/* Why @c cannot be there, or NULL; @banned are printable. */
static const char *problem(char c, const char *banned)
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
		return "would be two values";
	default:
		return "would end the word";
	}
}

static enum pvhload_status check(const char *what, const char *text, const char *banned,
				 struct pvhload_error *err)
{
	for (size_t i = 0; text[i] != '\0'; i++) {
		const char *why = problem(text[i], banned);

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
	return check("parameter's name", key, " =\"", err);
}

enum pvhload_status pvl_param_init(const char *key, const char *const *values, size_t count,
				   bool list, struct pvl_param *ret, struct pvhload_error *err)
{
	const char *banned = list ? "\"," : "\"";
	enum pvhload_status status = check_key(key, !values, err);

	*ret = (struct pvl_param){ key, strlen(key), values, count, false, 0 };
	ret->length = ret->key_length;
	for (size_t i = 0; status == PVHLOAD_OK && i < count; i++) {
		status = check("value", values[i], banned, err);
		ret->quoted = ret->quoted || strchr(values[i], ' ');
		ret->length += 1 + strlen(values[i]); /* the '=' or a comma */
	}
	if (ret->quoted)
		ret->length += 2;
	return status;
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
	enum pvhload_status status = PVHLOAD_OK;

	/* Quotes that are open among the arguments of init stay behind us. */
	if (line->init_length == 0)
		status = pvl_cmdline_closed(line, err);
	if (status == PVHLOAD_OK)
		status = pvl_cmdline_fits(line,
					  line->length + pvl_cmdline_growth(line, param->length),
					  err);
	if (status == PVHLOAD_OK)
		pvl_param_put(param, pvl_cmdline_room_for_param(line, param->length));
	return status;
}
