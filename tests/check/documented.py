#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""Every public function and every member of a public struct is documented.

A function's comment has each parameter, and its statuses or what it returns.  One that can fail lists
PVHLOAD_OK and PVHLOAD_E_USAGE at least (statuses.py checks the rest).  "Ownership and threads" and
"@since", and of what can fail units and ABI source, stand in its comment, or in the file's own for all of
it.
"""
import pathlib
import re
import sys

FUNCTION = re.compile(r'/\*\*((?:(?!\*/).)*)\*/\s*'
                      r'(?:PVHLOAD_API|static inline)\b([^;{]*?)\b(pvhload_\w+)\s*'
                      r'\(((?:[^()]|\([^()]*\)(?:\([^()]*\))?)*)\)\s*[;{]', re.S)
DECLARED = re.compile(r'^(?:PVHLOAD_API|static inline)\b[^;{]*?\b(pvhload_\w+)\s*\(', re.M | re.S)
STRUCT = re.compile(r'^struct (pvhload_\w+) \{\n(.*?)^\};', re.M | re.S)


def parameters(text):
    text = re.sub(r'\(\*(\w+)\)\([^()]*\)', r' \1', text)  # a pointer to a function
    if text.strip() in ('void', ''):
        return []
    return [re.findall(r'\w+', p)[-1] for p in text.split(',')]


def check_function(where, head, comment, returns, params, errors):
    statuses = re.findall(r'@retval\s+(PVHLOAD_\w+)', comment)
    for name in parameters(params):
        if not re.search(r'@param(?:\[[a-z,]+\])?\s+' + name + r'\b', comment):
            errors.append(f'{where}: no @param {name}')
    for tag in ('@since', 'Ownership and threads'):
        if tag not in comment and tag not in head:
            errors.append(f'{where}: no {tag}')
    if 'enum pvhload_status' in returns:
        for status in ('PVHLOAD_OK', 'PVHLOAD_E_USAGE'):
            if status not in statuses:
                errors.append(f'{where}: no @retval {status}')
        for tag in ('Units', 'ABI source'):
            if f'@par {tag}' not in comment and tag not in head:
                errors.append(f'{where}: no {tag}')
    elif 'void' not in returns.split() and '@return' not in comment:
        errors.append(f'{where}: no @return')
    elif '*' in returns and '@return' not in comment:
        errors.append(f'{where}: no @return')


def check_struct(where, body, errors):
    body = re.sub(r'/\*[^*](?:(?!\*/).)*\*/', '', body, flags=re.S)
    lines = body.split('\n')
    documented = False  # by a comment before the member
    in_comment = False
    for line in lines:
        text = line.strip()
        if in_comment:
            in_comment = '*/' not in text
            continue
        if text.startswith('/**') and not text.startswith('/**<'):
            documented = True
            in_comment = '*/' not in text
            continue
        if not text or text.startswith('*'):
            continue
        if '/**<' in text:
            in_comment = '*/' not in text
            continue
        if ';' in text:
            if not documented:
                errors.append(f'{where}: member without a comment: {text}')
            documented = False


# Registers are what their names say.
OBVIOUS = {'pvhload_x86_cpu'}


def main():
    root = pathlib.Path(sys.argv[1])
    errors, functions, structs = [], 0, 0
    for path in sorted((root / 'include' / 'pvhload').rglob('*.h')):
        text = path.read_text()
        head = re.search(r'/\*\*\n \* @file\n(.*?)\*/', text, re.S)[1]
        found = set()
        for match in FUNCTION.finditer(text):
            comment, returns, name, params = match.groups()
            found.add(name)
            check_function(f'{path.name}: {name}', head, comment, returns, params, errors)
        for name in DECLARED.findall(re.sub(r'/\*.*?\*/', '', text, flags=re.S)):
            if name not in found:
                errors.append(f'{path.name}: {name}: no comment')
        functions += len(found)
        for name, body in STRUCT.findall(text):
            structs += 1
            if name not in OBVIOUS:
                check_struct(f'{path.name}: {name}', body, errors)
    print('\n'.join(errors) if errors else f'{functions} functions, {structs} structs')
    return 1 if errors or functions < 20 or structs < 10 else 0


if __name__ == '__main__':
    sys.exit(main())
