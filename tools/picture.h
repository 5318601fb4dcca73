/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * What there is to see in a plan: the guest's addresses in parts that each have a scale of their own,
 * and in each part the map's ranges, what is kept free, be it in the map or not, and the plan's regions.
 * Terminal and SVG draw the same.
 */
#ifndef TOOL_PICTURE_H
#define TOOL_PICTURE_H

#include "session.h"

enum picture_kind {
	PICTURE_HOLE,     /* not in the map */
	PICTURE_RAM,      /* in the map */
	PICTURE_RESERVED, /* in the map, and no RAM */
	PICTURE_CLAIM,    /* kept free, whatever the map has there */
	PICTURE_KERNEL,
	PICTURE_FILE, /* initrd and modules */
	PICTURE_DATA, /* what the boot protocol needs */
	PICTURE_KINDS
};

/* "kernel", for legends. */
const char *picture_kind_name(enum picture_kind kind);

/* One line of the picture: a region of the plan, what is kept free, or a range of the map. */
struct picture_item {
	char name[64];
	uint64_t gpa;
	uint64_t size; /* bytes; of several pieces, all together */
	uint64_t end;  /* one past the last byte */
	enum picture_kind kind;
	uint32_t type; /* of a range: its type in the map, 0 for a hole */
	size_t pieces; /* 1, or how many ranges of that type are drawn as one item */
	const char *by;
};

/* Addresses that are drawn to one scale. */
struct picture_part {
	uint64_t start;
	uint64_t end;
	size_t first; /* of its items: by address, a range before what is in it */
	size_t count;
};

#define PICTURE_CUTS_MAX  6u /* pieces of holes that are left out of the scale */
#define PICTURE_PARTS_MAX (PICTURE_CUTS_MAX + 2u)

struct picture {
	struct picture_part parts[PICTURE_PARTS_MAX];
	size_t part_count;
	struct picture_item *items;
	size_t item_count;
	struct pvhload_memmap_entry *ranges; /* the map, by address, holes with type 0 */
	size_t range_count;
	struct picture_item *kept; /* free: claims and the RSDP, by address */
	size_t kept_count;
};

/* False if there is no memory; to be freed in either case. */
bool picture_make(const struct session *session, struct picture *picture);
void picture_free(struct picture *picture);

/* Is a byte of [start, end) the item's? */
bool picture_covers(const struct picture *picture, const struct picture_item *item, uint64_t start,
		    uint64_t end);

/* An address for people: "3 GiB", "0x9fc00". */
const char *picture_address(uint64_t gpa, char buffer[32]);

#endif
