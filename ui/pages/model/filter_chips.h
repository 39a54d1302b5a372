// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <QVector>
#include <QWidget>

class QAbstractButton;

namespace pissarro::ui {

// Wishes as pills that are switched on and off, each with how many it would show, in groups; as many lines as they need.
class FilterChips : public QWidget {
    Q_OBJECT

public:
    struct Wish {
        QString key; // "architecture LLaMA"
        QString title; // "LLaMA"
        int count = 0;
        int group = 0; // lines part them
    };

    FilterChips(const QString& name, const QString& accessible, QWidget* parent = nullptr);

    // What is on stays on, also what would show none now.
    void setWishes(const QVector<Wish>& wishes);
    QStringList chosen() const; // keys
    void choose(const QStringList& keys); // these alone

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

Q_SIGNALS:
    void changed();

protected:
    void resizeEvent(QResizeEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    struct Placed {
        QAbstractButton* chip = nullptr;
        QString key;
        int group = 0;
    };
    int place(int width, bool isReal) const; // returns the height

    QVector<Placed> m_chips;
    mutable QVector<QPoint> m_parts; // between groups: where a line stands
};

} // namespace pissarro::ui
