// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/closing.h"

#include "ui/jobs/job_board.h"
#include "ui/services/services.h"
#include "ui/services/settings.h"
#include "ui/shell/banner_stack.h"
#include "ui/words/format.h"

#include <QApplication>
#include <QCheckBox>
#include <QEventLoop>
#include <QFileInfo>
#include <QMessageBox>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QSessionManager>

#include <algorithm>

namespace pissarro::ui {

namespace {

const QString kKeep = QStringLiteral("keep");
const QString kStop = QStringLiteral("stop");
constexpr int kLogoutMs = 60'000;

std::optional<CloseChoice> rememberedAnswer(bool canGoOn)
{
    const QString answer = stored(setting::kCloseAnswer);
    if (answer == kStop) {
        return CloseChoice::StopTraining;
    }
    return answer == kKeep && canGoOn ? std::optional(CloseChoice::KeepTraining) : std::nullopt;
}

} // namespace

Closing::Closing(Services& services, BannerStack& banners, QWidget* window)
    : QObject(window)
    , m_services(services)
    , m_banners(banners)
    , m_asker([window](const CloseQuestion& question, std::function<void(CloseReply)> answer) {
        askToClose(window, question, std::move(answer));
    })
{
    m_sessionEnds.setSingleShot(true);
    connect(&m_services.training, &Training::stateChanged, this, &Closing::advance);
    connect(&JobBoard::instance(), &JobBoard::changed, this, &Closing::advance);
    connect(
        qApp, &QGuiApplication::commitDataRequest, this,
        [this](QSessionManager& session) {
            keepForSessionEnd({[&session] { return session.allowsInteraction(); },
                               [&session] { session.release(); },
                               [&session] { session.cancel(); }});
        },
        Qt::DirectConnection);
}

bool Closing::runsHere() const
{
    return m_services.training.here() != nullptr;
}

bool Closing::mayClose()
{
    if (m_phase == Phase::Ready) {
        return true;
    }
    if (m_phase != Phase::Open) {
        return false; // asked already, or on its way
    }
    const bool unasked = m_sessionEnds.isActive() || JobBoard::instance().entries().empty();
    if (!runsHere() && unasked) {
        return true;
    }
    m_services.training.showHere(); // the question is about that one
    m_forRun.reset();
    m_forWork.reset();
    ask();
    return m_phase == Phase::Ready;
}

void Closing::endUnasked()
{
    ++m_asked; // a question that is open is void
    m_services.training.showHere();
    m_forRun = CloseChoice::StopTraining;
    m_forWork = CloseChoice::Drop;
    end();
}

void Closing::keepForSessionEnd(const SessionEnd& session)
{
    const bool works = !JobBoard::instance().entries().empty();
    if (!runsHere() && !works) {
        m_sessionEnds.start(kLogoutMs);
        return;
    }
    stay(); // an open question is void
    m_services.training.showHere();
    const auto remembered = rememberedAnswer(aboutRun().canGoOn);
    const bool wants = works || !remembered;
    const bool asks = wants && session.mayAsk && session.mayAsk();
    QEventLoop loop;
    const QScopedValueRollback waiting(m_sessionLoop, &loop);
    m_forRun.reset();
    m_forWork.reset();
    if (asks) {
        ask();
    } else {
        m_forRun = remembered.value_or(CloseChoice::StopTraining);
        m_forWork = CloseChoice::Drop;
        end();
    }
    if (m_phase != Phase::Open && m_phase != Phase::Ready) {
        loop.exec(asks ? QEventLoop::AllEvents : QEventLoop::ExcludeUserInputEvents);
    }
    const bool kept = m_phase == Phase::Ready;
    m_phase = Phase::Open;
    if (asks && session.release) {
        session.release();
    }
    if (kept) {
        m_sessionEnds.start(kLogoutMs);
    } else if (asks && session.callOff) {
        session.callOff();
    }
}

void Closing::enter(Phase phase)
{
    m_phase = phase;
    if (m_sessionLoop != nullptr && (phase == Phase::Open || phase == Phase::Ready)) {
        m_sessionLoop->quit();
    }
}

void Closing::stay()
{
    ++m_asked;
    enter(Phase::Open);
    m_banners.dismissNotice(tr("The window closes soon"));
}

void Closing::setAsker(CloseAsker asker)
{
    m_asker = std::move(asker);
}

std::optional<CloseChoice> Closing::answer()
{
    return rememberedAnswer(true);
}

void Closing::remember(std::optional<CloseChoice> answer)
{
    if (answer) {
        store(setting::kCloseAnswer, *answer == CloseChoice::KeepTraining ? kKeep : kStop);
    } else {
        forget(setting::kCloseAnswer);
    }
}

CloseQuestion Closing::aboutRun() const
{
    CloseQuestion question;
    std::int64_t done = 0;
    for (const auto& records : m_services.training.series()) {
        done = std::max(done, records.isEmpty() ? 0 : records.last().step);
    }
    const auto runs = m_services.training.runs();
    const std::int64_t steps = runs.isEmpty() ? 0 : runs.first().steps;
    const QString name = QFileInfo(m_services.training.directory()).fileName();
    question.run = done > 0
        ? tr("%1, step %2 of %3").arg(name, formatCount(done), formatCount(steps))
        : tr("%1, which is being prepared").arg(name);
    // What is not prepared has no checkpoint to go on from.
    question.isPrepared = m_services.training.hasBegun();
    question.hasSteps = done > 0;
    question.canGoOn = question.isPrepared && m_services.machine.hasTrainer();
    question.work = JobBoard::instance().titles();
    return question;
}

void Closing::ask()
{
    CloseQuestion question;
    if (runsHere() && !m_forRun) {
        question = aboutRun();
        m_forRun = rememberedAnswer(question.canGoOn);
    }
    if (!runsHere() || m_forRun) {
        question = CloseQuestion {{}, false, JobBoard::instance().titles()};
        if (question.work.isEmpty() || m_forWork) {
            end();
            return;
        }
    }
    m_phase = Phase::Asking;
    const quint64 asked = ++m_asked;
    m_asker(question, [this, asked, question](CloseReply reply) {
        if (asked == m_asked && m_phase == Phase::Asking) {
            take(question, reply);
        }
    });
}

void Closing::take(const CloseQuestion& question, CloseReply reply)
{
    if (reply.choice == CloseChoice::Stay) {
        enter(Phase::Open);
        return;
    }
    if (question.run.isEmpty()) {
        m_forWork = reply.choice;
    } else {
        m_forRun = reply.choice;
        if (reply.remember) {
            remember(reply.choice);
        }
    }
    ask();
}

void Closing::end()
{
    m_phase = Phase::Ending;
    if (runsHere()) {
        m_services.training.giveUpQueued(); // one's end is the next one's turn
        m_services.training.stop();
    } else {
        m_forRun.reset(); // it has ended by itself meanwhile
    }
    advance();
    if (m_phase == Phase::Ending && m_forWork != CloseChoice::Drop) {
        showNotice();
    }
}

void Closing::showNotice()
{
    const QString what = m_forRun && !m_services.training.hasBegun()
        ? tr("The preparation of the run ends.")
        : m_forRun
        ? tr("The step in work ends, then adapter and checkpoint are written to %1.")
              .arg(m_services.training.directory())
        : tr("It waits for: %1.").arg(JobBoard::instance().titles().join(QStringLiteral(", ")));
    m_banners.showNotice(tr("The window closes soon"), what, tr("Keep it open"),
                         [this] { stay(); });
}

// A step further, where what it waits for is over.
void Closing::advance()
{
    if (m_phase == Phase::Ending && !runsHere()) {
        const auto runs = m_services.training.runs();
        const auto failed = std::find_if(runs.cbegin(), runs.cend(), [](const auto& run) {
            return run.state == core::RunState::Failed;
        });
        if (m_forRun && failed != runs.cend()) {
            fail(tr("The window stays open"),
                 tr("The run failed while it was being stopped: %1")
                     .arg(QString::fromStdString(failed->message)));
            return;
        }
        const bool waits =
            m_forWork == CloseChoice::Wait && !JobBoard::instance().entries().empty();
        if (waits) {
            return;
        }
        const bool goesOn = m_forRun == CloseChoice::KeepTraining && !runs.isEmpty()
            && runs.first().state == core::RunState::Stopped;
        enter(goesOn ? Phase::HandingOn : Phase::Ready);
        if (goesOn) {
            m_services.training.goOnInProcess();
            return;
        }
    } else if (m_phase == Phase::HandingOn) {
        if (!m_services.training.isRunning()) {
            fail(tr("The window stays open"),
                 tr("The run has stopped at its checkpoint, but could not go on in a process of "
                    "its own."));
            return;
        }
        if (!m_services.training.hasBegun()) {
            return;
        }
        enter(Phase::Ready);
    } else {
        return;
    }
    if (m_sessionLoop == nullptr) {
        Q_EMIT ready();
    }
}

void Closing::fail(const QString& headline, const QString& message)
{
    stay();
    m_banners.showFailure(headline, message, &m_services.training);
}

namespace {

// Whether it can go on, else why not, and what is left of it when it is stopped.
QString aboutTheRun(const CloseQuestion& question)
{
    const QString text = question.canGoOn
        ? Closing::tr("%1.\n\nIt can go on in a process of its own, from a checkpoint written now; "
                      "the next start of the program finds it again. If it is stopped, the adapter "
                      "so far is kept and it can be resumed.")
        : question.isPrepared
        ? Closing::tr("%1.\n\nIt cannot go on without this window: pissarro-cli is not found. If "
                      "it is stopped, the adapter so far is kept and it can be resumed.")
        : question.hasSteps
        ? Closing::tr("%1.\n\nIt cannot go on without this window: it is not prepared yet. If it "
                      "is stopped, it stays as it was and can be resumed.")
        : Closing::tr("%1.\n\nIt cannot go on without this window: it is not prepared yet. Nothing "
                      "of it is kept so far: if it is stopped, it has to be started anew.");
    return text.arg(question.run);
}

QMessageBox* boxFor(const CloseQuestion& question, QWidget* window)
{
    const bool run = !question.run.isEmpty();
    auto* box = new QMessageBox(window);
    box->setObjectName(run ? QStringLiteral("close.run") : QStringLiteral("close.work"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setWindowTitle(Closing::tr("Close Pissarro"));
    box->setTextFormat(Qt::PlainText);
    const QString list = question.work.join(QStringLiteral("\n• "));
    if (!run) {
        box->setText(Closing::tr("Closing the window would drop work that is not finished."));
        box->setInformativeText(QStringLiteral("• ") + list);
        return box;
    }
    box->setText(Closing::tr("A run is training in this window."));
    QStringList more {aboutTheRun(question)};
    if (!list.isEmpty()) {
        more << Closing::tr("Also at work:\n• %1").arg(list);
    }
    box->setInformativeText(more.join(QStringLiteral("\n\n")));
    box->setCheckBox(new QCheckBox(Closing::tr("Do the same from now on, without asking")));
    box->checkBox()->setObjectName(QStringLiteral("close.remember"));
    return box;
}

} // namespace

void askToClose(QWidget* window, const CloseQuestion& question,
                std::function<void(CloseReply)> answer)
{
    QMessageBox* box = boxFor(question, window);
    const auto add = [box](const QString& name, const QString& text, CloseChoice choice,
                           QMessageBox::ButtonRole role) {
        QPushButton* button = box->addButton(text, role);
        button->setObjectName(name);
        button->setProperty("choice", static_cast<int>(choice));
        return button;
    };
    QPushButton* first = nullptr;
    if (question.run.isEmpty()) {
        first = add(QStringLiteral("close.wait"), Closing::tr("Wait, then close"),
                    CloseChoice::Wait, QMessageBox::AcceptRole);
        add(QStringLiteral("close.drop"), Closing::tr("Drop it and close"), CloseChoice::Drop,
            QMessageBox::DestructiveRole);
    } else {
        if (question.canGoOn) {
            first = add(QStringLiteral("close.keep"), Closing::tr("Keep training and close"),
                        CloseChoice::KeepTraining, QMessageBox::AcceptRole);
        }
        const bool keeps = question.isPrepared || question.hasSteps;
        add(QStringLiteral("close.stop"),
            keeps ? Closing::tr("Stop, keep and close") : Closing::tr("Stop and close"),
            CloseChoice::StopTraining, QMessageBox::DestructiveRole);
    }
    QPushButton* stay = add(QStringLiteral("close.stay"), Closing::tr("Do not close"),
                            CloseChoice::Stay, QMessageBox::RejectRole);
    box->setDefaultButton(first != nullptr ? first : stay);
    box->setEscapeButton(stay);
    QObject::connect(box, &QMessageBox::finished, window, [box, answer = std::move(answer)] {
        const QAbstractButton* pressed = box->clickedButton();
        CloseReply reply;
        reply.choice = pressed == nullptr
            ? CloseChoice::Stay
            : static_cast<CloseChoice>(pressed->property("choice").toInt());
        reply.remember = box->checkBox() != nullptr && box->checkBox()->isChecked();
        answer(reply);
    });
    box->open();
}

} // namespace pissarro::ui
