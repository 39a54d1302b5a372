// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/infer/generate.h"
#include "core/tokenizer/tokenizer.h"
#include "ui/widgets/card.h"

class QPushButton;

namespace pissarro::ui {

class FormField;
class RealEdit;
class SegmentedControl;
class WholeEdit;

// How the next token is chosen, how many there are at most, and whether the prompt is a message in the model's template.
class SamplingCard : public Card {
    Q_OBJECT

public:
    explicit SamplingCard(QWidget* parent = nullptr);

    void setTokenizer(const core::Tokenizer* tokenizer); // null: there is none
    core::GenerateOptions options() const; // Requires: isGood()
    bool isGood() const;

Q_SIGNALS:
    void changed();

private:
    void buildFields();
    void reset();
    void showState();

    SegmentedControl* m_choice;
    RealEdit* m_temperature;
    RealEdit* m_topP;
    WholeEdit* m_seed;
    WholeEdit* m_tokens;
    SegmentedControl* m_template;
    QPushButton* m_reset;
    FormField* m_temperatureRow = nullptr;
    FormField* m_topPRow = nullptr;
    FormField* m_seedRow = nullptr;
    FormField* m_tokensRow = nullptr;
};

} // namespace pissarro::ui
