/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Bytes in host memory: which files are mapped, which are read, and what is decoded of either. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "descriptors.h"
#include "huge_page_files.h"
#include "open_image.h"
#include "source/source.h"

#define FILE_SIZE   12345u
#define BOTH        (F_SEAL_WRITE | F_SEAL_SHRINK)
#define PAYLOAD_MIB 2u
#define MIB         ((size_t)1 << 20)

/* Mapping a file fails while this is set; the linker puts these in the place of mmap(). */
static bool no_mappings;

void *__wrap_mmap64(void *at, size_t size, int prot, int flags, int fd, off_t offset);
void *__real_mmap64(void *at, size_t size, int prot, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset);
void *__real_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset);

void *__wrap_mmap64(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
	if (no_mappings && fd >= 0) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return __real_mmap64(at, size, prot, flags, fd, offset);
}

void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
	return no_mappings && fd >= 0 ? __wrap_mmap64(at, size, prot, flags, fd, offset)
				      : __real_mmap(at, size, prot, flags, fd, offset);
}

static struct bytes pattern(void)
{
	struct bytes bytes = bytes_zero(FILE_SIZE);

	for (size_t i = 0; i < bytes.size; i++)
		bytes.data[i] = (uint8_t)(i * 7 + i / 256);
	return bytes;
}

static struct pvl_source open_source(struct pvhload_source from)
{
	struct pvl_source source;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvl_source_open(&from, &source, &err));
	return source;
}

/* Hold some bytes of the window, and say whether the file was mapped for that. */
static bool is_mapped(struct pvhload_source from, const struct bytes *file)
{
	const struct pvl_source source = open_source(from);
	struct pvl_held held;
	struct pvhload_error err;
	bool mapped;

	ck_status(PVHLOAD_OK, err, pvl_source_hold(&source, 5, 4200, &held, &err));
	ck_assert_uint_eq(held.bytes.size, 4200);
	ck_assert_mem_eq(held.bytes.data, file->data + from.offset + 5, 4200);
	mapped = mappings_of(MEMFD_NAME) == 1;
	ck_assert(mapped == (held.mapping != NULL) && mapped == (held.copy == NULL));
	pvl_source_drop(&source, &held);
	ck_assert_uint_eq(mappings_of(MEMFD_NAME), 0);
	ck_assert_ptr_null(held.mapping);
	ck_assert_ptr_null(held.copy);
	return mapped;
}

START_TEST(which_files)
{
	static const struct {
		int seals;
		uint32_t flags;
		bool mapped;
	} cases[] = {
		{ 0, 0, false },
		{ F_SEAL_WRITE, 0, false },
		{ F_SEAL_SHRINK, 0, false },
		{ F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL, 0, false },
		{ BOTH, 0, true },
		{ BOTH | F_SEAL_GROW | F_SEAL_SEAL, 0, true },
		{ 0, PVHLOAD_SOURCE_UNCHANGING, true },
		{ 0, PVHLOAD_SOURCE_KEPT_OPEN, false },
		{ BOTH, PVHLOAD_SOURCE_KEPT_OPEN | PVHLOAD_SOURCE_UNCHANGING, true },
	};
	struct bytes file = pattern();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const int fd = sealed_file_of(file.data, file.size, cases[i].seals);

		/* windows that begin at a page, before the end of one, and in the third */
		for (uint64_t at = 0; at < 8192 + 4000; at += 4091) {
			struct pvhload_source from =
				pvhload_source_fd_range(fd, at > 8000 ? 8000 : at,
							PVHLOAD_SOURCE_TO_END);

			from.flags = cases[i].flags;
			ck_assert_msg(is_mapped(from, &file) == cases[i].mapped, "case %zu", i);
		}
		close(fd);
	}
	bytes_free(&file);
}
END_TEST

/* Linux does not unmap less than a huge page. */
START_TEST(files_of_huge_pages)
{
	struct bytes file = pattern();
	const int fd = sealed_file_of(file.data, file.size, BOTH);
	struct pvhload_source from = pvhload_source_fd(fd);

	huge_page_files = true;
	ck_assert(!is_mapped(from, &file));
	from.flags = PVHLOAD_SOURCE_UNCHANGING;
	ck_assert(!is_mapped(from, &file));
	huge_page_files = false;
	ck_assert(is_mapped(from, &file));
	close(fd);
	bytes_free(&file);
}
END_TEST

/* To look at a hole through a mapping would give it memory, which it keeps: 8 MiB, for a few bytes. */
START_TEST(holes)
{
	struct bytes file = pattern();
	const size_t sizes[] = { file.size, file.size + 4095, 8 * MIB };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const int fd = sparse_file_of(file.data, file.size, sizes[i], BOTH);
		const uint64_t taken = memory_of_file(fd);
		const struct pvl_source source = open_source(pvhload_source_fd(fd));
		const bool whole = sizes[i] <= taken;
		struct pvl_held held;
		struct pvhload_error err;

		ck_status(PVHLOAD_OK, err, pvl_source_hold(&source, 0, sizes[i], &held, &err));
		ck_assert_mem_eq(held.bytes.data, file.data, file.size);
		ck_assert_uint_eq(mappings_of(MEMFD_NAME), whole);
		ck_assert_uint_eq(memory_of_file(fd), taken);
		pvl_source_drop(&source, &held);
		close(fd);
	}
	bytes_free(&file);
}
END_TEST

/* An unknown flag is still one. */
START_TEST(flags)
{
	struct bytes file = pattern();
	struct pvhload_source from = pvhload_source_buffer(file.data, file.size);
	struct pvl_source source;
	struct pvl_held held;
	struct pvhload_error err;

	from.flags = 0x4;
	ck_status(PVHLOAD_E_USAGE, err, pvl_source_open(&from, &source, &err));
	from.flags = PVHLOAD_SOURCE_UNCHANGING;
	source = open_source(from);
	ck_status(PVHLOAD_OK, err, pvl_source_hold(&source, 10, 20, &held, &err));
	ck_assert_ptr_eq(held.bytes.data, file.data + 10); /* a buffer is where it is */
	ck_assert_ptr_null(held.mapping);
	ck_assert_ptr_null(held.copy);
	pvl_source_drop(&source, &held);
	bytes_free(&file);
}
END_TEST

START_TEST(reads_instead)
{
	struct bytes file = pattern();
	const int fd = sealed_file_of(file.data, file.size, BOTH);

	no_mappings = true;
	ck_assert(!is_mapped(pvhload_source_fd(fd), &file));
	no_mappings = false;
	ck_assert(is_mapped(pvhload_source_fd(fd), &file));
	close(fd);
	bytes_free(&file);
}
END_TEST

/* The last byte is before the window's end by the time the file is sealed: no SIGBUS. */
START_TEST(shortened)
{
	struct bytes file = pattern();
	const int fd = sealed_file_of(file.data, file.size, 0);
	const struct pvl_source source = open_source(pvhload_source_fd(fd));
	struct pvl_held held, before;
	struct pvhload_error err;

	memset(&held, 0x5a, sizeof(held));
	before = held;
	ck_assert_int_eq(ftruncate(fd, 4096), 0);
	ck_assert_int_eq(fcntl(fd, F_ADD_SEALS, BOTH), 0);
	ck_status(PVHLOAD_E_SOURCE, err, pvl_source_hold(&source, 0, file.size, &held, &err));
	ck_says(err, "shorter", "0x1000");
	ck_assert_mem_eq(&held, &before, sizeof(held));
	ck_assert_uint_eq(mappings_of(MEMFD_NAME), 0);
	close(fd);
	bytes_free(&file);
}
END_TEST

/* Of many bytes the mapping is such that huge pages of the file, should it have them, are mapped whole. */
START_TEST(large)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const struct {
		uint64_t offset, len;
		size_t skip; /* bytes of the mapping before them */
	} cases[] = {
		{ 0, 4 * MIB, 0 },
		{ 5000, 4 * MIB, 5000 },
		{ 2 * MIB - 1, 4 * MIB, 2 * MIB - 1 },
		{ 2 * MIB + 4096, 5 * MIB - 4096, 4096 },
		{ 5000, 4 * MIB - 1, 5000 % page },
		{ 2 * MIB + 4096, 4 * MIB - 1, 4096 % page },
	};
	struct bytes small = pattern(), file = bytes_zero(7 * MIB);
	int fd;

	for (size_t at = 0; at + small.size <= file.size; at += small.size)
		memcpy(file.data + at, small.data, small.size);
	fd = sealed_file_of(file.data, file.size, BOTH);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const uint64_t offset = cases[i].offset, len = cases[i].len;
		const struct pvl_source source = open_source(pvhload_source_fd(fd));
		struct pvl_held held;
		struct pvhload_error err;

		ck_status(PVHLOAD_OK, err, pvl_source_hold(&source, offset, len, &held, &err));
		ck_assert_uint_eq(mappings_of(MEMFD_NAME), 1);
		ck_assert_uint_eq(held.bytes.size, len);
		ck_assert_ptr_eq(held.bytes.data, (uint8_t *)held.mapping + cases[i].skip);
		if (len >= 4 * MIB)
			ck_assert_uint_eq((uintptr_t)held.mapping % (2 * MIB), 0);
		ck_assert_mem_eq(held.bytes.data, file.data + offset, (size_t)len);
		pvl_source_drop(&source, &held);
		ck_assert_uint_eq(mappings_of(MEMFD_NAME), 0);
	}
	close(fd);
	bytes_free(&file);
	bytes_free(&small);
}
END_TEST

static int count_mappings(void *user, uint32_t phase, uint64_t done, uint64_t total)
{
	size_t *most = user;
	const size_t now = mappings_of(MEMFD_NAME);

	(void)phase;
	(void)done;
	(void)total;
	*most = now > *most ? now : *most;
	return 0;
}

/* Decode @file with its seals; returns how often it was mapped meanwhile. */
static size_t decode(const struct bytes *file, int seals, const struct bytes *elf)
{
	const int fd = sealed_file_of(file->data, file->size, seals);
	const struct pvhload_source source = pvhload_source_fd(fd);
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	struct pvhload_progress progress = PVHLOAD_PROGRESS_INIT;
	struct bytes got = bytes_zero(elf->size);
	struct pvhload_image *image = NULL;
	struct pvhload_error err;
	size_t mapped = 0;

	progress.callback = count_mappings;
	progress.user = &mapped;
	options.progress = &progress;
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, &options, &image, &err));
	ck_status(PVHLOAD_OK, err, pvhload_image_decode(image, &err));
	ck_assert_uint_eq(mappings_of(MEMFD_NAME), 0);
	ck_status(PVHLOAD_OK, err,
		  pvhload_image_read(pvhload_image_payload(image), 0, got.data, got.size, &err));
	ck_assert_mem_eq(got.data, elf->data, elf->size);
	pvhload_image_close(image);
	bytes_free(&got);
	close(fd);
	return mapped;
}

START_TEST(decoded)
{
	const struct elf_spec spec = small_kernel();
	struct bytes small = build_elf(&spec), rest = bytes_zero(PAYLOAD_MIB << 20);
	struct bytes elf = bytes_join(&small, &rest), bzimage = build_compressed(&elf, GZIP);
	struct bytes file = codecs[GZIP].compress(&elf);

	ck_assert_uint_eq(decode(&bzimage, 0, &elf), 0);
	ck_assert_uint_eq(decode(&bzimage, BOTH, &elf), 1);
	ck_assert_uint_eq(decode(&file, 0, &elf), 0);
	ck_assert_uint_eq(decode(&file, BOTH, &elf), 1);
	bytes_free(&file);
	bytes_free(&bzimage);
	bytes_free(&elf);
	bytes_free(&rest);
	bytes_free(&small);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("source_hold");

	ADD_TESTS(suite, "source_hold", which_files, files_of_huge_pages, holes, flags,
		  reads_instead, shortened, large, decoded);
	return run_suite(suite);
}
