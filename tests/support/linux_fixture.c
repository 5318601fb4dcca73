/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "linux_fixture.h"

static const struct {
	uint32_t offset;
	uint32_t size;
	uint16_t since;
	uint64_t value;
} debian_6_12[] = {
	{ 0x1f1, 1, 0, 0x27 },           /* setup_sects */
	{ 0x1f2, 2, 0, 1 },              /* root_flags */
	{ 0x1f4, 4, 0x204, 0xb1320 },    /* syssize */
	{ 0x1f8, 2, 0, 0 },              /* ram_size */
	{ 0x1fa, 2, 0, 0xffff },         /* vid_mode */
	{ 0x1fc, 2, 0, 0 },              /* root_dev */
	{ 0x1fe, 2, 0, 0xaa55 },         /* boot_flag */
	{ 0x200, 1, 0x200, 0xeb },       /* jump; how far is put after it */
	{ 0x202, 4, 0x200, 0x53726448 }, /* "HdrS" */
	{ 0x208, 4, 0x200, 0 },          /* realmode_swtch */
	{ 0x20c, 2, 0x200, 0x1000 },     /* start_sys_seg */
	{ 0x20e, 2, 0x200, 0x42c0 },     /* kernel_version */
	{ 0x210, 1, 0x200, 0 },          /* type_of_loader */
	{ 0x211, 1, 0x200, 0x01 },       /* loadflags: LOADED_HIGH */
	{ 0x212, 2, 0x200, 0x8000 },     /* setup_move_size */
	{ 0x214, 4, 0x200, 0x100000 },   /* code32_start */
	{ 0x218, 4, 0x200, 0 },          /* ramdisk_image */
	{ 0x21c, 4, 0x200, 0 },          /* ramdisk_size */
	{ 0x220, 4, 0x200, 0 },          /* bootsect_kludge */
	{ 0x224, 2, 0x201, 0x5c00 },     /* heap_end_ptr */
	{ 0x226, 2, 0x202, 0 },          /* ext_loader_ver, ext_loader_type */
	{ 0x228, 4, 0x202, 0 },          /* cmd_line_ptr */
	{ 0x22c, 4, 0x203, 0x7fffffff }, /* initrd_addr_max */
	{ 0x230, 4, 0x205, 0x200000 },   /* kernel_alignment */
	{ 0x234, 1, 0x205, 1 },          /* relocatable_kernel */
	{ 0x235, 1, 0x20a, 0x15 },       /* min_alignment */
	{ 0x236, 2, 0x20c, 0x7f },       /* xloadflags */
	{ 0x238, 4, 0x206, 0x7ff },      /* cmdline_size */
	{ 0x23c, 4, 0x207, 0 },          /* hardware_subarch */
	{ 0x240, 8, 0x207, 0 },          /* hardware_subarch_data */
	{ 0x248, 4, 0x208, 0x2cc },      /* payload_offset */
	{ 0x24c, 4, 0x208, 0xadc850 },   /* payload_length */
	{ 0x250, 8, 0x209, 0 },          /* setup_data */
	{ 0x258, 8, 0x20a, 0x1000000 },  /* pref_address */
	{ 0x260, 4, 0x20a, 0x37dc000 },  /* init_size */
	{ 0x264, 4, 0x20b, 0xaffff0 },   /* handover_offset */
	{ 0x268, 4, 0x20f, 0xb104dc },   /* kernel_info_offset */
};

struct bytes build_head(uint16_t version, uint32_t end)
{
	struct bytes head = bytes_zero(HEAD_SIZE);

	memset(head.data, HEAD_CODE, head.size);
	for (size_t i = 0; i < sizeof(debian_6_12) / sizeof(debian_6_12[0]); i++)
		if (debian_6_12[i].since <= version &&
		    debian_6_12[i].offset + debian_6_12[i].size <= end)
			poke(&head, debian_6_12[i].offset, debian_6_12[i].value,
			     debian_6_12[i].size);
	poke(&head, 0x201, end - 0x202, 1);
	poke(&head, 0x206, version, 2);
	return head;
}

void linux_use_head(struct linux_fixture *f, uint16_t version, uint32_t end)
{
	bytes_free(&f->head);
	f->params.setup_header = NULL;
	f->params.setup_header_size = 0;
	if (version == 0)
		return;
	f->head = build_head(version, end);
	f->params.setup_header = f->head.data + 0x1f1;
	f->params.setup_header_size = HEAD_SIZE - 0x1f1;
}

void linux_poke(struct linux_fixture *f, uint32_t offset, uint64_t value, size_t size)
{
	poke(&f->head, offset, value, size);
}

void linux_setup(struct linux_fixture *f)
{
	memset(f, 0, sizeof(*f));
	fake_memory_init(&f->fake, RAM_SIZE, 0);
	f->page = f->fake.bytes + 0x7000;
	f->map = ram_map(f->entries, RAM_SIZE);
	f->params = (struct pvhload_linux_params)PVHLOAD_LINUX_PARAMS_INIT;
	f->params.memmap = &f->map;
	f->layout = (struct pvhload_linux_layout)PVHLOAD_LINUX_LAYOUT_INIT;
	linux_use_head(f, 0x20f, 0x26c);
}

void linux_teardown(struct linux_fixture *f)
{
	fake_memory_free(&f->fake);
	bytes_free(&f->head);
}

enum pvhload_status linux_write(struct linux_fixture *f, struct pvhload_error *err)
{
	return pvhload_linux_write(&f->fake.memory, &f->layout, &f->params, err);
}

void linux_written(struct linux_fixture *f)
{
	struct pvhload_error err;

	ck_status(PVHLOAD_OK, err, linux_write(f, &err));
	ck_assert(!f->fake.strayed);
}

struct pvhload_error linux_refused(struct linux_fixture *f, enum pvhload_status status)
{
	struct pvhload_error err;

	ck_status(status, err, linux_write(f, &err));
	ck_assert(fake_memory_untouched(&f->fake));
	ck_assert_uint_eq(f->fake.calls, 0);
	return err;
}

void ck_written_only(const struct fake_memory *fake, const struct written *ranges, size_t count)
{
	struct bytes copy = bytes_copy(fake->bytes, (size_t)fake->size);
	struct fake_memory rest = *fake;

	for (size_t i = 0; i < count; i++)
		memset(copy.data + ranges[i].gpa, FAKE_PATTERN, (size_t)ranges[i].size);
	rest.bytes = copy.data;
	ck_assert(fake_memory_untouched(&rest));
	bytes_free(&copy);
}

struct pvhload_linux_setup_data setup_data(struct pvhload_source *source, uint32_t type,
					   const void *bytes, size_t size)
{
	struct pvhload_linux_setup_data data = PVHLOAD_LINUX_SETUP_DATA_INIT;

	*source = pvhload_source_buffer(bytes, size);
	data.source = source;
	data.type = type;
	return data;
}

struct bytes build_dtb(size_t size, uint32_t totalsize)
{
	struct bytes dtb = bytes_zero(size);

	for (size_t i = 0; i < size; i++)
		dtb.data[i] = (uint8_t)i;
	memcpy(dtb.data, "\xd0\x0d\xfe\xed", 4);
	for (size_t i = 0; i < 4; i++) /* big-endian */
		dtb.data[4 + i] = (uint8_t)(totalsize >> (24 - 8 * i));
	return dtb;
}
