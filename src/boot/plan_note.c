/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What is out of the ordinary in a plan, for people: it follows the reason for the method. */
#include <stdarg.h>

#include "boot/plan.h"
#include "core/libc.h"

void pvl_plan_note(struct pvl_builder *b, const char *format, ...)
{
	char *notes = b->plan->notes;
	const size_t used = strlen(notes), size = sizeof(b->plan->notes);
	const int start = snprintf(notes + used, size - used, "; ");
	va_list args;

	if (start < 0 || (size_t)start >= size - used)
		return;
	va_start(args, format);
	vsnprintf(notes + used + start, size - used - (size_t)start, format, args);
	va_end(args);
}
