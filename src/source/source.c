/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "source/source.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi/sizes.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/sized.h"

/* One system call moves no more than this; Linux would stop just below 2 GiB anyway. */
#define CALL_MAX (1u << 30)

static enum pvhload_status system_failed(struct pvhload_error *err, uint64_t offset,
					 const char *what, int number)
{
	/* For the numbers a system call gives, the text is a constant in every libc. */
	return pvl_fail(err, PVHLOAD_E_SOURCE,
			((struct pvl_where){ offset, PVHLOAD_NOWHERE, number }), "%s: %s", what,
			strerror(number));
}

static enum pvhload_status open_fd(const struct pvhload_source *from, uint64_t *ret_length,
				   struct pvhload_error *err)
{
	struct stat st;
	uint64_t size;

	if (from->fd < 0 || from->offset > INT64_MAX)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the source's descriptor (%d) or offset is not one", from->fd);
	if (fstat(from->fd, &st) != 0)
		return system_failed(err, PVHLOAD_NOWHERE, "cannot get the size", errno);
	if (S_ISDIR(st.st_mode))
		return system_failed(err, PVHLOAD_NOWHERE, "not a file", EISDIR);
	if (!S_ISREG(st.st_mode)) {
		if (from->size == PVHLOAD_SOURCE_TO_END)
			return pvl_fail(err, PVHLOAD_E_SOURCE, PVL_ANYWHERE,
					"not a regular file: give the length of what to read");
		*ret_length = from->size;
		return PVHLOAD_OK;
	}
	size = (uint64_t)st.st_size;
	if (from->offset > size ||
	    (from->size != PVHLOAD_SOURCE_TO_END && from->size > size - from->offset))
		return pvl_fail(err, PVHLOAD_E_SOURCE, PVL_AT(size),
				"the file has %" PRIu64 " bytes, which is before the window ends",
				size);
	*ret_length = from->size == PVHLOAD_SOURCE_TO_END ? size - from->offset : from->size;
	return PVHLOAD_OK;
}

enum pvhload_status pvl_source_open(const struct pvhload_source *caller, struct pvl_source *ret,
				    struct pvhload_error *err)
{
	struct pvl_source made;
	struct pvhload_source *from = &made.from;
	uint64_t end;

	if (!pvl_sized_in(from, sizeof(*from), caller, PVL_V1_SOURCE))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the source is NULL or has a wrong size");
	if (from->size != PVHLOAD_SOURCE_TO_END &&
	    (!pvl_add_u64(from->offset, from->size, &end) || end > INT64_MAX))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the source's window, %" PRIu64 " bytes at offset 0x%" PRIx64
				", passes 2^63",
				from->size, from->offset);
	made.length = from->size;
	switch (from->kind) {
	case PVHLOAD_SOURCE_FD: {
		enum pvhload_status status = open_fd(from, &made.length, err);

		if (status != PVHLOAD_OK)
			return status;
		break;
	}
	case PVHLOAD_SOURCE_BUFFER:
		if ((!from->data && from->size > 0) || from->size == PVHLOAD_SOURCE_TO_END ||
		    from->size > SIZE_MAX)
			return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
					"the source's buffer is NULL or has no length");
		break;
	case PVHLOAD_SOURCE_READER:
		if (!from->read_at || from->size == PVHLOAD_SOURCE_TO_END)
			return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
					"the source's reader is NULL or has no length");
		break;
	default:
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the source is of no known kind (%" PRIu32 ")", from->kind);
	}
	*ret = made;
	return PVHLOAD_OK;
}

static enum pvhload_status ended(uint64_t offset, uint64_t missing, struct pvhload_error *err)
{
	return pvl_fail(err, PVHLOAD_E_SOURCE, PVL_AT(offset),
			"the data ends at offset 0x%" PRIx64 ", %" PRIu64
			" bytes early: it has become shorter",
			offset, missing);
}

static enum pvhload_status read_fd(const struct pvl_source *source, uint64_t offset, uint8_t *dst,
				   uint64_t len, struct pvhload_error *err)
{
	while (len > 0) {
		const uint64_t at = source->from.offset + offset;
		ssize_t n =
			pread(source->from.fd, dst, (size_t)pvl_min_u64(len, CALL_MAX), (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return system_failed(err, offset, "cannot read", errno);
		if (n == 0)
			return ended(offset, len, err);
		dst += n;
		offset += (uint64_t)n;
		len -= (uint64_t)n;
	}
	return PVHLOAD_OK;
}

static enum pvhload_status read_reader(const struct pvl_source *source, uint64_t offset,
				       uint8_t *dst, uint64_t len, struct pvhload_error *err)
{
	while (len > 0) {
		const size_t want = (size_t)pvl_min_u64(len, CALL_MAX);
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
			return ended(offset, len, err);
		dst += n;
		offset += (uint64_t)n;
		len -= (uint64_t)n;
	}
	return PVHLOAD_OK;
}

enum pvhload_status pvl_source_read(const struct pvl_source *source, uint64_t offset, void *dst,
				    uint64_t len, struct pvhload_error *err)
{
	struct pvl_span view;

	if (offset > source->length || len > source->length - offset || len > SIZE_MAX)
		return pvl_fail(err, PVHLOAD_E_SOURCE, PVL_AT(offset),
				"%" PRIu64 " bytes at offset 0x%" PRIx64
				" are past the end, which is at 0x%" PRIx64,
				len, offset, source->length);
	if (source->from.kind == PVHLOAD_SOURCE_FD)
		return read_fd(source, offset, dst, len, err);
	if (source->from.kind == PVHLOAD_SOURCE_READER)
		return read_reader(source, offset, dst, len, err);
	if (len > 0 && pvl_source_view(source, offset, len, &view))
		memcpy(dst, view.data, view.size);
	return PVHLOAD_OK;
}

bool pvl_source_view(const struct pvl_source *source, uint64_t offset, uint64_t len,
		     struct pvl_span *ret)
{
	const struct pvl_span all = { source->from.data, (size_t)source->length };

	return source->from.kind == PVHLOAD_SOURCE_BUFFER && pvl_span_sub(all, offset, len, ret);
}

bool pvl_source_file(const struct pvl_source *source, uint64_t offset, int *ret_fd,
		     uint64_t *ret_offset)
{
	if (source->from.kind != PVHLOAD_SOURCE_FD)
		return false;
	*ret_fd = source->from.fd;
	*ret_offset = source->from.offset + offset;
	return true;
}
