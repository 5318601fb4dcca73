/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * pvhload extract: the payload as the kernel build compressed it, or an image without one as it is;
 * of a file compressed as a whole, the same of what it decodes to.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input.h"
#include "options.h"
#include "output.h"
#include "verbs.h"

#define CHUNK (1u << 20)

static int copy(const char *path, const struct pvhload_image *image, struct output *out)
{
	const uint64_t size = pvhload_image_get_info(image)->size;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	uint8_t *chunk = malloc(CHUNK);
	int result = TOOL_DONE;

	if (!chunk)
		return tool_fail(path, "no memory");
	for (uint64_t at = 0; at < size && result == TOOL_DONE; at += CHUNK) {
		const size_t n = size - at < CHUNK ? (size_t)(size - at) : CHUNK;

		if (pvhload_image_read(image, at, chunk, n, &err) != PVHLOAD_OK)
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
	return output_close(&out, copy(o->operand, image, &out));
}

static int extract(const struct options *o, int fd)
{
	struct pvhload_source source = pvhload_source_fd(fd);
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	const struct pvhload_image *payload = NULL;
	struct pvhload_image *image = NULL;
	int result;

	if (tool_open_image(&source, o->decode_limit, &image, &err) != PVHLOAD_OK ||
	    !innermost(image, &payload, &err))
		result = tool_fail_with(o->operand, &err);
	else
		result = write_out(o, payload);
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
