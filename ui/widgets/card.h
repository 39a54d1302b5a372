// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QHBoxLayout;
class QVBoxLayout;

namespace pissarro::ui {

class ElidedLabel;

// The one container of the program: 8 px radius, a 1 px line, 12 px padding; a semibold title, a
// grey subtitle that elides in the middle, and switches right-aligned in the title row.
class Card : public QFrame {
    Q_OBJECT

public:
    explicit Card(const QString& title, QWidget* parent = nullptr);

    void setTitle(const QString& title);
    void setSubtitle(const QString& subtitle);
    void setProblem(const QString& problem); // in red, in place of the subtitle until it is empty
    void setTitleInSight(bool on); // a card that speaks for itself has none
    void addTitleWidget(QWidget* widget); // right-aligned, in the order added
    void addBeforeTitle(QWidget* widget); // left of it
    void addBesideTitle(QWidget* widget); // left, after the subtitle: a legend
    QVBoxLayout* body() const { return m_body; }
    // Of a new card below what `into` has: dialogs are made of the same cards as pages.
    static QVBoxLayout* bodyOfNew(QVBoxLayout* into, const QString& title, int stretch = 0);

private:
    void showSubtitle();

    ElidedLabel* m_title;
    ElidedLabel* m_subtitle;
    QString m_subtitleText;
    QString m_problem;
    QHBoxLayout* m_left;
    QHBoxLayout* m_right;
    QVBoxLayout* m_body;
};

} // namespace pissarro::ui
