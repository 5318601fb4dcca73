/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The caller's config, completed by defaults, and checked as far as that is possible without the image. */
#include <pvhload/x86_page_tables.h>

#include "abi/sizes.h"
#include "boot/protocols.h"
#include "boot/plan.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/callbacks.h"
#include "core/progress.h"
#include "core/sized.h"
#include "x86/paging.h"

static enum pvhload_status check_arrays(const struct pvl_builder *b, struct pvhload_error *err)
{
	const struct pvhload_boot_config *c = &b->config;
	const struct pvhload_boot_x86 *x = &b->x86;
	const struct {
		const char *name;
		const void *array;
		size_t count, most;
	} arrays[] = {
		{ "initrds", c->initrds, c->initrd_count, PVHLOAD_BOOT_INITRDS_MAX },
		{ "modules", c->modules, c->module_count, PVHLOAD_PVH_MODULES_MAX },
		{ "keep_free", c->keep_free, c->keep_free_count, PVHLOAD_BOOT_KEEP_FREE_MAX },
		{ "places", c->places, c->place_count, PVHLOAD_BOOT_PLACES_MAX },
		{ "ROMs", c->roms, c->rom_count, PVHLOAD_BOOT_ROMS_MAX },
		{ "setup_data", x->setup_data, x->setup_data_count, PVHLOAD_LINUX_SETUP_DATA_MAX },
	};

	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++) {
		if (arrays[i].count > 0 && !arrays[i].array)
			return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
					"the boot config counts %zu %s, but their array is NULL",
					arrays[i].count, arrays[i].name);
		if (arrays[i].count > arrays[i].most)
			return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_ANYWHERE,
					"the boot config has %zu %s, %zu more than the limit, %zu",
					arrays[i].count, arrays[i].name,
					arrays[i].count - arrays[i].most, arrays[i].most);
	}
	return PVHLOAD_OK;
}

static enum pvhload_status check_choices(const struct pvhload_boot_config *c,
					 struct pvhload_error *err)
{
	const uint32_t guest = c->flags & (PVHLOAD_BOOT_NOT_LINUX | PVHLOAD_BOOT_LINUX);

	if ((c->flags & ~(guest | PVHLOAD_BOOT_UKI_APPEND)) != 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the boot config has an unknown flag (0x%" PRIx32 ")", c->flags);
	if (guest == (PVHLOAD_BOOT_NOT_LINUX | PVHLOAD_BOOT_LINUX))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the boot config says that the guest is Linux, and that it is not");
	if (c->protocol != PVHLOAD_PROTOCOL_AUTO && !pvl_protocol_by_id(c->protocol))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the boot config asks for an unknown protocol (%" PRIu32 ")",
				c->protocol);
	if (c->decompress > PVHLOAD_DECOMPRESS_GUEST)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the boot config asks for an unknown decoder (%" PRIu32 ")",
				c->decompress);
	return PVHLOAD_OK;
}

static enum pvhload_status copy_x86(struct pvl_builder *b, struct pvhload_error *err)
{
	struct pvhload_boot_x86 *x = &b->x86;

	*x = (struct pvhload_boot_x86)PVHLOAD_BOOT_X86_INIT;
	if (b->config.x86 && !pvl_sized_in(x, sizeof(*x), b->config.x86, PVL_V1_BOOT_X86))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"what the boot config has for x86 has a wrong size");
	if ((x->flags & ~PVHLOAD_BOOT_X86_BDA) != 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"what the boot config has for x86 has an unknown flag (0x%" PRIx32
				")",
				x->flags);
	/* For every protocol, so that a wrong value does not wait for the one that builds tables. */
	return pvl_x86_check_paging(x->paging_levels, x->page_size, err);
}

const char *pvl_linux_x86_option(const struct pvhload_boot_x86 *x)
{
	if (x->setup_data_count > 0)
		return "setup_data (a seed, a device tree)";
	if (x->framebuffer)
		return "a framebuffer";
	if (x->efi_info)
		return "an efi_info";
	if (x->loadflags != 0)
		return "load flags";
	if (x->page_entry_mask != 0)
		return "page tables, and a mask in them";
	if (x->page_size == PVHLOAD_X86_PAGE_SIZE_1G)
		return "page tables with pages of 1 GiB";
	return x->paging_levels == 5 ? "5-level page tables" : NULL;
}

static enum pvhload_status copy_others(struct pvl_builder *b, struct pvhload_error *err)
{
	b->arm64 = (struct pvhload_boot_arm64)PVHLOAD_BOOT_ARM64_INIT;
	if (b->config.arm64 &&
	    !pvl_sized_in(&b->arm64, sizeof(b->arm64), b->config.arm64, PVL_V1_BOOT_ARM64))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"what the boot config has for arm64 has a wrong size");
	if (b->arm64.exception_level > 2 || b->arm64.reserved != 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the boot config asks for exception level %" PRIu32
				", not 1 or 2, or the reserved member for arm64 is not 0",
				b->arm64.exception_level);
	b->riscv64 = (struct pvhload_boot_riscv64)PVHLOAD_BOOT_RISCV64_INIT;
	if (b->config.riscv64 &&
	    !pvl_sized_in(&b->riscv64, sizeof(b->riscv64), b->config.riscv64, PVL_V1_BOOT_RISCV64))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"what the boot config has for riscv64 has a wrong size");
	return PVHLOAD_OK;
}

static enum pvhload_status copy_multiboot(struct pvl_builder *b, struct pvhload_error *err)
{
	struct pvhload_boot_multiboot *m = &b->multiboot;

	*m = (struct pvhload_boot_multiboot)PVHLOAD_BOOT_MULTIBOOT_INIT;
	if (b->config.multiboot &&
	    !pvl_sized_in(m, sizeof(*m), b->config.multiboot, PVL_V1_BOOT_MULTIBOOT))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"what the boot config has for Multiboot has a wrong size");
	if (!m->rsdp && m->rsdp_size > 0)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the boot config counts %zu bytes of an RSDP, but they are NULL",
				m->rsdp_size);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_read_config(const struct pvhload_boot_config *caller, struct pvl_builder *b,
				    struct pvhload_error *err)
{
	struct pvhload_boot_config *c = &b->config;

	if (!pvl_sized_in(c, sizeof(*c), caller, PVL_V1_BOOT_CONFIG))
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the boot config is NULL or has a wrong size");
	if ((!c->image && !c->kernel) || !c->memmap)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "the boot config has no %s",
				c->image || c->kernel ? "memory map" : "image");
	if (c->image && c->kernel)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the boot config has an image and the source of another");
	PVL_TRY(copy_x86(b, err));
	PVL_TRY(copy_others(b, err));
	PVL_TRY(copy_multiboot(b, err));
	PVL_TRY(pvl_progress_copy(&b->progress, c->progress, err));
	PVL_TRY(pvl_pool_copy(&b->pool, c->pool, err));
	b->callbacks = (struct pvl_callbacks){ .progress = &b->progress, .pool = &b->pool };
	PVL_TRY(check_choices(c, err));
	PVL_TRY(check_arrays(b, err));
	PVL_TRY(pvl_copy_places(b, err));
	if (!c->cmdline)
		c->cmdline = "";
	return PVHLOAD_OK;
}

enum pvhload_status pvl_config_module(const struct pvhload_boot_config *config, size_t i,
				      struct pvhload_boot_module *ret, struct pvhload_error *err)
{
	enum pvhload_status status = PVHLOAD_OK;

	if (!pvl_element(config->modules, i, ret, sizeof(*ret), PVL_V1_BOOT_MODULE))
		status = pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE, "module %zu has a wrong size",
				  i);
	return pvl_fail_about(err, status, PVHLOAD_SUBJECT_MODULE, i);
}
