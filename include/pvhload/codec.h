/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * The codecs that kernel payloads, and whole kernel files, are compressed with.
 *
 * ABI source: Linux, Documentation/arch/x86/boot.rst; LZO is not listed there, but the kernel builds
 * it (lib/decompress.c).
 */
#ifndef PVHLOAD_CODEC_H
#define PVHLOAD_CODEC_H

#include <stdint.h>

#include <pvhload/macros.h>

PVHLOAD_BEGIN_DECLS

/** Codecs. */
#define PVHLOAD_CODEC_NONE    0u /**< no payload, or one that is not compressed */
#define PVHLOAD_CODEC_GZIP    1u
#define PVHLOAD_CODEC_BZIP2   2u
#define PVHLOAD_CODEC_LZMA    3u
#define PVHLOAD_CODEC_XZ      4u
#define PVHLOAD_CODEC_LZO     5u
#define PVHLOAD_CODEC_LZ4     6u
#define PVHLOAD_CODEC_ZSTD    7u
#define PVHLOAD_CODEC_UNKNOWN 255u /**< a payload whose first bytes match no known codec */

/**
 * Limits on the host memory that a decoder takes besides its input and output, in bytes.  The other
 * decoders take no more than 10 MiB.
 */
#define PVHLOAD_LZMA_MEMORY_MAX (192u << 20) /**< lzma and xz: the dictionary, and the rest */
#define PVHLOAD_ZSTD_WINDOW_MAX (128u << 20) /**< zstd: the window, of a whole file */

/**
 * The name of a codec, for people and scripts: "zstd".
 *
 * @param[in] codec  PVHLOAD_CODEC_*.
 * @return           The name, or "unknown".  Never NULL.
 *
 * @par Ownership and threads
 * The text is constant and lives as long as the library is loaded.  Any thread may call this.
 *
 * @since 0.1
 */
PVHLOAD_API const char *pvhload_codec_name(uint32_t codec);

PVHLOAD_END_DECLS

#endif
