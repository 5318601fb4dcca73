/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Files the program writes.  They get their name only when they are complete: whatever goes wrong
 * before leaves neither a half-written file nor a lost old one.
 */
#ifndef TOOL_OUTPUT_H
#define TOOL_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

struct output {
	const char *path;
	char *target;    /* where it goes: the path, or what it links to */
	char *temporary; /* its name until it is complete; NULL if it is written in place */
	int fd;          /* open for reading and writing */
};

/* Each returns TOOL_DONE, or prints a message and returns TOOL_FAILED. */
int output_open(struct output *out, const char *path);
int output_open_standard(struct output *out); /* standard output */
int output_write(struct output *out, const void *bytes, size_t size);

/* Refuse @path, "-" for standard output, if it is one of the @count files in @fds, which are read. */
int output_is_apart(const char *path, const int *fds, size_t count);

/* The same for a file that standard output goes to, and the program prints something else on. */
int output_is_not_printed_to(const char *path);

/* Would one go over the other?  Names may differ: by links, folders, or "./". */
bool output_is_same(const char *a, const char *b);

/* Give the file its name if @result is TOOL_DONE, else remove it; returns the worse of both. */
int output_close(struct output *out, int result);

#endif
