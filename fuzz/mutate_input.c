/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Where the inputs of targets have an image, and of which format. */
#include <string.h>

#include <pvhload/abi/setup_header.h>

#include "abi/elf_layout.h"
#include "abi/fdt_layout.h"
#include "mutate.h"

static const struct input_place {
	const char *target;
	size_t skip;       /* bytes of the target's own before it */
	size_t base;       /* what of the image the input does not have */
	mutate_edit *edit; /* NULL: by the magic */
} places[] = {
	{ "image", 0, 0, NULL },
	{ "elf", 1, 0, mutate_elf },
	{ "bzimage", 2, PVHLOAD_SETUP_HEADER_OFFSET, mutate_bzimage },
	{ "linux_write", 48, PVHLOAD_SETUP_HEADER_OFFSET, mutate_bzimage },
	{ "fdt", 64, 0, mutate_fdt },
	{ "flat", 78, 0, mutate_fdt },
};

mutate_edit *mutate_by_magic(const uint8_t *data, size_t size)
{
	const struct mutated little = { .data = (uint8_t *)(uintptr_t)data, .size = size };

	if (size >= PVL_SELFMAG && memcmp(data, PVL_ELFMAG, PVL_SELFMAG) == 0)
		return mutate_elf;
	if (mutate_get(&little, PVHLOAD_SETUP_MAGIC, 4) == PVHLOAD_SETUP_MAGIC_VALUE)
		return mutate_bzimage;
	if (size >= 4 && memcmp(data, "\xd0\x0d\xfe\xed", 4) == 0)
		return mutate_fdt;
	return NULL;
}

static const struct input_place *place_of(const char *target)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (strcmp(places[i].target, target) == 0)
			return &places[i];
	return NULL;
}

size_t mutate_input(const char *target, uint8_t *data, size_t size, size_t max_size,
		    unsigned int seed)
{
	const struct input_place *place = place_of(target);
	struct mutated m = { .random = seed };
	mutate_edit *edit;

	if (!place || size <= place->skip || max_size < size)
		return 0;
	m.data = data + place->skip;
	m.size = size - place->skip;
	m.room = max_size - place->skip;
	m.base = place->base;
	edit = place->edit ? place->edit : mutate_by_magic(m.data, m.size);
	if (!edit)
		return 0;
	/* One edit most often: what a few at once find, engines come to by stacking. */
	do
		edit(&m);
	while (mutate_below(&m, 3) == 0);
	return place->skip + m.size;
}
