/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * From an image to its payload: from a UKI or a compressed file to the kernel image in it, from a bzImage to its ELF
 * file, from an EFI zboot image to its flat Image.  There are three levels at most.
 *
 * The payload, or the failure, is published by one atomic exchange: threads that decode one image
 * at once each do the work, the first result stays, and the others are freed.
 */
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "image/format.h"
#include "image/image.h"
#include "image/image_parts.h"
#include "image/open.h"
#include "image/payload.h"

static enum pvhload_status check_kind(const struct pvhload_image *image,
				      const struct pvhload_image *payload,
				      struct pvhload_error *err)
{
	if (image->format->holds & payload->format->kind)
		return PVHLOAD_OK;
	if (payload->format->kind == PVL_KIND_COMPRESSED)
		return pvl_fail(err, PVHLOAD_E_FORMAT, PVL_ANYWHERE,
				"another compressed file, by %s: it is compressed twice",
				pvhload_codec_name(payload->part.codec));
	return pvl_fail(err, PVHLOAD_E_FORMAT, PVL_ANYWHERE, "%s, which is never in %s",
			payload->format->label, image->format->label);
}

/* The payload of a bzImage is the same guest, with or without a sign of its own. */
static void inherit_guest(const struct pvhload_image *image, struct pvhload_image *payload)
{
	if (image->info.guest != PVHLOAD_GUEST_LINUX || payload->info.guest == PVHLOAD_GUEST_LINUX)
		return;
	payload->info.guest = PVHLOAD_GUEST_LINUX;
	payload->info.guest_reason = "the payload of a bzImage";
}

enum pvhload_status pvl_payload_open_kernel(const struct pvhload_image *image,
					    const struct pvhload_source *source,
					    struct pvhload_image **ret, struct pvhload_error *err)
{
	const struct pvl_callbacks own = { .progress = &image->progress, .pool = &image->pool };
	struct pvhload_image *payload = NULL;
	enum pvhload_status status =
		pvl_image_new(source, 0, image->decode_limit, &own, &payload, err);

	if (status == PVHLOAD_OK)
		status = check_kind(image, payload, err);
	if (status == PVHLOAD_OK) {
		inherit_guest(image, payload);
		*ret = payload;
		return PVHLOAD_OK;
	}
	pvl_image_unref(payload);
	if (err)
		err->offset = PVHLOAD_NOWHERE; /* it was an offset in the decoded bytes */
	return pvl_fail_in(err, status, image->format->context,
			   pvhload_codec_name(image->part.codec));
}

enum pvhload_status pvl_image_open_kernel(const struct pvhload_image *image,
					  const struct pvhload_image_part *part,
					  struct pvhload_image **ret, struct pvhload_error *err)
{
	const struct pvhload_source source = pvl_image_window(image, part);

	return pvl_payload_open_kernel(image, &source, ret, err);
}

/* @decoded, NULL if nothing is compressed, becomes the kernel's, or is freed. */
static enum pvhload_status open_decoded(const struct pvhload_image *image, uint8_t *decoded,
					size_t size, struct pvhload_image **ret,
					struct pvhload_error *err)
{
	const struct pvhload_source source = decoded ? pvhload_source_buffer(decoded, size)
						     : pvl_image_window(image, &image->part);
	const enum pvhload_status status = pvl_payload_open_kernel(image, &source, ret, err);

	if (status == PVHLOAD_OK)
		(*ret)->decoded = decoded;
	else
		free(decoded);
	return status;
}

enum pvhload_status pvl_payload_to_heap(const struct pvhload_image *image,
					const struct pvl_callbacks *callbacks,
					struct pvhload_image **ret, struct pvhload_error *err)
{
	uint8_t *decoded = NULL;
	size_t size = 0;

	PVL_TRY(image->format->decode(image, callbacks, &decoded, &size, err));
	return open_decoded(image, decoded, size, ret, err);
}

/* A bad payload stays bad, and finding that out can take a second, so keep the failure. */
static void remember(struct pvhload_image *image, const struct pvhload_error *err)
{
	struct pvhload_error *failure, *none = NULL;

	if (err->status == PVHLOAD_E_NO_MEMORY || err->status == PVHLOAD_E_SOURCE ||
	    err->status == PVHLOAD_E_CANCELLED || err->status == PVHLOAD_E_CALLBACK)
		return;
	failure = malloc(sizeof(*failure));
	if (!failure)
		return;
	*failure = *err;
	if (!atomic_compare_exchange_strong(&image->failure, &none, failure))
		free(failure);
}

/* The image keeps @payload, unless another thread's is there already. */
static void publish(struct pvhload_image *image, struct pvhload_image *payload)
{
	struct pvhload_image *none = NULL;

	if (!atomic_compare_exchange_strong(&image->payload, &none, payload))
		pvl_image_unref(payload);
}

/* Either of a step. */
static enum pvhload_status finish(struct pvhload_image *image, enum pvhload_status status,
				  struct pvhload_image *payload, const struct pvhload_error *own,
				  struct pvhload_error *err)
{
	if (status == PVHLOAD_OK)
		publish(image, payload);
	else
		remember(image, own);
	return pvl_fail_as(err, status, own);
}

struct pvl_callbacks pvl_image_callbacks(const struct pvhload_image *image,
					 const struct pvl_callbacks *given)
{
	struct pvl_callbacks use = { .progress = NULL };

	if (given)
		use = *given;
	if (image->progress.callback)
		use.progress = &image->progress;
	if (image->pool.run)
		use.pool = &image->pool;
	return use;
}

enum pvhload_status pvl_image_decode_by(struct pvhload_image *image, pvl_payload_step *step,
					const struct pvl_callbacks *callbacks,
					struct pvhload_error *err)
{
	struct pvhload_error own = PVHLOAD_ERROR_INIT;
	const struct pvhload_error *failure;
	struct pvhload_image *payload = NULL;
	enum pvhload_status status;
	struct pvl_callbacks use;

	if (!pvl_image_payload_part(&image->info))
		return PVHLOAD_OK;
	/* Also if it is decoded already, so that the answer does not depend on what was called before. */
	PVL_TRY(image->format->check(image, err));
	if (image->payload)
		return PVHLOAD_OK;
	failure = image->failure;
	if (failure)
		return pvl_fail_as(err, (enum pvhload_status)failure->status, failure);
	use = pvl_image_callbacks(image, callbacks);
	status = step(image, &use, &payload, &own);
	return finish(image, status, payload, &own, err);
}

static enum pvhload_status open_to_heap(struct pvhload_image *image, struct pvl_payload *open,
					const struct pvl_callbacks *callbacks,
					struct pvhload_image **ret, struct pvhload_error *err)
{
	uint8_t *decoded = NULL;

	PVL_TRY(pvl_payload_decode_new(image, open, callbacks, &decoded, err));
	return open_decoded(image, decoded, (size_t)image->part.decoded_size, ret, err);
}

enum pvhload_status pvl_image_decode_open(struct pvhload_image *image, struct pvl_payload *open,
					  const struct pvl_callbacks *callbacks,
					  struct pvhload_error *err)
{
	const struct pvl_callbacks use = pvl_image_callbacks(image, callbacks);
	struct pvhload_error own = PVHLOAD_ERROR_INIT;
	struct pvhload_image *payload = NULL;
	const enum pvhload_status status = open_to_heap(image, open, &use, &payload, &own);

	return finish(image, status, payload, &own, err);
}

enum pvhload_status pvl_image_decode(struct pvhload_image *image,
				     const struct pvl_callbacks *callbacks,
				     struct pvhload_error *err)
{
	return pvl_image_decode_by(image, pvl_payload_to_heap, callbacks, err);
}

enum pvhload_status pvhload_image_decode(struct pvhload_image *image, struct pvhload_error *err)
{
	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!image)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "the image is NULL");
	return pvl_image_decode(image, NULL, err);
}

void pvhload_image_drop_payload(struct pvhload_image *image)
{
	if (image)
		pvl_image_unref(atomic_exchange(&image->payload, NULL));
}

enum pvhload_status pvl_image_decode_file(struct pvhload_image *image,
					  const struct pvl_callbacks *callbacks,
					  struct pvhload_image **ret, struct pvhload_error *err)
{
	while (image->format->kind & PVL_KIND_CONTAINERS) {
		PVL_TRY(pvl_image_decode(image, callbacks, err));
		image = image->payload;
	}
	*ret = image;
	return PVHLOAD_OK;
}

struct pvhload_image *pvhload_image_payload(struct pvhload_image *image)
{
	return image ? image->payload : NULL;
}

const struct pvhload_image *pvl_image_kernel(const struct pvhload_image *image)
{
	const struct pvhload_image *payload;

	while ((payload = image->payload) != NULL)
		image = payload;
	return image;
}
