/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Where the bytes of a file are in RAM that it is decoded to, if not one after the other: while it is decoded, parts of it
 * may be moved down to where they belong, and what follows goes there at once.  No byte is lost by that, whatever the
 * parts are: what is in none of them has been seen to be zeros.
 */
#ifndef PVL_MEMORY_PIECES_H
#define PVL_MEMORY_PIECES_H

#include "core/range.h"

#define PVL_PIECES_MAX 8u

struct pvl_piece {
	struct pvl_range bytes; /* in the file */
	uint64_t at;            /* in the RAM, from its start on; no more than bytes.start */
};

/* Sorted by both, and none overlap by either.  The rest of the file is zeros. */
struct pvl_pieces {
	struct pvl_piece items[PVL_PIECES_MAX];
	size_t count;
	uint64_t end; /* of the RAM that is written to while all of the file is decoded */
};

/* All of a file in one. */
struct pvl_pieces pvl_pieces_whole(uint64_t size);

/*
 * How many bytes have to be decoded before pvl_pieces_move_down() can move @wanted, the parts of a file and where they belong;
 * 0 if they are not such pieces, or the last is where it belongs.
 */
uint64_t pvl_pieces_move_down_at(const struct pvl_pieces *wanted);

/*
 * @pieces is all of a file.  The first @used bytes of it, no fewer than pvl_pieces_move_down_at(), are at @ram, where nothing has
 * been written at or after @reach.  Move @wanted to where they belong, and let the rest of the file follow the last of
 * them.  Returns how much further down that is, and @pieces; 0, and nothing is moved, if a byte that is not zero would
 * be lost.
 */
uint64_t pvl_pieces_move_down(struct pvl_pieces *pieces, const struct pvl_pieces *wanted,
			      uint8_t *ram, uint64_t used, uint64_t reach);

/* Where in the RAM @size bytes at @offset of the file are; false if they are not all in one piece. */
bool pvl_pieces_find(const struct pvl_pieces *pieces, uint64_t offset, uint64_t size,
		     uint64_t *ret_at);

/* Copy @size bytes at @offset of the file. */
void pvl_pieces_read(const struct pvl_pieces *pieces, const uint8_t *ram, uint64_t offset,
		     uint8_t *dst, size_t size);

#endif
