/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Stock backend for RAM in a file, by pread() and pwrite(), which do not use the file's position. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <pvhload/guest_memory.h>

#include "abi/sizes.h"
#include "core/checked.h"
#include "core/sized.h"
#include "memory/slot_walk.h"

/* One system call moves no more than this; Linux would stop just below 2 GiB anyway. */
#define CALL_MAX   (1u << 30)
#define ZERO_CHUNK 4096u

static bool file_part(const void *table, size_t i, uint64_t gpa, struct pvl_slot_part *ret)
{
	const struct pvhload_ram_file_slot *slot =
		&((const struct pvhload_ram_file *)table)->slots[i];

	if (gpa < slot->gpa || gpa - slot->gpa >= slot->size)
		return false;
	*ret = (struct pvl_slot_part){ .offset = slot->offset + (gpa - slot->gpa),
				       .size = slot->size - (gpa - slot->gpa),
				       .flags = slot->flags };
	return true;
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

static int write_part(const void *table, const struct pvl_slot_part *part, const uint8_t *src)
{
	const struct pvhload_ram_file *file = table;

	return write_all(file->fd, src, part->size, part->offset);
}

static int read_part(const void *table, const struct pvl_slot_part *part, uint8_t *dst)
{
	const struct pvhload_ram_file *file = table;

	return read_all(file->fd, dst, part->size, part->offset);
}

/* Punch a hole, which reads as zeros and takes no room; write zeros if that is not possible. */
static int zero_part(const void *table, const struct pvl_slot_part *part)
{
	const struct pvhload_ram_file *file = table;

#ifdef FALLOC_FL_PUNCH_HOLE
	if (fallocate(file->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)part->offset,
		      (off_t)part->size) == 0)
		return 0;
#endif
	return write_zeros(file->fd, part->size, part->offset);
}

/* No file reaches beyond the largest off_t. */
static bool slot_usable(const struct pvhload_ram_file_slot *slot)
{
	uint64_t end;

	return pvl_slot_flags_usable(slot->flags, slot->reserved) &&
	       !(slot->flags & PVHLOAD_RAM_SLOT_MAP) &&
	       pvl_add_u64(slot->offset, slot->size, &end) && end <= INT64_MAX;
}

/* The caller's table for a walk, copied to @file; an unusable one becomes a table without slots. */
static struct pvl_slot_table open_table(const void *user, struct pvhload_ram_file *file)
{
	static const struct pvl_slot_ops ops = {
		.part = file_part,
		.write = write_part,
		.read = read_part,
		.zero = zero_part,
	};
	struct pvl_slot_table table = { .ops = &ops, .table = file };

	if (!pvl_sized_in(file, sizeof(*file), user, PVL_V1_RAM_FILE) || !file->slots)
		return table;
	for (size_t i = 0; i < file->count; i++)
		if (!slot_usable(&file->slots[i]))
			return table;
	table.count = file->count;
	return table;
}

static int file_write(void *user, uint64_t gpa, const void *src, size_t len)
{
	struct pvhload_ram_file file;
	const struct pvl_slot_table table = open_table(user, &file);

	return pvl_slots_write(&table, gpa, src, len);
}

static int file_read(void *user, uint64_t gpa, void *dst, size_t len)
{
	struct pvhload_ram_file file;
	const struct pvl_slot_table table = open_table(user, &file);

	return pvl_slots_read(&table, gpa, dst, len);
}

static int file_zero(void *user, uint64_t gpa, uint64_t len)
{
	struct pvhload_ram_file file;
	const struct pvl_slot_table table = open_table(user, &file);

	return pvl_slots_zero(&table, gpa, len);
}

static int file_begin(void *user, const struct pvhload_plan_region *region)
{
	struct pvhload_ram_file file;
	const struct pvl_slot_table table = open_table(user, &file);

	return pvl_slots_begin(&table, region);
}

const struct pvhload_memory_ops *pvhload_ram_file_ops(void)
{
	static const struct pvhload_memory_ops ops = {
		.struct_size = sizeof(ops),
		.write = file_write,
		.read = file_read,
		.zero = file_zero,
		.begin_region = file_begin,
	};

	return &ops;
}
