/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Where the payload goes is found by its first bytes, decoded to host memory: to the place of the lowest segment, less
 * its offset in the file, so that most of the kernel is where it belongs.  They are a hint and no more: the file that is
 * loaded is the one in guest memory, of which all that is read is copied before it is checked.
 */
#include "boot/in_place.h"

#include "boot/files.h"
#include "boot/protocols.h"
#include "core/error.h"
#include "core/libc.h"
#include "image/elf_peek.h"
#include "image/format.h"
#include "image/payload.h"

enum pvhload_status pvl_in_place_begin(struct pvl_in_place *in_place,
				       const struct pvhload_memory *mem, struct pvhload_error *err)
{
	PVL_TRY(pvl_memory_open(mem, PVL_MEMORY_WRITES, &in_place->ram, &in_place->memory, err));
	in_place->has_map = mem->memmap != NULL;
	return in_place->has_map ? pvl_ram_init(mem->memmap, &in_place->ram, err) : PVHLOAD_OK;
}

/* What the guest is given is checked before anything is decoded, as far as image and config tell. */
static bool is_content_sound(struct pvl_builder *b)
{
	const struct pvl_protocol_ops *protocol = b->method.protocol->ops;
	void *job = pvl_plan_new(b, 1, protocol->job_size + 1); /* never 0 bytes */
	const bool sound = job && protocol->content(b, job, NULL) == PVHLOAD_OK;

	if (job && protocol->end)
		protocol->end(job);
	return sound && pvl_files_are_usable(b);
}

/* What fails here fails again, and is told, where the payload is decoded to host memory. */
static bool may_try(struct pvl_builder *b)
{
	const struct pvl_in_place *in_place = b->in_place;
	const struct pvhload_image *image = b->image;

	return in_place && !in_place->tried && in_place->memory.ops.host_ptr &&
	       b->method.protocol->ops->content && image->info.format == PVHLOAD_FORMAT_BZIMAGE &&
	       pvl_image_payload_part(&image->info) && image->part.codec != PVHLOAD_CODEC_NONE &&
	       image->format->check(image, NULL) == PVHLOAD_OK && !image->payload &&
	       !image->failure && is_content_sound(b);
}

/* The lowest address of the file in guest memory; false if that is below 0. */
static bool find_start(const struct pvl_builder *b, const struct pvl_elf_peek *peek, uint64_t *ret)
{
	const uint64_t asked = pvl_config_place(b, PVHLOAD_REGION_KERNEL, 0);
	const uint64_t gpa = asked == 0 ? peek->bytes_gpa : asked + (peek->bytes_gpa - peek->gpa);

	if (gpa < asked || gpa < peek->bytes_from)
		return false;
	*ret = gpa - peek->bytes_from;
	return true;
}

/* RAM by both maps, in one piece of host memory, and nobody's. */
static bool find_room(struct pvl_builder *b, uint64_t start, struct pvl_used *ret)
{
	struct pvl_in_place *in_place = b->in_place;
	const struct pvl_space *space = &b->layout.space;
	const uint64_t size = b->image->part.decoded_size;
	struct pvl_range range;

	if (!in_place->has_map)
		in_place->memory.ram = &space->ram;
	if (!pvl_range_make(start, size, &range) ||
	    pvl_space_check(space, "payload", range, NULL) != PVHLOAD_OK)
		return false;
	*ret = (struct pvl_used){ range, pvl_memory_host_ptr(&in_place->memory, start, size) };
	return ret->host != NULL;
}

static bool find_target(struct pvl_builder *b, struct pvl_payload *payload)
{
	struct pvl_in_place *in_place = b->in_place;
	struct pvl_elf_peek peek;
	uint64_t start;

	if (!pvl_elf_peek(pvl_payload_peek(payload), &peek) || !find_start(b, &peek, &start) ||
	    !find_room(b, start, &in_place->used))
		return false;
	in_place->pieces = pvl_pieces_whole(b->image->part.decoded_size);
	in_place->wanted = peek.pieces;
	return true;
}

/* Other than a buffer's, bytes that are read from here are copies. */
static int64_t read_used(void *user, uint64_t offset, void *dst, size_t len)
{
	const struct pvl_in_place *in_place = user;

	pvl_pieces_read(&in_place->pieces, in_place->used.host, offset, dst, len);
	return (int64_t)len;
}

static uint64_t move_down(void *user, uint64_t used, uint64_t reach)
{
	struct pvl_in_place *in_place = user;

	return pvl_pieces_move_down(&in_place->pieces, &in_place->wanted, in_place->used.host, used,
				    reach);
}

static enum pvhload_status decode_there(struct pvl_builder *b, struct pvl_payload *payload,
					struct pvhload_error *err)
{
	struct pvhload_image *image = b->image;
	struct pvl_in_place *in_place = b->in_place;
	const struct pvhload_source source =
		pvhload_source_reader(read_used, in_place, image->part.decoded_size);
	const struct pvl_move_down move = { pvl_pieces_move_down_at(&in_place->wanted), move_down,
					    in_place };
	struct pvl_callbacks callbacks = pvl_image_callbacks(image, &b->callbacks);

	callbacks.move_down = move.at > 0 ? &move : NULL;
	PVL_TRY(pvl_payload_decode_open(image, payload, &callbacks, in_place->used.host, err));
	return pvl_payload_open_kernel(image, &source, &b->in_place->kernel, err);
}

static enum pvhload_status decode_or_clear(struct pvl_builder *b, struct pvl_payload *payload,
					   struct pvhload_error *err)
{
	struct pvhload_error own = PVHLOAD_ERROR_INIT;
	const enum pvhload_status status = decode_there(b, payload, &own);

	/* The image does not remember it: somebody may have written to this guest's memory, so another guest may boot. */
	if (status != PVHLOAD_OK)
		pvl_used_clear(&b->in_place->used);
	return pvl_fail_as(err, status, &own);
}

enum pvhload_status pvl_decode_in_place(struct pvl_builder *b, struct pvhload_error *err)
{
	struct pvl_callbacks callbacks;
	struct pvl_payload payload;
	enum pvhload_status status;

	if (!may_try(b))
		return PVHLOAD_OK;
	b->in_place->tried = true;
	callbacks = pvl_image_callbacks(b->image, &b->callbacks);
	if (pvl_payload_open(b->image, &callbacks, true, &payload, NULL) != PVHLOAD_OK)
		return PVHLOAD_OK;
	if (find_target(b, &payload)) {
		status = decode_or_clear(b, &payload, err);
	} else {
		b->in_place->used.host = NULL;
		status = pvl_image_decode_open(b->image, &payload, &b->callbacks, err);
	}
	pvl_payload_close(b->image, &payload);
	return status;
}

const struct pvhload_image *pvl_known_kernel(const struct pvl_builder *b)
{
	return b->in_place && b->in_place->kernel ? b->in_place->kernel
						  : pvl_image_kernel(b->image);
}

/* Its RAM is cleared. */
static void drop(struct pvl_in_place *in_place)
{
	if (!in_place->kernel)
		return;
	pvl_used_clear(&in_place->used);
	pvl_image_unref(in_place->kernel);
	in_place->kernel = NULL;
}

/* What is said to be zeros, and was not written to, still is. */
static struct pvl_used written(const struct pvl_in_place *in_place)
{
	struct pvl_used used = in_place->used;

	if (in_place->memory.flags & PVHLOAD_MEMORY_ZEROED)
		used.range.end = used.range.start + in_place->pieces.end;
	return used;
}

enum pvhload_status pvl_in_place_keep(struct pvl_builder *b, struct pvhload_error *err)
{
	struct pvl_in_place *in_place = b->in_place;
	struct pvhload_image *kernel = in_place->kernel;

	if (!kernel || b->plan->loaded != kernel) {
		drop(in_place);
		return PVHLOAD_OK;
	}
	PVL_TRY(pvl_payload_decode_anew(kernel, b->image, &b->plan->progress, err));
	in_place->decoded =
		(struct pvl_decoded){ &kernel->source, written(in_place), in_place->pieces };
	in_place->kernel = NULL;
	pvl_image_unref(kernel); /* the plan has a reference of its own */
	return PVHLOAD_OK;
}

const struct pvl_decoded *pvl_in_place_decoded(const struct pvl_in_place *in_place)
{
	return in_place->decoded.source ? &in_place->decoded : NULL;
}

/* The remark is there whole: a message that leaves no room for it is cut. */
static void say_cleared(struct pvl_range range, struct pvhload_error *err)
{
	char remark[128];
	size_t room;

	if (!err)
		return;
	snprintf(remark, sizeof(remark),
		 "the RAM that the payload was decoded to, " PVL_RANGE_FMT ", has been cleared",
		 PVL_RANGE_ARG(range));
	room = sizeof(err->message) - strlen("; ") - strlen(remark) - 1;
	if (strlen(err->message) > room)
		memcpy(err->message + room - 3, "...", 4);
	(void)pvl_fail_but(err, PVHLOAD_OK, remark);
}

enum pvhload_status pvl_in_place_end(struct pvl_in_place *in_place, enum pvhload_status status,
				     struct pvhload_error *err)
{
	pvl_image_unref(in_place->kernel);
	pvl_ram_free(&in_place->ram);
	if (status == PVHLOAD_OK || !in_place->used.host)
		return status;
	pvl_used_clear(&in_place->used);
	say_cleared(in_place->used.range, err);
	return status;
}
