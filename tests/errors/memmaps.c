/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Memory maps that contradict themselves, or that Linux does not survive. */
#include "errors.h"

#define ENTRIES(...)                          \
	(const struct pvhload_memmap_entry[]) \
	{                                     \
		__VA_ARGS__                   \
	}

/* A plan with the first @count of these entries. */
static struct pvhload_error with_map(const struct pvhload_memmap_entry *entries, size_t count)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	for (size_t i = 0; i < count; i++)
		f.entries[i] = entries[i];
	f.map.count = count;
	return try_plan(&f);
}

static struct pvhload_error empty_map(void)
{
	return with_map(NULL, 0);
}

static struct pvhload_error one_entry(void)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX64;
	f.entries[0] = (struct pvhload_memmap_entry){ 0, 64 * MIB, PVHLOAD_MEMMAP_RAM, 0 };
	f.map.count = 1;
	return try_plan(&f);
}

static struct pvhload_error no_low_ram(void)
{
	return with_map(ENTRIES({ 0, 0x10000, PVHLOAD_MEMMAP_RAM, 0 },
				{ MIB, 63 * MIB, PVHLOAD_MEMMAP_RAM, 0 }),
			2);
}

static struct pvhload_error overlapping_entries(void)
{
	return with_map(ENTRIES({ 0, 64 * MIB, PVHLOAD_MEMMAP_RAM, 0 },
				{ 0x9fc00, 0x60400, PVHLOAD_MEMMAP_RESERVED, 0 }),
			2);
}

static struct pvhload_error wrapping_entry(void)
{
	return with_map(ENTRIES({ 0, 0x9fc00, PVHLOAD_MEMMAP_RAM, 0 },
				{ MIB, UINT64_MAX, PVHLOAD_MEMMAP_RAM, 0 }),
			2);
}

static struct pvhload_error empty_entry(void)
{
	return with_map(ENTRIES({ 0, 0x9fc00, PVHLOAD_MEMMAP_RAM, 0 },
				{ MIB, 0, PVHLOAD_MEMMAP_RAM, 0 }),
			2);
}

static struct pvhload_error no_type(void)
{
	return with_map(ENTRIES({ 0, 0x9fc00, PVHLOAD_MEMMAP_RAM, 0 }, { MIB, 63 * MIB, 0, 0 }), 2);
}

static struct pvhload_error many_by_pvh(void)
{
	struct pvhload_memmap_entry entries[128] = { { 0, 0x9fc00, PVHLOAD_MEMMAP_RAM, 0 },
						     { MIB, 63 * MIB, PVHLOAD_MEMMAP_RAM, 0 } };

	for (size_t i = 2; i < 128; i++)
		entries[i] = (struct pvhload_memmap_entry){ 4 * GIB + i * MIB, 4096,
							    PVHLOAD_MEMMAP_RESERVED, 0 };
	return with_map(entries, 128);
}

static struct pvhload_error many_by_linux(void)
{
	struct pvhload_memmap_entry *entries = calloc(5000, sizeof(*entries));
	struct pvhload_memmap map = { sizeof(map), entries, 5000, 5000, 0 };
	struct pvhload_error err;
	struct plan_fixture f;

	for (size_t i = 0; i < 5000; i++)
		entries[i] =
			(struct pvhload_memmap_entry){ i * MIB, MIB / 2, PVHLOAD_MEMMAP_RAM, 0 };
	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.config.memmap = &map;
	err = try_plan(&f);
	free(entries);
	return err;
}

static struct pvhload_error from_ram_size(struct pvhload_memmap_x86 x86, size_t capacity)
{
	struct pvhload_memmap_entry entries[8];
	struct pvhload_memmap map = { sizeof(map), entries, capacity, 0, 0 };
	struct pvhload_error err = fresh_error();

	x86.struct_size = sizeof(x86);
	return failed(pvhload_memmap_init_x86(&x86, &map, &err), &err);
}

static struct pvhload_error no_ram(void)
{
	return from_ram_size((struct pvhload_memmap_x86){ .ram_size = 0 }, 8);
}

static struct pvhload_error small_array(void)
{
	return from_ram_size((struct pvhload_memmap_x86){ .ram_size = 8 * GIB }, 2);
}

static struct pvhload_error low_hole(void)
{
	return from_ram_size((struct pvhload_memmap_x86){ .ram_size = GIB,
							  .hole_gpa = 0xa0000,
							  .hole_size = 0x60000 },
			     8);
}

static struct pvhload_error full_array(void)
{
	struct pvhload_memmap_entry entries[2];
	struct pvhload_memmap map = { sizeof(map), entries, 2, 0, 0 };
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_memmap_add(&map, 0, MIB, PVHLOAD_MEMMAP_RAM, &err));
	ck_status(PVHLOAD_OK, err,
		  pvhload_memmap_add(&map, 2 * MIB, MIB, PVHLOAD_MEMMAP_RAM, &err));
	return failed(pvhload_memmap_add(&map, 4 * MIB, MIB, PVHLOAD_MEMMAP_RAM, &err), &err);
}

static struct pvhload_error reserved_as_ram(void)
{
	struct pvhload_memmap_entry entries[4];
	struct pvhload_memmap map = { sizeof(map), entries, 4, 0, 0 };
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_memmap_add(&map, 0, GIB, PVHLOAD_MEMMAP_RAM, &err));
	return failed(pvhload_memmap_reserve(&map, MIB, MIB, PVHLOAD_MEMMAP_RAM, &err), &err);
}

static const struct mistake mistakes[] = {
	{ "A memory map without entries", empty_map, PVHLOAD_E_MEMMAP, "the memory map is empty",
	  "Fill the map first: pvhload_memmap_init_x86() makes it from the size of RAM." },
	{ "A zero page's memory map of one entry", one_entry, PVHLOAD_E_MEMMAP,
	  "the memory map has 1 entry; Linux up to 6.19 throws a map of fewer than 2 away",
	  "Add the second, as pvhload_memmap_init_x86() does: RAM below 640 KiB and RAM "
	  "from 1 MiB on. Linux would put a map of its own making in its place, and panic." },
	{ "No RAM below 640 KiB", no_low_ram, PVHLOAD_E_MEMMAP,
	  "the memory map has no 28 KiB of RAM in one piece between 64 KiB and 640 KiB, "
	  "where Linux puts its trampoline: the largest piece has 0 bytes, 28672 too few",
	  "Give the guest RAM there: Linux panics if its real-mode trampoline fits nowhere." },
	{ "Entries that overlap", overlapping_entries, PVHLOAD_E_MEMMAP,
	  "memory map entries overlap: RAM [0x0, 0x4000000) and reserved [0x9fc00, "
	  "0x100000)",
	  "Take the reserved range out of the RAM entry: pvhload_memmap_reserve() does both. "
	  "Guests do not agree on which of two overlapping entries counts." },
	{ "An entry that passes the end of the address space", wrapping_entry, PVHLOAD_E_MEMMAP,
	  "memory map entry at 0x100000, size 0xffffffffffffffff, passes the end of the "
	  "address space",
	  "Check the size, which may be an end address, or a negative number." },
	{ "An entry of size 0", empty_entry, PVHLOAD_E_MEMMAP,
	  "memory map entry at 0x100000 has size 0", "Leave the entry out, or correct its size." },
	{ "An entry without a type", no_type, PVHLOAD_E_MEMMAP,
	  "memory map entry at 0x100000 has type 0, which is not a type",
	  "Set the type: PVHLOAD_MEMMAP_RAM or another of memmap.h. 0 is what a member has that "
	  "was not set." },
	{ "More entries than Linux takes by PVH", many_by_pvh, PVHLOAD_E_MEMMAP,
	  "the memory map has 128 entries; Linux takes 127 by PVH: 1 too many",
	  "Join entries, or ask for a Linux protocol, whose map may have more: by PVH, "
	  "Linux copies the entries into a table of this size without counting." },
	{ "More entries than the library writes", many_by_linux, PVHLOAD_E_MEMMAP,
	  "the memory map has 5000 entries; Linux takes 4096 by the zero page: 904 too "
	  "many",
	  "Join entries of the same type that touch: pvhload_memmap_normalize() does it." },
	{ "A guest without RAM", no_ram, PVHLOAD_E_USAGE, "ram_size is 0: the guest has no RAM",
	  "Set pvhload_memmap_x86::ram_size to the bytes of RAM." },
	{ "An array too small for the map", small_array, PVHLOAD_E_CAPACITY,
	  "the memory map's array holds 2 entries, but 3 are needed",
	  "Give an array of 8 entries, which leaves room for reserved ranges." },
	{ "An MMIO hole below 1 MiB", low_hole, PVHLOAD_E_USAGE,
	  "the MMIO hole starts at 0xa0000, below 1 MiB",
	  "Give the 32-bit MMIO hole, such as 3 GiB to 4 GiB, or leave both at 0: the PC's "
	  "hole below 1 MiB is made anyway." },
	{ "An array that is full", full_array, PVHLOAD_E_CAPACITY,
	  "the memory map's array is full: it holds 2 entries",
	  "Give the map a larger array: `capacity` is how many entries it holds." },
	{ "RAM as the type of a reserved range", reserved_as_ram, PVHLOAD_E_USAGE,
	  "0x100000 bytes at 0x100000 cannot be reserved as type RAM: RAM is what is free",
	  "Give the type the guest is to see (PVHLOAD_MEMMAP_RESERVED, _ACPI, ...). To keep a "
	  "range of RAM free and still RAM for the guest, use pvhload_boot_config::keep_free." },
};

THEME(memmaps_theme, "Memory maps", mistakes);
