/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "decode_warn.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANY_RAM ((uint64_t)1 << 62)
#define PAGE    4096u
#define STEP    ((uint64_t)1 << 20)

void warn(struct warnings *w, const char *format, ...)
{
	char **grown = reallocarray(w->texts, w->count + 1, sizeof(*grown));
	va_list args;
	char *text;
	int n;

	if (!grown)
		return;
	w->texts = grown;
	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	if (n >= 0)
		w->texts[w->count++] = text;
}

void warnings_free(struct warnings *w)
{
	for (size_t i = 0; i < w->count; i++)
		free(w->texts[i]);
	free(w->texts);
}

void warnings_print(const struct warnings *w)
{
	if (w->count == 0) {
		printf("nothing in it is known to stop Linux\n");
		return;
	}
	printf("warnings, %zu:\n", w->count);
	for (size_t i = 0; i < w->count; i++)
		printf("  %s\n", w->texts[i]);
}

struct json_object *warnings_json(const struct warnings *w)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < w->count; i++)
		json_object_array_add(array, json_object_new_string(w->texts[i]));
	return array;
}

void warn_of_problems(struct warnings *w, const struct pvhload_error *const *problems, size_t count)
{
	for (size_t i = 0; i < count; i++)
		warn(w, "%s", problems[i]->message);
}

static int forget(void *user, uint64_t gpa, const void *src, size_t len)
{
	(void)user;
	(void)gpa;
	(void)src;
	(void)len;
	return 0;
}

struct pvhload_memory warn_memory(const struct pvhload_memmap *map)
{
	static const struct pvhload_memory_ops ops = { .struct_size = sizeof(ops),
						       .write = forget };
	struct pvhload_memory mem = PVHLOAD_MEMORY_INIT;

	mem.ops = &ops;
	mem.memmap = map;
	return mem;
}

const struct pvhload_memmap *warn_good_map(void)
{
	static struct pvhload_memmap_entry entries[] = {
		{ .gpa = 0, .size = PVHLOAD_EBDA_START, .type = PVHLOAD_MEMMAP_RAM },
		{ .gpa = 1u << 20, .size = ANY_RAM, .type = PVHLOAD_MEMMAP_RAM },
	};
	static const struct pvhload_memmap map = {
		.struct_size = sizeof(map),
		.entries = entries,
		.capacity = 2,
		.count = 2,
	};

	return &map;
}

bool warn_ram(const struct pvhload_memmap *map, uint64_t *spare, struct pvhload_memmap *ret)
{
	static struct pvhload_memmap_entry any = { .size = ANY_RAM, .type = PVHLOAD_MEMMAP_RAM };
	static const struct pvhload_memmap all = {
		.struct_size = sizeof(all),
		.entries = &any,
		.capacity = 1,
		.count = 1,
	};
	const struct pvhload_memmap *from =
		pvhload_memmap_validate(map, NULL) == PVHLOAD_OK ? map : &all;

	*ret = (struct pvhload_memmap)PVHLOAD_MEMMAP_INIT;
	ret->capacity = from->count + 1;
	ret->entries = calloc(ret->capacity, sizeof(*ret->entries));
	if (!ret->entries)
		return false;
	memcpy(ret->entries, from->entries, from->count * sizeof(*ret->entries));
	ret->count = from->count;
	/* The last page of each MiB, from 4 GiB down: one is in a hole. */
	for (uint64_t end = (uint64_t)4 << 30; spare && end > 0; end -= STEP) {
		*spare = end - PAGE;
		if (from == &all ||
		    pvhload_memmap_add(ret, *spare, PAGE, PVHLOAD_MEMMAP_RAM, NULL) == PVHLOAD_OK)
			return true;
	}
	if (spare)
		*spare = 0;
	return true;
}
