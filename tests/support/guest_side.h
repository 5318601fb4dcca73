/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* The guest's side: memory that a kernel reads, which ends where its last byte is, and what it prints. */
#ifndef SUPPORT_GUEST_SIDE_H
#define SUPPORT_GUEST_SIDE_H

#include <pvhload/guest.h>

#include "bytes.h"

#define MEMORY_SIZE 0x40000u

/* Zeros at first; a guest address is an offset in it. */
extern struct bytes memory;
extern struct pvhload_guest_reach reach;

void guest_side_setup(void);
void guest_side_teardown(void);

/* A zero page of a protocol version and nothing else in it, at PAGE; read, which must be possible. */
#define PAGE 0x1000u
void put_page(uint16_t version);
struct pvhload_guest_zero_page read_page(void);

/* An entry of an e820 table. */
void put_entry20(uint64_t gpa, uint64_t addr, uint64_t size, uint32_t type);

/* What goes to the printer, as one text. */
extern char printed[32768];
extern size_t printed_size;
extern const struct pvhload_guest_printer printer;

#endif
