// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/words/model_words.h"

#include "ui/words/format.h"

#include <algorithm>
#include <map>

namespace pissarro::ui {

QString weightTypeOf(const core::ModelFiles& files)
{
    std::map<core::DType, std::int64_t> elements;
    for (const core::LinearModule& module : files.linearModules()) {
        elements[module.dtype] += module.rows * module.cols;
    }
    const auto most =
        std::max_element(elements.begin(), elements.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    return QString::fromStdString(
        most == elements.end() ? files.config().dtype : std::string(core::dtypeWords(most->first)));
}

QString modelFact(const core::ModelFiles& files)
{
    return QStringLiteral("%1 · %2 layers · %3 parameters · %4")
        .arg(QString::fromStdString(files.config().architecture))
        .arg(files.config().layers)
        .arg(formatCompact(files.parameters()), weightTypeOf(files));
}

} // namespace pissarro::ui
