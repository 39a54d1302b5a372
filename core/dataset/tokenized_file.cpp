// SPDX-License-Identifier: GPL-3.0-or-later
// Rows are walked on the caller's thread, a piece of the file for each thread of a round; what they say is read, rendered and
// tokenized on all of them. Pieces are put together in the order of the file, so that threads change nothing of the result.
#include "core/base/allowed_cores.h"
#include "core/base/error.h"
#include "core/dataset/data_mix.h"
#include "core/dataset/dataset.h"
#include "core/dataset/open_data_p.h"
#include "core/dataset/row_maker_p.h"
#include "core/dataset/tally_p.h"
#include "core/dataset/token_cache_p.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <thread>
#include <vector>

namespace pissarro::core::inline dataset {

namespace {

constexpr std::size_t kPieceBytes = 1U << 20U; // of text
constexpr std::size_t kPieceRows = 4096;

struct Wanted {
    const DataOptions& options;
    const Tokenizer& tokenizer;
    std::int64_t maxLength;
    const JobContext& job;
};

// Rows of the file that one thread turns into examples.
class Piece {
public:
    Piece(const OpenData& data, const Wanted& wanted, RowMaker& maker)
        : m_data(data)
        , m_wanted(wanted)
        , m_maker(maker)
    {
    }

    // False: the file has no more.
    bool fill()
    {
        std::size_t bytes = 0;
        while (bytes < kPieceBytes && m_raw.size() < kPieceRows) {
            const std::optional<RawRow> row = m_data.rows->next();
            if (!row) {
                return false;
            }
            bytes += row->text.size();
            m_raw.push_back(*row);
        }
        return true;
    }
    bool isEmpty() const { return m_raw.empty(); }
    void work() noexcept
    {
        try {
            for (const RawRow& raw : m_raw) {
                m_wanted.job.throwIfCancelled();
                addRow(raw);
            }
        } catch (...) {
            m_failure = std::current_exception();
        }
    }
    // Throws: what work() met.
    void putInto(Tally& tally, BadRows& bad)
    {
        if (m_failure) {
            std::rethrow_exception(m_failure);
        }
        tally.append(std::move(m_tally));
        addBadRows(bad, std::move(m_bad));
    }

private:
    void addRow(const RawRow& raw);
    void addBad(const RawRow& raw, const Error& error); // Throws: the error, where it ends the work

    const OpenData& m_data;
    const Wanted& m_wanted;
    RowMaker& m_maker;
    std::vector<RawRow> m_raw;
    Tally m_tally;
    BadRows m_bad;
    std::exception_ptr m_failure;
};

void Piece::addBad(const RawRow& raw, const Error& error)
{
    m_data.requireWhole();
    std::string why = badRowText(raw.line, error);
    if (m_wanted.options.strict || error.kind() != ErrorKind::Format) {
        throw Error(error.kind(), why);
    }
    addBadRow(m_bad, raw.line, std::move(why));
}

void Piece::addRow(const RawRow& raw)
{
    const Tokenizer& tokenizer = m_wanted.tokenizer;
    std::vector<DataRow> rows;
    try {
        rows = m_maker.rowsOf(*m_data.rows, raw);
        for (const DataRow& row : rows) { // all of them, or none
            if (!row.whyNotLearned.empty()) {
                throw Error(ErrorKind::Format, row.whyNotLearned);
            }
        }
    } catch (const Error& e) {
        addBad(raw, e);
        return;
    }
    std::vector<Example> examples;
    for (const DataRow& row : rows) {
        requireEnd(tokenizer, row);
        try {
            examples.push_back(
                row.learned ? makeExample(row, 0, tokenizer, m_wanted.maxLength, m_wanted.job)
                            : Example());
        } catch (const Error& e) {
            // Throws again where the tokenizer's own file is what is wrong, and no row of it.
            tokenizer.encode(row.chat ? row.chat->text : row.prompt + row.response, false,
                             m_wanted.job);
            addBad(raw, e);
            return;
        }
        examples.back().place = m_data.placeOf(raw);
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        examples[i].row = m_tally.rows();
        m_tally.add(rows[i], std::move(examples[i]), tokenizer, m_wanted.job);
    }
}

// One round: a piece for each maker. False: the file has no more.
bool round(const OpenData& data, const Wanted& wanted, std::vector<RowMaker>& makers, Tally& tally,
           BadRows& bad)
{
    std::vector<Piece> pieces;
    bool goesOn = true;
    for (std::size_t i = 0; i < makers.size() && goesOn; ++i) {
        pieces.emplace_back(data, wanted, makers[i]);
        goesOn = pieces.back().fill();
    }
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 1; i < pieces.size(); ++i) {
            if (!pieces[i].isEmpty()) {
                threads.emplace_back([&pieces, i] { pieces[i].work(); });
            }
        }
        pieces.front().work();
    }
    for (Piece& piece : pieces) {
        piece.putInto(tally, bad);
    }
    wanted.job.checkpoint(data.rows->fraction(), PISSARRO_SAID("pissarro::core", "tokenizing"));
    return goesOn;
}

// Row by row, without what is kept of earlier times.
TokenizedData tokenizeRows(const std::filesystem::path& path, const Wanted& wanted)
{
    std::vector<RowMaker> makers;
    for (int i = 0; i < std::max(1, allowedCores()); ++i) {
        makers.emplace_back(wanted.options, &wanted.tokenizer);
    }
    const OpenData data = openData(path, wanted.job);
    Tally tally;
    BadRows bad;
    try {
        while (round(data, wanted, makers, tally, bad)) { }
        data.requireWhole();
        if (tally.rows() == 0) {
            throw Error(ErrorKind::Format,
                        bad.count > 0 ? bad.first.front().why : std::string(kNoRows));
        }
        TokenizedData result = tally.result(wanted.maxLength);
        RowCounts counts;
        for (const RowMaker& maker : makers) {
            counts.add(maker.counts());
        }
        std::vector<Said> notes = data.rows->notes();
        for (const auto& more : {badRowNotes(bad), counts.notes(), result.notes}) {
            notes.insert(notes.end(), more.begin(), more.end());
        }
        result.notes = std::move(notes);
        result.kind = data.kind();
        result.columns = counts.columns;
        result.bad = std::move(bad);
        return result;
    } catch (const Error& e) {
        data.requireWhole();
        throw e.within(shownPath(path));
    }
}

// The kept tokens of a large file, cut; made and kept where there are none.
TokenizedData tokenizePart(const std::filesystem::path& path, const Wanted& wanted)
{
    const TokenCache cache(path, wanted.options, wanted.tokenizer);
    if (!cache.isOn()) {
        return tokenizeRows(path, wanted);
    }
    std::optional<TokenizedData> whole = cache.read();
    if (!whole) {
        constexpr std::int64_t kUncut = std::int64_t {1} << 30;
        whole = tokenizeRows(path, {wanted.options, wanted.tokenizer, kUncut, wanted.job});
        cache.keep(*whole);
    }
    if (whole->summary.longest <= wanted.maxLength) {
        return std::move(*whole);
    }
    TokenizedData cut = cutTo(*whole, wanted.maxLength);
    if (cut.examples.empty()) {
        std::int32_t shortest = whole->examples.front().promptTokens;
        for (const Example& example : whole->examples) {
            shortest = std::min(shortest, example.promptTokens);
        }
        throw Error(ErrorKind::Format,
                    noneIsUsable(whole->summary.rows, wanted.maxLength, shortest))
            .within(shownPath(path));
    }
    cut.notes.insert(cut.notes.begin(), whole->notes.begin(), whole->notes.end());
    return cut;
}

// The examples of one of several files, as often as its weight says.
void addPart(TokenizedData& to, TokenizedData part, double weight, std::int32_t file)
{
    const std::int64_t before = to.summary.rows;
    DatasetSummary& summary = to.summary;
    std::int64_t number = 0;
    for (const Example& example : part.examples) {
        for (std::int64_t i = timesTaken(number, weight); i > 0; --i) {
            to.examples.push_back(example);
            Example& taken = to.examples.back();
            taken.row += before;
            taken.place.file = file;
            countExample(summary, taken);
        }
        ++number;
    }
    summary.rows += part.summary.rows;
    summary.tooLong += part.summary.tooLong;
    summary.truncated += part.summary.tooLong;
    summary.unlearned += part.summary.unlearned;
    to.columns = to.columns.empty() ? part.columns : to.columns;
    to.notes.insert(to.notes.end(), part.notes.begin(), part.notes.end());
    addBadRows(to.bad, std::move(part.bad));
}

} // namespace

TokenizedData tokenizeFile(const std::filesystem::path& path, const DataOptions& options,
                           const Tokenizer& tokenizer, std::int64_t maxLength,
                           const JobContext& job)
{
    requireLength(maxLength);
    const std::vector<DataPart> parts = dataParts(path);
    if (parts.size() == 1 && parts.front().path == path) {
        return tokenizePart(path, {options, tokenizer, maxLength, job});
    }
    TokenizedData all;
    all.kind = mixKind(parts);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const DataOptions own = optionsOf(parts[i], options);
        addPart(all, tokenizePart(parts[i].path, {own, tokenizer, maxLength, job}), parts[i].weight,
                static_cast<std::int32_t>(i));
    }
    if (all.examples.empty()) {
        throw Error(ErrorKind::Format, "takes no row of its files by their weights; raise a weight")
            .within(shownPath(path));
    }
    return all;
}

} // namespace pissarro::core::inline dataset
