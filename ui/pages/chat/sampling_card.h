// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/tokenizer.h"
#include "ui/services/chat.h"
#include "ui/widgets/card.h"

class QComboBox;
class QPushButton;

namespace pissarro::ui {

class FormField;
class RealEdit;
class SegmentedControl;
class WholeEdit;

// How the next token is chosen, how many there are at most, and what a question is put into: each model's own training
// template, the model's chat template, Alpaca's, or nothing.
class SamplingCard : public Card {
    Q_OBJECT

public:
    explicit SamplingCard(QWidget* parent = nullptr);

    void setTokenizer(const core::Tokenizer* tokenizer); // null: there is none
    ChatSettings settings() const; // Requires: isGood()
    bool isGood() const;

Q_SIGNALS:
    void changed();

private:
    void buildEdits();
    void buildRows();
    void reset();
    void showState();

    SegmentedControl* m_choice;
    RealEdit* m_temperature;
    RealEdit* m_topP;
    WholeEdit* m_topK;
    RealEdit* m_minP;
    RealEdit* m_penalty;
    WholeEdit* m_seed;
    WholeEdit* m_tokens;
    QComboBox* m_template;
    QPushButton* m_reset;
    struct Row {
        FormField* field = nullptr;
        QWidget* edit = nullptr;
        QString (*problem)(const QWidget* edit) = nullptr;
        bool sampledAlone = false; // greedy ignores it
    };
    QVector<Row> m_rows;
};

} // namespace pissarro::ui
