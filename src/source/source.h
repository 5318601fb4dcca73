/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Reading bytes from the caller's sources. */
#ifndef PVL_SOURCE_SOURCE_H
#define PVL_SOURCE_SOURCE_H

#include <pvhload/source.h>

#include "core/span.h"

struct pvl_blocks;
struct pvl_source_ops;

/* A source that has been checked: its length is known. */
struct pvl_source {
	struct pvhload_source from;
	uint64_t length;
	bool has_name; /* of a descriptor: a link leads to the file, so it is no memfd */
	const struct pvl_source_ops
		*ops; /* of one that is not the caller's; NULL: those of from.kind */
	bool owned;   /* from.fd, or what @ops say, is ours: pvl_source_release() closes it */
};

/* PVHLOAD_E_USAGE if @caller is not a source, PVHLOAD_E_SOURCE if its size cannot be had. */
enum pvhload_status pvl_source_open(const struct pvhload_source *caller, struct pvl_source *ret,
				    struct pvhload_error *err);

/*
 * Make @source, which has been opened, independent of the caller's descriptor: a duplicate takes its
 * place, unless the caller keeps it open or there is none.  PVHLOAD_E_SOURCE if that fails, and @source
 * is unchanged.  Undone by pvl_source_release().  A copy of the struct must not be released as well.
 */
enum pvhload_status pvl_source_own(struct pvl_source *source, struct pvhload_error *err);

/* Close the duplicate, if there is one.  A zeroed struct, or one already released, is fine. */
void pvl_source_release(struct pvl_source *source);

/*
 * Read exactly @len bytes from @offset of the window; all of them must be inside it.
 * PVHLOAD_E_SOURCE if they cannot be had.
 */
enum pvhload_status pvl_source_read(const struct pvl_source *source, uint64_t offset, void *dst,
				    uint64_t len, struct pvhload_error *err);

/*
 * Fill @pieces, one after the other, from the start of the window, if one system call does; how many bytes that is.  It may be
 * fewer than they have room for, and is 0 where reading takes no system call.
 */
uint64_t pvl_source_scatter(const struct pvl_source *source, const struct pvl_blocks *pieces);

/*
 * Bytes of a source in host memory, for as long as they are held: the source's own, a mapping of a file that does not
 * change, or a copy.
 */
struct pvl_held {
	struct pvl_span bytes;
	void *mapping; /* NULL: not mapped */
	size_t mapped; /* bytes of the mapping, which begins at a page */
	uint8_t *copy; /* NULL: not copied */
	size_t spare;  /* bytes after those of the copy, for the holder's use; 0: none */
};

/*
 * Hold @len bytes from @offset of the window, to be given back by pvl_source_drop().  PVHLOAD_E_SOURCE if they cannot be
 * had, PVHLOAD_E_NO_MEMORY; *@ret is untouched then.
 */
enum pvhload_status pvl_source_hold(const struct pvl_source *source, uint64_t offset, uint64_t len,
				    struct pvl_held *ret, struct pvhload_error *err);
/* Hold a copy, with @spare bytes more than it takes. */
enum pvhload_status pvl_source_copy(const struct pvl_source *source, uint64_t offset, uint64_t len,
				    size_t spare, struct pvl_held *ret, struct pvhload_error *err);
/* The same if that takes no copy; false if it does, and *@ret is untouched. */
bool pvl_source_at_hand(const struct pvl_source *source, uint64_t offset, uint64_t len,
			struct pvl_held *ret);
void pvl_source_drop(const struct pvl_source *source, struct pvl_held *held);

/* The same bytes without a copy, if the source is a buffer and has them. */
bool pvl_source_view(const struct pvl_source *source, uint64_t offset, uint64_t len,
		     struct pvl_span *ret);

/* True if bytes at @offset of the window are at *@ret_offset of the file *@ret_fd. */
bool pvl_source_file(const struct pvl_source *source, uint64_t offset, int *ret_fd,
		     uint64_t *ret_offset);

#endif
