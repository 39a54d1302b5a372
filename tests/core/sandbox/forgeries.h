// SPDX-License-Identifier: GPL-3.0-or-later
// Ways to a «passed» that is none, each of which knows how the sandbox is made; and how each ends.
#pragma once

namespace pissarro::tests {

struct Forgery {
    const char* name;
    const char* program;
    const char* verdict; // empty: it depends on the moment, but is not "passed"
};

constexpr const char* kWrote = "failed: it wrote where the verdict is told";

constexpr Forgery kForgeries[] {
    {"every descriptor written", R"(
import os
for fd in range(256):
    try:
        os.write(fd, b"passed")
    except OSError:
        pass
assert False
)",
     kWrote},
    {"every descriptor read and written", R"(
import os, threading
def copy(a):
    try:
        found = os.read(a, 64)
        for b in range(16):
            try:
                os.write(b, found + b"passed")
            except OSError:
                pass
    except OSError:
        pass
for a in range(16):
    threading.Thread(target=copy, args=(a,), daemon=True).start()
raise SystemExit(0)
)",
     ""},
    {"the runner's own calls", "import os; os.write(4, b'passed'); os.read(5, 2)", "timeout"},
    {"the runner's own calls, of a thread", R"(
import os, threading
threading.Thread(target=lambda: (os.write(4, b"passed"), os.read(5, 2)), daemon=True).start()
while True: pass
)",
     "timeout"},
    {"the runner's words lead elsewhere", R"(
import os
real = os.dup(4)
os.dup2(os.pipe()[1], 4)
os.write(real, b"passed")
assert False
)",
     kWrote},
    {"exit", "import sys; sys.exit(0)", "failed: SystemExit"},
    {"exit at once", "import os; os._exit(0)",
     "failed: it ended before its end was reached (exit status 0)"},
    {"atexit", R"(
import atexit, os
atexit.register(lambda: (os.write(4, b"passed"), os.read(5, 2)))
assert False
)",
     "failed: AssertionError"},
    {"other builtins", R"(
import builtins, os
def forge(*_):
    os.write(4, b"passed")
    os.read(5, 2)
for name in ("type", "BaseException", "exec", "str", "bytes", "RuntimeError"):
    setattr(builtins, name, forge)
assert False
)",
     "failed: AssertionError"},
    {"another os", R"(
import os
read = os.read
os.read = lambda fd, count: read(5, 2)
os.getpid = lambda: 0
os._exit = lambda status: None
assert False
)",
     "failed: AssertionError"},
    {"a name that adds up to another", R"(
class Rest:
    def __getitem__(self, key): return self
    def __radd__(self, other): return b"passed"
class Name(str):
    def encode(self, *_): return Rest()
class Kind(type):
    __name__ = property(lambda self: Name("x"))
class Wrong(Exception, metaclass=Kind): pass
raise Wrong
)",
     "failed: Wrong"},
    {"equal to everything, and false all the same", R"(
class Same:
    def __eq__(self, other): return True
assert Same() == 5 and Same() is 5
)",
     "failed: AssertionError"},
    {"a finalizer", R"(
import os
write, read = os.write, os.read
class Wrong(Exception):
    def __del__(self):
        write(4, b"passed")
        read(5, 2)
raise Wrong
)",
     "failed: Wrong"},
    {"a signal afterwards", R"(
import os, signal
signal.signal(signal.SIGALRM, lambda *_: os.read(5, 2))
signal.setitimer(signal.ITIMER_REAL, 0.2)
assert False
)",
     ""},
    {"another line of the runner", R"(
import sys
runner = sys._getframe().f_back
def trace(frame, event, argument):
    for line in range(1, 40):
        try:
            runner.f_lineno = line
        except ValueError:
            pass
    return trace
runner.f_trace = trace
sys.settrace(trace)
)",
     "failed: RuntimeError"},
    {"another hook", R"(
import __main__
__main__.refuse.__code__ = (lambda event, arguments: None).__code__
)",
     "failed: RuntimeError"},
    {"other locals of the runner", R"(
import os, sys
frame = sys._getframe().f_back
while frame:
    for name in list(frame.f_locals):
        frame.f_locals[name] = lambda *_: os.read(5, 2)
    frame = frame.f_back
assert False
)",
     "failed: AssertionError"},
    {"a child that passes", "import os\nif os.fork(): raise KeyError", "failed: KeyError"},
    {"a thread, and a true end", R"(
import threading
thread = threading.Thread(target=int)
thread.start()
thread.join()
)",
     "passed"},
};

} // namespace pissarro::tests
