#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Every step on Debian's kernels: what info, extract, plan and dump make of them.

    test_kernels.py SERIES

Digests and values in vectors.json were decoded by other means; for a version that is not in there,
the steps are held against each other.
"""
import hashlib
import json
import subprocess
import sys

import common
from common import check, equal


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def vector(path):
    vectors = json.loads((common.SOURCE / 'tests' / 'boot' / 'vectors.json').read_text())
    return vectors.get(sha256(path.read_bytes()))


def the_payload(kernel, folder, known):
    """extract gives the payload; another program's decoder gives the same."""
    info = common.run_json('info', kernel)
    out = folder / 'vmlinux'
    done = common.run('extract', kernel, '--output', out)
    equal((done.returncode, done.stdout, done.stderr), (0, b'', b''), 'extract')
    data = out.read_bytes()
    equal(len(data), info['payload']['uncompressed_size'], 'bytes of payload')
    payload = kernel.read_bytes()[info['payload']['offset']:][:info['payload']['size']]
    equal(int.from_bytes(payload[-4:], 'little'), len(data), 'size trailer')
    other = subprocess.run([info['payload']['codec'], '-dqc'], input=payload[:-4], check=True,
                           stdout=subprocess.PIPE).stdout
    check(other == data, 'the payload is what the reference decoder makes of it')
    equal([(w['protocol'], w['decompress'], w['can']) for w in info['protocols']],
          [('pvh', 'host', True), ('linux64', 'guest', True), ('linux32', 'guest', True),
           ('linux64', 'host', True), ('linux32', 'host', False)], 'what it boots by')
    equal(info['guest'], 'linux', 'what it is')
    check('ELF64' in info['protocols'][-1]['reason'], str(info['protocols'][-1]))
    if known:
        equal(sha256(data), known['payload_sha256'], 'digest of the payload')
        ours = ('protocols', 'guest', 'guest_reason')  # what we make of the facts
        facts = {k: v for k, v in info.items() if k not in ours}
        equal({k: facts[k] for k in known['info']}, known['info'], 'info')
        # What only other formats have.
        others = {k: v for k, v in facts.items() if k not in known['info']}
        equal(others, {'sections': [], 'multiboot': [], **dict.fromkeys(('text_offset', 'image_size', 'image_flags', 'page_size',
                                                        'big_endian', 'anywhere', 'header_version', 'profiles',
                                                        'signature', 'firmware'))}, 'info of other formats')
    return info, out, data


def the_elf_file(info, vmlinux):
    """The extracted ELF file is an image of its own, with the same entries and segments."""
    inner = common.run_json('info', vmlinux)
    equal(inner['format'], 'elf64', 'format')
    for key in ('arch', 'entry', 'pvh_entry', 'pvh_reloc', 'segments', 'relocations'):
        equal(inner[key], info[key], key)
    check(info['kernel_version'].split()[0] in inner['kernel_version'], inner['kernel_version'])
    done = common.run('extract', vmlinux, '--output', '/dev/stdout')
    check(done.stdout == vmlinux.read_bytes(), 'an ELF file is extracted as it is')


def the_guest_memory(kernel, info, data, folder, known):
    """dump puts every segment where it belongs, and decode reads the rest back."""
    memory, cpu = folder / 'ram', folder / 'cpu.json'
    options = ['--kernel', kernel, '--memory', '256M', '--append', 'console=ttyS0 quiet',
               '--rsdp', '0xe0000']
    plan = common.run_json('plan', *options)
    done = common.run('dump', *options, '--memory-file', memory, '--cpu-file', cpu)
    equal((done.returncode, done.stdout, done.stderr), (0, b'', b''), 'dump')
    equal(json.loads(cpu.read_text()), plan['cpu'], 'cpu file')
    equal(memory.stat().st_size, 256 << 20, 'size of the memory file')
    ram = memory.read_bytes()
    loaded = hashlib.sha256()
    for s in info['segments']:
        piece = ram[s['gpa']:s['gpa'] + s['file_size']]
        check(piece == data[s['offset']:s['offset'] + s['file_size']],
              f'segment at {s["gpa"]:#x}')
        loaded.update(piece)
    if known:
        equal(loaded.hexdigest(), known['loaded_sha256'], 'digest of what was loaded')

    view = common.run_json('decode', memory, '--start-info', hex(plan['cpu']['rbx']))
    equal(view, {'magic': 0x336ec578, 'version': 1, 'flags': 0, 'cmdline': 'console=ttyS0 quiet',
                 'rsdp': 0xe0000, 'modules': [], 'memmap': plan['memmap'],
                 'warnings': []}, 'decode')
    inside = [r for r in plan['regions'] if r['name'] == 'kernel']
    equal([(r['gpa'], r['gpa'] + r['size']) for r in inside],
          [(min(s['gpa'] for s in info['segments']),
            max(s['gpa'] + s['mem_size'] for s in info['segments']))], 'kernel region')


def main():
    kernel = common.kernel(sys.argv[1])
    known = vector(kernel)
    for program in ('lz4', 'zstd'):
        common.need(program, program)
    with common.scratch() as folder:
        info, vmlinux, data = the_payload(kernel, folder, known)
        the_elf_file(info, vmlinux)
        the_guest_memory(kernel, info, data, folder, known)
    print(f'ok: {sys.argv[1]}, {"with" if known else "without"} known digests')


if __name__ == '__main__':
    main()
