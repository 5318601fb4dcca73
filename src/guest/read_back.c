/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "guest/read_back.h"

#include "core/error.h"
#include "core/libc.h"

enum pvhload_status pvl_read_back_begin(struct pvl_read_back *r, const struct pvhload_memory *mem,
					uint32_t flags, const void *view)
{
	*r = (struct pvl_read_back){ .err = PVHLOAD_ERROR_INIT, .flags = flags };
	PVL_TRY(pvl_memory_open(mem, PVL_MEMORY_READS, &r->ram, &r->mem, &r->err));
	if (!view || !mem->memmap)
		return pvl_fail(&r->err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the guest memory has no map, or there is no place for the view");
	if ((flags & ~PVHLOAD_READ_PARTIAL) != 0)
		return pvl_fail(&r->err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"unknown flags for reading back: 0x%" PRIx32, flags);
	return pvl_ram_init(mem->memmap, &r->ram, &r->err);
}

static bool is_guests_fault(enum pvhload_status status)
{
	return status == PVHLOAD_E_RANGE || status == PVHLOAD_E_MALFORMED ||
	       status == PVHLOAD_E_LIMIT;
}

static void add_problem(struct pvl_problems *problems, const struct pvhload_error *err)
{
	struct pvhload_error *last = &problems->errors[PVHLOAD_READ_PROBLEMS_MAX - 1];

	if (problems->count < PVHLOAD_READ_PROBLEMS_MAX) {
		problems->errors[problems->count] = *err;
		problems->list[problems->count] = &problems->errors[problems->count];
		problems->count++;
		return;
	}
	/* The problem in the last place is replaced as well, so it counts. */
	problems->untold += problems->untold == 0 ? 2 : 1;
	(void)pvl_fail(last, (enum pvhload_status)err->status, PVL_ANYWHERE,
		       "%zu more that cannot be read", problems->untold);
}

enum pvhload_status pvl_read_back_part(struct pvl_read_back *r, uint32_t part,
				       enum pvhload_status status)
{
	if ((r->flags & PVHLOAD_READ_PARTIAL) == 0 || !is_guests_fault(status))
		return status;
	if (!r->problems) {
		r->problems = calloc(1, sizeof(*r->problems));
		if (!r->problems)
			return pvl_fail_no_memory(&r->err, sizeof(*r->problems));
	}
	r->incomplete |= part;
	add_problem(r->problems, &r->err);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_read_back_end(struct pvl_read_back *r, enum pvhload_status status,
				      struct pvhload_error *err)
{
	pvl_ram_free(&r->ram);
	if (status != PVHLOAD_OK)
		free(r->problems);
	return pvl_fail_as(err, status, &r->err);
}
