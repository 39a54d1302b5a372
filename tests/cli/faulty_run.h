// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/cli/writers.h"

#include <QByteArray>
#include <QList>
#include <QString>
#include <QStringList>

namespace pissarro::tests {

// A sanitizer comes before what is loaded before the C library, and reserves all address space: no faults there.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
constexpr const char* kSanitizedReason =
    "a sanitizer comes before what is loaded before the C library, and reserves all address space";

// How a run of pissarro-cli under a fault ended.
struct Ending {
    bool killed = false;
    int exitCode = 0;
    QByteArray err;

    QList<QByteArray> errorLines() const;
};

// What stands in the way of a run.
struct Fault {
    QString order; // PISSARRO_FAULT of tests/tools/faults.cpp; empty: none
    QStringList limits = {}; // of prlimit: "--as=…"
};

// Runs pissarro-cli in `folder`, without caches and on one thread; faults hit files below folder/place.
Ending runCliUnder(const Fault& fault, const QStringList& arguments, const QString& folder);

// The first temporary file or folder below; empty: there is none.
QString leftoverIn(const QString& folder);

} // namespace pissarro::tests
