/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What the caller brings to long work: whom it tells, and threads. */
#ifndef PVL_CORE_CALLBACKS_H
#define PVL_CORE_CALLBACKS_H

#include <pvhload/pool.h>
#include <pvhload/progress.h>
#include <pvhload/status.h>

/*
 * Check and copy the caller's struct; NULL makes a copy without run().  PVHLOAD_E_USAGE if its size is
 * wrong, or it has no run().
 */
enum pvhload_status pvl_pool_copy(struct pvhload_pool *ret, const struct pvhload_pool *caller,
				  struct pvhload_error *err);

/* Call @task(@arg, 0) to @task(@arg, @count - 1) by such a copy that has run(); all have returned then. */
enum pvhload_status pvl_pool_call(const struct pvhload_pool *pool,
				  void (*task)(void *arg, size_t index), void *arg, size_t count,
				  struct pvhload_error *err);

/*
 * Decoding that goes on at a lower address once @at bytes are decoded: call() is called then, may move any of the @used bytes
 * that there are so far, and returns how many bytes lower the next one goes; 0: none.  Nothing has been written at or after
 * @reach.
 */
struct pvl_move_down {
	uint64_t at;
	uint64_t (*call)(void *user, uint64_t used, uint64_t reach);
	void *user;
};

/* Copies as above, and as progress.h has them; NULL: none. */
struct pvl_callbacks {
	const struct pvhload_progress *progress;
	const struct pvhload_pool *pool;
	const struct pvl_move_down
		*move_down; /* ours; not called by codecs that read again what they made */
};

#endif
