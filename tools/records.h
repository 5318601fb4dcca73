/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Records that several verbs print. */
#ifndef TOOL_RECORDS_H
#define TOOL_RECORDS_H

#include "fields.h"

extern const struct record memmap_entry_record; /* of a struct pvhload_memmap_entry */
extern const struct record cpu_record;          /* of a struct pvhload_x86_cpu; no text */
extern const struct record arm64_cpu_record;    /* likewise of the other processors */
extern const struct record riscv64_cpu_record;

/* The state that the plan has, whatever the processor. */
struct pvhload_plan_info;
struct json_object *cpu_json(const struct pvhload_plan_info *info);

#endif
