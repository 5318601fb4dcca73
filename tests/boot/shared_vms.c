/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Two guests at once on KVM, each in a process, of one kernel that was decoded once: the first has all of it mapped, the
 * second what it will not write soon.  Linux writes to its own text.  The machine is that of docs/examples/kvm.c.
 *
 *     shared_vms KERNEL INITRD COMMAND-LINE FOLDER
 *
 * FOLDER gets what each guest says.
 */
#include <sys/wait.h>

int example_main(int argc, char **argv);

#define main example_main
#include "../../docs/examples/kvm.c"
#undef main

#define GUESTS 2

static const uint32_t ways[GUESTS] = { PVHLOAD_MEMORY_ZEROED,
				       PVHLOAD_MEMORY_ZEROED | PVHLOAD_MEMORY_MAP_STEADY };

/* As boot() of the example, of an image, into memory that maps. */
static int boot_shared(struct vm *v, struct pvhload_image *image, char **argv, uint32_t flags,
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
					    .user = &slots,
					    .flags = flags };
	const struct pvhload_source initrd = pvhload_source_fd(open(argv[2], O_RDONLY));
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_plan *plan = NULL;

	for (size_t i = 0; i < v->slot_count; i++)
		v->slots[i].flags |= PVHLOAD_RAM_SLOT_MAP;
	config.image = image;
	config.initrds = &initrd;
	config.initrd_count = 1;
	config.memmap = &map;
	config.cmdline = argv[3];
	config.protocol = PVHLOAD_PROTOCOL_PVH;
	if (!pvhload_memmap_init_x86(&pc, &map, &err) && !pvhload_boot_plan(&config, &plan, &err) &&
	    !pvhload_plan_commit(plan, &mem, &err) && !pvhload_plan_get_x86_cpu(plan, cpu, &err))
		return 0;
	fprintf(stderr, "shared_vms: %s\n", err.message);
	return -1;
}

/* How much of the file is mapped here, and of how much of that this guest has a copy; in KiB. */
static void print_shares(void)
{
	FILE *smaps = fopen("/proc/self/smaps", "r");
	unsigned long size = 0, own = 0, value;
	int inside = 0;
	char line[512];

	while (smaps && fgets(line, sizeof(line), smaps))
		if (!strncmp(line, "Size:", 5) || !strncmp(line, "Anonymous:", 10)) {
			if (inside && sscanf(strchr(line, ':'), ": %lu", &value) == 1)
				*(line[0] == 'S' ? &size : &own) += value;
		} else if (strchr(line, '-') && line[0] != 'V') {
			inside = strstr(line, "/memfd:pvhload-image ") != NULL;
		}
	printf("\n@shares mapped=%lu own=%lu\n", size, own);
}

static int run_guest(struct pvhload_image *image, char **argv, int i)
{
	struct pvhload_x86_cpu cpu = PVHLOAD_X86_CPU_INIT;
	struct vm v = { .kvm = -1,
			.serial = { [IIR] = IIR_NONE, [LSR] = LSR_EMPTY, [MSR] = MSR_READY } };
	char path[256];

	snprintf(path, sizeof(path), "%s/guest%d", argv[4], i);
	if (!freopen(path, "w", stdout))
		return fail(path);
	if (make_vm(&v) < 0 || make_ram(&v) < 0 || set_cpuid(&v) < 0 ||
	    boot_shared(&v, image, argv, ways[i], &cpu) < 0 ||
	    pvhload_kvm_set_cpu(v.vcpu, &cpu) < 0 || run_vcpu(&v) < 0)
		return -1;
	print_shares();
	return fflush(stdout);
}

/* Is the file what the image decodes to? */
static int is_unchanged(struct pvhload_image *image, const char *path)
{
	const struct pvhload_source source = pvhload_source_fd(open(path, O_RDONLY));
	struct pvhload_image *again = NULL, *kernel;
	int same = !pvhload_image_open(&source, NULL, &again, NULL) &&
		   !pvhload_image_decode(again, NULL);
	const uint64_t size =
		pvhload_image_get_info(same ? pvhload_image_payload(again) : image)->size;
	char *a = malloc(size), *b = malloc(size);

	kernel = pvhload_image_payload(again);
	same = same && a && b && !pvhload_image_read(kernel, 0, a, size, NULL) &&
	       pread(pvhload_image_shared_fd(image), b, size, 0) == (ssize_t)size &&
	       memcmp(a, b, size) == 0;
	free(a);
	free(b);
	pvhload_image_close(again);
	return same;
}

int main(int argc, char **argv)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_image *image = NULL;
	int failed = 0, status;

	if (argc != 5) {
		fprintf(stderr, "usage: shared_vms KERNEL INITRD COMMAND-LINE FOLDER\n");
		return EXIT_FAILURE;
	}
	const struct pvhload_source source = pvhload_source_fd(open(argv[1], O_RDONLY));
	if (pvhload_image_open(&source, NULL, &image, &err) || pvhload_image_share(image, &err)) {
		fprintf(stderr, "shared_vms: %s\n", err.message);
		return EXIT_FAILURE;
	}
	for (int i = 0; i < GUESTS; i++)
		if (fork() == 0)
			_exit(run_guest(image, argv, i) < 0);
	for (int i = 0; i < GUESTS; i++)
		failed |= wait(&status) < 0 || status != 0;
	if (!failed && is_unchanged(image, argv[1]))
		puts("@unchanged");
	pvhload_image_close(image);
	return failed;
}
