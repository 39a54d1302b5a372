// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/monkey.h"

#include "ui/services/data.h"
#include "ui/services/model.h"

#include <QAbstractButton>
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QDropEvent>
#include <QFileDialog>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QPointer>
#include <QSlider>
#include <QSpinBox>
#include <QTest>
#include <QUrl>
#include <QWheelEvent>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <unistd.h>

// Of asan, where it is there: says what the hands did before it ends the program.
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace pissarro::tests {

namespace {

constexpr int kTrail = 50;
constexpr std::size_t kLine = 200;
constexpr int kUnblockMs = 50;

char head[100] = "";
std::array<std::array<char, kLine>, kTrail> trail {};
int next = 0;

void put(const char* text)
{
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text, std::strlen(text));
}

void say(const char* what, const QString& on)
{
    auto& line = trail[static_cast<std::size_t>(next)];
    std::snprintf(line.data(), kLine, "  %s %s\n", what, on.toUtf8().left(160).constData());
    next = (next + 1) % kTrail;
}

void dieLoudly(int signal)
{
    Monkey::printTrail();
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

bool isSafe(const QString& name)
{
    // What would end the window, start a process that outlives it, train something large, or leave the screen.
    static const QStringList kNever {
        QStringLiteral("action.quit"),    QStringLiteral("train.start"),
        QStringLiteral("train.resume"),   QStringLiteral("train.process"),
        QStringLiteral("openFolder"),     QStringLiteral("fullScreen"),
        QStringLiteral("quantize.start"), QStringLiteral("model.empty.demo")};
    return std::none_of(kNever.begin(), kNever.end(),
                        [&](const QString& never) { return name.contains(never); });
}

// As the dialog's end does; to walk through folders is Qt's.
void choose(QFileDialog* files, const QString& path)
{
    say("choose", path);
    const QPointer<QFileDialog> alive(files);
    Q_EMIT files->fileSelected(path);
    if (alive) {
        files->reject();
    }
}

void closeWhatBlocks()
{
    if (QWidget* popup = QApplication::activePopupWidget()) {
        popup->close();
    } else if (QWidget* modal = QApplication::activeModalWidget()) {
        modal->close();
    }
}

} // namespace

Monkey::Monkey(ui::MainWindow& window, ui::Services& bench, MonkeyFiles files, unsigned seed)
    : m_window(window)
    , m_bench(bench)
    , m_files(std::move(files))
    , m_random(seed)
{
    std::snprintf(head, sizeof head, "monkey: PISSARRO_MONKEY_SEED=%u, the last actions:\n", seed);
    if (__sanitizer_set_death_callback != nullptr) {
        __sanitizer_set_death_callback(&Monkey::printTrail);
    } else {
        for (const int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE}) {
            std::signal(signal, dieLoudly);
        }
    }
    // A dialog with an event loop of its own would hold the hands for ever.
    m_unblock.setInterval(kUnblockMs);
    connect(&m_unblock, &QTimer::timeout, this, [this] {
        if (m_acting && ++m_ticks > 3) {
            closeWhatBlocks();
        }
    });
    m_unblock.start();
}

void Monkey::printTrail()
{
    put(head);
    for (int i = 0; i < kTrail; ++i) {
        const char* line = trail[static_cast<std::size_t>((next + i) % kTrail)].data();
        if (*line != '\0') {
            put(line);
        }
    }
}

void Monkey::act()
{
    m_acting = true;
    m_ticks = 0;
    if (QWidget* modal = QApplication::activeModalWidget()) {
        answer(modal);
    } else if (QWidget* popup = QApplication::activePopupWidget()) {
        say("popup", popup->objectName());
        QTest::keyClick(popup, pick(std::array {Qt::Key_Down, Qt::Key_Escape, Qt::Key_Return}));
    } else {
        actOnWindow();
    }
    m_acting = false;
    QTest::qWait(upTo(8) == 0 ? 120 : upTo(12));
}

void Monkey::actOnWindow()
{
    switch (upTo(24)) {
    case 0:
        return openSomething();
    case 1:
        return drop();
    case 2:
    case 3:
        return trigger();
    case 4:
        say("page", {});
        return m_window.showPage(pick(m_window.pageIds()));
    case 5:
        say("resize", {});
        return m_window.resize(1000 + upTo(700), 640 + upTo(400));
    case 6:
        return train();
    case 7:
        return key();
    default:
        return touch(&m_window);
    }
}

void Monkey::openSomething()
{
    if (upTo(3) > 0) {
        const QString path = pick(m_files.models);
        say("open model", path);
        m_bench.model.open(path);
    } else {
        const QString path = pick(m_files.data);
        say("open data", path);
        m_bench.data.open(path);
    }
}

void Monkey::drop()
{
    QMimeData mime;
    const QString path = upTo(2) == 0 ? pick(m_files.models) : pick(m_files.data);
    say("drop", path);
    mime.setUrls({QUrl::fromLocalFile(path)});
    const QPoint at(300, 300);
    QDragEnterEvent enter(at, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&m_window, &enter);
    if (upTo(4) == 0) {
        QDragLeaveEvent leave;
        QCoreApplication::sendEvent(&m_window, &leave);
        return;
    }
    QDropEvent event(at, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&m_window, &event);
}

void Monkey::train()
{
    if (m_bench.training.isRunning()) {
        say("steer", {});
        if (upTo(3) == 0) {
            m_bench.training.stop();
        } else {
            m_bench.training.setPaused(!m_bench.training.isPaused());
        }
        return;
    }
    say("train", {});
    core::RunSpec spec;
    spec.model = m_files.models.first().toStdString();
    spec.data = m_files.data.first().toStdString();
    spec.rank = 4;
    spec.alpha = 4;
    spec.batchSize = 1;
    spec.maxLength = 64 + upTo(400);
    spec.steps = 1 + upTo(200);
    spec.dtype = core::BaseDType::Float32;
    m_bench.training.setTrainsInProcess(false);
    m_bench.training.start(
        spec, upTo(2) == 0 ? QVector<core::Method>() : QVector {core::methodNamed("lora")},
        m_files.folder + QStringLiteral("/run-%1").arg(m_runs++), false);
}

void Monkey::trigger()
{
    QList<QAction*> actions;
    for (QAction* action : m_window.findChildren<QAction*>()) {
        const QString text = action->text();
        const bool starts = text.contains(QStringLiteral("Train"))
            || text.contains(QStringLiteral("Quit")) || text.contains(QStringLiteral("Resume"))
            || text.contains(QStringLiteral("older")) || text.contains(QStringLiteral("creen"));
        if (action->isEnabled() && action->menu() == nullptr && !starts
            && isSafe(action->objectName())) {
            actions.append(action);
        }
    }
    QAction* action = pick(actions);
    say("action", action->text());
    action->trigger();
}

void Monkey::key()
{
    QWidget* focus = QApplication::focusWidget();
    if (focus == nullptr) {
        return;
    }
    const auto key = pick(std::array {Qt::Key_Tab, Qt::Key_Left, Qt::Key_Right, Qt::Key_Up,
                                      Qt::Key_Down, Qt::Key_Home, Qt::Key_Escape, Qt::Key_Space,
                                      Qt::Key_PageDown, Qt::Key_Delete});
    if (key == Qt::Key_Space && !isSafe(focus->objectName())) {
        return;
    }
    say("key", focus->objectName());
    QTest::keyClick(focus, key, upTo(3) == 0 ? Qt::ShiftModifier : Qt::NoModifier);
}

void Monkey::answer(QWidget* modal)
{
    auto* files = qobject_cast<QFileDialog*>(modal);
    say("dialog", modal->objectName());
    if (files == nullptr) {
        if (upTo(4) == 0) {
            modal->close();
        } else {
            touch(modal);
        }
    } else if (upTo(2) == 0) {
        files->reject();
    } else if (files->acceptMode() == QFileDialog::AcceptSave) {
        const QString name = QStringLiteral("%1/saved-%2").arg(m_files.folder).arg(upTo(1000));
        const QStringList endings {QStringLiteral(".png"), QStringLiteral(".csv"),
                                   QStringLiteral(".json"), QString()};
        choose(files, name + pick(endings));
    } else {
        choose(files, upTo(2) == 0 ? pick(m_files.models) : pick(m_files.data));
    }
}

void Monkey::touch(QWidget* among)
{
    QList<QWidget*> widgets;
    for (QWidget* widget : among->findChildren<QWidget*>()) {
        const bool inFiles = qobject_cast<QFileDialog*>(widget->window()) != nullptr;
        if (widget->isVisible() && widget->isEnabled() && !inFiles
            && !widget->objectName().isEmpty() && isSafe(widget->objectName())) {
            widgets.append(widget);
        }
    }
    if (widgets.isEmpty()) {
        return;
    }
    QWidget* widget = pick(widgets);
    say(widget->metaObject()->className(), widget->objectName());
    if (auto* box = qobject_cast<QComboBox*>(widget)) {
        if (box->count() > 0) {
            box->setCurrentIndex(upTo(box->count()));
            Q_EMIT box->activated(box->currentIndex());
        }
    } else if (qobject_cast<QLineEdit*>(widget) != nullptr
               || qobject_cast<QAbstractSpinBox*>(widget) != nullptr
               || qobject_cast<QPlainTextEdit*>(widget) != nullptr) {
        type(widget);
    } else if (auto* slider = qobject_cast<QSlider*>(widget)) {
        slider->setValue(upTo(slider->maximum() + 1));
    } else {
        point(widget);
    }
}

void Monkey::type(QWidget* field)
{
    static const QStringList kTexts {
        QStringLiteral("0"),        QStringLiteral("600"),   QStringLiteral("99999"),
        QStringLiteral("2,5"),      QStringLiteral("2e-5"),  QStringLiteral("-1"),
        QStringLiteral("1e308"),    QStringLiteral("nan"),   QStringLiteral("x"),
        QStringLiteral("*.q_proj"), QStringLiteral("q,k_"),  QStringLiteral("{a,b"),
        QStringLiteral("90 %"),     QStringLiteral("10 MB"), QStringLiteral("日本 σ₁😀"),
        QStringLiteral("16"),       QStringLiteral("8"),     QString()};
    const QString text = pick(kTexts);
    const QPointer<QWidget> alive(field);
    field->setFocus();
    QTest::keyClick(field, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClick(field, Qt::Key_Delete);
    for (const QChar sign : text) {
        if (alive) {
            QTest::sendKeyEvent(QTest::Click, field, Qt::Key_unknown, QString(sign),
                                Qt::NoModifier);
        }
    }
    if (alive && upTo(2) == 0) {
        QTest::keyClick(field, upTo(2) == 0 ? Qt::Key_Return : Qt::Key_Tab);
    }
}

void Monkey::point(QWidget* widget)
{
    const QPoint at(upTo(std::max(1, widget->width())), upTo(std::max(1, widget->height())));
    const auto modifier =
        pick(std::array {Qt::NoModifier, Qt::NoModifier, Qt::ShiftModifier, Qt::ControlModifier});
    const QPointer<QWidget> alive(widget);
    switch (upTo(8)) {
    case 0:
        QTest::mouseDClick(widget, Qt::LeftButton, modifier, at);
        break;
    case 1: {
        QWheelEvent wheel(at, widget->mapToGlobal(at), {}, {0, upTo(2) == 0 ? 120 : -120},
                          Qt::NoButton, modifier, Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(widget, &wheel);
        break;
    }
    case 2:
        QTest::mousePress(widget, Qt::LeftButton, modifier, at);
        for (int i = 0; i < 4 && alive; ++i) {
            QTest::mouseMove(widget, {upTo(std::max(1, widget->width())), at.y()});
        }
        if (alive) {
            QTest::mouseRelease(widget, Qt::LeftButton, modifier, at);
        }
        break;
    default:
        QTest::mouseClick(widget, Qt::LeftButton, modifier, at);
    }
}

} // namespace pissarro::tests
