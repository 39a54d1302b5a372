// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/data_mix.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/json_file.h"
#include "core/text/json_fields.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <cmath>

namespace pissarro::core::inline dataset {

namespace {

constexpr std::uint64_t kLargestList = 1U << 20U;
constexpr std::size_t kMostFiles = 1'000;
constexpr double kMostTimes = 1'000.0;

DataPart partOf(const nlohmann::json& entry, const std::filesystem::path& folder)
{
    DataPart part;
    if (!entry.is_object()) {
        throw Error(ErrorKind::Format,
                    fmt::format("lists {} (expected an object with path, and weight or map)",
                                jsonKind(entry)));
    }
    for (const auto& [key, value] : entry.items()) {
        if (key != "path" && key != "weight" && key != "map") {
            throw Error(ErrorKind::Format,
                        fmt::format("lists a file with the key {} (expected path, weight and map)",
                                    shownText(key, 24)));
        }
    }
    const JsonFields fields(entry);
    const std::filesystem::path path = fields.text("path").value_or(std::string());
    if (path.empty()) {
        throw Error(ErrorKind::Format, "lists a file without a path");
    }
    part.path = path.is_absolute() ? path : folder / path;
    part.weight = fields.positive("weight").value_or(1.0);
    if (part.weight > kMostTimes) {
        throw Error(ErrorKind::Format,
                    fmt::format("has the weight {} (expected at most {})",
                                shownValue(*fields.find("weight")), kMostTimes));
    }
    part.columns = parseColumnMap(fields.text("map").value_or(std::string()));
    return part;
}

} // namespace

std::vector<DataPart> dataParts(const std::filesystem::path& path)
{
    if (!path.filename().string().ends_with(".mix.json")) {
        return {{path, 1.0, {}}};
    }
    const nlohmann::json list = readJsonFile(path, kLargestList);
    try {
        const nlohmann::json* files = list.is_object() ? jsonField(list, "files") : nullptr;
        if (files == nullptr || !files->is_array() || files->empty()
            || files->size() > kMostFiles) {
            throw Error(ErrorKind::Format,
                        fmt::format("holds no list of 1 to {} files (expected {{\"files\": "
                                    "[{{\"path\": …, \"weight\": …}}, …]}})",
                                    kMostFiles));
        }
        std::vector<DataPart> parts;
        for (const nlohmann::json& entry : *files) {
            parts.push_back(partOf(entry, path.parent_path()));
            if (parts.back().path.filename().string().ends_with(".mix.json")) {
                throw Error(ErrorKind::Format, "lists another list (expected files of rows)");
            }
        }
        return parts;
    } catch (const Error& e) {
        throw Error(ErrorKind::Format, e.what()).within(shownPath(path));
    }
}

std::vector<std::filesystem::path> dataPlaces(const std::filesystem::path& path)
{
    std::vector<std::filesystem::path> places {path};
    try {
        for (const DataPart& part : dataParts(path)) {
            places.push_back(part.path);
        }
    } catch (const Error&) {
    }
    return places;
}

std::int64_t timesTaken(std::int64_t row, double weight)
{
    const auto until = [weight](std::int64_t rows) {
        return std::llround(static_cast<double>(rows) * weight);
    };
    return until(row + 1) - until(row);
}

} // namespace pissarro::core::inline dataset
