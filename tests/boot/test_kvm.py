#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""A stock kernel on real KVM, by docs/examples/kvm.c and by pvhload boot --vmm kvm, each boot with its time.

    test_kvm.py EXAMPLE BUILD-FOLDER [more SHARED-VMS | load]

On any machine: QEMU emulates a processor with AMD's virtualization, Debian's kernel runs on it, with KVM's modules out
of its package, and the programs on that.  The host's own /dev/kvm is not used.  docs/examples/kernel says of its
processor on KVM what it says of QEMU's.  With "more", instead: RAM above the hole with two processors, reset and started
anew twice; a shell that is typed to; docs/examples/firmware; SeaBIOS, as far as it gets; two guests at once of one kernel
that is shared, by SHARED-VMS.  With "load": Debian's 6.1 and 6.12 by each way of --load, in the
memory that was loaded.
"""
import pathlib
import re
import subprocess
import sys

import common
import guests
import initramfs
from common import check, equal

# Words of the inner command line say what to do.
INNER = """
export PATH=/bin
/bin/busybox --install /bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
echo "@inner $(uname -r) cpus=$(grep -c ^processor /proc/cpuinfo) kB=$(grep MemTotal /proc/meminfo | tr -dc 0-9)"
grep -q shell /proc/cmdline && exec setsid -c sh -i
grep -q reset /proc/cmdline && reboot -f
poweroff -f
"""
OUTER = """
export PATH=/bin LD_LIBRARY_PATH=/lib
/bin/busybox --install /bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
for m in irqbypass kvm kvm-amd; do insmod /$m.ko; done
now() { cut -d ' ' -f 1 /proc/uptime; }
%s
reboot -f
"""
BOOT = """
echo "@begin %(name)s $(now)"
%(command)s
echo "@end $? $(now)"
"""
# The inner kernel is quiet, as each byte it writes is an exit from the guest.
PVHLOAD = "/pvhload boot --kernel /vmlinuz --initrd /initrd --timeout 200 --vmm kvm %s --append 'console=ttyS0 quiet panic=-1 %s'"
KERNEL = ('--module', 'kernel64', '--append', 'hello', '--memory', '256M')
QUIET = ' </dev/null 2>/tmp/errors || cat /tmp/errors'
# What is typed waits for the prompt.
SHELL = """
mkfifo /tmp/keys
(until grep -q '/ #' /tmp/said; do sleep 0.2; done; echo 'echo $((6 * 7)) answers'; sleep 1; echo 'poweroff -f'; sleep 20) \
    >/tmp/keys 2>/dev/null &
%s </tmp/keys 2>/tmp/errors | tee /tmp/said""" % (PVHLOAD % ('', 'shell'))

SHARED = """
/shared_vms /vmlinuz /initrd 'console=ttyS0 quiet reboot=t panic=-1 reset' /tmp </dev/null
cat /tmp/guest0 /tmp/guest1"""

# While the guest runs, what its process has mapped of the shared kernel, and of that has copied.
LOAD = r"""
%s </dev/null 2>/tmp/errors &
pid=$!
rm -f /tmp/smaps
while [ -e /proc/$pid/exe ]; do
    for child in $(grep -ls "^PPid:.$pid\$" /proc/[0-9]*/status); do
        cat $(dirname $child)/smaps >/tmp/new 2>/dev/null && grep -q pvhload-image /tmp/new && mv /tmp/new /tmp/smaps
    done
    sleep 0.3
done
touch /tmp/smaps
awk '/-/ { inside = /pvhload-image/ } inside && /^Size:/ { size += $2 } inside && /^Anonymous:/ { own += $2 }
    END { print "@shares mapped=" size + 0 " own=" own + 0 }' /tmp/smaps
wait $pid || { cat /tmp/errors; false; }"""

# Of this machine, which has no chipset, it makes no more than that it says who it is, and resets.
SEABIOS = """
/pvhload boot --vmm kvm --firmware /bios --timeout 30 </dev/null 2>&1 | cat
true"""

MIB = 1024  # kB
# Name: what runs, how often user space is reached, processors, least and most memory in kB, a word of the output.
# A guest that is turned off is not started anew, however often that is allowed.
BOOTS = {
    'example': ("/example /vmlinuz /initrd 'console=ttyS0 quiet reboot=t panic=-1 reset' </dev/null",
                1, 1, 3900 * MIB, 4096 * MIB, ''),
    'kernel': (f'/pvhload boot --vmm kvm --kernel /kernel64 {" ".join(KERNEL)}' + QUIET, 0, 1, 0, 0, 'end\n'),
    'reset': ('/pvhload boot --vmm kvm --firmware /reset' + QUIET, 0, 1, 0, 0, 'changed edcb'),
    'pvh': (PVHLOAD % ('--vmm auto --reboots 3 --protocol pvh', '') + QUIET, 1, 1, 400 * MIB, 512 * MIB, ''),
    'linux64': (PVHLOAD % ('--reboots 3 --protocol linux64 --decompress host', '') + QUIET, 1, 1, 400 * MIB, 512 * MIB, ''),
    'linux32': (PVHLOAD % ('--reboots 3 --protocol linux32', '') + QUIET, 1, 1, 400 * MIB, 512 * MIB, ''),
}
MORE = {
    'hole-2-cpus-reset-twice': (PVHLOAD % ('--reboots 2 --cpus 2 --memory 4G', 'reset') + QUIET,
                                3, 2, 3900 * MIB, 4096 * MIB, ''),
    'keyboard-controller': (PVHLOAD % ('', 'reset reboot=k') + QUIET, 1, 1, 400 * MIB, 512 * MIB, ''),
    '16-cpus': (PVHLOAD % ('--cpus 16', '') + QUIET, 1, 16, 400 * MIB, 512 * MIB, ''),
    'firmware': ("/pvhload boot --vmm kvm --kernel /firmware --module /vmlinuz --module /initrd --timeout 200 "
                 "--append 'console=ttyS0 quiet panic=-1'" + QUIET, 1, 1, 400 * MIB, 512 * MIB, 'firmware libpvhload'),
    'seabios': (SEABIOS, 0, 1, 0, 0, 'SeaBIOS (version '),
    'shared': (SHARED, 2, 1, 3900 * MIB, 4096 * MIB, '@unchanged\n'),
    'shell': (SHELL, 1, 1, 400 * MIB, 512 * MIB, '42 answers'),
}
SERIES = ('6.12', '6.1')
WAYS = ('copy', 'in-place', 'map', 'steady')


def load_boot(series, way):
    """By map, the guest resets and is started anew, once, from memory that is mapped anew."""
    options, words, times = ('--reboots 1', 'reset', 2) if way == 'map' else ('', '', 1)
    command = PVHLOAD.replace('/vmlinuz', f'/vmlinuz-{series}') % (f'--load {way} {options}', words)
    return LOAD % command, times, 1, 400 * MIB, 512 * MIB, ''


LOADS = {f'{series}-{way}': load_boot(series, way) for series in SERIES for way in WAYS}
LIMIT = 580  # seconds, on a machine with much else to do


def libraries(program):
    """{name in the initramfs: content} of what a program is linked with."""
    says = subprocess.run(['ldd', program], check=True, text=True, stdout=subprocess.PIPE).stdout
    found = {}
    for path in re.findall(r'(/\S+) \(0x', says):
        name = path.lstrip('/') if '/ld-linux' in path else 'lib/' + pathlib.Path(path).name
        found[name] = (0o100755, pathlib.Path(path).read_bytes())
    return found


def files_of(programs, build, boots):
    """What the outer guest has."""
    script = OUTER % ''.join(BOOT % {'name': name, 'command': boot[0]} for name, boot in boots.items())
    content = {name: (0o40755, b'') for name in ('bin', 'proc', 'dev', 'lib', 'lib64', 'tmp')}
    content.update({'bin/busybox': (0o100755, initramfs.busybox()),
                    'init': (0o100755, b'#!/bin/busybox sh\n' + script.encode()),
                    'vmlinuz': (0o100644, common.kernel('6.12').read_bytes()),
                    'initrd': (0o100644, initramfs.with_init(INNER))})
    if boots is LOADS:
        content.update({f'vmlinuz-{series}': (0o100644, common.kernel(series).read_bytes()) for series in SERIES})
    for name, program in programs.items():
        content[name] = (0o100755, pathlib.Path(program).read_bytes())
        content.update(libraries(program))
    for path in ('kernel64', 'firmware/firmware'):
        content[pathlib.Path(path).name] = (0o100644, (build / 'docs' / 'examples' / path).read_bytes())
    if 'seabios' in boots:
        content['bios'] = (0o100644, common.fetched('firmware', 'usr/share/seabios/bios-256k.bin').read_bytes())
    else:
        with common.scratch() as folder:
            content['reset'] = (0o100644, guests.reset(folder).read_bytes())
    for name in ('irqbypass.ko', 'kvm.ko', 'kvm-amd.ko'):
        content[name] = (0o100644, common.fetched('6.1-kvm', name).read_bytes())
    return content


def run(programs, build, boots):
    """What the outer guest says, while it runs and as a whole."""
    common.need('qemu-system-x86_64', 'qemu-system-x86')
    kernel = common.fetched('6.1-kvm', 'vmlinuz')
    with common.scratch() as folder:
        (folder / 'initrd').write_bytes(initramfs.cpio(files_of(programs, build, boots)))
        done = subprocess.run(['qemu-system-x86_64', '-accel', 'tcg', '-cpu', 'max,+svm', '-m', '6144',
                               '-kernel', kernel, '-initrd', folder / 'initrd', '-append',
                               'console=ttyS0 quiet panic=-1 reboot=t', '-nographic', '-no-reboot'],
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT)
    equal(done.returncode, 0, f'QEMU: {done.stderr.decode()}')
    return done.stdout.decode('utf-8', 'replace').replace('\r', '')


def judge(name, boot, said, version):
    _, times, cpus, least, most, word = boot
    found = re.search(rf'@begin {name} (\S+)\n(.*?)@end (\d+) (\S+)', said, re.S)
    check(found, f'{name}: it did not end: {said[-3000:]}')
    start, output, status, end = found.groups()
    equal(status, '0', f'{name}: {output}')
    inner = re.findall(r'@inner (\S+) cpus=(\d+) kB=(\d+)', output)
    equal([(release, int(count)) for release, count, _ in inner], [(version, cpus)] * times, f'{name}: {output}')
    check(all(least < int(size) <= most for _, _, size in inner), f'{name}: {inner}')
    check(word in output, f'{name}: no {word} in {output}')
    reached = f'{version} to user space, {times} times' if times else 'to its end'
    print(f'ok: {name}: {reached}, in {float(end) - float(start):.1f} s')


def same_processor(build, said):
    """What the small kernel was entered with, on KVM as in QEMU: all its lines but for the ACPI tables of KVM's machine."""
    lines = re.search(r'@begin kernel \S+\n(.*?)@end', said, re.S)[1].split('\n')
    path = build / 'docs' / 'examples' / 'kernel64'
    emulated = common.boot('--kernel', path, *(path if word == 'kernel64' else word for word in KERNEL))
    equal(lines.count('rsdp_paddr 0xe0000'), 1, 'the RSDP on KVM')
    equal([line for line in lines if not line.startswith('rsdp_paddr')],
          [line for line in emulated if not line.startswith('rsdp_paddr')], 'the kernel on KVM, and in QEMU')


def shares(said):
    """Each guest has written to some of the kernel that is mapped, and not to all."""
    found = [tuple(map(int, pair)) for pair in re.findall(r'@shares mapped=(\d+) own=(\d+)', said)]
    equal(len(found), 2, said[-3000:])
    check(all(0 < own < mapped for mapped, own in found), f'{found}')
    check(found[1][0] < found[0][0], f'the second has less mapped: {found}')
    print(f'ok: shared: mapped, and copied since, in KiB: {found}')


def loads_shares(said):
    """By map, the guest has the shared kernel's pages; by steady, fewer; by the others, none."""
    found = {name: (int(size), int(own)) for name, size, own in
             re.findall(r'@begin (\S+) (?:(?!@end).)*?@shares mapped=(\d+) own=(\d+)', said, re.S)}
    equal(list(found), list(LOADS), 'what was mapped')
    for series in SERIES:
        copy, in_place, every, steady = (found[f'{series}-{way}'] for way in WAYS)
        equal((copy, in_place), ((0, 0), (0, 0)), f'{series}: mapped by copy and in place')
        check(0 < steady[0] < every[0] and 0 < steady[1] <= steady[0] and 0 < every[1] <= every[0], f'{series}: {found}')
        print(f'ok: {series}: mapped, and copied since, in KiB: map {every}, steady {steady}')


def main():
    build = pathlib.Path(sys.argv[2])
    boots = {'more': MORE, 'load': LOADS}[sys.argv[3]] if len(sys.argv) > 3 else BOOTS
    versions = {series: common.run_json('info', common.kernel(series))['kernel_version'].split()[0] for series in SERIES}
    programs = {'example': sys.argv[1], 'pvhload': common.PROGRAM}
    if 'shared' in boots:
        programs['shared_vms'] = sys.argv[4]
    said = run(programs, build, boots)
    for name, boot in boots.items():
        judge(name, boot, said, versions['6.1' if name.startswith('6.1-') else '6.12'])
    if boots is LOADS:
        loads_shares(said)
    if 'shared' in boots:
        shares(said)
    if 'kernel' in boots:
        same_processor(build, said)


if __name__ == '__main__':
    main()
