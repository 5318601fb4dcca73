# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""
In what pieces the page cache has the kernels: what reading or mapping a file costs depends on that.

Linux has the bytes of a file in folios, each of a page up to a huge page.  A file that was just written in one call has large
ones, where the file system knows them; one that was read from a disk bit by bit has small ones.
"""
import ctypes
import mmap
import os
import struct

PAGE = mmap.PAGESIZE
PAGEMAP_PFN = (1 << 55) - 1   # Linux, Documentation/admin-guide/mm/pagemap.rst; 0 for who may not know
KPF_COMPOUND_TAIL = 1 << 16   # include/uapi/linux/kernel-page-flags.h
CHOICES = ('large', 'small')


def write_at_once(path):
    """The same bytes in a new file, as large folios; on the disk too, so that nothing is written during a measurement."""
    new = path.with_name(path.name + '.new')
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    data = memoryview(path.read_bytes())
    while data:
        data = data[os.write(fd, data):]
    os.fsync(fd)
    os.close(fd)
    new.replace(path)


def read_by_pages(path):
    """Out of the page cache, and back into it page by page."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    os.fsync(fd)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_RANDOM)
    for at in range(0, os.fstat(fd).st_size, PAGE):
        os.pread(fd, PAGE, at)
    os.close(fd)


def entries(name, first, count):
    """Of a file of 64-bit words."""
    with open(name, 'rb', 0) as table:
        table.seek(first * 8)
        return struct.unpack(f'={count}Q', table.read(count * 8))


def folios(path):
    """(pages, folios) of a file that is in the page cache; only root may know."""
    with open(path, 'rb') as file, mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE) as view:
        pages = -(-len(view) // PAGE)
        for at in range(0, len(view), PAGE):
            view[at]  # pylint: disable=pointless-statement
        anchor = ctypes.c_char.from_buffer(view)
        found = entries('/proc/self/pagemap', ctypes.addressof(anchor) // PAGE, pages)
        del anchor
        if not all(entry & PAGEMAP_PFN for entry in found):
            raise PermissionError
        tails = sum(1 for entry in found if entries('/proc/kpageflags', entry & PAGEMAP_PFN, 1)[0] & KPF_COMPOUND_TAIL)
        return pages, pages - tails


def kernels_of(folder):
    return sorted(path for path in folder.glob('*/vmlinu*') if path.suffix != '.new')


def prepare(folder, choice):
    for path in kernels_of(folder):
        write_at_once(path)
        if choice == 'small':
            read_by_pages(path)


def fact(folder):
    try:
        found = [(path, *folios(path)) for path in kernels_of(folder)]
    except (OSError, struct.error):
        return 'page cache: not known (root may look)'
    return 'page cache: ' + ', '.join(f'{path.parent.name}/{path.name} {pages} pages in {count} folios'
                                      for path, pages, count in found)
