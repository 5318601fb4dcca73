/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * The table of kernel hashes, by which a firmware that is measured itself checks the files it is given.
 *
 * A VMM for AMD SEV and SEV-SNP puts the table into guest memory, where it is measured with the firmware.  A firmware
 * that takes part says where the table goes, and how many bytes it has room for, in its footer table.  If it says
 * address 0, or fewer than PVHLOAD_KERNEL_HASHES_SIZE bytes, it does not check kernels, and nothing may be
 * promised of one.
 *
 * The library has no hash function of its own.
 *
 * @par Units
 * Bytes.
 *
 * @par Ownership and threads
 * Nothing is kept.  Any thread may call the function.
 *
 * @par ABI source
 * The table that QEMU makes for SEV and OVMF's AmdSev package finds: GUIDs, order, lengths and padding as in
 * sev-snp-measure's builder of it.
 *
 * @since 0.3
 */
#ifndef PVHLOAD_KERNEL_HASHES_H
#define PVHLOAD_KERNEL_HASHES_H

#include <stddef.h>
#include <stdint.h>

#include <pvhload/macros.h>
#include <pvhload/status.h>

PVHLOAD_BEGIN_DECLS

/** Bytes of a SHA-256 digest. */
#define PVHLOAD_SHA256_SIZE 32u

/** Bytes of the table: its own length, 168, and zeros up to a multiple of 16. */
#define PVHLOAD_KERNEL_HASHES_SIZE 176u

/** What the table says, each a SHA-256 digest. */
struct pvhload_kernel_hashes {
	size_t struct_size;                   /**< sizeof(struct pvhload_kernel_hashes) */
	uint8_t cmdline[PVHLOAD_SHA256_SIZE]; /**< of the command line with its NUL; without one, of
	                                           a NUL */
	uint8_t initrd[PVHLOAD_SHA256_SIZE];  /**< of the initrd as it is loaded; without one, of no
	                                           bytes */
	uint8_t kernel[PVHLOAD_SHA256_SIZE];  /**< of the kernel's file as it is */
};

/** Initialiser for a struct pvhload_kernel_hashes. */
#define PVHLOAD_KERNEL_HASHES_INIT PVHLOAD_SIZED_(pvhload_kernel_hashes)

/**
 * Make the table.
 *
 * To have it in guest memory with all else that a plan writes, give it to pvhload_boot_plan() as the @c bytes of a
 * keep_free range at the firmware's address.
 *
 * @param[in]  hashes    What it says.
 * @param[out] bytes     The table, PVHLOAD_KERNEL_HASHES_SIZE bytes.  Untouched on failure.
 * @param[in]  capacity  Bytes at @p bytes.
 * @param[out] err       May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK          The table is at @p bytes.
 * @retval PVHLOAD_E_USAGE     A pointer other than @p err is NULL, or the @c struct_size of @p hashes is wrong.
 * @retval PVHLOAD_E_CAPACITY  The table does not fit; the message says how many bytes it takes.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_kernel_hashes_table(const struct pvhload_kernel_hashes *hashes, uint8_t *bytes,
			    size_t capacity, struct pvhload_error *err);

PVHLOAD_END_DECLS

#endif
