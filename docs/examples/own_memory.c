/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Guest memory that is nowhere mapped in one piece: each page is allocated when it is first written, and found
 * through a table.  So may a VMM have it whose guests are large and mostly empty, or whose pages are in another
 * process, on a disk or at another machine: three callbacks are all that the library needs.
 *
 *     own_memory KERNEL
 *
 * The kernel is planned and written for PVH, what it is told is read back, and the guest is reset: what it has
 * written is gone, and so are the pages that it took.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pvhload/pvhload.h>

#define GIB        (UINT64_C(1) << 30)
#define RAM_SIZE   (4 * GIB)
#define RAM_END    (5 * GIB) /* what is above the 32-bit hole starts at 4 GiB */
#define PAGE_SIZE  4096u
#define PAGE_COUNT (RAM_END / PAGE_SIZE)

struct pages {
	uint8_t **table; /* PAGE_COUNT pages by number; NULL reads as zeros */
	size_t count;    /* pages that are there */
};

/* Bytes of a range of @len bytes at @gpa that are in its first page. */
static size_t first_part(uint64_t gpa, uint64_t len)
{
	const size_t room = PAGE_SIZE - (size_t)(gpa % PAGE_SIZE);

	return len < room ? (size_t)len : room;
}

static uint8_t *page_to_write(struct pages *pages, uint64_t gpa)
{
	uint8_t **page = &pages->table[gpa / PAGE_SIZE];

	if (!*page) {
		*page = calloc(1, PAGE_SIZE);
		pages->count += *page != NULL;
	}
	return *page;
}

static void drop_page(struct pages *pages, uint64_t gpa)
{
	uint8_t **page = &pages->table[gpa / PAGE_SIZE];

	pages->count -= *page != NULL;
	free(*page);
	*page = NULL;
}

/*
 * The callbacks.  The library has checked that all of a range is RAM of the map, so each page has its place in
 * the table.
 */
static int write_pages(void *user, uint64_t gpa, const void *src, size_t len)
{
	const uint8_t *from = src;
	size_t part;

	for (; len > 0; gpa += part, from += part, len -= part) {
		uint8_t *page = page_to_write(user, gpa);

		part = first_part(gpa, len);
		if (!page)
			return ENOMEM; /* becomes pvhload_error::cause */
		memcpy(page + gpa % PAGE_SIZE, from, part);
	}
	return 0;
}

static int read_pages(void *user, uint64_t gpa, void *dst, size_t len)
{
	const struct pages *pages = user;
	uint8_t *to = dst;
	size_t part;

	for (; len > 0; gpa += part, to += part, len -= part) {
		const uint8_t *page = pages->table[gpa / PAGE_SIZE];

		part = first_part(gpa, len);
		if (page)
			memcpy(to, page + gpa % PAGE_SIZE, part);
		else
			memset(to, 0, part);
	}
	return 0;
}

/* Zeros take no memory: a whole page goes away. */
static int zero_pages(void *user, uint64_t gpa, uint64_t len)
{
	struct pages *pages = user;
	size_t part;

	for (; len > 0; gpa += part, len -= part) {
		uint8_t *page = pages->table[gpa / PAGE_SIZE];

		part = first_part(gpa, len);
		if (part == PAGE_SIZE)
			drop_page(pages, gpa);
		else if (page)
			memset(page + gpa % PAGE_SIZE, 0, part);
	}
	return 0;
}

static const struct pvhload_memory_ops page_ops = {
	.struct_size = sizeof(page_ops),
	.write = write_pages,
	.read = read_pages,
	.zero = zero_pages,
};

/* What the guest is told, out of the pages. */
static int read_back(const struct pvhload_memory *mem, uint64_t start_info,
		     struct pvhload_error *err)
{
	struct pvhload_pvh_view *view = NULL;

	if (pvhload_pvh_read(mem, start_info, 0, &view, err))
		return -1;
	printf("start info at 0x%" PRIx64 ": command line '%s', %zu entries of memory map\n",
	       start_info, view->cmdline, view->memmap_count);
	pvhload_pvh_view_free(view);
	return 0;
}

/* Start the guest, let it write a page, and reset it. */
static int life(const struct pvhload_plan *plan, struct pvhload_memory *mem, struct pages *pages,
		struct pvhload_error *err)
{
	static const char written[] = "by the guest";

	mem->flags = PVHLOAD_MEMORY_ZEROED; /* no page is there yet: zeros need not be written */
	if (pvhload_plan_commit(plan, mem, err))
		return -1;
	printf("%zu pages written of %" PRIu64 " GiB of RAM\n", pages->count, RAM_SIZE / GIB);
	if (read_back(mem, pvhload_plan_get_info(plan)->start_info_gpa, err))
		return -1;
	if (pvhload_memory_write(mem, 4 * GIB, written, sizeof(written), err))
		return -1;
	printf("%zu pages after the guest has run\n", pages->count);

	mem->flags = 0; /* from now on RAM may hold anything */
	if (pvhload_plan_clear_unused(plan, mem, err) || pvhload_plan_commit(plan, mem, err))
		return -1;
	printf("%zu pages after a reset\n", pages->count);
	return 0;
}

static int boot(int kernel, struct pages *pages, struct pvhload_error *err)
{
	const struct pvhload_source source = pvhload_source_fd(kernel);
	const struct pvhload_memmap_x86 x86 = { .struct_size = sizeof(x86), .ram_size = RAM_SIZE };
	struct pvhload_memmap_entry entries[8];
	struct pvhload_memmap map = { .struct_size = sizeof(map),
				      .entries = entries,
				      .capacity = 8 };
	struct pvhload_memory mem = {
		.struct_size = sizeof(mem), .ops = &page_ops, .user = pages, .memmap = &map
	};
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_plan *plan = NULL;
	int result = -1;

	config.kernel = &source;
	config.memmap = &map;
	config.cmdline = "console=ttyS0";
	config.protocol = PVHLOAD_PROTOCOL_PVH;
	if (!pvhload_memmap_init_x86(&x86, &map, err) && !pvhload_boot_plan(&config, &plan, err))
		result = life(plan, &mem, pages, err);
	pvhload_plan_free(plan);
	return result;
}

int main(int argc, char **argv)
{
	const int kernel = argc == 2 ? open(argv[1], O_RDONLY) : -1;
	struct pages pages = { .table = calloc(PAGE_COUNT, sizeof(*pages.table)) };
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	int result = -1;

	if (kernel < 0 || !pages.table)
		fprintf(stderr, "usage: own_memory KERNEL (which must exist)\n");
	else if ((result = boot(kernel, &pages, &err)) != 0)
		fprintf(stderr, "own_memory: %s\n", err.message);
	for (uint64_t gpa = 0; pages.table && gpa < RAM_END; gpa += PAGE_SIZE)
		drop_page(&pages, gpa);
	free(pages.table);
	if (kernel >= 0)
		close(kernel);
	return result != 0 || fflush(stdout) != 0 || ferror(stdout);
}
