/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* From a config to a plan, and for pvhload_boot_load() to guest memory. */
#include <pvhload/boot.h>

#include "boot/in_place.h"
#include "boot/plan.h"
#include "boot/plan_memory.h"
#include "core/error.h"
#include "core/libc.h"

static enum pvhload_status find_kernel(struct pvl_builder *b, struct pvhload_error *err)
{
	struct pvhload_image *image = NULL;

	PVL_TRY(pvl_use_uki(b, &image, err));
	PVL_TRY(pvl_image_decode_file(image, &b->callbacks, &b->image, err));
	return pvl_check_uki_machine(b, err);
}

/* Of a file that is compressed as a whole, or a UKI, the kernel in it is booted. */
static enum pvhload_status open_container(struct pvl_builder *b, struct pvhload_error *err)
{
	PVL_TRY(pvl_memmap_check(b->config.memmap, err));
	return pvl_fail_about(err, find_kernel(b, err), PVHLOAD_SUBJECT_KERNEL, 0);
}

/* A firmware goes with reset, and nothing else does. */
static enum pvhload_status check_firmware(const struct pvl_builder *b, struct pvhload_error *err)
{
	const uint32_t protocol = b->config.protocol;
	const bool firmware = b->image->info.firmware != NULL;

	if (b->config.firmware_vars && !firmware)
		return pvl_fail(
			err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
			"the boot config has firmware variables, and an image that was not opened as a "
			"firmware");
	if (protocol == PVHLOAD_PROTOCOL_AUTO ||
	    firmware == (protocol == PVHLOAD_PROTOCOL_X86_RESET))
		return PVHLOAD_OK;
	return pvl_fail(
		err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
		firmware
			? "the image is a firmware, which starts from reset, and by no boot protocol"
			: "the image was not opened as a firmware, and nothing else starts from reset");
}

/*
 * Open the image, if the caller gave its source; then the kernel in it, if it is a compressed file or a UKI; then plan.
 */
static enum pvhload_status plan_all(struct pvl_builder *b, struct pvhload_error *err)
{
	if (!b->config.image) {
		PVL_TRY(pvl_fail_about(err,
				       pvhload_image_open(b->config.kernel, NULL, &b->opened, err),
				       PVHLOAD_SUBJECT_KERNEL, 0));
		b->config.image = b->opened;
	}
	PVL_TRY(open_container(b, err));
	PVL_TRY(pvl_fail_about(err, pvl_image_check_machine(b->image, err), PVHLOAD_SUBJECT_KERNEL,
			       0));
	if (b->config.fdt && !b->image->info.flat)
		return pvl_fail(
			err, PVHLOAD_E_PROTOCOL, PVL_ANYWHERE,
			"the boot config has a device tree, and the kernel is for x86, where it "
			"goes into a setup_data");
	PVL_TRY(pvl_fail_about(err, check_firmware(b, err), PVHLOAD_SUBJECT_KERNEL, 0));
	b->is_linux = pvl_boots_linux(b->image, b->config.protocol, b->config.flags);
	/* Of other kernels, mem= counts from the start of RAM, and there is no memmap=. */
	if (b->is_linux && !b->image->info.flat)
		PVL_TRY(pvl_memory_effects_read(b->config.cmdline, &b->effects, err));
	b->kaslr_unsafe = pvl_check_own_kaslr(b, NULL) != PVHLOAD_OK;
	return pvl_choose(b, err);
}

static enum pvhload_status plan_config(const struct pvhload_boot_config *config,
				       struct pvl_builder *b, struct pvhload_error *err)
{
	PVL_TRY(pvl_read_config(config, b, err));
	PVL_TRY(plan_all(b, err));
	return b->in_place ? pvl_in_place_keep(b, err) : PVHLOAD_OK;
}

/* Make a plan; with @in_place, the payload may be in guest memory then. */
static enum pvhload_status make(const struct pvhload_boot_config *config,
				struct pvl_in_place *in_place, struct pvhload_plan **ret,
				struct pvhload_error *err)
{
	struct pvl_builder b = { .in_place = in_place };
	const enum pvhload_status status = plan_config(config, &b, err);

	pvl_free_uki(&b);
	pvl_image_unref(b.opened); /* the plan has a reference of its own */
	pvl_space_free(&b.layout.space);
	pvl_free_places(&b);
	pvl_free_exact(&b);
	pvl_memory_effects_free(&b.effects);
	if (status == PVHLOAD_OK)
		*ret = b.plan;
	else
		pvhload_plan_free(b.plan);
	return status;
}

enum pvhload_status pvhload_boot_plan(const struct pvhload_boot_config *config,
				      struct pvhload_plan **plan, struct pvhload_error *err)
{
	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!plan)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"there is no place for the plan");
	return make(config, NULL, plan, err);
}

static enum pvhload_status make_and_commit(const struct pvhload_boot_config *config,
					   const struct pvhload_memory *mem,
					   struct pvl_in_place *in_place, struct pvhload_plan **ret,
					   struct pvhload_error *err)
{
	struct pvhload_plan *plan = NULL;
	enum pvhload_status status;

	PVL_TRY(make(config, in_place, &plan, err));
	status = pvl_plan_write(plan, mem, pvl_in_place_decoded(in_place), err);
	if (status != PVHLOAD_OK) {
		pvhload_plan_free(plan);
		return status;
	}
	*ret = plan;
	return PVHLOAD_OK;
}

enum pvhload_status pvhload_boot_load(const struct pvhload_boot_config *config,
				      const struct pvhload_memory *mem, struct pvhload_plan **plan,
				      struct pvhload_error *err)
{
	struct pvl_in_place in_place = { .tried = false };
	enum pvhload_status status;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!plan)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"there is no place for the plan");
	PVL_TRY(pvl_in_place_begin(&in_place, mem, err));
	status = make_and_commit(config, mem, &in_place, plan, err);
	return pvl_in_place_end(&in_place, status, err);
}
