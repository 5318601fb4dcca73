/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What holds of any call's answer: an output stays as it was if the call fails, an error if it does not. */
#ifndef FUZZ_ANSWERS_H
#define FUZZ_ANSWERS_H

#include <string.h>

#include <pvhload/status.h>

#include "fuzz.h"

#define ANSWERS_PATTERN 0x5a

/* What a pointer to be filled is before a call: nothing that can be looked at. */
#define ANSWERS_UNTOUCHED ((void *)(uintptr_t)0x5a5a)

static inline struct pvhload_error answers_error(void)
{
	struct pvhload_error err;

	memset(&err, ANSWERS_PATTERN, sizeof(err));
	err.struct_size = sizeof(err);
	return err;
}

static inline void answers_check_error(enum pvhload_status status, const struct pvhload_error *err)
{
	const struct pvhload_error untouched = answers_error();

	if (status == PVHLOAD_OK) {
		MUST(memcmp(err, &untouched, sizeof(untouched)) == 0);
		return;
	}
	MUST(err->status == (int32_t)status && err->message[0] != '\0');
	/* offset and gpa may be what an input has, and an engine tries what they are compared with */
	MUST(err->subject != untouched.subject && err->index != untouched.index &&
	     err->cause != untouched.cause);
	MUST(memchr(err->message, '\0', sizeof(err->message)) && !strchr(err->message, '\n'));
}

/* What a call has filled; NULL if it failed. */
static inline void *answers_filled(enum pvhload_status status, void *pointer)
{
	MUST((status == PVHLOAD_OK) == (pointer != ANSWERS_UNTOUCHED));
	MUST(pointer != NULL);
	return status == PVHLOAD_OK ? pointer : NULL;
}

#endif
