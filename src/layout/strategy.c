/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The strategies, in the order in which they are tried; docs/planning.md has them as a table.  A
 * kernel takes much room and can often be moved: something that has no room may have some if it is
 * placed before the kernel, or if the kernel is elsewhere.  Likewise a large file before small
 * ones.
 */
#include "core/error.h"
#include "core/libc.h"
#include "layout/strategy.h"

#define STRATEGIES_MAX 12u

struct sized_file {
	uint64_t size;
	size_t number;
};

static int larger_first(const void *a, const void *b)
{
	const struct sized_file *x = a, *y = b;

	if (x->size != y->size)
		return x->size < y->size ? 1 : -1;
	return x->number < y->number ? -1 : 1;
}

/* A file that cannot be opened is reported when it is placed. */
static uint64_t file_size(struct pvl_layout *layout, struct pvl_part *part)
{
	if (part->prepare && part->prepare(layout, part, NULL) != PVHLOAD_OK)
		return 0;
	return part->size;
}

static enum pvhload_status order_by_size(struct pvl_layout *layout, struct pvhload_error *err)
{
	struct sized_file *files =
		calloc(layout->file_count + 1, sizeof(*files)); /* never 0 bytes */

	if (!files)
		return pvl_fail_no_memory(err, layout->file_count * sizeof(*files));
	for (size_t i = 0; i < layout->file_count; i++) {
		files[i].number = layout->files[i];
		files[i].size = file_size(layout, &layout->parts[files[i].number]);
	}
	qsort(files, layout->file_count, sizeof(*files), larger_first);
	for (size_t i = 0; i < layout->file_count; i++)
		layout->files[i] = files[i].number;
	free(files);
	return PVHLOAD_OK;
}

/* Fill layout->files: as the parts are listed, or the largest first. */
static enum pvhload_status order_files(struct pvl_layout *layout, bool by_size,
				       struct pvhload_error *err)
{
	layout->file_count = 0;
	for (size_t i = 0; i < layout->count; i++)
		if (layout->parts[i].class == PVL_FILE)
			layout->files[layout->file_count++] = i;
	return by_size ? order_by_size(layout, err) : PVHLOAD_OK;
}

static enum pvhload_status try_strategy(struct pvl_layout *layout,
					const struct pvl_strategy *strategy,
					struct pvhload_error *err)
{
	PVL_TRY(order_files(layout, strategy->by_size, err));
	return pvl_layout_try(layout, strategy, err);
}

/* The other strategies, if there is something to be reordered or moved. */
static size_t list_strategies(bool movable, bool files, struct pvl_strategy ret[STRATEGIES_MAX])
{
	size_t count = 0;

	for (int by_size = 0; by_size <= files; by_size++)
		for (unsigned int kernel = PVL_KERNEL_OWN; kernel <= PVL_KERNEL_HIGH; kernel++)
			for (int first = 0; first <= 1; first++) {
				const bool usual = !by_size && kernel == PVL_KERNEL_OWN && !first;

				if (!usual && (movable || (kernel == PVL_KERNEL_OWN && !first)))
					ret[count++] =
						(struct pvl_strategy){ by_size, first, kernel };
			}
	return count;
}

static const char *tried(bool movable, bool files)
{
	if (movable && files)
		return "nor in another order of the files, or with the kernel as low or as high as it "
		       "fits";
	return movable ? "nor with the kernel as low or as high as it fits"
		       : "nor in another order of the files";
}

/* If a further strategy has no room either, the first error stands; any other failure is returned. */
static enum pvhload_status try_others(struct pvl_layout *layout, bool movable, bool files,
				      struct pvhload_error *err)
{
	struct pvl_strategy strategies[STRATEGIES_MAX];
	const size_t count = list_strategies(movable, files, strategies);

	for (size_t i = 0; i < count; i++) {
		struct pvhload_error other = PVHLOAD_ERROR_INIT;
		const enum pvhload_status status = try_strategy(layout, &strategies[i], &other);

		if (status == PVHLOAD_OK || pvl_is_final(status))
			return pvl_fail_as(err, status, &other);
	}
	return pvl_fail_but(err, PVHLOAD_E_NO_ROOM, tried(movable, files));
}

static enum pvhload_status place(struct pvl_layout *layout, struct pvhload_error *err)
{
	static const struct pvl_strategy usual = { false, false, PVL_KERNEL_OWN };
	enum pvhload_status status;
	bool movable, files;

	pvl_space_save(&layout->space);
	status = try_strategy(layout, &usual, err);
	movable = layout->kernel_placed && layout->kernel_movable;
	files = layout->kernel_placed && layout->file_count > 1;
	if (status != PVHLOAD_E_NO_ROOM || (!movable && !files))
		return status;
	return try_others(layout, movable, files, err);
}

enum pvhload_status pvl_layout_place(struct pvl_layout *layout, struct pvhload_error *err)
{
	PVL_TRY(place(layout, err));
	pvl_space_sort(&layout->space);
	return PVHLOAD_OK;
}
