/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Editing a tree, and what may come of it. */
#ifndef SUPPORT_FDT_FIXTURE_H
#define SUPPORT_FDT_FIXTURE_H

#include "device_trees.h"
#include "suite.h"

/* True, and the test is told to be skipped, if this build has no libfdt. */
bool skip_without_fdt(void);

/* What main() returns if a whole suite is skipped, once that is said in TAP. */
int skipped_suite(void);

struct fdt_fixture {
	struct bytes tree; /* the caller's */
	struct pvhload_fdt fdt;
	struct pvhload_fdt_params params;
	struct pvhload_memmap_entry entries[2];
	struct pvhload_memmap map; /* RAM as in machine_tree(), twice: the second 4 GiB higher */
};

/* With machine_tree(), a command line and an initrd. */
void fdt_setup(struct fdt_fixture *f);
void fdt_teardown(struct fdt_fixture *f);

/* Take another tree. */
void fdt_use(struct fdt_fixture *f, struct bytes tree);

/* The tree that is made, which is sound and of the size that is told beforehand; the caller's is as it was. */
struct bytes fdt_edited(struct fdt_fixture *f);

/* No tree is made, and nothing is written. */
struct pvhload_error fdt_refused(struct fdt_fixture *f, enum pvhload_status status);

/* Property @name of @path is these bytes; NULL: there is none. */
void check_property(const struct bytes *tree, const char *path, const char *name, const void *bytes,
		    size_t size);
void check_text(const struct bytes *tree, const char *path, const char *name, const char *text);

#endif
