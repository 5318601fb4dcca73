/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A payload whose decoded bytes have been used up: they are decoded once more when somebody reads them. */
#include <stdatomic.h>

#include "core/error.h"
#include "core/libc.h"
#include "image/format.h"
#include "image/payload.h"
#include "source/kinds.h"

/* What the source's user points to.  Threads that read at once each decode; the first result stays. */
struct anew {
	struct pvhload_image *image;
	const struct pvhload_progress *progress;
	_Atomic(uint8_t *) bytes; /* NULL until they are read */
};

/* It has been decoded before, so a stream that is bad now was changed. */
static enum pvhload_status judge(const struct pvhload_image *image, enum pvhload_status status,
				 struct pvhload_error *err)
{
	switch (status) {
	case PVHLOAD_OK:
	case PVHLOAD_E_NO_MEMORY:
	case PVHLOAD_E_SOURCE:
	case PVHLOAD_E_CANCELLED:
	case PVHLOAD_E_CALLBACK:
		return status;
	default:
		return pvl_image_changed(err, image->part.offset);
	}
}

static enum pvhload_status decode(struct anew *a, uint64_t length, struct pvhload_error *err)
{
	const struct pvhload_image *image = a->image;
	const struct pvl_callbacks plans = { .progress = a->progress };
	const struct pvl_callbacks callbacks = pvl_image_callbacks(image, &plans);
	uint8_t *bytes = NULL, *none = NULL;
	size_t size = 0;

	PVL_TRY(judge(image, image->format->decode(image, &callbacks, &bytes, &size, err), err));
	if (size != length) {
		free(bytes);
		return pvl_image_changed(err, image->part.offset);
	}
	if (!atomic_compare_exchange_strong(&a->bytes, &none, bytes))
		free(bytes);
	return PVHLOAD_OK;
}

static enum pvhload_status read_anew(const struct pvl_source *source, uint64_t offset, uint8_t *dst,
				     uint64_t len, struct pvhload_error *err)
{
	struct anew *a = source->from.user;

	if (!a->bytes)
		PVL_TRY(decode(a, source->length, err));
	memcpy(dst, a->bytes + offset, (size_t)len);
	return PVHLOAD_OK;
}

static void release_anew(struct pvl_source *source)
{
	struct anew *a = source->from.user;

	free(a->bytes);
	pvl_image_unref(a->image);
	free(a);
}

enum pvhload_status pvl_payload_decode_anew(struct pvhload_image *kernel,
					    struct pvhload_image *image,
					    const struct pvhload_progress *progress,
					    struct pvhload_error *err)
{
	static const struct pvl_source_ops ops = { .read = read_anew, .release = release_anew };
	struct anew *a = malloc(sizeof(*a));

	if (!a)
		return pvl_fail_no_memory(err, sizeof(*a));
	a->image = pvl_image_ref(image);
	a->progress = progress;
	atomic_init(&a->bytes, NULL);
	kernel->source = (struct pvl_source){
		.from.user = a, .length = kernel->source.length, .ops = &ops, .owned = true
	};
	return PVHLOAD_OK;
}
