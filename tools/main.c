/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* pvhload: what the library sees and does, on the command line. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

static const char help[] =
	"pvhload: look at, plan and boot x86 guest kernels\n"
	"\n"
	"  pvhload info    [--json] IMAGE\n"
	"  pvhload plan    BOOT-OPTIONS [--json] [--svg FILE]\n"
	"  pvhload boot    BOOT-OPTIONS [--vmm auto|qemu] [--timeout SECONDS]\n"
	"  pvhload dump    BOOT-OPTIONS --memory-file FILE --cpu-file FILE\n"
	"  pvhload extract IMAGE --output FILE\n"
	"  pvhload decode  [--json] MEMORY-FILE --start-info GPA|--zero-page GPA\n"
	"  pvhload --help|--version\n"
	"\n"
	"BOOT-OPTIONS\n"
	"  --kernel FILE            ELF file or bzImage, or one compressed\n"
	"  --initrd FILE            may be given again: the files are joined\n"
	"  --module FILE[,CMDLINE]  a further module for the guest; may be given again\n"
	"                           (without --initrd, Linux takes the first as its initrd)\n"
	"  --append TEXT            the kernel's command line\n"
	"  --memory SIZE            guest RAM, default 512M; K, M, G and T are known\n"
	"  --protocol auto|pvh|linux64|linux32\n"
	"                           how the kernel is entered\n"
	"  --decompress auto|host|guest\n"
	"                           who unpacks a bzImage; PVH needs the host to\n"
	"  --kaslr auto|off|SEED    this version does not relocate kernels: a seed is refused\n"
	"  --rng-seed FILE          random bytes for the kernel (Linux protocols)\n"
	"  --dtb FILE               a device tree (Linux protocols)\n"
	"  --setup-data TYPE[:apart],FILE\n"
	"                           any setup_data, TYPE a name or a number; may be given again\n"
	"  --paging 4|5[,1G]        page tables for the 64-bit entry, with 2 MiB or 1 GiB pages\n"
	"  --place REGION,GPA       put a region where you want it, as in kernel,32M\n"
	"  --rsdp GPA               address of the ACPI RSDP, handed to the guest\n"
	"  --reserve GPA,SIZE[,TYPE]\n"
	"                           take a range out of RAM, E820 type 2 or TYPE\n"
	"  --claim GPA,SIZE[,NAME]  keep a range free that stays RAM for the guest\n"
	"\n"
	"  boot runs the guest in qemu-system-x86_64, its serial console on this terminal;\n"
	"  Ctrl-A x ends it.  extract and dump write what they name; plan draws what goes\n"
	"  where, with --svg as a picture for documents too; decode shows what can be read\n"
	"  and says what cannot, and what would stop Linux.\n"
	"  More is in pvhload(1).\n"
	"\n"
	"Exit status: 0 done, 1 refused or failed, 2 wrong usage.\n";

static const struct {
	const char *name;
	tool_verb_fn *run;
} verbs[] = {
	{ "info", verb_info }, { "plan", verb_plan },       { "boot", verb_boot },
	{ "dump", verb_dump }, { "extract", verb_extract }, { "decode", verb_decode },
};

/* A file opened in the place of standard input or output would be taken for it. */
static void open_standard_files(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	open_standard_files();
	if (argc < 2)
		return tool_usage("no verb given");
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		fputs(help, stdout);
		return tool_finish_output();
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("pvhload %s\n", pvhload_version());
		return tool_finish_output();
	}
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(argv[1], verbs[i].name) != 0)
			continue;
		if (argc == 3 && strcmp(argv[2], "--help") == 0) {
			fputs(help, stdout);
			return tool_finish_output();
		}
		return verbs[i].run(argc - 1, argv + 1);
	}
	return tool_usage("unknown verb '%s'", argv[1]);
}
