/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Files to read as the command line names them: files, pipes, and "-" for standard input. */
#ifndef TOOL_INPUT_H
#define TOOL_INPUT_H

#include "tool.h"

/*
 * A descriptor that can be read anywhere, or -1 with the message printed.  A pipe is read to its end first,
 * @limit bytes of it at most; 0 is the library's limit for what is decoded.
 */
int input_open(const char *path, uint64_t limit);

/* Is there an image that the library knows? */
bool input_is_kernel(const char *path);

#endif
