/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Two guests made at the same time by two threads, as a VMM does that serves many.  The library has no lock that a
 * caller could see and no state of its own; what a thread needs to itself is its plan and its guest's memory.
 *
 *     two_vms KERNEL            both guests from one opened image
 *     two_vms KERNEL KERNEL     each from its own
 */
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <pvhload/pvhload.h>

#define GUESTS   2
#define RAM_SIZE (256u << 20)

struct guest {
	struct pvhload_image *image; /* may be another guest's as well */
	const char *cmdline;
	/* what its thread makes of it */
	void *ram;
	struct pvhload_x86_cpu cpu;
	struct pvhload_error err;
	int result;
};

static int boot(struct guest *g)
{
	const struct pvhload_memmap_x86 x86 = { .struct_size = sizeof(x86), .ram_size = RAM_SIZE };
	struct pvhload_ram_slot slot = { .size = RAM_SIZE,
					 .host = g->ram,
					 .flags = PVHLOAD_RAM_SLOT_ZEROED };
	const struct pvhload_memory mem = { .struct_size = sizeof(mem),
					    .ops = pvhload_ram_flat_ops(),
					    .user = &slot };
	struct pvhload_memmap_entry entries[8];
	struct pvhload_memmap map = { .struct_size = sizeof(map),
				      .entries = entries,
				      .capacity = 8 };
	struct pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	struct pvhload_plan *plan = NULL;
	int result = -1;

	config.image = g->image;
	config.memmap = &map;
	config.cmdline = g->cmdline;
	if (!pvhload_memmap_init_x86(&x86, &map, &g->err) &&
	    !pvhload_boot_plan(&config, &plan, &g->err) &&
	    !pvhload_plan_commit(plan, &mem, &g->err) &&
	    !pvhload_plan_get_x86_cpu(plan, &g->cpu, &g->err))
		result = 0;
	pvhload_plan_free(plan);
	return result;
}

static void *guest_thread(void *user)
{
	struct guest *g = user;

	g->result = boot(g);
	return NULL;
}

static struct pvhload_image *open_image(const char *path)
{
	const int fd = open(path, O_RDONLY);
	const struct pvhload_source source = pvhload_source_fd(fd);
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_image *image = NULL;

	if (fd < 0)
		perror(path);
	else if (pvhload_image_open(&source, NULL, &image, &err))
		fprintf(stderr, "%s: %s\n", path, err.message);
	if (fd >= 0)
		close(fd); /* the image has a duplicate */
	return image;
}

/* All guests at once; 0 if each is ready to run. */
static int boot_all(struct guest guests[GUESTS])
{
	pthread_t threads[GUESTS];
	int started = 0, failed = 0;

	while (started < GUESTS &&
	       !pthread_create(&threads[started], NULL, guest_thread, &guests[started]))
		started++;
	for (int i = 0; i < started; i++) {
		pthread_join(threads[i], NULL);
		if (guests[i].result == 0)
			printf("guest %d: '%s' starts at 0x%" PRIx64 "\n", i, guests[i].cmdline,
			       guests[i].cpu.rip);
		else
			fprintf(stderr, "guest %d: %s\n", i, guests[i].err.message);
		failed |= guests[i].result;
	}
	return started == GUESTS ? failed : -1;
}

int main(int argc, char **argv)
{
	static const char *const cmdlines[GUESTS] = { "console=ttyS0 guest=0",
						      "console=ttyS0 guest=1" };
	struct pvhload_image *images[GUESTS] = { NULL };
	struct guest guests[GUESTS];
	int result = -1, ready = 1;

	if (argc != 2 && argc != 3) {
		fprintf(stderr, "usage: two_vms KERNEL [KERNEL]\n");
		return 1;
	}
	for (int i = 0; i < argc - 1; i++)
		images[i] = open_image(argv[1 + i]);
	for (int i = 0; i < GUESTS; i++) {
		guests[i] = (struct guest){ .image = images[i < argc - 1 ? i : 0],
					    .cmdline = cmdlines[i],
					    .ram = calloc(1, RAM_SIZE),
					    .cpu = PVHLOAD_X86_CPU_INIT,
					    .err = PVHLOAD_ERROR_INIT };
		ready &= guests[i].image && guests[i].ram;
	}
	if (ready)
		result = boot_all(guests);
	for (int i = 0; i < GUESTS; i++) {
		free(guests[i].ram);
		pvhload_image_close(images[i]); /* no thread is using it any more */
	}
	return result != 0 || fflush(stdout) != 0 || ferror(stdout);
}
