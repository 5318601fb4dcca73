/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* ABI source: Linux, arch/x86/include/uapi/asm/setup_data.h. */
#include <pvhload/linux.h>

const char *pvhload_setup_data_name(uint32_t type)
{
	static const char *const names[] = {
		[PVHLOAD_SETUP_NONE] = "none",
		[PVHLOAD_SETUP_E820_EXT] = "e820_ext",
		[PVHLOAD_SETUP_DTB] = "dtb",
		[PVHLOAD_SETUP_PCI] = "pci",
		[PVHLOAD_SETUP_EFI] = "efi",
		[PVHLOAD_SETUP_APPLE_PROPERTIES] = "apple_properties",
		[PVHLOAD_SETUP_JAILHOUSE] = "jailhouse",
		[PVHLOAD_SETUP_CC_BLOB] = "cc_blob",
		[PVHLOAD_SETUP_IMA] = "ima",
		[PVHLOAD_SETUP_RNG_SEED] = "rng_seed",
		[PVHLOAD_SETUP_KEXEC_KHO] = "kexec_kho",
	};

	if (type < sizeof(names) / sizeof(names[0]))
		return names[type];
	return type == PVHLOAD_SETUP_INDIRECT ? "indirect" : "unknown";
}
