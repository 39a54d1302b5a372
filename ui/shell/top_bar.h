// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QTimer>

class QLabel;
class QMenuBar;
class QPushButton;
class QToolButton;

namespace pissarro::ui {

class Chip;
class ElidedLabel;
struct Services;

// The 48 px strip at the top: product, menus, model, what it is; device, memory, theme, «Open model…». Where the desktop has
// a menu bar of its own, the menus are there. A narrow window, or one of large text, keeps the menus and a readable name of
// the model and leaves out first the memory, then what the model is, which is the tool tip of its name too, then the device
// and the product.
class TopBar : public QFrame {
    Q_OBJECT

public:
    TopBar(Services& services, QWidget* parent = nullptr);

    QMenuBar* menus() const { return m_menus; }

Q_SIGNALS:
    void openRequested();
    void themeToggled();

protected:
    void resizeEvent(QResizeEvent* event) override;
    bool event(QEvent* event) override; // the menus are other ones

private:
    void fitChips();
    void showModel();
    void showMemory();
    void showDevice();
    void showTheme();

    Services& m_services;
    QMenuBar* m_menus;
    QLabel* m_product;
    ElidedLabel* m_model;
    Chip* m_fact;
    Chip* m_device;
    Chip* m_memory;
    QToolButton* m_theme;
    QPushButton* m_open;
    QTimer m_memoryTimer; // each second
};

} // namespace pissarro::ui
