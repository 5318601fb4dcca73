/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Neither machine has a ROM of ours: QEMU's loader puts a few instructions into its flash, from which the first
 * processor starts.  On arm64 they set x0 to x3 and jump; on riscv64, where they run in machine mode, to OpenSBI, which
 * stands for the SBI that a hypervisor has: it is told in a2 where the kernel is.
 *
 * Source: QEMU 7.2, hw/arm/virt.c, hw/riscv/virt.c; OpenSBI, include/sbi/fw_dynamic.h.
 */
#include "qemu_virt.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "qemu.h"

#define ARM64_FLASH_GPA   0x0u
#define RISCV64_FLASH_GPA 0x20000000u

/* OpenSBI, at the start of RAM; QEMU's own tree, which it writes there, or as high as it is below 3 GiB. */
#define OWN_SIZE          0x200000u
#define RISCV64_TREE_END  0xc0000000u
#define RISCV64_TREE_SIZE 0x400000u

const char *qemu_virt_program(uint32_t arch)
{
	return arch == PVHLOAD_ARCH_ARM64 ? "qemu-system-aarch64" : "qemu-system-riscv64";
}

const char *qemu_virt_package(uint32_t arch)
{
	return arch == PVHLOAD_ARCH_ARM64 ? "qemu-system-arm" : "qemu-system-misc";
}

/* What of the machine its device tree depends on. */
struct virt {
	uint32_t arch;
	bool el2;
	unsigned int cpus;
};

/* The GIC that QEMU takes by itself is for so many processors. */
#define GICV2_CPUS 8u

static void add_machine(struct qemu_command *c, const struct virt *virt, const char *more,
			const char *file)
{
	const bool arm64 = virt->arch == PVHLOAD_ARCH_ARM64;

	qemu_add(c, "-machine");
	qemu_add(c, "virt%s%s,%s%s", arm64 && virt->el2 ? ",virtualization=on" : "",
		 arm64 && virt->cpus > GICV2_CPUS ? ",gic-version=3" : "", more, file);
	qemu_add(c, "-cpu");
	/* All that QEMU has, such as pages of 16 KiB; signing pointers as the architecture does it is slow. */
	qemu_add(c, arm64 ? "max,pauth-impdef=on" : "rv64");
	qemu_add(c, "-smp");
	qemu_add(c, "%u", virt->cpus);
}

void qemu_add_virt(struct qemu_command *c, const struct vmm *vmm, const struct vmm_guest *guest)
{
	const struct pvhload_plan_info *plan = guest->plan;
	const bool arm64 = plan->arch == PVHLOAD_ARCH_ARM64;
	const struct virt virt = {
		.arch = plan->arch,
		.el2 = arm64 && plan->arm64_cpu->pstate == PVHLOAD_ARM64_PSTATE_EL2H,
		.cpus = guest->cpu_count,
	};

	qemu_add(c, "%s", qemu_virt_program(plan->arch));
	add_machine(c, &virt, "memory-backend=ram", "");
	if (!arm64) {
		qemu_add(c, "-bios");
		qemu_add(c, "default");
	}
	qemu_add(c, "-device");
	qemu_add(c, "loader,file=/proc/%ld/fd/%d,addr=0x%x,cpu-num=0,force-raw=on", (long)getpid(),
		 vmm->rom_fd, arm64 ? ARM64_FLASH_GPA : RISCV64_FLASH_GPA);
}

/* Words and what they load, little-endian. */
struct stub {
	uint8_t *bytes;
	size_t size;
};

static void put(struct stub *stub, uint64_t value, unsigned int bytes)
{
	for (unsigned int i = 0; i < bytes; i++)
		stub->bytes[stub->size++] = (uint8_t)(value >> (8 * i));
}

/* The literals follow the instructions, at a multiple of 8. */
#define STUB_LITERALS 32u

static void make_arm64(struct stub *stub, const struct pvhload_arm64_cpu *cpu)
{
	static const uint32_t code[] = {
		0x58000100, /* ldr x0, literal 0 */
		0x58000121, /* ldr x1, literal 1 */
		0x58000142, /* ldr x2, literal 2 */
		0x58000163, /* ldr x3, literal 3 */
		0x58000190, /* ldr x16, literal 4 */
		0xd61f0200, /* br x16 */
		0,          0,
	};

	for (size_t i = 0; i < sizeof(code) / sizeof(code[0]); i++)
		put(stub, code[i], 4);
	for (size_t i = 0; i < 4; i++)
		put(stub, cpu->x[i], 8);
	put(stub, cpu->pc, 8);
}

/* struct fw_dynamic_info. */
#define OPENSBI_MAGIC   0x4942534fu
#define OPENSBI_VERSION 2u
#define OPENSBI_GPA     0x80000000u

static void make_riscv64(struct stub *stub, const struct pvhload_riscv64_cpu *cpu)
{
	static const uint32_t code[] = {
		0x00000297, /* auipc t0, 0 */
		0x0202b503, /* ld a0, literal 0 */
		0x0282b583, /* ld a1, literal 1 */
		0x0302b603, /* ld a2, literal 2 */
		0x0382b303, /* ld t1, literal 3 */
		0x00030067, /* jr t1 */
		0,          0,
	};
	const uint64_t literals[] = { cpu->a0, cpu->a1,
				      RISCV64_FLASH_GPA + STUB_LITERALS + 4 * sizeof(uint64_t),
				      OPENSBI_GPA };
	const uint64_t info[] = { OPENSBI_MAGIC, OPENSBI_VERSION, cpu->pc, cpu->mode, 0, cpu->a0 };

	for (size_t i = 0; i < sizeof(code) / sizeof(code[0]); i++)
		put(stub, code[i], 4);
	for (size_t i = 0; i < sizeof(literals) / sizeof(literals[0]); i++)
		put(stub, literals[i], 8);
	for (size_t i = 0; i < sizeof(info) / sizeof(info[0]); i++)
		put(stub, info[i], 8);
}

size_t qemu_virt_stub(const struct pvhload_plan_info *plan, uint8_t stub[QEMU_STUB_SIZE_MAX])
{
	struct stub made = { stub, 0 };

	if (plan->arm64_cpu)
		make_arm64(&made, plan->arm64_cpu);
	else
		make_riscv64(&made, plan->riscv64_cpu);
	return made.size;
}

static void make_dump_command(const struct session *s, const char *file, struct qemu_command *c)
{
	const struct options *o = s->options;
	const struct virt virt = { s->arch, o->exception_level == 1, o->cpus };

	qemu_add(c, "%s", qemu_virt_program(s->arch));
	add_machine(c, &virt, "dumpdtb=", file);
	qemu_add(c, "-m");
	qemu_add(c, "size=%" PRIu64 "B", o->memory);
	qemu_add(c, "-nodefaults");
	qemu_add(c, "-no-user-config");
	qemu_add(c, "-display");
	qemu_add(c, "none");
}

/* It says on standard error where it went, which is nobody's matter if it went well. */
static int run_dump(struct qemu_command *c, const char *package)
{
	const pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		if (freopen("/dev/null", "w", stderr) && freopen("/dev/null", "r", stdin))
			execvp(c->argv[0], c->argv);
		_exit(errno == ENOENT ? 127 : 126);
	}
	if (pid < 0)
		return tool_fail(c->argv[0], "cannot start: %s", strerror(errno));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return tool_fail(c->argv[0], "not installed (Debian: apt-get install %s)", package);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return tool_fail(c->argv[0], "cannot say what device tree its machine has");
	return TOOL_DONE;
}

static int read_tree(const char *path, uint8_t **ret, size_t *ret_size)
{
	FILE *file = fopen(path, "rb");
	struct stat st;
	int result = TOOL_FAILED;

	if (!file)
		return tool_fail(path, "QEMU did not write it");
	*ret = NULL;
	if (fstat(fileno(file), &st) == 0 && st.st_size > 0 &&
	    (uint64_t)st.st_size <= PVHLOAD_FDT_SIZE_MAX)
		*ret = malloc((size_t)st.st_size);
	if (*ret && fread(*ret, 1, (size_t)st.st_size, file) == (size_t)st.st_size) {
		*ret_size = (size_t)st.st_size;
		result = TOOL_DONE;
	} else {
		result = tool_fail(path, "cannot be read");
	}
	fclose(file);
	return result;
}

/* QEMU writes a file of another name and renames it, so it gets a folder. */
static int make_tree(const struct session *s, uint8_t **ret, size_t *ret_size)
{
	struct qemu_command command = { .count = 0 };
	const char *folder = getenv("TMPDIR");
	char path[1024], file[1040];
	int result;

	snprintf(path, sizeof(path), "%s/pvhload-XXXXXX", folder && folder[0] ? folder : "/tmp");
	if (!mkdtemp(path))
		return tool_fail(path, "cannot be made: %s", strerror(errno));
	snprintf(file, sizeof(file), "%s/tree", path);
	make_dump_command(s, file, &command);
	result = run_dump(&command, qemu_virt_package(s->arch));
	if (result == TOOL_DONE)
		result = read_tree(file, ret, ret_size);
	(void)unlink(file);
	(void)rmdir(path);
	return result;
}

static struct pvhload_boot_keep_free claim(uint64_t gpa, uint64_t size, const char *name)
{
	struct pvhload_boot_keep_free ret = PVHLOAD_BOOT_KEEP_FREE_INIT;

	ret.gpa = gpa;
	ret.size = size;
	ret.name = name;
	return ret;
}

static size_t list_claims(const struct session *s,
			  struct pvhload_boot_keep_free ret[VMM_CLAIMS_MAX])
{
	uint64_t end = s->ram_base + s->options->memory;

	if (s->options->memory < OWN_SIZE + RISCV64_TREE_SIZE)
		return 0;
	ret[0] = claim(s->ram_base, OWN_SIZE,
		       s->arch == PVHLOAD_ARCH_ARM64 ? "QEMU's device tree" : "OpenSBI");
	if (s->arch == PVHLOAD_ARCH_ARM64)
		return 1;
	if (end > RISCV64_TREE_END)
		end = RISCV64_TREE_END;
	ret[1] = claim(end - RISCV64_TREE_SIZE, RISCV64_TREE_SIZE, "QEMU's device tree");
	return 2;
}

const struct session_vmm qemu_virt = { .make_tree = make_tree, .claims = list_claims };
