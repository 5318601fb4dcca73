/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * One kernel for many guests: decoded once, into a file in memory that nobody can change, and mapped by each.
 *
 * A VMM that runs several guests shares the image once, and plans and commits each guest as ever, into memory that maps
 * files (PVHLOAD_RAM_SLOT_MAP of the stock backends, or pvhload_memory_ops::map_file): each guest then has the pages of
 * one file, until it writes to one and gets a copy of that.  Where each guest is a process of its own, a parent hands
 * them the descriptor, and each opens that as its image, by pvhload_source_fd(): it is an ELF file or a flat Image as any
 * other.
 *
 * The file is a memfd, sealed: no process can write to it or change its size, not even the one that made it, so mapping it
 * is never a SIGBUS, and no guest sees what another has written.  While it is made, Linux gives it each page as that is
 * written: a host that has no memory left kills a process, as after malloc(), or, with vm.overcommit_memory set to 2, sends
 * this one a SIGBUS.
 *
 * Units: bytes.
 *
 * @par Ownership and threads
 * As for decoding, see pvhload_image_decode(): any thread may share an image that others use; if several do at once, each
 * does the work, and one result is kept.
 *
 * @par ABI source
 * Linux, memfd_create(2) and fcntl(2), "File Sealing".
 *
 * @since 0.3
 */
#ifndef PVHLOAD_IMAGE_SHARE_H
#define PVHLOAD_IMAGE_SHARE_H

#include <pvhload/image.h>

PVHLOAD_BEGIN_DECLS

/**
 * Decode an image down to its kernel, as pvhload_image_decode() does level by level, the kernel into a sealed memfd.
 *
 * What is planned or loaded of the image from here on has its kernel from that file.  If the kernel is there already and
 * decoded, or needs no decoding, its bytes are copied to the memfd; what was decoded stays in memory as well, so share an
 * image before it is planned.  An image that is shared is left as it is, and so is a kernel whose source is a sealed memfd
 * by itself, from its first byte on and without holes.  The file takes as many bytes as the kernel has decoded, in memory,
 * until the image and the last plan of it are gone, or pvhload_image_drop_payload() drops it.
 *
 * @param[in,out] image  The image.  On failure it may have been decoded, and is as it was otherwise.
 * @param[out]    err    May be NULL.  Filled on failure only; as of pvhload_image_decode().
 *
 * @retval PVHLOAD_OK             Shared.
 * @retval PVHLOAD_E_USAGE        @p image is NULL or @p err has a wrong @c struct_size.
 * @retval PVHLOAD_E_NO_MEMORY    No host memory.
 * @retval PVHLOAD_E_CANCELLED    The image's progress callback ended the call.
 * @retval PVHLOAD_E_CALLBACK     @c run of the image's pool failed.
 * @retval PVHLOAD_E_SOURCE       The bytes cannot be read, or have changed since the image was opened; or there is no
 *                                descriptor for the memfd, it would be larger than RLIMIT_FSIZE, or it cannot be sealed.
 * @retval PVHLOAD_E_FORMAT       As of pvhload_image_decode().
 * @retval PVHLOAD_E_UNSUPPORTED  The system has no memfd that can be sealed; or as of pvhload_image_decode().
 * @retval PVHLOAD_E_MALFORMED    As of pvhload_image_decode().
 * @retval PVHLOAD_E_LIMIT        As of pvhload_image_decode(); or what is to be copied is more than @c decode_limit.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status pvhload_image_share(struct pvhload_image *image,
								      struct pvhload_error *err);

/**
 * The sealed memfd that an image's kernel is in.
 *
 * @param[in] image  The image.
 * @return           The descriptor, close-on-exec; -1 if the image is not shared, or NULL.  The kernel begins at the
 *                   file's first byte.
 *
 * @par Ownership and threads
 * Belongs to @p image: do not close it; valid as long as what pvhload_image_payload() gives.  Duplicate it for longer, or
 * for another process.
 */
PVHLOAD_API int pvhload_image_shared_fd(const struct pvhload_image *image);

PVHLOAD_END_DECLS

#endif
