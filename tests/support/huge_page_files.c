/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "huge_page_files.h"

#include <sys/vfs.h>

#define HUGETLBFS 0x958458f6 /* Linux, include/uapi/linux/magic.h */

bool huge_page_files;

int __wrap_fstatfs(int fd, struct statfs *fs);
int __real_fstatfs(int fd, struct statfs *fs);
int __wrap_fstatfs64(int fd, struct statfs *fs);
int __real_fstatfs64(int fd, struct statfs *fs);

static int say(int failed, struct statfs *fs)
{
	if (huge_page_files)
		fs->f_type = (__typeof__(fs->f_type))HUGETLBFS;
	return failed;
}

int __wrap_fstatfs(int fd, struct statfs *fs)
{
	return say(__real_fstatfs(fd, fs), fs);
}

int __wrap_fstatfs64(int fd, struct statfs *fs)
{
	return say(__real_fstatfs64(fd, fs), fs);
}
