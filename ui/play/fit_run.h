// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_spec.h"

#include <QObject>

#include <memory>

namespace pissarro::ui {

class TrainForm;
struct Services;

// Sets the Train form so that PiSSA and its LoRA twin end within some seconds on this machine: measures the machine by a
// few short steps once model, data and spectra are there, then says what it chose. A run that a person starts meanwhile
// goes first: nothing is set then.
class FitRun : public QObject {
    Q_OBJECT

public:
    // `form` and `services` outlive this.
    FitRun(TrainForm& form, Services& services, double seconds, QObject* parent = nullptr);
    ~FitRun() override;

    // What is measured with and set, but for steps and batch size.
    static core::RunSpec recipe(const TrainForm& form, const Services& services);

Q_SIGNALS:
    void done(const QString& line); // for people: the settings, or why there are none

private:
    struct Private;
    void lookWhetherAllIsThere();
    std::unique_ptr<Private> d;
};

} // namespace pissarro::ui
