/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "image/pe.h"

bool pvl_pe_find(struct pvl_span head, uint32_t *ret)
{
	struct pvl_span header;
	uint32_t pe;
	uint16_t mz;

	if (!pvl_span_le16(head, 0, &mz) || mz != PVL_MZ_MAGIC ||
	    !pvl_span_le32(head, PVL_PE_OFFSET, &pe) ||
	    !pvl_span_sub(head, pe, PVL_PE_OPTIONAL, &header) ||
	    pvl_span_get32(header, 0) != PVL_PE_MAGIC)
		return false;
	*ret = pe;
	return true;
}

uint16_t pvl_pe_machine(struct pvl_span head)
{
	uint32_t pe;

	return pvl_pe_find(head, &pe) ? pvl_span_get16(head, (uint64_t)pe + PVL_PE_MACHINE) : 0;
}

uint32_t pvl_pe_machine_arch(uint16_t machine)
{
	switch (machine) {
	case PVL_PE_MACHINE_ARM64:
		return PVHLOAD_ARCH_ARM64;
	case PVL_PE_MACHINE_RISCV64:
		return PVHLOAD_ARCH_RISCV64;
	case PVL_PE_MACHINE_LOONGARCH64:
		return PVHLOAD_ARCH_LOONGARCH64;
	default:
		return 0;
	}
}

uint32_t pvl_pe_arch(struct pvl_span head)
{
	return pvl_pe_machine_arch(pvl_pe_machine(head));
}

bool pvl_pe_section(struct pvl_span head, uint32_t pe, uint16_t i, struct pvl_span *ret)
{
	uint16_t count, optional;

	if (!pvl_span_le16(head, (uint64_t)pe + PVL_PE_SECTION_COUNT, &count) ||
	    !pvl_span_le16(head, (uint64_t)pe + PVL_PE_OPTIONAL_SIZE, &optional) || i >= count)
		return false;
	return pvl_span_sub(head,
			    (uint64_t)pe + PVL_PE_OPTIONAL + optional +
				    (uint64_t)i * PVL_PE_SECTION_SIZE,
			    PVL_PE_SECTION_SIZE, ret);
}
