/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Initrd and modules: high in RAM, at page boundaries, sharing no page with anything else. */
#ifndef PVL_BOOT_FILES_H
#define PVL_BOOT_FILES_H

#include "boot/plan.h"

/* Concatenated cpio archives start at multiples of this. */
#define PVL_INITRD_PAD 4u

/* How high an initrd may reach. */
struct pvl_initrd_rule {
	uint64_t limit; /* the limit that is tried first */
	const char *limit_name;
	uint64_t higher_limit; /* the limit if there is no room below; 0: none */
	const char *higher_name;
};

/* Allocate the records of the caller's files. */
enum pvhload_status pvl_files_init(struct pvl_builder *b, struct pvhload_error *err);

/* Initrds that have no bytes are none: true if there were such, and the config has them no more. */
void pvl_drop_empty_initrds(struct pvl_builder *b);

/* Can all of them be opened?  They have been, if so. */
bool pvl_files_are_usable(struct pvl_builder *b);

/* Append the joined initrds to the layout, if there are any; returns the number of the part. */
size_t pvl_append_initrd(struct pvl_builder *b, const struct pvl_initrd_rule *rule);

/* Append module @i of the caller's; the guest counts an initrd before them. */
enum pvhload_status pvl_append_module(struct pvl_builder *b, size_t i, struct pvhload_error *err);

/* Append all of them: the initrd, if there is one, then the modules; *@ret is the first's number. */
enum pvhload_status pvl_append_files(struct pvl_builder *b, const struct pvl_initrd_rule *rule,
				     size_t *ret, struct pvhload_error *err);

/* Append the writes of all of them, whose first part is number @first. */
enum pvhload_status pvl_write_files(struct pvl_builder *b, size_t first, struct pvhload_error *err);

/* Append the writes of the initrds, or of module @i, at @gpa. */
enum pvhload_status pvl_write_initrd(struct pvl_builder *b, uint64_t gpa,
				     struct pvhload_error *err);
enum pvhload_status pvl_write_module(struct pvl_builder *b, size_t i, uint64_t gpa,
				     struct pvhload_error *err);

#endif
