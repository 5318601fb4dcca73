/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* pvhload decode: what a guest's memory says, from a RAM file as dump writes it. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json.h"
#include "session.h"

static bool print_json(const struct pvhload_pvh_view *view)
{
	struct json_object *object = json_object_new_object();
	struct json_object *modules = json_object_new_array();

	for (size_t i = 0; i < view->module_count; i++) {
		struct json_object *module = json_object_new_object();

		json_add_number(module, "gpa", view->modules[i].gpa);
		json_add_number(module, "size", view->modules[i].size);
		json_add_text(module, "cmdline", view->modules[i].cmdline);
		json_object_array_add(modules, module);
	}
	json_add_number(object, "magic", view->magic);
	json_add_number(object, "version", view->version);
	json_add_number(object, "flags", view->flags);
	json_add_text(object, "cmdline", view->has_cmdline ? view->cmdline : NULL);
	json_add_number(object, "rsdp", view->rsdp_gpa);
	json_add(object, "modules", modules);
	json_add(object, "memmap", json_memmap(view->memmap, view->memmap_count));
	return json_print(object, stdout);
}

/* Guest text may hold anything; a terminal gets printable ASCII. */
static void print_guest_text(const char *text)
{
	for (; *text; text++)
		putchar(*text >= 0x20 && *text < 0x7f ? *text : '?');
}

static void print_text(const struct pvhload_pvh_view *view)
{
	printf("start info: magic 0x%" PRIx32 ", version %" PRIu32 ", flags 0x%" PRIx32 "\n",
	       view->magic, view->version, view->flags);
	if (view->has_cmdline) {
		printf("command line at 0x%" PRIx64 ": ", view->cmdline_gpa);
		print_guest_text(view->cmdline);
		printf("\n");
	} else {
		printf("command line: none\n");
	}
	printf("RSDP at 0x%" PRIx64 "\n", view->rsdp_gpa);
	printf("%zu modules, listed at 0x%" PRIx64 "\n", view->module_count, view->modlist_gpa);
	for (size_t i = 0; i < view->module_count; i++) {
		printf("  0x%010" PRIx64 " %" PRIu64 " bytes", view->modules[i].gpa,
		       view->modules[i].size);
		if (view->modules[i].cmdline) {
			printf(": ");
			print_guest_text(view->modules[i].cmdline);
		}
		printf("\n");
	}
	printf("%zu memory map entries at 0x%" PRIx64 "\n", view->memmap_count, view->memmap_gpa);
	for (size_t i = 0; i < view->memmap_count; i++)
		printf("  0x%010" PRIx64 " 0x%010" PRIx64 " bytes, type %" PRIu32 "\n",
		       view->memmap[i].addr, view->memmap[i].size, view->memmap[i].type);
}

/* All of a RAM file can be looked at; how the guest sees it, holes and all, it does not say. */
static int decode(const char *path, int fd, uint64_t gpa, bool json)
{
	struct pvhload_file_slot slots[RAM_SLOTS_MAX];
	struct pvhload_memmap_entry entries[RAM_SLOTS_MAX];
	struct pvhload_file_memory file = PVHLOAD_FILE_MEMORY_INIT;
	struct pvhload_memmap map = PVHLOAD_MEMMAP_INIT;
	struct pvhload_memory mem = PVHLOAD_MEMORY_INIT;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_pvh_view *view;
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0)
		return tool_fail(path,
				 "not a file of guest RAM: it is empty or not a regular file");
	file.fd = fd;
	file.slots = slots;
	file.count = session_ram_slots((uint64_t)st.st_size, slots);
	for (size_t i = 0; i < file.count; i++)
		entries[i] = (struct pvhload_memmap_entry){ slots[i].gpa, slots[i].size,
							    PVHLOAD_MEMMAP_RAM, 0 };
	map.entries = entries;
	map.capacity = map.count = file.count;
	mem.ops = pvhload_file_memory_ops();
	mem.user = &file;
	mem.memmap = &map;
	if (pvhload_pvh_read(&mem, gpa, &view, &err) != PVHLOAD_OK)
		return tool_fail(path, "%s", err.message);
	if (json)
		(void)print_json(view);
	else
		print_text(view);
	pvhload_pvh_view_free(view);
	return tool_finish_output();
}

int verb_decode(int argc, char **argv)
{
	static const struct option options[] = { { "json", no_argument, NULL, 'j' },
						 { "start-info", required_argument, NULL, 's' },
						 { NULL, 0, NULL, 0 } };
	bool json = false, has_gpa = false;
	uint64_t gpa = 0;
	int option, fd, result;

	opterr = 0;
	optind = 1;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == '?')
			return tool_usage("unknown option, or one without its value: '%s'",
					  argv[optind - 1]);
		if (option == 'j')
			json = true;
		else if (!tool_parse_number(optarg, false, &gpa))
			return tool_usage("--start-info takes an address");
		else
			has_gpa = true;
	}
	if (optind != argc - 1 || !has_gpa)
		return tool_usage("decode takes one MEMORY-FILE and --start-info GPA");
	fd = tool_open(argv[optind]);
	if (fd < 0)
		return TOOL_FAILED;
	result = decode(argv[optind], fd, gpa, json);
	close(fd);
	return result;
}
