// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/labelled_texts.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/bad_rows_p.h"
#include "core/dataset/data_columns_p.h"
#include "core/dataset/data_figures.h"
#include "core/dataset/data_mix.h"
#include "core/dataset/open_data_p.h"
#include "core/dataset/row_maker_p.h"
#include "core/dataset/tally_p.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"
#include "core/text/said.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

namespace pissarro::core::inline dataset {

namespace {

using Row = nlohmann::ordered_json;

// The column of a text and that of the other one; null: there is none.
using TextColumns = std::pair<const char*, const char*>;
constexpr std::array<TextColumns, 13> kTextColumns {{
    {"sentence1", "sentence2"},
    {"premise", "hypothesis"},
    {"question1", "question2"},
    {"question", "sentence"},
    {"question", "passage"},
    {"text1", "text2"},
    {"text_a", "text_b"},
    {"text", "pair"},
    {"text", "text_pair"},
    {"sentence", nullptr},
    {"text", nullptr},
    {"review", nullptr},
    {"content", nullptr},
}};
constexpr std::array<const char*, 5> kLabelColumns {"label", "labels", "gold_label", "class",
                                                    "score"};

struct Columns {
    std::string first, second, label; // second may be empty
};

std::string fieldsOf(const Row& row)
{
    constexpr std::size_t kMost = 8;
    std::string names;
    std::size_t count = 0;
    for (const auto& [name, value] : row.items()) {
        if (++count <= kMost) {
            names += fmt::format("{}{}", names.empty() ? "" : ", ", shownText(name, 40));
        }
    }
    return count > kMost ? fmt::format("{} and {} more", names, count - kMost) : names;
}

// Those whose names say it; a text or a label that none has is empty.
template <class Has>
Columns namedColumns(const Has& has)
{
    Columns columns;
    const auto found =
        std::find_if(kTextColumns.begin(), kTextColumns.end(), [&](const TextColumns& one) {
            return has(one.first) && (one.second == nullptr || has(one.second));
        });
    if (found != kTextColumns.end()) {
        columns.first = found->first;
        columns.second = found->second == nullptr ? "" : found->second;
    }
    const auto label = std::find_if(kLabelColumns.begin(), kLabelColumns.end(), has);
    columns.label = label == kLabelColumns.end() ? "" : *label;
    return columns;
}

Columns columnsOf(const Row& row, const ColumnMap& map)
{
    if (!row.is_object()) {
        throw Error(ErrorKind::Format, "is no object (expected columns with a text and a label)");
    }
    Columns columns;
    if (!map.empty()) {
        const auto of = [&](const char* role) {
            const auto found = map.find(role);
            return found == map.end() ? std::string() : found->second;
        };
        columns = {of("text"), of("pair"), of("label")};
    } else {
        columns = namedColumns([&](const char* name) { return row.contains(name); });
    }
    if (columns.first.empty() || columns.label.empty()) {
        throw Error(ErrorKind::Format,
                    fmt::format("has {} (expected a text, or two, and a label, such as sentence1, "
                                "sentence2 and label); name them by --map text=…,pair=…,label=…",
                                row.empty() ? std::string("no columns") : fieldsOf(row)));
    }
    return columns;
}

std::string textOf(const Row& row, const std::string& column)
{
    const Row* const value = jsonField(row, column.c_str());
    if (value == nullptr) {
        throw Error(ErrorKind::Format, fmt::format("has no {}", shownText(column, 40)));
    }
    return textIn(*value, column);
}

std::optional<double> numberIn(const std::string& text)
{
    double number = 0.0;
    const char* const end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && last == end && std::isfinite(number) ? std::optional(number)
                                                                        : std::nullopt;
}

// found: names met so far, of labels that are not known.
double targetOf(const Row& row, const std::string& column, const LabelSet& labels,
                std::vector<std::string>& found)
{
    const Row* const value = jsonField(row, column.c_str());
    if (value == nullptr) {
        throw Error(ErrorKind::Format, fmt::format("has no {}", shownText(column, 40)));
    }
    const std::string* const text = jsonText(*value);
    const auto named = text == nullptr ? labels.names.end()
                                       : std::find(labels.names.begin(), labels.names.end(), *text);
    if (named != labels.names.end()) {
        return static_cast<double>(named - labels.names.begin());
    }
    const auto flag = jsonAs<bool>(*value);
    const auto number = text != nullptr ? numberIn(*text)
        : flag                          ? std::optional(*flag ? 1.0 : 0.0)
                                        : jsonAs<double>(*value);
    if (labels.count == 0 && text != nullptr && !number) {
        const auto known = std::find(found.begin(), found.end(), *text);
        const auto place = known - found.begin();
        if (known == found.end()) {
            found.push_back(*text);
        }
        return static_cast<double>(place);
    }
    const bool isClass = number && *number == std::floor(*number) && *number >= 0.0
        && *number < static_cast<double>(labels.count);
    if (!number || !std::isfinite(*number) || (labels.count > 1 && !isClass)) {
        throw Error(
            ErrorKind::Format,
            fmt::format("has the {} {} (expected {})", shownText(column, 40),
                        number                ? numberText(*number)
                            : text != nullptr ? shownText(*text, 40)
                                              : std::string(jsonKind(*value)),
                        labels.count == 1
                            ? std::string("a number")
                            : fmt::format("0 to {}, or a name of the head's classes; name these by "
                                          "--labels NAME,NAME,…",
                                          labels.count - 1)));
    }
    return *number;
}

class Reader {
public:
    Reader(const DataOptions& options, const LabelSet& labels, const Tokenizer& tokenizer,
           std::int64_t maxLength, const JobContext& job)
        : m_options(options)
        , m_labels(labels)
        , m_tokenizer(tokenizer)
        , m_maxLength(static_cast<std::size_t>(maxLength))
        , m_job(job)
    {
        m_data.regression = labels.count == 1;
    }

    void read(const std::filesystem::path& path, std::int32_t file)
    {
        const OpenData data = openData(path, m_job);
        m_data.kind = data.kind();
        while (const std::optional<RawRow> raw = data.rows->next()) {
            m_job.checkpoint(data.rows->fraction(), PISSARRO_SAID("pissarro::core", "tokenizing"));
            try {
                add(data.rows->parse(*raw), data.placeOf(*raw), file);
            } catch (const Error& e) {
                data.requireWhole();
                std::string why = badRowText(raw->line, e);
                if (m_options.strict || e.kind() != ErrorKind::Format) {
                    throw Error(e.kind(), why);
                }
                addBadRow(m_data.bad, raw->line, std::move(why));
            }
        }
        data.requireWhole();
    }

    TokenizedData result()
    {
        if (m_data.examples.empty()) {
            throw Error(ErrorKind::Format,
                        m_data.bad.first.empty() ? std::string(kNoRows) : m_data.bad.first[0].why);
        }
        if (m_data.summary.truncated > 0) {
            m_data.notes.push_back(
                {PISSARRO_SAID_N("pissarro::core",
                                 "%1 of %2 rows cut at the maximum length of %3 tokens"),
                 "%1 of %2 row cut at the maximum length of %3 tokens",
                 m_data.summary.rows,
                 {fmt::format("{}", m_data.summary.truncated),
                  fmt::format("{}", m_data.summary.rows), fmt::format("{}", m_maxLength)}});
        }
        const std::vector<Said> bad = badRowNotes(m_data.bad);
        m_data.notes.insert(m_data.notes.end(), bad.begin(), bad.end());
        return std::move(m_data);
    }

private:
    void add(const Row& row, RowPlace place, std::int32_t file)
    {
        const Columns columns = columnsOf(row, m_options.columns);
        const std::string first = textOf(row, columns.first);
        const std::string second =
            columns.second.empty() ? std::string() : textOf(row, columns.second);
        Example example;
        example.target = targetOf(row, columns.label, m_labels, m_found);
        const EncodedPair pair = m_tokenizer.encodePair(
            first, columns.second.empty() ? std::nullopt : std::optional<std::string_view>(second),
            m_maxLength, m_job);
        example.ids = pair.ids;
        example.promptTokens = static_cast<std::int32_t>(pair.ids.size());
        if (std::any_of(pair.types.begin(), pair.types.end(),
                        [](std::int32_t type) { return type != 0; })) {
            example.types = pair.types;
        }
        example.truncated = pair.cut > 0;
        example.row = m_data.summary.rows++;
        place.file = file;
        example.place = place;
        if (m_data.columns.empty()) {
            m_data.columns = columns.second.empty()
                ? fmt::format("{}, {}", columns.first, columns.label)
                : fmt::format("{}, {}, {}", columns.first, columns.second, columns.label);
        }
        countExample(m_data.summary, example);
        m_data.examples.push_back(std::move(example));
    }

    const DataOptions& m_options;
    const LabelSet& m_labels;
    const Tokenizer& m_tokenizer;
    std::size_t m_maxLength;
    const JobContext& m_job;
    TokenizedData m_data;
    std::vector<std::string> m_found; // names of labels that are not known
};

} // namespace

std::vector<ShownText> shownTexts(const std::filesystem::path& path, const DataOptions& options,
                                  std::int64_t rows, const JobContext& job)
{
    try {
        const OpenData data = openData(path, job);
        std::vector<ShownText> shown;
        while (const std::optional<RawRow> raw = data.rows->next()) {
            job.throwIfCancelled();
            const auto count = static_cast<std::int64_t>(shown.size());
            if (rows > 0 && count == rows) {
                break;
            }
            try {
                const Row row = data.rows->parse(*raw);
                const Columns columns = columnsOf(row, options.columns);
                std::string text = textOf(row, columns.first);
                if (!columns.second.empty()) {
                    text = fmt::format("{}\n{}", text, textOf(row, columns.second));
                }
                shown.push_back({count, std::move(text)});
            } catch (const Error& e) {
                if (e.kind() != ErrorKind::Format) {
                    throw;
                }
            }
        }
        data.requireWhole();
        return shown;
    } catch (const Error& e) {
        throw e.withinOnce(shownPath(path));
    }
}

TokenizedData labelledTexts(const std::filesystem::path& path, const DataOptions& options,
                            const LabelSet& labels, const Tokenizer& tokenizer,
                            std::int64_t maxLength, const JobContext& job)
{
    try {
        Reader reader(options, labels, tokenizer, maxLength, job);
        reader.read(path, 0);
        return reader.result();
    } catch (const Error& e) {
        throw e.withinOnce(shownPath(path));
    }
}

ColumnMap guessedTextColumns(const std::vector<std::string>& columns)
{
    const Columns named = namedColumns([&](const char* name) {
        return std::find(columns.begin(), columns.end(), name) != columns.end();
    });
    if (named.first.empty() || named.label.empty()) {
        return {};
    }
    ColumnMap map {{"text", named.first}, {"label", named.label}};
    if (!named.second.empty()) {
        map["pair"] = named.second;
    }
    return map;
}

std::int64_t writeBadTexts(const std::filesystem::path& data, const DataOptions& options,
                           const LabelSet& labels, const BadRowsFile& target, const JobContext& job)
{
    AtomicFile file(target.path, checkOutputFile(target.path, target.rule.with(dataPlaces(data))));
    std::int64_t count = 0;
    std::vector<std::string> found;
    const auto why = [&](const RowSource& rows, const RawRow& raw) {
        const Row row = rows.parse(raw);
        const Columns columns = columnsOf(row, options.columns);
        textOf(row, columns.first);
        if (!columns.second.empty()) {
            textOf(row, columns.second);
        }
        targetOf(row, columns.label, labels, found);
        return std::string();
    };
    writeBadRowsOf(openData(data, job), why, file, count, job);
    if (count > 0) {
        file.commit();
    }
    return count;
}

} // namespace pissarro::core::inline dataset
