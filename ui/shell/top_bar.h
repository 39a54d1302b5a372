// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QTimer>

class QPushButton;
class QToolButton;

namespace pissarro::ui {

class Chip;
class ElidedLabel;
struct Services;

// The 48 px strip at the top: product, model, what it is; device, memory, theme, «Open model…».
class TopBar : public QFrame {
    Q_OBJECT

public:
    TopBar(Services& services, QWidget* parent = nullptr);

Q_SIGNALS:
    void openRequested();
    void themeToggled();

private:
    void showModel();
    void showMemory();
    void showDevice();
    void showTheme();

    Services& m_services;
    ElidedLabel* m_model;
    Chip* m_fact;
    Chip* m_device;
    Chip* m_memory;
    QToolButton* m_theme;
    QPushButton* m_open;
    QTimer m_memoryTimer; // each second
};

} // namespace pissarro::ui
