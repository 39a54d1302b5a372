// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/spec_fields.h"

#include <QString>
#include <QStringList>

#include <cstdint>
#include <functional>

namespace pissarro::ui {

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
};

FieldLook fieldLook(const core::SpecField& field);

} // namespace pissarro::ui
