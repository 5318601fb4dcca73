/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/**
 * @file
 * Where the bytes of a kernel, an initrd or a module come from.
 *
 * A source describes bytes; it does not own them.  They should stay unchanged as long as the object made
 * from the source lives: an image until pvhload_image_close(), an initrd or module until
 * pvhload_plan_free().  If they do change meanwhile, calls may fail or the guest may get other bytes;
 * the calling process is safe either way: a file that somebody could change or shorten is never mapped, so
 * one that shrinks is an error, not a SIGBUS.  A buffer is the exception: it must not be
 * written to while a call decodes it, as codecs are not made for bytes that change under them.  If somebody could, as in
 * memory that is shared with another process, copy it first.
 *
 * What is decoded, or copied to guest memory that is zero, is mapped, for reading and only meanwhile, where the file
 * cannot change: a memfd sealed with F_SEAL_WRITE and F_SEAL_SHRINK that has no holes, or one of which the caller says
 * so by PVHLOAD_SOURCE_UNCHANGING.  Of any other file what is decoded is read once, whole or, where nothing needs more at
 * once, a chunk at a time, and freed as soon as that is done.
 *
 * A descriptor is duplicated, an image's at pvhload_image_open(), a plan's at pvhload_boot_plan() or
 * pvhload_boot_load(), so that the caller may close its own after that call; PVHLOAD_SOURCE_KEPT_OPEN saves the
 * duplicate.  A buffer or reader must stay usable as long as the object made from it.
 *
 * @par Ownership and threads
 * What a source points to is borrowed as above; nothing is allocated.  Any thread may call the makers.
 *
 * @since 0.1
 */
#ifndef PVHLOAD_SOURCE_H
#define PVHLOAD_SOURCE_H

#include <pvhload/macros.h>
#include <pvhload/status.h>

PVHLOAD_BEGIN_DECLS

/** Kinds of source. */
#define PVHLOAD_SOURCE_FD     1u /**< a file descriptor, read by pread() and preadv() */
#define PVHLOAD_SOURCE_BUFFER 2u /**< bytes in memory */
#define PVHLOAD_SOURCE_READER 3u /**< a callback */

/**
 * Flag of a source: the caller keeps the descriptor open as long as the object made from it lives, so
 * it is not duplicated.  Buffers and readers are never duplicated; the flag changes nothing for them.
 */
#define PVHLOAD_SOURCE_KEPT_OPEN 0x1u

/**
 * Flag of a source: nobody changes or shortens the file as long as the object made from the source lives, so
 * the library may map it instead of reading it.  If it is shortened all the same, or the disk or server that it is on
 * fails, the process gets a SIGBUS, which nothing here catches.  If it is changed, what is checked need not be what is
 * used, so a decoder may see bytes that change under it, and that is not what codecs are made for.  So the caller has to
 * trust all who may write to the file or mount its file system, and that disk or server.  Sealed memfds need no promise.
 * The flag changes nothing for buffers and readers.
 *
 * @since 0.3
 */
#define PVHLOAD_SOURCE_UNCHANGING 0x2u

/** Value of pvhload_source::size: up to the end of the file. */
#define PVHLOAD_SOURCE_TO_END UINT64_MAX

/**
 * A window of bytes.  Make one with the pvhload_source_...() functions; the members are documented for
 * callers in other languages.
 */
struct pvhload_source {
	size_t struct_size; /**< sizeof(struct pvhload_source) */
	uint32_t kind;      /**< PVHLOAD_SOURCE_FD, _BUFFER or _READER */
	uint32_t flags;     /**< PVHLOAD_SOURCE_KEPT_OPEN, _UNCHANGING, or 0 */
	int32_t fd;         /**< FD: open for reading, seekable */
	uint32_t reserved;  /**< 0 */
	const void *data; /**< BUFFER: the first byte of the window; may be NULL if @c size is 0 */
	/**
	 * READER: copy up to @p len bytes, from @p offset on, to @p dst.
	 *
	 * @p offset counts from the start of the reader's data, not of the window.  @p len is
	 * never 0 and @p offset + @p len never passes @c offset + @c size of this struct.
	 * Return the number of bytes copied; fewer than @p len is fine and leads to another call;
	 * 0 means that the data ends here, which is an error as the window promised more; a
	 * negative value is a failure and is passed on in pvhload_error::cause.  Called only
	 * during calls to the library, from their thread; must not call the library on the same
	 * object.  @p dst may be guest memory and is not valid after the return.
	 */
	int64_t (*read_at)(void *user, uint64_t offset, void *dst, size_t len);
	void *user;      /**< READER: handed to @c read_at as it is */
	uint64_t offset; /**< FD, READER: where the window starts, in bytes */
	uint64_t size;   /**< bytes in the window; FD: or PVHLOAD_SOURCE_TO_END */
};

/**
 * A part of a file.
 *
 * The file must be seekable.  With PVHLOAD_SOURCE_TO_END it must be a regular file, whose size is
 * taken when the source is first used; block devices need a length.
 *
 * @param[in] fd      Open for reading.  Not closed by the library, and its position is untouched.
 * @param[in] offset  First byte of the window.
 * @param[in] size    Bytes in the window, or PVHLOAD_SOURCE_TO_END.
 * @return            The source.  Nothing is checked before it is used.
 */
PVHLOAD_API struct pvhload_source pvhload_source_fd_range(int fd, uint64_t offset, uint64_t size);

/**
 * A whole file.
 *
 * @param[in] fd  As in pvhload_source_fd_range().
 * @return        The source.  Nothing is checked before it is used.
 */
PVHLOAD_API struct pvhload_source pvhload_source_fd(int fd);

/**
 * Bytes in memory.
 *
 * Do not hand in a mapping of a file that another process may truncate: that would be a SIGBUS.
 *
 * @param[in] data    The first byte.
 * @param[in] size    Bytes.
 * @return            The source.  Nothing is checked before it is used.
 */
PVHLOAD_API struct pvhload_source pvhload_source_buffer(const void *data, size_t size);

/**
 * Bytes that a callback delivers.
 *
 * @param[in] read_at  See pvhload_source::read_at.
 * @param[in] user     Handed to it as it is.
 * @param[in] size     Bytes there are.
 * @return             The source.  Nothing is checked before it is used.
 */
PVHLOAD_API struct pvhload_source
pvhload_source_reader(int64_t (*read_at)(void *user, uint64_t offset, void *dst, size_t len),
		      void *user, uint64_t size);

PVHLOAD_END_DECLS

#endif
