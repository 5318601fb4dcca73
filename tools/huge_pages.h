/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Huge pages for shared memory, which is not given them unasked.  Without them, nothing is lost. */
#ifndef TOOL_HUGE_PAGES_H
#define TOOL_HUGE_PAGES_H

#include <stddef.h>

#define HUGE_PAGE ((size_t)2 << 20)

/* An address at which @size bytes could be mapped with huge pages; NULL, for any, if there is none or they are few. */
void *huge_pages_place(size_t size);

/* For memory that is about to be filled: what of it is in whole huge pages.  Its bytes stay as they are. */
void huge_pages_ask(void *at, size_t size);

#endif
