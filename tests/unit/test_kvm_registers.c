/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The lists for KVM_SET_ONE_REG, and in which calls they are set; KVM itself is played by the test. */
#include <errno.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>

#include "suite.h"

static struct {
	struct pvhload_kvm_set {
		uint64_t id, value;
	} set[8];
	size_t count, fails_at;
} kvm;

static int played_ioctl(int fd, unsigned long request, void *arg)
{
	const struct kvm_one_reg *reg = arg;

	ck_assert_int_eq(fd, 7);
	ck_assert_uint_eq(request, KVM_SET_ONE_REG);
	ck_assert_uint_lt(kvm.count, 8);
	if (kvm.count == kvm.fails_at) {
		errno = ENOENT;
		return -1;
	}
	kvm.set[kvm.count].id = reg->id;
	memcpy(&kvm.set[kvm.count++].value, (const void *)(uintptr_t)reg->addr, 8);
	return 0;
}

#define ioctl(fd, request, arg) played_ioctl(fd, request, arg)
#include <pvhload/kvm_registers.h>
#undef ioctl

static void begin(size_t fails_at)
{
	memset(&kvm, 0, sizeof(kvm));
	kvm.fails_at = fails_at;
}

static void expect(size_t i, uint64_t id, uint64_t value)
{
	ck_assert_uint_eq(kvm.set[i].id, id);
	ck_assert_uint_eq(kvm.set[i].value, value);
}

START_TEST(for_arm64)
{
	struct pvhload_arm64_cpu cpu = PVHLOAD_ARM64_CPU_INIT;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err,
		  pvhload_arm64_cpu_init_linux(0x40200000, 0x48000000, 0, &cpu, &err));
	cpu.x[3] = 33;
	begin(8);
	ck_assert_int_eq(pvhload_kvm_set_arm64_cpu(7, &cpu), 0);
	ck_assert_uint_eq(kvm.count, 6);
	expect(0, 0x6030000000100000, 0x48000000);
	expect(1, 0x6030000000100002, 0);
	expect(2, 0x6030000000100004, 0);
	expect(3, 0x6030000000100006, 33);
	expect(4, 0x6030000000100040, 0x40200000);
	expect(5, 0x6030000000100042, 0x3c5);
}
END_TEST

START_TEST(for_riscv64)
{
	struct pvhload_riscv64_cpu cpu = PVHLOAD_RISCV64_CPU_INIT;
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err,
		  pvhload_riscv64_cpu_init_linux(0x80200000, 0x88000000, 3, &cpu, &err));
	begin(8);
	ck_assert_int_eq(pvhload_kvm_set_riscv64_cpu(7, &cpu), 0);
	ck_assert_uint_eq(kvm.count, 3);
	expect(0, 0x8030000002000000, 0x80200000);
	expect(1, 0x803000000200000a, 3);
	expect(2, 0x803000000200000b, 0x88000000);
}
END_TEST

START_TEST(failing_call)
{
	struct pvhload_arm64_cpu cpu = PVHLOAD_ARM64_CPU_INIT;

	begin(4);
	errno = 0;
	ck_assert_int_eq(pvhload_kvm_set_arm64_cpu(7, &cpu), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_uint_eq(kvm.count, 4);
}
END_TEST

START_TEST(misuse)
{
	struct pvhload_arm64_cpu arm64 = PVHLOAD_ARM64_CPU_INIT, before;
	struct pvhload_riscv64_cpu riscv64 = PVHLOAD_RISCV64_CPU_INIT;
	struct pvhload_error err;

	arm64.pc = 5;
	before = arm64;
	ck_status(PVHLOAD_E_USAGE, err, pvhload_arm64_cpu_init_linux(0, 0, 3, &arm64, &err));
	ck_assert_str_eq(err.message, "a kernel is entered at exception level 1 or 2, not 3");
	ck_assert_mem_eq(&arm64, &before, sizeof(arm64));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_arm64_cpu_init_linux(0, 0, 1, NULL, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_riscv64_cpu_init_linux(0, 0, 0, NULL, &err));
	arm64.struct_size = riscv64.struct_size = 8;
	ck_status(PVHLOAD_E_USAGE, err, pvhload_arm64_cpu_init_linux(0, 0, 1, &arm64, &err));
	ck_status(PVHLOAD_E_USAGE, err, pvhload_riscv64_cpu_init_linux(0, 0, 0, &riscv64, &err));
	ck_assert_int_eq(pvhload_arm64_cpu_init_linux(0, 0, 1, &before, NULL), PVHLOAD_OK);
	ck_assert_uint_eq(before.pstate, PVHLOAD_ARM64_PSTATE_EL1H);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kvm_registers");

	ADD_TESTS(suite, "kvm_registers", for_arm64, for_riscv64, failing_call, misuse);
	return run_suite(suite);
}
