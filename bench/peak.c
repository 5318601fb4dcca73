/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The memory of this process, as the kernel counts it. */
#include "bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line of /proc/self/status, in bytes. */
static uint64_t status_line(const char *name)
{
	FILE *status = fopen("/proc/self/status", "r");
	uint64_t kib = 0;
	char line[256];

	while (status && fgets(line, sizeof(line), status))
		if (strncmp(line, name, strlen(name)) == 0)
			sscanf(line + strlen(name), ": %" SCNu64, &kib);
	if (status)
		fclose(status);
	return kib << 10;
}

uint64_t peak_start(void)
{
	FILE *refs = fopen("/proc/self/clear_refs", "w");

	if (!refs || fputs("5", refs) < 0 || fclose(refs)) {
		perror("/proc/self/clear_refs");
		exit(1);
	}
	return status_line("VmRSS");
}

uint64_t peak_bytes(void)
{
	return status_line("VmHWM");
}
