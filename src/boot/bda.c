/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The BIOS data area, for guests that read it. */
#include "boot/bda.h"

#include "boot/protocols.h"
#include "core/checked.h"
#include "core/store.h"
#include "x86/limits.h"

static bool is_wanted(const struct pvl_builder *b)
{
	return (b->x86.flags & PVHLOAD_BOOT_X86_BDA) != 0 && b->method.protocol->arch == 0;
}

enum pvhload_status pvl_claim_bda(struct pvl_builder *b, struct pvhload_error *err)
{
	static const struct pvl_part part = { .name = "bios data area",
					      .kind = PVHLOAD_REGION_X86_BDA,
					      .size = PVL_BDA_SIZE,
					      .align = 1,
					      .limit = PVL_X86_HIGH_RAM_GPA,
					      .limit_name = "1 MiB" };

	if (!is_wanted(b))
		return PVHLOAD_OK;
	return pvl_space_claim(&b->layout.space, &part, PVL_BDA_GPA, PVHLOAD_PLACED_USUAL, err);
}

enum pvhload_status pvl_write_bda(struct pvl_builder *b, struct pvhload_error *err)
{
	const uint64_t end =
		pvl_min_u64(pvl_ram_until(&b->layout.space.ram, PVL_BDA_GPA), PVL_X86_LOW_RAM_END);
	const struct pvl_write write = { .gpa = PVL_BDA_GPA,
					 .size = PVL_BDA_SIZE,
					 .from = PVL_FROM_BYTES,
					 .bytes = b->plan->bda };

	if (!is_wanted(b))
		return PVHLOAD_OK;
	pvl_store_le16(b->plan->bda + PVL_BDA_EBDA_SEGMENT,
		       (uint16_t)(end >> PVL_BDA_SEGMENT_SHIFT));
	pvl_store_le16(b->plan->bda + PVL_BDA_BASE_KIB, (uint16_t)(end >> 10));
	return pvl_writes_append(&b->plan->writes, write, err);
}
