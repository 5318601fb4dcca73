/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "options_table.h"

#include <assert.h>

#define AT(member) offsetof(struct options, member)

/* In the order of --help; the options of planning first. */
const struct option_row option_rows[] = {
	{ "kernel", "FILE", VERBS_PLANNING, OPTION_REQUIRED,
	  "ELF file or bzImage, one compressed, or a UKI; - is stdin", option_set_text,
	  AT(kernel) },
	{ "initrd", "FILE", VERBS_PLANNING, OPTION_REPEATS,
	  "may be given again: the files are joined", option_append_initrd, 0 },
	{ "module", "FILE[,CMDLINE]", VERBS_PLANNING, OPTION_REPEATS,
	  "a further module for the guest; may be given again\n"
	  "(without --initrd, Linux takes the first as its initrd)",
	  option_append_module, 0 },
	{ "append", "TEXT", VERBS_PLANNING, 0, "the kernel's command line", option_set_text,
	  AT(append) },
	{ "profile", "N", VERBS_PLANNING, 0, "which of a UKI's profiles; 0, the first, by default",
	  option_set_profile, AT(profile) },
	{ "uki-cmdline", "replace|append", VERBS_PLANNING, 0,
	  "whether --append is in place of a UKI's command line, or after it", option_set_choice,
	  AT(append_how) },
	{ "memory", "SIZE", VERBS_PLANNING, 0,
	  "guest RAM, default 512M; K, M, G, T, MiB, 0.5G are known", option_set_memory, 0 },
	{ "protocol", "auto|pvh|linux64|linux32|arm64|riscv64|multiboot1|multiboot2",
	  VERBS_PLANNING, 0, "how the kernel is entered", option_set_protocol, AT(protocol) },
	{ "guest", "auto|linux|other", VERBS_PLANNING, 0,
	  "whether the guest is Linux; auto goes by the image", option_set_choice, AT(guest) },
	{ "decompress", "auto|host|guest", VERBS_PLANNING, 0,
	  "who decodes a bzImage; PVH needs the host to", option_set_choice, AT(decompress) },
	{ "kaslr", "auto|off|SEED", VERBS_PLANNING, 0,
	  "a seed for an arm64 kernel, which moves itself;\n"
	  "this version does not relocate x86 kernels, and refuses one",
	  option_set_kaslr, 0 },
	{ "rng-seed", "FILE", VERBS_PLANNING, OPTION_REPEATS,
	  "random bytes for the kernel (by any but PVH)", option_append_rng_seed, 0 },
	{ "dtb", "FILE", VERBS_PLANNING, OPTION_REPEATS,
	  "the machine's device tree (arm64, riscv64; x86 by Linux protocols)", option_append_dtb,
	  0 },
	{ "ram-base", "GPA", VERBS_PLANNING, 0,
	  "where RAM begins; arm64: 0x40000000, riscv64: 0x80000000", option_set_ram_base, 0 },
	{ "exception-level", "1|2", VERBS_PLANNING, 0, "of an arm64 processor, default 1",
	  option_set_choice, AT(exception_level) },
	{ "boot-hart", "N", VERBS_PLANNING, 0, "number of the riscv64 hart that boots, default 0",
	  option_set_number, AT(boot_hart) },
	{ "setup-data", "TYPE[:apart],FILE", VERBS_PLANNING, OPTION_REPEATS,
	  "any setup_data, TYPE a name or a number; may be given again", option_append_setup_data,
	  0 },
	{ "paging", "4|5[,1G]", VERBS_PLANNING, 0,
	  "page tables for the 64-bit entry, with 2 MiB or 1 GiB pages", option_set_paging, 0 },
	{ "place", "REGION,GPA", VERBS_PLANNING, OPTION_REPEATS,
	  "put a region where you want it, as in kernel,32M", option_append_place, 0 },
	{ "rsdp", "GPA", VERBS_PLANNING, 0, "address of the ACPI RSDP, handed to the guest",
	  option_set_gpa, AT(rsdp) },
	{ "bda", NULL, VERBS_PLANNING, 0, "write the BIOS data area's words that Xen reads",
	  option_set_true, AT(bda) },
	{ "hashes-table", "GPA[,SIZE]", VERBS_PLANNING, 0,
	  "put the table of kernel hashes where a firmware looks for it", option_set_hashes_table,
	  0 },
	{ "reserve", "GPA,SIZE[,TYPE]", VERBS_PLANNING, OPTION_REPEATS,
	  "take a range out of RAM, E820 type 2 or TYPE", option_append_reserve, 0 },
	{ "claim", "GPA,SIZE[,NAME]", VERBS_PLANNING, OPTION_REPEATS,
	  "keep a range free that stays RAM for the guest", option_append_claim, 0 },

	{ "decode-limit", "SIZE", VERBS_PLANNING | VERB_INFO | VERB_EXTRACT, 0,
	  "most bytes that a kernel may decode to, default 256M", option_set_size,
	  AT(decode_limit) },
	{ "json", NULL, VERB_INFO | VERB_PLAN | VERB_MEASURE | VERB_DECODE, 0,
	  "JSON instead of text", option_set_true, AT(json) },
	{ "svg", "FILE", VERB_PLAN, 0, "write the picture for documents as well", option_set_text,
	  AT(svg) },
	{ "vmm", "auto|kvm|qemu", VERB_BOOT, 0,
	  "what runs the guest; auto is KVM where the processor has it", option_set_choice,
	  AT(vmm) },
	{ "cpus", "N", VERB_BOOT, 0, "processors, by KVM up to 16, default 1", option_set_cpus, 0 },
	{ "reboots", "N", VERB_BOOT, 0, "start a guest that resets anew, up to N times; default 0",
	  option_set_reboots, 0 },
	{ "timeout", "SECONDS", VERB_BOOT, 0,
	  "end a guest that has not ended by then; 0, the default, waits", option_set_timeout, 0 },
	{ "expect-silence", NULL, VERB_BOOT, 0,
	  "the guest is meant to write nothing: that it resets is no failure", option_set_true,
	  AT(expect_silence) },
	{ "memory-file", "FILE", VERB_DUMP, OPTION_REQUIRED, "where guest RAM goes",
	  option_set_text, AT(memory_file) },
	{ "cpu-file", "FILE", VERB_DUMP, OPTION_REQUIRED, "where the processor's state goes",
	  option_set_text, AT(cpu_file) },
	{ "output", "FILE", VERB_EXTRACT, OPTION_REQUIRED, "where it goes; - is stdout",
	  option_set_text, AT(output) },
	{ "part", "loaded|linux|initrd|cmdline|dtb|dtbauto|hwids|ucode|osrel|uname|sbat|profile",
	  VERB_EXTRACT, 0, "a section of a UKI, as it is; by default, what is loaded of the kernel",
	  option_set_choice, AT(part) },
	{ "profile", "N", VERB_EXTRACT, 0, "which of a UKI's profiles; 0, the first, by default",
	  option_set_profile, AT(profile) },
	{ "start-info", "GPA", VERB_DECODE, OPTION_ONE_OF, "read PVH's start info at this address",
	  option_set_start_info, AT(gpa) },
	{ "zero-page", "GPA", VERB_DECODE, OPTION_ONE_OF, "read Linux's zero page at this address",
	  option_set_zero_page, AT(gpa) },
	{ "fdt", "GPA", VERB_DECODE, OPTION_ONE_OF, "read the device tree at this address",
	  option_set_fdt, AT(gpa) },
	{ "ram-base", "GPA", VERB_DECODE, 0, "where the file's RAM begins, default 0",
	  option_set_ram_base, 0 },
	{ "guest", "auto|linux|other", VERB_DECODE, 0,
	  "whose limits start info is held against; auto is Linux", option_set_choice, AT(guest) },
	{ "help", NULL, VERBS_ALL | VERB_NONE, OPTION_ONE_OF | OPTION_LETTER('h'),
	  "show this; also -h, and 'help VERB'", option_set_true, AT(help) },
	{ "version", NULL, VERB_NONE, OPTION_ONE_OF | OPTION_LETTER('V'),
	  "show the version of the library; also -V", option_set_true, AT(version) },
};
const size_t option_row_count = sizeof(option_rows) / sizeof(option_rows[0]);

static_assert(sizeof(option_rows) / sizeof(option_rows[0]) <= OPTION_ROWS_MAX,
	      "options_parse() has a bit for each");

bool option_is_own(const struct option_row *row, const struct verb *verb)
{
	if (verb->bit == VERB_NONE)
		return (row->verbs & VERB_NONE) != 0;
	return (row->verbs & verb->bit) != 0 && (row->verbs & VERB_NONE) == 0 &&
	       row->verbs != VERBS_PLANNING;
}
