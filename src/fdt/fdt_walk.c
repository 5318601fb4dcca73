/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* ABI source: Devicetree Specification 0.4, section 5.4. */
#include <stdarg.h>

#include "abi/fdt_layout.h"
#include "core/checked.h"
#include "core/libc.h"
#include "fdt/fdt_tree.h"

#define WHAT_SIZE 128u /* of the longest message here, and more */

/* Fail at the item that begins at the walk's place. */
__attribute__((format(printf, 4, 5))) static enum pvhload_status
fail_here(const struct pvl_fdt_walk *walk, enum pvhload_status status, struct pvhload_error *err,
	  const char *format, ...)
{
	const struct pvl_fdt_tree *tree = walk->tree;
	const uint8_t *at = tree->structure.data + walk->at;
	char what[WHAT_SIZE];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return pvl_fail(err, status, pvl_fdt_where(tree, at),
			"the device tree, at offset 0x%" PRIx64 ": %s",
			(uint64_t)(at - tree->bytes.data), what);
}

/* Move the walk after @size more bytes, up to a multiple of a token: all tokens begin at one. */
static void move_on(struct pvl_fdt_walk *walk, uint64_t size)
{
	walk->at += (size + PVL_FDT_TOKEN_SIZE - 1) & ~(uint64_t)(PVL_FDT_TOKEN_SIZE - 1);
}

/* The text at @offset of @block, if it ends within that and its limit; else NULL. */
static const char *text_at(struct pvl_span block, uint64_t offset)
{
	struct pvl_span rest;

	if (!pvl_span_sub(block, offset, 1, &rest))
		return NULL;
	rest.size = (size_t)pvl_min_u64(block.size - offset, PVHLOAD_FDT_NAME_MAX + 1);
	return memchr(rest.data, '\0', rest.size) ? (const char *)rest.data : NULL;
}

static enum pvhload_status begin_node(struct pvl_fdt_walk *walk, struct pvl_fdt_item *ret,
				      struct pvhload_error *err)
{
	const char *name = text_at(walk->tree->structure, walk->at + PVL_FDT_TOKEN_SIZE);

	if (walk->depth == 0 && walk->had_root)
		return fail_here(walk, PVHLOAD_E_MALFORMED, err, "a second root node");
	if (walk->depth == PVHLOAD_FDT_DEPTH_MAX)
		return fail_here(walk, PVHLOAD_E_LIMIT, err, "more than %u nodes in each other",
				 PVHLOAD_FDT_DEPTH_MAX);
	if (!name)
		return fail_here(walk, PVHLOAD_E_MALFORMED, err,
				 "the name of a node has no NUL within %u bytes",
				 PVHLOAD_FDT_NAME_MAX + 1);
	if (walk->depth == 0 && name[0] != '\0')
		return fail_here(walk, PVHLOAD_E_MALFORMED, err, "the root node has a name");
	walk->had_root = true;
	walk->had_child = false;
	*ret = (struct pvl_fdt_item){ PVL_FDT_NODE, ++walk->depth, name, { NULL, 0 } };
	move_on(walk, PVL_FDT_TOKEN_SIZE + strlen(name) + 1);
	return PVHLOAD_OK;
}

static enum pvhload_status end_node(struct pvl_fdt_walk *walk, struct pvl_fdt_item *ret,
				    struct pvhload_error *err)
{
	if (walk->depth == 0)
		return fail_here(walk, PVHLOAD_E_MALFORMED, err, "a node ends that has not begun");
	*ret = (struct pvl_fdt_item){ PVL_FDT_NODE_END, walk->depth--, NULL, { NULL, 0 } };
	walk->had_child = true;
	move_on(walk, PVL_FDT_TOKEN_SIZE);
	return PVHLOAD_OK;
}

static enum pvhload_status property(struct pvl_fdt_walk *walk, struct pvl_fdt_item *ret,
				    struct pvhload_error *err)
{
	const struct pvl_span s = walk->tree->structure;
	const uint64_t value_at = walk->at + (uint64_t)3 * PVL_FDT_TOKEN_SIZE;
	const uint32_t size = pvl_span_get_be32(s, walk->at + PVL_FDT_TOKEN_SIZE);
	const char *name =
		text_at(walk->tree->strings,
			pvl_span_get_be32(s, walk->at + (uint64_t)2 * PVL_FDT_TOKEN_SIZE));
	struct pvl_span value;

	if (walk->depth == 0)
		return fail_here(walk, PVHLOAD_E_MALFORMED, err, "a property of no node");
	if (walk->had_child)
		return fail_here(walk, PVHLOAD_E_MALFORMED, err,
				 "a property after a child of its node");
	if (!pvl_span_sub(s, value_at, size, &value))
		return fail_here(walk, PVHLOAD_E_MALFORMED, err,
				 "a property does not end within the structure block");
	if (!name)
		return fail_here(
			walk, PVHLOAD_E_MALFORMED, err,
			"the name of a property has no NUL within %u bytes, or is not in the strings block",
			PVHLOAD_FDT_NAME_MAX + 1);
	*ret = (struct pvl_fdt_item){ PVL_FDT_PROPERTY, walk->depth, name, value };
	move_on(walk, (uint64_t)3 * PVL_FDT_TOKEN_SIZE + (uint64_t)size);
	return PVHLOAD_OK;
}

static enum pvhload_status end(const struct pvl_fdt_walk *walk, struct pvl_fdt_item *ret,
			       struct pvhload_error *err)
{
	if (walk->depth != 0 || !walk->had_root)
		return fail_here(walk, PVHLOAD_E_MALFORMED, err,
				 "the tree ends before its root node");
	*ret = (struct pvl_fdt_item){ PVL_FDT_END, 0, NULL, { NULL, 0 } };
	return PVHLOAD_OK;
}

enum pvhload_status pvl_fdt_next(struct pvl_fdt_walk *walk, struct pvl_fdt_item *ret,
				 struct pvhload_error *err)
{
	const struct pvl_span s = walk->tree->structure;
	struct pvl_span token;

	while (pvl_span_sub(s, walk->at, PVL_FDT_TOKEN_SIZE, &token)) {
		switch (pvl_span_get_be32(token, 0)) {
		case PVL_FDT_TOKEN_NOP:
			move_on(walk, PVL_FDT_TOKEN_SIZE);
			break;
		case PVL_FDT_TOKEN_BEGIN_NODE:
			return begin_node(walk, ret, err);
		case PVL_FDT_TOKEN_PROP:
			return property(walk, ret, err);
		case PVL_FDT_TOKEN_END_NODE:
			return end_node(walk, ret, err);
		case PVL_FDT_TOKEN_END:
			return end(walk, ret, err);
		default:
			return fail_here(walk, PVHLOAD_E_MALFORMED, err, "no token");
		}
	}
	walk->at = s.size;
	return fail_here(walk, PVHLOAD_E_MALFORMED, err,
			 "the structure block ends before the tree");
}
