/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include <pvhload/version.h>

const char *pvhload_version(void)
{
	return PVHLOAD_VERSION_STRING;
}
