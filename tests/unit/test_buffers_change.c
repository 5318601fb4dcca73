/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Buffers that change while an image is made of them, planned and committed, by another thread or between calls: calls
 * may fail, or the guest gets other bytes; nothing else happens, and afterwards all is as before.  Nothing is decoded here,
 * as codecs are not made for it (source.h).
 */
#include <pthread.h>
#include <stdatomic.h>

#include "boot_guests.h"

#define ROUNDS   150
#define HEADERS  320u /* bytes of an image, each of which changes between calls */
#define BIT      0x01u
#define ALL_BITS 0xffu

static const struct boot_kind kinds[] = {
	{ SCENE_ELF, GZIP, SCENE_BUFFER, SCENE_PLAN },
	{ SCENE_BZIMAGE, GZIP, SCENE_BUFFER, SCENE_PLAN },
	{ SCENE_UKI, GZIP, SCENE_BUFFER, SCENE_PLAN },
	{ SCENE_MULTIBOOT, GZIP, SCENE_BUFFER, SCENE_PLAN },
	{ SCENE_FIRMWARE, GZIP, SCENE_BUFFER, SCENE_PLAN },
	{ SCENE_RISCV64, GZIP, SCENE_BUFFER, SCENE_PLAN },
};

#define KINDS ((int)(sizeof(kinds) / sizeof(kinds[0])))

struct writer {
	uint8_t *bytes;
	size_t size;
	atomic_bool ends;
};

/* One byte at a time is another for a while, mostly near the start, where headers are. */
static void *rewrite(void *user)
{
	struct writer *w = user;
	uint32_t x = 1;

	while (!atomic_load(&w->ends)) {
		volatile uint8_t *at;

		x = x * 1664525 + 1013904223;
		at = w->bytes + (x >> 8) % (x >> 31 ? w->size : w->size < 4096 ? w->size : 4096);
		*at ^= (uint8_t)(x >> 24 | 1);
		for (volatile int i = 0; i < 200; i++)
			;
		*at ^= (uint8_t)(x >> 24 | 1);
	}
	return NULL;
}

/* What holds whatever the bytes were. */
static void ck_answers(struct boot_scene *s)
{
	ck_assert(!s->touched);
	ck_assert_int_ne(s->status, PVHLOAD_E_USAGE);
	ck_assert_int_ne(s->status, PVHLOAD_E_CALLBACK);
	ck_assert(s->status == PVHLOAD_OK || s->err.message[0] != '\0');
}

static void ck_as_before(struct boot_scene *s)
{
	boot_scene_again(s);
	boot_scene_run(s);
	ck_assert_msg(s->status == PVHLOAD_OK, "%s", s->err.message);
	ck_assert_ptr_null(boot_scene_wrong(s));
}

START_TEST(by_another_thread)
{
	struct boot_scene s;
	struct writer w = { NULL, 0, false };
	pthread_t thread;

#if defined(__SANITIZE_THREAD__)
	return; /* it would tell of just this */
#endif
	if (!boot_scene_setup(&s, &kinds[_i]))
		return;
	w.bytes = s.bytes.data;
	w.size = s.bytes.size;
	ck_assert_int_eq(pthread_create(&thread, NULL, rewrite, &w), 0);
	for (int i = 0; i < ROUNDS; i++) {
		boot_scene_again(&s);
		boot_scene_run(&s);
		ck_answers(&s);
	}
	atomic_store(&w.ends, true);
	pthread_join(thread, NULL);
	ck_as_before(&s);
	boot_scene_teardown(&s);
}
END_TEST

/* Planned, if it can be, of bytes that are others than those that were opened; what is written is as much as before. */
static void plan_changed(struct boot_scene *s, size_t at, uint8_t bits)
{
	struct pvhload_plan *plan = NULL;
	struct pvhload_image *image = NULL;
	struct pvhload_error err = fresh_error();
	struct boot_guest g;

	boot_guest_make(&g, s);
	ck_assert_int_eq(pvhload_image_open(&s->source, &g.options, &image, &err), PVHLOAD_OK);
	g.config.image = image;
	s->bytes.data[at] ^= bits;
	s->status = pvhload_boot_plan(&g.config, &plan, &err);
	ck_assert_int_ne(s->status, PVHLOAD_E_USAGE);
	if (s->status == PVHLOAD_OK) {
		ck_assert_int_eq(pvhload_plan_commit(plan, &g.memory, &err), PVHLOAD_OK);
		pvhload_plan_free(plan);
	}
	s->bytes.data[at] ^= bits;
	pvhload_image_close(image);
}

START_TEST(between_calls)
{
	struct boot_scene s;

	if (!boot_scene_setup(&s, &kinds[_i]))
		return;
	for (size_t at = 0; at < HEADERS && at < s.bytes.size; at++) {
		plan_changed(&s, at, BIT);
		plan_changed(&s, at, ALL_BITS);
	}
	ck_as_before(&s);
	boot_scene_teardown(&s);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("buffers_change");
	TCase *all = tcase_create("buffers_change");

	tcase_add_loop_test(all, by_another_thread, 0, KINDS);
	tcase_add_loop_test(all, between_calls, 0, KINDS);
	tcase_set_timeout(all, 120);
	suite_add_tcase(suite, all);
	return run_suite(suite);
}
