/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Records that several verbs print. */
#ifndef TOOL_RECORDS_H
#define TOOL_RECORDS_H

#include "fields.h"

extern const struct record memmap_entry_record; /* of a struct pvhload_memmap_entry */
extern const struct record cpu_record;          /* of a struct pvhload_x86_cpu; no text */

#endif
