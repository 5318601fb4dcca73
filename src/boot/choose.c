/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Choosing how to boot.  Every way there is for a kind of image stands in a table, best first; the
 * first that can be planned is taken.  A way is given up for what another may not have: an entry the
 * image lacks, a place that is taken, a map too long for it, a codec this build lacks.  What is wrong
 * with the image or the caller's files ends the search.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "boot/plan.h"
#include "core/error.h"

#define WAYS_MAX 5u

struct ways {
	struct pvl_way way[WAYS_MAX];
	size_t count;
};

static const struct ways bzimage_ways = { { { PVHLOAD_PROTOCOL_PVH, PVHLOAD_DECOMPRESS_HOST },
					    { PVHLOAD_PROTOCOL_LINUX64, PVHLOAD_DECOMPRESS_GUEST },
					    { PVHLOAD_PROTOCOL_LINUX32, PVHLOAD_DECOMPRESS_GUEST },
					    { PVHLOAD_PROTOCOL_LINUX64, PVHLOAD_DECOMPRESS_HOST },
					    { PVHLOAD_PROTOCOL_LINUX32, PVHLOAD_DECOMPRESS_HOST } },
					  5 };
static const struct ways elf64_ways = {
	{ { PVHLOAD_PROTOCOL_PVH, 0 }, { PVHLOAD_PROTOCOL_LINUX64, 0 } }, 2
};
/* An ELF32 file's entry is Linux's only by chance: more of them are Multiboot's. */
static const struct ways elf32_ways = { { { PVHLOAD_PROTOCOL_PVH, 0 } }, 1 };

static bool wanted(const struct pvl_builder *b, struct pvl_way way)
{
	const struct pvhload_boot_config *c = &b->config;
	const bool linux_inside =
		way.protocol != PVHLOAD_PROTOCOL_PVH && way.decompress == PVHLOAD_DECOMPRESS_HOST;

	if ((c->protocol != PVHLOAD_PROTOCOL_AUTO && c->protocol != way.protocol) ||
	    (c->decompress != PVHLOAD_DECOMPRESS_AUTO && way.decompress != 0 &&
	     c->decompress != way.decompress))
		return false;
	/*
	 * The Linux entry of what is inside is a last resort: not for a caller who asked for the
	 * protocol and gets the image's own, and not without anything inside.
	 */
	if (linux_inside && c->decompress == PVHLOAD_DECOMPRESS_AUTO &&
	    (c->protocol != PVHLOAD_PROTOCOL_AUTO || b->image->info.payload_size == 0))
		return false;
	/* As with an ELF32 file: Linux's only by chance. */
	if (linux_inside && way.protocol == PVHLOAD_PROTOCOL_LINUX32 &&
	    c->protocol == PVHLOAD_PROTOCOL_AUTO)
		return false;
	/* An ELF file's entry is startup_64 only if it is Linux. */
	return c->protocol != PVHLOAD_PROTOCOL_AUTO || !(c->flags & PVHLOAD_BOOT_NOT_LINUX) ||
	       way.protocol == PVHLOAD_PROTOCOL_PVH || way.decompress == PVHLOAD_DECOMPRESS_GUEST;
}

/* The ways that the caller leaves open, best first. */
static struct ways list_ways(const struct pvl_builder *b)
{
	const uint32_t format = b->image->info.format;
	const struct ways *all = format == PVHLOAD_FORMAT_BZIMAGE ? &bzimage_ways
				 : format == PVHLOAD_FORMAT_ELF64 ? &elf64_ways
								  : &elf32_ways;
	struct ways ways = { .count = 0 };

	for (size_t i = 0; i < all->count; i++)
		if (wanted(b, all->way[i]))
			ways.way[ways.count++] = all->way[i];
	/* A protocol asked for by name gets its refusal in its own words. */
	if (ways.count == 0 && format != PVHLOAD_FORMAT_BZIMAGE)
		ways.way[ways.count++] = (struct pvl_way){ b->config.protocol, 0 };
	return ways;
}

/* Is there hope for another way after @way has failed with @status? */
static bool may_go_on(struct pvl_way way, enum pvhload_status status)
{
	switch (status) {
	case PVHLOAD_E_PROTOCOL:
	case PVHLOAD_E_RANGE:
	case PVHLOAD_E_OVERLAP:
	case PVHLOAD_E_NO_ROOM:
	case PVHLOAD_E_MEMMAP:
		return true;
	case PVHLOAD_E_UNSUPPORTED:
	case PVHLOAD_E_LIMIT:
		/* What the host cannot unpack, the kernel's own code may. */
		return way.decompress == PVHLOAD_DECOMPRESS_HOST;
	default:
		return false;
	}
}

static const char *way_name(struct pvl_way way)
{
	if (way.protocol == PVHLOAD_PROTOCOL_PVH)
		return "PVH";
	if (way.protocol == PVHLOAD_PROTOCOL_LINUX32)
		return "the 32-bit entry";
	return way.decompress == PVHLOAD_DECOMPRESS_HOST ? "the 64-bit entry of what is inside"
							 : "the 64-bit entry";
}

static void give_reason(const struct pvl_builder *b, const struct pvhload_error *first,
			struct pvl_way given_up)
{
	char *reason = b->plan->reason;
	const size_t size = sizeof(b->plan->reason);

	if (first->status != PVHLOAD_OK)
		snprintf(reason, size, "not by %s: %.240s", way_name(given_up), first->message);
	else if (b->config.protocol != PVHLOAD_PROTOCOL_AUTO)
		snprintf(reason, size, "asked for");
	else
		snprintf(reason, size, "%s is the best of the image's entries", way_name(b->way));
}

/*
 * When no way is left: the first that failed for something else than its protocol says most of what
 * would have to change; if there is none, each of them has said what it lacks, and the first and the
 * last are told.
 */
static void note_failure(struct pvhload_error *telling, struct pvl_way first, struct pvl_way way,
			 const struct pvhload_error *failure)
{
	char message[2 * PVHLOAD_ERROR_MESSAGE_SIZE + 128];

	if (telling->status == PVHLOAD_OK ||
	    (telling->status == PVHLOAD_E_PROTOCOL && failure->status != PVHLOAD_E_PROTOCOL)) {
		*telling = *failure;
	} else if (telling->status == PVHLOAD_E_PROTOCOL &&
		   strcmp(telling->message, failure->message) != 0 &&
		   strncmp(telling->message, "not by ", 7) != 0) {
		snprintf(message, sizeof(message), "not by %s: %s; not by %s: %s", way_name(first),
			 telling->message, way_name(way), failure->message);
		message[sizeof(telling->message) - 1] = '\0';
		memcpy(telling->message, message, sizeof(telling->message));
	}
}

static enum pvhload_status report(struct pvhload_error *err, const struct pvhload_error *telling)
{
	const size_t size = err ? err->size : 0;

	if (err) {
		memcpy(err, telling, sizeof(*err) < size ? sizeof(*err) : size);
		err->size = size;
	}
	return (enum pvhload_status)telling->status;
}

static enum pvhload_status no_way(struct pvhload_error *err)
{
	(void)pvl_fail(err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
		       "PVH does not go with unpacking by the guest: its entry is in the ELF file "
		       "inside");
	return pvl_fail_about(err, PVHLOAD_E_PROTOCOL, PVHLOAD_SUBJECT_KERNEL, 0);
}

static enum pvhload_status choose(struct pvl_builder *b, struct pvhload_error *err)
{
	struct pvhload_error telling = PVHLOAD_ERROR_INIT, first = PVHLOAD_ERROR_INIT;
	const struct ways ways = list_ways(b);

	if (ways.count == 0)
		return no_way(err);
	for (size_t i = 0; i < ways.count; i++) {
		struct pvhload_error failure = PVHLOAD_ERROR_INIT;
		enum pvhload_status status;

		b->way = ways.way[i];
		status = pvl_plan_build(b, &failure);
		if (status == PVHLOAD_OK) {
			give_reason(b, &first, ways.way[0]);
			return PVHLOAD_OK;
		}
		note_failure(&telling, ways.way[0], b->way, &failure);
		if (i == 0)
			first = failure;
		/* What has nothing to do with the way there is outweighs what the ways lack. */
		if (status == PVHLOAD_E_USAGE || status == PVHLOAD_E_NO_MEMORY ||
		    status == PVHLOAD_E_SOURCE)
			telling = failure;
		if (!may_go_on(b->way, status))
			break;
	}
	return report(err, &telling);
}

/* A file compressed as a whole is no choice: what is in it is what boots. */
static enum pvhload_status unwrap(struct pvl_builder *b, struct pvhload_error *err)
{
	enum pvhload_status status = pvl_memmap_check(b->config.memmap, err);

	if (status != PVHLOAD_OK)
		return status;
	status = pvl_image_unwrap(b->config.image, pvhload_memmap_ram_size(b->config.memmap),
				  "the guest's RAM", &b->image, err);
	return pvl_fail_about(err, status, PVHLOAD_SUBJECT_KERNEL, 0);
}

enum pvhload_status pvhload_boot_plan(const struct pvhload_boot_config *config,
				      struct pvhload_plan **plan, struct pvhload_error *err)
{
	struct pvl_builder b = { .places = PVHLOAD_BOOT_PLACES_INIT };
	enum pvhload_status status;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!plan)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"there is no place for the plan");
	status = pvl_take_config(config, &b, err);
	if (status != PVHLOAD_OK)
		return status;
	status = unwrap(&b, err);
	if (status == PVHLOAD_OK)
		status = choose(&b, err);
	if (status == PVHLOAD_OK)
		*plan = b.plan;
	return status;
}

const char *pvhload_protocol_name(uint32_t protocol)
{
	static const char *const names[] = { "auto", "pvh", "linux64", "linux32" };

	return protocol < sizeof(names) / sizeof(names[0]) ? names[protocol] : "unknown";
}
