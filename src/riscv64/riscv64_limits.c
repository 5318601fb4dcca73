/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "riscv64/riscv64_limits.h"

/* Pages have 4 KiB, and address 0 means absent. */
const struct pvl_arch pvl_arch_riscv64 = {
	.page_size = 0x1000,
	.low_min = 0x1000,
	.high_min = 0x1000,
};
