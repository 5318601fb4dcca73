/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Published layouts, checked by the compiler.  Offsets: Xen, public/arch-x86/hvm/start_info.h.
 * The second half guards our own ABI: on the hosts most people have, no struct of ours hides padding
 * that a later member could end up in.
 */
#include <assert.h>
#include <stddef.h>

#include "abi/sizes.h"

#define AT(type, member, offset) \
	static_assert(offsetof(struct type, member) == (offset), #type "." #member)
#define SIZE(type, bytes) static_assert(sizeof(struct type) == (bytes), #type)

AT(pvhload_hvm_start_info, magic, 0);
AT(pvhload_hvm_start_info, version, 4);
AT(pvhload_hvm_start_info, flags, 8);
AT(pvhload_hvm_start_info, nr_modules, 12);
AT(pvhload_hvm_start_info, modlist_paddr, 16);
AT(pvhload_hvm_start_info, cmdline_paddr, 24);
AT(pvhload_hvm_start_info, rsdp_paddr, 32);
AT(pvhload_hvm_start_info, memmap_paddr, 40);
AT(pvhload_hvm_start_info, memmap_entries, 48);
AT(pvhload_hvm_start_info, reserved, 52);
SIZE(pvhload_hvm_start_info, 56);

AT(pvhload_hvm_modlist_entry, paddr, 0);
AT(pvhload_hvm_modlist_entry, size, 8);
AT(pvhload_hvm_modlist_entry, cmdline_paddr, 16);
AT(pvhload_hvm_modlist_entry, reserved, 24);
SIZE(pvhload_hvm_modlist_entry, 32);

AT(pvhload_hvm_memmap_entry, addr, 0);
AT(pvhload_hvm_memmap_entry, size, 8);
AT(pvhload_hvm_memmap_entry, type, 16);
AT(pvhload_hvm_memmap_entry, reserved, 20);
SIZE(pvhload_hvm_memmap_entry, 24);

SIZE(pvhload_memmap_entry, 24);

#if UINTPTR_MAX == UINT64_MAX
SIZE(pvhload_error, PVL_V1_ERROR);
SIZE(pvhload_memmap, PVL_V1_MEMMAP);
SIZE(pvhload_memmap_x86, PVL_V1_MEMMAP_X86);
SIZE(pvhload_memory_ops, PVL_V1_MEMORY_OPS);
SIZE(pvhload_memory, PVL_V1_MEMORY);
SIZE(pvhload_slot_memory, PVL_V1_SLOT_MEMORY);
SIZE(pvhload_file_memory, PVL_V1_FILE_MEMORY);
SIZE(pvhload_source, PVL_V1_SOURCE);
SIZE(pvhload_image_options, PVL_V1_IMAGE_OPTIONS);
SIZE(pvhload_image_relocations, PVL_V1_RELOCATIONS);
SIZE(pvhload_cpu_segment, 24);
SIZE(pvhload_cpu_table, 16);
SIZE(pvhload_cpu_state, PVL_V1_CPU_STATE);
SIZE(pvhload_pvh_layout, PVL_V1_PVH_LAYOUT);
SIZE(pvhload_pvh_params, PVL_V1_PVH_PARAMS);
SIZE(pvhload_boot_module, PVL_V1_BOOT_MODULE);
SIZE(pvhload_boot_places, PVL_V1_BOOT_PLACES);
SIZE(pvhload_boot_config, PVL_V1_BOOT_CONFIG);
#endif
