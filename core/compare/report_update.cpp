// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/compare/run_report_p.h"
#include "core/compare/update_table.h"
#include "core/stats/subspaces.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>

namespace pissarro::core::inline compare {

namespace {

constexpr std::size_t kMostMaps = 4; // runs whose maps are drawn
constexpr std::size_t kMostValues = 128; // of a spectrum that is drawn

std::string shortType(const std::string& type)
{
    constexpr std::string_view kEnd = "_proj";
    return type.ends_with(kEnd) ? type.substr(0, type.size() - kEnd.size()) : type;
}

HeatMap mapOf(const LayerTable& table)
{
    HeatMap map;
    for (const std::string& type : table.types) {
        map.columns.push_back(shortType(type));
    }
    for (const std::int64_t layer : table.layers) {
        map.rows.push_back(fmt::format("{}", layer));
    }
    map.values = table.values;
    return map;
}

// Whose maps and spectra are drawn: a run of each method and rate before a second one of it, in the order of all.
std::vector<std::size_t> shownRuns(const RunComparison& comparison)
{
    std::vector<std::size_t> shown;
    std::vector<std::size_t> further;
    std::set<std::string> titles;
    for (std::size_t i = 0; i < comparison.findings.size(); ++i) {
        if (comparison.findings[i].update) {
            const bool isNew = titles.insert(comparison.runs[i].title()).second;
            (isNew ? shown : further).push_back(i);
        }
    }
    shown.insert(shown.end(), further.begin(), further.end());
    shown.resize(std::min(shown.size(), kMostMaps));
    std::sort(shown.begin(), shown.end());
    return shown;
}

// The maps of one measure, with one scale of colours for all.
Pictures mapsOf(const RunComparison& comparison, const std::vector<RunLook>& looks,
                UpdateMeasure measure, const std::string& title, bool isShare)
{
    Pictures pictures;
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (const std::size_t i : shownRuns(comparison)) {
        const auto& update = comparison.findings[i].update;
        if (std::isnan(meanOf(update->usual(), measure))) {
            continue;
        }
        HeatMap map = mapOf(layerTable(update->usual(), measure));
        for (const double value : map.values) {
            low = std::isnan(value) ? low : std::min(low, value);
            high = std::isnan(value) ? high : std::max(high, value);
        }
        pictures.push_back({title, fmt::format("{}, step {}", looks[i].name, update->usual().step),
                            std::move(map)});
    }
    for (Picture& one : pictures) {
        auto& map = std::get<HeatMap>(one.plot);
        map.low = low;
        map.high = high;
        map.lowText = isShare ? percentText(low, 2) : figureText(low, 3);
        map.highText = isShare ? percentText(high, 2) : figureText(high, 3);
    }
    return pictures;
}

// Means over the matrices at each state that is kept.
Picture overTime(const RunComparison& comparison, const std::vector<RunLook>& looks,
                 UpdateMeasure measure, const std::string& title)
{
    LinePlot plot {{"step"}, {}, {}};
    for (std::size_t i = 0; i < comparison.findings.size() && plot.curves.size() < kMostCurves;
         ++i) {
        const auto& update = comparison.findings[i].update;
        if (!update || update->states.size() < 2) {
            continue;
        }
        PlottedCurve curve {looks[i].name, looks[i].paint};
        curve.dash = looks[i].dash;
        curve.hasDots = true;
        for (const StateUpdate& state : update->states) {
            curve.points.push_back({static_cast<double>(state.step), meanOf(state, measure)});
        }
        plot.curves.push_back(std::move(curve));
    }
    return {title, "mean over the matrices, at each checkpoint that is kept", std::move(plot)};
}

double meanDimension(const StateUpdate& state, bool isOutput)
{
    double sum = 0.0;
    for (const ModuleUpdate& one : state.modules) {
        sum += static_cast<double>(isOutput ? one.module.rows : one.module.cols);
    }
    return sum / static_cast<double>(state.modules.size());
}

Table meansTable(const RunComparison& comparison, const std::vector<RunLook>& looks)
{
    Table table {"Means over the matrices",
                 "",
                 {{"Run"},
                  {"State"},
                  {"Change ‖ΔW‖", true},
                  {"of ‖W‖", true},
                  {"Effective rank", true},
                  {"of rank", true},
                  {"With the start: out, in", true},
                  {"With the top of W: out, in", true},
                  {"By chance", true}},
                 {}};
    for (std::size_t i = 0; i < comparison.findings.size(); ++i) {
        if (!comparison.findings[i].update) {
            continue;
        }
        const StateUpdate& state = comparison.findings[i].update->usual();
        const auto mean = [&](UpdateMeasure measure) { return meanOf(state, measure); };
        double rank = 0.0;
        std::size_t directions = 0;
        for (const ModuleUpdate& one : state.modules) {
            rank += static_cast<double>(one.rank) / static_cast<double>(state.modules.size());
            directions = std::max(directions, one.toBase.output.size());
        }
        const double chance = static_cast<double>(directions) / meanDimension(state, true);
        table.rows.push_back({{looks[i].name, false, looks[i].paint},
                              {state.title},
                              {figureText(mean(UpdateMeasure::Norm), 3)},
                              {percentText(mean(UpdateMeasure::RelativeNorm), 2)},
                              {figureText(mean(UpdateMeasure::EffectiveRank), 3)},
                              {rank > 0.0 ? figureText(rank, 3) : "all"},
                              {figureText(mean(UpdateMeasure::StartOutput), 2) + ", "
                               + figureText(mean(UpdateMeasure::StartInput), 2)},
                              {figureText(mean(UpdateMeasure::BaseOutput), 2) + ", "
                               + figureText(mean(UpdateMeasure::BaseInput), 2)},
                              {directions > 0 ? figureText(chance, 2) : "–"}});
    }
    table.note =
        "ΔW = s (B_t A_t − B_0 A_0), the factors less those that the run began with. Overlap of "
        "the "
        "leading directions of ΔW with those at the start (PiSSA's U_r, V_r) and of W: 1 is "
        "within, what chance gives is k/n.";
    return table;
}

Picture cosinesPicture(const RunComparison& comparison, const std::vector<RunLook>& looks)
{
    LinePlot plot {{"angle i"}, {"cosine"}, {}};
    std::string module;
    for (std::size_t i = 0; i < comparison.findings.size() && plot.curves.size() < kMostCurves;
         ++i) {
        const RunFindings& findings = comparison.findings[i];
        if (!findings.update) {
            continue;
        }
        const auto& modules = findings.update->usual().modules;
        const std::string wanted =
            module.empty() && !findings.spectra.empty() ? findings.spectra.front().module : module;
        const auto found =
            std::find_if(modules.begin(), modules.end(), [&](const ModuleUpdate& one) {
                return one.module.name == wanted || wanted.empty();
            });
        if (found == modules.end() || found->toBase.output.empty()) {
            continue;
        }
        module = found->module.name;
        PlottedCurve curve {looks[i].name, looks[i].paint};
        curve.dash = looks[i].dash;
        curve.hasDots = true;
        for (std::size_t k = 0; k < found->toBase.output.size(); ++k) {
            curve.points.push_back({static_cast<double>(k + 1), found->toBase.output[k]});
        }
        plot.curves.push_back(std::move(curve));
    }
    return {"Principal angles", module + ", outputs: ΔW against the top of W", std::move(plot)};
}

void addSpectrum(LinePlot& plot, const std::string& name, const Spectrum& spectrum,
                 const Paint& paint, Dash dash)
{
    PlottedCurve curve {name, paint};
    curve.dash = dash;
    const std::size_t count = std::min(spectrum.values.size(), kMostValues);
    for (std::size_t i = 0; i < count && spectrum.values[i] > 1e-9 * spectrum.values.front(); ++i) {
        curve.points.push_back({static_cast<double>(i + 1), spectrum.values[i]});
    }
    plot.curves.push_back(std::move(curve));
}

Pictures spectraPictures(const RunComparison& comparison, const std::vector<RunLook>& looks)
{
    Pictures pictures;
    for (const std::size_t i : shownRuns(comparison)) {
        for (const SpectraBesides& one : comparison.findings[i].spectra) {
            LinePlot plot {{"index i"}, {"σ", true}, {}};
            addSpectrum(plot, "W before", one.before, {Ink::Muted}, Dash::Solid);
            addSpectrum(plot, "after", one.after, looks[i].paint, Dash::Dashed);
            addSpectrum(plot, "ΔW", one.delta, looks[i].paint, Dash::Solid);
            pictures.push_back(
                {"Spectrum before and after", looks[i].name + ", " + one.module, std::move(plot)});
        }
    }
    return pictures;
}

void addProposals(Section& section, const RunComparison& comparison,
                  const std::vector<RunLook>& looks)
{
    Table table {"Ranks for the next run",
                 "",
                 {{"Run"}, {"Proposal"}, {"Parameters", true}, {"were", true}},
                 {}};
    for (std::size_t i = 0; i < comparison.findings.size(); ++i) {
        const RunFindings& findings = comparison.findings[i];
        if (findings.ranks && findings.update) {
            table.rows.push_back(
                {{looks[i].name, false, looks[i].paint},
                 {findings.ranks->reason},
                 {figureText(static_cast<double>(findings.ranks->parameters))},
                 {figureText(static_cast<double>(adapterParameters(findings.update->usual())))}});
        }
    }
    if (!table.rows.empty()) {
        table.note =
            "It says what was used, not what a longer run or other data would use. To be written "
            "with --rank-map FILE, for train --rank-map FILE.";
        section.blocks.emplace_back(std::move(table));
    }
}

} // namespace

std::string moduleTitle(const LinearModule& module)
{
    return fmt::format("layer {} · {}", module.layer, module.type);
}

Section updateSection(const RunComparison& comparison, const std::vector<RunLook>& looks)
{
    Section section {"Where the update went", {}};
    const bool known = std::any_of(comparison.findings.begin(), comparison.findings.end(),
                                   [](const RunFindings& one) { return one.update.has_value(); });
    if (!known) {
        section.blocks.emplace_back(Paragraph {
            "It was not looked at, or no run keeps a state: a checkpoint, or its adapter.", false,
            true});
        return section;
    }
    const auto add = [&section](Pictures pictures) { addPictures(section, std::move(pictures)); };
    section.blocks.emplace_back(meansTable(comparison, looks));
    add(mapsOf(comparison, looks, UpdateMeasure::RelativeNorm, "Change ‖ΔW‖ / ‖W‖", true));
    add(mapsOf(comparison, looks, UpdateMeasure::EffectiveRank, "Effective rank of ΔW", false));
    Pictures time {
        overTime(comparison, looks, UpdateMeasure::RelativeNorm, "Change over time"),
        overTime(comparison, looks, UpdateMeasure::EffectiveRank, "Effective rank over time")};
    Pictures cosines {cosinesPicture(comparison, looks)};
    for (Pictures* pictures : {&time, &cosines}) {
        std::erase_if(*pictures, [](const Picture& one) {
            return std::get<LinePlot>(one.plot).curves.empty();
        });
    }
    add(std::move(time));
    Pictures spectra = spectraPictures(comparison, looks);
    spectra.insert(spectra.begin(), cosines.begin(), cosines.end());
    add(std::move(spectra));
    addProposals(section, comparison, looks);
    return section;
}

namespace {

// Reductions against QLoRA as the paper's tables have them, of each file of quant-error.
void addReductions(Section& section, const RunComparison& comparison)
{
    for (const MeasuredQuantErrors& one : comparison.quantErrors) {
        Table table {
            "Error taken back, against QLoRA, % of the nuclear norm",
            fmt::format("{}: rank {}, T = {}", one.file.filename().string(), one.rank, one.iters),
            {{"Method"}}};
        for (const auto& [type, methods] : one.byType) {
            table.columns.push_back({shortType(type), true});
        }
        table.columns.push_back({"average", true});
        for (const auto& [method, average] : one.average) {
            std::vector<Cell> row {{method}};
            for (const auto& [type, methods] : one.byType) {
                const auto found = methods.find(method);
                row.push_back({found == methods.end() ? "–" : figureText(found->second, 3)});
            }
            row.push_back({figureText(average, 3), true});
            table.rows.push_back(std::move(row));
        }
        section.blocks.emplace_back(std::move(table));
    }
}

} // namespace

Section quantizationSection(const RunComparison& comparison, const std::vector<RunLook>& looks)
{
    Section section {"What four bits took away", {}};
    addReductions(section, comparison);
    Table table {"‖W − (deq(Q) + s B_0 A_0)‖ / ‖W‖, Frobenius",
                 "mean over the layers, at the start",
                 {{"Run"}},
                 {}};
    std::vector<std::string> types;
    for (std::size_t i = 0; i < comparison.findings.size(); ++i) {
        const auto& update = comparison.findings[i].update;
        if (!update || std::isnan(meanOf(update->usual(), UpdateMeasure::StartError))) {
            continue;
        }
        std::map<std::string, std::pair<double, double>> sums; // by type: sum and count
        for (const ModuleUpdate& one : update->usual().modules) {
            if (std::find(types.begin(), types.end(), one.module.type) == types.end()) {
                types.push_back(one.module.type);
            }
            sums[one.module.type].first += one.startError;
            sums[one.module.type].second += 1.0;
        }
        std::vector<Cell> row {{looks[i].name, false, looks[i].paint}};
        for (const std::string& type : types) {
            const auto found = sums.find(type);
            row.push_back({found == sums.end()
                               ? "–"
                               : percentText(found->second.first / found->second.second, 2)});
        }
        table.rows.push_back(std::move(row));
    }
    if (table.rows.empty()) {
        section.blocks.emplace_back(Paragraph {
            "No run has a base in four bits whose untouched model is at hand.", false, true});
        return section;
    }
    for (const std::string& type : types) {
        table.columns.push_back({shortType(type), true});
    }
    for (auto& row : table.rows) {
        row.resize(table.columns.size(), {"–"});
    }
    table.note = "The paper's tables 4 and 8 have the nuclear norm, as a reduction against QLoRA: "
                 "pissarro-cli quant-error measures that.";
    section.blocks.emplace_back(std::move(table));
    return section;
}

} // namespace pissarro::core::inline compare
