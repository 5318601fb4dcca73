/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "source/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/libc.h"

enum pvhload_status pvl_system_failed(struct pvhload_error *err, uint64_t offset, const char *what,
				      int number)
{
	/* Thread-safe: for the errors of system calls every libc returns constant text. */
	return pvl_fail(err, PVHLOAD_E_SOURCE,
			((struct pvl_where){ offset, PVHLOAD_NOWHERE, number }), "%s: %s", what,
			strerror(number));
}

bool pvl_file_is_sealed(int fd)
{
#ifdef F_GET_SEALS
	const int needed = F_SEAL_WRITE | F_SEAL_SHRINK, seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & needed) == needed;
#else
	(void)fd;
	return false;
#endif
}

/* What was checked when the source was opened may have been shortened before it was sealed. */
static bool has_bytes(int fd, uint64_t offset, uint64_t len)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_size >= 0 && offset <= (uint64_t)st.st_size &&
	       len <= (uint64_t)st.st_size - offset;
}

bool pvl_file_map(int fd, uint64_t offset, uint64_t len, struct pvl_held *ret)
{
	const uint64_t skip = offset % (uint64_t)sysconf(_SC_PAGESIZE);
	void *at;

	if (len > SIZE_MAX - skip || !has_bytes(fd, offset, len))
		return false;
	at = mmap(NULL, (size_t)(len + skip), PROT_READ, MAP_PRIVATE, fd, (off_t)(offset - skip));
	if (at == MAP_FAILED)
		return false;
	*ret = (struct pvl_held){ .bytes = { (const uint8_t *)at + skip, (size_t)len },
				  .mapping = at,
				  .mapped = (size_t)(len + skip) };
	return true;
}

void pvl_file_unmap(const struct pvl_held *held)
{
	(void)munmap(held->mapping, held->mapped);
}

#ifdef MFD_ALLOW_SEALING
/* Not executable, which newer kernels can promise and older ones refuse to. */
static int create(void)
{
	const unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;

#ifdef MFD_NOEXEC_SEAL
	const int fd = memfd_create("pvhload-image", flags | MFD_NOEXEC_SEAL);
	if (fd >= 0 || errno != EINVAL)
		return fd;
#endif
	return memfd_create("pvhload-image", flags);
}

/* Shared, so that what is written is the file's; huge pages as far as the host gives them to files in memory. */
static uint8_t *map_for_writing(int fd, size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (at == MAP_FAILED)
		return NULL;
#ifdef MADV_DONTFORK
	(void)madvise(at, size,
		      MADV_DONTFORK); /* a child's mapping would keep it from being sealed */
#endif
#ifdef MADV_HUGEPAGE
	(void)madvise(at, size, MADV_HUGEPAGE);
#endif
	return at;
}

enum pvhload_status pvl_memfd_new(size_t size, struct pvl_memfd *ret, struct pvhload_error *err)
{
	struct pvl_memfd made = { .fd = create(), .size = size };

	if (made.fd < 0 && (errno == ENOSYS || errno == EINVAL || errno == EPERM))
		return pvl_fail(err, PVHLOAD_E_UNSUPPORTED, PVL_ANYWHERE,
				"this system has no memfd that can be sealed");
	if (made.fd < 0 && errno == ENOMEM)
		return pvl_fail_no_memory(err, size);
	if (made.fd < 0)
		return pvl_system_failed(err, PVHLOAD_NOWHERE, "cannot make a memfd", errno);
	if (size <= INT64_MAX && ftruncate(made.fd, (off_t)size) == 0)
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
