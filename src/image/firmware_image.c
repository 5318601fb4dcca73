/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Opening a raw x86 firmware.  Nothing in such a file says what it is: the caller does, and what can be checked is
 * that the processor gets from the reset vector into it.
 *
 * ABI source: Intel SDM, volume 3, "First Instruction Executed"; volume 2 for the instructions.  That the last bytes are
 * below 1 MiB as well is no text's rule: QEMU and the chipsets of PCs have it so.
 */
#include "abi/elf_layout.h"
#include "abi/reset_code.h"
#include "core/error.h"
#include "core/libc.h"
#include "core/range.h"
#include "image/format.h"
#include "x86/limits.h"

/* Never by its content. */
bool pvl_firmware_probe(struct pvl_span head)
{
	(void)head;
	return false;
}

/*
 * Bytes from an instruction that may come before the jump to the next; 0 if it is another.  OVMF asks CR0 whether it is
 * in real mode, as it is here, and jumps over what is for protected mode.
 */
static uint64_t length_before(struct pvl_span code, uint64_t at)
{
	uint8_t op = 0, second = 0;

	(void)pvl_span_u8(code, at, &op);
	(void)pvl_span_u8(code, at + 1, &second);
	switch (op) {
	case PVL_OP_NOP:
	case PVL_OP_CLI:
	case PVL_OP_CLD:
		return 1;
	case PVL_OP_TEST_AL:
		return 2;
	case PVL_OP_TWO_BYTES:
		return second == PVL_OP_WBINVD ? 2 : second == PVL_OP_MOV_FROM_CR ? 3 : 0;
	case PVL_OP_JUMP_ZERO:
		return second <= INT8_MAX ? 2 + (uint64_t)second : 0;
	default:
		return op >= PVL_OP_MOV_AX && op <= PVL_OP_MOV_DI ? 1 + sizeof(uint16_t) : 0;
	}
}

/* An offset of two bytes, or with the prefix of four. */
static bool get_offset(struct pvl_span code, uint64_t at, bool wide, uint32_t *ret)
{
	uint16_t low = 0;

	if (wide)
		return pvl_span_le32(code, at, ret);
	if (!pvl_span_le16(code, at, &low))
		return false;
	*ret = low;
	return true;
}

/* In the segment of the reset vector, to an offset that is relative to the next instruction. */
static uint64_t near_target(uint64_t next, uint32_t distance)
{
	return PVL_X86_RESET_CS_BASE + (PVL_X86_RESET_IP + next + distance) % PVL_SEGMENT_SIZE;
}

/* Where the jump at @at goes; false if there is none. */
static bool jump_target(struct pvl_span code, uint64_t at, uint64_t *ret)
{
	uint32_t offset = 0;
	uint16_t segment = 0;
	uint8_t op = 0, distance = 0;
	bool wide;

	(void)pvl_span_u8(code, at, &op);
	wide = op == PVL_OP_OPERAND32;
	at += wide;
	(void)pvl_span_u8(code, at++, &op);
	if (op == PVL_OP_JUMP_SHORT && pvl_span_u8(code, at, &distance)) {
		*ret = near_target(at + 1, (uint32_t)(int32_t)(int8_t)distance);
		return true;
	}
	if ((op != PVL_OP_JUMP_NEAR && op != PVL_OP_JUMP_FAR) ||
	    !get_offset(code, at, wide, &offset))
		return false;
	at += wide ? sizeof(uint32_t) : sizeof(uint16_t);
	*ret = near_target(at, offset);
	if (op == PVL_OP_JUMP_NEAR)
		return true;
	if (!pvl_span_le16(code, at, &segment))
		return false;
	*ret = ((uint64_t)segment << PVL_SEGMENT_SHIFT) + offset;
	return true;
}

static bool find_jump(struct pvl_span code, uint64_t *ret)
{
	uint64_t at = 0, length;

	while ((length = length_before(code, at)) != 0)
		at += length;
	return jump_target(code, at, ret);
}

static enum pvhload_status check_size(uint64_t size, struct pvhload_error *err)
{
	if (size < PVL_RESET_CODE_SIZE)
		return pvl_fail(err, PVHLOAD_E_FORMAT, PVL_AT(0),
				"not a firmware: it has %" PRIu64
				" bytes, and the processor begins %u before the end",
				size, PVL_RESET_CODE_SIZE);
	if (size > PVHLOAD_FIRMWARE_SIZE_MAX)
		return pvl_fail(err, PVHLOAD_E_LIMIT, PVL_AT(0),
				"the firmware has %" PRIu64 " bytes, %" PRIu64
				" more than the limit, %u",
				size, size - PVHLOAD_FIRMWARE_SIZE_MAX, PVHLOAD_FIRMWARE_SIZE_MAX);
	if (size % PVHLOAD_FIRMWARE_ALIGN != 0)
		return pvl_fail(
			err, PVHLOAD_E_MALFORMED, PVL_AT(0),
			"the firmware has %" PRIu64
			" bytes, which is no multiple of %u: of a ROM of whole pages, with its "
			"end at 4 GiB, it would not begin at one",
			size, PVHLOAD_FIRMWARE_ALIGN);
	return PVHLOAD_OK;
}

static void set_places(struct pvhload_image_firmware *f, uint64_t size)
{
	f->window = (struct pvhload_range){ PVL_4GIB - size, size };
	f->alias.size = size < PVL_X86_FIRMWARE_ALIAS_MAX ? size : PVL_X86_FIRMWARE_ALIAS_MAX;
	f->alias.gpa = PVL_X86_FIRMWARE_ALIAS_END - f->alias.size;
}

static bool has_byte(const struct pvhload_range *range, uint64_t gpa)
{
	return gpa >= range->gpa && gpa - range->gpa < range->size;
}

static enum pvhload_status no_jump(struct pvl_span code, uint64_t offset, struct pvhload_error *err)
{
	return pvl_fail(err, PVHLOAD_E_FORMAT, PVL_AT(offset),
			"not a firmware: its last %u bytes, where the processor begins, are "
			"%02x %02x %02x %02x %02x ..., which is no jump that is known",
			PVL_RESET_CODE_SIZE, code.data[0], code.data[1], code.data[2], code.data[3],
			code.data[4]);
}

static enum pvhload_status check_reset(const struct pvl_source *source,
				       struct pvhload_image_firmware *f, struct pvhload_error *err)
{
	const uint64_t offset = source->length - PVL_RESET_CODE_SIZE;
	uint8_t bytes[PVL_RESET_CODE_SIZE];
	const struct pvl_span code = { bytes, sizeof(bytes) };

	PVL_TRY(pvl_source_read(source, offset, bytes, sizeof(bytes), err));
	if (!find_jump(code, &f->target))
		return no_jump(code, offset, err);
	if (!has_byte(&f->window, f->target) && !has_byte(&f->alias, f->target))
		return pvl_fail(err, PVHLOAD_E_MALFORMED, PVL_AT(offset),
				"the firmware's first instruction jumps to 0x%" PRIx64
				", where there is none of it: it is from 0x%" PRIx64
				" to 4 GiB, and from 0x%" PRIx64 " to 1 MiB",
				f->target, f->window.gpa, f->alias.gpa);
	return PVHLOAD_OK;
}

enum pvhload_status pvl_firmware_read(const struct pvl_source *source,
				      struct pvhload_image_firmware *ret, struct pvhload_error *err)
{
	PVL_TRY(check_size(source->length, err));
	set_places(ret, source->length);
	return check_reset(source, ret, err);
}

enum pvhload_status pvl_firmware_open(struct pvhload_image *image, const struct pvl_head *head,
				      struct pvhload_error *err)
{
	if (head->size >= PVL_SELFMAG && memcmp(head->bytes, PVL_ELFMAG, PVL_SELFMAG) == 0)
		return pvl_fail(err, PVHLOAD_E_FORMAT, PVL_AT(0),
				"not a raw firmware but an ELF file: one that is entered by PVH is "
				"booted as a kernel is");
	PVL_TRY(pvl_firmware_read(&image->source, &image->firmware, err));
	image->info.arch = PVHLOAD_ARCH_I386;
	image->info.entry = PVL_X86_RESET_VECTOR;
	image->info.guest = PVHLOAD_GUEST_OTHER;
	image->info.guest_reason = "a firmware is not Linux";
	image->info.firmware = &image->firmware;
	return PVHLOAD_OK;
}
