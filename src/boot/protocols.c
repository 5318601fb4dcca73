/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "boot/protocols.h"

static const struct pvl_protocol *const protocols[] = {
	&pvl_protocol_pvh,
	&pvl_protocol_linux64,
	&pvl_protocol_linux32,
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

const char *pvhload_protocol_name(uint32_t protocol)
{
	const struct pvl_protocol *p = pvl_protocol_by_id(protocol);

	if (protocol == PVHLOAD_PROTOCOL_AUTO)
		return "auto";
	return p ? p->name : "unknown";
}
