/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The order in which files find their places: the list's, or the largest first. */
#include <stdlib.h>

#include "abi/sizes.h"
#include "boot/plan.h"
#include "core/checked.h"
#include "core/error.h"
#include "core/sized.h"

struct sized {
	uint64_t size;
	size_t number;
};

static uint64_t source_size(const struct pvhload_source *from)
{
	struct pvl_source source;

	return pvl_source_open(from, &source, NULL) == PVHLOAD_OK ? source.length : 0;
}

/* What cannot be opened is told when it has its turn. */
static uint64_t file_size(const struct pvl_builder *b, size_t number)
{
	const struct pvhload_boot_config *c = &b->config;
	struct pvhload_boot_module module = PVHLOAD_BOOT_MODULE_INIT;
	struct pvhload_source part;
	uint64_t sum = 0;

	if (c->initrd_count == 0 || number > 0)
		return pvl_config_module(c, number - (c->initrd_count > 0 ? 1 : 0), &module,
					 NULL) == PVHLOAD_OK
			       ? source_size(module.source)
			       : 0;
	for (size_t i = 0; i < c->initrd_count; i++)
		if (!pvl_element(c->initrds, i, &part, sizeof(part), PVL_V1_SOURCE) ||
		    !pvl_align_up(sum, PVL_INITRD_PAD, &sum) ||
		    !pvl_add_u64(sum, source_size(&part), &sum))
			return 0;
	return sum;
}

static int larger_first(const void *a, const void *b)
{
	const struct sized *x = a, *y = b;

	if (x->size != y->size)
		return x->size < y->size ? 1 : -1;
	return x->number < y->number ? -1 : 1;
}

enum pvhload_status pvl_order_files(const struct pvl_builder *b, size_t *numbers, size_t count,
				    struct pvhload_error *err)
{
	struct sized *files = calloc(count + 1, sizeof(*files)); /* never 0 bytes */

	if (!files)
		return pvl_fail_no_memory(err, count * sizeof(*files));
	for (size_t i = 0; i < count; i++)
		files[i] = (struct sized){ b->order.by_size ? file_size(b, i) : 0, i };
	qsort(files, count, sizeof(*files), larger_first);
	for (size_t i = 0; i < count; i++)
		numbers[i] = files[i].number;
	free(files);
	return PVHLOAD_OK;
}
