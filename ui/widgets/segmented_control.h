// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QWidget>

class QButtonGroup;

namespace pissarro::ui {

// A row of joined buttons of which exactly one is chosen: "log | linear". Arrow keys move the
// choice.
class SegmentedControl : public QWidget {
    Q_OBJECT

public:
    // name becomes the objectName and, with `accessible`, the accessible name; buttons are named
    // "<name>.<index>".
    SegmentedControl(const QString& name, const QString& accessible, const QStringList& labels,
                     QWidget* parent = nullptr);

    int current() const;
    void setCurrent(int index); // emits changed() when it changes
    void setSegmentEnabled(int index, bool enabled, const QString& toolTip = {});
    void setLabel(int index, const QString& label);

Q_SIGNALS:
    void changed(int index);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QButtonGroup* m_group;
};

} // namespace pissarro::ui
