/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Where a kernel may be. */
#include <stdlib.h>

#include "placer.h"

#define FOUR_GIB (UINT64_C(1) << 32)
#define MIB      (UINT64_C(1) << 20)

static uint64_t max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The end of the memory that Linux manages. */
static uint64_t linux_end(const struct scene *s)
{
	return UINT64_C(1) << (s->x86.paging_levels == 5 ? 52 : 46);
}

/* Nothing of it is below 1 MiB, or below what its own header asks for, if that is lower. */
static uint64_t lowest(const struct model_bzimage *bz)
{
	uint64_t asks = bz->preferred;

	if (!bz->relocatable && (asks == 0 || bz->code32_start < asks))
		asks = bz->code32_start;
	return asks == 0 || asks > MIB ? MIB : asks;
}

/* What the kernel has at @load: its image, and from @start on what it needs to run. */
static bool place_bzimage_at(const struct scene *s, struct method method, struct outcome *o,
			     uint64_t load, uint64_t alignment)
{
	const struct model_bzimage *bz = &s->image->bzimage;
	const bool above = method.protocol == PVHLOAD_PROTOCOL_X86_LINUX64 &&
			   bz->xloadflags & PVHLOAD_XLF_CAN_BE_LOADED_ABOVE_4G;
	struct placed kernel = { .kind = PVHLOAD_REGION_KERNEL };
	const struct placed image = { .kind = PVHLOAD_REGION_KERNEL_IMAGE };
	struct want run = { 0, 1, 0, lowest(bz), above ? linux_end(s) : FOUR_GIB, 0 };
	struct want file = run;
	uint64_t start = bz->preferred == 0 ? load : bz->preferred, end;

	if (bz->relocatable)
		start = (max(load, bz->preferred) + alignment - 1) / alignment * alignment;
	end = start + model_window(bz);
	file.size = bz->code_size;
	run.size = end - start;
	o->kernel_gpa = load;
	o->entry = load + (method.protocol == PVHLOAD_PROTOCOL_X86_LINUX64 ? 0x200 : 0);
	o->alignment = alignment;
	if (load < run.min || start < run.min)
		return refuse(o, BIT(PVHLOAD_E_RANGE));
	if (load + bz->code_size < start || end < load)
		return place_at(o, image, &file, load) && place_at(o, kernel, &run, start);
	run.size = max(load + bz->code_size, end) - min(load, start);
	return place_at(o, kernel, &run, min(load, start));
}

static bool find_kernel(struct outcome *o, const struct want *want, uint64_t *gpa)
{
	return o->order.kernel == KERNEL_HIGH ? find_highest(o, want, gpa)
					      : find_lowest(o, want, gpa);
}

static uint64_t aligned_by(const struct model_bzimage *bz, uint64_t gpa)
{
	return gpa % bz->alignment == 0 ? bz->alignment : bz->min_alignment;
}

bool place_bzimage(const struct scene *s, struct method method, struct outcome *o)
{
	const struct model_bzimage *bz = &s->image->bzimage;
	const uint64_t alignments[] = { bz->alignment, bz->min_alignment };
	const uint64_t asked = o->order.kernel_at != 0 ? o->order.kernel_at : s->places.kernel_gpa;
	struct want want;
	uint64_t gpa;

	if (bz->relocatable ? asked != bz->preferred && asked % bz->min_alignment != 0
			    : asked != 0 && asked != bz->code32_start)
		return refuse(o, BIT(PVHLOAD_E_RANGE));
	if (!bz->relocatable)
		return place_bzimage_at(s, method, o, bz->code32_start, bz->alignment);
	if (asked != 0)
		return place_bzimage_at(s, method, o, asked, aligned_by(bz, asked));
	(void)kernel_moves(s, method, &want);
	/* its own place is in the search's range, unless it is below 1 MiB */
	if (o->order.kernel == KERNEL_OWN && bz->preferred != 0 && bz->preferred < MIB) {
		gpa = (bz->preferred + bz->alignment - 1) / bz->alignment * bz->alignment;
		if (place_bzimage_at(s, method, o, gpa, bz->alignment)) {
			o->kernel_moves = true;
			return true;
		}
	}
	for (size_t i = o->order.kernel == KERNEL_OWN ? 0 : 1; i < 2; i++) {
		want.align = alignments[i];
		if (!find_kernel(o, &want, &gpa))
			continue;
		o->kernel_moves = place_bzimage_at(s, method, o, gpa, aligned_by(bz, gpa));
		return o->kernel_moves;
	}
	return false;
}

static int by_gpa(const void *a, const void *b)
{
	const struct model_segment *x = a, *y = b;

	return (x->gpa > y->gpa) - (x->gpa < y->gpa);
}

/*
 * The kernel's regions when it is moved by @shift: segments that touch or overlap are one; of Linux, also
 * those with RAM between.
 */
static size_t pieces_of(const struct scene *s, const struct free_space *ram, uint64_t shift,
			struct model_segment *pieces)
{
	const struct model_elf *elf = &s->image->elf;
	size_t n = 0;

	for (size_t i = 0; i < elf->count; i++) {
		pieces[i] = elf->segments[i];
		pieces[i].gpa += shift;
	}
	qsort(pieces, elf->count, sizeof(*pieces), by_gpa);
	for (size_t i = 1; i < elf->count; i++) {
		const uint64_t end = pieces[n].gpa + pieces[n].mem_size;
		const uint64_t last = max(end, pieces[i].gpa + pieces[i].mem_size);
		const uint64_t all = last - pieces[n].gpa;

		if (pieces[i].gpa <= end ||
		    (guest_is_linux(s) && free_space_has(ram, pieces[n].gpa, last)))
			pieces[n].mem_size = all;
		else
			pieces[++n] = pieces[i];
	}
	return n + 1;
}

static bool place_elf_at(const struct scene *s, struct outcome *o, uint64_t gpa)
{
	const uint64_t shift = gpa - s->image->elf.low;
	struct model_segment pieces[SEGMENTS_MAX];
	const struct model_elf *elf = &s->image->elf;
	const size_t count = pieces_of(s, &o->ram, shift, pieces);
	uint64_t why = 0;

	/* of several segments the first in the file is told, and the model does not know which that is */
	for (size_t i = 0; i < elf->count; i++)
		if (!is_free(o, elf->segments[i].gpa + shift,
			     elf->segments[i].gpa + shift + elf->segments[i].mem_size))
			why |= o->why;
	if (why != 0)
		return refuse(o, why);
	for (size_t i = 0; i < count; i++)
		if (!is_free(o, pieces[i].gpa, pieces[i].gpa + pieces[i].mem_size))
			return false;
	for (size_t i = 0; i < count; i++) {
		const struct want want = { pieces[i].mem_size, 1, 0, 0, UINT64_MAX, 0 };
		const struct placed kernel = { .kind = PVHLOAD_REGION_KERNEL,
					       .index = (uint32_t)i };

		(void)place_at(o, kernel, &want, pieces[i].gpa);
	}
	o->kernel_gpa = gpa;
	return true;
}

static bool bzimage_moves(const struct scene *s, struct method method, struct want *want)
{
	const struct model_bzimage *bz = &s->image->bzimage;
	const bool above = method.protocol == PVHLOAD_PROTOCOL_X86_LINUX64 &&
			   bz->xloadflags & PVHLOAD_XLF_CAN_BE_LOADED_ABOVE_4G;

	*want = (struct want){ .size = max(model_window(bz), bz->code_size),
			       .align = bz->min_alignment,
			       .min = max(bz->preferred, MIB),
			       .limit = above ? linux_end(s) : FOUR_GIB };
	return bz->relocatable;
}

bool kernel_moves(const struct scene *s, struct method method, struct want *want)
{
	const struct model_elf *elf = &s->image->elf;

	if (s->is_flat)
		return s->image->is_flat && flat_kernel_moves(s, want);
	if (loads_bzimage(s, method))
		return bzimage_moves(s, method, want);
	*want = (struct want){ .size = elf->end - elf->low };
	if (is_multiboot(method.protocol)) {
		const struct model_multiboot *m = multiboot_of(s, method.protocol);

		want->align = m->align;
		want->min = m->min;
		want->limit = m->end;
		return m->has_reloc;
	}
	if (method.protocol == PVHLOAD_PROTOCOL_X86_LINUX64) {
		want->align = 2 * MIB;
		want->phase = elf->low % (2 * MIB);
		want->min = 2 * MIB;
		want->limit = linux_end(s);
		return true;
	}
	if (method.protocol == PVHLOAD_PROTOCOL_X86_LINUX32 || !elf->has_reloc)
		return false;
	want->align = elf->reloc_align;
	want->min = elf->reloc_min;
	want->limit = elf->reloc_end;
	return true;
}

/* Where it is asked for, if it may be there. */
static bool place_elf_asked(const struct scene *s, struct outcome *o, const struct want *want,
			    bool may, bool own, uint64_t gpa)
{
	if (own && gpa == s->image->elf.low)
		return place_elf_at(s, o, gpa);
	if (!may || gpa < want->min || (gpa - want->phase) % want->align != 0 ||
	    want->size > want->limit || gpa > want->limit - want->size)
		return refuse(o, BIT(PVHLOAD_E_RANGE));
	return place_elf_at(s, o, gpa);
}

bool place_elf(const struct scene *s, struct method method, struct outcome *o)
{
	const struct model_elf *elf = &s->image->elf;
	const uint64_t asked = o->order.kernel_at != 0 ? o->order.kernel_at : s->places.kernel_gpa;
	const uint64_t entry = is_multiboot(method.protocol)
				       ? multiboot_of(s, method.protocol)->entry
			       : method.protocol == PVHLOAD_PROTOCOL_PVH ? elf->pvh_entry
									 : elf->entry;
	struct want want;
	const bool may = kernel_moves(s, method, &want);
	/* where it is linked may be none of the places that a Multiboot header allows */
	const bool own = !may || !is_multiboot(method.protocol);
	bool placed;
	uint64_t gpa;

	if (asked != 0 && asked == o->order.kernel_at && asked != elf->low &&
	    !free_space_has(&o->space, asked, asked + want.size))
		return false; /* of its own accord only to where all of it is free */
	if (asked != 0) {
		placed = place_elf_asked(s, o, &want, may, own, asked);
	} else {
		placed = o->order.kernel == KERNEL_OWN &&
			 place_elf_asked(s, o, &want, may, own, elf->low);
		if (!placed && may) {
			want.min = max(want.min, MIB);
			placed = find_kernel(o, &want, &gpa) && place_elf_at(s, o, gpa);
		}
		o->kernel_moves = placed && may;
	}
	o->entry = entry + (o->kernel_gpa - elf->low);
	return placed;
}
