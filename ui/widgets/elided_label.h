// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>

namespace pissarro::ui {

// A one-line label that shortens its text when there is no room, in the middle unless told
// otherwise; the whole text is then its tool tip.
class ElidedLabel : public QLabel {
    Q_OBJECT

public:
    explicit ElidedLabel(const QString& text = {}, QWidget* parent = nullptr);

    void setElision(Qt::TextElideMode mode, int leastWidth); // px: it is never narrower
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    QString shown() const;

    Qt::TextElideMode m_mode = Qt::ElideMiddle;
    int m_leastWidth = 24;
};

} // namespace pissarro::ui
