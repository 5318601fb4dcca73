/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Files that are not a kernel, not for x86, or not all there. */
#include "errors.h"

static struct pvhload_error empty_file(void)
{
	return try_open(bytes_zero(0));
}

static struct pvhload_error not_a_kernel(void)
{
	static const char text[] = "title Debian\nlinux /boot/vmlinuz\ninitrd /boot/initrd.img\n";

	return try_open(bytes_copy(text, sizeof(text)));
}

static struct pvhload_error arm64_image(void)
{
	return try_plan_bytes(build_flat(ARM64, true));
}

static struct pvhload_error load_loongarch64(void)
{
	struct load_fixture f;

	load_setup(&f, build_flat(LOONGARCH64, true), 0);
	return try_load(&f, NULL);
}

static struct pvhload_error flat_with(enum flat flat, size_t offset, uint64_t value, size_t size)
{
	struct bytes bytes = build_flat(flat, true);

	poke(&bytes, offset, value, size);
	return try_open(bytes);
}

static struct pvhload_error truncated_flat(void)
{
	struct bytes bytes = build_flat(ARM64, true);

	bytes.size = 0x500;
	return try_open(bytes);
}

static struct pvhload_error flags_of_the_future(void)
{
	return flat_with(ARM64, 24, 0x1a, 8);
}

static struct pvhload_error riscv32(void)
{
	return flat_with(RISCV64, FLAT_PE_AT + 4, 0x5032, 2);
}

static struct pvhload_error flat_without_a_size(void)
{
	return flat_with(RISCV64, 16, 0, 8);
}

static struct pvhload_error flat_too_large(void)
{
	return flat_with(ARM64, 16, UINT64_C(1) << 60, 8);
}

static struct pvhload_error dos_program(void)
{
	struct bytes bytes = bytes_zero(64);

	poke(&bytes, 0, 0x5a4d, 2);
	return try_open(bytes);
}

static struct pvhload_error arm_zimage(void)
{
	struct bytes bytes = bytes_zero(4096);

	poke(&bytes, 0x24, 0x016f2818, 4);
	return try_open(bytes);
}

static struct pvhload_error s390x(void)
{
	struct bytes bytes = small_elf();

	bytes.data[5] = 2;
	poke(&bytes, 18, 22 << 8, 2);
	return try_open(bytes);
}

static struct pvhload_error elf_of(uint16_t machine, uint16_t type)
{
	struct elf_spec spec = small_kernel();

	spec.machine = machine;
	spec.type = type;
	return try_open(build_elf(&spec));
}

static struct pvhload_error foreign_machine(void)
{
	return elf_of(MACHINE_AARCH64, TYPE_EXEC);
}

static struct pvhload_error object_file(void)
{
	return elf_of(MACHINE_X86_64, TYPE_REL);
}

static struct pvhload_error core_dump(void)
{
	return elf_of(MACHINE_X86_64, TYPE_CORE);
}

static struct pvhload_error nothing_to_load(void)
{
	struct elf_spec spec = small_kernel();

	spec.segments[0] = spec.segments[2];
	spec.segment_count = 1;
	return try_open(build_elf(&spec));
}

static struct pvhload_error truncated_elf(void)
{
	const struct elf_spec spec = small_kernel();
	struct bytes bytes = small_elf();

	bytes.size = elf_segment_offset(&spec, 1) + 4;
	return try_open(bytes);
}

static struct pvhload_error overlapping_segments(void)
{
	struct elf_spec spec = small_kernel();

	spec.segments[1].paddr = 0x100020;
	return try_open(build_elf(&spec));
}

static struct pvhload_error file_larger_than_memory(void)
{
	struct elf_spec spec = small_kernel();

	spec.segments[1].mem_size = 0x10;
	return try_open(build_elf(&spec));
}

static struct pvhload_error bzimage_with(size_t offset, uint64_t value, size_t size)
{
	struct bytes bytes = small_bzimage();

	poke(&bytes, offset, value, size);
	return try_open(bytes);
}

static struct pvhload_error zimage(void)
{
	return bzimage_with(0x211, 0, 1);
}

static struct pvhload_error no_boot_flag(void)
{
	return bzimage_with(0x1fe, 0, 2);
}

static struct pvhload_error odd_alignment(void)
{
	return bzimage_with(0x230, 0x300000, 4);
}

static struct pvhload_error truncated_bzimage(void)
{
	struct bytes bytes = small_bzimage();

	bytes.size -= 100;
	return try_open(bytes);
}

static struct pvhload_error setup_alone(void)
{
	struct bytes bytes = small_bzimage();

	bytes.size = 0x800;
	return try_open(bytes);
}

static struct pvhload_error many_relocations(void)
{
	struct pvhload_image_relocations relocations = PVHLOAD_IMAGE_RELOCATIONS_INIT;
	struct bytes words = bytes_zero(4 * (2 + (size_t)PVHLOAD_RELOCATIONS_MAX)), bytes;
	struct elf_spec spec = small_kernel();
	struct pvhload_error err = PVHLOAD_ERROR_INIT;
	struct pvhload_image *image;
	enum pvhload_status status;

	for (size_t i = 1; i < words.size / 4; i++)
		poke(&words, 4 * i, i, 4);
	spec.tail = words.data;
	spec.tail_size = words.size;
	bytes = build_elf(&spec);
	image = open_bytes(&bytes);
	status = pvhload_image_count_relocations(image, &relocations, &err);
	pvhload_image_close(image);
	bytes_free(&bytes);
	bytes_free(&words);
	return failed(status, &err);
}

static const struct mistake mistakes[] = {
	{ "An empty file", empty_file, PVHLOAD_E_FORMAT, "not a kernel image: the file is empty",
	  "Give the kernel's file: this one has no bytes. A download or a copy may have "
	  "failed." },
	{ "A file that is no kernel", not_a_kernel, PVHLOAD_E_FORMAT,
	  "not a kernel image: neither an ELF file nor a bzImage, nor compressed by a codec "
	  "that is known",
	  "Check the path: this one may be a boot loader's configuration, an initrd or a "
	  "disk image." },
	{ "A kernel for arm64 by a protocol of x86", arm64_image, PVHLOAD_E_PROTOCOL,
	  "no PVH entry: it is an arm64 Image; it could boot by the arm64 protocol",
	  "Leave the protocol to the library, or take the x86-64 build of the kernel: "
	  "`arch/x86/boot/bzImage`, or `vmlinux`." },
	{ "A kernel for loongarch64", load_loongarch64, PVHLOAD_E_UNSUPPORTED,
	  "a loongarch64 Image, a kernel for loongarch64, which an EFI firmware has to start: it has "
	  "no boot protocol of its own",
	  "Start it by an EFI firmware, or copy the bytes by pvhload_image_read() to where its "
	  "header (pvhload_image_flat) lets them be." },
	{ "A truncated arm64 Image", truncated_flat, PVHLOAD_E_MALFORMED,
	  "an arm64 Image: section 1, 0x300 bytes at offset 0x400, passes the end of the file, 0x500 "
	  "(is it truncated?)",
	  "Copy the file again: the PE header that it has for EFI counts more bytes than there are." },
	{ "An arm64 Image with flags that are not known", flags_of_the_future,
	  PVHLOAD_E_UNSUPPORTED, "an arm64 Image with unknown flags: 0x1a, of which 0xf are known",
	  "The header is damaged, or newer than this library: a flag may change where a kernel has to be." },
	{ "An arm64 Image that is larger than its address space", flat_too_large,
	  PVHLOAD_E_MALFORMED,
	  "an arm64 Image of 0x1000000000000000 bytes (image_size) from 0x0 (text_offset) on, which "
	  "nowhere ends below 0x1000000000000",
	  "The header is damaged: copy the file again." },
	{ "A 32-bit RISC-V Image", riscv32, PVHLOAD_E_UNSUPPORTED,
	  "a riscv64 Image whose PE header is for machine 0x5032, not 0x5064",
	  "Take the kernel's 64-bit build: the headers differ in this alone." },
	{ "A riscv64 Image that does not say its size", flat_without_a_size, PVHLOAD_E_MALFORMED,
	  "a riscv64 Image whose image_size is 0: it does not say how many bytes it needs",
	  "The header is damaged, or something has patched it: take the file as it was built." },
	{ "A DOS program", dos_program, PVHLOAD_E_FORMAT, "not a kernel image: a DOS program",
	  "Take the kernel's own file: what begins like one and is a kernel has a PE header as well." },
	{ "A kernel for Arm", arm_zimage, PVHLOAD_E_FORMAT,
	  "not a kernel image: an arm zImage, a kernel for 32-bit processors, which this library does not boot",
	  "Take the kernel's build for arm64 or x86-64." },
	{ "A big-endian ELF file", s390x, PVHLOAD_E_UNSUPPORTED,
	  "a big-endian ELF file of class 64 for machine 22 (S/390); x86 is little-endian",
	  "Take a kernel that was built for x86." },
	{ "An ELF file for another machine", foreign_machine, PVHLOAD_E_UNSUPPORTED,
	  "an ELF file of class 64 for machine 183 (AArch64), not for x86",
	  "Take a kernel that was built for x86: `file` says what this one is for. For arm64 and "
	  "riscv64, take the flat Image that the kernel's build makes of it." },
	{ "An object file", object_file, PVHLOAD_E_UNSUPPORTED,
	  "an ELF file of type 1, not an executable (an object file: link it first)",
	  "Link it first: an object file has no addresses to load anything to. In a kernel "
	  "tree the linked file is `vmlinux`, not `vmlinux.o`." },
	{ "A core dump", core_dump, PVHLOAD_E_UNSUPPORTED,
	  "an ELF file of type 4, not an executable (a core dump)",
	  "Give the kernel itself, not the dump that a crash left." },
	{ "An ELF file without a loadable segment", nothing_to_load, PVHLOAD_E_MALFORMED,
	  "the ELF file has no loadable segment: nothing to load",
	  "Look at `readelf -l`: a file of debug information alone has no PT_LOAD. Take the "
	  "one it belongs to." },
	{ "A truncated ELF file", truncated_elf, PVHLOAD_E_MALFORMED,
	  "segment 1: 0x20 bytes at offset 0x128 pass the end of the file, 0x12c (is it "
	  "truncated?)",
	  "Copy the file again: its own tables point past its end." },
	{ "Two segments on the same bytes", overlapping_segments, PVHLOAD_E_MALFORMED,
	  "the bytes of segment 0 [0x100000, 0x100040) overlap those of segment 1 [0x100020, "
	  "0x100040), and are others of the file",
	  "Correct the linker script: each physical address (`LMA` in `readelf -l`) can "
	  "have the bytes of one segment only. A .bss may reach over them." },
	{ "A segment with more bytes in the file than in memory", file_larger_than_memory,
	  PVHLOAD_E_MALFORMED, "segment 1 at 0x200000: p_filesz 0x20 is above p_memsz 0x10",
	  "The program header is damaged: make or copy the file again." },
	{ "A zImage", zimage, PVHLOAD_E_UNSUPPORTED,
	  "a zImage, or a boot protocol older than 2.00 (version 0x20f, loadflags 0x0): it "
	  "boots from real mode only",
	  "Build a bzImage. A zImage loads below 640 KiB by a BIOS, and Linux no longer "
	  "builds any." },
	{ "A damaged setup header", no_boot_flag, PVHLOAD_E_MALFORMED,
	  "a setup header whose boot_flag is 0x0, not 0xaa55",
	  "Copy the file again: every bzImage has 0xaa55 at offset 0x1fe." },
	{ "A kernel_alignment that is no power of two", odd_alignment, PVHLOAD_E_MALFORMED,
	  "the kernel is relocatable, but its kernel_alignment, 0x300000, is no power of "
	  "two",
	  "The header is damaged, or something has patched it: take the file as it was "
	  "built." },
	{ "A truncated bzImage", truncated_bzimage, PVHLOAD_E_MALFORMED,
	  "the payload, 0xc4 bytes at offset 0xe00, passes the end of the file, 0xe60 (is "
	  "it truncated?)",
	  "Copy the file again: the setup header counts more bytes of payload than there "
	  "are." },
	{ "The first sectors of a bzImage alone", setup_alone, PVHLOAD_E_MALFORMED,
	  "the file ends before the protected-mode code, which starts at 0xa00 (is it "
	  "truncated?)",
	  "Give the whole file: the kernel is after the real-mode setup sectors, and here "
	  "is nothing there." },
	{ "Too many relocations", many_relocations, PVHLOAD_E_LIMIT,
	  "the relocation tables after the ELF file have more than 4194304 entries "
	  "(PVHLOAD_RELOCATIONS_MAX)",
	  "Debian's kernels have up to 318,131: what follows the ELF file is something else, or "
	  "damaged. Planning does not read it." },
};

THEME(images_theme, "Kernel files", mistakes);
