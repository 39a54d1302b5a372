// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/peft_config.h"

#include <algorithm>
#include <cctype>

namespace pissarro::core::inline format {

namespace {

std::string lowered(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

} // namespace

bool namesModel(const std::string& named, const std::filesystem::path& path,
                const std::string& displayName)
{
    if (named.empty()) {
        return true;
    }
    std::error_code ignored;
    if (std::filesystem::exists(named, ignored)) {
        return std::filesystem::equivalent(named, path, ignored);
    }
    const auto lastName = [](const std::string& text) {
        const std::filesystem::path whole(text);
        const std::string last =
            (whole.has_filename() ? whole.filename() : whole.parent_path().filename()).string();
        return lowered(last.ends_with(".gguf") ? last.substr(0, last.size() - 5) : last);
    };
    const std::string wanted = lastName(named);
    const std::string file = lastName(path.string());
    // A GGUF's name adds how it is quantized: "smollm2-135m-instruct-q4_1.gguf".
    return wanted == file || wanted == lowered(displayName)
        || (path.extension() == ".gguf" && file.rfind(wanted + "-", 0) == 0);
}

} // namespace pissarro::core::inline format
