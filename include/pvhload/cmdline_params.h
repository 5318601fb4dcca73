/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * The parameters of a command line, as Linux sees them: going through them, finding, replacing, removing
 * and comparing them.  What a word is, cmdline.h says.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par ABI source
 * Linux, lib/cmdline.c (how words are split), kernel/params.c (names), init/main.c (what init is given).
 */
#ifndef PVHLOAD_CMDLINE_PARAMS_H
#define PVHLOAD_CMDLINE_PARAMS_H

#include <pvhload/cmdline.h>
#include <pvhload/macros.h>
#include <pvhload/status.h>

PVHLOAD_BEGIN_DECLS

/** Values of pvhload_cmdline_param::section. */
#define PVHLOAD_CMDLINE_KERNEL  0u /**< before "--": a parameter */
#define PVHLOAD_CMDLINE_INIT    1u /**< behind it: an argument of init */
#define PVHLOAD_CMDLINE_IGNORED 2u /**< behind a second "--": Linux drops it */

/** A word of a command line, as Linux sees it.  The texts are not NUL-terminated. */
struct pvhload_cmdline_param {
	size_t struct_size;  /**< sizeof(struct pvhload_cmdline_param) */
	const char *key;     /**< the name; of a flag, all of it */
	size_t key_length;   /**< bytes; may be 0 */
	const char *value;   /**< what is behind the '=', without quotes; NULL for a flag */
	size_t value_length; /**< bytes; may be 0 */
	size_t start;        /**< where the word begins in the command line */
	size_t end;          /**< and ends; the next is looked for from here on */
	uint32_t section;    /**< PVHLOAD_CMDLINE_KERNEL, _INIT or _IGNORED */
	uint32_t reserved;   /**< 0 */
};

/** Initialiser for a struct pvhload_cmdline_param, with which pvhload_cmdline_next() begins. */
#define PVHLOAD_CMDLINE_PARAM_INIT PVHLOAD_SIZED_(pvhload_cmdline_param)

/**
 * Go to the next word; "--" is none.
 *
 * @code
 * struct pvhload_cmdline_param param = PVHLOAD_CMDLINE_PARAM_INIT;
 * while (pvhload_cmdline_next(line, &param, NULL) == PVHLOAD_OK)
 *         printf("%.*s\n", (int)param.key_length, param.key);
 * @endcode
 *
 * @param[in]     line   The command line.
 * @param[in,out] param  The last word, or PVHLOAD_CMDLINE_PARAM_INIT for the first; becomes the next.
 *                       Untouched on failure.  After a change of @p line, begin anew.
 * @param[out]    err    May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK           The word is at @p param.
 * @retval PVHLOAD_E_USAGE      @p line or @p param is NULL, or a struct's @c struct_size is wrong.
 * @retval PVHLOAD_E_NOT_FOUND  There are no more.
 *
 * @par Ownership and threads
 * The texts belong to @p line; valid until it changes.  Any thread may call this while none changes it.
 *
 * @since 0.1
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_next(const struct pvhload_cmdline *line, struct pvhload_cmdline_param *param,
		     struct pvhload_error *err);

/** The @c index of the last parameter of a name: the one that counts, for most. */
#define PVHLOAD_CMDLINE_LAST SIZE_MAX

/**
 * Find a parameter by its name, in which '-' and '_' are the same.  Arguments of init are none.
 *
 * @param[in]  line   The command line.
 * @param[in]  key    The name.
 * @param[in]  index  Which of those of that name, from 0, or PVHLOAD_CMDLINE_LAST.
 * @param[out] param  The parameter.  Untouched on failure.
 * @param[out] err    May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK           The parameter is at @p param.
 * @retval PVHLOAD_E_USAGE      @p line, @p key or @p param is NULL, or a struct's @c struct_size is wrong.
 * @retval PVHLOAD_E_NOT_FOUND  There is none, or are not so many.
 *
 * @par Ownership and threads
 * The texts belong to @p line; valid until it changes.  Any thread may call this while none changes it.
 *
 * @since 0.1
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
 *
 * @par Ownership and threads
 * Nothing is kept or changed.  Any thread may call this while none changes @p line.
 *
 * @since 0.1
 */
PVHLOAD_API int pvhload_cmdline_has(const struct pvhload_cmdline *line, const char *key);

/**
 * Put one parameter in the place of all of that name, where the first of them was.
 *
 * @param[in,out] line   The command line.  Unchanged on failure.
 * @param[in]     key    As for pvhload_cmdline_add(); it is written as it is here.
 * @param[in]     value  As for pvhload_cmdline_add().
 * @param[out]    err    May be NULL.  Filled on failure only; @c offset is that of a character at
 *                       fault in @p key or @p value.
 *
 * @retval PVHLOAD_OK           Replaced.
 * @retval PVHLOAD_E_USAGE      As pvhload_cmdline_add().
 * @retval PVHLOAD_E_NOT_FOUND  There is no parameter of that name.
 * @retval PVHLOAD_E_CMDLINE    As pvhload_cmdline_add(), but for quotes at the end of the command line.
 *
 * @par Ownership and threads
 * The texts are copied.  No other thread may be using @p line.
 *
 * @since 0.1
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
 * @retval PVHLOAD_E_USAGE      @p line or @p key is NULL, @p key is part of @p line's own text, or the
 *                              @c struct_size of @p err is wrong.
 * @retval PVHLOAD_E_NOT_FOUND  There is no parameter of that name.
 *
 * @par Ownership and threads
 * No other thread may be using @p line.
 *
 * @since 0.1
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_remove(struct pvhload_cmdline *line, const char *key, struct pvhload_error *err);

/**
 * Whether Linux and init get the same from two command lines.
 *
 * They do if the words are the same, in the same order and sections, with the same values; how a value
 * is quoted does not count, nor does what Linux ignores.  '-' and '_' differ here, as init sees them in
 * what Linux does not know.
 *
 * @param[in] a  A command line, or NULL.
 * @param[in] b  Another, or NULL.
 * @return       1 if they are equal; 0 if not, or if one is NULL.
 *
 * @par Ownership and threads
 * Nothing is kept or changed.  Any thread may call this while none changes them.
 *
 * @since 0.1
 */
PVHLOAD_API int pvhload_cmdline_equal(const struct pvhload_cmdline *a,
				      const struct pvhload_cmdline *b);

PVHLOAD_END_DECLS

#endif
