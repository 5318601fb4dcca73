/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "placer.h"

#include <stdlib.h>
#include <string.h>

#define FOUR_GIB  (UINT64_C(1) << 32)
#define MIB       (UINT64_C(1) << 20)
#define PAGE      4096u
#define RSDP_SIZE 36u

bool refuse(struct outcome *o, uint64_t why)
{
	o->why = why;
	return false;
}

bool is_free(struct outcome *o, uint64_t start, uint64_t end)
{
	if (!free_space_has(&o->ram, start, end))
		return refuse(o, BIT(PVHLOAD_E_RANGE));
	return free_space_has(&o->space, start, end) || refuse(o, BIT(PVHLOAD_E_OVERLAP));
}

bool find_lowest(struct outcome *o, const struct want *want, uint64_t *gpa)
{
	return free_space_lowest(&o->space, want, gpa) || refuse(o, BIT(PVHLOAD_E_NO_ROOM));
}

bool find_highest(struct outcome *o, const struct want *want, uint64_t *gpa)
{
	return free_space_highest(&o->space, want, gpa) || refuse(o, BIT(PVHLOAD_E_NO_ROOM));
}

bool place_at(struct outcome *o, struct placed what, const struct want *want, uint64_t gpa)
{
	const uint64_t end = want_end(want, gpa);
	size_t at = 0;

	if (end == 0 || gpa < want->min || (gpa - want->phase) % want->align != 0 ||
	    gpa + want->size > want->limit)
		return refuse(o, BIT(PVHLOAD_E_RANGE));
	if (!is_free(o, gpa, end))
		return false;
	free_space_cut(&o->space, gpa, end);
	if (o->count == PLACED_MAX)
		abort();
	while (at < o->count && o->placed[at].gpa < gpa)
		at++;
	memmove(&o->placed[at + 1], &o->placed[at], (o->count - at) * sizeof(o->placed[0]));
	what.gpa = gpa;
	what.size = want->size;
	o->placed[at] = what;
	o->last = gpa;
	o->count++;
	return true;
}

bool place_structure(struct outcome *o, struct placed what, struct want want, uint64_t fixed,
		     uint64_t usual)
{
	uint64_t gpa;

	if (fixed != 0) {
		want.min = 0;
		return place_at(o, what, &want, fixed);
	}
	if (usual != 0 && place_at(o, what, &want, usual))
		return true;
	want.align = want.align < 8 ? 8 : want.align;
	want.min = want.min < PAGE ? PAGE : want.min;
	return find_lowest(o, &want, &gpa) && place_at(o, what, &want, gpa);
}

bool place_file(struct outcome *o, struct placed what, uint64_t limit)
{
	const uint64_t min = o->files_min > MIB ? o->files_min : MIB;
	const struct want want = { what.size, PAGE, 0, min, limit, PAGE };
	uint64_t gpa;

	return find_highest(o, &want, &gpa) && place_at(o, what, &want, gpa);
}

uint64_t placed_gpa(const struct outcome *o, uint32_t kind)
{
	for (size_t i = 0; i < o->count; i++)
		if (o->placed[i].kind == kind && o->placed[i].index == 0)
			return o->placed[i].gpa;
	return 0;
}

/* A keep_free range with bytes is a region, and so in RAM. */
static bool keep_bytes(struct outcome *o, const struct pvhload_boot_keep_free *r, size_t i)
{
	const struct want want = { .size = r->size, .align = 1, .limit = UINT64_MAX };
	const struct placed what = { .kind = PVHLOAD_REGION_KEPT, .index = (uint32_t)i };

	if (r->byte_count > r->size)
		return refuse(o, BIT(PVHLOAD_E_RANGE));
	return place_at(o, what, &want, r->gpa);
}

/* keep_free ranges may lie anywhere, but not over each other; the RSDP may lie in one of them. */
static bool reserve(const struct scene *s, struct outcome *o)
{
	const uint64_t rsdp = s->config.rsdp_gpa;
	bool covered = rsdp == 0;

	for (size_t i = 0; i < s->config.keep_free_count; i++) {
		const struct pvhload_boot_keep_free *a = &s->keep_free[i];

		if (a->byte_count > 0 && !keep_bytes(o, a, i))
			return false;
		if (a->size == 0)
			return refuse(o, BIT(PVHLOAD_E_RANGE));
		for (size_t k = 0; k < i; k++) {
			const struct pvhload_boot_keep_free *b = &s->keep_free[k];

			if (a->gpa < b->gpa + b->size && b->gpa < a->gpa + a->size)
				return refuse(o, BIT(PVHLOAD_E_OVERLAP));
		}
		free_space_cut(&o->space, a->gpa, a->gpa + a->size);
		covered |= a->gpa <= rsdp && rsdp + RSDP_SIZE <= a->gpa + a->size;
	}
	if (covered)
		return true;
	if (rsdp > UINT64_MAX - RSDP_SIZE)
		return refuse(o, BIT(PVHLOAD_E_RANGE));
	for (size_t i = 0; i < s->config.keep_free_count; i++) {
		const struct pvhload_boot_keep_free *a = &s->keep_free[i];

		if (a->gpa < rsdp + RSDP_SIZE && rsdp < a->gpa + a->size)
			return refuse(o, BIT(PVHLOAD_E_OVERLAP));
	}
	free_space_cut(&o->space, rsdp, rsdp + RSDP_SIZE);
	return true;
}

void placer_try(const struct scene *s, struct method method, struct order order, struct outcome *o)
{
	bool placed;

	o->count = 0;
	o->tables_size = o->files_min = 0;
	o->files_end = is_multiboot(method.protocol) ? FOUR_GIB - 1 : FOUR_GIB;
	o->order = order;
	o->kernel_moves = false;
	o->refusals = placer_rules(s, method);
	free_space_init(&o->ram, &s->map);
	o->space = o->ram;
	if (!reserve(s, o))
		o->refusals |= o->why;
	if (o->refusals != 0)
		return;
	if (!s->is_flat)
		take_away(s, o);
	placed = s->is_flat                                ? place_flat(s, o)
		 : is_multiboot(method.protocol)           ? place_multiboot(s, method, o)
		 : method.protocol == PVHLOAD_PROTOCOL_PVH ? place_pvh(s, method, o)
							   : place_linux(s, method, o);
	if (!placed && o->refusals == 0)
		o->refusals = o->why;
}

static void run_orders(const struct scene *s, struct method method, struct outcome *o)
{
	uint64_t refusals;

	placer_try(s, method, (struct order){ .kernel = KERNEL_OWN }, o);
	refusals = o->refusals;
	if (refusals != BIT(PVHLOAD_E_NO_ROOM) || (!o->kernel_moves && scene_files(s) < 2))
		return;
	for (int k = 0; k < 12; k++) {
		const struct order order = { .by_size = k >= 6,
					     .files_first = k % 2 != 0,
					     .kernel = (enum kernel_goes)(k / 2 % 3) };

		placer_try(s, method, order, o);
		if (o->refusals == 0)
			return;
	}
	o->refusals = refusals;
}

void placer_run(const struct scene *s, struct method method, struct outcome *o)
{
	run_orders(s, method, o);
	/* the first order in which all has room is judged */
	if (o->refusals == 0 && s->is_flat)
		o->refusals = flat_refusals(s, o);
	else if (o->refusals == 0 && is_multiboot(method.protocol))
		o->refusals = multiboot_refusals(s, o);
}

/* By the headers that it has; another protocol only if that is asked for. */
static size_t multiboot_methods(const struct scene *s, struct method *methods)
{
	size_t n = 0;

	if (s->config.protocol != PVHLOAD_PROTOCOL_AUTO) {
		methods[n++] = (struct method){ s->config.protocol, 0 };
		return n;
	}
	if (s->image->multiboot[1].has)
		methods[n++] = (struct method){ PVHLOAD_PROTOCOL_MULTIBOOT2, 0 };
	if (s->image->multiboot[0].has)
		methods[n++] = (struct method){ PVHLOAD_PROTOCOL_MULTIBOOT1, 0 };
	return n;
}

/* One, which may be none. */
static size_t flat_methods(const struct scene *s, struct method methods[METHODS_MAX])
{
	const uint32_t own = s->image->flat.is_arm64 ? PVHLOAD_PROTOCOL_ARM64_LINUX
						     : PVHLOAD_PROTOCOL_RISCV64_LINUX;

	methods[0] = (struct method){ s->config.protocol ? s->config.protocol : own, 0 };
	return 1;
}

size_t placer_methods(const struct scene *s, struct method methods[METHODS_MAX])
{
	const struct method host64 = { PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_DECOMPRESS_HOST };
	const struct pvhload_boot_config *c = &s->config;
	const bool host = c->decompress != PVHLOAD_DECOMPRESS_GUEST;
	const bool guest = c->decompress != PVHLOAD_DECOMPRESS_HOST;
	const bool not_linux = !guest_is_linux(s);
	const bool over = host && guest && !s->is_flat && may_move_over(s);
	size_t n = 0;

	if (s->is_flat)
		return flat_methods(s, methods);
	if (s->image->has_multiboot && !s->image->is_elf)
		return multiboot_methods(s, methods);
	if (!s->image->is_bzimage) {
		const bool both =
			c->protocol == PVHLOAD_PROTOCOL_AUTO && !s->image->elf.is32 && !not_linux;

		methods[n++] =
			(struct method){ c->protocol ? c->protocol : PVHLOAD_PROTOCOL_PVH, 0 };
		if (both)
			methods[n++] = (struct method){ PVHLOAD_PROTOCOL_X86_LINUX64, 0 };
		if (s->image->has_multiboot && c->protocol == PVHLOAD_PROTOCOL_AUTO)
			n += multiboot_methods(s, methods + n);
		return n;
	}
	if (c->protocol == PVHLOAD_PROTOCOL_PVH && host)
		methods[n++] = (struct method){ c->protocol, PVHLOAD_DECOMPRESS_HOST };
	/* as it is, unless the host is asked to unpack it */
	if (c->protocol >= PVHLOAD_PROTOCOL_X86_LINUX64)
		methods[n++] = (struct method){ c->protocol, guest ? PVHLOAD_DECOMPRESS_GUEST
								   : PVHLOAD_DECOMPRESS_HOST };
	if (c->protocol >= PVHLOAD_PROTOCOL_X86_LINUX64 && over)
		methods[n++] = (struct method){ c->protocol, PVHLOAD_DECOMPRESS_HOST };
	if (c->protocol != PVHLOAD_PROTOCOL_AUTO)
		return n;
	if (host)
		methods[n++] = (struct method){ PVHLOAD_PROTOCOL_PVH, PVHLOAD_DECOMPRESS_HOST };
	if (guest) {
		methods[n++] =
			(struct method){ PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_DECOMPRESS_GUEST };
		methods[n++] =
			(struct method){ PVHLOAD_PROTOCOL_X86_LINUX32, PVHLOAD_DECOMPRESS_GUEST };
	}
	if (host && !not_linux && (s->image->bzimage.payload != PAYLOAD_NONE || !guest))
		methods[n++] = host64;
	if (over)
		methods[n++] =
			(struct method){ PVHLOAD_PROTOCOL_X86_LINUX32, PVHLOAD_DECOMPRESS_HOST };
	return n;
}
