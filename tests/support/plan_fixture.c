/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "plan_fixture.h"

void plan_setup_spec(struct plan_fixture *f, uint64_t ram, const struct elf_spec *spec)
{
	memset(f, 0, sizeof(*f));
	f->spec = *spec;
	f->bytes = build_elf(&f->spec);
	f->image = open_bytes(&f->bytes);
	f->map = ram_map(f->entries, ram);
	f->map.capacity = 160;
	f->config = (struct pvhload_boot_config)PVHLOAD_BOOT_CONFIG_INIT;
	f->config.image = f->image;
	f->config.protocol = PVHLOAD_PROTOCOL_PVH;
	f->config.memmap = &f->map;
	f->config.places = f->places;
	f->x86 = (struct pvhload_boot_x86)PVHLOAD_BOOT_X86_INIT;
	f->config.x86 = &f->x86;
}

void plan_setup(struct plan_fixture *f, uint64_t ram)
{
	const struct elf_spec spec = small_kernel();

	plan_setup_spec(f, ram, &spec);
}

void plan_teardown(struct plan_fixture *f)
{
	pvhload_plan_free(f->plan);
	pvhload_image_close(f->image);
	bytes_free(&f->bytes);
}

void set_place(struct plan_fixture *f, uint32_t kind, uint32_t index, uint64_t gpa)
{
	size_t i = 0;

	while (i < f->config.place_count &&
	       (f->places[i].kind != kind || f->places[i].index != index))
		i++;
	if (gpa == 0 && i < f->config.place_count)
		f->places[i] = f->places[--f->config.place_count];
	if (gpa == 0)
		return;
	ck_assert_uint_lt(i, sizeof(f->places) / sizeof(f->places[0]));
	f->places[i] = (struct pvhload_boot_place){ sizeof(f->places[0]), kind, index, gpa };
	f->config.place_count += i == f->config.place_count;
}

/* A firmware is in a ROM, as a whole. */
static bool in_rom(const struct plan_fixture *f, const struct pvhload_plan_region *r)
{
	bool inside = false;

	for (size_t i = 0; i < f->config.rom_count; i++)
		inside |= r->gpa >= f->config.roms[i].gpa &&
			  r->gpa + r->size <= f->config.roms[i].gpa + f->config.roms[i].size;
	return inside &&
	       (r->kind == PVHLOAD_REGION_FIRMWARE || r->kind == PVHLOAD_REGION_FIRMWARE_ALIAS);
}

/* Plans hold what plans promise: sorted, disjoint, inside RAM. */
static void check_regions(const struct plan_fixture *f, const struct pvhload_plan_info *info)
{
	uint64_t end = 0;

	for (size_t i = 0; i < info->region_count; i++) {
		const struct pvhload_plan_region *r = info->regions[i];
		bool inside = false;

		ck_assert_uint_gt(r->size, 0);
		ck_assert_uint_ge(r->gpa, end);
		end = r->gpa + r->size;
		for (size_t k = 0; k < f->map.count; k++)
			inside |= f->map.entries[k].type == PVHLOAD_MEMMAP_RAM &&
				  r->gpa >= f->map.entries[k].gpa &&
				  end <= f->map.entries[k].gpa + f->map.entries[k].size;
		ck_assert_msg(inside || in_rom(f, r), "%s is not in RAM", r->name);
	}
}

/* The last attempt worked, and says nothing; those before it failed, and say why. */
static void check_attempts(const struct pvhload_plan_info *info)
{
	ck_assert_uint_gt(info->attempt_count, 0);
	for (size_t i = 0; i < info->attempt_count; i++) {
		const bool last = i + 1 == info->attempt_count;

		ck_assert_int_eq(info->attempts[i]->status == PVHLOAD_OK, last);
		ck_assert_int_eq(info->attempts[i]->message[0] == '\0', last);
	}
}

const struct pvhload_plan_info *plan(struct plan_fixture *f)
{
	struct pvhload_error err;

	pvhload_plan_free(f->plan);
	f->plan = NULL;
	ck_status(PVHLOAD_OK, err, pvhload_boot_plan(&f->config, &f->plan, &err));
	check_regions(f, pvhload_plan_get_info(f->plan));
	check_attempts(pvhload_plan_get_info(f->plan));
	return pvhload_plan_get_info(f->plan);
}

static int write_nothing(void *user, uint64_t gpa, const void *src, size_t len)
{
	(void)user;
	(void)src;
	ck_abort_msg("%zu bytes are written at 0x%" PRIx64, len, gpa);
	return -1;
}

/* pvhload_boot_load() refuses it in the same words, unless somebody counts the calls. */
static void refused_load(struct plan_fixture *f, const struct pvhload_error *expected)
{
	struct pvhload_memory_ops ops = PVHLOAD_MEMORY_OPS_INIT;
	struct pvhload_memory mem = PVHLOAD_MEMORY_INIT;
	struct pvhload_plan *made = NULL;
	struct pvhload_error err;

	if (f->config.progress)
		return;
	ops.write = write_nothing;
	mem.ops = &ops;
	ck_status((enum pvhload_status)expected->status, err,
		  pvhload_boot_load(&f->config, &mem, &made, &err));
	ck_assert_ptr_null(made);
	ck_assert_str_eq(err.message, expected->message);
}

struct pvhload_error refused(struct plan_fixture *f, enum pvhload_status status)
{
	struct pvhload_plan *const untouched = (struct pvhload_plan *)(uintptr_t)0x5a5a;
	struct pvhload_plan *made = untouched;
	struct pvhload_error err;

	ck_status(status, err, pvhload_boot_plan(&f->config, &made, &err));
	ck_assert_ptr_eq(made, untouched);
	refused_load(f, &err);
	return err;
}

static int64_t fail_reading(void *user, uint64_t offset, void *dst, size_t len)
{
	(void)user;
	(void)dst;
	ck_abort_msg("%zu bytes are read at offset %" PRIu64, len, offset);
	return -1;
}

struct pvhload_source never_read(uint64_t size)
{
	return pvhload_source_reader(fail_reading, NULL, size);
}

const struct pvhload_plan_region *region(const struct pvhload_plan_info *info, const char *name)
{
	for (size_t i = 0; i < info->region_count; i++)
		if (strcmp(info->regions[i]->name, name) == 0)
			return info->regions[i];
	return NULL;
}

void expect_region(const struct pvhload_plan_info *info, const char *name, uint64_t gpa,
		   uint64_t size)
{
	const struct pvhload_plan_region *r = region(info, name);

	ck_assert_msg(r != NULL, "no region %s", name);
	ck_assert_msg(r->gpa == gpa && r->size == size, "%s is 0x%" PRIx64 " at 0x%" PRIx64, name,
		      r->size, r->gpa);
}

/* A bzImage in place of the fixture's kernel. */
void use_bytes(struct plan_fixture *f, struct bytes bytes)
{
	pvhload_image_close(f->image);
	bytes_free(&f->bytes);
	f->bytes = bytes;
	f->image = f->config.image = open_bytes(&f->bytes);
}

void reopen(struct plan_fixture *f)
{
	pvhload_image_close(f->image);
	f->image = f->config.image = open_bytes(&f->bytes);
}

void bzimage_setup(struct plan_fixture *f, uint64_t ram, uint32_t protocol)
{
	const struct bzimage_spec spec = undecoded_bzimage();

	plan_setup(f, ram);
	use_bytes(f, build_bzimage(&spec));
	f->config.protocol = protocol;
	f->config.cmdline = "nokaslr"; /* what is kept free in RAM is safe from it */
}

void set_field(struct plan_fixture *f, size_t offset, uint64_t value, size_t size)
{
	poke(&f->bytes, offset, value, size);
	reopen(f);
}

/* A guest whose RAM is one window: only what a test looks at is kept. */
struct window {
	uint64_t gpa;
	uint8_t *bytes;
	size_t size;
};

static int keep(void *user, uint64_t gpa, const void *src, size_t len)
{
	const struct window *w = user;
	const uint64_t start = gpa > w->gpa ? gpa : w->gpa;
	const uint64_t end = gpa + len < w->gpa + w->size ? gpa + len : w->gpa + w->size;

	if (start < end)
		memcpy(w->bytes + (start - w->gpa), (const uint8_t *)src + (start - gpa),
		       (size_t)(end - start));
	return 0;
}

void committed(struct plan_fixture *f, uint64_t gpa, void *dst, size_t size)
{
	struct pvhload_memory_ops ops = PVHLOAD_MEMORY_OPS_INIT;
	struct pvhload_memory mem = PVHLOAD_MEMORY_INIT;
	struct window window = { gpa, dst, size };
	struct pvhload_error err;

	memset(dst, 0xa5, size);
	ops.write = keep;
	mem.ops = &ops;
	mem.user = &window;
	ck_status(PVHLOAD_OK, err, pvhload_plan_commit(f->plan, &mem, &err));
}

uint64_t le(const uint8_t *bytes, size_t size)
{
	uint64_t value = 0;

	for (size_t i = size; i-- > 0;)
		value = value << 8 | bytes[i];
	return value;
}

uint64_t guest_le(struct plan_fixture *f, size_t size, uint64_t gpa)
{
	uint8_t bytes[8];

	committed(f, gpa, bytes, size);
	return le(bytes, size);
}

uint64_t zero_page(struct plan_fixture *f, size_t offset, size_t size)
{
	return guest_le(f, size, pvhload_plan_get_info(f->plan)->zero_page_gpa + offset);
}
