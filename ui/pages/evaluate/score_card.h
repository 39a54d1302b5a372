// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/evaluate/model_look.h"
#include "ui/pages/evaluate/score_chart.h"
#include "ui/services/evaluation_picture.h"
#include "ui/widgets/card.h"

#include <vector>

namespace pissarro::ui {

class SegmentedControl;

// What the models scored on each task, or how far every two of them are apart, with intervals and rules.
class ScoreCard : public Card {
    Q_OBJECT

public:
    explicit ScoreCard(QWidget* parent = nullptr);

    // `looks`: of each task's models; evaluations of one folder may differ in them.
    void showTasks(const std::vector<TaskPicturePtr>& tasks,
                   const std::vector<std::vector<ModelLook>>& looks);
    ScoreChart* chart() const { return m_chart; }
    void exportPicture(); // to a file that a person names

Q_SIGNALS:
    void failedToExport(const QString& path, const QString& problem);

private:
    void show();

    std::vector<TaskPicturePtr> m_tasks;
    std::vector<std::vector<ModelLook>> m_looks;
    SegmentedControl* m_which;
    ScoreChart* m_chart;
};

// The groups of a task: its score, pass@k of several answers, perplexity. None while nothing is answered.
QVector<ScoreGroup> scoreGroups(int task, const TaskPicture& picture,
                                const std::vector<ModelLook>& looks);
// The same as differences of every two models.
QVector<ScoreGroup> differenceGroups(int task, const TaskPicture& picture,
                                     const std::vector<ModelLook>& looks);

} // namespace pissarro::ui
