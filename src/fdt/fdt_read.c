/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Reading a tree back.  Nothing in the guest is trusted: it is copied, checked and walked as any other tree; the copy is
 * zeroed at the end, as it may have seeds in it.
 */
#include "abi/fdt_layout.h"
#include "core/libc.h"
#include "core/wipe.h"
#include "fdt/fdt_scan.h"

struct reader {
	struct pvl_read_back base;
	struct pvhload_fdt_view *view;
	struct pvl_fdt_tree tree;
	struct pvl_fdt_facts facts;
	uint8_t *bytes;
	size_t size;
};

/* What a view's reservations point to: one allocation for each, freed by the address of its list. */
struct reservation {
	struct pvhload_fdt_reservation item;
	char name[PVL_NAME_SIZE];
};

void pvhload_fdt_view_free(struct pvhload_fdt_view *view)
{
	if (!view)
		return;
	/* The members are const for the caller; the library owns them. */
	for (size_t i = 0; i < view->reservation_count; i++)
		free((void *)(uintptr_t)view->reservations[i]);
	free((void *)(uintptr_t)view->reservations);
	free((void *)(uintptr_t)view->memory);
	free((void *)(uintptr_t)view->bootargs);
	free((void *)(uintptr_t)view->problems);
	free(view);
}

static enum pvhload_status read_header(struct reader *r, uint64_t gpa, uint32_t *ret_size)
{
	uint8_t header[PVL_FDT_HEADER_SIZE];
	const struct pvl_span s = { header, sizeof(header) };

	PVL_TRY(pvl_memory_read(&r->base.mem, gpa, header, sizeof(header), &r->base.err));
	PVL_TRY(pvl_fdt_check_header(s, gpa, ret_size, &r->base.err));
	r->view->total_size = *ret_size;
	r->view->version = pvl_span_get_be32(s, PVL_FDT_VERSION);
	r->view->last_comp_version = pvl_span_get_be32(s, PVL_FDT_LAST_COMP_VERSION);
	return PVHLOAD_OK;
}

/* Read the whole tree, once it is known that it is in RAM. */
static enum pvhload_status read_tree(struct reader *r, uint64_t gpa)
{
	struct pvhload_error *err = &r->base.err;
	uint32_t size;

	PVL_TRY(read_header(r, gpa, &size));
	PVL_TRY(pvl_fail_in(err, pvl_memory_check(&r->base.mem, gpa, size, err), "device tree"));
	r->bytes = malloc(size);
	if (!r->bytes)
		return pvl_fail_no_memory(err, size);
	r->size = size;
	PVL_TRY(pvl_memory_read(&r->base.mem, gpa, r->bytes, size, err));
	PVL_TRY(pvl_fdt_open((struct pvl_span){ r->bytes, size }, gpa, &r->tree, err));
	r->view->packed_size = pvl_fdt_packed_size(&r->tree);
	return pvl_fdt_scan(&r->tree, &r->base, &r->facts, err);
}

static enum pvhload_status fill_chosen(struct reader *r)
{
	const struct pvl_fdt_facts *facts = &r->facts;
	struct pvhload_fdt_view *view = r->view;
	const char *bootargs = facts->bootargs ? facts->bootargs : "";

	view->has_bootargs = facts->bootargs != NULL;
	view->has_initrd = facts->has_initrd;
	view->initrd = (struct pvhload_range){ facts->initrd.start,
					       facts->initrd.end - facts->initrd.start };
	view->has_kaslr_seed = facts->kaslr_seed.data != NULL;
	view->kaslr_seed_size = facts->kaslr_seed.size;
	view->has_rng_seed = facts->rng_seed.data != NULL;
	view->rng_seed_size = facts->rng_seed.size;
	view->bootargs = strdup(bootargs);
	return view->bootargs ? PVHLOAD_OK : pvl_fail_no_memory(&r->base.err, strlen(bootargs) + 1);
}

static enum pvhload_status fill_memory(struct reader *r)
{
	const size_t count = r->facts.bank_count;
	struct pvhload_range *memory;

	if (count == 0)
		return PVHLOAD_OK;
	r->view->memory = memory = calloc(count, sizeof(*memory));
	if (!memory)
		return pvl_fail_no_memory(&r->base.err, count * sizeof(*memory));
	for (size_t i = 0; i < count; i++)
		memory[i] =
			(struct pvhload_range){ r->facts.banks[i].start,
						r->facts.banks[i].end - r->facts.banks[i].start };
	r->view->memory_count = count;
	return PVHLOAD_OK;
}

/* A copy of @from, to be freed by its first member; NULL if there is no memory. */
static const struct pvhload_fdt_reservation *new_reservation(const struct pvl_fdt_reserved *from)
{
	struct reservation *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	memcpy(r->name, from->name, sizeof(r->name));
	r->item = (struct pvhload_fdt_reservation){
		from->range.start,
		from->range.end - from->range.start,
		r->name,
		from->is_node ? PVHLOAD_FDT_RESERVED_NODE : PVHLOAD_FDT_RESERVED_ENTRY,
		from->no_map,
	};
	return &r->item;
}

static enum pvhload_status fill_reservations(struct reader *r)
{
	const size_t count = r->facts.reserved_count;
	const struct pvhload_fdt_reservation **list;

	if (count == 0)
		return PVHLOAD_OK;
	list = calloc(count, sizeof(*list));
	r->view->reservations = list;
	if (!list)
		return pvl_fail_no_memory(&r->base.err, count * sizeof(*list));
	for (size_t i = 0; i < count; i++) {
		list[i] = new_reservation(&r->facts.reserved[i]);
		if (!list[i])
			return pvl_fail_no_memory(&r->base.err, sizeof(struct reservation));
		r->view->reservation_count++;
	}
	return PVHLOAD_OK;
}

static enum pvhload_status read_all(struct reader *r, const struct pvhload_memory *mem,
				    uint64_t gpa, uint32_t flags, const void *view)
{
	PVL_TRY(pvl_read_back_begin(&r->base, mem, flags, view));
	r->view = calloc(1, sizeof(*r->view));
	if (!r->view)
		return pvl_fail_no_memory(&r->base.err, sizeof(*r->view));
	PVL_TRY(read_tree(r, gpa));
	PVL_TRY(fill_chosen(r));
	PVL_TRY(fill_memory(r));
	return fill_reservations(r);
}

enum pvhload_status pvhload_fdt_read(const struct pvhload_memory *mem, uint64_t gpa, uint32_t flags,
				     struct pvhload_fdt_view **view, struct pvhload_error *err)
{
	struct reader r = { .size = 0 };
	enum pvhload_status status;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	status = pvl_read_back_end(&r.base, read_all(&r, mem, gpa, flags, view), err);
	pvl_fdt_facts_free(&r.facts);
	pvl_wipe_and_free(r.bytes, r.size);
	if (status != PVHLOAD_OK) {
		pvhload_fdt_view_free(r.view);
		return status;
	}
	if (r.base.problems) {
		r.view->problems = r.base.problems->list;
		r.view->problem_count = r.base.problems->count;
	}
	r.view->incomplete = r.base.incomplete;
	*view = r.view;
	return PVHLOAD_OK;
}
