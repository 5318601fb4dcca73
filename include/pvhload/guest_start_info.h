/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * Start info, as a kernel that was entered by PVH reads it.
 *
 * For kernels: freestanding, every function inline.  EBX has the address at the entry:
 *
 *     struct pvhload_guest_reach reach = { 0, UINT64_C(1) << 32 };
 *     struct pvhload_guest_start_info info;
 *     struct pvhload_guest_range range;
 *
 *     if (pvhload_guest_read_start_info(&reach, ebx, &info) == PVHLOAD_GUEST_OK)
 *         for (uint32_t i = 0; pvhload_guest_read_memmap(&info, i, &range) == PVHLOAD_GUEST_OK; i++)
 *             use(&range);
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par Ownership and threads
 * Nothing is written but what the caller passes to be filled; pointers in that are to guest memory.
 *
 * @par ABI source
 * Xen, xen/include/public/arch-x86/hvm/start_info.h.
 *
 * @since 0.3
 */
#ifndef PVHLOAD_GUEST_START_INFO_H
#define PVHLOAD_GUEST_START_INFO_H

#include <pvhload/abi/start_info.h>
#include <pvhload/guest_reach.h>

PVHLOAD_BEGIN_DECLS

/** Modules that are believed. */
#define PVHLOAD_GUEST_MODULES_MAX 4096u

/** Entries of the memory map that are believed. */
#define PVHLOAD_GUEST_MEMMAP_MAX 4096u

/** Start info. */
struct pvhload_guest_start_info {
	struct pvhload_guest_reach reach; /**< what it was read by */
	uint64_t gpa;                     /**< where it is */
	uint32_t version;                 /**< as it is there; above 1 it is read as 1 */
	uint32_t flags;                   /**< PVHLOAD_SIF_*; 0 outside Xen */
	uint32_t nr_modules;              /**< modules */
	uint64_t modlist_paddr;           /**< their list, 0 if there is none */
	uint64_t cmdline_paddr;           /**< the command line, 0 if there is none */
	uint64_t rsdp_paddr;              /**< the RSDP, 0 if there is none */
	uint64_t memmap_paddr;   /**< the memory map, 0 if there is none, as in version 0 */
	uint32_t memmap_entries; /**< its entries, 0 in version 0 */
	uint32_t reserved;       /**< 0 */
	const char *cmdline;     /**< the text; NULL if there is none, or not within reach */
};

/** A module. */
struct pvhload_guest_module {
	uint64_t paddr;         /**< its first byte's address */
	uint64_t size;          /**< its bytes */
	uint64_t cmdline_paddr; /**< its command line, 0 if there is none */
	uint64_t reserved;      /**< 0 */
	const uint8_t *data;    /**< its bytes; NULL if not all are within reach */
	const char *cmdline;    /**< the text; NULL if there is none, or not within reach */
};

/**
 * Read start info.
 *
 * @param[in]  reach  What is mapped.
 * @param[in]  gpa    What EBX was at the entry.
 * @param[out] info   Filled if it is read.
 * @return            PVHLOAD_GUEST_OK; PVHLOAD_GUEST_E_REACH if it is not all within reach; PVHLOAD_GUEST_E_MAGIC if
 *                    it is no start info.  What it leads to is not looked at, but for the command line.
 */
static inline enum pvhload_guest_status
pvhload_guest_read_start_info(const struct pvhload_guest_reach *reach, uint64_t gpa,
			      struct pvhload_guest_start_info *info)
{
	const size_t size0 = offsetof(struct pvhload_hvm_start_info, memmap_paddr);
	const uint8_t *p = pvhload_guest_at(reach, gpa, size0);
	uint32_t version;

	if (!p)
		return PVHLOAD_GUEST_E_REACH;
	if (pvhload_guest_load32(p) != PVHLOAD_START_INFO_MAGIC)
		return PVHLOAD_GUEST_E_MAGIC;
	version = pvhload_guest_load32(p + offsetof(struct pvhload_hvm_start_info, version));
	if (version > 0 && !pvhload_guest_at(reach, gpa, sizeof(struct pvhload_hvm_start_info)))
		return PVHLOAD_GUEST_E_REACH;
	info->reach = *reach;
	info->gpa = gpa;
	info->version = version;
	info->flags = pvhload_guest_load32(p + offsetof(struct pvhload_hvm_start_info, flags));
	info->nr_modules =
		pvhload_guest_load32(p + offsetof(struct pvhload_hvm_start_info, nr_modules));
	info->modlist_paddr =
		pvhload_guest_load64(p + offsetof(struct pvhload_hvm_start_info, modlist_paddr));
	info->cmdline_paddr =
		pvhload_guest_load64(p + offsetof(struct pvhload_hvm_start_info, cmdline_paddr));
	info->rsdp_paddr =
		pvhload_guest_load64(p + offsetof(struct pvhload_hvm_start_info, rsdp_paddr));
	info->memmap_paddr = 0;
	info->memmap_entries = 0;
	info->reserved = 0;
	if (version > 0) {
		info->memmap_paddr = pvhload_guest_load64(
			p + offsetof(struct pvhload_hvm_start_info, memmap_paddr));
		info->memmap_entries = pvhload_guest_load32(
			p + offsetof(struct pvhload_hvm_start_info, memmap_entries));
		info->reserved =
			pvhload_guest_load32(p + offsetof(struct pvhload_hvm_start_info, reserved));
	}
	info->cmdline = pvhload_guest_text(reach, info->cmdline_paddr);
	return PVHLOAD_GUEST_OK;
}

/**
 * Read a module.
 *
 * @param[in]  info    Start info.
 * @param[in]  index   Which, from 0.
 * @param[out] module  Filled if it is read.
 * @return             PVHLOAD_GUEST_OK; PVHLOAD_GUEST_END after the last; PVHLOAD_GUEST_E_COUNT if there are more than
 *                     PVHLOAD_GUEST_MODULES_MAX; PVHLOAD_GUEST_E_REACH if the list is not all within reach;
 *                     PVHLOAD_GUEST_E_RANGE if this module's end is beyond 64 bits.
 */
static inline enum pvhload_guest_status
pvhload_guest_read_module(const struct pvhload_guest_start_info *info, uint32_t index,
			  struct pvhload_guest_module *module)
{
	const struct pvhload_guest_table table = { info->modlist_paddr, info->nr_modules,
						   PVHLOAD_GUEST_MODULES_MAX,
						   sizeof(struct pvhload_hvm_modlist_entry) };
	enum pvhload_guest_status status;
	uint64_t paddr, size;
	const uint8_t *p;

	status = pvhload_guest_element(&info->reach, &table, index, &p);
	if (status != PVHLOAD_GUEST_OK)
		return status;
	paddr = pvhload_guest_load64(p + offsetof(struct pvhload_hvm_modlist_entry, paddr));
	size = pvhload_guest_load64(p + offsetof(struct pvhload_hvm_modlist_entry, size));
	if (size > UINT64_MAX - paddr)
		return PVHLOAD_GUEST_E_RANGE;
	module->paddr = paddr;
	module->size = size;
	module->cmdline_paddr =
		pvhload_guest_load64(p + offsetof(struct pvhload_hvm_modlist_entry, cmdline_paddr));
	module->reserved =
		pvhload_guest_load64(p + offsetof(struct pvhload_hvm_modlist_entry, reserved));
	module->data = pvhload_guest_at(&info->reach, paddr, size);
	module->cmdline = pvhload_guest_text(&info->reach, module->cmdline_paddr);
	return PVHLOAD_GUEST_OK;
}

/**
 * Read an entry of the memory map.
 *
 * @param[in]  info   Start info.
 * @param[in]  index  Which, from 0.
 * @param[out] range  Filled if it is read.
 * @return            PVHLOAD_GUEST_OK; PVHLOAD_GUEST_END after the last, at once in version 0, which has no map;
 *                    PVHLOAD_GUEST_E_COUNT if there are more than PVHLOAD_GUEST_MEMMAP_MAX; PVHLOAD_GUEST_E_REACH if the
 *                    table is not all within reach; PVHLOAD_GUEST_E_RANGE if this entry's end is beyond 64 bits.
 */
static inline enum pvhload_guest_status
pvhload_guest_read_memmap(const struct pvhload_guest_start_info *info, uint32_t index,
			  struct pvhload_guest_range *range)
{
	const struct pvhload_guest_table table = { info->memmap_paddr, info->memmap_entries,
						   PVHLOAD_GUEST_MEMMAP_MAX,
						   sizeof(struct pvhload_hvm_memmap_entry) };
	enum pvhload_guest_status status;
	uint64_t addr, size;
	const uint8_t *p;

	status = pvhload_guest_element(&info->reach, &table, index, &p);
	if (status != PVHLOAD_GUEST_OK)
		return status;
	addr = pvhload_guest_load64(p + offsetof(struct pvhload_hvm_memmap_entry, addr));
	size = pvhload_guest_load64(p + offsetof(struct pvhload_hvm_memmap_entry, size));
	if (size > UINT64_MAX - addr)
		return PVHLOAD_GUEST_E_RANGE;
	range->addr = addr;
	range->size = size;
	range->type = pvhload_guest_load32(p + offsetof(struct pvhload_hvm_memmap_entry, type));
	range->reserved =
		pvhload_guest_load32(p + offsetof(struct pvhload_hvm_memmap_entry, reserved));
	return PVHLOAD_GUEST_OK;
}

PVHLOAD_END_DECLS

#endif
