/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The kernel in a plan: its segments, its entry, and what it came in. */
#include <stdio.h>

#include "plan_fixture.h"

/* The kernel's segments against the map: each refusal names both sides. */
START_TEST(segments_and_ram)
{
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, SMALL_END - 1);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "kernel segment 1 [0x200000, 0x203000)", "leaves RAM",
		"the memory map ends at 0x202fff");
	ck_assert_uint_eq(err.gpa, 0x202fff);
	plan_teardown(&f);

	plan_setup(&f, 64 * MIB);
	struct pvhload_error unused;
	ck_status(PVHLOAD_OK, unused,
		  pvhload_memmap_reserve(&f.map, 0x202000, 0x100000, PVHLOAD_MEMMAP_ACPI, &unused));
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "kernel segment 1", "ACPI [0x202000, 0x302000)");
	plan_teardown(&f);

	/* into the MMIO hole, and one that lies in it */
	plan_setup(&f, 6 * GIB);
	f.spec.segments[1].paddr = 3 * GIB - 0x1000;
	bytes_free(&f.bytes);
	pvhload_image_close(f.image);
	f.bytes = build_elf(&f.spec);
	f.image = f.config.image = open_bytes(&f.bytes);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "kernel segment 1 [0xbffff000, 0xc0002000)",
		"the hole [0xc0000000, 0x100000000)");
	plan_teardown(&f);

	/* into the hole below 1 MiB */
	plan_setup(&f, 64 * MIB);
	f.spec.segments[1].paddr = 0x9d000;
	bytes_free(&f.bytes);
	pvhload_image_close(f.image);
	f.bytes = build_elf(&f.spec);
	f.image = f.config.image = open_bytes(&f.bytes);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "kernel segment 1 [0x9d000, 0xa0000)", "the hole [0x9fc00, 0x100000)");
	plan_teardown(&f);
}
END_TEST

/* Paint what the segments of @f have at [@gpa, @gpa + @size): bytes win over zeros. */
static void paint(const struct plan_fixture *f, uint64_t gpa, uint8_t *dst, size_t size)
{
	const struct pvhload_image_elf *elf = pvhload_image_get_info(f->image)->elf;

	for (int bytes = 0; bytes < 2; bytes++) {
		for (size_t i = 0; i < elf->segment_count; i++) {
			const struct pvhload_image_segment *s = elf->segments[i];

			for (uint64_t at = 0; at < (bytes ? s->file_size : s->mem_size); at++)
				if (s->gpa + at >= gpa && s->gpa + at < gpa + size)
					dst[s->gpa + at - gpa] =
						bytes ? f->bytes.data[s->offset + at] : 0;
		}
	}
}

/* A .bss over bytes, and bytes twice: what is written is the bytes, in either order of the headers. */
START_TEST(segments_overlap)
{
	enum { WINDOW = 0x8000, AT = 0x100000, END = AT + WINDOW };
	static const struct {
		uint64_t gpa, mem_size; /* of the second segment, which has 0x20 bytes */
		uint64_t first_size;    /* of the first, at AT, which has 0x40 */
		uint64_t offset;        /* it has the bytes from here on in the first; 0: its own */
		bool good;
	} cases[] = {
		{ AT + 0x1000, 0x20, 0x3000, 0, true },   /* in the .bss */
		{ AT + 0x40, 0x20, 0x3000, 0, true },     /* right after the bytes */
		{ AT + 0x3f, 0x20, 0x3000, 0, false },    /* over the last of them */
		{ AT + 0x2ff0, 0x20, 0x3000, 0, true },   /* over the end of the .bss */
		{ AT + 0x1000, 0x6000, 0x3000, 0, true }, /* two .bss */
		{ AT + 0x1000, 0x1000, 0x3000, 0, true },
		{ AT - 0x20, 0x3000, 0x1000, 0, true }, /* and the other way round */
		{ AT - 0x1f, 0x3000, 0x1000, 0, false },
		{ AT + 0x10, 0x20, 0x3000, 0x10, true }, /* the same bytes */
		{ AT + 0x20, 0x4000, 0x40, 0x20, true },
		{ AT + 0x11, 0x20, 0x3000, 0x10, false },
	};

	for (size_t i = 0; i < 2 * (sizeof(cases) / sizeof(cases[0])); i++) {
		uint8_t expected[WINDOW], written[WINDOW];
		struct elf_spec spec = small_kernel();
		const bool swapped = i % 2 != 0;
		const struct part first = spec.segments[0];
		struct bytes bytes;
		struct plan_fixture f;

		spec.segments[0].mem_size = cases[i / 2].first_size;
		spec.segments[1].paddr = cases[i / 2].gpa;
		spec.segments[1].mem_size = cases[i / 2].mem_size;
		if (swapped) {
			const struct part second = spec.segments[1];

			spec.segments[1] = spec.segments[0];
			spec.segments[0] = second;
		}
		ck_assert_uint_eq(first.paddr, AT);
		bytes = build_elf(&spec);
		if (cases[i / 2].offset != 0)
			poke(&bytes, elf_phdr_offset(&spec, swapped ? 0 : 1) + 8,
			     elf_segment_offset(&spec, swapped ? 1 : 0) + cases[i / 2].offset, 8);
		if (!cases[i / 2].good) {
			struct pvhload_error err = refuse_bytes(&bytes, PVHLOAD_E_MALFORMED);

			ck_says(err, "overlap those of segment ", "are others of the file");
			bytes_free(&bytes);
			continue;
		}
		plan_setup(&f, 64 * MIB);
		f.entries[1].gpa = 0xf0000; /* the second may begin below the first */
		f.entries[1].size = 63 * MIB;
		use_bytes(&f, bytes);
		(void)plan(&f);
		committed(&f, AT - 0x1000, written, sizeof(written));
		memset(expected, 0xa5, sizeof(expected));
		paint(&f, AT - 0x1000, expected, sizeof(expected));
		ck_assert_mem_eq(written, expected, sizeof(expected));
		plan_teardown(&f);
	}
}
END_TEST

START_TEST(exabyte_bss)
{
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	f.spec.segments[1].mem_size = UINT64_C(1) << 60;
	bytes_free(&f.bytes);
	pvhload_image_close(f.image);
	f.bytes = build_elf(&f.spec);
	f.image = f.config.image = open_bytes(&f.bytes);
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "kernel segment 1 [0x200000, 0x1000000000200000)", "ends at 0x4000000");
	plan_teardown(&f);
}
END_TEST

/* Segments far apart, or with a hole between them, are regions of their own. */
START_TEST(kernels_in_pieces)
{
	static const uint8_t code[16];
	struct elf_spec spec = small_kernel();
	const struct pvhload_plan_info *info;
	struct plan_fixture f;

	spec.segments[3] = spec.segments[2]; /* the notes */
	spec.segments[2] = (struct part){ PH_LOAD, 0x8000, code, 16, 0x1000, 1 };
	spec.segment_count = 4;
	plan_setup_spec(&f, 64 * MIB, &spec);
	info = plan(&f);
	expect_region(info, "kernel 0", 0x8000, 0x1000);
	expect_region(info, "kernel 1", SMALL_LOW, SMALL_END - SMALL_LOW);
	plan_teardown(&f);

	/* far apart, with RAM between them */
	spec.segments[2].paddr = SMALL_END + 20 * MIB;
	plan_setup_spec(&f, 64 * MIB, &spec);
	info = plan(&f);
	expect_region(info, "kernel", SMALL_LOW, 20 * MIB + 0x1000 + SMALL_END - SMALL_LOW);
	plan_teardown(&f);
}
END_TEST

/* As many segments as have room without an allocation, and more. */
START_TEST(many_segments)
{
	static const uint8_t code[16];

	for (size_t n = 15; n <= 18; n++) {
		struct elf_spec spec = small_kernel();
		const struct pvhload_plan_info *info;
		struct plan_fixture f;

		for (size_t i = 3; i <= n; i++)
			spec.segments[i] = (struct part){ PH_LOAD, 0x300000 + i * 0x2000,
							  code,    16,
							  0x1000,  1 };
		spec.segment_count = n + 1;
		plan_setup_spec(&f, 64 * MIB, &spec);
		f.config.flags = PVHLOAD_BOOT_NOT_LINUX;
		info = plan(&f);
		expect_region(info, "kernel 0", SMALL_LOW, 0x40);
		expect_region(info, "kernel 1", 0x200000, 0x3000);
		for (size_t i = 3; i <= n; i++) {
			char name[32];

			snprintf(name, sizeof(name), "kernel %zu", i - 1);
			expect_region(info, name, 0x300000 + i * 0x2000, 0x1000);
		}
		plan_teardown(&f);
	}
}
END_TEST

/* What lies between two segments is the kernel's if it is Linux, and nobody's if it is not. */
START_TEST(between_segments)
{
	static const uint8_t byte;
	const struct pvhload_source initrd = pvhload_source_buffer(&byte, 1);
	struct pvhload_boot_module module = PVHLOAD_BOOT_MODULE_INIT;
	static const struct {
		uint32_t kind; /* what is put there; 0: the RSDP */
		uint64_t gpa;
		bool there; /* if it is not Linux */
	} cases[] = {
		{ PVHLOAD_REGION_INITRD, 0x180000, true },
		{ PVHLOAD_REGION_INITRD, 0x101000, true },
		{ PVHLOAD_REGION_INITRD, 0x1ff000, true },
		{ PVHLOAD_REGION_INITRD, 0x100000, false },
		{ PVHLOAD_REGION_INITRD, 0x202000, false },
		{ PVHLOAD_REGION_MODULE, 0x180000, true },
		{ PVHLOAD_REGION_CMDLINE, 0x100040, true },
		{ 0, 0x180000, true },
		{ 0, 0x100040, true },
		{ 0, 0x10003f, false },
		{ 0, 0x200000 - 36, true },
		{ 0, 0x200000 - 35, false },
	};

	module.source = &initrd;
	for (size_t i = 0; i < 2 * (sizeof(cases) / sizeof(cases[0])); i++) {
		const bool is_linux = i % 2 == 0;
		const uint32_t kind = cases[i / 2].kind;
		struct plan_fixture f;

		plan_setup(&f, 64 * MIB);
		f.config.flags = is_linux ? PVHLOAD_BOOT_LINUX : PVHLOAD_BOOT_NOT_LINUX;
		f.config.initrds = &initrd;
		f.config.initrd_count = 1;
		f.config.modules = &module;
		f.config.module_count = 1;
		if (kind != 0)
			set_place(&f, kind, kind == PVHLOAD_REGION_MODULE, cases[i / 2].gpa);
		else
			f.config.rsdp_gpa = cases[i / 2].gpa;
		if (is_linux || !cases[i / 2].there) {
			(void)refused(&f, PVHLOAD_E_OVERLAP);
		} else {
			expect_region(plan(&f), "kernel 0", SMALL_LOW, 0x40);
			expect_region(plan(&f), "kernel 1", 0x200000, 0x3000);
		}
		plan_teardown(&f);
	}
}
END_TEST

START_TEST(kernel_over_the_usual_places)
{
	static const uint8_t code[0x4000];
	struct elf_spec spec = small_kernel();
	const struct pvhload_plan_info *info;
	struct plan_fixture f;

	spec.segments[3] = spec.segments[2];
	spec.segments[2] = (struct part){ PH_LOAD, 0x4000, code, sizeof(code), sizeof(code), 1 };
	spec.segment_count = 4;
	plan_setup_spec(&f, 64 * MIB, &spec);
	info = plan(&f);
	expect_region(info, "kernel 0", 0x4000, 0x4000);
	expect_region(info, "start_info", 0x1000, 56);
	plan_teardown(&f);
}
END_TEST

START_TEST(entries)
{
	static uint8_t notes[64];
	struct elf_spec spec = small_kernel();
	static const struct {
		uint32_t entry;
		bool good;
	} cases[] = {
		{ 0x100000, true }, { 0x10003f, true },    { 0x100040, false }, { 0xfffff, false },
		{ 0x20001f, true }, { 0x200020, false }, /* .bss: there is no code */
		{ 0, false },       { 0xffffffff, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pvhload_error err;
		struct plan_fixture f;
		uint8_t entry[4];

		for (size_t k = 0; k < sizeof(entry); k++)
			entry[k] = (uint8_t)(cases[i].entry >> 8 * k);
		spec.segments[2].file_size = put_note(notes, 0, "Xen", 18, entry, 4, 4);
		spec.segments[2].bytes = notes;
		plan_setup_spec(&f, 64 * MIB, &spec);
		if (cases[i].good) {
			ck_assert_uint_eq(plan(&f)->entry, cases[i].entry);
		} else {
			err = refused(&f, PVHLOAD_E_MALFORMED);
			ck_says(err, "PVH entry", "no segment", "[0x100000, 0x203000)");
			ck_assert_uint_eq(err.gpa, cases[i].entry);
		}
		plan_teardown(&f);
	}
}
END_TEST

START_TEST(no_pvh_entry)
{
	static uint8_t notes[64];
	struct elf_spec spec = small_kernel();
	struct pvhload_error err;
	struct plan_fixture f;

	spec.segment_count = 2;
	plan_setup_spec(&f, 64 * MIB, &spec);
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "no PVH entry", "built without CONFIG_PVH",
		"the 64-bit Linux entry at 0x100000");
	plan_teardown(&f);

	spec.is32 = true;
	plan_setup_spec(&f, 64 * MIB, &spec);
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "32-bit Linux entry at 0x100000");
	plan_teardown(&f);

	spec.is32 = false;
	spec.segment_count = 3;
	spec.segments[2].bytes = notes;
	spec.segments[2].file_size = put_note(notes, 0, "Xen", 18, "ab", 2, 4);
	plan_setup_spec(&f, 64 * MIB, &spec);
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "PHYS32_ENTRY note at offset 0x148 holds 2 bytes, neither 4 nor 8");
	plan_teardown(&f);
	spec.segments[2].file_size = put_note(notes, 0, "Xen", 18, "\0\0\0\0\1\0\0\0", 8, 4);
	plan_setup_spec(&f, 64 * MIB, &spec);
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "above 4 GiB");
	plan_teardown(&f);
}
END_TEST

START_TEST(bzimages)
{
	struct elf_spec elf_spec = small_kernel();
	struct bytes elf = build_elf(&elf_spec);
	struct bzimage_spec spec = { .version = 0x20c };
	const struct pvhload_plan_info *info;
	struct pvhload_error err;
	struct plan_fixture f;

	plan_setup(&f, 64 * MIB);
	use_bytes(&f, build_compressed(&elf, GZIP));
	info = plan(&f);
	ck_assert_uint_eq(info->entry, SMALL_ENTRY);
	expect_region(info, "kernel", SMALL_LOW, SMALL_END - SMALL_LOW);
	/* decoded once; a second plan uses it */
	ck_assert_ptr_nonnull(pvhload_image_payload(f.image));
	(void)plan(&f);

	/* images without one: no payload, a protocol without payloads, a 16-bit program */
	use_bytes(&f, build_bzimage(&spec));
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "no payload to take an ELF file from", "64-bit or 32-bit entry");
	spec.version = 0x207;
	use_bytes(&f, build_bzimage(&spec));
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "boot protocol 2.07 has no payload", "by its 32-bit entry");
	use_bytes(&f, build_bzimage(&spec));
	poke(&f.bytes, 0x214, 0, 4);
	pvhload_image_close(f.image);
	f.image = f.config.image = open_bytes(&f.bytes);
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "16-bit entry, which needs a BIOS");
	plan_teardown(&f);
	bytes_free(&elf);

	/* what is inside is no kernel at all */
	elf = bytes_copy("text, and not a kernel by any measure", 38);
	plan_setup(&f, 64 * MIB);
	use_bytes(&f, build_compressed(&elf, GZIP));
	err = refused(&f, PVHLOAD_E_FORMAT);
	ck_says(err, "payload", "not a kernel image");
	ck_assert_uint_eq(err.offset, PVHLOAD_NOWHERE);
	ck_assert_uint_eq(err.subject, PVHLOAD_SUBJECT_KERNEL);
	plan_teardown(&f);
	bytes_free(&elf);

	/* the kernel inside was built without PVH */
	elf_spec.segment_count = 2;
	elf = build_elf(&elf_spec);
	plan_setup(&f, 64 * MIB);
	use_bytes(&f, build_compressed(&elf, GZIP));
	err = refused(&f, PVHLOAD_E_PROTOCOL);
	ck_says(err, "CONFIG_PVH", "the Linux boot protocol");
	plan_teardown(&f);
	bytes_free(&elf);
}
END_TEST

/* What a payload decodes to need not fit the guest: what is loaded of it has to. */
START_TEST(payload_and_ram)
{
	const struct elf_spec spec = small_kernel();
	struct bytes elf = build_elf(&spec);
	struct pvhload_error err;
	struct plan_fixture f;

	elf.data = realloc(elf.data, 3 * MIB);
	memset(elf.data + elf.size, 0, 3 * MIB - elf.size);
	elf.size = 3 * MIB;
	plan_setup(&f, 64 * MIB);
	use_bytes(&f, build_compressed(&elf, GZIP));
	f.entries[1].size = SMALL_END - MIB;
	ck_assert_uint_lt(pvhload_memmap_ram_size(&f.map), elf.size);
	expect_region(plan(&f), "kernel", SMALL_LOW, SMALL_END - SMALL_LOW);
	f.entries[1].size--;
	err = refused(&f, PVHLOAD_E_RANGE);
	ck_says(err, "leaves RAM", "0x1 of its bytes are not RAM");
	plan_teardown(&f);
	bytes_free(&elf);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_kernel");

	ADD_TESTS(suite, "plan_kernel", segments_and_ram, segments_overlap, exabyte_bss,
		  kernels_in_pieces, many_segments, between_segments, kernel_over_the_usual_places,
		  entries, no_pvh_entry, bzimages, payload_and_ram);
	return run_suite(suite);
}
