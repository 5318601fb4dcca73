/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * One case in one process: run.py starts it again and again, and judges what it prints.
 *
 *     pvhload-bench list
 *     pvhload-bench times CASE KERNELS SECONDS [close]   limit and case in turn, for that long: their wall and CPU times
 *     pvhload-bench peak CASE KERNELS                    the most memory that the case takes besides the guest's
 *     pvhload-bench pss CASE KERNELS                     what its guest takes when there are two that have read their kernel
 *     pvhload-bench bomb FILE LIMIT                      decode a compressed file of any content
 *
 * With "close", what frees the case's objects is timed as well.
 */
#include "bench.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NOT_THERE 77         /* as tests say it: skipped */
#define RAM_BELOW (16 * MIB) /* a kernel is about there */
#define NANO      UINT64_C(1000000000)

static const struct bench_case *const subjects[] = { load_cases, decode_cases, map_cases,
						     share_cases };

struct sample {
	uint64_t wall, cpu; /* nanoseconds */
};

static struct sample now(void)
{
	struct timespec wall, cpu;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
	clock_gettime(CLOCK_MONOTONIC, &wall);
	return (struct sample){ .wall = (uint64_t)wall.tv_sec * NANO + (uint64_t)wall.tv_nsec,
				.cpu = (uint64_t)cpu.tv_sec * NANO + (uint64_t)cpu.tv_nsec };
}

static const struct bench_case *find_case(const char *name)
{
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
		for (const struct bench_case *c = subjects[i]; c->name; c++)
			if (strcmp(c->name, name) == 0)
				return c;
	fprintf(stderr, "bench: there is no case %s\n", name);
	return NULL;
}

static int list(void)
{
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
		for (const struct bench_case *c = subjects[i]; c->name; c++)
			printf("%s\t%s\t%s\t%s\t%g\t%d\t%d\n", c->name, c->over, c->kernel, c->file,
			       c->target, c->has_peak, c->has_pss);
	return 0;
}

/* One after the other; 0, -1, or NOT_THERE if the library is one without what it needs. */
static int set_up(struct bench *b, const char *name, const char *kernels)
{
	char path[4096];

	memset(b, 0, sizeof(*b));
	b->err.struct_size = sizeof(b->err);
	b->c = find_case(name);
	if (!b->c)
		return -1;
	if (b->c->needs && !dlsym(RTLD_DEFAULT, b->c->needs))
		return NOT_THERE;
	b->ram.kind = b->c->ram;
	snprintf(path, sizeof(path), "%s/%s/vmlinux", kernels, b->c->kernel);
	if (reference_open(&b->reference, path))
		return -1;
	b->ram.used = RAM_BELOW + 2 * b->reference.file.size;
	snprintf(path, sizeof(path), "%s/%s/%s", kernels, b->c->kernel, b->c->file);
	if (input_open(&b->input, path, b->c->input) || input_find_payload(b, path))
		return -1;
	if (b->c->prepare && b->c->prepare(b)) {
		fprintf(stderr, "%s: %s\n", name, b->err.message);
		return -1;
	}
	return 0;
}

/* An older library takes a flag that it does not know for a mistake. */
static int say_failure(const struct bench *b)
{
	fprintf(stderr, "%s: %s\n", b->c->name, b->err.message);
	return b->err.status == PVHLOAD_E_USAGE ? NOT_THERE : -1;
}

/* What is freed is timed on demand: a VMM pays for it, but its guest may run before. */
static int time_one(struct bench *b, int (*work)(struct bench *), bool with_finish,
		    struct sample *ret)
{
	struct sample start, end;
	int failed;

	if (ram_prepare(&b->ram))
		return -1;
	start = now();
	failed = work(b);
	if (with_finish)
		b->c->finish(b);
	end = now();
	ret->wall = end.wall - start.wall;
	ret->cpu = end.cpu - start.cpu;
	return failed ? say_failure(b) : 0;
}

static int check_content(const struct bench *b, bool limit)
{
	int (*const work)(struct bench *) = limit ? b->c->limit : b->c->measured;
	const int failed = work == limit_one_shot || work == limit_mapped
				   ? limit_check_one_shot(b)
				   : reference_check(&b->reference, b->ram.host);

	if (failed)
		fprintf(stderr, "%s: %s has left other bytes\n", b->c->name,
			limit ? "the limit" : "it");
	return failed;
}

/* The first round is for the check: what a process does once, such as resolving symbols, is not the case's. */
static int play(struct bench *b, bool limit, bool with_finish, bool first)
{
	struct sample sample;
	int failed;

	b->ram.kind = limit && b->c->limit_fresh ? RAM_FRESH : b->c->ram;
	failed = time_one(b, limit ? b->c->limit : b->c->measured, with_finish, &sample);

	if (failed || (first && check_content(b, limit)))
		return failed ? failed : -1;
	b->c->finish(b);
	if (!first)
		printf("%s\t%" PRIu64 "\t%" PRIu64 "\n", limit ? "limit" : "case", sample.wall,
		       sample.cpu);
	return 0;
}

/* Which is first alternates: what one leaves in the caches may be good or bad for the other. */
static int play_pair(struct bench *b, unsigned int round, bool with_finish)
{
	const bool limit = round % 2 == 0;
	const int failed = play(b, limit, with_finish, round == 0);

	return failed ? failed : play(b, !limit, with_finish, round == 0);
}

static int print_times(struct bench *b, double seconds, bool with_finish)
{
	uint64_t start = 0;

	for (unsigned int round = 0;
	     round < 2 || (double)(now().wall - start) < seconds * (double)NANO; round++) {
		const int failed = play_pair(b, round, with_finish);

		if (failed)
			return failed;
		if (round == 0)
			start = now().wall;
	}
	return 0;
}

/* The pages of a file that the library maps are the file's, and all of its payload is mapped at once. */
static uint64_t mapped_bytes(const struct bench *b)
{
	const bool mapped = b->c->input == INPUT_MEMFD || b->c->input == INPUT_MEMFD_HUGE;

	return mapped && b->payload ? b->payload->size : 0;
}

/*
 * What has to be in memory: the compressed bytes, unless they are mapped; and of the decoded ones all for a file that is
 * compressed as a whole, else what the codec's dictionary has.
 */
static uint64_t expected_bytes(const struct bench *b)
{
	const uint64_t decoded = b->reference.file.size;

	if (!b->payload || b->payload->offset == 0)
		return b->input.size + decoded;
	return b->payload->size - mapped_bytes(b) +
	       (b->c->dictionary < decoded ? b->c->dictionary : decoded);
}

/*
 * The guest's RAM is counted as it is at the end: no case gives any back.  It is of small pages, as what is written after
 * the peak would be a huge page more.
 */
static int peak(struct bench *b)
{
	uint64_t before, top;

	b->ram.kind = RAM_FRESH;
	if (ram_prepare(&b->ram))
		return -1;
	before = peak_start() - ram_bytes(&b->ram, "Rss");
	if (b->c->measured(b))
		return say_failure(b);
	top = peak_bytes() - ram_bytes(&b->ram, "Rss") - mapped_bytes(b);
	printf("%" PRIu64 "\t%" PRIu64 "\n", top > before ? top - before : 0, expected_bytes(b));
	return reference_check(&b->reference, b->ram.host);
}

static int fill_and_read(struct bench *b)
{
	if (ram_prepare(&b->ram) || b->c->measured(b))
		return -1;
	b->c->finish(b);
	guest_read_kernel(b);
	return reference_check(&b->reference, b->ram.host);
}

static int pss(struct bench *b)
{
	struct bench other = *b;

	if (fill_and_read(b) || fill_and_read(&other))
		return say_failure(b);
	printf("%" PRIu64 "\t%" PRIu64 "\n", ram_bytes(&b->ram, "Pss"),
	       ram_bytes(&b->ram, "Private_Dirty"));
	return 0;
}

/* It need not be a kernel: only that it was decoded is asked. */
static int bomb(const char *path, uint64_t limit)
{
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_source source;
	struct pvhload_image *image = NULL;
	enum pvhload_status status;
	struct sample start, end;
	struct input in;

	options.decode_limit = limit;
	if (input_open(&in, path, INPUT_BUFFER))
		return -1;
	source = pvhload_source_buffer(in.bytes, in.size);
	start = now();
	status = pvhload_image_open(&source, &options, &image, &err);
	if (status == PVHLOAD_OK)
		status = pvhload_image_decode(image, &err);
	if (status != PVHLOAD_OK) {
		fprintf(stderr, "%s: %s\n", path, err.message);
		return status == PVHLOAD_E_UNSUPPORTED ? NOT_THERE : -1;
	}
	end = now();
	printf("%" PRIu64 "\t%" PRIu64 "\n",
	       pvhload_image_get_info(pvhload_image_payload(image))->size, end.cpu - start.cpu);
	pvhload_image_close(image);
	return 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	struct bench b;
	int result = -1;

	if (argc == 2 && strcmp(verb, "list") == 0)
		return list();
	if (argc == 4 && strcmp(verb, "bomb") == 0)
		result = bomb(argv[2], strtoull(argv[3], NULL, 10));
	else if (argc >= 4)
		result = set_up(&b, argv[2], argv[3]);
	if (result == 0 && argc >= 5 && strcmp(verb, "times") == 0)
		result = print_times(&b, strtod(argv[4], NULL), argc > 5);
	else if (result == 0 && strcmp(verb, "peak") == 0)
		result = peak(&b);
	else if (result == 0 && strcmp(verb, "pss") == 0)
		result = pss(&b);
	return result < 0 ? 1 : result;
}
