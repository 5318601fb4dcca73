/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * The version of the headers, at compile time, and of the library, at run time.
 */
#ifndef PVHLOAD_VERSION_H
#define PVHLOAD_VERSION_H

#include <pvhload/macros.h>

PVHLOAD_BEGIN_DECLS

/** Version of these headers: major, minor, patch. */
#define PVHLOAD_VERSION_MAJOR 0
#define PVHLOAD_VERSION_MINOR 3
#define PVHLOAD_VERSION_PATCH 0

/** The same as text, "major.minor.patch". */
#define PVHLOAD_VERSION_STRING "0.3.0"

/** A version as one number, so that later ones are greater; minor and patch are below 1000. */
#define PVHLOAD_VERSION_ENCODE(major, minor, patch) ((major)*1000000 + (minor)*1000 + (patch))

/**
 * The version of these headers as such a number:
 * <tt>\#if PVHLOAD_VERSION_NUMBER >= PVHLOAD_VERSION_ENCODE(0, 2, 0)</tt>.
 */
#define PVHLOAD_VERSION_NUMBER \
	PVHLOAD_VERSION_ENCODE(PVHLOAD_VERSION_MAJOR, PVHLOAD_VERSION_MINOR, PVHLOAD_VERSION_PATCH)

/**
 * The version of the library that is running.
 *
 * @return  "major.minor.patch".  Never NULL.
 *
 * @par Ownership and threads
 * The text is constant and lives as long as the library is loaded.  Any thread may call this.
 *
 * @since 0.1
 */
PVHLOAD_API const char *pvhload_version(void);

PVHLOAD_END_DECLS

#endif
