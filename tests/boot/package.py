# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
"""The installed package in a folder, as another program's build finds it: by pkg-config alone."""
import os
import re
import shlex
import subprocess

from common import equal


class Package:
    def __init__(self, build, root):
        """Install @build into @root, and say so in the pkg-config file, as if that were its prefix."""
        subprocess.run(['meson', 'install', '-C', build, '--no-rebuild', '--destdir', root],
                       check=True, stdout=subprocess.DEVNULL)
        found = list(root.rglob('libpvhload.pc'))
        equal(len(found), 1, 'pkg-config files')
        text = found[0].read_text()
        prefix = re.search(r'^prefix=(.*)$', text, re.M)[1]
        found[0].write_text(text.replace(f'prefix={prefix}\n', f'prefix={root}{prefix}\n', 1))
        self.pc = found[0].parent
        self.libraries = self.pc.parent

    def env(self):
        """For pkg-config, and for a program that is linked with the shared library."""
        return dict(os.environ, PKG_CONFIG_PATH=str(self.pc), LD_LIBRARY_PATH=str(self.libraries))

    def has(self, library):
        return (self.libraries / library).exists()

    def flags(self, *args):
        """What pkg-config answers, as words."""
        out = subprocess.run(['pkg-config', *args, 'libpvhload'], env=self.env(), check=True, text=True,
                             stdout=subprocess.PIPE).stdout
        return shlex.split(out)

    def links(self):
        """{way: words for the linker}: "shared" and "static", those that the build has."""
        ways = {}
        if self.has('libpvhload.so'):
            ways['shared'] = self.flags('--libs')
        if self.has('libpvhload.a'):
            ways['static'] = [str(self.libraries / 'libpvhload.a') if a == '-lpvhload' else a
                              for a in self.flags('--libs', '--static')]
        return ways
