/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The PVH guest: everything that start info leads to.  The layouts are those of the library's own
 * published header, which is thereby tried by a guest.
 */
#include <pvhload/abi/elf_note.h>
#include <pvhload/abi/start_info.h>

#include "guest.h"

void entry(void);

/* What makes a kernel a PVH kernel. */
struct note {
	uint32_t name_size, desc_size, type;
	char name[4];
	void (*entry)(void);
};
__attribute__((section(".note.xen"), used))
const struct note note = { sizeof(PVHLOAD_XEN_NOTE_NAME), sizeof(note.entry),
			   PVHLOAD_XEN_NOTE_PHYS32_ENTRY, PVHLOAD_XEN_NOTE_NAME, entry };

static void text_at(const char *name, uint64_t gpa)
{
	text(name);
	text(" ");
	if (gpa == 0)
		text("(none)");
	else
		text((const char *)at(gpa));
	text("\n");
}

static void print_modules(const struct pvhload_hvm_start_info *info)
{
	const struct pvhload_hvm_modlist_entry *m =
		(const struct pvhload_hvm_modlist_entry *)at(info->modlist_paddr);

	for (uint32_t i = 0; i < info->nr_modules; i++, m++) {
		line("module.paddr", m->paddr);
		line("module.size", m->size);
		line("module.reserved", m->reserved);
		text_at("module.cmdline", m->cmdline_paddr);
		line("module.first", at(m->paddr)[0]);
		line("module.last", at(m->paddr + m->size - 1)[0]);
	}
}

static void print_map(const struct pvhload_hvm_start_info *info)
{
	const struct pvhload_hvm_memmap_entry *e =
		(const struct pvhload_hvm_memmap_entry *)at(info->memmap_paddr);

	for (uint32_t i = 0; i < info->memmap_entries; i++, e++) {
		line("memmap.addr", e->addr);
		line("memmap.size", e->size);
		line("memmap.type", e->type);
		line("memmap.reserved", e->reserved);
	}
}

void guest_main(void)
{
	const struct pvhload_hvm_start_info *info =
		(const struct pvhload_hvm_start_info *)at(entry_state.ebx);

	print_state();
	print_image();
	line("magic", info->magic);
	line("version", info->version);
	line("flags", info->flags);
	line("nr_modules", info->nr_modules);
	line("modlist_paddr", info->modlist_paddr);
	line("cmdline_paddr", info->cmdline_paddr);
	line("rsdp_paddr", info->rsdp_paddr);
	line("memmap_paddr", info->memmap_paddr);
	line("memmap_entries", info->memmap_entries);
	line("reserved", info->reserved);
	text_at("cmdline", info->cmdline_paddr);
	print_modules(info);
	print_map(info);
	end();
}
