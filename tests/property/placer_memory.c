/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What a Linux guest's command line leaves of its RAM, and what a kernel does not know that moves itself. */
#include "placer.h"

#define KASLR_FLOOR   (UINT64_C(512) << 20)
#define KASLR_REGIONS 4u
#define RSDP_SIZE     36u

/* The first word that counts: exactmap begins anew. */
static size_t first_word(const struct scene *s, bool *exact)
{
	size_t first = 0;

	*exact = false;
	for (size_t i = 0; i < s->word_count; i++)
		if (s->words[i].kind == SCENE_WORD_EXACT) {
			*exact = true;
			first = i + 1;
		}
	return first;
}

static void cut_taken(const struct scene *s, struct free_space *space)
{
	bool exact;

	for (size_t i = first_word(s, &exact); guest_is_linux(s) && i < s->word_count; i++)
		if (s->words[i].kind == SCENE_WORD_LIMIT || s->words[i].kind == SCENE_WORD_TAKEN)
			free_space_cut(space, s->words[i].start,
				       s->words[i].start + s->words[i].size);
}

void take_away(const struct scene *s, struct outcome *o)
{
	cut_taken(s, &o->space);
}

bool only_given(const struct scene *s, struct free_space *space)
{
	static struct free_space rest;
	bool exact;
	const size_t first = first_word(s, &exact);

	if (!guest_is_linux(s) || !exact)
		return false;
	rest = *space;
	for (size_t i = first; i < s->word_count; i++)
		if (s->words[i].kind == SCENE_WORD_GIVEN)
			free_space_cut(&rest, s->words[i].start,
				       s->words[i].start + s->words[i].size);
	for (size_t i = 0; i < rest.count; i++)
		free_space_cut(space, rest.ranges[i].start, rest.ranges[i].end);
	return true;
}

void linux_ram(const struct scene *s, struct free_space *ram)
{
	free_space_init(ram, &s->map);
	(void)only_given(s, ram);
	cut_taken(s, ram);
}

bool too_few_words(const struct scene *s)
{
	bool exact;
	size_t entries = 0;

	for (size_t i = first_word(s, &exact); i < s->word_count; i++)
		entries += s->words[i].adds;
	return exact && entries < 2;
}

static void cut_all(struct free_space *space, const struct free_space *what)
{
	for (size_t i = 0; i < what->count; i++)
		free_space_cut(space, what->ranges[i].start, what->ranges[i].end);
}

static bool place_image(const struct scene *s, struct method method, struct outcome *o)
{
	return loads_bzimage(s, method) ? place_bzimage(s, method, o) : place_elf(s, method, o);
}

/* What the kernel may not have is neither free nor RAM while it is placed. */
bool place_kernel(const struct scene *s, struct method method, struct outcome *o)
{
	static struct free_space ram, given, not_given;
	bool placed;

	given = o->space;
	if (!only_given(s, &given))
		return place_image(s, method, o);
	ram = o->ram;
	(void)only_given(s, &o->ram);
	not_given = o->space;
	cut_all(&not_given, &given);
	o->space = given;
	placed = place_image(s, method, o);
	o->ram = ram;
	for (size_t i = 0; i < not_given.count; i++)
		free_space_give(&o->space, not_given.ranges[i].start, not_given.ranges[i].end);
	return placed;
}

/* Where a memmap= has the decoding code end memory; 0: it does not. */
static uint64_t limit_of(const struct scene_word *w)
{
	if (w->kind == SCENE_WORD_LIMIT)
		return w->start;
	/* a range at 0, and one of a sign that it does not know */
	return w->percent || (w->kind == SCENE_WORD_TAKEN && w->start == 0) ? w->size : 0;
}

/* Take what the decoding code keeps off out of what it may choose from. */
static void keep_off(const struct scene *s, struct free_space *open)
{
	uint64_t limit = UINT64_MAX;
	size_t regions = 0;
	bool unread = false; /* the rest of a list */

	for (size_t i = 0; i < s->word_count; i++) {
		const struct scene_word *w = &s->words[i];
		const bool more = i + 1 < s->word_count && w[1].joined;

		if (w->mem && w->kind == SCENE_WORD_NOTHING)
			break;
		unread &= w->joined;
		if (w->mem)
			limit = w->start;
		if (w->mem || unread || regions == KASLR_REGIONS)
			continue;
		unread = w->kind == SCENE_WORD_EXACT ||
			 (w->kind == SCENE_WORD_NOTHING && !w->percent);
		if (limit_of(w) != 0)
			limit = limit_of(w);
		if (w->kind != SCENE_WORD_TAKEN || limit_of(w) != 0)
			continue;
		free_space_cut(open, w->start, w->start + w->size);
		if (++regions == KASLR_REGIONS && more)
			limit = 0; /* it does not move, whatever follows */
		if (limit == 0)
			break;
	}
	free_space_cut(open, limit, UINT64_MAX);
}

/* Does the decoding code take for RAM what Linux does not? */
static bool differs(const struct scene *s, const struct free_space *open)
{
	static struct free_space left, rest;

	linux_ram(s, &left);
	rest = *open;
	cut_all(&rest, &left);
	return rest.count > 0;
}

static bool touches(const struct free_space *space, uint64_t start, uint64_t end)
{
	if (start == end) /* which is refused later */
		return false;
	for (size_t i = 0; i < space->count; i++)
		if (space->ranges[i].start < end && start < space->ranges[i].end)
			return true;
	return false;
}

bool may_move_over(const struct scene *s)
{
	static struct free_space open;
	const struct model_bzimage *bz = &s->image->bzimage;
	const uint64_t floor =
		pvhload_image_get_info(s->image->image)->preferred_address < KASLR_FLOOR
			? pvhload_image_get_info(s->image->image)->preferred_address
			: KASLR_FLOOR;
	const uint64_t rsdp = s->config.rsdp_gpa;

	if (!s->image->is_bzimage || !bz->relocatable || bz->payload == PAYLOAD_NONE ||
	    s->nokaslr || !guest_is_linux(s))
		return false;
	free_space_init(&open, &s->map);
	free_space_cut(&open, 0, floor);
	keep_off(s, &open);
	if (differs(s, &open))
		return true;
	for (size_t i = 0; i < s->config.keep_free_count; i++)
		if (!(s->keep_free[i].flags & PVHLOAD_BOOT_KEEP_FREE_UNTIL_ENTRY) &&
		    touches(&open, s->keep_free[i].gpa, s->keep_free[i].gpa + s->keep_free[i].size))
			return true;
	return rsdp != 0 && touches(&open, rsdp, rsdp + RSDP_SIZE);
}
