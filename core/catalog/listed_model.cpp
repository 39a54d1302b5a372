// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/listed_model.h"

#include "core/base/fmt.h"
#include "core/format/dtype.h"
#include "core/text/ascii.h"
#include "core/text/enum_names.h"

#include <algorithm>
#include <array>

namespace pissarro::core::inline catalog {

namespace {

constexpr std::array kFits {
    Named<MemoryFit> {MemoryFit::Unknown, "unknown"},
    Named<MemoryFit> {MemoryFit::Fits, "fits"},
    Named<MemoryFit> {MemoryFit::Tight, "tight"},
    Named<MemoryFit> {MemoryFit::TooBig, "too big"},
};

} // namespace

std::string ListedModel::title() const
{
    return author.empty() ? name : fmt::format("{}/{}", author, name);
}

MemoryFit fitOf(const TrainingNeed& need, std::int64_t memoryBytes)
{
    if (!need.isKnown() || memoryBytes <= 0) {
        return MemoryFit::Unknown;
    }
    const auto all = static_cast<double>(memoryBytes);
    const auto asked = static_cast<double>(need.adapter.total());
    return asked > all               ? MemoryFit::TooBig
        : asked >= kTightShare * all ? MemoryFit::Tight
                                     : MemoryFit::Fits;
}

std::string_view fitName(MemoryFit fit)
{
    return nameIn(kFits, fit);
}

Storage storageOf(const ListedModel& model)
{
    if (model.types.empty()) {
        return Storage::Unknown;
    }
    const auto type = dtypeNamed(model.types.front().name);
    return !type                                                            ? Storage::Blocks
        : *type == DType::BF16                                              ? Storage::BFloat16
        : *type == DType::F16 || *type == DType::F32 || *type == DType::F64 ? Storage::Float
                                                                            : Storage::Blocks;
}

bool isFoundBy(const ListedModel& model, std::string_view words)
{
    const std::string asked = lowered(std::string(words));
    std::size_t at = asked.find_first_not_of(" \t");
    if (at == std::string::npos) {
        return true;
    }
    const std::string all =
        lowered(fmt::format("{} {} {} {} {}", model.title(), model.version, model.architecture,
                            model.storedAs, model.path.string()));
    while (at != std::string::npos) {
        const std::size_t end = std::min(asked.find_first_of(" \t", at), asked.size());
        if (all.find(asked.substr(at, end - at)) == std::string::npos) {
            return false;
        }
        at = asked.find_first_not_of(" \t", end);
    }
    return true;
}

} // namespace pissarro::core::inline catalog
