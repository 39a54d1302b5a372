// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/memory_estimate.h"

#include <QWidget>

class QLabel;

namespace pissarro::ui {

// «Memory before the start»: the parts of what the run will hold, and below them, as a line, what of the machine that is;
// the disk that it will fill; and the peak that was measured.
class MemoryBar : public QWidget {
    Q_OBJECT

public:
    explicit MemoryBar(QWidget* parent = nullptr);

    // available 0: not known (a GPU); there is no line then.
    void setEstimate(const core::MemoryEstimate& estimate, std::int64_t available);
    void setTight(bool on); // title and bar alone; the rest is their tool tip
    void setUnknown(const QString& reason); // "open a model"
    // What the run in progress, or the last one, really held, beside what was estimated for it; 0: no run yet.
    void setMeasured(std::int64_t peak, std::int64_t estimated, bool running);
    // free -1: not known.
    void setDisk(const core::DiskEstimate& estimate, std::int64_t free);

private:
    class Bar;
    void showLines();

    Bar* m_bar;
    QLabel* m_total;
    QLabel* m_legend;
    QLabel* m_disk;
    QLabel* m_measured;
    bool m_tight = false;
};

} // namespace pissarro::ui
