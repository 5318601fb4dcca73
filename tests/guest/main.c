/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A guest that does nothing but say what it was given: its registers, and everything that start info
 * leads to, a line each, "name value", numbers in hex.  The layouts are those of the library's own
 * published header, which is thereby tried by a guest.
 */
#include <stdint.h>

#include <pvhload/abi/elf_note.h>
#include <pvhload/abi/start_info.h>

void entry(void);
void guest_main(void);

struct table {
	uint16_t limit;
	uint32_t base;
} __attribute__((packed));

/* In the order in which entry.S stores it. */
struct entry_state {
	uint32_t eax, ecx, edx, ebx, esp, ebp, esi, edi;
	uint32_t eflags, cr0, cr2, cr3, cr4, efer_low, efer_high;
	uint16_t cs, ds, es, fs, gs, ss, tr, ldt;
	struct table gdt, idt;
} __attribute__((packed));

extern const struct entry_state entry_state;

/* What makes a kernel a PVH kernel. */
struct note {
	uint32_t name_size, desc_size, type;
	char name[4];
	void (*entry)(void);
};
__attribute__((section(".note.xen"), used))
const struct note note = { sizeof(PVHLOAD_XEN_NOTE_NAME), sizeof(note.entry),
			   PVHLOAD_XEN_NOTE_PHYS32_ENTRY, PVHLOAD_XEN_NOTE_NAME, entry };

#define COM1 0x3f8

static void out(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t in(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void put(char c)
{
	while (!(in(COM1 + 5) & 0x20))
		;
	out(COM1, (uint8_t)c);
}

static void text(const char *s)
{
	while (*s)
		put(*s++);
}

static void hex(uint64_t value)
{
	int shift = 60;

	while (shift > 0 && (value >> shift & 0xf) == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		put("0123456789abcdef"[value >> shift & 0xf]);
}

static void line(const char *name, uint64_t value)
{
	text(name);
	put(' ');
	hex(value);
	put('\n');
}

/* Addresses in guest memory; all of them are below 4 GiB, or this guest cannot reach them. */
static const uint8_t *at(uint64_t gpa)
{
	return (const uint8_t *)(uintptr_t)gpa;
}

static void text_at(const char *name, uint64_t gpa)
{
	text(name);
	put(' ');
	if (gpa == 0)
		text("(none)");
	else
		text((const char *)at(gpa));
	put('\n');
}

static void print_state(void)
{
	const struct entry_state *s = &entry_state;

	line("eax", s->eax);
	line("ecx", s->ecx);
	line("edx", s->edx);
	line("ebx", s->ebx);
	line("esp", s->esp);
	line("ebp", s->ebp);
	line("esi", s->esi);
	line("edi", s->edi);
	line("eflags", s->eflags);
	line("cr0", s->cr0);
	line("cr2", s->cr2);
	line("cr3", s->cr3);
	line("cr4", s->cr4);
	line("efer", (uint64_t)s->efer_high << 32 | s->efer_low);
	line("cs", s->cs);
	line("ds", s->ds);
	line("es", s->es);
	line("fs", s->fs);
	line("gs", s->gs);
	line("ss", s->ss);
	line("tr", s->tr);
	line("ldt", s->ldt);
	line("gdt.base", s->gdt.base);
	line("gdt.limit", s->gdt.limit);
	line("idt.base", s->idt.base);
	line("idt.limit", s->idt.limit);
	text("gdt.bytes ");
	for (uint32_t i = 0; i <= s->gdt.limit; i++) {
		put("0123456789abcdef"[at(s->gdt.base)[i] >> 4]);
		put("0123456789abcdef"[at(s->gdt.base)[i] & 0xf]);
	}
	put('\n');
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

/* .bss that the loader has to have made zero; and data that it has to have copied. */
static uint8_t bss[20000];
static uint8_t data[20000] = { 1, 2, 3 };

static void print_image(void)
{
	uint32_t sum = 0, zeros = 0;

	for (uint32_t i = 0; i < sizeof(bss); i++)
		zeros += bss[i] == 0;
	for (uint32_t i = 0; i < sizeof(data); i++)
		sum += data[i];
	line("bss.zeros", zeros);
	line("data.sum", sum);
	/* so that neither is a constant to the compiler */
	bss[sum] = 1;
	data[zeros - 1] = 1;
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
	text("end\n");
	while (!(in(COM1 + 5) & 0x40)) /* until the last byte is out */
		;
}
