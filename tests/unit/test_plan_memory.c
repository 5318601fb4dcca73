/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What the command line takes away from a Linux guest, and what its own KASLR may go over. */
#include <stdio.h>

#include "plan_fixture.h"

#define OF(array) (int)(sizeof(array) / sizeof((array)[0]))

/* A kernel at 1 to 2.01 MiB that cannot be moved, and a page of initrd, in 512 MiB. */
static const struct {
	const char *cmdline;
	uint64_t initrd;   /* where it goes; 0: the plan is refused with @status */
	const char *shows; /* at the end of the reason, or in the message; NULL: nothing is taken */
	enum pvhload_status status;
} words[] = {
	{ "quiet", 0x1ffff000, NULL, 0 },
	{ "mem=256M", 0xffff000, "; mem=256M takes all from 0x10000000 on away", 0 },
	{ "mem=0x10000000", 0xffff000, "; mem=0x10000000 takes all", 0 },
	{ "mem=02000000000", 0xffff000, "; mem=02000000000 takes all from 0x10000000", 0 },
	{ "memmap=1T$448M", 0x1bfff000, "takes [0x1c000000, 0x1001c000000) away", 0 },
	{ "memmap=1p$448M", 0x1bfff000, "takes [0x1c000000, 0x400001c000000) away", 0 },
	{ "memmap=1E$448M", 0x1bfff000, "takes [0x1c000000, 0x100000001c000000", 0 },
	{ "memmap=262144k quiet", 0xffff000, "; memmap=262144k takes all from 0x10000000", 0 },
	{ "memmap=64M$448M", 0x1bfff000, "; memmap=64M$448M takes [0x1c000000, 0x20000000) away",
	  0 },
	{ "memmap=64M#0x1c000000", 0x1bfff000, "takes [0x1c000000, 0x20000000) away", 0 },
	{ "memmap=0x4000000!448M", 0x1bfff000, "takes [0x1c000000, 0x20000000) away", 0 },
	{ "memmap=64M%448M-1+2", 0x1bfff000, "memmap=64M%448M-1+2 takes [0x1c000000", 0 },
	{ "memmap=64M%448M", 0x1bfff000, "memmap=64M%448M takes [0x1c000000, 0x20000000)", 0 },
	{ "memmap=64M%448M-1", 0x1bfff000, "memmap=64M%448M-1 takes [0x1c000000, 0x20000000)", 0 },
	{ "memmap=64M%448M+2", 0x1bfff000, "memmap=64M%448M+2 takes [0x1c000000, 0x20000000)", 0 },
	{ "memmap=64M%448M-01+0x2", 0x1bfff000, "takes [0x1c000000, 0x20000000) away", 0 },
	{ "memmap=x,64M$448M", 0x1bfff000, "; memmap=64M$448M takes", 0 },
	{ "memmap=64M$448Mx", 0x1bfff000, "memmap=64M$448Mx takes [0x1c000000, 0x20000000)", 0 },
	/* a size that none of the signs follows is a limit; numbers wrap */
	{ "memmap=256MB", 0xffff000, "; memmap=256MB takes all from 0x10000000 on away", 0 },
	{ "memmap=256Mx448M", 0xffff000, "; memmap=256Mx448M takes all from 0x10000000", 0 },
	{ "mem=256MB", 0xffff000, "; mem=256MB takes all from 0x10000000", 0 },
	{ "mem=0x100000000010000000", 0xffff000, "takes all from 0x10000000 on away", 0 },
	{ "memmap=1G$448M", 0x1bfff000, "takes [0x1c000000, 0x5c000000) away", 0 },
	{ "memmap=32M$480M,32M$448M", 0x1bfff000,
	  "; memmap=32M$480M takes [0x1e000000, 0x20000000) away; memmap=32M$448M takes", 0 },
	{ "memmap=64M$448M mem=400M", 0x18fff000, "mem=400M takes all from 0x19000000 on", 0 },
	{ "memmap=\"64M$448M\"", 0x1bfff000, "memmap=64M$448M takes", 0 },
	{ "\"memmap=64M$448M\"", 0x1bfff000, "memmap=64M$448M takes", 0 },
	{ "memmap=64M$448M,64M$480M", 0x1bfff000, "memmap=64M$480M takes [0x1e000000", 0 },
	/* what is not Linux's RAM anyway, other forms, and what is init's */
	{ "mem=1G", 0x1ffff000, NULL, 0 },
	{ "memmap=1G$1G memmap=0$448M", 0x1ffff000, NULL, 0 },
	{ "mem=nopentium mem=0 mem= mem memmap", 0x1ffff000, NULL, 0 },
	{ "memmap=$448M memmap=,, memmap=x memmap=xM$448M memmap=M$448M", 0x1ffff000, NULL, 0 },
	{ "mem=99999999999999999999 mem=99999999E", 0x1ffff000, NULL, 0 },
	{ "xmem=1M mem.x=1M memmaps=64M$448M", 0x1ffff000, NULL, 0 },
	{ "quiet -- mem=1M memmap=64M$448M", 0x1ffff000, NULL, 0 },
	{ "memmap=64M@448M", 0x1ffff000, NULL, 0 },
	/* not from RAM, to RAM, to what it was, and with what Linux does not read */
	{ "memmap=512M%0-2+1 memmap=512M%0-2 memmap=512M%0-2+3", 0x1ffff000, NULL, 0 },
	{ "memmap=512M%0+1 memmap=512M%0-1+1", 0x1ffff000, NULL, 0 },
	{ "memmap=512M%0-1+2x memmap=512M%0x memmap=512M%0+2-1", 0x1ffff000, NULL, 0 },
	/* the kernel has nowhere to be */
	{ "memmap=1M$1M", 0, "overlaps memmap=1M$1M [0x100000, 0x200000)", PVHLOAD_E_OVERLAP },
	{ "mem=2M", 0, "overlaps mem=2M [0x200000, ", PVHLOAD_E_OVERLAP },
	{ "memmap=64M$", 0, "with what memmap=64M$ leaves of RAM", PVHLOAD_E_MEMMAP },
	{ "memmap=0", 0, "with what memmap=0 leaves of RAM", PVHLOAD_E_MEMMAP },
	{ "memmap=1M$2047K", 0, "overlaps memmap=1M$2047K", PVHLOAD_E_OVERLAP },
	/* only what is named */
	{ "memmap=exactmap memmap=640K@0 memmap=128M@1M", 0x1ffff000,
	  "; memmap=exactmap leaves the kernel [0x0, 0x9fc00); and [0x100000, 0x8100000)", 0 },
	{ "memmap=exactmap memmap=640K@0 memmap=64M@1M,64M%65M+1", 0x1ffff000,
	  "; memmap=exactmap leaves the kernel [0x0, 0x9fc00); and [0x100000, 0x8100000)", 0 },
	{ "mem=1M memmap=1M$1M,exactmap,64K@64K,1M@1M,127M@2M", 0x1ffff000,
	  "; memmap=exactmap leaves the kernel [0x10000, 0x20000); and [0x100000, 0x8100000)", 0 },
	{ "memmap=exactmap,640K@0,128M@1M mem=64M", 0x3fff000, "; mem=64M takes all from 0x4000000",
	  0 },
	{ "memmap=exactmap,640K@0,1M@1M", 0,
	  "with what memmap=exactmap leaves of RAM: kernel segment 1 [0x200000, 0x203000) leaves "
	  "RAM: the memory map ends at 0x200000",
	  PVHLOAD_E_RANGE },
	{ "memmap=exactmap,640K@0 memmap=1M@1G", 0, "memmap=exactmap leaves of RAM: kernel segment",
	  PVHLOAD_E_RANGE },
	{ "memmap=exactmap,640K@0,128M@1M,4K$1M", 0, "overlaps memmap=4K$1M", PVHLOAD_E_OVERLAP },
	/* what is left is no map for Linux */
	{ "memmap=exactmap", 0, "after memmap=exactmap: the memory map has 0 entries; Linux",
	  PVHLOAD_E_MEMMAP },
	{ "memmap=1M$200M memmap=exactmap mem=1G memmap=400M@0,x,4K%1M", 0,
	  "after memmap=exactmap: the memory map has 1 entry; Linux", PVHLOAD_E_MEMMAP },
	{ "memmap=exactmap,400M@0,0$1M", 0x1ffff000, "leaves the kernel [0x0, 0x9fc00)", 0 },
	{ "memmap=exactmap,400M@0,4K%200M+2", 0x1ffff000, "4K%200M+2 takes", 0 },
	{ "memmap=exactmap memmap=400M@1M,4K@0", 0,
	  "with what memmap=exactmap leaves of RAM: the memory map has no 28 KiB of RAM",
	  PVHLOAD_E_MEMMAP },
	{ "memmap=exactmap memmap=400M@1M,28K@64K", 0x1ffff000, "leaves the kernel [0x10000", 0 },
	{ "memmap=exactmap memmap=400M@1M,28K@64K memmap=1$94207", 0,
	  "with what memmap=exactmap and others leaves of RAM: the memory map has no 28 KiB of RAM "
	  "in one piece between 64 KiB and 640 KiB, where Linux puts its trampoline: the largest "
	  "piece has 28671 bytes, 1 too few",
	  PVHLOAD_E_MEMMAP },
	{ "memmap=1M$200M memmap=640K$0", 0,
	  "with what memmap=640K$0 leaves of RAM: the memory map", PVHLOAD_E_MEMMAP },
	{ "memmap=64K#64K memmap=4K!155K,145K%159K-1,340K$304K", 0,
	  "with what memmap=64K#64K and others leaves of RAM: the memory map has no 28 KiB of RAM",
	  PVHLOAD_E_MEMMAP },
	{ "memmap=92K$0 memmap=512K$120K", 0x1ffff000, "memmap=512K$120K takes", 0 },
};

START_TEST(words_of_the_command_line)
{
	static const uint8_t page[4096];
	const struct pvhload_source initrd = pvhload_source_buffer(page, sizeof(page));
	const char *shows = words[_i].shows;
	struct plan_fixture f;

	plan_setup(&f, 512 * MIB);
	f.config.initrds = &initrd;
	f.config.initrd_count = 1;
	f.config.cmdline = words[_i].cmdline;
	if (words[_i].initrd == 0) {
		const struct pvhload_error err = refused(&f, words[_i].status);

		ck_says(err, shows);
	} else {
		const struct pvhload_plan_info *info = plan(&f);

		expect_region(info, "initrd", words[_i].initrd, sizeof(page));
		ck_assert_msg(strstr(info->reason, shows ? shows : "asked for") != NULL, "%s",
			      info->reason);
		ck_assert_msg(shows || strcmp(info->reason, "asked for") == 0, "%s", info->reason);
	}
	/* not Linux's words, if it is not Linux */
	f.config.flags = PVHLOAD_BOOT_NOT_LINUX;
	expect_region(plan(&f), "initrd", 0x1ffff000, sizeof(page));
	ck_assert_str_eq(pvhload_plan_get_info(f.plan)->reason, "asked for");
	plan_teardown(&f);
}
END_TEST

/* By every protocol, a kernel that can be moved moves; structures and what is kept free as well. */
START_TEST(every_protocol)
{
	static const uint32_t protocols[] = { PVHLOAD_PROTOCOL_X86_LINUX64,
					      PVHLOAD_PROTOCOL_X86_LINUX32 };
	const struct pvhload_boot_keep_free kept = KEEP_FREE(0x1200000, 0x1000, "a log");
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct plan_fixture f;

	for (size_t i = 0; i < 2; i++) {
		bzimage_setup(&f, 512 * MIB, protocols[i]);
		f.config.cmdline = "memmap=64M$16M memmap=0x1000$0x7000";
		f.config.keep_free = &kept; /* in what is taken away */
		f.config.keep_free_count = 1;
		f.config.rsdp_gpa = 0x1300000;
		info = plan(&f);
		ck_assert_uint_eq(info->kernel_gpa, 0x5000000);
		expect_region(info, "zero page", 0x1000, 0x1000);
		f.config.cmdline = "memmap=exactmap,640K@0,128M@128M nokaslr";
		ck_assert_uint_eq(plan(&f)->kernel_gpa, 0x8000000);
		f.config.cmdline = "mem=48M nokaslr";
		err = refused(&f, PVHLOAD_E_NO_ROOM);
		ck_says(err, "no room for kernel");
		f.config.cmdline = "memmap=4K$64M";
		set_place(&f, PVHLOAD_REGION_CMDLINE, 0, 0x4000800);
		f.config.keep_free_count = 0;
		f.config.rsdp_gpa = 0;
		err = refused(&f, PVHLOAD_E_OVERLAP);
		ck_says(err, "cmdline", "overlaps memmap=4K$64M");
		plan_teardown(&f);
	}
	plan_setup(&f, 512 * MIB);
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX64;
	f.config.cmdline = "memmap=1M$1M";
	ck_assert_uint_eq(plan(&f)->kernel_gpa, 0x300000);
	plan_teardown(&f);
}
END_TEST

/* As many as there may be, in one word. */
START_TEST(many_words)
{
	char text[16 * 1025 + 16] = "memmap=";
	struct pvhload_error err;
	struct plan_fixture f;
	size_t used = strlen(text);

	bzimage_setup(&f, 512 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	set_field(&f, 0x238, 20000, 4);
	for (int i = 0; i < 1024; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "4K$%dK,",
					 262144 + 8 * i);
	f.config.cmdline = text;
	(void)plan(&f);
	snprintf(text + used, sizeof(text) - used, "4K$256M");
	err = refused(&f, PVHLOAD_E_CMDLINE);
	ck_says(err, "more than 1024 ranges in mem= and memmap=");
	plan_teardown(&f);
}
END_TEST

/* A bzImage at 16 MiB that decodes itself, in 1 GiB. */
static const struct {
	const char *name;
	uint64_t rsdp, kept, size;
	const char *cmdline;
	const char *over; /* what its KASLR may go over; NULL: nothing */
} kaslr[] = {
	{ "nothing", 0, 0, 0, "", NULL },
	{ "an RSDP in RAM", 0x2000000, 0, 0, "", "the RSDP [0x2000000, 0x2000024)" },
	{ "an RSDP in a hole", 0xe0000, 0, 0, "", NULL },
	{ "below where it moves to", 0x9f000, 0x80000, 0x1000, "", NULL },
	{ "the last byte below", 0, 0xfff000, 0x1000, "", NULL },
	{ "one byte above", 0, 0xfff000, 0x1001, "", "a log [0xfff000, 0x1000001)" },
	{ "kept free, told as RAM", 0, 0x10000000, 0x1000, "", "a log [0x10000000, 0x10001000)" },
	{ "kept free, not RAM", 0, 0x80000000, 0x1000, "", NULL },
	{ "half of it RAM", 0, 0x3ffff000, 0x2000, "", "a log" },
	{ "nokaslr", 0x2000000, 0x10000000, 0x1000, "quiet nokaslr", NULL },
	{ "nokaslr for init", 0x2000000, 0, 0, "-- nokaslr", NULL }, /* found there as well */
	{ "no such word", 0x2000000, 0, 0, "nokaslrs xnokaslr \"nokaslr\" nokaslr=1", "the RSDP" },
	{ "covered", 0, 0x10000000, 0x1000, "memmap=4K$256M", NULL },
	{ "covered by two", 0, 0x10000000, 0x2000, "memmap=4K!260K,4K$256M memmap=1M#0x10001000",
	  NULL },
	{ "not all of it", 0, 0x10000000, 0x1001, "memmap=4K$256M", "a log" },
	{ "above a limit", 0x20000000, 0, 0, "mem=512M", NULL },
	{ "above a later limit", 0x20000000, 0, 0, "mem=512M memmap=600M", "by mem=512M," },
	{ "the fourth", 0, 0x10000000, 0x1000, "memmap=4K$300M,4K$301M,4K$302M,4K$256M", NULL },
	/* what Linux takes away, and it does not keep off */
	{ "of a type that it does not read", 0, 0, 0, "memmap=900M%64M-1+2",
	  "[0x4000000, 0x38400000), which is not RAM by memmap=900M%64M-1+2, a word" },
	{ "above what it takes for a limit", 0, 0, 0, "memmap=4K%256M-1+2", NULL },
	{ "the fifth", 0, 0, 0, "memmap=4K$300M,4K$301M memmap=4K$302M,4K$303M memmap=4K$256M",
	  "[0x10000000, 0x10001000), which is not RAM by memmap=4K$256M," },
	{ "the fifth after an empty one", 0, 0, 0,
	  "memmap=0$1M memmap=4K$301M memmap=4K$302M,4K$303M memmap=4K$256M", "4K$256M" },
	{ "a list with which it stays where it is", 0, 0x20000000, 0x1000,
	  "memmap=4K$300M,4K$301M,4K$302M,4K$303M,4K$256M", NULL },
	{ "a limit after four", 0, 0, 0,
	  "memmap=4K$300M,4K$301M memmap=4K$302M,4K$303M memmap=512M", "by memmap=512M," },
	{ "mem= after four", 0, 0, 0, "memmap=4K$300M,4K$301M memmap=4K$302M,4K$303M mem=512M",
	  NULL },
	{ "a lower limit before", 0, 0, 0, "mem=512M mem=600M", "[0x20000000, 0x25800000), which" },
	{ "a limit by more", 0x30000000, 0, 0, "memmap=600MB", NULL },
	{ "a range at 0, for it a limit", 0x20000000, 0, 0, "memmap=4K$", NULL },
	{ "after no number, in its list", 0, 0x10000000, 0x1000, "memmap=x,4K$256M",
	  "by memmap=4K$256M," },
	{ "after nothing, in its list", 0, 0, 0, "memmap=,4K$256M", "by memmap=4K$256M," },
	{ "after no number", 0, 0x10000000, 0x1000, "memmap=x memmap=4K$256M", NULL },
	{ "after mem=0", 0, 0, 0, "mem=0 memmap=4K$256M", "by memmap=4K$256M," },
	{ "after mem= without a number", 0, 0, 0, "mem=x memmap=4K$256M", "by memmap=4K$256M," },
	{ "after mem", 0, 0, 0, "mem memmap=4K$256M", "by memmap=4K$256M," },
	{ "after mem=nopentium", 0, 0x10000000, 0x1000, "mem=nopentium memmap=4K$256M", NULL },
	{ "after exactmap, in its list", 0, 0x10000000, 0x1000,
	  "memmap=exactmap,640K@0,1G@1M,4K$256M", "by memmap=4K$256M," },
	{ "after exactmap", 0, 0x10000000, 0x1000, "memmap=exactmap,640K@0,1G@1M memmap=4K$256M",
	  NULL },
	{ "not left by exactmap", 0, 0, 0, "memmap=exactmap,640K@0,15M@1M,100M@64M",
	  "[0x1000000, 0x4000000), which is not RAM by memmap=exactmap," },
	{ "above what exactmap leaves", 0, 0, 0, "memmap=exactmap,640K@0,100M@1M",
	  "[0x6500000, 0x40000000), which" },
	{ "as far as it may go", 0, 0, 0, "memmap=exactmap,640K@0,100M@1M memmap=101M", NULL },
};

#define KASLR_KEPT 6 /* "kept free, told as RAM" */

static void kaslr_setup(struct plan_fixture *f, int i)
{
	static struct pvhload_boot_keep_free kept;
	const struct elf_spec spec = small_kernel();
	struct bytes elf = build_elf(&spec);

	plan_setup(f, 1 * GIB);
	use_bytes(f, build_compressed(&elf, GZIP));
	bytes_free(&elf);
	kept = (struct pvhload_boot_keep_free)KEEP_FREE(kaslr[i].kept, kaslr[i].size, "a log");
	f->config.keep_free = &kept;
	f->config.keep_free_count = kaslr[i].size != 0;
	f->config.rsdp_gpa = kaslr[i].rsdp;
	f->config.cmdline = kaslr[i].cmdline;
	f->config.protocol = PVHLOAD_PROTOCOL_X86_LINUX64;
}

static size_t count_of(const char *text, const char *what)
{
	size_t count = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		count++;
	return count;
}

START_TEST(its_own_kaslr)
{
	static const uint8_t bytes[64];
	const struct pvhload_source source = pvhload_source_buffer(bytes, sizeof(bytes));
	const struct pvhload_linux_setup_data seed = { sizeof(seed), &source,
						       PVHLOAD_SETUP_RNG_SEED, 0 };
	const char *over = kaslr[_i].over;
	const uint32_t who = over ? PVHLOAD_DECOMPRESS_HOST : PVHLOAD_DECOMPRESS_GUEST;
	const struct pvhload_plan_info *info;
	struct plan_fixture f;

	/* as it was asked for, with either; by the best that there is; with a seed, so not by PVH */
	kaslr_setup(&f, _i);
	for (int i = 0; i < 2; i++) {
		f.config.protocol = i == 0 ? PVHLOAD_PROTOCOL_X86_LINUX64 : PVHLOAD_PROTOCOL_AUTO;
		f.x86.setup_data = &seed;
		f.x86.setup_data_count = 1;
		info = plan(&f);
		ck_assert_uint_eq(info->protocol, PVHLOAD_PROTOCOL_X86_LINUX64);
		ck_assert_uint_eq(info->decompress, who);
		ck_assert_msg(!over == !strstr(info->reason, "its own KASLR is lost"), "%s",
			      info->reason);
		ck_assert_msg(!over || count_of(info->reason, "own KASLR may put") == 1, "%s",
			      info->reason);
		ck_assert_msg(!over || strstr(info->reason, over), "%s", info->reason);
	}
	for (uint32_t p = PVHLOAD_PROTOCOL_X86_LINUX64; p <= PVHLOAD_PROTOCOL_X86_LINUX32; p++) {
		f.config.protocol = p;
		f.config.decompress = PVHLOAD_DECOMPRESS_GUEST;
		if (over) {
			const struct pvhload_error err = refused(&f, PVHLOAD_E_OVERLAP);

			ck_says(err, "the kernel's own KASLR may put it over", over, "nokaslr");
		} else {
			(void)plan(&f);
		}
	}
	/* asked for, so that nothing is lost by it */
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX64;
	f.config.decompress = PVHLOAD_DECOMPRESS_HOST;
	ck_assert_ptr_null(strstr(plan(&f)->reason, "is lost"));
	/* a kernel that is not relocatable has none */
	f.config.decompress = PVHLOAD_DECOMPRESS_GUEST;
	set_field(&f, 0x234, 0, 1);
	set_field(&f, 0x258, 0, 8);
	set_field(&f, 0x260, 0x100000, 4);
	(void)plan(&f);
	plan_teardown(&f);
}
END_TEST

/* What keeps itself free to load the kernel is not there any more when that one moves. */
START_TEST(kept_until_the_entry)
{
	struct pvhload_boot_keep_free kept[2] = { KEEP_FREE(0x10000000, 0x1000, "a loader"),
						  KEEP_FREE(0x20000000, 0x1000, "a log") };
	struct plan_fixture f;
	struct pvhload_error err;

	kaslr_setup(&f, KASLR_KEPT);
	kept[0].flags = PVHLOAD_BOOT_KEEP_FREE_UNTIL_ENTRY;
	f.config.keep_free = kept;
	f.config.keep_free_count = 1;
	ck_assert_uint_eq(plan(&f)->decompress, PVHLOAD_DECOMPRESS_GUEST);
	f.config.keep_free_count = 2;
	f.config.decompress = PVHLOAD_DECOMPRESS_GUEST;
	err = refused(&f, PVHLOAD_E_OVERLAP);
	ck_says(err, "the kernel's own KASLR may put it over a log [0x20000000, 0x20001000)");
	kept[1].flags = PVHLOAD_BOOT_KEEP_FREE_UNTIL_ENTRY;
	ck_assert_uint_eq(plan(&f)->decompress, PVHLOAD_DECOMPRESS_GUEST);
	/* and until then, nothing is placed there: 16 MiB is where the kernel likes to be */
	kept[1].gpa = 0x1000000;
	ck_assert_uint_eq(plan(&f)->kernel_gpa, 0x1200000);
	f.config.decompress = PVHLOAD_DECOMPRESS_AUTO;
	kept[1].gpa = 0x80000000; /* not RAM, so that only the flag can be wrong */
	kept[1].flags = PVHLOAD_BOOT_KEEP_FREE_UNTIL_ENTRY << 1;
	err = refused(&f, PVHLOAD_E_USAGE);
	ck_says(err, "keep_free 1 has an unknown flag (0x2)");
	kept[1].flags = 0;
	kept[1].reserved = 1;
	(void)refused(&f, PVHLOAD_E_USAGE);
	plan_teardown(&f);
}
END_TEST

/* However many words there are, what else there is to say comes first, and the rest is counted. */
START_TEST(more_notes_than_fit)
{
	static const uint8_t byte;
	const struct pvhload_source empty = pvhload_source_buffer(&byte, 0);
	char text[4096] = "", rest[32];
	struct plan_fixture f;
	size_t used = 0;

	kaslr_setup(&f, KASLR_KEPT);
	f.config.initrds = &empty;
	f.config.initrd_count = 1;
	f.config.cmdline = text;
	for (size_t n = 1; n <= 64; n++) {
		const struct pvhload_plan_info *info;
		size_t said;

		used += (size_t)snprintf(text + used, sizeof(text) - used, "memmap=4K$%dM ",
					 200 + (int)n);
		info = plan(&f);
		said = count_of(info->reason, " away");
		ck_assert_msg(strstr(info->reason, "KASLR is lost; the initrd is empty, so there is"
						   " none; memmap=4K$201M takes ") != NULL,
			      "%s", info->reason);
		snprintf(rest, sizeof(rest), "; and %zu more", n - said);
		ck_assert_msg(said == n || (said > 4 && strcmp(info->reason + strlen(info->reason) -
								       strlen(rest),
							       rest) == 0),
			      "%s", info->reason);
		ck_assert(n < 64 || said < 64);
	}
	plan_teardown(&f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_memory");
	TCase *tables = tcase_create("tables");

	tcase_add_loop_test(tables, words_of_the_command_line, 0, OF(words));
	tcase_add_loop_test(tables, its_own_kaslr, 0, OF(kaslr));
	suite_add_tcase(suite, tables);
	ADD_TESTS(suite, "plan_memory", every_protocol, many_words, kept_until_the_entry,
		  more_notes_than_fit);
	return run_suite(suite);
}
