/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Every public function that can fail, wrapped by the linker: what it returned goes to the file named
 * by PVHLOAD_STATUS_LOG, if that is set.  tests/check/statuses.py holds the log against the headers.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <pvhload/pvhload.h>

static enum pvhload_status record(const char *function, enum pvhload_status status)
{
	const char *path = getenv("PVHLOAD_STATUS_LOG");
	char line[128];
	int fd, n;

	if (!path)
		return status;
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	n = snprintf(line, sizeof(line), "%s %s\n", function, pvhload_status_name(status));
	if (fd < 0 || write(fd, line, (size_t)n) != n)
		abort();
	close(fd);
	return status;
}

#define WRAP(name, parameters, arguments)                      \
	enum pvhload_status __real_##name parameters;          \
	enum pvhload_status __wrap_##name parameters;          \
	enum pvhload_status __wrap_##name parameters           \
	{                                                      \
		return record(#name, __real_##name arguments); \
	}

WRAP(pvhload_boot_plan,
     (const struct pvhload_boot_config *config, struct pvhload_plan **plan,
      struct pvhload_error *err),
     (config, plan, err))
WRAP(pvhload_cmdline_add,
     (struct pvhload_cmdline * line, const char *key, const char *value, struct pvhload_error *err),
     (line, key, value, err))
WRAP(pvhload_cmdline_add_console,
     (struct pvhload_cmdline * line, const char *device, uint32_t baud, struct pvhload_error *err),
     (line, device, baud, err))
WRAP(pvhload_cmdline_add_earlycon,
     (struct pvhload_cmdline * line, const char *driver, uint32_t access, uint64_t address,
      uint32_t baud, struct pvhload_error *err),
     (line, driver, access, address, baud, err))
WRAP(pvhload_cmdline_add_list,
     (struct pvhload_cmdline * line, const char *key, const char *const *values, size_t count,
      struct pvhload_error *err),
     (line, key, values, count, err))
WRAP(pvhload_cmdline_add_virtio_mmio,
     (struct pvhload_cmdline * line, uint64_t size, uint64_t gpa, uint32_t irq, uint32_t id,
      struct pvhload_error *err),
     (line, size, gpa, irq, id, err))
WRAP(pvhload_cmdline_append,
     (struct pvhload_cmdline * line, const char *text, struct pvhload_error *err),
     (line, text, err))
WRAP(pvhload_cmdline_append_init_args,
     (struct pvhload_cmdline * line, const char *text, struct pvhload_error *err),
     (line, text, err))
WRAP(pvhload_cmdline_copy,
     (const struct pvhload_cmdline *line, size_t capacity, struct pvhload_cmdline **copy,
      struct pvhload_error *err),
     (line, capacity, copy, err))
WRAP(pvhload_cmdline_get,
     (const struct pvhload_cmdline *line, const char *key, size_t index,
      struct pvhload_cmdline_param *param, struct pvhload_error *err),
     (line, key, index, param, err))
WRAP(pvhload_cmdline_new,
     (size_t capacity, struct pvhload_cmdline **line, struct pvhload_error *err),
     (capacity, line, err))
WRAP(pvhload_cmdline_next,
     (const struct pvhload_cmdline *line, struct pvhload_cmdline_param *param,
      struct pvhload_error *err),
     (line, param, err))
WRAP(pvhload_cmdline_parse,
     (struct pvhload_cmdline * line, const char *text, struct pvhload_error *err),
     (line, text, err))
WRAP(pvhload_cmdline_remove,
     (struct pvhload_cmdline * line, const char *key, struct pvhload_error *err), (line, key, err))
WRAP(pvhload_cmdline_replace,
     (struct pvhload_cmdline * line, const char *key, const char *value, struct pvhload_error *err),
     (line, key, value, err))
WRAP(pvhload_cmdline_write,
     (const struct pvhload_cmdline *line, const struct pvhload_memory *mem, uint64_t gpa,
      struct pvhload_error *err),
     (line, mem, gpa, err))
WRAP(pvhload_x86_cpu_gdt,
     (const struct pvhload_x86_cpu *state, uint8_t *bytes, size_t capacity,
      struct pvhload_error *err),
     (state, bytes, capacity, err))
WRAP(pvhload_x86_cpu_init_linux32,
     (uint32_t entry, uint32_t zero_page_gpa, uint32_t gdt_gpa, struct pvhload_x86_cpu *state,
      struct pvhload_error *err),
     (entry, zero_page_gpa, gdt_gpa, state, err))
WRAP(pvhload_x86_cpu_init_linux64,
     (uint64_t entry, uint64_t zero_page_gpa, uint64_t gdt_gpa, uint64_t page_tables_gpa,
      uint32_t levels, struct pvhload_x86_cpu *state, struct pvhload_error *err),
     (entry, zero_page_gpa, gdt_gpa, page_tables_gpa, levels, state, err))
WRAP(pvhload_x86_cpu_init_pvh,
     (uint32_t entry, uint32_t start_info_gpa, uint32_t gdt_gpa, struct pvhload_x86_cpu *state,
      struct pvhload_error *err),
     (entry, start_info_gpa, gdt_gpa, state, err))
WRAP(pvhload_image_count_relocations,
     (const struct pvhload_image *image, struct pvhload_image_relocations *relocations,
      struct pvhload_error *err),
     (image, relocations, err))
WRAP(pvhload_image_decode, (struct pvhload_image * image, struct pvhload_error *err), (image, err))
WRAP(pvhload_image_explain,
     (struct pvhload_image * image, struct pvhload_image_explanation **explanation,
      struct pvhload_error *err),
     (image, explanation, err))
WRAP(pvhload_image_kernel_version,
     (const struct pvhload_image *image, char *text, size_t capacity, struct pvhload_error *err),
     (image, text, capacity, err))
WRAP(pvhload_image_load,
     (const struct pvhload_image *image, const struct pvhload_memory *mem,
      const struct pvhload_image_load_options *options, struct pvhload_image_load_result *result,
      struct pvhload_error *err),
     (image, mem, options, result, err))
WRAP(pvhload_image_open,
     (const struct pvhload_source *source, const struct pvhload_image_options *options,
      struct pvhload_image **image, struct pvhload_error *err),
     (source, options, image, err))
WRAP(pvhload_image_read,
     (const struct pvhload_image *image, uint64_t offset, void *dst, size_t len,
      struct pvhload_error *err),
     (image, offset, dst, len, err))
WRAP(pvhload_image_setup_header,
     (const struct pvhload_image *image, uint8_t *bytes, size_t capacity, size_t *size,
      struct pvhload_error *err),
     (image, bytes, capacity, size, err))
WRAP(pvhload_linux_write,
     (const struct pvhload_memory *mem, const struct pvhload_linux_layout *layout,
      const struct pvhload_linux_params *params, struct pvhload_error *err),
     (mem, layout, params, err))
WRAP(pvhload_linux_read,
     (const struct pvhload_memory *mem, uint64_t gpa, uint32_t flags,
      struct pvhload_linux_view **view, struct pvhload_error *err),
     (mem, gpa, flags, view, err))
WRAP(pvhload_memmap_add,
     (struct pvhload_memmap * map, uint64_t addr, uint64_t size, uint32_t type,
      struct pvhload_error *err),
     (map, addr, size, type, err))
WRAP(pvhload_memmap_init_x86,
     (const struct pvhload_memmap_x86 *x86, struct pvhload_memmap *map, struct pvhload_error *err),
     (x86, map, err))
WRAP(pvhload_memmap_normalize, (struct pvhload_memmap * map, struct pvhload_error *err), (map, err))
WRAP(pvhload_memmap_reserve,
     (struct pvhload_memmap * map, uint64_t addr, uint64_t size, uint32_t type,
      struct pvhload_error *err),
     (map, addr, size, type, err))
WRAP(pvhload_memmap_validate, (const struct pvhload_memmap *map, struct pvhload_error *err),
     (map, err))
WRAP(pvhload_memory_read,
     (const struct pvhload_memory *mem, uint64_t gpa, void *bytes, size_t len,
      struct pvhload_error *err),
     (mem, gpa, bytes, len, err))
WRAP(pvhload_memory_write,
     (const struct pvhload_memory *mem, uint64_t gpa, const void *bytes, size_t len,
      struct pvhload_error *err),
     (mem, gpa, bytes, len, err))
WRAP(pvhload_x86_page_tables_build,
     (const struct pvhload_x86_page_tables *spec, uint8_t *bytes, size_t capacity,
      struct pvhload_error *err),
     (spec, bytes, capacity, err))
WRAP(pvhload_x86_page_tables_size,
     (const struct pvhload_x86_page_tables *spec, uint64_t *bytes, struct pvhload_error *err),
     (spec, bytes, err))
WRAP(pvhload_plan_commit,
     (const struct pvhload_plan *plan, const struct pvhload_memory *mem, struct pvhload_error *err),
     (plan, mem, err))
WRAP(pvhload_pvh_read,
     (const struct pvhload_memory *mem, uint64_t gpa, uint32_t flags,
      struct pvhload_pvh_view **view, struct pvhload_error *err),
     (mem, gpa, flags, view, err))
WRAP(pvhload_pvh_write,
     (const struct pvhload_memory *mem, const struct pvhload_pvh_layout *layout,
      const struct pvhload_pvh_params *params, struct pvhload_error *err),
     (mem, layout, params, err))
