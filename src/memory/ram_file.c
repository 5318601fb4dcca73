/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Stock backend for RAM in a file, by positioned system calls: the file's own position is unused. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <pvhload/guest_memory.h>

#include "abi/sizes.h"
#include "core/checked.h"
#include "core/sized.h"

/* One system call moves no more than this; Linux would stop just below 2 GiB anyway. */
#define CALL_MAX   (1u << 30)
#define ZERO_CHUNK 4096u

/* The file offset of @gpa, and how many bytes its slot has from there on. */
static bool find(const struct pvhload_ram_file *file, uint64_t gpa, uint64_t *ret_offset,
		 uint64_t *ret_left)
{
	for (size_t i = 0; i < file->count; i++) {
		const struct pvhload_ram_file_slot *slot = &file->slots[i];
		uint64_t end;

		if (gpa < slot->gpa || gpa - slot->gpa >= slot->size)
			continue;
		if (!pvl_add_u64(slot->offset, slot->size, &end) || end > INT64_MAX)
			return false;
		*ret_offset = slot->offset + (gpa - slot->gpa);
		*ret_left = slot->size - (gpa - slot->gpa);
		return true;
	}
	return false;
}

static int write_all(int fd, const uint8_t *src, uint64_t len, uint64_t offset)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, src, (size_t)pvl_min_u64(len, CALL_MAX), (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (n == 0)
			return EIO;
		src += n;
		offset += (uint64_t)n;
		len -= (uint64_t)n;
	}
	return 0;
}

static int read_all(int fd, uint8_t *dst, uint64_t len, uint64_t offset)
{
	while (len > 0) {
		ssize_t n = pread(fd, dst, (size_t)pvl_min_u64(len, CALL_MAX), (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (n == 0)
			return EIO; /* the RAM file is shorter than its slots say */
		dst += n;
		offset += (uint64_t)n;
		len -= (uint64_t)n;
	}
	return 0;
}

static int write_zeros(int fd, uint64_t len, uint64_t offset)
{
	static const uint8_t zeros[ZERO_CHUNK];

	while (len > 0) {
		const uint64_t n = pvl_min_u64(len, sizeof(zeros));
		int result = write_all(fd, zeros, n, offset);

		if (result != 0)
			return result;
		offset += n;
		len -= n;
	}
	return 0;
}

static int clear(int fd, uint64_t len, uint64_t offset)
{
#ifdef FALLOC_FL_PUNCH_HOLE
	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)len) ==
	    0)
		return 0;
#endif
	return write_zeros(fd, len, offset);
}

/* All of the range must be there before the first byte moves. */
static bool covered(const struct pvhload_ram_file *file, uint64_t gpa, uint64_t len)
{
	uint64_t offset, left;

	while (len > 0) {
		if (!find(file, gpa, &offset, &left))
			return false;
		left = pvl_min_u64(left, len);
		gpa += left;
		len -= left;
	}
	return true;
}

/* Do @len bytes at @gpa, slot by slot; exactly one of @src and @dst, or neither for zeros. */
static int walk(void *user, uint64_t gpa, const uint8_t *src, uint8_t *dst, uint64_t len)
{
	struct pvhload_ram_file file;
	uint64_t offset = 0, left = 0;

	if (!pvl_sized_in(&file, sizeof(file), user, PVL_V1_RAM_FILE) || !file.slots ||
	    !covered(&file, gpa, len))
		return PVHLOAD_MEMORY_NO_SLOT;
	while (len > 0) {
		int result;

		(void)find(&file, gpa, &offset, &left);
		left = pvl_min_u64(left, len);
		if (src)
			result = write_all(file.fd, src, left, offset);
		else if (dst)
			result = read_all(file.fd, dst, left, offset);
		else
			result = clear(file.fd, left, offset);
		if (result != 0)
			return result;
		gpa += left;
		len -= left;
		src = src ? src + left : NULL;
		dst = dst ? dst + left : NULL;
	}
	return 0;
}

static int file_write(void *user, uint64_t gpa, const void *src, size_t len)
{
	return walk(user, gpa, src, NULL, len);
}

static int file_read(void *user, uint64_t gpa, void *dst, size_t len)
{
	return walk(user, gpa, NULL, dst, len);
}

static int file_zero(void *user, uint64_t gpa, uint64_t len)
{
	return walk(user, gpa, NULL, NULL, len);
}

const struct pvhload_memory_ops *pvhload_ram_file_ops(void)
{
	static const struct pvhload_memory_ops ops = {
		.struct_size = sizeof(ops),
		.write = file_write,
		.read = file_read,
		.zero = file_zero,
	};

	return &ops;
}
