// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/gguf.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pissarro::core::inline model::inline families {

// Look-ups under "<architecture>." of a GGUF's header.
class GgufHeader {
public:
    GgufHeader(const GgufFile& file, const std::string& architecture); // the file outlives it

    // llama.cpp writes some sizes once per layer when the layers differ; ours must be alike. Throws: Error{Format}.
    std::optional<std::int64_t> whole(const std::string& key) const;
    std::int64_t required(const std::string& key) const;
    // The shortest decimal that names the same float32: what the model's config.json said.
    std::optional<double> number(const std::string& key) const;
    std::optional<std::string> text(const std::string& key) const;
    bool hasTensor(const std::string& name) const { return m_file.find(name) != nullptr; }
    // Finite numbers above 0 of an F32 tensor of so many; empty: it is not there. Throws: Error{Format}.
    std::vector<double> factors(const std::string& tensor, std::int64_t count) const;

private:
    const GgufFile& m_file;
    std::string m_prefix;
};

} // namespace pissarro::core::inline model::inline families
