// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/provenance.h"

#include "core/base/error.h"
#include "core/file/atomic_file.h"
#include "core/file/mapped_file.h"
#include "core/model/base_files.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <nlohmann/json.hpp>

namespace pissarro::core::inline model {

void writeProvenance(const std::filesystem::path& directory,
                     const std::filesystem::path& sourceModel, const std::string& method)
{
    const nlohmann::json text {{"source_model", sourceModel.string()}, {"method", method}};
    writeFileAtomically(directory / kProvenanceFile, text.dump(2) + "\n");
}

std::optional<Provenance> provenanceOf(const std::filesystem::path& directory)
{
    const auto file = directory / kProvenanceFile;
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored)) {
        return std::nullopt;
    }
    try {
        const auto text = nlohmann::json::parse(readWholeFile(file, 1U << 20U), nullptr,
                                                /*allow_exceptions=*/false);
        if (const auto source = jsonFieldAs<std::string>(text, "source_model")) {
            return Provenance {
                textWithoutNul("source_model", *source),
                textWithoutNul("method", jsonFieldAs<std::string>(text, "method").value_or(""))};
        }
    } catch (const Error&) {
    }
    return std::nullopt;
}

std::optional<std::filesystem::path> sourceModelOf(const std::filesystem::path& model)
{
    const auto provenance = provenanceOf(model);
    return provenance ? std::optional(provenance->sourceModel) : std::nullopt;
}

std::optional<std::filesystem::path> factorsMadeWith(const std::filesystem::path& base)
{
    const auto provenance = provenanceOf(base);
    // A name out of a file: one folder below the base, or nothing.
    if (!provenance || provenance->method.empty()
        || provenance->method.find_first_of("/\\.") != std::string::npos) {
        return std::nullopt;
    }
    const auto folder = base / factorsFolder(provenance->method, FactorsAre::Init);
    return holdsAdapter(folder) ? std::optional(folder) : std::nullopt;
}

} // namespace pissarro::core::inline model
