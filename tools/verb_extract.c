/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * pvhload extract: the payload as the kernel build compressed it, or an image without one as it is;
 * of a file compressed as a whole, the same of what is inside.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "tool.h"

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

static int extract(const char *path, int fd, const char *output)
{
	struct pvhload_source source = pvhload_source_fd(fd);
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	const struct pvhload_image *inside = NULL;
	struct pvhload_image *image = NULL;
	struct output out;
	int result;

	if (pvhload_image_open(&source, NULL, &image, &err) != PVHLOAD_OK ||
	    !innermost(image, &inside, &err)) {
		result = tool_fail(path, "%s", err.message);
	} else {
		result = output_open(&out, output);
		if (result == TOOL_DONE) {
			result = copy(path, inside, &out);
			result = output_close(&out, result);
		}
	}
	pvhload_image_close(image);
	return result;
}

int verb_extract(int argc, char **argv)
{
	static const struct option options[] = { { "output", required_argument, NULL, 'o' },
						 { NULL, 0, NULL, 0 } };
	const char *output = NULL;
	int option, fd, result;

	opterr = 0;
	optind = 1;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == '?')
			return tool_usage("unknown option, or one without its value: '%s'",
					  argv[optind - 1]);
		output = optarg;
	}
	if (optind != argc - 1 || !output)
		return tool_usage("extract takes one IMAGE and --output FILE");
	fd = tool_open(argv[optind]);
	if (fd < 0)
		return TOOL_FAILED;
	result = extract(argv[optind], fd, output);
	close(fd);
	return result;
}
