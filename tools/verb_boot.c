/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* pvhload boot: run the plan by KVM or in QEMU, the guest's serial console on this terminal. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "console.h"
#include "guest_ram.h"
#include "kvm/kvm.h"
#include "qemu.h"
#include "qemu_virt.h"
#include "session_machine.h"
#include "verbs.h"

#define SILENT_RESET_MAX 10000u /* milliseconds */

/* ROM for a firmware, its host memory shared with the VMM too; without one, of size 0. */
static int make_rom(const struct session *s, struct pvhload_ram_slot *rom)
{
	const struct pvhload_range range = session_rom(s);

	*rom = (struct pvhload_ram_slot){ .gpa = range.gpa,
					  .size = range.size,
					  .flags = PVHLOAD_RAM_SLOT_ROM |
						   PVHLOAD_RAM_SLOT_FIRMWARE };
	if (rom->size == 0)
		return TOOL_DONE;
	rom->host = mmap(NULL, (size_t)rom->size, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (rom->host != MAP_FAILED)
		return TOOL_DONE;
	rom->size = 0;
	return tool_fail(s->options->kernel, "cannot make ROM for it: %s", strerror(errno));
}

static void free_rom(const struct pvhload_ram_slot *rom)
{
	if (rom->size > 0)
		munmap(rom->host, (size_t)rom->size);
}

/* RAM that a guest has run in is not zero any more; of memory of our own, each guest gets a copy. */
static int fill_ram(struct session *s, const struct guest_ram *ram,
		    const struct pvhload_ram_slot *rom, bool zeroed, struct progress *progress)
{
	struct guest_memory memory;

	if (zeroed && s->loaded)
		return TOOL_DONE;
	guest_ram_describe(s, ram, rom, zeroed, &memory);
	return session_commit(s, &memory.mem, progress);
}

/* What runs the guest. */
struct choice {
	bool kvm;    /* or else QEMU */
	bool tables; /* with ACPI tables of ours */
};

/* One run of the guest: the VMM, and how it ended. */
struct run {
	struct vmm vmm;
	enum console_end end;
	enum vmm_end vmm_end;
	struct console_report report;
};

/* What has Linux write to the machine's serial console, and before that is up. */
static const char *console_word(const struct session *s)
{
	return s->arch == PVHLOAD_ARCH_ARM64 ? "console=ttyAMA0" : "console=ttyS0";
}

static const char *early_word(const struct session *s)
{
	return s->arch == PVHLOAD_ARCH_ARM64     ? "earlycon=pl011,0x9000000"
	       : s->arch == PVHLOAD_ARCH_RISCV64 ? "earlycon=sbi"
						 : "earlyprintk=ttyS0";
}

/* A guest that is reset so soon without a word has most likely not started: so a triple fault looks. */
static int judge_silence(const struct session *s, bool reset, uint64_t elapsed)
{
	const struct options *o = s->options;

	if (o->expect_silence)
		return TOOL_DONE;
	if (reset && elapsed < SILENT_RESET_MAX)
		return tool_fail(o->kernel,
				 "the guest reset after %.1f seconds without a byte on its serial "
				 "console or port 0xe9: it has most likely not started; for Linux, "
				 "--append '%s %s' shows how far it gets, "
				 "and --memory, --protocol and --decompress start it otherwise; a "
				 "guest that is meant to be silent takes --expect-silence",
				 (double)elapsed / 1000, early_word(s), console_word(s));
	fprintf(stderr, "pvhload: %s: note: the guest ended without a word on its serial console\n",
		o->kernel);
	return TOOL_DONE;
}

/* What the end of it all means. */
static int judge(const struct session *s, const struct run *run)
{
	const struct options *options = s->options;

	if (run->end == CONSOLE_TIMEOUT)
		return tool_fail(options->kernel, "the guest did not end within %u seconds",
				 options->timeout);
	if (run->end != CONSOLE_GUEST_ENDED)
		return tool_fail(options->kernel, "ended before the guest did");
	if (run->vmm_end == VMM_FAILED)
		return TOOL_FAILED;
	if (run->vmm_end == VMM_CRASHED)
		return tool_fail(options->kernel, "%s ended with an error", run->vmm.name);
	return run->report.any ? TOOL_DONE
			       : judge_silence(s, run->vmm_end == VMM_RESET, run->report.elapsed);
}

/* Does a word of the command line begin so? */
static bool has_word(const char *text, const char *start)
{
	const char *at = text;

	while ((at = strstr(at, start)) != NULL) {
		if (at == text || at[-1] == ' ')
			return true;
		at++;
	}
	return false;
}

/* Of the command line that the guest has, which may be a UKI's or its device tree's own. */
static struct console_watch watch_of(const struct session *s)
{
	static const char arm64[] =
		"pvhload: note: nothing on the serial console yet; Linux writes there with "
		"--append 'console=ttyAMA0'";
	static const char others[] =
		"pvhload: note: nothing on the serial console yet; Linux writes there with "
		"--append 'console=ttyS0'";
	const struct options *o = s->options;
	const bool hint = !o->expect_silence && !o->firmware &&
			  !has_word(pvhload_plan_get_info(s->plan)->cmdline, "console=");

	return (struct console_watch){
		.timeout = o->timeout,
		.hint = !hint                           ? NULL
			: s->arch == PVHLOAD_ARCH_ARM64 ? arm64
							: others,
	};
}

static int run_guest(struct session *s, const struct vmm_guest *guest, vmm_start_fn *start,
		     struct progress *progress, struct run *run)
{
	const struct console_watch watch = watch_of(s);
	struct signals signals;
	int result, number = 0;

	if (signals_hold(&signals) != 0)
		return TOOL_FAILED;
	result = start(&run->vmm, guest);
	if (result == TOOL_DONE) {
		run->end = console_run(&run->vmm, &signals, &watch, progress, &run->report);
		if (run->end == CONSOLE_SIGNAL)
			number = signals_take(&signals);
		run->vmm_end = vmm_finish(&run->vmm, run->end != CONSOLE_GUEST_ENDED);
	}
	signals_release(&signals);
	if (number != 0)
		(void)raise(number); /* it ends us now, with everything put away */
	return result;
}

/* Fill RAM and run the guest, and as often again as it is to be started anew when it resets. */
static int run_in(struct session *s, const struct guest_ram *ram,
		  const struct pvhload_ram_slot *rom, const struct choice *choice,
		  struct progress *progress)
{
	const struct vmm_guest guest = {
		.plan = pvhload_plan_get_info(s->plan),
		.cpu = pvhload_plan_get_info(s->plan)->x86_cpu,
		.ram_fd = ram->fd,
		.ram = ram->host,
		.ram_size = ram->size,
		.rom = rom->size > 0 ? rom : NULL,
		.cpu_count = s->options->cpus,
	};
	struct run run = { .end = CONSOLE_ESCAPED };

	for (unsigned int i = 0; i <= s->options->reboots; i++) {
		TOOL_TRY(fill_ram(s, ram, rom, i == 0, progress));
		if (choice->tables)
			kvm_put_tables(ram->host, guest.cpu_count);
		/* QEMU has a file for its RAM. */
		if (ram->own && !choice->kvm)
			TOOL_TRY(guest_ram_write(ram, ram->fd, "QEMU"));
		TOOL_TRY(
			run_guest(s, &guest, choice->kvm ? kvm_start : qemu_start, progress, &run));
		if (run.end != CONSOLE_GUEST_ENDED || run.vmm_end != VMM_RESET)
			break;
	}
	return judge(s, &run);
}

static int load_and_run(struct session *s, const struct guest_ram *ram, const struct choice *choice,
			struct progress *progress)
{
	struct pvhload_ram_slot rom;
	int result;

	TOOL_TRY(guest_ram_plan(s, &qemu_virt, ram, progress));
	TOOL_TRY(make_rom(s, &rom));
	result = run_in(s, ram, &rom, choice, progress);
	free_rom(&rom);
	return result;
}

static int boot(struct session *s, const struct choice *choice, struct progress *progress)
{
	const uint32_t load = s->options->load == LOAD_AUTO ? LOAD_IN_PLACE : s->options->load;
	struct guest_ram ram;
	int result = guest_ram_make_shared(&ram, s->options->memory, load);

	if (result == TOOL_DONE)
		result = load_and_run(s, &ram, choice, progress);
	guest_ram_free(&ram);
	return result;
}

/* A machine with a device tree is QEMU's. */
static int choose_virt(const struct session *s, struct choice *ret)
{
	const struct options *o = s->options;

	*ret = (struct choice){ .kvm = false };
	if (o->vmm == VMM_KVM)
		return tool_fail(o->kernel, "--vmm kvm: by KVM, this program runs x86 guests only");
	if (s->arch == PVHLOAD_ARCH_RISCV64 && o->boot_hart != 0)
		return tool_fail(o->kernel,
				 "--boot-hart %" PRIu64 ": a riscv64 guest has hart 0 alone here",
				 o->boot_hart);
	if (o->cpus == 1 || s->arch == PVHLOAD_ARCH_ARM64)
		return TOOL_DONE;
	return tool_fail(o->kernel, "--cpus %u: a riscv64 guest has one hart here", o->cpus);
}

/* KVM where it is to be had, unless something else was asked for. */
static int choose_x86(const struct options *o, struct choice *ret)
{
	const char *why_not = kvm_why_not();

	ret->kvm = o->vmm == VMM_KVM || (o->vmm == VMM_AUTO && !why_not);
	/* An RSDP of the user's own is with tables of the user's own; a firmware's are where ours would be. */
	ret->tables = ret->kvm && o->rsdp == 0 && !o->firmware &&
		      o->memory >= KVM_RSDP_GPA + KVM_TABLES_SIZE;
	if (o->vmm == VMM_KVM && why_not)
		return tool_fail(o->kernel, "--vmm kvm: %s", why_not);
	if (ret->kvm || o->cpus == 1)
		return TOOL_DONE;
	return tool_fail(o->kernel,
			 "--cpus %u: the guest has one processor in QEMU, as there are no ACPI "
			 "tables there; more take KVM%s%s",
			 o->cpus, why_not ? ": " : "", why_not ? why_not : "");
}

static int plan_and_boot(struct session *s, struct options *own, struct progress *progress)
{
	struct choice choice;

	TOOL_TRY(session_has_tree(s) ? choose_virt(s, &choice) : choose_x86(own, &choice));
	if (choice.tables)
		own->rsdp = KVM_RSDP_GPA;
	return boot(s, &choice, progress);
}

int verb_boot(const struct options *options)
{
	struct options own = *options;
	struct progress progress;
	struct session session;
	int result;

	progress_start(&progress);
	result = session_begin(&session, &own, &progress);
	if (result == TOOL_DONE)
		result = plan_and_boot(&session, &own, &progress);
	session_close(&session);
	return result;
}
