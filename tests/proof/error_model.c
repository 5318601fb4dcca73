/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * src/core/error.c without its formatting, which Eva knows little of: a message is any text that ends within its array.
 * That formats and their arguments fit is the compiler's to check, by -Wformat.
 */
#include "core/error.h"

static void fill(struct pvhload_error *err, enum pvhload_status status, struct pvl_where where)
{
	if (!err)
		return;
	err->offset = where.offset;
	err->gpa = where.gpa;
	err->status = (int32_t)status;
	err->cause = where.cause;
	err->subject = PVHLOAD_SUBJECT_NONE;
	err->index = 0;
	any_bytes(err->message, sizeof(err->message));
	err->message[sizeof(err->message) - 1] = '\0';
}

bool pvl_error_usable(const struct pvhload_error *err)
{
	return !err || any_bool();
}

enum pvhload_status pvl_fail(struct pvhload_error *err, enum pvhload_status status,
			     struct pvl_where where, const char *format, ...)
{
	(void)format;
	fill(err, status, where);
	return status;
}

enum pvhload_status pvl_fail_in(struct pvhload_error *err, enum pvhload_status status,
				const char *context, ...)
{
	(void)err;
	(void)context;
	return status;
}

enum pvhload_status pvl_fail_as(struct pvhload_error *err, enum pvhload_status status,
				const struct pvhload_error *other)
{
	if (err && status != PVHLOAD_OK)
		*err = *other;
	return status;
}

enum pvhload_status pvl_fail_about(struct pvhload_error *err, enum pvhload_status status,
				   uint32_t subject, size_t index)
{
	if (err && status != PVHLOAD_OK) {
		err->subject = subject;
		err->index = (uint32_t)index;
	}
	return status;
}

enum pvhload_status pvl_fail_no_memory(struct pvhload_error *err, uint64_t bytes)
{
	(void)bytes;
	fill(err, PVHLOAD_E_NO_MEMORY, PVL_ANYWHERE);
	return PVHLOAD_E_NO_MEMORY;
}
