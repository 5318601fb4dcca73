/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "boot/protocols.h"

#include "core/error.h"
#include "core/libc.h"

static const struct pvl_protocol *const protocols[] = {
	&pvl_protocol_pvh,        &pvl_protocol_linux64, &pvl_protocol_linux32,
	&pvl_protocol_arm64,      &pvl_protocol_riscv64, &pvl_protocol_multiboot1,
	&pvl_protocol_multiboot2, &pvl_protocol_reset,
};

const struct pvl_protocol *pvl_protocol_number(size_t i)
{
	return i < sizeof(protocols) / sizeof(protocols[0]) ? protocols[i] : NULL;
}

const struct pvl_protocol *pvl_protocol_by_id(uint32_t id)
{
	const struct pvl_protocol *p;

	for (size_t i = 0; (p = pvl_protocol_number(i)) != NULL; i++)
		if (p->id == id)
			return p;
	return NULL;
}

const struct pvl_protocol *pvl_protocol_of_flat(const struct pvhload_image *image)
{
	const struct pvl_protocol *p;

	for (size_t i = 0; (p = pvl_protocol_number(i)) != NULL; i++)
		if (image->info.flat && p->arch == image->info.arch)
			return p;
	return NULL;
}

const char *pvhload_protocol_name(uint32_t protocol)
{
	const struct pvl_protocol *p = pvl_protocol_by_id(protocol);

	if (protocol == PVHLOAD_PROTOCOL_AUTO)
		return "auto";
	return p ? p->name : "unknown";
}

static enum pvhload_status unknown_name(struct pvhload_error *err)
{
	const struct pvl_protocol *p = NULL;
	char known[128] = "";
	size_t used = 0;

	for (size_t i = 0; (p = pvl_protocol_number(i)) != NULL && used < sizeof(known); i++)
		used += (size_t)snprintf(known + used, sizeof(known) - used, ", %s", p->name);
	return pvl_fail(err, PVHLOAD_E_NOT_FOUND, PVL_ANYWHERE,
			"there is no boot protocol of that name; the names are %s%s",
			pvhload_protocol_name(PVHLOAD_PROTOCOL_AUTO), known);
}

enum pvhload_status pvhload_protocol_from_name(const char *name, uint32_t *ret_protocol,
					       struct pvhload_error *err)
{
	const struct pvl_protocol *p = NULL;

	if (!pvl_error_usable(err))
		return PVHLOAD_E_USAGE;
	if (!name || !ret_protocol)
		return pvl_fail(err, PVHLOAD_E_USAGE, PVL_ANYWHERE,
				"the name or the place for the protocol is NULL");
	if (strcmp(name, pvhload_protocol_name(PVHLOAD_PROTOCOL_AUTO)) == 0) {
		*ret_protocol = PVHLOAD_PROTOCOL_AUTO;
		return PVHLOAD_OK;
	}
	for (size_t i = 0; (p = pvl_protocol_number(i)) != NULL; i++) {
		if (strcmp(name, p->name) == 0) {
			*ret_protocol = p->id;
			return PVHLOAD_OK;
		}
	}
	return unknown_name(err);
}
