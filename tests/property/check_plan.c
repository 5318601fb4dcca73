/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "plan_checks.h"

#include <stdarg.h>
#include <stdio.h>

#define GIB      (UINT64_C(1) << 30)
#define FOUR_GIB (UINT64_C(1) << 32)
#define MIB      (UINT64_C(1) << 20)

bool complain(const struct scene *s, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "seed 0x%" PRIx64 ": ", s->seed);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return false;
}

const struct pvhload_plan_region *find_region(const struct pvhload_plan_info *info, uint32_t kind,
					      uint32_t index)
{
	for (size_t i = 0; i < info->region_count; i++)
		if (info->regions[i]->kind == kind && info->regions[i]->index == index)
			return info->regions[i];
	return NULL;
}

static bool over(uint64_t gpa, uint64_t end, uint64_t other, uint64_t size)
{
	return gpa < other + size && other < end;
}

/* Byte by byte of the map, whatever its order: how much of [@gpa, @end) is RAM. */
static uint64_t ram_in(const struct scene *s, uint64_t gpa, uint64_t end)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->map.count; i++) {
		const struct pvhload_memmap_entry *e = &s->map.entries[i];
		const uint64_t from = e->gpa > gpa ? e->gpa : gpa;
		const uint64_t to = e->gpa + e->size < end ? e->gpa + e->size : end;

		if (e->type == PVHLOAD_MEMMAP_RAM && from < to)
			sum += to - from;
	}
	return sum;
}

static bool check_region(const struct scene *s, const struct pvhload_plan_region *r)
{
	const uint64_t end = r->gpa + r->size;

	if (r->size == 0 || end < r->gpa)
		return complain(s, "%s is empty or wraps", r->name);
	if (ram_in(s, r->gpa, end) != r->size)
		return complain(s, "%s [0x%" PRIx64 ", 0x%" PRIx64 ") is not all RAM", r->name,
				r->gpa, end);
	for (size_t i = 0; i < s->config.keep_free_count; i++)
		if ((r->kind != PVHLOAD_REGION_KEPT || r->index != i) &&
		    over(r->gpa, end, s->keep_free[i].gpa, s->keep_free[i].size))
			return complain(s, "%s is over keep_free %zu", r->name, i);
	if (r->kind != PVHLOAD_REGION_KEPT && s->config.rsdp_gpa != 0 &&
	    over(r->gpa, end, s->config.rsdp_gpa, 36))
		return complain(s, "%s is over the RSDP", r->name);
	return true;
}

/* The highest end that a region of this kind may have, and what its address is a multiple of. */
static void limits_of(const struct scene *s, const struct pvhload_plan_info *info, uint32_t kind,
		      uint64_t *limit, uint64_t *align)
{
	const struct model_bzimage *bz = &s->image->bzimage;
	const bool wide = info->protocol == PVHLOAD_PROTOCOL_X86_LINUX64;
	const bool high = wide && (!s->image->is_bzimage || bz->xloadflags & 0x2);

	*limit = FOUR_GIB;
	*align = 1;
	switch (kind) {
	case PVHLOAD_REGION_PVH_MODLIST:
	case PVHLOAD_REGION_PVH_MEMMAP:
		*limit = guest_is_linux(s) ? GIB : FOUR_GIB;
		break;
	case PVHLOAD_REGION_X86_SETUP_DATA:
		*align = 8;
		break;
	case PVHLOAD_REGION_X86_PAGE_TABLES:
	case PVHLOAD_REGION_X86_SETUP_DATA_BYTES:
	case PVHLOAD_REGION_MODULE:
		*align = 4096;
		break;
	case PVHLOAD_REGION_INITRD:
		*align = 4096;
		if (info->protocol != PVHLOAD_PROTOCOL_PVH && s->image->is_bzimage && !high)
			*limit = bz->initrd_end;
		if (high)
			*limit = UINT64_C(1) << (s->x86.paging_levels == 5 ? 52 : 46);
		break;
	case PVHLOAD_REGION_KEPT:
		*limit = UINT64_MAX;
		break;
	case PVHLOAD_REGION_KERNEL:
	case PVHLOAD_REGION_KERNEL_IMAGE:
		if (wide || info->protocol == PVHLOAD_PROTOCOL_PVH)
			*limit = UINT64_MAX; /* its own rules are looked at apart */
		break;
	default:
		break;
	}
}

static bool check_limits(const struct scene *s, const struct pvhload_plan_info *info)
{
	for (size_t i = 0; i < info->region_count; i++) {
		const struct pvhload_plan_region *r = info->regions[i];
		uint64_t limit, align;

		if (s->is_flat)
			flat_limits_of(s, r->kind, &limit, &align);
		else
			limits_of(s, info, r->kind, &limit, &align);
		if (r->gpa + r->size > limit || r->gpa % align != 0)
			return complain(s,
					"%s at 0x%" PRIx64 " breaks its limit 0x%" PRIx64
					" or its alignment 0x%" PRIx64,
					r->name, r->gpa, limit, align);
	}
	return true;
}

/* True if one region of the kernel has all of the range. */
static bool kernel_has(const struct pvhload_plan_info *info, uint64_t gpa, uint64_t size)
{
	for (size_t i = 0; i < info->region_count; i++) {
		const struct pvhload_plan_region *r = info->regions[i];

		if ((r->kind == PVHLOAD_REGION_KERNEL || r->kind == PVHLOAD_REGION_KERNEL_IMAGE) &&
		    r->gpa <= gpa && gpa - r->gpa <= r->size && size <= r->size - (gpa - r->gpa))
			return true;
	}
	return false;
}

static bool check_bzimage(const struct scene *s, const struct pvhload_plan_info *info)
{
	const struct model_bzimage *bz = &s->image->bzimage;
	const bool wide = info->protocol == PVHLOAD_PROTOCOL_X86_LINUX64;
	uint64_t start = bz->preferred != 0 ? bz->preferred : info->kernel_gpa;
	uint64_t align = bz->alignment;

	if (!bz->relocatable && info->kernel_gpa != bz->code32_start)
		return complain(s, "a kernel that cannot be moved has been");
	if (bz->relocatable && info->kernel_gpa != bz->preferred &&
	    info->kernel_gpa % bz->min_alignment != 0)
		return complain(s, "the kernel is not at a multiple of its alignment");
	if (bz->relocatable) {
		if (info->kernel_gpa % align != 0)
			align = bz->min_alignment;
		start = info->kernel_gpa > start ? info->kernel_gpa : start;
		start = (start + align - 1) & ~(align - 1);
	}
	if (!kernel_has(info, info->kernel_gpa, bz->code_size) ||
	    !kernel_has(info, start, model_window(bz)))
		return complain(s, "the kernel has not all it loads and needs");
	if (info->entry != info->kernel_gpa + (wide ? 0x200 : 0))
		return complain(s, "the entry is not the bzImage's");
	return true;
}

static bool check_elf(const struct scene *s, const struct pvhload_plan_info *info)
{
	const struct model_elf *elf = &s->image->elf;
	const bool pvh = info->protocol == PVHLOAD_PROTOCOL_PVH;
	const uint64_t shift = info->kernel_gpa - elf->low;
	const uint64_t end = elf->end + shift;

	for (size_t i = 0; i < elf->count; i++)
		if (!kernel_has(info, elf->segments[i].gpa + shift, elf->segments[i].mem_size))
			return complain(s, "segment %zu is not the kernel's", i);
	if (info->entry != (pvh ? elf->pvh_entry : elf->entry) + shift ||
	    !model_has_code_at(elf, info->entry - shift))
		return complain(s, "the entry is not the ELF file's");
	if (shift == 0)
		return true;
	if (pvh && (!elf->has_reloc || info->kernel_gpa % elf->reloc_align != 0 ||
		    info->kernel_gpa < elf->reloc_min || end > elf->reloc_end))
		return complain(s, "the kernel was moved as its note does not allow");
	if (!pvh && (info->protocol != PVHLOAD_PROTOCOL_X86_LINUX64 || shift % (2 * MIB) != 0 ||
		     info->kernel_gpa < 2 * MIB))
		return complain(s, "the kernel was moved as Linux does not allow");
	return true;
}

static bool check_cpu(const struct scene *s, const struct pvhload_plan_info *info)
{
	const struct pvhload_x86_cpu *cpu = info->x86_cpu;
	const bool pvh = info->protocol == PVHLOAD_PROTOCOL_PVH;
	const bool wide = info->protocol == PVHLOAD_PROTOCOL_X86_LINUX64;
	const struct pvhload_plan_region *gdt = find_region(info, PVHLOAD_REGION_X86_GDT, 0);
	const struct pvhload_plan_region *handed =
		find_region(info,
			    pvh ? PVHLOAD_REGION_PVH_START_INFO : PVHLOAD_REGION_X86_ZERO_PAGE, 0);
	const struct pvhload_plan_region *tables =
		find_region(info, PVHLOAD_REGION_X86_PAGE_TABLES, 0);

	if (!gdt || !handed || (tables != NULL) != wide)
		return complain(s, "the plan has no GDT, nothing to hand over, or no page tables");
	if (cpu->rip != info->entry || cpu->gdt.base != gdt->gpa ||
	    (pvh ? cpu->rbx : cpu->rsi) != handed->gpa || cpu->cr3 != (wide ? tables->gpa : 0) ||
	    (info->start_info_gpa | info->zero_page_gpa) != handed->gpa)
		return complain(s, "the processor's state is not that of the plan");
	return true;
}

bool check_plan(const struct scene *s, const struct pvhload_plan_info *info)
{
	const bool as_it_is = s->image->is_bzimage && info->protocol != PVHLOAD_PROTOCOL_PVH &&
			      info->decompress != PVHLOAD_DECOMPRESS_HOST;
	uint64_t end = 0;

	for (size_t i = 0; i < info->region_count; i++) {
		if (info->regions[i]->gpa < end)
			return complain(s, "region %zu is over the one before it", i);
		if (!check_region(s, info->regions[i]))
			return false;
		end = info->regions[i]->gpa + info->regions[i]->size;
	}
	if (s->is_flat)
		return check_limits(s, info) && check_flat_plan(s, info);
	if (is_multiboot(info->protocol))
		return check_limits(s, info) && check_multiboot_plan(s, info);
	return check_limits(s, info) && check_cpu(s, info) &&
	       (as_it_is ? check_bzimage(s, info) : check_elf(s, info));
}

bool check_same(const struct scene *s, const struct pvhload_plan_info *info,
		const struct outcome *o)
{
	if (info->region_count != o->count)
		return complain(s, "%zu regions, not %zu", info->region_count, o->count);
	for (size_t i = 0; i < o->count; i++) {
		const struct pvhload_plan_region *r = info->regions[i];
		const struct placed *p = &o->placed[i];

		if (r->gpa != p->gpa || r->size != p->size || r->kind != p->kind ||
		    r->index != p->index)
			return complain(s,
					"%s (kind %" PRIu32 ") is 0x%" PRIx64 " bytes at 0x%" PRIx64
					"; the placer has kind %" PRIu32 " number %" PRIu32
					", 0x%" PRIx64 " bytes at 0x%" PRIx64,
					r->name, r->kind, r->size, r->gpa, p->kind, p->index,
					p->size, p->gpa);
	}
	if (info->kernel_gpa != o->kernel_gpa || info->entry != o->entry)
		return complain(s, "the kernel is at 0x%" PRIx64 ", not 0x%" PRIx64,
				info->kernel_gpa, o->kernel_gpa);
	return true;
}
