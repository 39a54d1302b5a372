// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/spectrum/quant_error_meter.h"

#include "ui/words/format.h"
#include "ui/words/language.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace pissarro::ui {

namespace {

constexpr int kStillMs = 250;
constexpr std::int64_t kLargestSide =
    2048; // seconds a matrix; twice the side takes eight times as long
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// Why so many or so large matrices are not measured unasked; empty: they are.
QString reasonNotTo(const QVector<MatrixView>& matrices)
{
    if (matrices.size() > kMostNamed) {
        return QuantErrorMeter::tr("Select at most %n matrices", nullptr, pluralOf(kMostNamed));
    }
    const bool large = std::any_of(matrices.begin(), matrices.end(), [](const MatrixView& matrix) {
        return matrix.module->smallerSide() > kLargestSide;
    });
    return large
        ? QuantErrorMeter::tr("Takes minutes with more than %1 rows and columns: measure it "
                              "on the Quantize page",
                              nullptr, pluralOf(kLargestSide))
              .arg(formatCount(kLargestSide))
        : QString();
}

} // namespace

QuantErrorMeter::QuantErrorMeter(QObject* parent)
    : QObject(parent)
{
    m_still.setInterval(kStillMs);
    m_still.setSingleShot(true);
    connect(&m_still, &QTimer::timeout, this, &QuantErrorMeter::measure);
    connect(&m_jobs, &JobBridge::failed, this, [this](quint64, const QString& message) {
        m_problem = message;
        Q_EMIT changed();
    });
}

void QuantErrorMeter::setModel(std::shared_ptr<const core::ModelFiles> model)
{
    m_still.stop();
    m_jobs.cancel();
    m_asked.clear();
    m_probe = model ? std::make_shared<core::QuantErrorProbe>(
                  std::move(model), core::firstWhere(core::iterates), /*iters=*/1)
                    : nullptr;
}

void QuantErrorMeter::ask(const QVector<MatrixView>& matrices)
{
    const QString reason = reasonNotTo(matrices);
    Questions questions;
    if (reason.isEmpty()
        && std::all_of(matrices.begin(), matrices.end(),
                       [](const MatrixView& matrix) { return matrix.isReady(); })) {
        for (const MatrixView& matrix : matrices) {
            questions.push_back({*matrix.module, matrix.rank});
        }
    }
    const auto same = [](const auto& a, const auto& b) {
        return a.module.name == b.module.name && a.rank == b.rank;
    };
    if (!questions.empty()
        && std::equal(questions.begin(), questions.end(), m_asked.begin(), m_asked.end(), same)) {
        return;
    }
    m_asked = std::move(questions);
    m_share = kUnknown;
    m_problem = reason;
    m_jobs.cancel();
    if (m_asked.empty()) {
        m_still.stop();
    } else {
        m_still.start();
    }
}

void QuantErrorMeter::measure()
{
    m_jobs.start<double>(
        [probe = m_probe, asked = m_asked](const core::JobContext& job) {
            const std::vector<double> shares = probe->sharesAt(asked, job);
            return std::accumulate(shares.begin(), shares.end(), 0.0)
                / static_cast<double>(shares.size());
        },
        [this](double share) {
            m_share = share;
            Q_EMIT changed();
        });
}

QString QuantErrorMeter::text() const
{
    if (m_asked.empty() || !m_problem.isEmpty()) {
        return QStringLiteral("–");
    }
    return std::isnan(m_share) ? tr("measuring…") : formatPercent(m_share);
}

} // namespace pissarro::ui
