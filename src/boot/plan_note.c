/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What is out of the ordinary in a plan, for people: it follows the reason for the method. */
#include <stdarg.h>

#include "boot/plan.h"
#include "core/libc.h"

/* Bytes that are kept for the last note. */
#define REST_SIZE (sizeof("; and 18446744073709551615 more") - 1)

void pvl_plan_note(struct pvl_builder *b, const char *format, ...)
{
	char *notes = pvl_plan_notes(b->plan);
	char *end = notes + strlen(notes);
	const size_t left = PVL_PLAN_NOTES_SIZE - REST_SIZE - (size_t)(end - notes);
	const int start = b->plan->notes_left_out == 0 ? snprintf(end, left, "; ") : (int)left;
	int length = 0;
	va_list args;

	if ((size_t)start < left) {
		va_start(args, format);
		length = vsnprintf(end + start, left - (size_t)start, format, args);
		va_end(args);
	}
	if ((size_t)start >= left || (size_t)length >= left - (size_t)start) {
		*end = '\0';
		b->plan->notes_left_out++;
	}
}

void pvl_plan_note_rest(struct pvl_builder *b)
{
	char *notes = pvl_plan_notes(b->plan);
	const size_t used = strlen(notes);

	if (b->plan->notes_left_out > 0)
		snprintf(notes + used, PVL_PLAN_NOTES_SIZE - used, "; and %zu more",
			 b->plan->notes_left_out);
}
