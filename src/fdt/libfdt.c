/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The one file that knows libfdt. */
#include <libfdt.h>

#include <pvhload/fdt.h>

#include "abi/fdt_layout.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/store.h"
#include "fdt/fdt_change.h"

/* Enough for "memory@" and 16 digits. */
#define MEMORY_NAME_SIZE 32u

/* Return the status of what libfdt says to @step: negative if it failed. */
static enum pvhload_status judged(int result, const char *step, struct pvhload_error *err)
{
	if (result >= 0)
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE, "the device tree, %s: libfdt: %s",
			step, fdt_strerror(result));
}

static int find_or_make(uint8_t *tree, const char *name)
{
	const int node = fdt_subnode_offset(tree, 0, name);

	return node == -FDT_ERR_NOTFOUND ? fdt_add_subnode(tree, 0, name) : node;
}

/* fdt_setprop() leaves what it finds, bytes of the heap among it, in the padding that the specification has zeroed. */
static int set_bytes(uint8_t *tree, int node, const char *name, const void *bytes, size_t size)
{
	void *at;
	const int result = fdt_setprop_placeholder(tree, node, name, (int)size, &at);

	if (result < 0)
		return result;
	memset(at, 0, (size + PVL_FDT_CELL - 1) / PVL_FDT_CELL * PVL_FDT_CELL);
	memcpy(at, bytes, size);
	return 0;
}

static int set_text(uint8_t *tree, int node, const char *name, const char *text)
{
	return set_bytes(tree, node, name, text, strlen(text) + 1);
}

static int set_chosen(uint8_t *tree, int node, const struct pvl_fdt_change *c)
{
	int result = 0;

	if (c->bootargs)
		result = set_text(tree, node, "bootargs", c->bootargs);
	if (result >= 0 && c->initrd)
		result = fdt_setprop_u64(tree, node, "linux,initrd-start", 0);
	if (result >= 0 && c->initrd)
		result = fdt_setprop_u64(tree, node, "linux,initrd-end", 0);
	if (result >= 0 && c->kaslr_seed)
		result = set_bytes(tree, node, "kaslr-seed", c->kaslr_seed,
				   PVHLOAD_FDT_KASLR_SEED_SIZE);
	if (result >= 0 && c->rng_seed)
		result = set_bytes(tree, node, "rng-seed", c->rng_seed, c->rng_seed_size);
	return result;
}

static enum pvhload_status change_chosen(uint8_t *tree, const struct pvl_fdt_change *c,
					 struct pvhload_error *err)
{
	const int node = find_or_make(tree, "chosen");

	PVL_TRY(judged(node, "finding /chosen", err));
	return judged(set_chosen(tree, node, c), "changing /chosen", err);
}

static bool is_memory(const uint8_t *tree, int node)
{
	static const char memory[] = "memory";
	int size;
	const void *type = fdt_getprop(tree, node, "device_type", &size);

	return type && size == sizeof(memory) && memcmp(type, memory, sizeof(memory)) == 0;
}

/* Take out all nodes of memory, the last one first, so that the places of the others stay. */
static int drop_memory(uint8_t *tree)
{
	int found[PVHLOAD_FDT_RANGES_MAX], count = 0, node, result = 0;

	fdt_for_each_subnode(node, tree, 0)
	{
		if (!is_memory(tree, node))
			continue;
		if (count == PVHLOAD_FDT_RANGES_MAX)
			return -FDT_ERR_NOSPACE; /* the caller has counted them */
		found[count++] = node;
	}
	while (result >= 0 && count > 0)
		result = fdt_del_node(tree, found[--count]);
	return result;
}

static uint8_t *store_number(uint8_t *at, uint64_t value, uint32_t cells)
{
	if (cells == 1)
		pvl_store_be32(at, (uint32_t)value);
	else
		pvl_store_be64(at, value);
	return at + cells * (size_t)PVL_FDT_CELL;
}

static int write_banks(uint8_t *tree, int node, const struct pvl_fdt_change *c)
{
	const size_t each = (size_t)(c->address_cells + c->size_cells) * PVL_FDT_CELL;
	void *reg;
	const int result =
		fdt_setprop_placeholder(tree, node, "reg", (int)(c->memory_count * each), &reg);
	uint8_t *at = reg;

	if (result < 0)
		return result;
	for (size_t i = 0; i < c->memory_count; i++) {
		at = store_number(at, c->memory[i].start, c->address_cells);
		at = store_number(at, c->memory[i].end - c->memory[i].start, c->size_cells);
	}
	return 0;
}

static enum pvhload_status change_memory(uint8_t *tree, const struct pvl_fdt_change *c,
					 struct pvhload_error *err)
{
	char name[MEMORY_NAME_SIZE];
	int node;

	PVL_TRY(judged(drop_memory(tree), "taking out /memory", err));
	(void)snprintf(name, sizeof(name), "memory@%" PRIx64, c->memory[0].start);
	node = fdt_add_subnode(tree, 0, name);
	if (node == -FDT_ERR_EXISTS)
		return pvl_fail(
			err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE,
			"the device tree has a node /%s whose device_type is not \"memory\"", name);
	PVL_TRY(judged(node, "making /memory", err));
	PVL_TRY(judged(set_text(tree, node, "device_type", "memory"), "making /memory", err));
	return judged(write_banks(tree, node, c), "making /memory", err);
}

enum pvhload_status pvl_libfdt_change(const uint8_t *from, uint8_t *tree, size_t capacity,
				      const struct pvl_fdt_change *change, size_t *ret_size,
				      struct pvhload_error *err)
{
	PVL_TRY(judged(fdt_check_full(from, fdt_totalsize(from)), "checking it", err));
	PVL_TRY(judged(fdt_open_into(from, tree, (int)capacity), "opening it", err));
	if (change->memory)
		PVL_TRY(change_memory(tree, change, err));
	PVL_TRY(change_chosen(tree, change, err));
	PVL_TRY(judged(fdt_pack(tree), "packing it", err));
	*ret_size = fdt_totalsize(tree);
	return PVHLOAD_OK;
}
