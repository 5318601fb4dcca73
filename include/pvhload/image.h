/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * Kernel images: what a file is, what it loads where, and how it can be entered.
 *
 * An image is opened once, recognised by its content and validated whole; opening writes nothing
 * anywhere.  A bzImage holds another image, its compressed payload; pvhload_image_decode() decodes
 * it on the host, and pvhload_image_payload() then gives it as an image of its own.  An EFI zboot image holds a flat
 * Image likewise.  A file that was compressed as a whole (vmlinux.gz) is an image as well, whose payload is one of the
 * others, and so is a unified kernel image (UKI), whose payload is the kernel in its section .linux.  Images for
 * loongarch64 are opened, described and decoded, but not booted.
 *
 * Threads: an image that is open is not changed by anything but pvhload_image_drop_payload() and
 * pvhload_image_close(), and decoding it adds its payload and changes nothing else.  So calls may run in
 * parallel on one image, planning and loading among them; if several decode it at once, each does the
 * work, and one result is kept.  A reader source must be thread-safe, too.
 *
 * Units throughout: bytes, offsets from the start of the source's window, guest-physical addresses.
 *
 * ABI source: given at each function; copying bytes has none.
 *
 * @par Ownership and threads
 * Unless a function says otherwise, nothing is kept, and calls may run in parallel on one image.
 *
 * @since 0.1
 */
#ifndef PVHLOAD_IMAGE_H
#define PVHLOAD_IMAGE_H

#include <pvhload/abi/setup_header.h>
#include <pvhload/codec.h>
#include <pvhload/image_info.h>
#include <pvhload/macros.h>
#include <pvhload/pool.h>
#include <pvhload/progress.h>
#include <pvhload/source.h>
#include <pvhload/status.h>

PVHLOAD_BEGIN_DECLS

/** An opened image. */
struct pvhload_image;

/** Limits on what an image may hold; above them it is refused with PVHLOAD_E_LIMIT. */
#define PVHLOAD_ELF_PHDRS_MAX        1024u        /**< program headers */
#define PVHLOAD_DECODE_LIMIT_DEFAULT (256u << 20) /**< bytes a payload may decode to */

/** Sections of a PE file.  @since 0.3 */
#define PVHLOAD_PE_SECTIONS_MAX 96u

/** Bytes of an ELF file that pvhload_image_kernel_version() searches at most. */
#define PVHLOAD_VERSION_SEARCH_MAX (256u << 20)

/** Most bytes in which pvhload_image_open() looks for the version text of an ELF file whose notes do not say what it is. */
#define PVHLOAD_LINUX_SIGN_SEARCH_MAX (64u << 20)

/**
 * Most bytes of command line, without the NUL, for an ELF file, which does not say how much its
 * kernel takes: as much as Linux takes.
 */
#define PVHLOAD_ELF_CMDLINE_MAX (PVHLOAD_LINUX_COMMAND_LINE_SIZE - 1)

/** Most bytes of a firmware, and of one with its variables; the size of either is a multiple of the second. */
#define PVHLOAD_FIRMWARE_SIZE_MAX (16u << 20)
#define PVHLOAD_FIRMWARE_ALIGN    4096u

/** Bytes of ELF notes looked at: in one segment or section, and in all of them. */
#define PVHLOAD_ELF_NOTE_BYTES_MAX       (64u << 10)
#define PVHLOAD_ELF_NOTE_BYTES_TOTAL_MAX (1u << 20)

/** Section headers of an ELF file that are read at most, where e_shnum is 0 and section 0 has their number. */
#define PVHLOAD_ELF_SHDRS_MAX (1u << 20)

/**
 * Entries of a kernel's relocation tables that are read at most, in all tables together.  Debian's kernels of 6.1 to 7.2
 * have 202,926 to 318,131, a word of 4 bytes each.  @since 0.3
 */
#define PVHLOAD_RELOCATIONS_MAX (1u << 22)

/** Most of a bzImage's code that pvhload_image_search_payload() searches, and most places where it tries to decode. */
#define PVHLOAD_PAYLOAD_SEARCH_MAX     (64u << 20) /**< bytes */
#define PVHLOAD_PAYLOAD_CANDIDATES_MAX 64u         /**< gzip headers */

/** What the caller may choose; 0 in any member but @c struct_size is the default. */
struct pvhload_image_options {
	size_t struct_size; /**< sizeof(struct pvhload_image_options) */
	/** Most bytes a payload may take or decode to; default PVHLOAD_DECODE_LIMIT_DEFAULT. */
	uint64_t decode_limit;
	/**
	 * Called while this image is decoded, by any call and in any thread.  NULL for none; a plan
	 * that decodes the image then calls pvhload_boot_config::progress.  The struct is copied by
	 * pvhload_image_open(). zstd payloads, and gzip in builds with libdeflate, are decoded in one go, with a
	 * report before and after.
	 */
	const struct pvhload_progress *progress;
	/**
	 * PVHLOAD_FORMAT_FIRMWARE: the source is a raw x86 firmware.  Such a file has no magic, so it is one only if
	 * the caller says so.  0: the image is recognised by its content.  @since 0.3
	 */
	uint32_t format;
	uint32_t reserved; /**< 0 */
	/**
	 * Threads that may help to decode this image, in any call.  NULL for none; a plan that decodes the image then
	 * uses pvhload_boot_config::pool.  The struct is copied by pvhload_image_open(); what its @c user points to is
	 * borrowed until the image, and all plans of it, are gone.  @since 0.3
	 */
	const struct pvhload_pool *pool;
};

/** Initialiser for a struct pvhload_image_options. */
#define PVHLOAD_IMAGE_OPTIONS_INIT PVHLOAD_SIZED_(pvhload_image_options)

/** Entries in the kernel's relocation tables, by kind (Linux, arch/x86/tools/relocs.c). */
struct pvhload_image_relocations {
	size_t struct_size;   /**< sizeof(struct pvhload_image_relocations) */
	uint64_t offset;      /**< where the tables start in the image */
	uint64_t size;        /**< bytes they take, to the end of the image */
	uint64_t r64;         /**< 64-bit fields */
	uint64_t r32;         /**< 32-bit fields */
	uint64_t r32_inverse; /**< 32-bit fields that move the other way; none since Linux 6.15 */
};

/** Initialiser for a struct pvhload_image_relocations. */
#define PVHLOAD_IMAGE_RELOCATIONS_INIT PVHLOAD_SIZED_(pvhload_image_relocations)

/**
 * Open an image and validate its headers.
 *
 * Recognises ELF64 and ELF32 for x86, bzImage, flat Images for arm64, riscv64 and loongarch64, EFI zboot images, UKIs,
 * Multiboot kernels that are no ELF file, by a header with address fields in the first 32768 bytes, and files compressed
 * by any PVHLOAD_CODEC_* (LZ4 in both framings).  Of a bzImage only the setup header and the payload's place are read, of
 * an EFI zboot image likewise; the payload is not decoded.  Of a compressed file only the first bytes are checked, of a UKI
 * the PE header and the table of sections: signatures are found, and not verified.  A file that begins with "MZ", an EFI
 * program or not, is a UKI with a section .linux; without one it may be a Multiboot kernel.  A raw x86 firmware is one
 * if the options say so: of that the size is checked, and that the last 16 bytes, where the processor begins, jump to a
 * byte of it.
 *
 * @par Ownership and threads
 * The source struct is copied, and its descriptor duplicated unless it has PVHLOAD_SOURCE_KEPT_OPEN; a
 * buffer or a reader is borrowed until pvhload_image_close().  The image is the caller's to close.
 *
 * @par ABI source
 * System V gABI ("ELF Header", "Program Header", "Note Section"); Xen public/elfnote.h and
 * docs/misc/pvh.pandoc; Linux Documentation/arch/x86/boot.rst, arch/arm64/booting.rst and
 * arch/riscv/boot-image-header.rst, arch/loongarch/include/asm/image.h, drivers/firmware/efi/libstub/zboot-header.S;
 * Microsoft, PE Format; UAPI Group, Unified Kernel Image; GNU Multiboot Specification 0.6.96; Multiboot2 Specification
 * 2.0.  Of a firmware: Intel SDM, volume 3, "First Instruction
 * Executed"; that its last 128 KiB are below 1 MiB as well is how QEMU's machines and chipsets of PCs have it.
 *
 * @param[in]  source   The bytes; not trusted.
 * @param[in]  options  May be NULL for all defaults.
 * @param[out] image    The image.  Untouched on failure.
 * @param[out] err      May be NULL.  Filled on failure only; @c offset is where in the source.
 *
 * @retval PVHLOAD_OK             The image is open.
 * @retval PVHLOAD_E_USAGE        A pointer is NULL, a struct's @c struct_size is wrong, the options ask for
 *                                another format than a firmware, or the source is
 *                                not one (unknown kind, NULL data or reader, window that wraps).
 * @retval PVHLOAD_E_NO_MEMORY    No host memory.
 * @retval PVHLOAD_E_SOURCE       The bytes cannot be read, or there is no descriptor for a duplicate.
 * @retval PVHLOAD_E_FORMAT       Of no format that is known; the message says what it looks like, if it
 *                                looks like anything.  To be a firmware, it is an ELF file, has no 16 bytes,
 *                                or the last 16 do not begin with a jump.
 * @retval PVHLOAD_E_UNSUPPORTED  An ELF file that is not little-endian x86, or not an executable; a
 *                                zImage, or a boot protocol before 2.00; a flat Image with flags or a version
 *                                that are not known, or reserved words that are not 0, or whose PE header is
 *                                for another machine.
 * @retval PVHLOAD_E_MALFORMED    A header contradicts the file or itself: a table or segment past
 *                                the end, p_filesz above p_memsz, an address that wraps, segments
 *                                that overlap, nothing to load, a payload outside the file, or by
 *                                another codec than is said, a
 *                                relocatable kernel whose alignment is no power of two; a flat Image that
 *                                does not say its size, or fits no address space; a section or the
 *                                signature of a PE file past the end; a UKI with a kernel in other profiles
 *                                than the first alone; a firmware whose size is no multiple of
 *                                PVHLOAD_FIRMWARE_ALIGN, or that jumps to where there is none of it; a Multiboot
 *                                kernel, no ELF file, none of whose headers can be used.
 * @retval PVHLOAD_E_LIMIT        More program headers than PVHLOAD_ELF_PHDRS_MAX, more sections of a PE
 *                                file than PVHLOAD_PE_SECTIONS_MAX, or a firmware of more than
 *                                PVHLOAD_FIRMWARE_SIZE_MAX bytes.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_image_open(const struct pvhload_source *source, const struct pvhload_image_options *options,
		   struct pvhload_image **image, struct pvhload_error *err);

/**
 * Close an image and what was decoded of it.
 *
 * @param[in] image  The image, or NULL.  Its info and its payload are invalid afterwards.  Plans made of
 *                   it are not: they keep what they need of it.
 *
 * @par Ownership and threads
 * Frees @p image, or leaves that to the last plan made of it; until then, a buffer or reader must stay
 * usable.  No other thread may be using @p image itself.
 */
PVHLOAD_API void pvhload_image_close(struct pvhload_image *image);

/**
 * What the image is.
 *
 * @param[in] image  The image.
 * @return           Its description, or NULL if @p image is NULL.
 *
 * @par Ownership and threads
 * Belongs to the image and does not change; valid until pvhload_image_close().
 */
PVHLOAD_API const struct pvhload_image_info *
pvhload_image_get_info(const struct pvhload_image *image);

/**
 * Decode the payload of a bzImage or an EFI zboot image, or a compressed file, into host memory and open it as an image:
 * one level.  The payload of a UKI, its section .linux (of profile 0), is opened where it is, and not copied.
 *
 * pvhload_boot_plan() does this where it is needed; call it to choose the moment.  An image without
 * a payload, or one already decoded, is left as it is.  The output of a bzImage or zboot takes exactly the
 * bytes the size trailer declares, never more than the limits; nothing is allocated for output
 * before the declared size has been checked against them.  A compressed file's output grows to what
 * it decodes to, and never above the limit; the file may have several streams one after the other,
 * and zeros after the last.
 *
 * A payload that cannot be decoded is remembered as such: the next call returns the same error at once.
 * PVHLOAD_E_NO_MEMORY, PVHLOAD_E_SOURCE, PVHLOAD_E_CANCELLED and PVHLOAD_E_CALLBACK are not remembered; the next call
 * tries again.  Nor is what pvhload_boot_load() found in guest memory, which others may write to.
 *
 * @par ABI source
 * Linux, Documentation/arch/x86/boot.rst (payload_offset, payload_length) and
 * arch/x86/boot/compressed/mkpiggy.c (the size trailer).
 *
 * @param[in,out] image  The image.  On failure it has no payload, as before.
 * @param[out]    err    May be NULL.  Filled on failure only; @c offset is where in the source of
 *                       @p image; PVHLOAD_NOWHERE if the error is inside the decoded payload.
 *
 * @retval PVHLOAD_OK             Decoded, or there is nothing to decode.
 * @retval PVHLOAD_E_USAGE        @p image is NULL or @p err has a wrong @c struct_size.
 * @retval PVHLOAD_E_NO_MEMORY    No host memory for the output.
 * @retval PVHLOAD_E_CANCELLED    The image's progress callback ended the call.
 * @retval PVHLOAD_E_CALLBACK     @c run of the image's pool failed.  @since 0.3
 * @retval PVHLOAD_E_SOURCE       The payload cannot be read, or has changed since the image was opened.
 * @retval PVHLOAD_E_FORMAT       The payload of a bzImage decodes to something that is not an ELF
 *                                file, that of an EFI zboot image to something that is not a flat Image; a
 *                                compressed file to something that is no image, or compressed again, or a
 *                                UKI; or .linux of a UKI is no image, or another UKI.
 * @retval PVHLOAD_E_UNSUPPORTED  The codec is unknown, or this build leaves it out, or the stream
 *                                asks for what its decoder does not do; or the payload is not for
 *                                x86, or not supported, see pvhload_image_open().
 * @retval PVHLOAD_E_MALFORMED    The stream is truncated or corrupt, or decodes to another size than
 *                                its trailer declares; or the payload is malformed.
 * @retval PVHLOAD_E_LIMIT        It would decode to more than @c decode_limit, or its compressed size is
 *                                above that; its decoder would take more memory than
 *                                PVHLOAD_LZMA_MEMORY_MAX or PVHLOAD_ZSTD_WINDOW_MAX allow; or opening the
 *                                payload exceeds a limit of pvhload_image_open().
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status pvhload_image_decode(struct pvhload_image *image,
								       struct pvhload_error *err);

/**
 * The payload of a decoded image, as an image.
 *
 * @param[in] image  The image.
 * @return           The payload; NULL if there is none, if it has not been decoded, or if @p image
 *                   is NULL.  It may itself have a payload.
 *
 * @par Ownership and threads
 * Belongs to @p image: do not close it; valid until @p image is closed or
 * pvhload_image_drop_payload() is called.
 */
PVHLOAD_API struct pvhload_image *pvhload_image_payload(struct pvhload_image *image);

/**
 * Free what was decoded of an image; pvhload_image_decode() decodes it again.
 *
 * A plan that was made of the payload keeps it until it is freed itself.  An image without a payload, or
 * whose payload has not been decoded, is left as it is.
 *
 * @par Ownership and threads
 * What pvhload_image_payload() gave is invalid afterwards, with its info.  No other thread may be using
 * the image or its payload; plans made of them may be in use.
 *
 * @param[in,out] image  The image, or NULL.
 *
 * @since 0.2
 */
PVHLOAD_API void pvhload_image_drop_payload(struct pvhload_image *image);

/**
 * Copy bytes of the image, as they are in its source or as they were decoded.
 *
 * @param[in]  image   The image.
 * @param[in]  offset  First byte.
 * @param[out] dst     Room for @p len bytes.  On failure its content is undefined.
 * @param[in]  len     Bytes to copy.
 * @param[out] err     May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK        All @p len bytes are at @p dst.
 * @retval PVHLOAD_E_USAGE   A pointer is NULL; the range is not inside the image.
 * @retval PVHLOAD_E_SOURCE  The bytes cannot be read.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_image_read(const struct pvhload_image *image, uint64_t offset, void *dst, size_t len,
		   struct pvhload_error *err);

/**
 * The kernel's own setup_header, to be put into a zero page.
 *
 * The bytes are those of the file from PVHLOAD_SETUP_HEADER_OFFSET to the header's own end, and never
 * beyond the room that a zero page has for it, PVHLOAD_SETUP_HEADER_ROOM bytes.
 *
 * @par ABI source
 * Linux, Documentation/arch/x86/boot.rst and zero-page.rst.
 *
 * @param[in]  image     The image.
 * @param[out] bytes     The header.  Untouched on failure.
 * @param[in]  capacity  Bytes at @p bytes; PVHLOAD_SETUP_HEADER_ROOM are always enough.
 * @param[out] size      How many there are.  Untouched on failure.
 * @param[out] err       May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK           The header is there.
 * @retval PVHLOAD_E_USAGE      A pointer is NULL.
 * @retval PVHLOAD_E_NOT_FOUND  The image is not a bzImage.
 * @retval PVHLOAD_E_CAPACITY   The header does not fit; the message says how many bytes it takes.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_image_setup_header(const struct pvhload_image *image, uint8_t *bytes, size_t capacity,
			   size_t *size, struct pvhload_error *err);

/**
 * The kernel's version text: "6.1.0-56-cloud-amd64 (debian-kernel@lists.debian.org) #1 SMP ...".
 *
 * A bzImage has a pointer to it.  An ELF file's loaded bytes, and all of a flat Image, are searched for Linux's banner: at
 * most the first PVHLOAD_VERSION_SEARCH_MAX bytes.  Of an EFI zboot image, a UKI or a compressed file, ask the payload.
 *
 * @par ABI source
 * Linux, boot.rst (kernel_version).  The banner, "Linux version ", is no ABI: it is
 * what Linux prints first.
 *
 * @param[in]  image     The image.
 * @param[out] text      The text, NUL-terminated, bytes outside printable ASCII replaced by '?'.
 *                       Untouched on failure.
 * @param[in]  capacity  Bytes at @p text.
 * @param[out] err       May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK           The text is there.
 * @retval PVHLOAD_E_USAGE      A pointer is NULL.
 * @retval PVHLOAD_E_NO_MEMORY  No host memory for a search.
 * @retval PVHLOAD_E_SOURCE     The bytes cannot be read.
 * @retval PVHLOAD_E_NOT_FOUND  The image has no version text.
 * @retval PVHLOAD_E_CAPACITY   The text does not fit; the message says how many bytes it takes.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_image_kernel_version(const struct pvhload_image *image, char *text, size_t capacity,
			     struct pvhload_error *err);

/**
 * Count the relocation tables after the ELF file of a kernel payload.
 *
 * @par ABI source
 * Linux, arch/x86/tools/relocs.c and arch/x86/boot/compressed/misc.c.
 *
 * @param[in]     image        An ELF image; of a bzImage, its payload.
 * @param[in,out] relocations  Filled on success, untouched on failure.
 * @param[out]    err          May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK           The tables are counted.
 * @retval PVHLOAD_E_USAGE      A pointer is NULL, or a struct's @c struct_size is wrong.
 * @retval PVHLOAD_E_NO_MEMORY  No host memory.
 * @retval PVHLOAD_E_SOURCE     The bytes cannot be read.
 * @retval PVHLOAD_E_NOT_FOUND  Nothing that is a set of relocation tables follows the ELF file.
 * @retval PVHLOAD_E_LIMIT      What follows it begins as tables do, and has more than PVHLOAD_RELOCATIONS_MAX entries.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_image_count_relocations(const struct pvhload_image *image,
				struct pvhload_image_relocations *relocations,
				struct pvhload_error *err);

/** Where a search has found a payload. */
struct pvhload_image_payload_place {
	size_t struct_size;    /**< sizeof(struct pvhload_image_payload_place) */
	uint64_t offset;       /**< of its first byte in the image */
	uint64_t size;         /**< its bytes, compressed, with what its codec has after them */
	uint64_t decoded_size; /**< bytes it decodes to; at least 1 */
	uint32_t codec;        /**< PVHLOAD_CODEC_GZIP */
	uint32_t reserved;     /**< 0 */
};

/** Initialiser for a struct pvhload_image_payload_place. */
#define PVHLOAD_IMAGE_PAYLOAD_PLACE_INIT PVHLOAD_SIZED_(pvhload_image_payload_place)

/**
 * Search a bzImage of a boot protocol before 2.08, whose header does not say where the payload is.
 *
 * The payload of such a kernel is raw code, as it runs, and no image: pvhload_image_payload() does not give
 * it.  The protected-mode code is searched for the header of a gzip stream, and the first stream that
 * decodes whole, its CRC and size right, is the payload; bytes after its end are other code.  Kernels of these
 * protocols have no other codec.  What is found is not kept: each call searches and decodes anew.
 *
 * All that begins like a stream takes and decodes to no more than pvhload_image_options::decode_limit bytes
 * in sum, so that a file made for it does not cost more than one payload.  Reports to
 * pvhload_image_options::progress are as of pvhload_image_decode(), of a total that is not known.
 *
 * @par ABI source
 * RFC 1952 (the gzip header and trailer); Linux, Documentation/arch/x86/boot.rst (payload_offset).
 *
 * @param[in]     image     The image.
 * @param[in,out] place     Filled on success, untouched on failure.
 * @param[out]    bytes     The decoded bytes, @c decoded_size of them.  Untouched on failure.  NULL to learn
 *                          only the place and size.
 * @param[in]     capacity  Bytes at @p bytes; 0 with NULL.
 * @param[out]    err       May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK           The payload is found.
 * @retval PVHLOAD_E_USAGE      @p image or @p place is NULL, or @p bytes with a @p capacity; a struct's
 *                              @c struct_size is wrong.
 * @retval PVHLOAD_E_NO_MEMORY  No host memory for the code or what it decodes to.
 * @retval PVHLOAD_E_SOURCE     The bytes cannot be read.
 * @retval PVHLOAD_E_CANCELLED  The image's progress callback ended the call.
 * @retval PVHLOAD_E_NOT_FOUND  Nothing decodes; the message says how many places begin like a stream.  Or
 *                              there is nothing to search: not a bzImage, or of 2.08 or later, whose header
 *                              says where the payload is, or that there is none.
 * @retval PVHLOAD_E_CAPACITY   The payload does not fit; the message says how many bytes it takes.
 * @retval PVHLOAD_E_LIMIT      Nothing was found before a limit was reached: @c decode_limit,
 *                              PVHLOAD_PAYLOAD_SEARCH_MAX or PVHLOAD_PAYLOAD_CANDIDATES_MAX.
 *
 * @since 0.3
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_image_search_payload(const struct pvhload_image *image,
			     struct pvhload_image_payload_place *place, void *bytes,
			     size_t capacity, struct pvhload_error *err);

PVHLOAD_END_DECLS

#endif
