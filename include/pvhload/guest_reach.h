/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * What a guest may read of its own memory, and how it reads it.
 *
 * For kernels: freestanding, every function inline.  A guest says once what it has mapped; what a loader has written
 * is read within that only, byte by byte, at any alignment.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par Ownership and threads
 * Nothing is written but what the caller passes to be filled, and nothing is kept but in that.
 *
 * @since 0.3
 */
#ifndef PVHLOAD_GUEST_REACH_H
#define PVHLOAD_GUEST_REACH_H

#include <stddef.h>
#include <stdint.h>

#include <pvhload/macros.h>

PVHLOAD_BEGIN_DECLS

/** How reading ended. */
enum pvhload_guest_status {
	PVHLOAD_GUEST_OK,      /**< it is read */
	PVHLOAD_GUEST_END,     /**< there is no more, and nothing was wrong */
	PVHLOAD_GUEST_E_REACH, /**< it is not wholly within reach, or at address 0 */
	PVHLOAD_GUEST_E_MAGIC, /**< something else is there */
	PVHLOAD_GUEST_E_COUNT, /**< more than the limit: the count is wrong, or the list is a loop */
	PVHLOAD_GUEST_E_RANGE  /**< the end of what it describes is beyond 64 bits */
};

/** What is mapped.  {0, 1 << 32} is right for a kernel that was entered by PVH and has not set up paging. */
struct pvhload_guest_reach {
	uintptr_t
		offset; /**< what is added to a guest address to have a pointer; 0: identity-mapped */
	uint64_t limit; /**< the first guest address that is not mapped, or is not to be read */
};

/** A table in guest memory. */
struct pvhload_guest_table {
	uint64_t gpa;          /**< where it is */
	uint32_t count;        /**< elements */
	uint32_t count_max;    /**< more are not believed */
	uint32_t element_size; /**< bytes of one */
};

/** A range of the memory map, of start info as of a zero page. */
struct pvhload_guest_range {
	uint64_t addr;     /**< first guest address */
	uint64_t size;     /**< bytes */
	uint32_t type;     /**< PVHLOAD_MEMMAP_*, see pvhload/memmap.h */
	uint32_t reserved; /**< 0; not of a zero page */
};

/** Bytes that a text has at most, its NUL included, for pvhload_guest_text(). */
#define PVHLOAD_GUEST_TEXT_MAX 0x10000u

/**
 * A pointer to guest memory.
 *
 * @param[in] reach  What is mapped.
 * @param[in] gpa    The first address.
 * @param[in] size   How many bytes, 0 as well.
 * @return           The pointer; NULL if not all of it is within reach, or at address 0, where nothing ever is.
 */
static inline const uint8_t *pvhload_guest_at(const struct pvhload_guest_reach *reach, uint64_t gpa,
					      uint64_t size)
{
	const uint64_t room = UINTPTR_MAX - reach->offset;
	const uint64_t limit = reach->limit < room ? reach->limit : room;

	if (gpa == 0 || gpa > limit || size > limit - gpa)
		return NULL;
	return (const uint8_t *)(reach->offset + (uintptr_t)gpa);
}

/**
 * A little-endian number.
 *
 * @param[in] bytes  Its first byte, at any alignment.
 * @param[in] size   Its bytes, at most 8.
 * @return           The number.
 */
static inline uint64_t pvhload_guest_load(const uint8_t *bytes, unsigned int size)
{
	uint64_t value = 0;

	while (size-- > 0)
		value = value << 8 | bytes[size];
	return value;
}

/**
 * A little-endian number of 32 bits.
 *
 * @param[in] bytes  Its first byte, at any alignment.
 * @return           The number.
 */
static inline uint32_t pvhload_guest_load32(const uint8_t *bytes)
{
	return (uint32_t)pvhload_guest_load(bytes, 4);
}

/**
 * A little-endian number of 64 bits.
 *
 * @param[in] bytes  Its first byte, at any alignment.
 * @return           The number.
 */
static inline uint64_t pvhload_guest_load64(const uint8_t *bytes)
{
	return pvhload_guest_load(bytes, 8);
}

/**
 * A text in guest memory, as a command line.
 *
 * @param[in] reach  What is mapped.
 * @param[in] gpa    Its address.
 * @return           The text; NULL if there is none (address 0), or no NUL within reach and within
 *                   PVHLOAD_GUEST_TEXT_MAX bytes.
 */
static inline const char *pvhload_guest_text(const struct pvhload_guest_reach *reach, uint64_t gpa)
{
	for (uint64_t size = 1; size <= PVHLOAD_GUEST_TEXT_MAX; size++) {
		const uint8_t *text = pvhload_guest_at(reach, gpa, size);

		if (!text)
			return NULL;
		if (text[size - 1] == 0)
			return (const char *)text;
	}
	return NULL;
}

/**
 * An element of a table.
 *
 * @param[in]  reach    What is mapped.
 * @param[in]  table    The table.
 * @param[in]  index    Which element.
 * @param[out] element  Its bytes, if it is there.
 * @return              PVHLOAD_GUEST_OK; PVHLOAD_GUEST_END after the last; PVHLOAD_GUEST_E_COUNT or
 *                      PVHLOAD_GUEST_E_REACH, for every element, if the table has too many or is not all within reach.
 */
static inline enum pvhload_guest_status
pvhload_guest_element(const struct pvhload_guest_reach *reach,
		      const struct pvhload_guest_table *table, uint32_t index,
		      const uint8_t **element)
{
	const uint64_t size = (uint64_t)table->count * table->element_size;
	const uint8_t *bytes;

	if (table->count > table->count_max)
		return PVHLOAD_GUEST_E_COUNT;
	if (table->count == 0)
		return PVHLOAD_GUEST_END;
	bytes = pvhload_guest_at(reach, table->gpa, size);
	if (!bytes)
		return PVHLOAD_GUEST_E_REACH;
	if (index >= table->count)
		return PVHLOAD_GUEST_END;
	*element = bytes + (size_t)index * table->element_size;
	return PVHLOAD_GUEST_OK;
}

PVHLOAD_END_DECLS

#endif
