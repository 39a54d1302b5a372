// SPDX-License-Identifier: GPL-3.0-or-later
// What keeps the training form's fields from being a run, said under each field.
#include "core/model/module_selection.h"
#include "ui/pages/train/train_form_p.h"
#include "ui/widgets/number_edit.h"
#include "ui/words/form_words.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace pissarro::ui {

void FormProblems::report(const QString& key, const QString& name, const QString& message)
{
    FormField* row = rows.value(key);
    if (row != nullptr && (row->isHidden() || found.contains(row))) {
        return;
    }
    if (row != nullptr) {
        found.insert(row, {key, message});
    }
    if (first.isEmpty()) {
        first = TrainForm::tr("%1 %2", "a field, and what is wrong with it").arg(name, message);
    }
}

// Fields that hold no number at all; ranges are checkSpec()'s.
void TrainForm::Private::checkNumbers(const core::RunSpec& spec, FormProblems& problems) const
{
    const auto require = [&](const QLineEdit* edit, const QString& key) {
        const TypedNumber typed = readNumber(edit->text());
        if (!typed.isGood()) {
            problems.report(key, edit->accessibleName(), typed.problem);
        }
    };
    require(rate, QStringLiteral("learning_rate"));
    require(alpha, QStringLiteral("alpha"));
    require(length, QStringLiteral("epochs"));
    for (const auto& [field, editor] : editors) {
        if (const QString fault = editor->problem(); !fault.isEmpty()) {
            problems.report(QString::fromStdString(field->key), editor->widget()->accessibleName(),
                            fault);
        }
    }
    const double count = numberIn(*length);
    if (lengthUnit->currentIndex() == 1 && (count < 1.0 || std::floor(count) != count)) {
        problems.report(QStringLiteral("steps"), tr("Length"),
                        tr("must be a whole number of steps, from 1"));
    }
    if (spec.targets == std::vector<std::string> {""}) {
        problems.report(QStringLiteral("targets"), tr("Modules:"),
                        tr("choose at least one, or type a pattern"));
    }
    for (const core::SpecProblem& fault : core::checkSpec(spec)) {
        const QString key = QString::fromStdString(fault.key);
        const bool saidAlready =
            key == QStringLiteral("model") || (key == QStringLiteral("data") && spec.data.empty());
        if (!saidAlready) {
            problems.report(key == QStringLiteral("targets") ? keyOfTargets() : key, key,
                            problemText(fault, spec));
        }
    }
}

// The consequence of the chosen modules, or why they cannot be chosen; the rank against them.
void TrainForm::Private::checkModules(const core::RunSpec& spec, FormProblems& problems) const
{
    FormField* modulesRow = rows[QStringLiteral("targets")];
    rows[kPattern]->setNote({});
    modulesRow->setNote({});
    if (!model || problems.found.contains(rows[keyOfTargets()])) {
        return;
    }
    if (!base.patterns.ranks.empty() && spec.patterns.ranks.empty()) {
        problems.report(QStringLiteral("rank"), tr("The rank map"),
                        tr("names no module that trains; make another one, or use one rank"));
    }
    const core::ModuleSelection chosen = core::trySelectModules(*model, spec.targets);
    if (!chosen.problem.empty()) {
        problems.report(keyOfTargets(), tr("Modules:"), QString::fromStdString(chosen.problem));
        return;
    }
    modulesRow->setNote(modulesLine(*model, chosen.modules, spec));
    if (keyOfTargets() == kPattern) {
        rows[kPattern]->setNote(modulesRow->note());
    }
    const QString tooHigh = spec.patterns.ranks.empty()
        ? rankProblem(chosen.modules, spec.rank)
        : QString(); // a map is made for these matrices
    if (!tooHigh.isEmpty()) {
        problems.report(QStringLiteral("rank"), tr("Rank"), tooHigh);
    }
}

QString TrainForm::Private::keyOfTargets() const
{
    return modules->pattern()->text().isEmpty() ? QStringLiteral("targets") : kPattern;
}

// A spec may name a device that this machine lacks: it is kept, and refused by name.
void TrainForm::Private::checkDevice(const core::RunSpec& spec, FormProblems& problems) const
{
    const bool general = spec.device == "auto" || spec.device == "cpu";
    const bool here = std::any_of(devices.begin(), devices.end(), [&](const auto& one) {
        return one.id == spec.device || (spec.device == "cuda" && one.id == "cuda:0");
    });
    if (!general && !here) {
        problems.report(
            QStringLiteral("device"), tr("The device"),
            tr("must be one of this machine's, found %1").arg(QString::fromStdString(spec.device)));
    }
}

void TrainForm::showProblems(const core::RunSpec& spec)
{
    FormProblems problems {d->rows, {}, {}};
    if (!d->hindrance.isEmpty()) {
        problems.first = d->hindrance;
    } else if (!d->model) {
        problems.first = tr("Open a model first.");
    } else if (spec.data.empty() && spec.batches.empty()) {
        problems.first = tr("Choose a data file first.");
    }
    d->checkNumbers(spec, problems);
    d->checkModules(spec, problems);
    if (!d->dataProblem.isEmpty()) {
        problems.report(QStringLiteral("data"), tr("The data"),
                        tr("could not be read: %1").arg(d->dataProblem));
    } else if (d->model && !d->summary && !spec.data.empty()) {
        problems.first =
            problems.first.isEmpty() ? tr("The data file is being read.") : problems.first;
    }
    d->checkDevice(spec, problems);
    QVector<core::Method> methods {spec.method};
    methods += twins();
    if (d->directoryChosen && d->look.asked == runDirectory() && d->look.holdsRunOf(methods)) {
        problems.report(QStringLiteral("directory"), tr("The run folder"),
                        tr("holds a run already; choose a new one"));
    }
    for (FormField* row : d->rows) {
        const auto [key, message] = problems.found.value(row);
        const bool unfinished = row == d->rows[d->keyOfTargets()] && d->modules->isTyping();
        row->setProblem(unfinished ? QString() : message, d->fieldOf.value(key));
    }
    const bool wrong = std::any_of(d->rows.cbegin(), d->rows.cend(), [&](FormField* row) {
        return d->isAdvanced(row) && problems.found.contains(row);
    });
    // When it comes up, and not each time that a person goes back to the other fields.
    if (wrong && !std::exchange(d->advancedWrong, wrong)) {
        d->disclosure->setChecked(true);
    }
    d->advancedWrong = wrong;
    d->problem = problems.first;
}

} // namespace pissarro::ui
