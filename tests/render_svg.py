#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Pictures of plans in a real browser: not blank, and no label over another, in light and in dark.

    python3 tests/render_svg.py build/tools/pvhload

renders docs/plan.svg and a picture of each odd plan of tests/boot/pictures.py in headless chromium
(Debian: chromium), once in each colour scheme: as the document it is, for its pixels, and inside a page
whose script measures every label.
"""
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
GROUNDS = {'light': (255, 255, 255), 'dark': (13, 17, 23)}
FLAGS = {'light': [], 'dark': ['--force-dark-mode']}
# Boxes as the browser lays them out, cut by what is around the letters themselves.
SCRIPT = '''
<script>
const texts = [...document.querySelectorAll('text')].map(t => {
  const b = t.getBBox(), c = getComputedStyle(t).fill;
  return {text: t.textContent, box: [b.x, b.y + 2, b.x + b.width, b.y + b.height - 2], fill: c};
});
const view = document.querySelector('svg').viewBox.baseVal;
const out = document.createElement('pre');
out.id = 'measured';
out.textContent = JSON.stringify({texts, width: view.width, height: view.height,
                                  dark: matchMedia('(prefers-color-scheme: dark)').matches});
document.body.append(out);
</script>
'''


def chromium(scheme, *args):
    with tempfile.TemporaryDirectory(prefix='pvhload-browser-') as profile:
        return subprocess.run(
            [shutil.which('chromium'), '--headless', '--no-sandbox', '--disable-gpu',
             f'--user-data-dir={profile}', '--hide-scrollbars', '--force-device-scale-factor=1',
             *FLAGS[scheme], *args], check=True, capture_output=True, timeout=120).stdout


def pixels(data):
    """The rows of a PNG of 8 bits, RGB or RGBA."""
    at, packed, width, height, kind = 8, b'', 0, 0, 0
    while at < len(data):
        size, name = struct.unpack_from('>I4s', data, at)
        body = data[at + 8:at + 8 + size]
        if name == b'IHDR':
            width, height, depth, kind = struct.unpack_from('>IIBB', body)
            assert depth == 8 and kind in (2, 6), (depth, kind)
        elif name == b'IDAT':
            packed += body
        at += size + 12
    channels = 3 if kind == 2 else 4
    raw, stride = zlib.decompress(packed), width * channels
    above = bytearray(stride)
    for y in range(height):
        kind = raw[y * (stride + 1)]
        row = bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for i in range(stride if kind else 0):
            left = row[i - channels] if i >= channels else 0
            up, corner = above[i], above[i - channels] if i >= channels else 0
            if kind == 4:
                guess = left + up - corner
                near = min((left, up, corner), key=lambda v: abs(guess - v))
            else:
                near = (0, left, up, (left + up) // 2)[kind]
            row[i] = row[i] + near & 0xff
        above = row
        yield [tuple(row[i:i + 3]) for i in range(0, stride, channels)]


def contrast(a, b):
    """Of two colours, as the web's accessibility guidelines have it."""
    def luminance(colour):
        parts = [v / 255 / 12.92 if v / 255 <= 0.04045 else ((v / 255 + 0.055) / 1.055) ** 2.4
                 for v in colour]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def measured(svg, scheme, folder):
    """What the browser says of the labels: complaints, and how many there are."""
    page = folder / 'page.html'
    page.write_text('<!doctype html><meta charset=utf-8><body>' + svg.read_text() + SCRIPT)
    dom = chromium(scheme, '--dump-dom', page.as_uri()).decode()
    text = re.search(r'<pre id="measured">(.*?)</pre>', dom, re.S)[1]
    for name, char in (('lt', '<'), ('gt', '>'), ('amp', '&')):
        text = text.replace(f'&{name};', char)
    view = json.loads(text)
    wrong = [] if view['dark'] == (scheme == 'dark') else ['the colour scheme is another']
    for i, a in enumerate(view['texts']):
        x0, y0, x1, y1 = a['box']
        if x1 <= x0 or y1 <= y0 or x0 < 0 or y0 < 0 or x1 > view['width'] or y1 > view['height']:
            wrong.append(f'{a["text"]!r} is at {a["box"]}')
        fill = tuple(map(int, re.findall(r'\d+', a['fill'])[:3]))
        if contrast(fill, GROUNDS[scheme]) < 7:
            wrong.append(f'{a["text"]!r} is hard to read')
        for b in view['texts'][:i]:
            if x0 < b['box'][2] and b['box'][0] < x1 and y0 < b['box'][3] and b['box'][1] < y1:
                wrong.append(f'{b["text"]!r} and {a["text"]!r} are over each other')
    return wrong, len(view['texts']), (int(view['width']), int(view['height']))


def painted(svg, scheme, size, folder):
    """Complaints about the pixels of the document by itself."""
    shot = folder / 'shot.png'
    chromium(scheme, f'--screenshot={shot}', f'--window-size={size[0]},{size[1]}', svg.as_uri())
    counts = {}
    for row in pixels(shot.read_bytes()):
        for pixel in row:
            counts[pixel] = counts.get(pixel, 0) + 1
    total = sum(counts.values())
    common = [colour for colour, count in counts.items() if count > 100]
    wrong = []
    if counts.get(GROUNDS[scheme], 0) < total / 3:
        wrong.append(f'the ground is not {GROUNDS[scheme]}')
    if counts.get(GROUNDS[scheme], 0) > total * 0.97 or len(common) < 6:
        wrong.append(f'there is hardly anything to see: {len(common)} colours')
    return wrong


def main():
    os.environ.update(PVHLOAD=str(pathlib.Path(sys.argv[1]).resolve()), SOURCE_ROOT=str(ROOT),
                      CACHE_DIR=str(ROOT / '.cache'))
    sys.path.insert(0, str(ROOT / 'tests' / 'boot'))
    import pictures  # pylint: disable=import-outside-toplevel
    if not shutil.which('chromium'):
        print('chromium is not installed')
        return 77
    failed = False
    with tempfile.TemporaryDirectory(prefix='pvhload-svg-') as name:
        folder = pathlib.Path(name)
        svgs = [('docs/plan.svg', ROOT / 'docs' / 'plan.svg')]
        for title, options in pictures.odd_plans(folder):
            svgs.append((title, folder / f'{len(svgs)}.svg'))
            pictures.make(options, svgs[-1][1])
        for title, svg in svgs:
            for scheme in GROUNDS:
                wrong, labels, size = measured(svg, scheme, folder)
                wrong += painted(svg, scheme, size, folder)
                failed = failed or bool(wrong)
                print(f'{title}, {scheme}: {labels} labels, {size[0]} x {size[1]}: '
                      + ('; '.join(wrong) if wrong else 'fine'), flush=True)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
