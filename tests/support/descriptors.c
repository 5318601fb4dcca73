/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "descriptors.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"

#define ALL_SEALS (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

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

int sparse_file_of(const void *bytes, size_t size, size_t whole, int seals)
{
	const int fd = sealed_file_of(bytes, size, 0);

	ck_assert_int_eq(ftruncate(fd, (off_t)whole), 0);
	ck_assert_int_eq(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

void expect_sealed_file(int fd, const void *bytes, size_t size)
{
	uint8_t *got = malloc(size + 1);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fcntl(fd, F_GET_SEALS) & ALL_SEALS, ALL_SEALS);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(pread(fd, got, size + 1, 0), (ssize_t)size);
	ck_assert_mem_eq(got, bytes, size);
	ck_assert_int_eq(pwrite(fd, "x", 1, 0), -1);
	ck_assert_int_ne(ftruncate(fd, 0), 0);
	ck_assert_ptr_eq(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
	free(got);
}

uint64_t memory_of_file(int fd)
{
	struct stat st;

	ck_assert_int_eq(fstat(fd, &st), 0);
	return (uint64_t)st.st_blocks * 512;
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
