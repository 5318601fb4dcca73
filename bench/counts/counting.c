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
#include <string.h>

static const struct scene *const subjects[] = { cmdline_scenes, plan_scenes, memmap_scenes,
						paging_scenes };

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
