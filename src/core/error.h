/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Filling the caller's struct pvhload_error. */
#ifndef PVL_CORE_ERROR_H
#define PVL_CORE_ERROR_H

#include <stdbool.h>

#include <pvhload/status.h>

/* Where it happened, and the result of a callback or system call. */
struct pvl_where {
	uint64_t offset;
	uint64_t gpa;
	int32_t cause;
};

#define PVL_ANYWHERE ((struct pvl_where){ PVHLOAD_NOWHERE, PVHLOAD_NOWHERE, 0 })
#define PVL_AT(off)  ((struct pvl_where){ (off), PVHLOAD_NOWHERE, 0 })
#define PVL_GPA(gpa) ((struct pvl_where){ PVHLOAD_NOWHERE, (gpa), 0 })

/* Return the status of @call if it is a failure.  Only where nothing has to be freed. */
#define PVL_TRY(call)                                    \
	do {                                             \
		const enum pvhload_status try_ = (call); \
                                                         \
		if (try_ != PVHLOAD_OK)                  \
			return try_;                     \
	} while (0)

/* False if a call that got @err must end with PVHLOAD_E_USAGE; NULL is fine. */
bool pvl_error_usable(const struct pvhload_error *err);

/* Fill @err, if there is one, and return @status. */
__attribute__((format(printf, 4, 5))) enum pvhload_status pvl_fail(struct pvhload_error *err,
								   enum pvhload_status status,
								   struct pvl_where where,
								   const char *format, ...);

/* Put "CONTEXT: " before the message, if @status is a failure, and return @status. */
__attribute__((format(printf, 3, 4))) enum pvhload_status
pvl_fail_in(struct pvhload_error *err, enum pvhload_status status, const char *context, ...);

/* Put "; REMARK" after the message of a failed call, and return @status. */
enum pvhload_status pvl_fail_but(struct pvhload_error *err, enum pvhload_status status,
				 const char *remark);

/* Fill @err as @other is, if @status is a failure, and return that. */
enum pvhload_status pvl_fail_as(struct pvhload_error *err, enum pvhload_status status,
				const struct pvhload_error *other);

/* Set the file that is at fault, if @status is a failure that a file can cause, and return @status. */
enum pvhload_status pvl_fail_about(struct pvhload_error *err, enum pvhload_status status,
				   uint32_t subject, size_t index);

enum pvhload_status pvl_fail_no_memory(struct pvhload_error *err, uint64_t bytes);

#ifdef __clang_analyzer__
/* It reads one file at a time, so it does not know that these return the status that they are given. */
#define pvl_fail(err, status, ...)     ((void)pvl_fail(err, status, __VA_ARGS__), (status))
#define pvl_fail_no_memory(err, bytes) ((void)pvl_fail_no_memory(err, bytes), PVHLOAD_E_NO_MEMORY)
#endif

#endif
