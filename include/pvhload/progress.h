/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * Being told how far a long call has come, and ending it early.
 *
 * Decoding a kernel and writing it to guest memory can take a second and more.  Calls that take a
 * struct pvhload_progress report to it while they work, and its callback may end them: they then
 * return PVHLOAD_E_CANCELLED and leave behind what any other failure of theirs leaves.
 */
#ifndef PVHLOAD_PROGRESS_H
#define PVHLOAD_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

#include <pvhload/macros.h>

PVHLOAD_BEGIN_DECLS

/** What is being done; a program must expect others from later versions. */
#define PVHLOAD_PROGRESS_DECODE 1u /**< decoding a payload or a compressed file */
#define PVHLOAD_PROGRESS_PLAN   2u /**< planning a boot */
#define PVHLOAD_PROGRESS_COMMIT 3u /**< writing a plan to guest memory */

/** Whom to tell.  The caller fills it. */
struct pvhload_progress {
	size_t struct_size; /**< sizeof(struct pvhload_progress) */
	/**
	 * Called during calls to the library, from their thread, every MiB or so of work; must not
	 * call the library on the same objects.
	 *
	 * @p phase is PVHLOAD_PROGRESS_*.  @p done is how many bytes of it are done, never less than
	 * in the call before; it begins anew with each payload.  @p total is how many there are, or 0
	 * if that is not known.  Return 0 to go on; any other value ends the call with
	 * PVHLOAD_E_CANCELLED and is passed on in pvhload_error::cause.
	 */
	int (*callback)(void *user, uint32_t phase, uint64_t done, uint64_t total);
	void *user; /**< handed to @c callback as it is */
};

/** Initialiser for a struct pvhload_progress. */
#define PVHLOAD_PROGRESS_INIT PVHLOAD_SIZED_(pvhload_progress)

PVHLOAD_END_DECLS

#endif
