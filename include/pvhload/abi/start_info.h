/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * PVH start information, as it lies in guest memory.
 *
 * ABI source: Xen, xen/include/public/arch-x86/hvm/start_info.h.  Every field is little-endian.
 * The library itself stores and loads these byte by byte; the structs are for offsetof(), sizeof()
 * and for guests.  No other header of the library is needed: a freestanding kernel may use this one.
 *
 * @since 0.1
 */
#ifndef PVHLOAD_ABI_START_INFO_H
#define PVHLOAD_ABI_START_INFO_H

#include <stdint.h>

/** hvm_start_info::magic: "xEn3" with bit 7 of the "E" set. */
#define PVHLOAD_START_INFO_MAGIC 0x336ec578u

/** hvm_start_info::version written by this library: the one with a memory map. */
#define PVHLOAD_START_INFO_VERSION 1u

/*
 * hvm_start_info::flags.  Xen, xen/include/public/xen.h.  @since 0.3
 */
#define PVHLOAD_SIF_PRIVILEGED      0x01u   /**< the guest is privileged */
#define PVHLOAD_SIF_INITDOMAIN      0x02u   /**< it is the first domain */
#define PVHLOAD_SIF_MULTIBOOT_MOD   0x04u   /**< the first module is a list of Multiboot modules */
#define PVHLOAD_SIF_MOD_START_PFN   0x08u   /**< modules are told by frame number */
#define PVHLOAD_SIF_VIRT_P2M_4TOOLS 0x10u   /**< the tools know of a virtual P2M list */
#define PVHLOAD_SIF_PM_MASK         0xff00u /**< power management, for the first domain */

/**
 * Bytes of an RSDP from revision 2 on, as are kept free at its address; one of revision 0 has 20.
 * Source: ACPI specification, "Root System Description Pointer".
 */
#define PVHLOAD_RSDP_SIZE 36u

/** struct hvm_start_info, version 1.  Version 0 ends before @c memmap_paddr. */
struct pvhload_hvm_start_info {
	uint32_t magic;          /**< PVHLOAD_START_INFO_MAGIC */
	uint32_t version;        /**< PVHLOAD_START_INFO_VERSION */
	uint32_t flags;          /**< PVHLOAD_SIF_*; 0 outside Xen */
	uint32_t nr_modules;     /**< entries at @c modlist_paddr */
	uint64_t modlist_paddr;  /**< guest address of the module list, 0 if there is none */
	uint64_t cmdline_paddr;  /**< guest address of the NUL-terminated command line, 0 if none */
	uint64_t rsdp_paddr;     /**< guest address of the ACPI RSDP, 0 if none */
	uint64_t memmap_paddr;   /**< guest address of the memory map table, 0 if there is none */
	uint32_t memmap_entries; /**< entries at @c memmap_paddr */
	uint32_t reserved;       /**< 0 */
};

/** struct hvm_modlist_entry. */
struct pvhload_hvm_modlist_entry {
	uint64_t paddr;         /**< guest address of the module's first byte */
	uint64_t size;          /**< bytes */
	uint64_t cmdline_paddr; /**< guest address of its NUL-terminated command line, 0 if none */
	uint64_t reserved;      /**< 0 */
};

/** struct hvm_memmap_table_entry. */
struct pvhload_hvm_memmap_entry {
	uint64_t addr;     /**< first guest address */
	uint64_t size;     /**< bytes */
	uint32_t type;     /**< XEN_HVM_MEMMAP_TYPE_*: the E820 types, see pvhload/memmap.h */
	uint32_t reserved; /**< 0 */
};

#endif
