/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* pvhload info: what an image is, what it loads, how it can be entered. */
#include <stdio.h>
#include <unistd.h>

#include "info_record.h"
#include "input.h"
#include "json.h"
#include "options.h"
#include "verbs.h"

#define VERSION_MAX 512u

/* What the subject points to. */
struct store {
	char version[VERSION_MAX];
	struct pvhload_image_relocations relocations;
	struct pvhload_image_explanation *explanation;
	char not_booted[PVHLOAD_ERROR_MESSAGE_SIZE];
};

/* Go to the kernel in a UKI, and to what a compressed file decodes to. */
static int open_wrappers(struct info_subject *s, struct pvhload_image **image)
{
	const struct pvhload_image_info *info = pvhload_image_get_info(*image);
	struct pvhload_error err = PVHLOAD_ERROR_INIT;

	for (; info->uki || info->format == PVHLOAD_FORMAT_COMPRESSED;
	     info = pvhload_image_get_info(*image)) {
		if (pvhload_image_decode(*image, &err) != PVHLOAD_OK)
			return tool_fail_with(s->path, &err);
		if (info->uki)
			s->uki_image = info;
		else
			s->wrapper = pvhload_codec_name(info_payload(info)->codec);
		*image = pvhload_image_payload(*image);
	}
	return TOOL_DONE;
}

/* By what it can be booted; a kernel for another machine by nothing. */
static int ask_how(struct info_subject *s, struct pvhload_image *image, struct store *store)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	const enum pvhload_status status = pvhload_image_explain(image, &store->explanation, &err);

	if (status == PVHLOAD_E_UNSUPPORTED) {
		snprintf(store->not_booted, sizeof(store->not_booted), "%s", err.message);
		s->not_booted = store->not_booted;
	} else if (status != PVHLOAD_OK) {
		return tool_fail_with(s->path, &err);
	}
	s->explanation = store->explanation;
	return TOOL_DONE;
}

/* The image that says the version: of an EFI zboot image, its payload. */
static struct pvhload_image *versioned(struct pvhload_image *image, struct pvhload_image *payload)
{
	return pvhload_image_get_info(image)->format == PVHLOAD_FORMAT_EFI_ZBOOT && payload
		       ? payload
		       : image;
}

/* All that can be asked of the image, and of its payload if that is decoded. */
static int ask(struct info_subject *s, struct pvhload_image *image, struct store *store)
{
	struct pvhload_image *payload = pvhload_image_payload(image);
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	enum pvhload_status status;

	s->image = pvhload_image_get_info(image);
	s->kernel = payload ? pvhload_image_get_info(payload) : s->image;
	status = pvhload_image_kernel_version(versioned(image, payload), store->version,
					      sizeof(store->version), &err);
	if (status != PVHLOAD_OK && status != PVHLOAD_E_NOT_FOUND)
		return tool_fail_with(s->path, &err);
	s->version = status == PVHLOAD_OK && store->version[0] ? store->version : NULL;
	store->relocations = (struct pvhload_image_relocations)PVHLOAD_IMAGE_RELOCATIONS_INIT;
	status = pvhload_image_count_relocations(payload ? payload : image, &store->relocations,
						 &err);
	if (status != PVHLOAD_OK && status != PVHLOAD_E_NOT_FOUND)
		return tool_fail_with(s->path, &err);
	s->relocations = status == PVHLOAD_OK ? &store->relocations : NULL;
	TOOL_TRY(ask_how(s, image, store));
	info_subject_fill(s);
	return TOOL_DONE;
}

/* Look into the image as far as it goes; a payload that cannot be decoded is told at the end. */
static int look(struct info_subject *s, struct pvhload_image *image, struct store *store, bool json)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	bool decoded;
	int result;

	TOOL_TRY(open_wrappers(s, &image));
	decoded = pvhload_image_decode(image, &err) == PVHLOAD_OK;
	TOOL_TRY(ask(s, image, store));
	/* A script is not given half of it; a person may want what the header says. */
	if (json && decoded)
		(void)json_print(record_json(&info_record, s), stdout);
	else if (!json)
		record_print(&info_record, s);
	result = tool_finish_output();
	return decoded ? result : tool_fail_with(s->path, &err);
}

int verb_info(const struct options *options)
{
	struct info_subject subject = { .path = options->operand };
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct store store = { .explanation = NULL };
	struct pvhload_image *image = NULL;
	struct pvhload_source source;
	const int fd = input_open(subject.path, options->decode_limit);
	int result;

	if (fd < 0)
		return TOOL_FAILED;
	source = pvhload_source_fd(fd);
	if (tool_open_image(&source, options->is_firmware ? PVHLOAD_FORMAT_FIRMWARE : 0,
			    options->decode_limit, NULL, &image, &err) == PVHLOAD_OK)
		result = look(&subject, image, &store, options->json);
	else
		result = tool_fail_with(subject.path, &err);
	pvhload_image_explanation_free(store.explanation);
	pvhload_image_close(image);
	close(fd);
	return result;
}
