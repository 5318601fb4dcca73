/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * ABI source: Devicetree Specification 0.4, sections 3.4 to 3.6.  How Linux reads the nodes of memory and the
 * reservations (drivers/of/fdt.c) is from memory: a node counts if its status is "okay" or missing, and
 * linux,usable-memory stands for reg.
 */
#include "fdt/fdt_nodes.h"

#include "abi/fdt_layout.h"
#include "core/grow.h"
#include "core/libc.h"

const char *const pvl_fdt_known_names[PVL_FDT_KNOWN_COUNT] = {
	[PVL_FDT_ADDRESS_CELLS] = "#address-cells",
	[PVL_FDT_SIZE_CELLS] = "#size-cells",
	[PVL_FDT_DEVICE_TYPE] = "device_type",
	[PVL_FDT_REG] = "reg",
	[PVL_FDT_USABLE_MEMORY] = "linux,usable-memory",
	[PVL_FDT_STATUS] = "status",
	[PVL_FDT_NO_MAP] = "no-map",
	[PVL_FDT_BOOTARGS] = "bootargs",
	[PVL_FDT_INITRD_START] = "linux,initrd-start",
	[PVL_FDT_INITRD_END] = "linux,initrd-end",
	[PVL_FDT_KASLR_SEED] = "kaslr-seed",
	[PVL_FDT_RNG_SEED] = "rng-seed",
};

enum pvhload_status pvl_fdt_judged(struct pvl_fdt_scan *scan, uint32_t part,
				   enum pvhload_status status)
{
	return scan->told ? pvl_read_back_part(scan->told, part, status) : status;
}

static bool is_there(const struct pvl_fdt_scan *scan, enum pvl_fdt_known property)
{
	return scan->known[property].data != NULL;
}

static bool says(const struct pvl_fdt_scan *scan, enum pvl_fdt_known property, const char *text)
{
	const struct pvl_span value = scan->known[property];

	return value.size == strlen(text) + 1 && memcmp(value.data, text, value.size) == 0;
}

static bool is_available(const struct pvl_fdt_scan *scan)
{
	return !is_there(scan, PVL_FDT_STATUS) || says(scan, PVL_FDT_STATUS, "okay") ||
	       says(scan, PVL_FDT_STATUS, "ok");
}

static struct pvl_where where_is(const struct pvl_fdt_scan *scan, enum pvl_fdt_known property)
{
	return pvl_fdt_where(scan->tree, scan->known[property].data);
}

static enum pvhload_status fail_size(struct pvl_fdt_scan *scan, enum pvl_fdt_known property,
				     const char *sizes)
{
	return pvl_fail(scan->err, PVHLOAD_E_MALFORMED, where_is(scan, property),
			"node %s of the device tree: %s has %zu bytes, not %s", scan->name,
			pvl_fdt_known_names[property], scan->known[property].size, sizes);
}

static enum pvhload_status read_cells(struct pvl_fdt_scan *scan, enum pvl_fdt_known property,
				      uint32_t *ret)
{
	*ret = 0;
	if (!is_there(scan, property))
		return PVHLOAD_OK;
	if (scan->known[property].size != PVL_FDT_CELL)
		return fail_size(scan, property, "4");
	*ret = pvl_span_get_be32(scan->known[property], 0);
	return PVHLOAD_OK;
}

static enum pvhload_status read_both_cells(struct pvl_fdt_scan *scan, struct pvl_fdt_cells *ret)
{
	PVL_TRY(pvl_fdt_judged(scan, PVHLOAD_PART_FDT,
			       read_cells(scan, PVL_FDT_ADDRESS_CELLS, &ret->address)));
	return pvl_fdt_judged(scan, PVHLOAD_PART_FDT,
			      read_cells(scan, PVL_FDT_SIZE_CELLS, &ret->size));
}

static enum pvhload_status judge_root(struct pvl_fdt_scan *scan)
{
	PVL_TRY(read_both_cells(scan, &scan->root_cells));
	scan->facts->address_cells = scan->root_cells.address;
	scan->facts->size_cells = scan->root_cells.size;
	return PVHLOAD_OK;
}

static uint64_t number(struct pvl_span s, uint64_t offset, uint32_t cells)
{
	return cells == 1 ? pvl_span_get_be32(s, offset) : pvl_span_get_be64(s, offset);
}

/* Check that ranges of @cells can be read. */
static enum pvhload_status check_cells(struct pvl_fdt_scan *scan, enum pvl_fdt_known property,
				       struct pvl_fdt_cells cells)
{
	if (cells.address - 1 < 2 && cells.size - 1 < 2)
		return PVHLOAD_OK;
	return pvl_fail(scan->err, PVHLOAD_E_MALFORMED, where_is(scan, property),
			"node %s of the device tree: %s has addresses of %" PRIu32
			" and sizes of %" PRIu32
			" cells, as #address-cells and #size-cells above it say, not of 1 or 2",
			scan->name, pvl_fdt_known_names[property], cells.address, cells.size);
}

/* Call @append for each range in @property that has a byte. */
static enum pvhload_status
read_ranges(struct pvl_fdt_scan *scan, enum pvl_fdt_known property, struct pvl_fdt_cells cells,
	    enum pvhload_status (*append)(struct pvl_fdt_scan *scan, struct pvl_range range))
{
	const struct pvl_span value = scan->known[property];
	const size_t each = (size_t)(cells.address + cells.size) * PVL_FDT_CELL;
	struct pvl_range range;

	PVL_TRY(check_cells(scan, property, cells));
	if (value.size % each != 0)
		return pvl_fail(scan->err, PVHLOAD_E_MALFORMED, where_is(scan, property),
				"node %s of the device tree: %s has %zu bytes, no multiple of %zu",
				scan->name, pvl_fdt_known_names[property], value.size, each);
	for (size_t at = 0; at < value.size; at += each) {
		const uint64_t start = number(value, at, cells.address);
		const uint64_t size =
			number(value, at + cells.address * (size_t)PVL_FDT_CELL, cells.size);

		if (!pvl_range_make(start, size, &range))
			return pvl_fail(scan->err, PVHLOAD_E_MALFORMED, where_is(scan, property),
					"node %s of the device tree: 0x%" PRIx64
					" bytes from 0x%" PRIx64 " pass 2^64",
					scan->name, size, start);
		if (size > 0)
			PVL_TRY(append(scan, range));
	}
	return PVHLOAD_OK;
}

static enum pvhload_status check_count(const struct pvl_fdt_scan *scan, size_t count,
				       const char *what)
{
	if (count < PVHLOAD_FDT_RANGES_MAX)
		return PVHLOAD_OK;
	return pvl_fail(scan->err, PVHLOAD_E_LIMIT, pvl_fdt_where(scan->tree, scan->name),
			"the device tree has more %s than %u", what, PVHLOAD_FDT_RANGES_MAX);
}

static enum pvhload_status append_bank(struct pvl_fdt_scan *scan, struct pvl_range range)
{
	struct pvl_fdt_facts *facts = scan->facts;

	PVL_TRY(check_count(scan, facts->bank_count, "banks of memory"));
	if (!pvl_grow((void **)&facts->banks, &facts->bank_capacity, facts->bank_count,
		      sizeof(range)))
		return pvl_fail_no_memory(scan->err, (facts->bank_count + 1) * sizeof(range));
	facts->banks[facts->bank_count++] = range;
	return PVHLOAD_OK;
}

static enum pvhload_status read_memory(struct pvl_fdt_scan *scan)
{
	PVL_TRY(check_count(scan, scan->memory_nodes++, "nodes of memory"));
	if (!is_available(scan))
		return PVHLOAD_OK;
	if (is_there(scan, PVL_FDT_USABLE_MEMORY))
		return read_ranges(scan, PVL_FDT_USABLE_MEMORY, scan->root_cells, append_bank);
	return is_there(scan, PVL_FDT_REG)
		       ? read_ranges(scan, PVL_FDT_REG, scan->root_cells, append_bank)
		       : PVHLOAD_OK;
}

static enum pvhload_status judge_child_of_root(struct pvl_fdt_scan *scan)
{
	return says(scan, PVL_FDT_DEVICE_TYPE, "memory")
		       ? pvl_fdt_judged(scan, PVHLOAD_PART_MEMMAP, read_memory(scan))
		       : PVHLOAD_OK;
}

static enum pvhload_status judge_reserved_memory(struct pvl_fdt_scan *scan)
{
	return read_both_cells(scan, &scan->reserved_cells);
}

enum pvhload_status pvl_fdt_append_reserved(struct pvl_fdt_facts *facts,
					    struct pvl_fdt_reserved item, struct pvhload_error *err)
{
	if (!pvl_grow((void **)&facts->reserved, &facts->reserved_capacity, facts->reserved_count,
		      sizeof(item)))
		return pvl_fail_no_memory(err, (facts->reserved_count + 1) * sizeof(item));
	facts->reserved[facts->reserved_count++] = item;
	return PVHLOAD_OK;
}

static enum pvhload_status append_reservation(struct pvl_fdt_scan *scan, struct pvl_range range)
{
	struct pvl_fdt_reserved item = { .range = range,
					 .is_node = true,
					 .no_map = is_there(scan, PVL_FDT_NO_MAP) };

	PVL_TRY(check_count(scan, scan->facts->reserved_count, "reservations"));
	if (snprintf(item.name, sizeof(item.name), "%s", scan->name) >= (int)sizeof(item.name))
		item.name[sizeof(item.name) - 2] = '~';
	return pvl_fdt_append_reserved(scan->facts, item, scan->err);
}

static enum pvhload_status read_reservation(struct pvl_fdt_scan *scan)
{
	if (!is_there(scan, PVL_FDT_REG) || !is_available(scan))
		return PVHLOAD_OK;
	return read_ranges(scan, PVL_FDT_REG, scan->reserved_cells, append_reservation);
}

static enum pvhload_status judge_reservation(struct pvl_fdt_scan *scan)
{
	return pvl_fdt_judged(scan, PVHLOAD_PART_RESERVATIONS, read_reservation(scan));
}

static enum pvhload_status read_bootargs(struct pvl_fdt_scan *scan)
{
	const struct pvl_span value = scan->known[PVL_FDT_BOOTARGS];

	if (!is_there(scan, PVL_FDT_BOOTARGS))
		return PVHLOAD_OK;
	if (value.size == 0 || memchr(value.data, '\0', value.size) != value.data + value.size - 1)
		return pvl_fail(
			scan->err, PVHLOAD_E_MALFORMED, where_is(scan, PVL_FDT_BOOTARGS),
			"node %s of the device tree: bootargs is no text that ends with its only NUL",
			scan->name);
	scan->facts->bootargs = (const char *)value.data;
	return PVHLOAD_OK;
}

static enum pvhload_status read_initrd_address(struct pvl_fdt_scan *scan,
					       enum pvl_fdt_known property, uint64_t *ret)
{
	const struct pvl_span value = scan->known[property];

	if (value.size != PVL_FDT_CELL && value.size != (size_t)2 * PVL_FDT_CELL)
		return fail_size(scan, property, "4 or 8");
	*ret = number(value, 0, (uint32_t)(value.size / PVL_FDT_CELL));
	return PVHLOAD_OK;
}

static enum pvhload_status read_initrd(struct pvl_fdt_scan *scan)
{
	struct pvl_fdt_facts *facts = scan->facts;
	struct pvl_range initrd;

	if (!is_there(scan, PVL_FDT_INITRD_START) || !is_there(scan, PVL_FDT_INITRD_END))
		return PVHLOAD_OK;
	PVL_TRY(read_initrd_address(scan, PVL_FDT_INITRD_START, &initrd.start));
	PVL_TRY(read_initrd_address(scan, PVL_FDT_INITRD_END, &initrd.end));
	if (initrd.start > initrd.end)
		return pvl_fail(scan->err, PVHLOAD_E_MALFORMED,
				where_is(scan, PVL_FDT_INITRD_START),
				"node %s of the device tree: the initrd ends at 0x%" PRIx64
				" and starts at 0x%" PRIx64,
				scan->name, initrd.end, initrd.start);
	facts->initrd_start = scan->known[PVL_FDT_INITRD_START];
	facts->initrd_end = scan->known[PVL_FDT_INITRD_END];
	facts->initrd = initrd;
	facts->has_initrd = true;
	return PVHLOAD_OK;
}

static enum pvhload_status judge_chosen(struct pvl_fdt_scan *scan)
{
	scan->facts->kaslr_seed = scan->known[PVL_FDT_KASLR_SEED];
	scan->facts->rng_seed = scan->known[PVL_FDT_RNG_SEED];
	PVL_TRY(pvl_fdt_judged(scan, PVHLOAD_PART_CMDLINE, read_bootargs(scan)));
	return pvl_fdt_judged(scan, PVHLOAD_PART_INITRD, read_initrd(scan));
}

enum pvhload_status pvl_fdt_judge_node(struct pvl_fdt_scan *scan)
{
	static enum pvhload_status (*const judge[PVL_FDT_PLACE_COUNT])(struct pvl_fdt_scan *
								       scan) = {
		[PVL_FDT_ROOT] = judge_root,
		[PVL_FDT_CHOSEN] = judge_chosen,
		[PVL_FDT_RESERVED_MEMORY] = judge_reserved_memory,
		[PVL_FDT_RESERVATION] = judge_reservation,
		[PVL_FDT_CHILD_OF_ROOT] = judge_child_of_root,
	};

	if (!scan->unjudged)
		return PVHLOAD_OK;
	scan->unjudged = false;
	return judge[scan->place] ? judge[scan->place](scan) : PVHLOAD_OK;
}
