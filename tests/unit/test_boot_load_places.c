/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * pvhload_boot_load(): to where in the guest's RAM the payload is decoded, by the memory's own map, by the place that is
 * asked for, and by segments without bytes.
 */
#include "both_ways.h"

#define RAM_SIZE (24u << 20)
#define UNIT     0x180u
#define DIRECT   (FAKE_ZERO | FAKE_HOST_PTR)
/* How far the segment without bytes is below the others: less than what is before them in the file, which is nobody's. */
#define BELOW 0x40u

struct boot {
	struct both_ways both;
	struct plan_fixture f;
	struct elf_spec spec;
	struct pvhload_range range; /* all of the payload, in place */
};

/* Of a kernel that can be moved, by 4 KiB; with a segment of .bss below its others, or not. */
static void setup_codec(struct boot *b, bool below, enum codec codec)
{
	static const uint8_t reloc[12] = { 0, 0x10, 0, 0, 0, 0, 0x10, 0, 0xff, 0xff, 0xff, 0 };
	static uint8_t notes[128];
	struct bytes elf;

	plan_setup(&b->f, RAM_SIZE);
	both_setup(&b->both, RAM_SIZE, DIRECT);
	b->spec = moved_kernel(UNIT);
	memcpy(notes, b->spec.segments[1].bytes, b->spec.segments[1].file_size);
	b->spec.segments[1].mem_size = b->spec.segments[1].file_size =
		put_note(notes, b->spec.segments[1].file_size, "Xen", 19, reloc, sizeof(reloc), 4);
	b->spec.segments[1].bytes = notes;
	if (below)
		b->spec.segments[b->spec.segment_count++] =
			(struct part){ PH_LOAD, MOVED_GPA - BELOW, NULL, 0, 0x20, 1 };
	b->range = moved_range(&b->spec);
	elf = build_elf(&b->spec);
	use_bytes(&b->f, build_compressed(&elf, codec));
	bytes_free(&elf);
}

static void setup(struct boot *b, bool below)
{
	setup_codec(b, below, GZIP);
}

static void teardown(struct boot *b)
{
	both_teardown(&b->both);
	plan_teardown(&b->f);
}

/* The memory's own map has the last word on what is RAM, where no region is either. */
START_TEST(map_of_the_memory)
{
	struct pvhload_memmap_entry entries[8];
	struct pvhload_memmap map = PVHLOAD_MEMMAP_INIT;
	struct pvhload_error err;
	struct boot b;

	setup(&b, false);
	map.entries = entries;
	map.capacity = 8;
	ck_status(PVHLOAD_OK, err, pvhload_memmap_add(&map, 0, RAM_SIZE, PVHLOAD_MEMMAP_RAM, &err));
	b.both.loaded.memory.memmap = &map;
	loads_the_same(&b.both, &b.f.config, b.range);

	/* but for a byte that is decoded there alone */
	ck_status(PVHLOAD_OK, err,
		  pvhload_memmap_reserve(&map, b.range.gpa, 1, PVHLOAD_MEMMAP_RESERVED, &err));
	loads_the_same(&b.both, &b.f.config, nowhere);
	b.both.loaded.memory.memmap = NULL;
	teardown(&b);
}
END_TEST

/* Where the kernel is linked, or asked to be: its lowest address, which may be that of a segment without bytes. */
START_TEST(lowest_segment_without_bytes)
{
	static const uint64_t places[] = { 0, 0x111000, 0x613000, 0x800000 };

	for (int below = 0; below < 2; below++) {
		const uint64_t lowest = MOVED_GPA - (below ? BELOW : 0);
		struct pvhload_range range;
		struct boot b;

		setup(&b, below);
		range = b.range;
		for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
			set_place(&b.f, PVHLOAD_REGION_KERNEL, 0, places[i]);
			if (places[i] != 0)
				range.gpa = b.range.gpa + places[i] - lowest;
			loads_the_same(&b.both, &b.f.config, range);
		}
		teardown(&b);
	}
}
END_TEST

/* A file, and how often one byte of its payload has been read. */
struct counted {
	const struct bytes *file;
	uint64_t at;
	unsigned int times;
};

static int64_t read_counted(void *user, uint64_t offset, void *dst, size_t len)
{
	struct counted *c = user;

	memcpy(dst, c->file->data + offset, len);
	if (offset <= c->at && c->at - offset < len)
		c->times++;
	return (int64_t)len;
}

/* In place or, as something is in the way there, in host memory. */
START_TEST(payload_is_read_once)
{
	const enum codec codec = (enum codec)(_i / 2);
	const bool taken = _i % 2 != 0;
	struct pvhload_boot_keep_free mine = KEEP_FREE(0, 1, "mine");
	struct counted counted = { .times = 0 };
	struct pvhload_plan *plan = NULL;
	struct pvhload_source source;
	struct pvhload_error err;
	struct boot b;

	if (skip_without(codec))
		return;
	setup_codec(&b, false, codec);
	counted.file = &b.f.bytes;
	counted.at = pvhload_image_get_info(b.f.image)->parts[0]->offset +
		     pvhload_image_get_info(b.f.image)->parts[0]->size / 2;
	source = pvhload_source_reader(read_counted, &counted, b.f.bytes.size);
	mine.gpa = b.range.gpa;
	b.f.config.image = NULL;
	b.f.config.kernel = &source;
	b.f.config.keep_free = &mine;
	b.f.config.keep_free_count = taken ? 1 : 0;
	ck_status(PVHLOAD_OK, err,
		  pvhload_boot_load(&b.f.config, &b.both.loaded.memory, &plan, &err));
	ck_assert_uint_eq(counted.times, 1);
	pvhload_plan_free(plan);
	loads_the_same(&b.both, &b.f.config, taken ? nowhere : b.range);
	teardown(&b);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("boot_load_places");

	TCase *each = tcase_create("codecs");

	tcase_add_loop_test(each, payload_is_read_once, 0, 2 * CODECS);
	suite_add_tcase(suite, each);
	ADD_TESTS(suite, "places", map_of_the_memory, lowest_segment_without_bytes);
	return run_suite(suite);
}
