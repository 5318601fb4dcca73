/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* pvhload dump: guest RAM as a file, and the processor's state as JSON, for another program to run. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest_ram.h"
#include "json.h"
#include "output.h"
#include "records.h"
#include "session.h"
#include "verbs.h"

/* By the library, straight to the file. */
static int copy_memory(struct session *s, struct output *out, struct progress *progress)
{
	const struct pvhload_range rom = session_rom(s);
	struct pvhload_ram_file_slot slots[RAM_SLOTS_MAX + 1];
	struct pvhload_ram_file file = PVHLOAD_RAM_FILE_INIT;
	struct pvhload_memory mem = PVHLOAD_MEMORY_INIT;

	errno = EFBIG;
	if (s->options->memory > INT64_MAX - rom.size ||
	    ftruncate(out->fd, (off_t)(s->options->memory + rom.size)) != 0)
		return tool_fail(out->path, "cannot make it as large as the guest's RAM: %s",
				 strerror(errno));
	file.slots = slots;
	file.count = session_ram_slots(s, slots);
	/* What is no RAM comes after it. */
	if (rom.size > 0)
		slots[file.count++] = (struct pvhload_ram_file_slot){
			.gpa = rom.gpa,
			.size = rom.size,
			.offset = s->options->memory,
			.flags = PVHLOAD_RAM_SLOT_ROM | PVHLOAD_RAM_SLOT_FIRMWARE,
		};
	file.fd = out->fd;
	mem.ops = pvhload_ram_file_ops();
	mem.user = &file;
	mem.flags = PVHLOAD_MEMORY_ZEROED;
	s->memory_file = out->path;
	return session_commit(s, &mem, progress);
}

/* Through memory of ours, if something is to be done in it.  A firmware is never decoded, and has its place in the file. */
static int load_memory(struct session *s, uint32_t load, struct guest_ram *ram,
		       struct progress *progress)
{
	struct guest_memory memory;

	TOOL_TRY(guest_ram_make(ram, s->options->memory, load));
	TOOL_TRY(guest_ram_plan(s, NULL, ram, progress));
	if (s->loaded)
		return TOOL_DONE;
	guest_ram_describe(s, ram, NULL, true, &memory);
	return session_commit(s, &memory.mem, progress);
}

static int write_cpu(struct session *s, struct output *out)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	int result = TOOL_FAILED;

	if (stream && json_print(cpu_json(pvhload_plan_get_info(s->plan)), stream) &&
	    fflush(stream) == 0)
		result = output_write(out, text, size);
	else
		(void)tool_fail(out->path, "no memory");
	if (stream)
		fclose(stream);
	free(text);
	return result;
}

static int dump(struct session *s, const struct options *options, const struct guest_ram *ram,
		struct progress *progress)
{
	struct output memory, cpu;
	int result;

	TOOL_TRY(output_is_apart(options->memory_file, s->fds, s->fd_count));
	TOOL_TRY(output_is_apart(options->cpu_file, s->fds, s->fd_count));
	TOOL_TRY(output_open(&memory, options->memory_file));
	result = output_open(&cpu, options->cpu_file);
	if (result == TOOL_DONE) {
		result = ram ? guest_ram_write(ram, memory.fd, memory.path)
			     : copy_memory(s, &memory, progress);
		if (result == TOOL_DONE)
			result = write_cpu(s, &cpu);
		result = output_close(&cpu, result);
	}
	return output_close(&memory, result);
}

static int load_and_dump(struct session *s, const struct options *options,
			 struct progress *progress)
{
	struct guest_ram ram;
	int result;

	if (options->load <= LOAD_COPY || options->firmware) {
		TOOL_TRY(session_plan(s, NULL, progress));
		return dump(s, options, NULL, progress);
	}
	result = load_memory(s, options->load, &ram, progress);
	if (result == TOOL_DONE)
		result = dump(s, options, &ram, progress);
	guest_ram_free(&ram);
	return result;
}

int verb_dump(const struct options *options)
{
	struct progress progress;
	struct session session;
	int result;

	if (output_is_same(options->memory_file, options->cpu_file))
		return tool_usage("--memory-file and --cpu-file are the same file");
	progress_start(&progress);
	result = session_begin(&session, options, &progress);
	if (result == TOOL_DONE)
		result = load_and_dump(&session, options, &progress);
	session_close(&session);
	return result;
}
