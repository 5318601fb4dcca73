/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Commits: every byte in its place by every kind of memory, and nothing after a failure. */
#include <sys/mman.h>
#include <unistd.h>

#include "fake_memory.h"
#include "open_image.h"

#define RAM_SIZE (8u << 20)

/* The image's kinds of source. */
enum from { FROM_BUFFER, FROM_FD, FROM_READER, FROMS };

struct fixture {
	struct fake_memory fake;
	struct bytes bytes;
	int fd;
	struct pvhload_source source;
	struct pvhload_image *image;
	struct pvhload_memmap_entry entries[3];
	struct pvhload_memmap map;
	struct pvhload_plan *plan;
	size_t reader_calls;
	size_t reader_fails_at;
};

static int64_t read_at(void *user, uint64_t offset, void *dst, size_t len)
{
	struct fixture *f = user;
	const size_t n = len < 1000 ? len : 1000; /* short reads throughout */

	if (++f->reader_calls == f->reader_fails_at)
		return -3;
	memcpy(dst, f->bytes.data + offset, n);
	return (int64_t)n;
}

static const uint8_t initrd_bytes[7] = { 'i', 'n', 'i', 't', 'r', 'd', '!' };

/* A kernel with a large segment at an odd address, so that pages and buffers have edges. */
#define TEXT_GPA  0x100123u
#define TEXT_SIZE 200001u
#define BSS_SIZE  100003u

static uint8_t text_byte(size_t i)
{
	return (uint8_t)(i * 7 + (i >> 8));
}

static void setup(struct fixture *f, enum from from, unsigned int callbacks)
{
	static uint8_t text[TEXT_SIZE];
	struct pvhload_source initrds[2] = {
		pvhload_source_buffer(initrd_bytes, sizeof(initrd_bytes)),
		pvhload_source_buffer("second", 6),
	};
	const struct pvhload_source module_source = pvhload_source_buffer("module", 6);
	struct pvhload_boot_module module = { sizeof(module), &module_source, "text" };
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct elf_spec spec = small_kernel();
	struct pvhload_error err;

	memset(f, 0, sizeof(*f));
	for (size_t i = 0; i < TEXT_SIZE; i++)
		text[i] = text_byte(i);
	spec.segments[0] =
		(struct part){ PH_LOAD, TEXT_GPA, text, TEXT_SIZE, TEXT_SIZE + BSS_SIZE, 1 };
	spec.segments[1].paddr = 0x300000;
	spec.segments[2].bytes = NULL;
	spec.segments[2].file_size = 0;
	spec.segment_count = 4;
	static uint8_t notes[64];
	/* TEXT_GPA */
	static const uint8_t entry[4] = { 0x23, 0x01, 0x10, 0x00 };

	spec.segments[3] = (struct part){ PH_NOTE, 0, notes, 0, 0, 4 };
	spec.segments[3].file_size = put_note(notes, 0, "Xen", 18, entry, 4, 4);
	f->bytes = build_elf(&spec);
	f->fd = memfd_create("kernel", 0);
	ck_assert_int_eq(write(f->fd, f->bytes.data, f->bytes.size), (ssize_t)f->bytes.size);
	f->source = from == FROM_BUFFER ? pvhload_source_buffer(f->bytes.data, f->bytes.size)
		    : from == FROM_FD   ? pvhload_source_fd(f->fd)
					: pvhload_source_reader(read_at, f, f->bytes.size);
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&f->source, NULL, &f->image, &err));
	f->map = ram_map(f->entries, RAM_SIZE);
	config.image = f->image;
	config.memmap = &f->map;
	config.cmdline = "hello";
	config.initrds = initrds;
	config.initrd_count = 2;
	config.modules = &module;
	config.module_count = 1;
	config.rsdp_gpa = 0xe0000;
	ck_status(PVHLOAD_OK, err, pvhload_boot_plan(&config, &f->plan, &err));
	fake_memory_init(&f->fake, RAM_SIZE, callbacks);
	f->reader_calls = 0;
}

static void teardown(struct fixture *f)
{
	fake_memory_free(&f->fake);
	pvhload_plan_free(f->plan);
	pvhload_image_close(f->image);
	bytes_free(&f->bytes);
	close(f->fd);
}

static enum pvhload_status commit(struct fixture *f, struct pvhload_error *err)
{
	return pvhload_plan_commit(f->plan, &f->fake.memory, err);
}

/* What the guest's memory must be, byte for byte; @untouched is what nobody wrote. */
static void check_memory(const struct fixture *f, bool zeroed)
{
	const uint8_t *m = f->fake.bytes;
	const uint64_t initrd = RAM_SIZE - 4096, module = RAM_SIZE - 8192;
	const uint8_t untouched = zeroed ? 0 : FAKE_PATTERN;
	struct pvhload_pvh_view *view = NULL;
	struct pvhload_memory mem = f->fake.memory;
	struct pvhload_ram_slot slot = { .size = RAM_SIZE, .host = f->fake.bytes };
	struct pvhload_error err;
	size_t wrong = 0;

	for (size_t i = 0; i < TEXT_SIZE + BSS_SIZE; i++)
		wrong += m[TEXT_GPA + i] != (i < TEXT_SIZE ? text_byte(i) : 0);
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(m[TEXT_GPA - 1], untouched);
	ck_assert_uint_eq(m[TEXT_GPA + TEXT_SIZE + BSS_SIZE], 0); /* Linux has the gaps as well */
	ck_assert_uint_eq(m[0x2fffff], 0);
	ck_assert_mem_eq(m + 0x300000, "\xd0\xd1\xd2", 3);
	ck_assert_uint_eq(m[0x300020], 0);
	ck_assert_uint_eq(m[0x302fff], 0);
	ck_assert_uint_eq(m[0x303000], untouched);
	/* the second part starts at a multiple of 4, with zeros before it */
	ck_assert_mem_eq(m + initrd, "initrd!\0second", 14);
	ck_assert_uint_eq(m[initrd + 14], untouched);
	ck_assert_mem_eq(m + module, "module", 6);
	ck_assert_uint_eq(m[module + 6], untouched);
	ck_assert_uint_eq(peek(m + 0x508, 8), 0x00cf9b000000ffff);
	ck_assert(!f->fake.strayed);

	mem.ops = pvhload_ram_flat_ops();
	mem.user = &slot;
	mem.memmap = &f->map;
	ck_status(PVHLOAD_OK, err, pvhload_pvh_read(&mem, 0x6000, 0, &view, &err));
	ck_assert_str_eq(view->cmdline, "hello");
	ck_assert_uint_eq(view->rsdp_gpa, 0xe0000);
	ck_assert_uint_eq(view->module_count, 2);
	ck_assert_uint_eq(view->modules[0].gpa, initrd);
	ck_assert_uint_eq(view->modules[0].size, 14);
	ck_assert_ptr_null(view->modules[0].cmdline);
	ck_assert_uint_eq(view->modules[1].gpa, module);
	ck_assert_uint_eq(view->modules[1].size, 6);
	ck_assert_str_eq(view->modules[1].cmdline, "text");
	ck_assert_uint_eq(view->memmap_count, 2);
	pvhload_pvh_view_free(view);
}

/* Every kind of source into every kind of memory. */
START_TEST(every_combination)
{
	static const unsigned int callbacks[] = {
		0,
		FAKE_ZERO,
		FAKE_HOST_PTR,
		FAKE_HOST_PTR | FAKE_ZERO,
		FAKE_MAP_FILE,
		FAKE_MAP_FILE | FAKE_HOST_PTR | FAKE_ZERO,
	};

	for (enum from from = 0; from < FROMS; from++) {
		for (size_t i = 0; i < sizeof(callbacks) / sizeof(callbacks[0]); i++) {
			struct pvhload_error err;
			struct fixture f;

			setup(&f, from, callbacks[i]);
			ck_status(PVHLOAD_OK, err, commit(&f, &err));
			check_memory(&f, false);
			/* again, to the same place */
			ck_status(PVHLOAD_OK, err, commit(&f, &err));
			check_memory(&f, false);
			ck_assert_uint_eq(f.fake.host_ptrs > 0,
					  (callbacks[i] & FAKE_HOST_PTR) != 0);
			teardown(&f);
		}
	}
}
END_TEST

/* RAM that is known to be zero is not written with zeros. */
START_TEST(zeroed_memory)
{
	struct pvhload_error err;
	struct fixture f;

	setup(&f, FROM_BUFFER, FAKE_ZERO);
	f.fake.memory.flags = PVHLOAD_MEMORY_ZEROED;
	memset(f.fake.bytes, 0, RAM_SIZE);
	f.fake.fail_at = 0;
	f.fake.ops.zero = NULL;
	ck_status(PVHLOAD_OK, err, commit(&f, &err));
	check_memory(&f, true);
	teardown(&f);

	setup(&f, FROM_BUFFER, 0);
	f.fake.memory.flags = PVHLOAD_MEMORY_ZEROED;
	ck_status(PVHLOAD_OK, err, commit(&f, &err));
	ck_assert_uint_eq(f.fake.bytes[TEXT_GPA + TEXT_SIZE], FAKE_PATTERN);
	teardown(&f);
}
END_TEST

/* Whichever callback fails, the commit stops there and says where. */
START_TEST(failing_callbacks)
{
	static const unsigned int callbacks[] = { 0, FAKE_ZERO, FAKE_HOST_PTR | FAKE_ZERO,
						  FAKE_MAP_FILE };
	bool seen_kernel = false, seen_initrd = false, seen_module = false, seen_gdt = false;

	for (size_t i = 0; i < sizeof(callbacks) / sizeof(callbacks[0]); i++) {
		for (uint64_t n = 1;; n++) {
			struct pvhload_error err = PVHLOAD_ERROR_INIT;
			enum pvhload_status status;
			struct fixture f;

			setup(&f, FROM_FD, callbacks[i]);
			f.fake.fail_at = n;
			status = commit(&f, &err);
			ck_assert_uint_le(f.fake.calls, n);
			teardown(&f);
			if (status == PVHLOAD_OK) {
				ck_assert_uint_gt(n, 5);
				break;
			}
			ck_assert_int_eq(status, PVHLOAD_E_CALLBACK);
			ck_assert_int_eq(err.cause, -77);
			ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_NONE);
			ck_assert_uint_ne(err.gpa, PVHLOAD_NOWHERE);
			seen_kernel |= strncmp(err.message, "kernel: ", 8) == 0 ||
				       strncmp(err.message, "kernel 0: ", 10) == 0;
			seen_initrd |= strncmp(err.message, "initrd: ", 8) == 0;
			seen_module |= strncmp(err.message, "module 1: ", 10) == 0;
			seen_gdt |= strncmp(err.message, "gdt: ", 5) == 0;
		}
	}
	ck_assert(seen_kernel && seen_initrd && seen_module && seen_gdt);
}
END_TEST

/* A source that fails, at any of its reads. */
START_TEST(failing_sources)
{
	for (size_t n = 1;; n++) {
		struct pvhload_error err = PVHLOAD_ERROR_INIT;
		enum pvhload_status status;
		struct fixture f;

		setup(&f, FROM_READER, n % 2 ? FAKE_HOST_PTR : 0);
		f.reader_fails_at = n;
		status = commit(&f, &err);
		teardown(&f);
		if (status == PVHLOAD_OK) {
			ck_assert_uint_gt(n, TEXT_SIZE / 1000);
			break;
		}
		ck_assert_int_eq(status, PVHLOAD_E_SOURCE);
		ck_assert_int_eq(err.cause, -3);
		ck_says(err, "kernel", "the reader returned -3");
	}
}
END_TEST

START_TEST(file_that_shrinks)
{
	struct pvhload_error err;
	struct fixture f;

	setup(&f, FROM_FD, FAKE_HOST_PTR);
	ck_assert_int_eq(ftruncate(f.fd, 1000), 0);
	ck_status(PVHLOAD_E_SOURCE, err, commit(&f, &err));
	ck_says(err, "kernel", "0x3e8", "shorter");
	ck_assert_uint_eq(err.offset, 1000);
	teardown(&f);
}
END_TEST

START_TEST(memory_that_is_smaller)
{
	struct pvhload_memmap_entry entries[3];
	struct pvhload_memmap map = ram_map(entries, RAM_SIZE - 4096);
	struct pvhload_error err;
	struct fixture f;

	setup(&f, FROM_BUFFER, FAKE_HOST_PTR | FAKE_ZERO);
	f.fake.memory.memmap = &map;
	ck_status(PVHLOAD_E_RANGE, err, commit(&f, &err));
	ck_says(err, "initrd", "not all in the guest's RAM");
	ck_assert_uint_eq(err.gpa, RAM_SIZE - 4096);
	ck_assert(fake_memory_untouched(&f.fake));
	entries[0].size = 0;
	ck_status(PVHLOAD_E_MEMMAP, err, commit(&f, &err));
	map = ram_map(entries, RAM_SIZE);
	ck_status(PVHLOAD_OK, err, commit(&f, &err));
	check_memory(&f, false);
	teardown(&f);
}
END_TEST

START_TEST(usage)
{
	struct pvhload_error err;
	struct fixture f;

	setup(&f, FROM_BUFFER, FAKE_HOST_PTR);
	ck_status(PVHLOAD_E_USAGE, err, pvhload_plan_commit(NULL, &f.fake.memory, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_plan_commit(f.plan, NULL, &err));
	f.fake.ops.write = NULL;
	ck_status(PVHLOAD_E_USAGE, err, commit(&f, &err));
	ck_says(err, "write");
	f.fake.memory.struct_size = 2;
	ck_status(PVHLOAD_E_USAGE, err, commit(&f, &err));
	f.fake.memory.struct_size = sizeof(f.fake.memory);
	f.fake.memory.flags = 0x10;
	ck_status(PVHLOAD_E_USAGE, err, commit(&f, &err));
	ck_assert(fake_memory_untouched(&f.fake));
	teardown(&f);
}
END_TEST

/* One plan, the three stock backends, the same bytes. */
START_TEST(stock_backends)
{
	struct pvhload_ram_slot slots[2];
	struct pvhload_ram_slots table = { sizeof(table), slots, 2 };
	const struct pvhload_ram_file_slot file_slot = { .size = RAM_SIZE };
	struct pvhload_ram_file file = { sizeof(file), &file_slot, 1, -1, 0 };
	struct pvhload_memory mem = PVHLOAD_MEMORY_INIT;
	struct pvhload_error err;
	struct fixture f;

	setup(&f, FROM_FD, 0);
	/* the slots meet in the middle of the kernel's text */
	slots[0] = (struct pvhload_ram_slot){ .size = 0x110000, .host = f.fake.bytes };
	slots[1] = (struct pvhload_ram_slot){ .gpa = 0x110000,
					      .size = RAM_SIZE - 0x110000,
					      .host = f.fake.bytes + 0x110000 };
	mem.ops = pvhload_ram_slots_ops();
	mem.user = &table;
	ck_status(PVHLOAD_OK, err, pvhload_plan_commit(f.plan, &mem, &err));
	check_memory(&f, false);

	file.fd = memfd_create("ram", 0);
	ck_assert_int_eq(ftruncate(file.fd, RAM_SIZE), 0);
	mem.ops = pvhload_ram_file_ops();
	mem.user = &file;
	mem.flags = PVHLOAD_MEMORY_ZEROED;
	ck_status(PVHLOAD_OK, err, pvhload_plan_commit(f.plan, &mem, &err));
	ck_assert_int_eq(pread(file.fd, f.fake.bytes, RAM_SIZE, 0), RAM_SIZE);
	check_memory(&f, true);
	close(file.fd);

	/* a map that promises more than the table has: the backend refuses, and says so */
	slots[1].size = 0x1000;
	mem.ops = pvhload_ram_slots_ops();
	mem.user = &table;
	ck_status(PVHLOAD_E_CALLBACK, err, pvhload_plan_commit(f.plan, &mem, &err));
	ck_assert_int_eq(err.cause, PVHLOAD_MEMORY_NO_SLOT);
	ck_says(err, "PVHLOAD_MEMORY_NO_SLOT");
	teardown(&f);
}
END_TEST

/* Every write lies in the region that was told last; each is told once, as its bytes are grouped. */
START_TEST(regions_are_told)
{
	const unsigned int all = FAKE_BEGIN_REGION | FAKE_ZERO | FAKE_HOST_PTR | FAKE_MAP_FILE;
	const unsigned int sets[] = { FAKE_BEGIN_REGION, FAKE_BEGIN_REGION | FAKE_ZERO, all };

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		struct pvhload_error err;
		struct fixture f;

		setup(&f, FROM_FD, sets[i]);
		ck_status(PVHLOAD_OK, err, commit(&f, &err));
		ck_assert(!f.fake.strayed);
		ck_assert_uint_eq(f.fake.regions, pvhload_plan_get_info(f.plan)->region_count);
		f.fake.ops.begin_region = NULL;
		check_memory(&f, false);
		teardown(&f);
	}
}
END_TEST

START_TEST(a_region_is_refused)
{
	struct pvhload_error err;
	struct fixture f;

	setup(&f, FROM_BUFFER, FAKE_BEGIN_REGION);
	f.fake.fail_at = 1;
	ck_status(PVHLOAD_E_CALLBACK, err, commit(&f, &err));
	ck_assert_int_eq(err.cause, f.fake.fail_with);
	ck_assert_uint_eq(err.gpa, f.fake.region.gpa);
	ck_says(err, "the begin_region callback returned -77");
	ck_assert(fake_memory_untouched(&f.fake));
	teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("commit");

	ADD_TESTS(suite, "bytes", every_combination, zeroed_memory, stock_backends,
		  regions_are_told);
	ADD_TESTS(suite, "failures", failing_callbacks, failing_sources, file_that_shrinks,
		  memory_that_is_smaller, a_region_is_refused, usage);
	return run_suite(suite);
}
