// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/quant_error.h"
#include "ui/widgets/card.h"

class QLabel;
class QTableWidget;

namespace pissarro::ui {

class QuantBench;
class SegmentedControl;
struct Services;

// The paper's table: how much less than QLoRA's the errors of LoftQ and QPiSSA are, by type of module; or the errors of
// the selected matrix in every norm. The better of the two methods is set bold, whichever it is.
class ReductionCard : public Card {
    Q_OBJECT

public:
    ReductionCard(Services& services, QuantBench& bench, QWidget* parent = nullptr);

    core::ErrorNorm norm() const;
    QString csv() const; // every matrix, iteration and norm

Q_SIGNALS:
    void normChanged();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void show();
    void fitColumns(); // alike, but none cuts its head
    void showTypes();
    void showMatrix();
    void addMethods(int row, const core::QuantReductions& reductions, int iteration,
                    const std::vector<std::string>& types);

    Services& m_services;
    QuantBench& m_bench;
    SegmentedControl* m_norm;
    SegmentedControl* m_scope; // 0: by type, 1: the selected matrix
    QTableWidget* m_table;
    QLabel* m_sentence; // where LoftQ is ahead
};

} // namespace pissarro::ui
