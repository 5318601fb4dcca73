/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * What tools/kvm/ says a processor is: out of what KVM can on a host with two threads a core, one of 16 in a package
 * without threads.  KVM is played by the test.
 */
#include <linux/kvm.h>
#include <sys/ioctl.h>

#include "kvm/machine.h"
#include "suite.h"

enum { KVM = 5, VM = 6, VCPU = 7 };

/* Leaf, subleaf, and EAX to EDX. */
struct leaf {
	uint32_t function, index, regs[4];
};

static const struct leaf *host;
static uint32_t host_count;
static bool deadline;
static struct leaf got[16];
static uint32_t got_count;

static int get_cpuid(struct kvm_cpuid2 *cpuid)
{
	ck_assert_uint_ge(cpuid->nent, host_count);
	cpuid->nent = host_count;
	for (uint32_t i = 0; i < host_count; i++)
		cpuid->entries[i] = (struct kvm_cpuid_entry2){ .function = host[i].function,
							       .index = host[i].index,
							       .eax = host[i].regs[0],
							       .ebx = host[i].regs[1],
							       .ecx = host[i].regs[2],
							       .edx = host[i].regs[3] };
	return 0;
}

static int set_cpuid(const struct kvm_cpuid2 *cpuid)
{
	ck_assert_uint_le(cpuid->nent, sizeof(got) / sizeof(got[0]));
	got_count = cpuid->nent;
	for (uint32_t i = 0; i < got_count; i++) {
		const struct kvm_cpuid_entry2 *e = &cpuid->entries[i];

		got[i] = (struct leaf){ e->function, e->index, { e->eax, e->ebx, e->ecx, e->edx } };
		if (e->function == 0xb)
			ck_assert_uint_eq(e->flags, KVM_CPUID_FLAG_SIGNIFCANT_INDEX);
	}
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, void *arg);
int __wrap_ioctl(int fd, unsigned long request, void *arg)
{
	switch (request) {
	case KVM_GET_SUPPORTED_CPUID:
		ck_assert_int_eq(fd, KVM);
		return get_cpuid(arg);
	case KVM_SET_CPUID2:
		ck_assert_int_eq(fd, VCPU);
		return set_cpuid(arg);
	default:
		ck_assert_uint_eq(request, KVM_CHECK_EXTENSION);
		ck_assert_uint_eq((uintptr_t)arg, KVM_CAP_TSC_DEADLINE_TIMER);
		return deadline;
	}
}

/* What a processor is that is number @index of @count. */
static void make(const struct leaf *of, uint32_t of_count, unsigned int count, unsigned int index)
{
	const struct vmm_guest guest = { .cpu_count = count };
	static struct machine machine;
	const struct vcpu vcpu = { .machine = &machine, .index = index, .fd = VCPU };

	machine = (struct machine){ .guest = &guest, .kvm = KVM, .vm = VM };
	host = of;
	host_count = of_count;
	ck_assert_int_eq(cpuid_set(&machine, &vcpu), 0);
}

static void expect(const struct leaf *expected, uint32_t count)
{
	ck_assert_uint_eq(got_count, count);
	for (uint32_t i = 0; i < count; i++) {
		ck_assert_uint_eq(got[i].function, expected[i].function);
		ck_assert_uint_eq(got[i].index, expected[i].index);
		for (unsigned int r = 0; r < 4; r++)
			ck_assert_msg(got[i].regs[r] == expected[i].regs[r],
				      "leaf 0x%x.%u: register %u is 0x%x, not 0x%x",
				      got[i].function, got[i].index, r, got[i].regs[r],
				      expected[i].regs[r]);
	}
}

#define COUNT(leaves) ((uint32_t)(sizeof(leaves) / sizeof(leaves[0])))

/* GenuineIntel; leaf 4: L1, L2 and L3 of 2, 2 and 8 threads, 8 cores; then no more. */
static const struct leaf intel[] = {
	{ 0, 0, { 0x1f, 0x756e6547, 0x6c65746e, 0x49656e69 } },
	{ 1, 0, { 0x306a9, 0x0a100800, 0x00200000, 0x10000001 } },
	{ 4, 0, { 0x1c004121, 1, 2, 3 } },
	{ 4, 1, { 0x1c004143, 1, 2, 3 } },
	{ 4, 2, { 0x1c01c163, 1, 2, 3 } },
	{ 4, 3, { 0, 0, 0, 0 } },
	{ 0xb, 0, { 1, 2, 0x100, 10 } },
	{ 0xb, 1, { 4, 16, 0x201, 10 } },
	{ 0x1f, 0, { 1, 2, 0x100, 10 } },
	{ 0x80000008, 0, { 0x3027, 0x200, 0x4007, 0 } },
};

START_TEST(one_of_sixteen)
{
	static const struct leaf expected[] = {
		{ 0, 0, { 0x1f, 0x756e6547, 0x6c65746e, 0x49656e69 } },
		{ 1, 0, { 0x306a9, 0x0d100800, 0x81200000, 0x10000001 } },
		{ 4, 0, { 0x3c000121, 1, 2, 3 } },
		{ 4, 1, { 0x3c000143, 1, 2, 3 } },
		{ 4, 2, { 0x3c03c163, 1, 2, 3 } },
		{ 4, 3, { 0, 0, 0, 0 } },
		{ 0x80000008, 0, { 0x3027, 0x200, 0x4007, 0 } }, /* reserved on Intel's */
		{ 0xb, 0, { 0, 1, 0x100, 13 } },
		{ 0xb, 1, { 4, 16, 0x201, 13 } },
	};

	deadline = true;
	make(intel, COUNT(intel), 16, 13);
	expect(expected, COUNT(expected));
}
END_TEST

START_TEST(the_only_one)
{
	static const struct leaf expected[] = {
		{ 0, 0, { 0x1f, 0x756e6547, 0x6c65746e, 0x49656e69 } },
		{ 1, 0, { 0x306a9, 0x00010800, 0x80200000, 0x00000001 } },
		{ 4, 0, { 0x00000121, 1, 2, 3 } },
		{ 4, 1, { 0x00000143, 1, 2, 3 } },
		{ 4, 2, { 0x00000163, 1, 2, 3 } },
		{ 4, 3, { 0, 0, 0, 0 } },
		{ 0x80000008, 0, { 0x3027, 0x200, 0x4007, 0 } },
		{ 0xb, 0, { 0, 1, 0x100, 0 } },
		{ 0xb, 1, { 0, 1, 0x201, 0 } },
	};

	deadline = false;
	make(intel, COUNT(intel), 1, 0);
	expect(expected, COUNT(expected));
}
END_TEST

/* The last of three: numbers take two bits.  AuthenticAMD and HygonGenuine. */
START_TEST(amd)
{
	static const uint32_t vendors[] = { 0x68747541, 0x6f677948 };
	struct leaf of[] = {
		{ 0, 0, { 0xd, 0, 0x444d4163, 0x69746e65 } },
		{ 1, 0, { 0x800f12, 0x0a100800, 0x01000000, 0 } },
		{ 0x80000008, 0, { 0x3030, 0x1000, 0x1400f, 9 } },
		{ 0x8000001d, 0, { 0x00004121, 1, 2, 3 } }, /* L1 of two threads, L3 of 16 */
		{ 0x8000001d, 1, { 0x0003c163, 1, 2, 3 } },
		{ 0x8000001d, 2, { 0, 0, 0, 0 } },
		{ 0x8000001e, 0, { 10, 0x105, 0x301, 0 } },
	};
	struct leaf expected[] = {
		{ 0, 0, { 0xd, 0, 0x444d4163, 0x69746e65 } },
		{ 1, 0, { 0x800f12, 0x02040800, 0x81000000, 0x10000000 } },
		{ 0x80000008, 0, { 0x3030, 0x1000, 0x12002, 9 } },
		{ 0x8000001d, 0, { 0x00000121, 1, 2, 3 } },
		{ 0x8000001d, 1, { 0x0000c163, 1, 2, 3 } },
		{ 0x8000001d, 2, { 0, 0, 0, 0 } },
		{ 0x8000001e, 0, { 2, 2, 0, 0 } },
		{ 0xb, 0, { 0, 1, 0x100, 2 } },
		{ 0xb, 1, { 2, 3, 0x201, 2 } },
	};

	deadline = false;
	for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++) {
		of[0].regs[1] = expected[0].regs[1] = vendors[i];
		make(of, COUNT(of), 3, 2);
		expect(expected, COUNT(expected));
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kvm_cpuid");

	ADD_TESTS(suite, "cpuid", one_of_sixteen, the_only_one, amd);
	return run_suite(suite);
}
