/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * For tests/msan.sh alone: what libraries that are not instrumented write is made known to the memory sanitizer.  Each
 * call here is linked in the place of the library's own, by ld's --wrap, for which the script takes the names from this
 * file's object.  It says of those bytes alone that they are initialized which the library says it has written, and checks
 * that those which it has consumed were.
 *
 * The C library's calls are known to the sanitizer, also where these libraries make them: so what libfdt moves stays as
 * initialized as it was, and only what it stores itself is named.
 */
#include <bzlib.h>
#include <libdeflate.h>
#include <libfdt.h>
#include <lz4.h>
#include <lz4frame.h>
#include <lz4hc.h>
#include <lzma.h>
#include <lzo/lzo1x.h>
#include <sanitizer/msan_interface.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

/* The library's call, and the one that is linked instead. */
#define WRAP(type, name, ...)            \
	type __real_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__)

static void was_read(const void *bytes, size_t size)
{
	__msan_check_mem_is_initialized(bytes, size);
}

static void was_written(const volatile void *bytes, size_t size)
{
	__msan_unpoison(bytes, size);
}

/* libc, of which the runtime of some versions of clang does not know these. */

#define WRAP_STAT(name, type)                              \
	WRAP(int, name, type of, struct stat *ret)         \
	{                                                  \
		const int result = __real_##name(of, ret); \
                                                           \
		if (result == 0)                           \
			was_written(ret, sizeof(*ret));    \
		return result;                             \
	}

WRAP_STAT(fstat, int)
WRAP_STAT(fstat64, int)
WRAP_STAT(stat, const char *)
WRAP_STAT(stat64, const char *)

/* zlib, libdeflate */

WRAP(int, inflate, z_streamp z, int flush)
{
	const Bytef *in = z->next_in;
	Bytef *out = z->next_out;
	const int result = __real_inflate(z, flush);

	was_read(in, (size_t)(z->next_in - in));
	was_written(out, (size_t)(z->next_out - out));
	return result;
}

WRAP(enum libdeflate_result, libdeflate_gzip_decompress_ex,
     struct libdeflate_decompressor *decompressor, const void *in, size_t in_size, void *out,
     size_t room, size_t *taken, size_t *made)
{
	const enum libdeflate_result result =
		__real_libdeflate_gzip_decompress_ex(decompressor, in, in_size, out, room, taken,
						     made);

	if (result != LIBDEFLATE_SUCCESS)
		return result;
	was_written(taken, sizeof(*taken));
	if (made)
		was_written(made, sizeof(*made));
	was_read(in, *taken);
	was_written(out, made ? *made : room);
	return result;
}

/* zstd */

/* Failing, it does not say what it has written; but what was initialized before still is, whatever it has copied there. */
WRAP(size_t, ZSTD_decompress, void *out, size_t room, const void *in, size_t in_size)
{
	const bool initialized = __msan_test_shadow(out, room) < 0;
	const size_t made = __real_ZSTD_decompress(out, room, in, in_size);

	was_read(in, in_size);
	if (!ZSTD_isError(made))
		was_written(out, made);
	else if (initialized)
		was_written(out, room);
	return made;
}

WRAP(size_t, ZSTD_decompressStream, ZSTD_DStream *context, ZSTD_outBuffer *out, ZSTD_inBuffer *in)
{
	const size_t in_before = in->pos, out_before = out->pos;
	const size_t result = __real_ZSTD_decompressStream(context, out, in);

	was_read((const char *)in->src + in_before, in->pos - in_before);
	was_written((char *)out->dst + out_before, out->pos - out_before);
	return result;
}

/* LZ4 */

WRAP(int, LZ4_decompress_safe, const char *in, char *out, int in_size, int room)
{
	const int made = __real_LZ4_decompress_safe(in, out, in_size, room);

	was_read(in, (size_t)in_size);
	if (made > 0)
		was_written(out, (size_t)made);
	return made;
}

WRAP(int, LZ4_decompress_safe_partial, const char *in, char *out, int in_size, int wanted, int room)
{
	const int made = __real_LZ4_decompress_safe_partial(in, out, in_size, wanted, room);

	was_read(in, (size_t)in_size);
	if (made > 0)
		was_written(out, (size_t)made);
	return made;
}

WRAP(LZ4F_errorCode_t, LZ4F_createDecompressionContext, LZ4F_dctx **ret, unsigned int version)
{
	const LZ4F_errorCode_t result = __real_LZ4F_createDecompressionContext(ret, version);

	was_written(ret, sizeof(*ret));
	return result;
}

WRAP(size_t, LZ4F_decompress, LZ4F_dctx *context, void *out, size_t *room_made, const void *in,
     size_t *size_taken, const LZ4F_decompressOptions_t *options)
{
	const size_t result =
		__real_LZ4F_decompress(context, out, room_made, in, size_taken, options);

	was_read(in, *size_taken);
	if (!LZ4F_isError(result))
		was_written(out, *room_made);
	return result;
}

/* xz, lzma, bzip2, LZO */

WRAP(lzma_ret, lzma_code, lzma_stream *z, lzma_action action)
{
	const uint8_t *in = z->next_in;
	uint8_t *out = z->next_out;
	lzma_ret result;

	/* It hands its own memory to memcmp(). */
	__msan_scoped_disable_interceptor_checks();
	result = __real_lzma_code(z, action);
	__msan_scoped_enable_interceptor_checks();
	was_read(in, (size_t)(z->next_in - in));
	was_written(out, (size_t)(z->next_out - out));
	return result;
}

WRAP(int, BZ2_bzDecompress, bz_stream *b)
{
	const char *in = b->next_in;
	char *out = b->next_out;
	const int result = __real_BZ2_bzDecompress(b);

	was_read(in, (size_t)(b->next_in - in));
	was_written(out, (size_t)(b->next_out - out));
	return result;
}

WRAP(int, lzo1x_decompress_safe, const lzo_bytep in, lzo_uint in_size, lzo_bytep out,
     lzo_uintp size, lzo_voidp memory)
{
	const int result = __real_lzo1x_decompress_safe(in, in_size, out, size, memory);

	was_read(in, in_size);
	if (result == LZO_E_OK)
		was_written(out, *size);
	return result;
}

/* The encoders, which tests alone use: all that they have made. */

WRAP(int, deflate, z_streamp z, int flush)
{
	Bytef *out = z->next_out;
	const int result = __real_deflate(z, flush);

	was_written(out, (size_t)(z->next_out - out));
	return result;
}

WRAP(size_t, ZSTD_compress2, ZSTD_CCtx *context, void *out, size_t room, const void *in,
     size_t in_size)
{
	const size_t made = __real_ZSTD_compress2(context, out, room, in, in_size);

	if (!ZSTD_isError(made))
		was_written(out, made);
	return made;
}

WRAP(int, LZ4_compress_HC, const char *in, char *out, int in_size, int room, int level)
{
	const int made = __real_LZ4_compress_HC(in, out, in_size, room, level);

	was_written(out, (size_t)made);
	return made;
}

WRAP(size_t, LZ4F_compressFrame, void *out, size_t room, const void *in, size_t in_size,
     const LZ4F_preferences_t *preferences)
{
	const size_t made = __real_LZ4F_compressFrame(out, room, in, in_size, preferences);

	if (!LZ4F_isError(made))
		was_written(out, made);
	return made;
}

WRAP(lzma_bool, lzma_lzma_preset, lzma_options_lzma *options, uint32_t preset)
{
	const lzma_bool failed = __real_lzma_lzma_preset(options, preset);

	if (!failed)
		was_written(options, sizeof(*options));
	return failed;
}

WRAP(int, BZ2_bzBuffToBuffCompress, char *out, unsigned int *size, char *in, unsigned int in_size,
     int blocks, int verbosity, int work)
{
	const int result =
		__real_BZ2_bzBuffToBuffCompress(out, size, in, in_size, blocks, verbosity, work);

	if (result == BZ_OK)
		was_written(out, *size);
	return result;
}

/* libcheck, which writes its own memory and hands it to libc; not all programs have it. */

#pragma weak __real_emalloc
#pragma weak __real_erealloc

WRAP(void *, emalloc, size_t size)
{
	void *memory = __real_emalloc(size);

	was_written(memory, size);
	return memory;
}

WRAP(void *, erealloc, void *old, size_t size)
{
	void *memory = __real_erealloc(old, size);

	was_written(memory, size);
	return memory;
}

/* libfdt */

#define TAG sizeof(fdt32_t)

static int stored_header(void *tree, int result)
{
	if (result >= 0)
		was_written(tree, sizeof(struct fdt_header));
	return result;
}

/* Tag, length and name of the property whose value is at @value; the value is who calls' to write. */
static void stored_property(const void *value)
{
	const size_t before = offsetof(struct fdt_property, data);

	was_written((const char *)value - before, before);
}

WRAP(int, fdt_open_into, const void *from, void *tree, int room)
{
	return stored_header(tree, __real_fdt_open_into(from, tree, room));
}

WRAP(int, fdt_pack, void *tree)
{
	return stored_header(tree, __real_fdt_pack(tree));
}

WRAP(int, fdt_del_node, void *tree, int node)
{
	return stored_header(tree, __real_fdt_del_node(tree, node));
}

/* Its tag, and the one that ends it after the name, which libfdt sets and copies by libc's calls. */
WRAP(int, fdt_add_subnode, void *tree, int parent, const char *name)
{
	const int node = stored_header(tree, __real_fdt_add_subnode(tree, parent, name));

	if (node >= 0) {
		char *at = (char *)tree + fdt_off_dt_struct(tree) + node;

		was_written(at, TAG);
		was_written(at + TAG + (strlen(name) + TAG) / TAG * TAG, TAG);
	}
	return node;
}

WRAP(int, fdt_setprop_placeholder, void *tree, int node, const char *name, int size, void **ret)
{
	const int result =
		stored_header(tree, __real_fdt_setprop_placeholder(tree, node, name, size, ret));

	if (result >= 0) {
		was_written(ret, sizeof(*ret));
		stored_property(*ret);
	}
	return result;
}

WRAP(int, fdt_setprop, void *tree, int node, const char *name, const void *value, int size)
{
	const int result = stored_header(tree, __real_fdt_setprop(tree, node, name, value, size));

	if (result >= 0)
		stored_property(fdt_getprop(tree, node, name, NULL));
	return result;
}

WRAP(const void *, fdt_getprop, const void *tree, int node, const char *name, int *size)
{
	const void *value = __real_fdt_getprop(tree, node, name, size);

	if (size)
		was_written(size, sizeof(*size));
	return value;
}
