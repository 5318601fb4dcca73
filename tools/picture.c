/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "picture.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "places.h"

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

/* The map without gaps: what is in none of its entries becomes a range of type 0. */
static bool make_ranges(const struct pvhload_memmap *map, struct picture *p)
{
	uint64_t at = 0;

	p->ranges = calloc(2 * map->count + 1, sizeof(*p->ranges));
	if (!p->ranges)
		return false;
	for (size_t i = 0; i < map->count; i++) {
		const struct pvhload_memmap_entry *e = &map->entries[i];

		if (e->addr > at)
			p->ranges[p->range_count++] =
				(struct pvhload_memmap_entry){ at, e->addr - at, 0, 0 };
		p->ranges[p->range_count++] = *e;
		at = e->addr + e->size;
	}
	return true;
}

/* Is this hole one of the largest, which would leave nothing of the scale to what matters? */
static bool is_cut(const struct picture *p, size_t i)
{
	size_t larger = 0;

	if (p->ranges[i].type != 0 || p->ranges[i].size < CUT_MIN)
		return false;
	for (size_t k = 0; k < p->range_count; k++)
		if (p->ranges[k].type == 0 && (p->ranges[k].size > p->ranges[i].size ||
					       (p->ranges[k].size == p->ranges[i].size && k < i)))
			larger++;
	return larger < PICTURE_CUTS_MAX;
}

static void add_part(struct picture *p, uint64_t start, uint64_t end)
{
	if (start < end)
		p->parts[p->part_count++] = (struct picture_part){ start, end, 0, 0 };
}

/* Below 1 MiB is a part of its own, as what is small is there; then a part from cut to cut. */
static void make_parts(struct picture *p)
{
	const struct pvhload_memmap_entry *last = &p->ranges[p->range_count - 1];
	const uint64_t top = last->addr + last->size;
	uint64_t at = LOW_END;

	add_part(p, 0, top < LOW_END ? top : LOW_END);
	for (size_t i = 0; i < p->range_count; i++) {
		if (!is_cut(p, i))
			continue;
		add_part(p, at, p->ranges[i].addr);
		at = p->ranges[i].addr + p->ranges[i].size;
	}
	add_part(p, at, top);
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

/* Ranges of one type in a part: each alone while they are few, else all as one item. */
static void add_range(struct picture *p, const struct picture_part *part, size_t i)
{
	const struct pvhload_memmap_entry *r = &p->ranges[i];
	struct picture_item item = { .gpa = r->addr,
				     .type = r->type,
				     .kind = r->type == 0                    ? PICTURE_HOLE
					     : r->type == PVHLOAD_MEMMAP_RAM ? PICTURE_RAM
									     : PICTURE_RESERVED };
	size_t first = i;

	for (size_t k = 0; k < p->range_count; k++) {
		const struct pvhload_memmap_entry *other = &p->ranges[k];

		if (other->type != r->type || !touches(part, other->addr, other->size))
			continue;
		first = item.pieces++ == 0 ? k : first;
		item.size += other->size;
		item.end = other->addr + other->size;
	}
	if (item.pieces > ALONE && i != first)
		return;
	if (item.pieces <= ALONE) {
		item.pieces = 1;
		item.size = r->size;
		item.end = r->addr + r->size;
	}
	item.by = item.kind == PICTURE_HOLE  ? ""
		  : item.kind == PICTURE_RAM ? "--memory"
					     : "--reserve";
	name_type(r->type, item.pieces, item.name, sizeof(item.name));
	p->items[p->item_count++] = item;
}

/* Is the kernel where the image that was loaded, the innermost or the bzImage, would have it? */
static bool is_preferred(const struct session *s, const struct pvhload_plan_info *info)
{
	struct pvhload_image *image = s->image;

	while (!(pvhload_image_get_info(image)->format == PVHLOAD_FORMAT_BZIMAGE &&
		 info->decompress == PVHLOAD_DECOMPRESS_GUEST) &&
	       pvhload_image_payload(image))
		image = pvhload_image_payload(image);
	return pvhload_image_get_info(image)->preferred_address == info->kernel_gpa;
}

static void add_region(struct picture *p, const struct session *s,
		       const struct pvhload_plan_info *info, const struct pvhload_plan_region *r)
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
		.by = places_have(s->options, r)        ? "--place"
		      : kernel && is_preferred(s, info) ? "image"
							: "library",
	};

	snprintf(item.name, sizeof(item.name), "%s", r->name);
	p->items[p->item_count++] = item;
}

/* Without a name it is called what the library's refusals call it. */
static void add_claim(struct picture *p, const struct claim_option *c)
{
	struct picture_item item = {
		.gpa = c->gpa,
		.size = c->size,
		.end = c->gpa + c->size,
		.pieces = 1,
		.kind = PICTURE_CLAIM,
		.by = "--claim",
	};

	snprintf(item.name, sizeof(item.name), "%s", c->name ? c->name : "reserved");
	p->items[p->item_count++] = item;
}

static int by_address(const void *a, const void *b)
{
	const struct picture_item *x = a, *y = b;

	if (x->gpa != y->gpa)
		return x->gpa < y->gpa ? -1 : 1;
	return (x->kind > PICTURE_RESERVED) - (y->kind > PICTURE_RESERVED);
}

static void fill_part(struct picture *p, struct picture_part *part, const struct session *s,
		      const struct pvhload_plan_info *info)
{
	part->first = p->item_count;
	for (size_t i = 0; i < p->range_count; i++)
		if (touches(part, p->ranges[i].addr, p->ranges[i].size))
			add_range(p, part, i);
	for (size_t i = 0; i < s->options->claim_count; i++)
		if (touches(part, s->options->claims[i].gpa, s->options->claims[i].size))
			add_claim(p, &s->options->claims[i]);
	for (size_t i = 0; i < info->region_count; i++)
		if (touches(part, info->regions[i]->gpa, info->regions[i]->size))
			add_region(p, s, info, info->regions[i]);
	part->count = p->item_count - part->first;
	qsort(p->items + part->first, part->count, sizeof(*p->items), by_address);
}

bool picture_make(const struct session *session, struct picture *p)
{
	const struct pvhload_plan_info *info = pvhload_plan_get_info(session->plan);

	memset(p, 0, sizeof(*p));
	if (!make_ranges(info->memmap, p))
		return false;
	make_parts(p);
	/* What a cut goes through is in two parts. */
	p->items = calloc(PICTURE_PARTS_MAX * (p->range_count + info->region_count +
					       session->options->claim_count),
			  sizeof(*p->items));
	for (size_t i = 0; p->items && i < p->part_count; i++)
		fill_part(p, &p->parts[i], session, info);
	return p->items;
}

void picture_free(struct picture *picture)
{
	free(picture->items);
	free(picture->ranges);
}

bool picture_covers(const struct picture *p, const struct picture_item *item, uint64_t start,
		    uint64_t end)
{
	if (item->pieces == 1)
		return item->gpa < end && item->end > start;
	for (size_t i = 0; i < p->range_count; i++)
		if (p->ranges[i].type == item->type && p->ranges[i].addr < end &&
		    p->ranges[i].addr + p->ranges[i].size > start)
			return true;
	return false;
}
