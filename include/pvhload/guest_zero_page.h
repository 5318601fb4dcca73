/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * The zero page, as a kernel that was entered by Linux's protocol reads it.
 *
 * For kernels: freestanding, every function inline.  RSI, or ESI for the 32-bit entry, has the address at the entry.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par Ownership and threads
 * Nothing is written but what the caller passes to be filled; pointers in that are to guest memory.
 *
 * @par ABI source
 * Linux, arch/x86/include/uapi/asm/bootparam.h, Documentation/arch/x86/boot.rst and zero-page.rst.
 *
 * @since 0.3
 */
#ifndef PVHLOAD_GUEST_ZERO_PAGE_H
#define PVHLOAD_GUEST_ZERO_PAGE_H

#include <pvhload/abi/boot_params.h>
#include <pvhload/abi/setup_header.h>
#include <pvhload/guest_reach.h>

PVHLOAD_BEGIN_DECLS

/**
 * The zero page.  What the protocol's version does not have is 0; what lies in two halves is joined.
 *
 * With a sentinel that is not 0 the loader has copied what it should have left: acpi_rsdp_addr and the high halves are
 * then 0, as they are for Linux.
 */
struct pvhload_guest_zero_page {
	struct pvhload_guest_reach reach; /**< what it was read by */
	uint64_t gpa;                     /**< where it is */
	const uint8_t *bytes;             /**< all of it, for what has no member here */
	const char *cmdline; /**< the text; NULL if there is none, or not within reach */

	/* Of the page. */
	uint64_t acpi_rsdp_addr;  /**< the RSDP, 0 for the kernel's own search */
	uint32_t cc_blob_address; /**< confidential-computing blob */
	const uint8_t *efi_info;  /**< PVHLOAD_EFI_INFO_SIZE bytes */
	uint32_t alt_mem_k;       /**< KiB above 1 MiB, when there is no e820 table */
	uint32_t scratch;         /**< the 32-bit entry's first stack */
	uint8_t e820_entries;     /**< of the table; at most PVHLOAD_E820_TABLE_MAX */
	uint8_t secure_boot;      /**< the loader's word on secure boot */
	uint8_t sentinel;         /**< 0, or see above */

	/* Of page and header. */
	uint64_t ramdisk_image; /**< the initrd's address */
	uint64_t ramdisk_size;  /**< its bytes */
	uint64_t cmd_line_ptr;  /**< the command line's address; 0 before 2.02 */

	/* Of the header. */
	uint8_t setup_sects;         /**< 512-byte sectors after the first; 0 is 4 */
	uint16_t root_flags;         /**< not 0: the root is mounted read-only */
	uint32_t syssize;            /**< protected-mode code in units of 16 bytes; 0 before 2.04 */
	uint16_t vid_mode;           /**< 0xffff is the normal text mode */
	uint16_t boot_flag;          /**< PVHLOAD_SETUP_BOOT_FLAG_VALUE */
	uint16_t jump;               /**< the header ends at 0x202 + its second byte */
	uint16_t version;            /**< of the protocol: major << 8 | minor */
	uint16_t kernel_version;     /**< where the version's text is in the file, less 0x200 */
	uint8_t type_of_loader;      /**< 0: Linux ignores the initrd */
	uint8_t loadflags;           /**< PVHLOAD_LOADFLAG_* */
	uint32_t code32_start;       /**< 32-bit entry */
	uint16_t heap_end_ptr;       /**< for the 16-bit entry; 0 before 2.01 */
	uint32_t initrd_addr_max;    /**< highest byte of an initrd; 0 before 2.03 */
	uint32_t kernel_alignment;   /**< 0 before 2.05 */
	uint8_t relocatable_kernel;  /**< not 0: it may be loaded elsewhere; 0 before 2.05 */
	uint8_t min_alignment;       /**< log2 of the least alignment; 0 before 2.10 */
	uint16_t xloadflags;         /**< PVHLOAD_XLF_*; 0 before 2.12 */
	uint32_t cmdline_size;       /**< most characters, without the NUL; 0 before 2.06 */
	uint32_t payload_offset;     /**< from the protected-mode code; 0 before 2.08 */
	uint32_t payload_length;     /**< bytes, the size trailer included; 0 before 2.08 */
	uint64_t setup_data;         /**< the first node's address; 0 before 2.09 */
	uint64_t pref_address;       /**< preferred load address; 0 before 2.10 */
	uint32_t init_size;          /**< bytes needed from the run-time start; 0 before 2.10 */
	uint32_t handover_offset;    /**< EFI handover entry; 0 before 2.11 */
	uint32_t kernel_info_offset; /**< from the protected-mode code; 0 before 2.15 */
};

/** struct screen_info of the zero page. */
struct pvhload_guest_screen {
	uint8_t mode;          /**< number of the BIOS's video mode */
	uint8_t columns;       /**< characters of a line */
	uint8_t lines;         /**< lines of characters */
	uint8_t type;          /**< PVHLOAD_SCREEN_TYPE_*; 0: no screen */
	uint16_t points;       /**< height of a character */
	uint16_t lfb_width;    /**< pixels of a line */
	uint16_t lfb_height;   /**< lines */
	uint16_t lfb_depth;    /**< bits of a pixel */
	uint64_t lfb_base;     /**< the framebuffer; its high half only if it counts */
	uint32_t lfb_size;     /**< video memory, as it is there: in units of the type */
	uint16_t lfb_stride;   /**< bytes from line to line */
	uint8_t red_bits;      /**< bits of red */
	uint8_t red_shift;     /**< the lowest one's number */
	uint8_t green_bits;    /**< bits of green */
	uint8_t green_shift;   /**< the lowest one's number */
	uint8_t blue_bits;     /**< bits of blue */
	uint8_t blue_shift;    /**< the lowest one's number */
	uint8_t unused_bits;   /**< bits of no colour */
	uint8_t unused_shift;  /**< the lowest one's number */
	uint32_t capabilities; /**< PVHLOAD_SCREEN_CAP_* */
};

/**
 * A field of 8 bits of the zero page or its header.
 *
 * @param[in] page     The zero page, its @c bytes and @c version set.
 * @param[in] offset   PVHLOAD_ZERO_* or PVHLOAD_SETUP_*.
 * @param[in] version  The first protocol version that has it; 0: all.
 * @return             The field; 0 if the page's version does not have it.
 */
static inline uint8_t pvhload_guest_zero8(const struct pvhload_guest_zero_page *page,
					  uint32_t offset, uint16_t version)
{
	return page->version < version ? 0 : (uint8_t)pvhload_guest_load(page->bytes + offset, 1);
}

/**
 * A field of 16 bits of the zero page or its header.
 *
 * @param[in] page     The zero page, its @c bytes and @c version set.
 * @param[in] offset   PVHLOAD_ZERO_* or PVHLOAD_SETUP_*.
 * @param[in] version  The first protocol version that has it; 0: all.
 * @return             The field; 0 if the page's version does not have it.
 */
static inline uint16_t pvhload_guest_zero16(const struct pvhload_guest_zero_page *page,
					    uint32_t offset, uint16_t version)
{
	return page->version < version ? 0 : (uint16_t)pvhload_guest_load(page->bytes + offset, 2);
}

/**
 * A field of 32 bits of the zero page or its header.
 *
 * @param[in] page     The zero page, its @c bytes and @c version set.
 * @param[in] offset   PVHLOAD_ZERO_* or PVHLOAD_SETUP_*.
 * @param[in] version  The first protocol version that has it; 0: all.
 * @return             The field; 0 if the page's version does not have it.
 */
static inline uint32_t pvhload_guest_zero32(const struct pvhload_guest_zero_page *page,
					    uint32_t offset, uint16_t version)
{
	return page->version < version ? 0 : (uint32_t)pvhload_guest_load(page->bytes + offset, 4);
}

/**
 * A field of 64 bits of the zero page or its header.
 *
 * @param[in] page     The zero page, its @c bytes and @c version set.
 * @param[in] offset   PVHLOAD_ZERO_* or PVHLOAD_SETUP_*.
 * @param[in] version  The first protocol version that has it; 0: all.
 * @return             The field; 0 if the page's version does not have it.
 */
static inline uint64_t pvhload_guest_zero64(const struct pvhload_guest_zero_page *page,
					    uint32_t offset, uint16_t version)
{
	return page->version < version ? 0 : pvhload_guest_load(page->bytes + offset, 8);
}

/**
 * A number of 64 bits, whose high half is elsewhere in the zero page.
 *
 * @param[in] page     The zero page, its @c bytes and @c version set.
 * @param[in] low      Offset of the low half, in the header.
 * @param[in] high     Offset of the high half, which does not count with a sentinel that is not 0.
 * @param[in] version  The first protocol version that has the low half.
 * @return             The number; 0 if the page's version does not have it.
 */
static inline uint64_t pvhload_guest_zero_halves(const struct pvhload_guest_zero_page *page,
						 uint32_t low, uint32_t high, uint16_t version)
{
	const uint64_t upper =
		page->bytes[PVHLOAD_ZERO_SENTINEL] ? 0 : pvhload_guest_zero32(page, high, version);

	return upper << 32 | pvhload_guest_zero32(page, low, version);
}

/**
 * Fill what is of the page alone, or in page and header, for pvhload_guest_read_zero_page().
 *
 * @param[in,out] page  The zero page, its @c bytes and @c version set.
 */
static inline void pvhload_guest_fill_page(struct pvhload_guest_zero_page *page)
{
	page->sentinel = pvhload_guest_zero8(page, PVHLOAD_ZERO_SENTINEL, 0);
	page->acpi_rsdp_addr =
		page->sentinel ? 0 : pvhload_guest_zero64(page, PVHLOAD_ZERO_ACPI_RSDP_ADDR, 0);
	page->cc_blob_address = pvhload_guest_zero32(page, PVHLOAD_ZERO_CC_BLOB_ADDRESS, 0);
	page->efi_info = page->bytes + PVHLOAD_ZERO_EFI_INFO;
	page->alt_mem_k = pvhload_guest_zero32(page, PVHLOAD_ZERO_ALT_MEM_K, 0);
	page->scratch = pvhload_guest_zero32(page, PVHLOAD_ZERO_SCRATCH, 0);
	page->e820_entries = pvhload_guest_zero8(page, PVHLOAD_ZERO_E820_ENTRIES, 0);
	if (page->e820_entries > PVHLOAD_E820_TABLE_MAX)
		page->e820_entries = PVHLOAD_E820_TABLE_MAX;
	page->secure_boot = pvhload_guest_zero8(page, PVHLOAD_ZERO_SECURE_BOOT, 0);
	page->ramdisk_image = pvhload_guest_zero_halves(page, PVHLOAD_SETUP_RAMDISK_IMAGE,
							PVHLOAD_ZERO_EXT_RAMDISK_IMAGE, 0x200);
	page->ramdisk_size = pvhload_guest_zero_halves(page, PVHLOAD_SETUP_RAMDISK_SIZE,
						       PVHLOAD_ZERO_EXT_RAMDISK_SIZE, 0x200);
	page->cmd_line_ptr = pvhload_guest_zero_halves(page, PVHLOAD_SETUP_CMD_LINE_PTR,
						       PVHLOAD_ZERO_EXT_CMD_LINE_PTR, 0x202);
	page->cmdline = pvhload_guest_text(&page->reach, page->cmd_line_ptr);
}

/**
 * Fill what is of the header, for pvhload_guest_read_zero_page().
 *
 * @param[in,out] page  The zero page, its @c bytes and @c version set.
 */
static inline void pvhload_guest_fill_header(struct pvhload_guest_zero_page *page)
{
	page->setup_sects = pvhload_guest_zero8(page, PVHLOAD_SETUP_SECTS, 0);
	page->root_flags = pvhload_guest_zero16(page, PVHLOAD_SETUP_ROOT_FLAGS, 0);
	page->syssize = pvhload_guest_zero32(page, PVHLOAD_SETUP_SYSSIZE, 0x204);
	page->vid_mode = pvhload_guest_zero16(page, PVHLOAD_SETUP_VID_MODE, 0);
	page->boot_flag = pvhload_guest_zero16(page, PVHLOAD_SETUP_BOOT_FLAG, 0);
	page->jump = pvhload_guest_zero16(page, PVHLOAD_SETUP_JUMP, 0x200);
	page->kernel_version = pvhload_guest_zero16(page, PVHLOAD_SETUP_KERNEL_VERSION, 0x200);
	page->type_of_loader = pvhload_guest_zero8(page, PVHLOAD_SETUP_TYPE_OF_LOADER, 0x200);
	page->loadflags = pvhload_guest_zero8(page, PVHLOAD_SETUP_LOADFLAGS, 0x200);
	page->code32_start = pvhload_guest_zero32(page, PVHLOAD_SETUP_CODE32_START, 0x200);
	page->heap_end_ptr = pvhload_guest_zero16(page, PVHLOAD_SETUP_HEAP_END_PTR, 0x201);
	page->initrd_addr_max = pvhload_guest_zero32(page, PVHLOAD_SETUP_INITRD_ADDR_MAX, 0x203);
	page->kernel_alignment = pvhload_guest_zero32(page, PVHLOAD_SETUP_ALIGNMENT, 0x205);
	page->relocatable_kernel = pvhload_guest_zero8(page, PVHLOAD_SETUP_RELOCATABLE, 0x205);
	page->min_alignment = pvhload_guest_zero8(page, PVHLOAD_SETUP_MIN_ALIGNMENT, 0x20a);
	page->xloadflags = pvhload_guest_zero16(page, PVHLOAD_SETUP_XLOADFLAGS, 0x20c);
	page->cmdline_size = pvhload_guest_zero32(page, PVHLOAD_SETUP_CMDLINE_SIZE, 0x206);
	page->payload_offset = pvhload_guest_zero32(page, PVHLOAD_SETUP_PAYLOAD_OFFSET, 0x208);
	page->payload_length = pvhload_guest_zero32(page, PVHLOAD_SETUP_PAYLOAD_LENGTH, 0x208);
	page->setup_data = pvhload_guest_zero64(page, PVHLOAD_SETUP_SETUP_DATA, 0x209);
	page->pref_address = pvhload_guest_zero64(page, PVHLOAD_SETUP_PREF_ADDRESS, 0x20a);
	page->init_size = pvhload_guest_zero32(page, PVHLOAD_SETUP_INIT_SIZE, 0x20a);
	page->handover_offset = pvhload_guest_zero32(page, PVHLOAD_SETUP_HANDOVER_OFFSET, 0x20b);
	page->kernel_info_offset = pvhload_guest_zero32(page, PVHLOAD_SETUP_KERNEL_INFO, 0x20f);
}

/**
 * Read the zero page.
 *
 * A field is read if the protocol's version has it; where the header itself is shorter, loaders leave zeros.
 *
 * @param[in]  reach  What is mapped.
 * @param[in]  gpa    What RSI or ESI was at the entry.
 * @param[out] page   Filled if it is read.
 * @return            PVHLOAD_GUEST_OK; PVHLOAD_GUEST_E_REACH if it is not all within reach; PVHLOAD_GUEST_E_MAGIC if
 *                    there is no "HdrS", as before 2.00.  What it leads to is not looked at, but for the command line.
 */
static inline enum pvhload_guest_status
pvhload_guest_read_zero_page(const struct pvhload_guest_reach *reach, uint64_t gpa,
			     struct pvhload_guest_zero_page *page)
{
	const uint8_t *bytes = pvhload_guest_at(reach, gpa, PVHLOAD_ZERO_PAGE_SIZE);

	if (!bytes)
		return PVHLOAD_GUEST_E_REACH;
	if (pvhload_guest_load32(bytes + PVHLOAD_SETUP_MAGIC) != PVHLOAD_SETUP_MAGIC_VALUE)
		return PVHLOAD_GUEST_E_MAGIC;
	page->reach = *reach;
	page->gpa = gpa;
	page->bytes = bytes;
	page->version = (uint16_t)pvhload_guest_load(bytes + PVHLOAD_SETUP_VERSION, 2);
	pvhload_guest_fill_page(page);
	pvhload_guest_fill_header(page);
	return PVHLOAD_GUEST_OK;
}

/**
 * An e820 entry.
 *
 * @param[in]  bytes  Its PVHLOAD_E820_ENTRY_SIZE bytes, as in the zero page or in a node of PVHLOAD_SETUP_E820_EXT.
 * @param[out] range  Filled if it is read.
 * @return            PVHLOAD_GUEST_OK; PVHLOAD_GUEST_E_RANGE if its end is beyond 64 bits.
 */
static inline enum pvhload_guest_status pvhload_guest_load_e820(const uint8_t *bytes,
								struct pvhload_guest_range *range)
{
	const uint64_t addr = pvhload_guest_load64(bytes);
	const uint64_t size = pvhload_guest_load64(bytes + 8);

	if (size > UINT64_MAX - addr)
		return PVHLOAD_GUEST_E_RANGE;
	range->addr = addr;
	range->size = size;
	range->type = pvhload_guest_load32(bytes + 16);
	range->reserved = 0;
	return PVHLOAD_GUEST_OK;
}

/**
 * Read an entry of the zero page's e820 table.  More may be in nodes of PVHLOAD_SETUP_E820_EXT.
 *
 * @param[in]  page   The zero page.
 * @param[in]  index  Which, from 0.
 * @param[out] range  Filled if it is read.
 * @return            PVHLOAD_GUEST_OK; PVHLOAD_GUEST_END after the last; PVHLOAD_GUEST_E_RANGE if its end is beyond 64
 *                    bits.
 */
static inline enum pvhload_guest_status
pvhload_guest_read_e820(const struct pvhload_guest_zero_page *page, uint32_t index,
			struct pvhload_guest_range *range)
{
	if (index >= page->e820_entries)
		return PVHLOAD_GUEST_END;
	return pvhload_guest_load_e820(page->bytes + PVHLOAD_ZERO_E820_TABLE +
					       (size_t)index * PVHLOAD_E820_ENTRY_SIZE,
				       range);
}

/**
 * Read the zero page's screen_info.
 *
 * @param[in]  page    The zero page.
 * @param[out] screen  Filled.
 */
static inline void pvhload_guest_read_screen(const struct pvhload_guest_zero_page *page,
					     struct pvhload_guest_screen *screen)
{
	const uint8_t *p = page->bytes + PVHLOAD_ZERO_SCREEN_INFO;

	screen->mode = p[PVHLOAD_SCREEN_MODE];
	screen->columns = p[PVHLOAD_SCREEN_COLUMNS];
	screen->lines = p[PVHLOAD_SCREEN_LINES];
	screen->type = p[PVHLOAD_SCREEN_TYPE];
	screen->points = (uint16_t)pvhload_guest_load(p + PVHLOAD_SCREEN_POINTS, 2);
	screen->lfb_width = (uint16_t)pvhload_guest_load(p + PVHLOAD_SCREEN_LFB_WIDTH, 2);
	screen->lfb_height = (uint16_t)pvhload_guest_load(p + PVHLOAD_SCREEN_LFB_HEIGHT, 2);
	screen->lfb_depth = (uint16_t)pvhload_guest_load(p + PVHLOAD_SCREEN_LFB_DEPTH, 2);
	screen->lfb_size = pvhload_guest_load32(p + PVHLOAD_SCREEN_LFB_SIZE);
	screen->lfb_stride = (uint16_t)pvhload_guest_load(p + PVHLOAD_SCREEN_LFB_STRIDE, 2);
	screen->red_bits = p[PVHLOAD_SCREEN_RED];
	screen->red_shift = p[PVHLOAD_SCREEN_RED + 1];
	screen->green_bits = p[PVHLOAD_SCREEN_GREEN];
	screen->green_shift = p[PVHLOAD_SCREEN_GREEN + 1];
	screen->blue_bits = p[PVHLOAD_SCREEN_BLUE];
	screen->blue_shift = p[PVHLOAD_SCREEN_BLUE + 1];
	screen->unused_bits = p[PVHLOAD_SCREEN_UNUSED];
	screen->unused_shift = p[PVHLOAD_SCREEN_UNUSED + 1];
	screen->capabilities = pvhload_guest_load32(p + PVHLOAD_SCREEN_CAPABILITIES);
	screen->lfb_base = pvhload_guest_load32(p + PVHLOAD_SCREEN_LFB_BASE);
	if (screen->capabilities & PVHLOAD_SCREEN_CAP_64BIT_BASE)
		screen->lfb_base |= (uint64_t)pvhload_guest_load32(p + PVHLOAD_SCREEN_EXT_LFB_BASE)
				    << 32;
}

PVHLOAD_END_DECLS

#endif
