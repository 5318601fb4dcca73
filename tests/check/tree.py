#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Every file of the project names its licence, and none is too long for one job.

Needs a checkout: elsewhere, files of the project cannot be told from what a build has made.
"""
import pathlib
import subprocess
import sys

NO_LICENCE = {'LICENSES'}
# What Debian's tools read has no comments, or says it in its own way.
NO_LINE = {'debian/changelog', 'debian/copyright', 'debian/libpvhload0.3.symbols', 'debian/source/format'}
# By the program, and by abidw.
MADE = {'docs/plan.svg', 'tests/check/libpvhload.abi'}
LONGEST = 450


def files(root):
    """What git tracks, and what it would; None without git."""
    try:
        out = subprocess.run(['git', '-C', root, 'ls-files', '-z', '--cached', '--others',
                              '--exclude-standard'], check=True, capture_output=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    names = out.decode().split('\0')[:-1]
    return [root / name for name in names if (root / name).exists()]


def main():
    root = pathlib.Path(sys.argv[1])
    errors, count = [], 0
    found = files(root) if (root / '.git').exists() else None
    if found is None:
        print('skipped: no git checkout')
        return 77
    for path in sorted(found):
        relative = path.relative_to(root)
        if relative.parts[0] in NO_LICENCE:
            continue
        count += 1
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            errors.append(f'{relative}: not text')
            continue
        licensed = 'SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause' in text[:400]
        if not licensed and relative.as_posix() not in MADE | NO_LINE:
            errors.append(f'{relative}: no SPDX line')
        lines = text.count('\n')
        if path.suffix in ('.c', '.h', '.py', '.sh') and lines > LONGEST:
            errors.append(f'{relative}: {lines} lines')
    print('\n'.join(errors) if errors else f'{count} files')
    return 1 if errors or count < 50 else 0


if __name__ == '__main__':
    sys.exit(main())
