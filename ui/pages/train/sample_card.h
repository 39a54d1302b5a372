// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/labelled_texts.h"
#include "ui/widgets/card.h"

#include <QString>
#include <QVector>

#include <memory>
#include <optional>

class QLabel;
class QToolButton;

namespace pissarro::ui {

class SampleView;

// Neighbouring tokens of a row, decoded.
struct SamplePart {
    QString text;
    bool counted = false; // the loss takes them
};

// A row as the trainer sees it: decoded tokens, split where the loss begins and ends. A conversation may have several
// answers that are learned.
struct SampleText {
    QVector<SamplePart> parts; // without a final end-of-sequence token
    QString prompt; // before the first that counts
    QString response; // from there on
    bool endsWithEos = false; // a final end-of-sequence token, counted where the part before it is
    qint64 tokens = 0;
    qint64 lossTokens = 0;
    std::optional<double> label; // of a text that is judged as a whole
    bool truncated = false;
};

SampleText sampleText(const core::Example& example, const core::Tokenizer& tokenizer);

// «What the loss sees»: one row of the data in tokens, those that count tinted. Page Up and Page
// Down, or the arrows in its title, turn to the row before or after. Screen readers walk its tokens.
class SampleCard : public Card {
    Q_OBJECT

public:
    explicit SampleCard(QWidget* parent = nullptr);

    // Of texts that are judged as a whole; shown with the next data.
    void setLabels(const core::LabelSet& labels);
    // Null data: an empty state with `hint`. The row shown stays when it can.
    void setData(std::shared_ptr<const core::TokenizedData> rows,
                 std::shared_ptr<const core::Tokenizer> tokenizer, const QString& hint);
    int row() const { return m_row; }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void step(int by);
    void showRow();
    void write(const SampleText& sample);
    void scrollToLoss();
    void showPlace(); // which row: in the title where there is room

    core::LabelSet m_labels;
    std::shared_ptr<const core::TokenizedData> m_data;
    std::shared_ptr<const core::Tokenizer> m_tokenizer;
    int m_row = 0;
    int m_lossBegins = 0; // character of the text
    QString m_counts; // of the row shown
    SampleView* m_text;
    QLabel* m_count;
    QToolButton* m_previous;
    QToolButton* m_next;
};

} // namespace pissarro::ui
