/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Flat Images: kernel, device tree and initrd, by section 6 of planning.md. */
#include <string.h>

#include "placer.h"

#define GIB       (UINT64_C(1) << 30)
#define MIB       (UINT64_C(1) << 20)
#define WINDOW    (32 * GIB)
#define FDT_ALIGN (2 * MIB)

#define ARM64_CMDLINE   2047u
#define RISCV64_CMDLINE 1023u

static uint64_t max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t align_up(uint64_t at, uint64_t align)
{
	return (at + align - 1) / align * align;
}

static const struct model_flat *flat_of(const struct scene *s)
{
	return &s->image->flat;
}

static bool has_flag(uint64_t flags, uint64_t flag)
{
	return (flags & flag) != 0;
}

bool flat_kernel_moves(const struct scene *s, struct want *want)
{
	const struct model_flat *flat = flat_of(s);

	*want = (struct want){ .size = flat_extent(flat),
			       .align = 2 * MIB,
			       .phase = flat->text_offset % (2 * MIB),
			       .min = max(flat->text_offset, flat_page(flat)),
			       .limit = flat_end(flat) };
	return flat_moves(flat);
}

static const struct placed the_kernel = { .kind = PVHLOAD_REGION_KERNEL };

/* text_offset from the first multiple of 2 MiB, where its firmware leaves it. */
static bool place_riscv_own(const struct scene *s, struct outcome *o, const struct want *want)
{
	if (o->ram.count == 0)
		return refuse(o, BIT(PVHLOAD_E_NO_ROOM));
	o->kernel_gpa = align_up(o->ram.ranges[0].start, 2 * MIB) + flat_of(s)->text_offset;
	return place_at(o, the_kernel, want, o->kernel_gpa);
}

static bool place_kernel_free(const struct scene *s, struct outcome *o, const struct want *want,
			      bool moves)
{
	const bool own = o->order.kernel == KERNEL_OWN;
	bool found;

	if (own && !flat_of(s)->is_arm64 && place_riscv_own(s, o, want)) {
		o->kernel_moves = true;
		return true;
	}
	found = o->order.kernel == KERNEL_HIGH ? find_highest(o, want, &o->kernel_gpa)
					       : find_lowest(o, want, &o->kernel_gpa);
	o->kernel_moves = found && moves;
	return found && place_at(o, the_kernel, want, o->kernel_gpa);
}

static bool place_flat_kernel(const struct scene *s, struct outcome *o)
{
	const uint64_t asked = o->order.kernel_at != 0 ? o->order.kernel_at : s->places.kernel_gpa;
	struct want want;
	const bool moves = flat_kernel_moves(s, &want);
	bool placed;

	if (asked == 0) {
		placed = place_kernel_free(s, o, &want, moves);
	} else {
		want.min = flat_of(s)->text_offset;
		o->kernel_gpa = asked;
		placed = place_at(o, the_kernel, &want, asked);
	}
	o->entry = o->kernel_gpa;
	return placed;
}

static uint64_t kernel_end(const struct scene *s, const struct outcome *o)
{
	return o->kernel_gpa + flat_extent(flat_of(s));
}

/* The lowest address for what has no place of its own. */
static uint64_t lowest(const struct scene *s, const struct outcome *o)
{
	return flat_moves(flat_of(s)) ? flat_page(flat_of(s)) : kernel_end(s, o);
}

static bool is_unsized(const struct scene *s)
{
	return flat_of(s)->image_size == 0;
}

static uint64_t tree_size(const struct scene *s)
{
	static struct free_space ram;
	struct tree_range first = { 0, 0 };

	free_space_init(&ram, &s->map);
	if (ram.count > 0)
		first.gpa = ram.ranges[0].start;
	return scene_tree_size(&s->tree, s->cmdline, scene_initrd_size(s) > 0, &first, ram.count);
}

static bool place_tree(const struct scene *s, struct outcome *o)
{
	const struct model_flat *flat = flat_of(s);
	const uint64_t fixed = s->places.fdt_gpa;
	const struct placed tree = { .kind = PVHLOAD_REGION_FDT };
	struct want want = { o->tree_size,   fixed != 0 ? 8 : FDT_ALIGN, 0, 0, flat_end(flat),
			     flat_page(flat) };
	uint64_t gpa;

	if (fixed != 0)
		return place_at(o, tree, &want, fixed);
	want.min = lowest(s, o);
	if (is_unsized(s))
		return find_highest(o, &want, &gpa) && place_at(o, tree, &want, gpa);
	return place_structure(o, tree, want, 0, align_up(kernel_end(s, o), FDT_ALIGN));
}

/* Up to where an initrd goes if there is room. */
static uint64_t window_end(const struct scene *s, const struct outcome *o)
{
	const uint64_t asked = s->places.kernel_gpa;
	const uint64_t from = asked != 0 ? asked : o->ram.count > 0 ? o->ram.ranges[0].start : 0;
	const uint64_t end = from / GIB * GIB + WINDOW;
	const bool beyond = !o->order.files_first && kernel_end(s, o) > end;

	return beyond ? o->kernel_gpa / GIB * GIB + WINDOW : end;
}

static bool place_flat_initrd(const struct scene *s, struct outcome *o)
{
	const struct model_flat *flat = flat_of(s);
	const uint64_t fixed = s->places.initrd_gpa;
	const struct placed initrd = { .kind = PVHLOAD_REGION_INITRD };
	struct want want = { scene_initrd_size(s), flat_page(flat), 0, 0,
			     flat_end(flat),       flat_page(flat) };
	uint64_t gpa;

	if (want.size == 0)
		return true;
	if (fixed != 0)
		return place_at(o, initrd, &want, fixed);
	want.min = o->order.files_first ? flat_page(flat) : lowest(s, o);
	if (flat->is_arm64)
		want.limit = min(window_end(s, o), want.limit);
	if (find_highest(o, &want, &gpa))
		return place_at(o, initrd, &want, gpa);
	want.limit = flat_end(flat);
	return find_highest(o, &want, &gpa) && place_at(o, initrd, &want, gpa);
}

/* The tree of a kernel that does not say how much it needs is placed like an initrd. */
static bool place_files(const struct scene *s, struct outcome *o, bool fixed)
{
	const bool initrd = (s->places.initrd_gpa != 0) == fixed;
	const bool tree = is_unsized(s) && (s->places.fdt_gpa != 0) == fixed;
	const bool initrd_first = (o->order.by_size && scene_initrd_size(s) > o->tree_size) ||
				  o->order.first_file == 2;

	return (!initrd || !initrd_first || place_flat_initrd(s, o)) &&
	       (!tree || place_tree(s, o)) && (!initrd || initrd_first || place_flat_initrd(s, o));
}

bool place_flat(const struct scene *s, struct outcome *o)
{
	const bool tree_fixed = s->places.fdt_gpa != 0;
	const bool first = o->order.files_first;

	for (size_t i = 0; i < s->tree.reserved_count; i++)
		free_space_cut(&o->space, s->tree.reserved[i].gpa,
			       s->tree.reserved[i].gpa + s->tree.reserved[i].size);
	if (s->tree.has_initrd && scene_initrd_size(s) == 0)
		free_space_cut(&o->space, s->tree.initrd.gpa,
			       s->tree.initrd.gpa + s->tree.initrd.size);
	o->tree_size = tree_size(s);
	/* only one that can move is moved for the others */
	if ((!flat_moves(flat_of(s)) || s->places.kernel_gpa != 0) &&
	    (first || o->order.kernel != KERNEL_OWN))
		return refuse(o, BIT(PVHLOAD_E_NO_ROOM));
	return (is_unsized(s) || !tree_fixed || place_tree(s, o)) && place_files(s, o, true) &&
	       (!first || place_files(s, o, false)) && place_flat_kernel(s, o) &&
	       (is_unsized(s) || tree_fixed || place_tree(s, o)) &&
	       (first || place_files(s, o, false));
}

/* Kernel and initrd in 32 GiB from a multiple of 1 GiB. */
static bool in_one_window(const struct scene *s, const struct outcome *o, uint64_t initrd)
{
	const uint64_t low = o->kernel_gpa < initrd ? o->kernel_gpa : initrd;

	return max(kernel_end(s, o), initrd + scene_initrd_size(s)) <= low / GIB * GIB + WINDOW;
}

static void tree_memory(const struct scene *s, struct free_space *memory)
{
	free_space_init(memory, &s->map);
	if (s->tree.fdt.flags & PVHLOAD_FDT_WRITE_MEMORY)
		return;
	memory->count = 0;
	for (size_t i = 0; i < s->tree.memory_count; i++)
		free_space_give(memory, s->tree.memory[i].gpa,
				s->tree.memory[i].gpa + s->tree.memory[i].size);
}

/* Is all of it, with the last page, memory by the tree? */
static bool is_memory(const struct scene *s, const struct free_space *memory,
		      const struct placed *p)
{
	const bool pages = p->kind == PVHLOAD_REGION_INITRD || p->kind == PVHLOAD_REGION_FDT;
	const struct want want = { p->size, 1, 0, 0, 0, pages ? flat_page(flat_of(s)) : 0 };

	return free_space_has(memory, p->gpa, want_end(&want, p->gpa));
}

uint64_t flat_refusals(const struct scene *s, const struct outcome *o)
{
	static struct free_space memory;
	const bool asked = s->places.kernel_gpa != 0 || s->places.initrd_gpa != 0;
	uint64_t refusals = 0;

	tree_memory(s, &memory);
	for (size_t i = 0; i < o->count; i++) {
		const struct placed *p = &o->placed[i];

		if (!is_memory(s, &memory, p))
			refusals |= BIT(PVHLOAD_E_MEMMAP);
		if (p->kind != PVHLOAD_REGION_INITRD && p->kind != PVHLOAD_REGION_FDT)
			continue;
		if (!flat_moves(flat_of(s)) && p->gpa < kernel_end(s, o))
			refusals |= BIT(PVHLOAD_E_RANGE);
		if (flat_of(s)->is_arm64 && asked && p->kind == PVHLOAD_REGION_INITRD &&
		    !in_one_window(s, o, p->gpa))
			refusals |= BIT(PVHLOAD_E_RANGE);
	}
	return refusals;
}

/* What the tree may break, wherever it goes. */
static uint64_t tree_rules(const struct scene *s)
{
	static struct free_space ram;
	static char cmdline[SCENE_CMDLINE_MAX + TREE_BOOTARGS_MAX + 2];
	const struct scene_tree *t = &s->tree;
	const uint64_t most = flat_of(s)->is_arm64 ? ARM64_CMDLINE : RISCV64_CMDLINE;
	uint64_t refusals = 0;

	scene_tree_cmdline(t, s->cmdline, cmdline, sizeof(cmdline));
	if (strlen(cmdline) > most)
		refusals |= BIT(PVHLOAD_E_CMDLINE);
	if (scene_tree_packed(t) + t->fdt.room > PVHLOAD_FDT_LIMIT ||
	    tree_size(s) > PVHLOAD_FDT_LIMIT)
		refusals |= BIT(PVHLOAD_E_LIMIT);
	if (t->fdt.kaslr_seed && memcmp(t->kaslr_seed, "\0\0\0\0\0\0\0", 8) == 0)
		refusals |= BIT(PVHLOAD_E_USAGE);
	if (!has_flag(t->fdt.flags, PVHLOAD_FDT_WRITE_MEMORY))
		return refusals;
	free_space_init(&ram, &s->map);
	if (ram.count == 0 || ram.count > PVHLOAD_FDT_RANGES_MAX)
		refusals |= BIT(PVHLOAD_E_MEMMAP);
	for (size_t i = 0; i < ram.count; i++)
		if ((t->address_cells == 1 && ram.ranges[i].start > UINT32_MAX) ||
		    (t->size_cells == 1 && ram.ranges[i].end - ram.ranges[i].start > UINT32_MAX))
			refusals |= BIT(PVHLOAD_E_MEMMAP);
	return refusals;
}

uint64_t flat_rules(const struct scene *s, struct method method)
{
	const struct pvhload_boot_config *c = &s->config;
	uint64_t refusals = s->arm64.exception_level > 2 ? BIT(PVHLOAD_E_USAGE) : 0;

	if (!s->image->is_flat || !c->fdt ||
	    method.protocol != (flat_of(s)->is_arm64 ? PVHLOAD_PROTOCOL_ARM64_LINUX
						     : PVHLOAD_PROTOCOL_RISCV64_LINUX))
		return refusals | BIT(PVHLOAD_E_PROTOCOL);
	if (c->module_count > 0 || c->rsdp_gpa != 0 || c->decompress == PVHLOAD_DECOMPRESS_GUEST ||
	    s->x86.loadflags != 0 || s->x86.page_size == GIB)
		refusals |= BIT(PVHLOAD_E_PROTOCOL);
	return refusals | tree_rules(s);
}
