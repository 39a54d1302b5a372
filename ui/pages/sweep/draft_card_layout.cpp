// SPDX-License-Identifier: GPL-3.0-or-later
// What the draft's card is made of.
#include "ui/look/metrics.h"
#include "ui/pages/sweep/axis_row.h"
#include "ui/pages/sweep/draft_card.h"
#include "ui/pages/sweep/draft_options.h"
#include "ui/services/services.h"
#include "ui/services/sweep_draft.h"
#include "ui/widgets/page_action.h"
#include "ui/widgets/scroll_column.h"

#include <QAction>
#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <utility>

namespace pissarro::ui {

namespace {

constexpr int kGap = 12; // px between parts

QLabel* label(const char* name, const char* role)
{
    auto* made = new QLabel;
    made->setObjectName(QLatin1String(name));
    made->setProperty("role", QByteArray(role));
    return made;
}

QHBoxLayout* lineOf(std::initializer_list<QWidget*> widgets)
{
    auto* row = new QHBoxLayout;
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(scaled(8));
    for (QWidget* widget : widgets) {
        row->addWidget(widget);
    }
    row->addStretch(1);
    return row;
}

} // namespace

DraftCard::DraftCard(Services& services, const Actions& actions, QWidget* parent)
    : Card(tr("New sweep"), parent)
    , m_services(services)
    , m_planner(services.sweepPlanner)
    , m_actions(actions)
    , m_base(label("sweep.base", "value"))
    , m_facts(label("sweep.base.facts", "small"))
    , m_axes(new QWidget)
    , m_axisRows(new QVBoxLayout)
    , m_addAxis(new QPushButton(tr("Add axis")))
    , m_axisMenu(new QMenu(m_addAxis))
    , m_pairAlpha(new QCheckBox(tr("alpha goes with the rank")))
    , m_ownRates(new QCheckBox(tr("own rates for each method")))
    , m_options(new DraftOptions)
    , m_advice(label("sweep.advice", "muted"))
    , m_progress(new QProgressBar)
    , m_cancel(new QPushButton(tr("Cancel")))
    , m_useRank(new QPushButton)
    , m_runs(label("sweep.runs", "figure"))
    , m_runsWord(label("sweep.runs.word", "small"))
    , m_time(label("sweep.time", "figure"))
    , m_timeWord(label("sweep.time.word", "small"))
    , m_disk(label("sweep.disk", "figure"))
    , m_diskWord(label("sweep.disk.word", "small"))
    , m_problem(label("sweep.problem", "bad"))
    , m_start(buttonOf(actions.start, QStringLiteral("sweep.start")))
{
    setObjectName(QStringLiteral("sweep.draft"));
    setMinimumWidth(scaled(290));
    auto* load = new QPushButton(tr("Load…"));
    load->setObjectName(QStringLiteral("sweep.load"));
    load->setAccessibleName(tr("Take settings from the Train page or a file"));
    load->setToolTip(load->accessibleName());
    auto* menu = new QMenu(load);
    menu->setObjectName(QStringLiteral("sweep.load.menu"));
    menu->addActions({m_actions.fromForm, m_actions.load});
    load->setMenu(menu);
    addTitleWidget(load);
    auto* content = new QWidget;
    auto* rows = new QVBoxLayout(content);
    rows->setContentsMargins(0, 0, scaled(4), 0);
    rows->setSpacing(scaled(kGap));
    rows->addWidget(buildHead());
    rows->addWidget(m_axes);
    rows->addWidget(buildAdvice());
    rows->addWidget(m_options);
    rows->addStretch(1);
    body()->addWidget(scrollColumn(content), 1);
    body()->addWidget(buildFoot());
    connectPlanner();
    rebuildRows();
    showDraft();
}

QWidget* DraftCard::buildHead()
{
    auto* head = new QWidget;
    auto* rows = new QVBoxLayout(head);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(scaled(2));
    m_base->setText(tr("No settings yet"));
    m_base->setWordWrap(true);
    m_facts->setWordWrap(true);
    rows->addWidget(m_base);
    rows->addWidget(m_facts);
    auto* axes = new QVBoxLayout(m_axes);
    axes->setContentsMargins(0, 0, 0, 0);
    axes->setSpacing(scaled(kGap));
    m_axisRows->setSpacing(scaled(kGap));
    axes->addLayout(m_axisRows);
    m_addAxis->setObjectName(QStringLiteral("sweep.addAxis"));
    m_addAxis->setAccessibleName(tr("Vary another setting"));
    m_addAxis->setToolTip(tr("Any setting of a run: modules, data, SVD, T, schedule …"));
    m_axisMenu->setObjectName(QStringLiteral("sweep.addAxis.menu"));
    m_addAxis->setMenu(m_axisMenu);
    connect(m_axisMenu, &QMenu::aboutToShow, this, &DraftCard::fillAxisMenu);
    axes->addLayout(lineOf({m_addAxis}));
    m_pairAlpha->setObjectName(QStringLiteral("sweep.pairAlpha"));
    m_pairAlpha->setToolTip(tr("alpha / rank stays what it is in the base"));
    connect(m_pairAlpha, &QCheckBox::toggled, this, [this](bool on) {
        m_draft->pairAlphaWithRank = on;
        takeChange();
    });
    m_ownRates->setObjectName(QStringLiteral("sweep.ownRates"));
    m_ownRates->setToolTip(tr("A method's best rate is its own: PiSSA's is 3 to 10 times below "
                              "LoRA's"));
    connect(m_ownRates, &QCheckBox::toggled, this, [this](bool on) {
        setOwnRates(*m_draft, on);
        rebuildRows();
        takeChange();
    });
    for (QWidget* widget :
         {static_cast<QWidget*>(m_pairAlpha), static_cast<QWidget*>(m_ownRates)}) {
        widget->setParent(m_axes); // a row of them is shown where its axis is
        widget->hide();
    }
    connect(m_options, &DraftOptions::changed, this, &DraftCard::takeChange);
    return head;
}

QWidget* DraftCard::buildAdvice()
{
    auto* advice = new QWidget;
    auto* rows = new QVBoxLayout(advice);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(scaled(6));
    rows->addLayout(lineOf({buttonOf(m_actions.rates, QStringLiteral("sweep.findRates")),
                            buttonOf(m_actions.ranks, QStringLiteral("sweep.tryRanks"))}));
    m_progress->setObjectName(QStringLiteral("sweep.advice.progress"));
    m_progress->setAccessibleName(tr("Progress of the measurement"));
    m_progress->setTextVisible(false);
    m_cancel->setObjectName(QStringLiteral("sweep.advice.cancel"));
    m_cancel->setToolTip(tr("Measure no further"));
    connect(m_cancel, &QPushButton::clicked, this, [this] {
        m_planner.cancelRates();
        m_planner.cancelRanks();
    });
    auto* busy = new QHBoxLayout;
    busy->addWidget(m_progress, 1);
    busy->addWidget(m_cancel);
    rows->addLayout(busy);
    m_advice->setWordWrap(true);
    rows->addWidget(m_advice);
    m_useRank->setObjectName(QStringLiteral("sweep.useRank"));
    m_useRank->setAccessibleName(tr("Use the rank that was measured"));
    m_useRank->setProperty("kind", QByteArray("link"));
    m_useRank->setToolTip(tr("The sweep has this rank alone"));
    connect(m_useRank, &QPushButton::clicked, this, &DraftCard::useRank);
    rows->addWidget(m_useRank, 0, Qt::AlignLeft);
    return advice;
}

QWidget* DraftCard::buildFoot()
{
    auto* foot = new QWidget;
    auto* rows = new QVBoxLayout(foot);
    rows->setContentsMargins(0, scaled(4), 0, 0);
    rows->setSpacing(scaled(8));
    auto* figures = new QHBoxLayout;
    const std::pair<QLabel*, QLabel*> columns[] = {
        {m_runs, m_runsWord}, {m_time, m_timeWord}, {m_disk, m_diskWord}};
    for (const auto& [figure, word] : columns) {
        auto* column = new QVBoxLayout;
        column->setSpacing(0);
        column->addWidget(figure);
        column->addWidget(word);
        figures->addLayout(column, 1);
    }
    rows->addLayout(figures);
    m_problem->setWordWrap(true);
    rows->addWidget(m_problem);
    m_start->setProperty("kind", QByteArray("primary"));
    rows->addWidget(m_start);
    rows->addWidget(buttonOf(m_actions.copy, QStringLiteral("sweep.copy")));
    return foot;
}

void DraftCard::connectPlanner()
{
    connect(&m_planner, &SweepPlanner::outlineChanged, this, &DraftCard::showDraft);
    connect(&m_planner, &SweepPlanner::forecastChanged, this, &DraftCard::showForecast);
    connect(&m_planner, &Service::stateChanged, this, &DraftCard::showForecast);
    connect(&m_services.sweepQueue, &SweepQueue::changed, this, &DraftCard::showForecast);
    connect(&m_planner.ramping(), &Service::stateChanged, this, [this] {
        if (std::holds_alternative<Ready>(m_planner.ramping().state())) {
            takeRates();
        }
        showAdvice();
    });
    connect(&m_planner.ranking(), &Service::stateChanged, this, &DraftCard::showAdvice);
}

} // namespace pissarro::ui
