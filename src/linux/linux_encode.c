/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The bytes of the zero page and of the setup_data list.
 *
 * ABI source: Linux, Documentation/arch/x86/boot.rst and zero-page.rst,
 * arch/x86/include/uapi/asm/bootparam.h and setup_data.h.
 */
#include "core/checked.h"
#include "core/libc.h"
#include "core/store.h"
#include "linux/linux.h"

#define IMA_SIZE     16u
#define CC_BLOB_SIZE 4u

/* Clear what an earlier boot stage may have set, and what only the 16-bit entry uses. */
#define LOADFLAGS_CLEARED \
	(PVHLOAD_LOADFLAG_KASLR | PVHLOAD_LOADFLAG_KEEP_SEGMENTS | PVHLOAD_LOADFLAG_CAN_USE_HEAP)

struct pvl_setup_header pvl_linux_header(const struct pvl_linux_input *in)
{
	struct pvl_setup_header h = { .bytes = { in->header, in->header_size },
				      .base = PVHLOAD_SETUP_HEADER_OFFSET,
				      .version = 0xffff };

	h.version = (uint16_t)pvl_setup_field_of_any(&h, PVHLOAD_SETUP_VERSION);
	return h;
}

bool pvl_linux_node_is_indirect(const struct pvl_linux_node *node)
{
	return node->indirect && node->type != PVHLOAD_SETUP_IMA &&
	       node->type != PVHLOAD_SETUP_CC_BLOB;
}

/* Bytes in the node itself, after its header. */
static uint64_t node_data_size(const struct pvl_linux_node *node)
{
	if (!node->indirect)
		return node->source.length;
	if (pvl_linux_node_is_indirect(node))
		return PVHLOAD_SETUP_INDIRECT_SIZE;
	return node->type == PVHLOAD_SETUP_IMA ? IMA_SIZE : CC_BLOB_SIZE;
}

uint64_t pvl_linux_node_size(const struct pvl_linux_node *node)
{
	return PVHLOAD_SETUP_DATA_HEADER_SIZE + node_data_size(node);
}

uint64_t pvl_linux_e820_ext_size(const struct pvl_linux_input *in)
{
	if (in->memmap_count <= PVHLOAD_E820_TABLE_MAX)
		return 0;
	return PVHLOAD_SETUP_DATA_HEADER_SIZE +
	       (uint64_t)(in->memmap_count - PVHLOAD_E820_TABLE_MAX) * PVHLOAD_E820_ENTRY_SIZE;
}

uint64_t pvl_linux_cmdline_size(const struct pvl_linux_input *in)
{
	/* The kernel copies its maximum, whatever the text's length. */
	return pvl_max_u64((uint64_t)in->cmdline_max + 1, PVHLOAD_LINUX_CMDLINE_WINDOW);
}

static void encode_e820(const struct pvhload_memmap_entry *entries, size_t count, uint8_t *dst)
{
	for (size_t i = 0; i < count; i++, dst += PVHLOAD_E820_ENTRY_SIZE) {
		pvl_store_le64(dst, entries[i].gpa);
		pvl_store_le64(dst + 8, entries[i].size);
		pvl_store_le32(dst + 16, entries[i].type);
	}
}

/*
 * The list: the node for the map's overflow, the caller's nodes, then the list to which the file's
 * header points.
 */
static uint64_t list_from(const struct pvl_linux_input *in, size_t i)
{
	struct pvl_setup_header h;

	if (i < in->node_count)
		return in->nodes[i].gpa;
	h = pvl_linux_header(in);
	return pvl_setup_field(&h, PVHLOAD_SETUP_SETUP_DATA);
}

static void encode_pointers(const struct pvl_linux_input *in, uint16_t version, uint8_t *page)
{
	const uint64_t initrd_gpa = in->initrd_size > 0 ? in->initrd_gpa : 0;

	/* Also without an initrd: the fields in the file may not be 0. */
	pvl_store_le32(page + PVHLOAD_SETUP_RAMDISK_IMAGE, (uint32_t)initrd_gpa);
	pvl_store_le32(page + PVHLOAD_SETUP_RAMDISK_SIZE, (uint32_t)in->initrd_size);
	pvl_store_le32(page + PVHLOAD_ZERO_EXT_RAMDISK_IMAGE, (uint32_t)(initrd_gpa >> 32));
	pvl_store_le32(page + PVHLOAD_ZERO_EXT_RAMDISK_SIZE, (uint32_t)(in->initrd_size >> 32));
	if (version >= PVL_PROTOCOL_2_02) {
		pvl_store_le32(page + PVHLOAD_SETUP_CMD_LINE_PTR, (uint32_t)in->cmdline_gpa);
		pvl_store_le32(page + PVHLOAD_ZERO_EXT_CMD_LINE_PTR,
			       (uint32_t)(in->cmdline_gpa >> 32));
	}
	if (version >= PVL_PROTOCOL_2_09)
		pvl_store_le64(page + PVHLOAD_SETUP_SETUP_DATA, pvl_linux_e820_ext_size(in) > 0
									? in->e820_ext_gpa
									: list_from(in, 0));
}

void pvl_linux_encode_zero_page(const struct pvl_linux_input *in, uint8_t *page)
{
	const size_t in_table = in->memmap_count < PVHLOAD_E820_TABLE_MAX ? in->memmap_count
									  : PVHLOAD_E820_TABLE_MAX;
	const struct pvl_setup_header h = pvl_linux_header(in);
	uint8_t *loadflags = page + PVHLOAD_SETUP_LOADFLAGS;

	/*
	 * Everything else is 0.  That matters for the sentinel: if it is not 0, the kernel wipes
	 * most of the page.
	 */
	memset(page, 0, PVL_ZERO_PAGE_HEAD);
	memcpy(page + PVHLOAD_SETUP_HEADER_OFFSET, in->header, in->header_size);
	if (in->has_framebuffer)
		pvl_linux_encode_screen(&in->framebuffer, page + PVHLOAD_ZERO_SCREEN_INFO);
	if (in->efi_info)
		memcpy(page + PVHLOAD_ZERO_EFI_INFO, in->efi_info, PVHLOAD_EFI_INFO_SIZE);
	pvl_store_le64(page + PVHLOAD_ZERO_ACPI_RSDP_ADDR, in->rsdp_gpa);
	page[PVHLOAD_ZERO_E820_ENTRIES] = (uint8_t)in_table;
	encode_e820(in->memmap, in_table, page + PVHLOAD_ZERO_E820_TABLE);
	page[PVHLOAD_SETUP_TYPE_OF_LOADER] = (uint8_t)in->type_of_loader;
	*loadflags = (uint8_t)((*loadflags & ~LOADFLAGS_CLEARED) | in->loadflags);
	encode_pointers(in, h.version, page);
}

void pvl_linux_encode_e820_ext(const struct pvl_linux_input *in, uint8_t *dst)
{
	const size_t count = in->memmap_count - PVHLOAD_E820_TABLE_MAX;

	pvl_store_le64(dst + PVHLOAD_SETUP_DATA_NEXT, list_from(in, 0));
	pvl_store_le32(dst + PVHLOAD_SETUP_DATA_TYPE, PVHLOAD_SETUP_E820_EXT);
	pvl_store_le32(dst + PVHLOAD_SETUP_DATA_LEN, (uint32_t)(count * PVHLOAD_E820_ENTRY_SIZE));
	encode_e820(in->memmap + PVHLOAD_E820_TABLE_MAX, count,
		    dst + PVHLOAD_SETUP_DATA_HEADER_SIZE);
}

size_t pvl_linux_encode_node(const struct pvl_linux_input *in, size_t i, uint8_t *dst)
{
	const struct pvl_linux_node *node = &in->nodes[i];
	const bool indirect = pvl_linux_node_is_indirect(node);
	const size_t data_size = (size_t)node_data_size(node);
	uint8_t *data = dst + PVHLOAD_SETUP_DATA_HEADER_SIZE;

	pvl_store_le64(dst + PVHLOAD_SETUP_DATA_NEXT, list_from(in, i + 1));
	pvl_store_le32(dst + PVHLOAD_SETUP_DATA_TYPE,
		       indirect ? PVHLOAD_SETUP_INDIRECT : node->type);
	pvl_store_le32(dst + PVHLOAD_SETUP_DATA_LEN, (uint32_t)data_size);
	if (!node->indirect)
		return PVHLOAD_SETUP_DATA_HEADER_SIZE;

	memset(data, 0, data_size);
	if (node->type == PVHLOAD_SETUP_IMA) {
		pvl_store_le64(data, node->data_gpa);
		pvl_store_le64(data + 8, node->source.length);
	} else if (node->type == PVHLOAD_SETUP_CC_BLOB) {
		pvl_store_le32(data, (uint32_t)node->data_gpa);
	} else {
		pvl_store_le32(data + PVHLOAD_SETUP_INDIRECT_TYPE,
			       PVHLOAD_SETUP_INDIRECT | node->type);
		pvl_store_le64(data + PVHLOAD_SETUP_INDIRECT_LEN, node->source.length);
		pvl_store_le64(data + PVHLOAD_SETUP_INDIRECT_ADDR, node->data_gpa);
	}
	return PVHLOAD_SETUP_DATA_HEADER_SIZE + data_size;
}
