/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The flattened device tree.  All fields are big-endian.
 *
 * ABI source: Devicetree Specification 0.4, chapter 5.
 */
#ifndef PVL_ABI_FDT_LAYOUT_H
#define PVL_ABI_FDT_LAYOUT_H

#define PVL_FDT_HEADER_SIZE 40u

#define PVL_FDT_MAGIC_AT          0u
#define PVL_FDT_TOTALSIZE         4u
#define PVL_FDT_OFF_DT_STRUCT     8u
#define PVL_FDT_OFF_DT_STRINGS    12u
#define PVL_FDT_OFF_MEM_RSVMAP    16u
#define PVL_FDT_VERSION           20u
#define PVL_FDT_LAST_COMP_VERSION 24u
#define PVL_FDT_SIZE_DT_STRINGS   32u
#define PVL_FDT_SIZE_DT_STRUCT    36u

#define PVL_FDT_MAGIC       0xd00dfeedu
#define PVL_FDT_VERSION_NOW 17u

#define PVL_FDT_RSVMAP_ALIGN 8u
#define PVL_FDT_RSVMAP_ENTRY 16u /* bytes: an address and a size */

/* Tokens of the structure block. */
#define PVL_FDT_TOKEN_SIZE       4u
#define PVL_FDT_TOKEN_BEGIN_NODE 1u
#define PVL_FDT_TOKEN_END_NODE   2u
#define PVL_FDT_TOKEN_PROP       3u
#define PVL_FDT_TOKEN_NOP        4u
#define PVL_FDT_TOKEN_END        9u

#define PVL_FDT_CELL 4u

#endif
