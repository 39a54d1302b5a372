// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/services.h"
#include "ui/shell/main_window.h"

#include <QObject>
#include <QStringList>
#include <QTimer>

#include <iterator>
#include <random>

class QFileDialog;

namespace pissarro::tests {

struct MonkeyFiles {
    QStringList models; // good and bad
    QStringList data;
    QString folder; // the only one that is written to
};

// Random hands on a window. The same seed gives the same wishes; what they meet also depends on when jobs end.
// Where the program dies, the seed and the last fifty actions are printed.
class Monkey : public QObject {
public:
    Monkey(ui::MainWindow& window, ui::Services& bench, MonkeyFiles files, unsigned seed);

    void act(); // once, and waits a moment
    static void printTrail(); // async-signal-safe

private:
    int upTo(int count) { return static_cast<int>(m_random() % static_cast<unsigned>(count)); }
    template <class Container>
    auto pick(const Container& from)
    {
        return *(std::begin(from) + upTo(static_cast<int>(std::size(from))));
    }

    void actOnWindow();
    void openSomething();
    void drop();
    void train(); // a run that a tiny model ends in seconds; where one trains, it is steered
    void trigger(); // an action of the menus
    void key();
    void answer(QWidget* modal);
    void touch(QWidget* among);
    void type(QWidget* field);
    void point(QWidget* widget);

    ui::MainWindow& m_window;
    ui::Services& m_bench;
    const MonkeyFiles m_files;
    std::mt19937 m_random;
    QTimer m_unblock;
    bool m_acting = false;
    int m_ticks = 0; // of m_unblock in the present act
    int m_runs = 0;
};

} // namespace pissarro::tests
