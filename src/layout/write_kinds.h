/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * What each kind of write can do: a row for each enum pvl_write_from.
 *
 * A new kind, such as bytes that are decoded only now, or a file's bytes with relocations applied, is one
 * more row: its number in writes.h, with the members of struct pvl_write that it needs, and its functions
 * in write_kinds.c.  Nothing else looks at where a write's bytes come from.
 */
#ifndef PVL_LAYOUT_WRITE_KINDS_H
#define PVL_LAYOUT_WRITE_KINDS_H

#include "layout/writes.h"
#include "memory/transfer.h"

struct pvl_write_kind {
	bool zeros;    /* nothing to write where memory is zero already */
	bool buffered; /* moved through a buffer, if the VMM offers nothing better */
	bool may_fail; /* to be read: pvl_writes_load() reads these before anything is written */
	/* Copy @size bytes, from @offset of the write on, all of which it has, to @dst. */
	enum pvhload_status (*read)(const struct pvl_write *w, uint64_t offset, uint8_t *dst,
				    uint64_t size, struct pvhload_error *err);
	/* Bring all of the write to guest memory, in steps that are told to the caller. */
	enum pvhload_status (*move)(struct pvl_transfer *t, const struct pvl_write *w,
				    struct pvhload_error *err);
};

const struct pvl_write_kind *pvl_write_kind(const struct pvl_write *w);

#endif
