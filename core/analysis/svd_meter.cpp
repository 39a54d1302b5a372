// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/svd_meter.h"

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/log.h"
#include "core/linalg/svd_tensors.h"
#include "core/tensor/parallel_tasks.h"
#include "core/text/number_text.h"
#include "core/text/said.h"
#include "core/weights/weights.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace pissarro::core::inline analysis {

namespace {

double medianSeconds(int repeats, const std::function<void()>& body)
{
    std::vector<double> seconds;
    for (int i = 0; i < std::max(1, repeats); ++i) {
        const auto start = Clock::now();
        body();
        seconds.push_back(secondsSince(start));
    }
    std::sort(seconds.begin(), seconds.end());
    return seconds[seconds.size() / 2];
}

// (mean sin^2 of the principal angles)^1/2 between two orthonormal bases.
double subspaceDistance(const at::Tensor& a_NR, const at::Tensor& b_NR)
{
    const at::Tensor overlap = a_NR.to(at::kDouble).t().mm(b_NR.to(at::kDouble));
    const double cosines = overlap.square().sum().item<double>(); // sum of cos^2
    const auto rank = static_cast<double>(a_NR.size(1));
    return std::sqrt(std::max(0.0, 1.0 - cosines / rank));
}

double fastWork(const LinearModule& module)
{
    return static_cast<double>(module.rows) * static_cast<double>(module.cols);
}

double exactWork(const LinearModule& module)
{
    const auto smaller = static_cast<double>(module.smallerSide());
    return fastWork(module) * smaller + smaller * smaller * smaller;
}

double sumOver(const std::vector<LinearModule>& modules, double (*work)(const LinearModule&))
{
    double sum = 0.0;
    for (const LinearModule& module : modules) {
        sum += work(module);
    }
    return sum;
}

// The chosen matrices with their exact decompositions, held while the settings are tried.
struct Reference {
    LinearModule module;
    at::Tensor w_OI;
    SvdFactors factors;
    TruncatedSvd leading; // of the largest rank asked for
    double exactSeconds = 0.0;
};

Reference referenceOf(const ModelFiles& files, const LinearModule& module,
                      const MeterOptions& options, const JobContext& job)
{
    Reference reference;
    reference.module = module;
    reference.w_OI = loadWeight(files, module.name + ".weight", at::kFloat, job);
    reference.exactSeconds = medianSeconds(
        options.repeats, [&] { reference.factors = svdFactors(reference.w_OI, job); });
    const std::int64_t largest = *std::max_element(options.ranks.begin(), options.ranks.end());
    reference.leading =
        takeTriplets(reference.w_OI, reference.factors, std::min(largest, module.smallerSide()), 0);
    return reference;
}

void addFast(const Reference& reference, const MeterOptions& options, double share, MeterRow& row,
             const JobContext& job)
{
    const std::int64_t rank = std::min(row.rank, reference.module.smallerSide());
    TruncatedSvd fast;
    row.seconds += medianSeconds(options.repeats, [&] {
        fast =
            randomizedSvd(reference.w_OI, {rank, {row.niter, row.oversampling}, options.seed}, job);
    });
    const at::Tensor u_OR = reference.leading.u_OR.narrow(1, 0, rank);
    const at::Tensor v_IR = reference.leading.v_IR.narrow(1, 0, rank);
    const at::Tensor s_R = reference.leading.s_R.narrow(0, 0, rank);
    row.subspaceError +=
        share * std::max(subspaceDistance(u_OR, fast.u_OR), subspaceDistance(v_IR, fast.v_IR));
    const at::Tensor found = (fast.u_OR * fast.s_R).mm(fast.v_IR.t());
    const at::Tensor best = (u_OR * s_R).mm(v_IR.t());
    const double left =
        at::linalg_vector_norm((reference.w_OI - found).to(at::kDouble)).item<double>();
    const at::Tensor rest =
        reference.factors.s_K.narrow(0, rank, reference.module.smallerSide() - rank);
    const double least = at::linalg_vector_norm(rest).item<double>();
    row.reconstructionError += least > 0.0 ? share * std::max(0.0, left / least - 1.0) : 0.0;
    row.initError += share * (found - best).abs_().mean().item<double>();
}

// A row for each setting, niter by niter, then exact ones.
std::vector<MeterRow> emptyRows(const MeterOptions& options)
{
    std::vector<MeterRow> rows;
    for (const int niter : options.niters) {
        for (const std::int64_t oversampling : options.oversamplings) {
            for (const std::int64_t rank : options.ranks) {
                MeterRow row;
                row.niter = niter;
                row.oversampling = oversampling;
                row.rank = rank;
                rows.push_back(row);
            }
        }
    }
    for (const std::int64_t rank : options.ranks) {
        MeterRow row;
        row.exact = true;
        row.rank = rank;
        rows.push_back(row);
    }
    return rows;
}

std::string cellText(double value)
{
    return roundedText(value, 3);
}

// One table: niter down, rank across; exact below where it has a figure.
std::string tableOf(const std::vector<MeterRow>& rows, std::int64_t oversampling,
                    const std::string& title, double MeterRow::*figure, bool withExact)
{
    std::set<std::int64_t> ranks;
    std::set<int> niters;
    for (const MeterRow& row : rows) {
        ranks.insert(row.rank);
        if (!row.exact) {
            niters.insert(row.niter);
        }
    }
    std::string text = fmt::format("\n| {}, niter |", title);
    std::string line = "| --- |";
    for (const std::int64_t rank : ranks) {
        text += fmt::format(" r={} |", rank);
        line += " --- |";
    }
    text += "\n" + line + "\n";
    const auto addLine = [&](const std::string& name, auto&& wanted) {
        text += "| " + name + " |";
        for (const std::int64_t rank : ranks) {
            const auto found = std::find_if(rows.begin(), rows.end(), [&](const MeterRow& row) {
                return row.rank == rank && wanted(row);
            });
            text +=
                " " + (found == rows.end() ? std::string("–") : cellText((*found).*figure)) + " |";
        }
        text += "\n";
    };
    for (const int niter : niters) {
        addLine(fmt::format("{}", niter), [&](const MeterRow& row) {
            return !row.exact && row.niter == niter && row.oversampling == oversampling;
        });
    }
    if (withExact) {
        addLine("exact", [](const MeterRow& row) { return row.exact; });
    }
    return text;
}

} // namespace

std::vector<MeterRow> measureFastSvd(const ModelFiles& files,
                                     const std::vector<LinearModule>& modules,
                                     const MeterOptions& options, const JobContext& job)
{
    if (modules.empty() || options.ranks.empty() || options.niters.empty()
        || options.oversamplings.empty()) {
        throw Error(ErrorKind::InvalidArgument,
                    "there is nothing to measure (expected at least one matrix, rank, niter and "
                    "oversampling)");
    }
    const std::size_t settings =
        options.niters.size() * options.ranks.size() * options.oversamplings.size();
    const double total = static_cast<double>(modules.size() * (settings + 1));
    std::vector<MeterRow> rows = emptyRows(options);
    std::size_t done = 0;
    const auto advance = [&] {
        job.checkpoint(static_cast<double>(++done) / total,
                       PISSARRO_SAID("pissarro::core", "Measuring the fast SVD"));
    };
    const double share = 1.0 / static_cast<double>(modules.size());
    double exactSeconds = 0.0;
    // Matrix by matrix: one at a time is in memory. Timings of one thread are what a neighbour disturbs least.
    logged(fmt::format("trial of the fast SVD on {} matrices", modules.size()), [&] {
        for (const LinearModule& module : modules) {
            onOneThread([&] {
                const Reference reference = referenceOf(files, module, options, job);
                exactSeconds += reference.exactSeconds;
                advance();
                for (MeterRow& row : rows) {
                    if (!row.exact) {
                        job.throwIfCancelled();
                        addFast(reference, options, share, row, job);
                        advance();
                    }
                }
            });
        }
    });
    const double wholeFast = sumOver(files.linearModules(), fastWork) / sumOver(modules, fastWork);
    const double wholeExact =
        sumOver(files.linearModules(), exactWork) / sumOver(modules, exactWork);
    for (MeterRow& row : rows) {
        row.seconds = row.exact ? exactSeconds : row.seconds; // one decomposition serves every rank
        row.projectedSeconds = row.seconds * (row.exact ? wholeExact : wholeFast);
    }
    return rows;
}

std::string meterToMarkdown(const std::vector<MeterRow>& rows)
{
    std::set<std::int64_t> oversamplings;
    for (const MeterRow& row : rows) {
        if (!row.exact) {
            oversamplings.insert(row.oversampling);
        }
    }
    std::string text;
    for (const std::int64_t oversampling : oversamplings) {
        text += fmt::format("{}Oversampling {}\n", text.empty() ? "" : "\n", oversampling)
            + tableOf(rows, oversampling, "Time of the whole model, s", &MeterRow::projectedSeconds,
                      true)
            + tableOf(rows, oversampling, "Init error", &MeterRow::initError, false)
            + tableOf(rows, oversampling, "Subspace error", &MeterRow::subspaceError, false)
            + tableOf(rows, oversampling, "Excess reconstruction error",
                      &MeterRow::reconstructionError, false);
    }
    return text;
}

std::string meterToCsv(const std::vector<MeterRow>& rows)
{
    std::string text = "method,niter,oversampling,rank,seconds,projected_seconds,subspace_error,"
                       "reconstruction_error,init_error\n";
    for (const MeterRow& row : rows) {
        text += row.exact ? "exact,,," : fmt::format("fast,{},{},", row.niter, row.oversampling);
        text += fmt::format("{}", row.rank);
        for (const double value : {row.seconds, row.projectedSeconds, row.subspaceError,
                                   row.reconstructionError, row.initError}) {
            text += "," + numberText(value);
        }
        text += "\n";
    }
    return text;
}

} // namespace pissarro::core::inline analysis
