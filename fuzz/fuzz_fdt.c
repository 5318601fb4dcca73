/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Any bytes as a device tree, after 64 that say how to edit it: read back, judged, and edited.  What comes of an edit is
 * sound, says what it was to say, and stays the same when nothing more is asked for.
 */
#include <stdbool.h>
#include <string.h>

#ifdef PVL_HAVE_FDT
#include <libfdt.h>
#endif

#include "guest_input.h"

/* A tree says how large it is. */
const struct guest_least guest_least = { 0, 0, 0, 0 };

/* Where in the first bytes the arguments are. */
enum { WAY = 0, FLAGS = 1, SEED_SIZE = 2, ROOM = 3, RAM_AT = 4, CMDLINE_AT = 16, INITRD_AT = 32 };
#define CMDLINE_SIZE 16

struct edit {
	struct pvhload_fdt fdt;
	struct pvhload_fdt_params params;
	struct pvhload_memmap_entry entry;
	struct pvhload_memmap map;
	char cmdline[CMDLINE_SIZE];
};

static uint64_t number(const uint8_t *at, size_t size)
{
	uint64_t value = 0;

	memcpy(&value, at, size);
	return value;
}

/* Not to be copied: its parts point to each other. */
static void edit_init(struct edit *e, const uint8_t *controls, const uint8_t *tree, size_t size)
{
	*e = (struct edit){ .fdt = PVHLOAD_FDT_INIT,
			    .params = PVHLOAD_FDT_PARAMS_INIT,
			    .map = PVHLOAD_MEMMAP_INIT };
	e->fdt.tree = tree;
	e->fdt.size = size;
	e->fdt.bootargs = controls[WAY] % 4;
	e->fdt.flags = controls[FLAGS] & PVHLOAD_FDT_WRITE_MEMORY;
	e->fdt.kaslr_seed = (controls[FLAGS] & 2) != 0 ? "8 bytes" : NULL;
	e->fdt.rng_seed_size = controls[SEED_SIZE] % CMDLINE_SIZE;
	e->fdt.rng_seed = e->fdt.rng_seed_size > 0 ? controls : NULL;
	e->fdt.room = (size_t)controls[ROOM] << 4;
	memcpy(e->cmdline, controls + CMDLINE_AT, CMDLINE_SIZE - 1);
	e->params.cmdline = e->cmdline;
	e->params.initrd_gpa = number(controls + INITRD_AT, 8);
	e->params.initrd_size = number(controls + INITRD_AT + 8, 4);
	e->entry = (struct pvhload_memmap_entry){ number(controls + RAM_AT, 6), 0x10000000,
						  PVHLOAD_MEMMAP_RAM, 0 };
	e->map.entries = &e->entry;
	e->map.capacity = e->map.count = 1;
	e->params.memmap = &e->map;
}

/* The tree at the start of a guest's RAM. */
static struct pvhload_fdt_view *read_alone(uint8_t *tree, size_t size)
{
	struct pvhload_ram_slot slot = { .size = size, .host = tree };
	struct pvhload_memmap_entry entry = { 0, size, PVHLOAD_MEMMAP_RAM, 0 };
	const struct pvhload_memmap map = { sizeof(map), &entry, 1, 1, 0 };
	struct pvhload_memory memory = PVHLOAD_MEMORY_INIT;
	struct pvhload_fdt_view *view = NULL;
	enum pvhload_status status;

	memory.ops = pvhload_ram_flat_ops();
	memory.user = &slot;
	memory.memmap = &map;
	status = pvhload_fdt_read(&memory, 0, 0, &view, NULL);
	MUST(status == PVHLOAD_OK);
	return view;
}

static void check_chosen(const struct edit *e, const struct pvhload_fdt_view *view)
{
	if (e->fdt.bootargs == PVHLOAD_FDT_BOOTARGS_REPLACE)
		MUST(strcmp(view->bootargs, e->cmdline) == 0);
	if (e->fdt.bootargs == PVHLOAD_FDT_BOOTARGS_APPEND)
		MUST(strlen(view->bootargs) >= strlen(e->cmdline));
	if (e->params.initrd_size != 0)
		MUST(view->has_initrd && view->initrd.gpa == e->params.initrd_gpa &&
		     view->initrd.size == e->params.initrd_size);
	if (e->fdt.kaslr_seed)
		MUST(view->has_kaslr_seed && view->kaslr_seed_size == PVHLOAD_FDT_KASLR_SEED_SIZE);
	if (e->fdt.rng_seed)
		MUST(view->has_rng_seed && view->rng_seed_size == e->fdt.rng_seed_size);
	if ((e->fdt.flags & PVHLOAD_FDT_WRITE_MEMORY) != 0)
		MUST(view->memory_count == 1 && view->memory[0].gpa == e->entry.gpa &&
		     view->memory[0].size == e->entry.size);
}

/* Edited once more with nothing to do, it is what it was. */
static void check_again(const uint8_t *tree, size_t size, size_t room)
{
	struct pvhload_fdt fdt = PVHLOAD_FDT_INIT;
	uint8_t *again = malloc(size);
	size_t again_size = 0;
	enum pvhload_status status;

	fdt.tree = tree;
	fdt.size = size;
	fdt.room = room;
	status = pvhload_fdt_edit(&fdt, NULL, again, size, &again_size, NULL);
	MUST(status == PVHLOAD_OK && again_size == size && memcmp(again, tree, size) == 0);
	free(again);
}

static void check_made(const struct edit *e, size_t size)
{
	uint8_t *made = malloc(size);
	struct pvhload_fdt_view *view;
	enum pvhload_status status;

	MUST(size <= PVHLOAD_FDT_LIMIT);
	status = pvhload_fdt_edit(&e->fdt, &e->params, made, size, &size, NULL);
	MUST(status == PVHLOAD_OK);
#ifdef PVL_HAVE_FDT
	MUST(fdt_check_full(made, size) == 0);
#endif
	view = read_alone(made, size);
	MUST(view->total_size == size);
	MUST(view->packed_size + e->fdt.room == size);
	check_chosen(e, view);
	check_again(made, size, e->fdt.room);
	pvhload_fdt_view_free(view);
	free(made);
}

/* What our rules let through, libfdt takes: errors of its own say nothing of where, and begin like this. */
static bool is_libfdts(const struct pvhload_error *err)
{
	static const char begin[] = "the device tree, ";

	return err->offset == PVHLOAD_NOWHERE &&
	       memcmp(err->message, begin, sizeof(begin) - 1) == 0;
}

/* A NOP outside of the root node: anywhere, by the specification, and not to libfdt's liking. */
static bool has_outer_nop(const uint8_t *tree, size_t size)
{
	static const uint8_t tokens[8] = { 0, 0, 0, 4, 0, 0, 0, 9 };
	size_t first = 0;

	for (size_t i = 0; size >= 12 && i < 4; i++)
		first = first << 8 | tree[8 + i];
	if (first < size && size - first >= 4 && memcmp(tree + first, tokens, 4) == 0)
		return true;
	for (size_t at = 0; at + sizeof(tokens) <= size; at++)
		if (memcmp(tree + at, tokens, sizeof(tokens)) == 0)
			return true;
	return false;
}

static void edit_tree(const uint8_t *controls, const uint8_t *tree, size_t size)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	uint8_t *before = malloc(size + 1);
	enum pvhload_status status;
	struct edit e;
	size_t takes;

	edit_init(&e, controls, tree, size);
	memcpy(before, tree, size);
	status = pvhload_fdt_edit(&e.fdt, &e.params, NULL, 0, &takes, &err);
	if (status == PVHLOAD_OK)
		check_made(&e, takes);
	else
		MUST(!is_libfdts(&err) || has_outer_nop(tree, size));
	MUST(memcmp(before, tree, size) == 0);
	free(before);
}

static void check_view(const struct pvhload_fdt_view *view)
{
	MUST(view->total_size <= PVHLOAD_FDT_SIZE_MAX && view->packed_size <= view->total_size);
	MUST(strlen(view->bootargs) <= view->total_size);
	MUST(view->memory_count <= PVHLOAD_FDT_RANGES_MAX);
	MUST(view->reservation_count <= PVHLOAD_FDT_RANGES_MAX);
	for (size_t i = 0; i < view->memory_count; i++)
		MUST(view->memory[i].size > 0);
	for (size_t i = 0; i < view->reservation_count; i++)
		MUST(view->reservations[i]->size > 0 && strlen(view->reservations[i]->name) < 48);
}

static void judge(const struct guest *guest, const struct pvhload_fdt_view *view)
{
	struct pvhload_check *check = ANSWERS_UNTOUCHED;
	const enum pvhload_status status =
		pvhload_fdt_check(&guest->memory, GUEST_AT, &check, NULL);

	MUST(status == PVHLOAD_OK && check->count >= view->problem_count);
	pvhload_check_free(check);
}

struct reading guest_read(const struct guest *guest, uint32_t flags)
{
	const uint8_t *bytes = guest->slot.host;
	struct reading r = { .err = answers_error() };
	struct pvhload_fdt_view *view = ANSWERS_UNTOUCHED;

	if (flags == 0 && guest->change_at == 0 && guest->slot.size >= GUEST_AT)
		edit_tree(bytes, bytes + GUEST_AT, (size_t)guest->slot.size - GUEST_AT);
	r.status = pvhload_fdt_read(&guest->memory, GUEST_AT, flags, &view, &r.err);
	answers_check_error(r.status, &r.err);
	r.view = view = answers_filled(r.status, view);
	if (!view)
		return r;
	r.problems = view->problems;
	r.problem_count = view->problem_count;
	r.incomplete = view->incomplete;
	check_view(view);
	if (guest->judged)
		judge(guest, view);
	return r;
}

void guest_view_free(void *view)
{
	pvhload_fdt_view_free(view);
}
