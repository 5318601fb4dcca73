/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "flow.h"

#include <inttypes.h>
#include <string.h>

#include "answers.h"
#include "heap.h"

#define CLEARED   "; the RAM that the payload was decoded to, ["
#define HEAP_MORE (12u << 20) /* tables, a chunk of LZ4, plans */
#ifdef STATIC_CODECS
#define HEAP_OF_CODECS ((uint64_t)PVHLOAD_LZMA_MEMORY_MAX + PVHLOAD_ZSTD_WINDOW_MAX)
#else
#define HEAP_OF_CODECS 0 /* their calls are not seen */
#endif

static void begin(struct scene *s, struct pvhload_error *err)
{
	*err = answers_error();
	world_rewind(&s->world);
	heap_begin(s->world.no_memory_at);
}

/* Compressed bytes, then each level of what they decode to; a buffer may be there twice while it grows. */
static uint64_t heap_limit(const struct scene *s)
{
	const uint64_t limit =
		s->ways.by_source ? PVHLOAD_DECODE_LIMIT_DEFAULT : s->image_options.decode_limit;

	return 2 * (uint64_t)s->kernel.bytes.size + 3 * limit + HEAP_MORE + HEAP_OF_CODECS;
}

static bool is_blamed(const struct scene *s, enum pvhload_status status)
{
	switch (status) {
	case PVHLOAD_E_SOURCE:
	case PVHLOAD_E_CALLBACK:
	case PVHLOAD_E_NO_MEMORY:
	case PVHLOAD_E_CANCELLED:
		return s->world.changes;
	case PVHLOAD_E_CAPACITY:
		return false;
	default:
		return true;
	}
}

static void end(const struct scene *s, enum pvhload_status status, const struct pvhload_error *err)
{
	MUST(heap_end() <= heap_limit(s));
	MUST(is_blamed(s, status));
	answers_check_error(status, err);
	MUST(status != PVHLOAD_E_NO_MEMORY || heap_failed());
}

struct pvhload_image *flow_open(struct scene *s)
{
	struct pvhload_image *image = ANSWERS_UNTOUCHED;
	struct pvhload_error err;
	enum pvhload_status status;

	begin(s, &err);
	status = pvhload_image_open(&s->kernel.source, &s->image_options, &image, &err);
	end(s, status, &err);
	return answers_filled(status, image);
}

static void use_image(struct scene *s, struct pvhload_image *image)
{
	s->config.image = s->ways.by_source ? NULL : image;
	s->config.kernel = s->ways.by_source ? &s->kernel.source : NULL;
}

static struct flow_result result_of(const struct scene *s, enum pvhload_status status,
				    struct pvhload_plan *plan, const struct pvhload_error *err)
{
	struct flow_result r = { status, *err, NULL, NULL };

	end(s, status, err);
	r.plan = answers_filled(status, plan);
	r.info = r.plan ? pvhload_plan_get_info(r.plan) : NULL;
	return r;
}

struct flow_result flow_plan(struct scene *s, struct pvhload_image *image)
{
	struct pvhload_plan *plan = ANSWERS_UNTOUCHED;
	struct pvhload_error err;
	enum pvhload_status status;

	use_image(s, image);
	begin(s, &err);
	status = pvhload_boot_plan(&s->config, &plan, &err);
	return result_of(s, status, plan, &err);
}

struct flow_result flow_load(struct scene *s, struct pvhload_image *image, struct shadow *memory)
{
	struct pvhload_plan *plan = ANSWERS_UNTOUCHED;
	struct pvhload_error err;
	struct flow_result r;
	enum pvhload_status status;

	use_image(s, image);
	begin(s, &err);
	s->world.touched = memory;
	status = pvhload_boot_load(&s->config, &memory->memory, &plan, &err);
	s->world.touched = NULL;
	r = result_of(s, status, plan, &err);
	shadow_settle(memory);
	return r;
}

enum pvhload_status flow_commit(struct scene *s, const struct pvhload_plan *plan,
				struct shadow *memory)
{
	struct pvhload_error err;
	enum pvhload_status status;

	begin(s, &err);
	status = pvhload_plan_commit(plan, &memory->memory, &err);
	end(s, status, &err);
	shadow_settle(memory);
	return status;
}

enum pvhload_status flow_clear(struct scene *s, const struct pvhload_plan *plan,
			       struct shadow *memory)
{
	struct pvhload_error err;
	enum pvhload_status status;

	begin(s, &err);
	status = pvhload_plan_clear_unused(plan, &memory->memory, &err);
	end(s, status, &err);
	return status;
}

bool flow_share(struct scene *s, struct pvhload_image *image)
{
	struct pvhload_error err;
	enum pvhload_status status;

	begin(s, &err);
	status = pvhload_image_share(image, &err);
	end(s, status, &err);
	MUST(status != PVHLOAD_OK || pvhload_image_shared_fd(image) >= 0);
	return status == PVHLOAD_OK;
}

void flow_memory(struct scene *s, struct shadow *memory, unsigned int callbacks,
		 const struct pvhload_plan_info *info)
{
	MUST(shadow_use(memory, &s->map, s->config.roms, s->config.rom_count, callbacks));
	memory->faults = s->world.memory;
	if (s->ways.stale && info)
		shadow_make_stale(memory, info);
	memory->memory.flags = s->ways.stale ? 0 : PVHLOAD_MEMORY_ZEROED;
}

static void same_regions(const struct pvhload_plan_info *a, const struct pvhload_plan_info *b)
{
	MUST(a->region_count == b->region_count);
	for (size_t i = 0; i < a->region_count; i++) {
		const struct pvhload_plan_region *p = a->regions[i], *q = b->regions[i];

		MUST(p->gpa == q->gpa && p->size == q->size && p->kind == q->kind);
		MUST(p->index == q->index && p->reason == q->reason);
		MUST(strcmp(p->name, q->name) == 0);
	}
}

static void same_cpus(const struct pvhload_plan_info *a, const struct pvhload_plan_info *b)
{
	MUST(!a->x86_cpu == !b->x86_cpu && !a->arm64_cpu == !b->arm64_cpu);
	if (a->x86_cpu)
		MUST(memcmp(a->x86_cpu, b->x86_cpu, sizeof(*a->x86_cpu)) == 0);
	if (a->arm64_cpu)
		MUST(memcmp(a->arm64_cpu, b->arm64_cpu, sizeof(*a->arm64_cpu)) == 0);
	if (a->riscv64_cpu)
		MUST(memcmp(a->riscv64_cpu, b->riscv64_cpu, sizeof(*a->riscv64_cpu)) == 0);
}

void flow_same_guests(const struct pvhload_plan_info *a, const struct pvhload_plan_info *b)
{
	MUST(a->entry == b->entry && a->protocol == b->protocol && a->guest == b->guest);
	MUST(a->decompress == b->decompress && a->kernel_gpa == b->kernel_gpa);
	same_regions(a, b);
	same_cpus(a, b);
}

static void same_plans(const struct pvhload_plan_info *a, const struct pvhload_plan_info *b)
{
	flow_same_guests(a, b);
	MUST(strcmp(a->reason, b->reason) == 0 && strcmp(a->cmdline, b->cmdline) == 0);
	MUST(a->attempt_count == b->attempt_count);
	for (size_t i = 0; i < a->attempt_count; i++)
		MUST(a->attempts[i]->status == b->attempts[i]->status &&
		     strcmp(a->attempts[i]->message, b->attempts[i]->message) == 0);
	MUST(a->memmap->count == b->memmap->count);
	MUST(memcmp(a->memmap->entries, b->memmap->entries,
		    a->memmap->count * sizeof(a->memmap->entries[0])) == 0);
}

void flow_same(const struct flow_result *a, const struct flow_result *b)
{
	MUST(a->status == b->status);
	if (a->status == PVHLOAD_OK) {
		same_plans(a->info, b->info);
		return;
	}
	MUST(strcmp(a->err.message, b->err.message) == 0);
	MUST(a->err.offset == b->err.offset && a->err.gpa == b->err.gpa);
	MUST(a->err.subject == b->err.subject && a->err.index == b->err.index);
}

struct pvhload_range flow_cut_cleared(struct pvhload_error *err)
{
	char *words = strstr(err->message, CLEARED);
	uint64_t start = 0, stop = 0;

	if (!words)
		return (struct pvhload_range){ 0, 0 };
	MUST(sscanf(words + strlen(CLEARED), "%" SCNx64 ", %" SCNx64 "), has been cleared", &start,
		    &stop) == 2);
	MUST(start < stop);
	*words = '\0';
	return (struct pvhload_range){ start, stop - start };
}
