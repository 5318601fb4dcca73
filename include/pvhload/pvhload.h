/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * Everything at once.
 *
 * Not in it are kvm.h and kvm_registers.h, which want linux/kvm.h before them, and guest.h, which is for kernels.
 *
 * The order is that of a boot: a source gives an image; image and memory map give a plan; the plan
 * is committed to guest memory and names the processor's first state.
 */
#ifndef PVHLOAD_PVHLOAD_H
#define PVHLOAD_PVHLOAD_H

#include <pvhload/abi/boot_params.h>
#include <pvhload/abi/elf_note.h>
#include <pvhload/abi/setup_header.h>
#include <pvhload/abi/start_info.h>
#include <pvhload/arm64_cpu.h>
#include <pvhload/boot.h>
#include <pvhload/cmdline.h>
#include <pvhload/cmdline_devices.h>
#include <pvhload/cmdline_params.h>
#include <pvhload/codec.h>
#include <pvhload/explain.h>
#include <pvhload/fdt.h>
#include <pvhload/framebuffer.h>
#include <pvhload/guest_memory.h>
#include <pvhload/image.h>
#include <pvhload/image_info.h>
#include <pvhload/image_load.h>
#include <pvhload/image_parts.h>
#include <pvhload/image_share.h>
#include <pvhload/kernel_hashes.h>
#include <pvhload/linux.h>
#include <pvhload/macros.h>
#include <pvhload/memmap.h>
#include <pvhload/multiboot.h>
#include <pvhload/plan.h>
#include <pvhload/pool.h>
#include <pvhload/progress.h>
#include <pvhload/protocol.h>
#include <pvhload/pvh.h>
#include <pvhload/range.h>
#include <pvhload/read_back.h>
#include <pvhload/region.h>
#include <pvhload/riscv64_cpu.h>
#include <pvhload/source.h>
#include <pvhload/status.h>
#include <pvhload/version.h>
#include <pvhload/x86_cpu.h>
#include <pvhload/x86_page_tables.h>

#endif
