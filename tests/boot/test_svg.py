#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""plan --svg: what every picture of a plan says, and that its labels keep clear of each other.

With --write, docs/plan.svg is made again of the plan that README.md quotes.
"""
import gzip
import re
import sys

import common
from common import check, equal
import images
import pictures
from pictures import SVG
import readme_quotes

AGAIN = ('SOURCE_ROOT=. CACHE_DIR=.cache PVHLOAD=BUILD-FOLDER/tools/pvhload '
         'python3 tests/boot/test_svg.py --write')


def rows(root):
    """What stands on each line, left and right of the strip: {(y, side): {texts}}."""
    strip = max(root.iter(SVG + 'rect'), key=lambda r: r.get('class') == 's')
    middle = float(strip.get('x'))
    found = {}
    for text in pictures.texts(root):
        x, y = float(text.get('x')), text.get('y')
        found.setdefault((y, x > middle), set()).add(text.text)
    return found


def is_legible(root, name):
    left, top, width, height = map(float, root.get('viewBox').split())
    boxes = [(text.text, pictures.text_box(text)) for text in pictures.texts(root)]
    equal(pictures.overlaps(boxes), [], f'{name}: labels over each other')
    for text, box in boxes:
        check(box[0] >= left and box[1] >= top and box[2] <= left + width
              and box[3] <= top + height, f'{name}: {text!r} leaves the picture')
    for shape in root.iter(SVG + 'rect'):
        at = {k: float(shape.get(k, 0)) for k in ('x', 'y', 'width', 'height')}
        check(at['width'] > 0 and at['height'] > 0 and at['x'] + at['width'] <= width
              and at['y'] + at['height'] <= height, f'{name}: a rect at {at}')


def stands_alone(data, name):
    """Nothing is fetched, nothing runs; the namespace is a name."""
    text = data.decode('ascii').replace('xmlns="http://www.w3.org/2000/svg"', '')
    for word in ('http', 'href', 'url(', '@import', '<script', '<image', '<!', 'onload'):
        check(word not in text.split('</desc>')[1], f'{name}: {word}')


def has_all(root, plan, name):
    lines = rows(root)
    found = [(text, region) for (_, right), row in lines.items() if right
             for text in row for region in row if re.fullmatch('0x[0-9a-f]{10,}-0x[0-9a-f]{10,}',
                                                               region)]
    for region in pictures.regions(plan):
        check(region in found, f'{name}: {region} is not in the picture')
    shown = {text for (_, right), row in lines.items() if not right for text in row}
    if not any('pieces' in text for text in shown):
        for entry in plan['memmap']:
            addresses = f'0x{entry["addr"]:010x}-0x{entry["addr"] + entry["size"] - 1:010x}'
            check(addresses in shown, f'{name}: {addresses} of the map is not in the picture')
    described = root.find(SVG + 'desc').text
    clean = ''.join(c if ' ' <= c < '\x7f' else '?' for c in plan['cmdline'].encode(
        'utf-8', 'replace').decode('latin-1').replace('\xef\xbf\xbd', '\x7f'))
    check(described.endswith('command line: ' + clean) and plan['reason'] in described, described)
    equal(root.find(SVG + 'title').text,
          f'pvhload plan: protocol {plan["protocol"]}, entry {plan["entry"]:#x}', 'title')


def who(root, wanted, name):
    """Who is said to have put a region there."""
    for (_, right), row in rows(root).items():
        for region, by in wanted.items():
            if right and region in row:
                check(by in row, f'{name}: {region} is not by {by}: {row}')


def can_be_seen(root, name):
    """Whatever the guest's size: nothing placed is a hairline, or under something else."""
    placed = [r for r in root.iter(SVG + 'rect') if r.get('class') in 'ckfd' and r.get('width') != '12']
    boxes = [(r.get('y'), tuple(float(r.get(k)) + (float(r.get(more)) if more else 0) for k, more in
                                (('x', None), ('y', None), ('x', 'width'), ('y', 'height'))))
             for r in placed]
    check(placed and min(float(r.get('height')) for r in placed) >= 17, f'{name}: too thin')
    equal(pictures.overlaps(boxes), [], f'{name}: regions over each other')


def is_broken_where_said(root, name):
    """A part with a gap through its strip says so in its heading; the legend's colours come once."""
    said = [t.text for t in pictures.texts(root) if t.text.endswith(', scale broken')]
    gaps = [p for p in root.iter(SVG + 'path') if p.get('class') == 'g']
    check(len(gaps) >= len(said) and (not gaps or said), f'{name}: {len(gaps)} gaps, {said}')
    return len(gaps)


def has_heads(root, name):
    heads = [(t.text, t.get('y')) for t in pictures.texts(root) if t.text in
             ('map', 'what', 'addresses', 'size', 'said by', 'placed by')]
    equal(sorted(text for text, _ in heads),
          ['addresses', 'addresses', 'map', 'placed by', 'said by', 'size', 'size', 'what'],
          f'{name}: heads of columns')
    equal(len({y for _, y in heads}), 1, f'{name}: they are on one line')


def every_plan():
    gaps = {}
    with common.scratch() as folder:
        for name, options in pictures.odd_plans(folder):
            plan = pictures.make(options, folder / 'plan.svg')
            data = (folder / 'plan.svg').read_bytes()
            root = pictures.parse(data)
            has_all(root, plan, name)
            is_legible(root, name)
            can_be_seen(root, name)
            has_heads(root, name)
            gaps[name] = is_broken_where_said(root, name)
            stands_alone(data, name)
            check(len(data) < 40000, f'{name}: {len(data)} bytes')
            moved = name == 'bzImage elsewhere'
            who(root, {'kernel': '--place' if moved else 'image', 'gdt': 'library',
                       'initrd': '--place' if moved else 'library'}, name)
            pictures.make(options, folder / 'again.svg')
            equal((folder / 'again.svg').read_bytes(), data, f'{name}: made again')
    # below 1 MiB before and in the hole; from 1 MiB between kernel and initrd; alone, RAM above 4 GiB is to scale
    equal(gaps['6 GiB'], 3, 'gaps of 6 GiB')


def moved_by_the_library():
    """The kernel's place is taken, so it is nobody's wish but the library's."""
    with common.scratch() as folder:
        options = dict(pictures.odd_plans(folder))['bzImage elsewhere'][:6]
        pictures.make([*options, '--reserve', '0x1000000,1M'], folder / 'plan.svg')
        who(pictures.parse((folder / 'plan.svg').read_bytes()), {'kernel': 'library'}, 'moved')


def claims():
    """What is kept free is on the side of the regions, with its name and its own colour."""
    with common.scratch() as folder:
        options = dict(pictures.odd_plans(folder))['31 claims']
        pictures.make(options, folder / 'plan.svg')
        root = pictures.parse((folder / 'plan.svg').read_bytes())
    found = [row for (_, right), row in rows(root).items() if right and '--claim' in row]
    equal(len(found), 31, 'claims')
    for i, row in enumerate(found):
        text, start, size = (('reserved', 0x1000, 60) if i == 0 else
                             (f'number {i - 1} of what is <kept> & free', 63 + i << 20, i))
        equal(row, {text, f'0x{start:010x}-0x{start + (size << 10) - 1:010x}', f'{size} KiB',
                    '--claim'}, f'claim {i}')
    equal(len([r for r in root.iter(SVG + 'rect') if r.get('class') == 'c']), 32,
          'claims in the strip, and one in the legend')


def kept_where_no_ram_is():
    """The same as in the terminal: claims in holes and above the map, and the RSDP."""
    wanted = [('RSDP', 0xe0000, 36, '36 B', '--rsdp'), ('LAPIC', 0xfee00000, 4096, '4 KiB', '--claim'),
              ('devmem', 6 << 30, 1 << 30, '1 GiB', '--claim')]
    with common.scratch() as folder:
        options = [*dict(pictures.odd_plans(folder))['no initrd'], '--rsdp', '0xe0000',
                   '--claim', '0xfee00000,4K,LAPIC', '--claim', '6G,1G,devmem']
        plan = pictures.make(options, folder / 'plan.svg')
        root = pictures.parse((folder / 'plan.svg').read_bytes())
    has_all(root, plan, 'kept')
    is_legible(root, 'kept')
    lines = rows(root)
    for name, gpa, size, text, by in wanted:
        row = {name, f'0x{gpa:010x}-0x{gpa + size - 1:010x}', text, by}
        check(any(right and row == found for (_, right), found in lines.items()), f'{row}: {lines}')
    said = {text.text for text in pictures.texts(root)}
    for text in ('hole of 3566 MiB, not to scale', '4078 MiB to 4175876 KiB',
                 'hole of 2.02 GiB, not to scale', '6 GiB to 7 GiB'):
        check(text in said, f'{text}: {said}')


def many_ranges():
    """A map of 200 entries is a picture, not a list."""
    with common.scratch() as folder:
        options = dict(pictures.odd_plans(folder))['40 setup_data']
        for i in range(200):
            options = [*options, '--reserve', f'{100 + i}M,4K']
        plan = pictures.make(options, folder / 'plan.svg')
        root = pictures.parse((folder / 'plan.svg').read_bytes())
        has_all(root, plan, '200 reservations')
        is_legible(root, '200 reservations')
        check('reserved, 200 pieces' in {t.text for t in pictures.texts(root)}, 'pieces')
        reserved = [r for r in root.iter(SVG + 'rect') if r.get('class') == 'v']
        check(len(reserved) > 50, f'{len(reserved)} reservations to be seen')


def files():
    with common.scratch() as folder:
        options = dict(pictures.odd_plans(folder))['usual']
        path = folder / 'plan.svg'
        alone = common.run('plan', *options).stdout
        path.write_text('old')
        path.chmod(0o600)
        done = common.run('plan', *options, '--svg', path)
        equal((done.returncode, done.stdout, done.stderr), (0, alone, b''), 'with text')
        equal(path.stat().st_mode & 0o777, 0o600, 'mode')
        check(path.read_bytes().endswith(b'</svg>\n'), 'the file is replaced')
        done = common.run('plan', *options, '--svg', folder / 'nowhere' / 'plan.svg')
        equal((done.returncode, done.stdout), (1, b''), 'no such folder')
        check(done.stderr.decode().startswith(f'pvhload: {folder}/nowhere/plan.svg: cannot '),
              done.stderr.decode())
        done = common.run('plan', *options, '--svg', '/dev/full')
        equal((done.returncode, done.stdout), (1, b''), 'a full device')
        before = sorted(p.name for p in folder.iterdir())
        done = common.run('plan', *options, '--memory', '4K', '--svg', folder / 'refused.svg')
        equal((done.returncode, sorted(p.name for p in folder.iterdir())), (1, before), 'refused')
        for verb in ('boot', 'dump'):
            done = common.run(verb, *options, '--svg', path)
            equal((done.returncode, done.stdout), (2, b''), verb)


def stand_in(folder, lines):
    """A kernel and an initrd of which the plan is the one that is quoted: files to be opened.

    Debian's package manager gives another kernel with every update, and the demo another initrd with
    every run.  All that a plan, and so its picture, takes from them is where the kernel is loaded and
    entered and how large both are, which the quoted plan says.  So the picture in docs/ can be
    compared to the byte wherever the tests run; test_readme.py does the same with the kernel itself,
    while it is the one that is quoted.
    """
    regions = readme_quotes.regions(lines)
    start, size = regions['kernel']
    entry = int(re.match('protocol pvh, entry (0x[0-9a-f]+),', lines[0])[1], 16)
    code = bytes(entry + 1 - start)  # an entry is in a segment's bytes
    elf = images.elf64(images.load(start, code, mem_size=size), images.notes(images.note(entry)),
                       entry=entry)
    (folder / 'kernel').write_bytes(images.bzimage(gzip.compress(elf)))
    (folder / 'initrd').write_bytes(bytes(regions['initrd'][1]))
    return {'.cache/6.12/vmlinuz': str(folder / 'kernel'),
            '.cache/demo-initramfs': str(folder / 'initrd')}


def draw_the_one_in_docs():
    """Its bytes, from what README.md has."""
    options, lines = readme_quotes.the_plan()
    equal(readme_quotes.command_of_the_picture(), ['plan', *options, '--svg', 'plan.svg'],
          'the command that is said to draw docs/plan.svg')
    with common.scratch() as folder:
        files = stand_in(folder, lines)
        check(set(files) < set(options), f'{options} name other files')
        done = common.run('plan', *(files.get(word, word) for word in options), '--svg',
                          folder / 'plan.svg')
        equal((done.returncode, done.stderr), (0, b''), 'plan')
        equal(done.stdout.decode().split('\npicture, ')[0].split('\n'), lines,
              'the plan that README.md quotes')
        return (folder / 'plan.svg').read_bytes()


def the_one_in_docs():
    """It is what the program draws of the plan that the README quotes."""
    there = (common.SOURCE / 'docs' / 'plan.svg').read_bytes()
    is_legible(pictures.parse(there), 'docs/plan.svg')
    drawn = draw_the_one_in_docs()
    if drawn != there:
        differ = [(a, b) for a, b in zip(there.split(b'\n'), drawn.split(b'\n')) if a != b][:1]
        raise AssertionError(f'docs/plan.svg is not what is drawn of the plan in README.md: {differ}'
                             f'; this makes it again: {AGAIN}')


if __name__ == '__main__':
    if sys.argv[1:] == ['--write']:
        (common.SOURCE / 'docs' / 'plan.svg').write_bytes(draw_the_one_in_docs())
        sys.exit(0)
    common.main([every_plan, moved_by_the_library, claims, kept_where_no_ram_is,
                 many_ranges, files, the_one_in_docs])
