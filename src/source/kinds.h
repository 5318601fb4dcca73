/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The operations of a kind of source.  A new kind needs these and a row in source.c. */
#ifndef PVL_SOURCE_KINDS_H
#define PVL_SOURCE_KINDS_H

#include "core/blocks.h"
#include "source/source.h"

/* One system call or callback moves no more than this; Linux would stop just below 2 GiB anyway. */
#define PVL_SOURCE_CALL_MAX (1u << 30)

/* Operations that a kind does not have are NULL. */
struct pvl_source_ops {
	/* Check what the caller set, whose window is known not to wrap, and say how long it is. */
	enum pvhload_status (*open)(struct pvl_source *source, struct pvhload_error *err);
	/* Exactly @len bytes, more than 0, from @offset of the window, which has them. */
	enum pvhload_status (*read)(const struct pvl_source *source, uint64_t offset, uint8_t *dst,
				    uint64_t len, struct pvhload_error *err);
	/*
	 * Fill the pieces from the start of the window, as far as it goes and one system call does, and return how many
	 * bytes that is; 0 if it fails.
	 */
	uint64_t (*scatter)(const struct pvl_source *source, const struct pvl_blocks *pieces);
	/* All the bytes of the window, where they are. */
	struct pvl_span (*view)(const struct pvl_source *source);
	/* The descriptor whose file the window is part of. */
	int (*file)(const struct pvl_source *source);
	/* Map bytes for reading, if nobody can change or shorten the file; false if they are to be read instead. */
	bool (*map)(const struct pvl_source *source, uint64_t offset, uint64_t len,
		    struct pvl_held *ret);
	void (*unmap)(const struct pvl_held *held);
	enum pvhload_status (*own)(struct pvl_source *source, struct pvhload_error *err);
	void (*release)(struct pvl_source *source);
};

/* The one kind that makes system calls: descriptor.c. */
extern const struct pvl_source_ops pvl_source_descriptor;

/* The data ended @missing bytes before the end of what was to be read. */
enum pvhload_status pvl_source_ended(uint64_t offset, uint64_t missing, struct pvhload_error *err);

#endif
