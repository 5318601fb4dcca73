/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The table of kernel hashes: a header, and an entry for each digest. */
#include <pvhload/kernel_hashes.h>

#include "abi/kernel_hashes_layout.h"
#include "abi/sizes.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/sized.h"
#include "core/store.h"

#define HEADER_SIZE (PVL_GUID_SIZE + 2) /* GUID, and a length */
#define ENTRY_SIZE  (HEADER_SIZE + PVHLOAD_SHA256_SIZE)
#define ENTRIES     3u
#define TABLE_SIZE  (HEADER_SIZE + ENTRIES * ENTRY_SIZE)

_Static_assert(TABLE_SIZE <= PVHLOAD_KERNEL_HASHES_SIZE &&
		       PVHLOAD_KERNEL_HASHES_SIZE % PVL_GUID_SIZE == 0,
	       "the table, padded");

static void put_header(uint8_t *at, const uint8_t guid[PVL_GUID_SIZE], size_t length)
{
	memcpy(at, guid, PVL_GUID_SIZE);
	pvl_store_le16(at + PVL_GUID_SIZE, (uint16_t)length);
}

static void encode(const struct pvhload_kernel_hashes *hashes, uint8_t *bytes)
{
	static const uint8_t table_guid[PVL_GUID_SIZE] = PVL_KERNEL_HASHES_GUID;
	static const uint8_t guids[ENTRIES][PVL_GUID_SIZE] = { PVL_CMDLINE_HASH_GUID,
							       PVL_INITRD_HASH_GUID,
							       PVL_KERNEL_HASH_GUID };
	const uint8_t *const digests[ENTRIES] = { hashes->cmdline, hashes->initrd, hashes->kernel };

	memset(bytes, 0, PVHLOAD_KERNEL_HASHES_SIZE);
	put_header(bytes, table_guid, TABLE_SIZE);
	for (size_t i = 0; i < ENTRIES; i++) {
		uint8_t *entry = bytes + HEADER_SIZE + i * ENTRY_SIZE;

		put_header(entry, guids[i], ENTRY_SIZE);
		memcpy(entry + HEADER_SIZE, digests[i], PVHLOAD_SHA256_SIZE);
	}
}

enum pvhload_status pvhload_kernel_hashes_table(const struct pvhload_kernel_hashes *hashes,
						uint8_t *bytes, size_t capacity,
						struct pvhload_error *err)
{
	struct pvhload_kernel_hashes own;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!bytes || !pvl_sized_in(&own, sizeof(own), hashes, PVL_V1_KERNEL_HASHES))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"a pointer is NULL, or the kernel hashes have a wrong size");
	if (capacity < PVHLOAD_KERNEL_HASHES_SIZE)
		return pvl_fail(
			err, PVHLOAD_E_CAPACITY, PVL_ANYWHERE,
			"the table of kernel hashes takes %u bytes, and there is room for %zu",
			PVHLOAD_KERNEL_HASHES_SIZE, capacity);
	encode(&own, bytes);
	return PVHLOAD_OK;
}
