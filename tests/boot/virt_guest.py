# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""A Linux guest on arm64 or riscv64 that says what it was given, and what it must have said by the plan.

ABI source: Linux, Documentation/arch/arm64/booting.rst, Documentation/arch/riscv/boot.rst,
Documentation/devicetree/bindings/chosen.txt (in dt-schema's chosen.yaml today).
"""
import hashlib
import os
import re
import subprocess

import common
import device_tree
import initramfs
from common import check, equal
from guest_lines import region
from linux_guest import Guest

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30

INIT = '''
alias b=/bin/busybox
b mount -t proc proc /proc
b mkdir /sys
b mount -t sysfs sysfs /sys
b dmesg -n 1
sum() { b sha256sum "$1" | b cut -d ' ' -f 1; }
chosen() { b hexdump -v -e '1/1 "%02x"' /proc/device-tree/chosen/$1 2>/dev/null; }
echo "@cmdline-begin"
b cat /proc/cmdline
echo "@cmdline-end"
echo "@first $(sum /first)"
echo "@second $(sum /second)"
echo "@code $(b grep 'Kernel code' /proc/iomem)"
echo "@stext $(b grep ' _stext$' /proc/kallsyms)"
echo "@cpus $(b grep -c ^processor /proc/cpuinfo)"
echo "@release $(b uname -rm)"
for name in linux,initrd-start linux,initrd-end kaslr-seed rng-seed; do echo "@$name $(chosen $name)"; done
echo "@done"
case "$(b cat /proc/cmdline)" in *test.reset*) b reboot -f ;; esac
b poweroff -f
'''


class Machine:
    """QEMU's "virt" of one architecture, and what stock kernels are there."""

    def __init__(self, kernel, code=0x10000):
        """@code: from where the kernel is loaded to its code."""
        self.kernel, self.code = kernel, code
        self.arm64 = 'arm64' in kernel
        self.arch = 'arm64' if self.arm64 else 'riscv64'
        self.qemu, package = (('qemu-system-aarch64', 'qemu-system-arm') if self.arm64 else
                              ('qemu-system-riscv64', 'qemu-system-misc'))
        common.need(self.qemu, package)
        self.path = common.fetched(kernel, 'vmlinuz')
        self.box = common.fetched(f'busybox-static-{self.arch}', 'busybox').read_bytes()
        self.base = 0x40000000 if self.arm64 else 0x80000000
        self.usual = self.base + 2 * MIB  # what is below is QEMU's, or the SBI's
        self.always = f'console={"ttyAMA0" if self.arm64 else "ttyS0"} panic=-1 random.trust_cpu=off'
        self.cmdline_max = 2047 if self.arm64 else 1023
        self.uname = 'aarch64' if self.arm64 else 'riscv64'

    def tree(self, memory, cpus=1, level=1, cpu=None):
        """The device tree that QEMU has for such a machine."""
        name = 'virt,virtualization=on' if level == 2 else 'virt'
        name += ',gic-version=3' if cpus > 8 else ''
        cpu = cpu or ('max' if self.arm64 else 'rv64')
        with common.scratch() as folder:
            path = folder / 'tree'
            subprocess.run([self.qemu, '-machine', f'{name},dumpdtb={path}', '-cpu', cpu, '-smp', str(cpus),
                            '-m', f'{memory}B', '-nodefaults', '-display', 'none'], check=True, capture_output=True)
            return path.read_bytes()

    def claims(self, memory):
        """What boot keeps free for QEMU and the SBI, for plan, which knows of neither."""
        claims = ['--claim', f'{self.base:#x},2M']
        if not self.arm64:
            end = min(self.base + memory, 3 * GIB)
            claims += ['--claim', f'{end - 4 * MIB:#x},4M']
        return claims


class Files:
    """Two initrds, and a file out of each; the second is large if wanted."""

    def __init__(self, machine, folder, second=MIB):
        self.contents = {'first': os.urandom(MIB + 1), 'second': os.urandom(MIB) * (second // MIB)}
        parts = [initramfs.with_init(INIT, machine.box, first=self.contents['first']),
                 initramfs.cpio({'second': (0o100644, self.contents['second'])})]
        self.paths = [folder / f'initrd{i}' for i in range(2)]
        for path, part in zip(self.paths, parts):
            path.write_bytes(part)
        self.options = sum((['--initrd', path] for path in self.paths), [])
        self.joined = parts[0] + bytes(-len(parts[0]) % 4) + parts[1]


def check_places(plan):
    """Nothing lies over what the kernel needs, or over anything else; the tree is as booting.rst wants it."""
    ranges = sorted((r['gpa'], r['gpa'] + r['size'], r['name']) for r in plan['regions'])
    for (_, end, name), (start, _, other) in zip(ranges, ranges[1:]):
        check(end <= start, f'{name} and {other} overlap')
    fdt = region(plan, 'fdt')
    check(fdt['gpa'] % 8 == 0 and fdt['size'] <= 2 * MIB, f'the tree: {fdt}')


def check_state(machine, plan, level):
    cpu, fdt, kernel = plan['cpu'], region(plan, 'fdt')['gpa'], region(plan, 'kernel')['gpa']
    if not machine.arm64:
        equal(cpu, {'pc': kernel, 'a0': 0, 'a1': fdt, 'satp': 0, 'mode': 1}, 'state')
        return
    equal([cpu[f'x{i}'] for i in range(31)], [fdt] + [0] * 30, 'x0 to x30')
    equal((cpu['pc'], cpu['pstate']), (kernel, {1: 0x3c5, 2: 0x3c9}[level]), 'pc and pstate')


def check_ram(guest, memory):
    totals = [int(m[1]) * KIB for m in (re.search(r'Memory: \d+K/(\d+)K available', line)
                                        for line in guest.lines) if m]
    check(len(totals) == 1 and 0 <= memory - totals[0] <= MIB, f'RAM {totals}, given {memory}')


def check_guest(machine, guest, plan, files, memory, cpus=1):
    initrd = region(plan, 'initrd')
    equal(guest.cmdline(), [plan['cmdline']], '/proc/cmdline')
    for name, content in files.contents.items():
        equal(guest.one(name), hashlib.sha256(content).hexdigest(), f'digest of {name}')
    equal(initrd['size'], len(files.joined), 'bytes of initrd in the plan')
    equal([int(guest.one(f'linux,initrd-{end}'), 16) for end in ('start', 'end')],
          [initrd['gpa'], initrd['gpa'] + initrd['size']], 'initrd in the guest')
    start = int(guest.one('code').split('-')[0], 16)
    equal(start - region(plan, 'kernel')['gpa'], machine.code, 'from the kernel to its code')
    equal(guest.one('release').split()[-1], machine.uname, 'machine')
    equal(guest.one('cpus'), str(cpus), 'processors')
    check_ram(guest, memory)


def check_rng(guest, seeded):
    """With a seed it is ready at once; and the seed is not there to be read any more."""
    done = guest.first_line(r'^\[ +0\.000000\] random: crng init done')
    equal(done is not None, seeded, 'the RNG is ready at time 0')
    equal(guest.one('rng-seed'), '', 'rng-seed after the boot')


def boot(machine, files, memory, *options, level=1, cpus=1, tree=None, starts=1):
    """Boot, compare, and return the plan and what the guest said in each start.

    Without @tree, it has QEMU's.  plan is given the same, as it knows of no QEMU.
    """
    options = ['--memory', str(memory), *options]
    if machine.arm64:
        options += ['--exception-level', level]
    with common.scratch() as folder:
        path = folder / 'tree'
        path.write_bytes(tree or machine.tree(memory, cpus, level))
        plan = common.run_json('plan', *options, '--dtb', path, *machine.claims(memory))
        done = common.run('boot', *options, *(['--dtb', path] if tree else []), '--cpus', cpus, '--timeout', 200,
                          '--reboots', starts - 1)
    text = done.stdout.decode('utf-8', 'replace').replace('\r', '')
    equal(done.returncode, 0, f'{done.stderr.decode()}\n{text[-3000:]}')
    ends = text.split('\n@done\n')
    equal(len(ends), starts + 1, f'starts to the end of init:\n{text[-3000:]}')
    guests = [Guest((end + '\n@done').split('\n')) for end in ends[:starts]]
    check_places(plan)
    check_state(machine, plan, level)
    for guest in guests:
        check_guest(machine, guest, plan, files, memory, cpus)
    kernel, initrd, fdt = (region(plan, name)['gpa'] for name in ('kernel', 'initrd', 'fdt'))
    print(f'ok: {memory // MIB} MiB, kernel at {kernel:#x}, initrd at {initrd:#x}, tree at {fdt:#x}')
    return plan, guests
