/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Edits of device trees: the header, tokens, the sizes, names and values of properties, reservations. */
#include <string.h>

#include "abi/fdt_layout.h"
#include "mutate.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TOKENS_MAX 256u
#define CELL       PVL_FDT_CELL
/* From a property's token. */
#define PROP_SIZE  4u
#define PROP_NAME  8u
#define PROP_VALUE 12u

static const uint32_t version_numbers[] = { 0, 1, 2, 3, 16, 17, 18 };
static const uint32_t tokens[] = { PVL_FDT_TOKEN_BEGIN_NODE, PVL_FDT_TOKEN_END_NODE,
				   PVL_FDT_TOKEN_PROP, PVL_FDT_TOKEN_NOP, PVL_FDT_TOKEN_END };

static const struct field header[] = {
	{ "totalsize", PVL_FDT_TOTALSIZE, 4, FIELD_PLACE, { NULL, 0 } },
	{ "off_dt_struct", PVL_FDT_OFF_DT_STRUCT, 4, FIELD_PLACE, { NULL, 0 } },
	{ "off_dt_strings", PVL_FDT_OFF_DT_STRINGS, 4, FIELD_PLACE, { NULL, 0 } },
	{ "off_mem_rsvmap", PVL_FDT_OFF_MEM_RSVMAP, 4, FIELD_PLACE, { NULL, 0 } },
	{ "version", PVL_FDT_VERSION, 4, FIELD_CHOICE, CHOICES(version_numbers) },
	{ "last_comp_version", PVL_FDT_LAST_COMP_VERSION, 4, FIELD_CHOICE,
	  CHOICES(version_numbers) },
	{ "size_dt_strings", PVL_FDT_SIZE_DT_STRINGS, 4, FIELD_PLACE, { NULL, 0 } },
	{ "size_dt_struct", PVL_FDT_SIZE_DT_STRUCT, 4, FIELD_PLACE, { NULL, 0 } },
};
static const struct field token = { "token", 0, 4, FIELD_CHOICE, CHOICES(tokens) };
static const struct field prop_size = { "len", PROP_SIZE, 4, FIELD_COUNT, { NULL, 0 } };
static const struct field cell_count = { "cells", PROP_VALUE, 4, FIELD_COUNT, { NULL, 0 } };
static const struct field reservation[] = {
	{ "address", 0, 8, FIELD_ADDRESS, { NULL, 0 } },
	{ "size", 8, 8, FIELD_ADDRESS, { NULL, 0 } },
};

struct walk {
	uint32_t all[TOKENS_MAX], props[TOKENS_MAX]; /* offsets */
	size_t all_count, prop_count;
};

/* After the token at @at. */
static uint64_t next(const struct mutated *m, uint64_t at)
{
	const uint64_t kind = mutate_get(m, at, 4);
	uint64_t end = at + PVL_FDT_TOKEN_SIZE;

	if (kind == PVL_FDT_TOKEN_PROP)
		end = at + PROP_VALUE + mutate_get(m, at + PROP_SIZE, 4);
	else if (kind == PVL_FDT_TOKEN_BEGIN_NODE)
		while (mutate_get(m, end++, 1) != 0)
			;
	return (end + CELL - 1) / CELL * CELL;
}

/* The tokens of a tree, as far as they can be told. */
static void walk(const struct mutated *m, struct walk *w)
{
	uint64_t at = mutate_get(m, PVL_FDT_OFF_DT_STRUCT, 4);

	*w = (struct walk){ .all_count = 0 };
	while (w->all_count < TOKENS_MAX && mutate_has(m, at, PVL_FDT_TOKEN_SIZE)) {
		if (mutate_get(m, at, 4) == PVL_FDT_TOKEN_PROP)
			w->props[w->prop_count++] = (uint32_t)at;
		w->all[w->all_count++] = (uint32_t)at;
		at = next(m, at);
	}
}

static uint64_t any_prop(struct mutated *m, const struct walk *w)
{
	return w->props[mutate_below(m, w->prop_count)];
}

static void edit_header(struct mutated *m, const struct walk *w)
{
	(void)w;
	mutate_one_of(m, 0, header, COUNT(header));
}

static void edit_reservation(struct mutated *m, const struct walk *w)
{
	(void)w;
	mutate_one_of(m,
		      mutate_get(m, PVL_FDT_OFF_MEM_RSVMAP, 4) +
			      mutate_below(m, 3) * PVL_FDT_RSVMAP_ENTRY,
		      reservation, COUNT(reservation));
}

static void edit_token(struct mutated *m, const struct walk *w)
{
	mutate_field(m, w->all[mutate_below(m, w->all_count)], &token);
}

/* A property or a node's start is no more. */
static void clear_token(struct mutated *m, const struct walk *w)
{
	uint64_t at = w->all[mutate_below(m, w->all_count)];

	for (const uint64_t end = next(m, at); at < end && mutate_has(m, at, PVL_FDT_TOKEN_SIZE);
	     at += PVL_FDT_TOKEN_SIZE)
		mutate_put(m, at, PVL_FDT_TOKEN_SIZE, PVL_FDT_TOKEN_NOP);
}

static void edit_size(struct mutated *m, const struct walk *w)
{
	mutate_field(m, any_prop(m, w), &prop_size);
}

/* Another property's name, one within a name, or one about the block's end. */
static void edit_name(struct mutated *m, const struct walk *w)
{
	const uint64_t at = any_prop(m, w), size = mutate_get(m, PVL_FDT_SIZE_DT_STRINGS, 4);
	uint64_t name = mutate_get(m, any_prop(m, w) + PROP_NAME, 4);

	switch (mutate_below(m, 4)) {
	case 0:
		name += mutate_below(m, 8);
		break;
	case 1:
		name = size - 2 + mutate_below(m, 4);
		break;
	default:
		break;
	}
	mutate_put(m, at + PROP_NAME, 4, name);
}

/* A cell of the value, or two: an address, a size, a number of cells. */
static void edit_value(struct mutated *m, const struct walk *w)
{
	const uint64_t at = any_prop(m, w), cells = mutate_get(m, at + PROP_SIZE, 4) / CELL;
	const struct field value = {
		"value", PROP_VALUE, cells > 1 ? 8 : 4, FIELD_ADDRESS, { NULL, 0 }
	};

	if (cells == 1)
		mutate_field(m, at, &cell_count);
	else if (cells > 1)
		mutate_field(m, at + CELL * mutate_below(m, cells - 1), &value);
}

/* One more of a token, before itself; what is after the structure block moves on with its offsets. */
static void duplicate_token(struct mutated *m, const struct walk *w)
{
	const uint64_t at = w->all[mutate_below(m, w->all_count)], size = next(m, at) - at;
	const uint64_t strings = mutate_get(m, PVL_FDT_OFF_DT_STRINGS, 4);

	if (m->base != 0 || !mutate_has(m, at, size) || size > m->room - m->size)
		return;
	memmove(m->data + at + size, m->data + at, m->size - (size_t)at);
	m->size += (size_t)size;
	mutate_put(m, PVL_FDT_TOTALSIZE, 4, mutate_get(m, PVL_FDT_TOTALSIZE, 4) + size);
	mutate_put(m, PVL_FDT_SIZE_DT_STRUCT, 4, mutate_get(m, PVL_FDT_SIZE_DT_STRUCT, 4) + size);
	if (strings > at)
		mutate_put(m, PVL_FDT_OFF_DT_STRINGS, 4, strings + size);
}

void mutate_fdt(struct mutated *m)
{
	static void (*const edits[])(struct mutated *, const struct walk *) = {
		edit_header, edit_reservation, edit_token, clear_token, duplicate_token,
		edit_size,   edit_name,        edit_value, edit_value,
	};
	struct walk w;

	m->big_endian = true;
	walk(m, &w);
	/* Without a token, or a property, only the first two find something. */
	edits[mutate_below(m, w.all_count == 0 ? 2 : w.prop_count == 0 ? 5 : COUNT(edits))](m, &w);
}
