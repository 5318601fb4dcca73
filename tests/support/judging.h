/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What the tests of pvhload_pvh_check() and pvhload_linux_check() share. */
#ifndef SUPPORT_JUDGING_H
#define SUPPORT_JUDGING_H

#include "fake_memory.h"
#include "suite.h"

#define NOWHERE PVHLOAD_NOWHERE

/* What is written over sound memory, in little-endian order. */
struct change {
	uint64_t at;
	uint64_t value;
	size_t size;
};

struct problem {
	enum pvhload_status status;
	uint64_t gpa;
	uint32_t subject, index;
	const char *message;
};

typedef enum pvhload_status check_fn(const struct pvhload_memory *mem, uint64_t gpa, uint32_t flags,
				     struct pvhload_check **check, struct pvhload_error *err);

/* Memory, with a map of its own, and where in it is what @call judges. */
struct scene {
	check_fn *call;
	struct fake_memory *fake;
	uint64_t gpa;
};

/* These problems and no others, at most @most, the first of which without a message ends them; no byte changes. */
void judges_as(const struct scene *scene, const char *name, uint32_t flags,
	       const struct problem *problems, size_t most);

/* Judging fails with @status and gives nothing. */
void judging_refused(const struct scene *scene, uint64_t gpa, uint32_t flags,
		     enum pvhload_status status);

/* All that makes judging of this sound memory fail; @entry is one of the map's, @stray not in RAM. */
void cannot_judge(const struct scene *scene, struct pvhload_memmap_entry *entry, uint64_t stray);

#endif
