// SPDX-License-Identifier: GPL-3.0-or-later
// From the bytes of a data file to its rows, the template applied.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/data_mix.h"
#include "core/dataset/dataset.h"
#include "core/dataset/open_data_p.h"
#include "core/dataset/row_maker_p.h"
#include "core/file/intact.h"
#include "core/file/mapped_file.h"
#include "core/text/message_text.h"

#include <functional>
#include <iterator>
#include <optional>

namespace pissarro::core::inline dataset {

RowPlace OpenData::placeOf(const RawRow& row) const
{
    const std::less_equal<> notBehind;
    const bool isOfFile = notBehind(text.data(), row.text.data())
        && notBehind(row.text.data() + row.text.size(), text.data() + text.size());
    return isOfFile && !row.text.empty() ? RowPlace {0, row.line, row.text.data() - text.data(),
                                                     static_cast<std::int64_t>(row.text.size())}
                                         : RowPlace {0, row.line, 0, 0};
}

void OpenData::requireWhole() const
{
    requireIntact(file.file->bytes().data());
}

namespace {

// What kind() makes with a word that is no name of a format: said whole in every language.
[[maybe_unused]] constexpr const char* kSaidKinds[] = {
    PISSARRO_SAID("pissarro::core", "JSON lines"),
    PISSARRO_SAID("pissarro::core", "JSON lines, gzip"),
    PISSARRO_SAID("pissarro::core", "JSON lines, zstd"),
    PISSARRO_SAID("pissarro::core", "a tree of messages"),
    PISSARRO_SAID("pissarro::core", "a tree of messages, gzip"),
    PISSARRO_SAID("pissarro::core", "a tree of messages, zstd"),
    PISSARRO_SAID("pissarro::core", "text"),
    PISSARRO_SAID("pissarro::core", "text, gzip"),
    PISSARRO_SAID("pissarro::core", "text, zstd"),
};

} // namespace

Said OpenData::kind() const
{
    const std::string said = file.packing == Packing::None
        ? rows->kind()
        : fmt::format("{}, {}", rows->kind(), file.packing == Packing::Gzip ? "gzip" : "zstd");
    return {said, said, 1, {}};
}

Said mixKind(const std::vector<DataPart>& parts)
{
    const auto files = static_cast<std::int64_t>(parts.size());
    return {PISSARRO_SAID_N("pissarro::core", "%1 files"),
            "%1 file",
            files,
            {fmt::format("{}", files)}};
}

DataOptions optionsOf(const DataPart& part, DataOptions whole)
{
    whole.columns = part.columns.empty() ? whole.columns : part.columns;
    return whole;
}

OpenData openData(const std::filesystem::path& path, const JobContext& job,
                  std::uint64_t limitBytes)
{
    requireUtf8(path);
    OpenData data;
    data.file = openUnpacked(path, job, limitBytes);
    const auto bytes = data.file.file->bytes();
    data.text = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    try {
        data.rows = openRows(data.text, path.filename().string());
        data.requireWhole();
    } catch (const Error& e) {
        data.requireWhole();
        throw e.within(shownPath(path));
    }
    return data;
}

std::string promptOf(const std::vector<ChatMessage>& turns, PromptTemplate promptTemplate,
                     const Tokenizer* chatTokenizer)
{
    if (promptTemplate.isModels()) {
        return chatTokenizer->applyChatTemplate(turns);
    }
    return promptTemplate.info().prompt(plainText(turns));
}

namespace {

void readAll(const OpenData& data, RowMaker& maker, bool strict, DataFile& file,
             const JobContext& job)
{
    while (const std::optional<RawRow> raw = data.rows->next()) {
        job.throwIfCancelled();
        try {
            for (DataRow& row : maker.rowsOf(*data.rows, *raw)) {
                file.rows.push_back(std::move(row));
            }
        } catch (const Error& e) {
            data.requireWhole();
            std::string why = badRowText(raw->line, e);
            if (strict) {
                throw Error(e.kind(), why);
            }
            addBadRow(file.bad, raw->line, std::move(why));
        }
    }
    data.requireWhole();
    if (file.rows.empty()) {
        throw Error(ErrorKind::Format,
                    file.bad.count > 0 ? file.bad.first.front().why : std::string(kNoRows));
    }
}

} // namespace

namespace {

DataFile readPart(const std::filesystem::path& path, const DataOptions& options,
                  const Tokenizer* chatTokenizer, const JobContext& job)
{
    RowMaker maker(options, chatTokenizer);
    const OpenData data = openData(path, job);
    DataFile file;
    file.path = path;
    file.kind = data.kind();
    try {
        readAll(data, maker, options.strict, file, job);
    } catch (const Error& e) {
        data.requireWhole(); // a row that ends in zeros is not the file's fault
        throw e.within(shownPath(path));
    }
    file.columns = maker.counts().columns;
    file.notes = data.rows->notes();
    for (const auto& more : {badRowNotes(file.bad), maker.counts().notes()}) {
        file.notes.insert(file.notes.end(), more.begin(), more.end());
    }
    return file;
}

} // namespace

DataFile readDataFile(const std::filesystem::path& path, const DataOptions& options,
                      const Tokenizer* chatTokenizer, const JobContext& job)
{
    const std::vector<DataPart> parts = dataParts(path);
    if (parts.size() == 1 && parts.front().path == path) {
        return readPart(path, options, chatTokenizer, job);
    }
    DataFile file;
    file.path = path;
    file.kind = mixKind(parts);
    for (const DataPart& part : parts) {
        DataFile read = readPart(part.path, optionsOf(part, options), chatTokenizer, job);
        file.columns = file.columns.empty() ? read.columns : file.columns;
        file.rows.insert(file.rows.end(), std::make_move_iterator(read.rows.begin()),
                         std::make_move_iterator(read.rows.end()));
        addBadRows(file.bad, std::move(read.bad));
        file.notes.insert(file.notes.end(), read.notes.begin(), read.notes.end());
    }
    return file;
}

DataFile readDataFile(const std::filesystem::path& path, PromptTemplate promptTemplate,
                      const Tokenizer* chatTokenizer, const JobContext& job)
{
    DataOptions options;
    options.promptTemplate = promptTemplate;
    return readDataFile(path, options, chatTokenizer, job);
}

} // namespace pissarro::core::inline dataset
