// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/said.h"

#include <QString>

#include <string_view>

namespace pissarro::ui {

// A message of core for the window, where nobody types options: "go on with --resume" names the button, "--dtype float32" the
// field, "or replace it with --force" goes, since no window does that; "expected --as merged" becomes "expected as merged".
// Paths that hold two dashes and whole commands stay as they are.
QString withoutOptionDashes(const QString& message);

// What core says as id and arguments, and a job's stage ("Loading weights"), in the language that is spoken. A stage with
// a name in it ("Initialising PiSSA") stays as core has it.
QString messageText(const core::Said& said);
QString stageText(const QString& stage);

// A title of core's, a task's say ("Perplexity"), in the language that is spoken; a name ("GSM8K") is the same in each.
QString titleText(std::string_view title);

} // namespace pissarro::ui
