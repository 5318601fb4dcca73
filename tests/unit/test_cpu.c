/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The processor's first state and its GDT, byte by byte. */
#include "suite.h"

static struct pvhload_x86_cpu pvh_state(void)
{
	struct pvhload_x86_cpu state = PVHLOAD_X86_CPU_INIT;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err,
		  pvhload_x86_cpu_init_pvh(0x1000a30, 0x6000, 0x500, &state, &err));
	return state;
}

static struct pvhload_x86_cpu linux64_state(uint32_t levels)
{
	struct pvhload_x86_cpu state = PVHLOAD_X86_CPU_INIT;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err,
		  pvhload_x86_cpu_init_linux64(0x123456789200, 0x223456789000, 0x323456789500,
					       0x423456789000, levels, &state, &err));
	return state;
}

static struct pvhload_x86_cpu linux32_state(void)
{
	struct pvhload_x86_cpu state = PVHLOAD_X86_CPU_INIT;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err,
		  pvhload_x86_cpu_init_linux32(0x1000000, 0x9000, 0xfffff500, &state, &err));
	return state;
}

static void expect_flat(const struct pvhload_x86_segment *s, uint16_t selector, uint8_t type)
{
	ck_assert_uint_eq(s->selector, selector);
	ck_assert_uint_eq(s->base, 0);
	ck_assert_uint_eq(s->limit, 0xffffffff);
	ck_assert_uint_eq(s->type, type);
	ck_assert_uint_eq(s->s, 1);
	ck_assert_uint_eq(s->dpl, 0);
	ck_assert_uint_eq(s->present, 1);
	ck_assert_uint_eq(s->l, 0);
	ck_assert_uint_eq(s->db, 1);
	ck_assert_uint_eq(s->g, 1);
	ck_assert_uint_eq(s->avl, 0);
}

/* Flat data everywhere but in CS, which is the caller's to look at, and a busy TSS. */
static void expect_segments(const struct pvhload_x86_cpu *s, uint16_t data, uint16_t tss)
{
	expect_flat(&s->ds, data, 0x3);
	expect_flat(&s->es, data, 0x3);
	expect_flat(&s->fs, data, 0x3);
	expect_flat(&s->gs, data, 0x3);
	expect_flat(&s->ss, data, 0x3);
	ck_assert_uint_eq(s->tr.selector, tss);
	ck_assert_uint_eq(s->tr.base, 0);
	ck_assert_uint_eq(s->tr.limit, 0x67);
	ck_assert_uint_eq(s->tr.type, 0xb);
	ck_assert_uint_eq(s->tr.s, 0);
	ck_assert_uint_eq(s->tr.present, 1);
	ck_assert_uint_eq(s->tr.g, 0);
	ck_assert_uint_eq(s->ldt.selector, 0);
	ck_assert_uint_eq(s->ldt.type, 2);
	ck_assert_uint_eq(s->idt.base, 0);
	ck_assert_uint_eq(s->idt.limit, 0);
}

/* The registers that no entry uses. */
static void expect_unused(const struct pvhload_x86_cpu *s)
{
	const uint64_t zero[] = { s->rax, s->rcx, s->rdx, s->rdi, s->rsp, s->rbp, s->r8,  s->r9,
				  s->r10, s->r11, s->r12, s->r13, s->r14, s->r15, s->cr2, s->cr8 };

	ck_assert_uint_eq(s->struct_size, sizeof(*s));
	ck_assert_uint_eq(s->rflags, 2);
	for (size_t i = 0; i < sizeof(zero) / sizeof(zero[0]); i++)
		ck_assert_uint_eq(zero[i], 0);
}

/* What firmware does, whatever the entry. */
static void expect_firmware(const struct pvhload_x86_cpu *s)
{
	static const struct pvhload_x86_msr expected[] = {
		{ 0x2ff, 0, 0xcff, 0x806 }, /* MTRRs on, write-back, no fixed ranges */
		{ 0x1a0, 0, 0x1, 0x1 },     /* fast strings */
	};

	ck_assert_uint_eq(s->msr_count, 2);
	ck_assert_mem_eq(s->msrs, expected, sizeof(expected));
	for (size_t i = s->msr_count; i < PVHLOAD_X86_MSRS_MAX; i++)
		ck_assert(s->msrs[i].index == 0 && s->msrs[i].mask == 0 && s->msrs[i].value == 0);
	ck_assert_uint_eq(s->lapic.lint0, 0x700);
	ck_assert_uint_eq(s->lapic.lint1, 0x400);
	ck_assert_uint_eq(s->reserved, 0);
}

START_TEST(pvh_entry_state)
{
	const struct pvhload_x86_cpu s = pvh_state();

	expect_unused(&s);
	expect_firmware(&s);
	ck_assert_uint_eq(s.rip, 0x1000a30);
	ck_assert_uint_eq(s.rbx, 0x6000);
	ck_assert_uint_eq(s.rsi, 0);
	ck_assert_uint_eq(s.cr0, 0x11);
	ck_assert_uint_eq(s.cr3, 0);
	ck_assert_uint_eq(s.cr4, 0);
	ck_assert_uint_eq(s.efer, 0);
	expect_flat(&s.cs, 0x08, 0xb);
	expect_segments(&s, 0x10, 0x18);
	ck_assert_uint_eq(s.gdt.base, 0x500);
	ck_assert_uint_eq(s.gdt.limit, 31);
}
END_TEST

START_TEST(linux32_entry_state)
{
	const struct pvhload_x86_cpu s = linux32_state();

	expect_unused(&s);
	expect_firmware(&s);
	ck_assert_uint_eq(s.rip, 0x1000000);
	ck_assert_uint_eq(s.rbx, 0);
	ck_assert_uint_eq(s.rsi, 0x9000);
	ck_assert_uint_eq(s.cr0, 0x11);
	ck_assert_uint_eq(s.cr3, 0);
	ck_assert_uint_eq(s.cr4, 0);
	ck_assert_uint_eq(s.efer, 0);
	expect_flat(&s.cs, 0x10, 0xb);
	expect_segments(&s, 0x18, 0x20);
	ck_assert_uint_eq(s.gdt.base, 0xfffff500);
	ck_assert_uint_eq(s.gdt.limit, 47);
}
END_TEST

START_TEST(linux64_entry_state)
{
	const struct {
		uint32_t levels;
		uint64_t cr4;
	} cases[] = { { 0, 0x20 }, { 4, 0x20 }, { 5, 0x1020 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pvhload_x86_cpu s = linux64_state(cases[i].levels);

		expect_unused(&s);
		expect_firmware(&s);
		ck_assert_uint_eq(s.rip, 0x123456789200);
		ck_assert_uint_eq(s.rbx, 0);
		ck_assert_uint_eq(s.rsi, 0x223456789000);
		ck_assert_uint_eq(s.cr0, 0x80000011);
		ck_assert_uint_eq(s.cr3, 0x423456789000);
		ck_assert_uint_eq(s.cr4, cases[i].cr4);
		ck_assert_uint_eq(s.efer, 0x500);
		ck_assert_uint_eq(s.cs.l, 1);
		ck_assert_uint_eq(s.cs.db, 0);
		s.cs.l = 0;
		s.cs.db = 1;
		expect_flat(&s.cs, 0x10, 0xb);
		expect_segments(&s, 0x18, 0x20);
		ck_assert_uint_eq(s.gdt.base, 0x323456789500);
		ck_assert_uint_eq(s.gdt.limit, 47);
	}
}
END_TEST

START_TEST(pvh_gdt_bytes)
{
	/* null, 00cf9b000000ffff, 00cf93000000ffff, 00008b0000000067 */
	static const uint8_t expected[32] = {
		0,    0,    0, 0, 0, 0,    0,    0, 0xff, 0xff, 0, 0, 0, 0x9b, 0xcf, 0,
		0xff, 0xff, 0, 0, 0, 0x93, 0xcf, 0, 0x67, 0,    0, 0, 0, 0x8b, 0,    0,
	};
	const struct pvhload_x86_cpu s = pvh_state();
	struct pvhload_error err;
	uint8_t bytes[33];

	memset(bytes, 0x5a, sizeof(bytes));
	ck_status(PVHLOAD_OK, err, pvhload_x86_cpu_gdt(&s, bytes, 32, &err));
	ck_assert_mem_eq(bytes, expected, 32);
	ck_assert_uint_eq(bytes[32], 0x5a);
}
END_TEST

START_TEST(linux_gdt_bytes)
{
	/* null, unused, code (64-bit: 00af9b..., 32-bit: 00cf9b...), data, TSS and its second half */
	static const uint8_t expected[48] = {
		[16] = 0xff, 0xff, 0,    0,    0,           0x9b, 0xaf, 0, [24] = 0xff, 0xff, 0,
		0,           0,    0x93, 0xcf, [32] = 0x67, 0,    0,    0, 0,           0x8b,
	};
	const struct pvhload_x86_cpu states[] = { linux64_state(4), linux32_state() };

	for (size_t i = 0; i < 2; i++) {
		struct pvhload_error err;
		uint8_t bytes[49];

		memset(bytes, 0x5a, sizeof(bytes));
		ck_status(PVHLOAD_OK, err, pvhload_x86_cpu_gdt(&states[i], bytes, 48, &err));
		ck_assert_mem_eq(bytes, expected, 16 + 6);
		ck_assert_uint_eq(bytes[16 + 6], i == 0 ? 0xaf : 0xcf);
		ck_assert_mem_eq(bytes + 16 + 7, expected + 16 + 7, 48 - 16 - 7);
		ck_assert_uint_eq(bytes[48], 0x5a);
	}
}
END_TEST

/* The base of a long-mode TSS has 64 bits; the descriptor must be in the table with both halves. */
START_TEST(long_mode_tss)
{
	struct pvhload_x86_cpu s = linux64_state(4);
	struct pvhload_error err;
	uint8_t bytes[48];

	s.tr.base = 0xfedcba9876543210;
	ck_status(PVHLOAD_OK, err, pvhload_x86_cpu_gdt(&s, bytes, sizeof(bytes), &err));
	ck_assert_mem_eq(bytes + 32, "\x67\0\x10\x32\x54\x8b\0\x76\x98\xba\xdc\xfe\0\0\0\0", 16);

	s.efer = 0x100; /* LME alone: a descriptor of 8 bytes */
	ck_status(PVHLOAD_OK, err, pvhload_x86_cpu_gdt(&s, bytes, sizeof(bytes), &err));
	ck_assert_mem_eq(bytes + 32, "\x67\0\x10\x32\x54\x8b\0\x76\0\0\0\0\0\0\0\0", 16);
	s.gdt.limit = 39;
	ck_status(PVHLOAD_OK, err, pvhload_x86_cpu_gdt(&s, bytes, sizeof(bytes), &err));

	memset(bytes, 0x5a, sizeof(bytes));
	s.efer = 0x500;
	for (s.gdt.limit = 39; s.gdt.limit < 47; s.gdt.limit++) {
		ck_status(PVHLOAD_E_USAGE, err,
			  pvhload_x86_cpu_gdt(&s, bytes, sizeof(bytes), &err));
		ck_says(err, "0x20", "16 bytes");
	}
	for (size_t i = 0; i < sizeof(bytes); i++)
		ck_assert_uint_eq(bytes[i], 0x5a);
}
END_TEST

/* Every field of a descriptor in its place: an odd one. */
START_TEST(descriptor_fields)
{
	struct pvhload_x86_cpu s = pvh_state();
	struct pvhload_error err;
	uint8_t bytes[32];

	s.tr = (struct pvhload_x86_segment){ .base = 0xfedcba99,
					     .limit = 0xabcde,
					     .selector = 0x18,
					     .type = 0x9,
					     .s = 0,
					     .dpl = 3,
					     .present = 1,
					     .avl = 1,
					     .l = 1 };
	ck_status(PVHLOAD_OK, err, pvhload_x86_cpu_gdt(&s, bytes, sizeof(bytes), &err));
	ck_assert_mem_eq(bytes + 24, "\xde\xbc\x99\xba\xdc\xe9\x3a\xfe", 8);
}
END_TEST

START_TEST(refusals)
{
	struct pvhload_x86_cpu good = pvh_state(), bad = good;
	struct pvhload_error err;
	uint8_t bytes[32];

	memset(bytes, 0x5a, sizeof(bytes));
	ck_status(PVHLOAD_E_CAPACITY, err, pvhload_x86_cpu_gdt(&good, bytes, 31, &err));
	ck_says(err, "32 bytes", "31");
	ck_status(PVHLOAD_E_USAGE, err, pvhload_x86_cpu_gdt(NULL, bytes, 32, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_x86_cpu_gdt(&good, NULL, 32, &err));
	bad.gs.selector = 0x20; /* after the table */
	ck_status(PVHLOAD_E_USAGE, err, pvhload_x86_cpu_gdt(&bad, bytes, 32, &err));
	ck_says(err, "0x20", "32 bytes");
	bad = good;
	bad.es.selector = 0x14; /* in the LDT */
	ck_status(PVHLOAD_E_USAGE, err, pvhload_x86_cpu_gdt(&bad, bytes, 32, &err));
	bad = good;
	bad.struct_size = 16;
	ck_status(PVHLOAD_E_USAGE, err, pvhload_x86_cpu_gdt(&bad, bytes, 32, &err));
	for (size_t i = 0; i < sizeof(bytes); i++)
		ck_assert_uint_eq(bytes[i], 0x5a);

	ck_status(PVHLOAD_E_USAGE, err, pvhload_x86_cpu_init_pvh(1, 2, 3, NULL, &err));
	bad.struct_size = 8;
	bad.rip = 0x5a;
	ck_status(PVHLOAD_E_USAGE, err, pvhload_x86_cpu_init_pvh(1, 2, 3, &bad, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_x86_cpu_init_linux32(1, 2, 3, &bad, &err));
	ck_status(PVHLOAD_E_USAGE, err,
		  pvhload_x86_cpu_init_linux64(1, 2, 3, 0x1000, 4, &bad, &err));
	ck_assert_uint_eq(bad.rip, 0x5a);
}
END_TEST

START_TEST(linux_refusals)
{
	const uint32_t bad_levels[] = { 1, 2, 3, 6, UINT32_MAX };
	struct pvhload_x86_cpu s = PVHLOAD_X86_CPU_INIT;
	struct pvhload_error err;

	s.rip = 0x5a;
	for (size_t i = 0; i < sizeof(bad_levels) / sizeof(bad_levels[0]); i++)
		ck_status(PVHLOAD_E_USAGE, err,
			  pvhload_x86_cpu_init_linux64(1, 2, 3, 0x1000, bad_levels[i], &s, &err));
	ck_says(err, "4 or 5 levels", "4294967295");
	ck_status(PVHLOAD_E_USAGE, err, pvhload_x86_cpu_init_linux64(1, 2, 3, 0x1800, 4, &s, &err));
	ck_says(err, "0x1800", "4096");
	ck_assert_uint_eq(err.gpa, 0x1800);
	ck_status(PVHLOAD_E_USAGE, err, pvhload_x86_cpu_init_linux64(1, 2, 3, 0x1001, 5, &s, &err));
	ck_status(PVHLOAD_E_USAGE, err,
		  pvhload_x86_cpu_init_linux64(1, 2, 3, 0x1000, 4, NULL, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_x86_cpu_init_linux32(1, 2, 3, NULL, &err));
	ck_assert_uint_eq(s.rip, 0x5a);
}
END_TEST

static void expect_real_mode(const struct pvhload_x86_segment *s, uint8_t type,
			     uint8_t code_or_data)
{
	ck_assert_uint_eq(s->limit, 0xffff);
	ck_assert_uint_eq(s->type, type);
	ck_assert_uint_eq(s->s, code_or_data);
	ck_assert_uint_eq(s->present, 1);
	ck_assert(!s->dpl && !s->l && !s->db && !s->g && !s->avl);
}

/* As QEMU and KVM_CREATE_VCPU leave a processor, but for RDX. */
START_TEST(reset_state)
{
	struct pvhload_x86_cpu s = PVHLOAD_X86_CPU_INIT;
	const struct pvhload_x86_segment *data[] = { &s.ds, &s.es, &s.fs, &s.gs, &s.ss };
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_x86_cpu_init_reset(&s, &err));
	expect_unused(&s);
	ck_assert_uint_eq(s.rbx + s.rsi + s.rbp, 0);
	ck_assert_uint_eq(s.rip, 0xfff0);
	expect_real_mode(&s.cs, 0xb, 1);
	ck_assert_uint_eq(s.cs.selector, 0xf000);
	ck_assert_uint_eq(s.cs.base, 0xffff0000);
	for (size_t i = 0; i < sizeof(data) / sizeof(data[0]); i++) {
		expect_real_mode(data[i], 0x3, 1);
		ck_assert(data[i]->selector == 0 && data[i]->base == 0);
	}
	expect_real_mode(&s.tr, 0xb, 0);
	expect_real_mode(&s.ldt, 0x2, 0);
	ck_assert(s.tr.selector == 0 && s.tr.base == 0 && s.ldt.selector == 0 && s.ldt.base == 0);
	ck_assert(s.gdt.base == 0 && s.gdt.limit == 0xffff);
	ck_assert(s.idt.base == 0 && s.idt.limit == 0xffff);
	ck_assert_uint_eq(s.cr0, 0x60000010);
	ck_assert_uint_eq(s.cr3 + s.cr4 + s.efer, 0);
	ck_assert_uint_eq(s.msr_count, 0);
	ck_assert_uint_eq(s.lapic.lint0, 0x10000);
	ck_assert_uint_eq(s.lapic.lint1, 0x10000);
	s.struct_size = 8;
	ck_status(PVHLOAD_E_USAGE, err, pvhload_x86_cpu_init_reset(&s, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_x86_cpu_init_reset(NULL, &err));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cpu");

	ADD_TESTS(suite, "cpu", pvh_entry_state, linux32_entry_state, linux64_entry_state,
		  pvh_gdt_bytes, linux_gdt_bytes, long_mode_tss, descriptor_fields, refusals,
		  linux_refusals, reset_state);
	return run_suite(suite);
}
