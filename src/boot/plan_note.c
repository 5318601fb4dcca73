/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What is out of the ordinary in a plan, for people: it follows the reason for the method. */
#include <stdarg.h>

#include "boot/plan.h"
#include "core/libc.h"

/* Bytes that are kept for the last note. */
#define REST_SIZE (sizeof("; and 18446744073709551615 more") - 1)

/* The text that is appended to, or NULL. */
static char *get_notes(struct pvl_builder *b)
{
	if (!b->notes)
		b->notes = pvl_plan_new(b, 1, PVL_PLAN_NOTES_SIZE);
	if (!b->notes)
		b->notes_lost = true;
	return b->notes;
}

void pvl_plan_note(struct pvl_builder *b, const char *format, ...)
{
	char *notes = get_notes(b), *end = notes ? notes + strlen(notes) : NULL;
	int start = 0, length = 0;
	size_t left;
	va_list args;

	if (!notes)
		return;
	left = PVL_PLAN_NOTES_SIZE - REST_SIZE - (size_t)(end - notes);
	start = b->notes_left_out == 0 ? snprintf(end, left, "; ") : (int)left;
	if ((size_t)start < left) {
		va_start(args, format);
		length = vsnprintf(end + start, left - (size_t)start, format, args);
		va_end(args);
	}
	if ((size_t)start >= left || (size_t)length >= left - (size_t)start) {
		*end = '\0';
		b->notes_left_out++;
	}
}

const char *pvl_plan_notes(struct pvl_builder *b)
{
	const size_t used = b->notes ? strlen(b->notes) : 0;

	if (!b->notes)
		return "";
	if (b->notes_left_out > 0)
		snprintf(b->notes + used, PVL_PLAN_NOTES_SIZE - used, "; and %zu more",
			 b->notes_left_out);
	return b->notes;
}
