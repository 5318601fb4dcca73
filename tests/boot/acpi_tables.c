/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* For test_acpi.py: the first 4 KiB of the tables that tools/kvm/ makes for so many processors, in RAM that was used. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kvm/acpi.h"
#include "kvm/kvm.h"

int main(int argc, char **argv)
{
	static uint8_t tables[KVM_TABLES_SIZE];

	if (argc != 2)
		return EXIT_FAILURE;
	memset(tables, 0xa5, sizeof(tables));
	acpi_build(tables, KVM_RSDP_GPA, (unsigned int)strtoul(argv[1], NULL, 10));
	return fwrite(tables, sizeof(tables), 1, stdout) == 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
