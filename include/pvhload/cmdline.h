/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * A command line: building one, and splitting one into words as Linux does.
 *
 * Linux splits its command line at white space.  A word is a parameter: KEY=VALUE, or a flag
 * without '='.  Double quotes keep white space in a word; a quoted value cannot contain a double
 * quote.  In names of parameters '-' and '_' are the same.  The first word that is "--" ends the
 * parameters: the words after it are arguments of init, up to a second "--".  Linux ignores what
 * follows that one.
 *
 * A struct pvhload_cmdline keeps parameters and arguments of init separate, so a parameter that is added
 * last still goes before the "--".  Its text is complete and NUL-terminated at any time.  All its memory
 * is allocated when it is made.  Nothing is truncated: what does not fit, and what Linux could not read
 * back, is refused, and the command line stays unchanged.  The message names the character at fault, or
 * says by how many bytes the text is too long.
 *
 * cmdline_params.h has functions to look through the parameters and change them, cmdline_devices.h has
 * parameters for devices.
 *
 * White space is what it is for Linux: space, tab, newline, vertical tab, form feed, carriage return.
 * Between words it becomes one space.  All other characters have to be printable ASCII, 0x20 to 0x7e.
 *
 * What Linux does with the words: it handles the parameters it knows in order, and for most of them the
 * last one counts.  A name with a '.' is a module's parameter.  What it does not know goes to init: a
 * flag as an argument, KEY=VALUE into the environment.  Linux panics if there are more than
 * PVHLOAD_CMDLINE_INIT_ARGS_MAX of either.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par Ownership and threads
 * Texts that a function is given are copied.  A text that a function returns belongs to the command line
 * and is valid until that is changed or freed; only these functions may change it, as they keep beside it
 * what it has, so that an addition reads nothing but what is added.  Several threads may read a command line at once; while
 * one changes it, no other thread may use it.  Different command lines share nothing.
 *
 * @par ABI source
 * Linux, lib/cmdline.c (how words are split), kernel/params.c, init/main.c.
 *
 * @since 0.1
 */
#ifndef PVHLOAD_CMDLINE_H
#define PVHLOAD_CMDLINE_H

#include <pvhload/guest_memory.h>
#include <pvhload/macros.h>
#include <pvhload/status.h>

PVHLOAD_BEGIN_DECLS

/**
 * Most words after the "--".  Linux passes each of them to init as an argument, and panics if there are
 * more (init/main.c, CONFIG_INIT_ENV_ARG_LIMIT).  Flags before the "--" that Linux does not know count as
 * well, but only Linux can tell which those are.
 */
#define PVHLOAD_CMDLINE_INIT_ARGS_MAX 32u

/** The largest capacity of a command line, the NUL included. */
#define PVHLOAD_CMDLINE_CAPACITY_MAX 0x10000u

/** A command line. */
struct pvhload_cmdline;

/**
 * Make an empty command line.
 *
 * pvhload_boot_cmdline_capacity() gives the capacity for a kernel and a protocol.
 *
 * @param[in]  capacity  Bytes it can hold, the NUL included: 1 to PVHLOAD_CMDLINE_CAPACITY_MAX.
 * @param[out] line      The command line, to be freed by pvhload_cmdline_free().  Untouched on failure.
 * @param[out] err       May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK           The command line is at @p line.
 * @retval PVHLOAD_E_USAGE      @p line is NULL, @p capacity is 0, or the @c struct_size of @p err is wrong.
 * @retval PVHLOAD_E_LIMIT      @p capacity is above PVHLOAD_CMDLINE_CAPACITY_MAX.
 * @retval PVHLOAD_E_NO_MEMORY  No host memory.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_new(size_t capacity, struct pvhload_cmdline **line, struct pvhload_error *err);

/**
 * Copy a command line.
 *
 * @param[in]  line      The command line.
 * @param[in]  capacity  The copy's capacity; 0 for that of @p line.
 * @param[out] copy      The copy, to be freed by pvhload_cmdline_free().  Untouched on failure.
 * @param[out] err       May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK           The copy is at @p copy.
 * @retval PVHLOAD_E_USAGE      @p line or @p copy is NULL, or the @c struct_size of @p err is wrong.
 * @retval PVHLOAD_E_LIMIT      @p capacity is above PVHLOAD_CMDLINE_CAPACITY_MAX.
 * @retval PVHLOAD_E_CMDLINE    The text does not fit; the message says by how many bytes.
 * @retval PVHLOAD_E_NO_MEMORY  No host memory.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_copy(const struct pvhload_cmdline *line, size_t capacity,
		     struct pvhload_cmdline **copy, struct pvhload_error *err);

/**
 * Free a command line.
 *
 * @param[in] line  The command line, or NULL.
 */
PVHLOAD_API void pvhload_cmdline_free(struct pvhload_cmdline *line);

/**
 * Add a parameter after the others and before any arguments of init.
 *
 * A value with spaces is written in double quotes, which Linux removes.
 *
 * @param[in,out] line   The command line.  Unchanged on failure.
 * @param[in]     key    The name: printable ASCII without space, '=' and '"'; not empty.
 * @param[in]     value  NUL-terminated printable ASCII, without '"'; may be empty; NULL for a flag.
 * @param[out]    err    May be NULL.  Filled on failure only; @c offset is that of a character at
 *                       fault in @p key or @p value.
 *
 * @retval PVHLOAD_OK         Added.
 * @retval PVHLOAD_E_USAGE    @p line or @p key is NULL, a text lies inside @p line's own, or the
 *                            @c struct_size of @p err is wrong.
 * @retval PVHLOAD_E_CMDLINE  A character is not allowed; the flag is "--"; quotes in the command line
 *                            are not closed; or it would be too long: the message says by how many
 *                            bytes.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status pvhload_cmdline_add(struct pvhload_cmdline *line,
								      const char *key,
								      const char *value,
								      struct pvhload_error *err);

/**
 * Add a parameter with a list of values: KEY=VALUE,VALUE.
 *
 * @param[in,out] line    The command line.  Unchanged on failure.
 * @param[in]     key     As for pvhload_cmdline_add().
 * @param[in]     values  The values, each as for pvhload_cmdline_add(), and without ','.
 * @param[in]     count   How many values; at least 1.
 * @param[out]    err     May be NULL.  Filled on failure only; @c offset is that of a character at
 *                        fault in @p key or a value.
 *
 * @retval PVHLOAD_OK         Added.
 * @retval PVHLOAD_E_USAGE    As pvhload_cmdline_add(), or @p values or one of them is NULL.
 * @retval PVHLOAD_E_CMDLINE  As pvhload_cmdline_add(); a value has a ','; or there are no values.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_add_list(struct pvhload_cmdline *line, const char *key, const char *const *values,
			 size_t count, struct pvhload_error *err);

/**
 * Add one or more parameters given as text, before any arguments of init.
 *
 * @param[in,out] line  The command line.  Unchanged on failure.
 * @param[in]     text  NUL-terminated words, quoted as Linux reads them.  White space around them is
 *                      dropped.  A text without words adds nothing.
 * @param[out]    err   May be NULL.  Filled on failure only; @c offset is that of a character at fault.
 *
 * @retval PVHLOAD_OK         Added.
 * @retval PVHLOAD_E_USAGE    @p line or @p text is NULL, @p text lies inside @p line's own, or the
 *                            @c struct_size of @p err is wrong.
 * @retval PVHLOAD_E_CMDLINE  A character is not allowed; a word is "--", see
 *                            pvhload_cmdline_append_init_args() and pvhload_cmdline_parse(); quotes are
 *                            not closed, in @p text or in the command line; or it would be too long:
 *                            the message says by how many bytes.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_append(struct pvhload_cmdline *line, const char *text, struct pvhload_error *err);

/**
 * Add arguments of init at the end, with the "--" before the first of them.
 *
 * @param[in,out] line  The command line.  Unchanged on failure.
 * @param[in]     text  As for pvhload_cmdline_append().
 * @param[out]    err   May be NULL.  Filled on failure only; @c offset is that of a character at fault.
 *
 * @retval PVHLOAD_OK         Added.
 * @retval PVHLOAD_E_USAGE    As pvhload_cmdline_append().
 * @retval PVHLOAD_E_CMDLINE  As pvhload_cmdline_append(); there is already a second "--", after which
 *                            Linux ignores everything; or there would be more than
 *                            PVHLOAD_CMDLINE_INIT_ARGS_MAX arguments.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_append_init_args(struct pvhload_cmdline *line, const char *text,
				 struct pvhload_error *err);

/**
 * Replace the whole command line by a text, split as Linux splits it.
 *
 * Everything that Linux accepts is accepted: "--" at the start, in the middle, at the end and in quotes,
 * and quotes that are not closed, which extend to the end.  A "--" with nothing after it is dropped.
 *
 * @param[in,out] line  The command line.  Unchanged on failure.
 * @param[in]     text  NUL-terminated; a newline at its end is white space.
 * @param[out]    err   May be NULL.  Filled on failure only; @c offset is that of a character at fault.
 *
 * @retval PVHLOAD_OK         The command line is that of @p text.
 * @retval PVHLOAD_E_USAGE    @p line or @p text is NULL, @p text lies inside @p line's own, or the
 *                            @c struct_size of @p err is wrong.
 * @retval PVHLOAD_E_CMDLINE  A character is not allowed (in quotes, that is also white space other than
 *                            a space); or the text is too long: the message says by how many bytes.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_parse(struct pvhload_cmdline *line, const char *text, struct pvhload_error *err);

/**
 * The text as the guest gets it, for instance for pvhload_boot_config::cmdline.
 *
 * @param[in] line  The command line, or NULL.
 * @return          The text, NUL-terminated; "" for NULL.  Never NULL.
 */
PVHLOAD_API const char *pvhload_cmdline_str(const struct pvhload_cmdline *line);

/**
 * The arguments of init: what follows the "--" in pvhload_cmdline_str().
 *
 * @param[in] line  The command line, or NULL.
 * @return          The text, NUL-terminated; "" if there are none, or for NULL.  Never NULL.
 */
PVHLOAD_API const char *pvhload_cmdline_init_args(const struct pvhload_cmdline *line);

/**
 * The length of the text, without the NUL.
 *
 * @param[in] line  The command line, or NULL.
 * @return          Bytes, always less than pvhload_cmdline_capacity(); 0 for NULL.
 */
PVHLOAD_API size_t pvhload_cmdline_length(const struct pvhload_cmdline *line);

/**
 * The bytes that the text can have, the NUL included.
 *
 * @param[in] line  The command line, or NULL.
 * @return          Bytes, as given when it was made; 0 for NULL.
 */
PVHLOAD_API size_t pvhload_cmdline_capacity(const struct pvhload_cmdline *line);

/**
 * Write the text and its NUL to guest memory.
 *
 * For a VMM that places things itself.  pvhload_plan_commit(), pvhload_linux_write() and
 * pvhload_pvh_write() write the command line that they are given.
 *
 * @param[in]  line  The command line.
 * @param[in]  mem   Guest memory with @c write and a @c memmap.
 * @param[in]  gpa   Where the first byte goes.
 * @param[out] err   May be NULL.  Filled on failure only; @c gpa is the address at fault.
 *
 * @retval PVHLOAD_OK           Written: pvhload_cmdline_length() + 1 bytes.
 * @retval PVHLOAD_E_USAGE      @p line is NULL, or as pvhload_memory_write().
 * @retval PVHLOAD_E_MEMMAP     The map in @p mem is unsound (pvhload_memmap_validate()).
 * @retval PVHLOAD_E_RANGE      Not every byte of the range is RAM; nothing was written.
 * @retval PVHLOAD_E_CALLBACK   @c write failed.
 *
 * @par Ownership and threads
 * Reads @p line.  Calls may run in parallel on different memories.
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_write(const struct pvhload_cmdline *line, const struct pvhload_memory *mem,
		      uint64_t gpa, struct pvhload_error *err);

PVHLOAD_END_DECLS

#endif
