#!/usr/bin/env bash
# Compiles Debian's SELinux policy with pinpack's module, in a throw-away copy of this machine's root, and compares the labels of both names of files that environments
# share with wheel RPMs. Needs root's rights and the network: apt-get download of the policy and its tools. docs/selinux.md describes the result.
set -euo pipefail

repository=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)

if [[ ${1-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf -- "$work"' EXIT
  (cd "$work" && apt-get download -q selinux-policy-default policycoreutils selinux-utils libselinux1)
  for package in "$work"/*.deb; do dpkg -x "$package" "$work/packages"; done
  unshare --mount --propagation private "$0" inside "$work"
  exit
fi

work=$2
mkdir "$work/mounts"
mount -t tmpfs tmpfs "$work/mounts"
mkdir "$work/mounts"/{upper,work,root}
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/mounts/upper,workdir=$work/mounts/work" "$work/mounts/root"
root=$work/mounts/root
for folder in usr etc var; do cp -a "$work/packages/$folder" "$root/"; done
for folder in lib sbin; do [[ ! -d $work/packages/$folder ]] || cp -a "$work/packages/$folder/." "$root/usr/$folder/"; done
mount --rbind /proc "$root/proc"
mkdir -p "$root/var/lib/selinux/default"
printf 'SELINUX=permissive\nSELINUXTYPE=default\n' > "$root/etc/selinux/config"
cp "$repository/libs/pinpack-runtime/selinux/pinpack.cil" "$root/root/"

chroot "$root" sh -c 'cd /usr/share/selinux/default && semodule -n -s default -X 100 -i *.pp.bz2 && semodule -n -s default -X 200 -i /root/pinpack.cil'

label() {
  chroot "$root" matchpathcon -n -f /etc/selinux/default/contexts/files/file_contexts "$1"
}

status=0
tree=/usr/lib/pinpack/reqset3/demo
environment=/usr/lib/pinpack/_environments/reqset3-app/0123
site=$environment/lib/python3.11/site-packages
while read -r first second type; do
  found="$(label "$first") $(label "$second")"
  expected="system_u:object_r:$type:s0 system_u:object_r:$type:s0"
  if [[ $found == "$expected" ]]; then
    echo "$type: $first"
  else
    echo "$first and $second: found $found, expected $expected" >&2
    status=1
  fi
done << PAIRS
$tree/demo/_core/a.so $site/demo/_core/a.so lib_t
$tree/demo/__init__.py $site/demo/__init__.py lib_t
$tree/demo/bin/tool $site/demo/bin/tool lib_t
$tree/demo.libs/libx.so.1 $site/demo.libs/libx.so.1 lib_t
$tree/demo-1.data/scripts/demo $environment/bin/demo bin_t
$tree/demo-1.data/data/bin/demo $environment/bin/demo bin_t
$tree/demo-1.data/data/share/man/man1/demo.1 $environment/share/man/man1/demo.1 lib_t
$tree/demo-1.data/purelib/demo/x.py $site/demo/x.py lib_t
PAIRS
exit "$status"
