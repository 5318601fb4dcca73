/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A kernel and an initrd beyond 4 GiB of a file, read and mapped.  This is built without _FILE_OFFSET_BITS, as a
 * program of 32 bits may be: the library has its own off_t, and its headers none.
 */
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include "descriptors.h"
#include "plan_fixture.h"

#ifdef _FILE_OFFSET_BITS
#error "build this without _FILE_OFFSET_BITS"
#endif

#define FAR       (5 * GIB + 123)
#define INITRD_AT (FAR + 0x10000)

static const struct {
	int seals;
	uint32_t flags;
} ways[] = {
	{ 0, 0 },
	{ 0, PVHLOAD_SOURCE_UNCHANGING },
	{ F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW, 0 },
};

static struct pvhload_source part_of(int fd, uint64_t offset, uint64_t size, uint32_t flags)
{
	struct pvhload_source source = pvhload_source_fd_range(fd, offset, size);

	source.flags = flags;
	return source;
}

static void expect_bytes(struct plan_fixture *f, uint64_t gpa, const void *expected, size_t size)
{
	uint8_t got[64];

	ck_assert_uint_le(size, sizeof(got));
	committed(f, gpa, got, size);
	ck_assert_mem_eq(got, expected, size);
}

START_TEST(read_and_mapped)
{
	static const char initrd[] = "an initrd beyond 4 GiB";
	struct pvhload_source kernel, initrds;
	const struct pvhload_plan_info *info;
	struct pvhload_image *image = NULL;
	struct pvhload_error err;
	struct plan_fixture f;
	struct bytes file;
	int fd;

	plan_setup(&f, 64 * MIB);
	file = bytes_zero((size_t)(INITRD_AT - FAR) + sizeof(initrd));
	memcpy(file.data, f.bytes.data, f.bytes.size);
	memcpy(file.data + (INITRD_AT - FAR), initrd, sizeof(initrd));
	fd = file_with(FAR, file.data, file.size, ways[_i].seals);
	kernel = part_of(fd, FAR, f.bytes.size, ways[_i].flags);
	initrds = part_of(fd, INITRD_AT, PVHLOAD_SOURCE_TO_END, ways[_i].flags);

	ck_status(PVHLOAD_OK, err, pvhload_image_open(&kernel, NULL, &image, &err));
	f.config.image = image;
	f.config.initrds = &initrds;
	f.config.initrd_count = 1;
	info = plan(&f);
	expect_bytes(&f, SMALL_LOW, f.bytes.data + elf_segment_offset(&f.spec, 0), 0x40);
	expect_bytes(&f, region(info, "initrd")->gpa, initrd, sizeof(initrd));
	plan_teardown(&f);
	pvhload_image_close(image);
	ck_assert_int_eq(close(fd), 0);
	bytes_free(&file);
}
END_TEST

/* One byte too few, and a window whose end no offset can say. */
START_TEST(past_the_end)
{
	const struct elf_spec spec = small_kernel();
	struct bytes elf = build_elf(&spec);
	const int fd = file_with(FAR, elf.data, elf.size, 0);
	struct pvhload_image *image = NULL;
	struct pvhload_source source;
	struct pvhload_error err;

	source = pvhload_source_fd_range(fd, FAR, elf.size + 1);
	ck_status(PVHLOAD_E_SOURCE, err, pvhload_image_open(&source, NULL, &image, &err));
	source = pvhload_source_fd_range(fd, FAR + elf.size, PVHLOAD_SOURCE_TO_END);
	ck_status(PVHLOAD_E_FORMAT, err, pvhload_image_open(&source, NULL, &image, &err));
	ck_assert_ptr_null(image);
	ck_assert_int_eq(close(fd), 0);
	bytes_free(&elf);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("far_in_file");
	TCase *all = tcase_create("far_in_file");

	tcase_add_loop_test(all, read_and_mapped, 0, sizeof(ways) / sizeof(ways[0]));
	tcase_add_test(all, past_the_end);
	tcase_set_timeout(all, 120);
	suite_add_tcase(suite, all);
	return run_suite(suite);
}
