/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "core/progress.h"

#include "abi/sizes.h"
#include "core/error.h"
#include "core/sized.h"

enum pvhload_status pvl_progress_copy(struct pvhload_progress *ret,
				      const struct pvhload_progress *caller,
				      struct pvhload_error *err)
{
	static const struct pvhload_progress nobody = PVHLOAD_PROGRESS_INIT;
	struct pvhload_progress copy = nobody;

	if (caller &&
	    (!pvl_sized_in(&copy, sizeof(copy), caller, PVL_V1_PROGRESS) || !copy.callback))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the progress has a wrong size or no callback");
	*ret = copy;
	return PVHLOAD_OK;
}

enum pvhload_status pvl_progress_report(const struct pvhload_progress *progress, uint32_t phase,
					uint64_t done, uint64_t total, struct pvhload_error *err)
{
	int answer = 0;

	if (progress->callback)
		answer = progress->callback(progress->user, phase, done, total);
	if (answer == 0)
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_CANCELLED,
			((struct pvl_where){ PVHLOAD_NOWHERE, PVHLOAD_NOWHERE, answer }),
			"cancelled by the caller");
}

static enum pvhload_status report(struct pvl_work *work, struct pvhload_error *err)
{
	work->reported = work->done;
	if (!work->progress)
		return PVHLOAD_OK;
	return pvl_progress_report(work->progress, work->phase, work->done, work->total, err);
}

enum pvhload_status pvl_work_begin(struct pvl_work *work, struct pvhload_error *err)
{
	work->done = 0;
	return report(work, err);
}

enum pvhload_status pvl_work_advance(struct pvl_work *work, uint64_t bytes,
				     struct pvhload_error *err)
{
	work->done += bytes;
	return work->done - work->reported < PVL_PROGRESS_STEP ? PVHLOAD_OK : report(work, err);
}

enum pvhload_status pvl_work_end(struct pvl_work *work, struct pvhload_error *err)
{
	return work->done == work->reported ? PVHLOAD_OK : report(work, err);
}
