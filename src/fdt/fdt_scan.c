/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Walking a tree: which of its nodes and properties say something. */
#include "fdt/fdt_scan.h"

#include "abi/fdt_layout.h"
#include "core/libc.h"
#include "fdt/fdt_nodes.h"

/* As libfdt and so Linux find a node: with or without an address after its name. */
static bool is_named(const char *name, const char *wanted)
{
	const size_t length = strlen(wanted);

	return strlen(name) >= length && memcmp(name, wanted, length) == 0 &&
	       (name[length] == '\0' || name[length] == '@');
}

static enum pvl_fdt_place place_of(const struct pvl_fdt_scan *scan, const struct pvl_fdt_item *node)
{
	if (node->depth == 1)
		return PVL_FDT_ROOT;
	if (node->depth == 2)
		return is_named(node->name, "chosen")            ? PVL_FDT_CHOSEN
		       : is_named(node->name, "reserved-memory") ? PVL_FDT_RESERVED_MEMORY
								 : PVL_FDT_CHILD_OF_ROOT;
	return node->depth == 3 && scan->top == PVL_FDT_RESERVED_MEMORY ? PVL_FDT_RESERVATION
									: PVL_FDT_ELSEWHERE;
}

static enum pvhload_status enter_node(struct pvl_fdt_scan *scan, const struct pvl_fdt_item *node)
{
	PVL_TRY(pvl_fdt_judge_node(scan));
	scan->name = node->depth == 1 ? "/" : node->name;
	scan->place = place_of(scan, node);
	scan->unjudged = true;
	memset(scan->known, 0, sizeof(scan->known));
	if (node->depth == 2)
		scan->top = scan->place;
	if (scan->had[scan->place] &&
	    (scan->place == PVL_FDT_CHOSEN || scan->place == PVL_FDT_RESERVED_MEMORY))
		return pvl_fail(scan->err, PVHLOAD_E_MALFORMED,
				pvl_fdt_where(scan->tree, node->name),
				"the device tree has a second node /%s", node->name);
	scan->had[scan->place] = true;
	return PVHLOAD_OK;
}

static enum pvhload_status note_property(struct pvl_fdt_scan *scan,
					 const struct pvl_fdt_item *property)
{
	for (size_t i = 0; i < PVL_FDT_KNOWN_COUNT; i++) {
		if (strcmp(property->name, pvl_fdt_known_names[i]) != 0)
			continue;
		if (scan->known[i].data && scan->place != PVL_FDT_ELSEWHERE)
			return pvl_fail(scan->err, PVHLOAD_E_MALFORMED,
					pvl_fdt_where(scan->tree, property->value.data),
					"node %s of the device tree has %s twice", scan->name,
					property->name);
		scan->known[i] = property->value;
	}
	return PVHLOAD_OK;
}

static enum pvhload_status scan_items(struct pvl_fdt_scan *scan)
{
	struct pvl_fdt_walk walk = { .tree = scan->tree };
	struct pvl_fdt_item item;

	do {
		PVL_TRY(pvl_fdt_next(&walk, &item, scan->err));
		if (item.kind == PVL_FDT_NODE)
			PVL_TRY(enter_node(scan, &item));
		else if (item.kind == PVL_FDT_PROPERTY)
			PVL_TRY(note_property(scan, &item));
		else if (item.kind == PVL_FDT_NODE_END)
			PVL_TRY(pvl_fdt_judge_node(scan));
	} while (item.kind != PVL_FDT_END);
	return PVHLOAD_OK;
}

/* Read entry @i of the memory reservation block. */
static enum pvhload_status read_entry(struct pvl_fdt_scan *scan, uint32_t i)
{
	const struct pvl_span s = scan->tree->rsvmap;
	const uint64_t at = (uint64_t)i * PVL_FDT_RSVMAP_ENTRY;
	const uint64_t start = pvl_span_get_be64(s, at), size = pvl_span_get_be64(s, at + 8);
	struct pvl_fdt_reserved item = { 0 };

	if (!pvl_range_make(start, size, &item.range))
		return pvl_fail(scan->err, PVHLOAD_E_MALFORMED,
				pvl_fdt_where(scan->tree, s.data + at),
				"entry %" PRIu32
				" of the device tree's memory reservation block: 0x%" PRIx64
				" bytes from 0x%" PRIx64 " pass 2^64",
				i, size, start);
	(void)snprintf(item.name, sizeof(item.name), "/memreserve/ %" PRIu32, i);
	return size > 0 ? pvl_fdt_append_reserved(scan->facts, item, scan->err) : PVHLOAD_OK;
}

enum pvhload_status pvl_fdt_scan(const struct pvl_fdt_tree *tree, struct pvl_read_back *told,
				 struct pvl_fdt_facts *ret, struct pvhload_error *err)
{
	struct pvl_fdt_scan scan = { .tree = tree, .told = told, .facts = ret, .err = err };

	for (uint32_t i = 0; i < tree->rsvmap.size / PVL_FDT_RSVMAP_ENTRY; i++)
		PVL_TRY(pvl_fdt_judged(&scan, PVHLOAD_PART_RESERVATIONS, read_entry(&scan, i)));
	PVL_TRY(pvl_fdt_judged(&scan, PVHLOAD_PART_FDT, scan_items(&scan)));
	/* Of a node that is broken, what comes before that. */
	return pvl_fdt_judge_node(&scan);
}

void pvl_fdt_facts_free(struct pvl_fdt_facts *facts)
{
	free(facts->banks);
	free(facts->reserved);
	*facts = (struct pvl_fdt_facts){ 0 };
}
