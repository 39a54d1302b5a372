// SPDX-License-Identifier: GPL-3.0-or-later
// What the page opens beside itself: the rank map's editor, the fast SVD's meter, the comparison with a tuned model.
#include "core/run/run_directory.h"
#include "ui/pages/spectrum/energy_card.h"
#include "ui/pages/spectrum/heat_card.h"
#include "ui/pages/spectrum/meter_dialog.h"
#include "ui/pages/spectrum/rank_card.h"
#include "ui/pages/spectrum/rank_map_dialog.h"
#include "ui/pages/spectrum/sigma_card.h"
#include "ui/pages/spectrum/spectrum_page.h"
#include "ui/services/services.h"
#include "ui/widgets/file_dialogs.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/format.h"
#include "ui/words/run_words.h"

#include <QDir>
#include <QFileInfo>
#include <QMenu>

namespace pissarro::ui {

namespace {

// What the run leaves.
std::filesystem::path outcomeOf(const core::RunSummary& run)
{
    return run.directory / (core::hasAdapter(run.spec.method) ? "adapter" : "model");
}

// Of what is compared: of the run whose adapter or model it is, else of the folder or file.
QString nameOfTuned(const Services& services, const QString& path)
{
    for (const core::RunSummary& run : services.library.runs()) {
        if (path.startsWith(QString::fromStdString(run.directory.string()) + QLatin1Char('/'))) {
            return nameOf(run);
        }
    }
    if (path.isEmpty()) {
        return {};
    }
    // Many a tuned model lies in a folder of a general name: what is above it tells them apart.
    const QString name = QDir(path).dirName();
    const bool general =
        QStringList {QStringLiteral("adapter"), QStringLiteral("model"), QStringLiteral("base")}
            .contains(name);
    return general ? QFileInfo(QFileInfo(path).absolutePath()).fileName() + QLatin1Char('/') + name
                   : name;
}

} // namespace

void SpectrumPage::editMap()
{
    if (auto* open = findChild<RankMapDialog*>()) {
        open->setRule(m_rank->rule(), m_rank->ruleValue());
        open->raise();
        open->activateWindow();
        return;
    }
    auto* dialog = new RankMapDialog(m_services, this);
    dialog->setRule(m_rank->rule(), m_rank->ruleValue());
    dialog->show();
}

void SpectrumPage::measure()
{
    QStringList modules;
    for (const MatrixView& matrix : selectedMatrices()) {
        modules.append(QString::fromStdString(matrix.module->name));
    }
    openMeter(modules);
}

void SpectrumPage::showMeasurement()
{
    openMeter(m_services.fastSvd.measurement().modules);
}

void SpectrumPage::tellOfMeasurement()
{
    const FastSvdMeter& meter = m_services.fastSvd;
    const bool measured =
        std::holds_alternative<Ready>(meter.state()) && !meter.measurement().rows.empty();
    if (!measured || shownMeter() != nullptr) {
        return;
    }
    Q_EMIT noticed({tr("The fast SVD is measured"), {}, tr("Show"), [this] {
                        Q_EMIT go(QStringLiteral("spectrum"), {});
                        showMeasurement();
                    }});
}

MeterDialog* SpectrumPage::shownMeter() const
{
    auto* dialog = findChild<MeterDialog*>(); // one that was closed may still be there
    return dialog != nullptr && dialog->isVisible() ? dialog : nullptr;
}

void SpectrumPage::openMeter(const QStringList& modules)
{
    if (MeterDialog* open = shownMeter()) {
        open->raise();
        open->activateWindow();
    } else if (!modules.isEmpty()) {
        (new MeterDialog(m_services, modules, this))->show();
    }
}

// --- Comparison

void SpectrumPage::buildCompareMenu()
{
    QMenu* menu = m_sigma->compareMenu();
    menu->addAction(tr("Tuned model or adapter folder…"), this, [this] {
        askForFolder(this, tr("A fine-tuned form of this model, or a PEFT adapter for it"),
                     [this](const QString& path) { compareWith(path); });
    });
    menu->addAction(tr("GGUF file…"), this, [this] {
        askToOpen(this, tr("A fine-tuned form of this model"), tr("GGUF (*.gguf)"),
                  [this](const QString& path) { compareWith(path); });
    });
    auto* runs = menu->addMenu(tr("A run"));
    connect(runs, &QMenu::aboutToShow, this, [this, runs] { fillRunMenu(runs); });
    menu->addSeparator();
    QAction* end =
        menu->addAction(tr("End the comparison"), this, [this] { m_services.comparison.end(); });
    end->setObjectName(QStringLiteral("spectrum.endComparison"));
    connect(menu, &QMenu::aboutToShow, end,
            [this, end] { end->setEnabled(!m_services.comparison.with().isEmpty()); });
}

// The runs of the open model that have an adapter or a model of their own.
void SpectrumPage::fillRunMenu(QMenu* menu)
{
    menu->clear();
    if (!m_services.model.files()) {
        return;
    }
    for (const core::RunSummary& run : m_services.library.runs()) {
        const auto left = m_services.library.outcomes().value(textOf(run.directory));
        if (!left.path.isEmpty() && left.model == m_services.model.canonicalPath()) {
            menu->addAction(nameOf(run), this, [this, path = left.path] { compareWith(path); });
        }
    }
    if (menu->isEmpty()) {
        menu->addAction(tr("No run of this model has ended yet"))->setEnabled(false);
    }
}

void SpectrumPage::compareWith(const QString& path)
{
    if (!path.isEmpty()) {
        m_services.comparison.start(path, m_services.ranks.rank());
        m_sigma->content()->setCurrent(2);
    }
}

void SpectrumPage::take(const QVariant& with)
{
    compareWith(with.toString());
}

QVector<NextStep> SpectrumPage::nextSteps() const
{
    const auto& runs = m_services.training.runs();
    const auto model = m_services.model.files();
    if (runs.isEmpty() || !model || runs.first().spec.model != model->path().string()) {
        return {};
    }
    return {{tr("Spectrum of the change"),
             tr("Singular values of what the run changed in each matrix (ΔW)"),
             QString::fromStdString(outcomeOf(runs.first()).string())}};
}

void SpectrumPage::showUpdates()
{
    if (m_services.model.files()) {
        const QVector<MatrixView> matrices = selectedMatrices();
        m_sigma->setMatrices(matrices);
        m_energy->setMatrices(matrices);
    }
    const QString tuned = nameOfTuned(m_services, m_services.comparison.with());
    m_sigma->setComparison(tuned, m_services.comparison.isRunning());
    m_heat->setComparedWith(tuned);
}

void SpectrumPage::showAngles()
{
    m_energy->showAngles(m_sigma->showsUpdate());
}

} // namespace pissarro::ui
