/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "cmdline/cmdline.h"

#include "core/error.h"
#include "core/libc.h"

static enum pvhload_status make_empty(size_t capacity, struct pvhload_cmdline **line,
				      struct pvhload_error *err)
{
	struct pvhload_cmdline *made;

	if (capacity > PVHLOAD_CMDLINE_CAPACITY_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_ANYWHERE,
				"a command line of %zu bytes is above the limit of %u", capacity,
				PVHLOAD_CMDLINE_CAPACITY_MAX);
	made = malloc(sizeof(*made) + capacity);
	if (!made)
		return pvl_fail_no_memory(err, sizeof(*made) + capacity);
	*made = (struct pvhload_cmdline){ .capacity = capacity };
	made->text[0] = '\0';
	*line = made;
	return PVHLOAD_OK;
}

enum pvhload_status pvhload_cmdline_new(size_t capacity, struct pvhload_cmdline **line,
					struct pvhload_error *err)
{
	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!line || capacity == 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the pointer to the command line is NULL, or its capacity is 0");
	return make_empty(capacity, line, err);
}

enum pvhload_status pvhload_cmdline_copy(const struct pvhload_cmdline *line, size_t capacity,
					 struct pvhload_cmdline **copy, struct pvhload_error *err)
{
	struct pvhload_cmdline *made;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!line || !copy)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the command line or the pointer to its copy is NULL");
	if (capacity == 0)
		capacity = line->capacity;
	PVL_TRY(pvl_cmdline_fits(&(const struct pvhload_cmdline){ .capacity = capacity },
				 line->length, err));
	PVL_TRY(make_empty(capacity, &made, err));
	*made = *line;
	made->capacity = capacity;
	memcpy(made->text, line->text, line->length + 1);
	*copy = made;
	return PVHLOAD_OK;
}

void pvhload_cmdline_free(struct pvhload_cmdline *line)
{
	free(line);
}

const char *pvhload_cmdline_str(const struct pvhload_cmdline *line)
{
	return line ? line->text : "";
}

const char *pvhload_cmdline_init_args(const struct pvhload_cmdline *line)
{
	return line ? line->text + (line->length - line->init_length) : "";
}

size_t pvhload_cmdline_length(const struct pvhload_cmdline *line)
{
	return line ? line->length : 0;
}

size_t pvhload_cmdline_capacity(const struct pvhload_cmdline *line)
{
	return line ? line->capacity : 0;
}

enum pvhload_status pvhload_cmdline_write(const struct pvhload_cmdline *line,
					  const struct pvhload_memory *mem, uint64_t gpa,
					  struct pvhload_error *err)
{
	enum pvhload_status status;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!line)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "the command line is NULL");
	status = pvhload_memory_write(mem, gpa, line->text, line->length + 1, err);
	return pvl_fail_in(err, status, "the command line");
}
