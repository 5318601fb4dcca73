/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "core/error.h"

#include <stdarg.h>

#include "abi/sizes.h"
#include "core/libc.h"
#include "core/sized.h"

/* Macros for clang's analyser. */
#undef pvl_fail
#undef pvl_fail_no_memory

/* How many bytes of the caller's struct may be written: of a zeroed one, those of the first version. */
static size_t writable_size(const struct pvhload_error *err)
{
	return err->struct_size == 0 ? PVL_V1_ERROR : err->struct_size;
}

bool pvl_error_usable(const struct pvhload_error *err)
{
	return !err || (writable_size(err) >= PVL_V1_ERROR && writable_size(err) <= PVL_SIZED_MAX);
}

/* Mark @message as cut, if its @length bytes did not fit. */
static void mark_cut(char message[PVHLOAD_ERROR_MESSAGE_SIZE], int length)
{
	static const char dots[] = "...";

	if (length >= PVHLOAD_ERROR_MESSAGE_SIZE)
		memcpy(message + PVHLOAD_ERROR_MESSAGE_SIZE - sizeof(dots), dots, sizeof(dots));
}

enum pvhload_status pvl_fail(struct pvhload_error *err, enum pvhload_status status,
			     struct pvl_where where, const char *format, ...)
{
	va_list args;

	if (!err)
		return status;
	err->offset = where.offset;
	err->gpa = where.gpa;
	err->status = (int32_t)status;
	err->cause = where.cause;
	err->subject = PVHLOAD_SUBJECT_NONE;
	err->index = 0;
	va_start(args, format);
	mark_cut(err->message, vsnprintf(err->message, sizeof(err->message), format, args));
	va_end(args);
	return status;
}

enum pvhload_status pvl_fail_in(struct pvhload_error *err, enum pvhload_status status,
				const char *context, ...)
{
	char message[PVHLOAD_ERROR_MESSAGE_SIZE];
	va_list args;
	int used;

	if (!err || status == PVHLOAD_OK)
		return status;
	memcpy(message, err->message, sizeof(message));
	va_start(args, context);
	used = vsnprintf(err->message, sizeof(err->message), context, args);
	va_end(args);
	if (used >= 0 && used < PVHLOAD_ERROR_MESSAGE_SIZE)
		used += snprintf(err->message + used, sizeof(err->message) - (size_t)used, ": %s",
				 message);
	mark_cut(err->message, used);
	return status;
}

enum pvhload_status pvl_fail_but(struct pvhload_error *err, enum pvhload_status status,
				 const char *remark)
{
	const size_t used = err ? strlen(err->message) : 0;

	if (err)
		mark_cut(err->message,
			 (int)used + snprintf(err->message + used, sizeof(err->message) - used,
					      "; %s", remark));
	return status;
}

enum pvhload_status pvl_fail_as(struct pvhload_error *err, enum pvhload_status status,
				const struct pvhload_error *other)
{
	size_t declared, size;

	if (!err || status == PVHLOAD_OK)
		return status;
	declared = err->struct_size;
	size = writable_size(err);
	memcpy(err, other, sizeof(*err) < size ? sizeof(*err) : size);
	err->struct_size = declared;
	return status;
}

enum pvhload_status pvl_fail_about(struct pvhload_error *err, enum pvhload_status status,
				   uint32_t subject, size_t index)
{
	/* Who ended the call, or whose guest memory failed, is the caller, whatever file was at hand. */
	if (status == PVHLOAD_E_CANCELLED || status == PVHLOAD_E_CALLBACK)
		return status;
	if (err && status != PVHLOAD_OK) {
		err->subject = subject;
		err->index = (uint32_t)index;
	}
	return status;
}

enum pvhload_status pvl_fail_no_memory(struct pvhload_error *err, uint64_t bytes)
{
	return pvl_fail(err, PVHLOAD_E_NO_MEMORY, PVL_ANYWHERE,
			"no host memory for %" PRIu64 " bytes", bytes);
}

const char *pvhload_status_name(int32_t status)
{
	switch (status) {
	case PVHLOAD_OK:
		return "PVHLOAD_OK";
	case PVHLOAD_E_USAGE:
		return "PVHLOAD_E_USAGE";
	case PVHLOAD_E_NO_MEMORY:
		return "PVHLOAD_E_NO_MEMORY";
	case PVHLOAD_E_CAPACITY:
		return "PVHLOAD_E_CAPACITY";
	case PVHLOAD_E_CANCELLED:
		return "PVHLOAD_E_CANCELLED";
	case PVHLOAD_E_SOURCE:
		return "PVHLOAD_E_SOURCE";
	case PVHLOAD_E_FORMAT:
		return "PVHLOAD_E_FORMAT";
	case PVHLOAD_E_UNSUPPORTED:
		return "PVHLOAD_E_UNSUPPORTED";
	case PVHLOAD_E_MALFORMED:
		return "PVHLOAD_E_MALFORMED";
	case PVHLOAD_E_LIMIT:
		return "PVHLOAD_E_LIMIT";
	case PVHLOAD_E_PROTOCOL:
		return "PVHLOAD_E_PROTOCOL";
	case PVHLOAD_E_NOT_FOUND:
		return "PVHLOAD_E_NOT_FOUND";
	case PVHLOAD_E_RANGE:
		return "PVHLOAD_E_RANGE";
	case PVHLOAD_E_OVERLAP:
		return "PVHLOAD_E_OVERLAP";
	case PVHLOAD_E_NO_ROOM:
		return "PVHLOAD_E_NO_ROOM";
	case PVHLOAD_E_MEMMAP:
		return "PVHLOAD_E_MEMMAP";
	case PVHLOAD_E_CMDLINE:
		return "PVHLOAD_E_CMDLINE";
	case PVHLOAD_E_CALLBACK:
		return "PVHLOAD_E_CALLBACK";
	default:
		return "unknown status";
	}
}
