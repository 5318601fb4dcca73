/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * Loading an image by itself, for a VMM that does its own boot setup: the bytes go to guest memory, and
 * the answer says where they are and how they can be entered.  pvhload_boot_plan() does this and
 * all that follows for one that does not.
 *
 * ABI source: System V gABI, "Program Header"; Linux, Documentation/arch/x86/boot.rst; Xen,
 * docs/misc/pvh.pandoc.
 */
#ifndef PVHLOAD_IMAGE_LOAD_H
#define PVHLOAD_IMAGE_LOAD_H

#include <pvhload/abi/setup_header.h>
#include <pvhload/guest_memory.h>
#include <pvhload/image.h>
#include <pvhload/macros.h>
#include <pvhload/range.h>
#include <pvhload/status.h>

PVHLOAD_BEGIN_DECLS

/** pvhload_image_load_options::flags: load at @c gpa, not at the image's own address. */
#define PVHLOAD_IMAGE_LOAD_AT 0x1u

/** What the caller may choose; 0 in any member but @c struct_size is the default. */
struct pvhload_image_load_options {
	size_t struct_size; /**< sizeof(struct pvhload_image_load_options) */
	/**
	 * With PVHLOAD_IMAGE_LOAD_AT, the lowest address that is loaded; else 0.  The default is
	 * pvhload_image_elf::range.gpa for an ELF file.  For a bzImage it is preferred_address, or
	 * code32_start if it is not relocatable; for a flat Image, see pvhload_image_load().
	 */
	uint64_t gpa;
	uint32_t flags;    /**< PVHLOAD_IMAGE_LOAD_AT or 0 */
	uint32_t reserved; /**< 0 */
};

/** Initialiser for a struct pvhload_image_load_options. */
#define PVHLOAD_IMAGE_LOAD_OPTIONS_INIT PVHLOAD_SIZED_(pvhload_image_load_options)

/** Where an image has been loaded, and how it can be entered there. */
struct pvhload_image_load_result {
	size_t struct_size; /**< sizeof(struct pvhload_image_load_result) */
	uint64_t gpa;       /**< lowest address loaded */
	uint64_t size;      /**< bytes from there to the highest, .bss included */
	/**
	 * What the kernel needs while it starts: nothing else may be there.  A bzImage decodes its
	 * payload to this range, which is usually larger than what was loaded, and may be
	 * elsewhere.  If the kernel does not say how much it needs (init_size, protocol 2.10), this
	 * is the library's estimate, as in pvhload_boot_plan().  For an ELF file the same as gpa
	 * and size.
	 */
	struct pvhload_range runtime;
	/** ELF: e_entry, moved along; bzImage: the load address, where its 32-bit entry is. */
	uint64_t entry;
	uint64_t entry64;     /**< the 64-bit entry; 0 if there is none */
	uint32_t pvh_entry;   /**< PHYS32_ENTRY, moved along; 0 if there is none */
	uint32_t has_entry32; /**< 1 if @c entry can be entered in protected mode */
	uint32_t has_entry64; /**< 1 if there is a 64-bit entry */
	uint32_t
		has_pvh_entry; /**< 1 if there is a PVH entry, and the image may be entered by it here */
	size_t setup_header_size; /**< bytes in @c setup_header; 0 for an ELF file */
	/**
	 * A bzImage's own setup_header, for the zero page.  Two fields say where it is now:
	 * code32_start is the load address, 0 if that needs more than 32 bits; kernel_alignment is
	 * lowered to pvhload_image_bzimage::min_alignment if the place is a multiple of that alone.
	 * The one byte more than a header takes keeps the struct free of padding.
	 */
	uint8_t setup_header[PVHLOAD_SETUP_HEADER_ROOM + 1];
};

/** Initialiser for a struct pvhload_image_load_result. */
#define PVHLOAD_IMAGE_LOAD_RESULT_INIT PVHLOAD_SIZED_(pvhload_image_load_result)

/**
 * Load an image into guest memory: an ELF file's segments, their .bss zeroed, or the protected-mode
 * code of a bzImage, which decodes itself.
 *
 * Checks everything before the first byte is written.  To load the payload of a bzImage, a compressed file, a UKI or an
 * EFI zboot image, decode it and load pvhload_image_payload().
 *
 * An ELF file may always be where it is linked, and is moved as a whole.  Each entry has a rule of its own,
 * and the result has those entries whose rule allows the place.  In the order in which they are tried:
 * - The 64-bit entry, taken for Linux's: moved by a multiple of 2 MiB, from 2 MiB to 2^46.
 * - The 32-bit entry: not moved.
 * - The PVH entry: to a multiple of the PHYS32_RELOC note's alignment, within the note's bounds.  Without
 *   such a note it is not moved.
 * - If no entry is left: moved by a multiple of pvhload_image_info::alignment.  The result has no entry,
 *   and the caller must know that the code can be moved, as the file does not say so.
 *
 * A relocatable bzImage goes to its preferred address, or to 1 MiB if it has none, aligned up to a multiple of
 * pvhload_image_info::alignment, as in a plan; or to the multiple of pvhload_image_bzimage::min_alignment that
 * is asked for, from 1 MiB on, or from the preferred address if that is lower.  It ends at or below 4 GiB or, by its
 * 64-bit entry with XLF_CAN_BE_LOADED_ABOVE_4G, 2^46.  One that is not relocatable goes to code32_start.
 *
 * A flat Image goes to a multiple of pvhload_image_info::alignment plus pvhload_image_flat::text_offset: for arm64 to the
 * lowest where it fits, for riscv64 to the first in RAM.  It is entered at its first byte, which is the result's @c entry;
 * what it needs after its bytes is zeros.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par Ownership and threads
 * Nothing is kept.  Calls may run in parallel on one image, each with a memory of its own.
 *
 * @param[in]     image    The image.
 * @param[in]     mem      Guest memory with @c write and a @c memmap.
 * @param[in]     options  May be NULL for all defaults.
 * @param[in,out] result   Filled on success, untouched on failure.
 * @param[out]    err      May be NULL.  Filled on failure only; @c gpa is the guest address at
 *                         fault.
 *
 * @retval PVHLOAD_OK             Loaded.
 * @retval PVHLOAD_E_USAGE        A pointer is NULL, a struct's @c struct_size is wrong, a flag is unknown,
 *                                an address is given without its flag, or @p mem has no @c write or
 *                                no @c memmap.
 * @retval PVHLOAD_E_NO_MEMORY    No host memory; nothing was written.
 * @retval PVHLOAD_E_SOURCE       The bytes cannot be read.
 * @retval PVHLOAD_E_UNSUPPORTED  The image is a compressed file, a UKI or an EFI zboot image: load its payload.  Or it is
 *                                for loongarch64, or a firmware, which goes to ROM.
 * @retval PVHLOAD_E_PROTOCOL     A bzImage that announces neither a 32-bit nor a 64-bit entry: it
 *                                has to be started in real mode.
 * @retval PVHLOAD_E_MEMMAP       The map in @p mem is unsound (pvhload_memmap_validate()).
 * @retval PVHLOAD_E_RANGE        A byte of what is loaded or of the run-time range is not RAM; the
 *                                image cannot be loaded there: it cannot be moved, or the address
 *                                does not have the required alignment; or it reaches above 4 GiB
 *                                and the image does not say that it can.
 * @retval PVHLOAD_E_CALLBACK     A callback failed; the guest must not be run.
 *
 * @since 0.1
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_image_load(const struct pvhload_image *image, const struct pvhload_memory *mem,
		   const struct pvhload_image_load_options *options,
		   struct pvhload_image_load_result *result, struct pvhload_error *err);

PVHLOAD_END_DECLS

#endif
