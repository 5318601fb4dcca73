/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * A command line, built up and taken apart as Linux does it.
 *
 * Linux splits its command line at white space.  A word is a parameter, KEY=VALUE or a flag; double
 * quotes keep white space in it, and cannot themselves be in a quoted value.  In names of parameters
 * '-' and '_' are the same.  The first word that is "--" alone, wherever it is, ends the parameters:
 * what follows is for init alone, up to a second such word, behind which Linux ignores everything.
 *
 * A command line here has these parts apart, so what is added last does not end up behind the "--".
 * It is always a whole text, with its NUL, in memory that was taken when it was made: nothing else
 * allocates, and nothing is ever cut short.  What does not fit, or cannot be said to Linux, is refused
 * with the character or the number of bytes at fault, and the command line stays as it was.
 *
 * Going through the parameters and changing them is in cmdline_params.h; parameters for devices are in
 * cmdline_devices.h.
 *
 * White space is what it is for Linux: space, tab, newline, vertical tab, form feed, carriage return.
 * Where it separates words, one space takes its place.  All else is printable ASCII, 0x20 to 0x7e.
 *
 * What Linux makes of a word besides: known parameters take theirs, in the order of the line; for most,
 * the last one counts.  A name with a '.' in it is a module's.  What else is unknown goes to init: a
 * flag as an argument, KEY=VALUE to its environment.  Linux takes no more than
 * PVHLOAD_CMDLINE_INIT_ARGS_MAX of either and panics if there are more.
 *
 * @par Units
 * Bytes; guest-physical addresses.
 *
 * @par ABI source
 * Linux, lib/cmdline.c (how words are split), kernel/params.c, init/main.c.
 */
#ifndef PVHLOAD_CMDLINE_H
#define PVHLOAD_CMDLINE_H

#include <pvhload/guest_memory.h>
#include <pvhload/macros.h>
#include <pvhload/status.h>

PVHLOAD_BEGIN_DECLS

/**
 * Most words behind the "--": Linux makes arguments of init of them all, and panics at one more
 * (init/main.c, CONFIG_INIT_ENV_ARG_LIMIT).  Flags before it that Linux does not know count as well, but
 * which those are, only Linux can tell.
 */
#define PVHLOAD_CMDLINE_INIT_ARGS_MAX 32u

/** Most bytes that a command line can be made for, the NUL included. */
#define PVHLOAD_CMDLINE_CAPACITY_MAX 0x10000u

/** A command line. */
struct pvhload_cmdline;

/**
 * Make an empty command line.
 *
 * The capacity for a kernel, and a protocol, is what pvhload_boot_cmdline_capacity() says.
 *
 * @param[in]  capacity  Bytes it may have, the NUL included: 1 to PVHLOAD_CMDLINE_CAPACITY_MAX.
 * @param[out] line      The command line.  Untouched on failure.
 * @param[out] err       May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK           The command line is at @p line.
 * @retval PVHLOAD_E_USAGE      @p line is NULL, @p capacity is 0, or the @c struct_size of @p err is wrong.
 * @retval PVHLOAD_E_LIMIT      @p capacity is above PVHLOAD_CMDLINE_CAPACITY_MAX.
 * @retval PVHLOAD_E_NO_MEMORY  No host memory.
 *
 * @par Ownership and threads
 * The command line is the caller's, to be freed by pvhload_cmdline_free().  One thread at a time may
 * change it; nothing here is shared between two.
 *
 * @since 0.1
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_new(size_t capacity, struct pvhload_cmdline **line, struct pvhload_error *err);

/**
 * Copy a command line.
 *
 * @param[in]  line      The command line.
 * @param[in]  capacity  The copy's capacity; 0 for that of @p line.
 * @param[out] copy      The copy.  Untouched on failure.
 * @param[out] err       May be NULL.  Filled on failure only.
 *
 * @retval PVHLOAD_OK           The copy is at @p copy.
 * @retval PVHLOAD_E_USAGE      @p line or @p copy is NULL, or the @c struct_size of @p err is wrong.
 * @retval PVHLOAD_E_LIMIT      @p capacity is above PVHLOAD_CMDLINE_CAPACITY_MAX.
 * @retval PVHLOAD_E_CMDLINE    The text does not fit; the message says by how many bytes.
 * @retval PVHLOAD_E_NO_MEMORY  No host memory.
 *
 * @par Ownership and threads
 * The copy is the caller's, to be freed by pvhload_cmdline_free(), and independent of @p line.
 *
 * @since 0.1
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_copy(const struct pvhload_cmdline *line, size_t capacity,
		     struct pvhload_cmdline **copy, struct pvhload_error *err);

/**
 * Free a command line.
 *
 * @param[in] line  The command line, or NULL.
 *
 * @par Ownership and threads
 * Frees @p line; its text is invalid afterwards.  No other thread may be using it.
 *
 * @since 0.1
 */
PVHLOAD_API void pvhload_cmdline_free(struct pvhload_cmdline *line);

/**
 * Add a parameter, behind those that are there and before any arguments of init.
 *
 * A value that holds spaces is put in double quotes, which Linux takes off again.
 *
 * @param[in,out] line   The command line.  Unchanged on failure.
 * @param[in]     key    Its name: printable ASCII without space, '=' and '"'; not empty.
 * @param[in]     value  NUL-terminated printable ASCII, without '"'; may be empty; NULL for a flag.
 * @param[out]    err    May be NULL.  Filled on failure only; @c offset is that of a character at
 *                       fault in @p key or @p value.
 *
 * @retval PVHLOAD_OK         Added.
 * @retval PVHLOAD_E_USAGE    @p line or @p key is NULL, a text is part of @p line's own, or the
 *                            @c struct_size of @p err is wrong.
 * @retval PVHLOAD_E_CMDLINE  A character that cannot be there; the flag "--"; the command line ends
 *                            within quotes; or it would be too long: the message says by how many
 *                            bytes.
 *
 * @par Ownership and threads
 * The texts are copied.  No other thread may be using @p line.
 *
 * @since 0.1
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
 * @param[in]     count   How many; at least 1.
 * @param[out]    err     May be NULL.  Filled on failure only; @c offset is that of a character at
 *                        fault in @p key or a value.
 *
 * @retval PVHLOAD_OK         Added.
 * @retval PVHLOAD_E_USAGE    As pvhload_cmdline_add(), or @p values or one of them is NULL.
 * @retval PVHLOAD_E_CMDLINE  As pvhload_cmdline_add(); a ',' in a value; or no values.
 *
 * @par Ownership and threads
 * The texts are copied.  No other thread may be using @p line.
 *
 * @since 0.1
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_add_list(struct pvhload_cmdline *line, const char *key, const char *const *values,
			 size_t count, struct pvhload_error *err);

/**
 * Add text as it is, one or more parameters, before any arguments of init.
 *
 * @param[in,out] line  The command line.  Unchanged on failure.
 * @param[in]     text  NUL-terminated; quotes in it are Linux's own.  White space around it and more
 *                      than one space between words do not count; with nothing else, nothing is added.
 * @param[out]    err   May be NULL.  Filled on failure only; @c offset is that of a character at fault.
 *
 * @retval PVHLOAD_OK         Added.
 * @retval PVHLOAD_E_USAGE    @p line or @p text is NULL, @p text is part of @p line's own, or the
 *                            @c struct_size of @p err is wrong.
 * @retval PVHLOAD_E_CMDLINE  A character that cannot be there; the word "--", for which there are
 *                            pvhload_cmdline_append_init_args() and pvhload_cmdline_parse(); quotes
 *                            that are not closed, in @p text or at the end of the command line; or it
 *                            would be too long: the message says by how many bytes.
 *
 * @par Ownership and threads
 * The text is copied.  No other thread may be using @p line.
 *
 * @since 0.1
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_append(struct pvhload_cmdline *line, const char *text, struct pvhload_error *err);

/**
 * Add arguments of init, behind those that are there; the first ones bring the "--" with them.
 *
 * @param[in,out] line  The command line.  Unchanged on failure.
 * @param[in]     text  As for pvhload_cmdline_append().
 * @param[out]    err   May be NULL.  Filled on failure only; @c offset is that of a character at fault.
 *
 * @retval PVHLOAD_OK         Added.
 * @retval PVHLOAD_E_USAGE    As pvhload_cmdline_append().
 * @retval PVHLOAD_E_CMDLINE  As pvhload_cmdline_append().  The word "--" in @p text, or among the
 *                            arguments that are there, would make Linux drop what is behind it; or
 *                            there would be more than PVHLOAD_CMDLINE_INIT_ARGS_MAX.
 *
 * @par Ownership and threads
 * The text is copied.  No other thread may be using @p line.
 *
 * @since 0.1
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_append_init_args(struct pvhload_cmdline *line, const char *text,
				 struct pvhload_error *err);

/**
 * Replace all of a command line by a text, split as Linux splits it.
 *
 * What Linux accepts is accepted: "--" at the start, in the middle, at the end, and in quotes; quotes
 * that are not closed, which reach to the end.  A "--" behind which there is nothing is left out.
 *
 * @param[in,out] line  The command line.  Unchanged on failure.
 * @param[in]     text  NUL-terminated; a newline at its end is white space as any.
 * @param[out]    err   May be NULL.  Filled on failure only; @c offset is that of a character at fault.
 *
 * @retval PVHLOAD_OK         The command line is that of @p text.
 * @retval PVHLOAD_E_USAGE    @p line or @p text is NULL, @p text is part of @p line's own, or the
 *                            @c struct_size of @p err is wrong.
 * @retval PVHLOAD_E_CMDLINE  A character that cannot be there, which white space other than spaces is
 *                            in quotes; or it is too long: the message says by how many bytes.
 *
 * @par Ownership and threads
 * The text is copied.  No other thread may be using @p line.
 *
 * @since 0.1
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_parse(struct pvhload_cmdline *line, const char *text, struct pvhload_error *err);

/**
 * The text, as it goes to the guest; to pvhload_boot_config::cmdline, for instance.
 *
 * @param[in] line  The command line, or NULL.
 * @return          The text, NUL-terminated; "" for NULL.  Never NULL.
 *
 * @par Ownership and threads
 * Belongs to @p line; valid until it changes.  Any thread may call this while none changes it.
 *
 * @since 0.1
 */
PVHLOAD_API const char *pvhload_cmdline_str(const struct pvhload_cmdline *line);

/**
 * The arguments of init: what is behind the "--" in pvhload_cmdline_str().
 *
 * @param[in] line  The command line, or NULL.
 * @return          The text, NUL-terminated; "" if there are none, or for NULL.  Never NULL.
 *
 * @par Ownership and threads
 * Belongs to @p line; valid until it changes.  Any thread may call this while none changes it.
 *
 * @since 0.1
 */
PVHLOAD_API const char *pvhload_cmdline_init_args(const struct pvhload_cmdline *line);

/**
 * The bytes of the text, without the NUL.
 *
 * @param[in] line  The command line, or NULL.
 * @return          Bytes, always less than pvhload_cmdline_capacity(); 0 for NULL.
 *
 * @par Ownership and threads
 * Nothing is kept or changed.  Any thread may call this while none changes @p line.
 *
 * @since 0.1
 */
PVHLOAD_API size_t pvhload_cmdline_length(const struct pvhload_cmdline *line);

/**
 * The bytes the text may have, the NUL included.
 *
 * @param[in] line  The command line, or NULL.
 * @return          Bytes, as given when it was made; 0 for NULL.
 *
 * @par Ownership and threads
 * Nothing is kept or changed.  Any thread may call this.
 *
 * @since 0.1
 */
PVHLOAD_API size_t pvhload_cmdline_capacity(const struct pvhload_cmdline *line);

/**
 * Write the text and its NUL to guest memory.
 *
 * For a VMM that keeps its own flow; a plan, pvhload_linux_write() and pvhload_pvh_write() write the
 * command line they are given themselves.
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
 * Nothing is kept.  Calls may run in parallel on different memories while none changes @p line.
 *
 * @since 0.1
 */
PVHLOAD_API PVHLOAD_NODISCARD enum pvhload_status
pvhload_cmdline_write(const struct pvhload_cmdline *line, const struct pvhload_memory *mem,
		      uint64_t gpa, struct pvhload_error *err);

PVHLOAD_END_DECLS

#endif
