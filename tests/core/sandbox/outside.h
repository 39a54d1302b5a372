// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace pissarro::tests {

// Says what of the world outside is within reach; then how a child of its own ended, and how many more it may have.
constexpr const char* kTriesOutside = R"(
import ctypes, fcntl, os, socket, sys, time
def refused(name, what, *arguments):
    try:
        what(*arguments)
    except OSError:
        return
    print(name, "is not refused")
libc = ctypes.CDLL(None)
me, keeper = os.getpid(), os.getpgid(0) - 1
for pid in (1, -1, keeper):
    refused("a signal", os.kill, pid, 0)
refused("an owner of signals", fcntl.fcntl, 0, fcntl.F_SETOWN, 1)
refused("a session", os.setsid)
refused("a group", os.setpgid, 0, 0)
refused("priority", os.setpriority, os.PRIO_USER, os.getuid(), 19)
refused("processors", os.sched_setaffinity, 1, {0})
refused("a mode", os.chmod, os.environ["HOME"], 0o777)
refused("a time", os.utime, os.environ["HOME"])
refused("truncation", os.truncate, os.__file__, 0)
refused("truncation by reading", os.open, os.__file__, os.O_RDONLY | os.O_TRUNC)
refused("commands", os.open, "/etc/hostname", 3)
refused("a link out", os.link, os.__file__, "link")
refused("a folder outside", os.mkdir, "/tmp/pissarro-escaped")
refused("another's link", os.readlink, "/proc/1/exe")
refused("its memory", open, "/proc/self/mem", "rb")
refused("a socket", socket.socket, socket.AF_UNIX)
refused("a pair that sends to names", socket.socketpair, socket.AF_UNIX, socket.SOCK_DGRAM)
one, other = socket.socketpair()
refused("a name", one.sendto, b"x", "/dev/log")
for number in (272, 310, 425, 434, 435, 444) if os.uname().machine == "x86_64" else ():
    if libc.syscall(number, 0x10000000, 0, 0, 0, 0, 0) >= 0:
        print("call", number, "is not refused")
# What is its own is there.
os.kill(me, 0)
os.killpg(0, 0)
child = os.fork()
if child == 0:
    time.sleep(1000)
os.kill(child, 15)
print(os.waitpid(child, 0)[1])
children = []
try:
    while True:
        children.append(os.fork())
        if children[-1] == 0:
            time.sleep(1000)
except BlockingIOError:
    print(len(children))
)";

} // namespace pissarro::tests
