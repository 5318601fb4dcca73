/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * A whole VMM for KVM: one processor, RAM, interrupt controllers and a timer from KVM, and a serial port that the
 * guest, its kernel and its user space, can print to.  What libpvhload does is in boot(), and what goes from it to KVM two calls, for RAM and
 * processor; the rest is KVM.
 *
 *     kvm KERNEL [INITRD [COMMAND-LINE]]
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <pvhload/pvhload.h>

#include <pvhload/kvm.h> /* after linux/kvm.h */

#define RAM_SIZE   (UINT64_C(4) << 30) /* two slots: below the 32-bit hole at 3 GiB, and after it */
#define TSS_GPA    0xfffbd000u /* three pages that KVM needs on Intel processors, outside RAM */
#define SERIAL     0x3f8u      /* a 16550, its registers below */
#define SERIAL_IRQ 4u
#define RESET_PORT 0x64u /* i8042: 0xfe pulls the reset line */
#define CPUID_MAX  128u
#define HYPERVISOR (1u << 31) /* CPUID leaf 1, ECX: the guest runs on a hypervisor */

enum { DATA, IER, IIR, LCR, MCR, LSR, MSR, SCR, SERIAL_REGISTERS };
#define IER_EMPTY 0x02u /* interrupt when the transmitter is empty, as it always is here */
#define IIR_EMPTY 0x02u /* that was it */
#define IIR_NONE  0x01u
#define LCR_DLAB  0x80u /* the first two registers are the divisor */
#define LSR_EMPTY 0x60u
#define MSR_READY 0xb0u

struct vm {
	int kvm, vm, vcpu;
	uint8_t serial[SERIAL_REGISTERS];
	struct kvm_run *run;
	size_t run_size;
	struct pvhload_ram_slot slots[PVHLOAD_X86_SLOTS_MAX];
	size_t slot_count;
};

static const struct pvhload_memmap_x86 pc = { .struct_size = sizeof(pc), .ram_size = RAM_SIZE };

static int fail(const char *what)
{
	fprintf(stderr, "kvm: %s: %s\n", what, strerror(errno));
	return -1;
}

/* The RAM that the library writes to is the RAM that KVM has. */
static int make_ram(struct vm *v)
{
	void *ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (ram == MAP_FAILED)
		return fail("cannot map the guest's RAM");
	if (pvhload_memmap_x86_slots(&pc, ram, PVHLOAD_RAM_SLOT_ZEROED, v->slots,
				     PVHLOAD_X86_SLOTS_MAX, &v->slot_count, NULL))
		return -1;
	return pvhload_kvm_set_ram(v->vm, v->slots, v->slot_count) < 0
		       ? fail("cannot give the guest its RAM")
		       : 0;
}

static int make_vm(struct vm *v)
{
	struct kvm_pit_config pit = { .flags = KVM_PIT_SPEAKER_DUMMY };

	v->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	v->vm = v->kvm >= 0 ? ioctl(v->kvm, KVM_CREATE_VM, 0) : -1;
	if (v->vm < 0 || ioctl(v->vm, KVM_SET_TSS_ADDR, TSS_GPA) < 0 ||
	    ioctl(v->vm, KVM_CREATE_IRQCHIP, 0) < 0 || ioctl(v->vm, KVM_CREATE_PIT2, &pit) < 0)
		return fail("cannot make a virtual machine");
	v->vcpu = ioctl(v->vm, KVM_CREATE_VCPU, 0);
	v->run_size = (size_t)ioctl(v->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	v->run = mmap(NULL, v->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, v->vcpu, 0);
	return v->vcpu < 0 || v->run == MAP_FAILED ? fail("cannot make a processor") : 0;
}

/* What the host can do, and that it is a hypervisor that does it. */
static int set_cpuid(struct vm *v)
{
	struct kvm_cpuid2 *cpuid =
		calloc(1, sizeof(*cpuid) + CPUID_MAX * sizeof(cpuid->entries[0]));
	int result = -1;

	if (!cpuid)
		return fail("CPUID");
	cpuid->nent = CPUID_MAX;
	if (ioctl(v->kvm, KVM_GET_SUPPORTED_CPUID, cpuid) == 0) {
		for (uint32_t i = 0; i < cpuid->nent; i++)
			if (cpuid->entries[i].function == 1)
				cpuid->entries[i].ecx |= HYPERVISOR;
		result = ioctl(v->vcpu, KVM_SET_CPUID2, cpuid);
	}
	free(cpuid);
	return result < 0 ? fail("CPUID") : 0;
}

/* From files to guest memory and the processor's first state, which outlives the plan. */
static int boot(struct vm *v, int kernel, int initrd, const char *cmdline,
		struct pvhload_x86_cpu *cpu)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_memmap_entry entries[8];
	struct pvhload_memmap map = { .struct_size = sizeof(map),
				      .entries = entries,
				      .capacity = 8 };
	struct pvhload_ram_slots slots = { .struct_size = sizeof(slots),
					   .slots = v->slots,
					   .count = v->slot_count };
	const struct pvhload_memory mem = { .struct_size = sizeof(mem),
					    .ops = pvhload_ram_slots_ops(),
					    .user = &slots };
	const struct pvhload_source sources[] = { pvhload_source_fd(kernel),
						  pvhload_source_fd(initrd) };
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_plan *plan = NULL;
	int result = -1;

	config.kernel = &sources[0];
	config.initrds = &sources[1];
	config.initrd_count = initrd >= 0 ? 1 : 0;
	config.memmap = &map;
	config.cmdline = cmdline;
	if (!pvhload_memmap_init_x86(&pc, &map, &err) &&
	    !pvhload_boot_load(&config, &mem, &plan, &err) &&
	    !pvhload_plan_get_x86_cpu(plan, cpu, &err))
		result = 0;
	else
		fprintf(stderr, "kvm: %s\n", err.message);
	pvhload_plan_free(plan);
	return result;
}

static void set_interrupt(struct vm *v, uint8_t cause)
{
	const struct kvm_irq_level irq = { .irq = SERIAL_IRQ, .level = cause == IIR_EMPTY };

	if (v->serial[IIR] == cause)
		return;
	v->serial[IIR] = cause;
	ioctl(v->vm, KVM_IRQ_LINE, &irq);
}

static void serial_out(struct vm *v, unsigned int reg, uint8_t value)
{
	if (reg == DATA && !(v->serial[LCR] & LCR_DLAB))
		putchar(value);
	else if (reg == LCR || reg == MCR || (reg == IER && !(v->serial[LCR] & LCR_DLAB)))
		v->serial[reg] = value;
	if (reg <= IER && v->serial[IER] & IER_EMPTY)
		set_interrupt(v, IIR_EMPTY);
}

static uint8_t serial_in(struct vm *v, unsigned int reg)
{
	const uint8_t value = v->serial[reg];

	if (reg == IIR)
		set_interrupt(v, IIR_NONE);
	return value;
}

/* A port access of the guest.  Returns 1 when it wants to be reset. */
static int do_io(struct vm *v)
{
	uint8_t *data = (uint8_t *)v->run + v->run->io.data_offset;
	const unsigned int reg = v->run->io.port - SERIAL;
	const int out = v->run->io.direction == KVM_EXIT_IO_OUT;

	for (uint32_t i = 0; i < v->run->io.count; i++, data += v->run->io.size)
		if (reg < SERIAL_REGISTERS && out)
			serial_out(v, reg, *data);
		else if (reg < SERIAL_REGISTERS)
			*data = serial_in(v, reg);
		else if (out && v->run->io.port == RESET_PORT && *data == 0xfe)
			return 1;
		else if (!out)
			memset(data, v->run->io.port == RESET_PORT ? 0 : 0xff, v->run->io.size);
	return 0;
}

/* Until the guest halts for good, or is reset. */
static int run_vcpu(struct vm *v)
{
	for (;;) {
		if (ioctl(v->vcpu, KVM_RUN, 0) < 0 && errno != EINTR)
			return fail("the processor cannot run");
		switch (v->run->exit_reason) {
		case KVM_EXIT_IO:
			if (do_io(v))
				return 0;
			break;
		case KVM_EXIT_MMIO:
			memset(v->run->mmio.data, 0xff,
			       sizeof(v->run->mmio.data)); /* nobody there */
			break;
		case KVM_EXIT_HLT:
		case KVM_EXIT_SHUTDOWN:
			return 0;
		default:
			fprintf(stderr, "kvm: exit reason %u\n", v->run->exit_reason);
			return -1;
		}
	}
}

int main(int argc, char **argv)
{
	const int kernel = argc > 1 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
	const int initrd = argc > 2 ? open(argv[2], O_RDONLY | O_CLOEXEC) : -1;
	struct pvhload_x86_cpu cpu = PVHLOAD_X86_CPU_INIT;
	struct vm v = { .kvm = -1,
			.serial = { [IIR] = IIR_NONE, [LSR] = LSR_EMPTY, [MSR] = MSR_READY } };

	if (kernel < 0 || (argc > 2 && initrd < 0)) {
		fprintf(stderr, "usage: kvm KERNEL [INITRD [COMMAND-LINE]]\n");
		return EXIT_FAILURE;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (make_vm(&v) < 0 || make_ram(&v) < 0 || set_cpuid(&v) < 0 ||
	    boot(&v, kernel, initrd, argc > 3 ? argv[3] : "console=ttyS0", &cpu) < 0)
		return EXIT_FAILURE;
	if (pvhload_kvm_set_cpu(v.vcpu, &cpu) < 0) {
		fail("cannot set the processor's registers");
		return EXIT_FAILURE;
	}
	return run_vcpu(&v) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
