/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Of fuzz_image: files of each format. */
#include <stdio.h>
#include <string.h>

#include "flat_images.h"
#include "multiboot_images.h"
#include "seeds.h"
#include "uki_images.h"

/* Of a protocol that does not say where the payload is, which is searched for. */
static void old_bzimage(const struct bytes *raw)
{
	struct bytes stream = codecs[GZIP].compress(raw), bytes;
	const struct bzimage_spec spec = { .version = 0x204,
					   .payload = stream.data,
					   .payload_size = stream.size,
					   .no_trailer = true,
					   .tail_size = 16 };

	bytes = build_bzimage(&spec);
	save("image", "old", &bytes);
	bytes_free(&bytes);
	bytes_free(&stream);
}

/* Files that end within a header. */
static void save_cut(const char *name, const struct bytes *file, size_t size)
{
	struct bytes cut = bytes_copy(file->data, size);

	save("image", name, &cut);
	bytes_free(&cut);
}

static void cut_images(const struct bytes *elf)
{
	struct bytes bzimage = build_compressed(elf, GZIP), flat = build_flat(ARM64, true);

	save_cut("cut-magic", &bzimage, 0x208);
	save_cut("cut-header", &bzimage, 0x240);
	save_cut("cut-setup", &bzimage, 0x300);
	save_cut("cut-flat", &flat, 60);
	bytes_free(&flat);
	bytes_free(&bzimage);
}

/* Kernels for other machines. */
static void foreign_images(void)
{
	static const char *const names[FLATS] = { "arm64", "riscv64", "loongarch64" };

	for (enum flat flat = 0; flat < FLATS; flat++) {
		struct bytes bytes = build_flat(flat, true), file = codecs[GZIP].compress(&bytes);
		char name[32];

		save("image", names[flat], &bytes);
		snprintf(name, sizeof(name), "file-%s", names[flat]);
		save("image", name, &file);
		bytes_free(&file);
		bytes_free(&bytes);
	}
	for (enum codec codec = 0; codec < CODECS; codec++) {
		struct bytes bytes;
		char name[32];

		if (!codecs[codec].compress || codec == BZIP2) /* zboot never had it */
			continue;
		bytes = small_zboot(codec);
		snprintf(name, sizeof(name), "zboot-%s", codecs[codec].name);
		save("image", name, &bytes);
		bytes_free(&bytes);
	}
}

/* Multiboot kernels: ELF files with both headers, and files that load themselves. */
static void multiboot_images(void)
{
	const struct mb_spec elf = {
		.has1 = true,
		.flags = 7,
		.at1 = MB_AT1,
		.has2 = true,
		.tags = { { 1, 0, { 6, 4, 21 }, 3, 0 },
			  { 3, 0, { MB_ELF_ENTRY }, 1, 0 },
			  { 10, 0, { 0x100000, 0xffffffff, 0x1000, 2 }, 4, 0 } },
		.tag_count = 3,
		.at2 = MB_AT2,
	};
	struct bytes bytes = build_multiboot_elf(&elf);

	save("image", "multiboot-elf", &bytes);
	bytes_free(&bytes);
	for (int version = 1; version <= 2; version++) {
		const struct mb_spec spec = flat_spec(version);
		char name[32];

		bytes = build_multiboot_flat(&spec);
		snprintf(name, sizeof(name), "multiboot-%d", version);
		save("image", name, &bytes);
		bytes_free(&bytes);
	}
}

/* Around an ELF file, a bzImage and a flat Image; with profiles, the last of which has a kernel of its own. */
static void ukis(const struct bytes *elf)
{
	struct bytes kernels[] = { bytes_copy(elf->data, elf->size), build_compressed(elf, GZIP),
				   build_flat(ARM64, true) };
	static const char *const names[] = { "uki-elf64", "uki-bzimage", "uki-arm64" };

	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		struct uki_spec spec = small_uki(&kernels[i]);
		struct bytes bytes;

		spec.signature_size = 16;
		add_text(&spec, ".profile", "ID=main");
		add_text(&spec, ".ucode", "microcode");
		add_text(&spec, ".profile", "ID=other");
		add_text(&spec, ".cmdline", "quiet\n");
		add_section(&spec, ".linux", elf->data, elf->size);
		bytes = build_uki(&spec);
		save("image", names[i], &bytes);
		bytes_free(&bytes);
		bytes_free(&kernels[i]);
	}
}

void images(void)
{
	struct elf_spec spec = small_kernel();
	struct bytes elf = build_elf(&spec), small;
	static uint8_t notes[64];
	size_t n;

	foreign_images();
	multiboot_images();
	save("image", "elf64", &elf);
	for (enum codec codec = 0; codec < CODECS; codec++) {
		if (!codecs[codec].compress)
			continue;

		struct bytes bytes = build_compressed(&elf, codec);
		struct bytes file = codecs[codec].compress(codec % 2 ? &elf : &bytes);
		char name[32];

		save("image", codecs[codec].name, &bytes);
		snprintf(name, sizeof(name), "file-%s", codecs[codec].name);
		save("image", name, &file);
		bytes_free(&file);
		bytes_free(&bytes);
	}
	old_bzimage(&elf);
	cut_images(&elf);
	ukis(&elf);
	bytes_free(&elf);

	/* 32-bit, the notes in a section, relocation tables after it */
	spec.is32 = true;
	spec.segment_count = 2;
	spec.segments[1].mem_size = 0x40;
	spec.sections[0] = (struct part){ SH_NOTE, 0, notes, 0, 0, 4 };
	spec.sections[0].file_size = put_note(notes, 0, "Xen", 18, "\x10\x00\x10\x00", 4, 4);
	spec.section_count = 1;
	spec.tail = "\0\0\0\0\1\0\0\0\2\0\0\0";
	spec.tail_size = 12;
	small = build_elf(&spec);
	save("image", "elf32", &small);
	bytes_free(&small);

	/* one that says that it is Linux, another of a wrong size, and Xen's by another owner */
	n = put_note(notes, 0, "Linux", 0x100, "\1\0\0\0", 4, 4);
	n = put_note(notes, n, "Xen", 19, "\1\0\0\0", 4, 4);
	spec.sections[0].file_size = put_note(notes, n, "Xem", 18, "\x10\x00\x10\x00", 4, 4);
	small = build_elf(&spec);
	save("image", "elf32-notes", &small);
	bytes_free(&small);
}
