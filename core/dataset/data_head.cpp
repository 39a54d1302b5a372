// SPDX-License-Identifier: GPL-3.0-or-later
// What a person is shown of a data file: its first rows, one row, and those that cannot be used.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/bad_rows_p.h"
#include "core/dataset/data_figures.h"
#include "core/dataset/open_data_p.h"
#include "core/dataset/row_maker_p.h"
#include "core/file/atomic_file.h"
#include "core/file/output_marker.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline dataset {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kHeadBytes = 64U << 20U; // unpacked, of a packed file
constexpr std::size_t kShownColumns = 200; // that are shown
constexpr std::size_t kShownValue = 64U << 10U; // bytes of a value
constexpr std::size_t kShownBadRow = 400;

std::string cutText(std::string text, std::size_t bytes)
{
    if (text.size() > bytes) {
        text.resize(bytes);
        text.resize(wholeCharacters(text));
        text += "…";
    }
    return text;
}

std::string shownCell(const Json& value)
{
    const std::string* const text = jsonText(value);
    return cutText(text != nullptr       ? *text
                       : value.is_null() ? std::string()
                                         : value.dump(),
                   kShownValue);
}

DataHead::Row rowOf(DataHead& head, std::map<std::string, std::size_t>& places,
                    const RowSource& source, const RawRow& raw)
{
    DataHead::Row row;
    row.line = raw.line;
    try {
        if (raw.text.size() > kRowLimitBytes) {
            throw Error(ErrorKind::Format,
                        Clause {fmt::format("has {} bytes (expected at most {})", raw.text.size(),
                                            kRowLimitBytes)});
        }
        const Json json = source.parse(raw);
        if (!json.is_object()) {
            throw Error(ErrorKind::Format,
                        Clause {fmt::format("is {} (expected an object)", jsonKind(json))});
        }
        for (const auto& [name, value] : json.items()) {
            const auto [place, isNew] = places.emplace(name, head.columns.size());
            if (isNew && head.columns.size() >= kShownColumns) {
                places.erase(place);
                continue;
            }
            if (isNew) {
                head.columns.push_back(name);
            }
            row.values.resize(std::max(row.values.size(), place->second + 1));
            row.values[place->second] = shownCell(value);
        }
    } catch (const Error& e) {
        row.problem = badRowText(raw.line, e);
        row.values = {cutText(replaceInvalidUtf8(raw.text.substr(0, kShownBadRow)), kShownBadRow)};
    }
    return row;
}

} // namespace

namespace {

DataHead headOf(const std::filesystem::path& path, std::size_t rows, const JobContext& job)
{
    const OpenData data = openData(path, job, kHeadBytes);
    DataHead head;
    head.kind = data.kind();
    std::map<std::string, std::size_t> places;
    try {
        while (head.rows.size() < rows) {
            const std::optional<RawRow> raw = data.rows->next();
            if (!raw) {
                break;
            }
            job.throwIfCancelled();
            if (!data.file.isWhole && raw->atFileEnd) {
                head.isAll = false;
                break; // it is cut where no more was unpacked
            }
            head.rows.push_back(rowOf(head, places, *data.rows, *raw));
        }
        head.isAll = head.isAll && data.file.isWhole && !data.rows->next();
        data.requireWhole();
    } catch (const Error& e) {
        data.requireWhole();
        if (!data.file.isWhole) { // the array that is not closed
            head.isAll = false;
            return head;
        }
        throw e.within(shownPath(path));
    }
    for (DataHead::Row& row : head.rows) {
        if (row.problem.empty()) {
            row.values.resize(head.columns.size());
        }
    }
    return head;
}

} // namespace

DataHead dataHead(const std::filesystem::path& path, std::size_t rows, const JobContext& job)
{
    const std::vector<DataPart> parts = dataParts(path);
    DataHead head = headOf(parts.front().path, rows, job); // of several files the first
    if (parts.size() > 1) {
        head.kind = mixKind(parts);
        head.isAll = false;
    }
    return head;
}

DataHead rowAt(const std::filesystem::path& path, const RowPlace& place, const JobContext& job)
{
    const std::vector<DataPart> parts = dataParts(path);
    const auto file = static_cast<std::size_t>(std::max(place.file, 0));
    if (file >= parts.size()) {
        throw Error(ErrorKind::Format, "lists fewer files than when its rows were read")
            .within(shownPath(path));
    }
    const OpenData data = openData(parts[file].path, job);
    const auto size = static_cast<std::int64_t>(data.text.size());
    if (place.begin < 0 || place.size < 0 || place.begin > size
        || place.size > size - place.begin) {
        throw Error(ErrorKind::Format,
                    "has changed since its rows were read (expected it as it was); open it again")
            .within(shownPath(path));
    }
    DataHead head;
    head.kind = data.kind();
    head.isAll = false;
    std::map<std::string, std::size_t> places;
    const RawRow raw {data.text.substr(static_cast<std::size_t>(place.begin),
                                       static_cast<std::size_t>(place.size)),
                      place.line};
    head.rows.push_back(rowOf(head, places, *data.rows, raw));
    data.requireWhole();
    return head;
}

void writeBadRowsOf(const OpenData& open, const WhyBad& whyBad, AtomicFile& to, std::int64_t& count,
                    const JobContext& job)
{
    std::int64_t seen = 0;
    while (const std::optional<RawRow> raw = open.rows->next()) {
        if (seen++ % 64 == 0) {
            job.checkpoint(open.rows->fraction(),
                           PISSARRO_SAID("pissarro::core", "looking for bad rows"));
        }
        std::string why;
        try {
            why = whyBad(*open.rows, *raw);
        } catch (const Error& e) {
            why = badRowText(raw->line, e);
        }
        if (why.empty()) {
            continue;
        }
        Json line = Json::object();
        line["line"] = raw->line;
        line["why"] = why;
        line["text"] = cutText(replaceInvalidUtf8(raw->text.substr(0, kShownBadRow)), kShownBadRow);
        to.write(fmt::format("{}\n", (count++ == 0 ? markedJson(line) : line).dump()));
    }
    open.requireWhole();
}

std::int64_t writeBadRows(const std::filesystem::path& data, const DataOptions& options,
                          const Tokenizer* chatTokenizer, const BadRowsFile& target,
                          const JobContext& job)
{
    const std::vector<DataPart> parts = dataParts(data);
    AtomicFile file(target.path, checkOutputFile(target.path, target.rule.with(dataPlaces(data))));
    std::int64_t count = 0;
    for (const DataPart& part : parts) {
        RowMaker maker(optionsOf(part, options), chatTokenizer);
        const auto why = [&](const RowSource& rows, const RawRow& raw) {
            std::string found;
            for (const DataRow& row : maker.rowsOf(rows, raw)) {
                found = row.whyNotLearned.empty() ? found : row.whyNotLearned;
            }
            return found;
        };
        writeBadRowsOf(openData(part.path, job), why, file, count, job);
    }
    if (count > 0) {
        file.commit();
    }
    return count;
}

} // namespace pissarro::core::inline dataset
