/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Buffers that change while an image is made of them, planned and committed, by another thread, or once it is open: calls
 * may fail, or the guest gets other bytes; no other call's status comes of it, nothing but the plan's regions is written,
 * and afterwards all is as before.  Nothing is decoded here, as codecs are not made for it (source.h).
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "boot_guests.h"
#include "multiboot_images.h"

#define ROUNDS   150
#define HEADERS  192u /* bytes of an image, each of which changes between calls */
#define SEEN     8u   /* one change of so many is seen to touch nothing else, which takes long */
#define BIT      0x01u
#define ALL_BITS 0xffu

static const struct {
	struct boot_kind kind;
	size_t headers_at;
} cases[] = {
	{ { SCENE_ELF, GZIP, SCENE_BUFFER, SCENE_PLAN }, 0 },
	{ { SCENE_BZIMAGE, GZIP, SCENE_BUFFER, SCENE_PLAN }, 0x1f1 },
	{ { SCENE_UKI, GZIP, SCENE_BUFFER, SCENE_PLAN }, 0x180 }, /* sections */
	{ { SCENE_MULTIBOOT, GZIP, SCENE_BUFFER, SCENE_PLAN }, MB_AT1 },
	{ { SCENE_FIRMWARE, GZIP, SCENE_BUFFER, SCENE_PLAN }, 0x3ff40 }, /* its end */
	{ { SCENE_RISCV64, GZIP, SCENE_BUFFER, SCENE_PLAN }, 0 },
};

#define CASES ((int)(sizeof(cases) / sizeof(cases[0])))

struct writer {
	uint8_t *bytes;
	size_t size, headers_at;
	atomic_bool ends;
	atomic_size_t times;
};

/* One byte at a time is another for a while, every second time one of the headers. */
static void *rewrite(void *user)
{
	struct writer *w = user;
	uint32_t x = 1;

	while (!atomic_load(&w->ends)) {
		volatile uint8_t *at;

		x = x * 1664525 + 1013904223;
		at = w->bytes +
		     (x >> 31 ? (x >> 8) % w->size
			      : w->headers_at + (x >> 8) % HEADERS % (w->size - w->headers_at));
		*at ^= (uint8_t)(x >> 24 | 1);
		for (volatile int i = 0; i < 200; i++)
			;
		*at ^= (uint8_t)(x >> 24 | 1);
		atomic_fetch_add(&w->times, 1);
	}
	return NULL;
}

#ifdef __has_feature
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif
#if defined(__SANITIZE_THREAD__) || HAS_FEATURE(thread_sanitizer)
#define SEES_RACES true
#else
#define SEES_RACES false
#endif

static bool is_zero(const uint8_t *ram)
{
	return ram[0] == 0 && memcmp(ram, ram + 1, SCENE_RAM - 1) == 0;
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
	struct writer w = { NULL, 0, cases[_i].headers_at, false, 0 };
	pthread_t thread;

	if (SEES_RACES) {
		puts("# SKIP by_another_thread: the sanitizer would tell of just this");
		return;
	}
	if (!boot_scene_setup(&s, &cases[_i].kind))
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
	ck_assert_uint_gt(w.times, ROUNDS);
	ck_as_before(&s);
	boot_scene_teardown(&s);
}
END_TEST

/* Zeros in place of the plan's regions, and there is nothing but zeros. */
static void ck_regions_alone(const struct boot_guest *g, const struct pvhload_plan_info *info)
{
	for (size_t i = 0; i < info->region_count; i++) {
		const struct pvhload_plan_region *r = info->regions[i];
		const struct pvhload_ram_slot *slot = g->slots;

		while (r->gpa < slot->gpa || r->gpa - slot->gpa >= slot->size)
			slot++;
		memset((uint8_t *)slot->host + (r->gpa - slot->gpa), 0, (size_t)r->size);
	}
	ck_assert(is_zero(g->scene->ram));
}

/* Planned, if it can be, of bytes that are others than those that were opened. */
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
		if (at % SEEN == 0)
			ck_regions_alone(&g, pvhload_plan_get_info(plan));
		pvhload_plan_free(plan);
	}
	s->bytes.data[at] ^= bits;
	pvhload_image_close(image);
}

START_TEST(once_open)
{
	const size_t first = cases[_i].headers_at;
	struct boot_scene s;

	if (!boot_scene_setup(&s, &cases[_i].kind))
		return;
	ck_assert_uint_gt(s.bytes.size, first + HEADERS / 2);
	for (size_t at = first; at < first + HEADERS && at < s.bytes.size; at++) {
		if (at % SEEN == 0)
			boot_scene_again(&s);
		plan_changed(&s, at, at / SEEN % 2 == 0 ? ALL_BITS : BIT);
	}
	ck_as_before(&s);
	boot_scene_teardown(&s);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("buffers_change");
	TCase *all = tcase_create("buffers_change");

	tcase_add_loop_test(all, by_another_thread, 0, CASES);
	tcase_add_loop_test(all, once_open, 0, CASES);
	tcase_set_timeout(all, 120);
	suite_add_tcase(suite, all);
	return run_suite(suite);
}
