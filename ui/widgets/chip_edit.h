// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPoint>
#include <QString>
#include <QStringList>
#include <QVector>
#include <QWidget>

#include <functional>

class QAbstractButton;
class QLabel;
class QLineEdit;
class QMouseEvent;

namespace pissarro::ui {

// Values as chips, and a field behind them for the next one.
//
// Enter adds what is typed; Backspace in the empty field removes the last chip, on a chip that one; Left and Right
// walk the chips, Alt+Left and Alt+Right move one, and so does dragging it. Each value stands once.
class ChipEdit : public QWidget {
    Q_OBJECT

public:
    // A value as it is typed: how its chip shows it, or why it is none.
    struct Typed {
        QString text;
        QString problem; // empty: it is one
    };
    using Read = std::function<Typed(const QString& typed)>;

    // name becomes the objectName, the field's is "<name>.edit", chips are "<name>.<place>"; accessible names the whole.
    ChipEdit(const QString& name, const QString& accessible, QWidget* parent = nullptr);

    void setRead(Read read); // without one everything is a value
    void setSuggestions(const QStringList& values); // that the field completes
    void setPlaceholder(const QString& text);
    void setTexts(const QStringList& texts); // emits nothing
    const QStringList& texts() const { return m_texts; }
    void
    setColors(const QVector<QColor>& colors); // of dots before the texts, by place; empty: none
    QLineEdit* edit() const { return m_edit; }
    const QString& problem() const
    {
        return m_why;
    } // why what is typed was not taken; empty: nothing is
    QVector<QWidget*> tabChain() const; // what the tab key comes to, as the eye does

Q_SIGNALS:
    void changed(); // texts(), by a person
    void problemChanged(); // problem()

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void rebuild(int focus); // which chip takes the focus; -1: none
    void orderTabs();
    bool add(); // what is typed; whether nothing is left of it
    void remove(int place);
    void move(int from, int to);
    void showProblem(const QString& problem);
    bool editKey(int key);
    bool chipKey(int place, int key, Qt::KeyboardModifiers modifiers);
    bool drag(int place, const QMouseEvent* mouse);
    int placeOf(const QObject* watched) const;
    int placeAt(const QPoint& position) const; // of the chip nearest to it

    QStringList m_texts;
    QVector<QColor> m_colors;
    QVector<QAbstractButton*> m_chips;
    QWidget* m_line; // chips and the field, in lines
    QLineEdit* m_edit;
    QLabel* m_problem;
    QString m_why;
    Read m_read;
    QPoint m_pressed; // where a drag begins
    bool m_dragging = false;
};

} // namespace pissarro::ui
