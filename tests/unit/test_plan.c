/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Plans: where things go, and every reason not to make one. */
#include "open.h"

#define MIB (1ull << 20)
#define GIB (1ull << 30)

/* A small kernel in RAM that is only a map. */
struct fixture {
	struct elf_spec spec;
	struct bytes bytes;
	struct pvhload_image *image;
	struct pvhload_memmap_entry entries[160];
	struct pvhload_memmap map;
	struct pvhload_boot_config config;
	struct pvhload_boot_places places;
	struct pvhload_plan *plan;
};

static void setup_spec(struct fixture *f, uint64_t ram, const struct elf_spec *spec)
{
	memset(f, 0, sizeof(*f));
	f->spec = *spec;
	f->bytes = build_elf(&f->spec);
	f->image = open_bytes(&f->bytes);
	f->map = ram_map(f->entries, ram);
	f->map.capacity = 160;
	f->config = (struct pvhload_boot_config)PVHLOAD_BOOT_CONFIG_INIT;
	f->config.image = f->image;
	f->config.memmap = &f->map;
	f->places = (struct pvhload_boot_places)PVHLOAD_BOOT_PLACES_INIT;
	f->config.places = &f->places;
}

static void setup(struct fixture *f, uint64_t ram)
{
	const struct elf_spec spec = small_kernel();

	setup_spec(f, ram, &spec);
}

static void teardown(struct fixture *f)
{
	pvhload_plan_free(f->plan);
	pvhload_image_close(f->image);
	bytes_free(&f->bytes);
}

/* Plans hold what plans promise: sorted, disjoint, inside RAM. */
static void check_regions(const struct fixture *f, const struct pvhload_plan_info *info)
{
	uint64_t end = 0;

	for (size_t i = 0; i < info->region_count; i++) {
		const struct pvhload_plan_region *r = &info->regions[i];
		bool inside = false;

		ck_assert_uint_gt(r->size, 0);
		ck_assert_uint_ge(r->gpa, end);
		end = r->gpa + r->size;
		for (size_t k = 0; k < f->map.count; k++)
			inside |= f->map.entries[k].type == PVHLOAD_MEMMAP_RAM &&
				  r->gpa >= f->map.entries[k].addr &&
				  end <= f->map.entries[k].addr + f->map.entries[k].size;
		ck_assert_msg(inside, "%s is not in RAM", r->name);
	}
}

static const struct pvhload_plan_info *plan(struct fixture *f)
{
	struct pvhload_error err;

	pvhload_plan_free(f->plan);
	f->plan = NULL;
	ck_status(PVHLOAD_OK, err, pvhload_boot_plan(&f->config, &f->plan, &err));
	check_regions(f, pvhload_plan_info(f->plan));
	return pvhload_plan_info(f->plan);
}

static struct pvhload_error refused(struct fixture *f, enum pvhload_status status)
{
	struct pvhload_plan *const untouched = (struct pvhload_plan *)(uintptr_t)0x5a5a;
	struct pvhload_plan *made = untouched;
	struct pvhload_error err;

	ck_status(status, err, pvhload_boot_plan(&f->config, &made, &err));
	ck_assert_ptr_eq(made, untouched);
	return err;
}

static const struct pvhload_plan_region *region(const struct pvhload_plan_info *info,
						const char *name)
{
	for (size_t i = 0; i < info->region_count; i++)
		if (strcmp(info->regions[i].name, name) == 0)
			return &info->regions[i];
	return NULL;
}

static void expect_region(const struct pvhload_plan_info *info, const char *name, uint64_t gpa,
			  uint64_t size)
{
	const struct pvhload_plan_region *r = region(info, name);

	ck_assert_msg(r != NULL, "no region %s", name);
	ck_assert_msg(r->gpa == gpa && r->size == size, "%s is 0x%" PRIx64 " at 0x%" PRIx64, name,
		      r->size, r->gpa);
}

START_TEST(the_usual)
{
	const struct pvhload_plan_info *info;
	struct fixture f;

	setup(&f, 256 * MIB);
	info = plan(&f);
	ck_assert_uint_eq(info->protocol, PVHLOAD_PROTOCOL_PVH);
	ck_assert_uint_eq(info->entry, SMALL_ENTRY);
	ck_assert_uint_eq(info->kaslr_offset, 0);
	ck_assert_uint_eq(info->cmdline_max, 2047);
	ck_assert_uint_eq(info->start_info_gpa, 0x6000);
	ck_assert_str_eq(info->cmdline, "");
	ck_assert_uint_eq(info->region_count, 5);
	expect_region(info, "gdt", 0x500, 32);
	expect_region(info, "start_info", 0x6000, 56);
	expect_region(info, "memmap", 0x7000, 48);
	expect_region(info, "cmdline", 0x20000, 2048);
	expect_region(info, "kernel", SMALL_LOW, SMALL_END - SMALL_LOW);
	ck_assert_uint_eq(info->memmap->count, 2);
	ck_assert_mem_eq(info->memmap->entries, f.entries, 2 * sizeof(f.entries[0]));
	ck_assert_uint_eq(info->cpu->rip, SMALL_ENTRY);
	ck_assert_uint_eq(info->cpu->rbx, 0x6000);
	ck_assert_uint_eq(info->cpu->gdt.base, 0x500);
	ck_assert_ptr_null(pvhload_plan_info(NULL));
	pvhload_plan_free(NULL);
	teardown(&f);
}
END_TEST

START_TEST(initrd_and_modules)
{
	static const uint8_t bytes[10000];
	struct pvhload_source initrd = pvhload_source_buffer(bytes, 5000);
	struct pvhload_boot_module modules[2] = {
		{ sizeof(modules[0]), pvhload_source_buffer(bytes, 4096), "first" },
		{ sizeof(modules[0]), pvhload_source_buffer(bytes, 1), NULL },
	};
	const struct pvhload_plan_info *info;
	struct fixture f;

	setup(&f, 64 * MIB);
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	f.config.modules = modules;
	f.config.module_count = 2;
	info = plan(&f);
	/* whole pages each, from the top down */
	expect_region(info, "initrd", 64 * MIB - 8192, 5000);
	expect_region(info, "module 1", 64 * MIB - 12288, 4096);
	expect_region(info, "module 2", 64 * MIB - 16384, 1);
	expect_region(info, "modlist", 0x6040, 96);
	expect_region(info, "module cmdlines", 0x20800, 6);

	/* modules alone are numbered as the guest counts them */
	f.config.initrd_count = 0;
	info = plan(&f);
	expect_region(info, "module 0", 64 * MIB - 4096, 4096);
	expect_region(info, "module 1", 64 * MIB - 8192, 1);
	ck_assert_ptr_null(region(info, "initrd"));
	teardown(&f);
}
END_TEST

START_TEST(initrd_limits)
{
	static const uint8_t bytes[8192];
	struct pvhload_source initrd = pvhload_source_buffer(bytes, sizeof(bytes));
	const struct pvhload_plan_info *info;
	struct fixture f;

	/* below the hole, however much RAM is above it */
	setup(&f, 8 * GIB);
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	info = plan(&f);
	expect_region(info, "initrd", 3 * GIB - 8192, 8192);
	teardown(&f);

	/* below 4 GiB where there is no hole */
	setup(&f, 8 * GIB);
	f.entries[1].size = 7 * GIB;
	f.map.count = 2;
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	info = plan(&f);
	expect_region(info, "initrd", 4 * GIB - 8192, 8192);

	/* RAM that ends within a page: the page is not the guest's */
	f.entries[1].size = 63 * MIB + 100;
	info = plan(&f);
	expect_region(info, "initrd", 64 * MIB - 8192, 8192);
	teardown(&f);
}
END_TEST

START_TEST(initrd_room)
{
	static uint8_t bytes[4096];
	struct pvhload_source initrd = pvhload_source_buffer(bytes, sizeof(bytes));
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct fixture f;

	/* between the kernel and the end of RAM: 0x203000 to 4 MiB */
	setup(&f, 4 * MIB);
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	initrd.length = 4 * MIB - SMALL_END + 1;
	initrd.data = bytes; /* never read by a plan */
	err = refused(&f, PVHLOAD_E_NO_ROOM);
	ck_says(err, "no room for initrd, 2084865 bytes", "has 2084864 bytes",
		"[0x203000, 0x400000)");
	initrd.length--;
	info = plan(&f);
	expect_region(info, "initrd", SMALL_END, 4 * MIB - SMALL_END);
	initrd.length = 0;
	err = refused(&f, PVHLOAD_E_MALFORMED);
	ck_says(err, "initrd is empty");
	initrd.length = (uint64_t)INT64_MAX;
	(void)refused(&f, PVHLOAD_E_NO_ROOM);
	teardown(&f);

	/* no RAM at all above 1 MiB but the kernel */
	setup(&f, SMALL_END);
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	initrd.length = 1;
	err = refused(&f, PVHLOAD_E_NO_ROOM);
	ck_says(err, "there is no free RAM below 4 GiB");
	teardown(&f);
}
END_TEST

START_TEST(initrds_are_joined)
{
	struct pvhload_source parts[3] = { pvhload_source_buffer("12345", 5),
					   pvhload_source_buffer("678", 3),
					   pvhload_source_buffer("9", 1) };
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct fixture f;

	setup(&f, 64 * MIB);
	f.config.initrds = parts;
	f.config.initrd_count = 3;
	info = plan(&f);
	expect_region(info, "initrd", 64 * MIB - 4096, 8 + 4 + 1);
	parts[1].length = 0;
	err = refused(&f, PVHLOAD_E_MALFORMED);
	ck_says(err, "initrd 1 is empty");
	parts[1].kind = 0;
	err = refused(&f, PVHLOAD_E_USAGE);
	ck_says(err, "initrd 1: ");
	parts[1] = parts[0];
	parts[1].length = parts[2].length = INT64_MAX;
	(void)refused(&f, PVHLOAD_E_NO_ROOM);
	teardown(&f);
}
END_TEST

START_TEST(fixed_places)
{
	struct pvhload_source initrd = pvhload_source_buffer("initrd", 6);
	struct pvhload_boot_module module = { sizeof(module), pvhload_source_buffer("x", 1), "y" };
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct fixture f;

	setup(&f, 64 * MIB);
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	f.config.modules = &module;
	f.config.module_count = 1;
	f.places.gdt_gpa = 0x300000;
	f.places.start_info_gpa = 0x300020; /* right behind */
	f.places.modlist_gpa = 0x310000;
	f.places.memmap_gpa = 0x320001;
	f.places.cmdline_gpa = 0x330000;
	f.places.module_cmdlines_gpa = 0x340000;
	f.places.initrd_gpa = 0x350000;
	info = plan(&f);
	expect_region(info, "gdt", 0x300000, 32);
	expect_region(info, "start_info", 0x300020, 56);
	expect_region(info, "modlist", 0x310000, 64);
	expect_region(info, "memmap", 0x320001, 48);
	expect_region(info, "cmdline", 0x330000, 2048);
	expect_region(info, "module cmdlines", 0x340000, 2);
	expect_region(info, "initrd", 0x350000, 6);
	ck_assert_uint_eq(info->start_info_gpa, 0x300020);
	ck_assert_uint_eq(info->cpu->rbx, 0x300020);
	ck_assert_uint_eq(info->cpu->gdt.base, 0x300000);

	f.places.initrd_gpa = 0x350001;
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "initrd at 0x350001", "multiple of 0x1000");
	f.places.initrd_gpa = 0x340000;
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "initrd [0x340000, 0x341000)", "module cmdlines [0x340000, 0x340002)");
	f.places.initrd_gpa = SMALL_LOW;
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "initrd", "kernel [0x100000, 0x203000)");
	f.places.initrd_gpa = 64 * MIB - 4096;
	(void)plan(&f);
	f.places.initrd_gpa = 64 * MIB;
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "initrd [0x4000000, 0x4001000)", "the memory map ends at 0x4000000");
	f.places.initrd_gpa = 0xfffffffffffff000;
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "initrd", "below 4 GiB");
	f.places.initrd_gpa = 0;
	f.places.memmap_gpa = 0x30003f;
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "memmap [0x30003f, 0x30006f)", "start_info [0x300020, 0x300058)");
	f.places.memmap_gpa = GIB;
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "memmap", "below 1 GiB");
	f.places.memmap_gpa = 0;
	f.places.gdt_gpa = 0xa0000;
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "gdt [0xa0000, 0xa0020)", "the hole [0x9fc00, 0x100000)");
	teardown(&f);
}
END_TEST

/* Where the usual places are taken, or are not RAM, there is another. */
START_TEST(places_that_are_taken)
{
	const struct pvhload_boot_reservation reservations[] = { { 0x500, 1, "VMM data" },
								 { 0x6030, 0x1000, NULL } };
	const struct pvhload_plan_info *info;
	struct fixture f;

	setup(&f, 64 * MIB);
	f.config.reservations = reservations;
	f.config.reservation_count = 2;
	info = plan(&f);
	expect_region(info, "start_info", 0x1000, 56);
	expect_region(info, "memmap", 0x1038, 48);
	expect_region(info, "gdt", 0x1068, 32);
	expect_region(info, "cmdline", 0x20000, 2048);
	ck_assert_ptr_null(region(info, "VMM data"));
	teardown(&f);

	setup(&f, 64 * MIB);
	f.entries[0].size = 0x5000; /* RAM up to 0x5000, then from 1 MiB */
	info = plan(&f);
	expect_region(info, "start_info", 0x1000, 56);
	expect_region(info, "cmdline", 0x1068, 2048);
	teardown(&f);
}
END_TEST

START_TEST(many_modules_move_the_tables)
{
	struct pvhload_boot_module modules[500];
	const struct pvhload_plan_info *info;
	struct fixture f;

	for (size_t i = 0; i < 500; i++)
		modules[i] = (struct pvhload_boot_module){ sizeof(modules[0]),
							   pvhload_source_buffer("x", 1), "text" };
	setup(&f, 64 * MIB);
	f.config.modules = modules;
	f.config.module_count = 500;
	info = plan(&f);
	/* 16000 bytes from 0x6040: into 0x7000, where the map would be, so that one moves */
	expect_region(info, "modlist", 0x6040, 16000);
	expect_region(info, "memmap", 0x1000, 48);
	expect_region(info, "module 499", 64 * MIB - 500 * 4096, 1);
	teardown(&f);
}
END_TEST

START_TEST(reservations)
{
	struct pvhload_boot_reservation r = { 0x150000, 0x1000, "firmware" };
	struct pvhload_source initrd = pvhload_source_buffer("initrd", 6);
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct fixture f;

	/* between the two segments, which belong together */
	setup(&f, 64 * MIB);
	f.config.reservations = &r;
	f.config.reservation_count = 1;
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "kernel [0x100000, 0x203000)", "firmware [0x150000, 0x151000)");
	r.gpa = 0x202000;
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "kernel segment 1 [0x200000, 0x203000)", "firmware [0x202000, 0x203000)");
	r.gpa = SMALL_END;
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	info = plan(&f);
	expect_region(info, "initrd", 64 * MIB - 4096, 6);
	r = (struct pvhload_boot_reservation){ 63 * MIB, MIB, NULL };
	info = plan(&f);
	expect_region(info, "initrd", 63 * MIB - 4096, 6);
	r = (struct pvhload_boot_reservation){ 0xf0000000, 0x1000, NULL }; /* not RAM: fine */
	(void)plan(&f);
	r.size = 0;
	(void)refused(&f, PVHLOAD_E_RANGE);
	r = (struct pvhload_boot_reservation){ UINT64_MAX, 2, "x" };
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "reservation x");
	const struct pvhload_boot_reservation two[] = { { 0x3000, 0x2000, "a" },
							{ 0x4000, 0x10, "b" } };
	f.config.reservations = two;
	f.config.reservation_count = 2;
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "b [0x4000, 0x4010)", "a [0x3000, 0x5000)");
	teardown(&f);
}
END_TEST

/* The kernel's segments against the map: each refusal names both sides. */
START_TEST(segments_and_ram)
{
	struct pvhload_error err;
	struct fixture f;

	setup(&f, SMALL_END - 1);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "kernel segment 1 [0x200000, 0x203000)", "leaves RAM",
		"the memory map ends at 0x202fff");
	ck_assert_uint_eq(err.gpa, 0x202fff);
	teardown(&f);

	setup(&f, 64 * MIB);
	struct pvhload_error unused;
	ck_status(PVHLOAD_OK, unused,
		  pvhload_memmap_reserve(&f.map, 0x202000, 0x100000, PVHLOAD_MEMMAP_ACPI, &unused));
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "kernel segment 1", "ACPI [0x202000, 0x302000)");
	teardown(&f);

	/* into the MMIO hole, and one that lies in it */
	setup(&f, 6 * GIB);
	f.spec.segments[1].paddr = 3 * GIB - 0x1000;
	bytes_free(&f.bytes);
	pvhload_image_close(f.image);
	f.bytes = build_elf(&f.spec);
	f.image = f.config.image = open_bytes(&f.bytes);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "kernel segment 1 [0xbffff000, 0xc0002000)",
		"the hole [0xc0000000, 0x100000000)");
	teardown(&f);

	/* into the hole below 1 MiB */
	setup(&f, 64 * MIB);
	f.spec.segments[0].paddr = 0x9fbf0;
	bytes_free(&f.bytes);
	pvhload_image_close(f.image);
	f.bytes = build_elf(&f.spec);
	f.image = f.config.image = open_bytes(&f.bytes);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "kernel segment 0 [0x9fbf0, 0x9fc30)", "the hole [0x9fc00, 0x100000)");
	teardown(&f);
}
END_TEST

START_TEST(exabyte_bss)
{
	struct pvhload_error err;
	struct fixture f;

	setup(&f, 64 * MIB);
	f.spec.segments[1].mem_size = (size_t)1 << 60;
	bytes_free(&f.bytes);
	pvhload_image_close(f.image);
	f.bytes = build_elf(&f.spec);
	f.image = f.config.image = open_bytes(&f.bytes);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "kernel segment 1 [0x200000, 0x1000000000200000)", "ends at 0x4000000");
	teardown(&f);
}
END_TEST

/* Segments far apart, or with a hole between them, are regions of their own. */
START_TEST(kernels_in_pieces)
{
	static const uint8_t code[16];
	struct elf_spec spec = small_kernel();
	const struct pvhload_plan_info *info;
	struct fixture f;

	spec.segments[3] = spec.segments[2]; /* the notes */
	spec.segments[2] = (struct part){ PH_LOAD, 0x8000, code, 16, 0x1000, 1 };
	spec.segment_count = 4;
	setup_spec(&f, 64 * MIB, &spec);
	info = plan(&f);
	expect_region(info, "kernel 0", 0x8000, 0x1000);
	expect_region(info, "kernel 1", SMALL_LOW, SMALL_END - SMALL_LOW);
	teardown(&f);

	/* exactly 16 MiB apart, and one byte less */
	spec.segments[2].paddr = SMALL_END + 16 * MIB;
	setup_spec(&f, 64 * MIB, &spec);
	info = plan(&f);
	expect_region(info, "kernel 1", SMALL_END + 16 * MIB, 0x1000);
	teardown(&f);
	spec.segments[2].paddr--;
	setup_spec(&f, 64 * MIB, &spec);
	info = plan(&f);
	expect_region(info, "kernel", SMALL_LOW, 16 * MIB + 0x1000 - 1 + SMALL_END - SMALL_LOW);
	teardown(&f);
}
END_TEST

START_TEST(kernel_over_the_usual_places)
{
	static const uint8_t code[0x4000];
	struct elf_spec spec = small_kernel();
	const struct pvhload_plan_info *info;
	struct fixture f;

	spec.segments[3] = spec.segments[2];
	spec.segments[2] = (struct part){ PH_LOAD, 0x4000, code, sizeof(code), sizeof(code), 1 };
	spec.segment_count = 4;
	setup_spec(&f, 64 * MIB, &spec);
	info = plan(&f);
	expect_region(info, "kernel 0", 0x4000, 0x4000);
	expect_region(info, "start_info", 0x1000, 56);
	teardown(&f);
}
END_TEST

START_TEST(entries)
{
	static uint8_t notes[64];
	struct elf_spec spec = small_kernel();
	static const struct {
		uint32_t entry;
		bool good;
	} cases[] = {
		{ 0x100000, true }, { 0x10003f, true },    { 0x100040, false }, { 0xfffff, false },
		{ 0x20001f, true }, { 0x200020, false }, /* .bss: there is no code */
		{ 0, false },       { 0xffffffff, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pvhload_error err;
		struct fixture f;

		spec.segments[2].file_size = put_note(notes, 0, "Xen", 18, &cases[i].entry, 4, 4);
		spec.segments[2].bytes = notes;
		setup_spec(&f, 64 * MIB, &spec);
		if (cases[i].good) {
			ck_assert_uint_eq(plan(&f)->entry, cases[i].entry);
		} else {
			err = refused(&f, PVHLOAD_E_MALFORMED);
			ck_says(err, "PVH entry", "no segment", "[0x100000, 0x203000)");
			ck_assert_uint_eq(err.gpa, cases[i].entry);
		}
		teardown(&f);
	}
}
END_TEST

START_TEST(no_pvh_entry)
{
	static uint8_t notes[64];
	struct elf_spec spec = small_kernel();
	struct pvhload_error err;
	struct fixture f;

	spec.segment_count = 2;
	setup_spec(&f, 64 * MIB, &spec);
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "no PVH entry", "built without CONFIG_PVH",
		"the 64-bit Linux entry at 0x100000");
	teardown(&f);

	spec.is32 = true;
	setup_spec(&f, 64 * MIB, &spec);
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "32-bit ELF entry at 0x100000");
	teardown(&f);

	spec.is32 = false;
	spec.segment_count = 3;
	spec.segments[2].bytes = notes;
	spec.segments[2].file_size = put_note(notes, 0, "Xen", 18, "ab", 2, 4);
	setup_spec(&f, 64 * MIB, &spec);
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "PHYS32_ENTRY note holds neither 4 nor 8 bytes");
	teardown(&f);
	spec.segments[2].file_size = put_note(notes, 0, "Xen", 18, "\0\0\0\0\1\0\0\0", 8, 4);
	setup_spec(&f, 64 * MIB, &spec);
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "above 4 GiB");
	teardown(&f);
}
END_TEST

/* A bzImage in place of the fixture's kernel. */
static void use_bytes(struct fixture *f, struct bytes bytes)
{
	pvhload_image_close(f->image);
	bytes_free(&f->bytes);
	f->bytes = bytes;
	f->image = f->config.image = open_bytes(&f->bytes);
}

START_TEST(bzimages)
{
	struct elf_spec elf_spec = small_kernel();
	struct bytes elf = build_elf(&elf_spec);
	struct bzimage_spec spec = { .version = 0x20c };
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct fixture f;

	setup(&f, 64 * MIB);
	use_bytes(&f, build_compressed(&elf, ZSTD));
	info = plan(&f);
	ck_assert_uint_eq(info->entry, SMALL_ENTRY);
	expect_region(info, "kernel", SMALL_LOW, SMALL_END - SMALL_LOW);
	/* decoded once; a second plan uses it */
	ck_assert_ptr_nonnull(pvhload_image_payload(f.image));
	(void)plan(&f);

	/* images without one: no payload, a protocol without payloads, a 16-bit program */
	use_bytes(&f, build_bzimage(&spec));
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "no payload to take an ELF file from", "64-bit or 32-bit entry");
	spec.version = 0x207;
	use_bytes(&f, build_bzimage(&spec));
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "boot protocol 2.07 has no payload", "by its 32-bit entry");
	use_bytes(&f, build_bzimage(&spec));
	poke(&f.bytes, 0x214, 0, 4);
	pvhload_image_close(f.image);
	f.image = f.config.image = open_bytes(&f.bytes);
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "16-bit entry, which needs a BIOS");
	teardown(&f);
	bytes_free(&elf);

	/* the kernel inside was built without PVH */
	elf_spec.segment_count = 2;
	elf = build_elf(&elf_spec);
	setup(&f, 64 * MIB);
	use_bytes(&f, build_compressed(&elf, LZ4));
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "CONFIG_PVH", "the Linux boot protocol");
	teardown(&f);
	bytes_free(&elf);
}
END_TEST

/* No more is decoded than the guest could hold. */
START_TEST(payload_and_ram)
{
	const struct elf_spec spec = small_kernel();
	struct bytes elf = build_elf(&spec), bytes = build_compressed(&elf, ZSTD);
	struct pvhload_error err;
	struct fixture f;

	poke(&bytes, bytes.size - 4, 0x3fa0000, 4);
	setup(&f, 64 * MIB);
	use_bytes(&f, bytes);
	err = refused(&f, PVHLOAD_E_LIMIT);
	ck_says(err, "66715648 decoded bytes", "more than the guest's RAM", "66714624");
	ck_assert_ptr_null(pvhload_image_payload(f.image));
	teardown(&f);
	bytes_free(&elf);
}
END_TEST

START_TEST(command_lines)
{
	const struct elf_spec spec = small_kernel();
	struct bytes elf = build_elf(&spec);
	char text[70000];
	struct pvhload_error err;
	struct fixture f;

	memset(text, 'x', sizeof(text));
	setup(&f, 64 * MIB);
	text[2048] = '\0';
	f.config.cmdline = text;
	err = refused(&f, PVHLOAD_E_CMDLINE);
	ck_says(err, "2048 bytes, 1 more than the 2047 the kernel takes");
	text[2047] = '\0';
	ck_assert_str_eq(plan(&f)->cmdline, text);
	expect_region(pvhload_plan_info(f.plan), "cmdline", 0x20000, 2048);

	/* not Linux: as long as the library's own limit */
	memset(text, 'x', sizeof(text));
	text[65535] = '\0';
	f.config.flags = PVHLOAD_PVH_NOT_LINUX;
	expect_region(plan(&f), "cmdline", 0x20000, 65536);
	text[65535] = 'x';
	text[65536] = '\0';
	(void)refused(&f, PVHLOAD_E_CMDLINE);

	/* a bzImage says itself how much it takes */
	f.config.flags = 0;
	use_bytes(&f, build_compressed(&elf, GZIP));
	poke(&f.bytes, 0x238, 300, 4);
	pvhload_image_close(f.image);
	f.image = f.config.image = open_bytes(&f.bytes);
	text[302] = '\0';
	err = refused(&f, PVHLOAD_E_CMDLINE);
	ck_says(err, "302 bytes, 2 more than the 300");
	text[300] = '\0';
	ck_assert_uint_eq(plan(&f)->cmdline_max, 300);
	f.config.flags = PVHLOAD_PVH_NOT_LINUX;
	ck_assert_uint_eq(plan(&f)->cmdline_max, 300);
	/* but no more than the library can read back */
	poke(&f.bytes, 0x238, 0xffffffff, 4);
	pvhload_image_close(f.image);
	f.image = f.config.image = open_bytes(&f.bytes);
	ck_assert_uint_eq(plan(&f)->cmdline_max, 65535);
	teardown(&f);
	bytes_free(&elf);
}
END_TEST

START_TEST(memory_maps)
{
	struct pvhload_error err;
	struct fixture f;

	setup(&f, 64 * MIB);
	/* sorted for the guest, otherwise as it was given */
	f.entries[2] = f.entries[0];
	f.entries[0] = (struct pvhload_memmap_entry){ 32 * MIB, 32 * MIB, PVHLOAD_MEMMAP_RAM, 0 };
	f.entries[1].size = 31 * MIB;
	f.map.count = 3;
	ck_assert_uint_eq(plan(&f)->memmap->count, 3);
	ck_assert_uint_eq(pvhload_plan_info(f.plan)->memmap->entries[0].addr, 0);
	ck_assert_uint_eq(pvhload_plan_info(f.plan)->memmap->entries[1].addr, MIB);
	ck_assert_uint_eq(pvhload_plan_info(f.plan)->memmap->entries[2].addr, 32 * MIB);

	f.map.count = 0;
	(void)refused(&f, PVHLOAD_E_MEMMAP);
	f.map.count = 1;
	f.entries[0].addr = MIB;
	err = refused(&f, PVHLOAD_E_MEMMAP);
	ck_says(err, "1 entry");
	f.map.count = 2;
	err = refused(&f, PVHLOAD_E_OVERLAP);
	f.entries[1] = (struct pvhload_memmap_entry){ 0x1000, 0x1000, 2, 0 };
	err = refused(&f, PVHLOAD_E_MEMMAP);
	ck_says(err, "no RAM below 1 MiB");
	/* a guest that is not Linux may have it */
	f.config.flags = PVHLOAD_PVH_NOT_LINUX;
	(void)plan(&f);
	teardown(&f);

	setup(&f, 64 * MIB);
	for (size_t i = 0; i < 62; i++)
		ck_status(PVHLOAD_OK, err,
			  pvhload_memmap_reserve(&f.map, 8 * MIB + i * 8192, 4096, 2, &err));
	ck_assert_uint_eq(f.map.count, 126);
	ck_status(PVHLOAD_OK, err, pvhload_memmap_add(&f.map, 5 * GIB, 1, 2, &err));
	expect_region(plan(&f), "memmap", 0x7000, 127 * 24);
	ck_status(PVHLOAD_OK, err, pvhload_memmap_add(&f.map, 6 * GIB, 1, 2, &err));
	err = refused(&f, PVHLOAD_E_MEMMAP);
	ck_says(err, "128 entries; Linux takes 127");
	teardown(&f);
}
END_TEST

START_TEST(no_room_for_structures)
{
	const struct pvhload_boot_reservation all[] = {
		{ 0x1, 0x9fbff, "all of it" }, { SMALL_END, 64 * MIB - SMALL_END, "rest" }
	};
	struct pvhload_error err;
	struct fixture f;

	setup(&f, 64 * MIB);
	f.config.reservations = all;
	f.config.reservation_count = 2;
	err = refused(&f, PVHLOAD_E_NO_ROOM);
	ck_says(err, "no room for start_info, 56 bytes");
	teardown(&f);
}
END_TEST

/* A caller's array whose elements are larger than today's. */
START_TEST(newer_arrays)
{
	struct newer {
		struct pvhload_boot_module module;
		uint64_t added[2];
	} modules[2];
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct fixture f;

	memset(modules, 0, sizeof(modules));
	for (size_t i = 0; i < 2; i++) {
		modules[i].module.size = sizeof(modules[0]);
		modules[i].module.source = pvhload_source_buffer("abc", i + 1);
		modules[i].module.cmdline = i ? "second" : "first";
	}
	setup(&f, 64 * MIB);
	f.config.modules = &modules[0].module;
	f.config.module_count = 2;
	info = plan(&f);
	expect_region(info, "module 0", 64 * MIB - 4096, 1);
	expect_region(info, "module 1", 64 * MIB - 8192, 2);
	expect_region(info, "module cmdlines", 0x20800, 13);
	modules[1].added[1] = 1; /* something we could not honour */
	err = refused(&f, PVHLOAD_E_USAGE);
	ck_says(err, "module 1");
	modules[1].added[1] = 0;
	modules[0].module.source.kind = 0;
	err = refused(&f, PVHLOAD_E_USAGE);
	ck_says(err, "module 0: ");
	modules[0].module.source = pvhload_source_buffer("", 0);
	err = refused(&f, PVHLOAD_E_MALFORMED);
	ck_says(err, "module 0 is empty");
	modules[0].module.source = pvhload_source_buffer("x", 65 * MIB);
	err = refused(&f, PVHLOAD_E_NO_ROOM);
	ck_says(err, "module 0");
	teardown(&f);
}
END_TEST

START_TEST(usage)
{
	struct pvhload_boot_module module = PVHLOAD_BOOT_MODULE_INIT;
	struct pvhload_source source = pvhload_source_buffer("x", 1);
	struct pvhload_boot_reservation reservation = { 0x1000, 1, NULL };
	struct pvhload_error err;
	struct fixture f;

	setup(&f, 64 * MIB);
	ck_status(PVHLOAD_E_USAGE, err, pvhload_boot_plan(NULL, &f.plan, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_boot_plan(&f.config, NULL, &err));
	f.config.size = 8;
	(void)refused(&f, PVHLOAD_E_USAGE);
	f.config.size = sizeof(f.config);
	f.config.image = NULL;
	(void)refused(&f, PVHLOAD_E_USAGE);
	f.config.image = f.image;
	f.config.memmap = NULL;
	(void)refused(&f, PVHLOAD_E_USAGE);
	f.config.memmap = &f.map;
	f.config.protocol = 2;
	err = refused(&f, PVHLOAD_E_USAGE);
	ck_says(err, "protocol (2)");
	f.config.protocol = PVHLOAD_PROTOCOL_PVH;
	f.config.flags = 2;
	(void)refused(&f, PVHLOAD_E_USAGE);
	f.config.flags = 0;
	f.places.size = 1;
	(void)refused(&f, PVHLOAD_E_USAGE);
	f.places.size = sizeof(f.places);
	f.config.initrd_count = 1;
	(void)refused(&f, PVHLOAD_E_USAGE);
	f.config.initrds = &source;
	f.config.initrd_count = PVHLOAD_BOOT_INITRDS_MAX + 1;
	err = refused(&f, PVHLOAD_E_LIMIT);
	ck_says(err, "257 initrds", "256");
	f.config.initrd_count = 0;
	f.config.module_count = 1;
	(void)refused(&f, PVHLOAD_E_USAGE);
	f.config.modules = &module;
	f.config.module_count = PVHLOAD_PVH_MODULES_MAX + 1;
	(void)refused(&f, PVHLOAD_E_LIMIT);
	f.config.module_count = 1;
	module.size = 3;
	(void)refused(&f, PVHLOAD_E_USAGE);
	f.config.module_count = 0;
	f.config.reservation_count = 1;
	(void)refused(&f, PVHLOAD_E_USAGE);
	f.config.reservations = &reservation;
	f.config.reservation_count = PVHLOAD_BOOT_RESERVATIONS_MAX + 1;
	(void)refused(&f, PVHLOAD_E_LIMIT);
	f.config.reservation_count = 1;
	(void)plan(&f);
	/* without places and without an error struct */
	f.config.places = NULL;
	pvhload_plan_free(f.plan);
	f.plan = NULL;
	ck_assert_int_eq(pvhload_boot_plan(&f.config, &f.plan, NULL), PVHLOAD_OK);
	f.map.count = 0;
	ck_assert_int_eq(pvhload_boot_plan(&f.config, &f.plan, NULL), PVHLOAD_E_MEMMAP);
	teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan");

	ADD_TESTS(suite, "places", the_usual, initrd_and_modules, initrd_limits, initrd_room,
		  initrds_are_joined, fixed_places, places_that_are_taken,
		  many_modules_move_the_tables, reservations, kernels_in_pieces,
		  kernel_over_the_usual_places, no_room_for_structures);
	ADD_TESTS(suite, "kernel", segments_and_ram, exabyte_bss, entries, no_pvh_entry, bzimages,
		  payload_and_ram);
	ADD_TESTS(suite, "rest", command_lines, memory_maps, newer_arrays, usage);
	return run_suite(suite);
}
