/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK       ((size_t)64 << 10)
#define IS_STDIN(p) (strcmp((p), "-") == 0)

static bool write_all(int fd, const uint8_t *bytes, size_t size)
{
	while (size > 0) {
		const ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno != EINTR)
			return false;
		bytes += n < 0 ? 0 : n;
		size -= n < 0 ? 0 : (size_t)n;
	}
	return true;
}

/* From @fd to @memory, through @chunk. */
static int spool_through(const char *path, int fd, int memory, uint64_t limit, uint8_t *chunk)
{
	uint64_t size = 0;

	for (;;) {
		const ssize_t n = read(fd, chunk, CHUNK);

		if (n == 0)
			return TOOL_DONE;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return tool_fail(path, "cannot read: %s", strerror(errno));
		if ((uint64_t)n > limit - size)
			return tool_fail(path,
					 "more than %" PRIu64 " bytes come out of the pipe; "
					 "--decode-limit raises it",
					 limit);
		size += (uint64_t)n;
		if (!write_all(memory, chunk, (size_t)n))
			return tool_fail(path, "cannot keep what is read: %s", strerror(errno));
	}
}

/* All that comes out of @fd, as a file in memory; @fd is closed. */
static int spool(const char *path, int fd, uint64_t limit)
{
	const int memory = memfd_create("pvhload-input", MFD_CLOEXEC);
	uint8_t *chunk = malloc(CHUNK);
	int result = TOOL_FAILED;

	if (memory >= 0 && chunk)
		result = spool_through(path, fd, memory, limit, chunk);
	else
		(void)tool_fail(path, "no memory");
	free(chunk);
	close(fd);
	if (result == TOOL_DONE)
		return memory;
	if (memory >= 0)
		close(memory);
	return -1;
}

/* A terminal is one to read from only if it was asked for by "-"; other devices are not images. */
static bool is_stream(const char *path, const struct stat *st)
{
	return S_ISFIFO(st->st_mode) || S_ISSOCK(st->st_mode) ||
	       (S_ISCHR(st->st_mode) && IS_STDIN(path));
}

int input_open(const char *path, uint64_t limit)
{
	const int fd = IS_STDIN(path) ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : tool_open(path);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && is_stream(path, &st))
		return spool(path, fd, limit > 0 ? limit : PVHLOAD_DECODE_LIMIT_DEFAULT);
	return fd;
}

bool input_is_kernel(const char *path)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct pvhload_image *image = NULL;
	struct pvhload_source source;
	bool is_kernel;

	if (fd < 0)
		return false;
	source = pvhload_source_fd(fd);
	/* A compressed file may hold anything. */
	is_kernel = pvhload_image_open(&source, NULL, &image, NULL) == PVHLOAD_OK &&
		    pvhload_image_get_info(image)->format != PVHLOAD_FORMAT_COMPRESSED;
	pvhload_image_close(image);
	close(fd);
	return is_kernel;
}
