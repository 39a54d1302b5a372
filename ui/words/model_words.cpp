// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/words/model_words.h"

#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <map>

namespace pissarro::ui {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(pissarro::ui::ModelWords)
};

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
    return QString::fromStdString(
        most == elements.end() ? files.config().dtype : std::string(core::dtypeWords(most->first)));
}

QString modelFact(const core::ModelFiles& files)
{
    const std::int64_t layers = files.config().layers;
    return QStringList {QString::fromStdString(files.config().architecture),
                        Words::tr("%1 layers", nullptr, pluralOf(layers)).arg(layers),
                        Words::tr("%1 parameters", nullptr, pluralOf(files.parameters()))
                            .arg(formatCompact(files.parameters())),
                        weightTypeOf(files)}
        .join(QStringLiteral(" · "));
}

QString deviceTitle(const core::DeviceInfo& device)
{
    return device.threads > 0 ? Words::tr("CPU · %n threads", nullptr, pluralOf(device.threads))
                              : QString::fromStdString(device.title);
}

} // namespace pissarro::ui
