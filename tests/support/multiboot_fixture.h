/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Plans by Multiboot. */
#ifndef SUPPORT_MULTIBOOT_FIXTURE_H
#define SUPPORT_MULTIBOOT_FIXTURE_H

#include "multiboot_images.h"
#include "plan_fixture.h"

struct multiboot_fixture {
	struct plan_fixture f;
	struct pvhload_boot_multiboot multiboot;
	struct pvhload_source sources[3];
	struct pvhload_boot_module modules[2];
};

/* A kernel of these bytes, or one that is no ELF file, with a header of the protocol's version. */
void multiboot_setup_bytes(struct multiboot_fixture *m, uint32_t protocol, struct bytes bytes);
void multiboot_setup(struct multiboot_fixture *m, uint32_t protocol);

/* An initrd of 9 bytes and two modules, of 5 and 6, of which the first has the text "one a b". */
void multiboot_add_files(struct multiboot_fixture *m);

/* An RSDP of revision 2, of which the first 20 bytes are one of revision 0 but for its number. */
extern uint8_t rsdp2[36];
void make_rsdp2(void);

/* Set the byte at @at so that all of them sum up to 0. */
void checksum(uint8_t *bytes, size_t size, size_t at);

#endif
