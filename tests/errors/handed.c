/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What is handed to the guest: command lines, initrds, modules, setup_data, flags. */
#include "errors.h"

static struct pvhload_error cmdline_of(struct plan_fixture *f, size_t length)
{
	char *text = malloc(length + 1);
	struct pvhload_error err;

	memset(text, 'x', length);
	text[length] = '\0';
	f->config.cmdline = text;
	err = try_plan(f);
	free(text);
	return err;
}

static struct pvhload_error long_cmdline(void)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	return cmdline_of(&f, 2050);
}

static struct pvhload_error long_for_this_kernel(void)
{
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	set_field(&f, 0x238, 255, 4);
	return cmdline_of(&f, 300);
}

/* A plan with one module, or the initrd, of these bytes. */
static struct pvhload_error with_module(uint32_t protocol, const char *cmdline)
{
	const struct pvhload_source source = pvhload_source_buffer("file", 4);
	const struct pvhload_boot_module module = { sizeof(module), &source, cmdline };
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, protocol);
	if (protocol == PVHLOAD_PROTOCOL_PVH)
		use_bytes(&f, small_elf());
	f.config.modules = &module;
	f.config.module_count = 1;
	return try_plan(&f);
}

static struct pvhload_error module_by_linux(void)
{
	return with_module(PVHLOAD_PROTOCOL_X86_LINUX64, NULL);
}

static struct pvhload_error long_module_cmdline(void)
{
	static char text[65537];

	memset(text, 'x', sizeof(text) - 1);
	return with_module(PVHLOAD_PROTOCOL_PVH, text);
}

static struct pvhload_error with_initrd(struct pvhload_source source)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.initrds = &source;
	f.config.initrd_count = 1;
	return try_plan(&f);
}

static struct pvhload_error closed_descriptor(void)
{
	return with_initrd(pvhload_source_fd(999));
}

static int64_t no_more(void *user, uint64_t offset, void *dst, size_t len)
{
	(void)user, (void)offset, (void)dst, (void)len;
	return 0;
}

static int64_t broken(void *user, uint64_t offset, void *dst, size_t len)
{
	(void)user, (void)offset, (void)dst, (void)len;
	return -5;
}

/* The initrd cannot be read when the plan, which was fine, is committed. */
static struct pvhload_error committing(int64_t (*read_at)(void *, uint64_t, void *, size_t))
{
	struct pvhload_source source = pvhload_source_reader(read_at, NULL, 4096);
	struct pvhload_error err;
	struct fake_memory fake;
	struct plan_fixture f;
	enum pvhload_status status;

	plan_setup(&f, 4 * MIB);
	f.config.initrds = &source;
	f.config.initrd_count = 1;
	(void)plan(&f);
	fake_memory_init(&fake, 4 * MIB, 0);
	err = fresh_error();
	status = pvhload_plan_commit(f.plan, &fake.memory, &err);
	fake_memory_free(&fake);
	plan_teardown(&f);
	return failed(status, &err);
}

static struct pvhload_error shrunken_initrd(void)
{
	return committing(no_more);
}

static struct pvhload_error failing_reader(void)
{
	return committing(broken);
}

static struct pvhload_error many_initrds(void)
{
	const struct pvhload_source source = pvhload_source_buffer("x", 1);
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.initrds = &source;
	f.config.initrd_count = 300;
	return try_plan(&f);
}

static struct pvhload_error with_data(uint32_t protocol, uint32_t type, const void *bytes,
				      size_t size, uint32_t flags)
{
	struct pvhload_source source;
	struct pvhload_linux_setup_data data = setup_data(&source, type, bytes, size);
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, protocol);
	data.flags = flags;
	f.x86.setup_data = &data;
	f.x86.setup_data_count = 1;
	return try_plan(&f);
}

static const uint8_t zeros[1u << 20];

static struct pvhload_error seed_by_pvh(void)
{
	return with_data(PVHLOAD_PROTOCOL_PVH, PVHLOAD_SETUP_RNG_SEED, zeros, 64, 0);
}

static struct pvhload_error empty_seed(void)
{
	return with_data(PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_SETUP_RNG_SEED, zeros, 0, 0);
}

static struct pvhload_error large_seed(void)
{
	return with_data(PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_SETUP_RNG_SEED, zeros, sizeof(zeros),
			 0);
}

static struct pvhload_error no_device_tree(void)
{
	return with_data(PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_SETUP_DTB, zeros, 64, 0);
}

static struct pvhload_error library_type(void)
{
	return with_data(PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_SETUP_E820_EXT, zeros, 20, 0);
}

static struct pvhload_error seed_indirect(void)
{
	return with_data(PVHLOAD_PROTOCOL_X86_LINUX64, PVHLOAD_SETUP_RNG_SEED, zeros, 64,
			 PVHLOAD_SETUP_DATA_INDIRECT);
}

static struct pvhload_error screen_by_pvh(void)
{
	const struct pvhload_framebuffer screen = PVHLOAD_FRAMEBUFFER_INIT;
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.x86.framebuffer = &screen;
	return try_plan(&f);
}

static struct pvhload_error with_screen(struct pvhload_framebuffer screen)
{
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	screen.struct_size = sizeof(screen);
	f.x86.framebuffer = &screen;
	return try_plan(&f);
}

static struct pvhload_error screen_in_ram(void)
{
	return with_screen((struct pvhload_framebuffer){
		.gpa = 0x8000000, .width = 640, .height = 480, .bits_per_pixel = 32 });
}

static struct pvhload_error screen_without_colors(void)
{
	return with_screen((struct pvhload_framebuffer){
		.gpa = 0xe0000000, .width = 640, .height = 480, .bits_per_pixel = 16 });
}

static struct pvhload_error load_flags(void)
{
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.x86.loadflags = PVHLOAD_LOADFLAG_LOADED_HIGH;
	return try_plan(&f);
}

static struct pvhload_error old_protocol(void)
{
	struct pvhload_source source;
	const struct pvhload_linux_setup_data data =
		setup_data(&source, PVHLOAD_SETUP_RNG_SEED, zeros, 64);
	const struct bzimage_spec spec = { .version = 0x208 };
	struct plan_fixture f;

	plan_setup(&f, 256 * MIB);
	use_bytes(&f, build_bzimage(&spec));
	f.config.protocol = PVHLOAD_PROTOCOL_X86_LINUX32;
	f.x86.setup_data = &data;
	f.x86.setup_data_count = 1;
	return try_plan(&f);
}

static struct pvhload_error too_many_init_args(void)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.cmdline =
		"quiet -- 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 "
		"27 28 29 30 31 32 33";
	return try_plan(&f);
}

static const struct mistake mistakes[] = {
	{ "A command line longer than an ELF kernel takes", long_cmdline, PVHLOAD_E_CMDLINE,
	  "the command line has 2050 bytes, 3 more than the 2047 the kernel takes (assumed: "
	  "an ELF file does not say)",
	  "Shorten it: Linux would cut it, and lose what is at the end without a word. If "
	  "the guest is not Linux, say so (PVHLOAD_BOOT_NOT_LINUX)." },
	{ "A command line longer than this kernel takes", long_for_this_kernel, PVHLOAD_E_CMDLINE,
	  "the command line has 300 bytes, 45 more than the 255 the kernel takes",
	  "Shorten it, or take a kernel with a larger cmdline_size." },
	{ "A module by the Linux boot protocol", module_by_linux, PVHLOAD_E_PROTOCOL,
	  "the Linux boot protocol has no modules beside the initrd; PVH does",
	  "Ask for PVH, or pack the file into the initrd." },
	{ "A module's command line that is too long", long_module_cmdline, PVHLOAD_E_CMDLINE,
	  "the command line of module 0 has 65536 bytes, 1 more than the limit of 65535",
	  "Shorten it, or hand the text over as the bytes of a module of its own." },
	{ "A file descriptor that is closed", closed_descriptor, PVHLOAD_E_SOURCE,
	  "initrd: cannot get the size: Bad file descriptor",
	  "Keep the descriptor open until pvhload_plan_free(): a source borrows it." },
	{ "A file that shrinks while the guest is loaded", shrunken_initrd, PVHLOAD_E_SOURCE,
	  "initrd: the data ends at offset 0x0, 4096 bytes early: it has become shorter",
	  "Keep files unchanged until the commit is done; replace a file by renaming a new "
	  "one over it." },
	{ "A reader that fails", failing_reader, PVHLOAD_E_SOURCE,
	  "initrd: the reader returned -5 for 4096 bytes at 0x0",
	  "Look into your own callback: what it returned is also in pvhload_error::cause." },
	{ "Too many initrds", many_initrds, PVHLOAD_E_LIMIT,
	  "the boot config has 300 initrds, 44 more than the limit, 256",
	  "Join some of them first: `cat` of cpio archives, each padded to a multiple of 4 "
	  "bytes, is an initrd as well." },
	{ "A random seed by PVH", seed_by_pvh, PVHLOAD_E_PROTOCOL,
	  "PVH has no place for setup_data (a seed, a device tree); the Linux boot protocol "
	  "does",
	  "Ask for PVHLOAD_PROTOCOL_AUTO or a Linux protocol: start info has no place for "
	  "it, and a seed that never arrives is not seen to be missing." },
	{ "An empty seed", empty_seed, PVHLOAD_E_MALFORMED, "setup_data 0 (rng_seed): it is empty",
	  "Give bytes, 32 or more, or no seed at all." },
	{ "A seed larger than Linux maps", large_seed, PVHLOAD_E_LIMIT,
	  "setup_data 0 (rng_seed): it has 1048576 bytes; Linux maps no more than 258032 "
	  "of it, and dies without a word: 790544 too many",
	  "Give 32 to 512 bytes: more is of no use to the kernel, and this much it would "
	  "die of before its console is up." },
	{ "A device tree that is none", no_device_tree, PVHLOAD_E_MALFORMED,
	  "setup_data 0 (dtb): not a device tree: its magic is 0x0 and its totalsize 0 in a "
	  "file of 64 bytes",
	  "Give the compiled tree (`dtc -O dtb`), whole: its header must have the magic "
	  "0xd00dfeed and the file's size." },
	{ "A setup_data of a type that is the library's", library_type, PVHLOAD_E_USAGE,
	  "setup_data 0: type 0x1 is not the caller's to give",
	  "Give the memory map by pvhload_boot_config::memmap: the library writes "
	  "SETUP_E820_EXT when it is needed." },
	{ "A seed given by a setup_indirect", seed_indirect, PVHLOAD_E_USAGE,
	  "setup_data 0 (rng_seed): given by a setup_indirect, Linux does not see it",
	  "Leave PVHLOAD_SETUP_DATA_INDIRECT out: Linux looks for this type in the list itself "
	  "and would never find it." },
	{ "A framebuffer by PVH", screen_by_pvh, PVHLOAD_E_PROTOCOL,
	  "PVH has no place for a framebuffer; the Linux boot protocol does",
	  "Ask for PVHLOAD_PROTOCOL_AUTO or a Linux protocol: the zero page has a "
	  "place for it, start info has not." },
	{ "A framebuffer in RAM", screen_in_ram, PVHLOAD_E_OVERLAP,
	  "the framebuffer [0x8000000, 0x812c000) overlaps RAM [0x100000, 0x10000000)",
	  "Take it out of the map by pvhload_memmap_reserve(): Linux would use it as memory." },
	{ "A framebuffer whose colours are not said", screen_without_colors, PVHLOAD_E_USAGE,
	  "the framebuffer's colours have no size",
	  "Set red, green and blue of struct pvhload_framebuffer; only 32 bits per pixel have a "
	  "default." },
	{ "Load flags that are not the caller's", load_flags, PVHLOAD_E_USAGE,
	  "load flags 0x1 are not the caller's to set: 0x22 may be (KASLR and QUIET)",
	  "Leave them to the library: LOADED_HIGH, KEEP_SEGMENTS and CAN_USE_HEAP follow "
	  "from how the kernel is entered." },
	{ "More than an old kernel's protocol carries", old_protocol, PVHLOAD_E_PROTOCOL,
	  "the kernel's boot protocol 2.08 cannot take setup_data, which came with 2.09",
	  "Leave it out, or take a newer kernel: this one does not look at the field." },
	{ "More arguments of init than Linux takes", too_many_init_args, PVHLOAD_E_CMDLINE,
	  "the command line has 33 arguments of init after its \"--\", 1 more than the "
	  "32 that Linux takes without a panic",
	  "Hand the rest over in another way, as in a file of the initrd: Linux panics at the 33rd." },
};

THEME(handed_theme, "What the guest is handed", mistakes);
