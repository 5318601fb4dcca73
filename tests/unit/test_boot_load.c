/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * pvhload_boot_load(): what is in guest memory, and what it tells, is the same as by planning and committing, whether the
 * payload is decoded in place or not.
 */
#include <stdio.h>

#include "both_ways.h"
#include "pools.h"

#define RAM_SIZE (24u << 20)
#define SMALL    0x180u
#define LARGE    0x210000u /* each segment is moved in several steps */
#define DIRECT   (FAKE_ZERO | FAKE_HOST_PTR)

/* A bzImage that has @spec in it, in a config. */
struct boot {
	struct both_ways both;
	struct plan_fixture f;
	struct bytes elf;
	struct elf_spec spec;
	struct pvhload_range range; /* all of the payload, in place */
};

static void use_codec(struct boot *b, enum codec codec)
{
	use_bytes(&b->f, build_compressed(&b->elf, codec));
}

static void setup_spec(struct boot *b, const struct elf_spec *spec, unsigned int callbacks)
{
	plan_setup(&b->f, RAM_SIZE);
	b->spec = *spec;
	b->elf = build_elf(spec);
	b->range = moved_range(spec);
	use_codec(b, GZIP);
	both_setup(&b->both, RAM_SIZE, callbacks);
}

static void setup(struct boot *b, size_t unit, unsigned int callbacks)
{
	const struct elf_spec spec = moved_kernel(unit);

	setup_spec(b, &spec, callbacks);
}

static void teardown(struct boot *b)
{
	both_teardown(&b->both);
	plan_teardown(&b->f);
	bytes_free(&b->elf);
}

START_TEST(all_codecs)
{
	static const size_t units[] = { SMALL, LARGE };
	struct boot b;

	for (size_t i = 0; i < 2; i++) {
		setup(&b, units[i], DIRECT);
		for (enum codec codec = 0; codec < CODECS; codec++) {
			if (skip_without(codec))
				continue;
			use_codec(&b, codec);
			loads_the_same(&b.both, &b.f.config, b.range);
		}
		teardown(&b);
	}
}
END_TEST

/* By the caller's threads, where the codec can; what a pool leaves out is decoded all the same. */
START_TEST(by_threads)
{
	const pool_run runs[] = { pool_of_two_threads, pool_in_reverse, pool_of_less };
	struct boot b;

	if (skip_without(LZ4))
		return;
	setup(&b, 6u << 20, DIRECT); /* three chunks */
	use_codec(&b, LZ4);
	for (size_t i = 0; i < 3; i++) {
		struct pool_calls calls = { .runs = 0 };
		const struct pvhload_pool pool = pool_of(runs[i], &calls);

		b.f.config.pool = &pool;
		loads_the_same(&b.both, &b.f.config, b.range);
		ck_assert_uint_gt(calls.runs, 0);
		b.f.config.pool = NULL;
	}
	teardown(&b);
}
END_TEST

/* Regions begin in the same order, each once. */
static char begun[512];

static int note_region(void *user, const struct pvhload_plan_region *region)
{
	const size_t used = strlen(begun);

	(void)user;
	ck_assert_uint_lt(used + strlen(region->name) + 2, sizeof(begun));
	snprintf(begun + used, sizeof(begun) - used, "%s,", region->name);
	return 0;
}

START_TEST(regions_begin)
{
	char expected[sizeof(begun)];
	struct pvhload_plan *plan = NULL;
	struct pvhload_error err;
	struct boot b;

	setup(&b, SMALL, DIRECT);
	b.f.config.cmdline = "some";
	b.both.planned.ops.begin_region = b.both.loaded.ops.begin_region = note_region;
	b.both.planned.memory.flags = b.both.loaded.memory.flags = PVHLOAD_MEMORY_ZEROED;
	/* decoding is before the first region */
	b.both.planned.regions = b.both.loaded.regions = 1;
	b.both.planned.region.size = b.both.loaded.region.size = RAM_SIZE;
	begun[0] = '\0';
	ck_status(PVHLOAD_OK, err, pvhload_boot_plan(&b.f.config, &plan, &err));
	ck_status(PVHLOAD_OK, err, pvhload_plan_commit(plan, &b.both.planned.memory, &err));
	pvhload_plan_free(plan);
	memcpy(expected, begun, sizeof(begun));
	begun[0] = '\0';
	plan = NULL;
	pvhload_image_drop_payload(b.f.image);
	ck_status(PVHLOAD_OK, err,
		  pvhload_boot_load(&b.f.config, &b.both.loaded.memory, &plan, &err));
	pvhload_plan_free(plan);
	ck_assert_str_eq(begun, expected);
	ck_assert_ptr_nonnull(strstr(begun, "kernel,"));
	teardown(&b);
}
END_TEST

static int64_t read_bytes(void *user, uint64_t offset, void *dst, size_t len)
{
	const struct bytes *bytes = user;

	memcpy(dst, bytes->data + offset, len);
	return (int64_t)len;
}

/* Read as it is decoded; by threads, all of it is read before. */
START_TEST(chunk_by_chunk)
{
	struct pool_calls calls = { .runs = 0 };
	const struct pvhload_pool pool = pool_of(pool_in_reverse, &calls);
	struct pvhload_source source;
	struct boot b;

	if (skip_without(LZ4))
		return;
	setup(&b, 6u << 20, DIRECT); /* three chunks */
	use_codec(&b, LZ4);
	b.f.config.image = NULL;
	b.f.config.kernel = &source;
	source = pvhload_source_reader(read_bytes, &b.f.bytes, b.f.bytes.size);
	loads_the_same(&b.both, &b.f.config, b.range);
	b.f.config.pool = &pool;
	loads_the_same(&b.both, &b.f.config, b.range);
	ck_assert_uint_gt(calls.runs, 0);
	b.f.config.pool = NULL;
	teardown(&b);
}
END_TEST

/* From a source of its own, from a reader, and a payload that is not compressed. */
START_TEST(all_sources)
{
	struct pvhload_source source;
	struct bzimage_spec spec = { .no_trailer = true };
	struct boot b;

	setup(&b, SMALL, DIRECT);
	b.f.config.image = NULL;
	b.f.config.kernel = &source;
	source = pvhload_source_buffer(b.f.bytes.data, b.f.bytes.size);
	loads_the_same(&b.both, &b.f.config, b.range);
	source = pvhload_source_reader(read_bytes, &b.f.bytes, b.f.bytes.size);
	loads_the_same(&b.both, &b.f.config, b.range);
	spec.payload = b.elf.data;
	spec.payload_size = b.elf.size;
	use_bytes(&b.f, build_bzimage(&spec));
	b.f.config.image = NULL;
	source = pvhload_source_buffer(b.f.bytes.data, b.f.bytes.size);
	loads_the_same(&b.both, &b.f.config, nowhere);
	teardown(&b);
}
END_TEST

/* What the payload is decoded to is no place for another's bytes, or no RAM, or nobody asked for it: it is not in place. */
START_TEST(not_in_place)
{
	const struct pvhload_boot_keep_free before = KEEP_FREE(MOVED_GPA - 0x1000, 0x1000, "mine");
	struct pvhload_error err;
	struct boot b;

	setup(&b, SMALL, FAKE_ZERO); /* no host_ptr */
	loads_the_same(&b.both, &b.f.config, nowhere);
	teardown(&b);

	setup(&b, SMALL, DIRECT);
	b.f.config.keep_free = &before;
	b.f.config.keep_free_count = 1;
	loads_the_same(&b.both, &b.f.config, nowhere);
	b.f.config.keep_free_count = 0;
	b.f.config.cmdline = "memmap=0x1000$0x1ff000";
	b.f.config.flags = PVHLOAD_BOOT_LINUX;
	loads_the_same(&b.both, &b.f.config, nowhere);
	b.f.config.cmdline = NULL;
	b.f.config.flags = 0;
	ck_status(PVHLOAD_OK, err,
		  pvhload_memmap_reserve(&b.f.map, MOVED_GPA - 0x1000, 0x1000,
					 PVHLOAD_MEMMAP_RESERVED, &err));
	loads_the_same(&b.both, &b.f.config, nowhere);
	teardown(&b);

	/* the segments' bytes are in another order than their addresses */
	setup(&b, SMALL, DIRECT);
	poke(&b.elf, elf_phdr_offset(&b.spec, 2) + 8, elf_segment_offset(&b.spec, 3), 8);
	poke(&b.elf, elf_phdr_offset(&b.spec, 3) + 8, elf_segment_offset(&b.spec, 2), 8);
	use_codec(&b, GZIP);
	loads_the_same(&b.both, &b.f.config, nowhere);
	teardown(&b);
}
END_TEST

/* Somebody has decoded it, and the guest gets that. */
START_TEST(decoded_before)
{
	struct pvhload_plan *plan = NULL;
	struct pvhload_error err;
	struct boot b;

	setup(&b, SMALL, DIRECT);
	ck_status(PVHLOAD_OK, err, pvhload_image_decode(b.f.image, &err));
	ck_status(PVHLOAD_OK, err,
		  pvhload_boot_load(&b.f.config, &b.both.loaded.memory, &plan, &err));
	ck_assert_uint_eq(b.both.loaded.bytes[MOVED_GPA - 1], FAKE_PATTERN);
	ck_assert_ptr_nonnull(pvhload_image_payload(b.f.image));
	pvhload_plan_free(plan);

	/* what is decoded in place is nobody else's */
	pvhload_image_drop_payload(b.f.image);
	plan = NULL;
	ck_status(PVHLOAD_OK, err,
		  pvhload_boot_load(&b.f.config, &b.both.loaded.memory, &plan, &err));
	ck_assert_uint_eq(b.both.loaded.bytes[MOVED_GPA - 1], 0);
	ck_assert_ptr_null(pvhload_image_payload(b.f.image));
	pvhload_plan_free(plan);
	teardown(&b);
}
END_TEST

/* A memory whose pieces end at an address, and are no longer than so much. */
static struct {
	void *(*host_ptr)(void *user, uint64_t gpa, uint64_t len);
	uint64_t border, most;
	uint64_t least; /* below it, there is none */
} pieces;

static void *piece(void *user, uint64_t gpa, uint64_t len)
{
	const bool crosses = gpa < pieces.border && gpa + len > pieces.border;

	if (len > pieces.most || gpa < pieces.least || crosses)
		return NULL;
	return pieces.host_ptr(user, gpa, len);
}

/* Windows of the parts that are moved, or none: then through write, 64 KiB at a time. */
START_TEST(pieces_of_memory)
{
	struct boot b;
	uint64_t end;

	setup(&b, LARGE, DIRECT);
	pieces.host_ptr = b.both.loaded.ops.host_ptr;
	b.both.loaded.ops.host_ptr = piece;
	end = b.range.gpa + b.range.size;
	pieces.most = UINT64_MAX;
	for (uint64_t border = end - 1; border <= end + 1; border++) {
		pieces.border = border;
		loads_the_same(&b.both, &b.f.config, border < end ? nowhere : b.range);
	}
	pieces.border = 0;
	pieces.most = b.range.size - 1;
	loads_the_same(&b.both, &b.f.config, nowhere);
	pieces.most = UINT64_MAX;
	pieces.least = b.range.gpa + 1;
	loads_the_same(&b.both, &b.f.config, nowhere);
	teardown(&b);
}
END_TEST

/* Asked for elsewhere, and decoded there; or moved by the planner, after it was decoded. */
START_TEST(other_places)
{
	static const uint8_t reloc[12] = { 0, 0x10, 0, 0, 0, 0, 0x10, 0, 0xff, 0xff, 0xff, 0 };
	struct elf_spec spec = moved_kernel(LARGE);
	struct pvhload_boot_keep_free taken[] = { KEEP_FREE(0, 0x1000, "mine"),
						  KEEP_FREE(0x180000, 0x1000, "mine, too") };
	struct pvhload_range range;
	uint8_t notes[128];
	struct boot b;

	memcpy(notes, spec.segments[1].bytes, spec.segments[1].file_size);
	spec.segments[1].file_size =
		put_note(notes, spec.segments[1].file_size, "Xen", 19, reloc, sizeof(reloc), 4);
	spec.segments[1].mem_size = spec.segments[1].file_size;
	spec.segments[1].bytes = notes;
	spec.segments[3].mem_size += 0x10000;
	setup_spec(&b, &spec, DIRECT);
	loads_the_same(&b.both, &b.f.config, b.range);
	range = b.range;
	for (int i = 0; i < 2; i++) {
		const uint64_t gpa = i ? 0x111000 : 0x613000;

		set_place(&b.f, PVHLOAD_REGION_KERNEL, 0, gpa);
		range.gpa = b.range.gpa + gpa - MOVED_GPA;
		loads_the_same(&b.both, &b.f.config, range);
	}
	set_place(&b.f, PVHLOAD_REGION_KERNEL, 0, 0);

	/* in its .bss, which has no bytes in the file: the lowest place is down, or up */
	b.f.config.keep_free = taken;
	b.f.config.keep_free_count = 1;
	taken[0].gpa = spec.segments[3].paddr + spec.segments[3].mem_size - 0x10;
	loads_the_same(&b.both, &b.f.config, b.range);
	b.f.config.keep_free_count = 2;
	loads_the_same(&b.both, &b.f.config, b.range);
	b.f.config.keep_free_count = 0;
	teardown(&b);
}
END_TEST

/* It has no entry for PVH, so it decodes itself: what was decoded in place is nothing then. */
START_TEST(another_method)
{
	struct elf_spec spec = moved_kernel(LARGE);
	struct boot b;

	spec.segments[1] = (struct part){ PH_NOTE, 0, "none", 4, 4, 4 };
	setup_spec(&b, &spec, DIRECT);
	b.f.config.protocol = PVHLOAD_PROTOCOL_AUTO;
	b.f.config.cmdline = "nokaslr";
	set_field(&b.f, 0x258, 0x400000, 8);
	set_field(&b.f, 0x260, 0x800000, 4);
	loads_the_same(&b.both, &b.f.config, b.range);

	/* by the payload's own entry */
	b.f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX64;
	b.f.config.decompress = PVHLOAD_DECOMPRESS_HOST;
	loads_the_same(&b.both, &b.f.config, b.range);

	/* the last that could be does not fit either */
	b.f.config.decompress = PVHLOAD_DECOMPRESS_AUTO;
	b.f.config.protocol = PVHLOAD_PROTOCOL_AUTO;
	set_field(&b.f, 0x260, 0x3000000, 4);
	b.f.config.flags = PVHLOAD_BOOT_NOT_LINUX;
	fails_the_same(&b.both, &b.f.config, b.range, PVHLOAD_E_NO_ROOM);
	teardown(&b);
}
END_TEST

/* What is decoded is no kernel that the library takes, which the kernel itself may: nothing of it stays. */
START_TEST(another_method_after_failure)
{
	struct elf_spec spec = moved_kernel(LARGE);
	struct pvhload_source source;
	struct boot b;

	spec.machine = MACHINE_AARCH64;
	setup_spec(&b, &spec, DIRECT);
	set_field(&b.f, 0x258, 0x400000, 8);
	set_field(&b.f, 0x260, 0x800000, 4);
	source = pvhload_source_buffer(b.f.bytes.data, b.f.bytes.size);
	b.f.config.image = NULL; /* which would remember the failure */
	b.f.config.kernel = &source;
	b.f.config.protocol = PVHLOAD_PROTOCOL_AUTO;
	b.f.config.cmdline = "nokaslr";
	loads_the_same(&b.both, &b.f.config, b.range);
	teardown(&b);
}
END_TEST

/* The source has other bytes when the plan is committed once more, or read. */
START_TEST(read_again)
{
	struct pvhload_plan *plan = NULL;
	struct pvhload_error err;
	uint8_t byte;
	struct boot b;

	setup(&b, SMALL, DIRECT);
	ck_status(PVHLOAD_OK, err,
		  pvhload_boot_load(&b.f.config, &b.both.loaded.memory, &plan, &err));
	memset(b.f.bytes.data + bzimage_payload_offset(&(struct bzimage_spec){ .version = 0 }) + 20,
	       0xff, 40);
	ck_status(PVHLOAD_E_SOURCE, err, pvhload_plan_commit(plan, &b.both.planned.memory, &err));
	ck_says(err, "kernel", "has changed since it was opened");
	ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_KERNEL);
	for (size_t i = 0; i < pvhload_plan_get_info(plan)->region_count; i++)
		if (pvhload_plan_get_info(plan)->regions[i]->kind == PVHLOAD_REGION_KERNEL)
			ck_status(PVHLOAD_E_SOURCE, err,
				  pvhload_plan_read_region(plan, i, 0, &byte, 1, &err));
	pvhload_plan_free(plan);
	teardown(&b);
}
END_TEST

/* A .bss that begins below the RAM that is decoded to and ends in it, and an initrd there: fresh RAM is not zero. */
START_TEST(zeros_across)
{
	static const uint8_t zeros[0x4000];
	static uint8_t padding[0x90000]; /* in the file, and nowhere in the guest */
	const struct pvhload_source initrd = pvhload_source_buffer(zeros, sizeof(zeros));
	struct elf_spec spec = moved_kernel(SMALL);
	struct boot b;

	memmove(spec.segments + 2, spec.segments, 4 * sizeof(spec.segments[0]));
	spec.segments[0] = (struct part){ 0, 0, padding, sizeof(padding), 1, 1 };
	spec.segments[1] = (struct part){ PH_LOAD, 0x100000, NULL, 0, 0x80000, 1 };
	memset(padding, 0x5a, sizeof(padding));
	spec.segment_count = 6;
	setup_spec(&b, &spec, DIRECT);
	b.range = (struct pvhload_range){ MOVED_GPA - elf_segment_offset(&spec, 2), b.elf.size };
	ck_assert(b.range.gpa > 0x100000 && b.range.gpa < 0x180000);
	b.f.config.flags = PVHLOAD_BOOT_NOT_LINUX; /* which has what is between its segments */
	b.f.config.initrds = &initrd;
	b.f.config.initrd_count = 1;
	set_place(&b.f, PVHLOAD_REGION_INITRD, 0, MOVED_GPA - 0x70000);
	loads_the_same(&b.both, &b.f.config, b.range);
	teardown(&b);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("boot_load");

	ADD_TESTS(suite, "boot_load", all_codecs, by_threads, chunk_by_chunk, regions_begin,
		  all_sources, not_in_place, decoded_before, pieces_of_memory, other_places,
		  another_method, another_method_after_failure, read_again, zeros_across);
	return run_suite(suite);
}
