/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A firmware that is entered by PVH and boots Linux by its 64-bit entry: what a VMM does with libpvhload from outside,
 * in the very RAM that the guest will have.  Module 0 is the kernel, a bzImage or a vmlinux, and module 1 its initrd;
 * or the only module is a cpio archive of "kernel" and "initrd", for a VMM that has no more than an -initrd to give.
 * Command line, memory map and RSDP are handed on.
 */
#include <stdbool.h>

#include <pvhload/guest.h>
#include <pvhload/pvhload.h>

#include "core/libc.h"

#define COM1       0x3f8u
#define COM1_LSR   (COM1 + 5)
#define LSR_EMPTY  0x20u
#define MAPPED_END (UINT64_C(1) << 32) /* by entry.S */
#define MAP_MAX    256u
#define KEPT_MAX   8u

/* A cpio archive of the form newc: Linux, Documentation/driver-api/early-userspace/buffer-format.rst. */
#define CPIO_MAGIC     "070701"
#define CPIO_HEADER    110u
#define CPIO_FILE_SIZE 54u
#define CPIO_NAME_SIZE 94u
#define ROUND_UP_4(n)  (((n) + 3) / 4 * 4)

PVHLOAD_GUEST_NOTE_ENTRY64(entry);

struct bytes {
	const uint8_t *data;
	size_t size;
};

/* What is booted, and what has to stay where it is until then. */
struct boot {
	struct pvhload_guest_start_info info;
	struct bytes kernel, initrd; /* size 0: there is none */
	struct pvhload_memmap_entry entries[MAP_MAX];
	struct pvhload_memmap map;
	struct pvhload_boot_keep_free kept[KEPT_MAX];
	size_t kept_count;
};

extern const uint8_t firmware_start[], firmware_end[]; /* from firmware.ld */

void firmware_main(uint64_t start_info_gpa); /* called by entry.S */

static void put(void *user, char c)
{
	uint8_t status;

	if (c == '\n')
		put(user, '\r');
	do
		__asm__ volatile("inb %1, %0" : "=a"(status) : "Nd"((uint16_t)COM1_LSR));
	while (!(status & LSR_EMPTY));
	__asm__ volatile("outb %0, %1" : : "a"(c), "Nd"((uint16_t)COM1));
}

static const struct pvhload_guest_printer com1 = { put, NULL };

static void say_range(const char *name, uint64_t gpa, uint64_t size, const char *text)
{
	pvhload_guest_print_text(&com1, name);
	pvhload_guest_print_number(&com1, gpa);
	pvhload_guest_print_number(&com1, size);
	pvhload_guest_print_text_line(&com1, "", text);
}

static bool fail(const char *why)
{
	pvhload_guest_print_text_line(&com1, "firmware:", why);
	return false;
}

static bool is_cpio(struct bytes bytes)
{
	return bytes.size >= CPIO_HEADER &&
	       memcmp(bytes.data, CPIO_MAGIC, sizeof(CPIO_MAGIC) - 1) == 0;
}

/* A number of eight hexadecimal digits. */
static uint64_t cpio_number(const uint8_t *digits)
{
	uint64_t value = 0;

	for (int i = 0; i < 8; i++)
		value = value * 16 + (digits[i] & 0xfu) + (digits[i] > '9' ? 9 : 0);
	return value;
}

/* Where it lies in the archive; of size 0 if it is not there. */
static struct bytes cpio_member(struct bytes rest, const char *name)
{
	while (is_cpio(rest)) {
		const uint64_t name_size = cpio_number(rest.data + CPIO_NAME_SIZE);
		const uint64_t size = cpio_number(rest.data + CPIO_FILE_SIZE);
		const uint64_t start = ROUND_UP_4(CPIO_HEADER + name_size);
		const uint64_t next = ROUND_UP_4(start + size);

		if (next > rest.size)
			break;
		if (name_size == strlen(name) + 1 &&
		    memcmp(rest.data + CPIO_HEADER, name, name_size) == 0)
			return (struct bytes){ rest.data + start, size };
		rest.data += next;
		rest.size -= next;
	}
	return (struct bytes){ NULL, 0 };
}

static void keep(struct boot *b, const char *name, uint64_t gpa, uint64_t size)
{
	if (size > 0)
		b->kept[b->kept_count++] = (struct pvhload_boot_keep_free){
			.struct_size = sizeof(b->kept[0]),
			.gpa = gpa,
			.size = size,
			.name = name,
			.flags = PVHLOAD_BOOT_KEEP_FREE_UNTIL_ENTRY
		};
}

static bool take_memory_map(struct boot *b)
{
	struct pvhload_guest_range r;
	uint32_t i = 0;

	b->map = (struct pvhload_memmap){ sizeof(b->map), b->entries, MAP_MAX, 0, 0 };
	for (; i < MAP_MAX && pvhload_guest_read_memmap(&b->info, i, &r) == PVHLOAD_GUEST_OK; i++)
		if (r.size > 0) /* the last one of QEMU's microvm is empty */
			b->entries[b->map.count++] =
				(struct pvhload_memmap_entry){ r.addr, r.size, r.type, 0 };
	return i == b->info.memmap_entries ? true : fail("the memory map cannot be read");
}

static bool take_module(struct boot *b, uint32_t i, const char *name, struct bytes *file)
{
	struct pvhload_guest_module module;

	if (pvhload_guest_read_module(&b->info, i, &module) != PVHLOAD_GUEST_OK || !module.data)
		return fail("a module is missing, or not below 4 GiB");
	keep(b, name, module.paddr, module.size);
	*file = (struct bytes){ module.data, module.size };
	return true;
}

static bool take_modules(struct boot *b)
{
	if (!take_module(b, 0, "module 0", &b->kernel))
		return false;
	if (!is_cpio(b->kernel))
		return b->info.nr_modules < 2 || take_module(b, 1, "module 1", &b->initrd);
	b->initrd = cpio_member(b->kernel, "initrd");
	b->kernel = cpio_member(b->kernel, "kernel");
	return true;
}

static void keep_the_rest(struct boot *b)
{
	const struct pvhload_guest_start_info *info = &b->info;

	keep(b, "firmware", (uintptr_t)firmware_start, (uint64_t)(firmware_end - firmware_start));
	keep(b, "start info", info->gpa, sizeof(struct pvhload_hvm_start_info));
	keep(b, "module list", info->modlist_paddr,
	     info->nr_modules * sizeof(struct pvhload_hvm_modlist_entry));
	keep(b, "memory map", info->memmap_paddr,
	     info->memmap_entries * sizeof(struct pvhload_hvm_memmap_entry));
	if (info->cmdline)
		keep(b, "command line", info->cmdline_paddr, strlen(info->cmdline) + 1);
	keep(b, "what is not mapped", MAPPED_END, UINT64_MAX - MAPPED_END);
}

/* Guest memory is where it is. */
static void *ram_at(void *user, uint64_t gpa, uint64_t len)
{
	(void)user;
	(void)len;
	return (void *)(uintptr_t)gpa;
}

static int write_ram(void *user, uint64_t gpa, const void *src, size_t len)
{
	memcpy(ram_at(user, gpa, len), src, len);
	return 0;
}

static void say_plan(const struct boot *b, const struct pvhload_plan_info *plan)
{
	say_range("file", (uintptr_t)b->kernel.data, b->kernel.size, "kernel");
	say_range("file", (uintptr_t)b->initrd.data, b->initrd.size, "initrd");
	for (size_t i = 0; i < plan->region_count; i++)
		say_range("region", plan->regions[i]->gpa, plan->regions[i]->size,
			  plan->regions[i]->name);
	pvhload_guest_print_line(&com1, "entry", plan->entry);
}

static bool load(const struct boot *b, struct pvhload_x86_cpu *cpu)
{
	static const struct pvhload_memory_ops ops = { .struct_size = sizeof(ops),
						       .write = write_ram,
						       .host_ptr = ram_at };
	const struct pvhload_memory ram = { .struct_size = sizeof(ram), .ops = &ops };
	const struct pvhload_source kernel = pvhload_source_buffer(b->kernel.data, b->kernel.size);
	const struct pvhload_source initrd = pvhload_source_buffer(b->initrd.data, b->initrd.size);
	const struct pvhload_boot_config config = { .struct_size = sizeof(config),
						    .kernel = &kernel,
						    .initrds = &initrd,
						    .initrd_count = b->initrd.size > 0,
						    .memmap = &b->map,
						    .cmdline = b->info.cmdline,
						    .rsdp_gpa = b->info.rsdp_paddr,
						    .keep_free = b->kept,
						    .keep_free_count = b->kept_count,
						    .protocol = PVHLOAD_PROTOCOL_X86_LINUX64 };
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_plan *plan;

	if (pvhload_boot_plan(&config, &plan, &err))
		return fail(err.message);
	say_plan(b, pvhload_plan_get_info(plan));
	if (pvhload_plan_commit(plan, &ram, &err) || pvhload_plan_get_x86_cpu(plan, cpu, &err))
		return fail(err.message);
	return true;
}

/*
 * The state at the entry, as far as long mode can be left as it is.  This code and its stack are below 4 GiB, which
 * the plan's page tables map.
 */
static void enter(const struct pvhload_x86_cpu *cpu)
{
	const struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) gdt = { cpu->gdt.limit, cpu->gdt.base };

	__asm__ volatile("mov %[cr4], %%cr4; mov %[cr3], %%cr3; mov %[cr0], %%cr0\n\t"
			 "lgdt %[gdt]\n\t"
			 "mov %[data], %%ds; mov %[data], %%es; mov %[data], %%ss\n\t"
			 "push %[code]; push %[rip]; lretq"
			 :
			 : [cr4] "r"(cpu->cr4), [cr3] "r"(cpu->cr3), [cr0] "r"(cpu->cr0),
			   [gdt] "m"(gdt), [data] "r"((uint64_t)cpu->ds.selector),
			   [code] "r"((uint64_t)cpu->cs.selector), [rip] "r"(cpu->rip),
			   "S"(cpu->rsi)
			 : "memory");
	__builtin_unreachable();
}

void firmware_main(uint64_t start_info_gpa)
{
	const struct pvhload_guest_reach reach = { 0, MAPPED_END };
	static struct pvhload_x86_cpu cpu = PVHLOAD_X86_CPU_INIT;
	static struct boot b;
	enum pvhload_guest_status status;

	pvhload_guest_print_text_line(&com1, "firmware", "libpvhload " PVHLOAD_VERSION_STRING);
	status = pvhload_guest_read_start_info(&reach, start_info_gpa, &b.info);
	pvhload_guest_print_status(&com1, "start_info", status);
	if (status != PVHLOAD_GUEST_OK)
		return;
	pvhload_guest_print_start_info(&com1, &b.info);
	keep_the_rest(&b);
	if (take_memory_map(&b) && take_modules(&b) && load(&b, &cpu))
		enter(&cpu);
}
