/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "session.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input.h"
#include "measuring.h"
#include "place_names.h"
#include "session_machine.h"
#include "session_steps.h"

/* Whose device tree it is: without a file, a UKI's own or QEMU's. */
static const char *tree_path(const struct session *s)
{
	const struct options *o = s->options;

	for (size_t i = 0; i < o->setup_data_count; i++)
		if (o->setup_data[i].type == PVHLOAD_SETUP_DTB)
			return o->setup_data[i].path;
	return s->vmm ? "QEMU's device tree" : o->kernel;
}

/* Lay a failure at the door of the file that caused it; without one, at the kernel's. */
static int failed(const struct session *s, const struct pvhload_error *err)
{
	const struct options *o = s->options;
	const char *path = o->kernel;

	if (err->subject == PVHLOAD_SUBJECT_INITRD && err->index < o->initrd_count)
		path = o->initrds[err->index];
	else if (err->subject == PVHLOAD_SUBJECT_MODULE && err->index < o->module_count)
		path = o->modules[err->index].path;
	else if (err->subject == PVHLOAD_SUBJECT_SETUP_DATA && err->index < o->setup_data_count)
		path = o->setup_data[err->index].path;
	else if (err->subject == PVHLOAD_SUBJECT_FDT)
		path = tree_path(s);
	return tool_fail_with(path, err);
}

/* The kernel's file has been refused: it may be another one that was meant. */
static int failed_kernel(const struct session *s, const struct pvhload_error *err)
{
	const struct options *o = s->options;

	if (err->status != PVHLOAD_E_FORMAT || err->subject > PVHLOAD_SUBJECT_KERNEL)
		return failed(s, err);
	for (size_t i = 0; i < o->initrd_count; i++)
		if (input_is_kernel(o->initrds[i]))
			return tool_fail(o->kernel,
					 "%s; %s is a kernel image: are --kernel and --initrd "
					 "swapped?",
					 err->message, o->initrds[i]);
	return failed(s, err);
}

static int open_file(struct session *s, const char *path, struct pvhload_source *ret)
{
	const int fd = input_open(path, s->options->decode_limit);

	if (fd < 0)
		return TOOL_FAILED;
	s->fds[s->fd_count++] = fd;
	*ret = pvhload_source_fd(fd);
	return TOOL_DONE;
}

static int open_image(struct session *s, struct progress *progress)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	const struct pvhload_progress listener = progress_listener(progress);
	const struct pvhload_image_info *info;
	struct pvhload_source source;
	char text[32];
	int fd;

	fd = input_open(s->options->kernel, s->options->decode_limit);
	if (fd < 0)
		return TOOL_FAILED;
	s->fds[s->fd_count++] = fd;
	source = pvhload_source_fd(fd);
	if (tool_open_image(&source, s->options->firmware ? PVHLOAD_FORMAT_FIRMWARE : 0,
			    s->options->decode_limit, progress->on ? &listener : NULL, &s->image,
			    &err) != PVHLOAD_OK)
		return failed_kernel(s, &err);
	info = pvhload_image_get_info(s->image);
	progress_step(progress, "open", "%s, %s", pvhload_format_name(info->format),
		      tool_size_text(info->size, text));
	return TOOL_DONE;
}

/* What the options name, opened; the arrays that a config points to. */
struct files {
	struct pvhload_source *initrds;
	struct pvhload_source *module_sources;
	struct pvhload_boot_module *modules;
	struct pvhload_source *data_sources;
	struct pvhload_linux_setup_data *setup_data;
	struct pvhload_boot_keep_free *keep_free; /* of --claim, --hashes-table, the VMM */
	uint8_t hashes[PVHLOAD_KERNEL_HASHES_SIZE];
	struct pvhload_boot_place *places;
	struct pvhload_source firmware_vars;
	struct tree tree;
};

static bool files_alloc(const struct options *o, struct files *f)
{
	f->initrds = calloc(o->initrd_count + 1, sizeof(*f->initrds));
	f->module_sources = calloc(o->module_count + 1, sizeof(*f->module_sources));
	f->modules = calloc(o->module_count + 1, sizeof(*f->modules));
	f->data_sources = calloc(o->setup_data_count + 1, sizeof(*f->data_sources));
	f->setup_data = calloc(o->setup_data_count + 1, sizeof(*f->setup_data));
	f->keep_free = calloc(o->claim_count + VMM_CLAIMS_MAX + 1, sizeof(*f->keep_free));
	f->places = calloc(o->place_count + 1, sizeof(*f->places));
	return f->initrds && f->module_sources && f->modules && f->data_sources && f->setup_data &&
	       f->keep_free && f->places;
}

static void files_free(struct files *f)
{
	free(f->initrds);
	free(f->module_sources);
	free(f->modules);
	free(f->data_sources);
	free(f->setup_data);
	free(f->keep_free);
	free(f->places);
	session_free_tree(&f->tree);
}

/* What is setup_data on x86 is in the tree. */
static int open_tree(const struct session *s, struct files *f)
{
	const struct options *o = s->options;

	for (size_t i = 0; i < o->setup_data_count; i++)
		if (o->setup_data[i].type != PVHLOAD_SETUP_DTB &&
		    o->setup_data[i].type != PVHLOAD_SETUP_RNG_SEED)
			return tool_fail(o->kernel, "--setup-data: a kernel for %s has none",
					 pvhload_arch_name(s->arch));
	return session_make_tree(s, &f->tree);
}

static int files_open(struct session *s, struct files *f)
{
	const struct options *o = s->options;

	for (size_t i = 0; i < o->initrd_count; i++)
		TOOL_TRY(open_file(s, o->initrds[i], &f->initrds[i]));
	for (size_t i = 0; i < o->module_count; i++) {
		f->modules[i] = (struct pvhload_boot_module)PVHLOAD_BOOT_MODULE_INIT;
		f->modules[i].cmdline = o->modules[i].cmdline;
		f->modules[i].source = &f->module_sources[i];
		TOOL_TRY(open_file(s, o->modules[i].path, &f->module_sources[i]));
	}
	if (o->firmware_vars)
		TOOL_TRY(open_file(s, o->firmware_vars, &f->firmware_vars));
	if (session_has_tree(s))
		return open_tree(s, f);
	for (size_t i = 0; i < o->setup_data_count; i++) {
		f->setup_data[i] = (struct pvhload_linux_setup_data)PVHLOAD_LINUX_SETUP_DATA_INIT;
		f->setup_data[i].type = o->setup_data[i].type;
		f->setup_data[i].flags = o->setup_data[i].flags;
		f->setup_data[i].source = &f->data_sources[i];
		TOOL_TRY(open_file(s, o->setup_data[i].path, &f->data_sources[i]));
	}
	return TOOL_DONE;
}

/* Returns how many there are after it. */
static size_t fill_keep_free(const struct session *s, struct pvhload_boot_keep_free *ret)
{
	const struct options *o = s->options;
	size_t count = o->claim_count + o->hashes_table;

	for (size_t i = 0; i < o->claim_count; i++) {
		ret[i] = (struct pvhload_boot_keep_free)PVHLOAD_BOOT_KEEP_FREE_INIT;
		ret[i].gpa = o->claims[i].gpa;
		ret[i].size = o->claims[i].size;
		ret[i].name = o->claims[i].name;
	}
	if (s->vmm && session_has_tree(s))
		count += s->vmm->claims(s, &ret[count]);
	return count;
}

/* A range that has bytes: of the files that have been opened, and of the command line. */
static int fill_hashes(const struct session *s, struct files *f)
{
	const struct options *o = s->options;
	struct pvhload_boot_keep_free *range = &f->keep_free[o->claim_count];

	if (!o->hashes_table)
		return TOOL_DONE;
	TOOL_TRY(measure_hashes(s, f->hashes));
	*range = (struct pvhload_boot_keep_free)PVHLOAD_BOOT_KEEP_FREE_INIT;
	range->gpa = o->hashes_gpa;
	range->size = o->hashes_size;
	range->name = "hashes table";
	range->bytes = f->hashes;
	range->byte_count = sizeof(f->hashes);
	return TOOL_DONE;
}

/* Of the file, for Multiboot; NULL if it cannot be one word. */
static const char *kernel_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	return name[0] != '\0' && strcspn(name, " \t\n") == strlen(name) ? name : NULL;
}

/* All of the addresses that a firmware may take are ROM here, or a copy of it. */
static void give_firmware(const struct options *o, const struct files *f,
			  struct pvhload_boot_config *config)
{
	static const struct pvhload_range roms[] = {
		{ FIRMWARE_END - PVHLOAD_FIRMWARE_SIZE_MAX, PVHLOAD_FIRMWARE_SIZE_MAX },
		{ FIRMWARE_ALIAS_GPA, FIRMWARE_ALIAS_SIZE },
	};

	config->firmware_vars = o->firmware_vars ? &f->firmware_vars : NULL;
	config->roms = roms;
	config->rom_count = o->firmware ? sizeof(roms) / sizeof(roms[0]) : 0;
}

/* Plan, or, with guest memory, load. */
static int run_config(struct session *s, const struct pvhload_boot_config *config,
		      const struct pvhload_memory *mem, struct progress *progress)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	const enum pvhload_status status = mem ? pvhload_boot_load(config, mem, &s->plan, &err)
					       : pvhload_boot_plan(config, &s->plan, &err);

	s->loaded = mem && status == PVHLOAD_OK;
	session_say_decoded(s, progress);
	if (status != PVHLOAD_OK)
		return failed_kernel(s, &err);
	TOOL_TRY(places_check(s->options, pvhload_plan_get_info(s->plan)));
	if (mem)
		session_say_written(s, "load", progress);
	else
		progress_step(progress, "plan", "%s, %zu regions",
			      pvhload_protocol_name(pvhload_plan_get_info(s->plan)->protocol),
			      pvhload_plan_get_info(s->plan)->region_count);
	return TOOL_DONE;
}

static int make_plan(struct session *s, struct files *f, const struct pvhload_memory *mem,
		     struct progress *progress)
{
	const struct options *o = s->options;
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_boot_x86 x86 = PVHLOAD_BOOT_X86_INIT;
	struct pvhload_boot_arm64 arm64 = PVHLOAD_BOOT_ARM64_INIT;
	struct pvhload_boot_riscv64 riscv64 = PVHLOAD_BOOT_RISCV64_INIT;
	struct pvhload_boot_multiboot multiboot = PVHLOAD_BOOT_MULTIBOOT_INIT;
	const struct pvhload_progress listener = progress_listener(progress);

	TOOL_TRY(files_open(s, f));
	TOOL_TRY(fill_hashes(s, f));
	config.image = s->image;
	config.memmap = &s->map;
	config.cmdline = o->append;
	config.initrds = f->initrds;
	config.initrd_count = o->initrd_count;
	config.modules = f->modules;
	config.module_count = o->module_count;
	config.keep_free_count = fill_keep_free(s, f->keep_free);
	config.keep_free = f->keep_free;
	x86.setup_data = f->setup_data;
	x86.setup_data_count = o->setup_data_count;
	if (session_has_tree(s)) {
		config.fdt = f->tree.bytes ? &f->tree.fdt : NULL;
		config.arm64 = &arm64;
		config.riscv64 = &riscv64;
		x86.setup_data_count = 0;
	}
	arm64.exception_level = o->exception_level + 1;
	riscv64.boot_hart = o->boot_hart;
	give_firmware(o, f, &config);
	places_give(o, f->places);
	config.places = f->places;
	config.place_count = o->place_count;
	config.x86 = &x86;
	config.rsdp_gpa = o->rsdp;
	config.protocol = o->protocol;
	config.decompress = o->decompress;
	config.flags = o->guest == PVHLOAD_GUEST_LINUX   ? PVHLOAD_BOOT_LINUX
		       : o->guest == PVHLOAD_GUEST_OTHER ? PVHLOAD_BOOT_NOT_LINUX
							 : 0;
	config.flags |= o->append_how == APPEND_AFTER ? PVHLOAD_BOOT_UKI_APPEND : 0;
	config.uki_profile = o->profile;
	x86.paging_levels = o->paging_levels;
	x86.page_size = o->page_size;
	x86.flags = o->bda ? PVHLOAD_BOOT_X86_BDA : 0;
	multiboot.kernel_name = kernel_name(o->kernel);
	config.multiboot = &multiboot;
	config.progress = progress->on ? &listener : NULL;
	return run_config(s, &config, mem, progress);
}

int session_begin(struct session *s, const struct options *o, struct progress *progress)
{
	memset(s, 0, sizeof(*s));
	s->options = o;
	s->fds = calloc(2 + o->initrd_count + o->module_count + o->setup_data_count, sizeof(int));
	if (!s->fds)
		return tool_fail(o->kernel, "no memory");
	TOOL_TRY(open_image(s, progress));
	return session_find_machine(s);
}

int session_share(struct session *s)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;

	if (pvhload_image_share(s->image, &err) != PVHLOAD_OK)
		return failed_kernel(s, &err);
	return TOOL_DONE;
}

int session_load(struct session *s, const struct session_vmm *vmm, const struct pvhload_memory *mem,
		 struct progress *progress)
{
	struct files files = { .initrds = NULL };
	int status;

	s->vmm = vmm;
	status = session_make_map(s);
	if (status == TOOL_DONE)
		status = files_alloc(s->options, &files)
				 ? make_plan(s, &files, mem, progress)
				 : tool_fail(s->options->kernel, "no memory");
	files_free(&files);
	return status;
}

int session_plan(struct session *s, const struct session_vmm *vmm, struct progress *progress)
{
	return session_load(s, vmm, NULL, progress);
}

int session_open(struct session *session, const struct options *options, struct progress *progress)
{
	TOOL_TRY(session_begin(session, options, progress));
	return session_plan(session, NULL, progress);
}

void session_close(struct session *session)
{
	pvhload_plan_free(session->plan);
	pvhload_image_close(session->image);
	for (size_t i = 0; i < session->fd_count; i++)
		close(session->fds[i]);
	free(session->fds);
	free(session->map.entries);
}

int session_commit(struct session *session, const struct pvhload_memory *mem,
		   struct progress *progress)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;

	if (pvhload_plan_commit(session->plan, mem, &err) == PVHLOAD_E_CALLBACK &&
	    session->memory_file)
		return tool_fail(session->memory_file, "cannot write: %s", strerror(err.cause));
	if (err.status != PVHLOAD_OK)
		return failed(session, &err);
	session_say_written(session, "commit", progress);
	return TOOL_DONE;
}
