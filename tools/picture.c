/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "picture.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOW_END ((uint64_t)1 << 20)
#define CUT_MIN ((uint64_t)16 << 20) /* smaller holes are drawn to scale */
#define ALONE   8u                   /* ranges of one type that get lines of their own in a part */

const char *picture_kind_name(enum picture_kind kind)
{
	static const char *const names[PICTURE_KINDS] = {
		[PICTURE_HOLE] = "hole",         [PICTURE_RAM] = "RAM",
		[PICTURE_RESERVED] = "reserved", [PICTURE_CLAIM] = "kept free",
		[PICTURE_KERNEL] = "kernel",     [PICTURE_FILE] = "files",
		[PICTURE_DATA] = "boot data",
	};

	return names[kind];
}

const char *picture_address(uint64_t gpa, char buffer[32])
{
	if (gpa != 0 && gpa % 1024 == 0)
		return tool_exact_text(gpa, buffer);
	snprintf(buffer, 32, gpa == 0 ? "0" : "0x%" PRIx64, gpa);
	return buffer;
}

static int by_address(const void *a, const void *b)
{
	const struct picture_item *x = a, *y = b;

	if (x->gpa != y->gpa)
		return x->gpa < y->gpa ? -1 : 1;
	return (x->kind > PICTURE_RESERVED) - (y->kind > PICTURE_RESERVED);
}

static void keep(struct picture *p, uint64_t gpa, uint64_t size, const char *name, const char *by)
{
	struct picture_item item = {
		.gpa = gpa,
		.size = size,
		.end = gpa + size,
		.pieces = 1,
		.kind = PICTURE_CLAIM,
		.by = by,
	};

	snprintf(item.name, sizeof(item.name), "%s", name);
	p->kept[p->kept_count++] = item;
}

/* Neither claims nor RSDP wrap, or there would be no plan. */
static bool make_kept(const struct options *o, struct picture *p)
{
	p->kept = calloc(o->claim_count + 1, sizeof(*p->kept));
	if (!p->kept)
		return false;
	/* Without a name it is called what the library's refusals call it. */
	for (size_t i = 0; i < o->claim_count; i++)
		keep(p, o->claims[i].gpa, o->claims[i].size,
		     o->claims[i].name ? o->claims[i].name : "reserved", "--claim");
	if (o->rsdp != 0)
		keep(p, o->rsdp, PVHLOAD_RSDP_SIZE, "RSDP", "--rsdp");
	qsort(p->kept, p->kept_count, sizeof(*p->kept), by_address);
	return true;
}

static void add_range(struct picture *p, uint64_t start, uint64_t end, uint32_t type)
{
	if (start < end)
		p->ranges[p->range_count++] = (struct pvhload_memmap_entry){ .gpa = start,
									     .size = end - start,
									     .type = type };
}

/* The map without gaps: what is in none of its entries, up to all that is kept, is of type 0. */
static bool make_ranges(const struct pvhload_memmap *map, struct picture *p)
{
	uint64_t at = 0, top = 0;

	p->ranges = calloc(2 * map->count + 1, sizeof(*p->ranges));
	if (!p->ranges)
		return false;
	for (size_t i = 0; i < map->count; i++) {
		const struct pvhload_memmap_entry *e = &map->entries[i];

		add_range(p, at, e->gpa, 0);
		add_range(p, e->gpa, e->gpa + e->size, e->type);
		at = e->gpa + e->size;
	}
	for (size_t i = 0; i < p->kept_count; i++)
		top = p->kept[i].end > top ? p->kept[i].end : top;
	add_range(p, at, top, 0);
	return true;
}

/* Pieces of holes in which nothing is kept. */
struct gaps {
	struct picture_part *list;
	size_t count;
};

static void add_gap(struct gaps *g, uint64_t start, uint64_t end)
{
	if (start < end)
		g->list[g->count++] = (struct picture_part){ start, end, 0, 0 };
}

static bool make_gaps(const struct picture *p, struct gaps *g)
{
	g->count = 0;
	/* Each that is kept leaves at most one more, of whatever hole. */
	g->list = calloc(p->range_count + p->kept_count, sizeof(*g->list));
	if (!g->list)
		return false;
	for (size_t i = 0; i < p->range_count; i++) {
		const struct pvhload_memmap_entry *r = &p->ranges[i];
		uint64_t at = r->gpa;

		if (r->type != 0)
			continue;
		for (size_t k = 0; k < p->kept_count; k++) {
			const struct picture_item *kept = &p->kept[k];

			if (kept->gpa >= r->gpa + r->size || kept->end <= at)
				continue;
			add_gap(g, at, kept->gpa);
			at = kept->end;
		}
		add_gap(g, at, r->gpa + r->size);
	}
	return true;
}

/* Is this gap one of the largest, which would leave nothing of the scale to what matters? */
static bool is_cut(const struct gaps *g, size_t i)
{
	const uint64_t size = g->list[i].end - g->list[i].start;
	size_t larger = 0;

	if (size < CUT_MIN)
		return false;
	for (size_t k = 0; k < g->count; k++) {
		const uint64_t other = g->list[k].end - g->list[k].start;

		larger += other > size || (other == size && k < i);
	}
	return larger < PICTURE_CUTS_MAX;
}

static void add_part(struct picture *p, uint64_t start, uint64_t end)
{
	if (start < end)
		p->parts[p->part_count++] = (struct picture_part){ start, end, 0, 0 };
}

/* Below 1 MiB is a part of its own, as what is small is there; then a part from cut to cut. */
static bool make_parts(struct picture *p)
{
	const struct pvhload_memmap_entry *last = &p->ranges[p->range_count - 1];
	const uint64_t top = last->gpa + last->size;
	struct gaps gaps;
	uint64_t at = LOW_END;

	if (!make_gaps(p, &gaps))
		return false;
	add_part(p, 0, top < LOW_END ? top : LOW_END);
	for (size_t i = 0; i < gaps.count; i++) {
		if (!is_cut(&gaps, i))
			continue;
		add_part(p, at, gaps.list[i].start);
		at = gaps.list[i].end;
	}
	add_part(p, at, top);
	free(gaps.list);
	return true;
}

static void name_type(uint32_t type, size_t pieces, char *name, size_t size)
{
	static const char *const names[] = { "hole", "RAM",      "reserved", "ACPI",
					     "NVS",  "unusable", "disabled", "PMEM" };
	int n = type < sizeof(names) / sizeof(names[0])
			? snprintf(name, size, "%s", names[type])
			: snprintf(name, size, "type %" PRIu32, type);

	if (pieces > 1)
		snprintf(name + n, size - (size_t)n, ", %zu pieces", pieces);
}

static bool touches(const struct picture_part *part, uint64_t gpa, uint64_t size)
{
	return gpa < part->end && gpa + size > part->start;
}

/* Of what is reserved: all of it but what a firmware takes was asked for. */
static const char *reserved_by(const struct pvhload_plan_info *info,
			       const struct pvhload_memmap_entry *r)
{
	for (size_t i = 0; i < info->region_count; i++)
		if (info->regions[i]->gpa == r->gpa && info->regions[i]->size == r->size)
			return "--firmware";
	return "--reserve";
}

/* Ranges of one type in a part: each alone while they are few, else all as one item. */
static void add_ranges(struct picture *p, const struct picture_part *part, size_t i,
		       const struct pvhload_plan_info *info)
{
	const struct pvhload_memmap_entry *r = &p->ranges[i];
	struct picture_item item = { .gpa = r->gpa,
				     .type = r->type,
				     .kind = r->type == 0                    ? PICTURE_HOLE
					     : r->type == PVHLOAD_MEMMAP_RAM ? PICTURE_RAM
									     : PICTURE_RESERVED };
	size_t first = i;

	for (size_t k = 0; k < p->range_count; k++) {
		const struct pvhload_memmap_entry *other = &p->ranges[k];

		if (other->type != r->type || !touches(part, other->gpa, other->size))
			continue;
		first = item.pieces++ == 0 ? k : first;
		item.size += other->size;
		item.end = other->gpa + other->size;
	}
	if (item.pieces > ALONE && i != first)
		return;
	if (item.pieces <= ALONE) {
		item.pieces = 1;
		item.size = r->size;
		item.end = r->gpa + r->size;
	}
	/* Of a hole it is only what is in this part: the rest may be left out. */
	if (r->type == 0 && item.pieces == 1) {
		item.gpa = r->gpa > part->start ? r->gpa : part->start;
		item.end = item.end < part->end ? item.end : part->end;
		item.size = item.end - item.gpa;
	}
	item.by = item.kind == PICTURE_HOLE  ? ""
		  : item.kind == PICTURE_RAM ? "--memory"
					     : reserved_by(info, r);
	name_type(r->type, item.pieces, item.name, sizeof(item.name));
	p->items[p->item_count++] = item;
}

/* Who chose the place: an option, the image, or the library. */
static const char *chosen_by(const struct pvhload_plan_region *r, bool kernel)
{
	if (r->kind == PVHLOAD_REGION_KEPT)
		return "--hashes-table";
	if (r->reason == PVHLOAD_PLACED_ASKED)
		return "--place";
	if (kernel && (r->reason == PVHLOAD_PLACED_PREFERRED || r->reason == PVHLOAD_PLACED_ONLY))
		return "image";
	return "library";
}

static void add_region(struct picture *p, const struct pvhload_plan_region *r)
{
	const bool kernel =
		r->kind == PVHLOAD_REGION_KERNEL || r->kind == PVHLOAD_REGION_KERNEL_IMAGE;
	struct picture_item item = {
		.gpa = r->gpa,
		.size = r->size,
		.end = r->gpa + r->size,
		.pieces = 1,
		.kind = kernel ? PICTURE_KERNEL
			: r->kind == PVHLOAD_REGION_INITRD || r->kind == PVHLOAD_REGION_MODULE
				? PICTURE_FILE
				: PICTURE_DATA,
		.by = chosen_by(r, kernel),
	};

	snprintf(item.name, sizeof(item.name), "%s", r->name);
	p->items[p->item_count++] = item;
}

static void fill_part(struct picture *p, struct picture_part *part,
		      const struct pvhload_plan_info *info)
{
	part->first = p->item_count;
	for (size_t i = 0; i < p->range_count; i++)
		if (touches(part, p->ranges[i].gpa, p->ranges[i].size))
			add_ranges(p, part, i, info);
	for (size_t i = 0; i < p->kept_count; i++)
		if (touches(part, p->kept[i].gpa, p->kept[i].size))
			p->items[p->item_count++] = p->kept[i];
	for (size_t i = 0; i < info->region_count; i++)
		if (touches(part, info->regions[i]->gpa, info->regions[i]->size))
			add_region(p, info->regions[i]);
	part->count = p->item_count - part->first;
	qsort(p->items + part->first, part->count, sizeof(*p->items), by_address);
}

bool picture_make(const struct session *session, struct picture *p)
{
	const struct pvhload_plan_info *info = pvhload_plan_get_info(session->plan);

	memset(p, 0, sizeof(*p));
	if (!make_kept(session->options, p) || !make_ranges(info->memmap, p) || !make_parts(p))
		return false;
	/* What a cut goes through is in two parts. */
	p->items = calloc(PICTURE_PARTS_MAX * (p->range_count + info->region_count + p->kept_count),
			  sizeof(*p->items));
	for (size_t i = 0; p->items && i < p->part_count; i++)
		fill_part(p, &p->parts[i], info);
	return p->items;
}

void picture_free(struct picture *picture)
{
	free(picture->items);
	free(picture->ranges);
	free(picture->kept);
}

bool picture_covers(const struct picture *p, const struct picture_item *item, uint64_t start,
		    uint64_t end)
{
	if (item->pieces == 1)
		return item->gpa < end && item->end > start;
	for (size_t i = 0; i < p->range_count; i++)
		if (p->ranges[i].type == item->type && p->ranges[i].gpa < end &&
		    p->ranges[i].gpa + p->ranges[i].size > start)
			return true;
	return false;
}
