/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Flat Images and device trees as rust-vmm's linux-loader (0.14) tests and treats them on arm64 and riscv64, where its
 * loader is called PE.  Where its rule is right ours is the same; where it is not, the case says what holds instead, and
 * docs/linux-loader.md why.
 */
#include "conformance.h"
#include "flat_plan.h"
#include "load_fixture.h"
#include "suite.h"

#define BASE        0x200000u /* its kernel_offset on arm64 */
#define ARM64_AT    0x280000u /* and where its text_offset puts the kernel */
#define RISCV64_AT  0x600000u
#define FILE_SIZE   0x1000u
#define ARM64_NEEDS 0x195000u

static struct bytes file(enum flat flat)
{
	struct bytes small = build_flat(flat, false), out = bytes_zero(FILE_SIZE);

	memcpy(out.data, small.data, small.size);
	memset(out.data + small.size, 0x5a, FILE_SIZE - small.size);
	poke(&out, 16, flat == ARM64 ? ARM64_NEEDS : 0xf0f000u, 8);
	poke(&out, 8, flat == ARM64 ? 0x80000u : 0x200000u, 8);
	bytes_free(&small);
	return out;
}

/* pe.arm.1, .2, pe.rv.1, .2: its base is ours plus text_offset, and its end is that of the file. */
START_TEST(load_flat_image)
{
	static const struct {
		enum flat flat;
		uint64_t at, off, needs;
	} cases[] = {
		{ ARM64, ARM64_AT, 0x300000 + 0x80000, ARM64_NEEDS },
		{ RISCV64, RISCV64_AT, 0x300000 + 0x200000, 0xf0f000 },
	};

	for (size_t i = 0; i < 2; i++) {
		const uint64_t at = cases[i].at, needs = cases[i].needs;
		struct load_fixture f;

		load_setup_region(&f, file(cases[i].flat), FAKE_ZERO, at + needs);
		(void)load_refused_at(&f, cases[i].off, PVHLOAD_E_RANGE);
		load_image_at(&f, at);
		ck_assert_uint_eq(f.result.gpa, at);
		ck_assert_uint_eq(f.result.entry, at);
		/* what the kernel needs after its file belongs to it, and is zeros */
		ck_assert_uint_eq(f.result.size, needs);
		ck_assert_uint_eq(f.result.runtime.gpa, at);
		ck_assert_uint_eq(f.result.runtime.size, needs);
		ck_assert_uint_eq(f.result.has_entry64 + f.result.has_pvh_entry +
					  f.result.setup_header_size,
				  0);
		take_bytes(&f, at, f.bytes.data, FILE_SIZE);
		take_bytes(&f, at + FILE_SIZE, NULL, (size_t)needs - FILE_SIZE);
		ck_assert(fake_memory_untouched(&f.fake));
		load_teardown(&f);
	}
}
END_TEST

/* pe.arm.3, pe.rv.3: without its magic it is no such Image; here it might be something else. */
START_TEST(flat_magic)
{
	static const struct {
		enum flat flat;
		size_t at;
		enum pvhload_status status;
	} cases[] = {
		{ ARM64, 0x39, PVHLOAD_E_FORMAT },
		{ RISCV64, 0x38, PVHLOAD_E_FORMAT },
	};

	for (size_t i = 0; i < 2; i++) {
		struct bytes bytes = file(cases[i].flat);

		bytes.data[cases[i].at] = 0;
		(void)refuse_bytes(&bytes, cases[i].status);
		bytes_free(&bytes);
	}
}
END_TEST

/* Its end of RAM is where the file ends; the kernel clears its .bss beyond it. */
START_TEST(all_the_kernel_needs)
{
	struct pvhload_error err;
	struct load_fixture f;

	load_setup_region(&f, file(ARM64), FAKE_ZERO, ARM64_AT + ARM64_NEEDS - 1);
	err = load_refused_at(&f, ARM64_AT, PVHLOAD_E_RANGE);
	ck_says(err, "kernel [0x280000, 0x415000) leaves RAM");
	load_teardown(&f);
}
END_TEST

/* Without an offset, its base is 0: text_offset from there, whatever is RAM. */
START_TEST(flat_by_default)
{
	struct load_fixture f;

	load_setup_region(&f, file(ARM64), FAKE_ZERO, 0x400000 + ARM64_NEEDS);
	load_image(&f);
	ck_assert_uint_eq(f.result.gpa, 0x80000);
	f.entries[0].gpa += 0x1000;
	f.entries[0].size -= 0x1000;
	load_image(&f);
	ck_assert_uint_eq(f.result.gpa, 0x80000);
	f.entries[0].gpa = 0x81000;
	f.entries[0].size = 0x400000 + ARM64_NEEDS - 0x81000;
	load_image(&f);
	ck_assert_uint_eq(f.result.gpa, 0x280000);
	load_teardown(&f);
}
END_TEST

/* With an image_size of 0 its arm64 kernels go 0x80000 from the base, whatever text_offset says; so do ours. */
START_TEST(unsized)
{
	struct bytes bytes = file(ARM64), riscv64 = file(RISCV64);
	struct load_fixture f;

	poke(&bytes, 8, 0x1000, 8);
	poke(&bytes, 16, 0, 8);
	load_setup_region(&f, bytes, FAKE_ZERO, ARM64_AT + FILE_SIZE);
	(void)load_refused_at(&f, BASE + 0x1000, PVHLOAD_E_RANGE);
	load_image_at(&f, ARM64_AT);
	ck_assert_uint_eq(f.result.size, FILE_SIZE);
	load_teardown(&f);
	/* there is no riscv64 kernel with 0, where its loader takes one */
	poke(&riscv64, 16, 0, 8);
	(void)refuse_bytes(&riscv64, PVHLOAD_E_MALFORMED);
	bytes_free(&riscv64);
}
END_TEST

/* It reads neither flags nor versions nor the PE header. */
START_TEST(the_rest_of_the_header)
{
	static const struct {
		enum flat flat;
		size_t at;
		uint64_t value;
		enum pvhload_status status;
	} cases[] = {
		{ ARM64, 24, 0x10, PVHLOAD_E_UNSUPPORTED },
		{ ARM64, 32, 1, PVHLOAD_E_UNSUPPORTED },
		{ RISCV64, 34, 1, PVHLOAD_E_UNSUPPORTED },
		{ RISCV64, 16, UINT64_MAX - 0x1fffff, PVHLOAD_E_MALFORMED },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes bytes = file(cases[i].flat);

		poke(&bytes, cases[i].at, cases[i].value, cases[i].at == 34 ? 2 : 8);
		(void)refuse_bytes(&bytes, cases[i].status);
		bytes_free(&bytes);
	}
	for (enum flat flat = ARM64; flat <= RISCV64; flat++) {
		struct bytes whole = build_flat(flat, true);
		struct bytes cut = bytes_copy(whole.data, FLAT_PE_ENDS - 1);

		ck_says(refuse_bytes(&cut, PVHLOAD_E_MALFORMED), "truncated");
		bytes_free(&cut);
		bytes_free(&whole);
	}
}
END_TEST

/* A machine's, with a property of @pad zeros, whose name makes the rest a multiple of 4. */
static struct bytes padded_tree(size_t pad)
{
	struct tree tree = { .rsvmap = { NULL, 0 } };
	struct bytes zeros = bytes_zero(pad);

	machine_begin(&tree);
	tree_node(&tree, "chosen");
	tree_bytes(&tree, "four", zeros.data, pad);
	tree_end(&tree);
	tree_end(&tree);
	tree_token(&tree, TREE_DONE);
	bytes_free(&zeros);
	return tree_finish(&tree);
}

static struct bytes tree_of(size_t size)
{
	struct bytes least = padded_tree(0);
	const size_t pad = size - least.size;

	bytes_free(&least);
	return padded_tree(pad);
}

/* load_dtb and FDTPastRamEnd, by a plan: 2 MiB are the limit, and any address is not. */
START_TEST(tree_of_a_plan)
{
	const struct pvhload_plan_info *info;
	struct flat_fixture t;
	uint64_t size, last;

	flat_setup(&t, build_flat(ARM64, true));
	flat_use_tree(&t, tree_of(0x200000));
	info = plan(&t.f);
	ck_assert_uint_eq(region(info, "fdt")->size, 0x200000);
	ck_assert_uint_eq(info->fdt_gpa % 0x200000, 0);
	flat_use_tree(&t, tree_of(0x200004));
	ck_says(refused(&t.f, PVHLOAD_E_LIMIT), "above 2097152");
	flat_use_tree(&t, bytes_zero(4096));
	(void)refused(&t.f, PVHLOAD_E_FORMAT);
	t.fdt.size = 0;
	(void)refused(&t.f, PVHLOAD_E_MALFORMED);

	/* at the last place in RAM that it fits in, where it may have FDTPastRamEnd; and near there */
	flat_use_tree(&t, machine_tree());
	size = region(plan(&t.f), "fdt")->size;
	last = (RAM_END - size) & ~UINT64_C(7);
	set_place(&t.f, PVHLOAD_REGION_FDT, 0, last);
	expect_region(plan(&t.f), "fdt", last, size);
	set_place(&t.f, PVHLOAD_REGION_FDT, 0, last + 8);
	ck_says(refused(&t.f, PVHLOAD_E_RANGE), "leaves RAM");
	set_place(&t.f, PVHLOAD_REGION_FDT, 0, last - 4);
	ck_says(refused(&t.f, PVHLOAD_E_RANGE), "not at a multiple of 0x8");
	flat_teardown(&t);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("conformance_flat");

	ADD_TESTS(suite, "conformance_flat", load_flat_image, flat_magic, all_the_kernel_needs,
		  flat_by_default, unsized, the_rest_of_the_header);
	if (!skip_without_fdt())
		ADD_TESTS(suite, "trees", tree_of_a_plan);
	return run_suite(suite);
}
