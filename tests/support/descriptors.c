/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "descriptors.h"

#include <dirent.h>
#include <sys/mman.h>
#include <unistd.h>

#include "suite.h"

int file_of(const void *bytes, size_t size)
{
	const int fd = memfd_create("file", 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
	return fd;
}

size_t open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t count = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}
