// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/model_files.h"
#include "core/tokenizer/tokenizer.h"

#include <QString>

#include <memory>

namespace pissarro::ui {

inline QString pathOf(const std::shared_ptr<const core::ModelFiles>& model) // empty: none is open
{
    return model ? QString::fromStdString(model->path().string()) : QString();
}

// What a model brings when it is opened.
struct OpenedModel {
    std::shared_ptr<const core::ModelFiles> files {}; // null: none is open
    std::shared_ptr<const core::Tokenizer> tokenizer {}; // null: it has none that can be read
    QString tokenizerProblem {}; // why
    QString canonicalPath {}; // of `files`, with no link in it
};

// A service that holds what belongs to the open model. Model calls both when another one is open; between them it tells of
// it, so that nobody hears that something is gone before he knows why.
class OfModel {
public:
    virtual ~OfModel() = default;
    // Forgets what belonged to the model before; emits nothing.
    virtual void takeModel(const OpenedModel& opened) = 0;
    // And begins what is made of the new one.
    virtual void tellWhatIsGone() { }
};

} // namespace pissarro::ui
