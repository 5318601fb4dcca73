# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""A C file as clang sees it: its nodes, and where each stands in the text.

By `clang -Xclang -ast-dump=json`, which needs no bindings.  What stands in the text is (begin, end) in bytes;
what a macro's body has made stands nowhere but at the macro's name.
"""
import bisect
import json
import subprocess

CAST = ('ImplicitCastExpr', 'CStyleCastExpr', 'ParenExpr', 'ConstantExpr')


class Place:
    """An end of a node: the token at @offset, of @length bytes; @macro if it is a macro's name in its stead."""

    def __init__(self, location):
        self.macro = False
        if 'expansionLoc' in location:
            argument = location['expansionLoc'].get('isMacroArgExpansion', False)
            location = location['spellingLoc' if argument else 'expansionLoc']
            self.macro = not argument
        self.offset, self.length = location.get('offset'), location.get('tokLen', 0)


def closing(text, at):
    """Behind the ")" of the "(" at @at."""
    depth, quote = 0, None
    while at < len(text):
        char = text[at:at + 1]
        if quote:
            at += char == b'\\'
            quote = None if char == quote else quote
        elif char in b'"\'':
            quote = char
        else:
            depth += (char == b'(') - (char == b')')
            if depth == 0:
                return at + 1
        at += 1
    return None


class Tree:
    """The tree of the file @name; @text is what clang reads in its place, @args what the compiler is told."""

    def __init__(self, clang, name, args, folder):
        self.text = (folder / name).read_bytes()
        out = subprocess.run([clang, *args, '-w', '-fsyntax-only', '-Xclang', '-ast-dump=json', name],
                             cwd=folder, capture_output=True, check=True).stdout
        self.lines = [0] + [at + 1 for at, byte in enumerate(self.text) if byte == 10]
        self.decls = self.own(json.loads(out)['inner'], name)

    @staticmethod
    def own(decls, name):
        """Those of the file itself: all from the first on that says so, as its #include lines come first."""
        for index, decl in enumerate(decls):
            place = decl.get('loc', {})
            if place.get('expansionLoc', place).get('file') == name:
                return decls[index:]
        return []

    def line(self, offset):
        return bisect.bisect(self.lines, offset)

    def span(self, node):
        """(begin, end) in the text; None where the tree says nothing of use."""
        limits = node.get('range', {})
        if not limits.get('begin') or not limits.get('end'):
            return None
        begin, last = Place(limits['begin']), Place(limits['end'])
        if begin.offset is None or last.offset is None:
            return None
        end = last.offset + last.length
        if last.macro:
            after = end + len(self.text[end:]) - len(self.text[end:].lstrip())
            if self.text[after:after + 1] == b'(':
                end = closing(self.text, after)
        return (begin.offset, end) if end is not None and begin.offset < end <= len(self.text) else None

    def of(self, span):
        return self.text[span[0]:span[1]].decode()


def children(node):
    """Without what only stands for something that is left out."""
    return [child for child in node.get('inner', []) if child.get('kind')]


def kind(node):
    return node.get('kind')


def bare(node):
    """@node without the casts and parentheses around it."""
    while kind(node) in CAST and children(node):
        node = children(node)[-1]
    return node


def type_of(node):
    kinds = node.get('type', {})
    return kinds.get('desugaredQualType', kinds.get('qualType', ''))
