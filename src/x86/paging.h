/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The choices that page tables leave. */
#ifndef PVL_X86_PAGING_H
#define PVL_X86_PAGING_H

#include <stdint.h>

#include <pvhload/status.h>

/* PVHLOAD_E_USAGE unless @levels is 0, 4 or 5, and @page_size 0 or PVHLOAD_X86_PAGE_SIZE_*. */
enum pvhload_status pvl_x86_check_paging(uint32_t levels, uint64_t page_size,
					 struct pvhload_error *err);

#endif
