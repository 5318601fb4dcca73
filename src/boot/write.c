/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The list of what commit writes. */
#include "boot/plan.h"
#include "core/error.h"
#include "core/grow.h"

enum pvhload_status pvl_plan_add_write(struct pvhload_plan *plan, struct pvl_write piece,
				       struct pvhload_error *err)
{
	if (piece.size == 0)
		return PVHLOAD_OK;
	if (!pvl_grow((void **)&plan->pieces, &plan->piece_capacity, plan->piece_count,
		      sizeof(*plan->pieces)))
		return pvl_fail_no_memory(err, sizeof(*plan->pieces));
	plan->pieces[plan->piece_count++] = piece;
	return PVHLOAD_OK;
}
