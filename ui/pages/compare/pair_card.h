// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/card.h"

#include <QColor>
#include <QString>
#include <QStringList>
#include <QVector>

#include <array>

class QAction;
class QComboBox;
class QHBoxLayout;
class QLabel;
class QMenu;
class QProgressBar;
class QPushButton;

namespace pissarro::ui {

class RunPair;

// Which two runs are laid side by side, and what may be said of them: the verdict first, what limits it after it.
class PairCard : public Card {
    Q_OBJECT

public:
    explicit PairCard(QWidget* parent = nullptr);

    struct Choice {
        QString path;
        QString title; // "PiSSA r16 · 2026-11-24-pissa-r16"
        QColor color;
    };
    void setChoices(const QVector<Choice>& runs); // those that are chosen stay while they are there
    void setPair(const QString& a, const QString& b); // emits nothing
    void setEvaluations(const QStringList& folders); // that are laid in
    QString path(int side) const; // empty: none is chosen
    void show(const RunPair& pair, const std::array<QString, 2>& titles);

    QPushButton* backButton() const { return m_back; }
    QPushButton* swapButton() const { return m_swap; }
    QPushButton* reportButton() const { return m_report; }

Q_SIGNALS:
    void chosen(); // by a person
    void evaluationWanted(); // one more
    void evaluationUnwanted(const QString& folder);
    void cancelled();

private:
    void buildChoices(QHBoxLayout* choice);
    void showState(const RunPair& pair);

    QPushButton* m_back;
    std::array<QComboBox*, 2> m_runs {};
    QPushButton* m_swap;
    QLabel* m_verdict;
    QLabel* m_limits;
    QProgressBar* m_progress;
    QPushButton* m_cancel;
    QPushButton* m_evaluations;
    QMenu* m_menu; // of it
    QPushButton* m_report;
};

// The sentence that survives, and what it stands on and what limits it.
struct PairVerdict {
    QString sentence;
    QString limits;
};
PairVerdict verdictOf(const RunPair& pair, const std::array<QString, 2>& titles);

} // namespace pissarro::ui
