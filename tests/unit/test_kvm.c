/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Processor state and RAM as KVM's structs have them, and in which calls; KVM itself is played by the test. */
#include <errno.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>

#include "suite.h"

/* What KVM has, and what it was told. */
static struct played {
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_lapic_state lapic;
	struct kvm_msr_entry msrs[2];
	uint32_t msrs_taken; /* how many it knows of these */
	struct kvm_userspace_memory_region regions[4];
	size_t region_count;
	unsigned long calls[16], fails_at;
	size_t call_count;
} kvm;

static int get_msrs(struct kvm_msrs *msrs)
{
	ck_assert_uint_eq(msrs->nmsrs, 2);
	for (uint32_t i = 0; i < kvm.msrs_taken; i++) {
		ck_assert_uint_eq(msrs->entries[i].index, kvm.msrs[i].index);
		msrs->entries[i].data = kvm.msrs[i].data;
	}
	return (int)kvm.msrs_taken;
}

static int set_msrs(const struct kvm_msrs *msrs)
{
	ck_assert_uint_eq(msrs->nmsrs, 2);
	memcpy(kvm.msrs, msrs->entries, sizeof(kvm.msrs));
	return 2;
}

static int played_ioctl(int fd, unsigned long request, void *arg)
{
	ck_assert_int_eq(fd, 7);
	ck_assert_uint_lt(kvm.call_count, 16);
	kvm.calls[kvm.call_count++] = request;
	if (request == kvm.fails_at) {
		errno = EFAULT;
		return -1;
	}
	switch (request) {
	case KVM_GET_SREGS:
		memcpy(arg, &kvm.sregs, sizeof(kvm.sregs));
		return 0;
	case KVM_SET_SREGS:
		memcpy(&kvm.sregs, arg, sizeof(kvm.sregs));
		return 0;
	case KVM_SET_REGS:
		memcpy(&kvm.regs, arg, sizeof(kvm.regs));
		return 0;
	case KVM_GET_LAPIC:
		memcpy(arg, &kvm.lapic, sizeof(kvm.lapic));
		return 0;
	case KVM_SET_LAPIC:
		memcpy(&kvm.lapic, arg, sizeof(kvm.lapic));
		return 0;
	case KVM_GET_MSRS:
		return get_msrs(arg);
	case KVM_SET_MSRS:
		return set_msrs(arg);
	case KVM_SET_USER_MEMORY_REGION:
		memcpy(&kvm.regions[kvm.region_count++], arg, sizeof(kvm.regions[0]));
		return 0;
	default:
		ck_abort_msg("ioctl 0x%lx", request);
	}
	return -1;
}

#define ioctl(fd, request, arg) played_ioctl(fd, request, arg)
#include <pvhload/kvm.h>

/* Each byte of what KVM has is 0x5a, but for the MSRs. */
static void play(void)
{
	memset(&kvm, 0x5a, sizeof(kvm));
	kvm.msrs[0] =
		(struct kvm_msr_entry){ .index = PVHLOAD_X86_MSR_MTRR_DEF_TYPE, .data = 0xf0 };
	kvm.msrs[1] =
		(struct kvm_msr_entry){ .index = PVHLOAD_X86_MSR_MISC_ENABLE, .data = 0x850088 };
	kvm.msrs_taken = 2;
	kvm.call_count = kvm.region_count = 0;
	kvm.fails_at = 0;
}

static struct pvhload_x86_cpu linux64(void)
{
	struct pvhload_x86_cpu cpu = PVHLOAD_X86_CPU_INIT;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err,
		  pvhload_x86_cpu_init_linux64(0x1000200, 0x7000, 0x6000, 0x9000, 4, &cpu, &err));
	cpu.ldt.present = 0;
	/* every register another number, so that one taken for another is seen */
	cpu.rax = 1, cpu.rbx = 2, cpu.rcx = 3, cpu.rdx = 4, cpu.rdi = 6, cpu.rsp = 7, cpu.rbp = 8;
	cpu.r8 = 9, cpu.r9 = 10, cpu.r10 = 11, cpu.r11 = 12, cpu.r12 = 13, cpu.r13 = 14;
	cpu.r14 = 15, cpu.r15 = 16, cpu.cr2 = 17, cpu.cr8 = 18;
	cpu.idt.base = 0x1234;
	cpu.idt.limit = 0x567;
	return cpu;
}

static void expect_regs(const struct kvm_regs *r)
{
	const uint64_t got[] = { r->rax, r->rbx, r->rcx, r->rdx, r->rsi, r->rdi,
				 r->rsp, r->rbp, r->r8,  r->r9,  r->r10, r->r11,
				 r->r12, r->r13, r->r14, r->r15, r->rip, r->rflags };
	static const uint64_t expected[] = { 1,  2,  3,  4,  0x7000, 6,  7,  8,         9,
					     10, 11, 12, 13, 14,     15, 16, 0x1000200, 2 };

	ck_assert_mem_eq(got, expected, sizeof(expected));
}

static void expect_segment(const struct kvm_segment *got, uint16_t selector, uint8_t type)
{
	const struct kvm_segment expected = { .limit = 0xffffffff,
					      .selector = selector,
					      .type = type,
					      .present = 1,
					      .db = type == 3,
					      .s = 1,
					      .l = type == 0xb,
					      .g = 1 };

	ck_assert_mem_eq(got, &expected, sizeof(expected));
}

/* Bits that no state of a boot has. */
START_TEST(all_of_a_segment)
{
	const struct pvhload_x86_segment segment = { .selector = 0x1233,
						     .base = 0x1122334455667788,
						     .limit = 0x99aabbcc,
						     .type = 7,
						     .dpl = 3,
						     .avl = 1 };
	const struct kvm_segment expected = { .selector = 0x1233,
					      .base = 0x1122334455667788,
					      .limit = 0x99aabbcc,
					      .type = 7,
					      .dpl = 3,
					      .avl = 1,
					      .unusable = 1 };
	const struct kvm_segment got = pvhload_kvm_segment(&segment);

	ck_assert_mem_eq(&got, &expected, sizeof(got));
}
END_TEST

/* @s begins as 0x5a in each byte. */
#define EXPECT_SREGS(s)                                               \
	do {                                                          \
		expect_segment(&(s).cs, 0x10, 0xb);                   \
		expect_segment(&(s).ds, 0x18, 3);                     \
		expect_segment(&(s).es, 0x18, 3);                     \
		expect_segment(&(s).fs, 0x18, 3);                     \
		expect_segment(&(s).gs, 0x18, 3);                     \
		expect_segment(&(s).ss, 0x18, 3);                     \
		ck_assert_uint_eq((s).tr.selector, 0x20);             \
		ck_assert_uint_eq((s).tr.type, 0xb);                  \
		ck_assert_uint_eq((s).tr.unusable, 0);                \
		ck_assert_uint_eq((s).ldt.present, 0);                \
		ck_assert_uint_eq((s).ldt.unusable, 1);               \
		ck_assert_uint_eq((s).gdt.base, 0x6000);              \
		ck_assert_uint_eq((s).gdt.limit, 47);                 \
		ck_assert_uint_eq((s).gdt.padding[0], 0);             \
		ck_assert_uint_eq((s).idt.base, 0x1234);              \
		ck_assert_uint_eq((s).idt.limit, 0x567);              \
		ck_assert_uint_eq((s).cr0, 0x80000011);               \
		ck_assert_uint_eq((s).cr2, 17);                       \
		ck_assert_uint_eq((s).cr3, 0x9000);                   \
		ck_assert_uint_eq((s).cr4, 0x20);                     \
		ck_assert_uint_eq((s).cr8, 18);                       \
		ck_assert_uint_eq((s).efer, 0x500);                   \
		ck_assert_uint_eq((s).apic_base, 0x5a5a5a5a5a5a5a5a); \
	} while (0)

START_TEST(a_processor)
{
	static const unsigned long calls[] = { KVM_GET_SREGS, KVM_GET_LAPIC, KVM_SET_SREGS,
					       KVM_SET_REGS,  KVM_SET_LAPIC, KVM_GET_MSRS,
					       KVM_SET_MSRS };
	const struct pvhload_x86_cpu cpu = linux64();
	struct kvm_lapic_state lapic;

	play();
	ck_assert_int_eq(pvhload_kvm_set_cpu(7, &cpu), 0);
	ck_assert_uint_eq(kvm.call_count, sizeof(calls) / sizeof(calls[0]));
	ck_assert_mem_eq(kvm.calls, calls, sizeof(calls));
	expect_regs(&kvm.regs);
	EXPECT_SREGS(kvm.sregs);
	for (size_t i = 0; i < sizeof(kvm.sregs.interrupt_bitmap) / sizeof(__u64); i++)
		ck_assert_uint_eq(kvm.sregs.interrupt_bitmap[i], 0x5a5a5a5a5a5a5a5a);

	memset(&lapic, 0x5a, sizeof(lapic));
	memcpy(lapic.regs + 0x350, "\x00\x07\x00\x00", 4);
	memcpy(lapic.regs + 0x360, "\x00\x04\x00\x00", 4);
	ck_assert_mem_eq(&kvm.lapic, &lapic, sizeof(lapic));

	/* MTRRs on, fixed ranges off, write-back; fast strings on; the other bits as they were */
	ck_assert_uint_eq(kvm.msrs[0].index, 0x2ff);
	ck_assert_uint_eq(kvm.msrs[1].index, 0x1a0);
	ck_assert_uint_eq(kvm.msrs[1].data, 0x850089);
	ck_assert_uint_eq(kvm.msrs[0].data & cpu.msrs[0].mask, 0x806);
	ck_assert_uint_eq(kvm.msrs[0].data & ~cpu.msrs[0].mask, 0xf0 & ~cpu.msrs[0].mask);
}
END_TEST

START_TEST(each_call_may_fail)
{
	static const unsigned long calls[] = { KVM_GET_SREGS, KVM_GET_LAPIC, KVM_SET_SREGS,
					       KVM_SET_REGS,  KVM_SET_LAPIC, KVM_GET_MSRS,
					       KVM_SET_MSRS };
	const struct pvhload_x86_cpu cpu = linux64();

	play();
	kvm.fails_at = calls[_i];
	errno = 0;
	ck_assert_int_eq(pvhload_kvm_set_cpu(7, &cpu), -1);
	ck_assert_int_eq(errno, EFAULT);
	ck_assert_uint_eq(kvm.call_count, (size_t)_i + 1);
	ck_assert_uint_eq(kvm.calls[_i], calls[_i]);
}
END_TEST

/* KVM reads the MSRs before one that it does not know, and says how many. */
START_TEST(an_unknown_msr)
{
	const struct pvhload_x86_cpu cpu = linux64();

	play();
	kvm.msrs_taken = 1;
	errno = 0;
	ck_assert_int_eq(pvhload_kvm_set_msrs(7, &cpu), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_uint_eq(kvm.call_count, 1);
}
END_TEST

START_TEST(msrs_that_are_not_the_states)
{
	const struct pvhload_x86_cpu cpu = linux64();
	struct kvm_msr_entry entries[3] = { { .index = 0x10, .data = 0x77 },
					    { .index = 0x1a0, .data = 0 },
					    { .index = 0x2ff, .data = 0x800 } };

	pvhload_kvm_mask_msrs(&cpu, entries, 2);
	ck_assert_uint_eq(entries[0].data, 0x77);
	ck_assert_uint_eq(entries[1].data, 1);
	ck_assert_uint_eq(entries[2].data, 0x800); /* after the last */
}
END_TEST

#ifdef KVM_GET_SREGS2
START_TEST(sregs2)
{
	const struct pvhload_x86_cpu cpu = linux64();
	struct kvm_sregs2 s;

	memset(&s, 0x5a, sizeof(s));
	pvhload_kvm_sregs2(&cpu, &s);
	EXPECT_SREGS(s);
	ck_assert_uint_eq(s.flags, 0);
	for (size_t i = 0; i < 4; i++)
		ck_assert_uint_eq(s.pdptrs[i], 0);
}
END_TEST
#endif

START_TEST(ram)
{
	static uint8_t host[2];
	const struct pvhload_ram_slot slots[] = {
		{ .gpa = 0, .size = 0xc0000000, .host = host },
		{ .gpa = 0x100000000, .size = 0x40000000, .host = host + 1 },
	};

	play();
	ck_assert_int_eq(pvhload_kvm_set_ram(7, slots, 2), 0);
	ck_assert_uint_eq(kvm.region_count, 2);
	for (uint32_t i = 0; i < 2; i++) {
		const struct kvm_userspace_memory_region expected = {
			.slot = i,
			.guest_phys_addr = slots[i].gpa,
			.memory_size = slots[i].size,
			.userspace_addr = (uintptr_t)(host + i),
		};

		ck_assert_mem_eq(&kvm.regions[i], &expected, sizeof(expected));
	}
	kvm.fails_at = KVM_SET_USER_MEMORY_REGION;
	ck_assert_int_eq(pvhload_kvm_set_ram(7, slots, 2), -1);
	ck_assert_int_eq(errno, EFAULT);
	ck_assert_uint_eq(kvm.call_count, 3);
}
END_TEST

START_TEST(what_a_guest_may_write)
{
	static const struct {
		uint32_t slot, region;
	} cases[] = {
		{ 0, 0 },
		{ PVHLOAD_RAM_SLOT_ZEROED, 0 },
		{ PVHLOAD_RAM_SLOT_ROM, KVM_MEM_READONLY },
		{ PVHLOAD_RAM_SLOT_ROM | PVHLOAD_RAM_SLOT_ZEROED, KVM_MEM_READONLY },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pvhload_ram_slot slot = { .size = 4096, .flags = cases[i].slot };

		ck_assert_uint_eq(pvhload_kvm_region(&slot, 3).flags, cases[i].region);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kvm");
	TCase *fail = tcase_create("fail");

	ADD_TESTS(suite, "kvm", a_processor, all_of_a_segment, an_unknown_msr,
		  msrs_that_are_not_the_states, ram, what_a_guest_may_write);
#ifdef KVM_GET_SREGS2
	ADD_TESTS(suite, "sregs2", sregs2);
#endif
	tcase_add_loop_test(fail, each_call_may_fail, 0, 7);
	suite_add_tcase(suite, fail);
	return run_suite(suite);
}
