// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/evaluate/questions_model.h"
#include "ui/widgets/card.h"

#include <cstdint>

class QLineEdit;
class QTableView;

namespace pissarro::ui {

class SegmentedControl;

// The questions of a task, by who was right; the chosen one is shown beside it.
class QuestionsCard : public Card {
    Q_OBJECT

public:
    explicit QuestionsCard(QWidget* parent = nullptr);

    void showTask(const TaskPicturePtr& task, const std::vector<ModelLook>& looks, int pair);
    void setFilter(AnswerFilter filter); // emits filterChosen() where it is another one
    AnswerFilter filter() const { return m_model->filter(); }
    const AskedQuestion* chosen() const; // null: there is none
    void walk(int by); // to the question so many rows further on
    void find(); // the focus goes to what is looked for
    QTableView* view() const { return m_view; }

Q_SIGNALS:
    void filterChosen(pissarro::ui::AnswerFilter filter);
    void questionChosen(); // chosen() is another one, or shown anew

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fitColumns(); // as wide as what they hold; the question has the rest
    void showFilters();
    void keepChosen(bool inSight = true); // what was chosen, else the first row

    QuestionsModel* m_model;
    SegmentedControl* m_filter;
    QLineEdit* m_words;
    QTableView* m_view;
    TaskPicturePtr m_task;
    QVector<int> m_widest; // px, the text of each column
    int m_pair = -1;
    std::int64_t m_index = -1; // of the question that is chosen
};

} // namespace pissarro::ui
