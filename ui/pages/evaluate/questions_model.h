// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/evaluate/agreement_card.h"
#include "ui/pages/evaluate/model_look.h"
#include "ui/services/evaluation_picture.h"

#include <QAbstractTableModel>

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace pissarro::ui {

// The questions of a task that were answered, one a row: what is right, and what was read of each model's answer.
class QuestionsModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Number, Question, Gold, FirstModel };

    using QAbstractTableModel::QAbstractTableModel;

    // `pair`: by the places of its two models; those that the filter asks for.
    void showTask(const TaskPicturePtr& task, const std::vector<ModelLook>& looks,
                  std::pair<int, int> pair);
    void setFilter(AnswerFilter filter);
    void setWords(const QString& words); // that must stand in the question, the gold or an answer
    AnswerFilter filter() const { return m_filter; }
    std::int64_t count(AnswerFilter filter) const; // of all questions, whatever is looked for

    bool hasGold() const; // of any question

    const AskedQuestion* questionAt(int row) const; // null: there is none
    int rowOf(std::int64_t index) const; // of a question; -1: it is not among them

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    bool isIn(const AskedQuestion& question, AnswerFilter filter) const;
    bool holdsWords(const AskedQuestion& question) const;
    void choose(); // which rows there are

    TaskPicturePtr m_task;
    std::vector<ModelLook> m_looks;
    std::pair<int, int> m_pair {-1, -1};
    AnswerFilter m_filter = AnswerFilter::All;
    QString m_words;
    std::array<std::int64_t, kAnswerFilters> m_counts {};
    std::vector<int> m_rows; // places in the picture's questions
};

// What was read of an answer: "18", or of one that is judged otherwise what is known of it: "−12.3 nats", "184 tokens".
QString readText(const core::Transcript& answer);

} // namespace pissarro::ui
