/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The stock guest memories, through their own callbacks. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "suite.h"

#define NO_SLOT PVHLOAD_MEMORY_NO_SLOT

/* What pwrite() answers, if it is not NULL: errno, negative, or a count of bytes; the linker puts these in its place. */
static const int64_t *answers;

ssize_t __wrap_pwrite64(int fd, const void *src, size_t len, off_t offset);
ssize_t __real_pwrite64(int fd, const void *src, size_t len, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *src, size_t len, off_t offset);
ssize_t __real_pwrite(int fd, const void *src, size_t len, off_t offset);

/* How many of @len bytes are written; 0 or less: what is returned instead. */
static int64_t next_answer(size_t len)
{
	const int64_t answer = answers ? *answers++ : (int64_t)len;

	if (answer < 0)
		errno = (int)-answer;
	return answer < 0 ? -1 : answer;
}

ssize_t __wrap_pwrite64(int fd, const void *src, size_t len, off_t offset)
{
	const int64_t count = next_answer(len);

	return count > 0 ? __real_pwrite64(fd, src, (size_t)count, offset) : (ssize_t)count;
}

ssize_t __wrap_pwrite(int fd, const void *src, size_t len, off_t offset)
{
	const int64_t count = next_answer(len);

	return count > 0 ? __real_pwrite(fd, src, (size_t)count, offset) : (ssize_t)count;
}

START_TEST(flat)
{
	const struct pvhload_memory_ops *ops = pvhload_ram_flat_ops();
	uint8_t ram[0x100], back[4] = { 9, 9, 9, 9 };
	struct pvhload_ram_slot slot = { .gpa = 0x1000, .size = sizeof(ram), .host = ram };

	ck_assert_uint_eq(ops->struct_size, sizeof(*ops));
	memset(ram, 0xa5, sizeof(ram));
	ck_assert_int_eq(ops->write(&slot, 0x10fc, "abcd", 4), 0);
	ck_assert_mem_eq(ram + 0xfc, "abcd", 4);
	ck_assert_int_eq(ops->read(&slot, 0x10fd, back, 3), 0);
	ck_assert_mem_eq(back, "bcd\x09", 4);
	ck_assert_int_eq(ops->zero(&slot, 0x1000, 2), 0);
	ck_assert_mem_eq(ram, "\0\0\xa5", 3);
	ck_assert_ptr_eq(ops->host_ptr(&slot, 0x1010, 0xf0), ram + 0x10);

	/* before, after, across the end: nothing moves */
	ck_assert_int_eq(ops->write(&slot, 0xfff, "zz", 2), NO_SLOT);
	ck_assert_int_eq(ops->write(&slot, 0x10ff, "zz", 2), NO_SLOT);
	ck_assert_int_eq(ops->read(&slot, 0x1100, back, 1), NO_SLOT);
	ck_assert_int_eq(ops->zero(&slot, 0x10ff, 2), NO_SLOT);
	ck_assert_int_eq(ops->write(&slot, UINT64_MAX, "zz", 2), NO_SLOT);
	ck_assert_ptr_null(ops->host_ptr(&slot, 0x1010, 0xf1));
	ck_assert_ptr_null(ops->host_ptr(&slot, 0xfff, 1));
	ck_assert_mem_eq(ram + 0xfc, "abcd", 4);
	ck_assert_mem_eq(back, "bcd\x09", 4);

	slot.host = NULL;
	ck_assert_int_eq(ops->write(&slot, 0x1000, "z", 1), NO_SLOT);
}
END_TEST

START_TEST(slots)
{
	const struct pvhload_memory_ops *ops = pvhload_ram_slots_ops();
	uint8_t low[0x10], high[0x10], touching[0x10], back[8];
	const struct pvhload_ram_slot table_slots[] = {
		{ .gpa = 0x9000, .size = sizeof(high), .host = high },
		{ .gpa = 0x1000, .size = sizeof(low), .host = low },
		{ .gpa = 0x1010, .size = sizeof(touching), .host = touching },
	};
	struct pvhload_ram_slots table = { sizeof(table), table_slots, 3 };

	memset(low, 0, sizeof(low));
	memset(high, 0, sizeof(high));
	memset(touching, 0, sizeof(touching));
	ck_assert_int_eq(ops->write(&table, 0x9008, "high", 4), 0);
	ck_assert_mem_eq(high + 8, "high", 4);

	/* from one slot into the next */
	ck_assert_int_eq(ops->write(&table, 0x100c, "12345678", 8), 0);
	ck_assert_mem_eq(low + 12, "1234", 4);
	ck_assert_mem_eq(touching, "5678", 4);
	ck_assert_int_eq(ops->read(&table, 0x100c, back, 8), 0);
	ck_assert_mem_eq(back, "12345678", 8);
	ck_assert_int_eq(ops->zero(&table, 0x100e, 4), 0);
	ck_assert_mem_eq(low + 12, "12\0\0", 4);
	ck_assert_mem_eq(touching,
			 "\0\0"
			 "78",
			 4);
	ck_assert_ptr_null(ops->host_ptr(&table, 0x100c, 8));
	ck_assert_ptr_eq(ops->host_ptr(&table, 0x1010, 16), touching);

	/* from a slot into a hole: nothing moves, in the slot neither */
	ck_assert_int_eq(ops->write(&table, 0x101e, "wxyz", 4), NO_SLOT);
	ck_assert_mem_eq(touching + 14, "\0\0", 2);
	ck_assert_int_eq(ops->read(&table, 0x5000, back, 1), NO_SLOT);

	table.struct_size = 3;
	ck_assert_int_eq(ops->write(&table, 0x1000, "z", 1), NO_SLOT);
	ck_assert_int_eq(ops->read(&table, 0x1000, back, 1), NO_SLOT);
	ck_assert_int_eq(ops->zero(&table, 0x1000, 1), NO_SLOT);
	ck_assert_ptr_null(ops->host_ptr(&table, 0x1000, 1));
	ck_assert_int_eq(ops->write(NULL, 0x1000, "z", 1), NO_SLOT);
}
END_TEST

START_TEST(in_a_file)
{
	const struct pvhload_memory_ops *ops = pvhload_ram_file_ops();
	const struct pvhload_ram_file_slot file_slots[] = {
		{ .size = 0x3000 },
		{ .gpa = 0x10000, .size = 0x1000, .offset = 0x3000 },
	};
	struct pvhload_ram_file file = { sizeof(file), file_slots, 2, -1, 0 };
	uint8_t bytes[0x4000], back[8];
	int fd = memfd_create("ram", 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, sizeof(bytes)), 0);
	file.fd = fd;
	ck_assert(!ops->host_ptr);
	memset(bytes, 0xa5, sizeof(bytes));
	ck_assert_int_eq(ops->write(&file, 0, bytes, 0x3000), 0);
	ck_assert_int_eq(ops->write(&file, 0x10000, "upper", 5), 0);
	ck_assert_int_eq(pread(fd, back, 8, 0x3000), 8);
	ck_assert_mem_eq(back, "upper\0\0\0", 8);
	ck_assert_int_eq(ops->read(&file, 0x10001, back, 4), 0);
	ck_assert_mem_eq(back, "pper", 4);

	/* whole pages and parts of pages become zero, and nothing beside them */
	ck_assert_int_eq(ops->zero(&file, 0xff0, 0x1020), 0);
	ck_assert_int_eq(pread(fd, bytes, 0x3000, 0), 0x3000);
	for (size_t i = 0; i < 0x3000; i++)
		ck_assert_uint_eq(bytes[i], i >= 0xff0 && i < 0x2010 ? 0 : 0xa5);
	ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 0); /* the position is the caller's */

	ck_assert_int_eq(ops->write(&file, 0x3000, "z", 1), NO_SLOT);
	/* from a slot into a hole: nothing moves, in the slot neither */
	ck_assert_int_eq(ops->write(&file, 0x2fff, "zz", 2), NO_SLOT);
	ck_assert_int_eq(pread(fd, back, 1, 0x2fff), 1);
	ck_assert_uint_eq(back[0], 0xa5);
	ck_assert_int_eq(ops->read(&file, 0x11000, back, 1), NO_SLOT);
	ck_assert_int_eq(ops->zero(&file, 0x8000, 1), NO_SLOT);
	file.struct_size = 1;
	ck_assert_int_eq(ops->write(&file, 0, "z", 1), NO_SLOT);
	close(fd);
}
END_TEST

/* A few bytes at a time and interrupted, it goes on; a file that takes none, or fails, ends it. */
START_TEST(file_takes_less)
{
	static const struct {
		int64_t answers[4];
		int result;
		const char *holds;
	} cases[] = {
		{ { 8 }, 0, "abcdefgh" },
		{ { 3, 1, 4 }, 0, "abcdefgh" },
		{ { -EINTR, 8 }, 0, "abcdefgh" },
		{ { 3, -EINTR, 5 }, 0, "abcdefgh" },
		{ { 3, 0 }, EIO, "abc....." },
		{ { 0 }, EIO, "........" },
		{ { 5, -EDQUOT }, EDQUOT, "abcde..." },
	};
	const struct pvhload_memory_ops *ops = pvhload_ram_file_ops();
	struct pvhload_ram_file_slot slot = { .size = 8 };
	struct pvhload_ram_file file = { sizeof(file), &slot, 1, memfd_create("ram", 0), 0 };
	char back[8];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(pwrite(file.fd, "........", 8, 0), 8);
		answers = cases[i].answers;
		ck_assert_int_eq(ops->write(&file, 0, "abcdefgh", 8), cases[i].result);
		answers = NULL;
		ck_assert_int_eq(pread(file.fd, back, 8, 0), 8);
		ck_assert_mem_eq(back, cases[i].holds, 8);
	}
	close(file.fd);
}
END_TEST

START_TEST(file_failures)
{
	const struct pvhload_memory_ops *ops = pvhload_ram_file_ops();
	struct pvhload_ram_file_slot slot = { .size = 0x3000 };
	struct pvhload_ram_file file = { sizeof(file), &slot, 1, -1, 0 };
	int fd = memfd_create("ram", 0), full;
	uint8_t back[8];

	ck_assert_int_eq(ops->write(&file, 0, "z", 1), EBADF);
	ck_assert_int_eq(ops->read(&file, 0, back, 1), EBADF);
	ck_assert_int_eq(ops->zero(&file, 0, 1), EBADF);

	/* shorter than its slots say */
	file.fd = fd;
	ck_assert_int_eq(ftruncate(fd, 4), 0);
	ck_assert_int_eq(ops->read(&file, 0, back, 8), EIO);
	close(fd);

	/* where no hole can be punched, zeros are written: here, to a device that is full */
	full = open("/dev/full", O_RDWR);
	ck_assert_int_ge(full, 0);
	file.fd = full;
	ck_assert_int_eq(ops->zero(&file, 0, 0x2000), ENOSPC);
	close(full);

	/* an offset that no file has */
	slot.offset = INT64_MAX;
	ck_assert_int_eq(ops->read(&file, 0, back, 1), NO_SLOT);
	slot.offset = UINT64_MAX;
	ck_assert_int_eq(ops->read(&file, 0, back, 1), NO_SLOT);
}
END_TEST

START_TEST(file_zeros_without_holes)
{
	const struct pvhload_memory_ops *ops = pvhload_ram_file_ops();
	const struct pvhload_ram_file_slot slot = { .size = 0x3000 };
	struct pvhload_ram_file file = { sizeof(file), &slot, 1, -1, 0 };

	/* no hole in a character device, but it takes any number of zeros */
	file.fd = open("/dev/null", O_RDWR);
	ck_assert_int_ge(file.fd, 0);
	ck_assert_int_eq(ops->zero(&file, 0, 0x2345), 0);
	close(file.fd);
}
END_TEST

/* Four bytes of RAM in each of two slots that touch; what the second one's flags change. */
static const struct {
	uint32_t flags, reserved;
	int written, read, zeroed; /* results of moving all eight bytes */
	const char *after_write, *after_zero;
	bool window; /* into the second slot */
} flag_cases[] = {
	{ 0, 0, 0, 0, 0, "12345678", "12\0\0\0\0\0\0", true },
	{ PVHLOAD_RAM_SLOT_ZEROED, 0, 0, 0, 0, "12345678",
	  "12\0\0"
	  "5678",
	  true },
	{ PVHLOAD_RAM_SLOT_ROM, 0, PVHLOAD_MEMORY_ROM, 0, PVHLOAD_MEMORY_ROM, "........",
	  "........", false },
	{ PVHLOAD_RAM_SLOT_ROM | PVHLOAD_RAM_SLOT_ZEROED, 0, PVHLOAD_MEMORY_ROM, 0,
	  PVHLOAD_MEMORY_ROM, "........", "........", false },
	/* what a firmware is loaded to is written, and not zeroed */
	{ PVHLOAD_RAM_SLOT_ROM | PVHLOAD_RAM_SLOT_FIRMWARE, 0, 0, 0, PVHLOAD_MEMORY_ROM, "12345678",
	  "12345678", false },
	{ PVHLOAD_RAM_SLOT_FIRMWARE, 0, NO_SLOT, NO_SLOT, NO_SLOT, "........", "........", false },
	{ 16, 0, NO_SLOT, NO_SLOT, NO_SLOT, "........", "........", false },
	{ 0, 1, NO_SLOT, NO_SLOT, NO_SLOT, "........", "........", false },
};

START_TEST(slot_flags)
{
	const struct pvhload_memory_ops *ops = pvhload_ram_slots_ops();

	for (size_t i = 0; i < sizeof(flag_cases) / sizeof(flag_cases[0]); i++)
		for (size_t which = 0; which < 3; which++) {
			char ram[] = "........", back[8];
			struct pvhload_ram_slot pair[2] = {
				{ .size = 4, .host = ram }, { .gpa = 4, .size = 4, .host = ram + 4 }
			};
			struct pvhload_ram_slots table = { sizeof(table), pair, 2 };

			pair[1].flags = flag_cases[i].flags;
			pair[1].reserved[which] = flag_cases[i].reserved;
			ck_assert_int_eq(ops->read(&table, 0, back, 8), flag_cases[i].read);
			ck_assert_int_eq(ops->write(&table, 0, "12345678", 8),
					 flag_cases[i].written);
			ck_assert_mem_eq(ram, flag_cases[i].after_write, 8);
			ck_assert_int_eq(ops->zero(&table, 2, 6), flag_cases[i].zeroed);
			ck_assert_mem_eq(ram, flag_cases[i].after_zero, 8);
			ck_assert_ptr_eq(ops->host_ptr(&table, 4, 4),
					 flag_cases[i].window ? ram + 4 : NULL);
		}
}
END_TEST

START_TEST(file_slot_flags)
{
	const struct pvhload_memory_ops *ops = pvhload_ram_file_ops();

	for (size_t i = 0; i < sizeof(flag_cases) / sizeof(flag_cases[0]); i++) {
		struct pvhload_ram_file_slot pair[2] = { { .size = 4 },
							 { .gpa = 4, .size = 4, .offset = 4 } };
		struct pvhload_ram_file file = { sizeof(file), pair, 2, memfd_create("ram", 0), 0 };
		char ram[8];

		pair[1].flags = flag_cases[i].flags;
		pair[1].reserved[2] = flag_cases[i].reserved;
		ck_assert_int_eq(pwrite(file.fd, "........", 8, 0), 8);
		ck_assert_int_eq(ops->read(&file, 0, ram, 8), flag_cases[i].read);
		ck_assert_int_eq(ops->write(&file, 0, "12345678", 8), flag_cases[i].written);
		ck_assert_int_eq(pread(file.fd, ram, 8, 0), 8);
		ck_assert_mem_eq(ram, flag_cases[i].after_write, 8);
		ck_assert_int_eq(ops->zero(&file, 2, 6), flag_cases[i].zeroed);
		ck_assert_int_eq(pread(file.fd, ram, 8, 0), 8);
		ck_assert_mem_eq(ram, flag_cases[i].after_zero, 8);
		close(file.fd);
	}
}
END_TEST

START_TEST(flat_slot_flags)
{
	const struct pvhload_memory_ops *ops = pvhload_ram_flat_ops();
	char ram[] = "........", back[8];
	struct pvhload_ram_slot slot = { .size = 8, .host = ram, .flags = PVHLOAD_RAM_SLOT_ROM };

	ck_assert_int_eq(ops->write(&slot, 0, "1", 1), PVHLOAD_MEMORY_ROM);
	ck_assert_int_eq(ops->write(&slot, 8, "1", 1), NO_SLOT);
	ck_assert_int_eq(ops->read(&slot, 0, back, 8), 0);
	ck_assert_mem_eq(back, "........", 8);
	slot.flags = PVHLOAD_RAM_SLOT_ZEROED;
	ck_assert_int_eq(ops->zero(&slot, 0, 8), 0);
	slot.reserved[0] = 1;
	ck_assert_int_eq(ops->write(&slot, 0, "1", 1), NO_SLOT);
	ck_assert_mem_eq(ram, "........", 8);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("backends");

	ADD_TESTS(suite, "backends", flat, slots, in_a_file, file_takes_less, file_failures,
		  file_zeros_without_holes, slot_flags, file_slot_flags, flat_slot_flags);
	return run_suite(suite);
}
