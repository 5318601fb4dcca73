/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* pvhload_boot_config::keep_free: what is kept free, and what is written there. */
#ifndef PVL_BOOT_KEPT_H
#define PVL_BOOT_KEPT_H

#include "boot/plan.h"

/* Keep free what the caller does, and its RSDP; ranges with bytes are claimed as regions. */
enum pvhload_status pvl_keep_free(struct pvl_builder *b, struct pvhload_error *err);

/* Copy the bytes to plan->kept, and append their writes. */
enum pvhload_status pvl_write_kept(struct pvl_builder *b, struct pvhload_error *err);

#endif
