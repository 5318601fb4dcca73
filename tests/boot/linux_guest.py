# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""A Linux guest that says what it was given, and what it must have said by the plan.

Its own words are compared with the plan: /proc/cmdline byte for byte, the memory map and the total of
RAM in its log, the digests of a file out of each of two initrds, where its code is, and its zero page
as /sys/kernel/boot_params shows it.

ABI source: Linux, Documentation/arch/x86/boot.rst and zero-page.rst, Documentation/ABI/testing/
sysfs-kernel-boot_params, arch/x86/platform/pvh/enlighten.c.
"""
import gzip
import hashlib
import os
import re

import common
import initramfs
from common import check, equal
from guest_lines import region

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
E820 = {'usable': 1, 'reserved': 2, 'ACPI data': 3, 'ACPI NVS': 4}
# What PVH's part of Linux adds to the map, if its table of 128 has more than one place left.
ISA_HOLE, ISA_ROOM = (0xa0000, 0x60000, 2), 127
ZERO_PAGE_ENTRIES = 128
SETUP_TYPES = {'e820_ext': 1, 'dtb': 2, 'rng_seed': 9}
INDIRECT = 0x80000000

# The log has all of its lines, the first initcall's too; and nothing but what was handed over makes
# the random number generator ready so early.
ALWAYS = 'console=ttyS0 reboot=t panic=-1 loglevel=8 initcall_debug random.trust_cpu=off'

INIT = '''
alias b=/bin/busybox
b mount -t proc proc /proc
b mkdir /sys
b mount -t sysfs sysfs /sys
b dmesg -n 1
dump() { b hexdump -v -e '1/1 "%02x"' "$1"; }
sum() { b sha256sum "$1" | b cut -d ' ' -f 1; }
echo "@cmdline-begin"
b cat /proc/cmdline
echo "@cmdline-end"
echo "@first $(sum /first)"
echo "@second $(sum /second)"
echo "@code $(b grep 'Kernel code' /proc/iomem)"
echo "@la57 $(b grep -c la57 /proc/cpuinfo)"
echo "@release $(b uname -r)"
echo "@zero_page $(dump /sys/kernel/boot_params/data)"
i=0
while [ -e /sys/kernel/boot_params/setup_data/$i ]; do
  d=/sys/kernel/boot_params/setup_data/$i
  echo "@setup_data $(b cat $d/type) $(dump $d/data)"
  i=$((i + 1))
done
echo "@done"
b reboot -f
'''


class Method:
    """How a kernel is entered, and from which file."""

    def __init__(self, name, series, folder):
        self.protocol, self.decompress, self.options, self.map_entries = {
            'bzimage64': ('linux64', 'guest', ['--protocol', 'linux64'], 200),
            'bzimage32': ('linux32', 'guest', ['--protocol', 'linux32'], 200),
            'decoded64': ('linux64', 'host', ['--protocol', 'linux64', '--decompress', 'host'], 200),
            'vmlinux64': ('linux64', None, ['--protocol', 'linux64'], 200),
            'pvh': ('pvh', 'host', [], 127),
        }[name]
        self.path = common.kernel(series)
        self.header_from = None if name == 'vmlinux64' else self.path
        self.decodes_itself = self.decompress == 'guest'
        if name == 'vmlinux64':
            self.path = folder / 'vmlinux'
            done = common.run('extract', common.kernel(series), '--output', self.path)
            equal(done.returncode, 0, 'extract')
        self.takes_setup_data = self.protocol != 'pvh'
        self.above_4g = self.protocol == 'linux64' and name != 'vmlinux64'


class Files:
    """Two initrds, the first compressed and no multiple of 4 bytes long, and a file out of each."""

    def __init__(self, folder, first=12 * MIB + 1, second=8 * MIB):
        self.contents = {'first': os.urandom(first), 'second': os.urandom(second)}
        archive = initramfs.with_init(INIT, first=self.contents['first'])
        packed = gzip.compress(archive, 1)
        # With a file name in its header it is as odd as is wanted.
        name = b'n' * (-len(packed) % 4) + b'\0'
        packed = packed[:3] + b'\x08' + packed[4:10] + name + packed[10:]
        equal(len(packed) % 4, 1, 'bytes of the first initrd, modulo 4')
        self.parts = [packed, initramfs.cpio({'second': (0o100644, self.contents['second'])})]
        self.paths = [folder / f'initrd{i}' for i in range(2)]
        for path, part in zip(self.paths, self.parts):
            path.write_bytes(part)
        self.options = sum((['--initrd', path] for path in self.paths), [])
        self.size = len(packed) + 3 + len(self.parts[1])


class Guest:
    """What it said in a boot."""

    def __init__(self, lines):
        self.lines = lines
        check('@done' in lines, 'the guest did not get to the end of init:\n'
              + '\n'.join(lines[-25:]))

    def all(self, name):
        return [line[len(name) + 2:] for line in self.lines if line.startswith(f'@{name} ')]

    def one(self, name):
        found = self.all(name)
        equal(len(found), 1, f'lines of {name}')
        return found[0]

    def first_line(self, pattern):
        """The number of the first line like that, or None."""
        return next((i for i, line in enumerate(self.lines) if re.search(pattern, line)), None)

    def cmdline(self):
        begin, end = (self.lines.index(f'@cmdline-{w}') for w in ('begin', 'end'))
        return self.lines[begin + 1:end]

    def map_lines(self, title):
        found = []
        for line in self.lines:
            match = re.search(title + r': \[mem 0x([0-9a-f]+)-0x([0-9a-f]+)\] (.*)', line)
            if match:
                first, last = int(match[1], 16), int(match[2], 16)
                found.append((first, last - first + 1, E820[match[3]]))
        return found


def joined(entries):
    """As Linux has a map: sorted, and equal neighbours joined."""
    out = []
    for addr, size, kind in sorted(entries):
        if out and out[-1][2] == kind and sum(out[-1][:2]) == addr:
            out[-1] = (out[-1][0], out[-1][1] + size, kind)
        else:
            out.append((addr, size, kind))
    return out


def plan_map(plan):
    return [(e['addr'], e['size'], e['type']) for e in plan['memmap']]


def check_map(guest, plan):
    """All of the plan's map is in the log, and nothing else."""
    entries = plan_map(plan)
    if plan['protocol'] == 'pvh':
        added = [ISA_HOLE] if len(entries) < ISA_ROOM else []
        equal(guest.map_lines('BIOS-e820'), joined(entries + added), 'memory map in the log')
    else:
        equal(guest.map_lines('BIOS-e820'), joined(entries[:ZERO_PAGE_ENTRIES]),
              "the zero page's map in the log")
        extended = joined(entries) if len(entries) > ZERO_PAGE_ENTRIES else []
        equal(guest.map_lines('extended'), extended, 'extended map in the log')
        # Once more, with indirect setup_data, which is still "usable".
        if any(r['name'].startswith('setup_data') for r in plan['regions']):
            equal(joined(guest.map_lines('reserve setup_data')), joined(entries),
                  'map with setup_data in the log')


def check_ram(guest, plan):
    ram = sum(e['size'] for e in plan['memmap'] if e['type'] == 1)
    totals = [int(m[1]) * KIB for m in (re.search(r'Memory: \d+K/(\d+)K available', line)
                                        for line in guest.lines) if m]
    equal(len(totals), 1, '"Memory:" lines')
    check(abs(totals[0] - ram) <= MIB, f'total RAM {totals[0]}, in the plan {ram}')


def check_rng(guest, seeded):
    ready = guest.first_line(r'random: crng init done')
    initcall = guest.first_line(r'\] calling  \S+ @ 0$')
    check(initcall is not None, 'the log has no initcall')
    if seeded:
        check(ready is not None and ready < initcall, 'the RNG is not ready before initcalls')
    else:
        check(ready is None or ready > initcall, 'the RNG is ready, but was given no seed')


class ZeroPage:
    def __init__(self, data):
        self.data = data

    def field(self, offset, size):
        return int.from_bytes(self.data[offset:offset + size], 'little')

    def wide(self, low, high):
        return self.field(low, 4) | self.field(high, 4) << 32

    def e820(self):
        return [(self.field(at, 8), self.field(at + 8, 8), self.field(at + 16, 4))
                for at in range(0x2d0, 0x2d0 + 20 * self.field(0x1e8, 1), 20)]


# offset: size, of what a loader writes, and Linux when it decodes itself.
WRITTEN = {0x210: 1, 0x211: 1, 0x214: 4, 0x218: 4, 0x21c: 4, 0x228: 4, 0x250: 8}
HEADER = 0x1f1
LOADED_HIGH, KASLR_FLAG = 1, 2
# What stands there if there is no header to copy: vid_mode, boot_flag, "HdrS", protocol 2.15.
LEAST = {0x1fa: b'\xff\xff', 0x1fe: b'\x55\xaa', 0x202: b'HdrS', 0x206: b'\x0f\x02'}


def header_of(method):
    """The bytes from HEADER on that the zero page must have, but for those in WRITTEN."""
    out = bytearray(0x290 - HEADER)
    if method.header_from:
        file = method.header_from.read_bytes()[:0x1000]
        end = 0x202 + file[0x201]
        out[:end - HEADER] = file[HEADER:end]
    else:
        for offset, value in LEAST.items():
            out[offset - HEADER:offset - HEADER + len(value)] = value
    return out


def check_header(method, plan, page):
    got, expected = bytearray(page.data[HEADER:0x290]), header_of(method)
    for offset, size in WRITTEN.items():
        at = slice(offset - HEADER, offset - HEADER + size)
        got[at] = expected[at]
    equal(got.hex(), expected.hex(), 'the header in the zero page')
    flags = expected[0x211 - HEADER] if method.header_from else LOADED_HIGH
    if method.decodes_itself and 'nokaslr' not in plan['cmdline'].split():
        flags |= KASLR_FLAG
    equal(page.field(0x210, 1), 0xff, 'type_of_loader')
    equal(page.field(0x211, 1), flags, 'loadflags')


def check_setup_data(guest, plan, page, handed):
    """The chain by the plan's regions; and what is in its nodes, which is read once only if a seed."""
    nodes = [r for r in plan['regions'] if r['name'].startswith('setup_data ')
             and not r['name'].endswith(' data')]
    nodes.sort(key=lambda r: int(r['name'].split()[1]))
    equal(page.field(0x250, 8), nodes[0]['gpa'] if nodes else 0, 'head of the setup_data list')
    expected = [(number | (INDIRECT if apart else 0), data) for number, apart, data in handed]
    more = plan_map(plan)[ZERO_PAGE_ENTRIES:]
    if more:
        expected.append((SETUP_TYPES['e820_ext'], b''.join(
            a.to_bytes(8, 'little') + s.to_bytes(8, 'little') + t.to_bytes(4, 'little')
            for a, s, t in more)))
    said = [line.split(' ', 1) for line in guest.all('setup_data')]
    got = [(int(number, 16), bytes.fromhex(data)) for number, data in said]
    equal(len(nodes), len(expected), 'setup_data in the plan')
    equal(sorted(got), sorted((number, b'' if number == SETUP_TYPES['rng_seed'] else data)
                              for number, data in expected), 'setup_data in the guest')


def check_zero_page(method, guest, plan, handed):
    page = ZeroPage(bytes.fromhex(guest.one('zero_page')))
    equal(len(page.data), 4096, 'bytes of zero page')
    initrd = region(plan, 'initrd')
    equal((page.wide(0x218, 0xc0), page.wide(0x21c, 0xc4)), (initrd['gpa'], initrd['size']),
          'initrd in the zero page')
    equal(page.wide(0x228, 0xc8), region(plan, 'cmdline')['gpa'], 'cmd_line_ptr')
    if plan['protocol'] == 'pvh':
        # Linux makes one itself, and says by which code: protocol 2.12, loader "Xen" or a hypervisor.
        equal((page.field(0x206, 2), page.field(0x210, 1)), (0x20c, 0xb0), 'zero page by PVH')
        return
    equal(page.e820(), plan_map(plan)[:ZERO_PAGE_ENTRIES], 'map in the zero page')
    check_header(method, plan, page)
    check_setup_data(guest, plan, page, handed)


def check_place(method, guest, plan):
    """Where the kernel is; one that decodes itself may choose, and then it is in RAM."""
    start = int(guest.one('code').split('-')[0], 16)
    if method.decodes_itself and 'nokaslr' not in plan['cmdline'].split():
        check(any(e['addr'] <= start < e['addr'] + e['size'] for e in plan['memmap']
                  if e['type'] == 1), f'the kernel at {start:#x} is not in RAM')
    else:
        equal(start, region(plan, 'kernel')['gpa'], "the kernel's code")
    # A kernel that decodes itself turns 5-level paging on; another has what it was entered with.
    five = method.decodes_itself or bool(plan['cpu']['cr4'] & 1 << 12)
    equal(guest.one('la57'), '1' if five else '0', '5-level paging')


def check_guest(method, guest, plan, files, handed=()):
    """@handed: [(type, apart, bytes)] of setup_data."""
    equal(plan['protocol'], method.protocol, 'protocol')
    equal(plan['decompress'], method.decompress, 'who decodes')
    equal(region(plan, 'initrd')['size'], files.size, 'bytes of initrd in the plan')
    equal(guest.cmdline(), [plan['cmdline']], '/proc/cmdline')
    for name, content in files.contents.items():
        equal(guest.one(name), hashlib.sha256(content).hexdigest(), f'digest of {name}')
    check_map(guest, plan)
    check_ram(guest, plan)
    check_rng(guest, any(number == SETUP_TYPES['rng_seed'] for number, _, _ in handed))
    check_zero_page(method, guest, plan, handed)
    check_place(method, guest, plan)


def boot_guest(method, files, memory, cmdline, *options, handed=()):
    """Boot, compare, and return the plan and what the guest said."""
    options = ['--kernel', method.path, *method.options, '--memory', memory, *files.options,
               '--append', cmdline, *options]
    plan = common.run_json('plan', *options)
    guest = Guest(common.boot(*options))
    check_guest(method, guest, plan, files, handed)
    print(f'ok: {memory}, {len(plan["memmap"])} map entries, kernel at '
          f'{region(plan, "kernel")["gpa"]:#x}, initrd at {region(plan, "initrd")["gpa"]:#x}')
    return plan, guest


def boot(*args, **kwargs):
    """The same, and return the plan."""
    return boot_guest(*args, **kwargs)[0]
