/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "fdt_fixture.h"

#include <stdio.h>

bool skip_without_fdt(void)
{
#ifdef PVL_HAVE_FDT
	return false;
#else
	printf("# skipped: no libfdt in this build\n");
	return true;
#endif
}

int skipped_suite(void)
{
	puts("1..0 # SKIP");
	return EXIT_SUCCESS;
}

void fdt_setup(struct fdt_fixture *f)
{
	*f = (struct fdt_fixture){
		.fdt = PVHLOAD_FDT_INIT,
		.params = PVHLOAD_FDT_PARAMS_INIT,
		.entries = { { MACHINE_RAM_GPA, MACHINE_RAM_SIZE, PVHLOAD_MEMMAP_RAM, 0 },
			     { 0x140000000, MACHINE_RAM_SIZE, PVHLOAD_MEMMAP_RAM, 0 } },
		.map = PVHLOAD_MEMMAP_INIT,
	};
	f->map.entries = f->entries;
	f->map.capacity = f->map.count = 2;
	f->params.cmdline = "console=ttyAMA0";
	f->params.initrd_gpa = 0x48000000;
	f->params.initrd_size = 0x123456;
	f->params.memmap = &f->map;
	fdt_use(f, machine_tree());
}

void fdt_teardown(struct fdt_fixture *f)
{
	bytes_free(&f->tree);
}

void fdt_use(struct fdt_fixture *f, struct bytes tree)
{
	bytes_free(&f->tree);
	f->tree = tree;
	f->fdt.tree = tree.data;
	f->fdt.size = tree.size;
}

struct bytes fdt_edited(struct fdt_fixture *f)
{
	struct bytes before = bytes_copy(f->tree.data, f->tree.size), made;
	struct pvhload_error err;
	size_t size = 0, told = 0;

	ck_status(PVHLOAD_OK, err, pvhload_fdt_edit(&f->fdt, &f->params, NULL, 0, &told, &err));
	made = bytes_zero(told);
	ck_status(PVHLOAD_OK, err,
		  pvhload_fdt_edit(&f->fdt, &f->params, made.data, made.size, &size, &err));
	ck_assert_uint_eq(size, told);
	ck_assert_uint_eq(tree_get(&made, TREE_TOTALSIZE), size);
	ck_assert_mem_eq(f->tree.data, before.data, before.size);
	bytes_free(&before);
	return made;
}

struct pvhload_error fdt_refused(struct fdt_fixture *f, enum pvhload_status status)
{
	struct bytes dst = bytes_zero(0x1000), zeros = bytes_zero(0x1000);
	struct pvhload_error err;
	size_t size = 1234;

	ck_status(status, err,
		  pvhload_fdt_edit(&f->fdt, &f->params, dst.data, dst.size, &size, &err));
	ck_assert_mem_eq(dst.data, zeros.data, zeros.size);
	ck_assert_uint_eq(size, 1234);
	bytes_free(&dst);
	bytes_free(&zeros);
	return err;
}

void check_property(const struct bytes *tree, const char *path, const char *name, const void *bytes,
		    size_t size)
{
	size_t found;
	const uint8_t *value = tree_find(tree, path, name, &found);

	ck_assert_msg((value != NULL) == (bytes != NULL), "%s of %s", name, path);
	if (!bytes)
		return;
	ck_assert_uint_eq(found, size);
	ck_assert_mem_eq(value, bytes, size);
}

void check_text(const struct bytes *tree, const char *path, const char *name, const char *text)
{
	check_property(tree, path, name, text, text ? strlen(text) + 1 : 0);
}
