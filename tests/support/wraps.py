#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Every public function that can fail, for the linker to wrap, and for statuses.c to log.

    wraps.py HEADERS-READER OUTPUT.h OUTPUT.args HEADER...

HEADERS-READER is docs/man/header.py, which knows the declarations.
"""
import importlib.util
import pathlib
import sys


def load(path):
    spec = importlib.util.spec_from_file_location('header', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main():
    reader, header_out, args_out = load(sys.argv[1]), *map(pathlib.Path, sys.argv[2:4])
    fallible = sorted((function for path in sys.argv[4:]
                       for function in reader.Header(path).functions()
                       if 'enum pvhload_status' in function.returns),
                      key=lambda function: function.name)
    if len(fallible) < 20:
        sys.exit(f'only {len(fallible)} functions that can fail')
    wraps = [f'WRAP({f.name}, ({", ".join(f.params)}),\n'
             f'     ({", ".join(map(reader.declared_name, f.params))}))\n' for f in fallible]
    header_out.write_text('/* Made by tests/support/wraps.py. */\n' + ''.join(wraps))
    args_out.write_text(''.join(f'--wrap={f.name}\n' for f in fallible))


if __name__ == '__main__':
    main()
