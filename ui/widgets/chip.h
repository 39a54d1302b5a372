// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>

namespace pissarro::ui {

// A short fact in a pill: "CPU · 2 threads".
class Chip : public QLabel {
    Q_OBJECT

public:
    Chip(const QString& name, const QString& accessible, QWidget* parent = nullptr);

    void setFact(const QString& fact); // empty hides the chip
};

} // namespace pissarro::ui
