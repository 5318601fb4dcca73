/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Making the guest's tree: the caller's is checked and scanned; a copy is changed by libfdt; what it says then is scanned
 * once more, so that all that is known of it is known of the bytes that the guest gets.
 */
#include "abi/fdt_layout.h"
#include "abi/sizes.h"
#include "core/checked.h"
#include "core/libc.h"
#include "core/sized.h"
#include "core/store.h"
#include "core/wipe.h"
#include "fdt/fdt.h"
#include "fdt/fdt_change.h"

/*
 * More bytes than all properties, nodes and names that are added take besides their values: 5 properties of /chosen, 2 of
 * /memory, of at most 64 bytes each, and the two nodes.
 */
#define GROWTH 1024u

/* libfdt takes trees at multiples of this. */
#define WORK_ALIGN 8u

/* What is being made, with what has to be freed in any case. */
struct maker {
	struct pvhload_fdt fdt;
	const struct pvl_fdt_wanted *wanted;
	struct pvl_fdt_tree tree;  /* the caller's */
	struct pvl_fdt_facts said; /* by that */
	char *bootargs;            /* joined; NULL unless they are */
	struct pvl_ram ram;        /* for the nodes of memory */
	uint8_t *work;
	size_t work_size;
};

#ifndef PVL_HAVE_FDT
enum pvhload_status pvl_libfdt_change(const uint8_t *from, uint8_t *tree, size_t capacity,
				      const struct pvl_fdt_change *change, size_t *ret_size,
				      struct pvhload_error *err)
{
	(void)from, (void)tree, (void)capacity, (void)change, (void)ret_size;
	return pvl_fail(
		err, PVHLOAD_E_UNSUPPORTED, PVL_ANYWHERE,
		"a device tree has to be changed, which takes libfdt, and this build is without it");
}
#endif

static bool all_zero(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

static enum pvhload_status check_seeds(const struct pvhload_fdt *fdt, struct pvhload_error *err)
{
	if (fdt->kaslr_seed && all_zero(fdt->kaslr_seed, PVHLOAD_FDT_KASLR_SEED_SIZE))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"kaslr_seed is all zeros, which Linux takes for no seed");
	if ((fdt->rng_seed != NULL) != (fdt->rng_seed_size != 0))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"rng_seed is %s, and rng_seed_size %zu",
				fdt->rng_seed ? "set" : "NULL", fdt->rng_seed_size);
	if (fdt->rng_seed_size > PVHLOAD_FDT_RNG_SEED_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_ANYWHERE,
				"rng_seed has %zu bytes; the limit is %u", fdt->rng_seed_size,
				PVHLOAD_FDT_RNG_SEED_MAX);
	return PVHLOAD_OK;
}

static enum pvhload_status check_fdt(struct maker *m, struct pvhload_error *err)
{
	if (!pvl_sized_in(&m->fdt, sizeof(m->fdt), m->wanted->fdt, PVL_V1_FDT) || !m->fdt.tree)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"no struct pvhload_fdt, or no tree in it");
	if (m->fdt.bootargs > PVHLOAD_FDT_BOOTARGS_KEEP)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"unknown value of pvhload_fdt::bootargs: %" PRIu32,
				m->fdt.bootargs);
	if ((m->fdt.flags & ~PVHLOAD_FDT_WRITE_MEMORY) != 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"unknown flags of pvhload_fdt: 0x%" PRIx32, m->fdt.flags);
	return check_seeds(&m->fdt, err);
}

static enum pvhload_status fail_large(uint64_t size, size_t room, struct pvhload_error *err)
{
	return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_ANYWHERE,
			"the device tree takes %" PRIu64 " bytes, and %zu are to be left free; "
			"Linux on arm64 stops without a word above %u",
			size, room, PVHLOAD_FDT_LIMIT);
}

static enum pvhload_status read_tree(struct maker *m, struct pvhload_error *err)
{
	const struct pvl_span bytes = { m->fdt.tree, m->fdt.size };
	uint64_t packed;

	PVL_TRY(pvl_fdt_open(bytes, PVHLOAD_NOWHERE, &m->tree, err));
	packed = pvl_fdt_packed_size(&m->tree);
	if (packed > PVHLOAD_FDT_LIMIT || m->fdt.room > PVHLOAD_FDT_LIMIT - packed)
		return fail_large(packed, m->fdt.room, err);
	return pvl_fdt_scan(&m->tree, NULL, &m->said, err);
}

static enum pvhload_status check_length(uint64_t length, struct pvhload_error *err)
{
	if (length <= PVHLOAD_FDT_CMDLINE_MAX)
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_CMDLINE, PVL_ANYWHERE,
			"bootargs would have %" PRIu64 " bytes; the limit is %u", length,
			PVHLOAD_FDT_CMDLINE_MAX);
}

/* Join the tree's command line and the caller's, with a space between them. */
static enum pvhload_status join_bootargs(struct maker *m, const char *first, const char *second,
					 const char **ret, struct pvhload_error *err)
{
	const size_t size = strlen(first) + 1 + strlen(second) + 1;

	m->bootargs = malloc(size);
	if (!m->bootargs)
		return pvl_fail_no_memory(err, size);
	(void)snprintf(m->bootargs, size, "%s%s%s", first, *first && *second ? " " : "", second);
	*ret = m->bootargs;
	return PVHLOAD_OK;
}

/* What bootargs is to be: *@ret, NULL if it is left as it is. */
static enum pvhload_status choose_bootargs(struct maker *m, const char **ret,
					   struct pvhload_error *err)
{
	const char *given = m->wanted->cmdline ? m->wanted->cmdline : "";
	const char *said = m->said.bootargs ? m->said.bootargs : "";
	const uint32_t way = m->fdt.bootargs;

	*ret = NULL;
	if (way == PVHLOAD_FDT_BOOTARGS_KEEP || (way == PVHLOAD_FDT_BOOTARGS_AUTO && !*given))
		return check_length(strlen(said), err);
	if (way == PVHLOAD_FDT_BOOTARGS_APPEND) {
		PVL_TRY(check_length((uint64_t)strlen(said) + (*said && *given) + strlen(given),
				     err));
		return join_bootargs(m, said, given, ret, err);
	}
	*ret = given;
	return check_length(strlen(given), err);
}

/* Check that @value is less than 2^32, or has 2 cells. */
static bool fits_cells(uint64_t value, uint32_t cells)
{
	return cells == 2 || value <= UINT32_MAX;
}

static enum pvhload_status check_bank(const struct pvl_range *bank,
				      const struct pvl_fdt_change *change,
				      struct pvhload_error *err)
{
	if (fits_cells(bank->start, change->address_cells) &&
	    fits_cells(bank->end - bank->start, change->size_cells))
		return PVHLOAD_OK;
	return pvl_fail(err, PVHLOAD_E_MEMMAP, PVL_GPA(bank->start),
			"RAM " PVL_RANGE_FMT " does not fit into the device tree's %" PRIu32
			" cells of addresses and %" PRIu32 " of sizes",
			PVL_RANGE_ARG(*bank), change->address_cells, change->size_cells);
}

static enum pvhload_status check_memory(const struct pvl_fdt_change *change,
					struct pvhload_error *err)
{
	if (change->memory_count == 0 || change->memory_count > PVHLOAD_FDT_RANGES_MAX)
		return pvl_fail(err, PVHLOAD_E_MEMMAP, PVL_ANYWHERE,
				"the memory map has %zu ranges of RAM; a device tree takes 1 to %u",
				change->memory_count, PVHLOAD_FDT_RANGES_MAX);
	if (change->address_cells - 1 >= 2 || change->size_cells - 1 >= 2)
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_ANYWHERE,
				"the device tree's root node has #address-cells %" PRIu32
				" and #size-cells %" PRIu32 "; each has to be 1 or 2",
				change->address_cells, change->size_cells);
	for (size_t i = 0; i < change->memory_count; i++)
		PVL_TRY(check_bank(&change->memory[i], change, err));
	return PVHLOAD_OK;
}

static enum pvhload_status choose_memory(struct maker *m, struct pvl_fdt_change *change,
					 struct pvhload_error *err)
{
	if ((m->fdt.flags & PVHLOAD_FDT_WRITE_MEMORY) == 0)
		return PVHLOAD_OK;
	if (!m->wanted->memmap)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"PVHLOAD_FDT_WRITE_MEMORY without a memory map");
	PVL_TRY(pvl_ram_init(m->wanted->memmap, &m->ram, err));
	change->memory = m->ram.ranges;
	change->memory_count = m->ram.count;
	change->address_cells = m->said.address_cells;
	change->size_cells = m->said.size_cells;
	return check_memory(change, err);
}

/* What the values take that @change adds. */
static size_t growth(const struct pvl_fdt_change *change)
{
	return GROWTH + (change->bootargs ? strlen(change->bootargs) : 0) + change->rng_seed_size +
	       change->memory_count * 4 * PVL_FDT_CELL;
}

/* Make a copy of the caller's tree, change it, and leave room: *@ret_size bytes of the copy. */
static enum pvhload_status change_copy(struct maker *m, const struct pvl_fdt_change *change,
				       size_t *ret_size, struct pvhload_error *err)
{
	const size_t most = m->tree.bytes.size + growth(change) + m->fdt.room;
	const size_t room = (most + WORK_ALIGN - 1) & ~(size_t)(WORK_ALIGN - 1);
	size_t size = 0;

	/* The caller's bytes, which may be anywhere, are copied after it. */
	m->work_size = room + m->tree.bytes.size;
	m->work = malloc(m->work_size);
	if (!m->work)
		return pvl_fail_no_memory(err, m->work_size);
	memcpy(m->work + room, m->tree.bytes.data, m->tree.bytes.size);
	PVL_TRY(pvl_libfdt_change(m->work + room, m->work, room, change, &size, err));
	if (size > PVHLOAD_FDT_LIMIT || m->fdt.room > PVHLOAD_FDT_LIMIT - size)
		return fail_large(size, m->fdt.room, err);
	memset(m->work + size, 0, m->fdt.room);
	*ret_size = size + m->fdt.room;
	pvl_store_be32(m->work + PVL_FDT_TOTALSIZE, (uint32_t)*ret_size);
	return PVHLOAD_OK;
}

/* Copy the changed tree to *@ret, and scan what it says. */
static enum pvhload_status keep_copy(struct maker *m, size_t size, struct pvl_fdt *ret,
				     struct pvhload_error *err)
{
	struct pvl_fdt_tree tree;

	ret->bytes = malloc(size);
	if (!ret->bytes)
		return pvl_fail_no_memory(err, size);
	ret->size = size;
	memcpy(ret->bytes, m->work, size);
	PVL_TRY(pvl_fdt_open((struct pvl_span){ ret->bytes, size }, PVHLOAD_NOWHERE, &tree, err));
	PVL_TRY(pvl_fdt_scan(&tree, NULL, &ret->facts, err));
	pvl_ranges_sort(ret->facts.banks, ret->facts.bank_count);
	ret->facts.bank_count = pvl_ranges_join_touching(ret->facts.banks, ret->facts.bank_count);
	return PVHLOAD_OK;
}

/* An initrd that the caller's tree has is to be left alone, if there is no other. */
static enum pvhload_status reserve_initrd(const struct maker *m, struct pvl_fdt_facts *facts,
					  struct pvhload_error *err)
{
	const struct pvl_fdt_reserved initrd = { facts->initrd, "linux,initrd of the tree", true,
						 false };

	if (m->wanted->has_initrd || !facts->has_initrd || facts->initrd.start == facts->initrd.end)
		return PVHLOAD_OK;
	return pvl_fdt_append_reserved(facts, initrd, err);
}

static enum pvhload_status make(struct maker *m, struct pvl_fdt *ret, struct pvhload_error *err)
{
	struct pvl_fdt_change change = { .initrd = m->wanted->has_initrd };
	size_t size = 0;

	PVL_TRY(check_fdt(m, err));
	PVL_TRY(pvl_fail_about(err, read_tree(m, err), PVHLOAD_SUBJECT_FDT, 0));
	PVL_TRY(choose_bootargs(m, &change.bootargs, err));
	PVL_TRY(choose_memory(m, &change, err));
	change.kaslr_seed = m->fdt.kaslr_seed;
	change.rng_seed = m->fdt.rng_seed;
	change.rng_seed_size = m->fdt.rng_seed_size;
	PVL_TRY(pvl_fail_about(err, change_copy(m, &change, &size, err), PVHLOAD_SUBJECT_FDT, 0));
	PVL_TRY(keep_copy(m, size, ret, err));
	return reserve_initrd(m, &ret->facts, err);
}

enum pvhload_status pvl_fdt_make(const struct pvl_fdt_wanted *wanted, struct pvl_fdt *ret,
				 struct pvhload_error *err)
{
	struct maker m = { .wanted = wanted };
	const enum pvhload_status status = make(&m, ret, err);

	pvl_wipe_and_free(m.work, m.work_size);
	free(m.bootargs);
	pvl_ram_free(&m.ram);
	pvl_fdt_facts_free(&m.said);
	return status;
}

void pvl_fdt_free(struct pvl_fdt *fdt)
{
	pvl_fdt_facts_free(&fdt->facts);
	pvl_wipe_and_free(fdt->bytes, fdt->size);
	*fdt = (struct pvl_fdt){ 0 };
}

void pvl_fdt_set_initrd(struct pvl_fdt *fdt, struct pvl_range initrd)
{
	/* Both have 8 bytes: pvl_libfdt_change() has set them. */
	pvl_store_be64(fdt->bytes + (fdt->facts.initrd_start.data - fdt->bytes), initrd.start);
	pvl_store_be64(fdt->bytes + (fdt->facts.initrd_end.data - fdt->bytes), initrd.end);
	fdt->facts.initrd = initrd;
}

bool pvl_fdt_in_memory(const struct pvl_fdt *fdt, struct pvl_range range)
{
	const struct pvl_ram banks = { fdt->facts.banks, fdt->facts.bank_count };

	return pvl_ram_contains(&banks, range);
}
