/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Who is told while a plan is committed, and what is left when that ends the call. */
#include <sys/mman.h>
#include <unistd.h>

#include "fake_memory.h"
#include "plan_fixture.h"
#include "told.h"

#define RAM_SIZE    (40u << 20)
#define INITRD_SIZE ((18u << 20) + 5) /* more than is moved at once */
#define DATA_SIZE   0x20u             /* of the segment with .bss */
#define BSS_SIZE    ((17u << 20) - DATA_SIZE)
#define STEP        (1u << 20)
#define AT_ONCE     (16u << 20)
#define COMMIT(done, total)                              \
	{                                                \
		PVHLOAD_PROGRESS_COMMIT, (done), (total) \
	}
#define ALL (FAKE_ZERO | FAKE_HOST_PTR | FAKE_MAP_FILE)

struct fixture {
	struct plan_fixture plan;
	struct bytes initrd;
	int fd;
	struct pvhload_source source;
	struct told told;
	struct fake_memory fake;
};

/* The small kernel with a large .bss, and a large initrd in a file or in host memory. */
static void setup(struct fixture *f, bool file, unsigned int callbacks)
{
	struct elf_spec spec = small_kernel();
	struct pvhload_progress progress;

	spec.segments[1].mem_size = DATA_SIZE + BSS_SIZE;
	plan_setup_spec(&f->plan, RAM_SIZE, &spec);
	f->initrd = bytes_zero(INITRD_SIZE);
	for (size_t i = 0; i < INITRD_SIZE; i++)
		f->initrd.data[i] = (uint8_t)(i + (i >> 8) + (i >> 16));
	f->fd = memfd_create("initrd", 0);
	ck_assert_int_eq(write(f->fd, f->initrd.data, INITRD_SIZE), INITRD_SIZE);
	f->source = file ? pvhload_source_fd(f->fd)
			 : pvhload_source_buffer(f->initrd.data, INITRD_SIZE);
	f->plan.config.initrds = &f->source;
	f->plan.config.initrd_count = 1;
	progress = told_progress(&f->told);
	f->plan.config.progress = &progress;
	f->plan.config.flags = PVHLOAD_BOOT_NOT_LINUX; /* nothing is written between the segments */
	told_again(&f->told, 0);
	(void)plan(&f->plan);
	memset(&progress, 0, sizeof(progress)); /* it was copied */
	told_again(&f->told, 0);
	fake_memory_init(&f->fake, RAM_SIZE, callbacks | FAKE_BEGIN_REGION);
}

static void teardown(struct fixture *f)
{
	fake_memory_free(&f->fake);
	plan_teardown(&f->plan);
	bytes_free(&f->initrd);
	close(f->fd);
}

static enum pvhload_status commit(struct fixture *f, struct pvhload_error *err)
{
	return pvhload_plan_commit(f->plan.plan, &f->fake.memory, err);
}

/* Every byte goes through write, which counts: so much there is to do. */
static uint64_t counted;
static int (*counted_write)(void *user, uint64_t gpa, const void *src, size_t len);

static int count_write(void *user, uint64_t gpa, const void *src, size_t len)
{
	counted += len;
	return counted_write(user, gpa, src, len);
}

static uint64_t count_bytes(void)
{
	struct pvhload_error err;
	struct fixture f;

	setup(&f, false, 0);
	counted = 0;
	counted_write = f.fake.ops.write;
	f.fake.ops.write = count_write;
	ck_status(PVHLOAD_OK, err, commit(&f, &err));
	teardown(&f);
	return counted;
}

/* Between two calls there is a step's work, and more than is moved at once only where it is mapped. */
static void check_calls(const struct told *told, uint64_t total, bool mapped)
{
	const struct told_call *last = &told->calls[told->count - 1];

	ck_assert_uint_ge(told->count, 2);
	ck_assert_uint_eq(told->calls[0].done, 0);
	ck_assert_uint_eq(last->done, total);
	for (const struct told_call *call = told->calls; call <= last; call++) {
		ck_assert_uint_eq(call->phase, PVHLOAD_PROGRESS_COMMIT);
		ck_assert_uint_eq(call->total, total);
		if (call == told->calls)
			continue;
		ck_assert_uint_gt(call->done, call[-1].done);
		ck_assert(call == last || call->done - call[-1].done >= STEP);
		ck_assert(mapped || call->done - call[-1].done < AT_ONCE + STEP);
	}
}

/* All bytes are done in the end, whatever moves them. */
START_TEST(told_of_all)
{
	static const unsigned int callbacks[] = { 0, FAKE_ZERO, FAKE_HOST_PTR, FAKE_MAP_FILE, ALL };
	const uint64_t total = count_bytes();

	for (int file = 0; file < 2; file++) {
		for (size_t i = 0; i < sizeof(callbacks) / sizeof(callbacks[0]); i++) {
			struct pvhload_error err;
			struct fixture f;

			setup(&f, file, callbacks[i]);
			ck_status(PVHLOAD_OK, err, commit(&f, &err));
			check_calls(&f.told, total, file && callbacks[i] & FAKE_MAP_FILE);
			ck_assert(!f.fake.strayed);
			teardown(&f);
		}
	}
}
END_TEST

/* .bss and initrd in two steps each, of which the second of .bss is too small to be told of alone. */
START_TEST(steps)
{
	const uint64_t total = count_bytes();
	const uint64_t to_initrd = total - INITRD_SIZE, to_bss = to_initrd - BSS_SIZE;
	const struct told_call copied[] = { COMMIT(0, total), COMMIT(to_bss + AT_ONCE, total),
					    COMMIT(to_initrd + AT_ONCE, total),
					    COMMIT(total, total) };
	const struct told_call mapped[] = { COMMIT(0, total), COMMIT(to_bss + AT_ONCE, total),
					    COMMIT(total - 5, total), COMMIT(total, total) };
	struct pvhload_error err;
	struct fixture f;

	setup(&f, true, FAKE_ZERO | FAKE_HOST_PTR);
	ck_status(PVHLOAD_OK, err, commit(&f, &err));
	told_expect(&f.told, copied, 4);
	teardown(&f);

	setup(&f, true, ALL);
	ck_status(PVHLOAD_OK, err, commit(&f, &err));
	told_expect(&f.told, mapped, 4);
	teardown(&f);

	/* what is zero already is done, too, and at once */
	setup(&f, true, FAKE_HOST_PTR);
	f.fake.memory.flags = PVHLOAD_MEMORY_ZEROED;
	ck_status(PVHLOAD_OK, err, commit(&f, &err));
	ck_assert_uint_eq(f.told.calls[1].done, to_initrd);
	ck_assert_uint_eq(f.told.calls[1].total, total);
	teardown(&f);
}
END_TEST

static void fill_pattern(struct fixture *f)
{
	memset(f->fake.bytes, FAKE_PATTERN, RAM_SIZE);
	f->fake.regions = 0;
}

/* At any call; then the same plan is committed to the memory as it was left. */
START_TEST(cancelled)
{
	static const unsigned int callbacks[] = { 0, FAKE_HOST_PTR, ALL };

	for (size_t i = 0; i < sizeof(callbacks) / sizeof(callbacks[0]); i++) {
		struct pvhload_error err;
		struct fixture f;
		uint8_t *whole;
		size_t calls;

		setup(&f, true, callbacks[i]);
		ck_status(PVHLOAD_OK, err, commit(&f, &err));
		calls = f.told.count;
		whole = malloc(RAM_SIZE);
		memcpy(whole, f.fake.bytes, RAM_SIZE);
		for (size_t at = 1; at <= calls; at++) {
			fill_pattern(&f);
			told_again(&f.told, at);
			ck_status(PVHLOAD_E_CANCELLED, err, commit(&f, &err));
			told_check_error(&err);
			ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_NONE);
			ck_assert_uint_eq(f.told.count, at);
			ck_assert(at > 1 ||
				  (f.fake.regions == 0 && fake_memory_untouched(&f.fake)));
			told_again(&f.told, 0);
			ck_status(PVHLOAD_OK, err, commit(&f, &err));
			ck_assert_uint_eq(f.told.count, calls);
			ck_assert_int_eq(memcmp(f.fake.bytes, whole, RAM_SIZE), 0);
		}
		ck_assert_uint_ge(calls, 4);
		free(whole);
		teardown(&f);
	}
}
END_TEST

/* What is checked before anything is written is checked before anybody is told. */
START_TEST(refused_before)
{
	struct pvhload_memmap_entry entries[3];
	struct pvhload_memmap map = ram_map(entries, RAM_SIZE - 4096);
	struct pvhload_error err;
	struct fixture f;

	setup(&f, false, 0);
	f.fake.memory.memmap = &map;
	ck_status(PVHLOAD_E_RANGE, err, commit(&f, &err));
	ck_assert_uint_eq(f.told.count, 0);
	teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("progress_commit");

	ADD_TESTS(suite, "told", told_of_all, steps);
	ADD_TESTS(suite, "ended", cancelled, refused_before);
	return run_suite(suite);
}
