/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Any bytes as the text of a command line, held against words split in another way; and as calls that
 * edit one, held against a model.
 */
#include <string.h>

#include <pvhload/pvhload.h>

#include "answers.h"
#include "cmdline_model.h"
#include "fuzz.h"
#include "fuzz_input.h"

#define EDITS_FEW 16u /* bytes of an input that are calls; all of them for one in CHOSEN */
#define CHOSEN    16u

/* The words of @text are those of @line, but for the "--". */
static void compare(const struct pvhload_cmdline *line, const char *text)
{
	struct pvhload_cmdline_param param = PVHLOAD_CMDLINE_PARAM_INIT;
	uint32_t section = PVHLOAD_CMDLINE_KERNEL;
	struct model_word word;

	while (model_word_next(&text, &word)) {
		if (section != PVHLOAD_CMDLINE_IGNORED && model_word_is_dashes(&word)) {
			section++;
		} else {
			MUST(pvhload_cmdline_next(line, &param, NULL) == PVHLOAD_OK);
			MUST(param.section == section);
			MUST(param.key_length == strlen(word.key));
			MUST(memcmp(param.key, word.key, param.key_length) == 0);
			MUST(!param.value == !word.value);
			MUST(!word.value ||
			     (param.value_length == strlen(word.value) &&
			      memcmp(param.value, word.value, param.value_length) == 0));
		}
		model_word_free(&word);
	}
	MUST(pvhload_cmdline_next(line, &param, NULL) == PVHLOAD_E_NOT_FOUND);
}

static void parse(const char *text)
{
	struct pvhload_error err = answers_error();
	struct pvhload_cmdline *line = NULL;
	enum pvhload_status status;

	MUST(pvhload_cmdline_new(2048, &line, NULL) == PVHLOAD_OK);
	status = pvhload_cmdline_parse(line, text, &err);
	answers_check_error(status, &err);
	MUST(status == PVHLOAD_OK || status == PVHLOAD_E_CMDLINE);
	MUST(pvhload_cmdline_length(line) == strlen(pvhload_cmdline_str(line)));
	MUST(pvhload_cmdline_length(line) < 2048);
	if (status == PVHLOAD_OK) {
		MUST(pvhload_cmdline_length(line) <= strlen(text));
		compare(line, text);
		compare(line, pvhload_cmdline_str(line));
	} else {
		MUST(pvhload_cmdline_length(line) == 0);
		MUST(err.offset == PVHLOAD_NOWHERE || err.offset < strlen(text));
		MUST(err.offset != PVHLOAD_NOWHERE || strlen(text) >= 2048);
	}
	pvhload_cmdline_free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	MUST(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	parse(text);
	free(text);
	if (size > EDITS_FEW && !input_is_chosen(data, size, CHOSEN))
		size = EDITS_FEW;
	model_edit(data, size);
	return 0;
}
