/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The size each growing struct had when it was first released: no caller can have a smaller one.
 * Frozen; the member named is the last of that first version.  Whoever uses one of these includes
 * the struct's own header; this file knows none of them.
 */
#ifndef PVL_ABI_SIZES_H
#define PVL_ABI_SIZES_H

#include <stddef.h>

#define PVL_END_OF(type, member) \
	(offsetof(struct type, member) + sizeof(((struct type *)0)->member))

#define PVL_V1_ERROR            PVL_END_OF(pvhload_error, message)
#define PVL_V1_PROGRESS         PVL_END_OF(pvhload_progress, user)
#define PVL_V1_POOL             PVL_END_OF(pvhload_pool, user)
#define PVL_V1_MEMMAP           PVL_END_OF(pvhload_memmap, checked)
#define PVL_V1_MEMMAP_X86       PVL_END_OF(pvhload_memmap_x86, hole_size)
#define PVL_V1_MEMORY_OPS       PVL_END_OF(pvhload_memory_ops, begin_region)
#define PVL_V1_MEMORY           PVL_END_OF(pvhload_memory, rom_count)
#define PVL_V1_RAM_SLOTS        PVL_END_OF(pvhload_ram_slots, count)
#define PVL_V1_RAM_FILE         PVL_END_OF(pvhload_ram_file, reserved)
#define PVL_V1_SOURCE           PVL_END_OF(pvhload_source, size)
#define PVL_V1_IMAGE_OPTIONS    PVL_END_OF(pvhload_image_options, pool)
#define PVL_V1_LOAD_OPTIONS     PVL_END_OF(pvhload_image_load_options, reserved)
#define PVL_V1_LOAD_RESULT      PVL_END_OF(pvhload_image_load_result, setup_header)
#define PVL_V1_RELOCATIONS      PVL_END_OF(pvhload_image_relocations, r32_inverse)
#define PVL_V1_PAYLOAD_PLACE    PVL_END_OF(pvhload_image_payload_place, reserved)
#define PVL_V1_CMDLINE_PARAM    PVL_END_OF(pvhload_cmdline_param, reserved)
#define PVL_V1_ARM64_CPU        PVL_END_OF(pvhload_arm64_cpu, pstate)
#define PVL_V1_RISCV64_CPU      PVL_END_OF(pvhload_riscv64_cpu, reserved)
#define PVL_V1_X86_CPU          PVL_END_OF(pvhload_x86_cpu, lapic)
#define PVL_V1_X86_PAGE_TABLES  PVL_END_OF(pvhload_x86_page_tables, reserved)
#define PVL_V1_PVH_LAYOUT       PVL_END_OF(pvhload_pvh_layout, module_cmdlines_gpa)
#define PVL_V1_PVH_PARAMS       PVL_END_OF(pvhload_pvh_params, start_info_flags)
#define PVL_V1_LINUX_SETUP_DATA PVL_END_OF(pvhload_linux_setup_data, flags)
#define PVL_V1_LINUX_LAYOUT     PVL_END_OF(pvhload_linux_layout, setup_data_gpa)
#define PVL_V1_LINUX_PARAMS     PVL_END_OF(pvhload_linux_params, reserved)
#define PVL_V1_BOOT_MODULE      PVL_END_OF(pvhload_boot_module, cmdline)
#define PVL_V1_BOOT_KEEP_FREE   PVL_END_OF(pvhload_boot_keep_free, byte_count)
#define PVL_V1_BOOT_PLACE       PVL_END_OF(pvhload_boot_place, gpa)
#define PVL_V1_KERNEL_HASHES    PVL_END_OF(pvhload_kernel_hashes, kernel)
#define PVL_V1_FDT              PVL_END_OF(pvhload_fdt, room)
#define PVL_V1_FDT_PARAMS       PVL_END_OF(pvhload_fdt_params, memmap)
#define PVL_V1_FRAMEBUFFER      PVL_END_OF(pvhload_framebuffer, reserved)
#define PVL_V1_BOOT_CONFIG      PVL_END_OF(pvhload_boot_config, pool)
#define PVL_V1_BOOT_ARM64       PVL_END_OF(pvhload_boot_arm64, reserved)
#define PVL_V1_BOOT_RISCV64     PVL_END_OF(pvhload_boot_riscv64, boot_hart)
#define PVL_V1_BOOT_MULTIBOOT   PVL_END_OF(pvhload_boot_multiboot, rsdp_size)
#define PVL_V1_BOOT_X86         PVL_END_OF(pvhload_boot_x86, page_entry_mask)

#endif
