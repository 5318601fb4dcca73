/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "image/elf_peek.h"

#include "abi/elf_layout.h"
#include "core/checked.h"
#include "core/libc.h"
#include "core/range.h"
#include "image/elf_table.h"
#include "image/format.h"

/* A segment with bytes: pvl_sort_by_start() needs the address first. */
struct placed {
	uint64_t gpa;
	struct pvl_range bytes; /* in the file */
};

static bool read_header(struct pvl_span head, struct pvl_elf_header *ret)
{
	struct pvl_span bytes;
	bool is64;

	if (!pvl_elf_probe(head) || head.size < PVL_EI_NIDENT)
		return false;
	is64 = head.data[PVL_EI_CLASS] == PVL_ELFCLASS64;
	return pvl_span_sub(head, 0, pvl_elf_header_size(is64), &bytes) &&
	       pvl_elf_read_header(bytes, is64, ret) && ret->phnum > 0 &&
	       ret->phnum <= PVHLOAD_ELF_PHDRS_MAX && ret->phentsize == pvl_elf_phdr_size(is64);
}

/* Fill @placed, which has room for all, and return how many there are; 0 if one is not sound. */
static size_t list_placed(const struct pvl_elf_phdr *phdrs, size_t phnum, struct placed *placed,
			  uint64_t *ret_lowest)
{
	size_t count = 0;

	*ret_lowest = UINT64_MAX;
	for (size_t i = 0; i < phnum; i++) {
		const struct pvl_elf_phdr *p = &phdrs[i];

		if (p->type != PVL_PT_LOAD || (p->memsz == 0 && p->filesz == 0))
			continue;
		*ret_lowest = pvl_min_u64(*ret_lowest, p->paddr);
		if (p->filesz == 0)
			continue;
		placed[count].gpa = p->paddr;
		if (!pvl_range_make(p->offset, p->filesz, &placed[count++].bytes))
			return 0;
	}
	return count;
}

static bool is_in_order(struct placed *placed, size_t count)
{
	pvl_sort_by_start(placed, count, sizeof(*placed));
	for (size_t i = 1; i < count; i++)
		if (placed[i].bytes.start < placed[i - 1].bytes.end)
			return false;
	return count > 0;
}

/* Sums that wrap make pieces that are not in order. */
static struct pvl_pieces list_pieces(const struct placed *placed, size_t count)
{
	struct pvl_pieces made = { .count = count <= PVL_PIECES_MAX ? count : 0 };

	for (size_t i = 0; i < made.count; i++)
		made.items[i] = (struct pvl_piece){
			placed[i].bytes, placed[0].bytes.start + (placed[i].gpa - placed[0].gpa)
		};
	return made;
}

static bool find_lowest(const struct pvl_elf_phdr *phdrs, size_t phnum, struct placed *placed,
			struct pvl_elf_peek *ret)
{
	uint64_t lowest;
	const size_t count = list_placed(phdrs, phnum, placed, &lowest);

	if (!is_in_order(placed, count))
		return false;
	*ret = (struct pvl_elf_peek){ lowest, placed[0].gpa, placed[0].bytes.start,
				      list_pieces(placed, count) };
	return true;
}

bool pvl_elf_peek(struct pvl_span head, struct pvl_elf_peek *ret)
{
	struct pvl_elf_header h;
	struct pvl_elf_phdr *phdrs;
	struct placed *placed;
	struct pvl_span table;
	bool found;

	if (!read_header(head, &h) ||
	    !pvl_span_sub(head, h.phoff, (uint64_t)h.phnum * h.phentsize, &table))
		return false;
	phdrs = calloc(h.phnum, sizeof(*phdrs));
	placed = calloc(h.phnum, sizeof(*placed));
	found = phdrs && placed && pvl_elf_read_phdrs(table, h.is64, phdrs, h.phnum) &&
		find_lowest(phdrs, h.phnum, placed, ret);
	free(phdrs);
	free(placed);
	return found;
}
