/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * How often a call takes memory from the heap, at most, the libraries that it calls included.  A new case is a row: a
 * function that does the call between heap_calls_begin() and heap_calls_end(), with two sizes that it gives a meaning.
 */
#include <unistd.h>

#include "boot_once.h"
#include "heap_calls.h"
#include "linux_fixture.h"
#include "pvh_fixture.h"

#define ENTRIES_MAX 256u
#define MODULES_MAX 32u

/* RAM at the start and reserved bytes above 1 GiB: @count entries in all, which is 2 or more. */
static struct pvhload_memmap map_of(struct pvhload_memmap_entry entries[ENTRIES_MAX], size_t count)
{
	const struct pvhload_memmap map = { sizeof(map), entries, ENTRIES_MAX, count, 0 };

	entries[0] = (struct pvhload_memmap_entry){ 0, 0x9fc00, PVHLOAD_MEMMAP_RAM, 0 };
	entries[1] = (struct pvhload_memmap_entry){ 0x100000, RAM_SIZE - 0x100000,
						    PVHLOAD_MEMMAP_RAM, 0 };
	for (size_t i = 2; i < count; i++)
		entries[i] =
			(struct pvhload_memmap_entry){ GIB + 2 * i, 1, PVHLOAD_MEMMAP_RESERVED, 0 };
	return map;
}

static struct heap_calls pvh_write(size_t entry_count, size_t module_count)
{
	struct pvhload_memmap_entry entries[ENTRIES_MAX];
	const struct pvhload_memmap map = map_of(entries, entry_count);
	struct pvhload_pvh_module modules[MODULES_MAX];
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	enum pvhload_status status;
	struct heap_calls calls;
	struct pvh_fixture f;

	for (size_t i = 0; i < module_count; i++)
		modules[i] = (struct pvhload_pvh_module){ 0x200000 + 0x1000 * i, 0x1000, "text" };
	pvh_setup(&f);
	f.params.memmap = &map;
	f.params.cmdline = "console=ttyS0";
	f.params.modules = modules;
	f.params.module_count = module_count;
	f.params.rsdp_gpa = 0xe0000;
	f.params.flags = entry_count > PVHLOAD_PVH_MEMMAP_MAX ? PVHLOAD_PVH_NOT_LINUX : 0;
	heap_calls_begin();
	status = write_it(&f, &err);
	calls = heap_calls_end();
	ck_assert_msg(status == PVHLOAD_OK, "%s", err.message);
	pvh_teardown(&f);
	return calls;
}

static struct heap_calls linux_write_of(size_t entry_count, size_t node_count)
{
	struct pvhload_memmap_entry entries[ENTRIES_MAX];
	const struct pvhload_memmap map = map_of(entries, entry_count);
	struct pvhload_linux_setup_data data[PVHLOAD_LINUX_SETUP_DATA_MAX];
	struct pvhload_source source = pvhload_source_buffer("seed", 4);
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	enum pvhload_status status;
	struct heap_calls calls;
	struct linux_fixture f;

	for (size_t i = 0; i < node_count; i++)
		data[i] = (struct pvhload_linux_setup_data){ sizeof(data[i]), &source,
							     PVHLOAD_SETUP_RNG_SEED, 0 };
	linux_setup(&f);
	f.params.memmap = &map;
	f.params.cmdline = "console=ttyS0";
	f.params.initrd_gpa = 0x200000;
	f.params.initrd_size = 0x1000;
	f.params.setup_data = data;
	f.params.setup_data_count = node_count;
	heap_calls_begin();
	status = linux_write(&f, &err);
	calls = heap_calls_end();
	ck_assert_msg(status == PVHLOAD_OK, "%s", err.message);
	linux_teardown(&f);
	return calls;
}

/* From opening the image to the end of the commit. */
static struct heap_calls boot_of(size_t kind, size_t unused)
{
	struct boot_once boot = { .kind = (enum boot_once_kind)kind, .kept_open = true };
	struct heap_calls calls;

	(void)unused;
	boot_once_prepare(&boot);
	heap_calls_begin();
	boot_once(&boot);
	calls = heap_calls_end();
	boot_once_end(&boot);
	return calls;
}

/* A small kernel with three words after it; the caller closes. */
static struct pvhload_image *open_small(struct bytes *ret_file)
{
	struct elf_spec spec = small_kernel();
	struct pvhload_image *image = NULL;
	struct pvhload_source source;

	spec.tail = "\0\0\0\0\0\0\0\0\1\0\0\x81";
	spec.tail_size = 12;
	*ret_file = build_elf(&spec);
	source = pvhload_source_buffer(ret_file->data, ret_file->size);
	ck_assert_int_eq(pvhload_image_open(&source, NULL, &image, NULL), PVHLOAD_OK);
	return image;
}

static struct heap_calls version_of(size_t first, size_t second)
{
	enum pvhload_status status;
	struct heap_calls calls;
	struct bytes file;
	struct pvhload_image *image = open_small(&file);
	char text[64];

	(void)first, (void)second;
	heap_calls_begin();
	status = pvhload_image_kernel_version(image, text, sizeof(text), NULL);
	calls = heap_calls_end();
	ck_assert_int_eq(status, PVHLOAD_OK);
	pvhload_image_close(image);
	bytes_free(&file);
	return calls;
}

static struct heap_calls relocations_of(size_t first, size_t second)
{
	struct pvhload_image_relocations relocations = PVHLOAD_IMAGE_RELOCATIONS_INIT;
	enum pvhload_status status;
	struct heap_calls calls;
	struct bytes file;
	struct pvhload_image *image = open_small(&file);

	(void)first, (void)second;
	heap_calls_begin();
	status = pvhload_image_count_relocations(image, &relocations, NULL);
	calls = heap_calls_end();
	ck_assert_int_eq(status, PVHLOAD_OK);
	pvhload_image_close(image);
	bytes_free(&file);
	return calls;
}

static const struct {
	const char *name;
	struct heap_calls (*call)(size_t first, size_t second);
	size_t first, second;
	size_t most;
	size_t most_bytes; /* 0: any */
} cases[] = {
	/* entries of the map, and modules */
	{ "pvhload_pvh_write", pvh_write, 2, 0, 0, 0 },
	{ "pvhload_pvh_write", pvh_write, 128, 16, 0, 0 },
	{ "pvhload_pvh_write", pvh_write, 129, 16, 1, 0 },
	{ "pvhload_pvh_write", pvh_write, 128, 17, 1, 0 },
	/* entries of the map, and setup_data */
	{ "pvhload_linux_write", linux_write_of, 2, 0, 0, 0 },
	{ "pvhload_linux_write", linux_write_of, 128, 0, 0, 0 },
	{ "pvhload_linux_write", linux_write_of, 129, 0, 1, 0 },
	{ "pvhload_linux_write", linux_write_of, 2, 1, 1, 0 },
	{ "a boot of an ELF file", boot_of, BOOT_ELF, 0, 12, 16u << 10 },
	/* what is searched, and tables, are of some hundred bytes */
	{ "pvhload_image_kernel_version", version_of, 0, 0, 1, 1u << 10 },
	{ "pvhload_image_count_relocations", relocations_of, 0, 0, 1, 64 },
};

/* Straight to the descriptor, as the test may be a child whose standard output nobody flushes. */
static void say_skipped(void)
{
	static const char line[] = "# SKIP no_more_than: calls of the heap are not seen here\n";

	if (write(STDOUT_FILENO, line, sizeof(line) - 1) < 0)
		abort();
}

START_TEST(no_more_than)
{
	struct heap_calls calls;

	if (!heap_calls_seen()) {
		say_skipped();
		return;
	}
	calls = cases[_i].call(cases[_i].first, cases[_i].second);
	if (calls.takes > cases[_i].most)
		heap_calls_list();
	ck_assert_msg(calls.takes <= cases[_i].most, "%s with %zu and %zu: %zu calls, not %zu",
		      cases[_i].name, cases[_i].first, cases[_i].second, calls.takes,
		      cases[_i].most);
	ck_assert_msg(cases[_i].most_bytes == 0 || calls.bytes <= cases[_i].most_bytes,
		      "%s: %zu bytes, not %zu", cases[_i].name, calls.bytes, cases[_i].most_bytes);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("heap_calls");
	TCase *all = tcase_create("heap_calls");

	tcase_add_loop_test(all, no_more_than, 0, sizeof(cases) / sizeof(cases[0]));
	suite_add_tcase(suite, all);
	return run_suite(suite);
}
