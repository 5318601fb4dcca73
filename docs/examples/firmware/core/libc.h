/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* In place of src/core/libc.h: all that the library wants of a C library, on x86-64.  libc_own.c has it. */
#ifndef PVL_CORE_LIBC_H
#define PVL_CORE_LIBC_H

#include <stdarg.h>
#include <stddef.h>

#define PRId64 "ld"
#define PRIu32 "u"
#define PRIu64 "lu"
#define PRIx32 "x"
#define PRIx64 "lx"

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *p, size_t size);
void free(void *p);
void *pvl_new_output(size_t size);

void *memcpy(void *restrict dst, const void *restrict src, size_t size);
void *memmove(void *dst, const void *src, size_t size);
void *memset(void *dst, int c, size_t size);
int memcmp(const void *a, const void *b, size_t size);
void *memchr(const void *p, int c, size_t size);
void *memmem(const void *p, size_t size, const void *part, size_t part_size);

size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
char *strchr(const char *s, int c);
size_t strcspn(const char *s, const char *banned);
char *strdup(const char *s);

void *bsearch(const void *key, const void *base, size_t count, size_t size,
	      int (*compare)(const void *, const void *));
void qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *));
int snprintf(char *restrict dst, size_t size, const char *restrict format, ...);
int vsnprintf(char *restrict dst, size_t size, const char *restrict format, va_list args);

#endif
