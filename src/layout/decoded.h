/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A source that has been decoded to guest memory already: its bytes are moved from there to where they belong. */
#ifndef PVL_LAYOUT_DECODED_H
#define PVL_LAYOUT_DECODED_H

#include "layout/writes.h"
#include "memory/pieces.h"
#include "memory/transfer.h"

struct pvl_decoded {
	const struct pvl_source *source; /* all of it is in */
	struct pvl_used used;            /* which no region has that is not of the plan; */
	struct pvl_pieces pieces;        /* where in it */
};

/* Are the bytes of this write there?  @decoded may be NULL. */
bool pvl_decoded_has(const struct pvl_decoded *decoded, const struct pvl_write *w);

/*
 * True if the writes of the source have their bytes in the order of their addresses, and no byte twice, and each in one
 * piece: only then can all be moved without one being lost.
 */
bool pvl_decoded_in_order(const struct pvl_writes *writes, const struct pvl_decoded *decoded);

/*
 * Move all of them, and zero what of the range no write has.  No region has begun.  Where the
 * memory has no pointer to what they move to, its write() is called.  @decoded may be NULL.
 */
enum pvhload_status pvl_decoded_move(struct pvl_transfer *t, const struct pvl_writes *writes,
				     const struct pvl_space *space,
				     const struct pvl_decoded *decoded, struct pvhload_error *err);

/*
 * pvl_writes_commit(), but that bytes of @decoded->source are moved from where they are already.  If they are not in order,
 * the range is zeroed, and they come from the source.  @decoded may be NULL.
 */
enum pvhload_status
pvl_writes_commit_decoded(const struct pvl_writes *writes, const struct pvl_space *space,
			  const struct pvl_memory *mem, const struct pvl_decoded *decoded,
			  const struct pvhload_progress *progress, struct pvhload_error *err);

/* Zero all of it. */
void pvl_used_clear(const struct pvl_used *used);

#endif
