# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""What the checks read of a C file: includes, functions, numbers.

No C parser: it relies on the form that clang-format gives the tree, in which a function's body is what
stands between a line "{" and a line "}".
"""
import re

COMMENT_OR_STRING = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
INCLUDE = re.compile(r'^#\s*include\s*[<"]([^>"]+)[>"]', re.M)
FUNCTION = re.compile(r'^(?P<head>[A-Za-z_][^;{}#=]*?\b(?P<name>\w+)\((?P<params>[^;{}#]*)\))\n'
                      r'\{\n(?P<body>.*?)^\}', re.M | re.S)
NUMBER = re.compile(r'(?<![\w.])(0[xX][0-9a-fA-F]+|\d+)[uUlL]*(?![\w.])')
CALL = re.compile(r'(?<![\w.>])(\w+)\s*\(')
MEMBER_CALL = re.compile(r'(?:->|\.)(\w+)\(')
TABLE = re.compile(r'^(?:static )?const struct (\w+) \w+\b[^;(){}]* = \{\n(.*?)^\};', re.M | re.S)
MEMBER = re.compile(r'\.(\w+) = &?(\w+)')
NOT_CALLS = {'if', 'for', 'while', 'switch', 'return', 'sizeof', 'defined', '_Static_assert'}


def without_comments(text, keep_strings=False):
    """The same lines, with comments (and the contents of strings) as spaces."""
    def blank(match):
        if match[0][0] in '"\'':
            return match[0] if keep_strings else match[0][0] + ' ' * (len(match[0]) - 2) + match[0][0]
        return re.sub(r'[^\n]', ' ', match[0])
    return COMMENT_OR_STRING.sub(blank, text)


class Function:
    def __init__(self, match):
        self.name = match['name']
        self.static = re.search(r'\bstatic\b', match['head']) is not None
        self.lines = match['body'].count('\n')
        self.calls = {name for name in CALL.findall(match['body']) if name not in NOT_CALLS}
        self.member_calls = set(MEMBER_CALL.findall(match['body']))


class Source:
    """A .c or .h file; @name is relative to the folder of the sources."""

    def __init__(self, path, folder):
        text = path.read_text()
        self.path, self.name = path, path.relative_to(folder).as_posix()
        self.includes = INCLUDE.findall(without_comments(text, keep_strings=True))
        self.code = without_comments(text)
        self.functions = [Function(m) for m in FUNCTION.finditer(self.code)]

    def members(self):
        """(struct, member, value) of each constant of structs, as a table of functions is."""
        for struct, body in TABLE.findall(self.code):
            for member, value in MEMBER.findall(body):
                yield struct, member, value

    def numbers(self):
        """Each number as it is written; its line, where it is in that, and which line it is."""
        for number, line in enumerate(self.code.split('\n'), 1):
            for match in NUMBER.finditer(line):
                yield match[1], line, match.start(), number


def circles(graph):
    """The edges (a, b) of {node: {nodes}} that are on a circle: Tarjan's components, without recursion."""
    index, low, on_stack, stack, component = {}, {}, set(), [], {}
    for root in graph:
        if root in index:
            continue
        work = [(root, iter(sorted(graph[root])))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, edges = work[-1]
            for target in edges:
                if target not in graph:
                    continue
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(sorted(graph[target]))))
                    break
                if target in on_stack:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        component[member] = node
                        if member == node:
                            break
    return {(a, b) for a in graph for b in graph[a]
            if b in graph and a != b and component[a] == component[b]}
