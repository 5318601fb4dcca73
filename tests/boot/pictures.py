# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Plans to draw, and what an SVG of one says."""
import xml.etree.ElementTree as ElementTree

import common
import images

SVG = '{http://www.w3.org/2000/svg}'
CHAR, ASCENT, DESCENT = 7.4, 10, 3  # pixels: a monospaced font of 12


def text_box(text):
    """Where a <text> is, if its font is as wide as monospaced fonts are: left, top, right, bottom."""
    x, y, width = float(text.get('x')), float(text.get('y')), CHAR * len(text.text)
    classes = (text.get('class') or '').split()
    left = x - width if 'e' in classes else x - width / 2 if 'm' in classes else x
    return left, y - ASCENT, left + width, y + DESCENT


def overlaps(boxes):
    """Pairs of (name, box) that share some place."""
    found = []
    for i, (name, a) in enumerate(boxes):
        for other, b in boxes[:i]:
            if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]:
                found.append((other, name))
    return found


def parse(data):
    return ElementTree.fromstring(data)


def texts(root):
    return list(root.iter(SVG + 'text'))


def odd_plans(folder):
    """Name and options of plans that are not the usual one, and of the usual one."""
    def file(name, data):
        path = folder / name
        path.write_bytes(data)
        return str(path)

    kernel = file('kernel', images.kernel())
    initrd = file('initrd', bytes(5 << 20))
    pieces = file('pieces', images.kernel(images.load(0x4000000), images.load(0x8000000)))
    high = file('high', images.elf64(images.load(0x180000000), entry=0x180000000))
    relocatable = bytearray(images.bzimage(bytes(64)))
    relocatable[0x234:0x236] = 1, 21  # relocatable_kernel, min_alignment
    bzimage = file('bzimage', relocatable)
    seed = file('seed', bytes(range(64)))
    nodes = []
    for i in range(40):
        nodes += ['--setup-data', f'{0x1000 + i}{":apart" if i % 2 else ""},{seed}']
    modules = []
    for i in range(40):
        modules += ['--module', f'{seed},number {i}']
    reserves = []
    for i in range(30):
        reserves += ['--reserve', f'{300 + 2 * i}M,1M,{2 + i % 4}']
    gaps = []
    for i in range(10):
        gaps += ['--reserve', f'{8 * (i + 1)}G,4K']
    claims = ['--claim', '0x1000,60K']
    for i in range(30):
        claims += ['--claim', f'{64 + i}M,{i + 1}K,number {i} of what is <kept> & free']
    linux64 = ['--protocol', 'linux64']
    return [
        ('usual', ['--kernel', kernel, '--initrd', initrd]),
        ('no initrd', ['--kernel', kernel]),
        ('little memory', ['--kernel', kernel, '--memory', '2M']),
        ('6 GiB', ['--kernel', kernel, '--initrd', initrd, '--memory', '6G']),
        ('64 TiB', ['--kernel', kernel, '--initrd', initrd, '--memory', '64T']),
        ('40 setup_data', ['--kernel', bzimage, '--initrd', initrd, *linux64, *nodes]),
        ('40 modules', ['--kernel', kernel, *modules]),
        ('3 kernel pieces', ['--kernel', pieces, '--initrd', initrd]),
        ('kernel above 4 GiB', ['--kernel', high, '--memory', '8G', *linux64]),
        ('bzImage elsewhere', ['--kernel', bzimage, '--memory', '6G', *linux64,
                               '--place', 'kernel,5G', '--place', 'initrd,0x20000000',
                               '--initrd', initrd]),
        ('30 reservations', ['--kernel', kernel, *reserves]),
        ('31 claims', ['--kernel', kernel, '--initrd', initrd, *claims]),
        ('holes', ['--kernel', kernel, '--memory', '2M', *gaps]),
        ('command line', ['--kernel', kernel, '--append', 'a <b> & "c" ]]> \'d\' ' + 'x' * 2000]),
        ('control characters', ['--kernel', kernel, '--append', 'a\x01\x1b[31m\xff\ufffe\t']),
    ]


def regions(plan):
    """What the picture has to show of a plan in JSON: name and addresses of each region."""
    return [(r['name'], f'0x{r["gpa"]:010x}-0x{r["gpa"] + r["size"] - 1:010x}')
            for r in plan['regions']]


def make(options, path):
    """The plan in JSON, and its picture in @path."""
    return common.run_json('plan', *options, '--svg', path)
