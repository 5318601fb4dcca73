/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "session_steps.h"

static void say_decoded(struct progress *progress, size_t i, const struct pvhload_image_part *part,
			uint64_t size)
{
	char from[32], to[32];

	progress_decode(progress, i, "%s, %s to %s", pvhload_codec_name(part->codec),
			tool_size_text(part->size, from), tool_size_text(size, to));
}

/* What is in guest memory, the image does not have. */
void session_say_decoded(const struct session *s, struct progress *progress)
{
	struct pvhload_image *image = s->image, *payload;
	const struct pvhload_image_info *info;
	size_t count = 0;

	for (; (payload = pvhload_image_payload(image)) != NULL; image = payload) {
		info = pvhload_image_get_info(image);
		if (info->uki) /* its kernel is not decoded */
			continue;
		say_decoded(progress, count++, info->parts[0],
			    pvhload_image_get_info(payload)->size);
	}
	info = pvhload_image_get_info(image);
	if (s->loaded && info->part_count > 0 &&
	    pvhload_plan_get_info(s->plan)->decompress == PVHLOAD_DECOMPRESS_HOST)
		say_decoded(progress, count, info->parts[0], info->parts[0]->decoded_size);
}

void session_say_written(const struct session *s, const char *name, struct progress *progress)
{
	const struct pvhload_plan_info *info = pvhload_plan_get_info(s->plan);
	uint64_t bytes = 0;
	char text[32];

	for (size_t i = 0; i < info->region_count; i++)
		bytes += info->regions[i]->size;
	progress_step(progress, name, "%s, %zu regions, %s", pvhload_protocol_name(info->protocol),
		      info->region_count, tool_size_text(bytes, text));
}
