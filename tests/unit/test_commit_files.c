/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Files on their way to guest memory without a copy in between: mapped, or read into a window. */
#include <sys/mman.h>
#include <unistd.h>

#include "fake_memory.h"
#include "open_image.h"

#define RAM_SIZE (8u << 20)

static uint8_t text_byte(size_t i)
{
	return (uint8_t)(i * 7 + (i >> 8));
}

/* The file and the guest agree on where pages start: whole pages are mapped, edges copied. */
START_TEST(mapping)
{
	const struct elf_spec spec = small_kernel();
	struct elf_spec aligned = spec;
	static uint8_t text[0x5000];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = text_byte(i);
	for (int declines = 0; declines < 2; declines++) {
		struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
		struct pvhload_memmap_entry entries[3];
		struct pvhload_memmap map = ram_map(entries, RAM_SIZE);
		struct pvhload_image *image = NULL;
		struct pvhload_plan *plan = NULL;
		struct pvhload_source source;
		struct pvhload_error err;
		struct fake_memory fake;
		struct bytes bytes;
		int fd = memfd_create("kernel", 0);
		uint64_t offset;

		aligned.segments[0].bytes = text;
		aligned.segments[0].mem_size = aligned.segments[0].file_size = sizeof(text);
		offset = elf_segment_offset(&aligned, 0);
		aligned.segments[0].paddr = 0x100000 + offset % 4096;
		bytes = build_elf(&aligned);
		ck_assert_int_eq(write(fd, bytes.data, bytes.size), (ssize_t)bytes.size);
		source = pvhload_source_fd(fd);
		ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, NULL, &image, &err));
		config.image = image;
		config.memmap = &map;
		/* SMALL_ENTRY lies before the text now: make RAM's first page of it the entry */
		config.flags = PVHLOAD_BOOT_NOT_LINUX;
		if (aligned.segments[0].paddr > SMALL_ENTRY) {
			poke(&bytes, elf_segment_offset(&aligned, 2) + 16,
			     aligned.segments[0].paddr, 8);
			ck_assert_int_eq(pwrite(fd, bytes.data, bytes.size, 0),
					 (ssize_t)bytes.size);
			pvhload_image_close(image);
			ck_status(PVHLOAD_OK, err, pvhload_image_open(&source, NULL, &image, &err));
			config.image = image;
		}
		ck_status(PVHLOAD_OK, err, pvhload_boot_plan(&config, &plan, &err));
		fake_memory_init(&fake, RAM_SIZE, FAKE_MAP_FILE);
		fake.declines = declines;
		ck_status(PVHLOAD_OK, err, pvhload_plan_commit(plan, &fake.memory, &err));
		ck_assert_uint_eq(fake.mapped, declines ? 0 : 0x4000);
		ck_assert_mem_eq(fake.bytes + aligned.segments[0].paddr, text, sizeof(text));
		ck_assert(!fake.strayed);
		fake_memory_free(&fake);
		pvhload_plan_free(plan);
		pvhload_image_close(image);
		bytes_free(&bytes);
		close(fd);
	}
}
END_TEST

/* The slot backend, with a count of what went through write. */
static uint64_t written;

static int counted_write(void *user, uint64_t gpa, const void *src, size_t len)
{
	written += len;
	return pvhload_ram_slots_ops()->write(user, gpa, src, len);
}

/* Where a file crosses from one slot into the next, only the edge goes through a buffer. */
START_TEST(crossing_slots)
{
	const uint64_t size = 12u << 20, edge = (8u << 20) + 0x1000;
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_memory_ops ops = *pvhload_ram_slots_ops();
	struct pvhload_memory mem = PVHLOAD_MEMORY_INIT;
	struct pvhload_ram_slot slots[2];
	struct pvhload_ram_slots table = { sizeof(table), slots, 2 };
	struct pvhload_memmap_entry entries[3];
	struct pvhload_memmap map = ram_map(entries, 16u << 20);
	const struct elf_spec spec = small_kernel();
	struct bytes elf = build_elf(&spec);
	struct pvhload_source initrd;
	struct pvhload_plan *plan = NULL;
	struct pvhload_error err;
	uint8_t *low = malloc(edge), *high = malloc((16u << 20) - edge);
	uint8_t *content = malloc(size);
	const uint64_t at = (16u << 20) - size;
	int fd = memfd_create("initrd", 0);

	for (size_t i = 0; i < size; i++)
		content[i] = text_byte(i);
	ck_assert_int_eq(write(fd, content, size), (ssize_t)size);
	initrd = pvhload_source_fd(fd);
	config.image = open_bytes(&elf);
	config.memmap = &map;
	config.initrds = &initrd;
	config.initrd_count = 1;
	ck_status(PVHLOAD_OK, err, pvhload_boot_plan(&config, &plan, &err));
	slots[0] = (struct pvhload_ram_slot){ .size = edge, .host = low };
	slots[1] =
		(struct pvhload_ram_slot){ .gpa = edge, .size = (16u << 20) - edge, .host = high };
	ops.write = counted_write;
	mem.ops = &ops;
	mem.user = &table;
	written = 0;
	ck_status(PVHLOAD_OK, err, pvhload_plan_commit(plan, &mem, &err));
	ck_assert_mem_eq(low + at, content, edge - at);
	ck_assert_mem_eq(high, content + (edge - at), size - (edge - at));
	/* 64 KiB across the edge, and the structures */
	ck_assert_uint_ge(written, 64u << 10);
	ck_assert_uint_le(written, 70u << 10);
	pvhload_plan_free(plan);
	pvhload_image_close(config.image);
	bytes_free(&elf);
	free(low);
	free(high);
	free(content);
	close(fd);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("commit_files");

	ADD_TESTS(suite, "commit_files", mapping, crossing_slots);
	return run_suite(suite);
}
