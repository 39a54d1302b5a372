// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/infer/talk.h"
#include "ui/widgets/card.h"

#include <QString>

#include <utility>
#include <vector>

class QLabel;
class QTableWidget;

namespace pissarro::ui {

// One token of an answer: what else the model held for likely there, and how likely it is for the other columns.
class TokenCard : public Card {
    Q_OBJECT

public:
    explicit TokenCard(QWidget* parent = nullptr);

    void showNothing();
    void showToken(const core::TalkToken& token, const QString& column);
    // By the columns' titles, the others than its own.
    void showOthers(const std::vector<std::pair<QString, double>>& chances);

Q_SIGNALS:
    void goOnWanted(int alternative); // double click or Enter on one that can stand there

private:
    void activate(int row);

    QLabel* m_hint;
    QTableWidget* m_table;
    QLabel* m_others;
    core::TalkToken m_token;
};

} // namespace pissarro::ui
