/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * pvhload_boot_load() of a payload in chunks, whose last segments go down while it is decoded: the guest gets the same as
 * by planning and committing.
 */
#include "both_ways.h"
#include "pools.h"

#define RAM_SIZE (4u << 20)
#define UNIT     0x180u
#define GAP      0x23u
#define DIRECT   (FAKE_ZERO | FAKE_HOST_PTR)

struct boot {
	struct both_ways both;
	struct plan_fixture f;
	struct elf_spec spec;
	struct bytes elf;
	struct pvhload_range range;
	uint8_t *gap;
	struct pvhload_source source;
};

static void setup(struct boot *b, uint64_t ram, size_t unit, size_t gap)
{
	plan_setup(&b->f, ram);
	b->gap = calloc(1, gap);
	b->spec = down_kernel(unit, b->gap, gap);
	b->elf = build_elf(&b->spec);
	b->range =
		(struct pvhload_range){ MOVED_GPA - elf_segment_offset(&b->spec, 1), b->elf.size };
	b->f.config.image = NULL;
	b->f.config.kernel = &b->source;
	both_setup(&b->both, ram, DIRECT);
}

static void teardown(struct boot *b)
{
	both_teardown(&b->both);
	plan_teardown(&b->f);
	bytes_free(&b->elf);
	free(b->gap);
}

static int64_t read_bytes(void *user, uint64_t offset, void *dst, size_t len)
{
	const struct bytes *bytes = user;

	memcpy(dst, bytes->data + offset, len);
	return (int64_t)len;
}

/* Of the bytes in memory, and read as they are decoded. */
static void use_source(struct boot *b, const struct bytes *file, bool reads)
{
	b->source = reads ? pvhload_source_reader(read_bytes, (void *)(uintptr_t)file, file->size)
			  : pvhload_source_buffer(file->data, file->size);
}

static struct bytes pack(const struct bytes *elf, struct bytes payload)
{
	const struct bzimage_spec spec = { .payload = payload.data,
					   .payload_size = payload.size,
					   .decoded_size = (uint32_t)elf->size };
	struct bytes file = build_bzimage(&spec);

	bytes_free(&payload);
	return file;
}

static struct bytes in_chunks(const struct bytes *elf, size_t chunk)
{
	return pack(elf, compress_in_chunks(elf, LZ4, chunk));
}

static void all_ways(struct boot *b, size_t chunk)
{
	struct pool_calls calls = { .runs = 0 };
	const struct pvhload_pool pool = pool_of(pool_in_reverse, &calls);
	struct bytes file;

	bytes_free(&b->elf);
	b->elf = build_elf(&b->spec);
	file = in_chunks(&b->elf, chunk);
	use_source(b, &file, false);
	loads_the_same(&b->both, &b->f.config, b->range);
	b->f.config.pool = &pool;
	loads_the_same(&b->both, &b->f.config, b->range);
	b->f.config.pool = NULL;
	use_source(b, &file, true);
	loads_the_same(&b->both, &b->f.config, b->range);
	bytes_free(&file);
}

START_TEST(chunks_of_any_size)
{
	struct boot b;

	if (skip_without(LZ4))
		return;
	setup(&b, RAM_SIZE, UNIT, GAP);
	for (size_t chunk = elf_segment_offset(&b.spec, 1); chunk <= b.elf.size; chunk += 37)
		all_ways(&b, chunk);
	teardown(&b);
}
END_TEST

/* Bytes between the segments that are not zeros, a segment that goes up, one that is over the one before, and each place. */
START_TEST(other_kernels)
{
	const uint64_t chunk = 0x200;
	struct boot b;

	if (skip_without(LZ4))
		return;
	setup(&b, RAM_SIZE, UNIT, GAP);
	b.gap[GAP - 1] = 1;
	all_ways(&b, chunk);
	b.gap[GAP - 1] = 0;
	set_place(&b.f, PVHLOAD_REGION_KERNEL, 0, MOVED_GPA + 0x10000);
	b.range.gpa += 0x10000;
	all_ways(&b, chunk);
	set_place(&b.f, PVHLOAD_REGION_KERNEL, 0, 0);
	b.range.gpa -= 0x10000;
	for (uint64_t i = 0; i < 4 * GAP; i += 5) {
		b.spec.segments[5].paddr += 5;
		all_ways(&b, chunk);
	}
	teardown(&b);
}
END_TEST

/* Damaged anywhere, or cut: the same message, and all RAM that was used is cleared. */
START_TEST(damaged)
{
	struct boot b;
	struct bytes file;

	if (skip_without(LZ4))
		return;
	setup(&b, RAM_SIZE, 0x60, GAP);
	file = in_chunks(&b.elf, 0x1c0);
	for (size_t i = bzimage_payload_offset(&(struct bzimage_spec){ .version = 0 });
	     i < file.size; i++)
		for (int reads = 0; reads < 2; reads++) {
			file.data[i] ^= (uint8_t)(i % 2 ? 0x80 : 0x01);
			use_source(&b, &file, reads);
			ends_the_same(&b.both, &b.f.config);
			file.data[i] ^= (uint8_t)(i % 2 ? 0x80 : 0x01);
		}
	bytes_free(&file);
	teardown(&b);
}
END_TEST

/* Changes a program header while the payload is decoded: it stands in the stream as it is. */
struct change {
	uint8_t *at;
	uint8_t value;
	bool done;
};

static int change(void *user, uint32_t phase, uint64_t done, uint64_t total)
{
	struct change *c = user;

	(void)done;
	(void)total;
	if (phase == PVHLOAD_PROGRESS_DECODE && !c->done) {
		*c->at = c->value;
		c->done = true;
	}
	return 0;
}

/* Chunks of @chunk bytes that are not compressed. */
static struct bytes as_literals(const struct bytes *raw, size_t chunk)
{
	struct bytes out = bytes_zero(4 + (raw->size / chunk + 1) * (chunk + chunk / 255 + 6));
	size_t at = 4;

	poke(&out, 0, 0x184c2102, 4);
	for (size_t done = 0; done < raw->size; done += chunk) {
		const size_t left = raw->size - done, n = left < chunk ? left : chunk;
		const size_t start = at;

		at += 4;
		out.data[at++] = n < 15 ? (uint8_t)(n << 4) : 0xf0;
		for (size_t more = n - 15; n >= 15; more -= 255) {
			out.data[at++] = more < 255 ? (uint8_t)more : 255;
			if (more < 255)
				break;
		}
		memcpy(out.data + at, raw->data + done, n);
		at += n;
		poke(&out, start, at - start - 4, 4);
	}
	out.size = at;
	return out;
}

static uint8_t *find_bytes(const struct bytes *file, const void *bytes, size_t size)
{
	for (size_t i = 0; i + size <= file->size; i++)
		if (memcmp(file->data + i, bytes, size) == 0)
			return file->data + i;
	ck_abort_msg("the stream has no such bytes");
	return NULL;
}

/* The file that was looked at is not the one that is decoded: the latter is loaded. */
START_TEST(changed_meanwhile)
{
	/* of the last segment: the size, a byte more and fewer; the address, down, up and over the others */
	static const struct {
		size_t member;
		int by;
	} cases[] = { { 32, 1 },     { 32, -1 }, { 24, 1 }, { 24, -1 },
		      { 24, -0x60 }, { 8, 1 },   { 8, -1 } };
	struct boot b;

	if (skip_without(LZ4))
		return;
	setup(&b, RAM_SIZE, UNIT, GAP);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const size_t phdr = elf_phdr_offset(&b.spec, 5);
		struct bytes file = pack(&b.elf, as_literals(&b.elf, 0x200));
		struct change c = { .at = find_bytes(&file, b.elf.data + phdr, 56) +
					  cases[i].member };
		const struct pvhload_progress progress = { sizeof(progress), change, &c };

		c.value = (uint8_t)(*c.at + cases[i].by);
		use_source(&b, &file, false);
		b.f.config.progress = &progress;
		ends_the_same(&b.both, &b.f.config);
		ck_assert(c.done);
		b.f.config.progress = NULL;
		bytes_free(&file);
	}
	teardown(&b);
}
END_TEST

/* What lies after the end of the pieces is not written to: nobody sees that but by RAM that is said to be zeros, and is not. */
START_TEST(goes_down_at_once)
{
	const size_t unit = (6u << 20) + 0x1000, gap = 1u << 20;
	struct pvhload_plan *plan = NULL;
	struct pvhload_error err;
	struct bytes file;
	struct boot b;

	if (skip_without(LZ4))
		return;
	setup(&b, 32u << 20, unit, gap);
	file = in_chunks(&b.elf, 8u << 20);
	use_source(&b, &file, true);
	loads_the_same(&b.both, &b.f.config, b.range);
	memset(b.both.loaded.bytes, FAKE_PATTERN, 32u << 20);
	ck_status(PVHLOAD_OK, err,
		  pvhload_boot_load(&b.f.config, &b.both.loaded.memory, &plan, &err));
	ck_assert_uint_eq(b.both.loaded.bytes[b.range.gpa + b.range.size - 1], FAKE_PATTERN);
	ck_assert_uint_eq(b.both.loaded.bytes[b.range.gpa + b.range.size - 2 * gap - 1], 0);
	pvhload_plan_free(plan);
	bytes_free(&file);
	teardown(&b);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("boot_load_move_down");

	ADD_TESTS(suite, "move_down", chunks_of_any_size, other_kernels, damaged, changed_meanwhile,
		  goes_down_at_once);
	return run_suite(suite);
}
