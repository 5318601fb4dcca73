/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>

#include <pvhload/explain.h>

#include "boot/reasons.h"
#include "core/error.h"

#define WAYS_MAX 5u

struct explanation {
	struct pvhload_image_explanation view; /* first: what the caller has a pointer to */
	struct pvhload_image_method ways[WAYS_MAX];
	const struct pvhload_image_method *list[WAYS_MAX];
	char reasons[WAYS_MAX][PVHLOAD_ERROR_MESSAGE_SIZE];
};

/* Add a way that loads @kernel, or, if that is NULL, one that @problem stands in the way of. */
static void add(struct explanation *e, uint32_t protocol, uint32_t decompress,
		const struct pvhload_image *kernel, const char *problem)
{
	struct pvhload_image_method *way = &e->ways[e->view.count];
	char *reason = e->reasons[e->view.count];
	const size_t size = sizeof(e->reasons[0]);

	way->protocol = protocol;
	way->decompress = decompress;
	way->can = kernel && pvl_has_entry(kernel, protocol);
	way->reason = reason;
	if (!kernel)
		snprintf(reason, size, "%s", problem);
	else if (way->can)
		pvl_why(kernel, protocol, reason, size);
	else
		pvl_why_not(kernel, protocol, reason, size);
	e->list[e->view.count++] = way;
}

static void explain_bzimage(struct explanation *e, struct pvhload_image *image,
			    const struct pvhload_error *failure)
{
	const struct pvhload_image *inside = failure->status == PVHLOAD_OK ? image->payload : NULL;
	const bool has_payload = pvl_image_payload_part(&image->info) != NULL;
	const uint32_t host = has_payload ? PVHLOAD_DECOMPRESS_HOST : 0;
	const uint32_t guest = has_payload ? PVHLOAD_DECOMPRESS_GUEST : 0;

	/* Without a payload it is the bzImage itself that has to say why not. */
	add(e, PVHLOAD_PROTOCOL_PVH, host, has_payload ? inside : image, failure->message);
	add(e, PVHLOAD_PROTOCOL_X86_LINUX64, guest, image, NULL);
	add(e, PVHLOAD_PROTOCOL_X86_LINUX32, guest, image, NULL);
	if (!has_payload)
		return;
	add(e, PVHLOAD_PROTOCOL_X86_LINUX64, host, inside, failure->message);
	add(e, PVHLOAD_PROTOCOL_X86_LINUX32, host, inside, failure->message);
}

static enum pvhload_status explain(struct explanation *e, struct pvhload_image *image,
				   struct pvhload_error *err)
{
	struct pvhload_error failure = PVHLOAD_ERROR_INIT;
	enum pvhload_status status;

	status = pvl_image_unwrap(image, UINT64_MAX, "", &image, err);
	if (status != PVHLOAD_OK)
		return status;
	status = pvl_image_decode(image, UINT64_MAX, "", &failure);
	if (status == PVHLOAD_E_NO_MEMORY || status == PVHLOAD_E_SOURCE)
		return pvl_fail(err, status, PVL_ANYWHERE, "%s", failure.message);
	if (image->info.format == PVHLOAD_FORMAT_BZIMAGE) {
		explain_bzimage(e, image, &failure);
		return PVHLOAD_OK;
	}
	add(e, PVHLOAD_PROTOCOL_PVH, 0, image, NULL);
	add(e, PVHLOAD_PROTOCOL_X86_LINUX64, 0, image, NULL);
	add(e, PVHLOAD_PROTOCOL_X86_LINUX32, 0, image, NULL);
	return PVHLOAD_OK;
}

enum pvhload_status pvhload_image_explain(struct pvhload_image *image,
					  struct pvhload_image_explanation **explanation,
					  struct pvhload_error *err)
{
	enum pvhload_status status;
	struct explanation *e;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!image || !explanation)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the image or the place for the explanation is NULL");
	e = calloc(1, sizeof(*e));
	if (!e)
		return pvl_fail_no_memory(err, sizeof(*e));
	status = explain(e, image, err);
	if (status != PVHLOAD_OK) {
		free(e);
		return status;
	}
	e->view.methods = e->list;
	*explanation = &e->view;
	return PVHLOAD_OK;
}

void pvhload_image_explanation_free(struct pvhload_image_explanation *explanation)
{
	free(explanation);
}
