// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/provenance.h"

#include "core/base/error.h"
#include "core/io/atomic_file.h"

#include <nlohmann/json.hpp>

namespace pissarro::core {

void writeProvenance(const std::filesystem::path& directory,
                     const std::filesystem::path& sourceModel, const std::string& method)
{
    const nlohmann::json text {{"source_model", sourceModel.string()}, {"method", method}};
    writeFileAtomically(directory / kProvenanceFile, text.dump(2) + "\n");
}

std::optional<std::filesystem::path> sourceModelOf(const std::filesystem::path& model)
{
    const auto file = model / kProvenanceFile;
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored)) {
        return std::nullopt;
    }
    try {
        const auto text = nlohmann::json::parse(readWholeFile(file, 1U << 20U), nullptr,
                                                /*allow_exceptions=*/false);
        if (text.is_object() && text.contains("source_model") && text["source_model"].is_string()) {
            return std::filesystem::path(text["source_model"].get<std::string>());
        }
    } catch (const Error&) {
    }
    return std::nullopt;
}

std::filesystem::path untouchedModelOf(const RunSpec& spec, const ModelFiles& trainedOn)
{
    if (spec.initAdapter.empty() || trainedOn.isFourBit()) {
        return trainedOn.path();
    }
    return sourceModelOf(trainedOn.path()).value_or(trainedOn.path());
}

} // namespace pissarro::core
