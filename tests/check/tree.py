#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Every file of the project names its licence, and none is too long for one job."""
import os
import pathlib
import subprocess
import sys

SKIPPED = {'.git', '.cache', '__pycache__'}
NO_LICENCE = {'LICENSES'}
MADE = {'docs/plan.svg'}  # by the program, as it makes them for anyone
LONGEST = 450


def files(root):
    """What git tracks; without git, what is there and does not look like a build."""
    try:
        out = subprocess.run(['git', '-C', root, 'ls-files', '-z', '--cached', '--others',
                              '--exclude-standard'], check=True, capture_output=True).stdout
        names = out.decode().split('\0')[:-1]
        return [root / name for name in names if (root / name).exists()]
    except (OSError, subprocess.CalledProcessError):
        return list(walk(root))


def walk(root):
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f not in SKIPPED and not f.startswith('build')]
        for name in names:
            yield pathlib.Path(folder) / name


def main():
    root = pathlib.Path(sys.argv[1])
    errors, count = [], 0
    for path in sorted(files(root)):
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
        if not licensed and relative.as_posix() not in MADE:
            errors.append(f'{relative}: no SPDX line')
        lines = text.count('\n')
        if path.suffix in ('.c', '.h', '.py', '.sh') and lines > LONGEST:
            errors.append(f'{relative}: {lines} lines')
    print('\n'.join(errors) if errors else f'{count} files')
    return 1 if errors or count < 50 else 0


if __name__ == '__main__':
    sys.exit(main())
