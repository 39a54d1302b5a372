// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare/update_maps_card.h"

#include "ui/look/metrics.h"
#include "ui/services/run_pair.h"
#include "ui/widgets/accessible.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QSet>
#include <QSlider>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

namespace pissarro::ui {

namespace {

using enum UpdateMapsCard::Measure;
constexpr int kLeastMap = 190; // px
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

QString textOfValue(int measure, double value)
{
    return measure == Change ? formatPercent(value) : formatNumber(value, 3);
}

double valueIn(const PairMatrix& matrix, int measure)
{
    return measure == Change ? matrix.change : matrix.effectiveRank;
}

// Letters where they tell the types apart ("q k v o g u d"): the columns are narrow. Else their short names.
QStringList letteredTypes(const QStringList& types)
{
    QStringList names;
    QStringList letters;
    for (const QString& type : types) {
        names.append(shortType(type.toStdString()));
        letters.append(names.last().left(1));
    }
    return QSet<QString>(letters.begin(), letters.end()).size() == letters.size() ? letters : names;
}

QString proposalText(const core::RankMap& map, const QString& run, const QString& fewer)
{
    const auto [least, most] =
        std::minmax_element(map.ranks.begin(), map.ranks.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; });
    const QString low = formatCount(least->second);
    const QString high = formatCount(most->second);
    return low == high
        ? UpdateMapsCard::tr("Rank for the next run: %1 as %2 needed, %3 fewer parameters")
              .arg(low, run, fewer)
        : UpdateMapsCard::tr("Ranks for the next run: %1 to %2 as %3 needed, %4 fewer parameters")
              .arg(low, high, run, fewer);
}

double meanOf(const PairSide& side, std::int64_t step, int measure)
{
    const PairState* state = side.stateAt(step);
    double sum = 0.0;
    int count = 0;
    for (qsizetype i = 0; state != nullptr && i < state->matrices.size(); ++i) {
        const double value = valueIn(state->matrices[i], measure);
        sum += std::isnan(value) ? 0.0 : value;
        count += std::isnan(value) ? 0 : 1;
    }
    return count > 0 ? sum / count : kNone;
}

} // namespace

UpdateMapsCard::UpdateMapsCard(QWidget* parent)
    : Card(tr("Where the update went"), parent)
    , m_which(new SegmentedControl(QStringLiteral("pair.maps.which"), tr("What the maps show"),
                                   {tr("A and B"), tr("A − B")}))
    , m_grid(new QGridLayout)
    , m_slider(new QSlider(Qt::Horizontal))
    , m_stepLine(new QLabel)
    , m_summary(new QLabel)
{
    setSubtitle(tr("click a cell for its matrix"));
    addTitleWidget(m_which);
    connect(m_which, &SegmentedControl::changed, this, [this] {
        layOut();
        if (m_pair != nullptr) {
            showMaps(*m_pair);
        }
    });
    buildMaps();
    body()->addLayout(m_grid, 1);
    buildFoot();
    layOut();
}

void UpdateMapsCard::buildMaps()
{
    const std::array<QString, 4> names {
        QStringLiteral("pair.change.a"), QStringLiteral("pair.change.b"),
        QStringLiteral("pair.rank.a"), QStringLiteral("pair.rank.b")};
    const std::array<QString, 4> spoken {
        tr("Change of each matrix, run A"), tr("Change of each matrix, run B"),
        tr("Effective rank of each change, run A"), tr("Effective rank of each change, run B")};
    for (int measure = 0; measure < MeasureCount; ++measure) {
        for (int side = 0; side < 2; ++side) {
            const std::size_t at = place(measure, side);
            auto* map = new HeatMap(names[at], spoken[at]);
            map->setNarrow(true);
            map->setMinimumHeight(scaled(kLeastMap));
            map->setBarInSight(side == 1);
            map->setRangeInSight(false); // one bar for both
            map->setCorner(tr("layer"));
            map->setRowTitle(tr("Layer"));
            map->setTexts(
                [measure](double value) { return textOfValue(measure, value); },
                [this, measure, side](HeatCell cell) { return toolTipOf(measure, side, cell); });
            map->installEventFilter(this);
            connect(map, &HeatMap::selectionChanged, this, [this, map] {
                if (!map->selection().isEmpty()) {
                    select(map->selection().last());
                }
            });
            m_maps[at] = map;
            m_titles[at] = new QLabel;
            m_titles[at]->setProperty("role", QByteArray("small"));
            m_titles[at]->setTextFormat(Qt::RichText); // a dot in the run's colour
            m_titles[at]->setMinimumWidth(1); // a long name never widens the maps
        }
        m_headlines[static_cast<std::size_t>(measure)] =
            new QLabel(measure == Change ? tr("Change ‖ΔW‖ / ‖W‖") : tr("Effective rank of ΔW"));
        QFont bold = m_headlines[static_cast<std::size_t>(measure)]->font();
        bold.setWeight(QFont::DemiBold);
        m_headlines[static_cast<std::size_t>(measure)]->setFont(bold);
    }
}

void UpdateMapsCard::setLooks(const std::array<Look, 2>& looks)
{
    m_looks = looks;
    showTitles();
    if (m_pair != nullptr) {
        showMaps(*m_pair);
        showFoot(*m_pair);
    }
}

void UpdateMapsCard::show(const RunPair& pair)
{
    m_pair = &pair;
    setGrid(pair);
    const std::vector<std::int64_t> steps = pair.steps();
    const QSignalBlocker quiet(m_slider);
    if (std::exchange(m_steps, steps) != steps) {
        m_slider->setRange(0, std::max(0, static_cast<int>(steps.size()) - 1));
        m_stepChosen = m_stepChosen && !steps.empty();
    }
    if (!m_stepChosen) { // also where B, known later, has a later usual one among the same steps
        const auto usual = std::find(steps.begin(), steps.end(), pair.usualStep());
        m_slider->setValue(usual == steps.end() ? m_slider->maximum()
                                                : static_cast<int>(usual - steps.begin()));
    }
    m_slider->setEnabled(m_steps.size() > 1);
    showStep();
    showMaps(pair);
    showFoot(pair);
}

// The layers and types of both; it stands as soon as one of them is known and grows by what only the other has.
void UpdateMapsCard::setGrid(const RunPair& pair)
{
    std::set<std::int64_t> layers;
    QStringList types;
    for (int side = 0; side < 2; ++side) {
        for (const core::LinearModule& module : pair.side(side).modules) {
            layers.insert(module.layer);
            const QString type = QString::fromStdString(module.type);
            if (!types.contains(type)) {
                types.append(type);
            }
        }
    }
    const std::vector<std::int64_t> rows(layers.begin(), layers.end());
    if (rows.empty() || (rows == m_layers && types == m_types)) {
        return; // while nothing is known the grid stays: nothing jumps
    }
    m_layers = rows;
    m_types = types;
    m_cells.clear();
    m_modules.fill(QString(), 0);
    m_modules.resize(static_cast<qsizetype>(rows.size()) * types.size());
    for (int side = 0; side < 2; ++side) {
        for (const core::LinearModule& module : pair.side(side).modules) {
            const auto row = std::find(rows.begin(), rows.end(), module.layer) - rows.begin();
            const HeatCell cell {
                static_cast<int>(row),
                static_cast<int>(types.indexOf(QString::fromStdString(module.type)))};
            const QString name = QString::fromStdString(module.name);
            m_cells.insert(name, cell);
            m_modules[qsizetype {cell.row} * types.size() + cell.column] = name;
        }
    }
    QStringList rowTexts;
    for (const std::int64_t layer : rows) {
        rowTexts.append(QString::number(layer));
    }
    const QStringList columns = letteredTypes(types);
    for (HeatMap* map : m_maps) {
        map->setGrid(rowTexts, columns);
    }
    if (!m_cells.contains(m_module)) {
        m_module = m_modules.value(0);
        for (const QString& name : std::as_const(m_modules)) {
            m_module = m_module.isEmpty() ? name : m_module;
        }
        Q_EMIT matrixChosen();
    }
    showSelection();
}

std::int64_t UpdateMapsCard::step() const
{
    const auto at = static_cast<std::size_t>(m_slider->value());
    return at < m_steps.size() ? m_steps[at] : 0;
}

void UpdateMapsCard::moveStep(int by)
{
    m_slider->setValue(m_slider->value() + by);
}

void UpdateMapsCard::showStep()
{
    m_stepLine->setText(m_steps.empty() ? QString() : tr("step %1").arg(formatCount(step())));
}

double UpdateMapsCard::valueOf(int measure, int side, HeatCell cell) const
{
    const QString name = m_modules.value(qsizetype {cell.row} * m_types.size() + cell.column);
    const PairMatrix* matrix = name.isEmpty() ? nullptr : m_pair->side(side).matrixAt(name, step());
    return matrix == nullptr ? kNone : valueIn(*matrix, measure);
}

void UpdateMapsCard::showMaps(const RunPair& pair)
{
    m_pair = &pair;
    const bool differences = m_which->current() == 1;
    for (int measure = 0; measure < MeasureCount; ++measure) {
        std::array<QVector<double>, 2> values;
        for (qsizetype i = 0; i < m_modules.size(); ++i) {
            const HeatCell cell {static_cast<int>(i / m_types.size()),
                                 static_cast<int>(i % m_types.size())};
            const double a = valueOf(measure, 0, cell);
            const double b = valueOf(measure, 1, cell);
            values[0].append(differences ? a - b : a);
            values[1].append(b);
        }
        HeatScale scale;
        double low = std::numeric_limits<double>::infinity();
        double high = -low;
        for (const auto& some : values) {
            for (const double value : some) {
                low = std::isfinite(value) ? std::min(low, value) : low;
                high = std::isfinite(value) ? std::max(high, value) : high;
            }
            if (differences) {
                break;
            }
        }
        if (low <= high) { // one scale for both; of differences as far to either side
            const double most = std::max(std::abs(low), std::abs(high));
            scale.lower = differences ? -most : low;
            scale.upper = differences ? most : high;
        }
        if (differences) {
            scale.lowerColor = m_looks[1].color;
            scale.upperColor = m_looks[0].color;
        }
        for (int side = 0; side < 2; ++side) {
            const std::size_t at = place(measure, side);
            m_maps[at]->setScale(scale);
            m_maps[at]->setValues(values[static_cast<std::size_t>(side)]);
        }
    }
    showTitles();
}

QString UpdateMapsCard::toolTipOf(int measure, int side, HeatCell cell) const
{
    const QString name = m_modules.value(qsizetype {cell.row} * m_types.size() + cell.column);
    if (name.isEmpty() || m_pair == nullptr) {
        return tr("No run trained such a matrix");
    }
    const double a = valueOf(measure, 0, cell);
    const double b = valueOf(measure, 1, cell);
    if (m_which->current() == 1) {
        return tr("%1\nA %2, B %3").arg(name, textOfValue(measure, a), textOfValue(measure, b));
    }
    const double value = side == 0 ? a : b;
    if (std::isnan(value)) {
        return tr("%1\nnot measured").arg(name);
    }
    const PairSide& of = m_pair->side(side);
    const std::int64_t rank = of.ranks.value(of.placeOf(name));
    return measure == EffectiveRank && rank > 0
        ? tr("%1\n%2 of rank %3").arg(name, textOfValue(measure, value), formatCount(rank))
        : tr("%1\n%2").arg(name, textOfValue(measure, value));
}

void UpdateMapsCard::showFoot(const RunPair& pair)
{
    QStringList sentences;
    for (int side = 0; side < 2; ++side) {
        const PairSide& one = pair.side(side);
        const QString& title = m_looks[static_cast<std::size_t>(side)].title;
        const double change = meanOf(one, step(), Change);
        const double rank = meanOf(one, step(), EffectiveRank);
        if (!std::isnan(rank)) {
            sentences << (std::isnan(change)
                              ? tr("%1: effective rank of the change %2 on average.")
                                    .arg(title, formatNumber(rank, 2))
                              : tr("%1: changed by %2, effective rank of the change %3 on average.")
                                    .arg(title, formatPercent(change), formatNumber(rank, 2)));
        }
        if (!one.problem.isEmpty()) {
            sentences << one.problem;
        }
        QPushButton* use = m_use[static_cast<std::size_t>(side)];
        use->setVisible(one.proposal.has_value());
        if (one.proposal) {
            const double fewer = 1.0
                - static_cast<double>(one.proposal->parameters)
                    / static_cast<double>(std::max<std::int64_t>(1, one.parameters));
            use->setText(proposalText(*one.proposal, title, formatPercent(fewer)));
            use->setAccessibleName(use->text());
            use->setToolTip(QString::fromStdString(one.proposal->reason));
        }
    }
    m_summary->setText(sentences.join(QLatin1Char(' ')));
}

void UpdateMapsCard::select(HeatCell cell)
{
    const QString name = m_modules.value(qsizetype {cell.row} * m_types.size() + cell.column);
    if (!name.isEmpty() && std::exchange(m_module, name) != name) {
        showSelection();
        Q_EMIT matrixChosen();
    } else {
        showSelection(); // the maps stay of one mind
    }
}

void UpdateMapsCard::showSelection()
{
    const auto cell = m_cells.constFind(m_module);
    for (HeatMap* map : m_maps) {
        map->setSelection(cell == m_cells.cend() ? QVector<HeatCell>() : QVector<HeatCell> {*cell});
    }
}

// The arrows choose, as a click does.
bool UpdateMapsCard::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() != QEvent::KeyPress || m_types.isEmpty()) {
        return Card::eventFilter(watched, event);
    }
    const auto* key = static_cast<QKeyEvent*>(event);
    const int down = key->key() == Qt::Key_Down ? 1 : key->key() == Qt::Key_Up ? -1 : 0;
    const int right = key->key() == Qt::Key_Right ? 1 : key->key() == Qt::Key_Left ? -1 : 0;
    if ((down == 0 && right == 0) || key->modifiers() != Qt::NoModifier) {
        return Card::eventFilter(watched, event);
    }
    const HeatCell now = m_cells.value(m_module);
    select({std::clamp(now.row + down, 0, static_cast<int>(m_layers.size()) - 1),
            std::clamp(now.column + right, 0, static_cast<int>(m_types.size()) - 1)});
    tellCurrentCell(static_cast<HeatMap*>(watched));
    return true;
}

} // namespace pissarro::ui
