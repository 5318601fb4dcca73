/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * Attributes and initialisers shared by the public headers.  Not part of the interface: use the
 * PVHLOAD_..._INIT macros that the other headers define.
 */
#ifndef PVHLOAD_MACROS_H
#define PVHLOAD_MACROS_H

/** Around declarations, for C++: what they declare is C. */
#ifdef __cplusplus
#define PVHLOAD_BEGIN_DECLS extern "C" {
#define PVHLOAD_END_DECLS   }
#else
#define PVHLOAD_BEGIN_DECLS
#define PVHLOAD_END_DECLS
#endif

/** What is exported, and functions whose result must be used. */
#if defined(__GNUC__) || defined(__clang__)
#define PVHLOAD_API       __attribute__((visibility("default")))
#define PVHLOAD_NODISCARD __attribute__((warn_unused_result))
#else
#define PVHLOAD_API
#define PVHLOAD_NODISCARD
#endif

/**
 * The initialiser used by the PVHLOAD_..._INIT macros.
 *
 * Every struct the caller fills begins with its own size, so that a program built against an older
 * header keeps working with a newer library: members are only ever appended, and a member that is
 * missing counts as 0, its default.
 */
#ifdef __cplusplus
template <typename T> inline T pvhload_sized_()
{
	T value = T();
	value.struct_size = sizeof(T);
	return value;
}
#define PVHLOAD_SIZED_(tag) pvhload_sized_<struct tag>()
#else
/* clang-format off */
#define PVHLOAD_SIZED_(tag) { .struct_size = sizeof(struct tag) }
/* clang-format on */
#endif

#endif
