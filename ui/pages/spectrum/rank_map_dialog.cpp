// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/spectrum/rank_map_dialog.h"

#include "core/base/error.h"
#include "core/model/model_files.h"
#include "core/model/rank_pattern.h"
#include "ui/look/metrics.h"
#include "ui/pages/spectrum/rank_table_model.h"
#include "ui/pages/spectrum/spectrum_facts.h"
#include "ui/services/services.h"
#include "ui/widgets/card.h"
#include "ui/widgets/dialog_ground.h"
#include "ui/widgets/drop_question.h"
#include "ui/widgets/file_dialogs.h"
#include "ui/widgets/widget_export.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFileInfo>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QStyle>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <string>

namespace pissarro::ui {

namespace {

constexpr int kWidth = 620; // px
constexpr int kHeight = 640;
constexpr int kBarSteps = 1000;

// The rank that a file gives to each linear module. Throws: core::Error, core::Cancelled.
core::RankMap readRankMap(const std::string& path, const core::ModelFiles& model, std::int64_t rank,
                          const core::JobContext& job)
{
    const core::RankPatterns patterns = core::readRankPatterns(path);
    core::RankMap map;
    for (const core::LinearModule& module : model.linearModules()) {
        job.throwIfCancelled();
        map.ranks[module.name] = std::min(
            core::rankAndAlphaOf(module.name, rank, 0.0, patterns).rank, module.smallerSide());
    }
    return map;
}

} // namespace

RankMapDialog::RankMapDialog(Services& services, QWidget* parent)
    : QDialog(parent)
    , m_services(services)
    , m_before(services.ranks.map())
    , m_model(new RankTableModel(services.model.files()->linearModules(), this))
    , m_table(new QTableView)
    , m_rule(new QComboBox)
    , m_validator(new RuleValidator(this))
    , m_value(new QLineEdit)
    , m_apply(new QPushButton)
    , m_bar(new QProgressBar)
    , m_line(new QLabel)
    , m_figures(new QLabel)
{
    setObjectName(QStringLiteral("dialog.rankMap"));
    setWindowTitle(tr("Rank of each matrix"));
    setAttribute(Qt::WA_DeleteOnClose);
    sizeAsDrawn(this, {kWidth, kHeight});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 14, 14, 14);
    layout->setSpacing(12);
    buildRules(Card::bodyOfNew(layout, tr("Rule")));
    QVBoxLayout* ranks = Card::bodyOfNew(layout, tr("Ranks by layer and module"), 1);
    m_table->setObjectName(QStringLiteral("rankMap.table"));
    m_table->setAccessibleName(tr("Rank by layer and module"));
    m_table->setModel(m_model);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setTabKeyNavigation(false); // Tab leaves it, arrows walk it
    m_table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::AnyKeyPressed
                             | QAbstractItemView::EditKeyPressed);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    m_table->verticalHeader()->setDefaultSectionSize(scaled(22));
    m_table->verticalHeader()->setObjectName(QStringLiteral("tightHeader"));
    m_table->setShowGrid(false);
    auto* cells = new RankCellDelegate(m_table);
    m_table->setItemDelegate(cells);
    connect(cells, &RankCellDelegate::refused, this, [this](const QString& problem) {
        say(tr("The rank %1; it stays as it was.").arg(problem), true);
    });
    m_table->setCornerButtonEnabled(true);
    m_table->setToolTip(tr("Select cells, rows or columns and type a rank for all of them"));
    ranks->addWidget(m_table, 1);
    m_figures->setObjectName(QStringLiteral("rankMap.figures"));
    ranks->addWidget(m_figures);
    buildFoot(layout);
    connect(&m_files, &JobBridge::failed, this,
            [this](quint64, const QString& problem) { say(problem, true); });
    connect(m_model, &RankTableModel::edited, this, &RankMapDialog::takeEdit);
    connect(&m_services.ranks, &RankChoice::mapChanged, this, &RankMapDialog::showMap);
    connect(&m_services.model, &Model::opened, this, &QDialog::accept); // nothing to bring back
    connect(&m_services.rankSearch, &RankSearch::stateChanged, this, &RankMapDialog::showSearch);
    showRule();
    showState();
    showMap();
}

RankMapDialog::~RankMapDialog()
{
    m_services.rankSearch.cancel();
}

void RankMapDialog::reject()
{
    if (m_services.rankSearch.isRunning()) {
        askToDrop(this, tr("The search for ranks is not finished."), [this] { cancel(); });
    } else {
        cancel();
    }
}

void RankMapDialog::cancel()
{
    m_services.rankSearch.cancel();
    m_services.ranks.setMap(m_before);
    QDialog::reject();
}

void RankMapDialog::buildRules(QVBoxLayout* into)
{
    m_rule->setObjectName(QStringLiteral("rankMap.rule"));
    m_rule->setAccessibleName(tr("Rule"));
    addRules(m_rule);
    m_value->setObjectName(QStringLiteral("rankMap.value"));
    m_value->setAccessibleName(tr("Value of the rule"));
    m_value->setValidator(m_validator);
    connect(m_validator, &RuleValidator::refused, this,
            [this](const QString& problem) { say(problem, true); });
    m_apply->setObjectName(QStringLiteral("rankMap.apply"));
    m_apply->setDefault(false);
    m_apply->setAutoDefault(false);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_rule);
    row->addWidget(m_value, 1);
    row->addWidget(m_apply);
    into->addLayout(row);
    m_bar->setObjectName(QStringLiteral("rankMap.progress"));
    m_bar->setAccessibleName(tr("Progress of the search"));
    m_bar->setRange(0, kBarSteps);
    m_bar->setTextVisible(false);
    m_bar->setFixedHeight(scaled(6));
    QSizePolicy kept = m_bar->sizePolicy();
    kept.setRetainSizeWhenHidden(true); // the table stays where it is
    m_bar->setSizePolicy(kept);
    into->addWidget(m_bar);
    m_line->setObjectName(QStringLiteral("rankMap.line"));
    m_line->setWordWrap(true);
    m_line->setMinimumHeight(3 * m_line->fontMetrics().lineSpacing());
    m_line->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    into->addWidget(m_line);
    connect(m_rule, &QComboBox::currentIndexChanged, this, &RankMapDialog::showRule);
    connect(m_value, &QLineEdit::returnPressed, this, &RankMapDialog::applyRule);
    connect(m_apply, &QPushButton::clicked, this, [this] {
        if (m_services.rankSearch.isRunning()) {
            m_services.rankSearch.cancel();
        } else {
            applyRule();
        }
    });
}

void RankMapDialog::buildFoot(QVBoxLayout* into)
{
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    const auto add = [&](const char* name, const QString& text, auto&& run) {
        auto* button = new QPushButton(text);
        button->setObjectName(QLatin1String(name));
        button->setAutoDefault(false);
        connect(button, &QPushButton::clicked, this, run);
        row->addWidget(button);
    };
    add("rankMap.load", tr("Open…"), [this] { load(); });
    add("rankMap.save", tr("Save…"), [this] { save(); });
    add("rankMap.copy", tr("Copy rank_pattern"), [this] {
        QApplication::clipboard()->setText(rankMapJson(shownMap()));
        say(tr("Copied rank_pattern and alpha_pattern as JSON."), false);
    });
    row->addStretch(1);
    add("rankMap.cancel", tr("Cancel"), [this] { cancel(); });
    add("rankMap.close", tr("Done"), [this] { accept(); });
    into->addLayout(row);
}

void RankMapDialog::showRule()
{
    const auto rule = ruleOf(m_rule);
    m_validator->setRule(rule);
    m_value->setText(ruleDefault(rule));
    m_value->setPlaceholderText(ruleHint(rule));
    m_value->setEnabled(takesValue(rule) && !m_services.rankSearch.isRunning());
    if (isLong(rule)) {
        say(tr("Apply quantizes every matrix at several ranks: a minute and more."), false);
    } else {
        say(rankReason(shownMap()), false);
    }
}

void RankMapDialog::showSearch()
{
    const State& state = m_services.rankSearch.state();
    if (const auto* running = std::get_if<Running>(&state)) {
        if (running->fraction >= 0.0) {
            m_bar->setValue(static_cast<int>(running->fraction * kBarSteps));
        }
        return;
    }
    showState();
    if (std::holds_alternative<Ready>(state)) {
        showMap();
    } else {
        say(tr("Not finished: the ranks are as they were."), false);
    }
}

void RankMapDialog::showState()
{
    const bool busy = m_services.rankSearch.isRunning();
    const auto rule = ruleOf(m_rule);
    m_apply->setText(busy ? tr("Cancel") : tr("Apply"));
    m_rule->setEnabled(!busy);
    m_value->setEnabled(!busy && takesValue(rule));
    m_bar->setVisible(busy);
    m_bar->setValue(0);
}

void RankMapDialog::setRule(RankRule rule, const QString& value)
{
    if (m_services.rankSearch.isRunning()) {
        return; // what runs stays what is shown
    }
    const auto& all = allRules();
    m_rule->setCurrentIndex(
        static_cast<int>(std::find(all.begin(), all.end(), rule) - all.begin()));
    m_value->setText(value);
}

void RankMapDialog::applyRule()
{
    const auto rule = ruleOf(m_rule);
    if (isLong(rule)) {
        if (const auto question = rankQuestion(rule, m_value->text())) {
            m_services.rankSearch.find(*question);
            showState();
            say(tr("Quantizing every matrix at several ranks…"), false);
        } else {
            say(valueProblem(rule, m_value->text()), true);
        }
        return;
    }
    const RuleOutcome outcome = ui::applyRule(m_services, rule, m_value->text());
    if (!outcome.problem.isEmpty()) {
        say(outcome.problem, true);
        return;
    }
    m_services.ranks.setMap(outcome.map);
    showMap();
}

core::RankMap RankMapDialog::shownMap() const
{
    const core::RankMap& map = m_services.ranks.map();
    return map.ranks.empty() ? uniformMap(m_services, m_services.ranks.rank()) : map;
}

void RankMapDialog::showMap()
{
    const core::RankMap map = shownMap();
    m_model->setMap(map);
    say(rankReason(map), false);
    m_figures->setText(
        tr("Ranks %1 · %2 parameters · %3 in float32", nullptr, pluralOf(map.parameters))
            .arg(rankRange(map), formatCount(map.parameters), formatBytes(4 * map.parameters)));
}

// The typed rank goes to every selected matrix, cut to what each has.
void RankMapDialog::takeEdit(const QModelIndex& index, int rank)
{
    core::RankMap map = shownMap();
    QModelIndexList cells = m_table->selectionModel()->selectedIndexes();
    if (!cells.contains(index)) {
        cells = {index};
    }
    int cut = 0;
    for (const QModelIndex& cell : std::as_const(cells)) {
        if (const core::LinearModule* module = m_model->moduleAt(cell)) {
            map.ranks[module->name] = std::min<std::int64_t>(rank, module->smallerSide());
            cut += rank > module->smallerSide() ? 1 : 0;
        }
    }
    describeMap(m_services, map, tr("Edited by hand."));
    m_services.ranks.setMap(map);
    showMap(); // also where the reason stays the same
    if (cut > 0) {
        say(tr("%1 of %2 matrices got less than %3: they have no more singular values.", nullptr,
               pluralOf(cells.size()))
                .arg(formatCount(cut), formatCount(cells.size()), formatCount(rank)),
            true);
    }
}

void RankMapDialog::save()
{
    const auto write = [this](const QString& path) {
        saveOutput(
            this, path, [text = rankMapJson(shownMap())] { return text.toUtf8(); },
            [this](const QString& problem) {
                say(problem.isEmpty() ? tr("Saved; pissarro-cli train --rank-map reads it.")
                                      : problem,
                    !problem.isEmpty());
            });
    };
    askToSave(this, tr("Save the rank map"), QStringLiteral("rank_map.json"),
              tr("Rank map (*.json)"), write);
}

void RankMapDialog::load()
{
    askToOpen(this, tr("Open a rank map"), tr("Rank map or adapter_config.json (*.json)"),
              [this](const QString& path) { take(path); });
}

// A file may be large, and its keys costly to match: all of it on a worker.
void RankMapDialog::take(const QString& path)
{
    say(tr("Reading %1…").arg(QFileInfo(path).fileName()), false);
    m_files.start<core::RankMap>(
        [path = path.toStdString(), model = m_services.model.files(),
         rank = m_services.ranks.rank()](const core::JobContext& job) {
            return readRankMap(path, *model, rank, job);
        },
        [this, path](core::RankMap map) { // a new model would have closed the dialog
            describeMap(m_services, map, tr("From %1.").arg(QFileInfo(path).fileName()));
            m_services.ranks.setMap(map);
        });
}

void RankMapDialog::say(const QString& text, bool bad)
{
    m_line->setText(text);
    m_line->setProperty("role", bad ? QByteArray("bad") : QByteArray("muted"));
    m_line->style()->unpolish(m_line);
    m_line->style()->polish(m_line);
}

} // namespace pissarro::ui
