/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The processor's first state and its GDT, byte by byte. */
#include "suite.h"

static struct pvhload_cpu_state pvh_state(void)
{
	struct pvhload_cpu_state state = PVHLOAD_CPU_STATE_INIT;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, pvhload_cpu_init_pvh(0x1000a30, 0x6000, 0x500, &state, &err));
	return state;
}

static void expect_flat(const struct pvhload_cpu_segment *s, uint16_t selector, uint8_t type)
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

START_TEST(pvh_entry_state)
{
	const struct pvhload_cpu_state s = pvh_state();
	const uint64_t zero[] = { s.rax, s.rcx, s.rdx, s.rsi, s.rdi, s.rsp, s.rbp,
				  s.r8,  s.r9,  s.r10, s.r11, s.r12, s.r13, s.r14,
				  s.r15, s.cr2, s.cr3, s.cr4, s.cr8, s.efer };

	ck_assert_uint_eq(s.size, sizeof(s));
	ck_assert_uint_eq(s.rip, 0x1000a30);
	ck_assert_uint_eq(s.rbx, 0x6000);
	ck_assert_uint_eq(s.rflags, 2);
	ck_assert_uint_eq(s.cr0, 0x11);
	for (size_t i = 0; i < sizeof(zero) / sizeof(zero[0]); i++)
		ck_assert_uint_eq(zero[i], 0);
	expect_flat(&s.cs, 0x08, 0xb);
	expect_flat(&s.ds, 0x10, 0x3);
	expect_flat(&s.es, 0x10, 0x3);
	expect_flat(&s.fs, 0x10, 0x3);
	expect_flat(&s.gs, 0x10, 0x3);
	expect_flat(&s.ss, 0x10, 0x3);
	ck_assert_uint_eq(s.tr.selector, 0x18);
	ck_assert_uint_eq(s.tr.base, 0);
	ck_assert_uint_eq(s.tr.limit, 0x67);
	ck_assert_uint_eq(s.tr.type, 0xb);
	ck_assert_uint_eq(s.tr.s, 0);
	ck_assert_uint_eq(s.tr.present, 1);
	ck_assert_uint_eq(s.tr.g, 0);
	ck_assert_uint_eq(s.ldt.selector, 0);
	ck_assert_uint_eq(s.ldt.type, 2);
	ck_assert_uint_eq(s.gdt.base, 0x500);
	ck_assert_uint_eq(s.gdt.limit, 31);
	ck_assert_uint_eq(s.idt.base, 0);
	ck_assert_uint_eq(s.idt.limit, 0);
}
END_TEST

START_TEST(pvh_gdt_bytes)
{
	/* null, 00cf9b000000ffff, 00cf93000000ffff, 00008b0000000067 */
	static const uint8_t expected[32] = {
		0,    0,    0, 0, 0, 0,    0,    0, 0xff, 0xff, 0, 0, 0, 0x9b, 0xcf, 0,
		0xff, 0xff, 0, 0, 0, 0x93, 0xcf, 0, 0x67, 0,    0, 0, 0, 0x8b, 0,    0,
	};
	const struct pvhload_cpu_state s = pvh_state();
	struct pvhload_error err;
	uint8_t bytes[33];

	memset(bytes, 0x5a, sizeof(bytes));
	ck_status(PVHLOAD_OK, err, pvhload_cpu_gdt(&s, bytes, 32, &err));
	ck_assert_mem_eq(bytes, expected, 32);
	ck_assert_uint_eq(bytes[32], 0x5a);
}
END_TEST

/* Every field of a descriptor in its place: an odd one. */
START_TEST(descriptor_fields)
{
	struct pvhload_cpu_state s = pvh_state();
	struct pvhload_error err;
	uint8_t bytes[32];

	s.tr = (struct pvhload_cpu_segment){ .base = 0xfedcba98,
					     .limit = 0xabcde,
					     .selector = 0x18,
					     .type = 0x9,
					     .s = 0,
					     .dpl = 3,
					     .present = 1,
					     .avl = 1,
					     .l = 1 };
	ck_status(PVHLOAD_OK, err, pvhload_cpu_gdt(&s, bytes, sizeof(bytes), &err));
	ck_assert_mem_eq(bytes + 24, "\xde\xbc\x98\xba\xdc\xe9\x3a\xfe", 8);
}
END_TEST

START_TEST(refusals)
{
	struct pvhload_cpu_state good = pvh_state(), bad = good;
	struct pvhload_error err;
	uint8_t bytes[32];

	memset(bytes, 0x5a, sizeof(bytes));
	ck_status(PVHLOAD_E_CAPACITY, err, pvhload_cpu_gdt(&good, bytes, 31, &err));
	ck_says(err, "32 bytes", "31");
	ck_status(PVHLOAD_E_USAGE, err, pvhload_cpu_gdt(NULL, bytes, 32, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_cpu_gdt(&good, NULL, 32, &err));
	bad.gs.selector = 0x20; /* behind the table */
	ck_status(PVHLOAD_E_USAGE, err, pvhload_cpu_gdt(&bad, bytes, 32, &err));
	ck_says(err, "0x20", "32 bytes");
	bad = good;
	bad.es.selector = 0x14; /* in the LDT */
	ck_status(PVHLOAD_E_USAGE, err, pvhload_cpu_gdt(&bad, bytes, 32, &err));
	bad = good;
	bad.size = 16;
	ck_status(PVHLOAD_E_USAGE, err, pvhload_cpu_gdt(&bad, bytes, 32, &err));
	for (size_t i = 0; i < sizeof(bytes); i++)
		ck_assert_uint_eq(bytes[i], 0x5a);

	ck_status(PVHLOAD_E_USAGE, err, pvhload_cpu_init_pvh(1, 2, 3, NULL, &err));
	bad.size = 8;
	bad.rip = 0x5a;
	ck_status(PVHLOAD_E_USAGE, err, pvhload_cpu_init_pvh(1, 2, 3, &bad, &err));
	ck_assert_uint_eq(bad.rip, 0x5a);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cpu");

	ADD_TESTS(suite, "cpu", pvh_entry_state, pvh_gdt_bytes, descriptor_fields, refusals);
	return run_suite(suite);
}
