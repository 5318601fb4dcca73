/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Moving what was decoded to guest memory.  Sources and targets are in the same order, and neither overlap among
 * themselves.  So what goes down, the lowest first, only meets bytes that were moved before; then what goes up, the highest
 * first, likewise.
 */
#include "core/error.h"
#include "core/libc.h"
#include "layout/decoded.h"

bool pvl_decoded_has(const struct pvl_decoded *decoded, const struct pvl_write *w)
{
	return decoded && w->from == PVL_FROM_SOURCE && w->source == decoded->source;
}

/* Where its bytes are. */
static bool find_in_pieces(const struct pvl_decoded *decoded, const struct pvl_write *w,
			   uint64_t *ret)
{
	uint64_t at;

	if (!pvl_pieces_find(&decoded->pieces, w->offset, w->size, &at))
		return false;
	*ret = decoded->used.range.start + at;
	return true;
}

bool pvl_decoded_in_order(const struct pvl_writes *writes, const struct pvl_decoded *decoded)
{
	uint64_t end = 0, at;

	for (size_t i = 0; i < writes->count; i++) {
		const struct pvl_write *w = &writes->items[i];

		if (!pvl_decoded_has(decoded, w))
			continue;
		if (w->offset < end || !find_in_pieces(decoded, w, &at))
			return false;
		end = w->offset + w->size;
	}
	return true;
}

void pvl_used_clear(const struct pvl_used *used)
{
	memset(used->host, 0, (size_t)(used->range.end - used->range.start));
}

/* The same of one that is known to be there. */
static uint64_t is_at(const struct pvl_decoded *decoded, const struct pvl_write *w)
{
	uint64_t at = 0;

	(void)find_in_pieces(decoded, w, &at);
	return at;
}

static enum pvhload_status move(struct pvl_transfer *t, const struct pvl_write *w,
				const struct pvl_space *space, const struct pvl_decoded *decoded,
				struct pvhload_error *err)
{
	return pvl_fail_in_region(&space->claims[w->region],
				  pvl_transfer_used(t, is_at(decoded, w), w->gpa, w->size, err),
				  err);
}

/* What goes down, or is where it belongs. */
static enum pvhload_status move_down(struct pvl_transfer *t, const struct pvl_writes *writes,
				     const struct pvl_space *space,
				     const struct pvl_decoded *decoded, struct pvhload_error *err)
{
	for (size_t i = 0; i < writes->count; i++) {
		const struct pvl_write *w = &writes->items[i];

		if (!pvl_decoded_has(decoded, w) || w->gpa > is_at(decoded, w))
			continue;
		if (w->gpa == is_at(decoded, w))
			PVL_TRY(pvl_work_advance(&t->work, w->size, err));
		else
			PVL_TRY(move(t, w, space, decoded, err));
	}
	return PVHLOAD_OK;
}

static enum pvhload_status move_up(struct pvl_transfer *t, const struct pvl_writes *writes,
				   const struct pvl_space *space, const struct pvl_decoded *decoded,
				   struct pvhload_error *err)
{
	for (size_t i = writes->count; i-- > 0;) {
		const struct pvl_write *w = &writes->items[i];

		if (pvl_decoded_has(decoded, w) && w->gpa > is_at(decoded, w))
			PVL_TRY(move(t, w, space, decoded, err));
	}
	return PVHLOAD_OK;
}

/* What no write has of the range, after the @count writes. */
static enum pvhload_status list_rest(const struct pvl_writes *writes, struct pvl_range range,
				     struct pvl_writes *ret, struct pvhload_error *err)
{
	for (size_t i = 0; i < writes->count; i++)
		PVL_TRY(pvl_writes_append(ret, writes->items[i], err));
	return pvl_writes_fill(ret, writes->count, range, err);
}

static void clear_rest(const struct pvl_used *used, const struct pvl_writes *all, size_t from)
{
	for (size_t i = from; i < all->count; i++)
		memset(used->host + (all->items[i].gpa - used->range.start), 0,
		       (size_t)all->items[i].size);
}

static enum pvhload_status move_all(struct pvl_transfer *t, const struct pvl_writes *writes,
				    const struct pvl_space *space,
				    const struct pvl_decoded *decoded, struct pvl_writes *all,
				    struct pvhload_error *err)
{
	PVL_TRY(list_rest(writes, decoded->used.range, all, err));
	PVL_TRY(move_down(t, writes, space, decoded, err));
	PVL_TRY(move_up(t, writes, space, decoded, err));
	clear_rest(&decoded->used, all, writes->count);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_decoded_move(struct pvl_transfer *t, const struct pvl_writes *writes,
				     const struct pvl_space *space,
				     const struct pvl_decoded *decoded, struct pvhload_error *err)
{
	struct pvl_writes all = { .count = 0 };
	enum pvhload_status status;

	if (!decoded)
		return PVHLOAD_OK;
	status = move_all(t, writes, space, decoded, &all, err);
	pvl_writes_free(&all);
	return status;
}
