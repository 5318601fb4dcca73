/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * The list of setup_data, as a kernel that was entered by Linux's protocol reads it.
 *
 * For kernels: freestanding, every function inline.
 *
 *     pvhload_guest_begin_setup_data(&page, &list);
 *     while (pvhload_guest_next_setup_data(&list, &node) == PVHLOAD_GUEST_OK)
 *         use(&node);
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par Ownership and threads
 * Nothing is written but what the caller passes to be filled; pointers in that are to guest memory.
 *
 * @par ABI source
 * Linux, arch/x86/include/uapi/asm/setup_data.h, Documentation/arch/x86/boot.rst.
 *
 * @since 0.3
 */
#ifndef PVHLOAD_GUEST_SETUP_DATA_H
#define PVHLOAD_GUEST_SETUP_DATA_H

#include <pvhload/guest_zero_page.h>

PVHLOAD_BEGIN_DECLS

/** Nodes of setup_data that are read: a list that is longer may be a loop. */
#define PVHLOAD_GUEST_SETUP_DATA_MAX 256u

/** Entries of a node of PVHLOAD_SETUP_E820_EXT that are believed. */
#define PVHLOAD_GUEST_E820_EXT_MAX 4096u

/** A node of setup_data. */
struct pvhload_guest_node {
	uint64_t gpa;  /**< where the node is */
	uint32_t type; /**< PVHLOAD_SETUP_*, as it is there */
	uint32_t
		data_type; /**< the same; of one that is PVHLOAD_SETUP_INDIRECT, the type of what it leads to */
	uint64_t
		data_gpa; /**< where the data are: after the node, or where an indirect one leads */
	uint64_t data_size;  /**< their bytes */
	const uint8_t *data; /**< the data; NULL if not all are within reach */
};

/** How far setup_data has been read. */
struct pvhload_guest_setup_data {
	struct pvhload_guest_reach reach; /**< what is mapped */
	uint64_t next;                    /**< the next node's address, 0 after the last */
	uint32_t steps;                   /**< how many more are read */
};

/**
 * Begin to read setup_data.
 *
 * @param[in]  page  The zero page.
 * @param[out] list  At the first node; @c steps may be set to less.
 */
static inline void pvhload_guest_begin_setup_data(const struct pvhload_guest_zero_page *page,
						  struct pvhload_guest_setup_data *list)
{
	list->reach = page->reach;
	list->next = page->setup_data;
	list->steps = PVHLOAD_GUEST_SETUP_DATA_MAX;
}

/**
 * What an indirect node leads to; one that is not as it should be is left as it is.
 *
 * @param[in]     reach  What is mapped.
 * @param[in,out] node   A node, with its own data.
 */
static inline void pvhload_guest_follow_indirect(const struct pvhload_guest_reach *reach,
						 struct pvhload_guest_node *node)
{
	const uint8_t *p;
	uint32_t type;

	if (node->type != PVHLOAD_SETUP_INDIRECT || node->data_size < PVHLOAD_SETUP_INDIRECT_SIZE)
		return;
	/* What is after it in the node need not be within reach. */
	p = pvhload_guest_at(reach, node->data_gpa, PVHLOAD_SETUP_INDIRECT_SIZE);
	if (!p)
		return;
	type = pvhload_guest_load32(p + PVHLOAD_SETUP_INDIRECT_TYPE);
	if (type <= PVHLOAD_SETUP_INDIRECT)
		return;
	node->data_type = type & ~PVHLOAD_SETUP_INDIRECT;
	node->data_size = pvhload_guest_load64(p + PVHLOAD_SETUP_INDIRECT_LEN);
	node->data_gpa = pvhload_guest_load64(p + PVHLOAD_SETUP_INDIRECT_ADDR);
	node->data = pvhload_guest_at(reach, node->data_gpa, node->data_size);
}

/**
 * Read the next node of setup_data.
 *
 * @param[in,out] list  How far it has been read.
 * @param[out]    node  Filled if it is read.
 * @return              PVHLOAD_GUEST_OK; PVHLOAD_GUEST_END after the last; PVHLOAD_GUEST_E_COUNT if all steps are done
 *                      and there is another, as in a list that is a loop; PVHLOAD_GUEST_E_REACH if the node's header is
 *                      not all within reach.
 */
static inline enum pvhload_guest_status
pvhload_guest_next_setup_data(struct pvhload_guest_setup_data *list,
			      struct pvhload_guest_node *node)
{
	const uint8_t *p;

	if (list->next == 0)
		return PVHLOAD_GUEST_END;
	if (list->steps == 0)
		return PVHLOAD_GUEST_E_COUNT;
	p = pvhload_guest_at(&list->reach, list->next, PVHLOAD_SETUP_DATA_HEADER_SIZE);
	if (!p)
		return PVHLOAD_GUEST_E_REACH;
	node->gpa = list->next;
	node->type = pvhload_guest_load32(p + PVHLOAD_SETUP_DATA_TYPE);
	node->data_type = node->type;
	node->data_size = pvhload_guest_load32(p + PVHLOAD_SETUP_DATA_LEN);
	node->data_gpa = node->gpa + PVHLOAD_SETUP_DATA_HEADER_SIZE;
	node->data = pvhload_guest_at(&list->reach, node->data_gpa, node->data_size);
	pvhload_guest_follow_indirect(&list->reach, node);
	list->next = pvhload_guest_load64(p + PVHLOAD_SETUP_DATA_NEXT);
	list->steps--;
	return PVHLOAD_GUEST_OK;
}

/**
 * Read an e820 entry of a node of PVHLOAD_SETUP_E820_EXT.
 *
 * @param[in]  node   The node.
 * @param[in]  index  Which, from 0.
 * @param[out] range  Filled if it is read.
 * @return            PVHLOAD_GUEST_OK; PVHLOAD_GUEST_END after the last, at once for a node of another type or whose
 *                    data are not within reach; PVHLOAD_GUEST_E_COUNT, for every entry, if there are more than
 *                    PVHLOAD_GUEST_E820_EXT_MAX; PVHLOAD_GUEST_E_RANGE if its end is beyond 64 bits.
 */
static inline enum pvhload_guest_status
pvhload_guest_read_e820_ext(const struct pvhload_guest_node *node, uint32_t index,
			    struct pvhload_guest_range *range)
{
	const uint64_t end = ((uint64_t)index + 1) * PVHLOAD_E820_ENTRY_SIZE;

	if (node->data_type != PVHLOAD_SETUP_E820_EXT || !node->data)
		return PVHLOAD_GUEST_END;
	if (node->data_size / PVHLOAD_E820_ENTRY_SIZE > PVHLOAD_GUEST_E820_EXT_MAX)
		return PVHLOAD_GUEST_E_COUNT;
	if (end > node->data_size)
		return PVHLOAD_GUEST_END;
	return pvhload_guest_load_e820(node->data + (size_t)end - PVHLOAD_E820_ENTRY_SIZE, range);
}

PVHLOAD_END_DECLS

#endif
