/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A kernel in a sealed memfd: of which images, what the file has, and what is left when it cannot be made. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptors.h"
#include "fake_memory.h"
#include "flat_images.h"
#include "open_image.h"
#include "uki_images.h"

#define LARGE_SIZE ((5u << 20) + 123)
#define GUEST_SIZE (4u << 20)
#define BAD_FORMAT "not a kernel, but as long as the head of one has to be, and so on."

/* memfd_create() fails by this errno, if it is not 0; the linker puts this in its place. */
static int no_memfd;

int __wrap_memfd_create(const char *name, unsigned int flags);
int __real_memfd_create(const char *name, unsigned int flags);

int __wrap_memfd_create(const char *name, unsigned int flags)
{
	if (no_memfd == 0)
		return __real_memfd_create(name, flags);
	errno = no_memfd;
	return -1;
}

/* Share what is in these bytes, whose kernel is @kernel, undecoded or decoded before. */
static void share_bytes(const struct bytes *bytes, const struct bytes *kernel, bool decoded)
{
	const size_t before = open_descriptors();
	struct pvhload_image *image = open_bytes(bytes), *payload;
	struct pvhload_error err;
	int fd;

	ck_assert_int_eq(pvhload_image_shared_fd(image), -1);
	if (decoded)
		ck_status(PVHLOAD_OK, err, pvhload_image_decode(image, &err));
	payload = pvhload_image_payload(image);
	ck_status(PVHLOAD_OK, err, pvhload_image_share(image, &err));
	fd = pvhload_image_shared_fd(image);
	expect_sealed_file(fd, kernel->data, kernel->size);
	ck_assert_uint_eq(open_descriptors(), before + 1);
	if (payload)
		ck_assert_ptr_eq(pvhload_image_payload(image), payload);
	ck_status(PVHLOAD_OK, err, pvhload_image_share(image, &err));
	ck_assert_int_eq(pvhload_image_shared_fd(image), fd);
	ck_assert_uint_eq(open_descriptors(), before + 1);
	pvhload_image_close(image);
	ck_assert_uint_eq(open_descriptors(), before);
}

static void share_both(struct bytes bytes, const struct bytes *kernel)
{
	share_bytes(&bytes, kernel, false);
	share_bytes(&bytes, kernel, true);
	bytes_free(&bytes);
}

START_TEST(every_codec)
{
	struct bytes kernel = small_kernel_file();

	for (enum codec codec = 0; codec < CODECS; codec++) {
		if (skip_without(codec))
			continue;
		share_both(build_compressed(&kernel, codec), &kernel);
		share_both(codecs[codec].compress(&kernel), &kernel);
	}
	bytes_free(&kernel);
}
END_TEST

/* A bzImage in a compressed file or a UKI, a kernel that is not compressed, and no container at all. */
START_TEST(containers)
{
	struct bytes kernel = small_kernel_file(), flat = build_flat(ARM64, true);
	struct bytes bzimage = build_compressed(&kernel, GZIP);
	const struct bzimage_spec stored = { .payload = kernel.data,
					     .payload_size = kernel.size,
					     .no_trailer = true };
	const struct uki_spec uki = small_uki(&bzimage), uki_elf = small_uki(&kernel);

	share_both(codecs[GZIP].compress(&bzimage), &kernel);
	share_both(build_bzimage(&stored), &kernel);
	share_both(build_uki(&uki), &kernel);
	share_both(build_uki(&uki_elf), &kernel);
	share_both(build_zboot(&flat, GZIP, NULL), &flat);
	share_both(bytes_copy(kernel.data, kernel.size), &kernel);
	share_both(bytes_copy(flat.data, flat.size), &flat);
	bytes_free(&bzimage);
	bytes_free(&flat);
	bytes_free(&kernel);
}
END_TEST

/* So much that it gets huge pages, where the host has some; and no byte of them after its end. */
START_TEST(large)
{
	struct bytes small = small_kernel_file(), rest = bytes_zero(LARGE_SIZE);
	struct bytes kernel;

	for (size_t i = 0; i < rest.size; i += 1000)
		rest.data[i] = (uint8_t)(i / 1000 + 1);
	kernel = bytes_join(&small, &rest);
	share_both(build_compressed(&kernel, GZIP), &kernel);
	share_both(bytes_copy(kernel.data, kernel.size), &kernel);
	bytes_free(&kernel);
	bytes_free(&rest);
	bytes_free(&small);
}
END_TEST

static void commit_plan(struct pvhload_image *image, struct fake_memory *fake)
{
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_memmap_entry entries[3];
	struct pvhload_memmap map = ram_map(entries, GUEST_SIZE);
	struct pvhload_plan *plan = NULL;
	struct pvhload_error err;

	config.image = image;
	config.memmap = &map;
	config.cmdline = "console=ttyS0";
	ck_status(PVHLOAD_OK, err, pvhload_boot_plan(&config, &plan, &err));
	ck_status(PVHLOAD_OK, err, pvhload_plan_commit(plan, &fake->memory, &err));
	pvhload_plan_free(plan);
}

/* Segments that begin as a page of the file does are mapped from the memfd, and the guest is the same. */
START_TEST(committed)
{
	struct bytes kernel = small_kernel_file();
	struct bytes bzimages[] = { build_compressed(&kernel, GZIP),
				    bytes_copy(kernel.data, kernel.size) };

	for (size_t i = 0; i < 2; i++) {
		struct pvhload_image *image = open_bytes(&bzimages[i]),
				     *alone = open_bytes(&bzimages[i]);
		struct fake_memory shared, copied;
		struct pvhload_error err;

		fake_memory_init(&shared, GUEST_SIZE, FAKE_MAP_FILE | FAKE_HOST_PTR);
		fake_memory_init(&copied, GUEST_SIZE, 0);
		ck_status(PVHLOAD_OK, err, pvhload_image_share(image, &err));
		commit_plan(image, &shared);
		commit_plan(alone, &copied);
		ck_assert_mem_eq(shared.bytes, copied.bytes, GUEST_SIZE);
		ck_assert(!shared.strayed);
		fake_memory_free(&shared);
		fake_memory_free(&copied);
		pvhload_image_close(image);
		pvhload_image_close(alone);
		bytes_free(&bzimages[i]);
	}
	bytes_free(&kernel);
}
END_TEST

static struct pvhload_error try_share(const struct bytes *bytes, uint64_t limit,
				      enum pvhload_status status)
{
	const size_t before = open_descriptors();
	const struct pvhload_source source = pvhload_source_buffer(bytes->data, bytes->size);
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	struct pvhload_image *image = NULL;
	struct pvhload_error err;

	options.decode_limit = limit;
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, &options, &image, &err));
	ck_status(status, err, pvhload_image_share(image, &err));
	ck_assert_int_eq(pvhload_image_shared_fd(image) >= 0, status == PVHLOAD_OK);
	pvhload_image_close(image);
	ck_assert_uint_eq(open_descriptors(), before);
	return err;
}

START_TEST(refusals)
{
	struct bytes kernel = small_kernel_file(), bzimage = build_compressed(&kernel, GZIP);
	struct bytes text = bytes_copy(BAD_FORMAT, sizeof(BAD_FORMAT));
	struct bytes other = build_compressed(&text, GZIP), bad = build_compressed(&kernel, GZIP);
	const struct bzimage_spec unknown = { .payload = text.data,
					      .payload_size = text.size,
					      .decoded_size = 100 };
	struct bytes no_codec = build_bzimage(&unknown);
	struct pvhload_error err;

	ck_status(PVHLOAD_E_USAGE, err, pvhload_image_share(NULL, &err));
	ck_assert_int_eq(pvhload_image_shared_fd(NULL), -1);
	bad.data[bad.size - 5] ^= 0x55; /* of the checksum */
	(void)try_share(&bad, 0, PVHLOAD_E_MALFORMED);
	(void)try_share(&other, 0, PVHLOAD_E_FORMAT);
	(void)try_share(&no_codec, 0, PVHLOAD_E_UNSUPPORTED);
	err = try_share(&bzimage, kernel.size - 1, PVHLOAD_E_LIMIT);
	ck_says(err, "decode_limit");
	err = try_share(&kernel, kernel.size - 1, PVHLOAD_E_LIMIT);
	ck_says(err, "to share", "decode_limit");
	(void)try_share(&kernel, kernel.size, PVHLOAD_OK);
	(void)try_share(&bzimage, kernel.size, PVHLOAD_OK);
	bytes_free(&no_codec);
	bytes_free(&bad);
	bytes_free(&other);
	bytes_free(&text);
	bytes_free(&bzimage);
	bytes_free(&kernel);
}
END_TEST

/* What the system refuses is not remembered: the image can be decoded, and shared later. */
START_TEST(no_memory_files)
{
	static const struct {
		int number;
		enum pvhload_status status;
	} cases[] = {
		{ ENOSYS, PVHLOAD_E_UNSUPPORTED }, { EINVAL, PVHLOAD_E_UNSUPPORTED },
		{ EPERM, PVHLOAD_E_UNSUPPORTED },  { EMFILE, PVHLOAD_E_SOURCE },
		{ ENOMEM, PVHLOAD_E_NO_MEMORY },
	};
	struct bytes kernel = small_kernel_file(), bzimage = build_compressed(&kernel, GZIP);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pvhload_image *image = open_bytes(&bzimage);
		struct pvhload_error err;

		no_memfd = cases[i].number;
		ck_status(cases[i].status, err, pvhload_image_share(image, &err));
		no_memfd = 0;
		ck_assert_int_eq(pvhload_image_shared_fd(image), -1);
		ck_status(PVHLOAD_OK, err, pvhload_image_decode(image, &err));
		ck_status(PVHLOAD_OK, err, pvhload_image_share(image, &err));
		expect_sealed_file(pvhload_image_shared_fd(image), kernel.data, kernel.size);
		pvhload_image_close(image);
	}
	bytes_free(&bzimage);
	bytes_free(&kernel);
}
END_TEST

/* Larger than the process may have a file, which would end it by a signal.  What logs this test has smaller ones. */
START_TEST(file_size_limit)
{
	struct bytes small = small_kernel_file(), rest = bytes_zero(LARGE_SIZE);
	struct bytes kernel = bytes_join(&small, &rest), bzimage = build_compressed(&kernel, GZIP);
	struct pvhload_image *images[] = { open_bytes(&kernel), open_bytes(&bzimage) };
	struct pvhload_error err;
	struct rlimit old, low;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
	low = old;
	for (size_t i = 0; i < 2; i++) {
		low.rlim_cur = kernel.size - 1;
		ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &low), 0);
		ck_status(PVHLOAD_E_SOURCE, err, pvhload_image_share(images[i], &err));
		ck_assert_int_eq(err.cause, EFBIG);
		ck_assert_int_eq(pvhload_image_shared_fd(images[i]), -1);
		low.rlim_cur = kernel.size;
		ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &low), 0);
		ck_status(PVHLOAD_OK, err, pvhload_image_share(images[i], &err));
		pvhload_image_close(images[i]);
	}
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
	bytes_free(&bzimage);
	bytes_free(&kernel);
	bytes_free(&rest);
	bytes_free(&small);
}
END_TEST

static int end_now(void *user, uint32_t phase, uint64_t done, uint64_t total)
{
	(void)phase;
	(void)done;
	(void)total;
	return *(int *)user;
}

START_TEST(cancelled)
{
	struct bytes kernel = small_kernel_file(), bzimage = build_compressed(&kernel, GZIP);
	const struct pvhload_source source = pvhload_source_buffer(bzimage.data, bzimage.size);
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	struct pvhload_progress progress = PVHLOAD_PROGRESS_INIT;
	const size_t before = open_descriptors();
	struct pvhload_image *image = NULL;
	struct pvhload_error err;
	int answer = 7;

	progress.callback = end_now;
	progress.user = &answer;
	options.progress = &progress;
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, &options, &image, &err));
	ck_status(PVHLOAD_E_CANCELLED, err, pvhload_image_share(image, &err));
	ck_assert_uint_eq(open_descriptors(), before);
	answer = 0;
	ck_status(PVHLOAD_OK, err, pvhload_image_share(image, &err));
	pvhload_image_close(image);
	bytes_free(&bzimage);
	bytes_free(&kernel);
}
END_TEST

/* A child that lives on; it has no mapping of the memfd, which could not be sealed then. */
static int fork_once(void *user, uint32_t phase, uint64_t done, uint64_t total)
{
	pid_t *child = user;

	(void)phase;
	(void)done;
	(void)total;
	if (*child == 0)
		*child = fork();
	if (*child == 0)
		for (;;)
			pause();
	return 0;
}

START_TEST(forked_meanwhile)
{
	const bool heeded = is_dontfork_heeded();
	struct bytes kernel = small_kernel_file(), bzimage = build_compressed(&kernel, GZIP);
	const struct pvhload_source source = pvhload_source_buffer(bzimage.data, bzimage.size);
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	struct pvhload_progress progress = PVHLOAD_PROGRESS_INIT;
	struct pvhload_image *image = NULL;
	struct pvhload_error err;
	pid_t child = 0;

	progress.callback = fork_once;
	progress.user = &child;
	options.progress = &progress;
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, &options, &image, &err));
	/* Otherwise the child's mapping keeps it from being sealed. */
	ck_status(heeded ? PVHLOAD_OK : PVHLOAD_E_SOURCE, err, pvhload_image_share(image, &err));
	ck_assert_int_gt(child, 0);
	ck_assert_int_eq(kill(child, SIGKILL), 0);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	if (heeded)
		expect_sealed_file(pvhload_image_shared_fd(image), kernel.data, kernel.size);
	pvhload_image_close(image);
	bytes_free(&bzimage);
	bytes_free(&kernel);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("share");

	ADD_TESTS(suite, "share", every_codec, containers, large, committed, refusals,
		  no_memory_files, file_size_limit, cancelled, forked_meanwhile);
	return run_suite(suite);
}
