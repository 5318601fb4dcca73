/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "layout/write_kinds.h"

#include "core/error.h"
#include "core/libc.h"

static enum pvhload_status read_zeros(const struct pvl_write *w, uint64_t offset, uint8_t *dst,
				      uint64_t size, struct pvhload_error *err)
{
	(void)w;
	(void)offset;
	(void)err;
	memset(dst, 0, (size_t)size);
	return PVHLOAD_OK;
}

static enum pvhload_status move_zeros(struct pvl_transfer *t, const struct pvl_write *w,
				      struct pvhload_error *err)
{
	return pvl_transfer_zeros(t, w->gpa, w->size, err);
}

static enum pvhload_status read_bytes(const struct pvl_write *w, uint64_t offset, uint8_t *dst,
				      uint64_t size, struct pvhload_error *err)
{
	(void)err;
	memcpy(dst, w->bytes + offset, (size_t)size);
	return PVHLOAD_OK;
}

static enum pvhload_status move_bytes(struct pvl_transfer *t, const struct pvl_write *w,
				      struct pvhload_error *err)
{
	return pvl_transfer_bytes(t, w->bytes, w->gpa, w->size, err);
}

static enum pvhload_status about_file(const struct pvl_write *w, enum pvhload_status status,
				      struct pvhload_error *err)
{
	return pvl_fail_about(err, status, w->subject, w->index);
}

static enum pvhload_status read_source(const struct pvl_write *w, uint64_t offset, uint8_t *dst,
				       uint64_t size, struct pvhload_error *err)
{
	return about_file(w, pvl_source_read(w->source, w->offset + offset, dst, size, err), err);
}

static enum pvhload_status move_source(struct pvl_transfer *t, const struct pvl_write *w,
				       struct pvhload_error *err)
{
	return about_file(
		w, pvl_transfer_source(t, w->source, w->offset, w->gpa, w->size, w->steady, err),
		err);
}

static const struct pvl_write_kind kinds[] = {
	[PVL_FROM_ZEROS] = { .zeros = true,
			     .buffered = true,
			     .read = read_zeros,
			     .move = move_zeros },
	[PVL_FROM_BYTES] = { .read = read_bytes, .move = move_bytes },
	[PVL_FROM_SOURCE] = { .buffered = true,
			      .may_fail = true,
			      .read = read_source,
			      .move = move_source },
};

const struct pvl_write_kind *pvl_write_kind(const struct pvl_write *w)
{
	return &kinds[w->from];
}
