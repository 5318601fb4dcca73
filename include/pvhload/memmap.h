/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * The guest-physical memory map: which addresses are RAM, which are taken, which do not exist.
 *
 * A VMM makes one map and uses it for everything: the planner places things in its RAM, the guest gets
 * it, and nothing is written outside its RAM.  The entries are in an array of the caller's, so nothing
 * here allocates.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par Ownership and threads
 * Nothing is kept, and nothing is shared: calls may run in parallel on different maps, and those that only
 * read one on the same map.
 *
 * @par ABI source
 * Of the types: Linux, arch/x86/include/asm/e820/types.h; Xen, public/arch-x86/hvm/start_info.h
 * (XEN_HVM_MEMMAP_TYPE_*).  They are the same numbers.
 *
 * @since 0.1
 */
#ifndef PVHLOAD_MEMMAP_H
#define PVHLOAD_MEMMAP_H

#include <pvhload/macros.h>
#include <pvhload/status.h>

PVHLOAD_BEGIN_DECLS

/** Types of a map entry (E820). */
#define PVHLOAD_MEMMAP_RAM      1u /**< usable memory */
#define PVHLOAD_MEMMAP_RESERVED 2u /**< devices, firmware: not for the guest to use */
#define PVHLOAD_MEMMAP_ACPI     3u /**< ACPI tables, reusable once read */
#define PVHLOAD_MEMMAP_NVS      4u /**< ACPI non-volatile storage */
#define PVHLOAD_MEMMAP_UNUSABLE 5u /**< broken memory */
#define PVHLOAD_MEMMAP_DISABLED 6u /**< switched off (Xen only) */
#define PVHLOAD_MEMMAP_PMEM     7u /**< persistent memory */

/** One range of guest-physical addresses. */
struct pvhload_memmap_entry {
	uint64_t gpa;  /**< first address */
	uint64_t size; /**< bytes, never 0; gpa + size does not wrap */
	uint32_t type; /**< PVHLOAD_MEMMAP_*; other numbers, except 0, are passed on unchanged */
	uint32_t reserved; /**< 0 */
};

/** A map: an array of the caller's, and how much of it is in use. */
struct pvhload_memmap {
	size_t struct_size;                   /**< sizeof(struct pvhload_memmap) */
	struct pvhload_memmap_entry *entries; /**< the caller's array */
	size_t capacity;                      /**< entries the array has room for */
	size_t count;                         /**< entries in use */
	/**
	 * Kept by the calls of this header, so that pvhload_memmap_add() and pvhload_memmap_reserve() need not look at
	 * every entry: so many of the first entries are known to be sound, in ascending order and disjoint.  0: none.  Set it
	 * to 0 when you change or remove entries; appending some needs nothing.  If it says too much, those two may let an
	 * overlap through, which pvhload_memmap_validate() and a plan refuse: nothing
	 * else goes by it.  @since 0.3
	 */
	size_t checked;
};

/** Initialiser for a struct pvhload_memmap; set @c entries and @c capacity next. */
#define PVHLOAD_MEMMAP_INIT PVHLOAD_SIZED_(pvhload_memmap)

/**
 * What an x86 guest's RAM looks like.  Zero in any member but @c struct_size and @c ram_size is the
 * default.
 */
struct pvhload_memmap_x86 {
	size_t struct_size; /**< sizeof(struct pvhload_memmap_x86) */
	uint64_t ram_size; /**< bytes the guest has; counts [640 KiB, 1 MiB), which is not usable */
	/** Start of the EBDA, where the first RAM entry ends; default 0x9fc00, at most 0xa0000. */
	uint64_t ebda_gpa;
	uint64_t hole_gpa;  /**< 32-bit MMIO hole: first address; default 3 GiB */
	uint64_t hole_size; /**< its bytes; default: up to 4 GiB */
};

/** Initialiser for a struct pvhload_memmap_x86. */
#define PVHLOAD_MEMMAP_X86_INIT PVHLOAD_SIZED_(pvhload_memmap_x86)

/** The defaults of struct pvhload_memmap_x86. */
#define PVHLOAD_X86_EBDA_GPA  0x9fc00u
#define PVHLOAD_X86_HOLE_GPA  0xc0000000u
#define PVHLOAD_X86_HOLE_SIZE 0x40000000u

/**
 * Make the map of an x86 PC: RAM from 0 to the EBDA, from 1 MiB to the 32-bit hole, and the rest
 * from the end of the hole upwards.
 *
 * [ebda_gpa, 1 MiB) is left out: there, the PC has its video memory and ROMs, and a VMM puts its
 * ACPI tables.  So the map's RAM is a little less than @c ram_size.
 *
 * @par ABI source
 * The PC's hole from 0xa0000 to 0xfffff: Linux, arch/x86/include/asm/e820/api.h.  The default EBDA
 * start and 32-bit hole are what Cloud Hypervisor, Firecracker and QEMU's microvm machine use.
 *
 * @param[in]     x86  The RAM to describe.
 * @param[in,out] map  Its array is filled from the start; its former entries are dropped.
 *                     Untouched on failure.
 * @param[out]    err  May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK          The map is made, sorted and valid.
 * @retval PVHLOAD_E_USAGE     A pointer is NULL or a struct's @c struct_size is wrong; @c ram_size is 0;
 *                             @c ebda_gpa is above 0xa0000; the hole starts below 1 MiB, starts at 4 GiB
 *                             or above without a size, or it or the RAM above it would pass 2^64.
 * @retval PVHLOAD_E_CAPACITY  The array is too small; the message says how many entries it takes.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_memmap_init_x86(const struct pvhload_memmap_x86 *x86, struct pvhload_memmap *map,
			struct pvhload_error *err);

/**
 * Append a range that no entry of the map covers.  The map of a machine without a PC's holes, such as one for arm64 or
 * riscv64, is made by one call for each bank of RAM, on a map that was empty.
 *
 * @param[in,out] map    The map, valid.  Untouched on failure.
 * @param[in]     gpa    First address.
 * @param[in]     size   Bytes, not 0.
 * @param[in]     type   PVHLOAD_MEMMAP_* or another number, not 0.
 * @param[out]    err    May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK          The entry is in the map, at its end.
 * @retval PVHLOAD_E_USAGE     @p map is NULL or its @c struct_size is wrong.
 * @retval PVHLOAD_E_MEMMAP    @p size or @p type is 0, or the range wraps.
 * @retval PVHLOAD_E_OVERLAP   An entry covers part of the range; the message names both.
 * @retval PVHLOAD_E_CAPACITY  The array is full.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status pvhload_memmap_add(struct pvhload_memmap *map,
								     uint64_t gpa, uint64_t size,
								     uint32_t type,
								     struct pvhload_error *err);

/**
 * Take a range out of RAM, for ACPI tables, firmware or a device window.
 *
 * RAM entries are shortened, split or removed as needed; addresses of the range that were not in
 * the map are covered as well.  Afterwards the whole range is one entry of @p type, and the entries are in
 * ascending order.
 *
 * @param[in,out] map    The map.  Untouched on failure.
 * @param[in]     gpa    First address.
 * @param[in]     size   Bytes, not 0.
 * @param[in]     type   What the range becomes; not PVHLOAD_MEMMAP_RAM.
 * @param[out]    err    May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK          The range is reserved.
 * @retval PVHLOAD_E_USAGE     @p map is NULL or its @c struct_size is wrong, or @p type is RAM.
 * @retval PVHLOAD_E_MEMMAP    @p size or @p type is 0, or the range wraps; or an entry of the map
 *                             has such a mistake.
 * @retval PVHLOAD_E_OVERLAP   An entry that is not RAM covers part of the range, or two entries of
 *                             the map overlap.
 * @retval PVHLOAD_E_CAPACITY  The array has no room for the additional entries.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_memmap_reserve(struct pvhload_memmap *map, uint64_t gpa, uint64_t size, uint32_t type,
		       struct pvhload_error *err);

/**
 * Sort the entries by address and join neighbours of one type.
 *
 * @param[in,out] map  The map; its @c count may get smaller.  Untouched on failure.
 * @param[out]    err  May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK         The map is sorted, and neighbours of one type are joined.
 * @retval PVHLOAD_E_USAGE    @p map is NULL or its @c struct_size is wrong.
 * @retval PVHLOAD_E_MEMMAP   An entry has size 0, type 0 or wraps.
 * @retval PVHLOAD_E_OVERLAP  Two entries overlap; the message names both.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_memmap_normalize(struct pvhload_memmap *map, struct pvhload_error *err);

/**
 * Check a map.  The entries may be in any order.
 *
 * @param[in]  map  The map.
 * @param[out] err  May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK           Every entry is sound and no two overlap.
 * @retval PVHLOAD_E_USAGE      @p map is NULL, its @c struct_size is wrong, or @c count is above
 *                              @c capacity.
 * @retval PVHLOAD_E_MEMMAP     There is no entry, or one has size 0, type 0, a non-zero
 *                              @c reserved, or wraps.
 * @retval PVHLOAD_E_OVERLAP    Two entries overlap; the message names both.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_memmap_validate(const struct pvhload_memmap *map, struct pvhload_error *err);

/**
 * Add up the RAM of a map.
 *
 * @param[in] map  A valid map, or NULL.
 * @return         Bytes in entries of type PVHLOAD_MEMMAP_RAM; 0 for NULL or a wrong @c struct_size.
 */
PVHLOAD_API uint64_t pvhload_memmap_ram_size(const struct pvhload_memmap *map);

PVHLOAD_END_DECLS

#endif
