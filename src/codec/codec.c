/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * ABI source of the magics: Linux, Documentation/arch/x86/boot.rst and lib/decompress.c; for files,
 * also the LZ4 frame format description, and RFC 8878 section 3.1.2 for skippable frames, which
 * Zstandard and LZ4 share.
 */
#include "codec/codec.h"

#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"

#ifdef PVL_HAVE_GZIP
#define GZIP_OPS &pvl_gzip_ops
#else
#define GZIP_OPS NULL
#endif
#ifdef PVL_HAVE_BZIP2
#define BZIP2_OPS &pvl_bzip2_ops
#else
#define BZIP2_OPS NULL
#endif
#ifdef PVL_HAVE_LZMA
#define LZMA_OPS &pvl_lzma_ops
#define XZ_OPS   &pvl_xz_ops
#else
#define LZMA_OPS NULL
#define XZ_OPS   NULL
#endif
#ifdef PVL_HAVE_LZO
#define LZO_OPS &pvl_lzo_ops
#else
#define LZO_OPS NULL
#endif
#ifdef PVL_HAVE_LZ4
#define LZ4_OPS       &pvl_lz4_ops
#define LZ4_FRAME_OPS &pvl_lz4_frame_ops
#else
#define LZ4_OPS       NULL
#define LZ4_FRAME_OPS NULL
#endif
#ifdef PVL_HAVE_ZSTD
#define ZSTD_OPS &pvl_zstd_ops
#else
#define ZSTD_OPS NULL
#endif

#define SKIPPABLE_MAGIC 0x184d2a50u /* and the 15 after it */
#define SKIPPABLE_MASK  0xfffffff0u

static const struct pvl_codec codecs[] = {
	{ PVHLOAD_CODEC_GZIP, "gzip", "\x1f\x8b", 2, GZIP_OPS, false, false },
	{ PVHLOAD_CODEC_BZIP2, "bzip2", "BZh", 3, BZIP2_OPS, false, false },
	{ PVHLOAD_CODEC_LZMA, "lzma", "\x5d\x00\x00", 3, LZMA_OPS, false, false },
	{ PVHLOAD_CODEC_XZ, "xz", "\xfd\x37zXZ\x00", 6, XZ_OPS, false, false },
	{ PVHLOAD_CODEC_LZO, "lzo", "\x89LZO\x00\r\n\x1a\n", 9, LZO_OPS, false, false },
	{ PVHLOAD_CODEC_LZ4, "lz4", "\x02\x21\x4c\x18", 4, LZ4_OPS, false, false },
	{ PVHLOAD_CODEC_LZ4, "lz4", "\x04\x22\x4d\x18", 4, LZ4_FRAME_OPS, true, true },
	{ PVHLOAD_CODEC_ZSTD, "zstd", "\x28\xb5\x2f\xfd", 4, ZSTD_OPS, false, true },
};

static const struct pvl_codec *find_magic(struct pvl_span head, bool file)
{
	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++)
		if ((file || !codecs[i].file_only) && head.size >= codecs[i].magic_size &&
		    memcmp(head.data, codecs[i].magic, codecs[i].magic_size) == 0)
			return &codecs[i];
	return NULL;
}

/* Move *@at after the skippable frames there; false if the file ends within one. */
static bool skip_frames(struct pvl_span bytes, uint64_t *at)
{
	uint32_t magic, size;

	while (pvl_span_le32(bytes, *at, &magic) && (magic & SKIPPABLE_MASK) == SKIPPABLE_MAGIC) {
		if (!pvl_span_le32(bytes, *at + 4, &size) || size > bytes.size - *at - 8)
			return false;
		*at += 8 + (uint64_t)size;
	}
	return true;
}

const struct pvl_codec *pvl_codec_find(struct pvl_span head)
{
	return find_magic(head, false);
}

const struct pvl_codec *pvl_codec_find_file(struct pvl_span head)
{
	const struct pvl_codec *codec;
	struct pvl_span rest;
	uint64_t at = 0;

	if (!skip_frames(head, &at) || !pvl_span_sub(head, at, head.size - at, &rest))
		return NULL;
	codec = find_magic(rest, true);
	return codec && at > 0 && !codec->skippable ? NULL : codec;
}

/* How payloads of the codec are decoded; NULL if they are not. */
static const struct pvl_codec_ops *payload_ops(uint32_t id)
{
	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++)
		if (codecs[i].id == id && !codecs[i].file_only)
			return codecs[i].ops;
	return NULL;
}

bool pvl_codec_feeds(uint32_t id)
{
	const struct pvl_codec_ops *ops = payload_ops(id);

	return ops && ops->feeds;
}

size_t pvl_codec_peek_room(uint32_t id)
{
	const struct pvl_codec_ops *ops = payload_ops(id);
	size_t block = 0;

	if (ops)
		block = ops->peek ? ops->peek_room : ops->block_max;
	return block > PVL_PEEK_ENOUGH ? block : PVL_PEEK_ENOUGH;
}

const char *pvhload_codec_name(uint32_t codec)
{
	if (codec == PVHLOAD_CODEC_NONE)
		return "none";
	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++)
		if (codecs[i].id == codec)
			return codecs[i].name;
	return "unknown";
}

static enum pvhload_status left_out(const struct pvl_codec *codec, struct pvl_stream stream,
				    const char *what, struct pvhload_error *err)
{
	return pvl_fail(err, PVHLOAD_E_UNSUPPORTED, PVL_AT(stream.offset),
			"%s %s: this build of the library has no %s decoder", codec->name, what,
			codec->name);
}

/* Prefix the message with the codec and @what, unless it is about the caller's callbacks or source, and not the stream. */
static enum pvhload_status failed(const struct pvl_codec *codec, const char *what,
				  enum pvhload_status status, struct pvhload_error *err)
{
	if (status == PVHLOAD_E_CANCELLED || status == PVHLOAD_E_CALLBACK ||
	    status == PVHLOAD_E_SOURCE)
		return status;
	return pvl_fail_in(err, status, "%s %s", codec->name, what);
}

static enum pvhload_status decode_exactly(const struct pvl_codec *codec, struct pvl_stream stream,
					  struct pvl_output *output, struct pvhload_error *err)
{
	uint64_t at = 0;

	PVL_TRY(pvl_work_begin(&output->work, err));
	PVL_TRY(pvl_stream_decode(codec->ops, stream, &at, output, err));
	if (output->used != output->size)
		return pvl_stream_too_short(stream, at, output, err);
	return pvl_work_end(&output->work, err);
}

/* None that is past the end: so room up to it is a number of bytes. */
static void use_move_down(struct pvl_output *output, const struct pvl_codec_ops *ops,
			  const struct pvl_callbacks *callbacks)
{
	const struct pvl_move_down *move = callbacks ? callbacks->move_down : NULL;

	output->move_down = move && ops->apart && move->at < output->size ? move : NULL;
}

static void use_callbacks(struct pvl_output *output, const struct pvl_callbacks *callbacks)
{
	if (!callbacks)
		return;
	output->work.progress = callbacks->progress;
	if (callbacks->pool && callbacks->pool->run)
		output->pool = callbacks->pool;
}

enum pvhload_status pvl_codec_decode(const struct pvl_codec *codec, struct pvl_stream stream,
				     uint8_t *data, size_t size,
				     const struct pvl_callbacks *callbacks,
				     struct pvhload_error *err)
{
	struct pvl_output output = { .data = data,
				     .size = size,
				     .work = { .phase = PVHLOAD_PROGRESS_DECODE, .total = size } };
	enum pvhload_status status;

	if (!codec->ops)
		return left_out(codec, stream, "payload", err);
	use_callbacks(&output, callbacks);
	use_move_down(&output, codec->ops, callbacks);
	status = decode_exactly(codec, stream, &output, err);
	return failed(codec, "payload", status, err);
}

size_t pvl_codec_peek(const struct pvl_codec *codec, struct pvl_stream stream, uint8_t *dst,
		      size_t size)
{
	return codec->ops ? pvl_stream_peek(codec->ops, stream, dst, size) : 0;
}

/* Move *@at to the next stream of the file, or to its end. */
static enum pvhload_status next_stream(const struct pvl_codec *codec, struct pvl_stream stream,
				       uint64_t *at, struct pvhload_error *err)
{
	struct pvl_span rest;

	if (codec->skippable && !skip_frames(stream.bytes, at))
		return pvl_stream_truncated(stream, err);
	/* Files are padded with zeros where their size has to be a multiple of something. */
	rest = (struct pvl_span){ stream.bytes.data + *at, stream.bytes.size - (size_t)*at };
	while (rest.size > 0 && rest.data[0] == 0) {
		rest.data++;
		rest.size--;
	}
	if (rest.size == 0)
		*at = stream.bytes.size;
	else if (find_magic(rest, true) == codec)
		*at = stream.bytes.size - rest.size;
	else
		return pvl_stream_corrupt(stream, stream.bytes.size - rest.size,
					  "what follows the end of the stream is not another", err);
	return PVHLOAD_OK;
}

static enum pvhload_status decode_streams(const struct pvl_codec *codec, struct pvl_stream stream,
					  struct pvl_output *output, struct pvhload_error *err)
{
	unsigned int count = 0;
	uint64_t at = 0;

	PVL_TRY(pvl_work_begin(&output->work, err));
	if (codec->skippable)
		(void)skip_frames(stream.bytes, &at);
	pvl_output_expect(output, codec->ops, stream);
	do {
		if (count++ == PVL_CODEC_STREAMS_MAX)
			return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_AT(stream.offset + at),
					"it is joined of more than %u streams",
					PVL_CODEC_STREAMS_MAX);
		PVL_TRY(pvl_stream_decode(codec->ops, stream, &at, output, err));
		PVL_TRY(next_stream(codec, stream, &at, err));
	} while (at < stream.bytes.size);
	return pvl_work_end(&output->work, err);
}

enum pvhload_status pvl_codec_decode_file(const struct pvl_codec *codec, struct pvl_stream stream,
					  uint64_t most, const char *limit_name,
					  const struct pvl_callbacks *callbacks, uint8_t **ret,
					  size_t *ret_size, struct pvhload_error *err)
{
	struct pvl_output output = { .grows = true,
				     .most = pvl_min_u64(most, SIZE_MAX),
				     .limit_name = limit_name,
				     .work = { .phase = PVHLOAD_PROGRESS_DECODE } };
	enum pvhload_status status;
	uint8_t *fitted;

	if (!codec->ops)
		return left_out(codec, stream, "file", err);
	use_callbacks(&output, callbacks);
	status = decode_streams(codec, stream, &output, err);
	if (status != PVHLOAD_OK) {
		free(output.data);
		return failed(codec, "file", status, err);
	}
	/* Shrink the buffer to its content.  If that fails, it stays as it is. */
	fitted = output.used > 0 ? realloc(output.data, output.used) : NULL;
	*ret = fitted ? fitted : output.data;
	*ret_size = output.used;
	return PVHLOAD_OK;
}
