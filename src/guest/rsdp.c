/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "guest/rsdp.h"

#include <pvhload/abi/start_info.h>

#include "core/error.h"

enum pvhload_status pvl_keep_rsdp_free(struct pvl_space *space, uint64_t gpa,
				       struct pvhload_error *err)
{
	struct pvl_range range;

	if (gpa == 0)
		return PVHLOAD_OK;
	if (!pvl_range_make(gpa, PVHLOAD_RSDP_SIZE, &range))
		return pvl_fail(err, PVHLOAD_E_RANGE, PVL_GPA(gpa),
				"the RSDP, %u bytes at 0x%" PRIx64
				", passes the end of the address space",
				PVHLOAD_RSDP_SIZE, gpa);
	if (pvl_space_is_claimed(space, range))
		return PVHLOAD_OK;
	return pvl_space_keep_free(space, "the RSDP", gpa, PVHLOAD_RSDP_SIZE, err);
}
