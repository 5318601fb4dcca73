/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The list of writes to guest memory, and doing them. */
#ifndef PVL_LAYOUT_WRITES_H
#define PVL_LAYOUT_WRITES_H

#include "core/progress.h"
#include "layout/space.h"
#include "memory/access.h"
#include "source/source.h"

/* Where a write's bytes come from; write_kinds.c has a row for each. */
enum pvl_write_from { PVL_FROM_ZEROS, PVL_FROM_BYTES, PVL_FROM_SOURCE };

/* Bytes for one place.  Every write lies in one region, and no two share a byte. */
struct pvl_write {
	uint64_t gpa; /* first, for pvl_sort_by_start() */
	uint64_t size;
	size_t region; /* of the space's claims; set by pvl_writes_finish() */
	enum pvl_write_from from;
	const uint8_t *bytes;            /* PVL_FROM_BYTES */
	const struct pvl_source *source; /* PVL_FROM_SOURCE, from @offset on */
	uint64_t offset;
	bool steady;      /* the guest will not write it soon */
	uint32_t subject; /* PVHLOAD_SUBJECT_* of the source, and which it is */
	uint32_t index;
};

struct pvl_writes {
	struct pvl_write *items;
	size_t count;
	size_t capacity;
};

/* Append a write; one of size 0 is ignored. */
enum pvhload_status pvl_writes_append(struct pvl_writes *writes, struct pvl_write item,
				      struct pvhload_error *err);
void pvl_writes_free(struct pvl_writes *writes);

/* Append a write of the next @size bytes of a block that is being filled. */
struct pvl_block {
	struct pvl_writes *writes;
	uint8_t *at;
};

enum pvhload_status pvl_block_append(struct pvl_block *block, uint64_t gpa, uint64_t size,
				     struct pvhload_error *err);

/*
 * Append zeros for what of @range none of the first @count writes has; these must be sorted by address and
 * disjoint.
 */
enum pvhload_status pvl_writes_fill(struct pvl_writes *writes, size_t count, struct pvl_range range,
				    struct pvhload_error *err);

/*
 * Call this once all writes are appended and everything in @space has its place: it sorts them by
 * address, so that those of one region follow each other, closes the space, and finds the region of each.
 * The functions below need that.
 */
void pvl_writes_finish(struct pvl_writes *writes, struct pvl_space *space);

/*
 * Read all writes whose reading may fail to one block of host memory, *@ret, to be freed, so that
 * such a failure comes before anything is written.
 */
enum pvhload_status pvl_writes_load(struct pvl_writes *writes, const struct pvl_space *space,
				    uint8_t **ret, struct pvhload_error *err);

/* Put the region before the message of a failure; not of what the caller ended. */
enum pvhload_status pvl_fail_in_region(const struct pvl_claim *claim, enum pvhload_status status,
				       struct pvhload_error *err);

/* Copy the @size bytes that are written from @gpa on, zeros where nothing is written. */
enum pvhload_status pvl_writes_read(const struct pvl_writes *writes, uint64_t gpa, uint8_t *dst,
				    size_t size, struct pvhload_error *err);

/*
 * Do all writes, after pvl_writes_finish().  The claims of @space that have a kind are the regions;
 * all of them are held against the RAM of @mem before the first byte is written.  @progress is a
 * copy by pvl_progress_copy(), or NULL.
 */
enum pvhload_status pvl_writes_commit(const struct pvl_writes *writes,
				      const struct pvl_space *space, const struct pvl_memory *mem,
				      const struct pvhload_progress *progress,
				      struct pvhload_error *err);

/*
 * Zero all RAM of @space that the writes do not have and that is not kept free.  All of it is held against the
 * RAM of @mem before the first byte is written; @progress is as above.
 */
enum pvhload_status pvl_writes_clear_unused(const struct pvl_writes *writes,
					    const struct pvl_space *space,
					    const struct pvl_memory *mem,
					    const struct pvhload_progress *progress,
					    struct pvhload_error *err);

#endif
