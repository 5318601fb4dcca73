/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A command line and the two ways to change its text: making room, and removing words.
 *
 * The text is "PARAMETERS -- INIT-ARGS".  Without arguments of init there is no " -- ", and without
 * parameters it has no space before it.  There is one space between words.  What an addition has to know of
 * the text is kept beside it, so that none walks through it.
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
	size_t init_count;  /* of these arguments, up to a second "--" */
	bool init_ended;    /* there is a second "--" */
	bool open;          /* the quotes in the last word are not closed */
	char text[];
};

/* PVHLOAD_E_USAGE if @line or @text is NULL, @text is part of @line's own text, or @err is unusable. */
enum pvhload_status pvl_cmdline_usable(const struct pvhload_cmdline *line, const char *text,
				       struct pvhload_error *err);

/* PVHLOAD_E_CMDLINE unless a text of @length bytes and its NUL fit. */
enum pvhload_status pvl_cmdline_fits(const struct pvhload_cmdline *line, size_t length,
				     struct pvhload_error *err);

/* PVHLOAD_E_CMDLINE if the text has open quotes: what is added after it would be within the quotes. */
enum pvhload_status pvl_cmdline_closed(const struct pvhload_cmdline *line,
				       struct pvhload_error *err);

/* PVHLOAD_E_CMDLINE unless @length more bytes of parameters can be added. */
enum pvhload_status pvl_cmdline_takes_param(const struct pvhload_cmdline *line, size_t length,
					    struct pvhload_error *err);

/* Make room for @count bytes at @at, which are known to fit, and return it. */
char *pvl_cmdline_room(struct pvhload_cmdline *line, size_t at, size_t count);

/*
 * Make room for a parameter of @length bytes, not 0 and known to fit, with the space that separates
 * it, and return the place of its first byte.
 */
char *pvl_cmdline_room_for_param(struct pvhload_cmdline *line, size_t length);

/* Remove a parameter and one space next to it. */
void pvl_cmdline_cut(struct pvhload_cmdline *line, const struct pvl_word *word);

/* Give the place of a parameter a new length, which is known to fit. */
void pvl_cmdline_exchange(struct pvhload_cmdline *line, const struct pvl_word *word, size_t length);

/* Bytes by which the text grows with @length bytes of parameters or init args. */
size_t pvl_cmdline_growth(const struct pvhload_cmdline *line, size_t length);
size_t pvl_cmdline_init_growth(const struct pvhload_cmdline *line, size_t length);

/* A parameter that has been checked and measured, but not yet written. */
struct pvl_param {
	const char *key;
	size_t key_length;
	const char *const *values; /* NULL for a flag; else joined by commas */
	size_t count;
	bool quoted;
	size_t length; /* of the whole parameter */
};

/* Check and measure a parameter.  In a @list no value may hold a comma. */
enum pvhload_status pvl_param_init(const char *key, const char *const *values, size_t count,
				   bool list, struct pvl_param *ret, struct pvhload_error *err);

/* The same for one with one value, or a flag if *@value is NULL; @line and the texts are checked too. */
enum pvhload_status pvl_param_init_one(const struct pvhload_cmdline *line, const char *key,
				       const char *const *value, struct pvl_param *ret,
				       struct pvhload_error *err);

/* Write a parameter's @param->length bytes, without a NUL. */
void pvl_param_put(const struct pvl_param *param, char *to);

/* Add @param before any arguments of init, if it can be added. */
enum pvhload_status pvl_cmdline_add_param(struct pvhload_cmdline *line,
					  const struct pvl_param *param, struct pvhload_error *err);

#endif
