/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The RSDP, which the VMM has put into guest memory: nothing may be written over it. */
#ifndef PVL_GUEST_RSDP_H
#define PVL_GUEST_RSDP_H

#include "layout/space.h"

/* Keep it free, unless a claim covers it already.  @gpa 0: there is none. */
enum pvhload_status pvl_keep_rsdp_free(struct pvl_space *space, uint64_t gpa,
				       struct pvhload_error *err);

#endif
