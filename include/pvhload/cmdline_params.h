/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * The parameters on a command line: visiting, finding, replacing, removing and comparing them.
 * cmdline.h says what a word is.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par Ownership and threads
 * As in cmdline.h: texts given are copied; texts returned belong to the command line and are valid until
 * it is changed or freed.  Several threads may read it at once; while one changes it, no other may use it.
 *
 * @par ABI source
 * Linux, lib/cmdline.c (how words are split), kernel/params.c (names), init/main.c (what init is given).
 *
 * @since 0.1
 */
#ifndef PVHLOAD_CMDLINE_PARAMS_H
#define PVHLOAD_CMDLINE_PARAMS_H

#include <pvhload/cmdline.h>
#include <pvhload/macros.h>
#include <pvhload/status.h>

PVHLOAD_BEGIN_DECLS

/** Values of pvhload_cmdline_param::section. */
#define PVHLOAD_CMDLINE_KERNEL  0u /**< before "--": a parameter */
#define PVHLOAD_CMDLINE_INIT    1u /**< after it: an argument of init */
#define PVHLOAD_CMDLINE_IGNORED 2u /**< after a second "--": Linux ignores it */

/** A word of a command line, as Linux sees it.  The texts are not NUL-terminated. */
struct pvhload_cmdline_param {
	size_t struct_size;  /**< sizeof(struct pvhload_cmdline_param) */
	const char *key;     /**< the name; all of a flag */
	size_t key_length;   /**< bytes; may be 0 */
	const char *value;   /**< what follows the '=', without quotes; NULL for a flag */
	size_t value_length; /**< bytes; may be 0 */
	size_t start;        /**< offset of the word in the command line */
	size_t end;          /**< and of its end; the search for the next starts here */
	uint32_t section;    /**< PVHLOAD_CMDLINE_KERNEL, _INIT or _IGNORED */
	uint32_t reserved;   /**< 0 */
};

/** Initialiser for a struct pvhload_cmdline_param; pvhload_cmdline_next() starts with it. */
#define PVHLOAD_CMDLINE_PARAM_INIT PVHLOAD_SIZED_(pvhload_cmdline_param)

/**
 * Advance to the next word.  The "--" separator is skipped.
 *
 * @code
 * struct pvhload_cmdline_param param = PVHLOAD_CMDLINE_PARAM_INIT;
 * while (pvhload_cmdline_next(line, &param, NULL) == PVHLOAD_OK)
 *         printf("%.*s\n", (int)param.key_length, param.key);
 * @endcode
 *
 * @param[in]     line   The command line.
 * @param[in,out] param  In: the current word, or PVHLOAD_CMDLINE_PARAM_INIT to start.  Out: the next
 *                       one.  Untouched on failure.  Start again after changing @p line.
 * @param[out]    err    May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK           The word is at @p param.
 * @retval PVHLOAD_E_USAGE      @p line or @p param is NULL, or a struct's @c struct_size is wrong.
 * @retval PVHLOAD_E_NOT_FOUND  There are no more words.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_next(const struct pvhload_cmdline *line, struct pvhload_cmdline_param *param,
		     struct pvhload_error *err);

/** The @c index of the last parameter of a name; for most parameters, it is the one that counts. */
#define PVHLOAD_CMDLINE_LAST SIZE_MAX

/**
 * Find a parameter by its name, in which '-' and '_' are the same.  Arguments of init are not searched.
 *
 * @param[in]  line   The command line.
 * @param[in]  key    The name.
 * @param[in]  index  Which one, if there are several: from 0, or PVHLOAD_CMDLINE_LAST.
 * @param[out] param  The parameter.  Untouched on failure.
 * @param[out] err    May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK           The parameter is at @p param.
 * @retval PVHLOAD_E_USAGE      @p line, @p key or @p param is NULL, or a struct's @c struct_size is wrong.
 * @retval PVHLOAD_E_NOT_FOUND  There is no such parameter, or no @p index of them.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_get(const struct pvhload_cmdline *line, const char *key, size_t index,
		    struct pvhload_cmdline_param *param, struct pvhload_error *err);

/**
 * Whether there is a parameter of this name, see pvhload_cmdline_get().
 *
 * @param[in] line  The command line, or NULL.
 * @param[in] key   The name, or NULL.
 * @return          1 if there is; 0 if not, or for NULL.
 */
PVHLOAD_API int pvhload_cmdline_has(const struct pvhload_cmdline *line, const char *key);

/**
 * Replace all parameters of a name by one, at the place of the first.
 *
 * @param[in,out] line   The command line.  Unchanged on failure.
 * @param[in]     key    As for pvhload_cmdline_add(); written as given.
 * @param[in]     value  As for pvhload_cmdline_add().
 * @param[out]    err    May be NULL.  Filled on failure only; @c offset is that of a character at
 *                       fault in @p key or @p value.
 *
 * @retval PVHLOAD_OK           Replaced.
 * @retval PVHLOAD_E_USAGE      As pvhload_cmdline_add().
 * @retval PVHLOAD_E_NOT_FOUND  There is no parameter of that name.
 * @retval PVHLOAD_E_CMDLINE    As pvhload_cmdline_add(), except that quotes may be left open in the
 *                              command line.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_replace(struct pvhload_cmdline *line, const char *key, const char *value,
			struct pvhload_error *err);

/**
 * Remove all parameters of a name, see pvhload_cmdline_get().
 *
 * @param[in,out] line  The command line.  Unchanged on failure.
 * @param[in]     key   The name.
 * @param[out]    err   May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK           Removed.
 * @retval PVHLOAD_E_USAGE      @p line or @p key is NULL, @p key lies inside @p line's own text, or the
 *                              @c struct_size of @p err is wrong.
 * @retval PVHLOAD_E_NOT_FOUND  There is no parameter of that name.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_remove(struct pvhload_cmdline *line, const char *key, struct pvhload_error *err);

/**
 * Do two command lines mean the same to Linux and init?
 *
 * They do if they have the same words, in the same order and sections.  Quotes are not compared, nor is
 * what Linux ignores.  '-' and '_' are different here: init sees the words that Linux does not know as
 * they are written.
 *
 * @param[in] a  A command line, or NULL.
 * @param[in] b  Another, or NULL.
 * @return       1 if they are equal; 0 if not, or if one is NULL.
 */
PVHLOAD_API int pvhload_cmdline_equal(const struct pvhload_cmdline *a,
				      const struct pvhload_cmdline *b);

PVHLOAD_END_DECLS

#endif
