/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Is a refusal for lack of room the last word?  Every place of the kernel is tried, with the files after
 * it and before it; or, if it has no choice, every file as the first; the order of everything else is
 * boot.h's.
 */
#include <stdlib.h>

#include "placer.h"

#define MIB (UINT64_C(1) << 20)

/* Places in one free range: all of them, or the outermost and some between. */
#define TRIES_MAX 24u

static bool fits_with(const struct scene *s, struct method method, uint64_t kernel_at,
		      struct outcome *o)
{
	placer_try(s, method, (struct order){ .kernel_at = kernel_at }, o);
	if (o->refusals != 0)
		placer_try(s, method, (struct order){ .kernel_at = kernel_at, .files_first = true },
			   o);
	return o->refusals == 0;
}

/* Any file before the others, where the kernel has no choice. */
static bool search_files(const struct scene *s, struct method method, struct outcome *o)
{
	for (size_t i = 1; i <= scene_files(s); i++) {
		placer_try(s, method, (struct order){ .first_file = i }, o);
		if (o->refusals == 0)
			return true;
	}
	return false;
}

/* The first and the last place for @want in one range; false if there is none. */
static bool places_in(struct free_range range, const struct want *want, uint64_t *first,
		      uint64_t *last)
{
	struct free_space space = { .ranges = { range }, .count = 1 };

	return free_space_lowest(&space, want, first) && free_space_highest(&space, want, last);
}

static bool search_range(const struct scene *s, struct method method, struct free_range range,
			 const struct want *want, struct outcome *o)
{
	uint64_t first, last, steps, tries;

	if (!places_in(range, want, &first, &last))
		return false;
	steps = (last - first) / want->align;
	tries = steps < TRIES_MAX ? steps : TRIES_MAX - 1;
	for (uint64_t i = 0; i <= tries; i++) {
		const uint64_t step = tries == 0 ? 0
				      : steps < TRIES_MAX
					      ? i
					      : steps / tries * i + steps % tries * i / tries;

		if (fits_with(s, method, first + step * want->align, o))
			return true;
	}
	return false;
}

bool placer_search(const struct scene *s, struct method method, struct outcome *o)
{
	static struct free_space free;
	struct want want;

	if (!kernel_moves(s, method, &want) || s->places.kernel_gpa != 0)
		return search_files(s, method, o);
	want.min = want.min < MIB ? MIB : want.min; /* below only if that is asked for */
	free_space_init(&free, &s->map);
	for (size_t i = 0; i < s->config.keep_free_count; i++)
		free_space_cut(&free, s->keep_free[i].gpa,
			       s->keep_free[i].gpa + s->keep_free[i].size);
	for (size_t i = 0; i < free.count; i++)
		if (search_range(s, method, free.ranges[i], &want, o))
			return true;
	return false;
}
