#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause
#
# Boot a real kernel: fetch Debian's own cloud kernel, build a small initramfs, show what pvhload
# makes of them, and boot by PVH to user space.  On Debian 12 and 13 it installs what it needs; everything
# it makes is in .cache and build-demo.
set -eu
cd "$(dirname "$0")/.."

if [ "$(uname -m)" != x86_64 ]; then
    echo "demo.sh: this boots a kernel for x86_64 and takes Debian's packages for amd64; this is $(uname -m)" >&2
    exit 1
fi
# What is missing is said before anything is installed.
sh tools/debian-packages.sh --lists
sh tests/fetch-kernels.sh --check .cache 6.12
sh tools/debian-packages.sh \
    gcc libc6-dev meson ninja-build pkg-config python3 \
    libelf-dev zlib1g-dev libdeflate-dev libzstd-dev liblz4-dev libbz2-dev liblzma-dev libfdt-dev libjson-c-dev \
    qemu-system-x86 busybox-static cpio
sh tests/fetch-kernels.sh .cache 6.12 >/dev/null

[ -d build-demo ] || meson setup build-demo -Dtests=disabled -Dtools=enabled >/dev/null
ninja -C build-demo >/dev/null
pvhload=build-demo/tools/pvhload
kernel=.cache/6.12/vmlinuz

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir "$root/bin" "$root/proc"
cp "$(command -v busybox)" "$root/bin/busybox"
cat >"$root/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox dmesg -n 1
echo "Hello from user space: $(/bin/busybox uname -sr)"
echo "booted with: $(/bin/busybox cat /proc/cmdline)"
echo "memory: $(/bin/busybox grep MemTotal /proc/meminfo)"
/bin/busybox reboot -f
INIT
chmod +x "$root/init"
initramfs=.cache/demo-initramfs
(cd "$root" && find . | cpio --quiet -o -H newc) | gzip >"$initramfs"

# Show a command, then run it.
show() {
    printf '\n$ pvhload'
    for word; do
        case $word in
        *' '*) printf " '%s'" "$word" ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
    "$pvhload" "$@"
}

boot() {
    verb=$1
    shift
    show "$verb" --kernel "$kernel" --initrd "$initramfs" --memory 512M \
        --append 'console=ttyS0 quiet reboot=t panic=-1' "$@"
}

show info "$kernel"
boot plan
said=.cache/demo-output
(boot boot --timeout 120 </dev/null && echo '(the guest ended)') | tee "$said"
grep -q 'Hello from user space: Linux' "$said"
grep -q '(the guest ended)' "$said"
