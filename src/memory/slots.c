/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Stock backends for RAM in the VMM's own address space: a table of slots, and one slot alone.  They
 * check the table themselves: the map that the library checked against may promise more than it has.
 */
#include <string.h>

#include <pvhload/guest_memory.h>

#include "abi/sizes.h"
#include "core/checked.h"
#include "core/sized.h"

/* The slot that holds @gpa, and how many bytes it has from there on. */
static uint8_t *find(const struct pvhload_ram_slots *table, uint64_t gpa, uint64_t *ret_left)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct pvhload_ram_slot *slot = &table->slots[i];

		if (slot->host && gpa >= slot->gpa && gpa - slot->gpa < slot->size) {
			*ret_left = slot->size - (gpa - slot->gpa);
			return (uint8_t *)slot->host + (gpa - slot->gpa);
		}
	}
	return NULL;
}

enum direction { TO_GUEST, FROM_GUEST, CLEAR };

static void move(enum direction direction, uint8_t *host, const void *src, void *dst, size_t len)
{
	if (direction == TO_GUEST)
		memcpy(host, src, len);
	else if (direction == FROM_GUEST)
		memcpy(dst, host, len);
	else
		memset(host, 0, len);
}

/* All of the range must be there before the first byte moves. */
static bool covered(const struct pvhload_ram_slots *table, uint64_t gpa, uint64_t len)
{
	uint64_t left;

	while (len > 0) {
		if (!find(table, gpa, &left))
			return false;
		left = pvl_min_u64(left, len);
		gpa += left;
		len -= left;
	}
	return true;
}

static int walk(const struct pvhload_ram_slots *table, enum direction direction, uint64_t gpa,
		const uint8_t *src, uint8_t *dst, uint64_t len)
{
	uint64_t left;

	if (!covered(table, gpa, len))
		return PVHLOAD_MEMORY_NO_SLOT;
	while (len > 0) {
		uint8_t *host = find(table, gpa, &left);

		left = pvl_min_u64(left, len);
		move(direction, host, src, dst, (size_t)left);
		gpa += left;
		len -= left;
		src = src ? src + left : NULL;
		dst = dst ? dst + left : NULL;
	}
	return 0;
}

static bool open_table(void *user, struct pvhload_ram_slots *ret)
{
	return pvl_sized_in(ret, sizeof(*ret), user, PVL_V1_RAM_SLOTS) && ret->slots;
}

static int slot_write(void *user, uint64_t gpa, const void *src, size_t len)
{
	struct pvhload_ram_slots table;

	return open_table(user, &table) ? walk(&table, TO_GUEST, gpa, src, NULL, len)
					: PVHLOAD_MEMORY_NO_SLOT;
}

static int slot_read(void *user, uint64_t gpa, void *dst, size_t len)
{
	struct pvhload_ram_slots table;

	return open_table(user, &table) ? walk(&table, FROM_GUEST, gpa, NULL, dst, len)
					: PVHLOAD_MEMORY_NO_SLOT;
}

static int slot_zero(void *user, uint64_t gpa, uint64_t len)
{
	struct pvhload_ram_slots table;

	return open_table(user, &table) ? walk(&table, CLEAR, gpa, NULL, NULL, len)
					: PVHLOAD_MEMORY_NO_SLOT;
}

static void *slot_host_ptr(void *user, uint64_t gpa, uint64_t len)
{
	struct pvhload_ram_slots table;
	uint64_t left;
	void *host;

	if (!open_table(user, &table))
		return NULL;
	host = find(&table, gpa, &left);
	return host && left >= len ? host : NULL;
}

static struct pvhload_ram_slots table_of_one(void *user)
{
	return (struct pvhload_ram_slots){ sizeof(struct pvhload_ram_slots), user, 1 };
}

static int flat_write(void *user, uint64_t gpa, const void *src, size_t len)
{
	struct pvhload_ram_slots table = table_of_one(user);

	return slot_write(&table, gpa, src, len);
}

static int flat_read(void *user, uint64_t gpa, void *dst, size_t len)
{
	struct pvhload_ram_slots table = table_of_one(user);

	return slot_read(&table, gpa, dst, len);
}

static int flat_zero(void *user, uint64_t gpa, uint64_t len)
{
	struct pvhload_ram_slots table = table_of_one(user);

	return slot_zero(&table, gpa, len);
}

static void *flat_host_ptr(void *user, uint64_t gpa, uint64_t len)
{
	struct pvhload_ram_slots table = table_of_one(user);

	return slot_host_ptr(&table, gpa, len);
}

const struct pvhload_memory_ops *pvhload_ram_slots_ops(void)
{
	static const struct pvhload_memory_ops ops = {
		.struct_size = sizeof(ops),
		.write = slot_write,
		.read = slot_read,
		.zero = slot_zero,
		.host_ptr = slot_host_ptr,
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
	};

	return &ops;
}
