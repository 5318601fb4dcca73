/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Host memory of edits and of reading: the n-th allocation fails, for every n, and no seed is in what is freed.  The
 * linker puts these functions in the place of libc's, in the library's objects as well.
 */
#include <malloc.h>

#include "failing_memory.h"
#include "fake_memory.h"
#include "fdt_fixture.h"

void __real_free(void *block);
void __wrap_free(void *block);

#define GUEST_SIZE 0x100000u

/* No other bytes are like these. */
static const uint8_t kaslr_seed[8] = "\xf1\xe2\xd3\xc4\xb5\xa6\x97\x88";
static const uint8_t rng_seed[16] = "\x1f\x2e\x3d\x4c\x5b\x6a\x79\x88 secret";

/* A compiler takes it that free() neither reads nor writes these. */
static volatile bool armed;
static volatile size_t freed, leaked;

void __wrap_free(void *block)
{
	const size_t size = block ? malloc_usable_size(block) : 0;

	if (armed && block) {
		freed = freed + 1;
		if (memmem(block, size, kaslr_seed, sizeof(kaslr_seed)) ||
		    memmem(block, size, rng_seed, sizeof(rng_seed)))
			leaked = leaked + 1;
	}
	__real_free(block);
}

struct scene {
	struct fdt_fixture f;
	struct fake_memory fake;
};

static void scene_setup(struct scene *s)
{
	struct tree tree = { 0 };

	fdt_setup(&s->f);
	tree_reserve(&tree, 0x1000, 0x1000);
	machine_begin(&tree);
	tree_node(&tree, "chosen");
	tree_text(&tree, "bootargs", "quiet");
	tree_bytes(&tree, "kaslr-seed", kaslr_seed, sizeof(kaslr_seed));
	tree_bytes(&tree, "rng-seed", rng_seed, sizeof(rng_seed));
	tree_end(&tree);
	tree_end(&tree);
	tree_token(&tree, TREE_DONE);
	fdt_use(&s->f, tree_finish(&tree));
	s->f.fdt.bootargs = PVHLOAD_FDT_BOOTARGS_APPEND;
	s->f.fdt.flags = PVHLOAD_FDT_WRITE_MEMORY;
	fake_memory_init(&s->fake, GUEST_SIZE, FAKE_READ);
	s->f.entries[0].gpa = 0;
	s->f.entries[0].size = GUEST_SIZE;
	s->fake.memory.memmap = &s->f.map;
}

static void scene_teardown(struct scene *s)
{
	fake_memory_free(&s->fake);
	fdt_teardown(&s->f);
}

/* Edit, and put what comes of it, or the tree itself in a build without libfdt, at 0 of the guest. */
static enum pvhload_status edit(struct scene *s, struct pvhload_error *err)
{
#ifdef PVL_HAVE_FDT
	size_t size;

	return pvhload_fdt_edit(&s->f.fdt, &s->f.params, s->fake.bytes, (size_t)s->fake.size, &size,
				err);
#else
	(void)err;
	memcpy(s->fake.bytes, s->f.tree.data, s->f.tree.size);
	return PVHLOAD_OK;
#endif
}

/* Read what is there, and once more when it has a problem to keep, bootargs without an end; and judge that. */
static enum pvhload_status read_twice(struct scene *s, struct pvhload_error *err)
{
	const struct bytes there = { s->fake.bytes, (size_t)s->fake.size };
	struct pvhload_fdt_view *view = NULL;
	struct pvhload_check *check = NULL;
	enum pvhload_status status;
	size_t size, at;

	status = pvhload_fdt_read(&s->fake.memory, 0, 0, &view, err);
	pvhload_fdt_view_free(view);
	if (status != PVHLOAD_OK)
		return status;
	view = NULL;
	at = (size_t)(tree_find(&there, "/chosen", "bootargs", &size) - there.data);
	s->fake.bytes[at + size - 1] = 'x';
	status = pvhload_fdt_read(&s->fake.memory, 0, PVHLOAD_READ_PARTIAL, &view, err);
	pvhload_fdt_view_free(view);
	if (status == PVHLOAD_OK)
		status = pvhload_fdt_check(&s->fake.memory, 0, &check, err);
	pvhload_check_free(check);
	return status;
}

static enum pvhload_status edit_and_read(struct scene *s, struct pvhload_error *err)
{
	const enum pvhload_status status = edit(s, err);

	return status == PVHLOAD_OK ? read_twice(s, err) : status;
}

/* With allocation @n failing; 0: none does. */
static enum pvhload_status armed_round(struct scene *s, size_t n, struct pvhload_error *err)
{
	enum pvhload_status status;

	freed = leaked = 0;
	armed = true; /* nothing of Check's may come before it is not */
	failing_memory_begin(n);
	status = edit_and_read(s, err);
	(void)failing_memory_end();
	armed = false;
	return status;
}

START_TEST(no_memory)
{
	enum pvhload_status status = PVHLOAD_E_NO_MEMORY;
	size_t n;

	for (n = 1; status != PVHLOAD_OK; n++) {
		struct pvhload_error err = PVHLOAD_ERROR_INIT;
		struct scene s;

		scene_setup(&s);
		status = armed_round(&s, n, &err);
		scene_teardown(&s);
		if (status == PVHLOAD_OK)
			break;
		ck_assert_msg(status == PVHLOAD_E_NO_MEMORY, "allocation %zu: %s", n, err.message);
		ck_says(err, "no host memory");
		ck_assert_uint_eq(leaked, 0);
	}
	ck_assert_uint_gt(n, 10);
}
END_TEST

START_TEST(seeds_are_zeroed)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct scene s;
	void *block;
	size_t size;

	scene_setup(&s);
	ck_assert_int_eq(armed_round(&s, 0, &err), PVHLOAD_OK);
	ck_assert_uint_gt(freed, 10);
	ck_assert_uint_eq(leaked, 0);
	/* what came of it has them */
	ck_assert_ptr_nonnull(
		memmem(s.fake.bytes, (size_t)s.fake.size, rng_seed, sizeof(rng_seed)));
	/* and this sees those that are not */
	size = s.f.tree.size;
	armed = true;
	block = malloc(size);
	memcpy(block, s.f.tree.data, size);
	__wrap_free(block); /* what is stored before a free() is left out by compilers */
	armed = false;
	ck_assert_uint_eq(leaked, 1);
	scene_teardown(&s);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fdt_memory");

	ADD_TESTS(suite, "memory", no_memory, seeds_are_zeroed);
	return run_suite(suite);
}
