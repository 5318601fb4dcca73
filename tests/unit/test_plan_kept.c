/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What a plan keeps of what it was made from, and what it tells of itself. */
#include <unistd.h>

#include "fake_memory.h"
#include "descriptors.h"
#include "plan_fixture.h"

#define RAM_SIZE (8u << 20)

/* Everything the plan was made of is closed, and another file has the initrd's number. */
START_TEST(closed_after_planning)
{
	const int initrd = file_of("the initrd", 10);
	struct pvhload_source source = pvhload_source_fd(initrd);
	const size_t before = open_descriptors();
	struct plan_fixture f;
	uint8_t bytes[10];
	uint64_t gpa;

	plan_setup(&f, RAM_SIZE);
	f.config.initrds = &source;
	f.config.initrd_count = 1;
	gpa = region(plan(&f), "initrd")->gpa;
	pvhload_image_close(f.image);
	f.image = NULL;
	close(initrd);
	ck_assert_int_eq(file_of("wrong file", 10), initrd);
	committed(&f, gpa, bytes, sizeof(bytes));
	ck_assert_mem_eq(bytes, "the initrd", 10);
	pvhload_plan_free(f.plan);
	f.plan = NULL;
	ck_assert_uint_eq(open_descriptors(), before);
	close(initrd);
	plan_teardown(&f);
}
END_TEST

/* A caller who keeps the descriptor open gets no duplicate of it. */
START_TEST(kept_open)
{
	const int initrd = file_of("the initrd", 10);
	struct pvhload_source source = pvhload_source_fd(initrd);

	for (int kept = 0; kept < 2; kept++) {
		struct plan_fixture f;
		size_t before;

		plan_setup(&f, RAM_SIZE);
		source.flags = kept ? PVHLOAD_SOURCE_KEPT_OPEN : 0;
		f.config.initrds = &source;
		f.config.initrd_count = 1;
		before = open_descriptors();
		(void)plan(&f);
		ck_assert_uint_eq(open_descriptors(), before + !kept);
		plan_teardown(&f);
	}
	close(initrd);
}
END_TEST

/* The source of a kernel in place of an image. */
START_TEST(kernel_source)
{
	struct pvhload_error err;
	struct pvhload_source source;
	struct plan_fixture f;
	uint8_t text[0x40];

	plan_setup(&f, RAM_SIZE);
	source = pvhload_source_buffer(f.bytes.data, f.bytes.size);
	f.config.kernel = &source;
	err = refused(&f, PVHLOAD_E_USAGE);
	ck_says(err, "an image and the source of another");
	f.config.image = NULL;
	ck_assert_uint_eq(plan(&f)->protocol, PVHLOAD_PROTOCOL_PVH);
	committed(&f, 0x100000, text, sizeof(text));
	ck_assert_mem_eq(text, f.spec.segments[0].bytes, sizeof(text));
	pvhload_plan_free(f.plan);
	f.plan = NULL;
	source = pvhload_source_buffer("no kernel", 9);
	err = refused(&f, PVHLOAD_E_FORMAT);
	ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_KERNEL);
	f.config.kernel = NULL;
	err = refused(&f, PVHLOAD_E_USAGE);
	ck_says(err, "has no image");
	plan_teardown(&f);
}
END_TEST

/* Read back from the plan, each region has the bytes that a commit writes. */
START_TEST(regions_as_written)
{
	const struct pvhload_plan_info *info;
	struct pvhload_source initrd = pvhload_source_buffer("0123456789", 10);
	struct pvhload_error err;
	struct fake_memory fake;
	struct plan_fixture f;

	plan_setup(&f, RAM_SIZE);
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	f.config.cmdline = "console=ttyS0";
	info = plan(&f);
	fake_memory_init(&fake, RAM_SIZE, 0);
	memset(fake.bytes, 0, RAM_SIZE);
	ck_status(PVHLOAD_OK, err, pvhload_plan_commit(f.plan, &fake.memory, &err));
	for (size_t i = 0; i < info->region_count; i++) {
		const size_t size = (size_t)info->regions[i]->size;
		const size_t cut = size / 3;
		uint8_t *bytes = malloc(size);

		/* in two parts that end within a write */
		ck_status(PVHLOAD_OK, err,
			  pvhload_plan_read_region(f.plan, i, 0, bytes, cut, &err));
		ck_status(PVHLOAD_OK, err,
			  pvhload_plan_read_region(f.plan, i, cut, bytes + cut, size - cut, &err));
		ck_assert_mem_eq(bytes, fake.bytes + info->regions[i]->gpa, size);
		ck_status(PVHLOAD_E_USAGE, err,
			  pvhload_plan_read_region(f.plan, i, size, bytes, 1, &err));
		ck_says(err, info->regions[i]->name, "are not inside");
		ck_status(PVHLOAD_OK, err,
			  pvhload_plan_read_region(f.plan, i, size, NULL, 0, &err));
		free(bytes);
	}
	ck_status(PVHLOAD_E_USAGE, err,
		  pvhload_plan_read_region(f.plan, info->region_count, 0, NULL, 0, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_plan_read_region(NULL, 0, 0, NULL, 0, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_plan_read_region(f.plan, 0, 0, NULL, 1, &err));
	fake_memory_free(&fake);
	plan_teardown(&f);
}
END_TEST

static int64_t fail_later(void *user, uint64_t offset, void *dst, size_t len)
{
	int *left = user;

	(void)offset;
	if (--*left < 0)
		return -5;
	memset(dst, 'x', len);
	return (int64_t)len;
}

START_TEST(region_that_cannot_be_read)
{
	const struct pvhload_plan_info *info;
	int left = 0;
	struct pvhload_source initrd = pvhload_source_reader(fail_later, &left, 10);
	struct pvhload_error err;
	struct plan_fixture f;
	uint8_t bytes[10];

	plan_setup(&f, RAM_SIZE);
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	info = plan(&f);
	for (size_t i = 0; i < info->region_count; i++)
		if (info->regions[i]->kind == PVHLOAD_REGION_INITRD)
			ck_status(PVHLOAD_E_SOURCE, err,
				  pvhload_plan_read_region(f.plan, i, 0, bytes, 10, &err));
	ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_INITRD);
	ck_assert_int_eq(err.cause, -5);
	plan_teardown(&f);
}
END_TEST

/* All attempts, the failed ones with their reason; and why each region is where it is. */
START_TEST(attempts_and_reasons)
{
	static const char seed[] = "seed";
	const struct pvhload_source source = pvhload_source_buffer(seed, 4);
	struct pvhload_linux_setup_data data = PVHLOAD_LINUX_SETUP_DATA_INIT;
	const struct pvhload_plan_info *info;
	struct plan_fixture f;

	plan_setup(&f, RAM_SIZE);
	info = plan(&f);
	ck_assert_uint_eq(info->attempt_count, 1);
	ck_assert_uint_eq(info->attempts[0]->protocol, PVHLOAD_PROTOCOL_PVH);
	ck_assert_int_eq(info->attempts[0]->status, PVHLOAD_OK);
	ck_assert_str_eq(info->attempts[0]->message, "");
	ck_assert_uint_eq(region(info, "kernel")->reason, PVHLOAD_PLACED_ONLY);
	ck_assert_uint_eq(region(info, "memmap")->reason, PVHLOAD_PLACED_USUAL);
	pvhload_plan_free(f.plan);
	f.plan = NULL;

	data.source = &source;
	data.type = PVHLOAD_SETUP_RNG_SEED;
	f.x86.setup_data = &data;
	f.x86.setup_data_count = 1;
	f.config.protocol = PVHLOAD_PROTOCOL_AUTO;
	f.config.x86 = &f.x86;
	info = plan(&f);
	ck_assert_uint_eq(info->attempt_count, 2);
	ck_assert_uint_eq(info->attempts[0]->protocol, PVHLOAD_PROTOCOL_PVH);
	ck_assert_int_eq(info->attempts[0]->status, PVHLOAD_E_PROTOCOL);
	ck_assert_ptr_nonnull(strstr(info->attempts[0]->message, "no place for setup_data"));
	ck_assert_uint_eq(info->attempts[1]->protocol, PVHLOAD_PROTOCOL_X86_LINUX64);
	ck_assert_int_eq(info->attempts[1]->status, PVHLOAD_OK);
	ck_assert_uint_eq(region(info, "kernel")->reason, PVHLOAD_PLACED_PREFERRED);
	plan_teardown(&f);
}
END_TEST

/* What begin_region() was told, in order. */
struct told {
	struct fake_memory fake;
	uint64_t gpa;
	size_t count;
	bool outside; /* a write outside the region that was told last */
	uint64_t end;
	bool idle; /* nothing was written to it */
	struct pvhload_plan_region regions[16];
};

static int told_region(void *user, const struct pvhload_plan_region *r)
{
	struct told *t = user;

	ck_assert(t->count == 0 || r->gpa > t->gpa);
	ck_assert(!t->idle);
	ck_assert_uint_lt(t->count, 16);
	t->gpa = r->gpa;
	t->end = r->gpa + r->size;
	t->idle = true;
	t->regions[t->count++] = *r;
	return r->kind == PVHLOAD_REGION_INITRD ? -9 : 0;
}

static int told_write(void *user, uint64_t gpa, const void *src, size_t len)
{
	struct told *t = user;

	(void)src;
	t->idle = false;
	t->outside |= gpa < t->gpa || gpa + len > t->end;
	return 0;
}

static const struct pvhload_memory_ops told_ops = { .struct_size = sizeof(told_ops),
						    .write = told_write,
						    .begin_region = told_region };

START_TEST(told_of_regions)
{
	struct told t = { .count = 0 };
	const struct pvhload_memory mem = { .struct_size = sizeof(mem),
					    .ops = &told_ops,
					    .user = &t };
	struct pvhload_source initrd = pvhload_source_buffer("0123456789", 10);
	struct pvhload_error err;
	struct plan_fixture f;
	size_t count;

	plan_setup(&f, RAM_SIZE);
	count = plan(&f)->region_count;
	ck_status(PVHLOAD_OK, err, pvhload_plan_commit(f.plan, &mem, &err));
	ck_assert_uint_eq(t.count, count);
	ck_assert(!t.outside);
	pvhload_plan_free(f.plan);
	f.plan = NULL;

	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	(void)plan(&f);
	t.count = 0;
	t.idle = false;
	ck_status(PVHLOAD_E_CALLBACK, err, pvhload_plan_commit(f.plan, &mem, &err));
	ck_assert_int_eq(err.cause, -9);
	ck_says(err, "initrd");
	plan_teardown(&f);
}
END_TEST

/* What is told is what the plan lists, of two of a kind as well. */
START_TEST(told_as_listed)
{
	const struct pvhload_source source = pvhload_source_buffer("0123456789", 10);
	struct pvhload_boot_module modules[2] = { { sizeof(modules[0]), &source, "first" },
						  { sizeof(modules[0]), &source, "second" } };
	struct told t = { .count = 0 };
	const struct pvhload_memory mem = { .struct_size = sizeof(mem),
					    .ops = &told_ops,
					    .user = &t };
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, RAM_SIZE);
	f.config.modules = modules;
	f.config.module_count = 2;
	info = plan(&f);
	ck_status(PVHLOAD_OK, err, pvhload_plan_commit(f.plan, &mem, &err));
	ck_assert_uint_eq(t.count, info->region_count);
	for (size_t i = 0; i < t.count; i++) {
		const struct pvhload_plan_region *r = info->regions[i];

		ck_assert_str_eq(t.regions[i].name, r->name);
		ck_assert_uint_eq(t.regions[i].gpa, r->gpa);
		ck_assert_uint_eq(t.regions[i].size, r->size);
		ck_assert_uint_eq(t.regions[i].kind, r->kind);
		ck_assert_uint_eq(t.regions[i].index, r->index);
		ck_assert_uint_eq(t.regions[i].reason, r->reason);
	}
	ck_assert_uint_eq(region(info, "module 1")->index, 1);
	plan_teardown(&f);
}
END_TEST

/* A segment that is all .bss is not told of where memory is zero: nothing is written to it. */
START_TEST(not_told_of_zeros)
{
	struct elf_spec spec = small_kernel();
	struct told t = { .count = 0 };
	struct pvhload_memory mem = { .struct_size = sizeof(mem), .ops = &told_ops, .user = &t };
	struct pvhload_error err;
	struct plan_fixture f;
	size_t count;

	spec.segments[1].bytes = NULL;
	spec.segments[1].file_size = 0;
	spec.segments[1].paddr = 32 * MIB; /* far enough from the other to be a region of its own */
	plan_setup_spec(&f, 64 * MIB, &spec);
	count = plan(&f)->region_count;
	ck_status(PVHLOAD_OK, err, pvhload_plan_commit(f.plan, &mem, &err));
	ck_assert_uint_eq(t.count, count);
	t = (struct told){ .count = 0 };
	mem.flags = PVHLOAD_MEMORY_ZEROED;
	ck_status(PVHLOAD_OK, err, pvhload_plan_commit(f.plan, &mem, &err));
	ck_assert_uint_eq(t.count, count - 1);
	ck_assert(!t.outside && !t.idle);
	for (size_t i = 0; i < t.count; i++)
		ck_assert_uint_ne(t.regions[i].gpa, spec.segments[1].paddr);
	plan_teardown(&f);
}
END_TEST

/* Why the kernel and a structure, the command line, are where they are. */
START_TEST(reasons)
{
	static const struct {
		uint64_t taken;           /* a page that the VMM keeps free, or 0 */
		uint64_t kernel, cmdline; /* the places asked for, or 0 */
		uint32_t kernel_reason, cmdline_reason;
	} cases[] = {
		{ 0, 0, 0, PVHLOAD_PLACED_PREFERRED, PVHLOAD_PLACED_USUAL },
		{ 0, 0x2000000, 0, PVHLOAD_PLACED_ASKED, PVHLOAD_PLACED_USUAL },
		{ 0, 0, 0x30000, PVHLOAD_PLACED_PREFERRED, PVHLOAD_PLACED_ASKED },
		/* asked for, though it is where it would be anyway */
		{ 0, 0x1000000, 0x20000, PVHLOAD_PLACED_ASKED, PVHLOAD_PLACED_ASKED },
		{ 0x1800000, 0, 0, PVHLOAD_PLACED_MOVED, PVHLOAD_PLACED_USUAL },
		{ 0x20000, 0, 0, PVHLOAD_PLACED_PREFERRED, PVHLOAD_PLACED_MOVED },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pvhload_boot_keep_free taken =
			KEEP_FREE(cases[i].taken, 0x1000, "the VMM's");
		const struct pvhload_plan_info *info;
		struct plan_fixture f;

		bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
		f.config.cmdline = "nokaslr";
		f.config.keep_free = &taken;
		f.config.keep_free_count = cases[i].taken != 0;
		set_place(&f, PVHLOAD_REGION_KERNEL, 0, cases[i].kernel);
		set_place(&f, PVHLOAD_REGION_CMDLINE, 0, cases[i].cmdline);
		info = plan(&f);
		ck_assert_uint_eq(region(info, "kernel")->reason, cases[i].kernel_reason);
		ck_assert_uint_eq(region(info, "cmdline")->reason, cases[i].cmdline_reason);
		plan_teardown(&f);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_kept");

	ADD_TESTS(suite, "plan_kept", closed_after_planning, kept_open, kernel_source,
		  regions_as_written, region_that_cannot_be_read, attempts_and_reasons, reasons,
		  told_of_regions, told_as_listed, not_told_of_zeros);
	return run_suite(suite);
}
