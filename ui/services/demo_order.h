// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_spec.h"

#include <QMetaType>
#include <QString>
#include <QStringList>

namespace pissarro::ui {

// A run that is filled in and begins by itself as soon as its model and data are open: go("train", a DemoOrder).
struct DemoOrder {
    core::RunSpec spec;
};

// A small model that is at hand: the one that comes with the program or its sources, that one in the Hugging Face cache, else
// the smallest GGUF file of `recent`. Empty: none.
QString findDemoModel(const QStringList& recent);

// The rows that come with the program, written where a run can name them. Throws: core::Error where they cannot be written.
QString demoData();

// PiSSA, some steps on those rows: minutes on a workstation.
DemoOrder demoOrder(const QString& model, const QString& data);

} // namespace pissarro::ui

Q_DECLARE_METATYPE(pissarro::ui::DemoOrder)
