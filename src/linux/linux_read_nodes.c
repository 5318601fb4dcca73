/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Reading the setup_data list back.  The number of nodes and the bytes of all data are limited, so
 * a nonsensical length ends at a limit.
 *
 * ABI source: Linux, arch/x86/include/uapi/asm/setup_data.h, Documentation/arch/x86/boot.rst
 * (setup_data, SETUP_INDIRECT).
 */
#include "core/error.h"
#include "core/libc.h"
#include "core/span.h"
#include "linux/linux_read.h"

/* A node, from its header and, if it is indirect, its setup_indirect. */
struct node {
	uint64_t next;
	uint64_t data_gpa;
	uint64_t len;
	uint32_t type;
	bool indirect;
};

static enum pvhload_status read_header(const struct pvl_memory *mem, uint64_t gpa, struct node *ret,
				       struct pvhload_error *err)
{
	uint8_t bytes[PVHLOAD_SETUP_DATA_HEADER_SIZE];
	const struct pvl_span s = { bytes, sizeof(bytes) };
	uint32_t len = 0;

	PVL_TRY(pvl_memory_read(mem, gpa, bytes, sizeof(bytes), err));
	(void)pvl_span_le64(s, PVHLOAD_SETUP_DATA_NEXT, &ret->next);
	(void)pvl_span_le32(s, PVHLOAD_SETUP_DATA_TYPE, &ret->type);
	(void)pvl_span_le32(s, PVHLOAD_SETUP_DATA_LEN, &len);
	ret->len = len;
	/* The header is in RAM, so no sum with its size wraps. */
	ret->data_gpa = gpa + sizeof(bytes);
	ret->indirect = ret->type == PVHLOAD_SETUP_INDIRECT;
	return PVHLOAD_OK;
}

/* Replace type, length and address of the data by those in the setup_indirect. */
static enum pvhload_status follow(const struct pvl_memory *mem, struct node *node,
				  struct pvhload_error *err)
{
	uint8_t bytes[PVHLOAD_SETUP_INDIRECT_SIZE];
	const struct pvl_span s = { bytes, sizeof(bytes) };
	const uint64_t at = node->data_gpa;
	uint32_t type = 0;

	node->indirect = false; /* set again once it has been followed */
	if (node->len < sizeof(bytes))
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_GPA(at),
				"a setup_indirect at 0x%" PRIx64 " has %" PRIu64
				" bytes; it takes %zu",
				at, node->len, sizeof(bytes));
	PVL_TRY(pvl_memory_read(mem, at, bytes, sizeof(bytes), err));
	(void)pvl_span_le32(s, PVHLOAD_SETUP_INDIRECT_TYPE, &type);
	if (!(type & PVHLOAD_SETUP_INDIRECT) || type == PVHLOAD_SETUP_INDIRECT)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_GPA(at),
				"the setup_indirect at 0x%" PRIx64 " has type 0x%" PRIx32
				", which is not 0x80000000 and the type of some data",
				at, type);
	(void)pvl_span_le64(s, PVHLOAD_SETUP_INDIRECT_LEN, &node->len);
	(void)pvl_span_le64(s, PVHLOAD_SETUP_INDIRECT_ADDR, &node->data_gpa);
	node->type = type & ~PVHLOAD_SETUP_INDIRECT;
	node->indirect = true;
	return PVHLOAD_OK;
}

/* Read the data of @node to *@ret, to be freed; NULL for no bytes. */
static enum pvhload_status read_data(const struct pvl_memory *mem, const struct node *node,
				     uint64_t *left, uint8_t **ret, struct pvhload_error *err)
{
	enum pvhload_status status;

	*ret = NULL;
	if (node->len > *left)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_GPA(node->data_gpa),
				"0x%" PRIx64 " bytes at 0x%" PRIx64
				": all setup_data may take %u bytes, of which %" PRIu64 " are left",
				node->len, node->data_gpa, PVHLOAD_LINUX_SETUP_DATA_BYTES_MAX,
				*left);
	if (node->len == 0)
		return PVHLOAD_OK;
	PVL_TRY(pvl_memory_check(mem, node->data_gpa, node->len, err));
	*ret = malloc((size_t)node->len);
	if (!*ret)
		return pvl_fail_no_memory(err, node->len);
	*left -= node->len;
	status = pvl_memory_read(mem, node->data_gpa, *ret, (size_t)node->len, err);
	if (status != PVHLOAD_OK) {
		free(*ret);
		*ret = NULL;
	}
	return status;
}

/* Check that the list may go on at @gpa: no circle, not too many nodes. */
static enum pvhload_status check_next(const struct pvl_linux_view *v, uint64_t gpa,
				      struct pvhload_error *err)
{
	const size_t count = v->view.setup_data_count;

	for (size_t i = 0; i < count; i++)
		if (v->nodes[i].gpa == gpa)
			return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_GPA(gpa),
					"the setup_data list goes in a circle: after number %zu "
					"comes number %zu again, at 0x%" PRIx64,
					count - 1, i, gpa);
	if (count == PVHLOAD_LINUX_SETUP_DATA_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_GPA(gpa),
				"the setup_data list has more than %u nodes; the next is at "
				"0x%" PRIx64,
				PVHLOAD_LINUX_SETUP_DATA_MAX, gpa);
	return PVHLOAD_OK;
}

/*
 * End the list with @status.  If the e820 table is full, entries of the map may have been in the
 * nodes that follow.
 */
static enum pvhload_status break_off(struct pvl_read_back *r, const struct pvl_linux_view *v,
				     enum pvhload_status status)
{
	const bool map_goes_on = v->view.e820_entries >= PVHLOAD_E820_TABLE_MAX;

	return pvl_read_back_part(r,
				  PVHLOAD_PART_SETUP_DATA | (map_goes_on ? PVHLOAD_PART_MEMMAP : 0),
				  pvl_fail_about(&r->err, status, PVHLOAD_SUBJECT_SETUP_DATA,
						 v->view.setup_data_count));
}

/* Make the error, if @status is a failure, one about the next node, at @gpa. */
static enum pvhload_status fail_of_node(struct pvl_read_back *r, const struct pvl_linux_view *v,
					uint64_t gpa, enum pvhload_status status)
{
	const size_t i = v->view.setup_data_count;

	(void)pvl_fail_in(&r->err, status, "setup_data %zu at 0x%" PRIx64, i, gpa);
	return pvl_fail_about(&r->err, status, PVHLOAD_SUBJECT_SETUP_DATA, i);
}

/* Read the data of @node, indirect ones included, to *@ret. */
static enum pvhload_status follow_and_read(const struct pvl_memory *mem, struct node *node,
					   uint64_t *left, uint8_t **ret, struct pvhload_error *err)
{
	if (node->indirect)
		PVL_TRY(follow(mem, node, err));
	return read_data(mem, node, left, ret, err);
}

/* Read the data of the node at @gpa, whose header is in @node, and append it to the view. */
static enum pvhload_status read_node(struct pvl_read_back *r, struct pvl_linux_view *v,
				     uint64_t gpa, struct node *node, uint64_t *left)
{
	uint8_t *data = NULL;
	const enum pvhload_status status = follow_and_read(&r->mem, node, left, &data, &r->err);
	const bool has_entries = node->type == PVHLOAD_SETUP_E820_EXT && !node->indirect;
	size_t *count = &v->view.setup_data_count;

	PVL_TRY(pvl_read_back_part(
		r, PVHLOAD_PART_SETUP_DATA | (has_entries ? PVHLOAD_PART_MEMMAP : 0),
		fail_of_node(r, v, gpa, status)));
	v->nodes[*count] = (struct pvhload_linux_node){ gpa,  node->data_gpa, node->len,
							data, node->type,     node->indirect };
	v->list[*count] = &v->nodes[*count];
	++*count;
	return PVHLOAD_OK;
}

static enum pvhload_status read_next(struct pvl_read_back *r, const struct pvl_linux_view *v,
				     uint64_t gpa, struct node *node)
{
	PVL_TRY(check_next(v, gpa, &r->err));
	return fail_of_node(r, v, gpa, read_header(&r->mem, gpa, node, &r->err));
}

enum pvhload_status pvl_linux_read_nodes(struct pvl_read_back *r, uint64_t gpa,
					 struct pvl_linux_view *v)
{
	uint64_t left = PVHLOAD_LINUX_SETUP_DATA_BYTES_MAX;
	struct node node = { 0 };

	v->view.setup_data = v->list;
	for (; gpa != 0; gpa = node.next) {
		const enum pvhload_status status = read_next(r, v, gpa, &node);

		if (status != PVHLOAD_OK)
			return break_off(r, v, status);
		PVL_TRY(read_node(r, v, gpa, &node, &left));
	}
	return PVHLOAD_OK;
}
