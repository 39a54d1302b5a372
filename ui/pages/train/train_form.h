// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/dataset.h"
#include "core/model/model_files.h"
#include "core/run/run_spec.h"
#include "core/tensor/devices.h"
#include "ui/services/folder_look.h"
#include "ui/words/twin_rates.h"

#include <QVector>
#include <QWidget>

#include <memory>
#include <optional>
#include <vector>

class QAbstractButton;

namespace pissarro::ui {

// The fields of a run, each checked as it is typed: what is out of range stands in red under its
// field. It holds values and asks nobody: the page gives it the model and the data.
//
// What · Data · How long · Where, once for the settings that every run has its own of, once for the advanced ones. These
// have a place of their own: beside the others where there is room, else in their stead.
class TrainForm : public QWidget {
    Q_OBJECT

public:
    explicit TrainForm(QWidget* parent = nullptr);
    ~TrainForm() override;

    core::RunSpec spec() const; // as the fields stand, also when they are out of range
    QVector<core::Method> twins() const;
    // Twins have a rate of their own unless a person says otherwise: one that a ramp finds before the start, or one that is
    // typed. As text for the session: "found", "same", "0.0002".
    TwinRates twinRates() const;
    QString twinRateText() const;
    void setTwinRateText(const QString& text);
    void setTwinRate(double rate); // that was found: the twins' own from now on
    // What earlier runs say of the methods' order; and what becomes of the ramp that was asked for. Empty: nothing.
    void setOrderNote(const QString& text);
    void setRampNote(const QString& text, bool isRunning);
    QString runDirectory() const;
    bool isDirectoryChosen() const; // by a person; else it is proposed
    // The folder that the form wants to be told about by takeLook(): the one chosen, or the name that is proposed first.
    QString directoryToLookAt() const;
    void takeLook(const FolderLook& look);
    // Fields from a file or another run; keys without a field (such as share_base) are kept.
    void setSpec(const core::RunSpec& spec);
    void setTwins(const QVector<core::Method>& twins); // none: the run alone
    // Where it trains: in this program, or in a process of its own that outlives the window. Not of
    // the spec.
    bool trainsInProcess() const;
    void setTrainsInProcess(bool own);

    void setModel(std::shared_ptr<const core::ModelFiles> model); // null: none open
    void setPace(double secondsPerToken); // of one method; 0: not known
    // summary null: not read yet, or it could not be read, as `problem` says.
    // How the rows are read, as the page of the data has it.
    void setReading(const core::DataOptions& reading, std::int64_t maxLength);
    void setData(const QString& path, const core::DatasetSummary* summary, const QString& problem);
    // Of the file as it was read: "question, answer", and what of it is left out or not used, a sentence each.
    void setDataNotes(const QString& columns, const QStringList& notes);
    // What keeps the run from starting that no field shows: a spec whose model is not open yet. Empty: nothing.
    void setHindrance(const QString& text);
    void setRank(int rank);
    // Ranks of single matrices and the slice, both chosen on the Spectrum page.
    void setRankMap(const core::RankPatterns& patterns);
    void setSlice(double slice);
    // What the machine has, once it is known: until then the CPU alone, and a trainer (pissarro-cli), without which nothing
    // trains in a process of its own.
    void setDevices(const std::vector<core::DeviceInfo>& devices);
    void setTrainerFound(bool found);
    void proposeRunDirectory(); // a fresh one, also in place of one that a person chose
    void refresh(); // notes, problems, what is shown; emits changed()

    // Both places at once, and no switch between them.
    void setSideBySide(bool on);
    // Without the grey lines of consequence, which are tool tips then.
    void setTight(bool on);
    // Between the two places; whoever shows the form may put it beside its title.
    QAbstractButton* advancedSwitch() const;

    QString problem() const; // the first thing that keeps the run from starting; empty: nothing

Q_SIGNALS:
    void changed();
    void rankEdited(int rank); // by a person
    void
    dataPathEdited(const QString& path); // empty: no rows are read, as with ready micro-batches
    void promptTemplateEdited(pissarro::core::PromptTemplate promptTemplate);
    void maxLengthEdited(int tokens);
    void trainsInProcessChosen(bool own); // by a person
    void twinRateWanted(); // a ramp is to find it now; again: no more

private:
    struct Private;
    friend class FormProblems; // reads the fields
    void buildPlaces();
    void buildMethod();
    void buildData();
    void buildLength();
    void buildTwinRate();
    void buildWhere();
    void buildAdvanced();
    void buildPrompt();
    void orderAdvanced(); // the tab key follows the eye
    void showPlaces();
    void connectFields();
    void methodChanged();
    void rankChanged(int rank);
    void fillTraining(const core::RunSpec& spec);
    void showNotes(const core::RunSpec& spec);
    void showTwinRate(const core::RunSpec& spec);
    void showProblems(const core::RunSpec& spec);

    std::unique_ptr<Private> d;
};

} // namespace pissarro::ui
