// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/spectrum/spectrum_page.h"

#include "ui/look/theme.h"
#include "ui/pages/spectrum/energy_card.h"
#include "ui/pages/spectrum/heat_card.h"
#include "ui/pages/spectrum/quant_error_meter.h"
#include "ui/pages/spectrum/rank_card.h"
#include "ui/pages/spectrum/rank_map_history.h"
#include "ui/pages/spectrum/sigma_card.h"
#include "ui/plot/line_plot.h"
#include "ui/services/services.h"
#include "ui/widgets/page_action.h"
#include "ui/widgets/page_splitter.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/format.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace pissarro::ui {

namespace {

constexpr double kAdvisedShare = 0.9;

} // namespace

SpectrumPage::SpectrumPage(Services& services, QWidget* parent)
    : Page(parent)
    , m_services(services)
    , m_sigma(new SigmaCard)
    , m_energy(new EnergyCard)
    , m_heat(new HeatCard(services))
    , m_rank(new RankCard)
    , m_history(new RankMapHistory(services, this))
    , m_quantError(new QuantErrorMeter(this))
{
    buildLayout();
    buildSweepActions();
    buildActions();
    connectCards();
    buildCompareMenu();
    connect(&m_services.model, &Model::opened, this, &SpectrumPage::showModel);
    connect(&m_services.fastSvd, &FastSvdMeter::stateChanged, this,
            &SpectrumPage::tellOfMeasurement);
    connect(&m_services.spectra, &Spectra::arrived, this, [this](const QStringList& arrived) {
        if (isVisible()) {
            showSpectra(arrived);
        } else {
            whenInSight("spectra", [this] { showSpectra(m_services.spectra.all().keys()); });
        }
    });
    connect(&m_services.ranks, &RankChoice::rankChanged, this, &SpectrumPage::showRank);
    connect(&m_services.ranks, &RankChoice::mapChanged, this, &SpectrumPage::showMap);
    connect(&m_services.ranks, &RankChoice::sliceChanged, this, &SpectrumPage::showSlice);
    connect(&m_services.comparison, &Comparison::changed, this, &SpectrumPage::showUpdates);
    connect(&m_services.data, &Data::changed, this, &SpectrumPage::showReadOuts);
    connect(m_quantError, &QuantErrorMeter::changed, this, &SpectrumPage::showReadOuts);
    connect(&Theme::instance(), &Theme::changed, this, &SpectrumPage::showSelection);
    showModel();
}

void SpectrumPage::buildLayout()
{
    auto* left = pageSplitter("spectrum.rows", Qt::Vertical, m_sigma, m_energy, {500, 250});
    auto* right = pageSplitter("spectrum.sideRows", Qt::Vertical, m_heat, m_rank, {460, 290});
    auto* columns = pageSplitter("spectrum.columns", Qt::Horizontal, left, right, {880, 388});
    left->setStretchFactor(0, 2);
    left->setStretchFactor(1, 1);
    right->setStretchFactor(0, 1);
    right->setStretchFactor(1, 0);
    columns->setStretchFactor(0, 1);
    columns->setStretchFactor(1, 0);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->addWidget(columns);
}

Invitation SpectrumPage::invitation() const
{
    return {
        tr("The singular values of every matrix"),
        tr("Open a model: its spectra appear here within a second, and fill in behind."),
    };
}

void SpectrumPage::buildSweepActions()
{
    QAction* again =
        addPageAction(this, QStringLiteral("spectrum.sweep"), tr("&Compute missing spectra"), {},
                      [this] { m_services.spectra.restart(); });
    QAction* cancel =
        addPageAction(this, QStringLiteral("spectrum.cancelSweep"), tr("Cancel the &sweep"), {},
                      [this] { m_services.spectra.cancel(); });
    const auto update = [this, again, cancel] {
        again->setEnabled(m_services.model.files() && !m_services.spectra.isRunning()
                          && m_services.spectra.all().size() < m_services.spectra.total());
        cancel->setEnabled(m_services.spectra.isRunning());
    };
    connect(&m_services.spectra, &Spectra::stateChanged, this, update);
    connect(&m_services.model, &Model::opened, this, update);
    update();
    addActionSeparator(this);
}

void SpectrumPage::buildActions()
{
    const auto add = [this](const char* name, const QString& text, const QKeySequence& keys,
                            auto run) {
        return addPageAction(this, QLatin1String(name), text, keys, [this, run] {
            if (m_services.model.files()) {
                run();
            }
        });
    };
    add("spectrum.toggleScale", tr("&Logarithmic, linear or log–log"),
        QKeySequence(Qt::CTRL | Qt::Key_G),
        [this] { m_sigma->scale()->setCurrent((m_sigma->scale()->current() + 1) % 3); });
    add("spectrum.toggleResidual", tr("&Weights or residual"),
        QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_R),
        [this] { m_sigma->content()->setCurrent(m_sigma->content()->current() == 0 ? 1 : 0); });
    add("spectrum.followEnergy", tr("Rank that keeps &90 % energy"),
        QKeySequence(Qt::ALT | Qt::Key_9), [this] { m_rank->followEnergyAdvice(); });
    add("spectrum.followKnee", tr("Rank at the &knee"), QKeySequence(Qt::CTRL | Qt::Key_K),
        [this] { m_rank->followKneeAdvice(); });
    add("spectrum.showUpdate", tr("&Change by fine-tuning"),
        QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_D),
        [this] { m_sigma->content()->setCurrent(2); });
    add("spectrum.editMap", tr("&Rank of each matrix…"),
        QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_E), [this] { editMap(); });
    add("spectrum.meter", tr("Measure the &fast SVD…"),
        QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_F), [this] { measure(); });
    add("spectrum.export", tr("E&xport the plot…"), QKeySequence(Qt::CTRL | Qt::Key_E),
        [this] { m_sigma->openExport(); });
    add("spectrum.showEverything", tr("&Show everything"), {},
        [this] { m_sigma->plot()->resetView(); });
    add("spectrum.trainWithRank", tr("&Train with this rank"), QKeySequence(Qt::CTRL | Qt::Key_T),
        [this] { m_rank->train(); });
}

void SpectrumPage::connectCards()
{
    connect(m_sigma, &SigmaCard::rankMoved, this, &SpectrumPage::chooseRank);
    connect(m_energy, &EnergyCard::rankMoved, this, &SpectrumPage::chooseRank);
    connect(m_rank, &RankCard::rankChosen, this, &SpectrumPage::chooseRank);
    connect(m_rank, &RankCard::trainRequested, this,
            [this] { Q_EMIT go(QStringLiteral("train"), {}); });
    connect(m_heat, &HeatCard::selectionChanged, this, &SpectrumPage::showSelection);
    connect(m_rank, &RankCard::oneForAllChosen, this, [this] { m_services.ranks.setMap({}); });
    connect(m_rank, &RankCard::perMatrixChosen, this, &SpectrumPage::beginMap);
    connect(m_rank, &RankCard::ruleChosen, this, &SpectrumPage::applyRule);
    connect(m_rank, &RankCard::editRequested, this, &SpectrumPage::editMap);
    connect(m_rank, &RankCard::copyRequested, this,
            [this] { QApplication::clipboard()->setText(rankMapJson(m_services.ranks.map())); });
    connect(m_rank, &RankCard::sliceChosen, &m_services.ranks, &RankChoice::setSlice);
    connect(m_sigma, &SigmaCard::scaleChanged, m_energy,
            [this] { m_energy->setLogRank(m_sigma->hasLogIndex()); });
    connect(m_sigma, &SigmaCard::contentChanged, this, &SpectrumPage::showAngles);
    connect(m_heat, &HeatCard::exportFailed, this, [this](const QString& message) {
        Q_EMIT failed({tr("Could not export the map"), {}, message});
    });
    // Both share x, unless one shows angles.
    const auto link = [this](LinePlot* from, LinePlot* to) {
        connect(from, &LinePlot::xViewChanged, to, [this, to](double lower, double upper) {
            if (!m_sigma->showsUpdate()) {
                to->setXView(lower, upper);
            }
        });
        connect(from, &LinePlot::viewReset, to, &LinePlot::resetView);
    };
    link(m_sigma->plot(), m_energy->plot());
    link(m_energy->plot(), m_sigma->plot());
}

// The middle layer's q, v and down: one of each kind that differs.
void SpectrumPage::showModel()
{
    const auto model = m_services.model.files();
    m_heat->showModel();
    m_quantError->setModel(model);
    m_colorOf.clear();
    if (!model) {
        return;
    }
    const std::vector<core::LinearModule>& modules = model->linearModules();
    const std::int64_t middle = modules.empty() ? 0 : modules.back().layer / 2;
    QVector<int> preferred;
    QVector<int> others;
    for (int i = 0; i < static_cast<int>(modules.size()); ++i) {
        const core::LinearModule& module = modules[static_cast<std::size_t>(i)];
        if (module.layer == middle) {
            const bool wanted =
                module.type == "q_proj" || module.type == "v_proj" || module.type == "down_proj";
            (wanted ? preferred : others).append(i);
        }
    }
    m_heat->map()->selectModules(preferred.isEmpty() ? others.mid(0, 3) : preferred);
    m_sigma->plot()->resetView();
    showRank();
    showSelection();
}

void SpectrumPage::showSelection()
{
    const auto model = m_services.model.files();
    if (!model) {
        return;
    }
    const QVector<MatrixView> matrices = selectedMatrices();
    m_sigma->setMatrices(matrices);
    m_energy->setMatrices(matrices);
    if (!m_services.ranks.map().ranks.empty()) {
        m_sigma->setRanks(shownRank(), largestRank());
        m_energy->setRanks(shownRank(), largestRank());
    }
    m_rank->setAdvice(adviseByEnergy(matrices, kAdvisedShare), adviseByKnee(matrices),
                      adviseByThreshold(matrices));
    showSlice(); // and the read-outs

    QStringList first; // what is on screen, then the rest of the layer
    for (const MatrixView& matrix : matrices) {
        first.append(QString::fromStdString(matrix.module->name));
    }
    for (const core::LinearModule& module : model->linearModules()) {
        if (!matrices.isEmpty() && module.layer == matrices.first().module->layer) {
            const QString name = QString::fromStdString(module.name);
            first.append(first.contains(name) ? QStringList() : QStringList {name});
        }
    }
    m_services.spectra.setOnScreen(first);
}

void SpectrumPage::showSpectra(const QStringList& arrived)
{
    m_heat->showSpectra(arrived);
    const auto model = m_services.model.files();
    const QVector<int> selected = selectedModules();
    const bool onScreen = std::any_of(selected.begin(), selected.end(), [&](int index) {
        return arrived.contains(
            QString::fromStdString(model->linearModules()[static_cast<std::size_t>(index)].name));
    });
    if (onScreen) {
        showSelection();
    } else {
        showReadOuts();
    }
}

// The map may still show the model before, which had more.
QVector<int> SpectrumPage::selectedModules() const
{
    QVector<int> selected = m_heat->map()->selectedModules();
    selected.removeIf([count = m_services.model.files()->linearModules().size()](int index) {
        return static_cast<std::size_t>(index) >= count;
    });
    return selected;
}

QVector<MatrixView> SpectrumPage::selectedMatrices()
{
    const auto model = m_services.model.files();
    const std::vector<core::LinearModule>& modules = model->linearModules();
    const QVector<int> selected = selectedModules();
    m_colorOf.removeIf(
        [&](const QHash<int, int>::iterator& at) { return !selected.contains(at.key()); });
    const bool oneType = std::all_of(selected.begin(), selected.end(), [&](int index) {
        return modules[static_cast<std::size_t>(index)].type
            == modules[static_cast<std::size_t>(selected.first())].type;
    });
    QVector<MatrixView> matrices;
    for (const int index : selected) {
        const auto module = static_cast<std::size_t>(index);
        MatrixView view;
        view.module = {model, &modules[module]};
        const QString name = QString::fromStdString(view.module->name);
        view.spectrum = m_services.spectra.all().value(name);
        view.update = m_services.comparison.updates().value(name);
        view.rank = rankOf(m_services, *view.module);
        view.first = sliceStartOf(m_services, *view.module);
        if (selected.size() > kMostNeutral) {
            view.color = crowdColor(modules, module, oneType);
        } else {
            if (!m_colorOf.contains(index)) {
                int place = 0;
                while (m_colorOf.values().contains(place)) {
                    ++place;
                }
                m_colorOf.insert(index, place);
            }
            paintNeutral(view, m_colorOf.value(index));
        }
        matrices.append(view);
    }
    labelMatrices(matrices);
    return matrices;
}

int SpectrumPage::largestRank() const
{
    std::int64_t largest = 1;
    for (const core::LinearModule& module : m_services.model.files()->linearModules()) {
        largest = std::max(largest, module.smallerSide());
    }
    return static_cast<int>(largest);
}

// Of the selected matrices, where each has its own. One beyond every matrix is taken too: the cards say so, and nothing
// trains with it.
void SpectrumPage::chooseRank(int rank)
{
    if (m_services.ranks.map().ranks.empty()) {
        m_services.ranks.setRank(rank);
        return;
    }
    core::RankMap map = m_services.ranks.map();
    for (const MatrixView& matrix : selectedMatrices()) {
        map.ranks[matrix.module->name] =
            std::clamp<std::int64_t>(rank, 1, matrix.module->smallerSide());
    }
    describeMap(m_services, map, tr("Edited by hand."));
    m_services.ranks.setMap(map);
}

// With the map that stood there before, else with the rank that did.
void SpectrumPage::beginMap()
{
    if (!m_services.model.files()) {
        return;
    }
    const core::RankMap last = m_history->lastMap();
    m_services.ranks.setMap(last.ranks.empty() ? uniformMap(m_services, m_services.ranks.rank())
                                               : last);
}

// The rank that the cursor stands at.
int SpectrumPage::shownRank()
{
    const QVector<MatrixView> matrices = selectedMatrices();
    return m_services.ranks.map().ranks.empty() || matrices.isEmpty()
        ? std::min(m_services.ranks.rank(), largestRank())
        : matrices.first().rank;
}

void SpectrumPage::showRank()
{
    if (!m_services.model.files()) {
        return;
    }
    m_sigma->setRanks(shownRank(), largestRank());
    m_energy->setRanks(shownRank(), largestRank());
    m_rank->setRanks(m_services.ranks.rank(), largestRank());
    m_heat->showRank();
    showSlice(); // and the read-outs
}

void SpectrumPage::showMap()
{
    const core::RankMap& map = m_services.ranks.map();
    m_rank->setMap(map.ranks.empty() ? QString() : rankRange(map), rankReason(map));
    m_rank->setMapProblem({});
    showRank();
}

// What the first selected matrix gives to the adapter: a position is the same share of every spectrum.
void SpectrumPage::showSlice()
{
    if (!m_services.model.files()) {
        return;
    }
    const double slice = m_services.ranks.slice();
    const QVector<MatrixView> matrices = selectedMatrices();
    const int smaller = matrices.isEmpty()
        ? largestRank()
        : static_cast<int>(matrices.first().module->smallerSide());
    const int rank =
        matrices.isEmpty() ? std::min(m_services.ranks.rank(), smaller) : matrices.first().rank;
    const int first =
        matrices.isEmpty() ? qRound(slice * (smaller - rank)) : matrices.first().first;
    const QString name = slice == 0.0 ? tr("principal")
        : slice == 1.0                ? tr("minor")
        : slice == 0.5                ? tr("middle")
                                      : formatPercent(slice);
    m_rank->setSlice(
        slice, tr("%1 · %2 to %3").arg(name, formatCount(first + 1), formatCount(first + rank)));
    m_sigma->setSlice(first);
    m_energy->setSlice(first);
    showReadOuts();
}

void SpectrumPage::applyRule(RankRule rule, const QString& value)
{
    if (isLong(rule)) { // a job with progress and Cancel
        editMap();
        return;
    }
    const RuleOutcome outcome = ui::applyRule(m_services, rule, value);
    if (outcome.problem.isEmpty()) {
        m_services.ranks.setMap(outcome.map);
        showMap();
        return;
    }
    m_rank->setMapProblem(outcome.problem);
}

// They sum over every matrix, and measure what four bits leave: not for each pixel that a rank is dragged elsewhere.
void SpectrumPage::showReadOuts()
{
    whenInSight("readOuts", [this] { readOut(); });
}

void SpectrumPage::readOut()
{
    const auto model = m_services.model.files();
    if (!model) {
        return;
    }
    const std::vector<core::LinearModule>& modules = model->linearModules();
    const QVector<MatrixView> selected = selectedMatrices();
    const int rank = m_services.ranks.rank();
    double sum = 0.0;
    int ready = 0;
    for (const auto& one : m_services.spectra.all()) {
        if (!one->spectrum.values.empty()) {
            core::LinearModule module;
            module.name = one->module;
            module.rows = one->spectrum.rows;
            module.cols = one->spectrum.cols;
            sum += core::keptBetween(one->spectrum, sliceStartOf(m_services, module),
                                     rankOf(m_services, module));
            ++ready;
        }
    }
    core::RunSpec spec;
    spec.model = model->path().string();
    spec.rank = rank;
    spec.alpha = rank;
    spec.patterns = m_services.ranks.patterns();
    const std::int64_t parameters = core::adapterParameters(modules, rank, spec.patterns);
    RankReadOuts readOuts;
    readOuts.selected = formatPercent(meanKeptAtOwnRanks(selected));
    readOuts.mean = ready > 0 ? formatPercent(sum / ready) : QStringLiteral("–");
    readOuts.parameters =
        parameters < 1'000'000'000 ? formatCount(parameters) : formatCompact(parameters);
    readOuts.share =
        formatPercent(static_cast<double>(parameters) / static_cast<double>(model->parameters()));
    readOuts.disk = formatBytes(4 * parameters);
    readOuts.memory = formatBytes(m_services.training.memoryEstimate(spec, {}).total());
    m_quantError->ask(selected);
    readOuts.fourBits = m_quantError->text();
    readOuts.fourBitsProblem = m_quantError->problem();
    m_rank->setReadOuts(readOuts);

    const auto smallest =
        std::min_element(modules.begin(), modules.end(),
                         [](const core::LinearModule& a, const core::LinearModule& b) {
                             return a.smallerSide() < b.smallerSide();
                         });
    const bool map = !m_services.ranks.map().ranks.empty();
    const bool fits = map || smallest == modules.end() || rank <= smallest->smallerSide();
    m_rank->setTraining(fits,
                        map ? tr("Opens the Train page with this rank map (Ctrl+T)")
                            : fits
                            ? tr("Opens the Train page with rank %1 (Ctrl+T)").arg(rank)
                            : tr("%1 has only %2 singular values: choose a rank up to %2, or train "
                                 "fewer modules on the Train page")
                                  .arg(QString::fromStdString(smallest->type))
                                  .arg(smallest->smallerSide()));
}

} // namespace pissarro::ui
