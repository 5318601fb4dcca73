/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The PT_LOADs of an ELF file: every rule that the file itself can break. */
#include "abi/elf_layout.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/range.h"
#include "image/elf.h"

/* Loaded at p_paddr, never p_vaddr: Linux up to 6.14 has a segment with p_vaddr 0. */
static bool is_loaded(const struct pvl_elf_phdr *p)
{
	return p->type == PVL_PT_LOAD && (p->memsz > 0 || p->filesz > 0);
}

static enum pvhload_status check_segment(const struct pvl_elf_phdr *p, size_t number,
					 uint64_t file_size, struct pvhload_error *err)
{
	struct pvl_range range;

	if (p->filesz > p->memsz)
		return pvl_fail(err, PVHLOAD_E_MALFORMED,
				((struct pvl_where){ p->offset, p->paddr, 0 }),
				"segment %zu at 0x%" PRIx64 ": p_filesz 0x%" PRIx64
				" is above p_memsz 0x%" PRIx64,
				number, p->paddr, p->filesz, p->memsz);
	if (!pvl_range_make(p->paddr, p->memsz, &range))
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_GPA(p->paddr),
				"segment %zu at 0x%" PRIx64 ", 0x%" PRIx64
				" bytes, passes the end of the address space",
				number, p->paddr, p->memsz);
	if (p->filesz > 0 && (p->offset > file_size || p->filesz > file_size - p->offset))
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(p->offset),
				"segment %zu: 0x%" PRIx64 " bytes at offset 0x%" PRIx64
				" pass the end of the file, 0x%" PRIx64 " (is it truncated?)",
				number, p->filesz, p->offset, file_size);
	return PVHLOAD_OK;
}

/* Where a segment's bytes go: pvl_sort_by_start() needs the range first. */
struct placed {
	struct pvl_range range;
	uint64_t distance; /* from the file's offset to the address, modulo 2^64 */
	size_t number;
};

/*
 * The first two whose bytes go to one address, unless they are the same bytes of the file; @sorted is by start.
 * Zeros give way to bytes: see write_segments() in kernel/kernel_elf.c.
 */
static enum pvhload_status check_bytes(const struct placed *sorted, size_t count,
				       struct pvhload_error *err)
{
	const struct placed *a = sorted; /* of those before, one that reaches furthest */

	for (size_t i = 1; i < count; i++) {
		const struct placed *b = &sorted[i];

		/* If they are the same, so are those of all before that overlap either. */
		if (pvl_range_overlap(a->range, b->range) && a->distance != b->distance)
			return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_GPA(b->range.start),
					"the bytes of segment %zu " PVL_RANGE_FMT
					" overlap those of segment %zu " PVL_RANGE_FMT
					", and are others of the file",
					a->number, PVL_RANGE_ARG(a->range), b->number,
					PVL_RANGE_ARG(b->range));
		if (b->range.end > a->range.end)
			a = b;
	}
	return PVHLOAD_OK;
}

/* @sorted has room for one of each. */
static enum pvhload_status check_overlaps(const struct pvhload_image_segment *segments,
					  size_t count, struct placed *sorted,
					  struct pvhload_error *err)
{
	size_t with_bytes = 0;

	for (size_t i = 0; i < count; i++) {
		const struct pvhload_image_segment *s = &segments[i];

		if (s->file_size > 0)
			sorted[with_bytes++] = (struct placed){ { s->gpa, s->gpa + s->file_size },
								s->gpa - s->offset,
								i };
	}
	pvl_sort_by_start(sorted, with_bytes, sizeof(*sorted));
	return check_bytes(sorted, with_bytes, err);
}

static void describe(struct pvhload_image *image, size_t count)
{
	uint64_t low = UINT64_MAX, end = 0;

	for (size_t i = 0; i < count; i++) {
		const struct pvhload_image_segment *s = &image->segments[i];

		image->segment_list[i] = s;
		low = pvl_min_u64(low, s->gpa);
		end = pvl_max_u64(end, s->gpa + s->mem_size);
	}
	image->elf.segments = image->segment_list;
	image->elf.segment_count = count;
	image->elf.range = (struct pvhload_range){ low, end - low };
	image->info.elf = &image->elf;
}

bool pvl_loads_bytes_at(const struct pvhload_image_elf *loads, uint64_t gpa)
{
	for (size_t i = 0; i < loads->segment_count; i++) {
		const struct pvhload_image_segment *s = loads->segments[i];

		if (gpa >= s->gpa && gpa - s->gpa < s->file_size)
			return true;
	}
	return false;
}

bool pvl_image_has_code_at(const struct pvhload_image *image, uint64_t entry)
{
	return pvl_loads_bytes_at(&image->elf, entry);
}

/* Segments are numbered as they are reported: PT_LOADs in file order, empty ones left out. */
static enum pvhload_status list_segments(const struct pvl_elf *elf, size_t *ret_count,
					 struct pvhload_error *err)
{
	struct pvhload_image *image = elf->image;
	size_t count = 0;

	for (size_t i = 0; i < elf->phnum; i++) {
		const struct pvl_elf_phdr *p = &elf->phdrs[i];

		if (!is_loaded(p))
			continue;
		PVL_TRY(check_segment(p, count, image->source.length, err));
		image->segments[count++] = (struct pvhload_image_segment){ .offset = p->offset,
									   .gpa = p->paddr,
									   .file_size = p->filesz,
									   .mem_size = p->memsz,
									   .flags = p->flags };
	}
	if (count == 0)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE,
				"the ELF file has no loadable segment: nothing to load");
	*ret_count = count;
	return PVHLOAD_OK;
}

enum pvhload_status pvl_elf_take_segments(struct pvl_elf *elf, struct pvhload_error *err)
{
	const size_t each = sizeof(struct pvhload_image_segment) +
			    sizeof(const struct pvhload_image_segment *) + sizeof(struct placed);
	struct pvhload_image *image = elf->image;
	size_t count = 0;
	struct placed *sorted;

	/* One block for all three, each of whose elements is as aligned as those after it. */
	image->segments = calloc(elf->phnum, each);
	if (!image->segments)
		return pvl_fail_no_memory(err, elf->phnum * each);
	sorted = (struct placed *)(void *)(image->segments + elf->phnum);
	image->segment_list = (const struct pvhload_image_segment **)(void *)(sorted + elf->phnum);
	PVL_TRY(list_segments(elf, &count, err));
	PVL_TRY(check_overlaps(image->segments, count, sorted, err));
	describe(image, count);
	return PVHLOAD_OK;
}
