/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The table of kernel hashes: GUIDs with their first three groups little-endian, and lengths that count the GUID and
 * themselves.
 *
 * ABI source: the header by which OVMF's AmdSev package finds the table; sev-snp-measure's builder of it.
 */
#ifndef PVL_ABI_KERNEL_HASHES_LAYOUT_H
#define PVL_ABI_KERNEL_HASHES_LAYOUT_H

#define PVL_GUID_SIZE 16u

/* 9438d606-4f22-4cc9-b479-a793d411fd21 */
#define PVL_KERNEL_HASHES_GUID                                                                \
	{                                                                                     \
		0x06, 0xd6, 0x38, 0x94, 0x22, 0x4f, 0xc9, 0x4c, 0xb4, 0x79, 0xa7, 0x93, 0xd4, \
			0x11, 0xfd, 0x21                                                      \
	}
/* 97d02dd8-bd20-4c94-aa78-e7714d36ab2a */
#define PVL_CMDLINE_HASH_GUID                                                                 \
	{                                                                                     \
		0xd8, 0x2d, 0xd0, 0x97, 0x20, 0xbd, 0x94, 0x4c, 0xaa, 0x78, 0xe7, 0x71, 0x4d, \
			0x36, 0xab, 0x2a                                                      \
	}
/* 44baf731-3a2f-4bd7-9af1-41e29169781d */
#define PVL_INITRD_HASH_GUID                                                                  \
	{                                                                                     \
		0x31, 0xf7, 0xba, 0x44, 0x2f, 0x3a, 0xd7, 0x4b, 0x9a, 0xf1, 0x41, 0xe2, 0x91, \
			0x69, 0x78, 0x1d                                                      \
	}
/* 4de79437-abd2-427f-b835-d5b172d2045b */
#define PVL_KERNEL_HASH_GUID                                                                  \
	{                                                                                     \
		0x37, 0x94, 0xe7, 0x4d, 0xd2, 0xab, 0x7f, 0x42, 0xb8, 0x35, 0xd5, 0xb1, 0x72, \
			0xd2, 0x04, 0x5b                                                      \
	}

#endif
