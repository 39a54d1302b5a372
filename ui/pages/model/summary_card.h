// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/card.h"

#include <QVector>

class QGridLayout;

namespace pissarro::ui {

struct Services;

// What the model is, in a column of facts.
class SummaryCard : public Card {
    Q_OBJECT

public:
    explicit SummaryCard(QWidget* parent = nullptr);

    void showModel(const Services& services);

private:
    void setFacts(const QVector<QPair<QString, QString>>& facts);
    QGridLayout* m_grid;
};

} // namespace pissarro::ui
