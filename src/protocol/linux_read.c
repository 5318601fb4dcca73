/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A zero page as it lies in a guest's memory.  Every address in it is the guest's word: it is bounded
 * by RAM, and every count by a limit, before it is followed.  A field of the setup_header counts only
 * if the protocol has it; the other fields of the page have no version.
 *
 * ABI source: Linux, Documentation/arch/x86/zero-page.rst and boot.rst,
 * arch/x86/include/uapi/asm/bootparam.h, arch/x86/kernel/e820.c (E820_EXT).
 */
#include <inttypes.h>
#include <stdlib.h>

#include "core/error.h"
#include "core/span.h"
#include "image/setup_header.h"
#include "memory/text.h"
#include "protocol/linux_read.h"

void pvhload_linux_view_free(struct pvhload_linux_view *view)
{
	struct pvl_linux_view *v = (struct pvl_linux_view *)view;

	if (!v)
		return;
	/* What the view points to is the library's to fill and to free. */
	for (size_t i = 0; i < v->view.setup_data_count; i++)
		free((void *)(uintptr_t)v->nodes[i].data);
	free(v->memmap.entries);
	free(v->cmdline);
	free(v);
}

/* An address or size whose low half the setup_header has, since @since, and the page the high one. */
static uint64_t joined(const struct pvl_setup_header *h, uint32_t low, uint16_t since,
		       uint32_t high)
{
	if (h->version < since)
		return 0;
	return (uint64_t)pvl_span_get32(h->bytes, high) << 32 | pvl_setup_field(h, low, 4, since);
}

static enum pvhload_status check_page(struct pvl_span page, uint64_t gpa, uint16_t *ret_version,
				      struct pvhload_error *err)
{
	const uint32_t magic = pvl_span_get32(page, PVHLOAD_SETUP_MAGIC);
	uint16_t boot_flag = 0;

	(void)pvl_span_le16(page, PVHLOAD_SETUP_BOOT_FLAG, &boot_flag);
	(void)pvl_span_le16(page, PVHLOAD_SETUP_VERSION, ret_version);
	if (boot_flag != PVHLOAD_SETUP_BOOT_FLAG_VALUE || magic != PVHLOAD_SETUP_MAGIC_VALUE)
		return pvl_fail(err, PVHLOAD_E_FORMAT, PVL_GPA(gpa),
				"no zero page at 0x%" PRIx64
				": boot_flag is 0x%x, not 0x%x, or the "
				"magic is 0x%" PRIx32 ", not 0x%x",
				gpa, boot_flag, PVHLOAD_SETUP_BOOT_FLAG_VALUE, magic,
				PVHLOAD_SETUP_MAGIC_VALUE);
	return PVHLOAD_OK;
}

/* What stands in the page itself. */
static void describe(struct pvl_linux_view *v, const struct pvl_setup_header *h)
{
	struct pvhload_linux_view *view = &v->view;
	uint8_t sentinel = 0, entries = 0;

	(void)pvl_span_u8(h->bytes, PVHLOAD_ZERO_SENTINEL, &sentinel);
	(void)pvl_span_u8(h->bytes, PVHLOAD_ZERO_E820_ENTRIES, &entries);
	view->zero_page = v->page;
	view->boot_protocol = h->version;
	view->type_of_loader = (uint32_t)pvl_setup_field(h, PVHLOAD_SETUP_TYPE_OF_LOADER, 1, 0x200);
	view->loadflags = (uint32_t)pvl_setup_field(h, PVHLOAD_SETUP_LOADFLAGS, 1, 0x200);
	view->xloadflags = (uint32_t)pvl_setup_field(h, PVHLOAD_SETUP_XLOADFLAGS, 2, 0x20c);
	view->sentinel = sentinel;
	view->e820_entries = entries;
	view->rsdp_gpa = pvl_span_get64(h->bytes, PVHLOAD_ZERO_ACPI_RSDP_ADDR);
	view->cmdline_gpa =
		joined(h, PVHLOAD_SETUP_CMD_LINE_PTR, 0x202, PVHLOAD_ZERO_EXT_CMD_LINE_PTR);
	view->initrd_gpa =
		joined(h, PVHLOAD_SETUP_RAMDISK_IMAGE, 0x200, PVHLOAD_ZERO_EXT_RAMDISK_IMAGE);
	view->initrd_size =
		joined(h, PVHLOAD_SETUP_RAMDISK_SIZE, 0x200, PVHLOAD_ZERO_EXT_RAMDISK_SIZE);
	/* To Linux an initrd that lacks one of the two is none. */
	if (view->initrd_gpa == 0 || view->initrd_size == 0)
		view->initrd_gpa = view->initrd_size = 0;
}

static enum pvhload_status read_cmdline(const struct pvl_memory *mem, struct pvl_linux_view *v,
					struct pvhload_error *err)
{
	const uint64_t gpa = v->view.cmdline_gpa;
	enum pvhload_status status;
	struct pvl_text text;

	v->view.cmdline = "";
	if (gpa == 0)
		return PVHLOAD_OK;
	status = pvl_read_text(mem, gpa, PVHLOAD_LINUX_CMDLINE_LENGTH_MAX + 1, &text, err);
	if (status != PVHLOAD_OK)
		return pvl_fail_in(err, status, "command line");
	v->view.cmdline = v->cmdline = text.bytes;
	if (text.ended)
		return PVHLOAD_OK;
	if (text.length > PVHLOAD_LINUX_CMDLINE_LENGTH_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_GPA(gpa),
				"the command line at 0x%" PRIx64 " has more than %u bytes", gpa,
				PVHLOAD_LINUX_CMDLINE_LENGTH_MAX);
	return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_GPA(gpa),
			"the command line at 0x%" PRIx64 " has no NUL within the %" PRIu64
			" bytes up to the end of RAM",
			gpa, text.length);
}

/*
 * The entries that a node adds to the table.  Linux takes them from the node itself: behind a
 * setup_indirect it does not look for any.
 */
static bool adds_entries(const struct pvhload_linux_node *node)
{
	return node->type == PVHLOAD_SETUP_E820_EXT && !node->indirect;
}

static enum pvhload_status count_entries(const struct pvl_linux_view *v, uint64_t gpa, size_t *ret,
					 struct pvhload_error *err)
{
	uint64_t count = v->view.e820_entries;

	if (count > PVHLOAD_E820_TABLE_MAX)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_GPA(gpa + PVHLOAD_ZERO_E820_ENTRIES),
				"the e820 table has %" PRIu64 " entries; there is room for %u",
				count, PVHLOAD_E820_TABLE_MAX);
	for (size_t i = 0; i < v->view.setup_data_count; i++) {
		const struct pvhload_linux_node *node = &v->nodes[i];

		if (!adds_entries(node))
			continue;
		if (node->len % PVHLOAD_E820_ENTRY_SIZE != 0)
			return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_GPA(node->gpa),
					"setup_data %zu at 0x%" PRIx64
					", more e820 entries, has %" PRIu64
					" bytes: no multiple of %u",
					i, node->gpa, node->len, PVHLOAD_E820_ENTRY_SIZE);
		count += node->len / PVHLOAD_E820_ENTRY_SIZE;
	}
	if (count > PVHLOAD_LINUX_MEMMAP_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_GPA(gpa),
				"the memory map has %" PRIu64 " entries; the limit is %u", count,
				PVHLOAD_LINUX_MEMMAP_MAX);
	*ret = (size_t)count;
	return PVHLOAD_OK;
}

static void add_entries(struct pvhload_memmap *map, struct pvl_span table)
{
	for (size_t at = 0; at < table.size; at += PVHLOAD_E820_ENTRY_SIZE)
		map->entries[map->count++] =
			(struct pvhload_memmap_entry){ pvl_span_get64(table, at),
						       pvl_span_get64(table, at + 8),
						       pvl_span_get32(table, at + 16), 0 };
}

static enum pvhload_status read_memmap(struct pvl_linux_view *v, uint64_t gpa,
				       struct pvhload_error *err)
{
	const struct pvl_span table = { v->page + PVHLOAD_ZERO_E820_TABLE,
					v->view.e820_entries * PVHLOAD_E820_ENTRY_SIZE };
	struct pvhload_memmap *map = &v->memmap;
	enum pvhload_status status;

	map->size = sizeof(*map);
	v->view.memmap = map;
	status = count_entries(v, gpa, &map->capacity, err);
	if (status != PVHLOAD_OK || map->capacity == 0)
		return status;
	map->entries = calloc(map->capacity, sizeof(*map->entries));
	if (!map->entries)
		return pvl_fail_no_memory(err, map->capacity * sizeof(*map->entries));
	add_entries(map, table);
	for (size_t i = 0; i < v->view.setup_data_count; i++)
		if (adds_entries(&v->nodes[i]))
			add_entries(map,
				    (struct pvl_span){ v->nodes[i].data, (size_t)v->nodes[i].len });
	return PVHLOAD_OK;
}

static enum pvhload_status read_all(const struct pvl_memory *mem, uint64_t gpa,
				    struct pvl_linux_view *v, struct pvhload_error *err)
{
	struct pvl_setup_header h = { { v->page, sizeof(v->page) }, 0 };
	enum pvhload_status status = pvl_memory_read(mem, gpa, v->page, sizeof(v->page), err);

	if (status == PVHLOAD_OK)
		status = check_page(h.bytes, gpa, &h.version, err);
	if (status != PVHLOAD_OK)
		return status;
	describe(v, &h);
	status = read_cmdline(mem, v, err);
	if (status == PVHLOAD_OK)
		status = pvl_linux_read_nodes(
			mem, pvl_setup_field(&h, PVHLOAD_SETUP_SETUP_DATA, 8, 0x209), v, err);
	return status == PVHLOAD_OK ? read_memmap(v, gpa, err) : status;
}

enum pvhload_status pvhload_linux_read(const struct pvhload_memory *mem, uint64_t gpa,
				       struct pvhload_linux_view **view, struct pvhload_error *err)
{
	struct pvl_ram ram = { NULL, 0 };
	struct pvl_linux_view *v = NULL;
	enum pvhload_status status;
	struct pvl_memory opened;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	status = pvl_memory_open(mem, PVL_MEMORY_READS, &ram, &opened, err);
	if (status == PVHLOAD_OK && (!view || !mem->memmap))
		status = pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				  "the guest memory has no map, or there is no place for the view");
	if (status == PVHLOAD_OK)
		status = pvl_ram_init(mem->memmap, &ram, err);
	if (status == PVHLOAD_OK) {
		v = calloc(1, sizeof(*v));
		status = v ? read_all(&opened, gpa, v, err) : pvl_fail_no_memory(err, sizeof(*v));
	}
	pvl_ram_free(&ram);
	if (status == PVHLOAD_OK)
		*view = &v->view;
	else
		pvhload_linux_view_free(v ? &v->view : NULL);
	return status;
}
