/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* While it is set, each file is one of hugetlbfs: for programs that are linked with --wrap for fstatfs and fstatfs64. */
#ifndef HUGE_PAGE_FILES_H
#define HUGE_PAGE_FILES_H

#include <stdbool.h>

extern bool huge_page_files;

#endif
