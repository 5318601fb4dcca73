/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Plans of random scenes: each keeps what plans promise, and says what the placer of these tests finds;
 * where the planner finds nothing, neither does the placer.
 *
 *     plan_property [COUNT [SEED]]
 *
 * COUNT scenes (PVHLOAD_PROPERTY_COUNT in the environment, or 200000) are made from SEED on; a failure
 * names the seed of its scene, so that COUNT 1 with that seed is the scene alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan_checks.h"

#define COUNT_DEFAULT 200000u
#define SEED_DEFAULT  0x5eed0000u
#define STATUS_MAX    64
#define LARGE         4096u /* bytes */

/* Without libfdt no device tree is made, and so no flat Image booted. */
#ifdef PVL_HAVE_FDT
#define HAS_FLAT true
#else
#define HAS_FLAT false
#endif

/* After these, another way is tried. */
static uint64_t going_on(struct method method)
{
	const uint64_t always = NO_PLACE | BIT(PVHLOAD_E_PROTOCOL) | BIT(PVHLOAD_E_MEMMAP);

	return method.decompress == PVHLOAD_DECOMPRESS_HOST
		       ? always | BIT(PVHLOAD_E_LIMIT) | BIT(PVHLOAD_E_UNSUPPORTED)
		       : always;
}

/* How many plans of each protocol, refusals of each status, and so on. */
struct tally {
	unsigned long plans[8];
	unsigned long refused[STATUS_MAX];
	unsigned long read_back;
	unsigned long moved;     /* kernels that are not where they prefer to be */
	unsigned long reordered; /* plans made in another order than the usual one */
	unsigned long by_size;   /* with the largest file first */
	unsigned long searched;  /* refusals after a search for another place of the kernel */
	unsigned long open; /* refused for one of several rules, which may have ended the search */
};

static bool is_method(const struct scene *s, const struct pvhload_plan_info *info,
		      struct method method)
{
	const bool has_payload = s->image->is_bzimage && s->image->bzimage.payload != PAYLOAD_NONE;

	return info->protocol == method.protocol &&
	       info->decompress == (has_payload ? method.decompress : 0) &&
	       (has_payload || method.decompress != PVHLOAD_DECOMPRESS_HOST);
}

static bool check_made(const struct scene *s, const struct pvhload_plan *plan,
		       const struct outcome *o, struct tally *t)
{
	const struct pvhload_plan_info *info = pvhload_plan_get_info(plan);
	bool skipped = false;

	if (!check_plan(s, info) || !check_same(s, info, o) || !check_guest(s, plan, o, &skipped))
		return false;
	t->plans[info->protocol]++;
	t->reordered += o->order.by_size || o->order.files_first || o->order.kernel != KERNEL_OWN;
	t->by_size += o->order.by_size;
	t->read_back += !skipped;
	if (!s->is_flat)
		t->moved += info->kernel_gpa !=
			    pvhload_image_get_info(s->image->image)->preferred_address;
	return true;
}

/* Initrd, modules and setup_data that more than fill a gap between others. */
static size_t count_large(const struct scene *s)
{
	size_t n = scene_initrd_size(s) > LARGE ? 1 : 0;

	n += s->is_flat; /* a device tree has its 2 MiB */
	for (size_t i = 0; i < s->config.module_count; i++)
		n += s->module_sources[i].size > LARGE;
	for (size_t i = 0; i < s->x86.setup_data_count; i++)
		n += s->node_sources[i].size > LARGE;
	return n;
}

/*
 * No place of the kernel, and no other file first, makes room for what had none.  With three large things
 * that may be anywhere, the kernel among them, it is a puzzle, for which boot.h promises no more than the
 * orders it names.
 */
static bool is_final(const struct scene *s, struct method method, struct tally *t)
{
	static struct outcome o;
	struct want want;
	const bool moves = kernel_moves(s, method, &want) && s->places.kernel_gpa == 0;

	/* nor does it look for a kernel's place whose addresses are clear of a mask */
	if (count_large(s) + moves > 2 || s->x86.page_entry_mask != 0)
		return true;
	t->searched++;
	if (!placer_search(s, method, &o))
		return true;
	return complain(s,
			"protocol %" PRIu32 "/%" PRIu32
			" would have room with the kernel at 0x%" PRIx64 "%s, file %zu first",
			method.protocol, method.decompress, o.kernel_gpa,
			o.order.files_first ? " and the files before it" : "", o.order.first_file);
}

/*
 * What may be told after one more method has failed: what the first method says that fails for something else
 * than its protocol.  Which of several rules a method breaks first is not for the tests to say.
 */
static uint64_t join_refusals(uint64_t before, uint64_t more)
{
	const uint64_t protocol = BIT(PVHLOAD_E_PROTOCOL);

	if (before != 0 && !(before & protocol))
		return before;
	return more & protocol ? before | more : (before & ~protocol) | more;
}

/* Hold what the planner says against what the placer finds, method by method. */
static bool judge(const struct scene *s, enum pvhload_status status,
		  const struct pvhload_plan *plan, struct tally *t)
{
	static struct outcome o;
	struct method methods[METHODS_MAX];
	const size_t count = placer_methods(s, methods);
	uint64_t refusals = count == 0 ? BIT(PVHLOAD_E_PROTOCOL) : 0;
	bool open = false; /* the planner may have stopped before this method */

	for (size_t i = 0; i < count; i++) {
		placer_run(s, methods[i], &o);
		if (o.refusals == 0) {
			if (plan && is_method(s, pvhload_plan_get_info(plan), methods[i]))
				return check_made(s, plan, &o, t);
			if (open && !plan && BIT(status) & refusals) {
				t->open++;
				break;
			}
			return complain(s,
					"the placer finds a plan for protocol %" PRIu32 "/%" PRIu32,
					methods[i].protocol, methods[i].decompress);
		}
		if (o.refusals == BIT(PVHLOAD_E_NO_ROOM) && !is_final(s, methods[i], t))
			return false;
		if (plan && is_method(s, pvhload_plan_get_info(plan), methods[i]))
			return complain(s,
					"a plan for protocol %" PRIu32 "/%" PRIu32
					", where there is none: 0x%" PRIx64,
					methods[i].protocol, methods[i].decompress, o.refusals);
		refusals = join_refusals(refusals, o.refusals);
		if ((o.refusals & going_on(methods[i])) == 0)
			break;
		open |= (o.refusals & ~going_on(methods[i])) != 0;
	}
	if (plan || !(BIT(status) & refusals))
		return complain(s, "the placer expects one of 0x%" PRIx64, refusals);
	t->refused[status]++;
	return true;
}

static void print_plan(const struct pvhload_plan *plan)
{
	const struct pvhload_plan_info *info = pvhload_plan_get_info(plan);

	for (size_t i = 0; info && i < info->region_count; i++)
		fprintf(stderr, "  planned: %s [0x%" PRIx64 ", 0x%" PRIx64 ")\n",
			info->regions[i]->name, info->regions[i]->gpa,
			info->regions[i]->gpa + info->regions[i]->size);
}

static bool run_scene(const struct scene *s, struct tally *t)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_plan *plan = NULL;
	const enum pvhload_status status = pvhload_boot_plan(&s->config, &plan, &err);
	bool good;

	if ((status == PVHLOAD_OK) != (plan != NULL) || status >= STATUS_MAX ||
	    (status != PVHLOAD_OK && err.message[0] == '\0'))
		return complain(s, "status %d", status);
	good = judge(s, status, plan, t);
	if (!good) {
		fprintf(stderr, "the planner said: %s%s%s\n", pvhload_status_name(status),
			status == PVHLOAD_OK ? "" : ": ", status == PVHLOAD_OK ? "" : err.message);
		scene_print(s);
		print_plan(plan);
	}
	pvhload_plan_free(plan);
	return good;
}

static void print_tally(const struct tally *t, uint64_t count)
{
	printf("# %" PRIu64
	       " scenes: %lu plans by PVH, %lu by linux64, %lu by linux32, %lu by arm64, %lu by riscv64, %lu by multiboot1, %lu by multiboot2; %lu read back, "
	       "%lu with an x86 kernel moved\n",
	       count, t->plans[1], t->plans[2], t->plans[3], t->plans[4], t->plans[5], t->plans[6],
	       t->plans[7], t->read_back, t->moved);
	printf("# %lu plans in another order than the usual one, %lu by size; %lu refusals after a search for another "
	       "place of the kernel\n",
	       t->reordered, t->by_size, t->searched);
	printf("# refused:");
	for (int i = 0; i < STATUS_MAX; i++)
		if (t->refused[i] > 0)
			printf(" %s %lu", pvhload_status_name(i), t->refused[i]);
	printf("; %lu of these with several rules broken, of which one ends the search before another method\n",
	       t->open);
}

/* Every kind of plan and every refusal for lack of place has been seen, and next to all was judged. */
static bool is_everything(const struct tally *t, uint64_t count)
{
	if (HAS_FLAT && (t->plans[PVHLOAD_PROTOCOL_ARM64_LINUX] == 0 ||
			 t->plans[PVHLOAD_PROTOCOL_RISCV64_LINUX] == 0))
		return false;
	if (t->plans[PVHLOAD_PROTOCOL_MULTIBOOT1] == 0 ||
	    t->plans[PVHLOAD_PROTOCOL_MULTIBOOT2] == 0)
		return false;
	return t->open <= count / 1000 && t->searched > 0 && t->reordered > 0 &&
	       t->plans[PVHLOAD_PROTOCOL_PVH] > 0 && t->plans[PVHLOAD_PROTOCOL_X86_LINUX64] > 0 &&
	       t->plans[PVHLOAD_PROTOCOL_X86_LINUX32] > 0 && t->read_back > 0 && t->moved > 0 &&
	       t->refused[PVHLOAD_E_RANGE] > 0 && t->refused[PVHLOAD_E_OVERLAP] > 0 &&
	       t->refused[PVHLOAD_E_NO_ROOM] > 0;
}

/* Three of eight are of flat Images; one is of a Multiboot kernel. */
static bool is_flat(uint64_t seed)
{
	return HAS_FLAT && seed % 8 < 3;
}

int main(int argc, char **argv)
{
	static struct model_image pool[POOL_SIZE], multiboots[POOL_SIZE], flats[FLAT_POOL_SIZE];
	static struct scene scene;
	const char *from_env = getenv("PVHLOAD_PROPERTY_COUNT");
	const char *text = argc > 1 ? argv[1] : from_env;
	const uint64_t count = text ? strtoull(text, NULL, 0) : COUNT_DEFAULT;
	const uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : SEED_DEFAULT;
	struct random r = { SEED_DEFAULT };
	struct tally tally = { 0 };
	unsigned int failed = 0;

	pool_make(pool, &r);
	flat_pool_make(flats, &r);
	multiboot_pool_make(multiboots, &r);
	for (uint64_t i = 0; i < count && failed < 5; i++) {
		if (is_flat(seed + i))
			scene_flat_make(&scene, flats, pool, seed + i);
		else
			scene_make(&scene, (seed + i) % 8 == 3 ? multiboots : pool, seed + i);
		failed += !run_scene(&scene, &tally);
	}
	scene_free(&scene);
	pool_free(pool);
	flat_pool_free(flats);
	pool_free(multiboots);
	print_tally(&tally, count);
	/* a few scenes, or one that is looked at again, need not have it all */
	return failed == 0 && (count < 1000 || is_everything(&tally, count)) ? EXIT_SUCCESS
									     : EXIT_FAILURE;
}
