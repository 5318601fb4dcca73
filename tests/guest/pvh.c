/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The PVH guest: everything that start info leads to.  Note and readers are those that the library has for kernels,
 * which are thereby tried by one.
 */
#include <pvhload/guest.h>

#include "guest.h"

/* What makes a kernel a PVH kernel. */
PVHLOAD_GUEST_NOTE_ENTRY32(entry);

static void text_line(const char *name, const char *value)
{
	text(name);
	text(" ");
	text(value ? value : "(none)");
	text("\n");
}

static enum pvhload_guest_status print_modules(const struct pvhload_guest_start_info *info)
{
	struct pvhload_guest_module m;
	enum pvhload_guest_status status;

	for (uint32_t i = 0; (status = pvhload_guest_read_module(info, i, &m)) == PVHLOAD_GUEST_OK;
	     i++) {
		line("module.paddr", m.paddr);
		line("module.size", m.size);
		line("module.reserved", m.reserved);
		text_line("module.cmdline", m.cmdline);
		line("module.first", m.data[0]);
		line("module.last", m.data[m.size - 1]);
	}
	return status;
}

static enum pvhload_guest_status print_map(const struct pvhload_guest_start_info *info)
{
	struct pvhload_guest_range e;
	enum pvhload_guest_status status;

	for (uint32_t i = 0; (status = pvhload_guest_read_memmap(info, i, &e)) == PVHLOAD_GUEST_OK;
	     i++) {
		line("memmap.addr", e.addr);
		line("memmap.size", e.size);
		line("memmap.type", e.type);
		line("memmap.reserved", e.reserved);
	}
	return status;
}

void guest_main(void)
{
	const struct pvhload_guest_reach reach = { 0, UINT64_C(1) << 32 };
	struct pvhload_guest_start_info info;

	print_state();
	print_image();
	line("magic", pvhload_guest_load32(at(entry_state.ebx)));
	if (pvhload_guest_read_start_info(&reach, entry_state.ebx, &info) != PVHLOAD_GUEST_OK)
		return;
	line("version", info.version);
	line("flags", info.flags);
	line("nr_modules", info.nr_modules);
	line("modlist_paddr", info.modlist_paddr);
	line("cmdline_paddr", info.cmdline_paddr);
	line("rsdp_paddr", info.rsdp_paddr);
	line("memmap_paddr", info.memmap_paddr);
	line("memmap_entries", info.memmap_entries);
	line("reserved", info.reserved);
	text_line("cmdline", info.cmdline);
	if (print_modules(&info) == PVHLOAD_GUEST_END && print_map(&info) == PVHLOAD_GUEST_END)
		end();
}
