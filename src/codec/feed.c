/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "codec/feed.h"

#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"

#define READ_LEAST (64u << 10) /* a stream may have very many chunks of a few bytes */
#define READ_AHEAD 64u         /* a chunk's header, with the chunk before it */
#define ROOM_STEP  (2u << 20)  /* and chunks that are a little larger each */

/* Room for @size bytes, of which the first @kept are there.  They may be more than this host has addresses for. */
static enum pvhload_status make_room(struct pvl_feed *feed, uint64_t size, size_t kept,
				     struct pvhload_error *err)
{
	uint64_t room = size;
	uint8_t *buffer;

	if (size <= feed->room)
		return PVHLOAD_OK;
	if (size > READ_LEAST && (!pvl_align_up(size, ROOM_STEP, &room) || room > SIZE_MAX))
		return pvl_fail_no_memory(err, size);
	buffer = pvl_new_output((size_t)room);
	if (!buffer)
		return pvl_fail_no_memory(err, room);
	if (kept > 0)
		memcpy(buffer, feed->buffer, kept);
	free(feed->buffer);
	feed->buffer = buffer;
	feed->room = (size_t)room;
	return PVHLOAD_OK;
}

/* Have the buffer begin at @at, and return how many bytes from there on are in it. */
static size_t keep_from(struct pvl_feed *feed, uint64_t at)
{
	size_t kept = 0;

	if (at >= feed->from && at - feed->from < feed->size) {
		kept = feed->size - (size_t)(at - feed->from);
		memmove(feed->buffer, feed->buffer + (at - feed->from), kept);
	}
	feed->from = at;
	feed->size = kept;
	return kept;
}

static enum pvhload_status fill(struct pvl_feed *feed, uint64_t at, size_t size, uint64_t end,
				struct pvhload_error *err)
{
	const size_t kept = keep_from(feed, at);
	const uint64_t left = end - at, after = left > size ? left - size : 0;
	const uint64_t want =
		pvl_max_u64(size + pvl_min_u64(after, READ_AHEAD), pvl_min_u64(left, READ_LEAST));

	PVL_TRY(make_room(feed, want, kept, err));
	PVL_TRY(pvl_source_read(feed->source, at + kept, feed->buffer + kept, want - kept, err));
	feed->size = (size_t)want; /* there is room for it */
	return PVHLOAD_OK;
}

enum pvhload_status pvl_feed_take(struct pvl_feed *feed, uint64_t at, size_t size, uint64_t end,
				  struct pvl_span *ret, struct pvhload_error *err)
{
	const struct pvl_span there = { feed->buffer, feed->size };

	if (at >= feed->from && pvl_span_sub(there, at - feed->from, size, ret))
		return PVHLOAD_OK;
	PVL_TRY(fill(feed, at, size, end, err));
	*ret = (struct pvl_span){ feed->buffer, size };
	return PVHLOAD_OK;
}

void pvl_feed_close(struct pvl_feed *feed)
{
	free(feed->buffer);
	*feed = (struct pvl_feed){ .source = feed->source };
}
