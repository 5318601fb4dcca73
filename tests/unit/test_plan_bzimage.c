/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Where a bzImage goes that decodes itself: its load address, and what it needs from its run-time
 * start on.  The fixture's has pref_address 0x1000000, kernel_alignment 0x200000, init_size 0x3000000.
 */
#include "plan_fixture.h"

#define PREF      0x1000000u
#define INIT_SIZE 0x3000000u

/* The kernel is at @gpa, the processor enters it there, and the zero page says so. */
static void expect_load(struct plan_fixture *f, uint64_t gpa)
{
	const struct pvhload_plan_info *info = plan(f);
	const bool wide = info->protocol == PVHLOAD_PROTOCOL_X86_LINUX64;

	ck_assert_uint_eq(info->kernel_gpa, gpa);
	ck_assert_uint_eq(info->entry, gpa + (wide ? 0x200 : 0));
	ck_assert_uint_eq(info->x86_cpu->rip, info->entry);
	ck_assert_uint_eq(zero_page(f, 0x214, 4), gpa < 4 * GIB ? gpa : 0);
}

START_TEST(preferred)
{
	const uint32_t protocols[] = { PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_PROTOCOL_X86_LINUX32 };
	const struct pvhload_image_info *image;
	struct plan_fixture f;

	for (size_t i = 0; i < 2; i++) {
		uint8_t code[PROBE_SIZE + 0x400 + 16];

		bzimage_setup(&f, 256 * MIB, protocols[i]);
		expect_load(&f, PREF);
		expect_region(pvhload_plan_get_info(f.plan), "kernel", PREF, INIT_SIZE);
		ck_assert_uint_eq(zero_page(&f, 0x230, 4), 0x200000);
		ck_assert_uint_eq(pvhload_plan_get_info(f.plan)->decompress,
				  PVHLOAD_DECOMPRESS_GUEST);
		/* what is loaded is the protected-mode code, and zeros after it */
		image = pvhload_image_get_info(f.image);
		ck_assert_uint_le(image->bzimage->code_size, sizeof(code) - 1);
		committed(&f, PREF, code, sizeof(code));
		ck_assert_mem_eq(code, f.bytes.data + image->bzimage->code_offset,
				 (size_t)image->bzimage->code_size);
		ck_assert_uint_eq(code[image->bzimage->code_size], 0);
		plan_teardown(&f);
	}
}
END_TEST

/* The place is taken, or is no RAM: the next multiple above that is free for all of the window. */
START_TEST(moves)
{
	const struct pvhload_boot_keep_free taken = KEEP_FREE(0x1800000, 0x1000, "the VMM's");
	struct pvhload_error err;
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.config.keep_free = &taken;
	f.config.keep_free_count = 1;
	expect_load(&f, 0x1a00000);
	expect_region(pvhload_plan_get_info(f.plan), "kernel", 0x1a00000, INIT_SIZE);
	f.config.keep_free_count = 0;

	ck_status(PVHLOAD_OK, err,
		  pvhload_memmap_reserve(&f.map, 0x1000000, 0x1000, PVHLOAD_MEMMAP_RESERVED, &err));
	expect_load(&f, 0x1200000);
	plan_teardown(&f);

	/* no room for it anywhere: how much there was */
	bzimage_setup(&f, 64 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.config.keep_free = &taken;
	f.config.keep_free_count = 1;
	err = refused(&f, PVHLOAD_E_NO_ROOM);
	ck_says(err, "kernel [0x1000000, 0x4000000) overlaps the VMM's", "no room for kernel",
		"50331648 bytes", "largest free range");
	ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_KERNEL);
	plan_teardown(&f);
}
END_TEST

/* kernel_alignment is lowered to min_alignment where only that helps, and the kernel is told. */
START_TEST(least_alignment)
{
	struct plan_fixture f;

	bzimage_setup(&f, 80 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	poke(&f.bytes, 0x258, 0x1100000, 8);
	poke(&f.bytes, 0x230, 0x1000000, 4);
	set_field(&f, 0x235, 20, 1);
	/* 16 MiB: 0x2000000 + 48 MiB is all the RAM there is */
	expect_load(&f, 0x2000000);
	ck_assert_uint_eq(zero_page(&f, 0x230, 4), 0x1000000);
	plan_teardown(&f);

	bzimage_setup(&f, 79 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	poke(&f.bytes, 0x258, 0x1100000, 8);
	poke(&f.bytes, 0x230, 0x1000000, 4);
	set_field(&f, 0x235, 20, 1);
	expect_load(&f, 0x1100000);
	ck_assert_uint_eq(zero_page(&f, 0x230, 4), 0x100000);
	plan_teardown(&f);
}
END_TEST

START_TEST(asked_for)
{
	struct pvhload_error err;
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0x4000000);
	expect_load(&f, 0x4000000);
	expect_region(pvhload_plan_get_info(f.plan), "kernel", 0x4000000, INIT_SIZE);

	/* below pref_address it decodes itself to there: both places are its own */
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0x400000);
	expect_load(&f, 0x400000);
	expect_region(pvhload_plan_get_info(f.plan), "kernel image", 0x400000,
		      pvhload_image_get_info(f.image)->bzimage->code_size);
	expect_region(pvhload_plan_get_info(f.plan), "kernel", PREF, INIT_SIZE);

	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0x4100000);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "0x4100000", "least alignment, 0x200000");
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0xe000000);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "kernel [0xe000000, 0x11000000) leaves RAM");
	ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_KERNEL);
	plan_teardown(&f);
}
END_TEST

/* Above 4 GiB only by the 64-bit entry, and only if the kernel says so. */
START_TEST(above_4g)
{
	const struct pvhload_boot_keep_free low =
		KEEP_FREE(0x200000, 3 * GIB - 0x200000, "the VMM's");
	struct pvhload_error err;
	struct plan_fixture f;

	bzimage_setup(&f, 6 * GIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 4 * GIB);
	expect_load(&f, 4 * GIB);
	/* one more table for the GiB it is in */
	expect_region(pvhload_plan_get_info(f.plan), "page tables", 0x9000, 7 * 4096);
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0);
	f.config.keep_free = &low;
	f.config.keep_free_count = 1;
	expect_load(&f, 4 * GIB);

	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX32;
	err = refused(&f, PVHLOAD_E_NO_ROOM);
	ck_says(err, "no free RAM between 0x1000000 and 4 GiB");
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX64;
	set_field(&f, 0x236, 0x01, 2);
	err = refused(&f, PVHLOAD_E_NO_ROOM);
	ck_says(err, "no free RAM between 0x1000000 and 4 GiB");
	f.config.keep_free_count = 0;
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 4 * GIB);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "does not end below 4 GiB");
	plan_teardown(&f);
}
END_TEST

/* Address 0 means absent, and what is below 1 MiB is not a kernel's that does not ask for it. */
START_TEST(nowhere_low)
{
	struct pvhload_error err;
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	poke(&f.bytes, 0x260, 0x4000, 4);
	set_field(&f, 0x258, 0, 8);
	expect_load(&f, 0x200000);
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0x10000);
	poke(&f.bytes, 0x235, 12, 1);
	reopen(&f);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "at 0x10000", "below 1 MiB");
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0);
	poke(&f.bytes, 0x234, 0, 1);
	set_field(&f, 0x214, 0, 4);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "not relocatable", "the kernel at 0x0", "below 1 MiB");
	plan_teardown(&f);
}
END_TEST

/* One that decodes itself needs RAM for what it decodes to. */
START_TEST(payload_and_ram)
{
	struct pvhload_error err;
	struct plan_fixture f;
	size_t trailer;

	bzimage_setup(&f, 64 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	trailer = (size_t)(pvhload_image_get_info(f.image)->parts[0]->offset +
			   pvhload_image_get_info(f.image)->parts[0]->size - 4);
	poke(&f.bytes, 0x260, 64 * MIB, 4);
	set_field(&f, trailer, 64 * MIB, 4);
	err = refused(&f, PVHLOAD_E_NO_ROOM);
	ck_says(err, "kernel [0x1000000, 0x5000000) leaves RAM", "no room for kernel, 67108864");
	plan_teardown(&f);
}
END_TEST

/* A kernel goes by its init_size when it decodes itself, and is dead if that is too little. */
START_TEST(too_little_init_size)
{
	struct pvhload_error err;
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	set_field(&f, 0x260, 0x345, 4); /* what it decodes to */
	ck_assert_uint_eq(plan(&f)->protocol, PVHLOAD_PROTOCOL_X86_LINUX64);
	for (uint64_t size = 0; size < 0x345; size += 0x344) {
		set_field(&f, 0x260, size, 4);
		ck_assert_uint_eq(pvhload_image_get_info(f.image)->has_entry64, 0);
		ck_assert_uint_eq(pvhload_image_get_info(f.image)->has_entry32, 0);
		err = refused(&f, PVHLOAD_E_PROTOCOL);
		ck_says(err, "no 64-bit Linux entry: its init_size, ",
			size == 0 ? "0, is 837 bytes less" : "836, is 1 bytes less",
			"than its payload decodes to, 837");
	}
	/* 2.10 is the first that says what it needs */
	poke(&f.bytes, 0x206, 0x20a, 2);
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX32;
	set_field(&f, 0x260, 0x344, 4);
	ck_assert_uint_eq(pvhload_image_get_info(f.image)->has_entry32, 0);
	ck_says(refused(&f, PVHLOAD_E_PROTOCOL), "its init_size, 836, is 1 bytes less");
	set_field(&f, 0x260, 0x345, 4);
	ck_assert_uint_eq(plan(&f)->protocol, PVHLOAD_PROTOCOL_X86_LINUX32);
	poke(&f.bytes, 0x206, 0x209, 2);
	set_field(&f, 0x260, 0, 4);
	ck_assert_uint_eq(plan(&f)->protocol, PVHLOAD_PROTOCOL_X86_LINUX32);
	plan_teardown(&f);
}
END_TEST

/* A kernel that cannot move, as memtest86+: code32_start, and the window at pref_address. */
START_TEST(not_relocatable)
{
	const struct pvhload_boot_keep_free taken = KEEP_FREE(0x150000, 0x1000, "the VMM's");
	struct pvhload_error err;
	struct plan_fixture f;

	bzimage_setup(&f, 64 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	poke(&f.bytes, 0x234, 0, 1);
	poke(&f.bytes, 0x258, 0x100000, 8);
	set_field(&f, 0x260, 0x60000, 4);
	expect_load(&f, 0x100000);
	expect_region(pvhload_plan_get_info(f.plan), "kernel", 0x100000, 0x60000);
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0x100000);
	expect_load(&f, 0x100000);
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0x200000);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "not relocatable", "loaded at 0x100000, not at 0x200000");
	set_place(&f, PVHLOAD_REGION_KERNEL, 0, 0);

	f.config.keep_free = &taken;
	f.config.keep_free_count = 1;
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "not relocatable", "kernel [0x100000, 0x160000)",
		"overlaps the VMM's [0x150000, 0x151000)");

	/* loaded low, running high: each in its own place */
	f.config.keep_free_count = 0;
	set_field(&f, 0x258, 0x1000000, 8);
	expect_load(&f, 0x100000);
	expect_region(pvhload_plan_get_info(f.plan), "kernel image", 0x100000,
		      pvhload_image_get_info(f.image)->bzimage->code_size);
	expect_region(pvhload_plan_get_info(f.plan), "kernel", 0x1000000, 0x60000);
	plan_teardown(&f);
}
END_TEST

/* What an image asks for below 1 MiB, or not at all; the RAM between 0xc0000 and 1 MiB is @shadow. */
START_TEST(asks_low)
{
	static const struct {
		bool relocatable;
		uint32_t code32_start;
		uint64_t preferred;
		uint32_t alignment;
		bool shadow;
		uint64_t load, run; /* 0: refused */
	} cases[] = {
		{ false, 0x100000, 0, 0x200000, false, 0x100000, 0x100000 }, /* no preference */
		{ false, 0x300000, 0, 0x200000, false, 0x300000, 0x300000 },
		{ false, 0x100000, 0xff000, 0x1000, true, 0x100000, 0xff000 },
		{ false, 0x100000, 0xff000, 0x1000, false, 0, 0 }, /* no RAM there */
		{ false, 0x20000, 0x100000, 0x1000, false, 0x20000, 0x100000 },
		{ false, 0x20000, 0, 0x1000, false, 0x20000, 0x20000 },
		{ false, 0, 0, 0x1000, false, 0, 0 }, /* 0 is no address */
		{ true, 0x100000, 0, 0x1000, false, 0x100000, 0x100000 },
		{ true, 0x100000, 0, 0x200000, false, 0x200000, 0x200000 },
		{ true, 0x100000, 0xff000, 0x1000, true, 0xff000, 0xff000 },
		{ true, 0x100000, 0xff000, 0x1000, false, 0x100000, 0x100000 },
		{ true, 0x100000, 0xff000, 0x200000, true, 0x200000, 0x200000 },
		{ true, 0x100000, 0x1000, 0x1000, false, 0x1000, 0x1000 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const uint64_t load = cases[i].load, run = cases[i].run;
		struct plan_fixture f;
		uint64_t start, end;

		bzimage_setup(&f, 64 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
		f.map.count = 2;
		f.entries[0] = (struct pvhload_memmap_entry){ 0, 0x90000, PVHLOAD_MEMMAP_RAM, 0 };
		start = cases[i].shadow ? 0xc0000 : 0x100000;
		f.entries[1] = (struct pvhload_memmap_entry){ start, 64 * MIB - start,
							      PVHLOAD_MEMMAP_RAM, 0 };
		poke(&f.bytes, 0x234, cases[i].relocatable, 1);
		poke(&f.bytes, 0x235, 0, 1);
		poke(&f.bytes, 0x214, cases[i].code32_start, 4);
		poke(&f.bytes, 0x230, cases[i].alignment, 4);
		poke(&f.bytes, 0x258, cases[i].preferred, 8);
		set_field(&f, 0x260, 0x20000, 4);
		if (load == 0) {
			(void)refused(&f, PVHLOAD_E_RANGE);
		} else if (load + 0x20000 < run) {
			expect_load(&f, load);
			expect_region(pvhload_plan_get_info(f.plan), "kernel", run, 0x20000);
		} else {
			expect_load(&f, load);
			start = load < run ? load : run;
			end = load + pvhload_image_get_info(f.image)->bzimage->code_size;
			end = end > run + 0x20000 ? end : run + 0x20000;
			expect_region(pvhload_plan_get_info(f.plan), "kernel", start, end - start);
		}
		plan_teardown(&f);
	}
}
END_TEST

/* Before 2.10 there is no init_size: what it decodes to, and something for its .bss. */
START_TEST(old_protocols)
{
	struct plan_fixture f;

	bzimage_setup(&f, 64 * MIB, PVHLOAD_PROTOCOL_X86_LINUX32);
	set_field(&f, 0x206, 0x208, 2);
	expect_load(&f, 0x200000); /* the multiple of kernel_alignment above 1 MiB */
	expect_region(pvhload_plan_get_info(f.plan), "kernel", 0x200000,
		      pvhload_image_get_info(f.image)->parts[0]->decoded_size + 8 * MIB);
	set_field(&f, 0x206, 0x207, 2); /* nor what is inside: five times what is loaded */
	expect_load(&f, 0x200000);
	expect_region(pvhload_plan_get_info(f.plan), "kernel", 0x200000,
		      5 * pvhload_image_get_info(f.image)->bzimage->code_size);
	plan_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_bzimage");

	ADD_TESTS(suite, "plan_bzimage", preferred, moves, least_alignment, asked_for, above_4g,
		  nowhere_low, payload_and_ram, too_little_init_size, not_relocatable, asks_low,
		  old_protocols);
	return run_suite(suite);
}
