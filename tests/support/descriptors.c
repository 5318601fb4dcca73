/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "descriptors.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"

int file_of(const void *bytes, size_t size)
{
	const int fd = memfd_create("file", 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
	return fd;
}

int sealed_file_of(const void *bytes, size_t size, int seals)
{
	const int fd = memfd_create(MEMFD_NAME, MFD_ALLOW_SEALING);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
	ck_assert_int_eq(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

int file_with(uint64_t offset, const void *bytes, size_t size, int seals)
{
	const int fd = memfd_create(MEMFD_NAME, MFD_ALLOW_SEALING);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, bytes, size, (off_t)offset), (ssize_t)size);
	ck_assert_int_eq(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

size_t mappings_of(const char *name)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512], part[64];
	size_t count = 0;

	ck_assert_ptr_nonnull(maps);
	(void)snprintf(part, sizeof(part), "/memfd:%s ", name);
	while (fgets(line, sizeof(line), maps))
		count += strstr(line, part) != NULL;
	fclose(maps);
	return count;
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

bool is_dontfork_heeded(void)
{
	volatile char *page =
		mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 0;
	pid_t child;

	ck_assert_int_eq(madvise((void *)(uintptr_t)page, 1, MADV_DONTFORK), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		page[0] = 1; /* ends it, if it has no page */
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	(void)munmap((void *)(uintptr_t)page, 1);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return true;
	puts("# SKIP: a child has what is mapped with MADV_DONTFORK here");
	return false;
}
