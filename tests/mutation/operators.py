# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""The mutants of a C file: each is one replacement in its text, by one of these operators.

    relation     < for <=, == for != and so on: the neighbour, and the opposite
    arithmetic   + for -, * for /, ++ for --, % for *; a minus that is left out
    bits         & for |, << for >>, ^ for |; a ~ that is left out
    logic        && for ||
    negate       a condition that is no comparison, negated; a ! that is left out
    constant     a number one more, one less, and 0; true for false
    remove       a call whose result is not used, or an assignment, left out
    return       another value returned: 0, NULL, or what is not true
    swap         two arguments of one type, one after the other, swapped
"""
import hashlib
import re

from ctree import bare, children, kind, type_of

RELATION = {'<': ['<=', '>='], '<=': ['<', '>'], '>': ['>=', '<='], '>=': ['>', '<'], '==': ['!='], '!=': ['==']}
ARITHMETIC = {'+': ['-'], '-': ['+'], '*': ['/'], '/': ['*'], '%': ['*'],
              '+=': ['-='], '-=': ['+='], '*=': ['/='], '/=': ['*='], '%=': ['*=']}
BITS = {'&': ['|'], '|': ['&'], '^': ['|'], '<<': ['>>'], '>>': ['<<'],
        '&=': ['|='], '|=': ['&='], '^=': ['|='], '<<=': ['>>='], '>>=': ['<<=']}
LOGIC = {'&&': ['||'], '||': ['&&']}
BINARY = [('relation', RELATION), ('arithmetic', ARITHMETIC), ('bits', BITS), ('logic', LOGIC)]
STEPS = {'++': '--', '--': '++'}
LEFT_OUT = {'!': 'negate', '-': 'arithmetic', '~': 'bits'}

COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*', re.S)
LITERAL = re.compile(r"0[xX][0-9a-fA-F]+[uUlL]*|\d+[uUlL]*|'(?:\\.|[^'\\])+'|(?:UINT64_C|INT64_C|UINT32_C)\(\w+\)")
LIMIT = re.compile(r'[A-Z][A-Z0-9_]*$')
NO_BOUNDS = ('NULL', 'TRUE', 'FALSE')

# Where a statement may be, by the node around it: how many of the last children are one.
BODIES = {'IfStmt': None, 'WhileStmt': 1, 'ForStmt': 1, 'CaseStmt': 1, 'DefaultStmt': 1, 'LabelStmt': 1}
CONDITIONS = {'IfStmt', 'WhileStmt', 'ConditionalOperator'}


class Mutant:
    """@new in place of the text at (begin, end); the statement around it is on lines @first to @last."""

    def __init__(self, file, function, operator, span, new):
        self.file, self.function, self.operator, self.span, self.new = file, function, operator, span, new
        self.first = self.last = self.line = self.id = None
        self.old = self.before = self.after = ''

    def applied(self, text):
        """The file with the mutant; its lines keep their numbers."""
        kept = text[:self.span[0]], text[self.span[0]:self.span[1]], text[self.span[1]:]
        lines = kept[1].count(b'\n') - self.new.count('\n')
        return kept[0] + self.new.encode() + b'\n' * lines + kept[2]

    def key(self):
        return (self.file, self.span, self.new)


class Maker:
    """Goes through a tree and keeps what each operator makes of it, each replacement once."""

    def __init__(self, file, tree):
        self.file, self.tree, self.made = file, tree, {}
        self.function, self.limits = '', None

    def add(self, operator, span, new):
        mutant = Mutant(self.file, self.function, operator, span, new)
        mutant.first, mutant.last = self.limits if self.limits else (0, 0)
        if self.tree.of(span) != new:
            self.made.setdefault(mutant.key(), mutant)

    def statement(self, node):
        """From here on, to its end or the next one inside, mutants are of the statement @node."""
        span = self.tree.span(node)
        if span and self.function:
            self.limits = (self.tree.line(span[0]), self.tree.line(span[1] - 1))

    # Each operator.

    def binary(self, node):
        spans = [self.tree.span(child) for child in children(node)[:2]]
        if len(spans) < 2 or None in spans or spans[0][1] > spans[1][0]:
            return
        between = self.tree.of((spans[0][1], spans[1][0]))
        code = node.get('opcode')
        if COMMENT.sub('', between).strip() != code:
            return
        begin = spans[0][1] + len(between[:between.index(code)].encode())
        for name, table in BINARY:
            for new in table.get(code, []):
                self.add(name, (begin, begin + len(code)), new)

    def unary(self, node):
        span, code = self.tree.span(node), node.get('opcode')
        if not span:
            return
        text = self.tree.of(span)
        if code in STEPS and text.count(code) == 1:
            begin = span[0] + text.index(code)
            self.add('arithmetic', (begin, begin + 2), STEPS[code])
        elif code in LEFT_OUT and text.startswith(code):
            self.add(LEFT_OUT[code], (span[0], span[0] + 1), '')

    def negated(self, condition):
        inner, span = bare(condition), self.tree.span(condition)
        compared = inner.get('opcode') in RELATION or inner.get('opcode') == '!'
        if span and not compared:
            self.add('negate', span, '!(' + self.tree.of(span) + ')')

    def constant(self, node):
        span = self.tree.span(node)
        if not span:
            return
        text = self.tree.of(span)
        if text in ('true', 'false'):
            self.add('constant', span, 'false' if text == 'true' else 'true')
        elif LITERAL.fullmatch(text):
            self.around(span, text, node.get('value'))
        elif LIMIT.match(text) and text not in NO_BOUNDS:
            self.around(span, text, None)

    def around(self, span, text, value):
        self.add('constant', span, f'({text} + 1)')
        self.add('constant', span, f'({text} - 1)')
        if value is not None and str(value) not in ('0', '1'):
            self.add('constant', span, '0')

    def spelled(self, node):
        """A number in a macro of this file is mutated where it is written."""
        begin = node.get('range', {}).get('begin', {}).get('spellingLoc')
        if not begin or 'includedFrom' in begin or 'expansionLoc' not in node['range']['begin']:
            return
        span = (begin.get('offset', 0), begin.get('offset', 0) + begin.get('tokLen', 0))
        line = self.tree.text[self.tree.lines[self.tree.line(span[0]) - 1]:span[0]]
        text = self.tree.of(span) if span[1] <= len(self.tree.text) else ''
        if re.match(rb'\s*#\s*define\s', line) and LITERAL.fullmatch(text):
            function, limits = self.function, self.limits
            self.function, self.limits = '', None
            self.around(span, text, node.get('value'))
            self.function, self.limits = function, limits

    def removed(self, node):
        """A call, or an assignment, that is a statement of its own."""
        inner, span = bare(node), self.tree.span(node)
        assigns = inner.get('opcode') == '=' or kind(inner) == 'CompoundAssignOperator'
        steps = kind(inner) == 'UnaryOperator' and inner.get('opcode') in STEPS
        if span and (kind(inner) == 'CallExpr' or assigns or steps):
            if re.match(rb'\s*;', self.tree.text[span[1]:]):
                self.add('remove', span, '')

    def returned(self, node):
        values = children(node)
        span = self.tree.span(values[0]) if values else None
        if not span:
            return
        kind_of, text = type_of(values[0]), self.tree.of(span)
        inner = bare(values[0])
        if kind_of.endswith('*'):
            self.add('return', span, 'NULL')
        elif kind_of in ('bool', '_Bool'):
            if inner.get('opcode') not in RELATION and text not in ('true', 'false'):
                self.add('return', span, '!(' + text + ')')
        elif not re.match(r'(const )?(struct|union) ', kind_of) and text != '0':
            self.add('return', span, '1' if text == 'PVHLOAD_OK' else '0')

    def swapped(self, node):
        given = children(node)[1:]
        for one, two in zip(given, given[1:]):
            spans = self.tree.span(one), self.tree.span(two)
            if type_of(one) != type_of(two) or None in spans or spans[0][1] > spans[1][0]:
                continue
            texts = [self.tree.of(span) for span in spans]
            if texts[0].startswith('"') or self.tree.of(self.tree.span(node)).startswith('calloc('):
                continue  # a format, or a product
            between = self.tree.of((spans[0][1], spans[1][0]))
            if texts[0] != texts[1] and COMMENT.sub('', between).strip() == ',':
                self.add('swap', (spans[0][0], spans[1][1]), texts[1] + between + texts[0])

    # The tree.

    def bodies(self, node):
        """The children of @node that are statements."""
        inner, name = children(node), kind(node)
        if name == 'CompoundStmt':
            return inner
        if name == 'IfStmt':
            return inner[1:]
        if name == 'DoStmt':
            return inner[:1]
        return inner[-BODIES[name]:] if name in BODIES else []

    def condition(self, node):
        inner = node.get('inner', [])
        if kind(node) in CONDITIONS:
            return inner[0]
        if kind(node) == 'ForStmt' and len(inner) == 5 and inner[2].get('kind'):
            return inner[2]
        return inner[1] if kind(node) == 'DoStmt' else None

    def own(self, node):
        """What the operators make of the node itself."""
        name = kind(node)
        if name in ('BinaryOperator', 'CompoundAssignOperator'):
            self.binary(node)
        elif name == 'UnaryOperator':
            self.unary(node)
        elif name in ('IntegerLiteral', 'CharacterLiteral'):
            self.constant(node)
            self.spelled(node)
        elif name == 'DeclRefExpr' and node.get('referencedDecl', {}).get('kind') == 'EnumConstantDecl':
            pass  # which of an enum's members it is, says another mutant
        elif name == 'CallExpr':
            self.swapped(node)
        elif name == 'ReturnStmt':
            self.returned(node)
        condition = self.condition(node)
        if condition:
            self.negated(condition)

    def walk(self, node):
        if kind(node) == 'StaticAssertDecl':
            return
        before = self.function, self.limits
        if kind(node) == 'FunctionDecl':
            self.function = node.get('name', '')
        self.own(node)
        bodies, condition = self.bodies(node), self.condition(node)
        for child in children(node):
            limits = self.limits
            if any(child is body for body in bodies):
                self.statement(child)
                self.removed(child)
            elif child is condition and kind(node) != 'ConditionalOperator':
                self.statement(child)
            self.walk(child)
            self.limits = limits
        self.function, self.limits = before


def described(mutants, text):
    """Line, texts and name of each; the name is the same as long as function, line and mutant are."""
    counts = {}
    for mutant in mutants:
        begin = text.rfind(b'\n', 0, mutant.span[0]) + 1
        end = text.find(b'\n', mutant.span[1])
        mutant.line = text.count(b'\n', 0, mutant.span[0]) + 1
        mutant.old = text[mutant.span[0]:mutant.span[1]].decode()
        mutant.before = text[begin:end].decode()
        mutant.after = (text[begin:mutant.span[0]] + mutant.new.encode() + text[mutant.span[1]:end]).decode()
        lead = len(mutant.before) - len(mutant.before.lstrip())
        parts = [mutant.file, mutant.function, mutant.before.strip(), str(mutant.span[0] - begin - lead), mutant.new]
        counts[tuple(parts)] = counts.get(tuple(parts), 0) + 1
        parts.append(str(counts[tuple(parts[:5])]))
        mutant.id = hashlib.sha1('\0'.join(parts).encode()).hexdigest()[:8]
    return mutants


def mutants_of(file, tree):
    maker = Maker(file, tree)
    for decl in tree.decls:
        maker.walk(decl)
    return described(sorted(maker.made.values(), key=Mutant.key), tree.text)
