// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/runs/runs_model.h"

#include <QString>
#include <QVariant>

namespace pissarro::ui {

// What stands in a cell of the list of runs, and what the column is sorted by: numbers as numbers, else a text. What is not
// told sorts behind all that is (an invalid QVariant).
QString cellText(const RunsModel::Row& row, int column);
QVariant cellOrder(const RunsModel::Row& row, int column);

// "step 204 of 374", "diverged at 61", "0.612 ✓": what has to be known first. facts: of a run that is drawn; null: none.
QString statusOf(const RunsModel::Row& row, const OverlayFacts* facts);
// Why it failed, ended early or cannot be read, as a sentence; empty: nothing of it.
QString whyOf(const RunsModel::Row& row);

bool isFigureColumn(int column); // right-aligned
const core::RunColumn*
otherColumn(int column); // of core::runColumns(); null: one of RunsModel's own
int otherColumns(); // how many there are

// With the decimals of four digits, so that losses stand below each other: "6.200" over "6.134"; empty: it is none.
QString lossText(double value);

// "2026-11-24 13:37", in the person's own time zone.
QString localTime(const std::string& utc);

} // namespace pissarro::ui
