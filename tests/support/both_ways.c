/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "both_ways.h"

#include <stdio.h>

const struct pvhload_range nowhere = { 0, 0 };

#define CLEARED "; the RAM that the payload was decoded to, ["

void both_setup(struct both_ways *both, uint64_t ram, unsigned int callbacks)
{
	fake_memory_init(&both->planned, ram, callbacks);
	fake_memory_init(&both->loaded, ram, callbacks);
}

void both_teardown(struct both_ways *both)
{
	fake_memory_free(&both->planned);
	fake_memory_free(&both->loaded);
}

static void fill(struct fake_memory *fake, bool fresh)
{
	memset(fake->bytes, fresh ? 0 : FAKE_PATTERN, (size_t)fake->size);
	fake->memory.flags = fresh ? PVHLOAD_MEMORY_ZEROED : 0;
	fake->strayed = false;
}

static void plan_and_commit(struct fake_memory *fake, const struct pvhload_boot_config *config,
			    struct pvhload_plan **plan)
{
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_boot_plan(config, plan, &err));
	ck_status(PVHLOAD_OK, err, pvhload_plan_commit(*plan, &fake->memory, &err));
}

static void same_plans(const struct pvhload_plan *a, const struct pvhload_plan *b)
{
	const struct pvhload_plan_info *x = pvhload_plan_get_info(a), *y = pvhload_plan_get_info(b);

	ck_assert_str_eq(x->reason, y->reason);
	ck_assert_uint_eq(x->entry, y->entry);
	ck_assert_uint_eq(x->kernel_gpa, y->kernel_gpa);
	ck_assert_uint_eq(x->protocol, y->protocol);
	ck_assert_uint_eq(x->decompress, y->decompress);
	ck_assert_uint_eq(x->guest, y->guest);
	ck_assert_uint_eq(x->cmdline_max, y->cmdline_max);
	ck_assert_mem_eq(x->x86_cpu, y->x86_cpu, sizeof(*x->x86_cpu));
	ck_assert_uint_eq(x->attempt_count, y->attempt_count);
	for (size_t i = 0; i < x->attempt_count; i++) {
		ck_assert_int_eq(x->attempts[i]->status, y->attempts[i]->status);
		ck_assert_str_eq(x->attempts[i]->message, y->attempts[i]->message);
	}
	ck_assert_uint_eq(x->region_count, y->region_count);
	for (size_t i = 0; i < x->region_count; i++) {
		ck_assert_str_eq(x->regions[i]->name, y->regions[i]->name);
		ck_assert_uint_eq(x->regions[i]->gpa, y->regions[i]->gpa);
		ck_assert_uint_eq(x->regions[i]->size, y->regions[i]->size);
		ck_assert_uint_eq(x->regions[i]->kind, y->regions[i]->kind);
		ck_assert_uint_eq(x->regions[i]->reason, y->regions[i]->reason);
	}
}

/* The regions of a plan, read, are what @fake has; it was fresh. */
static void same_regions(const struct pvhload_plan *plan, const struct fake_memory *fake)
{
	const struct pvhload_plan_info *info = pvhload_plan_get_info(plan);

	for (size_t i = 0; i < info->region_count; i++) {
		const struct pvhload_plan_region *r = info->regions[i];
		uint8_t *bytes = malloc((size_t)r->size);
		struct pvhload_error err;

		ck_status(PVHLOAD_OK, err,
			  pvhload_plan_read_region(plan, i, 0, bytes, (size_t)r->size, &err));
		ck_assert_mem_eq(bytes, fake->bytes + r->gpa, (size_t)r->size);
		free(bytes);
	}
}

/* @expected has what no region has as it was; in @decoded, it is zeros now. */
static void same_bytes(const struct fake_memory *expected, const struct fake_memory *fake,
		       struct pvhload_range decoded, const uint8_t *zeroed)
{
	const uint64_t end = decoded.gpa + decoded.size;

	ck_assert(!fake->strayed);
	ck_assert_mem_eq(fake->bytes, expected->bytes, (size_t)decoded.gpa);
	if (decoded.size > 0)
		ck_assert_mem_eq(fake->bytes + decoded.gpa, zeroed, (size_t)decoded.size);
	ck_assert_mem_eq(fake->bytes + end, expected->bytes + end, (size_t)(fake->size - end));
}

void loads_the_same(struct both_ways *both, const struct pvhload_boot_config *config,
		    struct pvhload_range decoded)
{
	uint8_t *zeroed = malloc((size_t)decoded.size + 1);
	struct pvhload_plan *plan = NULL, *loaded = NULL;
	struct pvhload_error err;

	fill(&both->planned, true);
	plan_and_commit(&both->planned, config, &plan);
	memcpy(zeroed, both->planned.bytes + decoded.gpa, (size_t)decoded.size);
	for (int fresh = 0; fresh < 2; fresh++) {
		fill(&both->planned, fresh);
		ck_status(PVHLOAD_OK, err, pvhload_plan_commit(plan, &both->planned.memory, &err));
		fill(&both->loaded, fresh);
		pvhload_image_drop_payload(config->image);
		pvhload_plan_free(loaded);
		loaded = NULL;
		ck_status(PVHLOAD_OK, err,
			  pvhload_boot_load(config, &both->loaded.memory, &loaded, &err));
		same_plans(plan, loaded);
		same_bytes(&both->planned, &both->loaded, decoded, zeroed);
	}
	same_regions(loaded, &both->planned);
	fill(&both->loaded, true);
	ck_status(PVHLOAD_OK, err, pvhload_plan_commit(loaded, &both->loaded.memory, &err));
	same_bytes(&both->planned, &both->loaded, nowhere, NULL);
	pvhload_plan_free(plan);
	pvhload_plan_free(loaded);
	free(zeroed);
}

/* Cut off the words of RAM that was cleared; where it was. */
static struct pvhload_range cut_words(struct pvhload_error *err)
{
	char *words = strstr(err->message, CLEARED);
	uint64_t start = 0, end = 0;
	int used = 0;

	if (!words)
		return nowhere;
	ck_assert_int_eq(sscanf(words + strlen(CLEARED),
				"%" SCNx64 ", %" SCNx64 "), has been cleared%n", &start, &end,
				&used),
			 2);
	ck_assert_int_gt(used, 0);
	ck_assert(words[strlen(CLEARED) + (size_t)used] == '\0');
	*words = '\0';
	return (struct pvhload_range){ start, end - start };
}

/* In memory that was all pattern; it is so again. */
static void only_cleared(struct fake_memory *fake, struct pvhload_range cleared)
{
	if (cleared.size > 0)
		fake_memory_take(fake, cleared.gpa, NULL, (size_t)cleared.size);
	ck_assert(fake_memory_untouched(fake));
}

struct pvhload_error load_fails(const struct pvhload_boot_config *config,
				const struct pvhload_memory *mem, enum pvhload_status status,
				bool *ret_cleared)
{
	struct pvhload_plan *const untouched = (struct pvhload_plan *)(uintptr_t)0x5a5a;
	struct pvhload_plan *made = untouched;
	struct pvhload_error err;

	pvhload_image_drop_payload(config->image);
	ck_status(status, err, pvhload_boot_load(config, mem, &made, &err));
	ck_assert_ptr_eq(made, untouched);
	*ret_cleared = cut_words(&err).size > 0;
	return err;
}

static void same_errors(const struct pvhload_error *a, const struct pvhload_error *b)
{
	ck_assert_int_eq(a->status, b->status);
	ck_assert_str_eq(a->message, b->message);
	ck_assert_uint_eq(a->offset, b->offset);
	ck_assert_uint_eq(a->gpa, b->gpa);
	ck_assert_uint_eq(a->subject, b->subject);
	ck_assert_uint_eq(a->index, b->index);
	ck_assert_int_eq(a->cause, b->cause);
}

struct pvhload_error fails_the_same(struct both_ways *both,
				    const struct pvhload_boot_config *config,
				    struct pvhload_range decoded, enum pvhload_status status)
{
	struct pvhload_plan *plan = NULL;
	struct pvhload_error err, other;
	struct pvhload_range cleared;

	fill(&both->loaded, false);
	pvhload_image_drop_payload(config->image);
	ck_status(status, err, pvhload_boot_load(config, &both->loaded.memory, &plan, &err));
	cleared = cut_words(&err);
	ck_assert_uint_eq(cleared.size, decoded.size);
	ck_assert_uint_eq(cleared.gpa, decoded.gpa);
	only_cleared(&both->loaded, cleared);
	ck_status(status, other, pvhload_boot_plan(config, &plan, &other));
	same_errors(&err, &other);
	ck_assert_ptr_null(plan);
	return err;
}

/* Where they differ, it is for zeros instead of the pattern. */
static void same_but_zeros(const struct both_ways *both)
{
	for (uint64_t i = 0; i < both->planned.size; i++) {
		const uint8_t a = both->planned.bytes[i], b = both->loaded.bytes[i];

		if (a != b)
			ck_assert(a == FAKE_PATTERN && b == 0);
	}
}

void ends_the_same(struct both_ways *both, const struct pvhload_boot_config *config)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT, other = PVHLOAD_ERROR_INIT;
	struct pvhload_plan *loaded = NULL, *plan = NULL;
	const enum pvhload_status status =
		pvhload_boot_load(config, &both->loaded.memory, &loaded, &err);
	const struct pvhload_range cleared = cut_words(&err);

	ck_assert_int_eq(pvhload_boot_plan(config, &plan, &other), status);
	same_errors(&err, &other);
	if (status != PVHLOAD_OK) {
		only_cleared(&both->loaded, cleared);
		return;
	}
	ck_status(PVHLOAD_OK, err, pvhload_plan_commit(plan, &both->planned.memory, &err));
	same_plans(plan, loaded);
	same_but_zeros(both);
	fill(&both->planned, false);
	fill(&both->loaded, false);
	pvhload_plan_free(plan);
	pvhload_plan_free(loaded);
}

/* Bytes that say where they are, most of them; the sign of Linux is not among them. */
static uint8_t *pattern(size_t size, uint32_t seed)
{
	static uint8_t *all[3];
	uint8_t *bytes = all[seed] = realloc(all[seed], size);

	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(i % 7 ? (i >> 8) * 31 + i / 40 + seed * 85 : i >> 3);
	return bytes;
}

struct elf_spec moved_kernel(size_t unit)
{
	static uint8_t notes[64];
	const uint64_t second = MOVED_GPA + unit, third = second + unit + sizeof(notes) + MOVED_UP;
	const uint32_t entry = MOVED_GPA + 0x10;
	uint8_t value[8] = { 0 };
	size_t size;

	memcpy(value, (uint8_t[]){ entry & 0xff, (uint8_t)(entry >> 8), (uint8_t)(entry >> 16) },
	       3);
	size = put_note(notes, 0, "Xen", 18, value, sizeof(value), 4);
	return (struct elf_spec){
		.entry = MOVED_GPA,
		.segments = {
			{ PH_LOAD, MOVED_GPA, pattern(unit, 0), unit, unit, 0x1000 },
			{ PH_NOTE, 0, notes, size, size, 4 },
			{ PH_LOAD, second, pattern(unit, 1), unit, unit, 0x1000 },
			{ PH_LOAD, third, pattern(unit, 2), unit, unit + 0x2345, 0x1000 },
		},
		.segment_count = 4,
		.tail = "relocations and the like",
		.tail_size = 24,
	};
}

struct elf_spec down_kernel(size_t unit, const uint8_t *gap, size_t gap_size)
{
	static const uint8_t reloc[12] = { 0, 0x10, 0, 0, 0, 0, 0x10, 0, 0xff, 0xff, 0xff, 0 };
	static uint8_t notes[128];
	const struct elf_spec moved = moved_kernel(unit);
	struct elf_spec spec = moved;
	struct part *note = &spec.segments[0];

	*note = moved.segments[1];
	memcpy(notes, note->bytes, note->file_size);
	note->bytes = notes;
	note->file_size = put_note(notes, note->file_size, "Xen", 19, reloc, sizeof(reloc), 4);
	note->mem_size = note->file_size;
	spec.segments[1] = moved.segments[0];
	spec.segments[2] = (struct part){ 0, 0, gap, gap_size, 0, 1 };
	spec.segments[3] = moved.segments[2];
	spec.segments[4] = (struct part){ 0, 0, gap, gap_size, 0, 1 };
	spec.segments[5] = moved.segments[3];
	spec.segments[5].paddr = moved.segments[2].paddr + unit;
	spec.segment_count = 6;
	return spec;
}

struct pvhload_range moved_range(const struct elf_spec *spec)
{
	struct bytes elf = build_elf(spec);
	const struct pvhload_range range = { MOVED_GPA - elf_segment_offset(spec, 0), elf.size };

	bytes_free(&elf);
	return range;
}

struct bytes compress_in_chunks(const struct bytes *raw, enum codec codec, size_t chunk)
{
	struct bytes all = bytes_zero(0);

	for (size_t done = 0; done < raw->size; done += chunk) {
		const size_t left = raw->size - done;
		struct bytes part = bytes_copy(raw->data + done, left < chunk ? left : chunk);
		struct bytes stream = codecs[codec].compress(&part),
			     more = bytes_join(&all, &stream);

		bytes_free(&part);
		bytes_free(&stream);
		bytes_free(&all);
		all = more;
	}
	return all;
}
