/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Ways to get it wrong: what is done, and all that is said about it.  docs/errors.md is made of this. */
#ifndef ERRORS_ERRORS_H
#define ERRORS_ERRORS_H

#include "fake_memory.h"
#include "flat_images.h"
#include "linux_fixture.h"
#include "load_fixture.h"
#include "multiboot_images.h"
#include "plan_fixture.h"

struct mistake {
	const char *title;
	struct pvhload_error (*make)(void);
	enum pvhload_status status;
	const char *message; /* the whole of it */
	const char *advice;
};

struct theme {
	const char *title;
	const struct mistake *mistakes;
	size_t count;
};

#define THEME(name, heading, table) \
	const struct theme name = { heading, table, sizeof(table) / sizeof((table)[0]) }

extern const struct theme images_theme, ukis_theme, payloads_theme, entries_theme, handed_theme,
	memmaps_theme, places_theme, initrds_theme, room_theme, paging_theme, cmdline_theme,
	guest_memory_theme, usage_theme, reading_theme, machines_theme, firmware_theme, trees_theme;

/* The error of a call, which @status is what the call returned. */
struct pvhload_error failed(enum pvhload_status status, const struct pvhload_error *err);

/* Each tries something, frees what it takes, and gives the error; a success fails the test. */
struct pvhload_error try_open(struct bytes bytes);
struct pvhload_error try_decode(struct bytes bytes, uint64_t limit); /* 0: the default */
struct pvhload_error try_plan(struct plan_fixture *f);
struct pvhload_error try_load(struct load_fixture *f, const struct pvhload_image_load_options *o);

/* Plan of these bytes, with 64 MiB of RAM. */
struct pvhload_error try_plan_bytes(struct bytes bytes);

/* The small kernel as a file, and in a bzImage. */
struct bytes small_elf(void);
struct bytes small_bzimage(void);

#endif
