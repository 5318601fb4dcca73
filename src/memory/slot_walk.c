/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "memory/slot_walk.h"

#include <pvhload/guest_memory.h>

#include "core/checked.h"
#include "memory/rom.h"

#define ROM_FLAGS (PVHLOAD_RAM_SLOT_ROM | PVHLOAD_RAM_SLOT_FIRMWARE)

bool pvl_slot_flags_usable(uint32_t flags, const uint32_t reserved[3])
{
	return (flags & ~(PVHLOAD_RAM_SLOT_ZEROED | PVHLOAD_RAM_SLOT_MAP | ROM_FLAGS)) == 0 &&
	       (flags & ROM_FLAGS) != PVHLOAD_RAM_SLOT_FIRMWARE && reserved[0] == 0 &&
	       reserved[1] == 0 && reserved[2] == 0;
}

bool pvl_slots_part(const struct pvl_slot_table *t, uint64_t gpa, struct pvl_slot_part *ret)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->ops->part(t->table, i, gpa, ret))
			return true;
	return false;
}

/* A range to move: to the guest from @src, from the guest to @dst, or with neither, to be zeroed. */
struct request {
	uint64_t gpa;
	uint64_t len;
	const uint8_t *src;
	uint8_t *dst;
};

static bool next_part(const struct pvl_slot_table *t, const struct request *r,
		      struct pvl_slot_part *ret)
{
	if (!pvl_slots_part(t, r->gpa, ret))
		return false;
	ret->size = pvl_min_u64(ret->size, r->len);
	return true;
}

static void advance(struct request *r, uint64_t bytes)
{
	r->gpa += bytes;
	r->len -= bytes;
	r->src = r->src ? r->src + bytes : NULL;
	r->dst = r->dst ? r->dst + bytes : NULL;
}

/* ROM takes the bytes of a firmware, and no zeros. */
static bool is_refused(const struct request *r, uint32_t flags)
{
	return (flags & PVHLOAD_RAM_SLOT_ROM) && !(r->src && flags & PVHLOAD_RAM_SLOT_FIRMWARE);
}

static int check_request(const struct pvl_slot_table *t, struct request r)
{
	struct pvl_slot_part part;

	while (r.len > 0) {
		if (!next_part(t, &r, &part))
			return PVHLOAD_MEMORY_NO_SLOT;
		if (!r.dst && is_refused(&r, part.flags))
			return PVHLOAD_MEMORY_ROM;
		advance(&r, part.size);
	}
	return 0;
}

static int move_part(const struct pvl_slot_table *t, const struct request *r,
		     const struct pvl_slot_part *part)
{
	if (r->src)
		return t->ops->write(t->table, part, r->src);
	if (r->dst)
		return t->ops->read(t->table, part, r->dst);
	return part->flags & PVHLOAD_RAM_SLOT_ZEROED ? 0 : t->ops->zero(t->table, part);
}

static int walk_slots(const struct pvl_slot_table *t, struct request r)
{
	struct pvl_slot_part part;
	int result = check_request(t, r);

	while (result == 0 && r.len > 0 && next_part(t, &r, &part)) {
		result = move_part(t, &r, &part);
		advance(&r, part.size);
	}
	return result;
}

int pvl_slots_write(const struct pvl_slot_table *t, uint64_t gpa, const void *src, uint64_t len)
{
	return walk_slots(t, (struct request){ .gpa = gpa, .len = len, .src = src });
}

int pvl_slots_read(const struct pvl_slot_table *t, uint64_t gpa, void *dst, uint64_t len)
{
	return walk_slots(t, (struct request){ .gpa = gpa, .len = len, .dst = dst });
}

int pvl_slots_zero(const struct pvl_slot_table *t, uint64_t gpa, uint64_t len)
{
	return walk_slots(t, (struct request){ .gpa = gpa, .len = len });
}

int pvl_slots_begin(const struct pvl_slot_table *t, const struct pvhload_plan_region *region)
{
	struct request r = { .gpa = region->gpa, .len = region->size };
	struct pvl_slot_part part;

	/* Where there is no slot is for who writes to say. */
	while (!pvl_is_firmware(region->kind) && r.len > 0 && next_part(t, &r, &part)) {
		if (part.flags & PVHLOAD_RAM_SLOT_FIRMWARE)
			return PVHLOAD_MEMORY_ROM;
		advance(&r, part.size);
	}
	return 0;
}
