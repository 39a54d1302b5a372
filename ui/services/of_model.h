// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/model_files.h"

#include <QString>

#include <memory>

namespace pissarro::ui {

inline QString pathOf(const std::shared_ptr<const core::ModelFiles>& model) // empty: none is open
{
    return model ? QString::fromStdString(model->path().string()) : QString();
}

// A service that holds what belongs to the open model. The workbench calls both when another model is open; between them
// it tells of the model, so that nobody hears that something is gone before he knows why.
class OfModel {
public:
    virtual ~OfModel() = default;
    // Forgets what belonged to the model before; emits nothing.
    virtual void takeModel(std::shared_ptr<const core::ModelFiles> model) = 0;
    virtual void tellWhatIsGone() { }
};

} // namespace pissarro::ui
