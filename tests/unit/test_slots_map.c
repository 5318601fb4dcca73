/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Slots that map files: which files, where, and that no guest sees what another writes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "descriptors.h"
#include "huge_page_files.h"
#include "pages_kernel.h"

#define SHARED "pvhload-image" /* the name of what pvhload_image_share() makes */
#define BOTH   (F_SEAL_WRITE | F_SEAL_SHRINK)
#define PAGE   0x1000u

/* Mapping a file fails while this is set, and takes away what was there; the linker puts these in mmap()'s place. */
static bool no_mappings;

void *__wrap_mmap64(void *at, size_t size, int prot, int flags, int fd, off_t offset);
void *__real_mmap64(void *at, size_t size, int prot, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset);
void *__real_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset);

void *__wrap_mmap64(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
	if (no_mappings && fd >= 0) {
		(void)munmap(at, size);
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return __real_mmap64(at, size, prot, flags, fd, offset);
}

void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
	return no_mappings && fd >= 0 ? __wrap_mmap64(at, size, prot, flags, fd, offset)
				      : __real_mmap(at, size, prot, flags, fd, offset);
}

static struct pvhload_ram_slot map_slot(uint8_t *host)
{
	return (struct pvhload_ram_slot){ .size = PAGES_RAM,
					  .host = host,
					  .flags = PVHLOAD_RAM_SLOT_MAP };
}

static void commit(struct pvhload_plan *plan, struct pvhload_ram_slot *slot, uint32_t flags)
{
	struct pvhload_memory memory = PVHLOAD_MEMORY_INIT;
	struct pvhload_error err;

	memory.ops = pvhload_ram_flat_ops();
	memory.user = slot;
	memory.flags = flags;
	ck_status(PVHLOAD_OK, err, pvhload_plan_commit(plan, &memory, &err));
}

static void expect_kernel(const uint8_t *ram)
{
	static const uint8_t zeros[PAGES_END - PAGES_DATA - PAGES_DATA_SIZE];

	ck_assert_mem_eq(ram + PAGES_TEXT, pages_text(), PAGES_TEXT_SIZE);
	ck_assert_mem_eq(ram + PAGES_DATA, pages_data(), PAGES_DATA_SIZE);
	ck_assert_mem_eq(ram + PAGES_DATA + PAGES_DATA_SIZE, zeros, sizeof(zeros));
}

/* Two slots that touch, of 4 pages each, the second at a host address that may be no page's. */
struct pair {
	uint8_t *host;
	struct pvhload_ram_slot slots[2];
	struct pvhload_ram_slots table;
};

static void pair_setup(struct pair *p, uint32_t flags, uint64_t skew)
{
	p->host = pages_memory();
	memset(p->host, 0xa5, 16 * PAGE);
	p->slots[0] =
		(struct pvhload_ram_slot){ .size = 4 * PAGE, .host = p->host, .flags = flags };
	p->slots[1] = (struct pvhload_ram_slot){
		.gpa = 4 * PAGE, .size = 4 * PAGE, .host = p->host + 4 * PAGE + skew, .flags = flags
	};
	p->table = (struct pvhload_ram_slots){ sizeof(p->table), p->slots, 2 };
}

START_TEST(which)
{
	static const struct {
		int seals;
		uint32_t flags;
		uint64_t skew, gpa, offset, len;
		bool mapped;
	} cases[] = {
		{ BOTH, PVHLOAD_RAM_SLOT_MAP, 0, 0, 0, PAGE, true },
		{ BOTH, PVHLOAD_RAM_SLOT_MAP, 0, 4 * PAGE, PAGE, 2 * PAGE, true },
		{ BOTH | F_SEAL_GROW, PVHLOAD_RAM_SLOT_MAP | PVHLOAD_RAM_SLOT_ZEROED, 0, 0, 0, PAGE,
		  true },
		/* not sealed against both */
		{ 0, PVHLOAD_RAM_SLOT_MAP, 0, 0, 0, PAGE, false },
		{ F_SEAL_WRITE, PVHLOAD_RAM_SLOT_MAP, 0, 0, 0, PAGE, false },
		{ F_SEAL_SHRINK, PVHLOAD_RAM_SLOT_MAP, 0, 0, 0, PAGE, false },
		/* not asked for, or ROM */
		{ BOTH, 0, 0, 0, 0, PAGE, false },
		{ BOTH, PVHLOAD_RAM_SLOT_ZEROED, 0, 0, 0, PAGE, false },
		{ BOTH, PVHLOAD_RAM_SLOT_MAP | PVHLOAD_RAM_SLOT_ROM, 0, 0, 0, PAGE, false },
		/* no pages of the host, more than a slot, more than the file, no slot */
		{ BOTH, PVHLOAD_RAM_SLOT_MAP, 0x800, 4 * PAGE, 0, PAGE, false },
		{ BOTH, PVHLOAD_RAM_SLOT_MAP, 0, 3 * PAGE, 0, 2 * PAGE, false },
		{ BOTH, PVHLOAD_RAM_SLOT_MAP, 0, 0, 2 * PAGE, 2 * PAGE, false },
		{ BOTH, PVHLOAD_RAM_SLOT_MAP, 0, 8 * PAGE, 0, PAGE, false },
	};
	static uint8_t file[3 * PAGE];

	for (size_t i = 0; i < sizeof(file); i++)
		file[i] = (uint8_t)(i * 3 + (i >> 8));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const int fd = sealed_file_of(file, sizeof(file), cases[i].seals);
		struct pair p;
		int answer;

		pair_setup(&p, cases[i].flags, cases[i].skew);
		answer = pvhload_ram_slots_ops()->map_file(&p.table, cases[i].gpa, fd,
							   cases[i].offset, cases[i].len);
		ck_assert_msg(answer == (cases[i].mapped ? 0 : 1), "case %zu: %d", i, answer);
		ck_assert_uint_eq(mappings_of(MEMFD_NAME), cases[i].mapped);
		for (uint64_t at = 0; at < 16 * PAGE; at += PAGE / 2)
			if (!cases[i].mapped || at < cases[i].gpa ||
			    at >= cases[i].gpa + cases[i].len)
				ck_assert_uint_eq(p.host[at], 0xa5);
		if (cases[i].mapped)
			ck_assert_mem_eq(p.host + cases[i].gpa, file + cases[i].offset,
					 (size_t)cases[i].len);
		(void)munmap(p.host, PAGES_RAM);
		close(fd);
	}
}
END_TEST

/* Linux would map whole huge pages: more than it is asked for. */
START_TEST(files_of_huge_pages)
{
	static const uint8_t file[2 * PAGE];
	const int fd = sealed_file_of(file, sizeof(file), BOTH);
	struct pair p;

	pair_setup(&p, PVHLOAD_RAM_SLOT_MAP, 0);
	huge_page_files = true;
	ck_assert_int_eq(pvhload_ram_slots_ops()->map_file(&p.table, 0, fd, 0, PAGE), 1);
	huge_page_files = false;
	ck_assert_uint_eq(p.host[0], 0xa5);
	ck_assert_int_eq(pvhload_ram_slots_ops()->map_file(&p.table, 0, fd, 0, PAGE), 0);
	ck_assert_uint_eq(p.host[0], 0);
	(void)munmap(p.host, PAGES_RAM);
	close(fd);
}
END_TEST

/* A guest that reads a hole would give it memory, which it keeps. */
START_TEST(holes)
{
	static const uint8_t file[PAGE] = { 7 };
	const int fd = sparse_file_of(file, sizeof(file), 3 * PAGE, BOTH);
	const uint64_t taken = memory_of_file(fd);
	struct pair p;

	pair_setup(&p, PVHLOAD_RAM_SLOT_MAP, 0);
	for (uint64_t at = 0; at < 3 * PAGE; at += PAGE)
		ck_assert_int_eq(pvhload_ram_slots_ops()->map_file(&p.table, at, fd, at, PAGE), 1);
	ck_assert_uint_eq(p.host[0], 0xa5);
	ck_assert_uint_eq(memory_of_file(fd), taken);
	(void)munmap(p.host, PAGES_RAM);
	close(fd);
}
END_TEST

/* Pages that a mapping has taken away before it failed are there again, and are written. */
START_TEST(fails)
{
	struct bytes kernel = pages_kernel();
	struct pvhload_image *image = open_bytes(&kernel);
	uint8_t *ram = pages_memory();
	struct pvhload_ram_slot slot = map_slot(ram);
	struct pvhload_plan *plan;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_image_share(image, &err));
	plan = pages_plan(image);
	no_mappings = true;
	commit(plan, &slot, PVHLOAD_MEMORY_ZEROED);
	no_mappings = false;
	ck_assert_uint_eq(mappings_of(SHARED), 0);
	expect_kernel(ram);
	pvhload_plan_free(plan);
	(void)munmap(ram, PAGES_RAM);
	pvhload_image_close(image);
	bytes_free(&kernel);
}
END_TEST

/* Sums of what smaps says of the parts of that file, in KiB. */
static unsigned long sum_of(const char *field)
{
	FILE *smaps = fopen("/proc/self/smaps", "re");
	unsigned long sum = 0, value;
	char line[512], format[64];
	bool inside = false;

	ck_assert_ptr_nonnull(smaps);
	(void)snprintf(format, sizeof(format), "%s: %%lu", field);
	while (fgets(line, sizeof(line), smaps)) {
		if (strchr("0123456789abcdef", line[0]))
			inside = strstr(line, "/memfd:" SHARED " ") != NULL;
		else if (inside && sscanf(line, format, &value) == 1)
			sum += value;
	}
	fclose(smaps);
	return sum;
}

static unsigned int touch(const uint8_t *ram)
{
	const volatile uint8_t *at = ram;
	unsigned int sum = 0;

	for (uint64_t i = PAGES_TEXT; i < PAGES_END; i += PAGE)
		sum += at[i];
	return sum;
}

/* Text and the whole pages of the data are one file's, until a guest writes to one of them. */
START_TEST(two_guests)
{
	const unsigned long pages = (PAGES_TEXT_SIZE + PAGES_DATA_SIZE) / PAGE * 4;
	struct bytes kernel = pages_kernel(), bzimage = build_compressed(&kernel, GZIP);
	struct pvhload_image *image = open_bytes(&bzimage);
	uint8_t *first = pages_memory(), *second = pages_memory();
	struct pvhload_ram_slot slots[] = { map_slot(first), map_slot(second) };
	struct pvhload_plan *plan;
	struct pvhload_error err;
	uint8_t byte = 0;

	ck_status(PVHLOAD_OK, err, pvhload_image_share(image, &err));
	plan = pages_plan(image);
	commit(plan, &slots[0], PVHLOAD_MEMORY_ZEROED);
	commit(plan, &slots[1], 0);
	expect_kernel(first);
	expect_kernel(second);
	ck_assert_uint_eq(touch(first), touch(second));
	ck_assert_uint_eq(sum_of("Rss"), 2 * pages);
	ck_assert_uint_eq(sum_of("Pss"), pages);
	ck_assert_uint_eq(sum_of("Anonymous"), 0);

	memset(first + PAGES_TEXT, 0xcc, 2 * PAGE);
	first[PAGES_DATA] = (uint8_t)~pages_data()[0];
	expect_kernel(second);
	ck_assert_int_eq(pread(pvhload_image_shared_fd(image), &byte, 1, PAGE), 1);
	ck_assert_uint_eq(byte, pages_text()[0]);
	ck_assert_uint_eq(sum_of("Anonymous"), 3 * 4);

	/* started anew over what it left */
	commit(plan, &slots[0], 0);
	expect_kernel(first);
	ck_assert_uint_eq(sum_of("Anonymous"), 0);
	pvhload_plan_free(plan);
	(void)munmap(first, PAGES_RAM);
	(void)munmap(second, PAGES_RAM);
	pvhload_image_close(image);
	bytes_free(&bzimage);
	bytes_free(&kernel);
}
END_TEST

/* The guest lives on without the plan and the image; the next tenant's memory has nothing of it. */
START_TEST(next_tenant)
{
	static const uint8_t zeros[PAGE];
	const struct elf_spec small = small_kernel();
	struct bytes kernel = pages_kernel(), other = build_elf(&small);
	struct pvhload_image *image = open_bytes(&kernel), *next = open_bytes(&other);
	struct pvhload_memory memory = PVHLOAD_MEMORY_INIT;
	uint8_t *ram = pages_memory();
	struct pvhload_ram_slot slot = map_slot(ram);
	struct pvhload_plan *plan;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_image_share(image, &err));
	plan = pages_plan(image);
	commit(plan, &slot, PVHLOAD_MEMORY_ZEROED);
	pvhload_plan_free(plan);
	pvhload_image_close(image);
	expect_kernel(ram);

	plan = pages_plan(next);
	memory.ops = pvhload_ram_flat_ops();
	memory.user = &slot;
	commit(plan, &slot, 0);
	ck_status(PVHLOAD_OK, err, pvhload_plan_clear_unused(plan, &memory, &err));
	for (uint64_t at = PAGES_TEXT + PAGE; at < PAGES_END; at += PAGE)
		if (at != PAGES_DATA)
			ck_assert_mem_eq(ram + at, zeros, PAGE);
	ck_assert_mem_eq(ram + PAGES_DATA, small.segments[1].bytes, small.segments[1].file_size);
	pvhload_plan_free(plan);
	(void)munmap(ram, PAGES_RAM);
	pvhload_image_close(next);
	bytes_free(&other);
	bytes_free(&kernel);
}
END_TEST

/* RAM in a file is mapped by nobody. */
START_TEST(no_file)
{
	struct pvhload_ram_file_slot slot = { .size = PAGE, .flags = PVHLOAD_RAM_SLOT_MAP };
	struct pvhload_ram_file file = PVHLOAD_RAM_FILE_INIT;
	uint8_t byte = 0;

	file.slots = &slot;
	file.count = 1;
	file.fd = file_of("x", 1);
	ck_assert(!pvhload_ram_file_ops()->map_file);
	ck_assert_int_eq(pvhload_ram_file_ops()->read(&file, 0, &byte, 1), PVHLOAD_MEMORY_NO_SLOT);
	slot.flags = 0;
	ck_assert_int_eq(pvhload_ram_file_ops()->read(&file, 0, &byte, 1), 0);
	close(file.fd);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("slots_map");

	ADD_TESTS(suite, "slots_map", which, files_of_huge_pages, holes, fails, two_guests,
		  next_tenant, no_file);
	return run_suite(suite);
}
