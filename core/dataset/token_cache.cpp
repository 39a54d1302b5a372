// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/token_cache_p.h"
#include "core/file/fingerprint.h"
#include "core/file/intact.h"
#include "core/file/mapped_file.h"
#include "core/format/safetensors.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <sys/stat.h>

namespace pissarro::core::inline dataset {

namespace {

using Tree = nlohmann::json;

constexpr int kVersion =
    2; // of the entries, and of what rows become: another shape that is read is another one
constexpr std::int64_t kSmallest = 4 << 20; // bytes of a file: less is read as fast
constexpr std::size_t kProbeBytes = 64U << 10U;

// What tells two tokenizers apart. Merges are told by what they make of a text.
std::string fingerprintOf(const Tokenizer& tokenizer, std::string_view probe)
{
    Fingerprint print;
    print.add(tokenizer.kind());
    print.add(std::int64_t {tokenizer.bosId()});
    print.add(std::int64_t {tokenizer.eosId()});
    print.add(tokenizer.chatTemplate());
    for (const auto& [name, text] : tokenizer.specialTokens()) {
        print.add(name);
        print.add(text);
    }
    print.add(tokenizer.vocabularySize());
    for (std::int64_t id = 0; id < tokenizer.vocabularySize(); ++id) {
        print.add(tokenizer.piece(static_cast<std::int32_t>(id)));
    }
    for (const std::int32_t id : tokenizer.encode(probe)) {
        print.add(std::int64_t {id});
    }
    return print.text();
}

Tree saidJson(const std::vector<Said>& notes)
{
    Tree out = Tree::array();
    for (const Said& note : notes) {
        out.push_back(
            {{"id", note.id}, {"one", note.one}, {"count", note.count}, {"args", note.args}});
    }
    return out;
}

std::vector<Said> saidFrom(const Tree& notes)
{
    std::vector<Said> out;
    for (const Tree& note : notes) {
        out.push_back({jsonFieldAs<std::string>(note, "id").value_or(std::string()),
                       jsonFieldAs<std::string>(note, "one").value_or(std::string()),
                       jsonFieldAs<std::int64_t>(note, "count").value_or(0),
                       jsonFieldAs<std::vector<std::string>>(note, "args")
                           .value_or(std::vector<std::string>())});
    }
    return out;
}

std::string headOf(const TokenizedData& data)
{
    Tree bad = Tree::array();
    for (const BadRow& row : data.bad.first) {
        bad.push_back({{"line", row.line}, {"why", row.why}});
    }
    const Tree head = {{"kind", saidJson({data.kind})}, {"columns", data.columns},
                       {"rows", data.summary.rows},     {"unlearned", data.summary.unlearned},
                       {"bad_count", data.bad.count},   {"bad", bad},
                       {"notes", saidJson(data.notes)}};
    return head.dump();
}

// A column of numbers of the file, a value for each row or token.
template <class T>
std::vector<T> valuesOf(const SafetensorsFile& file, const char* name, DType dtype)
{
    const TensorView& view = file.at(name);
    if (view.dtype != dtype || view.shape.size() != 1) {
        throw Error(ErrorKind::Format, "is no entry of tokens");
    }
    std::vector<T> values(static_cast<std::size_t>(view.shape[0]));
    if (!values.empty()) {
        std::memcpy(values.data(), view.data, values.size() * sizeof(T));
    }
    return values;
}

void require(bool holds)
{
    if (!holds) {
        throw Error(ErrorKind::Format, "is no entry of tokens");
    }
}

// What a row has beside its tokens, in the order of the file.
enum RowValue { Row, Line, Begin, Size, Prompt, First, RowValues };

void takeHead(TokenizedData& data, const std::string& text)
{
    const Tree head = parseOwnPlain(text);
    require(head.is_object());
    const Tree* kind = jsonField(head, "kind");
    require(kind != nullptr && kind->is_array() && kind->size() == 1);
    data.kind = saidFrom(*kind).front();
    data.columns = jsonFieldAs<std::string>(head, "columns").value_or(std::string());
    data.summary.rows = jsonFieldAs<std::int64_t>(head, "rows").value_or(-1);
    data.summary.unlearned = jsonFieldAs<std::int64_t>(head, "unlearned").value_or(-1);
    data.bad.count = jsonFieldAs<std::int64_t>(head, "bad_count").value_or(-1);
    require(data.summary.rows > 0 && data.summary.unlearned >= 0 && data.bad.count >= 0);
    if (const Tree* bad = jsonField(head, "bad"); bad != nullptr && bad->is_array()) {
        for (const Tree& row : *bad) {
            data.bad.first.push_back(
                {jsonFieldAs<std::int64_t>(row, "line").value_or(0),
                 jsonFieldAs<std::string>(row, "why").value_or(std::string())});
        }
    }
    if (const Tree* notes = jsonField(head, "notes"); notes != nullptr && notes->is_array()) {
        data.notes = saidFrom(*notes);
    }
    require(data.bad.count == 0 || !data.bad.first.empty());
}

TokenizedData dataFrom(const SafetensorsFile& file, std::int64_t vocabulary)
{
    TokenizedData data;
    const auto head = file.metadata().find("head");
    require(head != file.metadata().end());
    takeHead(data, head->second);
    const auto ids = valuesOf<std::int32_t>(file, "ids", DType::I32);
    const auto mask = valuesOf<std::uint8_t>(file, "learned", DType::U8);
    const auto rows = valuesOf<std::int64_t>(file, "rows", DType::I64);
    require(std::all_of(ids.begin(), ids.end(),
                        [&](std::int32_t id) { return id >= 0 && id < vocabulary; }));
    require(!rows.empty() && rows.size() % RowValues == 0 && mask.size() == ids.size());
    const std::size_t count = rows.size() / RowValues;
    for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t* const row = rows.data() + i * RowValues;
        const std::int64_t first = row[First];
        const std::int64_t end = i + 1 < count ? rows[(i + 1) * RowValues + First]
                                               : static_cast<std::int64_t>(ids.size());
        require(first >= 0 && first < end && end <= static_cast<std::int64_t>(ids.size())
                && row[Prompt] >= 0 && row[Prompt] <= end - first && (i > 0 || first == 0)
                && row[Row] >= 0 && row[Row] < data.summary.rows);
        Example example;
        example.row = row[Row];
        example.place = {0, row[Line], row[Begin], row[Size]};
        example.promptTokens = static_cast<std::int32_t>(row[Prompt]);
        example.ids.assign(ids.begin() + first, ids.begin() + end);
        constexpr std::uint8_t kByPrompt = 2; // no mask of its own
        if (mask[static_cast<std::size_t>(first)] < kByPrompt) {
            for (std::int64_t at = first; at < end; ++at) {
                example.learned.push_back(mask[static_cast<std::size_t>(at)] == 1);
            }
        }
        require(example.lossTokens() > 0);
        DatasetSummary& summary = data.summary;
        summary.usable += 1;
        summary.tokens += end - first;
        summary.lossTokens += example.lossTokens();
        summary.longest = std::max(summary.longest, end - first);
        summary.lengths.push_back(static_cast<std::int32_t>(end - first));
        data.examples.push_back(std::move(example));
    }
    return data;
}

void write(const std::filesystem::path& path, const TokenizedData& data)
{
    std::vector<std::int32_t> ids;
    std::vector<std::uint8_t> mask;
    std::vector<std::int64_t> rows;
    ids.reserve(static_cast<std::size_t>(data.summary.tokens));
    mask.reserve(ids.capacity());
    rows.reserve(data.examples.size() * RowValues);
    constexpr std::uint8_t kByPrompt = 2;
    for (const Example& example : data.examples) {
        rows.insert(rows.end(),
                    {example.row, example.place.line, example.place.begin, example.place.size,
                     std::int64_t {example.promptTokens}, static_cast<std::int64_t>(ids.size())});
        ids.insert(ids.end(), example.ids.begin(), example.ids.end());
        for (std::size_t i = 0; i < example.ids.size(); ++i) {
            mask.push_back(example.learned.empty() ? kByPrompt : example.learned[i] ? 1 : 0);
        }
    }
    const auto lengthOf = [](const auto& values) {
        return std::vector<std::int64_t> {static_cast<std::int64_t>(values.size())};
    };
    SafetensorsWriter out(path,
                          {{"ids", DType::I32, lengthOf(ids)},
                           {"learned", DType::U8, lengthOf(mask)},
                           {"rows", DType::I64, lengthOf(rows)}},
                          {{"head", headOf(data)}});
    out.append(ids.data(), ids.size() * sizeof(std::int32_t));
    out.append(mask.data(), mask.size());
    out.append(rows.data(), rows.size() * sizeof(std::int64_t));
    out.commit(Durability::Crash);
}

} // namespace

TokenCache::TokenCache(const std::filesystem::path& data, const DataOptions& options,
                       const Tokenizer& tokenizer)
    : m_cache("tokens", kVersion)
    , m_vocabulary(tokenizer.vocabularySize())
{
    struct ::stat status { };
    if (!m_cache.isOn() || ::stat(data.c_str(), &status) != 0 || !S_ISREG(status.st_mode)
        || status.st_size < kSmallest) {
        return;
    }
    try {
        const auto mapped = MappedFile::open(data);
        const auto bytes = mapped->bytes();
        const std::string_view beginning(reinterpret_cast<const char*>(bytes.data()),
                                         std::min(bytes.size(), kProbeBytes));
        m_file = m_cache.fileOf(
            {std::filesystem::absolute(data).string(), fmt::format("{}", status.st_size),
             fmt::format("{}.{:09}", status.st_mtim.tv_sec, status.st_mtim.tv_nsec),
             std::string(options.promptTemplate.info().name), columnMapText(options.columns),
             std::string(nameIn(EnumNames<LearnedTurns>::all, options.learned)),
             options.strict ? "strict" : "", options.now, fingerprintOf(tokenizer, beginning)});
        requireIntact(bytes.data());
    } catch (const Error&) { // whoever reads the rows says it
        m_file.clear();
    }
}

std::optional<TokenizedData> TokenCache::read() const
{
    std::error_code failed;
    if (m_file.empty() || !std::filesystem::exists(m_file, failed)) {
        return std::nullopt;
    }
    try {
        const SafetensorsFile file = SafetensorsFile::open(m_file);
        TokenizedData data = dataFrom(file, m_vocabulary);
        requireIntact(file.file()->bytes().data());
        m_cache.touch(m_file);
        return data;
    } catch (const Error&) { // it is made anew
        return std::nullopt;
    }
}

void TokenCache::keep(const TokenizedData& whole) const
{
    const bool isWhole = std::none_of(whole.examples.begin(), whole.examples.end(),
                                      [](const Example& example) { return example.truncated; });
    if (!m_file.empty() && isWhole && whole.summary.tooLong == 0) {
        m_cache.keep(m_file, [&](const std::filesystem::path& file) { write(file, whole); });
    }
}

} // namespace pissarro::core::inline dataset
