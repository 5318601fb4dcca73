/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The head of a file.  The payload of a bzImage is after its real-mode code, about 20 KiB, so more than the head is read from
 * a file that may be one: one system call then has the magic of the payload as well.  Nothing else of it is kept.
 */
#include "codec/codec.h"
#include "core/blocks.h"
#include "core/checked.h"
#include "core/libc.h"
#include "image/format.h"
#include "image/image.h"

_Static_assert(PVL_HEAD_SIZE <= PVL_STACK_BLOCK, "the head is in the first block");
_Static_assert(PVL_HEAD_MORE >= PVL_CODEC_MAGIC_MAX, "there is room for any magic");

/* Larger files are seldom bzImages, and all but the head would be read for nothing. */
#define BZIMAGE_USUAL_MAX (32u << 20)

struct job {
	const struct pvl_source *source;
	struct pvl_head *head;
	struct pvl_blocks blocks;
};

/* Byte @at of the source, which has been read. */
static uint8_t byte_at(const struct job *job, uint64_t at)
{
	const uint8_t *block = job->blocks.at[at / PVL_STACK_BLOCK];

	return block[at % PVL_STACK_BLOCK];
}

/* Of the @size bytes that were read. */
static void keep_magic(const struct job *job, uint64_t size)
{
	struct pvl_head *head = job->head;
	uint64_t at;

	if (!pvl_format_payload_at((struct pvl_span){ head->bytes, head->size }, &at))
		return;
	head->more_at = at;
	while (head->more_size < PVL_HEAD_MORE && at < size)
		head->more[head->more_size++] = byte_at(job, at++);
}

static enum pvhload_status read_in_blocks(void *user, struct pvhload_error *err)
{
	struct job *job = user;
	struct pvl_head *head = job->head;
	const uint64_t size = pvl_source_scatter(job->source, &job->blocks);

	if (size < head->size)
		return pvl_source_read(job->source, 0, head->bytes, head->size, err);
	memcpy(head->bytes, job->blocks.at[0], head->size);
	keep_magic(job, size);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_head_read(const struct pvl_source *source, struct pvl_head *ret,
				  struct pvhload_error *err)
{
	struct job job = { .source = source, .head = ret, .blocks.count = PVL_BLOCKS_MAX };

	if (source->length > BZIMAGE_USUAL_MAX)
		job.blocks.count = 1;
	ret->size = (size_t)pvl_min_u64(source->length, PVL_HEAD_SIZE);
	ret->more_at = 0;
	ret->more_size = 0;
	for (size_t i = 0; i < PVL_BLOCKS_MAX; i++)
		job.blocks.sizes[i] = PVL_STACK_BLOCK;
	return pvl_with_blocks(&job.blocks, read_in_blocks, &job, err);
}

enum pvhload_status pvl_image_fetch(const struct pvhload_image *image, const struct pvl_head *head,
				    uint64_t offset, void *dst, uint64_t len,
				    struct pvhload_error *err)
{
	const struct pvl_span first = { head->bytes, head->size };
	const struct pvl_span more = { head->more, head->more_size };
	struct pvl_span bytes;

	if (!pvl_span_sub(first, offset, len, &bytes) &&
	    (offset < head->more_at || !pvl_span_sub(more, offset - head->more_at, len, &bytes)))
		return pvl_source_read(&image->source, offset, dst, len, err);
	memcpy(dst, bytes.data, bytes.size);
	return PVHLOAD_OK;
}
