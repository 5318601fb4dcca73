/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include <pvhload/source.h>

struct pvhload_source pvhload_source_fd_range(int fd, uint64_t offset, uint64_t size)
{
	struct pvhload_source source = PVHLOAD_SIZED_(pvhload_source);

	source.kind = PVHLOAD_SOURCE_FD;
	source.fd = fd;
	source.offset = offset;
	source.size = size;
	return source;
}

struct pvhload_source pvhload_source_fd(int fd)
{
	return pvhload_source_fd_range(fd, 0, PVHLOAD_SOURCE_TO_END);
}

struct pvhload_source pvhload_source_buffer(const void *data, size_t size)
{
	struct pvhload_source source = PVHLOAD_SIZED_(pvhload_source);

	source.kind = PVHLOAD_SOURCE_BUFFER;
	source.data = data;
	source.size = size;
	return source;
}

struct pvhload_source pvhload_source_reader(int64_t (*read_at)(void *user, uint64_t offset,
							       void *dst, size_t len),
					    void *user, uint64_t size)
{
	struct pvhload_source source = PVHLOAD_SIZED_(pvhload_source);

	source.kind = PVHLOAD_SOURCE_READER;
	source.read_at = read_at;
	source.user = user;
	source.size = size;
	return source;
}
