/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Calls to the library with a scene, each with what every call promises checked. */
#ifndef FUZZ_FLOW_H
#define FUZZ_FLOW_H

#include "flow_scene.h"
#include "shadow_memory.h"

/* What came of a call. */
struct flow_result {
	enum pvhload_status status;
	struct pvhload_error err; /* of a failure */
	struct pvhload_plan *plan;
	const struct pvhload_plan_info *info; /* NULL: there is no plan */
};

/*
 * Each of these rewinds the scene's world, and checks: outputs and error are untouched or filled as the status says, the
 * status is one that the scene can be to blame for, and the heap is within the limits.
 */
struct pvhload_image *flow_open(struct scene *s);
struct flow_result flow_plan(struct scene *s, struct pvhload_image *image);
struct flow_result flow_load(struct scene *s, struct pvhload_image *image, struct shadow *memory);
enum pvhload_status flow_commit(struct scene *s, const struct pvhload_plan *plan,
				struct shadow *memory);
enum pvhload_status flow_clear(struct scene *s, const struct pvhload_plan *plan,
			       struct shadow *memory);
bool flow_share(struct scene *s, struct pvhload_image *image);

/* Memory of the scene's machine, as the scene has it; stale if it is to be, around what @info has. */
void flow_memory(struct scene *s, struct shadow *memory, unsigned int callbacks,
		 const struct pvhload_plan_info *info);

/* Two that have to be the same, in each word. */
void flow_same(const struct flow_result *a, const struct flow_result *b);

/* The same guests, in whatever words. */
void flow_same_guests(const struct pvhload_plan_info *a, const struct pvhload_plan_info *b);

/* Cut off what an error says of RAM that was cleared, and return it. */
struct pvhload_range flow_cut_cleared(struct pvhload_error *err);

/* The guest finds what the scene has for it; for scenes whose world does not change. */
void read_back(const struct scene *s, struct pvhload_image *image,
	       const struct pvhload_plan_info *info, struct shadow *memory);

/* The part of it that the library has no readers for. */
void read_told(const struct scene *s, const struct pvhload_plan_info *info,
	       const struct shadow *memory);

/* A file's bytes are there; the config's initrds, one after the other at multiples of 4. */
void is_file(const struct shadow *memory, uint64_t gpa, const struct bytes *bytes);
void is_initrd(const struct scene *s, const struct shadow *memory, uint64_t gpa);

/* Reading back and judging ends well, whatever there is. */
void read_anything(const struct scene *s, const struct pvhload_plan_info *info,
		   struct shadow *memory);

#endif
