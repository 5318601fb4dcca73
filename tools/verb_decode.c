/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* pvhload decode: what a guest's memory says, from a RAM file as dump writes it. */
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "decode.h"
#include "json.h"
#include "session.h"
#include "verbs.h"

const char *decode_cmdline(const char *text, uint64_t gpa, uint32_t incomplete)
{
	if (gpa == 0 || (text[0] == '\0' && (incomplete & PVHLOAD_PART_CMDLINE) != 0))
		return NULL;
	return text;
}

int decode_finish(struct json_object *object, struct pvhload_check *check, uint32_t guest)
{
	if (object) {
		json_add(object, "warnings", warnings_json(check));
		(void)json_print(object, stdout);
	} else {
		warnings_print(check, guest);
	}
	pvhload_check_free(check);
	return tool_finish_output();
}

/* What can be read, in the order of READS_*. */
static const struct {
	int (*decode)(const struct pvhload_memory *mem, const struct options *options);
	const char *linux_alone; /* NULL: a guest may be another */
} readers[] = {
	[READS_START_INFO] = { decode_start_info, NULL },
	[READS_ZERO_PAGE] = { decode_zero_page, "a zero page is Linux's" },
	[READS_FDT] = { decode_fdt, "a device tree is judged by what Linux does with it" },
};

/* All of a RAM file can be looked at; how the guest sees it, holes and all, it does not say. */
static int decode(int fd, const struct options *options)
{
	struct pvhload_ram_file_slot slots[RAM_SLOTS_MAX];
	struct pvhload_memmap_entry entries[RAM_SLOTS_MAX];
	struct pvhload_ram_file file = PVHLOAD_RAM_FILE_INIT;
	struct pvhload_memmap map = PVHLOAD_MEMMAP_INIT;
	struct pvhload_memory mem = PVHLOAD_MEMORY_INIT;
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0)
		return tool_fail(options->operand,
				 "not a file of guest RAM: it is empty or not a regular file");
	file.fd = fd;
	file.slots = slots;
	file.count = session_x86_slots((uint64_t)st.st_size, slots);
	if (options->ram_base != 0) {
		slots[0] = (struct pvhload_ram_file_slot){ .gpa = options->ram_base,
							   .size = (uint64_t)st.st_size };
		file.count = 1;
	}
	for (size_t i = 0; i < file.count; i++)
		entries[i] = (struct pvhload_memmap_entry){ .gpa = slots[i].gpa,
							    .size = slots[i].size,
							    .type = PVHLOAD_MEMMAP_RAM };
	map.entries = entries;
	map.capacity = map.count = file.count;
	mem.ops = pvhload_ram_file_ops();
	mem.user = &file;
	mem.memmap = &map;
	return readers[options->reads].decode(&mem, options);
}

int verb_decode(const struct options *options)
{
	int fd, result;

	if (options->guest == PVHLOAD_GUEST_OTHER && readers[options->reads].linux_alone)
		return tool_usage("--guest other: %s", readers[options->reads].linux_alone);
	fd = tool_open(options->operand);
	if (fd < 0)
		return TOOL_FAILED;
	result = decode(fd, options);
	close(fd);
	return result;
}
