#!/bin/sh
# The first process of the guest: makes a root of this machine's files, read-only, under a tmpfs; runs the command there.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -n -t proc proc /proc
for word in $(cat /proc/cmdline); do case $word in lab=*) lab=${word#lab=} ;; esac; done
mount -n -t tmpfs -o mode=755 tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
root=/mnt/root
mount -n -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay $root
mount -n -t proc proc $root/proc
mount -n -t sysfs sys $root/sys
mount -n -t devtmpfs dev $root/dev
mkdir -p $root/dev/pts $root/dev/shm
mount -n -t devpts devpts $root/dev/pts
mount -n -t tmpfs tmpfs $root/dev/shm
ln -sf /proc/self/fd $root/dev/fd
for name in 0:stdin 1:stdout 2:stderr; do ln -sf "fd/${name%:*}" "$root/dev/${name#*:}"; done
# The folder that the caller has made is the one place where writes stay.
mkdir -p "$root$lab"
mount -n -t hostfs -o "$lab" none "$root$lab"

hostname lab
ip link set lo up
echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range # all may ping
echo 2 >/proc/sys/kernel/io_uring_disabled # a child of a process that has a ring would free the ring's pages at its end

# The command writes into pipes, as its readers may look at what kind of file they have; these go to the serial lines.
stty -F $root/dev/ttyS0 raw -echo -onlcr -opost
stty -F $root/dev/ttyS1 raw -echo -onlcr -opost
mkfifo /mnt/stdout /mnt/stderr
cat </mnt/stdout >$root/dev/ttyS0 &
out=$!
cat </mnt/stderr >$root/dev/ttyS1 &
err=$!
BSD_SOCKETS_LAB=1 chroot $root /bin/bash "$lab/command" </dev/null >/mnt/stdout 2>/mnt/stderr
code=$?
# A process left in the background would hold the pipes open. However slow the reader is, all that they hold is sent on.
for process in /proc/[0-9]*; do
  case ${process#/proc/} in 1 | $out | $err) ;; *) kill -KILL "${process#/proc/}" 2>/dev/null ;; esac
done
wait $out $err
echo $code >"$root$lab/code"
sync
echo o >/proc/sysrq-trigger # power off
sleep 60
