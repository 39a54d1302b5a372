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

Q_SIGNALS:
    void chosen(const QString& path);

private:
    void rebuild();

    Recent& m_recent;
    QVBoxLayout* m_column;
};

} // namespace pissarro::ui
