// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/memory_estimate.h"

#include <QWidget>

class QLabel;

namespace pissarro::ui {

// «Memory before the start»: a stacked bar of what the run will hold, against what the machine has.
class MemoryBar : public QWidget {
    Q_OBJECT

public:
    explicit MemoryBar(QWidget* parent = nullptr);

    // available 0: not known (a GPU); the bar then fills its width.
    void setEstimate(const core::MemoryEstimate& estimate, std::int64_t available);
    void setUnknown(const QString& reason); // "open a model"

private:
    class Bar;

    Bar* m_bar;
    QLabel* m_total;
    QLabel* m_legend;
};

} // namespace pissarro::ui
