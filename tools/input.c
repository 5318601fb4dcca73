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

/* As it is read, /dev/null is an empty file. */
static bool is_null(const struct stat *st)
{
	struct stat null;

	return stat("/dev/null", &null) == 0 && S_ISCHR(null.st_mode) &&
	       null.st_rdev == st->st_rdev;
}

/* A terminal is one to read from only if it was asked for by "-"; other devices are no files. */
static bool is_stream(const char *path, const struct stat *st)
{
	return S_ISFIFO(st->st_mode) || S_ISSOCK(st->st_mode) ||
	       (S_ISCHR(st->st_mode) && (IS_STDIN(path) || is_null(st)));
}

/* A second reader would find nothing. */
static bool is_second_of_stdin(const char *path)
{
	static bool read_before;
	const bool second = IS_STDIN(path) && read_before;

	read_before |= IS_STDIN(path);
	return second;
}

static int refuse(const char *path, int fd, const char *why)
{
	close(fd);
	(void)tool_fail(path, "%s", why);
	return -1;
}

int input_open(const char *path, uint64_t limit)
{
	const int fd = IS_STDIN(path) ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : tool_open(path);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0 || S_ISREG(st.st_mode))
		return fd;
	if (is_stream(path, &st) && is_second_of_stdin(path))
		return refuse(path, fd, "standard input has been read already");
	if (is_stream(path, &st))
		return spool(path, fd, limit > 0 ? limit : PVHLOAD_DECODE_LIMIT_DEFAULT);
	if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
		return refuse(path, fd,
			      "a device: give a file, or a pipe that what it holds comes out of");
	return fd;
}

bool input_is_kernel(const char *path)
{
	/* A pipe is no kernel, and not to be waited for. */
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
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
