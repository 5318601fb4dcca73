/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "multiboot_fixture.h"

static const uint8_t rsdp1[20] = "RSD PTR \x32"
				 "BOCHS \0\x10\x20\x30\x40";
uint8_t rsdp2[36];

void checksum(uint8_t *bytes, size_t size, size_t at)
{
	uint8_t sum = 0;

	bytes[at] = 0;
	for (size_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + bytes[i]);
	bytes[at] = (uint8_t)(0 - sum);
}

void make_rsdp2(void)
{
	memset(rsdp2, 0, sizeof(rsdp2));
	memcpy(rsdp2, rsdp1, sizeof(rsdp1));
	rsdp2[15] = 2;
	rsdp2[20] = sizeof(rsdp2);
	rsdp2[24] = 0x99;
	checksum(rsdp2, 20, 8);
	checksum(rsdp2, 36, 32);
}

void multiboot_setup_bytes(struct multiboot_fixture *m, uint32_t protocol, struct bytes bytes)
{
	plan_setup(&m->f, 64 * MIB);
	use_bytes(&m->f, bytes);
	m->multiboot = (struct pvhload_boot_multiboot)PVHLOAD_BOOT_MULTIBOOT_INIT;
	m->f.config.protocol = protocol;
	m->f.config.multiboot = &m->multiboot;
}

void multiboot_setup(struct multiboot_fixture *m, uint32_t protocol)
{
	struct mb_spec spec = flat_spec(protocol == PVHLOAD_PROTOCOL_MULTIBOOT1 ? 1 : 2);

	multiboot_setup_bytes(m, protocol, build_multiboot_flat(&spec));
}

void multiboot_add_files(struct multiboot_fixture *m)
{
	m->sources[0] = pvhload_source_buffer("an initrd", 9);
	m->sources[1] = pvhload_source_buffer("first", 5);
	m->sources[2] = pvhload_source_buffer("second", 6);
	for (size_t i = 0; i < 2; i++) {
		m->modules[i] = (struct pvhload_boot_module)PVHLOAD_BOOT_MODULE_INIT;
		m->modules[i].source = &m->sources[1 + i];
	}
	m->modules[0].cmdline = "one a b";
	m->f.config.initrds = m->sources;
	m->f.config.initrd_count = 1;
	m->f.config.modules = m->modules;
	m->f.config.module_count = 2;
}
