// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/words/model_words.h"

#include "ui/words/format.h"

#include <algorithm>
#include <map>

namespace pissarro::ui {

namespace {

QString dtypeWords(core::DType dtype)
{
    switch (dtype) {
    case core::DType::F32:
        return QStringLiteral("float32");
    case core::DType::F16:
        return QStringLiteral("float16");
    case core::DType::BF16:
        return QStringLiteral("bfloat16");
    default: {
        const std::string_view name = core::dtypeName(dtype);
        return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
    }
    }
}

} // namespace

QString weightTypeOf(const core::ModelFiles& files)
{
    std::map<core::DType, std::int64_t> elements;
    for (const core::LinearModule& module : files.linearModules()) {
        elements[module.dtype] += module.rows * module.cols;
    }
    const auto most =
        std::max_element(elements.begin(), elements.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == elements.end() ? QString::fromStdString(files.config().dtype)
                                  : dtypeWords(most->first);
}

QString modelFact(const core::ModelFiles& files)
{
    return QStringLiteral("%1 · %2 layers · %3 parameters · %4")
        .arg(QString::fromStdString(files.config().architecture))
        .arg(files.config().layers)
        .arg(formatCompact(files.parameters()), weightTypeOf(files));
}

} // namespace pissarro::ui
