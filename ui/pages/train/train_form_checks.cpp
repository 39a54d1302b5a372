// SPDX-License-Identifier: GPL-3.0-or-later
// What keeps the training form's fields from being a run, said under each field.
#include "core/model/module_selection.h"
#include "ui/pages/train/train_form_p.h"
#include "ui/widgets/number_edit.h"
#include "ui/words/field_look.h"
#include "ui/words/form_words.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace pissarro::ui {

FormProblems::FormProblems(const TrainForm::Private& form, const core::RunSpec& spec)
    : m_form(form)
    , m_spec(spec)
{
    if (!form.hindrance.isEmpty()) {
        m_first = form.hindrance;
    } else if (!form.model) {
        m_first = TrainForm::tr("Open a model first.");
    } else if (spec.data.empty() && spec.batches.empty()) {
        m_first = TrainForm::tr("Choose a data file first.");
    }
    checkNumbers();
    checkModules();
    checkData();
    checkDevice();
}

void FormProblems::report(const QString& key, const QString& name, const QString& message)
{
    FormField* row = m_form.rows.value(key);
    if (row != nullptr && (row->isHidden() || m_found.contains(row))) {
        return;
    }
    if (row != nullptr) {
        m_found.insert(row, {key, message});
    }
    if (m_first.isEmpty()) {
        m_first = TrainForm::tr("%1 %2", "a field, and what is wrong with it").arg(name, message);
    }
}

// As a person knows it: what stands before it in the form.
QString FormProblems::nameOfField(const std::string& key)
{
    return key == "epochs" || key == "steps" ? TrainForm::tr("Length")
                                             : fieldLook(core::specField(key)).label;
}

// Fields that hold no number at all; ranges are checkSpec()'s.
void FormProblems::checkNumbers()
{
    const auto require = [&](const QLineEdit* edit, const QString& key) {
        const TypedNumber typed = readNumber(edit->text());
        if (!typed.isGood()) {
            const bool isNone = typed.problem == readNumber({}).problem;
            report(key, edit->accessibleName(),
                   isNone && key == QLatin1String("learning_rate")
                       ? TrainForm::tr("must be a number, such as 2e-5")
                       : typed.problem);
        }
    };
    require(m_form.rate, QStringLiteral("learning_rate"));
    require(m_form.alpha, QStringLiteral("alpha"));
    require(m_form.length, QStringLiteral("epochs"));
    if (m_form.twinRateKind->currentIndex() == TwinOwn) {
        require(m_form.twinRate, kTwinRate);
        const double rate = numberIn(*m_form.twinRate);
        if (!(rate > 0.0 && rate <= 1.0)) { // as the run's own
            report(kTwinRate, TrainForm::tr("The twin's rate"),
                   TrainForm::tr("must be above 0 and at most 1"));
        }
    }
    if (const QString fault = m_form.rank->unread(); !fault.isEmpty()) {
        report(QStringLiteral("rank"), TrainForm::tr("Rank"), fault);
    }
    for (const auto& [field, editor] : m_form.editors) {
        if (const QString fault = editor->problem(); !fault.isEmpty()) {
            report(QString::fromStdString(field->key), editor->widget()->accessibleName(), fault);
        }
    }
    const double count = numberIn(*m_form.length);
    if (m_form.lengthUnit->currentIndex() == 1 && (count < 1.0 || std::floor(count) != count)) {
        report(QStringLiteral("steps"), TrainForm::tr("Length"),
               TrainForm::tr("must be a whole number of steps, from 1"));
    }
    if (m_spec.targets == std::vector<std::string> {""}) {
        report(QStringLiteral("targets"), TrainForm::tr("Modules:"),
               TrainForm::tr("choose at least one, or type a pattern"));
    }
    for (const core::SpecProblem& fault : core::checkSpec(m_spec)) {
        const QString key = QString::fromStdString(fault.key);
        const bool saidAlready = key == QStringLiteral("model")
            || (key == QStringLiteral("data") && m_spec.data.empty());
        if (!saidAlready) {
            report(key == QStringLiteral("targets") ? keyOfTargets() : key, nameOfField(fault.key),
                   problemText(fault, m_spec));
        }
    }
}

// The consequence of the chosen modules, or why they cannot be chosen; the rank against them.
void FormProblems::checkModules()
{
    FormField* modulesRow = m_form.rows[QStringLiteral("targets")];
    m_form.rows[kPattern]->setNote({});
    modulesRow->setNote({});
    if (!m_form.model || m_found.contains(m_form.rows[keyOfTargets()])) {
        return;
    }
    if (!m_form.base.patterns.ranks.empty() && m_spec.patterns.ranks.empty()) {
        report(QStringLiteral("rank"), TrainForm::tr("The rank map"),
               TrainForm::tr("names no module that trains; make another one, or use one rank"));
    }
    const core::ModuleSelection chosen = core::trySelectModules(*m_form.model, m_spec.targets);
    if (!chosen.problem.empty()) {
        report(keyOfTargets(), TrainForm::tr("Modules:"), QString::fromStdString(chosen.problem));
        return;
    }
    modulesRow->setNote(modulesLine(*m_form.model, chosen.modules, m_spec));
    if (keyOfTargets() == kPattern) {
        m_form.rows[kPattern]->setNote(modulesRow->note());
    }
    const QString tooHigh = m_spec.patterns.ranks.empty()
        ? rankProblem(chosen.modules, m_spec.rank)
        : QString(); // a map is made for these matrices
    if (!tooHigh.isEmpty()) {
        report(QStringLiteral("rank"), TrainForm::tr("Rank"), tooHigh);
    }
}

QString FormProblems::keyOfTargets() const
{
    return m_form.modules->pattern()->text().isEmpty() ? QStringLiteral("targets") : kPattern;
}

void FormProblems::checkData()
{
    if (!m_form.dataProblem.isEmpty()) {
        report(QStringLiteral("data"), TrainForm::tr("The data"),
               TrainForm::tr("could not be read: %1").arg(m_form.dataProblem));
    } else if (m_form.model && !m_form.summary && !m_spec.data.empty() && m_first.isEmpty()) {
        m_first = TrainForm::tr("The data file is being read.");
    }
}

// A spec may name a device that this machine lacks: it is kept, and refused by name.
void FormProblems::checkDevice()
{
    const bool general = m_spec.device == "auto" || m_spec.device == "cpu";
    const bool here =
        std::any_of(m_form.devices.begin(), m_form.devices.end(), [&](const auto& one) {
            return one.id == m_spec.device || (m_spec.device == "cuda" && one.id == "cuda:0");
        });
    if (!general && !here) {
        report(QStringLiteral("device"), TrainForm::tr("The device"),
               TrainForm::tr("must be one of this machine's, found %1")
                   .arg(QString::fromStdString(m_spec.device)));
    }
}

void FormProblems::checkFolder(const QString& folder, QVector<core::Method> twins)
{
    twins.append(m_spec.method);
    if (m_form.directoryChosen && m_form.look.asked == folder && m_form.look.holdsRunOf(twins)) {
        report(QStringLiteral("directory"), TrainForm::tr("The run folder"),
               TrainForm::tr("holds a run already; choose a new one"));
    }
}

void FormProblems::show() const
{
    for (FormField* row : m_form.rows) {
        const auto [key, message] = m_found.value(row);
        const bool unfinished = row == m_form.rows[keyOfTargets()] && m_form.modules->isTyping();
        row->setProblem(unfinished ? QString() : message, m_form.fieldOf.value(key));
    }
}

bool FormProblems::hasAdvanced() const
{
    return std::any_of(m_form.rows.cbegin(), m_form.rows.cend(), [&](FormField* row) {
        return m_form.isAdvanced(row) && m_found.contains(row);
    });
}

} // namespace pissarro::ui
