/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Several threads and one image: each decodes or shares, explains, plans, commits and loads, with a plan and a
 * memory of its own, and all get what a thread alone gets.  Under ThreadSanitizer this shows that an
 * image is not changed by that.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "images.h"
#include "open_image.h"
#include "streams.h"

#define THREADS  6
#define ROUNDS   4
#define RAM_SIZE (8u << 20)

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

static void *use(void *user)
{
	struct work *work = user;
	struct guest *guest = &work->guest;
	struct pvhload_image_explanation *explanation = NULL;
	struct pvhload_image *bzimage, *kernel;

	guest->planned = calloc(1, RAM_SIZE);
	guest->loaded = calloc(1, RAM_SIZE);
	guest->refusal = (struct pvhload_error)PVHLOAD_ERROR_INIT;
	MUST(guest->planned && guest->loaded);
	if (work->start)
		(void)pthread_barrier_wait(work->start);

	MUST(pvhload_image_decode(work->bad, &guest->refusal) == PVHLOAD_E_MALFORMED);
	if (work->shares)
		MUST(pvhload_image_share(work->image, NULL) == PVHLOAD_OK);
	plan_and_commit(work->image, guest);
	if (work->shares)
		MUST(pvhload_image_shared_fd(work->image) >= 0);
	MUST(pvhload_image_explain(work->image, &explanation, NULL) == PVHLOAD_OK);
	guest->methods = explanation->count;
	pvhload_image_explanation_free(explanation);

	MUST(pvhload_image_decode(work->image, NULL) == PVHLOAD_OK);
	bzimage = pvhload_image_payload(work->image);
	MUST(pvhload_image_decode(bzimage, NULL) == PVHLOAD_OK);
	kernel = pvhload_image_payload(bzimage);
	MUST(pvhload_image_get_info(kernel)->pvh != NULL);
	load(kernel, guest);
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

int main(void)
{
	Suite *suite = suite_create("threads");

	ADD_TESTS(suite, "threads", one_image);
	return run_suite(suite);
}
