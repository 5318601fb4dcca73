/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The Linux protocols: zero page, page tables, setup_data, initrd. */
#include "placer.h"

#define FOUR_GIB (UINT64_C(1) << 32)
#define GIB      (UINT64_C(1) << 30)
#define MIB      (UINT64_C(1) << 20)
#define KIB      (UINT64_C(1) << 10)
#define PAGE     4096u

static uint64_t cmdline_size(const struct scene *s)
{
	const uint64_t most = s->image->is_bzimage ? s->image->bzimage.cmdline_max : 2047;

	return most + 1 > 2048 ? most + 1 : 2048;
}

/* Zero page, command line, GDT: those with a fixed place, or the others. */
static bool place_three(const struct scene *s, struct outcome *o, bool fixed)
{
	const struct {
		uint32_t kind;
		uint64_t size, fixed, usual;
	} three[] = {
		{ PVHLOAD_REGION_X86_ZERO_PAGE, PAGE, s->places.zero_page_gpa, 0x7000 },
		{ PVHLOAD_REGION_CMDLINE, cmdline_size(s), s->places.cmdline_gpa, 0x20000 },
		{ PVHLOAD_REGION_X86_GDT, 48, s->places.gdt_gpa, 0x500 },
	};

	for (size_t i = 0; i < 3; i++) {
		const struct want want = { three[i].size, 1, 0, 0, FOUR_GIB, 0 };
		const struct placed what = { .kind = three[i].kind };

		if ((three[i].fixed != 0) == fixed &&
		    !place_structure(o, what, want, three[i].fixed, three[i].usual))
			return false;
	}
	return true;
}

/* Tables of one level: as many as there are different addresses above @shift. */
static uint64_t count_tables(const struct free_range *mapped, size_t count, unsigned int shift)
{
	uint64_t sum = 0, seen = UINT64_MAX;

	for (size_t i = 0; i < count; i++)
		for (uint64_t a = mapped[i].start >> shift; a <= (mapped[i].end - 1) >> shift;
		     a++) {
			sum += a != seen;
			seen = a;
		}
	return sum;
}

/* Does an address in [@start, @end) have the bit @mask? */
static bool has_bit(uint64_t start, uint64_t end, uint64_t mask)
{
	return mask != 0 && ((start & mask) != 0 || (start | (mask - 1)) + 1 < end);
}

/* The first 4 GiB, and what the kernel has above; how large tables for that are, if there can be any. */
static bool measure_tables(const struct scene *s, struct outcome *o)
{
	const uint64_t page = s->x86.page_size == GIB ? GIB : 2 * MIB;
	const bool five = s->x86.paging_levels == 5;
	struct free_range mapped[1 + SEGMENTS_MAX] = { { 0, FOUR_GIB } };
	uint64_t tables = 1;
	size_t count = 1;

	for (size_t i = 0; i < o->count; i++) {
		const struct placed *p = &o->placed[i];

		if ((p->kind != PVHLOAD_REGION_KERNEL && p->kind != PVHLOAD_REGION_KERNEL_IMAGE) ||
		    p->gpa + p->size <= FOUR_GIB)
			continue;
		mapped[count].start = p->gpa < FOUR_GIB ? FOUR_GIB : p->gpa / page * page;
		mapped[count++].end = (p->gpa + p->size + page - 1) / page * page;
	}
	for (size_t i = 0; i < count; i++)
		if (mapped[i].end > UINT64_C(1) << (five ? 52 : 47) ||
		    has_bit(mapped[i].start, mapped[i].end, s->x86.page_entry_mask))
			return false;
	for (unsigned int shift = five ? 48 : 39; shift > (page == GIB ? 30 : 21); shift -= 9)
		tables += count_tables(mapped, count, shift);
	o->tables_size = tables * PAGE;
	if (o->tables_size > PVHLOAD_X86_PAGE_TABLES_SIZE_MAX)
		o->refusals |= BIT(PVHLOAD_E_LIMIT);
	return o->refusals == 0;
}

static bool place_tables(const struct scene *s, struct outcome *o)
{
	const struct placed tables = { .kind = PVHLOAD_REGION_X86_PAGE_TABLES };
	struct want want = { 0, PAGE, 0, 0, FOUR_GIB, 0 };

	if (!measure_tables(s, o))
		return refuse(o, BIT(PVHLOAD_E_RANGE));
	want.size = o->tables_size;
	return place_structure(o, tables, want, s->places.page_tables_gpa, 0x9000);
}

/* What was claimed for a kernel below 4 GiB is given back. */
static void release_tables(struct outcome *o)
{
	for (size_t i = 0; i < o->count; i++) {
		if (o->placed[i].kind != PVHLOAD_REGION_X86_PAGE_TABLES)
			continue;
		free_space_give(&o->space, o->placed[i].gpa, o->placed[i].gpa + o->placed[i].size);
		for (size_t k = i + 1; k < o->count; k++)
			o->placed[k - 1] = o->placed[k];
		o->count--;
		return;
	}
}

/* The nodes of the list: what the map's own table does not take comes first. */
struct node {
	uint64_t size;     /* of the node itself */
	uint64_t gpa;      /* where it is asked to be, or 0; then, where it is */
	uint64_t data;     /* apart; 0 for none */
	uint64_t data_gpa; /* where those are asked to be, or 0 */
	bool fixed;
};

static size_t list_nodes(const struct scene *s, struct node nodes[SCENE_NODES_MAX + 1])
{
	size_t n = 0;

	if (s->map.count > 128)
		nodes[n++] = (struct node){ .size = 16 + (s->map.count - 128) * 20 };
	for (size_t i = 0; i < s->x86.setup_data_count; i++) {
		const struct pvhload_linux_setup_data *d = &s->nodes[i];
		const uint64_t pointer = d->type == PVHLOAD_SETUP_IMA       ? 16
					 : d->type == PVHLOAD_SETUP_CC_BLOB ? 4
									    : 24;

		if (d->flags & PVHLOAD_SETUP_DATA_INDIRECT)
			nodes[n] = (struct node){ .size = 16 + pointer,
						  .data = d->source->size,
						  .data_gpa = s->places.node_bytes[i] };
		else
			nodes[n] = (struct node){ .size = 16 + d->source->size };
		nodes[n++].gpa = s->places.nodes[i];
	}
	if (n > 0 && nodes[0].gpa == 0)
		nodes[0].gpa = s->places.setup_data_gpa;
	for (size_t i = 0; i < n; i++)
		nodes[i].fixed = nodes[i].gpa != 0;
	return n;
}

/* What the caller gave a place. */
static bool place_fixed_nodes(struct outcome *o, const struct node *nodes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct placed what = { .kind = PVHLOAD_REGION_X86_SETUP_DATA,
					     .index = (uint32_t)i };
		const struct placed apart = { .kind = PVHLOAD_REGION_X86_SETUP_DATA_BYTES,
					      .index = (uint32_t)i };
		const struct want node = { nodes[i].size, 8, 0, 0, FOUR_GIB, 0 };
		const struct want data = { nodes[i].data, PAGE, 0, 0, FOUR_GIB, PAGE };

		if ((nodes[i].fixed && !place_at(o, what, &node, nodes[i].gpa)) ||
		    (nodes[i].data_gpa != 0 && !place_at(o, apart, &data, nodes[i].data_gpa)))
			return false;
	}
	return true;
}

static bool place_node(struct outcome *o, struct node *node, size_t number, uint64_t after,
		       uint64_t *low)
{
	const struct placed what = { .kind = PVHLOAD_REGION_X86_SETUP_DATA,
				     .index = (uint32_t)number };
	struct want want = { node->size, 8, 0, 0, FOUR_GIB, 0 };
	uint64_t at = (after + 7) / 8 * 8;

	if (node->size > 16 * KIB - *low) {
		want.min = MIB;
		at = at < MIB ? 0 : at;
	}
	if (!place_structure(o, what, want, 0, at))
		return false;
	node->gpa = o->last;
	*low += node->gpa < MIB ? node->size : 0;
	return true;
}

static bool place_nodes(const struct scene *s, struct outcome *o, struct node *nodes, size_t count)
{
	uint64_t after = placed_gpa(o, PVHLOAD_REGION_CMDLINE) + cmdline_size(s), low = 0;

	for (size_t i = 0; i < count; i++) {
		const struct placed data = { PVHLOAD_REGION_X86_SETUP_DATA_BYTES, (uint32_t)i, 0,
					     nodes[i].data };

		if (!nodes[i].fixed && !place_node(o, &nodes[i], i, after, &low))
			return false;
		after = nodes[i].gpa + nodes[i].size;
		if (nodes[i].data != 0 && nodes[i].data_gpa == 0 && !place_file(o, data, FOUR_GIB))
			return false;
	}
	return true;
}

static bool place_initrd(const struct scene *s, struct method method, struct outcome *o)
{
	const struct model_bzimage *bz = &s->image->bzimage;
	const bool wide = method.protocol == PVHLOAD_PROTOCOL_X86_LINUX64;
	/* an ELF file has nothing to say no with */
	const bool above = wide && (!s->image->is_bzimage ||
				    bz->xloadflags & PVHLOAD_XLF_CAN_BE_LOADED_ABOVE_4G);
	const uint64_t end = UINT64_C(1) << (s->x86.paging_levels == 5 ? 52 : 46);
	const uint64_t limit = s->image->is_bzimage ? bz->initrd_end : FOUR_GIB;
	const struct placed initrd = { .kind = PVHLOAD_REGION_INITRD,
				       .size = scene_initrd_size(s) };
	const struct want fixed = { initrd.size, PAGE, 0, 0, above ? end : limit, PAGE };

	if (scene_initrd_size(s) == 0)
		return true;
	if (s->places.initrd_gpa != 0)
		return place_at(o, initrd, &fixed, s->places.initrd_gpa);
	return place_file(o, initrd, limit) || (above && place_file(o, initrd, end));
}

static bool place_fixed(const struct scene *s, struct method method, struct outcome *o,
			const struct node *nodes, size_t count)
{
	const bool tables =
		method.protocol == PVHLOAD_PROTOCOL_X86_LINUX64 && s->places.page_tables_gpa != 0;

	return place_three(s, o, true) && (!tables || place_tables(s, o)) &&
	       place_fixed_nodes(o, nodes, count) &&
	       (s->places.initrd_gpa == 0 || place_initrd(s, method, o));
}

/* Tables with a fixed place are larger, now that the kernel may be above 4 GiB. */
static bool place_tables_again(const struct scene *s, struct outcome *o)
{
	release_tables(o);
	return place_tables(s, o);
}

bool place_linux(const struct scene *s, struct method method, struct outcome *o)
{
	const bool wide = method.protocol == PVHLOAD_PROTOCOL_X86_LINUX64;
	const bool tables_fixed = wide && s->places.page_tables_gpa != 0;
	const bool initrd_fixed = s->places.initrd_gpa != 0;
	const bool initrd_first = o->order.files_first;
	struct node nodes[SCENE_NODES_MAX + 1];
	const size_t count = list_nodes(s, nodes);

	return place_fixed(s, method, o, nodes, count) &&
	       (initrd_fixed || !initrd_first || place_initrd(s, method, o)) &&
	       place_kernel(s, method, o) && (!tables_fixed || place_tables_again(s, o)) &&
	       place_three(s, o, false) && (!wide || tables_fixed || place_tables(s, o)) &&
	       place_nodes(s, o, nodes, count) &&
	       (initrd_fixed || initrd_first || place_initrd(s, method, o));
}
