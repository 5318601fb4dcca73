/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Page tables for 512 GiB, by pages of 2 MiB. */
#include "counts.h"

#include <stdlib.h>
#include <string.h>

#define MAPPED     (UINT64_C(512) << 30)
#define TABLES_GPA 0x9000u

static const struct pvhload_range range = { 0, MAPPED };
static struct pvhload_x86_page_tables spec = PVHLOAD_X86_PAGE_TABLES_INIT;
static uint8_t *bytes;
static uint64_t size;

static void prepare_spec(void)
{
	spec.ranges = &range;
	spec.range_count = 1;
	spec.gpa = TABLES_GPA;
	must(pvhload_x86_page_tables_size(&spec, &size, &stage_error));
	bytes = malloc(size);
	must_hold(bytes != NULL, "no memory");
}

static void build(void)
{
	must(pvhload_x86_page_tables_build(&spec, bytes, size, &stage_error));
}

/* The last entry is the last page's: present, writable, large. */
static void check_last(void)
{
	uint64_t entry;

	memcpy(&entry, bytes + size - sizeof(entry), sizeof(entry));
	must_hold(entry == MAPPED - PVHLOAD_X86_PAGE_SIZE_2M + 0x83, "the last page is not mapped");
	free(bytes);
}

const struct scene paging_scenes[] = {
	{ "paging-512g", "page tables for 512 GiB by pages of 2 MiB, 262,144 entries", 2000000,
	  prepare_spec, build, check_last },
	{ 0 },
};
