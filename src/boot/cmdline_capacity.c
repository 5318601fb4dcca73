/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* How long a command line may be, by kernel and protocol. */
#include <pvhload/cmdline.h>

#include "boot/protocols.h"
#include "core/checked.h"
#include "image/format.h"

uint32_t pvl_pvh_cmdline_max(const struct pvhload_image_info *info, bool is_linux)
{
	if (info->format != PVHLOAD_FORMAT_BZIMAGE && !is_linux)
		return PVHLOAD_PVH_CMDLINE_LENGTH_MAX;
	return (uint32_t)pvl_min_u64(info->cmdline_max, PVHLOAD_PVH_CMDLINE_LENGTH_MAX);
}

size_t pvhload_boot_cmdline_capacity(const struct pvhload_image *image, uint32_t protocol,
				     uint32_t flags)
{
	uint64_t pvh, linux_max;
	bool is_linux;

	while (image && image->format->kind & PVL_KIND_CONTAINERS)
		image = image->payload;
	if (!image || image->info.firmware || pvl_image_check_machine(image, NULL) != PVHLOAD_OK)
		return 0;
	if (image->info.flat)
		return pvl_protocol_of_flat(image)->cmdline_max + 1;
	if (protocol == PVHLOAD_PROTOCOL_MULTIBOOT1 || protocol == PVHLOAD_PROTOCOL_MULTIBOOT2)
		return PVHLOAD_MULTIBOOT_CMDLINE_LENGTH_MAX + 1;
	is_linux = pvl_boots_linux(image, protocol, flags);
	pvh = pvl_pvh_cmdline_max(&image->info, is_linux);
	linux_max = pvl_min_u64(image->info.cmdline_max, PVHLOAD_LINUX_CMDLINE_LENGTH_MAX);
	if (protocol == PVHLOAD_PROTOCOL_AUTO && !is_linux &&
	    image->info.format != PVHLOAD_FORMAT_BZIMAGE)
		protocol = PVHLOAD_PROTOCOL_PVH; /* Multiboot takes as much */
	if (protocol == PVHLOAD_PROTOCOL_PVH)
		linux_max = pvh;
	else if (protocol != PVHLOAD_PROTOCOL_AUTO)
		pvh = linux_max;
	return (size_t)pvl_min_u64(pvl_min_u64(pvh, linux_max) + 1, PVHLOAD_CMDLINE_CAPACITY_MAX);
}
