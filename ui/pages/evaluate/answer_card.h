// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/evaluate/answer_view.h"
#include "ui/pages/evaluate/model_look.h"
#include "ui/services/evaluation_picture.h"
#include "ui/widgets/card.h"

#include <array>
#include <vector>

class QBoxLayout;
class QLabel;
class QPushButton;

namespace pissarro::ui {

class SegmentedControl;

// The chosen question, and what two models answered: side by side where there is room, else one below the other.
class AnswerCard : public Card {
    Q_OBJECT

public:
    explicit AnswerCard(QWidget* parent = nullptr);

    // Of the pair's two models; of one alone (pair -1) the first. `index`: the question's row in the data.
    void showQuestion(const TaskPicturePtr& task, const std::vector<ModelLook>& looks, int pair,
                      std::int64_t index);
    AnswerView* view(std::size_t side) const { return m_sides[side].view; }

Q_SIGNALS:
    void walked(int by); // to the question before or behind
    void chatWanted(const QString& prompt);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Side {
        QWidget* all = nullptr;
        QLabel* name = nullptr;
        QLabel* verdict = nullptr;
        QLabel* facts = nullptr; // tokens and time
        AnswerView* view = nullptr;
    };
    Side buildSide(const QString& name, const QString& accessible);
    void buildTitle();
    void show();
    void showSide(Side& side, int model, const core::Transcript* answer, const std::string& text,
                  const AnswerView::Marks& marks);

    TaskPicturePtr m_task;
    std::vector<ModelLook> m_looks;
    int m_pair = -1;
    std::int64_t m_index = -1;
    QString m_gold; // of the question
    SegmentedControl* m_how;
    QLabel* m_question;
    std::array<Side, 2> m_sides;
    QBoxLayout* m_row;
    QLabel* m_foot; // what the frame is
    QPushButton* m_chat;
};

} // namespace pissarro::ui
