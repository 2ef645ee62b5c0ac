#!/usr/bin/env bash
# Starts systemd as the first process of its own PID, mount, cgroup and network namespaces, in an overlay of this machine's root. Nothing of the
# machine changes. Usage: systemd-root.sh FOLDER; it runs until it is killed. LOWER_ROOT is another system's root folder, which then has the machine's network.
set -euo pipefail
folder=$1
lower=${LOWER_ROOT:-/}
network=(--net)
[ "$lower" = / ] || network=()

if [ "${2-}" != inside ]; then
  # The namespace's root is the cgroup of the process that makes it: systemd must not get that of this machine.
  hierarchy=$(findmnt --noheadings --types cgroup2 --output TARGET | head -n 1)
  mkdir "$hierarchy/pinpack-$$"
  echo $$ >"$hierarchy/pinpack-$$/cgroup.procs"
  echo "$hierarchy/pinpack-$$" >"$folder/cgroup"
  exec unshare --mount --pid --fork --cgroup --ipc --uts "${network[@]}" --propagation private --kill-child "$0" "$folder" inside
fi

upper=$folder/overlay
mkdir -p "$upper"
mount -t tmpfs -o size=2g tmpfs "$upper"
mkdir "$upper"/{upper,work,root}
root=$upper/root
mount -t overlay -o "lowerdir=$lower,upperdir=$upper/upper,workdir=$upper/work" overlay "$root"
mount -t proc proc "$root/proc"
# The kernel's settings are those of the machine.
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
for name in run tmp var/tmp; do mount -t tmpfs -o mode=755 tmpfs "$root/$name"; done
chmod 1777 "$root/tmp" "$root/var/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for name in null zero full random urandom tty; do
  touch "$root/dev/$name"
  mount --bind "/dev/$name" "$root/dev/$name"
done
mkdir "$root"/dev/{shm,pts}
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
[ ${#network[@]} = 0 ] || ip link set lo up

# What this machine enables does not start, and its packages are not seen.
rm -rf "${root:?}"/{etc/systemd/system,var/lib/rpm,var/lib/dnf,var/cache/dnf,usr/local}
mkdir -p "$root"/etc/systemd/system "$root"/var/lib/rpm "$root/root"
echo '%_dbpath /var/lib/rpm' >"$root/root/.rpmmacros"
: >"$root/etc/machine-id"
for unit in modules-load sysctl remount-fs; do ln -s /dev/null "$root/etc/systemd/system/systemd-$unit.service"; done
# Not chroot: systemd makes mount namespaces for services, which need a root of their own.
cd "$root"
mkdir -p old
pivot_root . old
umount --lazy /old
exec env --ignore-environment container=pinpack PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --unit=basic.target --log-target=journal --show-status=0
