/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "source/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/vfs.h>
#endif

#include "core/error.h"
#include "core/libc.h"

/* Older headers lack it. */
#if defined(__linux__) && !defined(MADV_COLLAPSE)
#define MADV_COLLAPSE 25
#endif
#ifndef MFD_NOEXEC_SEAL
#ifdef __linux__
#define MFD_NOEXEC_SEAL 0x8u
#else
#define MFD_NOEXEC_SEAL 0u
#endif
#endif

/* Linux, include/uapi/linux/magic.h: headers of the kernel, which need not be installed. */
#define HUGETLBFS 0x958458f6u

#define HUGE_PAGE  ((size_t)2 << 20)
#define HUGE_FROM  (2 * HUGE_PAGE)
#define STAT_BLOCK 512                /* Linux, stat(3type): the unit of st_blocks */
#define AROUND     ((size_t)64 << 10) /* Linux maps so much of a file, if it is in memory, at a fault */

enum pvhload_status pvl_system_failed(struct pvhload_error *err, uint64_t offset, const char *what,
				      int number)
{
	/* Thread-safe: for the errors of system calls every libc returns constant text. */
	return pvl_fail(err, PVHLOAD_E_SOURCE,
			((struct pvl_where){ offset, PVHLOAD_NOWHERE, number }), "%s: %s", what,
			strerror(number));
}

#ifdef F_GET_SEALS
/*
 * A hole of a memfd gets memory when a mapping of it is only read, and keeps it; to be read by a call, it needs none.  Pages
 * after the end count as well: who made the file has paid for them instead.
 */
static bool has_holes(int fd)
{
	struct stat st;

	return fstat(fd, &st) != 0 || st.st_size < 0 ||
	       st.st_blocks < st.st_size / STAT_BLOCK + (st.st_size % STAT_BLOCK != 0);
}

bool pvl_file_is_fixed(int fd)
{
	const int needed = F_SEAL_WRITE | F_SEAL_SHRINK, seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & needed) == needed && !has_holes(fd);
}
#else
bool pvl_file_is_fixed(int fd)
{
	(void)fd;
	return false;
}
#endif

/* What was checked when the source was opened may have been shortened before it was sealed. */
static bool has_bytes(int fd, uint64_t offset, uint64_t len)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_size >= 0 && offset <= (uint64_t)st.st_size &&
	       len <= (uint64_t)st.st_size - offset;
}

/*
 * A file of hugetlbfs, as a memfd with MFD_HUGETLB, is mapped by huge pages alone: Linux rounds a length up to one, over
 * what comes after it, and does not unmap less.
 */
static bool has_small_pages(int fd)
{
#ifdef __linux__
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && (uint32_t)fs.f_type != HUGETLBFS;
#else
	(void)fd;
	return true;
#endif
}

static uint64_t page_size(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

static bool can_be_mapped(int fd, uint64_t offset, uint64_t len)
{
	return has_bytes(fd, offset, len) && has_small_pages(fd);
}

/* All of it is read soon.  By MAP_POPULATE, each page takes about half as long again. */
static void touch(struct pvl_span bytes)
{
	for (size_t i = 0; i < bytes.size; i += AROUND)
		(void)*(const volatile uint8_t *)(bytes.data + i);
}

/* An address at which huge pages of a file could be mapped, or one that will do. */
static uint8_t *find_place(size_t size)
{
	void *at;

	if (size < HUGE_FROM || size > SIZE_MAX - HUGE_PAGE)
		return NULL;
	at = mmap(NULL, size + HUGE_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED)
		return NULL;
	(void)munmap(at, size + HUGE_PAGE);
	return (uint8_t *)at + (HUGE_PAGE - (uintptr_t)at % HUGE_PAGE) % HUGE_PAGE;
}

/* Of a file that is in huge pages, as a memfd can be, these are mapped whole where its mapping begins at one. */
static uint64_t first_page(uint64_t offset, uint64_t len)
{
	return offset - offset % (len < HUGE_FROM ? page_size() : HUGE_PAGE);
}

bool pvl_file_map(int fd, uint64_t offset, uint64_t len, struct pvl_held *ret)
{
	const uint64_t start = first_page(offset, len), skip = offset - start;
	size_t size;
	void *at;

	if (len > SIZE_MAX - skip || !can_be_mapped(fd, offset, len))
		return false;
	size = (size_t)(len + skip);
	at = mmap(find_place(size), size, PROT_READ, MAP_PRIVATE, fd, (off_t)start);
	if (at == MAP_FAILED)
		return false;
	*ret = (struct pvl_held){ .bytes = { (const uint8_t *)at + skip, (size_t)len },
				  .mapping = at,
				  .mapped = size };
	touch(ret->bytes);
	return true;
}

void pvl_file_unmap(const struct pvl_held *held)
{
	(void)munmap(held->mapping, held->mapped);
}

static bool is_of_pages(int fd, uint64_t offset, const void *host, uint64_t len)
{
	const uint64_t page = page_size();

	return (uintptr_t)host % page == 0 && offset % page == 0 && len % page == 0 &&
	       len <= SIZE_MAX && can_be_mapped(fd, offset, len);
}

int pvl_file_replace(int fd, uint64_t offset, void *host, uint64_t len)
{
	const int prot = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_FIXED;

	if (!is_of_pages(fd, offset, host, len))
		return 1;
	if (mmap(host, (size_t)len, prot, flags, fd, (off_t)offset) != MAP_FAILED)
		return 0;
	/* A mapping that fails may have taken the pages away.  All of them are to be written. */
	if (mmap(host, (size_t)len, prot, flags | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		return 1;
	return -errno;
}

#ifdef MFD_ALLOW_SEALING
/* Not executable, which newer kernels can promise and older ones refuse to. */
static int create(void)
{
	const unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;

	const int fd = memfd_create("pvhload-image", flags | MFD_NOEXEC_SEAL);

	if (fd >= 0 || errno != EINVAL)
		return fd;
	return memfd_create("pvhload-image", flags);
}

/*
 * Huge pages for all but the end: whoever maps the file has fewer pages to map, and what is decoded fewer to fault in.  A
 * file in memory is not given them unasked.  Without them, nothing is lost.
 */
static void ask_for_huge_pages(uint8_t *at, size_t size)
{
#ifdef MADV_COLLAPSE
	const size_t whole = size < HUGE_FROM ? 0 : size / HUGE_PAGE * HUGE_PAGE;

	/* There has to be something to collapse. */
	for (size_t i = 0; i < whole; i += HUGE_PAGE)
		at[i] = 0;
	if (whole > 0)
		(void)madvise(at, whole, MADV_COLLAPSE);
#else
	(void)at;
	(void)size;
#endif
}

/* Shared, so that what is written is the file's. */
static uint8_t *map_for_writing(int fd, size_t size)
{
	void *at = mmap(find_place(size), size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (at == MAP_FAILED)
		return NULL;
#ifdef MADV_DONTFORK
	(void)madvise(at, size,
		      MADV_DONTFORK); /* a child's mapping would keep it from being sealed */
#endif
	ask_for_huge_pages(at, size);
	return at;
}

/* May this process have files so large?  It is ended by a signal if it makes one that is not, a memfd too. */
static bool may_have(size_t size)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_FSIZE, &limit) != 0 || size <= limit.rlim_cur;
}

enum pvhload_status pvl_memfd_new(size_t size, struct pvl_memfd *ret, struct pvhload_error *err)
{
	const uint64_t length = size; /* a size_t of 32 bits is never too large */
	struct pvl_memfd made = { .size = size };

	if (!may_have(size))
		return pvl_system_failed(err, PVHLOAD_NOWHERE, "cannot make a memfd", EFBIG);
	made.fd = create();
	if (made.fd < 0 && (errno == ENOSYS || errno == EINVAL || errno == EPERM))
		return pvl_fail(err, PVHLOAD_E_UNSUPPORTED, PVL_ANYWHERE,
				"this system has no memfd that can be sealed");
	if (made.fd < 0 && errno == ENOMEM)
		return pvl_fail_no_memory(err, size);
	if (made.fd < 0)
		return pvl_system_failed(err, PVHLOAD_NOWHERE, "cannot make a memfd", errno);
	if (length <= INT64_MAX && ftruncate(made.fd, (off_t)length) == 0)
		made.at = map_for_writing(made.fd, size);
	if (!made.at) {
		pvl_memfd_drop(&made);
		return pvl_fail_no_memory(err, size);
	}
	*ret = made;
	return PVHLOAD_OK;
}

enum pvhload_status pvl_memfd_seal(struct pvl_memfd *memfd, struct pvhload_error *err)
{
	const int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

	(void)munmap(memfd->at, memfd->size);
	memfd->at = NULL;
	if (fcntl(memfd->fd, F_ADD_SEALS, seals) == 0)
		return PVHLOAD_OK;
	return pvl_system_failed(err, PVHLOAD_NOWHERE, "cannot seal the memfd", errno);
}

void pvl_memfd_drop(struct pvl_memfd *memfd)
{
	if (memfd->at)
		(void)munmap(memfd->at, memfd->size);
	(void)close(memfd->fd);
}
#else
enum pvhload_status pvl_memfd_new(size_t size, struct pvl_memfd *ret, struct pvhload_error *err)
{
	(void)size;
	(void)ret;
	return pvl_fail(err, PVHLOAD_E_UNSUPPORTED, PVL_ANYWHERE,
			"this system has no memfd that can be sealed");
}

enum pvhload_status pvl_memfd_seal(struct pvl_memfd *memfd, struct pvhload_error *err)
{
	(void)memfd;
	(void)err;
	return PVHLOAD_OK;
}

void pvl_memfd_drop(struct pvl_memfd *memfd)
{
	(void)memfd;
}
#endif
