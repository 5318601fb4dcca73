/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* What a command line cannot say. */
#include "errors.h"

/* A line of 16 bytes that begins with @text, and one more parameter. */
static struct pvhload_error add_to(const char *text, const char *key, const char *value)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT, none = PVHLOAD_ERROR_INIT;
	struct pvhload_cmdline *line = NULL;
	enum pvhload_status status;

	ck_assert_int_eq(pvhload_cmdline_new(16, &line, &none), PVHLOAD_OK);
	ck_assert_int_eq(pvhload_cmdline_parse(line, text, &none), PVHLOAD_OK);
	status = pvhload_cmdline_add(line, key, value, &err);
	ck_assert_str_eq(pvhload_cmdline_str(line), text);
	pvhload_cmdline_free(line);
	return failed(status, &err);
}

static struct pvhload_error parse(const char *text)
{
	struct pvhload_error err = PVHLOAD_ERROR_INIT, none = PVHLOAD_ERROR_INIT;
	struct pvhload_cmdline *line = NULL;
	enum pvhload_status status;

	ck_assert_int_eq(pvhload_cmdline_new(16, &line, &none), PVHLOAD_OK);
	status = pvhload_cmdline_parse(line, text, &err);
	pvhload_cmdline_free(line);
	return failed(status, &err);
}

static struct pvhload_error too_long(void)
{
	return add_to("quiet", "console", "ttyS0");
}

static struct pvhload_error control_character(void)
{
	return add_to("", "key", "a\nb");
}

static struct pvhload_error not_ascii(void)
{
	return parse("name=\xc3\xa4");
}

static struct pvhload_error quote_in_value(void)
{
	return add_to("", "key", "a\"b");
}

static struct pvhload_error space_in_key(void)
{
	return add_to("", "a key", "1");
}

static struct pvhload_error equals_in_key(void)
{
	return add_to("", "key=", "1");
}

static struct pvhload_error after_open_quote(void)
{
	return add_to("a=\"b", "key", "1");
}

static struct pvhload_error text_too_long(void)
{
	return parse("root=/dev/vda1 rw");
}

static struct pvhload_error with_cmdline(const char *cmdline)
{
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.config.cmdline = cmdline;
	return try_plan(&f);
}

static struct pvhload_error kernel_taken_away(void)
{
	return with_cmdline("memmap=1M$1M");
}

static struct pvhload_error kernel_not_given(void)
{
	return with_cmdline("memmap=exactmap,640K@0,1M@1M");
}

static struct pvhload_error low_taken_away(void)
{
	return with_cmdline("memmap=640K$0");
}

static struct pvhload_error one_entry(void)
{
	return with_cmdline("memmap=exactmap memmap=400M@0");
}

static struct pvhload_error moves_itself(const char *cmdline, uint64_t rsdp_gpa)
{
	struct plan_fixture f;

	bzimage_setup(&f, 256 * MIB, PVHLOAD_PROTOCOL_X86_LINUX64);
	f.config.cmdline = cmdline;
	f.config.decompress = PVHLOAD_DECOMPRESS_GUEST;
	f.config.rsdp_gpa = rsdp_gpa;
	return try_plan(&f);
}

static struct pvhload_error own_kaslr(void)
{
	return moves_itself(NULL, 128 * MIB);
}

static struct pvhload_error own_kaslr_words(void)
{
	return moves_itself("memmap=exactmap,640K@0,127M@1M", 0);
}

static const struct mistake mistakes[] = {
	{ "A parameter that does not fit", too_long, PVHLOAD_E_CMDLINE,
	  "the command line would need 20 bytes with its NUL, 4 more than its capacity",
	  "Remove a parameter, or use a kernel that takes a longer command line: "
	  "pvhload_boot_cmdline_capacity() says how long." },
	{ "A text that does not fit", text_too_long, PVHLOAD_E_CMDLINE,
	  "the command line would need 18 bytes with its NUL, 2 more than its capacity",
	  "Shorten the text, or use a kernel that takes a longer command line "
	  "(pvhload_boot_cmdline_capacity()). The library never truncates one." },
	{ "A newline in a value", control_character, PVHLOAD_E_CMDLINE,
	  "character 0x0a at offset 1 of the value is not printable ASCII",
	  "Strip it, if it is the newline at the end of a file. Outside of quotes, Linux would "
	  "end the word there." },
	{ "A letter beyond ASCII", not_ascii, PVHLOAD_E_CMDLINE,
	  "character 0xc3 at offset 5 is not printable ASCII",
	  "Write it in ASCII. Where a name has such a letter, as a file system's label may, "
	  "name the thing in another way, such as root=PARTUUID=." },
	{ "A double quote in a value", quote_in_value, PVHLOAD_E_CMDLINE,
	  "character 0x22 at offset 1 of the value cannot be quoted",
	  "If there are quotes around the value (`\"b b\"`, as linux-loader wants them), pass it "
	  "without them: the library adds quotes where there are spaces. Linux has no way to "
	  "read a quote within a value." },
	{ "A space in a name", space_in_key, PVHLOAD_E_CMDLINE,
	  "character 0x20 at offset 1 of the parameter's name would end the word",
	  "Pass name and value as two arguments; only values can have spaces. For a text of "
	  "several words, use pvhload_cmdline_append()." },
	{ "An equals sign in a name", equals_in_key, PVHLOAD_E_CMDLINE,
	  "character 0x3d at offset 3 of the parameter's name would end the name",
	  "Pass name and value as two arguments; the library writes the sign." },
	{ "A parameter after an open quote", after_open_quote, PVHLOAD_E_CMDLINE,
	  "the quotes that byte 2 of the command line opens are not closed",
	  "Close the quote in the text that was parsed. What is added would be part of that "
	  "value." },
	{ "A memmap= where the kernel has to be", kernel_taken_away, PVHLOAD_E_OVERLAP,
	  "kernel segment 0 [0x100000, 0x100040) overlaps memmap=1M$1M [0x100000, 0x200000) by "
	  "0x40 bytes; the kernel cannot be moved: it has no PHYS32_RELOC note",
	  "Take another range away, or use a kernel that can be moved: Linux panics if its own "
	  "pages are not RAM. Beware of shells, for which $1 is something else." },
	{ "A memmap=exactmap without the kernel", kernel_not_given, PVHLOAD_E_RANGE,
	  "with what memmap=exactmap leaves of RAM: kernel segment 1 [0x200000, 0x203000) leaves "
	  "RAM: the memory map ends at 0x200000; 0x3000 of its bytes are not RAM; the kernel "
	  "cannot be moved: it has no PHYS32_RELOC note",
	  "Name the RAM of the kernel too, with memmap=SIZE@START after the exactmap." },
	{ "A memmap= where Linux has to have RAM", low_taken_away, PVHLOAD_E_MEMMAP,
	  "with what memmap=640K$0 leaves of RAM: the memory map has no 28 KiB of RAM in one piece "
	  "between 64 KiB and 640 KiB, where Linux puts its trampoline: the largest piece has 0 "
	  "bytes, 28672 too few",
	  "Take another range away; after an exactmap, give memmap=640K@0 as well: without this RAM "
	  "Linux panics." },
	{ "A memmap=exactmap with one range", one_entry, PVHLOAD_E_MEMMAP,
	  "after memmap=exactmap: the memory map has 1 entry; Linux up to 6.19 throws a map of fewer "
	  "than 2 away",
	  "Give two: below 640 KiB, and from 1 MiB on. Linux panics otherwise: \"Invalid user supplied "
	  "memory map\"." },
	{ "KASLR of a kernel that decodes itself, with a memmap=exactmap", own_kaslr_words,
	  PVHLOAD_E_OVERLAP,
	  "the kernel's own KASLR may put it over [0x8000000, 0x10000000), which is not RAM by "
	  "memmap=exactmap, a word that it reads otherwise; it would not with nokaslr",
	  "Add nokaslr, make the map smaller instead, or leave the decoding to the host: "
	  "PVHLOAD_DECOMPRESS_AUTO." },
	{ "KASLR of a kernel that decodes itself, with an RSDP in RAM", own_kaslr,
	  PVHLOAD_E_OVERLAP,
	  "the kernel's own KASLR may put it over the RSDP [0x8000000, 0x8000024), which its memory "
	  "map calls RAM; it would not with nokaslr, or memmap=0x24$0x8000000",
	  "Take what is not the kernel's out of the map's RAM (pvhload_memmap_reserve()), or leave "
	  "the decoding to the host: PVHLOAD_DECOMPRESS_AUTO." },
};
THEME(cmdline_theme, "Command lines", mistakes);
