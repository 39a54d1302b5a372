// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QButtonGroup;
class QVBoxLayout;

namespace pissarro::ui {

// The 84 px rail at the left: one button a page, icon over label, the page in use tinted; buttons are lower in a low window, and
// show their icon alone where no label fits.
class NavRail : public QFrame {
    Q_OBJECT

public:
    explicit NavRail(QWidget* parent = nullptr);

    // Pages get the numbers 0, 1, 2 … in the order added; name is that of the icon and becomes the objectName
    // "rail.<name>".
    void addPage(const QString& name, const QString& label, const QString& toolTip);
    void setCurrent(int page); // emits nothing
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void chosen(int page); // by a person

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    int buttonHeight() const;
    int railHeight(int button) const;
    void fitButtons();
    QButtonGroup* m_group;
    QVBoxLayout* m_column;
};

} // namespace pissarro::ui
