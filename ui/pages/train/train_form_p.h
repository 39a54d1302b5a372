// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/spec_fields.h"
#include "core/tensor/devices.h"
#include "ui/pages/train/module_chips.h"
#include "ui/pages/train/train_form.h"
#include "ui/views/field_editor.h"
#include "ui/widgets/form_field.h"
#include "ui/widgets/number_edit.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/field_look.h"

#include <QComboBox>
#include <QFormLayout>
#include <QHash>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include <array>
#include <utility>
#include <vector>

namespace pissarro::ui {

inline const QString kTwinRate = QStringLiteral("twin_rate"); // the key of its row
enum TwinRateKind { TwinFound, TwinSame, TwinOwn }; // in the order of the box

inline const QString kPattern = QStringLiteral("pattern"); // of modules: the key of its row

struct TrainForm::Private {
    // what the page gave
    std::shared_ptr<const core::ModelFiles> model;
    std::optional<core::DatasetSummary> summary;
    double pace = 0.0; // seconds for a token, of one method; 0: not known
    QString dataProblem;
    QString columns; // of the data file
    QString hindrance;
    core::RunSpec
        base; // as it was filled in: what a person has not changed since is taken from here, to the last bit
    core::RunSpec shown; // what the fields said of it
    QString problem;
    QString orderNote; // what earlier runs say of the methods' order
    QString rampNote; // what becomes of the ramp
    FolderLook look; // at the folder that was in the field when it was made
    std::vector<core::DeviceInfo> devices; // of this machine

    // what a person chose
    bool alphaFollowsRank = true;
    bool lengthChosen = false; // else the demo data set it
    bool directoryChosen = false;
    bool filling = false; // by the program: no signals

    // what the page chose
    bool sideBySide = false;
    bool tight = false;
    bool advancedWrong = false; // one of the advanced fields is

    // fields
    QFormLayout* layout = nullptr; // of the basic ones, the group in the making
    QWidget* basic = nullptr;
    QComboBox* method = nullptr;
    QComboBox* twin = nullptr;
    WholeEdit* rank = nullptr;
    QLineEdit* alpha = nullptr;
    ModuleChips* modules = nullptr;
    PathField* data = nullptr; // or ready micro-batches
    QPushButton* dataNotes = nullptr; // how many there are; shows them
    QLabel* dataNotesText = nullptr;
    SegmentedControl* prompt = nullptr; // core::allPromptTemplates()
    QLineEdit* rate = nullptr;
    QComboBox* schedule = nullptr;
    QComboBox* twinRateKind = nullptr; // TwinRateKind
    QLineEdit* twinRate = nullptr; // of TwinOwn
    QPushButton* findRate = nullptr;
    QLineEdit* length = nullptr; // epochs or steps
    QComboBox* lengthUnit = nullptr; // 0 epochs, 1 steps
    QComboBox* dtype = nullptr;
    QComboBox* device = nullptr;
    PathField* directory = nullptr;
    QToolButton* disclosure = nullptr; // the switch to the advanced ones, and back
    QWidget* advanced = nullptr;
    SegmentedControl* process = nullptr; // 0: this window, 1: a process of its own

    // Of every setting that needs no widget of its own, by key; in the order in which they were made.
    std::vector<std::pair<const core::SpecField*, FieldEditor*>> editors;

    // rows, by what checkSpec() calls the key; two keys may share a row
    QHash<QString, FormField*> rows;
    QHash<QString, int> fieldOf; // which field of its row a key is
    std::array<QFormLayout*, kFieldGroups> advancedGroups {}; // by FieldGroup

    // The headline of a group and what it holds.
    QFormLayout* group(const char* name, const QString& title, QVBoxLayout* into);
    QFormLayout* placeOf(FieldGroup group) const; // among the advanced ones
    bool isAdvanced(const FormField* row) const { return advanced->isAncestorOf(row); }
    void listDevices(const std::vector<core::DeviceInfo>& all);
    bool isBatches(const QString& path) const;
    core::SpecUse use(const core::RunSpec& spec) const; // with the twins
    // The row of a setting and of the one beside it, made by how core's table and field_look.cpp have them.
    FormField* settingRow(const char* key, QObject* owner, QFormLayout* into);
    FieldEditor* editorOf(const char* key) const; // Requires: settingRow() made one
    void showWhatApplies(const core::RunSpec& spec);
    QString batchNote(const core::RunSpec& spec) const;
    core::RunSpec read() const; // the fields as they stand
    // What was typed into a field that means nothing to the methods chosen is nobody's problem: the form's start has it.
    void leaveOutHidden(core::RunSpec& spec) const;
    // Drops what names no module that trains.
    void keepTargets(core::RankPatterns& patterns, const std::vector<std::string>& targets) const;
    FormField* row(const QString& label, const QVector<QWidget*>& fields, const QStringList& keys,
                   QFormLayout* into);
};

// What is wrong with the fields, by row; the first of all decides the tool tip of the start button.
class FormProblems {
public:
    // Looks at all but the run folder; on the way the modules' rows get their note, the consequence of what is chosen.
    FormProblems(const TrainForm::Private& form, const core::RunSpec& spec);
    void checkFolder(const QString& folder, QVector<core::Method> twins);

    QString first() const { return m_first; } // empty: nothing is wrong
    void show() const; // under the fields
    bool hasAdvanced() const; // one of the advanced fields is wrong

private:
    // Rows that are hidden, because they mean nothing now, and rows with a problem already are left
    // out.
    void report(const QString& key, const QString& name, const QString& message);
    void checkNumbers();
    void checkModules();
    void checkData();
    void checkDevice();
    static QString nameOfField(const std::string& key);
    QString keyOfTargets() const; // of the row that what is wrong with them stands in

    const TrainForm::Private& m_form;
    const core::RunSpec& m_spec;
    QHash<FormField*, std::pair<QString, QString>> m_found; // key and message
    QString m_first;
};

double numberIn(const QLineEdit& edit); // NaN when it is none
core::Method methodAt(const QComboBox& box);
// Chooses the entry whose data is `value`; where there is none it gets one, with `text`.
void chooseData(QComboBox& box, const QVariant& value, const QString& text);

} // namespace pissarro::ui
