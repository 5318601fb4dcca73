/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What the loader's page tables map, found as the processor finds it. */
#include "guest.h"

#ifdef __x86_64__

#define PRESENT  UINT64_C(0x1)
#define WRITABLE UINT64_C(0x2)
#define LARGE    UINT64_C(0x80)
#define ADDRESS  UINT64_C(0x000ffffffffff000)
#define LA57     UINT64_C(0x1000)

uint64_t reach(uint64_t gpa)
{
	const unsigned root = entry_state.cr4 & LA57 ? 48 : 39;
	uint64_t table = entry_state.cr3 & ADDRESS;

	if (gpa >> (root + 8) != 0) /* no address of the lower half */
		return 0;
	for (unsigned shift = root;; shift -= 9) {
		const uint64_t entry = ((const uint64_t *)at(table))[gpa >> shift & 511];
		const uint64_t size = UINT64_C(1) << shift;

		if ((entry & (PRESENT | WRITABLE)) != (PRESENT | WRITABLE))
			return 0;
		if (shift == 12 || (shift <= 30 && entry & LARGE))
			return (entry & ADDRESS & ~(size - 1)) == (gpa & ~(size - 1)) ? size : 0;
		table = entry & ADDRESS;
	}
}

int reachable(uint64_t gpa, uint64_t size)
{
	while (size > 0) {
		const uint64_t page = reach(gpa);
		uint64_t step;

		if (page == 0)
			return 0;
		step = page - (gpa & (page - 1));
		if (step >= size)
			return 1;
		gpa += step;
		size -= step;
	}
	return 1;
}

/* A root, one table for each level below it but the last, and what aligning them may take. */
static uint64_t tables[4 * 512];

void map_everything(void)
{
	uint64_t *table = (uint64_t *)(((uintptr_t)tables + 4095) & ~(uintptr_t)4095);
	const uintptr_t root = (uintptr_t)table;

	for (unsigned shift = entry_state.cr4 & LA57 ? 48 : 39; shift > 30; shift -= 9) {
		table[0] = (uintptr_t)(table + 512) | PRESENT | WRITABLE;
		table += 512;
	}
	for (uint64_t i = 0; i < 512; i++)
		table[i] = i << 30 | PRESENT | WRITABLE | LARGE;
	__asm__ volatile("movq %0, %%cr3" : : "r"(root) : "memory");
}

#else

#define REACH UINT64_C(0x100000000)

uint64_t reach(uint64_t gpa)
{
	return gpa < REACH ? REACH : 0;
}

int reachable(uint64_t gpa, uint64_t size)
{
	return gpa < REACH && size <= REACH - gpa;
}

void map_everything(void)
{
}

#endif
