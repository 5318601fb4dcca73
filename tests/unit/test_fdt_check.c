/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Judging trees in guest memory: each broken rule is a problem of its own, and what is fine has none. */
#include "device_trees.h"
#include "fake_memory.h"
#include "suite.h"

#define RAM_SIZE 0x800000u
#define TREE_GPA 0x10000u

/* What is in a tree; a size of 0 leaves it out. */
struct spec {
	uint64_t bank[2], second_bank[2]; /* address and size */
	uint64_t initrd[2];               /* start and end */
	uint64_t entry[2], node[2];       /* reserved */
	uint32_t seed_size;
	uint32_t free;
	uint32_t bootargs_size; /* of text that has no end */
};

static void put_bank(struct tree *tree, const uint64_t bank[2])
{
	if (bank[1] == 0)
		return;
	tree_node(tree, "memory");
	tree_text(tree, "device_type", "memory");
	tree_reg(tree, "reg", bank, 2);
	tree_end(tree);
}

static void put_chosen(struct tree *tree, const struct spec *spec)
{
	static const uint8_t seed[32] = { 1 };

	tree_node(tree, "chosen");
	if (spec->initrd[0] != 0) {
		tree_u64(tree, "linux,initrd-start", spec->initrd[0]);
		tree_u64(tree, "linux,initrd-end", spec->initrd[1]);
	}
	if (spec->bootargs_size > 0)
		tree_bytes(tree, "bootargs", "no end, and longer", spec->bootargs_size);
	if (spec->seed_size > 0)
		tree_bytes(tree, "kaslr-seed", seed, spec->seed_size);
	tree_end(tree);
}

static struct bytes build(const struct spec *spec)
{
	struct tree tree = { 0 };
	struct bytes bytes;

	if (spec->entry[1] != 0)
		tree_reserve(&tree, spec->entry[0], spec->entry[1]);
	tree_node(&tree, "");
	tree_u32(&tree, "#address-cells", 2);
	tree_u32(&tree, "#size-cells", 2);
	put_bank(&tree, spec->bank);
	put_bank(&tree, spec->second_bank);
	if (spec->node[1] != 0) {
		tree_node(&tree, "reserved-memory");
		tree_u32(&tree, "#address-cells", 2);
		tree_u32(&tree, "#size-cells", 2);
		tree_node(&tree, "fw");
		tree_reg(&tree, "reg", spec->node, 2);
		tree_end(&tree);
		tree_end(&tree);
	}
	put_chosen(&tree, spec);
	tree_end(&tree);
	tree_token(&tree, TREE_DONE);
	bytes = tree_finish(&tree);
	if (spec->free > 0)
		tree_set(&bytes, TREE_TOTALSIZE, spec->free);
	return bytes;
}

struct guest {
	struct fake_memory fake;
	struct pvhload_memmap_entry entry;
	struct pvhload_memmap map;
};

static void guest_setup(struct guest *g, struct bytes tree, uint64_t gpa)
{
	*g = (struct guest){ .entry = { 0, RAM_SIZE, PVHLOAD_MEMMAP_RAM, 0 },
			     .map = PVHLOAD_MEMMAP_INIT };
	fake_memory_init(&g->fake, RAM_SIZE, FAKE_READ);
	g->map.entries = &g->entry;
	g->map.count = g->map.capacity = 1;
	g->fake.memory.memmap = &g->map;
	memcpy(g->fake.bytes + gpa, tree.data, tree.size);
	bytes_free(&tree);
}

static struct pvhload_check *judge(struct guest *g, uint64_t gpa)
{
	struct pvhload_check *check = NULL;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_fdt_check(&g->fake.memory, gpa, &check, &err));
	ck_assert(!g->fake.strayed);
	return check;
}

/* The least that is fine. */
#define BANK .bank = { 0, RAM_SIZE }

static const struct {
	struct spec spec;
	uint64_t gpa;
	enum pvhload_status status;
	const char *says; /* NULL: there is no problem */
} cases[] = {
	{ { BANK }, TREE_GPA, 0, NULL },
	{ { BANK }, TREE_GPA + 8, 0, NULL },
	{ { BANK },
	  TREE_GPA + 4,
	  PVHLOAD_E_RANGE,
	  "the device tree is at 0x10004, no multiple of 8: Linux stops without a word" },
	{ { BANK, .free = PVHLOAD_FDT_LIMIT }, TREE_GPA, 0, NULL },
	{ { BANK, .free = PVHLOAD_FDT_LIMIT + 1 },
	  TREE_GPA,
	  PVHLOAD_E_LIMIT,
	  "the device tree has 2097153 bytes, 227 without its free ones" },
	{ { BANK, .seed_size = 8 }, TREE_GPA, 0, NULL },
	{ { BANK, .seed_size = 4 },
	  TREE_GPA,
	  PVHLOAD_E_MALFORMED,
	  "kaslr-seed has 4 bytes, not 8: Linux takes it for none" },
	{ { BANK, .seed_size = 32 }, TREE_GPA, PVHLOAD_E_MALFORMED, "kaslr-seed has 32 bytes" },
	{ { .seed_size = 8 }, TREE_GPA, PVHLOAD_E_MEMMAP, "the device tree has no memory" },
	{ { .bank = { 0, TREE_GPA + 100 } },
	  TREE_GPA,
	  PVHLOAD_E_RANGE,
	  "is not in memory, as the device tree has it" },
	/* banks in any order, and next to each other */
	{ { .bank = { TREE_GPA + 100, 0x1000 }, .second_bank = { TREE_GPA, 100 } },
	  TREE_GPA,
	  0,
	  NULL },
	{ { .bank = { TREE_GPA + 101, 0x1000 }, .second_bank = { TREE_GPA, 100 } },
	  TREE_GPA,
	  PVHLOAD_E_RANGE,
	  "the device tree [0x10000, " },
	{ { BANK, .initrd = { 0x100000, 0x200000 } }, TREE_GPA, 0, NULL },
	{ { BANK, .initrd = { 0x100000, RAM_SIZE } }, TREE_GPA, 0, NULL },
	{ { BANK, .initrd = { 0x100000, RAM_SIZE + 1 } },
	  TREE_GPA,
	  PVHLOAD_E_RANGE,
	  "initrd [0x100000, 0x800001) is not in memory, as the device tree has it" },
	{ { BANK, .initrd = { 0x100000, 0x100000 } },
	  TREE_GPA,
	  PVHLOAD_E_MALFORMED,
	  "the initrd at 0x100000 has no bytes" },
	{ { BANK, .initrd = { 0xf000, TREE_GPA + 1 } },
	  TREE_GPA,
	  PVHLOAD_E_OVERLAP,
	  "initrd [0xf000, 0x10001) and the device tree [0x10000, " },
	{ { BANK, .initrd = { 0xf000, TREE_GPA } }, TREE_GPA, 0, NULL },
	/* boot loaders reserve the tree and the initrd themselves */
	{ { BANK, .entry = { TREE_GPA, 0x1000 } }, TREE_GPA, 0, NULL },
	{ { BANK, .node = { TREE_GPA, 1 } },
	  TREE_GPA,
	  PVHLOAD_E_OVERLAP,
	  "and the reserved memory fw [0x10000, 0x10001) overlap" },
	{ { BANK, .node = { 0x100000, 0x1000 }, .initrd = { 0x100fff, 0x101000 } },
	  TREE_GPA,
	  PVHLOAD_E_OVERLAP,
	  "initrd [0x100fff, 0x101000) and the reserved memory fw [0x100000, 0x101000) overlap" },
	{ { BANK, .node = { 0x100000, 0x1000 }, .initrd = { 0x101000, 0x102000 } },
	  TREE_GPA,
	  0,
	  NULL },
};

START_TEST(rules)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pvhload_check *check;
		struct guest g;

		guest_setup(&g, build(&cases[i].spec), cases[i].gpa);
		check = judge(&g, cases[i].gpa);
		ck_assert_msg(check->count == (cases[i].says ? 1 : 0), "row %zu: %zu, %s", i,
			      check->count, check->count ? check->problems[0]->message : "");
		if (cases[i].says) {
			ck_says(*check->problems[0], cases[i].says);
			ck_assert_int_eq(check->problems[0]->status, (int32_t)cases[i].status);
			ck_assert_uint_ne(check->problems[0]->gpa, PVHLOAD_NOWHERE);
		}
		pvhload_check_free(check);
		fake_memory_free(&g.fake);
	}
}
END_TEST

/* All at once, in the order of the rules; what cannot be read comes first and is not judged further. */
START_TEST(many)
{
	const struct spec spec = { .bank = { 0x100000, 0x1000 },
				   .initrd = { 0x200000, 0x300000 },
				   .seed_size = 4,
				   .free = PVHLOAD_FDT_LIMIT + 4 };
	static const char *const says[] = { "no multiple of 8", "has 2097156 bytes", "kaslr-seed",
					    "the device tree [0x10001, ", "initrd [0x200000, " };
	struct pvhload_check *check;
	struct guest g;

	guest_setup(&g, build(&spec), TREE_GPA + 1);
	check = judge(&g, TREE_GPA + 1);
	ck_assert_uint_eq(check->count, 5);
	for (size_t i = 0; i < 5; i++)
		ck_says(*check->problems[i], says[i]);
	pvhload_check_free(check);

	g.fake.bytes[TREE_GPA + 1 + 56 + 3] = 77; /* the first token */
	check = judge(&g, TREE_GPA + 1);
	ck_assert_uint_eq(check->count, 3);
	ck_says(*check->problems[0], "at offset 0x38: no token");
	ck_says(*check->problems[1], says[0]);
	ck_says(*check->problems[2], says[1]);
	pvhload_check_free(check);
	fake_memory_free(&g.fake);
}
END_TEST

/* What cannot be read of one thing keeps nothing else from being judged. */
START_TEST(command_line_that_cannot_be_read)
{
	const struct spec spec = { BANK, .initrd = { 0x100000, RAM_SIZE + 1 }, .seed_size = 4,
				   .bootargs_size = 6 };
	static const char *const says[] = { "bootargs", "kaslr-seed has 4 bytes, not 8",
					    "initrd [0x100000, 0x800001) is not in memory" };
	struct pvhload_check *check;
	struct guest g;

	guest_setup(&g, build(&spec), TREE_GPA);
	check = judge(&g, TREE_GPA);
	ck_assert_uint_eq(check->count, 3);
	for (size_t i = 0; i < 3; i++)
		ck_says(*check->problems[i], says[i]);
	pvhload_check_free(check);
	fake_memory_free(&g.fake);
}
END_TEST

static void refuse(struct guest *g, uint64_t gpa, enum pvhload_status status)
{
	struct pvhload_check *const untouched = (struct pvhload_check *)(uintptr_t)0x5a5a;
	struct pvhload_check *check = untouched;
	struct pvhload_error err;

	ck_status(status, err, pvhload_fdt_check(&g->fake.memory, gpa, &check, &err));
	ck_assert_ptr_eq(check, untouched);
}

static void set_field(struct guest *g, size_t offset, uint32_t value)
{
	struct bytes bytes = { g->fake.bytes + TREE_GPA, TREE_HEADER_SIZE };

	tree_set(&bytes, offset, value);
}

START_TEST(refused)
{
	struct pvhload_error err;
	struct guest g;

	guest_setup(&g, machine_tree(), TREE_GPA);
	ck_status(PVHLOAD_E_USAGE, err, pvhload_fdt_check(&g.fake.memory, TREE_GPA, NULL, &err));
	refuse(&g, 0x8000, PVHLOAD_E_FORMAT);
	refuse(&g, RAM_SIZE, PVHLOAD_E_RANGE);
	set_field(&g, TREE_VERSION, 16);
	refuse(&g, TREE_GPA, PVHLOAD_E_UNSUPPORTED);
	set_field(&g, TREE_VERSION, 17);
	set_field(&g, TREE_TOTALSIZE, PVHLOAD_FDT_SIZE_MAX + 1);
	refuse(&g, TREE_GPA, PVHLOAD_E_LIMIT);
	set_field(&g, TREE_TOTALSIZE, 39);
	refuse(&g, TREE_GPA, PVHLOAD_E_MALFORMED);
	g.fake.fail_at = g.fake.calls + 1;
	g.fake.fail_with = -1;
	refuse(&g, TREE_GPA, PVHLOAD_E_CALLBACK);
	g.entry.size = 0;
	refuse(&g, TREE_GPA, PVHLOAD_E_MEMMAP);
	g.fake.memory.memmap = NULL;
	refuse(&g, TREE_GPA, PVHLOAD_E_USAGE);
	fake_memory_free(&g.fake);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fdt_check");

	ADD_TESTS(suite, "judged", rules, many, command_line_that_cannot_be_read);
	ADD_TESTS(suite, "refused", refused);
	return run_suite(suite);
}
