/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Published layouts, checked by the compiler.  Offsets: Xen, public/arch-x86/hvm/start_info.h. */
#include <stddef.h>

#include <pvhload/abi/start_info.h>

#define AT(type, member, offset) \
	_Static_assert(offsetof(struct type, member) == (offset), #type "." #member)
#define SIZE(type, bytes) _Static_assert(sizeof(struct type) == (bytes), #type)

AT(pvhload_hvm_start_info, magic, 0);
AT(pvhload_hvm_start_info, version, 4);
AT(pvhload_hvm_start_info, flags, 8);
AT(pvhload_hvm_start_info, nr_modules, 12);
AT(pvhload_hvm_start_info, modlist_paddr, 16);
AT(pvhload_hvm_start_info, cmdline_paddr, 24);
AT(pvhload_hvm_start_info, rsdp_paddr, 32);
AT(pvhload_hvm_start_info, memmap_paddr, 40);
AT(pvhload_hvm_start_info, memmap_entries, 48);
AT(pvhload_hvm_start_info, reserved, 52);
SIZE(pvhload_hvm_start_info, 56);

AT(pvhload_hvm_modlist_entry, paddr, 0);
AT(pvhload_hvm_modlist_entry, size, 8);
AT(pvhload_hvm_modlist_entry, cmdline_paddr, 16);
AT(pvhload_hvm_modlist_entry, reserved, 24);
SIZE(pvhload_hvm_modlist_entry, 32);

AT(pvhload_hvm_memmap_entry, addr, 0);
AT(pvhload_hvm_memmap_entry, size, 8);
AT(pvhload_hvm_memmap_entry, type, 16);
AT(pvhload_hvm_memmap_entry, reserved, 20);
SIZE(pvhload_hvm_memmap_entry, 24);
