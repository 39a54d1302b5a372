// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/demo_order.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>
#include <QVector>

#include <functional>

namespace pissarro::ui {

class BannerStack;
class MainWindow;
struct Services;

// The demo in the window: five marks, each a page that fills while one looks on. When what a mark waits for is there, and it was
// in sight long enough to be read, the next page is shown. Esc leaves it, and so does a person who goes to another page, or
// a failure: whatever was begun goes on, and the page in sight stays.
class DemoWalk : public QObject {
    Q_OBJECT

public:
    DemoWalk(MainWindow& window, Services& services, BannerStack& banners);
    ~DemoWalk() override;

    void begin(const DemoOrder& order);
    void leave();
    bool isOn() const { return m_mark >= 0; }
    int mark() const { return m_mark; } // from 0; -1: none
    void setLeastMs(int ms) { m_leastMs = ms; } // that a mark is in sight

    bool eventFilter(QObject* watched, QEvent* event) override;

Q_SIGNALS:
    void moved(int mark); // 0 to 4
    void left();

private:
    struct Mark {
        QString page;
        QString sentence;
        std::function<void()> begin; // after the page is shown; empty: nothing to be done
        std::function<bool()> isThere;
    };

    QVector<Mark> marks();
    void show(int mark);
    void look(); // whether it is time to go on

    MainWindow& m_window;
    Services& m_services;
    BannerStack& m_banners;
    QVector<Mark> m_marks;
    DemoOrder m_order;
    int m_mark = -1;
    int m_leastMs;
    bool m_trained = false; // the run of the demo was seen running
    bool m_moves = false; // the page changes by the walk itself
    QElapsedTimer m_inSight;
    QTimer m_ticks;
};

} // namespace pissarro::ui
