// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/quantize/quantize_page.h"

#include "ui/pages/quantize/error_curves_card.h"
#include "ui/pages/quantize/matrix_card.h"
#include "ui/pages/quantize/quant_map_card.h"
#include "ui/pages/quantize/reduction_card.h"
#include "ui/pages/quantize/settings_card.h"
#include "ui/services/services.h"
#include "ui/widgets/file_dialogs.h"
#include "ui/widgets/page_action.h"
#include "ui/widgets/page_splitter.h"
#include "ui/widgets/widget_export.h"
#include "ui/words/method_look.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QVBoxLayout>

namespace pissarro::ui {

namespace {

constexpr int kGap = 12; // px between cards

} // namespace

QuantizePage::QuantizePage(Services& services, QWidget* parent)
    : Page(parent)
    , m_services(services)
    , m_bench(&services.quantBench)
    , m_settings(new SettingsCard(services, *m_bench))
    , m_table(new ReductionCard(services, *m_bench))
    , m_curves(new ErrorCurvesCard(services, *m_bench))
    , m_matrix(new MatrixCard(services, *m_bench))
    , m_map(new QuantMapCard(services, *m_bench))
{
    buildLayout();
    buildActions();
    connect(m_table, &ReductionCard::normChanged, this, [this] {
        m_map->setNorm(m_table->norm());
        m_curves->setNorm(m_table->norm());
    });
    connect(m_settings, &SettingsCard::copyRequested, this, &QuantizePage::copyCommand);
    connect(m_settings, &SettingsCard::exportRequested, this, &QuantizePage::exportErrors);
    connect(m_map, &QuantMapCard::moduleChosen, this, &QuantizePage::choose);
    connect(&m_services.model, &Model::opened, this, &QuantizePage::showModel);
    connect(&m_services.ranks, &RankChoice::rankChanged, m_settings, &SettingsCard::setRank);
    m_bench->setWatched(isVisible());
    showModel();
}

void QuantizePage::buildLayout()
{
    auto* plots = pageSplitter("quantize.plots", Qt::Horizontal, m_curves, m_matrix, {420, 480});
    auto* left = pageSplitter("quantize.rows", Qt::Vertical, m_table, plots, {190, 470});
    left->setStretchFactor(0, 0);
    left->setStretchFactor(1, 1);
    auto* columns = pageSplitter("quantize.columns", Qt::Horizontal, left, m_map, {900, 360});
    columns->setStretchFactor(0, 1);
    columns->setStretchFactor(1, 0);
    auto* rows = new QVBoxLayout(this);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(kGap);
    rows->addWidget(m_settings);
    rows->addWidget(columns, 1);
}

Invitation QuantizePage::invitation() const
{
    return {
        tr("What four bits leave of every matrix"),
        tr("Open a model: %1 are compared on it.").arg(listOf(core::comparedMethods())),
    };
}

void QuantizePage::buildActions()
{
    const auto add = [this](const char* name, const QString& text, const QKeySequence& keys,
                            auto run) {
        return addPageAction(this, QLatin1String(name), text, keys, [this, run] {
            if (m_services.model.files()) {
                run();
            }
        });
    };
    add("quantize.start", tr("&Measure every matrix"), QKeySequence(Qt::CTRL | Qt::Key_Return),
        [this] { m_settings->measure(); });
    QAction* stop = add("quantize.stop", tr("&Cancel"), QKeySequence(Qt::CTRL | Qt::Key_Period),
                        [this] { m_bench->cancel(); });
    const auto update = [this, stop] { stop->setEnabled(m_bench->isMeasuring()); };
    connect(m_bench, &Service::stateChanged, stop, update);
    update();
    add("quantize.copy", tr("Copy as c&ommand"), {}, [this] { copyCommand(); });
    add("quantize.save", tr("&Export errors…"), {}, [this] { exportErrors(); });
}

// The middle layer's first matrix, as the Spectrum page begins; decomposed when the page is looked at.
void QuantizePage::showModel()
{
    const auto model = m_services.model.files();
    const bool any = model && !model->linearModules().empty();
    if (any && isVisible()) {
        const auto& modules = model->linearModules();
        const auto layer = modules.back().layer / 2;
        const auto found = std::find_if(modules.begin(), modules.end(),
                                        [&](const auto& module) { return module.layer == layer; });
        choose(static_cast<int>(found - modules.begin()));
    }
}

void QuantizePage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    m_bench->setWatched(true);
    if (m_bench->inspectedModule() < 0) {
        showModel();
    }
}

// A rank dragged on the Spectrum page would decompose the matrix at every pixel, beside a run in training.
void QuantizePage::hideEvent(QHideEvent* event)
{
    Page::hideEvent(event);
    m_bench->setWatched(false);
}

void QuantizePage::choose(int module)
{
    m_map->select(module);
    m_bench->inspect(module);
}

void QuantizePage::copyCommand()
{
    if (const QString command = m_settings->command(); !command.isEmpty()) {
        QApplication::clipboard()->setText(command);
    }
}

void QuantizePage::exportErrors()
{
    const auto write = [this](const QString& path) {
        saveOutput(
            this, path, [text = m_table->csv()] { return text.toUtf8(); },
            [this, path](const QString& problem) {
                if (!problem.isEmpty()) {
                    Q_EMIT failed({tr("Could not export the errors"), path, problem});
                }
            });
    };
    askToSave(this, tr("Export errors"), QStringLiteral("quant_errors.csv"), tr("CSV (*.csv)"),
              write);
}

} // namespace pissarro::ui
