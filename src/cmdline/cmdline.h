/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A command line and the two ways to change its text: making room, and taking words out.
 *
 * The text is "PARAMETERS -- INIT-ARGS", where " -- " is there if there are init args, without its
 * first space if there are no parameters.  Words are one space apart.
 */
#ifndef PVL_CMDLINE_CMDLINE_H
#define PVL_CMDLINE_CMDLINE_H

#include <pvhload/cmdline.h>

#include "cmdline/word.h"

struct pvhload_cmdline {
	size_t capacity;    /* the NUL included */
	size_t length;      /* of the text */
	size_t boot_length; /* of the parameters */
	size_t init_length; /* of the arguments of init, at the text's end */
	char text[];
};

/* PVHLOAD_E_USAGE unless @line is one, @text is there and not part of it, and @err can be used. */
enum pvhload_status pvl_cmdline_usable(const struct pvhload_cmdline *line, const char *text,
				       struct pvhload_error *err);

/* PVHLOAD_E_CMDLINE unless a text of @length bytes and its NUL fit. */
enum pvhload_status pvl_cmdline_fits(const struct pvhload_cmdline *line, size_t length,
				     struct pvhload_error *err);

/* PVHLOAD_E_CMDLINE if the text ends in quotes: nothing can be put behind it. */
enum pvhload_status pvl_cmdline_closed(const struct pvhload_cmdline *line,
				       struct pvhload_error *err);

/* Make room for @count bytes at @at, which are known to fit, and return it. */
char *pvl_cmdline_room(struct pvhload_cmdline *line, size_t at, size_t count);

/* Where a parameter goes, @length bytes that are not 0 and known to fit, a space before or behind. */
char *pvl_cmdline_room_for_param(struct pvhload_cmdline *line, size_t length);

/* Take a parameter out, and the space that is too much then. */
void pvl_cmdline_cut(struct pvhload_cmdline *line, const struct pvl_word *word);

/* Make a parameter's place @length bytes long, which are known to fit. */
void pvl_cmdline_exchange(struct pvhload_cmdline *line, const struct pvl_word *word, size_t length);

/* Bytes by which the text grows with @length bytes of parameters or init args. */
size_t pvl_cmdline_growth(const struct pvhload_cmdline *line, size_t length);
size_t pvl_cmdline_init_growth(const struct pvhload_cmdline *line, size_t length);

/* A parameter's name and value, checked and measured before any of it is written. */
struct pvl_param {
	const char *key;
	size_t key_length;
	const char *const *values; /* NULL for a flag; else joined by commas */
	size_t count;
	bool quoted;
	size_t length; /* of all of it */
};

/* In a @list no value holds a comma. */
enum pvhload_status pvl_param_init(const char *key, const char *const *values, size_t count,
				   bool list, struct pvl_param *ret, struct pvhload_error *err);
void pvl_param_put(const struct pvl_param *param, char *to);

/* Check @param, add it. */
enum pvhload_status pvl_cmdline_add_param(struct pvhload_cmdline *line,
					  const struct pvl_param *param, struct pvhload_error *err);

#endif
