/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The root pointer of ACPI's tables.
 *
 * ABI source: ACPI Specification 6.5, 5.2.5.3.
 */
#ifndef PVL_ABI_RSDP_LAYOUT_H
#define PVL_ABI_RSDP_LAYOUT_H

#define PVL_RSDP_SIGNATURE "RSD PTR "
#define PVL_RSDP_REVISION  15u
#define PVL_RSDP_LENGTH    20u /* of a later revision than 0 */
#define PVL_RSDP_SIZE_1    20u /* of revision 0, and of what later ones share with it */
#define PVL_RSDP_SIZE_2    36u /* least of a later one */

#endif
