#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Bad input: one line on standard error, exit status 1, and nothing else happens."""
import gzip
import os
import resource
import signal
import subprocess
import zlib

import common
import images
from common import check, equal
from images import elf64, kernel, load, note, notes

MIB, EXABYTE = 1 << 20, 1 << 60

# name: (image, options, what the line says)
IMAGES = {
    'not_a_kernel': (b'#!/bin/sh\n', [], ['not a kernel image']),
    'empty': (b'', [], ['the file is empty']),
    'foreign_machine': (elf64(load(0x100000), machine=images.AARCH64), [], ['AArch64', 'x86']),
    'big_endian': (elf64(load(0x100000), byte_order='>'), [], ['big-endian']),
    'no_pvh_entry': (elf64(load(0x100000)), ['--protocol', 'pvh'],
                     ['no PVH entry', 'CONFIG_PVH', '64-bit Linux entry at 0x100000']),
    'no_entry_at_all': (elf64(load(0x100000), entry=0x100040), [],
                        ['ELF entry 0x100040', "in no segment's bytes", 'no other entry']),
    'entry_in_no_segment': (kernel(entry=0x100040), [], ['0x100040', 'no segment']),
    'overlap': (kernel(load(0x10003f)), [],
                ['segment 0 [0x100000, 0x100040)', 'segment 1 [0x10003f, 0x10007f)']),
    'wrap': (kernel(load((1 << 64) - 32)), [], ['segment 1', 'end of the address space']),
    'leaves_ram': (kernel(load(64 * MIB - 32)), [],
                   ['segment 1 [0x3ffffe0, 0x4000020)', 'ends at 0x4000000']),
    'in_the_hole': (kernel(load(0xbfffffe0)), ['--memory', '6G'],
                    ['segment 1 [0xbfffffe0, 0xc0000020)', 'hole [0xc0000000, 0x100000000)']),
    'in_a_reservation': (kernel(load(0x200000)),
                         ['--reserve', '0x200000,4K,3', '--protocol', 'pvh'],
                         ['segment 1 [0x200000, 0x200040)', 'ACPI [0x200000, 0x201000)']),
    'file_above_memory': (kernel(load(0x200000, mem_size=63)), [],
                          ['p_filesz 0x40', 'p_memsz 0x3f']),
    'exabyte_bss': (kernel(load(0x200000, mem_size=EXABYTE)), [],
                    ['segment 1 [0x200000, 0x1000000000200000)', 'leaves RAM']),
    'truncated': (kernel(load(0x200000, file_size=65)), [], ['end of the file', 'truncated']),
    'cmdline_too_long': (kernel(), ['--append', 'x' * 2050], ['2050 bytes, 3 more than the 2047']),
    'unknown_codec': (images.bzimage(b'\x01\x02\x03\x04' * 10, 1000), [], ['01 02 03 04']),
    'damaged_xz': (images.bzimage(b'\xfd7zXZ\0' + bytes(40), 1000), [], ['xz payload: corrupt']),
    'compressed_text': (gzip.compress(b'#!/bin/sh\n'), [],
                        ['payload of the gzip file: not a kernel image']),
    'compressed_twice': (gzip.compress(gzip.compress(kernel())), [],
                         ['payload of the gzip file: another compressed file, by gzip', 'twice']),
    'truncated_file': (gzip.compress(kernel())[:-1], [], ['gzip file: truncated']),
    'corrupt_payload': (images.bzimage(b'\x28\xb5\x2f\xfd' + bytes(100), 1000), [],
                        ['zstd payload']),
    'too_many_map_entries': (kernel(), sum((['--reserve', f'{0x300000 + 8192 * i:#x},4K']
                                            for i in range(63)), ['--protocol', 'pvh']),
                             ['128 entries', '127']),
}


def refused(done, name, path, says):
    equal(done.returncode, 1, f'{name}: exit status')
    equal(done.stdout, b'', f'{name}: standard output')
    line = done.stderr.decode()
    check(line.count('\n') == 1 and line.endswith('\n'), f'{name}: not one line: {line}')
    check(line.startswith(f'pvhload: {path}: '), f'{name}: {line}')
    for part in says:
        check(part in line, f'{name}: {part!r} is not in: {line}')


def every_bad_image():
    with common.scratch() as folder:
        for name, (image, options, says) in IMAGES.items():
            path = folder / name
            path.write_bytes(image)
            options = ['--kernel', path, '--memory', '64M', *options]
            refused(common.run('plan', *options), name, path, says)
            # dump leaves neither file, nor a part of one
            refused(common.run('dump', *options, '--memory-file', folder / 'ram', '--cpu-file',
                               folder / 'cpu'), name, path, says)
            path.unlink()
            equal(os.listdir(folder), [], f'{name}: files left behind')


def initrd_that_does_not_fit():
    with common.scratch() as folder:
        path, initrd = folder / 'kernel', folder / 'initrd'
        path.write_bytes(kernel())
        with initrd.open('wb') as file:
            file.truncate(63 * MIB)
        done = common.run('plan', '--kernel', path, '--memory', '64M', '--initrd', initrd)
        # the kernel takes 64 bytes at 1 MiB; an initrd starts at a page
        refused(done, 'initrd', initrd, ['no room for initrd, 66060288 bytes',
                                         'has 66056192 bytes'])
        with initrd.open('r+b') as file:
            file.truncate(63 * MIB - 4096)
        equal(common.run('plan', '--kernel', path, '--memory', '64M', '--initrd',
                         initrd).returncode, 0, 'an initrd that just fits')


def failing_info_and_extract():
    with common.scratch() as folder:
        path, out = folder / 'image', folder / 'out'
        for name in ('not_a_kernel', 'foreign_machine', 'compressed_text', 'corrupt_payload',
                     'unknown_codec'):
            path.write_bytes(IMAGES[name][0])
            out.write_bytes(b'what was there before')
            refused(common.run('extract', path, '--output', out), name, path, IMAGES[name][2])
            equal(out.read_bytes(), b'what was there before', 'the output of a failed extract')
            refused(common.run('info', '--json', path), name, path, IMAGES[name][2])
            done = common.run('info', path)
            equal(done.returncode, 1, f'{name}: exit status of info')
            equal(done.stderr.count(b'\n'), 1, f'{name}: lines of info')
            equal(sorted(os.listdir(folder)), ['image', 'out'], 'files left behind')
        # what the header says is told even if the payload cannot be decoded, and no more
        check(b'boot protocol 2.15' in done.stdout, done.stdout.decode())
        check(b'PVH entry     unknown' in done.stdout, done.stdout.decode())


def what_an_old_header_lacks():
    """Protocol 2.04: not which processor, no alignment, no init_size, and not where the payload is."""
    with common.scratch() as folder:
        path, out = folder / 'image', folder / 'out'
        image = bytearray(images.bzimage(bytes(64)))
        image[0x206:0x208] = 4, 2
        path.write_bytes(image)
        info = common.run_json('info', path)
        for key in ('arch', 'alignment', 'init_size', 'payload'):
            equal(info[key], None, key)
        refused(common.run('extract', path, '--output', out), 'extract', path,
                ['boot protocol 2.04 does not say where the payload is', 'like one: 0)'])
        check(not out.exists(), 'an output of a refused extract')


def what_has_no_preferred_address():
    """pref_address 0 is none; one that is not relocatable has its load address, and runs there."""
    with common.scratch() as folder:
        path = folder / 'image'
        for preferred, relocatable, said, wants in (
                (0, 1, None, '0x4000000 bytes (64 MiB) where it is loaded, as it prefers no address'),
                (0, 0, None, '0x4000000 bytes (64 MiB) at 0x100000'),
                (0x1000000, 0, 0x1000000, '0x4000000 bytes (64 MiB) at 0x1000000'),
                (0x1000000, 1, 0x1000000, '0x4000000 bytes (64 MiB) at 0x1000000, or elsewhere')):
            image = bytearray(images.bzimage(gzip.compress(kernel())))
            image[0x234] = relocatable
            image[0x258:0x260] = preferred.to_bytes(8, 'little')
            path.write_bytes(image)
            equal(common.run_json('info', path)['preferred_address'], said, wants)
            text = common.run('info', path).stdout.decode()
            check(f'  wants         {wants}\n' in text, text)
            if wants.endswith(' at 0x100000'):
                plan = common.run_json('plan', '--kernel', path, '--decompress', 'guest')
                at = [r['gpa'] for r in plan['regions'] if r['name'] == 'kernel']
                equal(at, [0x100000], 'where it is planned to be')


def a_payload_that_is_searched_for():
    """Protocol 2.04: raw code, which only decoding it tells from what begins like it."""
    code = bytes(range(256)) * 20
    stream = gzip.compress(code)
    corrupt = stream[:-8] + bytes(8)
    with common.scratch() as folder:
        path, out = folder / 'image', folder / 'out'
        image = bytearray(images.bzimage(corrupt + stream + b'code'))
        image[0x206:0x208] = 4, 2
        path.write_bytes(image)
        equal(common.run('extract', path, '--output', out).returncode, 0, 'exit status')
        equal(out.read_bytes(), code, 'what was extracted')
        equal(common.run('extract', path, '--output', '-').stdout, code, 'to standard output')
        equal(common.run_json('info', path)['payload'], None, 'the payload of info')
        refused(common.run('extract', path, '--output', out, '--decode-limit', '9K'), 'limit', path,
                ['more bytes than 9216 (decode_limit', '--decode-limit raises it'])
        equal(out.read_bytes(), code, 'the output of a failed extract')


def peak_memory():
    """Kilobytes that any child has had at most."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def gzip_zeros(size):
    """Made bit by bit: what this process holds would count as its children's peak as well."""
    stream = zlib.compressobj(6, wbits=31)
    chunk = bytes(1 << 20)
    return b''.join(stream.compress(chunk) for _ in range(size >> 20)) + stream.flush()


def bombs_are_bounded():
    """A gigabyte of zeros in a megabyte: no more memory than was declared, or is allowed."""
    zeros = gzip_zeros(1 << 30)
    lying = zeros[:-4] + (4096).to_bytes(4, 'little')
    with common.scratch() as folder:
        path = folder / 'bomb'
        options = ['plan', '--kernel', path, '--memory', '512M']
        path.write_bytes(images.bzimage(lying))
        refused(common.run(*options), 'lying', path,
                ['gzip payload', 'more than the 4096 bytes it declares'])
        path.write_bytes(images.bzimage(zeros))
        refused(common.run(*options), 'honest', path,
                ['1073741824 decoded bytes', 'limit of 268435456'])
        path.write_bytes(images.bzimage(zeros[:-4] + (200 << 20).to_bytes(4, 'little')))
        refused(common.run(*options), 'within the limit', path, ['more than the 209715200 bytes'])
        check(peak_memory() < 280 << 10, f'{peak_memory()} kB of memory for a bomb of 200 MiB')
        path.write_bytes(zeros)
        refused(common.run(*options, '--decode-limit', '1M'), 'own limit', path,
                ['more than decode_limit, 1048576 bytes', '--decode-limit raises it'])
        refused(common.run(*options), 'file', path,
                ['gzip file', 'more than decode_limit, 268435456 bytes'])
        # where realloc() copies, the limit and half of it; the sanitizers keep what is freed as well
        check(peak_memory() < 600 << 10, f'{peak_memory()} kB of memory for a limit of 256 MiB')
        for codec, arguments in (('zstd', ['-3']), ('lz4', ['-l'])):
            common.need(codec, codec)
            bomb = subprocess.run([codec, '-qc', *arguments], input=bytes(512 << 20), check=True,
                                  stdout=subprocess.PIPE).stdout
            path.write_bytes(images.bzimage(bomb, 4096))
            refused(common.run(*options), codec, path,
                    [f'{codec} payload', 'more than the 4096 bytes it declares'])


def unusable_files():
    with common.scratch() as folder:
        good = folder / 'kernel'
        good.write_bytes(kernel())
        missing = folder / 'missing'
        refused(common.run('info', missing), 'missing', missing, ['No such file'])
        refused(common.run('info', folder), 'folder', folder, ['Is a directory'])
        for option in ('--initrd', '--module'):
            refused(common.run('plan', '--kernel', good, option, missing), option, missing,
                    ['No such file'])
            done = common.run('plan', '--kernel', good, option, folder)
            refused(done, option, folder, [option[2:], 'Is a directory'])
        (folder / 'nothing').touch()
        done = common.run('plan', '--kernel', good, '--module', good, '--module',
                          folder / 'nothing')
        refused(done, '--module', folder / 'nothing', ['module 1: it is empty'])
        plan = common.run_json('plan', '--kernel', good, '--initrd', folder / 'nothing')
        check(plan['reason'].endswith('; the initrd is empty, so there is none'), plan['reason'])
        (folder / 'nothing').unlink()
        refused(common.run('dump', '--kernel', good, '--memory-file', missing / 'x', '--cpu-file',
                           folder / 'cpu'), 'dump', missing / 'x', ['cannot create'])
        refused(common.run('extract', good, '--output', missing / 'x'), 'extract', missing / 'x',
                ['cannot create'])
        refused(common.run('decode', missing, '--start-info', '0x6000'), 'decode', missing,
                ['No such file'])
        refused(common.run('decode', folder, '--start-info', '0x6000'), 'decode', folder,
                ['not a file of guest RAM'])
        refused(common.run('decode', good, '--start-info', '0'), 'decode', good,
                ['no start info at 0x0'])
        done = common.run('plan', '--kernel', good, '--memory', '1K')
        refused(done, 'no RAM', good, ['memory map'])
        equal(sorted(os.listdir(folder)), ['kernel'], 'files left behind')
        full = subprocess.run([common.PROGRAM, 'info', str(good)], stdout=open('/dev/full', 'w'),
                              stderr=subprocess.PIPE)
        equal(full.returncode, 1, 'exit status with a full disk')
        check(b'standard output' in full.stderr, full.stderr.decode())


# (image, options, what the line says); FILE is a file of 32 bytes.
FILE = 'FILE'
PVH, LINUX64, LINUX32 = (['--protocol', p] for p in ('pvh', 'linux64', 'linux32'))
CANNOT = [
    ('elf', PVH + ['--rng-seed', FILE], ['PVH has no place for setup_data', 'Linux boot protocol']),
    ('elf', PVH + ['--setup-data', '77,' + FILE], ['PVH has no place for setup_data']),
    ('elf', PVH + ['--paging', '5'], ['PVH has no place for 5-level page tables']),
    ('elf', PVH + ['--place', 'kernel,0x300000'],
     ['from 0x100000 to 0x300000', 'no PHYS32_RELOC note']),
    ('bzimage', PVH + ['--decompress', 'guest'], ['pvh', 'guest', 'its entry is in the payload']),
    ('elf', LINUX32, ['no 32-bit Linux entry', 'ELF64', 'PVH, at 0x100000', '64-bit Linux entry']),
    ('elf', LINUX64 + ['--module', FILE], ['has no modules', 'PVH']),
    ('elf', LINUX64 + ['--place', 'kernel,0x210000'],
     ['from 0x100000 to 0x210000', 'a multiple of 0x200000']),
    ('elf', LINUX64 + ['--setup-data', '1,' + FILE], ['setup_data 0', 'type 0x1']),
    ('bzimage', LINUX32 + ['--decompress', 'host'], ['no 32-bit Linux entry', 'ELF64', 'PVH, at 0x100000']),
    ('bzimage', LINUX32 + ['--paging', '5'], ['32-bit entry has no page tables', '5 levels']),
    ('bzimage', LINUX64 + ['--reserve', '0x1000000,0x1000'],
     ['not relocatable', 'kernel [0x1000000, 0x5000000)', 'reserved [0x1000000, 0x1001000)']),
    ('bzimage', LINUX64 + ['--place', 'kernel,0x200000'],
     ['not relocatable', 'loaded at 0x100000', 'not at 0x200000']),
    ('bzimage', LINUX64 + ['--append', 'x' * 2048], ['2048 bytes, 1 more than the 2047']),
    ('elf', PVH + ['--place', 'zero page,0x8000'], ['by pvh', "no region 'zero page'"]),
    ('elf', LINUX64 + ['--place', 'start_info,0x8000'], ['by linux64', "no region 'start_info'"]),
    ('elf', PVH + ['--place', 'initrd,0x200000'], ["no region 'initrd'"]),
    ('elf', PVH + ['--module', FILE, '--place', 'module 1,0x200000'], ["no region 'module 1'"]),
    ('elf', PVH + ['--module', FILE, '--place', 'module 0,0x100000'],
     ['kernel segment 0', 'overlaps module 0 [0x100000, 0x101000)']),
    ('elf', ['--kaslr', '5'], ['--kaslr', 'does not relocate']),
    ('elf', ['--reserve', '0,0'], ['--reserve', 'size 0'])]


def what_a_protocol_cannot_do():
    with common.scratch() as folder:
        path, file = folder / 'kernel', folder / 'file'
        file.write_bytes(b'x' * 32)
        for image, options, says in CANNOT:
            path.write_bytes(kernel() if image == 'elf'
                             else images.bzimage(gzip.compress(kernel())))
            options = [option.replace(FILE, str(file)) for option in options]
            refused(common.run('plan', '--kernel', path, *options), options, path, says)
        path.write_bytes(kernel())
        refused(common.run('plan', '--kernel', path, '--dtb', file), 'dtb', file,
                ['not a device tree'])
        refused(common.run('boot', '--kernel', path, '--vmm', 'qemu', '--cpus', '2'), 'cpus', path,
                ['--cpus 2: the guest has one processor in QEMU'])
        path.write_bytes(images.riscv64())
        refused(common.run('boot', '--kernel', path, '--boot-hart', '1'), 'hart', path,
                ['--boot-hart 1: a riscv64 guest has hart 0 alone here'])
        path.write_bytes(kernel())
        if not hosts_guests():
            refused(common.run('boot', '--kernel', path, '--vmm', 'kvm'), 'kvm', path, ['--vmm kvm: '])


def hosts_guests():
    """What this machine's processor shows; such a machine has KVM boot."""
    return any({'vmx', 'svm'} & set(line.split()) for line in open('/proc/cpuinfo') if line.startswith('flags'))


def what_auto_makes_of_it():
    """PVH is the best, and what it cannot do makes it another, with the reason."""
    with common.scratch() as folder:
        path, file = folder / 'kernel', folder / 'file'
        file.write_bytes(b'x' * 32)
        path.write_bytes(kernel())
        for options in (['--kaslr', 'off'], ['--kaslr', 'auto'], ['--protocol', 'pvh'],
                        ['--protocol', 'auto'], ['--decompress', 'host'],
                        ['--decompress', 'guest']):
            plan = common.run_json('plan', '--kernel', path, *options)
            equal((plan['protocol'], plan['kaslr_offset']), ('pvh', 0), str(options))
        for options, reason in ((['--rng-seed', file], 'no place for setup_data'),
                                (['--paging', '5'], '5-level'),
                                (['--reserve', '0x100000,4K'], '[0x100000, 0x101000)'),
                                (['--place', 'kernel,0x300000'], 'PHYS32_RELOC')):
            plan = common.run_json('plan', '--kernel', path, *options)
            equal(plan['protocol'], 'linux64', str(options))
            check('not by PVH: ' in plan['reason'] and reason in plan['reason'], plan['reason'])
        path.write_bytes(images.bzimage(gzip.compress(kernel())))
        plan = common.run_json('plan', '--kernel', path, '--rng-seed', file)
        equal((plan['protocol'], plan['decompress']), ('linux64', 'guest'), 'bzImage with a seed')


def claims():
    """What is kept free stays RAM in the map, has nothing in it, and its name is in refusals."""
    with common.scratch() as folder:
        path = folder / 'kernel'
        path.write_bytes(kernel())
        before = common.run_json('plan', '--kernel', path)
        plan = common.run_json('plan', '--kernel', path, '--claim', '0,64K', '--claim', '2G,4K')
        equal(plan['memmap'], before['memmap'], 'the map')
        check(min(r['gpa'] for r in plan['regions']) >= 64 << 10, str(plan['regions']))
        for claim, name in (('0x100020,4K', 'reserved'), ('0x100020,4K,a, b', 'a, b')):
            refused(common.run('plan', '--kernel', path, '--protocol', 'pvh', '--claim', claim), claim,
                    path, [f'kernel segment 0 [0x100000, 0x100040) overlaps {name} '
                           '[0x100020, 0x101020)'])
        refused(common.run('plan', '--kernel', path, '--claim', '1M,4K,one', '--claim', '1M,8K,two'),
                'two', path, ['two [0x100000, 0x102000) overlaps one [0x100000, 0x101000)'])
        refused(common.run('plan', '--kernel', path, '--claim', '1M,0,none'), 'none', path,
                ['keep_free "none" at 0x100000 is empty'])


def places():
    """What plan prints is what --place takes, and that is where it goes."""
    with common.scratch() as folder:
        path, file = folder / 'kernel', folder / 'file'
        path.write_bytes(kernel())
        file.write_bytes(b'x' * 32)
        handed = {'pvh': ['--module', f'{file},text'],
                  'linux64': ['--setup-data', f'1000:apart,{file}', '--rng-seed', file]}
        for protocol, files in handed.items():
            options = ['--kernel', path, '--initrd', file, *files, '--protocol', protocol]
            regions = common.run_json('plan', *options)['regions']
            names = [r['name'] for r in regions]
            check(len(names) >= 8, str(names))
            equal({r['name']: r['placed'] for r in regions if r['name'] in ('kernel', 'cmdline')},
                  {'kernel': 'preferred' if protocol == 'linux64' else 'only', 'cmdline': 'usual'},
                  protocol)
            # apart, in another order than the usual one; the kernel by a multiple of 2 MiB
            asked = {name: 0x300000 + 0x10000 * i for i, name in enumerate(reversed(names))}
            asked['kernel'] = 0x100000 if protocol == 'pvh' else 0x500000
            for name, gpa in asked.items():
                options += ['--place', f'{name},{gpa}']
            plan = common.run_json('plan', *options)
            equal({r['name']: r['gpa'] for r in plan['regions']}, asked, protocol)
        # what was not asked for has a reason, which is what stands in the way of the place
        for options, says in (
                (['--place', 'memmap,1G'],
                 "by linux64, has no region 'memmap'; not by PVH: memmap, 0x48 bytes at 0x40000000, "
                 'does not end below 1 GiB: 0x48 bytes are beyond it\n'),
                (['--place', 'zero page,0x8000'],
                 "by pvh, has no region 'zero page'\n"),
                (['--place', 'memmap,1G', '--protocol', 'linux64'],
                 "by linux64, has no region 'memmap'\n")):
            refused(common.run('plan', '--kernel', path, '--memory', '4G', *options), options, path,
                    [f'--place: the plan, {says}'])
        for name in ('kernel image', 'module', 'module x', 'setup_data -1', 'kernel 1', ''):
            done = common.run('plan', '--kernel', path, '--place', f'{name},0x200000')
            equal((done.returncode, done.stdout), (2, b''), name)


def interrupted_output():
    """Ctrl-C while a file is written leaves neither a part of it nor its temporary name."""
    with common.scratch() as folder:
        path, out = folder / 'kernel', folder / 'out'
        path.write_bytes(kernel(load(0x200000, bytes(200 << 20))))
        for _ in range(50):
            process = subprocess.Popen([common.PROGRAM, 'extract', path, '--output', out])
            while process.poll() is None and len(os.listdir(folder)) < 2:
                pass
            process.send_signal(signal.SIGINT)
            ended = process.wait(60)
            if ended == -signal.SIGINT:
                equal(os.listdir(folder), ['kernel'], 'files left behind')
                return
            out.unlink()  # it was faster
        raise AssertionError('it was never interrupted')


def outputs_keep_links():
    with common.scratch() as folder:
        path, real, link = folder / 'kernel', folder / 'real', folder / 'link'
        path.write_bytes(kernel())
        real.write_bytes(b'before')
        link.symlink_to('real')
        equal(common.run('extract', path, '--output', link).returncode, 0, 'extract to a link')
        check(link.is_symlink(), 'the link is still one')
        equal(real.read_bytes(), path.read_bytes(), 'what it points to')
        real.chmod(0o600)
        equal(common.run('extract', path, '--output', real).returncode, 0, 'extract over a file')
        equal(real.stat().st_mode & 0o777, 0o600, 'the mode of a file that is replaced')
        with (folder / 'redirected').open('wb') as file:
            subprocess.run([common.PROGRAM, 'extract', path, '--output', '/dev/stdout'],
                           stdout=file, check=True)
        equal((folder / 'redirected').read_bytes(), path.read_bytes(), 'by way of /dev/stdout')


if __name__ == '__main__':
    common.main([every_bad_image, initrd_that_does_not_fit, failing_info_and_extract,
                 what_an_old_header_lacks, what_has_no_preferred_address, a_payload_that_is_searched_for,
                 bombs_are_bounded, unusable_files, what_a_protocol_cannot_do, what_auto_makes_of_it, claims, places,
                 interrupted_output, outputs_keep_links])
