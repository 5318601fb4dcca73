/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* ACPI Specification 6.5, section 5.2: offsets in tables, and what their values mean. */
#include "acpi.h"

#include "aml.h"
#include "table_bytes.h"
#include "kvm.h"
#include "ports.h"

#define HEADER_SIZE     36u
#define HEADER_LENGTH   4u /* where the length is, and the checksum */
#define HEADER_CHECKSUM 9u
#define TABLE_ALIGNMENT 16u

#define RSDP_SIZE       36u
#define RSDP_1_SIZE     20u /* what revision 0 had, with a checksum of its own */
#define RSDP_CHECKSUM   8u
#define RSDP_REVISION   2u
#define RSDP_XSDT       24u
#define RSDP_CHECKSUM_2 32u

#define FACS_SIZE      64u
#define FACS_ALIGNMENT 64u
#define FACS_VERSION   2u

#define FADT_SIZE     276u
#define FADT_REVISION 6u
#define FADT_MINOR    5u
#define SCI_IRQ       9u
#define SPACE_IO      1u /* of an address */
#define ACCESS_BYTE   1u
#define ACCESS_WORD   2u
#define NO_C2         101u /* a latency of more is none */
#define NO_C3         1001u
/* No keyboard controller: its reset is there, a keyboard is not. */
#define BOOT_ARCH_LEGACY     (1u << 0)
#define BOOT_ARCH_NO_VGA     (1u << 2)
#define BOOT_ARCH_NO_RTC     (1u << 5)
#define FLAG_WBINVD          (1u << 0)
#define FLAG_C1              (1u << 2)
#define FLAG_NO_POWER_BUTTON (1u << 4)
#define FLAG_NO_SLEEP_BUTTON (1u << 5)
#define FLAG_NO_RTC_WAKE     (1u << 6)
#define FLAG_RESET           (1u << 10)

#define MADT_REVISION  5u
#define MADT_PCAT      1u /* there is a pair of 8259 as well */
#define LOCAL_APIC_GPA 0xfee00000u
#define IO_APIC_GPA    0xfec00000u
#define CPU_ENABLED    1u
#define ALL_CPUS       0xffu
#define SCI_HIGH_LEVEL 0x000du

/* Where tables are for the guest, @gpa being that of b->at[0]. */
struct tables {
	struct bytes b;
	uint32_t gpa;
};

static uint8_t checksum(const uint8_t *at, size_t size)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + at[i]);
	return (uint8_t)-sum;
}

/* Begin a table; the result is where it is in the bytes. */
static size_t begin(struct tables *t, const char *signature, unsigned int revision)
{
	size_t start;

	bytes_align(&t->b, TABLE_ALIGNMENT);
	start = t->b.size;
	bytes_add(&t->b, signature, 4);
	bytes_number(&t->b, 4, 0); /* the length, by end() */
	bytes_number(&t->b, 1, revision);
	bytes_number(&t->b, 1, 0); /* the checksum, by end() */
	bytes_add(&t->b, "PVHLOAPVHLOAD ", 6 + 8);
	bytes_number(&t->b, 4, 1);
	bytes_add(&t->b, "PVHL", 4);
	bytes_number(&t->b, 4, 1);
	return start;
}

/* End the table that began at @start; the result is its address. */
static uint32_t end(struct tables *t, size_t start)
{
	const size_t size = t->b.size - start;

	bytes_set(&t->b, start + HEADER_LENGTH, 4, size);
	bytes_set(&t->b, start + HEADER_CHECKSUM, 1, checksum(t->b.at + start, size));
	return t->gpa + (uint32_t)start;
}

static uint32_t add_facs(struct tables *t)
{
	size_t start;

	bytes_align(&t->b, FACS_ALIGNMENT);
	start = t->b.size;
	bytes_zeros(&t->b, FACS_SIZE);
	memcpy(t->b.at + start, "FACS", 4);
	bytes_set(&t->b, start + HEADER_LENGTH, 4, FACS_SIZE);
	bytes_set(&t->b, start + 32, 1, FACS_VERSION);
	return t->gpa + (uint32_t)start;
}

static uint32_t add_dsdt(struct tables *t)
{
	const size_t start = begin(t, "DSDT", 2);

	aml_build(&t->b);
	return end(t, start);
}

/* An I/O register: the structure "generic address". */
static void set_register(struct tables *t, size_t at, unsigned int size, unsigned int access,
			 uint16_t port)
{
	bytes_set(&t->b, at, 1, SPACE_IO);
	bytes_set(&t->b, at + 1, 1, (uint64_t)size * 8);
	bytes_set(&t->b, at + 3, 1, access);
	bytes_set(&t->b, at + 4, 8, port);
}

static uint32_t add_fadt(struct tables *t, uint32_t facs, uint32_t dsdt)
{
	const struct {
		unsigned int at, size;
		uint64_t value;
	} fields[] = {
		{ 36, 4, facs },
		{ 40, 4, dsdt },
		{ 46, 2, SCI_IRQ },
		{ 56, 4, PORT_PM1_EVENT },
		{ 64, 4, PORT_PM1_CONTROL },
		{ 88, 1, PM1_EVENT_SIZE },
		{ 89, 1, PM1_CONTROL_SIZE },
		{ 96, 2, NO_C2 },
		{ 98, 2, NO_C3 },
		{ 109, 2, BOOT_ARCH_LEGACY | BOOT_ARCH_NO_VGA | BOOT_ARCH_NO_RTC },
		{ 112, 4,
		  FLAG_WBINVD | FLAG_C1 | FLAG_NO_POWER_BUTTON | FLAG_NO_SLEEP_BUTTON |
			  FLAG_NO_RTC_WAKE | FLAG_RESET },
		{ 128, 1, RESET_VALUE },
		{ 131, 1, FADT_MINOR },
		{ 140, 8, dsdt },
	};
	const size_t start = begin(t, "FACP", FADT_REVISION);

	bytes_zeros(&t->b, FADT_SIZE - HEADER_SIZE);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		bytes_set(&t->b, start + fields[i].at, fields[i].size, fields[i].value);
	set_register(t, start + 116, 1, ACCESS_BYTE, PORT_RESET);
	set_register(t, start + 148, PM1_EVENT_SIZE, ACCESS_WORD, PORT_PM1_EVENT);
	set_register(t, start + 172, PM1_CONTROL_SIZE, ACCESS_WORD, PORT_PM1_CONTROL);
	return end(t, start);
}

/* A structure of the MADT, its type and size first. */
static void add_controller(struct tables *t, unsigned int type, const uint8_t *bytes, size_t size)
{
	bytes_number(&t->b, 1, type);
	bytes_number(&t->b, 1, size + 2);
	bytes_add(&t->b, bytes, size);
}

/*
 * KVM's I/O APIC has the ISA interrupts at the inputs of their numbers, the timer's as well.  LINT1 of all processors is
 * the NMI.
 */
static uint32_t add_madt(struct tables *t, unsigned int cpu_count)
{
	enum { LOCAL_APIC = 0, IO_APIC = 1, OVERRIDE = 2, LOCAL_NMI = 4 };
	static const uint8_t sci[] = { 0, SCI_IRQ, SCI_IRQ, 0, 0, 0, SCI_HIGH_LEVEL, 0 };
	static const uint8_t nmi[] = { ALL_CPUS, 0, 0, 1 };
	const size_t start = begin(t, "APIC", MADT_REVISION);

	bytes_number(&t->b, 4, LOCAL_APIC_GPA);
	bytes_number(&t->b, 4, MADT_PCAT);
	for (unsigned int i = 0; i < cpu_count; i++) {
		const uint8_t cpu[] = { (uint8_t)i, (uint8_t)i, CPU_ENABLED, 0, 0, 0 };

		add_controller(t, LOCAL_APIC, cpu, sizeof(cpu));
	}
	bytes_number(&t->b, 1, IO_APIC);
	bytes_number(&t->b, 1, 12);
	bytes_number(&t->b, 2, 0); /* its number */
	bytes_number(&t->b, 4, IO_APIC_GPA);
	bytes_number(&t->b, 4, 0); /* its first input's interrupt */
	add_controller(t, OVERRIDE, sci, sizeof(sci));
	add_controller(t, LOCAL_NMI, nmi, sizeof(nmi));
	return end(t, start);
}

static uint32_t add_xsdt(struct tables *t, uint32_t fadt, uint32_t madt)
{
	const size_t start = begin(t, "XSDT", 1);

	bytes_number(&t->b, 8, fadt);
	bytes_number(&t->b, 8, madt);
	return end(t, start);
}

/* Where space has been left for it. */
static void set_rsdp(struct tables *t, uint32_t xsdt)
{
	memcpy(t->b.at, "RSD PTR ", 8);
	memcpy(t->b.at + 9, "PVHLOA", 6);
	bytes_set(&t->b, 15, 1, RSDP_REVISION);
	bytes_set(&t->b, 20, 4, RSDP_SIZE);
	bytes_set(&t->b, RSDP_XSDT, 8, xsdt);
	bytes_set(&t->b, RSDP_CHECKSUM, 1, checksum(t->b.at, RSDP_1_SIZE));
	bytes_set(&t->b, RSDP_CHECKSUM_2, 1, checksum(t->b.at, RSDP_SIZE));
}

void acpi_build(uint8_t *at, uint32_t gpa, unsigned int cpu_count)
{
	struct tables t = { .b = { .at = at, .capacity = KVM_TABLES_SIZE }, .gpa = gpa };
	uint32_t facs, dsdt, fadt, madt;

	bytes_zeros(&t.b, RSDP_SIZE);
	facs = add_facs(&t);
	dsdt = add_dsdt(&t);
	fadt = add_fadt(&t, facs, dsdt);
	madt = add_madt(&t, cpu_count);
	set_rsdp(&t, add_xsdt(&t, fadt, madt));
}
