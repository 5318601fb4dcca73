/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Several threads and one image, or eight images: each thread opens, decodes or shares, explains, plans, commits and
 * loads, with a plan and a memory of its own, and all get what a thread alone gets.  Under ThreadSanitizer this shows
 * that an image is not changed by that, and that images have nothing in common.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "descriptors.h"
#include "images.h"
#include "open_image.h"
#include "pools.h"
#include "streams.h"

#define THREADS  8
#define IMAGES   8
#define ROUNDS   4
#define RAM_SIZE (4u << 20)

/* Check's own assertions are for one thread. */
#define MUST(condition)                                                                         \
	do {                                                                                    \
		if (!(condition)) {                                                             \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                                \
		}                                                                               \
	} while (0)

/* What one thread has to itself, and what it came to. */
struct guest {
	uint8_t *planned; /* RAM after a commit */
	uint8_t *loaded;  /* RAM after pvhload_image_load() */
	uint64_t entry;
	uint64_t loaded_entry;
	size_t methods;
	struct pvhload_error refusal; /* of the image that cannot be decoded */
};

struct work {
	struct pvhload_image *image, *bad;
	pthread_barrier_t *start;
	struct guest guest;
	bool shares;
};

static struct pvhload_memory flat(struct pvhload_ram_slot *slot, uint8_t *bytes)
{
	struct pvhload_memory memory = PVHLOAD_MEMORY_INIT;

	*slot = (struct pvhload_ram_slot){ .size = RAM_SIZE, .host = bytes };
	memory.ops = pvhload_ram_flat_ops();
	memory.user = slot;
	return memory;
}

static void plan_and_commit(struct pvhload_image *image, struct guest *guest)
{
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_memmap_entry entries[3];
	struct pvhload_memmap map = ram_map(entries, RAM_SIZE);
	struct pvhload_plan *plan = NULL;
	struct pvhload_memory memory;
	struct pvhload_ram_slot slot;

	config.image = image;
	config.memmap = &map;
	config.cmdline = "console=ttyS0";
	MUST(pvhload_boot_plan(&config, &plan, &err) == PVHLOAD_OK);
	guest->entry = pvhload_plan_get_info(plan)->entry;
	memory = flat(&slot, guest->planned);
	MUST(pvhload_plan_commit(plan, &memory, &err) == PVHLOAD_OK);
	pvhload_plan_free(plan);
}

static void load(struct pvhload_image *kernel, struct guest *guest)
{
	struct pvhload_image_load_result result = PVHLOAD_IMAGE_LOAD_RESULT_INIT;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_memmap_entry entries[3];
	struct pvhload_memmap map = ram_map(entries, RAM_SIZE);
	struct pvhload_ram_slot slot;
	struct pvhload_memory memory = flat(&slot, guest->loaded);

	memory.memmap = &map;
	MUST(pvhload_image_load(kernel, &memory, NULL, &result, &err) == PVHLOAD_OK);
	guest->loaded_entry = result.pvh_entry;
}

/* Decode level by level, down to the kernel. */
static struct pvhload_image *kernel_of(struct pvhload_image *image)
{
	struct pvhload_image *payload;

	for (;; image = payload) {
		MUST(pvhload_image_decode(image, NULL) == PVHLOAD_OK);
		payload = pvhload_image_payload(image);
		if (!payload)
			return image;
	}
}

static void new_guest(struct guest *guest)
{
	*guest = (struct guest){ .planned = calloc(1, RAM_SIZE),
				 .loaded = calloc(1, RAM_SIZE),
				 .refusal = PVHLOAD_ERROR_INIT };
	MUST(guest->planned && guest->loaded);
}

static void use_image(struct pvhload_image *image, bool shares, struct guest *guest)
{
	struct pvhload_image_explanation *explanation = NULL;
	struct pvhload_image *kernel;

	if (shares)
		MUST(pvhload_image_share(image, NULL) == PVHLOAD_OK);
	plan_and_commit(image, guest);
	if (shares)
		MUST(pvhload_image_shared_fd(image) >= 0);
	MUST(pvhload_image_explain(image, &explanation, NULL) == PVHLOAD_OK);
	guest->methods = explanation->count;
	pvhload_image_explanation_free(explanation);

	kernel = kernel_of(image);
	MUST(pvhload_image_get_info(kernel)->pvh != NULL);
	load(kernel, guest);
}

static void *use(void *user)
{
	struct work *work = user;

	new_guest(&work->guest);
	if (work->start)
		(void)pthread_barrier_wait(work->start);
	MUST(pvhload_image_decode(work->bad, &work->guest.refusal) == PVHLOAD_E_MALFORMED);
	use_image(work->image, work->shares, &work->guest);
	return NULL;
}

static void free_guest(struct guest *guest)
{
	free(guest->planned);
	free(guest->loaded);
}

static void same(const struct guest *a, const struct guest *b)
{
	MUST(memcmp(a->planned, b->planned, RAM_SIZE) == 0);
	MUST(memcmp(a->loaded, b->loaded, RAM_SIZE) == 0);
	MUST(a->entry == b->entry && a->loaded_entry == b->loaded_entry);
	MUST(a->methods == b->methods);
	MUST(memcmp(&a->refusal, &b->refusal, sizeof(a->refusal)) == 0);
}

static struct pvhload_image *open_file(const struct bytes *bytes)
{
	const struct pvhload_source source = pvhload_source_buffer(bytes->data, bytes->size);
	struct pvhload_image *image = NULL;

	MUST(pvhload_image_open(&source, NULL, &image, NULL) == PVHLOAD_OK);
	return image;
}

/* All at once, with images that nobody has decoded yet. */
static void round_of(const struct bytes *good, const struct bytes *bad, const struct guest *alone)
{
	struct pvhload_image *image = open_file(good), *broken = open_file(bad);
	struct work works[THREADS];
	pthread_t threads[THREADS];
	pthread_barrier_t start;

	MUST(pthread_barrier_init(&start, NULL, THREADS) == 0);
	for (int i = 0; i < THREADS; i++) {
		works[i] = (struct work){ image, broken, &start, { 0 }, i % 2 == 1 };
		MUST(pthread_create(&threads[i], NULL, use, &works[i]) == 0);
	}
	for (int i = 0; i < THREADS; i++) {
		MUST(pthread_join(threads[i], NULL) == 0);
		same(&works[i].guest, alone);
		free_guest(&works[i].guest);
	}
	(void)pthread_barrier_destroy(&start);
	pvhload_image_close(image);
	pvhload_image_close(broken);
}

START_TEST(one_image)
{
	const struct elf_spec spec = small_kernel();
	struct bytes elf = build_elf(&spec), bzimage = build_compressed(&elf, GZIP);
	struct bytes file = codecs[GZIP].compress(&bzimage), bad = codecs[GZIP].compress(&bzimage);
	struct work alone = { NULL, NULL, NULL, { 0 }, false };

	bad.data[bad.size - 5] ^= 0x55; /* of the checksum */
	alone.image = open_file(&file);
	alone.bad = open_file(&bad);
	(void)use(&alone);
	MUST(alone.guest.entry == SMALL_ENTRY && alone.guest.loaded_entry == SMALL_ENTRY);
	MUST(memcmp(alone.guest.loaded + 0x100000, elf.data + elf_segment_offset(&spec, 0), 0x40) ==
	     0);
	for (int i = 0; i < ROUNDS; i++)
		round_of(&file, &bad, &alone.guest);
	free_guest(&alone.guest);
	pvhload_image_close(alone.image);
	pvhload_image_close(alone.bad);
	bytes_free(&bad);
	bytes_free(&file);
	bytes_free(&bzimage);
	bytes_free(&elf);
}
END_TEST

/* Kernels that differ in a part of the first segment, and where the threads have each from. */
struct eight {
	struct bytes files[IMAGES];
	int fds[IMAGES]; /* -1: from the buffer */
	struct guest alone[IMAGES];
	struct pvhload_image *images[IMAGES];
	pthread_barrier_t start;
};

#define MARK_AT   0x20u
#define MARK_SIZE 0x20u

static int mark_of(size_t i)
{
	return (int)(0xc0 + i);
}

/* For a pool's user of each call alone, as several images call it at a time. */
static int run_pool(void *user, void (*task)(void *arg, size_t index), void *arg, size_t count)
{
	struct pool_calls calls = { .runs = 0 };

	(void)user;
	return pool_of_two_threads(&calls, task, arg, count);
}

static struct pvhload_image *open_one(const struct eight *eight, size_t i)
{
	const struct pvhload_source source =
		eight->fds[i] < 0
			? pvhload_source_buffer(eight->files[i].data, eight->files[i].size)
			: pvhload_source_fd(eight->fds[i]);
	const struct pvhload_pool pool = pool_of(run_pool, NULL);
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	struct pvhload_image *image = NULL;

	options.pool = &pool;
	MUST(pvhload_image_open(&source, &options, &image, NULL) == PVHLOAD_OK);
	return image;
}

/* The last has two of LZ4's chunks of 8 MiB, which a pool is used for. */
static struct bytes file_of_kernel(size_t i)
{
	static const enum codec payloads[IMAGES] = { GZIP, GZIP, BZIP2, XZ, LZO, ZSTD, LZ4, LZ4 };
	const enum codec codec = codecs[payloads[i]].compress ? payloads[i] : GZIP;
	const struct elf_spec spec = small_kernel();
	struct bytes elf = build_elf(&spec), raw, bzimage, file;

	memset(elf.data + elf_segment_offset(&spec, 0) + MARK_AT, mark_of(i), MARK_SIZE);
	if (i == 0)
		return elf;
	raw = bytes_zero(i == IMAGES - 1 ? (8u << 20) + 5 : elf.size);
	memcpy(raw.data, elf.data, elf.size);
	bytes_free(&elf);
	bzimage = build_compressed(&raw, codec);
	bytes_free(&raw);
	if (i != 1)
		return bzimage;
	file = codecs[GZIP].compress(&bzimage);
	bytes_free(&bzimage);
	return file;
}

static void prepare(struct eight *eight)
{
	uint8_t mark[MARK_SIZE];

	for (size_t i = 0; i < IMAGES; i++) {
		struct guest *alone = &eight->alone[i];
		struct pvhload_image *image;

		eight->files[i] = file_of_kernel(i);
		eight->fds[i] = i % 2 ? file_of(eight->files[i].data, eight->files[i].size) : -1;
		image = open_one(eight, i);
		new_guest(alone);
		use_image(image, false, alone);
		pvhload_image_close(image);
		memset(mark, mark_of(i), sizeof(mark));
		MUST(alone->entry == SMALL_ENTRY && alone->loaded_entry == SMALL_ENTRY);
		MUST(memcmp(alone->planned + SMALL_LOW + MARK_AT, mark, sizeof(mark)) == 0);
		MUST(memcmp(alone->loaded + SMALL_LOW + MARK_AT, mark, sizeof(mark)) == 0);
	}
	MUST(pthread_barrier_init(&eight->start, NULL, THREADS) == 0);
}

static void finish(struct eight *eight)
{
	(void)pthread_barrier_destroy(&eight->start);
	for (size_t i = 0; i < IMAGES; i++) {
		free_guest(&eight->alone[i]);
		bytes_free(&eight->files[i]);
		if (eight->fds[i] >= 0)
			(void)close(eight->fds[i]);
	}
}

struct turn {
	struct eight *eight;
	size_t thread;
	bool in_step; /* all take an image at a time; or each begins with another */
};

static void use_and_compare(const struct eight *eight, struct pvhload_image *image, size_t i,
			    bool shares)
{
	struct guest guest;

	new_guest(&guest);
	use_image(image, shares, &guest);
	same(&guest, &eight->alone[i]);
	free_guest(&guest);
}

static void *own_image(void *user)
{
	const struct turn *turn = user;
	struct eight *eight = turn->eight;

	for (int i = 0; i < ROUNDS; i++) {
		struct pvhload_image *image;

		(void)pthread_barrier_wait(&eight->start);
		image = open_one(eight, turn->thread);
		use_and_compare(eight, image, turn->thread, i % 2 == 1);
		pvhload_image_close(image);
	}
	return NULL;
}

/* Those of all threads, while another is opened from the same source. */
static void *each_image(void *user)
{
	const struct turn *turn = user;
	struct eight *eight = turn->eight;

	for (size_t n = 0; n < IMAGES; n++) {
		const size_t i = turn->in_step ? n : (n + turn->thread) % IMAGES;

		if (n == 0 || turn->in_step)
			(void)pthread_barrier_wait(&eight->start);
		use_and_compare(eight, eight->images[i], i, turn->thread % 2 == 1);
		pvhload_image_close(open_one(eight, i));
	}
	return NULL;
}

static void run_threads(struct eight *eight, void *(*run)(void *), bool in_step)
{
	struct turn turns[THREADS];
	pthread_t threads[THREADS];

	for (size_t i = 0; i < THREADS; i++) {
		turns[i] = (struct turn){ eight, i, in_step };
		MUST(pthread_create(&threads[i], NULL, run, &turns[i]) == 0);
	}
	for (size_t i = 0; i < THREADS; i++)
		MUST(pthread_join(threads[i], NULL) == 0);
}

START_TEST(eight_images)
{
	struct eight eight;

	prepare(&eight);
	run_threads(&eight, own_image, false);
	for (int in_step = 0; in_step < 2; in_step++) {
		for (size_t i = 0; i < IMAGES; i++)
			eight.images[i] = open_one(&eight, i);
		run_threads(&eight, each_image, in_step == 1);
		for (size_t i = 0; i < IMAGES; i++)
			pvhload_image_close(eight.images[i]);
	}
	finish(&eight);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("threads");

	ADD_TESTS(suite, "threads", one_image, eight_images);
	return run_suite(suite);
}
