// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pissarro::core::inline format {

// The name of a file that is one of several: "model-00002-of-00003.safetensors".
struct PartName {
    std::string prefix; // "model"
    std::int64_t number = 0; // from 1
    std::int64_t count = 0; // five digits at most
    std::string extension; // ".safetensors"

    std::string text() const;
    PartName other(std::int64_t which) const { return {prefix, which, count, extension}; }
};

// nullopt: the name does not end so, nothing stands before it, or its number is not among its count.
std::optional<PartName> partNameOf(std::string_view fileName, std::string_view extension);

} // namespace pissarro::core::inline format
