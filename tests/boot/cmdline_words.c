/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Command lines as the library makes and reads them, for tests that are not in C.  On standard input are
 * fields, each with a NUL after it: the name of a call and its arguments, "end" after each command
 * line.  For each, one JSON object in a line comes back.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pvhload/pvhload.h>

#define VALUES 64u

/* The next field, in memory that lasts; ends the program when there are no more. */
static char *field(void)
{
	char *text = NULL;
	size_t size = 0;

	if (getdelim(&text, &size, '\0', stdin) < 0) {
		free(text);
		return NULL;
	}
	return text;
}

static char *argument(void)
{
	char *text = field();

	if (!text) {
		fprintf(stderr, "an argument is missing\n");
		exit(EXIT_FAILURE);
	}
	return text;
}

static uint64_t number(void)
{
	char *text = argument();
	const uint64_t value = strtoull(text, NULL, 0);

	free(text);
	return value;
}

static enum pvhload_status add_list(struct pvhload_cmdline *line, const char *key,
				    struct pvhload_error *err)
{
	const size_t count = (size_t)number();
	char *values[VALUES];
	enum pvhload_status status;

	if (count > VALUES)
		exit(EXIT_FAILURE);
	for (size_t i = 0; i < count; i++)
		values[i] = argument();
	status = pvhload_cmdline_add_list(line, key, (const char *const *)values, count, err);
	for (size_t i = 0; i < count; i++)
		free(values[i]);
	return status;
}

static enum pvhload_status call(struct pvhload_cmdline *line, const char *name,
				struct pvhload_error *err)
{
	char *first = argument(), *second = NULL;
	enum pvhload_status status = PVHLOAD_E_USAGE;

	if (strcmp(name, "parse") == 0)
		status = pvhload_cmdline_parse(line, first, err);
	else if (strcmp(name, "append") == 0)
		status = pvhload_cmdline_append(line, first, err);
	else if (strcmp(name, "init") == 0)
		status = pvhload_cmdline_append_init_args(line, first, err);
	else if (strcmp(name, "flag") == 0)
		status = pvhload_cmdline_add(line, first, NULL, err);
	else if (strcmp(name, "add") == 0)
		status = pvhload_cmdline_add(line, first, second = argument(), err);
	else if (strcmp(name, "list") == 0)
		status = add_list(line, first, err);
	else if (strcmp(name, "console") == 0)
		status = pvhload_cmdline_add_console(line, first, (uint32_t)number(), err);
	else if (strcmp(name, "earlycon") == 0)
		status = pvhload_cmdline_add_earlycon(line, first, PVHLOAD_EARLYCON_IO, number(),
						      115200, err);
	free(first);
	free(second);
	return status;
}

static void print_text(const char *text, size_t length)
{
	putchar('"');
	for (size_t i = 0; i < length; i++)
		if (text[i] == '"' || text[i] == '\\' || (unsigned char)text[i] < ' ')
			printf("\\u%04x", (unsigned char)text[i]);
		else
			putchar(text[i]);
	putchar('"');
}

static void print_line(const struct pvhload_cmdline *line, enum pvhload_status status,
		       const char *message)
{
	struct pvhload_cmdline_param param = PVHLOAD_CMDLINE_PARAM_INIT;
	const char *comma = "";

	printf("{\"status\": \"%s\", \"message\": ", pvhload_status_name(status));
	print_text(message, strlen(message));
	printf(", \"text\": ");
	print_text(pvhload_cmdline_str(line), pvhload_cmdline_length(line));
	printf(", \"words\": [");
	while (pvhload_cmdline_next(line, &param, NULL) == PVHLOAD_OK) {
		printf("%s[%u, ", comma, param.section);
		print_text(param.key, param.key_length);
		printf(", ");
		if (param.value)
			print_text(param.value, param.value_length);
		else
			printf("null");
		printf("]");
		comma = ", ";
	}
	printf("]}\n");
}

/* One command line, made by calls up to "end"; false if there is none. */
static bool one(void)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	enum pvhload_status status = PVHLOAD_OK;
	struct pvhload_cmdline *line = NULL;
	char *name = field();

	if (!name)
		return false;
	if (pvhload_cmdline_new(PVHLOAD_ELF_CMDLINE_MAX + 1, &line, &err) != PVHLOAD_OK)
		exit(EXIT_FAILURE);
	for (; name && strcmp(name, "end") != 0; name = field()) {
		const enum pvhload_status now = call(line, name, &err);

		if (now != PVHLOAD_OK)
			status = now;
		free(name);
	}
	free(name);
	print_line(line, status, status == PVHLOAD_OK ? "" : err.message);
	pvhload_cmdline_free(line);
	return true;
}

int main(void)
{
	while (one())
		;
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
