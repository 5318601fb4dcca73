/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A kernel that boots by PVH, and is not Linux: it says on the first serial port what it was given, and resets the
 * machine.  docs/write-a-pvh-kernel.md builds and boots it.
 */
#include <pvhload/guest.h>

#define COM1      0x3f8
#define REGISTERS 23

/* By this a loader knows that it can be entered by PVH, and where. */
#ifdef __x86_64__
PVHLOAD_GUEST_NOTE_ENTRY64(pvh_entry);
#else
PVHLOAD_GUEST_NOTE_ENTRY32(pvh_entry);
#endif

struct table {
	uint16_t limit;
	uint32_t base;
} __attribute__((packed));

/* Of entry.S: what the processor came with, the last one first. */
extern const uint32_t registers[REGISTERS];
extern const struct table gdt_at_entry, idt_at_entry;
static const char names[REGISTERS][8] = {
	"ldt", "tr",     "ss",  "gs",  "fs",  "es",  "ds",  "cs",  "efer", "cr4", "cr3", "cr2",
	"cr0", "eflags", "eip", "esp", "ebp", "edi", "esi", "edx", "ecx",  "ebx", "eax",
};
#define EBX 21 /* its number among them */

_Noreturn void kernel_main(void);

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

static void put(void *context, char c)
{
	(void)context;
	while (!(in(COM1 + 5) & 0x20)) /* until there is room for it */
		;
	out(COM1, (uint8_t)c);
}

static void print_registers(const struct pvhload_guest_printer *to)
{
	for (unsigned int i = REGISTERS; i-- > 0;)
		pvhload_guest_print_line(to, names[i], registers[i]);
	pvhload_guest_print_line(to, "gdt.base", gdt_at_entry.base);
	pvhload_guest_print_line(to, "gdt.limit", gdt_at_entry.limit);
	pvhload_guest_print_line(to, "idt.base", idt_at_entry.base);
	pvhload_guest_print_line(to, "idt.limit", idt_at_entry.limit);
}

/* A sum of each module's bytes, by which it is seen that they came. */
static void print_sums(const struct pvhload_guest_printer *to,
		       const struct pvhload_guest_start_info *info)
{
	struct pvhload_guest_module module;

	for (uint32_t i = 0; pvhload_guest_read_module(info, i, &module) == PVHLOAD_GUEST_OK; i++) {
		uint32_t sum = 0;

		for (uint64_t n = 0; module.data && n < module.size; n++)
			sum = sum * 31 + module.data[n];
		pvhload_guest_print_line(to, "sum", sum);
	}
}

/* An interrupt without a table for it is a triple fault, which resets. */
static _Noreturn void reset(void)
{
	static const uint8_t no_table[10];

	while (!(in(COM1 + 5) & 0x40)) /* until the last character is out */
		;
	__asm__ volatile("lidt %0\n\tint3" : : "m"(no_table));
	for (;;)
		;
}

void kernel_main(void)
{
	const struct pvhload_guest_printer to = { put, NULL };
	/* The first 4 GiB at their own addresses: without paging, or as entry.S maps them. */
	const struct pvhload_guest_reach reach = { 0, UINT64_C(1) << 32 };
	struct pvhload_guest_start_info info;
	enum pvhload_guest_status status;

	pvhload_guest_print_text(&to, "\nhello from a PVH kernel\n");
	print_registers(&to);
	status = pvhload_guest_read_start_info(&reach, registers[EBX], &info);
	pvhload_guest_print_status(&to, "start_info", status);
	if (status == PVHLOAD_GUEST_OK) {
		pvhload_guest_print_start_info(&to, &info);
		print_sums(&to, &info);
	}
	pvhload_guest_print_text(&to, "end\n");
	reset();
}
