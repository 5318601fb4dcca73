/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The bytes of a stream that are not in host memory: those that are asked for are read to a buffer. */
#ifndef PVL_CODEC_FEED_H
#define PVL_CODEC_FEED_H

#include "source/source.h"

/* All but the source are zeros at first. */
struct pvl_feed {
	const struct pvl_source *source;
	uint8_t *buffer;
	size_t room;
	uint64_t from; /* in the source, of the bytes in the buffer */
	size_t size;   /* how many there are */
};

/*
 * @size bytes at @at of the source, until the next call.  More are read with them, none of them at or after @end, so that
 * small pieces do not take a read each.  PVHLOAD_E_SOURCE, PVHLOAD_E_NO_MEMORY.
 */
enum pvhload_status pvl_feed_take(struct pvl_feed *feed, uint64_t at, size_t size, uint64_t end,
				  struct pvl_span *ret, struct pvhload_error *err);
void pvl_feed_close(struct pvl_feed *feed);

#endif
