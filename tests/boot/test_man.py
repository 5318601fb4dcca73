#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""pvhload(1): its examples do what they say, and its lists of JSON keys are the program's.

    test_man.py PAGE
"""
import json
import pathlib
import re
import shlex
import subprocess
import sys

import common
import images
import initramfs
from common import check, equal
from device_tree import cell, cells, text as tree_text, tree

INIT = """/bin/busybox mount -t proc proc /proc
echo "the guest is here: $(/bin/busybox cat /proc/cmdline)"
/bin/busybox reboot -f
"""

# A device tree in which each thing is once.
TREE = tree({'#address-cells': cell(2), '#size-cells': cell(2),
             'memory@0': {'device_type': tree_text('memory'), 'reg': cells(0, 1 << 20)},
             'chosen': {'linux,initrd-start': cells(0x80000), 'linux,initrd-end': cells(0x81000)}}, [(0x90000, 0x1000)])


def section(text, macro, name):
    match = re.search(rf'^\.{macro} {re.escape(name)}\n(.*?)(?=^\.S[{"h" if macro == "Sh" else "hs"}] '
                      r'|\Z)', text, re.M | re.S)
    return match[1]


def examples(page):
    """The commands of EXAMPLES, a line each."""
    out = []
    for block in re.findall(r'^\.Bd -literal.*?\n(.*?)^\.Ed', section(page, 'Sh', 'EXAMPLES'),
                            re.M | re.S):
        lines = block.replace('\\e\n', ' ').replace('\\-', '-').strip().split('\n')
        check(all(line.startswith('$ pvhload ') for line in lines), f'not a command: {lines}')
        out += [line[len('$ pvhload '):] for line in lines]
    return out


def a_uki():
    return images.uki((b'.linux', common.kernel('6.12').read_bytes()), (b'.cmdline', b'quiet'), (b'.profile', b'ID=0'),
                      (b'.profile', b'ID=1'), signature=b'signed')


def run_examples(page, folder):
    """{command: what it printed}; the files that they name are here."""
    (folder / 'vmlinuz').write_bytes(common.kernel('6.12').read_bytes())
    (folder / 'initrd.img').write_bytes(initramfs.with_init(INIT))
    (folder / 'seed').write_bytes(bytes(range(64)))
    (folder / 'uki.efi').write_bytes(a_uki())
    printed = {}
    for command in examples(page):
        done = subprocess.run([common.PROGRAM, *shlex.split(command)], cwd=folder, timeout=280,
                              stdin=subprocess.DEVNULL, capture_output=True)
        text = done.stdout.decode('utf-8', 'replace')
        equal((done.returncode, done.stderr.decode()), (0, ''), f'{command}: {text[-2000:]}')
        printed[command] = text
    return printed


def examples_work(page):
    with common.scratch() as folder:
        printed = run_examples(page, folder)
        check((folder / 'vmlinux').read_bytes()[:4] == b'\x7fELF', 'vmlinux is no ELF file')
        check('<svg' in (folder / 'plan.svg').read_text(), 'plan.svg has no picture')
        check('rip' in json.loads((folder / 'cpu.json').read_text()), 'cpu.json has no rip')
    expected = {'info': 'bzimage for x86_64', 'plan': 'because ', 'dump': '', 'extract': '', 'measure': '\n  sha384 ',
                'boot': 'the guest is here: console=ttyS0', 'decode': '0'}
    equal({command.split()[0] for command in printed}, set(expected), 'verbs with an example')
    for command, text in printed.items():
        check(expected[command.split()[0]] in text, f'{command}: {text[-2000:]}')
    check(any('command line: quiet debug' in text for text in printed.values()), 'a UKI with one more word')
    placed = ''.join(text for command, text in printed.items() if '--place kernel,64M' in command)
    check(re.search(r'^  0x0004000000-.* kernel$', placed, re.M), f'not at 64 MiB: {placed}')


def documented(page, name):
    """The keys that a part of JSON names."""
    words = re.findall(r'^\.(?:It )?Va (.*)$', section(section(page, 'Sh', 'JSON'), 'Ss', name), re.M)
    return set(re.findall(r'\w+', ' '.join(words)))


def keys(value, stop=()):
    """The keys of all objects within; not of those below the keys in @stop."""
    if isinstance(value, list):
        return set().union(*(keys(v, stop) for v in value))
    if isinstance(value, dict):
        return set(value).union(*(keys(v, stop) for k, v in value.items() if k not in stop))
    return set()


def other_cpu(folder, name, image, base):
    """The processor's state of a guest of another architecture."""
    kernel, dtb, cpu = (folder / f'{name}-{what}' for what in ('kernel', 'dtb', 'cpu'))
    kernel.write_bytes(image)
    dtb.write_bytes(tree({'#address-cells': cell(2), '#size-cells': cell(2),
                          f'memory@{base:x}': {'device_type': tree_text('memory'), 'reg': cells(base, 16 << 20)}}))
    done = common.run('dump', '--kernel', kernel, '--dtb', dtb, '--memory', '16M', '--memory-file', folder / 'other-ram',
                      '--cpu-file', cpu)
    equal(done.stderr, b'', f'dump for {name}')
    return json.loads(cpu.read_text())


def keys_are_documented(page):
    kernel = common.kernel('6.12')
    with common.scratch() as folder:
        files = {name: folder / name for name in ('ram', 'cpu', 'initrd', 'seed', 'uki', 'firmware', 'multiboot')}
        files['uki'].write_bytes(a_uki())
        files['firmware'].write_bytes(bytes(4080) + b'\xeb\xfe' + bytes(14))  # jumps to itself
        files['multiboot'].write_bytes(images.multiboot_flat())
        for name in ('initrd', 'seed'):
            files[name].write_bytes(bytes(64))
        boot = ['--kernel', kernel, '--initrd', files['initrd'], '--memory', '256M']
        dump = [*boot, '--memory-file', files['ram'], '--cpu-file', files['cpu']]
        found = {'info': [common.run_json('info', files['uki']), common.run_json('info', files['multiboot']),
                          common.run_json('info', '--raw-firmware', files['firmware'])],
                 'plan': common.run_json('plan', *boot)}
        found['measure'] = common.run_json('measure', *boot)
        equal(common.run('dump', *dump).stderr, b'', 'dump')
        found['dump'] = [json.loads(files['cpu'].read_text()),
                         other_cpu(folder, 'arm64', images.arm64(), 0x40000000),
                         other_cpu(folder, 'riscv64', images.riscv64(), 0x80000000)]
        found['decode --start-info'] = common.run_json('decode', files['ram'], '--start-info',
                                                       '0x6000')
        equal(common.run('dump', *dump, '--rng-seed', files['seed']).stderr, b'', 'dump')
        found['decode --zero-page'] = common.run_json('decode', files['ram'], '--zero-page',
                                                      '0x7000')
        files['ram'].write_bytes(TREE)
        found['decode --fdt'] = common.run_json('decode', files['ram'], '--fdt', '0')
    for name, value in found.items():
        got = keys(value, stop=('cpu',))
        said = documented(page, name.replace('-', '\\-', 2))
        equal((sorted(got - said), sorted(said - got)), ([], []),
              f'keys of {name} that are not in the page, and the other way round')


def main():
    common.need('qemu-system-x86_64', 'qemu-system-x86')
    page = pathlib.Path(sys.argv[1]).read_text()
    for test in (keys_are_documented, examples_work):
        test(page)
        print(f'ok: {test.__name__}')


if __name__ == '__main__':
    main()
