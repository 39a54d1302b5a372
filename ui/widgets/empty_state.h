// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QPushButton;
class QVBoxLayout;

namespace pissarro::ui {

// A page that has nothing to show yet: what it will show, one sentence that says what to do, and
// the button to do it.
class EmptyState : public QWidget {
    Q_OBJECT

public:
    // name becomes the objectName; the button is named "<name>.button". No button when `action` is
    // empty.
    EmptyState(const QString& name, const QString& icon, const QString& headline,
               const QString& sentence, const QString& action, QWidget* parent = nullptr);

    QPushButton* button() const { return m_button; } // null: none
    QVBoxLayout* below() const { return m_below; } // under the button: a recent list

Q_SIGNALS:
    void acted();

private:
    QPushButton* m_button = nullptr;
    QVBoxLayout* m_below;
};

} // namespace pissarro::ui
