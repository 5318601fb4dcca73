# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""docs/errors.md is what the table of errors prints."""
import difflib
import pathlib
import subprocess
import sys

root, program = pathlib.Path(sys.argv[1]), sys.argv[2]
page = root / 'docs' / 'errors.md'

printed = subprocess.run([program, '--markdown'], check=True, stdout=subprocess.PIPE).stdout
if not page.exists() or printed != page.read_bytes():
    there = page.read_text().splitlines() if page.exists() else []
    for line in difflib.unified_diff(there, printed.decode().splitlines(), 'docs/errors.md',
                                     'what is printed', lineterm=''):
        print(line)
    sys.exit('docs/errors.md is not what the table says; to make it anew, in the build folder: '
             f'tests/test_errors --markdown > {page}')
