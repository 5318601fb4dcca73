/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "memory/pieces.h"

#include "core/checked.h"
#include "core/libc.h"
#include "memory/copy_nonzero.h"

static uint64_t size_of(const struct pvl_piece *p)
{
	return p->bytes.end - p->bytes.start;
}

struct pvl_pieces pvl_pieces_whole(uint64_t size)
{
	return (struct pvl_pieces){ .items = { { { 0, size }, 0 } }, .count = 1, .end = size };
}

/* Neither up, nor to where the one before it is. */
static bool goes_down(const struct pvl_piece *p, const struct pvl_piece *before)
{
	return p->at <= p->bytes.start && before->bytes.end <= p->bytes.start &&
	       before->at <= p->at && size_of(before) <= p->at - before->at;
}

uint64_t pvl_pieces_move_down_at(const struct pvl_pieces *wanted)
{
	const struct pvl_piece *items = wanted->items;
	const size_t count = wanted->count;

	if (count < 2 || items[0].at != items[0].bytes.start)
		return 0;
	for (size_t i = 1; i < count; i++)
		if (!goes_down(&items[i], &items[i - 1]))
			return 0;
	return items[count - 1].at < items[count - 1].bytes.start ? items[count - 1].bytes.start
								  : 0;
}

/* The first that is not where it is decoded to; there is one. */
static size_t first_moved(const struct pvl_pieces *wanted)
{
	size_t i = 0;

	while (wanted->items[i].at == wanted->items[i].bytes.start)
		i++;
	return i;
}

/* Is all between the pieces zeros, from the one before @first on? */
static bool loses_nothing(const struct pvl_pieces *wanted, size_t first, const uint8_t *ram)
{
	for (size_t i = first; i < wanted->count; i++) {
		const uint64_t start = wanted->items[i - 1].bytes.end;

		if (!pvl_is_zero(ram + start, (size_t)(wanted->items[i].bytes.start - start)))
			return false;
	}
	return true;
}

/* Those before @first are in one with all before them, and the rest of the file is in one with the last. */
static struct pvl_pieces join(const struct pvl_pieces *wanted, size_t first, uint64_t reach,
			      uint64_t size)
{
	struct pvl_pieces made = pvl_pieces_whole(wanted->items[first - 1].bytes.end);
	struct pvl_piece *last;

	for (size_t i = first; i < wanted->count; i++)
		made.items[made.count++] = wanted->items[i];
	last = &made.items[made.count - 1];
	last->bytes.end = size;
	made.end = pvl_max_u64(reach, last->at + size_of(last));
	return made;
}

uint64_t pvl_pieces_move_down(struct pvl_pieces *pieces, const struct pvl_pieces *wanted,
			      uint8_t *ram, uint64_t used, uint64_t reach)
{
	const size_t first = first_moved(wanted);
	const struct pvl_piece *last = &wanted->items[wanted->count - 1];

	if (!loses_nothing(wanted, first, ram))
		return 0;
	*pieces = join(wanted, first, reach, pieces->items[0].bytes.end);
	for (size_t i = 1; i < pieces->count; i++) {
		const struct pvl_piece *p = &pieces->items[i];
		const uint64_t end = pvl_min_u64(p->bytes.end, used);

		memmove(ram + p->at, ram + p->bytes.start, (size_t)(end - p->bytes.start));
	}
	return last->bytes.start - last->at;
}

bool pvl_pieces_find(const struct pvl_pieces *pieces, uint64_t offset, uint64_t size,
		     uint64_t *ret_at)
{
	struct pvl_range range;

	if (!pvl_range_make(offset, size, &range))
		return false;
	for (size_t i = 0; i < pieces->count; i++) {
		const struct pvl_piece *p = &pieces->items[i];

		if (!pvl_range_contains(p->bytes, range))
			continue;
		*ret_at = p->at + (offset - p->bytes.start);
		return true;
	}
	return false;
}

/* The next bytes at @offset, at most @size, that are in one piece, or in none: NULL; and how many. */
static const uint8_t *next_part(const struct pvl_pieces *pieces, const uint8_t *ram,
				uint64_t offset, size_t size, size_t *ret_size)
{
	*ret_size = size;
	for (size_t i = 0; i < pieces->count; i++) {
		const struct pvl_piece *p = &pieces->items[i];

		if (offset < p->bytes.start) {
			*ret_size = (size_t)pvl_min_u64(size, p->bytes.start - offset);
			return NULL;
		}
		if (offset < p->bytes.end) {
			*ret_size = (size_t)pvl_min_u64(size, p->bytes.end - offset);
			return ram + p->at + (offset - p->bytes.start);
		}
	}
	return NULL;
}

void pvl_pieces_read(const struct pvl_pieces *pieces, const uint8_t *ram, uint64_t offset,
		     uint8_t *dst, size_t size)
{
	while (size > 0) {
		size_t n;
		const uint8_t *from = next_part(pieces, ram, offset, size, &n);

		if (from)
			memcpy(dst, from, n);
		else
			memset(dst, 0, n);
		offset += n;
		dst += n;
		size -= n;
	}
}
