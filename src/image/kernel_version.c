/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The kernel's version text. */
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "image/image.h"

#define TEXT_MAX   512u       /* no version text is longer */
#define CHUNK_SIZE (1u << 20) /* searched at a time */

static const char banner[] = "Linux version ";
#define BANNER_SIZE (sizeof(banner) - 1)

/* Up to a NUL or newline; bytes that could disturb a terminal become '?'. */
static size_t clean(const uint8_t *bytes, size_t size, char *text)
{
	size_t n;

	for (n = 0; n < size && n < TEXT_MAX - 1 && bytes[n] != 0 && bytes[n] != '\n'; n++)
		text[n] = (char)(bytes[n] >= 0x20 && bytes[n] < 0x7f ? bytes[n] : '?');
	text[n] = '\0';
	return n;
}

static enum pvhload_status no_text(struct pvhload_error *err)
{
	return pvl_fail(err, PVHLOAD_E_NOT_FOUND, PVL_ANYWHERE, "the image has no version text");
}

/* In the banner a number follows; the kernel also has these words without one. */
static const uint8_t *find_banner(const uint8_t *bytes, size_t size)
{
	const uint8_t *at = bytes;

	while ((at = memmem(at, size - (size_t)(at - bytes), banner, BANNER_SIZE)) != NULL) {
		at += BANNER_SIZE;
		if (at < bytes + size && *at >= '0' && *at <= '9')
			return at;
	}
	return NULL;
}

/*
 * Search one segment's bytes; PVHLOAD_E_NOT_FOUND does not fill @err.  Chunks overlap by what a
 * text that starts in one may need.
 */
static enum pvhload_status search(const struct pvhload_image *image,
				  const struct pvhload_image_segment *segment, uint64_t *budget,
				  uint8_t *chunk, char *text, struct pvhload_error *err)
{
	uint64_t done = 0;

	while (*budget > 0 && done < segment->file_size) {
		const uint64_t left = segment->file_size - done;
		const size_t n = (size_t)pvl_min_u64(left, CHUNK_SIZE + TEXT_MAX);
		const uint8_t *at;

		PVL_TRY(pvl_source_read(&image->source, segment->offset + done, chunk, n, err));
		at = find_banner(chunk, n);
		if (at && ((size_t)(at - chunk) < CHUNK_SIZE + BANNER_SIZE || n == left))
			return clean(at, n - (size_t)(at - chunk), text) ? PVHLOAD_OK
									 : PVHLOAD_E_NOT_FOUND;
		done += pvl_min_u64(left, CHUNK_SIZE);
		*budget -= pvl_min_u64(*budget, pvl_min_u64(left, CHUNK_SIZE));
	}
	return PVHLOAD_E_NOT_FOUND;
}

/* What of the image is searched: an ELF file's segments, a flat Image's file; NULL after the last. */
static const struct pvhload_image_segment *searched(const struct pvhload_image *image, size_t i,
						    struct pvhload_image_segment *whole)
{
	if (i < image->elf.segment_count)
		return &image->segments[i];
	whole->file_size = image->source.length;
	return image->info.flat && i == 0 ? whole : NULL;
}

/* Search all of that; PVHLOAD_E_NOT_FOUND does not fill @err. */
static enum pvhload_status search_all(const struct pvhload_image *image, uint64_t most, char *text,
				      struct pvhload_error *err)
{
	struct pvhload_image_segment whole = { .offset = 0 };
	const struct pvhload_image_segment *segment;
	/* Segments may share bytes; all of them together have no more than the image. */
	uint64_t budget = pvl_min_u64(image->source.length, most);
	enum pvhload_status status = PVHLOAD_E_NOT_FOUND;
	const size_t room = (size_t)pvl_min_u64(image->source.length, CHUNK_SIZE + TEXT_MAX);
	uint8_t *chunk = malloc(room);

	if (!chunk)
		return pvl_fail_no_memory(err, room);
	for (size_t i = 0;
	     status == PVHLOAD_E_NOT_FOUND && (segment = searched(image, i, &whole)) != NULL; i++)
		status = search(image, segment, &budget, chunk, text, err);
	free(chunk);
	return status;
}

static enum pvhload_status from_bytes(const struct pvhload_image *image, char *text,
				      struct pvhload_error *err)
{
	const enum pvhload_status status = search_all(image, PVHLOAD_VERSION_SEARCH_MAX, text, err);

	return status == PVHLOAD_E_NOT_FOUND ? no_text(err) : status;
}

enum pvhload_status pvl_image_has_banner(const struct pvhload_image *image, bool *ret,
					 struct pvhload_error *err)
{
	char text[TEXT_MAX];
	const enum pvhload_status status =
		search_all(image, PVHLOAD_LINUX_SIGN_SEARCH_MAX, text, err);

	*ret = status == PVHLOAD_OK;
	return status == PVHLOAD_E_NOT_FOUND ? PVHLOAD_OK : status;
}

static enum pvhload_status from_header(const struct pvhload_image *image, char *text,
				       struct pvhload_error *err)
{
	const uint64_t at = image->version_offset;
	uint8_t bytes[TEXT_MAX];
	size_t n;

	if (at == 0 || at >= image->source.length)
		return no_text(err);
	n = (size_t)pvl_min_u64(image->source.length - at, sizeof(bytes));
	PVL_TRY(pvl_source_read(&image->source, at, bytes, n, err));
	return clean(bytes, n, text) > 0 ? PVHLOAD_OK : no_text(err);
}

enum pvhload_status pvhload_image_kernel_version(const struct pvhload_image *image, char *text,
						 size_t capacity, struct pvhload_error *err)
{
	char found[TEXT_MAX];
	size_t size;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!image || !text)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "a pointer is NULL");
	PVL_TRY(image->info.bzimage ? from_header(image, found, err)
				    : from_bytes(image, found, err));
	size = strlen(found) + 1;
	if (size > capacity)
		return pvl_fail(err, PVHLOAD_E_CAPACITY, PVL_ANYWHERE,
				"the version text takes %zu bytes, there are %zu", size, capacity);
	memcpy(text, found, size);
	return PVHLOAD_OK;
}
