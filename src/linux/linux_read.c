/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Reading a zero page back.  Nothing in the guest is trusted: addresses are checked against RAM,
 * and counts against limits, before they are followed.  A field of the setup_header is only used if
 * the protocol version has it; the other fields of the page have no version.
 *
 * ABI source: Linux, Documentation/arch/x86/zero-page.rst and boot.rst,
 * arch/x86/include/uapi/asm/bootparam.h, arch/x86/kernel/e820.c (E820_EXT).
 */
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/span.h"
#include "x86/setup_header.h"
#include "memory/read_text.h"
#include "linux/linux_read.h"

void pvhload_linux_view_free(struct pvhload_linux_view *view)
{
	struct pvl_linux_view *v = (struct pvl_linux_view *)view;

	if (!v)
		return;
	/* The members are const for the caller; the library owns them. */
	for (size_t i = 0; i < v->view.setup_data_count; i++)
		free((void *)(uintptr_t)v->nodes[i].data);
	free(v->memmap.entries);
	free(v->cmdline);
	free((void *)(uintptr_t)v->view.problems);
	free(v);
}

struct pvl_setup_header pvl_linux_page_header(const struct pvhload_linux_view *view)
{
	return (struct pvl_setup_header){ .bytes = { view->zero_page, PVHLOAD_ZERO_PAGE_SIZE },
					  .version = (uint16_t)view->boot_protocol };
}

int pvhload_linux_header_field(const struct pvhload_linux_view *view, uint32_t offset,
			       uint64_t *value)
{
	struct pvl_setup_header h;

	if (!view || !value)
		return 0;
	h = pvl_linux_page_header(view);
	if (!pvl_setup_has(&h, offset))
		return 0;
	*value = pvl_setup_field(&h, offset);
	return 1;
}

/* An address or size, of which the setup_header has the low half and the page the high half. */
static uint64_t joined(const struct pvl_setup_header *h, uint32_t low, uint32_t high)
{
	return (uint64_t)pvl_span_get32(h->bytes, high) << 32 | pvl_setup_field(h, low);
}

static enum pvhload_status check_page(struct pvl_span page, uint64_t gpa, uint16_t *ret_version,
				      struct pvhload_error *err)
{
	const uint32_t magic = pvl_span_get32(page, PVHLOAD_SETUP_MAGIC);
	uint16_t boot_flag = 0;

	(void)pvl_span_le16(page, PVHLOAD_SETUP_BOOT_FLAG, &boot_flag);
	(void)pvl_span_le16(page, PVHLOAD_SETUP_VERSION, ret_version);
	if (boot_flag != PVHLOAD_SETUP_BOOT_FLAG_VALUE)
		return pvl_fail(err, PVHLOAD_E_FORMAT, PVL_GPA(gpa),
				"no zero page at 0x%" PRIx64 ": boot_flag is 0x%x, not 0x%x", gpa,
				boot_flag, PVHLOAD_SETUP_BOOT_FLAG_VALUE);
	if (magic != PVHLOAD_SETUP_MAGIC_VALUE)
		return pvl_fail(err, PVHLOAD_E_FORMAT, PVL_GPA(gpa),
				"no zero page at 0x%" PRIx64 ": the magic is 0x%" PRIx32
				", not 0x%x",
				gpa, magic, PVHLOAD_SETUP_MAGIC_VALUE);
	return PVHLOAD_OK;
}

/* Copy the fields of the page. */
static void describe(struct pvl_linux_view *v, const struct pvl_setup_header *h)
{
	struct pvhload_linux_view *view = &v->view;
	uint8_t sentinel = 0, entries = 0;

	(void)pvl_span_u8(h->bytes, PVHLOAD_ZERO_SENTINEL, &sentinel);
	(void)pvl_span_u8(h->bytes, PVHLOAD_ZERO_E820_ENTRIES, &entries);
	view->zero_page = v->page;
	view->boot_protocol = h->version;
	view->type_of_loader = (uint32_t)pvl_setup_field(h, PVHLOAD_SETUP_TYPE_OF_LOADER);
	view->loadflags = (uint32_t)pvl_setup_field(h, PVHLOAD_SETUP_LOADFLAGS);
	view->xloadflags = (uint32_t)pvl_setup_field(h, PVHLOAD_SETUP_XLOADFLAGS);
	view->sentinel = sentinel;
	view->e820_entries = entries;
	view->rsdp_gpa = pvl_span_get64(h->bytes, PVHLOAD_ZERO_ACPI_RSDP_ADDR);
	view->cmdline_gpa = h->version < PVL_PROTOCOL_2_02 ? 0
							   : joined(h, PVHLOAD_SETUP_CMD_LINE_PTR,
								    PVHLOAD_ZERO_EXT_CMD_LINE_PTR);
	view->initrd_gpa = joined(h, PVHLOAD_SETUP_RAMDISK_IMAGE, PVHLOAD_ZERO_EXT_RAMDISK_IMAGE);
	view->initrd_size = joined(h, PVHLOAD_SETUP_RAMDISK_SIZE, PVHLOAD_ZERO_EXT_RAMDISK_SIZE);
	/* Linux ignores an initrd whose address or size is 0. */
	if (view->initrd_gpa == 0 || view->initrd_size == 0)
		view->initrd_gpa = view->initrd_size = 0;
}

/* A text without a NUL is put into the view up to the limit or the end of RAM. */
static enum pvhload_status read_cmdline(struct pvl_read_back *r, struct pvl_linux_view *v)
{
	const uint64_t gpa = v->view.cmdline_gpa;
	struct pvl_text text;

	PVL_TRY(pvl_fail_in(&r->err,
			    pvl_read_text(&r->mem, gpa, PVHLOAD_LINUX_CMDLINE_LENGTH_MAX + 1, &text,
					  &r->err),
			    "command line"));
	v->view.cmdline = v->cmdline = text.bytes;
	if (text.ended)
		return PVHLOAD_OK;
	if (text.length > PVHLOAD_LINUX_CMDLINE_LENGTH_MAX) {
		text.bytes[PVHLOAD_LINUX_CMDLINE_LENGTH_MAX] = '\0';
		return pvl_fail(&r->err, PVHLOAD_E_LIMIT, PVL_GPA(gpa),
				"the command line at 0x%" PRIx64 " has more than %u bytes", gpa,
				PVHLOAD_LINUX_CMDLINE_LENGTH_MAX);
	}
	return pvl_fail(&r->err, PVHLOAD_E_MALFORMED, PVL_GPA(gpa),
			"the command line at 0x%" PRIx64 " has no NUL within the %" PRIu64
			" bytes up to the end of RAM",
			gpa, text.length);
}

/*
 * True if the node has entries of the map.  Linux only takes them from the node itself, not from
 * indirect data.
 */
static bool adds_entries(const struct pvhload_linux_node *node)
{
	return node->type == PVHLOAD_SETUP_E820_EXT && !node->indirect && node->data;
}

/* Count the entries in the page's own table. */
static enum pvhload_status count_in_page(struct pvl_read_back *r, const struct pvl_linux_view *v,
					 uint64_t gpa, uint64_t *ret)
{
	*ret = pvl_min_u64(v->view.e820_entries, PVHLOAD_E820_TABLE_MAX);
	if (v->view.e820_entries <= PVHLOAD_E820_TABLE_MAX)
		return PVHLOAD_OK;
	return pvl_fail(&r->err, PVHLOAD_E_MALFORMED, PVL_GPA(gpa + PVHLOAD_ZERO_E820_ENTRIES),
			"the e820 table has %" PRIu32 " entries; there is room for %u",
			v->view.e820_entries, PVHLOAD_E820_TABLE_MAX);
}

static enum pvhload_status check_entries(struct pvl_read_back *r, const struct pvl_linux_view *v,
					 size_t i)
{
	const struct pvhload_linux_node *node = &v->nodes[i];

	if (node->size % PVHLOAD_E820_ENTRY_SIZE == 0)
		return PVHLOAD_OK;
	(void)pvl_fail(&r->err, PVHLOAD_E_MALFORMED, PVL_GPA(node->gpa),
		       "setup_data %zu at 0x%" PRIx64 ", more e820 entries, has %" PRIu64
		       " bytes: no multiple of %u",
		       i, node->gpa, node->size, PVHLOAD_E820_ENTRY_SIZE);
	return pvl_fail_about(&r->err, PVHLOAD_E_MALFORMED, PVHLOAD_SUBJECT_SETUP_DATA, i);
}

/* Count the entries that can be read. */
static enum pvhload_status count_entries(struct pvl_read_back *r, const struct pvl_linux_view *v,
					 uint64_t gpa, size_t *ret)
{
	uint64_t count;

	PVL_TRY(pvl_read_back_part(r, PVHLOAD_PART_MEMMAP, count_in_page(r, v, gpa, &count)));
	for (size_t i = 0; i < v->view.setup_data_count; i++) {
		if (!adds_entries(&v->nodes[i]))
			continue;
		PVL_TRY(pvl_read_back_part(r, PVHLOAD_PART_MEMMAP, check_entries(r, v, i)));
		count += v->nodes[i].size / PVHLOAD_E820_ENTRY_SIZE;
	}
	*ret = (size_t)pvl_min_u64(count, PVHLOAD_LINUX_MEMMAP_MAX);
	if (count == *ret)
		return PVHLOAD_OK;
	return pvl_read_back_part(r, PVHLOAD_PART_MEMMAP,
				  pvl_fail(&r->err, PVHLOAD_E_LIMIT, PVL_GPA(gpa),
					   "the memory map has %" PRIu64
					   " entries; the limit is %u",
					   count, PVHLOAD_LINUX_MEMMAP_MAX));
}

static void add_entries(struct pvhload_memmap *map, const uint8_t *table, uint64_t count)
{
	for (uint64_t i = 0; i < count && map->count < map->capacity; i++) {
		const struct pvl_span s = { table + i * PVHLOAD_E820_ENTRY_SIZE,
					    PVHLOAD_E820_ENTRY_SIZE };

		map->entries[map->count++] =
			(struct pvhload_memmap_entry){ pvl_span_get64(s, 0), pvl_span_get64(s, 8),
						       pvl_span_get32(s, 16), 0 };
	}
}

static enum pvhload_status read_memmap(struct pvl_read_back *r, struct pvl_linux_view *v,
				       uint64_t gpa)
{
	struct pvhload_memmap *map = &v->memmap;

	map->struct_size = sizeof(*map);
	v->view.memmap = map;
	PVL_TRY(count_entries(r, v, gpa, &map->capacity));
	if (map->capacity == 0)
		return PVHLOAD_OK;
	map->entries = calloc(map->capacity, sizeof(*map->entries));
	if (!map->entries)
		return pvl_fail_no_memory(&r->err, map->capacity * sizeof(*map->entries));
	add_entries(map, v->page + PVHLOAD_ZERO_E820_TABLE,
		    pvl_min_u64(v->view.e820_entries, PVHLOAD_E820_TABLE_MAX));
	for (size_t i = 0; i < v->view.setup_data_count; i++)
		if (adds_entries(&v->nodes[i]))
			add_entries(map, v->nodes[i].data,
				    v->nodes[i].size / PVHLOAD_E820_ENTRY_SIZE);
	return PVHLOAD_OK;
}

static enum pvhload_status read_all(struct pvl_read_back *r, uint64_t gpa, struct pvl_linux_view *v)
{
	struct pvl_setup_header h = { { v->page, sizeof(v->page) }, 0, 0 };

	PVL_TRY(pvl_memory_read(&r->mem, gpa, v->page, sizeof(v->page), &r->err));
	PVL_TRY(check_page(h.bytes, gpa, &h.version, &r->err));
	describe(v, &h);
	v->view.cmdline = "";
	if (v->view.cmdline_gpa != 0)
		PVL_TRY(pvl_read_back_part(r, PVHLOAD_PART_CMDLINE, read_cmdline(r, v)));
	PVL_TRY(pvl_linux_read_nodes(r, pvl_setup_field(&h, PVHLOAD_SETUP_SETUP_DATA), v));
	return read_memmap(r, v, gpa);
}

/* On failure, the view has to be freed as well. */
static enum pvhload_status read_view(struct pvl_read_back *r, const struct pvhload_memory *mem,
				     uint64_t gpa, uint32_t flags, const void *view,
				     struct pvl_linux_view **ret)
{
	PVL_TRY(pvl_read_back_begin(r, mem, flags, view));
	*ret = calloc(1, sizeof(**ret));
	return *ret ? read_all(r, gpa, *ret) : pvl_fail_no_memory(&r->err, sizeof(**ret));
}

enum pvhload_status pvhload_linux_read(const struct pvhload_memory *mem, uint64_t gpa,
				       uint32_t flags, struct pvhload_linux_view **view,
				       struct pvhload_error *err)
{
	struct pvl_linux_view *v = NULL;
	enum pvhload_status status;
	struct pvl_read_back r;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	status = pvl_read_back_end(&r, read_view(&r, mem, gpa, flags, view, &v), err);
	if (status != PVHLOAD_OK) {
		pvhload_linux_view_free(v ? &v->view : NULL);
		return status;
	}
	if (r.problems) {
		v->view.problems = r.problems->list;
		v->view.problem_count = r.problems->count;
	}
	v->view.incomplete = r.incomplete;
	*view = &v->view;
	return PVHLOAD_OK;
}
