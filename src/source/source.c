/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "source/source.h"

#include "abi/sizes.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/sized.h"
#include "source/kinds.h"

static enum pvhload_status open_buffer(struct pvl_source *source, struct pvhload_error *err)
{
	const struct pvhload_source *from = &source->from;

	if ((!from->data && from->size > 0) || from->size == PVHLOAD_SOURCE_TO_END ||
	    from->size > SIZE_MAX)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the source's buffer is NULL or has no length");
	source->length = from->size;
	return PVHLOAD_OK;
}

static struct pvl_span view_buffer(const struct pvl_source *source)
{
	return (struct pvl_span){ source->from.data, (size_t)source->length };
}

static enum pvhload_status read_buffer(const struct pvl_source *source, uint64_t offset,
				       uint8_t *dst, uint64_t len, struct pvhload_error *err)
{
	struct pvl_span bytes;

	if (!pvl_span_sub(view_buffer(source), offset, len, &bytes))
		return pvl_source_ended(offset, len, err);
	memcpy(dst, bytes.data, bytes.size);
	return PVHLOAD_OK;
}

static enum pvhload_status open_reader(struct pvl_source *source, struct pvhload_error *err)
{
	const struct pvhload_source *from = &source->from;

	if (!from->read_at || from->size == PVHLOAD_SOURCE_TO_END)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the source's reader is NULL or has no length");
	source->length = from->size;
	return PVHLOAD_OK;
}

static enum pvhload_status read_reader(const struct pvl_source *source, uint64_t offset,
				       uint8_t *dst, uint64_t len, struct pvhload_error *err)
{
	while (len > 0) {
		const size_t want = (size_t)pvl_min_u64(len, PVL_SOURCE_CALL_MAX);
		int64_t n = source->from.read_at(source->from.user, source->from.offset + offset,
						 dst, want);

		if (n < 0 || (uint64_t)n > want)
			return pvl_fail(err, PVHLOAD_E_SOURCE,
					((struct pvl_where){ offset, PVHLOAD_NOWHERE,
							     n < INT32_MIN || n > 0 ? INT32_MIN
										    : (int32_t)n }),
					"the reader returned %" PRId64
					" for %zu bytes at 0x%" PRIx64,
					n, want, source->from.offset + offset);
		if (n == 0)
			return pvl_source_ended(offset, len, err);
		dst += n;
		offset += (uint64_t)n;
		len -= (uint64_t)n;
	}
	return PVHLOAD_OK;
}

static const struct pvl_source_ops buffer = {
	.open = open_buffer,
	.read = read_buffer,
	.view = view_buffer,
};

static const struct pvl_source_ops reader = {
	.open = open_reader,
	.read = read_reader,
};

static const struct pvl_source_ops *const kinds[] = {
#if __STDC_HOSTED__
	[PVHLOAD_SOURCE_FD] = &pvl_source_descriptor,
#endif
	[PVHLOAD_SOURCE_BUFFER] = &buffer,
	[PVHLOAD_SOURCE_READER] = &reader,
};

/* NULL if there is no such kind. */
static const struct pvl_source_ops *kind_of(const struct pvhload_source *from)
{
	return from->kind < sizeof(kinds) / sizeof(kinds[0]) ? kinds[from->kind] : NULL;
}

static const struct pvl_source_ops *ops_of(const struct pvl_source *source)
{
	return source->ops ? source->ops : kinds[source->from.kind];
}

enum pvhload_status pvl_source_open(const struct pvhload_source *caller, struct pvl_source *ret,
				    struct pvhload_error *err)
{
	struct pvl_source made = { .owned = false };
	struct pvhload_source *from = &made.from;
	uint64_t end;

	if (!pvl_sized_in(from, sizeof(*from), caller, PVL_V1_SOURCE))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the source is NULL or has a wrong size");
	if (from->flags & ~(PVHLOAD_SOURCE_KEPT_OPEN | PVHLOAD_SOURCE_UNCHANGING) ||
	    from->reserved != 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the source has a flag that is not known (0x%" PRIx32
				"), or its reserved member is not 0",
				from->flags);
	if (from->size != PVHLOAD_SOURCE_TO_END &&
	    (!pvl_add_u64(from->offset, from->size, &end) || end > INT64_MAX))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the source's window, %" PRIu64 " bytes at offset 0x%" PRIx64
				", passes 2^63",
				from->size, from->offset);
	if (!kind_of(from))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the source is of no known kind (%" PRIu32 ")", from->kind);
	PVL_TRY(kind_of(from)->open(&made, err));
	*ret = made;
	return PVHLOAD_OK;
}

enum pvhload_status pvl_source_own(struct pvl_source *source, struct pvhload_error *err)
{
	const struct pvl_source_ops *ops = ops_of(source);

	source->owned = false;
	if (!ops->own || source->from.flags & PVHLOAD_SOURCE_KEPT_OPEN)
		return PVHLOAD_OK;
	PVL_TRY(ops->own(source, err));
	source->owned = true;
	return PVHLOAD_OK;
}

void pvl_source_release(struct pvl_source *source)
{
	if (source->owned)
		ops_of(source)->release(source);
	source->owned = false;
}

enum pvhload_status pvl_source_ended(uint64_t offset, uint64_t missing, struct pvhload_error *err)
{
	return pvl_fail(err, PVHLOAD_E_SOURCE, PVL_AT(offset),
			"the data ends at offset 0x%" PRIx64 ", %" PRIu64
			" bytes early: it has become shorter",
			offset, missing);
}

enum pvhload_status pvl_source_read(const struct pvl_source *source, uint64_t offset, void *dst,
				    uint64_t len, struct pvhload_error *err)
{
	if (offset > source->length || len > source->length - offset || len > SIZE_MAX)
		return pvl_fail(err, PVHLOAD_E_SOURCE, PVL_AT(offset),
				"%" PRIu64 " bytes at offset 0x%" PRIx64
				" are past the end, which is at 0x%" PRIx64,
				len, offset, source->length);
	if (len == 0)
		return PVHLOAD_OK;
	return ops_of(source)->read(source, offset, dst, len, err);
}

uint64_t pvl_source_scatter(const struct pvl_source *source, const struct pvl_blocks *pieces)
{
	const struct pvl_source_ops *ops = ops_of(source);

	return ops->scatter ? ops->scatter(source, pieces) : 0;
}

enum pvhload_status pvl_source_copy(const struct pvl_source *source, uint64_t offset, uint64_t len,
				    size_t spare, struct pvl_held *ret, struct pvhload_error *err)
{
	/* Not by pvl_new_output(), which is a system call more: what decodes it takes far longer than its pages. */
	uint8_t *copy = len <= SIZE_MAX - spare ? malloc((size_t)len + spare) : NULL;
	enum pvhload_status status;

	if (!copy)
		return pvl_fail_no_memory(err, len);
	status = pvl_source_read(source, offset, copy, len, err);
	if (status != PVHLOAD_OK) {
		free(copy);
		return status;
	}
	*ret = (struct pvl_held){ .bytes = { copy, (size_t)len }, .copy = copy, .spare = spare };
	return PVHLOAD_OK;
}

bool pvl_source_at_hand(const struct pvl_source *source, uint64_t offset, uint64_t len,
			struct pvl_held *ret)
{
	const struct pvl_source_ops *ops = ops_of(source);
	struct pvl_held held = { .mapping = NULL };

	if (!pvl_source_view(source, offset, len, &held.bytes) &&
	    !(ops->map && ops->map(source, offset, len, &held)))
		return false;
	*ret = held;
	return true;
}

enum pvhload_status pvl_source_hold(const struct pvl_source *source, uint64_t offset, uint64_t len,
				    struct pvl_held *ret, struct pvhload_error *err)
{
	if (pvl_source_at_hand(source, offset, len, ret))
		return PVHLOAD_OK;
	return pvl_source_copy(source, offset, len, 0, ret, err);
}

void pvl_source_drop(const struct pvl_source *source, struct pvl_held *held)
{
	if (held->mapping)
		ops_of(source)->unmap(held);
	free(held->copy);
	*held = (struct pvl_held){ .mapping = NULL };
}

bool pvl_source_view(const struct pvl_source *source, uint64_t offset, uint64_t len,
		     struct pvl_span *ret)
{
	const struct pvl_source_ops *ops = ops_of(source);

	return ops->view && pvl_span_sub(ops->view(source), offset, len, ret);
}

bool pvl_source_file(const struct pvl_source *source, uint64_t offset, int *ret_fd,
		     uint64_t *ret_offset)
{
	const struct pvl_source_ops *ops = ops_of(source);

	if (!ops->file)
		return false;
	*ret_fd = ops->file(source);
	*ret_offset = source->from.offset + offset;
	return true;
}
