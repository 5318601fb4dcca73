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
	struct pvl_method way[WAYS_MAX];
	size_t count;
};

static const struct ways bzimage_ways = {
	{ { PVHLOAD_PROTOCOL_PVH, PVHLOAD_DECOMPRESS_HOST },
	  { PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_DECOMPRESS_GUEST },
	  { PVHLOAD_PROTOCOL_X86_LINUX32, PVHLOAD_DECOMPRESS_GUEST },
	  { PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_DECOMPRESS_HOST },
	  { PVHLOAD_PROTOCOL_X86_LINUX32, PVHLOAD_DECOMPRESS_HOST } },
	5
};
static const struct ways elf64_ways = {
	{ { PVHLOAD_PROTOCOL_PVH, 0 }, { PVHLOAD_PROTOCOL_X86_LINUX64, 0 } }, 2
};
/* An ELF32 file's entry is Linux's only by chance: more of them are Multiboot's. */
static const struct ways elf32_ways = { { { PVHLOAD_PROTOCOL_PVH, 0 } }, 1 };

static bool wanted(const struct pvl_builder *b, struct pvl_method way)
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
	    (c->protocol != PVHLOAD_PROTOCOL_AUTO || !pvl_image_payload_part(&b->image->info)))
		return false;
	/* As with an ELF32 file: Linux's only by chance. */
	if (linux_inside && way.protocol == PVHLOAD_PROTOCOL_X86_LINUX32 &&
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
		ways.way[ways.count++] = (struct pvl_method){ b->config.protocol, 0 };
	return ways;
}

/* Is there hope for another way after @way has failed with @status? */
static bool may_go_on(struct pvl_method way, enum pvhload_status status)
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

static const char *way_name(struct pvl_method way)
{
	if (way.protocol == PVHLOAD_PROTOCOL_PVH)
		return "PVH";
	if (way.protocol == PVHLOAD_PROTOCOL_X86_LINUX32)
		return "the 32-bit entry";
	return way.decompress == PVHLOAD_DECOMPRESS_HOST ? "the 64-bit entry of what is inside"
							 : "the 64-bit entry";
}

/* Ways that failed, in the order in which they were tried. */
struct failures {
	struct pvhload_error error[WAYS_MAX];
	struct pvl_method way[WAYS_MAX];
	size_t count;
};

static void give_reason(const struct pvl_builder *b, const struct failures *failures)
{
	char *reason = b->plan->reason;
	const size_t size = sizeof(b->plan->reason);

	if (failures->count > 0)
		snprintf(reason, size, "not by %s: %s", way_name(failures->way[0]),
			 failures->error[0].message);
	else if (b->config.protocol != PVHLOAD_PROTOCOL_AUTO)
		snprintf(reason, size, "asked for");
	else
		snprintf(reason, size, "%s is the best of the image's entries", way_name(b->way));
}

/* True if the same has been said of a way before @i. */
static bool is_said(const struct failures *f, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(f->error[k].message, f->error[i].message) == 0)
			return true;
	return false;
}

/*
 * Which failures to tell.  Those for something else than the protocol say what would have to change, and
 * two are enough of that: the best way's and the next one's.  If there is none, each way has said what it
 * lacks.  The same words are said once.
 */
static void pick(struct failures *f)
{
	bool others = false;
	size_t count = 0;

	/* What has nothing to do with the way there is outweighs what the ways lack. */
	if (f->count > 0 && pvl_is_of_no_way(f->error[f->count - 1].status)) {
		f->error[0] = f->error[f->count - 1];
		f->count = 1;
	}
	for (size_t i = 0; i < f->count; i++)
		others |= f->error[i].status != PVHLOAD_E_PROTOCOL;
	for (size_t i = 0; i < f->count; i++) {
		if ((others && f->error[i].status == PVHLOAD_E_PROTOCOL) || is_said(f, i))
			continue;
		f->way[count] = f->way[i];
		f->error[count++] = f->error[i];
	}
	f->count = others && count > 2 ? 2 : count;
}

/* The first failure, and in its message, if there are several, those of all. */
static enum pvhload_status report(struct pvhload_error *err, struct failures *f)
{
	struct pvhload_error *first = &f->error[0];

	pick(f);
	for (size_t i = f->count; f->count > 1 && i-- > 0;)
		(void)pvl_fail_in(&f->error[i], PVHLOAD_OK, "not by %s", way_name(f->way[i]));
	for (size_t i = 1; i < f->count; i++)
		(void)pvl_fail_but(first, PVHLOAD_OK, f->error[i].message);
	return pvl_fail_as(err, (enum pvhload_status)first->status, first);
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
	const struct ways ways = list_ways(b);
	struct failures failures = { .count = 0 };

	if (ways.count == 0)
		return no_way(err);
	for (size_t i = 0; i < ways.count; i++) {
		struct pvhload_error *failure = &failures.error[failures.count];
		enum pvhload_status status;

		*failure = (struct pvhload_error)PVHLOAD_ERROR_INIT;
		b->way = ways.way[i];
		status = pvl_plan_build(b, failure);
		if (status == PVHLOAD_OK) {
			give_reason(b, &failures);
			return PVHLOAD_OK;
		}
		failures.way[failures.count++] = b->way;
		if (!may_go_on(b->way, status))
			break;
	}
	return report(err, &failures);
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
