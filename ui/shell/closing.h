// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <QTimer>

#include <functional>
#include <optional>

class QEventLoop;
class QWidget;

namespace pissarro::ui {

class BannerStack;
struct Services;

// What the window asks before it closes. One question names the run that trains in it, the other what else would be lost.
struct CloseQuestion {
    QString run; // "2026-11-28-pissa-r16, step 20 of 240"; empty: the question about `work`
    bool canGoOn = false; // the run, in a process of its own
    QStringList work; // "Export of 2026-11-28-pissa-r16"
    bool isPrepared = true; // the run: else it cannot go on, and a new one has kept nothing yet
    bool hasSteps = true; // the run, perhaps of an earlier session
};

enum class CloseChoice {
    Stay, // the window stays, all goes on
    KeepTraining, // in a process of its own
    StopTraining, // and keep the adapter so far
    Wait, // for the work, then close
    Drop, // the work
};

struct CloseReply {
    CloseChoice choice = CloseChoice::Stay;
    bool remember = false; // of the question about a run: do so from now on, unasked
};

// Asks a person and answers later. The default is a message box; a test answers by itself.
using CloseAsker =
    std::function<void(const CloseQuestion& question, std::function<void(CloseReply)> answer)>;

// What QSessionManager offers while the session is about to end; each may be empty.
struct SessionEnd {
    std::function<bool()> mayAsk; // whether a person may be asked now; then release() follows
    std::function<void()> release;
    std::function<void()> callOff; // a person wants to stay
};

// The way out of the window: what runs is asked about, ended or handed on, and only then the window may close.
//
// A run in a process of its own simply goes on. A run in this window is stopped after its step, with checkpoint and adapter
// written; where it shall go on, a process of its own resumes it and the window waits until that has begun. When any of
// this fails, the window stays. Threads: the GUI thread.
class Closing : public QObject {
    Q_OBJECT

public:
    Closing(Services& services, BannerStack& banners, QWidget* window);

    // Whether the window may close now. Otherwise it asks, does what was answered, and emits ready() when it may.
    bool mayClose();
    // The session ends or a signal came: nobody is there to be asked. A run in this window is stopped and kept, other work
    // dropped; ready() follows.
    void endUnasked();
    // The session may end: what runs here is asked about as when the window closes, and what was answered is done before
    // this returns. Where nobody may be asked, a run does what is remembered, else it is stopped and kept, and other work
    // is dropped when the window goes. The window stays, for a logout that is called off by another program; for a minute
    // it then closes unasked, as the session tells it to.
    void keepForSessionEnd(const SessionEnd& session);
    void
    stay(); // takes the closing back, as far as it can be: a run that was stopped stays stopped

    void setAsker(CloseAsker asker);
    // What is done with a run in this window without asking: KeepTraining or StopTraining; none: it is asked.
    static std::optional<CloseChoice> answer();
    static void remember(std::optional<CloseChoice> answer);

Q_SIGNALS:
    void ready();

private:
    enum class Phase { Open, Asking, Ending, HandingOn, Ready };

    bool runsHere() const; // a run trains in this window
    void enter(Phase phase);
    CloseQuestion aboutRun() const;
    void ask(); // the next question, or go on
    void take(const CloseQuestion& question, CloseReply reply);
    void end();
    void advance();
    void showNotice();
    void fail(const QString& headline, const QString& message);

    Services& m_services;
    BannerStack& m_banners;
    CloseAsker m_asker;
    Phase m_phase = Phase::Open;
    std::optional<CloseChoice> m_forRun; // what was answered
    std::optional<CloseChoice> m_forWork;
    QTimer m_sessionEnds; // runs for that minute
    QEventLoop* m_sessionLoop =
        nullptr; // in which keepForSessionEnd() waits: nothing else is told of the outcome
    quint64 m_asked = 0; // which question is open: an answer to an older one is void
};

// The message box behind it.
void askToClose(QWidget* window, const CloseQuestion& question,
                std::function<void(CloseReply)> answer);

} // namespace pissarro::ui
