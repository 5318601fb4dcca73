/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The zero page and what hangs on it, as rules and bytes.  The planner and pvhload_linux_write() both
 * go through here.
 */
#ifndef PVL_LINUX_H
#define PVL_LINUX_H

#include <pvhload/linux.h>

#include "x86/setup_header.h"
#include "layout/layout.h"
#include "layout/writes.h"
#include "memory/memmap.h"
#include "source/source.h"

/* Alignment of a setup_data node: so that the kernel reads its u64 in one piece. */
#define PVL_NODE_ALIGN 8u

/* One setup_data of the caller's. */
struct pvl_linux_node {
	struct pvl_source source; /* its bytes */
	uint32_t type;
	bool indirect;
	uint64_t gpa;      /* of the node; 0 until it has a place */
	uint64_t data_gpa; /* of the bytes, if they are apart; 0 until they have one */
};

/* What the zero page says; all of it checked by pvl_linux_check() before it is encoded. */
struct pvl_linux_input {
	uint8_t header[PVHLOAD_SETUP_HEADER_ROOM]; /* from PVHLOAD_SETUP_HEADER_OFFSET on */
	size_t header_size;
	bool header_made; /* the image has none */

	const char *cmdline; /* not NULL */
	uint32_t cmdline_max;
	const struct pvhload_memmap_entry *memmap;
	size_t memmap_count;
	uint64_t rsdp_gpa;
	const uint8_t *screen_info; /* or NULL */
	const uint8_t *efi_info;    /* or NULL */
	uint32_t type_of_loader;
	uint32_t loadflags; /* to be set */
	bool not_linux;     /* what Linux needs of a memory map is not asked for */

	struct pvl_linux_node *nodes;
	size_t node_count;

	uint64_t cmdline_gpa;
	uint64_t initrd_gpa;
	uint64_t initrd_size;
	uint64_t e820_ext_gpa; /* of the node for the entries that the table cannot take */
};

/*
 * What @params say, as input for the rest, checked by every rule that does not depend on places.  @nodes
 * has room for as many setup_data as there may be, and stays the caller's.
 */
enum pvhload_status pvl_linux_input(const struct pvhload_linux_params *params, bool not_linux,
				    struct pvl_linux_node *nodes, struct pvl_linux_input *ret,
				    struct pvhload_error *err);

/* Start with the header of a kernel, or, if @bytes is NULL, with one made for an ELF file. */
enum pvhload_status pvl_linux_read_header(struct pvl_linux_input *in, const uint8_t *bytes,
					  size_t size, struct pvhload_error *err);

/* The header in @in, for pvl_setup_field(). */
struct pvl_setup_header pvl_linux_header(const struct pvl_linux_input *in);

/* False for what Linux looks for in the nodes themselves, and does not see by a setup_indirect. */
bool pvl_linux_may_be_indirect(uint32_t type);

/* Rules on the bytes of setup_data number @i, which are in @node's source. */
enum pvhload_status pvl_linux_check_node(const struct pvl_linux_node *node, size_t i,
					 struct pvhload_error *err);

/* Check the caller's setup_data and note them in @nodes, which has room for as many as there may be. */
enum pvhload_status pvl_linux_open_nodes(struct pvl_linux_input *in,
					 const struct pvhload_linux_setup_data *list, size_t count,
					 struct pvl_linux_node *nodes, struct pvhload_error *err);

/* Rules on all of them together. */
enum pvhload_status pvl_linux_check_nodes(const struct pvl_linux_input *in,
					  struct pvhload_error *err);

/* A rule on what is said, wherever it goes: map, command line, setup_data. */
struct pvl_linux_rule {
	uint32_t judges; /* PVHLOAD_PART_* */
	enum pvhload_status (*check)(const struct pvl_linux_input *in, struct pvhload_error *err);
};

#define PVL_LINUX_RULES 6
extern const struct pvl_linux_rule pvl_linux_rules[PVL_LINUX_RULES];

/* All of them, and those on what is the caller's to set, up to the first that is broken. */
enum pvhload_status pvl_linux_check(const struct pvl_linux_input *in, struct pvhload_error *err);

/* True if the node is to say by a setup_indirect where its data are. */
bool pvl_linux_node_is_indirect(const struct pvl_linux_node *node);

/* What messages call node @number of the list, or its data: "setup_data 1 rng_seed". */
void pvl_linux_node_name(char *name, size_t size, size_t number, uint32_t type, const char *suffix);

/* Bytes at a node's own place: its header, and the data or what says where they are. */
uint64_t pvl_linux_node_size(const struct pvl_linux_node *node);

/* The same for the E820_EXT node; 0 if it is not needed. */
uint64_t pvl_linux_e820_ext_size(const struct pvl_linux_input *in);

/* Bytes at the command line's place. */
uint64_t pvl_linux_cmdline_size(const struct pvl_linux_input *in);

/* Write the PVHLOAD_ZERO_PAGE_SIZE bytes of the zero page. */
void pvl_linux_encode_zero_page(const struct pvl_linux_input *in, uint8_t *page);

/* Write what a node begins with, returning how many bytes: all but data that are not indirect. */
size_t pvl_linux_encode_node(const struct pvl_linux_input *in, size_t i, uint8_t *dst);
#define PVL_NODE_HEAD_MAX (PVHLOAD_SETUP_DATA_HEADER_SIZE + PVHLOAD_SETUP_INDIRECT_SIZE)

/* Write the pvl_linux_e820_ext_size() bytes of the E820_EXT node. */
void pvl_linux_encode_e820_ext(const struct pvl_linux_input *in, uint8_t *dst);

/* How high things may lie, as far as the kernel says so itself. */
struct pvl_linux_reach {
	bool above;            /* above 4 GiB as well */
	uint64_t initrd_limit; /* where an initrd ends that is not */
	char initrd_limit_name[32];
	uint64_t limit; /* of everything else */
	const char *limit_name;
};

struct pvl_linux_reach pvl_linux_reach(const struct pvl_linux_input *in, bool entry64);

/* Which of a layout's parts are the protocol's, by their numbers. */
struct pvl_linux_parts {
	size_t zero_page;
	size_t cmdline;
	size_t list; /* of the first setup_data in the list, of which there are @nodes */
	size_t nodes;
	size_t node[PVHLOAD_LINUX_SETUP_DATA_MAX + 1]; /* by place in the list */
	size_t data[PVHLOAD_LINUX_SETUP_DATA_MAX + 1]; /* of what is indirect; 0: nothing is */
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
 * Append the initrd that the VMM has placed, below @in's own limit: nothing else may be there.  Without an
 * initrd, the part has no size.
 */
enum pvhload_status pvl_linux_append_initrd(const struct pvl_linux_input *in,
					    const struct pvl_linux_reach *reach,
					    struct pvl_layout *layout, struct pvhload_error *err);

/* Bytes that pvl_linux_encode() takes from its block. */
uint64_t pvl_linux_block_size(const struct pvl_linux_input *in);

/*
 * Fill @block with all of it, for the places in @layout, which are noted in @in.  The data of nodes come
 * straight from their sources.
 */
enum pvhload_status pvl_linux_encode(struct pvl_linux_input *in, const struct pvl_layout *layout,
				     const struct pvl_linux_parts *parts, struct pvl_block *block,
				     struct pvhload_error *err);

#endif
