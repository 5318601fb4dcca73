/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * One scene in one process, for counts.py, which runs it under callgrind:
 *
 *     pvhload-counts list
 *     pvhload-counts SCENE
 */
#include "counts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct scene *const subjects[] = { cmdline_scenes, plan_scenes, memmap_scenes,
						paging_scenes };
static struct pvhload_memmap_entry entries[SCENE_ENTRIES];
static struct pvhload_memmap map;

struct pvhload_error scene_error = PVHLOAD_ERROR_INIT;

void must(enum pvhload_status status)
{
	must_hold(status == PVHLOAD_OK, scene_error.message);
}

void must_hold(int true_, const char *what)
{
	if (true_)
		return;
	fprintf(stderr, "pvhload-counts: %s\n", what);
	exit(1);
}

struct pvhload_memmap *scene_map(void)
{
	struct pvhload_memmap_x86 x86 = PVHLOAD_MEMMAP_X86_INIT;

	x86.ram_size = 2048 * MIB;
	map.struct_size = sizeof(map);
	map.entries = entries;
	map.capacity = SCENE_ENTRIES;
	must(pvhload_memmap_init_x86(&x86, &map, &scene_error));
	return &map;
}

/* Knuth's MMIX generator. */
static size_t next_below(size_t limit)
{
	static uint64_t state = 1;

	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (size_t)((state >> 33) % limit);
}

void scene_shuffle(struct pvhload_memmap_entry *list, size_t count)
{
	for (size_t i = count; i > 1; i--) {
		const size_t other = next_below(i);
		const struct pvhload_memmap_entry entry = list[i - 1];

		list[i - 1] = list[other];
		list[other] = entry;
	}
}

/* callgrind counts what runs in here alone: counts.py names it. */
void counted_part(const struct scene *scene);
__attribute__((noinline)) void counted_part(const struct scene *scene)
{
	scene->counted();
	__asm__ volatile(""); /* no tail call */
}

static void play(const struct scene *scene)
{
	scene->prepare();
	counted_part(scene);
	scene->check();
}

int main(int argc, char **argv)
{
	const char *name = argc == 2 ? argv[1] : "";
	int found = 0;

	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
		for (const struct scene *s = subjects[i]; s->name; s++) {
			if (strcmp(name, "list") == 0)
				printf("%s\t%" PRIu64 "\t%s\n", s->name, s->target, s->what);
			else if (strcmp(name, s->name) == 0)
				play(s);
			else
				continue;
			found = 1;
		}
	must_hold(found, "there is no such scene");
	return 0;
}
