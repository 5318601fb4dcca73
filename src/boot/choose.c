/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Choosing how to boot.  A table has all methods for each kind of image, the best first; the first
 * that can be planned is used.  The next method is tried after a failure that need not concern it:
 * the image lacks an entry, a place is taken, the map is too long, this build lacks a codec.
 * Errors in the image or the caller's files end the search.
 */
#include "boot/files.h"
#include "boot/plan_memory.h"
#include "boot/protocols.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/progress.h"

struct methods {
	struct pvl_method method[PVL_METHODS_MAX];
	size_t count;
};

static const struct methods bzimage_methods = {
	{ { &pvl_protocol_pvh, PVHLOAD_DECOMPRESS_HOST },
	  { &pvl_protocol_linux64, PVHLOAD_DECOMPRESS_GUEST },
	  { &pvl_protocol_linux32, PVHLOAD_DECOMPRESS_GUEST },
	  { &pvl_protocol_linux64, PVHLOAD_DECOMPRESS_HOST },
	  { &pvl_protocol_linux32, PVHLOAD_DECOMPRESS_HOST } },
	5
};
static const struct methods firmware_methods = { { { &pvl_protocol_reset, 0 } }, 1 };
static const struct methods elf64_methods = { { { &pvl_protocol_pvh, 0 },
						{ &pvl_protocol_linux64, 0 },
						{ &pvl_protocol_multiboot2, 0 },
						{ &pvl_protocol_multiboot1, 0 } },
					      4 };
/* An ELF32 file is seldom Linux: most are Multiboot kernels. */
static const struct methods elf32_methods = { { { &pvl_protocol_pvh, 0 },
						{ &pvl_protocol_multiboot2, 0 },
						{ &pvl_protocol_multiboot1, 0 } },
					      3 };
static const struct methods multiboot_methods = {
	{ { &pvl_protocol_multiboot2, 0 }, { &pvl_protocol_multiboot1, 0 } }, 2
};

static const struct methods arm64_methods = { { { &pvl_protocol_arm64, 0 } }, 1 };
static const struct methods riscv64_methods = { { { &pvl_protocol_riscv64, 0 } }, 1 };

static const struct methods *methods_of(const struct pvhload_image *image)
{
	switch (image->info.format) {
	case PVHLOAD_FORMAT_BZIMAGE:
		return &bzimage_methods;
	case PVHLOAD_FORMAT_ELF64:
		return &elf64_methods;
	case PVHLOAD_FORMAT_MULTIBOOT:
		return &multiboot_methods;
	case PVHLOAD_FORMAT_ARM64_IMAGE:
		return &arm64_methods;
	case PVHLOAD_FORMAT_RISCV64_IMAGE:
		return &riscv64_methods;
	case PVHLOAD_FORMAT_FIRMWARE:
		return &firmware_methods;
	default:
		return &elf32_methods;
	}
}

static bool is_pvh(struct pvl_method m)
{
	return m.protocol == &pvl_protocol_pvh;
}

/* The one place where the caller's word and the image's are joined. */
bool pvl_boots_linux(const struct pvhload_image *image, uint32_t protocol, uint32_t flags)
{
	if (flags & (PVHLOAD_BOOT_LINUX | PVHLOAD_BOOT_NOT_LINUX))
		return (flags & PVHLOAD_BOOT_LINUX) != 0;
	return image->info.guest == PVHLOAD_GUEST_LINUX ||
	       protocol == PVHLOAD_PROTOCOL_X86_LINUX64 || protocol == PVHLOAD_PROTOCOL_X86_LINUX32;
}

/* Does the config allow this method? */
static bool is_open(const struct pvhload_boot_config *c, struct pvl_method m)
{
	return (c->protocol == PVHLOAD_PROTOCOL_AUTO || c->protocol == m.protocol->id) &&
	       (c->decompress == PVHLOAD_DECOMPRESS_AUTO || m.decompress == 0 ||
		c->decompress == m.decompress);
}

static bool is_wanted(const struct pvl_builder *b, struct pvl_method m)
{
	const struct pvhload_boot_config *c = &b->config;
	const bool linux_payload = !is_pvh(m) && m.decompress == PVHLOAD_DECOMPRESS_HOST;
	const bool automatic = c->protocol == PVHLOAD_PROTOCOL_AUTO;

	if (!is_open(c, m))
		return false;
	/* Without a header it is no method that could fail. */
	if (pvl_is_multiboot(m.protocol->entry))
		return !automatic || pvl_multiboot_header(b->image, m.protocol->entry) != NULL;
	/*
	 * The Linux entry of the payload is a last resort: not for a caller who asked for the protocol and
	 * gets the image's own, and not without a payload.
	 */
	if (linux_payload && c->decompress == PVHLOAD_DECOMPRESS_AUTO && b->kaslr_unsafe)
		return true;
	if (linux_payload && c->decompress == PVHLOAD_DECOMPRESS_AUTO &&
	    (!automatic || !pvl_image_payload_part(&b->image->info)))
		return false;
	/* As with an ELF32 file, the entry is seldom Linux's. */
	if (linux_payload && m.protocol == &pvl_protocol_linux32 && automatic)
		return false;
	/* An ELF file's entry is startup_64 only if it is Linux. */
	return !automatic || b->is_linux || b->image->info.flat || b->image->info.firmware ||
	       is_pvh(m) || m.decompress == PVHLOAD_DECOMPRESS_GUEST;
}

/* The methods that the config allows, the best first. */
static struct methods list_methods(const struct pvl_builder *b)
{
	const struct pvl_protocol *asked = pvl_protocol_by_id(b->config.protocol);
	const bool is_bzimage = b->image->info.format == PVHLOAD_FORMAT_BZIMAGE;
	const struct methods *all = methods_of(b->image);
	struct methods list = { .count = 0 };

	for (size_t i = 0; i < all->count; i++)
		if (is_wanted(b, all->method[i]))
			list.method[list.count++] = all->method[i];
	/* If the caller asked for one protocol, return its own error. */
	if (list.count == 0 && asked && (!is_bzimage || asked != &pvl_protocol_pvh))
		list.method[list.count++] = (struct pvl_method){ asked, 0 };
	return list;
}

/* May another method succeed after @method has failed with @status? */
static bool may_go_on(struct pvl_method method, enum pvhload_status status)
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
		/* What the host cannot decode, the kernel's own code may. */
		return method.decompress == PVHLOAD_DECOMPRESS_HOST;
	default:
		return false;
	}
}

static const char *method_name(struct pvl_method m)
{
	return m.decompress == PVHLOAD_DECOMPRESS_HOST ? m.protocol->payload_name
						       : m.protocol->method_name;
}

/* By decoding the payload, which was not asked for.  @said: what the reason says already. */
static void note_kaslr(struct pvl_builder *b, const char *said)
{
	struct pvhload_error why = PVHLOAD_ERROR_INIT;
	bool known;

	if (!b->kaslr_unsafe || is_pvh(b->method) ||
	    b->config.decompress != PVHLOAD_DECOMPRESS_AUTO)
		return;
	(void)pvl_check_own_kaslr(b, &why);
	known = strcmp(why.message, said) == 0;
	pvl_plan_note(b, "the host decodes it, by which its own KASLR is lost%s%s",
		      known ? "" : ": ", known ? "" : why.message);
}

/* What is out of the ordinary in the plan as a whole. */
static void note_the_rest(struct pvl_builder *b, size_t failed)
{
	pvl_note_uki(b);
	note_kaslr(b, failed > 0 ? b->plan->errors[0].message : "");
	if (b->initrds_dropped)
		pvl_plan_note(b, "the initrd is empty, so there is none");
	pvl_note_memory_words(b);
}

static enum pvhload_status give_reason(struct pvl_builder *b, size_t failed,
				       struct pvl_method first, struct pvhload_error *err)
{
	char why[PVL_PLAN_REASON_SIZE], *reason;
	const char *notes;
	size_t size;

	note_the_rest(b, failed);
	notes = pvl_plan_notes(b);
	if (failed > 0)
		snprintf(why, sizeof(why), "not by %s: %s", method_name(first),
			 b->plan->errors[0].message);
	else if (b->config.protocol != PVHLOAD_PROTOCOL_AUTO)
		snprintf(why, sizeof(why), "asked for");
	else
		snprintf(why, sizeof(why), "%s is the best of the image's entries",
			 method_name(b->method));
	size = strlen(why) + strlen(notes) + 1;
	reason = b->notes_lost ? NULL : pvl_plan_new(b, 1, size);
	if (!reason)
		return pvl_fail_no_memory(err, size);
	snprintf(reason, size, "%s%s", why, notes);
	b->plan->info.reason = reason;
	return PVHLOAD_OK;
}

/* Methods that failed, in the order in which they were tried. */
struct failures {
	struct pvhload_error *error; /* the plan's */
	struct pvl_method method[PVL_METHODS_MAX];
	size_t count;
};

/* True if a method before @i has the same message. */
static bool is_said(const struct failures *f, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(f->error[k].message, f->error[i].message) == 0)
			return true;
	return false;
}

static bool has_other_than_protocol(const struct failures *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->error[i].status != PVHLOAD_E_PROTOCOL)
			return true;
	return false;
}

/*
 * Select the failures that are reported.  If some have other reasons than the protocol, the first
 * two of them: they say what would have to change.  Otherwise all: each says what the image lacks
 * for the method.  Equal messages are reported once.
 */
static void pick(struct failures *f)
{
	const size_t last = f->count - 1;
	size_t count = 0;
	bool others;

	/* Failures for other reasons than the protocol come first. */
	if (pvl_is_final(f->error[last].status)) {
		f->error[0] = f->error[last];
		f->count = 1;
	}
	others = has_other_than_protocol(f);
	for (size_t i = 0; i < f->count; i++) {
		if ((others && f->error[i].status == PVHLOAD_E_PROTOCOL) || is_said(f, i))
			continue;
		f->method[count] = f->method[i];
		f->error[count++] = f->error[i];
	}
	f->count = others && count > 2 ? 2 : count;
}

/* Return the first failure, with the messages of all that were selected. */
static enum pvhload_status report(struct failures *f, struct pvhload_error *err)
{
	struct pvhload_error *first = &f->error[0];

	pick(f);
	for (size_t i = f->count; f->count > 1 && i-- > 0;)
		(void)pvl_fail_in(&f->error[i], (enum pvhload_status)f->error[i].status,
				  "not by %s", method_name(f->method[i]));
	for (size_t i = 1; i < f->count; i++)
		(void)pvl_fail_but(first, PVHLOAD_OK, f->error[i].message);
	return pvl_fail_as(err, (enum pvhload_status)first->status, first);
}

static enum pvhload_status no_method(struct pvhload_error *err)
{
	(void)pvl_fail(err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
		       "PVH does not go with decoding by the guest: its entry is in the payload");
	return pvl_fail_about(err, PVHLOAD_E_PROTOCOL, PVHLOAD_SUBJECT_KERNEL, 0);
}

static void record(struct pvl_builder *b, size_t i, enum pvhload_status status)
{
	struct pvhload_plan *plan = b->plan;

	plan->attempts[i] = (struct pvhload_plan_attempt){
		.protocol = b->method.protocol->id,
		.decompress = pvl_image_payload_part(&b->image->info) ? b->method.decompress : 0,
		.status = (int32_t)status,
		/* A strategy that fails leaves its message, also where a later one works. */
		.message = status == PVHLOAD_OK ? "" : plan->errors[i].message
	};
	plan->attempt_list[i] = &plan->attempts[i];
	plan->info.attempts = plan->attempt_list;
	plan->info.attempt_count = i + 1;
}

/* Keep the failure of the method at hand, number @i, which is in @own until then. */
static enum pvhload_status keep_failure(struct pvl_builder *b, size_t i,
					const struct pvhload_error *own, struct pvhload_error *err)
{
	struct pvhload_plan *plan = b->plan;

	if (!plan->errors)
		plan->errors = calloc(PVL_METHODS_MAX, sizeof(*plan->errors));
	if (!plan->errors)
		return pvl_fail_no_memory(err, PVL_METHODS_MAX * sizeof(*plan->errors));
	plan->errors[i] = *own;
	return PVHLOAD_OK;
}

/* The method's status is *@ret; a failure is in plan->errors[@i]. */
static enum pvhload_status try_method(struct pvl_builder *b, size_t i, enum pvhload_status *ret,
				      struct pvhload_error *err)
{
	struct pvhload_error own = PVHLOAD_ERROR_INIT;

	*ret = pvl_plan_method(b, &own);
	if (*ret != PVHLOAD_OK)
		PVL_TRY(keep_failure(b, i, &own, err));
	record(b, i, *ret);
	return PVHLOAD_OK;
}

/* Methods are what progress counts here. */
static enum pvhload_status tried(const struct pvl_builder *b, size_t count,
				 const struct methods *list, struct pvhload_error *err)
{
	return pvl_progress_report(&b->progress, PVHLOAD_PROGRESS_PLAN, count, list->count, err);
}

static enum pvhload_status choose(struct pvl_builder *b, const struct methods *list,
				  struct pvhload_error *err)
{
	struct failures failures = { .count = 0 };

	for (size_t i = 0; i < list->count; i++) {
		enum pvhload_status status;

		PVL_TRY(tried(b, i, list, err));
		b->method = list->method[i];
		PVL_TRY(try_method(b, i, &status, err));
		if (status == PVHLOAD_OK)
			return give_reason(b, i, list->method[0], err);
		failures.method[failures.count++] = b->method;
		if (!may_go_on(b->method, status))
			break;
	}
	failures.error = b->plan->errors;
	return report(&failures, err);
}

enum pvhload_status pvl_choose(struct pvl_builder *b, struct pvhload_error *err)
{
	const struct methods list = list_methods(b);

	if (list.count == 0)
		return no_method(err);
	pvl_drop_empty_initrds(b);
	b->plan = calloc(1, sizeof(*b->plan));
	if (!b->plan)
		return pvl_fail_no_memory(err, sizeof(*b->plan));
	b->plan->progress = b->progress;
	PVL_TRY(choose(b, &list, err));
	b->plan->info.guest = b->is_linux ? PVHLOAD_GUEST_LINUX : PVHLOAD_GUEST_OTHER;
	PVL_TRY(pvl_plan_own(b->plan, err));
	return tried(b, list.count, &list, err);
}
