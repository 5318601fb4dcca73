/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Progress reports to the caller. */
#ifndef PVL_CORE_PROGRESS_H
#define PVL_CORE_PROGRESS_H

#include <stdbool.h>

#include <pvhload/progress.h>
#include <pvhload/status.h>

/* Work between two reports, in bytes. */
#define PVL_PROGRESS_STEP (1u << 20)

/*
 * Check and copy the caller's struct; NULL makes a copy without a callback.  PVHLOAD_E_USAGE if its
 * size is wrong, or it has no callback.
 */
enum pvhload_status pvl_progress_copy(struct pvhload_progress *ret,
				      const struct pvhload_progress *caller,
				      struct pvhload_error *err);

/*
 * Report @done of @total bytes of @phase to the callback of such a copy.  PVHLOAD_E_CANCELLED if
 * the callback asks for that.
 */
enum pvhload_status pvl_progress_report(const struct pvhload_progress *progress, uint32_t phase,
					uint64_t done, uint64_t total, struct pvhload_error *err);

/* Work of many parts, told of at its start, after every PVL_PROGRESS_STEP of it, and at its end. */
struct pvl_work {
	const struct pvhload_progress *progress; /* such a copy, or NULL: nobody */
	uint32_t phase;
	uint64_t total; /* 0: not known */
	uint64_t done;
	uint64_t reported; /* of @done */
};

/* Is anybody told? */
static inline bool pvl_work_is_watched(const struct pvl_work *work)
{
	return work->progress && work->progress->callback;
}

/* Nothing is done yet; then, @bytes more are; then, all is.  PVHLOAD_E_CANCELLED as above. */
enum pvhload_status pvl_work_begin(struct pvl_work *work, struct pvhload_error *err);
enum pvhload_status pvl_work_advance(struct pvl_work *work, uint64_t bytes,
				     struct pvhload_error *err);
enum pvhload_status pvl_work_end(struct pvl_work *work, struct pvhload_error *err);

#endif
