// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/spec_fields.h"
#include "core/sweep/sweep_spec.h"

#include <QString>
#include <QVector>

#include <optional>
#include <string>
#include <vector>

namespace pissarro::ui {

// What a person does to a sweep before it starts, as functions of values: no widget, no disk.

// A value of an axis as it is typed, or why it is none.
struct TypedValue {
    std::optional<core::FieldValue> value;
    QString problem; // "must be a whole number from 1 to 65536, found 0"; empty: value is there
};
// Names and titles of choices, both decimal signs, lists with spaces or commas. `base`: the run that it is a setting of.
TypedValue readAxisValue(const core::SpecField& field, const QString& text,
                         const core::RunSpec& base);
// As a chip shows it: "PiSSA", "2e-5", "q_proj, v_proj"; readAxisValue() reads it back.
QString axisValueText(const core::SpecField& field, const core::FieldValue& value);

// Whether a sweep may vary it: all but the rank maps, which nobody types.
bool mayBeAxis(const core::SpecField& field);

// Null: it is not varied.
core::SweepAxis* axisOf(std::vector<core::SweepAxis>& axes, const std::string& key);
const core::SweepAxis* axisOf(const std::vector<core::SweepAxis>& axes, const std::string& key);
// No values: the axis goes. Others keep the order of the spec table.
void setAxis(std::vector<core::SweepAxis>& axes, const std::string& key,
             std::vector<core::FieldValue> values);

QVector<core::Method> methodsOf(const core::SweepSpec& sweep); // in the order of its runs

// Whether methods have learning rates of their own.
bool hasOwnRates(const core::SweepSpec& sweep);
// Each method of the sweep has rates of its own from now on, those that the sweep had; or all share the first method's.
void setOwnRates(core::SweepSpec& sweep, bool own);
// Twins whose method is not of the sweep any more go, new methods get rates where all have their own.
void settleTwins(core::SweepSpec& sweep, const QVector<core::Method>& methods);

// What a person may begin with: the run and its twin at three ranks around its own and three rates from its own up, alpha
// going with the rank, a twentieth of the rows held out to judge by where nothing is.
core::SweepSpec proposedSweep(const core::RunSpec& base);

// What a file or a folder that a person chose holds.
struct DraftFile {
    std::optional<core::SweepSpec> sweep; // SWEEP.json, or what is proposed over a run's spec
    QString folder; // of a sweep that was begun; empty: it is none
};
// Throws: core::Error naming the file. Threads: any, but the GUI's.
DraftFile readDraft(const QString& path);
// Of a text that was kept; none: it is no sweep any more. Threads: as above, for it looks at paths.
std::optional<core::SweepSpec> sweepFromKept(const QString& text);
QString sweepText(const core::SweepSpec& sweep); // SWEEP.json, workers included

// "sweep-rank-rate": by what is varied.
QString sweepFolderName(const core::SweepSpec& sweep);

} // namespace pissarro::ui
