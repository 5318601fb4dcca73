/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* A plan's picture as SVG, for documents. */
#ifndef TOOL_SVG_H
#define TOOL_SVG_H

#include "picture.h"

/* Write it to @path: TOOL_DONE, or what to exit with, the message printed. */
int svg_write(const struct picture *picture, const struct pvhload_plan_info *info,
	      const char *path);

#endif
