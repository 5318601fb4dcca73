/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * Threads of the caller's, for what can be done in parallel.
 *
 * The library starts no thread.  A caller that has some can lend them to a call: the library then splits work into
 * tasks, hands them to pvhload_pool::run, and waits for it.  What comes out, bytes, statuses and messages, is the
 * same as without.
 *
 * Only LZ4 payloads in the legacy framing, which is that of bzImages, are decoded in parallel: their blocks of 8 MiB
 * are independent of each other.  Everything else does not use a pool, and another version may use it for more.
 *
 * An image has a pool, pvhload_image_options::pool, and a plan, pvhload_boot_config::pool, which is used where the
 * image has none.
 *
 * @since 0.3
 */
#ifndef PVHLOAD_POOL_H
#define PVHLOAD_POOL_H

#include <stddef.h>
#include <stdint.h>

#include <pvhload/macros.h>

PVHLOAD_BEGIN_DECLS

/** Threads of the caller's.  The caller fills it.  @since 0.3 */
struct pvhload_pool {
	size_t struct_size; /**< sizeof(struct pvhload_pool) */
	/**
	 * Call @p task (@p arg, i) once for each i from 0 to @p count - 1, in any order, on any threads, several of
	 * them at a time or none, and return when all have returned.  @p count is at least 2.  A task takes
	 * milliseconds, calls nothing of the caller's, allocates no memory, and cannot fail for the caller.
	 *
	 * Called during calls to the library, from their thread; calls on several images call it at a time.  It must not
	 * call the library on the same objects.
	 *
	 * Return 0 if all tasks were called; any other value ends the call to the library with PVHLOAD_E_CALLBACK and
	 * is passed on in pvhload_error::cause.  No task may run any more then either.
	 */
	int (*run)(void *user, void (*task)(void *arg, size_t index), void *arg, size_t count);
	void *user; /**< handed to @c run as it is */
};

/** Initialiser for a struct pvhload_pool. */
#define PVHLOAD_POOL_INIT PVHLOAD_SIZED_(pvhload_pool)

PVHLOAD_END_DECLS

#endif
