/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What decode can read: each prints what it found at the address, or fails with a message about the file. */
#ifndef TOOL_DECODE_H
#define TOOL_DECODE_H

#include "decode_warn.h"
#include "options.h"

int decode_start_info(const struct pvhload_memory *mem, const struct options *options);
int decode_zero_page(const struct pvhload_memory *mem, const struct options *options);
int decode_fdt(const struct pvhload_memory *mem, const struct options *options);

/* The command line, as far as there is one; NULL if there is none, or none of it can be read. */
const char *decode_cmdline(const char *text, uint64_t gpa, uint32_t incomplete);

/* Lines of its fields cmdline, cmdline_gpa and cmdline_cut, which is there if the text has no end. */
/* clang-format off */
#define DECODE_CMDLINE_LINES \
	{ .when = "-cmdline_gpa", .text = "command line: none\n" }, \
	{ .when = "+cmdline_gpa !cmdline", \
	  .text = "command line at {cmdline_gpa}: cannot be read\n" }, \
	{ .when = "cmdline !cmdline_cut", .text = "command line at {cmdline_gpa}: {cmdline}\n" }, \
	{ .when = "cmdline cmdline_cut", \
	  .text = "command line at {cmdline_gpa}, without an end: {cmdline}\n" }
/* clang-format on */

/*
 * Print @object, the warnings its last member; or the text's end, with NULL.  Frees both.  PVHLOAD_GUEST_* @guest
 * is by whose rules was checked.
 */
int decode_finish(struct json_object *object, struct pvhload_check *check, uint32_t guest);

#endif
