/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Sources that are files: their system calls are here, and in sealed.c. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "source/kinds.h"
#include "source/sealed.h"

/* The length of a window, which has to be within a file of @size bytes. */
static enum pvhload_status fit_window(const struct pvhload_source *from, uint64_t size,
				      uint64_t *ret_length, struct pvhload_error *err)
{
	if (from->offset > size ||
	    (from->size != PVHLOAD_SOURCE_TO_END && from->size > size - from->offset))
		return pvl_fail(err, PVHLOAD_E_SOURCE, PVL_AT(size),
				"the file has %" PRIu64 " bytes, which is before the window ends",
				size);
	*ret_length = from->size == PVHLOAD_SOURCE_TO_END ? size - from->offset : from->size;
	return PVHLOAD_OK;
}

static enum pvhload_status open_descriptor(struct pvl_source *source, struct pvhload_error *err)
{
	const struct pvhload_source *from = &source->from;
	struct stat st;

	if (from->fd < 0 || from->offset > INT64_MAX)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the source's descriptor (%d) or offset is not one", from->fd);
	if (fstat(from->fd, &st) != 0)
		return pvl_system_failed(err, PVHLOAD_NOWHERE, "cannot get the size", errno);
	if (S_ISDIR(st.st_mode))
		return pvl_system_failed(err, PVHLOAD_NOWHERE, "not a file", EISDIR);
	source->has_name = st.st_nlink > 0;
	if (S_ISREG(st.st_mode))
		return fit_window(from, (uint64_t)st.st_size, &source->length, err);
	if (from->size == PVHLOAD_SOURCE_TO_END)
		return pvl_fail(err, PVHLOAD_E_SOURCE, PVL_ANYWHERE,
				"not a regular file: give the length of what to read");
	source->length = from->size;
	return PVHLOAD_OK;
}

static enum pvhload_status read_descriptor(const struct pvl_source *source, uint64_t offset,
					   uint8_t *dst, uint64_t len, struct pvhload_error *err)
{
	while (len > 0) {
		const uint64_t at = source->from.offset + offset;
		const size_t want = (size_t)pvl_min_u64(len, PVL_SOURCE_CALL_MAX);
		const ssize_t n = pread(source->from.fd, dst, want, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return pvl_system_failed(err, offset, "cannot read", errno);
		if (n == 0)
			return pvl_source_ended(offset, len, err);
		dst += n;
		offset += (uint64_t)n;
		len -= (uint64_t)n;
	}
	return PVHLOAD_OK;
}

static uint64_t scatter_descriptor(const struct pvl_source *source, const struct pvl_blocks *pieces)
{
	struct iovec to[PVL_BLOCKS_MAX];
	uint64_t left = source->length;
	int count = 0;
	ssize_t n;

	for (size_t i = 0; i < pieces->count && left > 0; i++) {
		const size_t size = (size_t)pvl_min_u64(pieces->sizes[i], left);

		to[count++] = (struct iovec){ pieces->at[i], size };
		left -= size;
	}
	n = preadv(source->from.fd, to, count, (off_t)source->from.offset);
	return n > 0 ? (uint64_t)n : 0;
}

static int descriptor(const struct pvl_source *source)
{
	return source->from.fd;
}

static bool map_descriptor(const struct pvl_source *source, uint64_t offset, uint64_t len,
			   struct pvl_held *ret)
{
	const struct pvhload_source *from = &source->from;

	/* Only memfds have seals, so other files need not be asked. */
	if (!(from->flags & PVHLOAD_SOURCE_UNCHANGING) &&
	    (source->has_name || !pvl_file_is_fixed(from->fd)))
		return false;
	return pvl_file_map(from->fd, from->offset + offset, len, ret);
}

static enum pvhload_status own_descriptor(struct pvl_source *source, struct pvhload_error *err)
{
	/* Close-on-exec: a child process has no use for it. */
	const int fd = fcntl(source->from.fd, F_DUPFD_CLOEXEC, 0);

	if (fd < 0)
		return pvl_system_failed(err, PVHLOAD_NOWHERE, "cannot duplicate the descriptor",
					 errno);
	source->from.fd = fd;
	return PVHLOAD_OK;
}

static void release_descriptor(struct pvl_source *source)
{
	(void)close(source->from.fd); /* opened for reading: nothing can be lost */
	source->from.fd = -1;
}

const struct pvl_source_ops pvl_source_descriptor = {
	.open = open_descriptor,
	.read = read_descriptor,
	.scatter = scatter_descriptor,
	.file = descriptor,
	.map = map_descriptor,
	.unmap = pvl_file_unmap,
	.own = own_descriptor,
	.release = release_descriptor,
};
