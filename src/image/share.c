/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The kernel of an image in a memfd that nobody can change, to be mapped by any number of guests.  A payload whose
 * decoded size is known is decoded right there; any other bytes are copied.  What is made is published as the payload is:
 * by one atomic exchange.
 */
#include <pvhload/image_share.h>

#include "core/error.h"
#include "core/libc.h"
#include "image/format.h"
#include "image/image.h"
#include "source/sealed.h"

/* The descriptor is duplicated by who opens the source. */
static enum pvhload_status decode_and_open(const struct pvhload_image *image,
					   const struct pvl_callbacks *callbacks,
					   struct pvl_memfd *memfd, struct pvhload_image **ret,
					   struct pvhload_error *err)
{
	const struct pvhload_source source = pvhload_source_fd(memfd->fd);

	PVL_TRY(pvl_payload_decode_to(image, callbacks, memfd->at, err));
	PVL_TRY(pvl_memfd_seal(memfd, err));
	return pvl_payload_open_kernel(image, &source, ret, err);
}

/* A step of decoding: pvl_payload_step. */
static enum pvhload_status decode_to_memfd(const struct pvhload_image *image,
					   const struct pvl_callbacks *callbacks,
					   struct pvhload_image **ret, struct pvhload_error *err)
{
	struct pvl_memfd memfd;
	enum pvhload_status status;

	/* That is no failure of the payload, which would be remembered; making the copy will fail by it. */
	if (pvl_memfd_new((size_t)image->part.decoded_size, &memfd, NULL) != PVHLOAD_OK)
		return pvl_payload_to_heap(image, callbacks, ret, err);
	status = decode_and_open(image, callbacks, &memfd, ret, err);
	pvl_memfd_drop(&memfd);
	return status;
}

/* A bzImage or zboot image may hold a kernel that is not compressed. */
static pvl_payload_step *step_of(const struct pvhload_image *image)
{
	const bool has_size = image->format->decode == pvl_payload_decode;

	return has_size && image->part.codec != PVHLOAD_CODEC_NONE ? decode_to_memfd
								   : pvl_payload_to_heap;
}

/* The source with the kernel, and nothing before it, in a sealed memfd; NULL if there is none yet. */
static const struct pvl_source *shared_source(const struct pvhload_image *image)
{
	const struct pvl_source *source = pvl_image_source(image);

	if (source->from.kind != PVHLOAD_SOURCE_FD || source->from.offset != 0 ||
	    !pvl_file_is_fixed(source->from.fd))
		return NULL;
	return source;
}

static enum pvhload_status fill_and_open(const struct pvhload_image *image, struct pvl_memfd *memfd,
					 struct pvl_source *ret, struct pvhload_error *err)
{
	const struct pvhload_source source = pvhload_source_fd(memfd->fd);
	struct pvl_source made;

	PVL_TRY(pvl_source_read(&image->source, 0, memfd->at, memfd->size, err));
	PVL_TRY(pvl_memfd_seal(memfd, err));
	PVL_TRY(pvl_source_open(&source, &made, err));
	PVL_TRY(pvl_source_own(&made, err));
	*ret = made;
	return PVHLOAD_OK;
}

static enum pvhload_status copy_to_memfd(const struct pvhload_image *image, struct pvl_source *ret,
					 struct pvhload_error *err)
{
	const uint64_t size = image->source.length;
	struct pvl_memfd memfd;
	enum pvhload_status status;

	if (size > image->decode_limit || size > SIZE_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_ANYWHERE,
				"the image has %" PRIu64 " bytes to share, more than the limit of "
				"%" PRIu64 " (decode_limit)",
				size, image->decode_limit);
	PVL_TRY(pvl_memfd_new((size_t)size, &memfd, err));
	status = fill_and_open(image, &memfd, ret, err);
	pvl_memfd_drop(&memfd);
	return status;
}

static enum pvhload_status share_copy(struct pvhload_image *image, struct pvhload_error *err)
{
	struct pvl_source *source = malloc(sizeof(*source)), *none = NULL;
	enum pvhload_status status;

	if (!source)
		return pvl_fail_no_memory(err, sizeof(*source));
	status = copy_to_memfd(image, source, err);
	if (status != PVHLOAD_OK) {
		free(source);
		return status;
	}
	if (!atomic_compare_exchange_strong(&image->shared, &none, source)) {
		pvl_source_release(source);
		free(source);
	}
	return PVHLOAD_OK;
}

enum pvhload_status pvhload_image_share(struct pvhload_image *image, struct pvhload_error *err)
{
	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!image)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "the image is NULL");
	while (pvl_image_payload_part(&image->info)) {
		PVL_TRY(pvl_image_decode_by(image, step_of(image), NULL, err));
		image = image->payload;
	}
	return shared_source(image) ? PVHLOAD_OK : share_copy(image, err);
}

int pvhload_image_shared_fd(const struct pvhload_image *image)
{
	const struct pvhload_image *kernel = image ? pvl_image_kernel(image) : NULL;
	const struct pvl_source *source = NULL;

	if (kernel && !pvl_image_payload_part(&kernel->info))
		source = shared_source(kernel);
	return source ? source->from.fd : -1;
}
