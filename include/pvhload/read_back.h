/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * What pvhload_pvh_read() and pvhload_linux_read() share: how they deal with what is broken.  And what
 * pvhload_pvh_check() and pvhload_linux_check() share: the list of what is wrong.
 *
 * Without a flag, the first thing that cannot be read ends the call with its status.  That is for a
 * program that goes on with what it read.  PVHLOAD_READ_PARTIAL is for looking at a guest that does not
 * start: the view has all that can be read, and says what it lacks, and why.
 */
#ifndef PVHLOAD_READ_BACK_H
#define PVHLOAD_READ_BACK_H

#include <pvhload/macros.h>
#include <pvhload/status.h>

PVHLOAD_BEGIN_DECLS

/**
 * Flag of the functions that read back: where something is not in RAM, contradicts itself or is
 * above a limit, the view has what comes before that, and its @c problems what the call would have
 * ended with.  Fields are then copied to the view without validation: there may be a length without
 * its data, or a count without its entries.  Failures that are not the guest's fault still end the
 * call, and so does a start info or zero page that cannot be read itself.
 */
#define PVHLOAD_READ_PARTIAL 0x1u

/**
 * Most problems of one view.  If there are more, the last one says how many are left out; its
 * status is that of the last of these.
 */
#define PVHLOAD_READ_PROBLEMS_MAX 64u

/** Bits of a view's @c incomplete: the parts of which something is missing. */
#define PVHLOAD_PART_CMDLINE         0x1u  /**< the command line */
#define PVHLOAD_PART_MEMMAP          0x2u  /**< the memory map, wherever its entries are */
#define PVHLOAD_PART_MODULES         0x4u  /**< the module list */
#define PVHLOAD_PART_MODULE_CMDLINES 0x8u  /**< a command line of a module */
#define PVHLOAD_PART_SETUP_DATA      0x10u /**< the setup_data list, or a node's data */
#define PVHLOAD_PART_INITRD          0x20u /**< the place of the initrd.  @since 0.3 */
#define PVHLOAD_PART_RESERVATIONS    0x40u /**< the reservations of a device tree.  @since 0.3 */
#define PVHLOAD_PART_FDT             0x80u /**< the rest of a device tree.  @since 0.3 */

/** Most problems of one check.  If there are more, the last one says how many are left out. */
#define PVHLOAD_CHECK_PROBLEMS_MAX 256u

/**
 * What is wrong with what a guest was given.  Made by the library, which may append members: read it
 * through the pointer, never copy it by sizeof.
 */
struct pvhload_check {
	/**
	 * Pointers to the problems: first what cannot be read, then wrong content, then wrong
	 * places.  Each is filled as the error of a failed call is: @c gpa is the address at fault,
	 * where there is one, @c subject and @c index are the module or setup_data that it is
	 * about.
	 */
	const struct pvhload_error *const *problems;
	size_t count; /**< how many, at most PVHLOAD_CHECK_PROBLEMS_MAX; 0: no problem was found */
};

/**
 * Free the result of a check.
 *
 * @param[in] check  From pvhload_pvh_check(), pvhload_linux_check() or pvhload_fdt_check(), or NULL.
 *
 * @par Ownership and threads
 * Frees @p check and all it points to.  No other thread may be using it.
 *
 * @since 0.2
 */
PVHLOAD_API void pvhload_check_free(struct pvhload_check *check);

PVHLOAD_END_DECLS

#endif
