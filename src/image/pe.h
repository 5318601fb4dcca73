/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The PE header that kernels for EFI have, as far as it is in a file's first bytes. */
#ifndef PVL_IMAGE_PE_H
#define PVL_IMAGE_PE_H

#include "abi/pe_layout.h"
#include "image/image.h"

/* Where it is; false if the file does not begin with "MZ", or it is not in these bytes, up to its optional header. */
bool pvl_pe_find(struct pvl_span head, uint32_t *ret);

/* For which machine it says the file is, PVL_PE_MACHINE_...; 0 without one. */
uint16_t pvl_pe_machine(struct pvl_span head);

/* A machine, and that of the file, as PVHLOAD_ARCH_*; 0 for those that have no flat Image. */
uint32_t pvl_pe_machine_arch(uint16_t machine);
uint32_t pvl_pe_arch(struct pvl_span head);

/* The header of section @i of the file whose PE header is at @pe; false if it is not in these bytes. */
bool pvl_pe_section(struct pvl_span head, uint32_t pe, uint16_t i, struct pvl_span *ret);

#endif
