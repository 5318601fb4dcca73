/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The BIOS data area, if the config asks for it. */
#ifndef PVL_BOOT_BDA_H
#define PVL_BOOT_BDA_H

#include "boot/plan.h"

enum pvhload_status pvl_claim_bda(struct pvl_builder *b, struct pvhload_error *err);
enum pvhload_status pvl_write_bda(struct pvl_builder *b, struct pvhload_error *err);

#endif
