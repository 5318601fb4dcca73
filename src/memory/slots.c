/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Stock backends for RAM in the VMM's own address space: a table of slots, and one slot alone.
 * They check the table themselves: the map may have RAM for which there is no slot.
 */
#include <pvhload/guest_memory.h>

#include "abi/sizes.h"
#include "core/libc.h"
#include "core/sized.h"
#include "memory/slot_walk.h"
#include "source/sealed.h"

static bool slot_part(const void *table, size_t i, uint64_t gpa, struct pvl_slot_part *ret)
{
	const struct pvhload_ram_slot *slot = &((const struct pvhload_ram_slot *)table)[i];

	if (!slot->host || gpa < slot->gpa || gpa - slot->gpa >= slot->size)
		return false;
	*ret = (struct pvl_slot_part){ .host = (uint8_t *)slot->host + (gpa - slot->gpa),
				       .size = slot->size - (gpa - slot->gpa),
				       .flags = slot->flags };
	return true;
}

static int write_part(const void *table, const struct pvl_slot_part *part, const uint8_t *src)
{
	(void)table;
	memcpy(part->host, src, (size_t)part->size);
	return 0;
}

static int read_part(const void *table, const struct pvl_slot_part *part, uint8_t *dst)
{
	(void)table;
	memcpy(dst, part->host, (size_t)part->size);
	return 0;
}

static int zero_part(const void *table, const struct pvl_slot_part *part)
{
	(void)table;
	memset(part->host, 0, (size_t)part->size);
	return 0;
}

/* The caller's table for a walk; an unusable one becomes a table without slots. */
static struct pvl_slot_table open_table(const struct pvhload_ram_slot *slots, size_t count)
{
	static const struct pvl_slot_ops ops = {
		.part = slot_part,
		.write = write_part,
		.read = read_part,
		.zero = zero_part,
	};
	struct pvl_slot_table table = { .ops = &ops, .table = slots };

	if (!slots)
		return table;
	for (size_t i = 0; i < count; i++)
		if (!pvl_slot_flags_usable(slots[i].flags, slots[i].reserved))
			return table;
	table.count = count;
	return table;
}

/* The pointer may be used for writing, so there is none for ROM. */
static void *host_ptr(const struct pvl_slot_table *table, uint64_t gpa, uint64_t len)
{
	struct pvl_slot_part part;

	if (!pvl_slots_part(table, gpa, &part) || part.size < len ||
	    (part.flags & PVHLOAD_RAM_SLOT_ROM))
		return NULL;
	return part.host;
}

#if __STDC_HOSTED__
/* A positive value declines. */
static int map_file(const struct pvl_slot_table *table, uint64_t gpa, int fd, uint64_t offset,
		    uint64_t len)
{
	struct pvl_slot_part part;

	if (!pvl_slots_part(table, gpa, &part) || part.size < len ||
	    (part.flags & (PVHLOAD_RAM_SLOT_MAP | PVHLOAD_RAM_SLOT_ROM)) != PVHLOAD_RAM_SLOT_MAP ||
	    !pvl_file_is_fixed(fd))
		return 1;
	return pvl_file_replace(fd, offset, part.host, len);
}
#endif

static struct pvl_slot_table slots_table(const void *user)
{
	struct pvhload_ram_slots slots;

	if (!pvl_sized_in(&slots, sizeof(slots), user, PVL_V1_RAM_SLOTS))
		return open_table(NULL, 0);
	return open_table(slots.slots, slots.count);
}

static int slots_write(void *user, uint64_t gpa, const void *src, size_t len)
{
	const struct pvl_slot_table table = slots_table(user);

	return pvl_slots_write(&table, gpa, src, len);
}

static int slots_read(void *user, uint64_t gpa, void *dst, size_t len)
{
	const struct pvl_slot_table table = slots_table(user);

	return pvl_slots_read(&table, gpa, dst, len);
}

static int slots_zero(void *user, uint64_t gpa, uint64_t len)
{
	const struct pvl_slot_table table = slots_table(user);

	return pvl_slots_zero(&table, gpa, len);
}

static void *slots_host_ptr(void *user, uint64_t gpa, uint64_t len)
{
	const struct pvl_slot_table table = slots_table(user);

	return host_ptr(&table, gpa, len);
}

#if __STDC_HOSTED__
static int slots_map_file(void *user, uint64_t gpa, int fd, uint64_t offset, uint64_t len)
{
	const struct pvl_slot_table table = slots_table(user);

	return map_file(&table, gpa, fd, offset, len);
}
#endif

static int slots_begin(void *user, const struct pvhload_plan_region *region)
{
	const struct pvl_slot_table table = slots_table(user);

	return pvl_slots_begin(&table, region);
}

static int flat_write(void *user, uint64_t gpa, const void *src, size_t len)
{
	const struct pvl_slot_table table = open_table(user, 1);

	return pvl_slots_write(&table, gpa, src, len);
}

static int flat_read(void *user, uint64_t gpa, void *dst, size_t len)
{
	const struct pvl_slot_table table = open_table(user, 1);

	return pvl_slots_read(&table, gpa, dst, len);
}

static int flat_zero(void *user, uint64_t gpa, uint64_t len)
{
	const struct pvl_slot_table table = open_table(user, 1);

	return pvl_slots_zero(&table, gpa, len);
}

static void *flat_host_ptr(void *user, uint64_t gpa, uint64_t len)
{
	const struct pvl_slot_table table = open_table(user, 1);

	return host_ptr(&table, gpa, len);
}

#if __STDC_HOSTED__
static int flat_map_file(void *user, uint64_t gpa, int fd, uint64_t offset, uint64_t len)
{
	const struct pvl_slot_table table = open_table(user, 1);

	return map_file(&table, gpa, fd, offset, len);
}
#endif

static int flat_begin(void *user, const struct pvhload_plan_region *region)
{
	const struct pvl_slot_table table = open_table(user, 1);

	return pvl_slots_begin(&table, region);
}

const struct pvhload_memory_ops *pvhload_ram_slots_ops(void)
{
	static const struct pvhload_memory_ops ops = {
		.struct_size = sizeof(ops),
		.write = slots_write,
		.read = slots_read,
		.zero = slots_zero,
		.host_ptr = slots_host_ptr,
#if __STDC_HOSTED__
		.map_file = slots_map_file,
#endif
		.begin_region = slots_begin,
	};

	return &ops;
}

const struct pvhload_memory_ops *pvhload_ram_flat_ops(void)
{
	static const struct pvhload_memory_ops ops = {
		.struct_size = sizeof(ops),
		.write = flat_write,
		.read = flat_read,
		.zero = flat_zero,
		.host_ptr = flat_host_ptr,
#if __STDC_HOSTED__
		.map_file = flat_map_file,
#endif
		.begin_region = flat_begin,
	};

	return &ops;
}
