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
