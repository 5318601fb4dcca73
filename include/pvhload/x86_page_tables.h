/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * Page tables that map guest memory to itself, as Linux's 64-bit entry wants them.
 *
 * The kernel runs on these until it has its own, and until then has no handler for a page fault:
 * what it may touch has to be mapped.  That is the kernel with all the memory it claims, the zero
 * page, the command line with the bytes that are read after it, every setup_data node, the GDT and,
 * for kernels that switch to 5 levels themselves, the first MiB.  The simplest is to map the first
 * 4 GiB, and what of these is above.  The tables themselves are mapped if a range covers them.
 *
 * @par Ownership and threads
 * Nothing is kept.  Any thread may call these functions.
 *
 * @since 0.1
 */
#ifndef PVHLOAD_X86_PAGE_TABLES_H
#define PVHLOAD_X86_PAGE_TABLES_H

#include <pvhload/macros.h>
#include <pvhload/range.h>
#include <pvhload/status.h>

PVHLOAD_BEGIN_DECLS

/** Values of pvhload_x86_page_tables::page_size. */
#define PVHLOAD_X86_PAGE_SIZE_2M 0x200000u   /**< every x86-64 processor has it */
#define PVHLOAD_X86_PAGE_SIZE_1G 0x40000000u /**< those with CPUID "pdpe1gb" */

/** Limits of this library. */
#define PVHLOAD_X86_PAGE_TABLES_RANGES_MAX 4096u     /**< ranges */
#define PVHLOAD_X86_PAGE_TABLES_SIZE_MAX   0x400000u /**< bytes of tables: 1024 of them */

/**
 * First address that cannot be mapped: the end of the lower half of linear addresses, or of
 * physical addresses.
 */
#define PVHLOAD_X86_PAGE_TABLES_END_4 (UINT64_C(1) << 47) /**< with 4 levels */
#define PVHLOAD_X86_PAGE_TABLES_END_5 (UINT64_C(1) << 52) /**< with 5 levels */

/** What to map, and how; 0 in any member but @c struct_size is fine. */
struct pvhload_x86_page_tables {
	size_t struct_size; /**< sizeof(struct pvhload_x86_page_tables) */
	const struct pvhload_range
		*ranges;    /**< in any order; they may overlap; size 0 maps nothing */
	size_t range_count; /**< ranges */
	uint64_t gpa; /**< where the tables will be, a multiple of 4096; the root comes first */
	uint64_t
		entry_mask; /**< bits to set in every entry, such as the memory encryption bit; within
	                          bits 12 to 51, and in no address that is mapped or has a table */
	uint64_t page_size; /**< PVHLOAD_X86_PAGE_SIZE_2M or PVHLOAD_X86_PAGE_SIZE_1G; 0 selects 2
			        MiB */
	uint32_t levels;    /**< 4 or 5; 0 selects 4 */
	uint32_t reserved;  /**< 0 */
};

/** Initialiser for a struct pvhload_x86_page_tables. */
#define PVHLOAD_X86_PAGE_TABLES_INIT PVHLOAD_SIZED_(pvhload_x86_page_tables)

/**
 * The bytes that the page tables will take: a multiple of 4096, at least 4096.
 *
 * It depends on the ranges, the levels and the page size alone, so the place can be chosen
 * afterwards.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par ABI source
 * Intel SDM, volume 3, "4-Level Paging and 5-Level Paging".
 *
 * @param[in]  spec   What to map; @c gpa is ignored.
 * @param[out] bytes  The size.  Untouched on failure.
 * @param[out] err    May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK           The size is at @p bytes.
 * @retval PVHLOAD_E_USAGE      A required pointer is NULL, a struct's @c struct_size is wrong, @c levels or
 *                              @c page_size is none of its values, @c reserved is not 0, or
 *                              @c entry_mask has a bit outside 12 to 51.
 * @retval PVHLOAD_E_NO_MEMORY  No host memory.
 * @retval PVHLOAD_E_LIMIT      More ranges than PVHLOAD_X86_PAGE_TABLES_RANGES_MAX, or the tables take more
 *                              than PVHLOAD_X86_PAGE_TABLES_SIZE_MAX.
 * @retval PVHLOAD_E_RANGE      A range ends above PVHLOAD_X86_PAGE_TABLES_END_4 or _5, or an address in one
 *                              of its pages has a bit of @c entry_mask.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_x86_page_tables_size(const struct pvhload_x86_page_tables *spec, uint64_t *bytes,
			     struct pvhload_error *err);

/**
 * Make the page tables.
 *
 * Each range is rounded out to whole pages; what is in several ranges is mapped once.  Pages may be
 * read, written and executed, by the kernel only.  The accessed and dirty bits are clear: the
 * processor sets them, as the tables are in RAM.  The root comes first, the other tables follow in the
 * order in which a walk by ascending address first needs them.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par ABI source
 * Intel SDM, volume 3, "4-Level Paging and 5-Level Paging"; Linux, Documentation/arch/x86/boot.rst,
 * "64-bit Boot Protocol".
 *
 * @param[in]  spec      What to map, and where the tables will be.
 * @param[out] bytes     The tables, ready to be written at @c spec->gpa.  Untouched on failure.
 * @param[in]  capacity  Bytes at @p bytes.
 * @param[out] err       May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK           The tables are at @p bytes: pvhload_x86_page_tables_size() bytes.
 * @retval PVHLOAD_E_USAGE      As pvhload_x86_page_tables_size(), or @c gpa is not a multiple of 4096.
 * @retval PVHLOAD_E_NO_MEMORY  No host memory.
 * @retval PVHLOAD_E_LIMIT      As pvhload_x86_page_tables_size().
 * @retval PVHLOAD_E_RANGE      As pvhload_x86_page_tables_size(), or a table would lie above 2^52, or at an
 *                              address that has a bit of @c entry_mask.
 * @retval PVHLOAD_E_CAPACITY   @p capacity is below pvhload_x86_page_tables_size().
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_x86_page_tables_build(const struct pvhload_x86_page_tables *spec, uint8_t *bytes,
			      size_t capacity, struct pvhload_error *err);

PVHLOAD_END_DECLS

#endif
