// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sweep/sweep_results.h"
#include "ui/widgets/card.h"

class QLabel;

namespace pissarro::ui {

// What may be said of the sweep, by the rules of core/stats: the sentence that survives, and what limits it below.
class VerdictCard : public Card {
    Q_OBJECT

public:
    explicit VerdictCard(QWidget* parent = nullptr);

    void showResults(const core::SweepResults& results);
    void showNothing(const QString& sentence); // before there is a sweep

private:
    QLabel* m_sentence;
    QLabel* m_limits;
};

// The conclusion that is said first: the strongest one, of equals the first. Null: there is none.
const core::Conclusion* leadingConclusion(const core::SweepResults& results);

} // namespace pissarro::ui
