/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What a guest will not write soon is mapped, the rest copied; and pages of zeros stay untouched. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "descriptors.h"
#include "memory/copy_nonzero.h"
#include "pages_kernel.h"

#define SHARED "pvhload-image" /* the name of what pvhload_image_share() makes */
#define PAGE   0x1000u

/* Each pattern of pages that are zero and that are not, from and to wherever in a page. */
START_TEST(copies)
{
	static uint8_t src[5 * PAGE] __attribute__((aligned(PAGE)));
	static uint8_t dst[6 * PAGE] __attribute__((aligned(PAGE))), expected[6 * PAGE];

	for (unsigned int pattern = 0; pattern < 32; pattern++)
		for (size_t skew = 0; skew < 3; skew++)
			for (size_t cut = 0; cut < 3; cut++) {
				const size_t at = skew * 2047, size = sizeof(src) - cut * 4095;

				memset(src, 0, sizeof(src));
				for (size_t page = 0; page < 5; page++)
					if (pattern >> page & 1)
						src[page * PAGE + (pattern * 131 + page) % PAGE] =
							7;
				memset(dst, 0, sizeof(dst));
				memset(expected, 0, sizeof(expected));
				memcpy(expected + at, src, size);
				pvl_copy_nonzero(dst + at, src, size);
				ck_assert_mem_eq(dst, expected, sizeof(dst));
			}
	pvl_copy_nonzero(dst, src, 0);
	pvl_copy_nonzero(dst, src, 1);
}
END_TEST

/* A page that would have been zeroed is left alone: what is there stays. */
START_TEST(leaves_zeros)
{
	static uint8_t src[3 * PAGE], dst[3 * PAGE] __attribute__((aligned(PAGE)));

	memset(dst, 0xa5, sizeof(dst));
	src[0] = 1;
	src[3 * PAGE - 1] = 2;
	pvl_copy_nonzero(dst, src, sizeof(src));
	ck_assert_mem_eq(dst, src, PAGE);
	ck_assert_uint_eq(dst[PAGE], 0xa5);
	ck_assert_uint_eq(dst[2 * PAGE - 1], 0xa5);
	ck_assert_mem_eq(dst + 2 * PAGE, src + 2 * PAGE, PAGE);
}
END_TEST

static bool is_resident(uint8_t *page)
{
	unsigned char resident = 0;

	ck_assert_int_eq(mincore(page, PAGE, &resident), 0);
	return resident & 1;
}

/* Is this address in a mapping of a shared kernel? */
static bool is_mapped(const uint8_t *host)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long start, end;
	bool mapped = false;
	char line[512];

	ck_assert_ptr_nonnull(maps);
	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx", &start, &end) == 2 && start <= (uintptr_t)host &&
		    (uintptr_t)host < end)
			mapped = strstr(line, "/memfd:" SHARED " ") != NULL;
	fclose(maps);
	return mapped;
}

enum source { BUFFER, UNSEALED, SHARED_IMAGE };

static struct pvhload_image *open_kernel(const struct bytes *kernel, enum source from, int *fd)
{
	struct pvhload_source source = pvhload_source_buffer(kernel->data, kernel->size);
	struct pvhload_image *image = NULL;
	struct pvhload_error err;

	*fd = file_of(kernel->data, kernel->size);
	if (from == UNSEALED)
		source = pvhload_source_fd(*fd);
	ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, NULL, &image, &err));
	if (from == SHARED_IMAGE)
		ck_status(PVHLOAD_OK, err, pvhload_image_share(image, &err));
	return image;
}

static const struct {
	enum source from;
	uint32_t memory, slot; /* flags */
	bool text_mapped, data_mapped, zeros_resident;
} cases[] = {
	{ SHARED_IMAGE, PVHLOAD_MEMORY_ZEROED | PVHLOAD_MEMORY_MAP_STEADY, PVHLOAD_RAM_SLOT_MAP,
	  true, false, false },
	{ SHARED_IMAGE, PVHLOAD_MEMORY_ZEROED, PVHLOAD_RAM_SLOT_MAP, true, true, true },
	{ SHARED_IMAGE, PVHLOAD_MEMORY_MAP_STEADY, PVHLOAD_RAM_SLOT_MAP, true, false, true },
	{ SHARED_IMAGE, PVHLOAD_MEMORY_ZEROED | PVHLOAD_MEMORY_MAP_STEADY, 0, false, false, false },
	{ SHARED_IMAGE, PVHLOAD_MEMORY_ZEROED, 0, false, false, false },
	{ SHARED_IMAGE, 0, 0, false, false, true },
	{ BUFFER, PVHLOAD_MEMORY_ZEROED, PVHLOAD_RAM_SLOT_MAP, false, false, false },
	{ BUFFER, 0, 0, false, false, true },
	{ UNSEALED, PVHLOAD_MEMORY_ZEROED | PVHLOAD_MEMORY_MAP_STEADY, PVHLOAD_RAM_SLOT_MAP, false,
	  false, true },
};

/* Memory that is not called zero holds anything; the guest is the same in every case. */
START_TEST(ways)
{
	struct bytes kernel = pages_kernel();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t *ram = pages_memory();
		struct pvhload_ram_slot slot = { .size = PAGES_RAM,
						 .host = ram,
						 .flags = cases[i].slot };
		struct pvhload_memory memory = PVHLOAD_MEMORY_INIT;
		struct pvhload_image *image;
		struct pvhload_plan *plan;
		struct pvhload_error err;
		int fd;

		image = open_kernel(&kernel, cases[i].from, &fd);
		memory.ops = pvhload_ram_flat_ops();
		memory.user = &slot;
		memory.flags = cases[i].memory;
		if (!(memory.flags & PVHLOAD_MEMORY_ZEROED))
			memset(ram, 0xa5, PAGES_RAM);
		plan = pages_plan(image);
		ck_status(PVHLOAD_OK, err, pvhload_plan_commit(plan, &memory, &err));
		ck_assert_msg(is_mapped(ram + PAGES_TEXT) == cases[i].text_mapped, "case %zu", i);
		ck_assert_msg(is_mapped(ram + PAGES_DATA) == cases[i].data_mapped, "case %zu", i);
		ck_assert(is_resident(ram + PAGES_DATA));
		if (!cases[i].data_mapped)
			for (uint64_t at = PAGES_ZEROS; at < PAGES_ZEROS_END; at += PAGE)
				ck_assert_msg(is_resident(ram + at) == cases[i].zeros_resident,
					      "case %zu, 0x%" PRIx64, i, at);
		ck_assert_mem_eq(ram + PAGES_TEXT, pages_text(), PAGES_TEXT_SIZE);
		ck_assert_mem_eq(ram + PAGES_DATA, pages_data(), PAGES_DATA_SIZE);
		for (uint64_t at = PAGES_DATA + PAGES_DATA_SIZE; at < PAGES_END; at++)
			ck_assert_uint_eq(ram[at], 0);
		pvhload_plan_free(plan);
		pvhload_image_close(image);
		(void)munmap(ram, PAGES_RAM);
		close(fd);
	}
	bytes_free(&kernel);
}
END_TEST

START_TEST(segment_flags)
{
	struct bytes kernel = pages_kernel();
	struct pvhload_image *image = open_bytes(&kernel);
	const struct pvhload_image_elf *elf = pvhload_image_get_info(image)->elf;

	ck_assert_uint_eq(elf->segments[0]->flags, PVHLOAD_SEGMENT_READ | PVHLOAD_SEGMENT_EXECUTE);
	ck_assert_uint_eq(elf->segments[1]->flags, PVHLOAD_SEGMENT_READ | PVHLOAD_SEGMENT_WRITE);
	ck_assert_uint_eq(elf->segments[1]->reserved, 0);
	pvhload_image_close(image);
	bytes_free(&kernel);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("steady");

	ADD_TESTS(suite, "steady", copies, leaves_zeros, ways, segment_flags);
	return run_suite(suite);
}
