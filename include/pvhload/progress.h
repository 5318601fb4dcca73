/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * Progress of long calls, and cancelling them.
 *
 * Decoding a kernel and writing it to guest memory can take a second and more.  Calls that take a
 * struct pvhload_progress report to it while they work, and its callback may end them: they then
 * return PVHLOAD_E_CANCELLED, with the same state as after any other failure.
 *
 * An image has a callback, pvhload_image_options::progress: it is told whenever the image is decoded.  A plan
 * has one, pvhload_boot_config::progress: it is told of planning, of committing, and, if the image has none,
 * of the decoding that planning takes.
 *
 * @since 0.2
 */
#ifndef PVHLOAD_PROGRESS_H
#define PVHLOAD_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

#include <pvhload/macros.h>

PVHLOAD_BEGIN_DECLS

/** What is being done; a program must expect others from later versions. */
#define PVHLOAD_PROGRESS_DECODE 1u /**< decoding a payload or file, in bytes of output */
#define PVHLOAD_PROGRESS_PLAN   2u /**< planning a boot, in methods: pvhload_plan_attempt */
#define PVHLOAD_PROGRESS_COMMIT 3u /**< writing a plan to guest memory, in bytes, zeros included */
#define PVHLOAD_PROGRESS_CLEAR  4u /**< zeroing unused RAM, in bytes.  @since 0.3 */

/** A callback for progress.  The caller fills it. */
struct pvhload_progress {
	size_t struct_size; /**< sizeof(struct pvhload_progress) */
	/**
	 * Called during calls to the library, from their thread, at the start and the end of the work and
	 * between them every 1 to 16 MiB, with a pool every 64 MiB, but not during a map_file callback or where a
	 * codec decodes in one go; must not call the library on the same objects.
	 *
	 * @p phase is PVHLOAD_PROGRESS_*.  @p done is 0 in the first report of a phase and grows; each
	 * payload that is decoded starts again at 0.  Reports of decoding may come between those of
	 * planning.  @p total is the whole amount, or 0 if it is not known; if it is known, @p done
	 * equals it in the last report of what succeeds.  If an early method works, planning jumps
	 * straight to @p total.
	 *
	 * Return 0 to go on; any other value ends the call with PVHLOAD_E_CANCELLED and is passed on
	 * in pvhload_error::cause.
	 */
	int (*callback)(void *user, uint32_t phase, uint64_t done, uint64_t total);
	void *user; /**< handed to @c callback as it is */
};

/** Initialiser for a struct pvhload_progress. */
#define PVHLOAD_PROGRESS_INIT PVHLOAD_SIZED_(pvhload_progress)

PVHLOAD_END_DECLS

#endif
