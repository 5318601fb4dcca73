# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""What the README quotes: commands, and what they print."""
import re
import shlex

import common


def quotes():
    """(words of the command, the lines it is said to print), in order; without "pvhload".

    Files in /tmp are relative here, to be made in a folder of the test's own.
    """
    text = (common.SOURCE / 'README.md').read_text().replace('/tmp/', '')
    found = []
    for block in re.findall(r'^```\w*\n(.*?)^```$', text, re.M | re.S):
        for command, lines in re.findall(r'^\$ (.*)\n((?:(?!\$ ).*\n)*)', block, re.M):
            words = shlex.split(command)
            if words[0] == 'pvhload':
                found.append((words[1:], lines.rstrip('\n').split('\n')))
            elif words[0] == 'truncate':
                found.append((words, []))
    return found


def the_plan():
    """Of the demo, which is what docs/plan.svg shows: options, and what it prints."""
    return next((words[1:], lines) for words, lines in quotes()
                if words[0] == 'plan' and '--initrd' in words)


def command_of_the_picture():
    """The words of the command that is said to draw docs/plan.svg again, /tmp as in quotes()."""
    text = (common.SOURCE / 'README.md').read_text()
    return shlex.split(re.search(r'^    \S*/pvhload (plan .*--svg )/tmp/plan\.svg$', text, re.M)[1] + 'plan.svg')


def regions(lines):
    """{name: (first address, size)} of a plan that is printed."""
    found = {}
    for line in lines[lines.index('regions:') + 1:]:
        start, end, name = re.fullmatch(r'  0x(\w+)-0x(\w+) +[\d.]+ \w+  (.*)', line).groups()
        found[name] = int(start, 16), int(end, 16) + 1 - int(start, 16)
    return found
