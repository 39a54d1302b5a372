// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/data_figures.h"
#include "ui/views/sample_parts.h"
#include "ui/widgets/card.h"

#include <QString>
#include <QVector>

#include <cstdint>
#include <memory>
#include <random>

class QLabel;
class QTextEdit;
class QToolButton;

namespace pissarro::ui {

class Data;
class SampleView;
class SegmentedControl;

// All of a row, what is cut too, with a sign for the end-of-sequence token.
// Throws: core::Error, as Tokenizer::decode().
QVector<ReadPart> readParts(const core::Example& example, const core::Tokenizer& tokenizer,
                            std::int64_t maxLength);

// «A row on its way to the loss»: a row as it stands in the file beside what the model reads of it, what counts tinted, what
// is cut struck out. Left and Right walk the rows of the chosen order.
class RowCard : public Card {
    Q_OBJECT

public:
    explicit RowCard(Data& data, QWidget* parent = nullptr);

    void setTokenizer(std::shared_ptr<const core::Tokenizer> tokenizer);
    void showData(); // rows, length or reading are others
    void showLine(std::int64_t line); // of the file: that row, where it is learned from
    void step(int by);
    std::int64_t example() const; // that is shown; -1: none

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    enum Order { Shortest, Longest, Cut, Random, InFile };
    void order();
    void showRow();
    void showHead(); // while no row has tokens
    void showFileRow(const core::DataHead& head, std::size_t row);
    void writeParts(const QVector<ReadPart>& parts);
    void showCounts(std::int64_t counted, std::int64_t read, std::int64_t cut);

    Data& m_data;
    std::shared_ptr<const core::Tokenizer> m_tokenizer;
    std::shared_ptr<const core::TokenizedData> m_rows; // that the order is of
    std::int64_t m_orderedFor = -1; // length
    std::vector<std::size_t> m_order; // examples
    std::size_t m_at = 0;
    std::minstd_rand m_chance;
    QTextEdit* m_file;
    SampleView* m_read;
    QLabel* m_counts;
    SegmentedControl* m_which;
    QToolButton* m_previous;
    QToolButton* m_next;
};

} // namespace pissarro::ui
