/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * pvhload extract: the payload as the kernel build compressed it, or an image without one as it is;
 * of a file compressed as a whole, the same of what it decodes to; of a UKI, the same of its kernel, or a section.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input.h"
#include "options.h"
#include "output.h"
#include "verbs.h"

#define CHUNK (1u << 20)

static int copy(const char *path, const struct pvhload_image *image, uint64_t offset, uint64_t size,
		struct output *out)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	uint8_t *chunk = malloc(CHUNK);
	int result = TOOL_DONE;

	if (!chunk)
		return tool_fail(path, "no memory");
	for (uint64_t at = 0; at < size && result == TOOL_DONE; at += CHUNK) {
		const size_t n = size - at < CHUNK ? (size_t)(size - at) : CHUNK;

		if (pvhload_image_read(image, offset + at, chunk, n, &err) != PVHLOAD_OK)
			result = tool_fail(path, "%s", err.message);
		else
			result = output_write(out, chunk, n);
	}
	free(chunk);
	return result;
}

/* Decode down to the innermost image, *@ret. */
static bool innermost(struct pvhload_image *image, const struct pvhload_image **ret,
		      struct pvhload_error *err)
{
	while (image) {
		if (pvhload_image_decode(image, err) != PVHLOAD_OK)
			return false;
		*ret = image;
		image = pvhload_image_payload(image);
	}
	return true;
}

/* Where its payload is, a bzImage before 2.08 does not say. */
static bool hides_payload(const struct pvhload_image_info *info)
{
	return info->bzimage && info->part_count == 0 && info->bzimage->boot_protocol < 0x208;
}

/* Search for it: @place, and its decoded bytes, to be freed; NULL with a message printed. */
static uint8_t *search(const char *path, const struct pvhload_image *image,
		       struct pvhload_image_payload_place *place)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	uint8_t *bytes;

	if (pvhload_image_search_payload(image, place, NULL, 0, &err) != PVHLOAD_OK) {
		tool_fail_with(path, &err);
		return NULL;
	}
	bytes = malloc((size_t)place->decoded_size);
	if (!bytes) {
		tool_fail(path, "no memory");
		return NULL;
	}
	if (pvhload_image_search_payload(image, place, bytes, (size_t)place->decoded_size, &err) ==
	    PVHLOAD_OK)
		return bytes;
	tool_fail_with(path, &err);
	free(bytes);
	return NULL;
}

static int open_output(const struct options *o, struct output *out)
{
	return strcmp(o->output, "-") == 0 ? output_open_standard(out)
					   : output_open(out, o->output);
}

static int write_hidden(const struct options *o, const struct pvhload_image *image)
{
	struct pvhload_image_payload_place place = PVHLOAD_IMAGE_PAYLOAD_PLACE_INIT;
	uint8_t *bytes = search(o->operand, image, &place);
	struct output out;
	int result;

	if (!bytes)
		return TOOL_FAILED;
	result = open_output(o, &out);
	if (result == TOOL_DONE)
		result = output_close(&out, output_write(&out, bytes, (size_t)place.decoded_size));
	free(bytes);
	return result;
}

static int write_out(const struct options *o, const struct pvhload_image *image)
{
	struct output out;

	if (hides_payload(pvhload_image_get_info(image)))
		return write_hidden(o, image);
	TOOL_TRY(open_output(o, &out));
	return output_close(&out,
			    copy(o->operand, image, 0, pvhload_image_get_info(image)->size, &out));
}

/* The part that the profile has, or NULL with a message printed. */
static const struct pvhload_image_part *find_part(const struct options *o, uint32_t kind,
						  const struct pvhload_image *image)
{
	const struct pvhload_image_part *part = pvhload_image_find_part(image, kind, o->profile);
	const struct pvhload_image_uki *uki = pvhload_image_get_info(image)->uki;

	if (!part && uki && o->profile >= uki->profile_count)
		(void)tool_fail(o->operand,
				"there is no profile %" PRIu32 ": the UKI has %" PRIu32
				", which count from 0",
				o->profile, uki->profile_count);
	else if (!part && uki)
		(void)tool_fail(o->operand, "profile %" PRIu32 " of the UKI has no .%s", o->profile,
				pvhload_image_part_name(kind));
	else if (!part)
		(void)tool_fail(o->operand, "there is no such part: the image is no UKI");
	return part;
}

static int write_part(const struct options *o, const struct pvhload_image *image)
{
	const struct pvhload_image_part *part = find_part(o, o->part, image);
	struct output out;

	if (!part)
		return TOOL_FAILED;
	TOOL_TRY(open_output(o, &out));
	return output_close(&out, copy(o->operand, image, part->offset, part->size, &out));
}

static int write_payload(const struct options *o, struct pvhload_image *image)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	const struct pvhload_image *payload = NULL;

	if (!innermost(image, &payload, &err))
		return tool_fail_with(o->operand, &err);
	return write_out(o, payload);
}

/* What is loaded of the kernel that the profile has. */
static int write_kernel(const struct options *o, const struct pvhload_image *image)
{
	const struct pvhload_image_part *part = find_part(o, PVHLOAD_IMAGE_PART_KERNEL, image);
	const struct pvhload_source source = pvhload_image_part_source(image, part);
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_image *kernel = NULL;
	int result;

	if (!part)
		return TOOL_FAILED;
	if (tool_open_image(&source, 0, o->decode_limit, NULL, &kernel, &err) == PVHLOAD_OK)
		result = write_payload(o, kernel);
	else
		result = tool_fail(o->operand, "section .linux: %s", err.message);
	pvhload_image_close(kernel);
	return result;
}

static int write_any(const struct options *o, struct pvhload_image *image)
{
	if (o->part != 0)
		return write_part(o, image);
	if (pvhload_image_get_info(image)->uki || o->profile != 0)
		return write_kernel(o, image);
	return write_payload(o, image);
}

static int extract(const struct options *o, int fd)
{
	struct pvhload_source source = pvhload_source_fd(fd);
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_image *image = NULL;
	int result;

	if (tool_open_image(&source, 0, o->decode_limit, NULL, &image, &err) == PVHLOAD_OK)
		result = write_any(o, image);
	else
		result = tool_fail_with(o->operand, &err);
	pvhload_image_close(image);
	return result;
}

int verb_extract(const struct options *options)
{
	const int fd = input_open(options->operand, options->decode_limit);
	int result;

	if (fd < 0)
		return TOOL_FAILED;
	result = output_is_apart(options->output, &fd, 1);
	if (result == TOOL_DONE)
		result = extract(options, fd);
	close(fd);
	return result;
}
