/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * What every fallible function returns, and the struct that explains a failure.
 */
#ifndef PVHLOAD_STATUS_H
#define PVHLOAD_STATUS_H

#include <stddef.h>
#include <stdint.h>

#include <pvhload/macros.h>

PVHLOAD_BEGIN_DECLS

/**
 * The outcome of a call, grouped by who has to act.
 *
 * The numbers are part of the ABI: they are never reused and leave gaps for later ones.  A program
 * must treat a status it does not know as a failure.
 */
enum pvhload_status {
	PVHLOAD_STATUS_IS_INT =
		-1, /**< No status: gives the enum the type int, with any compiler. */

	PVHLOAD_OK = 0, /**< Done; the outputs are filled. */

	/* The program that calls the library. */
	PVHLOAD_E_USAGE =
		1, /**< A NULL where a pointer is required, a struct whose @c struct_size this
	                              library cannot honour, an unknown flag.  A bug in the caller. */
	PVHLOAD_E_NO_MEMORY = 2, /**< The host has no memory for the library's own data. */
	PVHLOAD_E_CAPACITY = 3,  /**< An array or buffer the caller gave is too small. */
	PVHLOAD_E_CANCELLED = 4, /**< The caller's progress callback ended the call; what it
	                              returned is in pvhload_error::cause. */

	/* The image, initrd or module. */
	PVHLOAD_E_SOURCE = 16, /**< Its bytes cannot be read: an I/O error, a failing reader, or
	                                 a file that got shorter meanwhile. */
	PVHLOAD_E_FORMAT = 17, /**< Not a format this library knows. */
	PVHLOAD_E_UNSUPPORTED = 18, /**< Valid, but not supported: another machine, a codec that
				       this build leaves out. */
	PVHLOAD_E_MALFORMED = 19,   /**< It contradicts itself, or it is damaged. */
	PVHLOAD_E_LIMIT = 20,     /**< A count or size is above a limit; the message says which. */
	PVHLOAD_E_PROTOCOL = 21,  /**< The image cannot be entered by the protocol asked for, or the
	                                 protocol cannot carry what was asked. */
	PVHLOAD_E_NOT_FOUND = 22, /**< The image has no such thing. */

	/* Where things go in the guest. */
	PVHLOAD_E_RANGE = 32,   /**< A guest range leaves RAM, or an address is beyond its limit. */
	PVHLOAD_E_OVERLAP = 33, /**< Two things claim the same guest bytes. */
	PVHLOAD_E_NO_ROOM = 34, /**< No free RAM, within its limits, is large enough. */
	PVHLOAD_E_MEMMAP =
		35, /**< The memory map is unsound, or the guest could not start with it. */
	PVHLOAD_E_CMDLINE = 36, /**< The command line is longer than the kernel takes, or something
	                                  cannot be on one. */

	/* The guest memory behind the callbacks. */
	PVHLOAD_E_CALLBACK = 48, /**< A callback failed; its value is in pvhload_error::cause. */
};

/** Value of pvhload_error::offset and pvhload_error::gpa where neither applies. */
#define PVHLOAD_NOWHERE UINT64_MAX

/** Values of pvhload_error::subject. */
#define PVHLOAD_SUBJECT_NONE       0u /**< none of these */
#define PVHLOAD_SUBJECT_KERNEL     1u /**< the image or its payload */
#define PVHLOAD_SUBJECT_INITRD     2u /**< an initrd */
#define PVHLOAD_SUBJECT_MODULE     3u /**< a module */
#define PVHLOAD_SUBJECT_SETUP_DATA 4u /**< a setup_data */
#define PVHLOAD_SUBJECT_FDT        5u /**< the device tree.  @since 0.3 */

/** Bytes in pvhload_error::message, the terminating NUL included; what does not fit ends with "...". */
#define PVHLOAD_ERROR_MESSAGE_SIZE 984

/**
 * Why a call failed.  The caller provides it, or NULL; it is written on failure only.
 *
 * A struct of zeros works as well: its @c struct_size of 0 stands for the first version's and stays 0.
 */
struct pvhload_error {
	size_t struct_size; /**< sizeof(struct pvhload_error), as PVHLOAD_ERROR_INIT sets it, or 0 */
	uint64_t offset;    /**< Byte offset in the source that was read, or PVHLOAD_NOWHERE; also
			     for an error in a decoded payload, which is not at any offset of the
			     source. */
	uint64_t gpa;       /**< Guest-physical address, or PVHLOAD_NOWHERE. */
	int32_t status;     /**< The enum pvhload_status that was returned. */
	int32_t cause;      /**< What a callback returned, or the errno of a failed read; else 0. */
	uint32_t
		subject; /**< PVHLOAD_SUBJECT_*: which of the files given is at fault, if one is; when
		              reading back, the module or setup_data that was found. */
	uint32_t
		index; /**< Which initrd, module or setup_data, in the order of the caller or guest. */
	char message
		[PVHLOAD_ERROR_MESSAGE_SIZE]; /**< One line, no newline: what, where, which rule. */
};

/** Initialiser for a struct pvhload_error. */
#define PVHLOAD_ERROR_INIT PVHLOAD_SIZED_(pvhload_error)

/**
 * The name of a status, for logs: "PVHLOAD_E_RANGE".
 *
 * @param[in] status  Any number.
 * @return            The enumerator's name, or "unknown status".  Never NULL.
 *
 * @par Ownership and threads
 * The text is constant and lives as long as the library is loaded.  Any thread may call this.
 *
 * @since 0.1
 */
PVHLOAD_API const char *pvhload_status_name(int32_t status);

PVHLOAD_END_DECLS

#endif
