/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Opening an image, and its references. */
#include "image/open.h"

#include "abi/sizes.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/callbacks.h"
#include "core/progress.h"
#include "core/sized.h"
#include "image/format.h"

enum pvhload_status pvl_image_no_format(const struct pvhload_image *image, struct pvl_span head,
					struct pvhload_error *err)
{
	char text[192];

	if (pvl_image_has_multiboot(image))
		snprintf(text, sizeof(text),
			 "it has a Multiboot header, but is no ELF file, and the header has no "
			 "address fields to load it by");
	else
		pvl_format_say(&image->source, head, text, sizeof(text));
	return pvl_fail(err, PVHLOAD_E_FORMAT, PVL_AT(0), "not a kernel image: %s", text);
}

static enum pvhload_status open_source(struct pvhload_image *image,
				       const struct pvhload_source *source,
				       struct pvhload_error *err)
{
	struct pvl_head head;

	PVL_TRY(pvl_source_open(source, &image->source, err));
	PVL_TRY(pvl_source_own(&image->source, err));
	PVL_TRY(pvl_head_read(&image->source, &head, err));
	if (!image->format)
		PVL_TRY(pvl_format_find(image, &head, err));
	if (!image->format)
		return pvl_image_no_format(image, (struct pvl_span){ head.bytes, head.size }, err);
	image->info.format = image->format->id;
	image->info.size = image->source.length;
	image->info.guest_reason = "";
	return image->format->open(image, &head, err);
}

enum pvhload_status pvl_image_new(const struct pvhload_source *source, uint32_t format,
				  uint64_t decode_limit, const struct pvl_callbacks *callbacks,
				  struct pvhload_image **ret, struct pvhload_error *err)
{
	struct pvhload_image *image = calloc(1, sizeof(*image));
	enum pvhload_status status;

	if (!image)
		return pvl_fail_no_memory(err, sizeof(*image));
	atomic_init(&image->references, 1);
	image->format = pvl_format_by_id(format);
	image->decode_limit = decode_limit;
	image->progress = *callbacks->progress;
	image->pool = *callbacks->pool;
	status = open_source(image, source, err);
	if (status != PVHLOAD_OK) {
		pvl_image_unref(image);
		return status;
	}
	*ret = image;
	return PVHLOAD_OK;
}

enum pvhload_status pvl_image_changed(struct pvhload_error *err, uint64_t offset)
{
	return pvl_fail(err, PVHLOAD_E_SOURCE, PVL_AT(offset),
			"the file has changed since it was opened");
}

enum pvhload_status pvhload_image_open(const struct pvhload_source *source,
				       const struct pvhload_image_options *caller,
				       struct pvhload_image **image, struct pvhload_error *err)
{
	struct pvhload_image_options options = PVHLOAD_IMAGE_OPTIONS_INIT;
	struct pvhload_progress progress;
	struct pvhload_pool pool;
	const struct pvl_callbacks callbacks = { .progress = &progress, .pool = &pool };

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!image ||
	    (caller && !pvl_sized_in(&options, sizeof(options), caller, PVL_V1_IMAGE_OPTIONS)))
		return pvl_fail(
			err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
			"there is no place for the image, or the options have a wrong size");
	if ((options.format != 0 && options.format != PVHLOAD_FORMAT_FIRMWARE) ||
	    options.reserved != 0)
		return pvl_fail(
			err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
			"the options ask for format %" PRIu32
			", which is recognised by its content, or their reserved member is not 0",
			options.format);
	PVL_TRY(pvl_progress_copy(&progress, options.progress, err));
	PVL_TRY(pvl_pool_copy(&pool, options.pool, err));
	if (options.decode_limit == 0)
		options.decode_limit = PVHLOAD_DECODE_LIMIT_DEFAULT;
	return pvl_image_new(source, options.format, options.decode_limit, &callbacks, image, err);
}

struct pvhload_image *pvl_image_ref(struct pvhload_image *image)
{
	atomic_fetch_add_explicit(&image->references, 1, memory_order_relaxed);
	return image;
}

void pvl_image_unref(struct pvhload_image *image)
{
	/* Makes what other threads did with it visible before it is freed. */
	while (image &&
	       atomic_fetch_sub_explicit(&image->references, 1, memory_order_acq_rel) == 1) {
		struct pvhload_image *payload = image->payload;

		struct pvl_source *shared = image->shared;

		free(image->failure);
		if (shared)
			pvl_source_release(shared);
		free(shared);
		pvl_source_release(&image->source);
		free(image->sections);
		free(image->section_list);
		free(image->segments);
		free(image->decoded);
		free(image);
		image = payload;
	}
}

void pvhload_image_close(struct pvhload_image *image)
{
	pvl_image_unref(image);
}

const struct pvhload_image_info *pvhload_image_get_info(const struct pvhload_image *image)
{
	return image ? &image->info : NULL;
}

void pvl_image_set_part(struct pvhload_image *image)
{
	image->part.kind = PVHLOAD_IMAGE_PART_KERNEL;
	image->part.profile = PVHLOAD_UKI_BASE;
	image->part_list[0] = &image->part;
	image->info.parts = image->part_list;
	image->info.part_count = 1;
}

enum pvhload_status pvhload_image_read(const struct pvhload_image *image, uint64_t offset,
				       void *dst, size_t len, struct pvhload_error *err)
{
	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!image || (!dst && len > 0))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "a pointer is NULL");
	if (offset > image->source.length || len > image->source.length - offset)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_AT(offset),
				"%zu bytes at offset 0x%" PRIx64
				" are not inside the image, which has "
				"%" PRIu64,
				len, offset, image->source.length);
	return pvl_source_read(&image->source, offset, dst, len, err);
}

const char *pvhload_arch_name(uint32_t arch)
{
	static const char *const names[] = { "unknown", "x86_64",  "i386",
					     "arm64",   "riscv64", "loongarch64" };

	return arch < sizeof(names) / sizeof(names[0]) ? names[arch] : names[0];
}

enum pvhload_status pvl_image_check_machine(const struct pvhload_image *image,
					    struct pvhload_error *err)
{
	const struct pvhload_image_info *info = &image->info;

	if (info->arch != PVHLOAD_ARCH_LOONGARCH64)
		return PVHLOAD_OK;
	return pvl_fail(
		err, PVHLOAD_E_UNSUPPORTED, PVL_ANYWHERE,
		"%s, a kernel for loongarch64, which an EFI firmware has to start: it has no boot "
		"protocol of its own",
		image->format->label);
}
