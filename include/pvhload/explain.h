/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * What an image can be booted by, and what not, in words that a VMM can show.
 *
 * It is about the image alone: whether there is room for it, and what PVH has no place for, depends on
 * the rest of a boot and is pvhload_boot_plan()'s to say.
 *
 * ABI source: given at pvhload_boot_plan().
 *
 * @since 0.1
 */
#ifndef PVHLOAD_EXPLAIN_H
#define PVHLOAD_EXPLAIN_H

#include <pvhload/boot.h>
#include <pvhload/image.h>
#include <pvhload/macros.h>
#include <pvhload/status.h>

PVHLOAD_BEGIN_DECLS

/** A method: a protocol, and who decodes the payload.  Made by the library, which may append members. */
struct pvhload_image_method {
	uint32_t protocol;   /**< PVHLOAD_PROTOCOL_*, not AUTO */
	uint32_t decompress; /**< who decodes a bzImage: PVHLOAD_DECOMPRESS_HOST or _GUEST; 0 if
			          there is nothing to decode */
	/**
	 * 1 if the image has the entry; a Linux entry of an ELF file only with a sign of Linux, see
	 * pvhload_image_info::guest.
	 */
	uint32_t can;
	uint32_t reserved;  /**< 0 */
	const char *reason; /**< one line, no newline: why, or why not */
};

/** All of them, the best first.  Made by the library, which may append members. */
struct pvhload_image_explanation {
	const struct pvhload_image_method *const *methods; /**< pointers to the methods */
	size_t count;                                      /**< how many; at least 3 */
};

/**
 * For every protocol, whether the image can be entered by it, and why.
 *
 * A compressed file is decoded for this, and so is the payload of a bzImage.  If the payload cannot
 * be decoded, the methods that need it say why.  Of a UKI, the kernel of profile 0 is explained.
 *
 * @par Units
 * None: words.
 *
 * @par Ownership and threads
 * The explanation is the caller's to free; nothing in it refers to the image.  Calls may run in
 * parallel on one image.
 *
 * @param[in,out] image        The image.
 * @param[out]    explanation  The explanation.  Untouched on failure.
 * @param[out]    err          May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK             The explanation is made, whether or not the image can be booted.
 * @retval PVHLOAD_E_USAGE        A pointer is NULL, or @p err has a wrong @c struct_size.
 * @retval PVHLOAD_E_NO_MEMORY    No host memory.
 * @retval PVHLOAD_E_CANCELLED    See pvhload_image_decode().
 * @retval PVHLOAD_E_CALLBACK     See pvhload_image_decode().  @since 0.3
 * @retval PVHLOAD_E_SOURCE       The image cannot be read.
 * @retval PVHLOAD_E_FORMAT       A compressed file or UKI has no kernel in it.
 * @retval PVHLOAD_E_UNSUPPORTED  The kernel is for loongarch64, or a compressed file's codec is left
 *                                out of this build.
 * @retval PVHLOAD_E_MALFORMED    A compressed file, or the kernel in it or in a UKI, is damaged.
 * @retval PVHLOAD_E_LIMIT        A compressed file holds more than the image's @c decode_limit.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_image_explain(struct pvhload_image *image, struct pvhload_image_explanation **explanation,
		      struct pvhload_error *err);

/**
 * Free an explanation.
 *
 * @param[in] explanation  From pvhload_image_explain(), or NULL.
 *
 * @par Ownership and threads
 * Frees @p explanation and all it points to.  No other thread may be using it.
 */
PVHLOAD_API void pvhload_image_explanation_free(struct pvhload_image_explanation *explanation);

PVHLOAD_END_DECLS

#endif
