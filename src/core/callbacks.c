/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "core/callbacks.h"

#include "abi/sizes.h"
#include "core/error.h"
#include "core/sized.h"

enum pvhload_status pvl_pool_copy(struct pvhload_pool *ret, const struct pvhload_pool *caller,
				  struct pvhload_error *err)
{
	static const struct pvhload_pool nobody = PVHLOAD_POOL_INIT;
	struct pvhload_pool copy = nobody;

	if (caller && (!pvl_sized_in(&copy, sizeof(copy), caller, PVL_V1_POOL) || !copy.run))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the pool has a wrong size or no run()");
	*ret = copy;
	return PVHLOAD_OK;
}

enum pvhload_status pvl_pool_call(const struct pvhload_pool *pool,
				  void (*task)(void *arg, size_t index), void *arg, size_t count,
				  struct pvhload_error *err)
{
	const int answer = pool->run(pool->user, task, arg, count);

	if (answer == 0)
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_CALLBACK,
			((struct pvl_where){ PVHLOAD_NOWHERE, PVHLOAD_NOWHERE, answer }),
			"the run callback of the pool returned %d", answer);
}
