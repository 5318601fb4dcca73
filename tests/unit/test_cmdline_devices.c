/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Parameters for devices and consoles, as Linux reads them. */
#include "cmdline_fixture.h"

#define NO_ID PVHLOAD_VIRTIO_MMIO_NO_ID

static struct pvhload_error refused;

START_TEST(virtio_mmio)
{
	static const struct {
		uint64_t size, gpa;
		uint32_t irq, id;
		const char *text;
	} cases[] = {
		{ 1, 0, 1, NO_ID, "virtio_mmio.device=1@0x0:1" },
		{ 512, 0xd0000000, 5, 0, "virtio_mmio.device=512@0xd0000000:5:0" },
		{ 0x1000, 0x12345678abc, 4294967295u, 2147483647,
		  "virtio_mmio.device=4K@0x12345678abc:4294967295:2147483647" },
		{ 1536, 0, 1, NO_ID, "virtio_mmio.device=1536@0x0:1" },
		{ 3ull << 29, 0, 1, NO_ID, "virtio_mmio.device=1536M@0x0:1" },
		{ 1ull << 40, 0, 1, NO_ID, "virtio_mmio.device=1024G@0x0:1" },
		{ 2, 0xfffffffffffffffe, 1, NO_ID, "virtio_mmio.device=2@0xfffffffffffffffe:1" },
	};
	struct pvhload_cmdline *line;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		line = parsed("-- x");
		ck_status(PVHLOAD_OK, refused,
			  pvhload_cmdline_add_virtio_mmio(line, cases[i].size, cases[i].gpa,
							  cases[i].irq, cases[i].id, &refused));
		ck_assert_uint_eq(pvhload_cmdline_length(line), strlen(cases[i].text) + 5);
		ck_assert_mem_eq(pvhload_cmdline_str(line), cases[i].text, strlen(cases[i].text));
		ck_assert_str_eq(pvhload_cmdline_init_args(line), "x");
		pvhload_cmdline_free(line);
	}
	line = parsed("a");
	ck_refused(line, PVHLOAD_E_CMDLINE,
		   pvhload_cmdline_add_virtio_mmio(line, 0, 0, 1, NO_ID, &refused),
		   "the size of a virtio-mmio device cannot be 0");
	ck_refused(line, PVHLOAD_E_CMDLINE,
		   pvhload_cmdline_add_virtio_mmio(line, 1, 0, 0, NO_ID, &refused),
		   "the irq of a virtio-mmio device cannot be 0");
	ck_refused(line, PVHLOAD_E_CMDLINE,
		   pvhload_cmdline_add_virtio_mmio(line, 1, 0, 1, 0x80000000, &refused),
		   "id 2147483648 is above 2147483647");
	ck_refused(line, PVHLOAD_E_CMDLINE,
		   pvhload_cmdline_add_virtio_mmio(line, 3, 0xfffffffffffffffe, 1, NO_ID, &refused),
		   "0x3 bytes at 0xfffffffffffffffe passes the end of the address space");
	ck_refused(line, PVHLOAD_E_CMDLINE,
		   pvhload_cmdline_add_virtio_mmio(line, UINT64_MAX, 2, 1, NO_ID, &refused),
		   "passes the end of the address space");
	ck_status(PVHLOAD_E_USAGE, refused,
		  pvhload_cmdline_add_virtio_mmio(NULL, 1, 0, 1, NO_ID, &refused));
	pvhload_cmdline_free(line);

	line = line_of(sizeof("virtio_mmio.device=4K@0x1000:5") - 1);
	ck_refused(line, PVHLOAD_E_CMDLINE,
		   pvhload_cmdline_add_virtio_mmio(line, 0x1000, 0x1000, 5, NO_ID, &refused),
		   "would need 31 bytes with its NUL, 1 more");
	pvhload_cmdline_free(line);
}
END_TEST

START_TEST(consoles)
{
	struct pvhload_cmdline *line = line_of(200);

	ck_done(line, "console=hvc0", pvhload_cmdline_add_console(line, "hvc0", 0, &done_err_));
	ck_done(line, "console=hvc0 console=ttyS0,115200n8",
		pvhload_cmdline_add_console(line, "ttyS0", 115200, &done_err_));
	ck_refused(line, PVHLOAD_E_CMDLINE,
		   pvhload_cmdline_add_console(line, "ttyS0,9600", 0, &refused),
		   "character 0x2c at offset 5");
	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_add_console(line, "tty S", 0, &refused),
		   "a console's name has a space at offset 3");
	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_add_console(line, "t\"", 1, &refused),
		   "character 0x22 at offset 1");
	ck_refused(line, PVHLOAD_E_CMDLINE, pvhload_cmdline_add_console(line, "", 0, &refused),
		   "has 0 bytes, allowed are 1 to 32");
	ck_refused(line, PVHLOAD_E_CMDLINE,
		   pvhload_cmdline_add_console(line, "123456789012345678901234567890123", 1,
					       &refused),
		   "has 33 bytes, allowed are 1 to 32");
	ck_refused(line, PVHLOAD_E_USAGE, pvhload_cmdline_add_console(line, NULL, 0, &refused),
		   "NULL");
	pvhload_cmdline_free(line);
}
END_TEST

START_TEST(early_consoles)
{
	struct pvhload_cmdline *line = line_of(200);

	ck_done(line, "earlycon=uart8250,io,0x3f8,115200",
		pvhload_cmdline_add_earlycon(line, "uart8250", PVHLOAD_EARLYCON_IO, 0x3f8, 115200,
					     &done_err_));
	ck_refused(line, PVHLOAD_E_CMDLINE,
		   pvhload_cmdline_add_earlycon(line, "uart8250", PVHLOAD_EARLYCON_IO, 0x10000, 0,
						&refused),
		   "port 0x10000 is above 0xffff");
	ck_refused(line, PVHLOAD_E_USAGE,
		   pvhload_cmdline_add_earlycon(line, "uart8250", 0, 0x3f8, 0, &refused),
		   "0 is not a PVHLOAD_EARLYCON_* value");
	ck_refused(line, PVHLOAD_E_USAGE,
		   pvhload_cmdline_add_earlycon(line, "uart8250", 6, 0x3f8, 0, &refused),
		   "6 is not a PVHLOAD_EARLYCON_* value");
	ck_refused(line, PVHLOAD_E_USAGE,
		   pvhload_cmdline_add_earlycon(line, NULL, 1, 0x3f8, 0, &refused), "NULL");
	ck_refused(line, PVHLOAD_E_CMDLINE,
		   pvhload_cmdline_add_earlycon(line, "a,b", 1, 0x3f8, 0, &refused), "0x2c");
	pvhload_cmdline_free(line);

	line = line_of(200);
	ck_done(line, "earlycon=pl011,mmio,0x9000000",
		pvhload_cmdline_add_earlycon(line, "pl011", PVHLOAD_EARLYCON_MMIO, 0x9000000, 0,
					     &done_err_));
	ck_status(PVHLOAD_OK, refused,
		  pvhload_cmdline_add_earlycon(line, "a", PVHLOAD_EARLYCON_MMIO16, 1, 0, &refused));
	ck_status(PVHLOAD_OK, refused,
		  pvhload_cmdline_add_earlycon(line, "b", PVHLOAD_EARLYCON_MMIO32, 2, 0, &refused));
	ck_status(PVHLOAD_OK, refused,
		  pvhload_cmdline_add_earlycon(line, "c", PVHLOAD_EARLYCON_MMIO32BE, UINT64_MAX,
					       UINT32_MAX, &refused));
	is_text(line, "earlycon=pl011,mmio,0x9000000 earlycon=a,mmio16,0x1 "
		      "earlycon=b,mmio32,0x2 "
		      "earlycon=c,mmio32be,0xffffffffffffffff,4294967295");
	pvhload_cmdline_free(line);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cmdline_devices");

	ADD_TESTS(suite, "devices", virtio_mmio, consoles, early_consoles);
	return run_suite(suite);
}
