// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/spec_fields.h"

#include <QString>
#include <QStringList>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace pissarro::ui {

// Where a form of several groups has a setting.
enum class FieldGroup { What, Data, HowLong, Where };
inline constexpr std::size_t kFieldGroups = 4;

// How a form shows a setting of core::specFields(). One without a row in field_look.cpp looks as its row in core says.
struct FieldLook {
    QString object; // name of its widget: "train.patience"
    QString label; // of its row: "Patience"
    QString title; // accessible name
    QString toolTip = {};
    std::function<QString(std::int64_t)> frame =
        {}; // how a number stands: "every %1 steps"; null: alone
    QString lowest = {}; // shown in place of the lowest number: "all cores"
    QStringList choices = {}; // of a choice, in core's order; of a flag: off, on
    QStringList choiceTips = {}; // empty: none
    QString beside = {}; // key of the setting that stands in the same row
    bool isPercent = false; // of a share
    bool isSlow = false; // each new value costs work: taken when it is typed to its end
    FieldGroup group = FieldGroup::HowLong; // the recipe
};

FieldLook fieldLook(const core::SpecField& field);

// What a key of run.json is called where settings are listed: "Minutes between checkpoints". One that is no setting: itself.
QString settingTitle(const std::string& key);
// Its value, as core::fieldText() has it, in the words of the form: "PiSSA", "8-bit". Without such: itself.
QString settingValue(const std::string& key, const std::string& value);

} // namespace pissarro::ui
