/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * One line for each scene of the property test: its seed, the status, and a digest of what the plan says
 * (regions, protocol, memory map, processor registers).  Two versions of the library agree on a scene if
 * they print the same line; compare.sh builds both and compares.
 *
 *     plan_digest [COUNT [SEED]]
 */
#include <stdio.h>
#include <stdlib.h>

#include "scene.h"

#define COUNT_DEFAULT 200000u
#define SEED_DEFAULT  0x5eed0000u

/* FNV-1a, 64 bits, over the little-endian bytes of each number. */
static void digest_value(uint64_t *digest, uint64_t value)
{
	for (unsigned int i = 0; i < 64; i += 8) {
		*digest ^= value >> i & 0xff;
		*digest *= 0x100000001b3u;
	}
}

static void add_segment(uint64_t *digest, const struct pvhload_x86_segment *s)
{
	const uint64_t values[] = { s->base,    s->limit, s->selector, s->type, s->s,  s->dpl,
				    s->present, s->l,     s->db,       s->g,    s->avl };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		digest_value(digest, values[i]);
}

static void add_cpu(uint64_t *digest, const struct pvhload_x86_cpu *c)
{
	const uint64_t values[] = { c->rax,      c->rbx,       c->rcx,    c->rdx,      c->rsi,
				    c->rdi,      c->rsp,       c->rbp,    c->r8,       c->r9,
				    c->r10,      c->r11,       c->r12,    c->r13,      c->r14,
				    c->r15,      c->rip,       c->rflags, c->gdt.base, c->gdt.limit,
				    c->idt.base, c->idt.limit, c->cr0,    c->cr2,      c->cr3,
				    c->cr4,      c->cr8,       c->efer };
	const struct pvhload_x86_segment *const segments[] = { &c->cs, &c->ds, &c->es, &c->fs,
							       &c->gs, &c->ss, &c->tr, &c->ldt };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		digest_value(digest, values[i]);
	for (size_t i = 0; i < sizeof(segments) / sizeof(segments[0]); i++)
		add_segment(digest, segments[i]);
}

/* The data of an indirect setup_data once had the kind of their node. */
static uint32_t kind_of(const struct pvhload_plan_region *r)
{
	return r->kind == PVHLOAD_REGION_X86_SETUP_DATA_BYTES ? PVHLOAD_REGION_X86_SETUP_DATA
							      : r->kind;
}

static uint64_t digest_of(const struct pvhload_plan_info *info)
{
	uint64_t digest = 0xcbf29ce484222325u;

	digest_value(&digest, info->protocol);
	for (size_t i = 0; i < info->region_count; i++) {
		digest_value(&digest, kind_of(info->regions[i]));
		digest_value(&digest, info->regions[i]->index);
		digest_value(&digest, info->regions[i]->gpa);
		digest_value(&digest, info->regions[i]->size);
	}
	for (size_t i = 0; i < info->memmap->count; i++) {
		digest_value(&digest, info->memmap->entries[i].gpa);
		digest_value(&digest, info->memmap->entries[i].size);
		digest_value(&digest, info->memmap->entries[i].type);
	}
	add_cpu(&digest, info->x86_cpu);
	return digest;
}

static void print_scene(const struct scene *s)
{
	struct pvhload_plan *plan = NULL;
	const enum pvhload_status status = pvhload_boot_plan(&s->config, &plan, NULL);

	printf("0x%" PRIx64 " %s %016" PRIx64 "\n", s->seed, pvhload_status_name(status),
	       plan ? digest_of(pvhload_plan_get_info(plan)) : 0);
	pvhload_plan_free(plan);
}

int main(int argc, char **argv)
{
	static struct model_image pool[POOL_SIZE];
	static struct scene scene;
	const uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 0) : COUNT_DEFAULT;
	const uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : SEED_DEFAULT;
	struct random r = { SEED_DEFAULT };

	pool_make(pool, &r);
	for (uint64_t i = 0; i < count; i++) {
		scene_make(&scene, pool, seed + i);
		print_scene(&scene);
	}
	pool_free(pool);
	return EXIT_SUCCESS;
}
