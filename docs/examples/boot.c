/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * The VMM's side of a boot: RAM in one piece, a kernel file, and the boot processor's first
 * registers at the end.  A VMM puts its own RAM and vCPU where this program allocates and prints.
 *
 * One slot is all of RAM up to 3 GiB, where the map has its MMIO hole; what is above goes to 4 GiB
 * and up in the guest, and takes a second slot (pvhload_ram_slots_ops()).
 *
 *     boot KERNEL
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <pvhload/pvhload.h>

static void run_vcpu(const struct pvhload_x86_cpu *cpu)
{
	printf("start at 0x%" PRIx64 " with ebx 0x%" PRIx64 "\n", cpu->rip, cpu->rbx);
}

static int boot(int kernel_fd, void *ram, uint64_t ram_size, struct pvhload_error *err)
{
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_memmap_entry entries[8];
	struct pvhload_image *image = NULL;
	struct pvhload_plan *plan = NULL;
	int failed = 1;

	/* README-begin */
	struct pvhload_memmap_x86 x86 = { .struct_size = sizeof(x86), .ram_size = ram_size };
	struct pvhload_memmap map = { .struct_size = sizeof(map),
				      .entries = entries,
				      .capacity = 8 };
	struct pvhload_ram_slot slot = { .gpa = 0, .size = ram_size, .host = ram };
	struct pvhload_memory mem = { .struct_size = sizeof(mem), .user = &slot };
	struct pvhload_source src = pvhload_source_fd(kernel_fd);

	mem.ops = pvhload_ram_flat_ops();
	if (pvhload_memmap_init_x86(&x86, &map, err) || pvhload_image_open(&src, NULL, &image, err))
		goto out;
	config.image = image;
	config.memmap = &map;
	config.cmdline = "console=ttyS0";
	if (pvhload_boot_load(&config, &mem, &plan, err))
		goto out;
	run_vcpu(pvhload_plan_get_info(plan)->x86_cpu);
	/* README-end */
	failed = 0;
out:
	pvhload_plan_free(plan);
	pvhload_image_close(image);
	return failed;
}

int main(int argc, char **argv)
{
	const size_t ram_size = 512u << 20;
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	void *ram = malloc(ram_size);
	int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
	int failed = 1;

	if (!ram || fd < 0)
		fprintf(stderr, "usage: boot KERNEL (which must exist)\n");
	else if ((failed = boot(fd, ram, ram_size, &err)) != 0)
		fprintf(stderr, "boot: %s\n", err.message);
	else if ((failed = fflush(stdout)) != 0)
		perror("boot: standard output");
	if (fd >= 0)
		close(fd);
	free(ram);
	return failed != 0;
}
