/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "source/sealed.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

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
