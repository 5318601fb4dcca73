/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* pvhload boot: run the plan in QEMU, the guest's serial console on this terminal. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "console.h"
#include "session.h"
#include "verbs.h"

#define SILENT_RESET_MAX 10000u /* milliseconds */

/* The guest's RAM, in memory that QEMU shares. */
struct ram {
	int fd;
	void *host;
	uint64_t size;
};

static int make_ram(struct ram *ram, uint64_t size)
{
	ram->size = size;
	ram->host = MAP_FAILED;
	ram->fd = memfd_create("pvhload-ram", MFD_CLOEXEC);
	if (size > INT64_MAX || size > SIZE_MAX)
		errno = EFBIG;
	else if (ram->fd >= 0 && ftruncate(ram->fd, (off_t)size) == 0)
		ram->host =
			mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, ram->fd, 0);
	if (ram->host == MAP_FAILED)
		return tool_fail("--memory", "cannot make the guest's RAM: %s", strerror(errno));
	return TOOL_DONE;
}

static void free_ram(struct ram *ram)
{
	if (ram->host != MAP_FAILED)
		munmap(ram->host, (size_t)ram->size);
	if (ram->fd >= 0)
		close(ram->fd);
}

static int fill_ram(struct session *s, const struct ram *ram, struct progress *progress)
{
	struct pvhload_ram_file_slot file_slots[RAM_SLOTS_MAX];
	struct pvhload_ram_slot slots[RAM_SLOTS_MAX];
	struct pvhload_ram_slots table = PVHLOAD_RAM_SLOTS_INIT;
	struct pvhload_memory mem = PVHLOAD_MEMORY_INIT;

	table.slots = slots;
	table.count = session_ram_slots(ram->size, file_slots);
	for (size_t i = 0; i < table.count; i++)
		slots[i] = (struct pvhload_ram_slot){
			.gpa = file_slots[i].gpa,
			.size = file_slots[i].size,
			.host = (char *)ram->host + file_slots[i].offset,
		};
	mem.ops = pvhload_ram_slots_ops();
	mem.user = &table;
	mem.flags = PVHLOAD_MEMORY_ZEROED;
	return session_commit(s, &mem, progress);
}

/* A guest that is reset so soon without a word has most likely not started: so a triple fault looks. */
static int judge_silence(const struct options *o, const struct qemu *qemu, uint64_t elapsed)
{
	if (o->expect_silence)
		return TOOL_DONE;
	if (qemu->monitor.reset && elapsed < SILENT_RESET_MAX)
		return tool_fail(
			o->kernel,
			"the guest reset after %.1f seconds without a byte on its serial "
			"console or port 0xe9: it has most likely not started; for Linux, "
			"--append 'earlyprintk=ttyS0 console=ttyS0' shows how far it gets, "
			"and --memory, --protocol and --decompress start it otherwise; a "
			"guest that is meant to be silent takes --expect-silence",
			(double)elapsed / 1000);
	fprintf(stderr, "pvhload: %s: note: the guest ended without a word on its serial console\n",
		o->kernel);
	return TOOL_DONE;
}

/* What the end of it all means. */
static int judge(const struct options *options, const struct qemu *qemu, enum console_end end,
		 int status, const struct console_report *report)
{
	if (end == CONSOLE_TIMEOUT)
		return tool_fail(options->kernel, "the guest did not end within %u seconds",
				 options->timeout);
	if (end != CONSOLE_GUEST_ENDED)
		return tool_fail(options->kernel, "ended before the guest did");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return tool_fail(options->kernel, "QEMU ended with an error");
	return report->any ? TOOL_DONE : judge_silence(options, qemu, report->elapsed);
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

static struct console_watch watch_of(const struct options *o)
{
	const bool hint = !o->expect_silence && !has_word(o->append, "console=");

	return (struct console_watch){
		.timeout = o->timeout,
		.hint = hint ? "pvhload: note: nothing on the serial console yet; Linux writes there with "
			       "--append 'console=ttyS0'"
			     : NULL,
	};
}

static int run_guest(struct session *s, const struct ram *ram, struct progress *progress)
{
	const struct pvhload_x86_cpu *cpu = pvhload_plan_get_info(s->plan)->x86_cpu;
	const struct console_watch watch = watch_of(s->options);
	struct console_report report = { .any = false };
	enum console_end end = CONSOLE_ESCAPED;
	struct signals signals;
	struct qemu qemu;
	int result, status, number = 0;

	if (signals_hold(&signals) != 0)
		return TOOL_FAILED;
	result = qemu_start(&qemu, cpu, ram->fd, ram->size);
	if (result == TOOL_DONE) {
		end = console_run(&qemu, &signals, &watch, progress, &report);
		if (end == CONSOLE_SIGNAL)
			number = signals_take(&signals);
		status = qemu_finish(&qemu, end != CONSOLE_GUEST_ENDED);
	}
	signals_release(&signals);
	if (number != 0)
		(void)raise(number); /* it ends us now, with everything put away */
	return result == TOOL_DONE ? judge(s->options, &qemu, end, status, &report) : result;
}

static int boot(struct session *s, struct progress *progress)
{
	struct ram ram;
	int result = make_ram(&ram, s->options->memory);

	if (result == TOOL_DONE)
		result = fill_ram(s, &ram, progress);
	if (result == TOOL_DONE)
		result = run_guest(s, &ram, progress);
	free_ram(&ram);
	return result;
}

int verb_boot(const struct options *options)
{
	struct progress progress;
	struct session session;
	int result;

	progress_start(&progress);
	result = session_open(&session, options, &progress);
	if (result == TOOL_DONE)
		result = boot(&session, &progress);
	session_close(&session);
	return result;
}
