/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * One image and one place get one answer: from the planner, from pvhload_image_load(), from
 * pvhload_image_explain() and from the image's info.  Asked for every image of the property test's pool, by
 * every protocol, at places that matter to it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "random.h"
#include "scene.h"

#define MIB        (UINT64_C(1) << 20)
#define GIB        (UINT64_C(1) << 30)
#define PLACES_MAX 64u

static struct pvhload_memmap_entry entries[] = {
	{ 0, 0x9fc00, PVHLOAD_MEMMAP_RAM, 0 },
	{ MIB, (UINT64_C(1) << 47) - MIB, PVHLOAD_MEMMAP_RAM, 0 },
};
static const struct pvhload_memmap map = { sizeof(map), entries, 2, 2, 0 };

struct tally {
	unsigned long asked;
	unsigned long yes;
};

/* An image, a method and a place. */
struct question {
	const struct model_image *model;
	size_t number; /* of the model */
	uint32_t protocol;
	uint32_t decompress;
	uint64_t gpa;
};

static int write_nothing(void *user, uint64_t gpa, const void *src, size_t len)
{
	(void)user;
	(void)gpa;
	(void)src;
	(void)len;
	return 0;
}

static int zero_nothing(void *user, uint64_t gpa, uint64_t len)
{
	(void)user;
	(void)gpa;
	(void)len;
	return 0;
}

__attribute__((format(printf, 2, 3))) static bool differ(const struct question *q,
							 const char *format, ...)
{
	va_list args;

	fprintf(stderr, "image %zu, %s/%" PRIu32 " at 0x%" PRIx64 ": ", q->number,
		pvhload_protocol_name(q->protocol), q->decompress, q->gpa);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return false;
}

/* What is loaded by the method: the image, or its payload. */
static struct pvhload_image *loaded_by(const struct question *q)
{
	if (q->decompress != PVHLOAD_DECOMPRESS_HOST)
		return q->model->image;
	if (pvhload_image_decode(q->model->image, NULL) != PVHLOAD_OK)
		return NULL;
	return pvhload_image_payload(q->model->image);
}

/* The entry that a load found for the protocol; false if there is none. */
static bool entry_of(const struct pvhload_image_load_result *r, uint32_t protocol, uint64_t *ret)
{
	switch (protocol) {
	case PVHLOAD_PROTOCOL_PVH:
		*ret = r->pvh_entry;
		return r->has_pvh_entry;
	case PVHLOAD_PROTOCOL_X86_LINUX64:
		*ret = r->entry64;
		return r->has_entry64;
	default:
		*ret = r->entry;
		return r->has_entry32;
	}
}

static bool load(const struct question *q, struct pvhload_image *image,
		 struct pvhload_image_load_result *ret, uint64_t *ret_entry)
{
	const struct pvhload_memory_ops ops = { .struct_size = sizeof(ops),
						.write = write_nothing,
						.zero = zero_nothing };
	const struct pvhload_memory mem = { .struct_size = sizeof(mem),
					    .ops = &ops,
					    .memmap = &map };
	const struct pvhload_image_load_options options = { .struct_size = sizeof(options),
							    .gpa = q->gpa,
							    .flags = q->gpa != 0
									     ? PVHLOAD_IMAGE_LOAD_AT
									     : 0 };

	*ret = (struct pvhload_image_load_result)PVHLOAD_IMAGE_LOAD_RESULT_INIT;
	return pvhload_image_load(image, &mem, &options, ret, NULL) == PVHLOAD_OK &&
	       entry_of(ret, q->protocol, ret_entry);
}

/* Is all of the range in regions of the kernel's? */
static bool kernel_has(const struct pvhload_plan_info *info, struct pvhload_range range)
{
	for (size_t i = 0; i < info->region_count; i++) {
		const struct pvhload_plan_region *r = info->regions[i];

		if ((r->kind == PVHLOAD_REGION_KERNEL || r->kind == PVHLOAD_REGION_KERNEL_IMAGE) &&
		    r->gpa <= range.gpa && range.gpa - r->gpa <= r->size &&
		    range.size <= r->size - (range.gpa - r->gpa))
			return true;
	}
	return false;
}

static bool compare(const struct question *q, const struct pvhload_plan_info *info,
		    const struct pvhload_image_load_result *r, uint64_t entry)
{
	const bool bzimage = q->model->is_bzimage && q->decompress == PVHLOAD_DECOMPRESS_GUEST;

	if (info->kernel_gpa != r->gpa || info->entry != entry)
		return differ(q,
			      "planned at 0x%" PRIx64 ", entry 0x%" PRIx64 "; loaded at 0x%" PRIx64
			      ", entry 0x%" PRIx64,
			      info->kernel_gpa, info->entry, r->gpa, entry);
	if (bzimage && !kernel_has(info, r->runtime))
		return differ(q, "what it runs in is not kept free by the plan");
	return true;
}

static bool ask_at(const struct question *q, struct tally *t)
{
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_boot_place place = PVHLOAD_BOOT_PLACE_INIT;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_image *image = loaded_by(q);
	struct pvhload_image_load_result result;
	struct pvhload_plan *plan = NULL;
	uint64_t entry = 0;
	bool loaded, good = true;

	config.image = q->model->image;
	config.memmap = &map;
	config.protocol = q->protocol;
	config.decompress = q->decompress;
	config.places = &place;
	config.place_count = q->gpa != 0 ? 1 : 0;
	place.kind = PVHLOAD_REGION_KERNEL;
	place.gpa = q->gpa;
	loaded = image && load(q, image, &result, &entry);
	/* Without a place, the planner may find another where a load does not look for one. */
	if ((pvhload_boot_plan(&config, &plan, &err) == PVHLOAD_OK) != loaded &&
	    (q->gpa != 0 || loaded))
		good = differ(q, "the planner says %s; loading says %s", plan ? "yes" : err.message,
			      loaded ? "yes" : "no");
	else if (loaded)
		good = compare(q, pvhload_plan_get_info(plan), &result, entry);
	t->asked++;
	t->yes += loaded;
	pvhload_plan_free(plan);
	return good;
}

/* What explain says is what info says; and where it says no, so do all others. */
static bool ask_explain(struct question *q, const struct pvhload_image_method *method)
{
	const struct pvhload_image *image = loaded_by(q);
	const struct pvhload_image_info *info = image ? pvhload_image_get_info(image) : NULL;
	bool has = false;

	if (info && q->protocol == PVHLOAD_PROTOCOL_PVH)
		has = info->pvh && model_has_code_at(&q->model->elf, info->pvh->entry);
	else if (info)
		has = q->protocol == PVHLOAD_PROTOCOL_X86_LINUX64 ? info->has_entry64
								  : info->has_entry32;
	/* An ELF file's entry is Linux's with a sign of Linux. */
	if (q->protocol != PVHLOAD_PROTOCOL_PVH && !q->model->is_bzimage)
		has &= q->model->elf.has_sign;
	if (has != (method->can != 0))
		return differ(q, "info says %s; explain says %s", has ? "yes" : "no",
			      method->reason);
	return true;
}

/* Its own place, and where its rules change. */
static size_t list_places(const struct model_image *m, uint64_t places[PLACES_MAX])
{
	static const uint64_t others[] = { 0x1000, 3 * MIB, UINT64_C(1) << 46,
					   (UINT64_C(1) << 46) - 2 * MIB };
	const uint64_t own = m->is_bzimage ? m->bzimage.preferred : m->elf.low;
	const uint64_t steps[] = {
		0,       0x1000,   0x10000, m->bzimage.min_alignment, m->bzimage.alignment, MIB,
		2 * MIB, 16 * MIB, 4 * GIB
	};
	size_t count = 0;

	for (size_t i = 0; i < SCENE_USUAL_PLACES; i++)
		places[count++] = scene_usual_places[i];
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		places[count++] = others[i];
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		places[count++] = own + steps[i];
		places[count++] = own - steps[i];
	}
	places[count++] = m->elf.reloc_min;
	places[count++] = m->elf.reloc_end - (m->elf.end - m->elf.low);
	places[count++] = m->bzimage.code32_start;
	return count;
}

static bool ask_everywhere(struct question *q, struct tally *t)
{
	uint64_t places[PLACES_MAX];
	const size_t count = list_places(q->model, places);
	bool good;

	q->gpa = 0;
	good = ask_at(q, t);
	for (size_t i = 0; i < count; i++) {
		q->gpa = places[i];
		if (q->gpa == 0 || q->gpa > UINT64_C(1) << 60)
			continue;
		good &= ask_at(q, t);
	}
	return good;
}

static bool ask_of(const struct model_image *m, size_t number, struct tally *t)
{
	struct pvhload_image_explanation *e = NULL;
	bool good = true;

	if (pvhload_image_explain(m->image, &e, NULL) != PVHLOAD_OK)
		return false;
	for (size_t i = 0; i < e->count; i++) {
		struct question q = { m, number, e->methods[i]->protocol, e->methods[i]->decompress,
				      0 };

		/* A bzImage without a payload is loaded as it is. */
		if (m->is_bzimage && q.decompress == 0 && q.protocol != PVHLOAD_PROTOCOL_PVH)
			q.decompress = PVHLOAD_DECOMPRESS_GUEST;
		good &= ask_explain(&q, e->methods[i]);
		if (!m->is_bzimage || q.decompress != 0)
			good &= ask_everywhere(&q, t);
	}
	pvhload_image_explanation_free(e);
	return good;
}

int main(void)
{
	static struct model_image pool[POOL_SIZE];
	struct random r = { 0x5eed0000u };
	struct tally t = { 0, 0 };
	bool good = true;

	pool_make(pool, &r);
	for (size_t i = 0; i < POOL_SIZE; i++)
		good &= ask_of(&pool[i], i, &t);
	pool_free(pool);
	printf("# %lu questions about %u images, %lu answered by yes: %s\n", t.asked, POOL_SIZE,
	       t.yes, good ? "one answer" : "answers differ");
	return good && t.asked > 10000 && t.yes > 1000 ? EXIT_SUCCESS : EXIT_FAILURE;
}
