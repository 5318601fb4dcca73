/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The zero page and what it points to: the rules, the parts and the bytes, for the planner and
 * pvhload_linux_write() alike.
 */
#ifndef PVL_LINUX_H
#define PVL_LINUX_H

#include <pvhload/linux.h>

#include "guest/framebuffer.h"
#include "x86/setup_header.h"
#include "layout/layout.h"
#include "layout/writes.h"
#include "memory/memmap.h"
#include "source/source.h"

/* Alignment of a setup_data node: so that the kernel reads its u64 aligned. */
#define PVL_NODE_ALIGN 8u

/* A setup_data of the caller's. */
struct pvl_linux_node {
	struct pvl_source source; /* its bytes */
	uint32_t type;
	bool indirect;
	uint64_t gpa;      /* of the node; 0 until it has a place */
	uint64_t data_gpa; /* of its data, if it is indirect; 0 until it has a place */
};

/* What the zero page says; all of it checked by pvl_linux_check() before it is encoded. */
struct pvl_linux_input {
	uint8_t header[PVHLOAD_SETUP_HEADER_ROOM]; /* from PVHLOAD_SETUP_HEADER_OFFSET on */
	size_t header_size;
	bool header_made; /* made for an ELF file, which has none */

	const char *cmdline; /* not NULL */
	uint32_t cmdline_max;
	const struct pvhload_memmap_entry *memmap;
	size_t memmap_count;
	uint64_t rsdp_gpa;
	bool has_framebuffer;
	struct pvhload_framebuffer framebuffer;
	const uint8_t *efi_info; /* or NULL */
	uint32_t type_of_loader;
	uint32_t loadflags; /* to be set */
	bool not_linux;     /* do not check what Linux needs of a memory map */

	struct pvl_linux_node *nodes;
	size_t node_count;

	uint64_t cmdline_gpa;
	uint64_t initrd_gpa;
	uint64_t initrd_size;
	uint64_t e820_ext_gpa; /* of the node with the entries that do not fit the table */
};

/*
 * Make the input from @params, checked by every rule that does not depend on places.  @nodes has
 * room for PVHLOAD_LINUX_SETUP_DATA_MAX and must live as long as @ret.
 */
enum pvhload_status pvl_linux_input(const struct pvhload_linux_params *params, bool not_linux,
				    struct pvl_linux_node *nodes, struct pvl_linux_input *ret,
				    struct pvhload_error *err);

/* Start with the header of a kernel, or, if @bytes is NULL, with one made for an ELF file. */
enum pvhload_status pvl_linux_read_header(struct pvl_linux_input *in, const uint8_t *bytes,
					  size_t size, struct pvhload_error *err);

/* The header in @in, for pvl_setup_field(). */
struct pvl_setup_header pvl_linux_header(const struct pvl_linux_input *in);

/* False for the types that Linux reads from the node itself: it does not find them by a setup_indirect. */
bool pvl_linux_may_be_indirect(uint32_t type);

/* Rules on the data of setup_data @i, read from @node's source. */
enum pvhload_status pvl_linux_check_node(const struct pvl_linux_node *node, size_t i,
					 struct pvhload_error *err);

/*
 * Check the caller's setup_data and copy them to @nodes, which has room for
 * PVHLOAD_LINUX_SETUP_DATA_MAX.
 */
enum pvhload_status pvl_linux_open_nodes(struct pvl_linux_input *in,
					 const struct pvhload_linux_setup_data *list, size_t count,
					 struct pvl_linux_node *nodes, struct pvhload_error *err);

/* Rules on all of them together. */
enum pvhload_status pvl_linux_check_nodes(const struct pvl_linux_input *in,
					  struct pvhload_error *err);

/* A rule on content, independent of places: map, command line, setup_data. */
struct pvl_linux_rule {
	uint32_t judges; /* PVHLOAD_PART_* */
	enum pvhload_status (*check)(const struct pvl_linux_input *in, struct pvhload_error *err);
};

#define PVL_LINUX_RULES 7
extern const struct pvl_linux_rule pvl_linux_rules[PVL_LINUX_RULES];

/* Check all rules, those on fields that the caller sets included, up to the first that is broken. */
enum pvhload_status pvl_linux_check(const struct pvl_linux_input *in, struct pvhload_error *err);

/* True if the node needs a setup_indirect to point to its data. */
bool pvl_linux_node_is_indirect(const struct pvl_linux_node *node);

/* The name in messages of node @number of the list, or of its data: "setup_data 1 rng_seed". */
void pvl_linux_node_name(char *name, size_t size, size_t number, uint32_t type, const char *suffix);

/* Bytes of the node itself: its header, and the data or their address. */
uint64_t pvl_linux_node_size(const struct pvl_linux_node *node);

/* The same for the E820_EXT node; 0 if it is not needed. */
uint64_t pvl_linux_e820_ext_size(const struct pvl_linux_input *in);

/* Bytes that the command line takes in guest memory. */
uint64_t pvl_linux_cmdline_size(const struct pvl_linux_input *in);

/* The place of the framebuffer that a struct screen_info tells of; false if it tells of none. */
bool pvl_linux_decode_screen(const uint8_t *info, struct pvhload_framebuffer *ret);

/* Fill the zeros of a struct screen_info. */
void pvl_linux_encode_screen(const struct pvhload_framebuffer *fb, uint8_t *info);

/* Bytes at the start of the zero page, after which all are 0. */
#define PVL_ZERO_PAGE_HEAD \
	(PVHLOAD_ZERO_E820_TABLE + PVHLOAD_E820_TABLE_MAX * PVHLOAD_E820_ENTRY_SIZE)

/* Write these. */
void pvl_linux_encode_zero_page(const struct pvl_linux_input *in, uint8_t *page);

/* Write the first bytes of a node and return how many: everything but data that follow the header. */
size_t pvl_linux_encode_node(const struct pvl_linux_input *in, size_t i, uint8_t *dst);
#define PVL_NODE_HEAD_MAX (PVHLOAD_SETUP_DATA_HEADER_SIZE + PVHLOAD_SETUP_INDIRECT_SIZE)

/* Write the pvl_linux_e820_ext_size() bytes of the E820_EXT node. */
void pvl_linux_encode_e820_ext(const struct pvl_linux_input *in, uint8_t *dst);

/* How high things may be placed, as the kernel itself says. */
struct pvl_linux_reach {
	bool above;            /* the kernel takes places above 4 GiB */
	uint64_t initrd_limit; /* highest end of an initrd below 4 GiB */
	char initrd_limit_name[32];
	uint64_t limit; /* highest end of everything else */
	const char *limit_name;
};

struct pvl_linux_reach pvl_linux_reach(const struct pvl_linux_input *in, bool entry64);

/* The numbers of the protocol's parts in a layout. */
struct pvl_linux_parts {
	size_t zero_page;
	size_t cmdline;
	size_t list; /* of the first setup_data in the list, of which there are @nodes */
	size_t nodes;
	size_t node[PVHLOAD_LINUX_SETUP_DATA_MAX + 1]; /* by place in the list */
	size_t data[PVHLOAD_LINUX_SETUP_DATA_MAX + 1]; /* of indirect data; 0: the node has none */
};

/* Most parts that the next two append. */
#define PVL_LINUX_PARTS_MAX (2 + 2 * (PVHLOAD_LINUX_SETUP_DATA_MAX + 1))

/* Append zero page and command line, which end below @limit. */
void pvl_linux_append_page(const struct pvl_linux_input *in, uint64_t limit, const char *limit_name,
			   struct pvl_layout *layout, struct pvl_linux_parts *ret);

/* Append the setup_data list, each node after the one before it, and what its nodes point to. */
void pvl_linux_append_list(const struct pvl_linux_input *in, uint64_t limit, const char *limit_name,
			   struct pvl_layout *layout, struct pvl_linux_parts *ret);

/*
 * Append the initrd that the VMM has placed, below @in's own limit, so that nothing else is placed
 * there.  Without an initrd, the part has no size.
 */
enum pvhload_status pvl_linux_append_initrd(const struct pvl_linux_input *in,
					    const struct pvl_linux_reach *reach,
					    struct pvl_layout *layout, struct pvhload_error *err);

/* Bytes that pvl_linux_encode() takes from its second block; the first one's are PVL_ZERO_PAGE_HEAD. */
uint64_t pvl_linux_block_size(const struct pvl_linux_input *in);

/* Most writes that it appends. */
#define PVL_LINUX_WRITES(node_count) (4 + 2 * (node_count))

/*
 * Fill @page with the zero page, and @block, which may be the same, with command line and nodes, for the places in
 * @layout, which are copied to @in.  The data of nodes are written from their sources.
 */
enum pvhload_status pvl_linux_encode(struct pvl_linux_input *in, const struct pvl_layout *layout,
				     const struct pvl_linux_parts *parts, struct pvl_block *page,
				     struct pvl_block *block, struct pvhload_error *err);

#endif
