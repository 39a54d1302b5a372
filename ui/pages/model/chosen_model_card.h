// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/listed_model.h"
#include "ui/services/models_at_hand.h"
#include "ui/widgets/card.h"

#include <QPair>
#include <QVector>

class QGridLayout;
class QLabel;
class QPushButton;

namespace pissarro::ui {

// What is known of a model that is not open: what its headers say, the singular values that an earlier look left, and what
// training it would take of this machine's memory.
class ChosenModelCard : public Card {
    Q_OBJECT

public:
    explicit ChosenModelCard(QWidget* parent = nullptr);

    void showModel(const core::ListedModel* model,
                   std::int64_t memoryBytes); // null: none is chosen
    void showSpectra(const KeptSpectra* kept); // null: none

    QPushButton* openButton() const { return m_open; }

private:
    class NeedBar;
    class SpectrumRow;
    void setFacts(const QVector<QPair<QString, QString>>& facts);
    void setNeeds(const core::TrainingNeed& need, std::int64_t memoryBytes);

    QLabel* m_hint; // in place of all else
    QLabel* m_problem;
    QWidget* m_all;
    QGridLayout* m_facts;
    QWidget* m_spectra;
    QLabel* m_spectraTitle;
    QGridLayout* m_spectraRows;
    QWidget* m_memory;
    QLabel* m_memoryTitle;
    QVector<NeedBar*> m_bars;
    QPushButton* m_open;
};

} // namespace pissarro::ui
