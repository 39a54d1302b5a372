// SPDX-License-Identifier: GPL-3.0-or-later
// Runs begun from the page, gone on with and steered.
#include "ui/pages/train/train_form.h"
#include "ui/pages/train/train_page.h"
#include "ui/plot/line_plot.h"
#include "ui/services/services.h"
#include "ui/views/loss_card.h"
#include "ui/words/form_words.h"
#include "ui/words/message.h"
#include "ui/words/run_words.h"

#include <QFileInfo>
#include <QMessageBox>

#include <functional>
#include <utility>

namespace pissarro::ui {

namespace {

// The question in sight, once the run that it is about has ended: what it asks then; nothing: it goes.
void reviseWhenOver(TrainPage& page, const Training& training, const std::function<bool()>& isOver,
                    const QString& question)
{
    auto* box = page.findChild<QMessageBox*>(QStringLiteral("train.order"));
    if (box == nullptr) {
        return; // answered already
    }
    QObject::connect(&training, &Training::stateChanged, box, [box, isOver, question] {
        if (isOver()) {
            question.isEmpty() ? box->reject() : box->setText(question);
        }
    });
}

} // namespace

// As the form stands now, whatever a person changes in it while the folder is looked at, which may have been taken
// meanwhile.
void TrainPage::start()
{
    m_form->refresh();
    if (!m_form->problem().isEmpty()) {
        return;
    }
    Start wanted {m_form->spec(), m_form->twins(), m_form->directoryToLookAt(),
                  m_form->twinRates()};
    const bool chosen = m_form->isDirectoryChosen();
    m_services.machine.look({wanted.directory}, this,
                            [this, wanted, chosen](const QVector<FolderLook>& looks) mutable {
                                m_form->takeLook(looks.first());
                                QVector<core::Method> methods {wanted.spec.method};
                                methods += wanted.twins;
                                if (chosen && looks.first().holdsRunOf(methods)) {
                                    return; // the form says so
                                }
                                wanted.directory = chosen ? wanted.directory : looks.first().fresh;
                                ask(wanted);
                            });
}

// Behind a run of this window it waits, if a person wants that.
void TrainPage::ask(const Start& wanted)
{
    if (m_services.training.trainsOwn()) {
        m_orderAsker(tr("A run of this window is in progress. Begin this one when it has ended?"),
                     [this, wanted] { begin(wanted); });
        reviseWhenOver(
            *this, m_services.training, [this] { return !m_services.training.trainsOwn(); },
            tr("The run of this window has ended. Begin this one now?"));
    } else {
        begin(wanted);
    }
}

void TrainPage::begin(const Start& wanted)
{
    if (!m_services.training.trainsOwn()) {
        m_stage = tr("Preparing…");
        m_fraction = -1.0;
        m_loss->plot()->resetView();
    }
    m_services.training.start(wanted.spec, wanted.twins, wanted.directory, false, wanted.rates);
    m_form->proposeRunDirectory();
}

void TrainPage::resume()
{
    const QVector<core::RunSummary> runs = m_services.training.runs();
    if (runs.isEmpty() || m_services.training.isRunning()) {
        return;
    }
    m_stage = tr("Preparing…");
    m_fraction = -1.0;
    m_services.training.start(runs.first().spec, twinMethods(runs), m_services.training.directory(),
                              true);
}

// What there is of the run stays where it is: its curve and its folder.
void TrainPage::beginAnew()
{
    const QVector<core::RunSummary> runs = m_services.training.runs();
    if (runs.isEmpty() || m_services.training.isRunning()) {
        return;
    }
    const QString root = QFileInfo(m_services.training.directory()).absolutePath();
    const Start wanted {runs.first().spec, twinMethods(runs),
                        runDirectoryFor(root, runs.first().spec), twinRatesOf(runs)};
    m_services.machine.look({wanted.directory}, this,
                            [this, wanted](const QVector<FolderLook>& looks) {
                                ask({wanted.spec, wanted.twins, looks.first().fresh, wanted.rates});
                            });
}

void TrainPage::setPaused(bool paused)
{
    steer(paused ? tr(
              "Pause the run %1? It trains in process %2, started by %3 and not by this window.")
                 : tr("Go on with the run %1? It trains in process %2, started by %3 and not by "
                      "this window."),
          [this, paused] { m_services.training.setPaused(paused); });
}

void TrainPage::stop()
{
    steer(tr("Stop the run %1? It trains in process %2, started by %3 and not by this window."),
          [this] { m_services.training.stop(); });
}

void TrainPage::setOrderAsker(OrderAsker asker)
{
    m_orderAsker = std::move(asker);
}

// `ask` names the run, its process and its owner as %1, %2, %3.
void TrainPage::steer(const QString& ask, const std::function<void()>& order)
{
    if (!m_services.training.isForeign()) {
        order();
        return;
    }
    const QFileInfo folder(m_services.training.directory());
    const QString question =
        ask.arg(folder.fileName(), QString::number(m_services.training.process()),
                m_services.training.owner());
    const QString run = m_services.training.directory();
    m_orderAsker(question, [this, run, order] {
        if (m_services.training.isRunning()
            && m_services.training.directory() == run) { // still the one
            order();
        }
    });
    reviseWhenOver(*this, m_services.training,
                   [this, run] {
                       return !m_services.training.isRunning()
                           || m_services.training.directory() != run;
                   },
                   {});
}

// --- The twin's learning rate

void TrainPage::findTwinRate()
{
    if (m_services.rates.isRunning()) {
        m_services.rates.cancel();
        return;
    }
    m_form->refresh();
    const QVector<core::Method> twins = m_form->twins();
    if (!m_form->problem().isEmpty() || twins.size() != 1) {
        m_form->setRampNote(m_form->problem(), false);
        return;
    }
    m_services.rates.find(m_form->spec(), twins.first());
}

// Where it proposes nothing, its reason says why, and the rate stays as it was.
void TrainPage::showRamp()
{
    const RateAdvice& rates = m_services.rates;
    if (const auto* running = std::get_if<Running>(&rates.state())) {
        m_form->setRampNote(running->stage.isEmpty() ? tr("Looking for a learning rate…")
                                                     : stageText(running->stage),
                            true);
    } else if (const Failed* failed = rates.failure()) {
        m_form->setRampNote(failed->why, false);
    } else if (const core::RateRamp* ramp = rates.ramp();
               ramp != nullptr && std::holds_alternative<Ready>(rates.state())) {
        const bool isAsked = m_form->twins() == QVector<core::Method> {ramp->method};
        if (isAsked && ramp->proposal.rate) {
            m_form->setTwinRate(*ramp->proposal.rate);
        }
        m_form->setRampNote(isAsked ? messageText(ramp->proposal.reason) : QString(), false);
    } else {
        m_form->setRampNote({}, false);
    }
}

void TrainPage::lookAtOrder()
{
    const QVector<core::Method> twins = m_form->twins();
    if (twins.isEmpty()) {
        m_form->setOrderNote({});
        return;
    }
    const core::RunSpec spec = m_form->spec();
    m_services.rates.lookAtOrder(runsToTellBy(m_services.library.runs(), spec, twins.first()),
                                 spec.method, twins.first());
}

void TrainPage::showOrder()
{
    const auto& order = m_services.rates.order();
    m_form->setOrderNote(order ? messageText(order->sentence()) : QString());
}

} // namespace pissarro::ui
