// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QVBoxLayout;

namespace pissarro::ui {

class Recent;

// The models opened last, a button each: name over folder. Hidden while there is none.
class RecentList : public QWidget {
    Q_OBJECT

public:
    RecentList(Recent& recent, const QString& name, QWidget* parent = nullptr);

    void setMostRows(int rows); // what a small window has room for

Q_SIGNALS:
    void chosen(const QString& path);

private:
    void rebuild();

    Recent& m_recent;
    int m_mostRows = 5;
    QVBoxLayout* m_column;
};

} // namespace pissarro::ui
