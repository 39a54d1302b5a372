// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/quit_signals.h"

#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace pissarro::ui {

namespace {

constexpr int kSignals[] = {SIGTERM, SIGHUP, SIGINT};
int wakePipe[2] = {-1, -1}; // a handler may do little more than write()

extern "C" void wake(int)
{
    const char byte = 1;
    [[maybe_unused]] const ssize_t written = ::write(wakePipe[1], &byte, 1);
}

} // namespace

QuitSignals::QuitSignals(std::function<void()> quit)
{
    if (::pipe2(wakePipe, O_CLOEXEC | O_NONBLOCK) != 0) {
        return; // the signals keep their usual effect
    }
    m_notifier = std::make_unique<QSocketNotifier>(wakePipe[0], QSocketNotifier::Read);
    QObject::connect(m_notifier.get(), &QSocketNotifier::activated, m_notifier.get(),
                     [quit = std::move(quit)] {
                         char byte = 0;
                         [[maybe_unused]] const ssize_t got = ::read(wakePipe[0], &byte, 1);
                         quit();
                     });
    struct sigaction action { };
    action.sa_handler = wake;
    action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
    for (const int signal : kSignals) {
        ::sigaction(signal, &action, nullptr);
    }
}

QuitSignals::~QuitSignals()
{
    for (const int signal : kSignals) {
        std::signal(signal, SIG_DFL);
    }
    m_notifier.reset();
    for (int& end : wakePipe) {
        if (end >= 0) {
            ::close(end);
            end = -1;
        }
    }
}

} // namespace pissarro::ui
