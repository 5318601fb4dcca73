/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include <pvhload/explain.h>

#include "boot/protocols.h"
#include "core/error.h"
#include "core/libc.h"

struct explanation {
	struct pvhload_image_explanation view; /* first: what the caller has a pointer to */
	struct pvhload_image_method methods[PVL_METHODS_MAX];
	const struct pvhload_image_method *list[PVL_METHODS_MAX];
	char reasons[PVL_METHODS_MAX][PVHLOAD_ERROR_MESSAGE_SIZE];
};

/* Append a method that loads @kernel, or, if that is NULL, one that is not possible because of @problem. */
static void append(struct explanation *e, const struct pvl_protocol *protocol, uint32_t decompress,
		   const struct pvhload_image *kernel, const char *problem)
{
	struct pvhload_image_method *method = &e->methods[e->view.count];
	char *reason = e->reasons[e->view.count];
	const size_t size = sizeof(e->reasons[0]);

	method->protocol = protocol->id;
	method->decompress = decompress;
	method->can = kernel && pvl_offers_entry(kernel, protocol->entry);
	method->reason = reason;
	if (!kernel)
		snprintf(reason, size, "%s", problem);
	else if (method->can)
		pvl_why(kernel, protocol->entry, reason, size);
	else
		pvl_why_not(kernel, protocol->entry, reason, size);
	e->list[e->view.count++] = method;
}

static void explain_bzimage(struct explanation *e, struct pvhload_image *image,
			    const struct pvhload_error *failure)
{
	const struct pvhload_image *payload = failure->status == PVHLOAD_OK ? image->payload : NULL;
	const bool has_payload = pvl_image_payload_part(&image->info) != NULL;
	const uint32_t host = has_payload ? PVHLOAD_DECOMPRESS_HOST : 0;
	const uint32_t guest = has_payload ? PVHLOAD_DECOMPRESS_GUEST : 0;

	/* Without a payload, the reason is taken from the bzImage itself. */
	append(e, &pvl_protocol_pvh, host, has_payload ? payload : image, failure->message);
	append(e, &pvl_protocol_linux64, guest, image, NULL);
	append(e, &pvl_protocol_linux32, guest, image, NULL);
	if (!has_payload)
		return;
	append(e, &pvl_protocol_linux64, host, payload, failure->message);
	append(e, &pvl_protocol_linux32, host, payload, failure->message);
}

/* Multiboot is named where there is a header. */
static void explain_elf(struct explanation *e, const struct pvhload_image *image)
{
	append(e, &pvl_protocol_pvh, 0, image, NULL);
	append(e, &pvl_protocol_linux64, 0, image, NULL);
	append(e, &pvl_protocol_linux32, 0, image, NULL);
	if (image->info.multiboot2)
		append(e, &pvl_protocol_multiboot2, 0, image, NULL);
	if (image->info.multiboot1)
		append(e, &pvl_protocol_multiboot1, 0, image, NULL);
}

static enum pvhload_status explain(struct explanation *e, struct pvhload_image *image,
				   struct pvhload_error *err)
{
	struct pvhload_error failure = PVHLOAD_ERROR_INIT;
	enum pvhload_status status;

	PVL_TRY(pvl_image_decode_file(image, NULL, &image, err));
	PVL_TRY(pvl_image_check_machine(image, err));
	status = pvl_image_decode(image, NULL, &failure);
	if (pvl_is_final(status))
		return pvl_fail(err, status,
				((struct pvl_where){ PVHLOAD_NOWHERE, PVHLOAD_NOWHERE,
						     failure.cause }),
				"%s", failure.message);
	if (image->info.format == PVHLOAD_FORMAT_BZIMAGE) {
		explain_bzimage(e, image, &failure);
		return PVHLOAD_OK;
	}
	if (image->info.flat)
		append(e, pvl_protocol_of_flat(image), 0, image, NULL);
	else if (image->info.firmware)
		append(e, &pvl_protocol_reset, 0, image, NULL);
	else
		explain_elf(e, image);
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
