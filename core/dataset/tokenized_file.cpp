// SPDX-License-Identifier: GPL-3.0-or-later
// Rows are walked on the caller's thread, a piece of the file for each thread of a round; what they say is read, rendered and
// tokenized on all of them. Pieces are put together in the order of the file, so that threads change nothing of the result.
#include "core/base/allowed_cores.h"
#include "core/base/error.h"
#include "core/dataset/dataset.h"
#include "core/dataset/open_data_p.h"
#include "core/dataset/row_maker_p.h"
#include "core/dataset/tally_p.h"
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

    const OpenData& m_data;
    const Wanted& m_wanted;
    RowMaker& m_maker;
    std::vector<RawRow> m_raw;
    Tally m_tally;
    BadRows m_bad;
    std::exception_ptr m_failure;
};

void Piece::addRow(const RawRow& raw)
{
    const Tokenizer& tokenizer = m_wanted.tokenizer;
    try {
        const std::vector<DataRow> rows = m_maker.rowsOf(*m_data.rows, raw);
        std::vector<Example> examples;
        for (const DataRow& row : rows) { // all of them, or none
            if (!row.whyNotLearned.empty()) {
                throw Error(ErrorKind::Format, row.whyNotLearned);
            }
            requireEnd(tokenizer, row);
            examples.push_back(row.learned ? makeExample(row, 0, tokenizer, m_wanted.maxLength)
                                           : Example());
            examples.back().place = m_data.placeOf(raw);
        }
        for (std::size_t i = 0; i < rows.size(); ++i) {
            examples[i].row = m_tally.rows();
            m_tally.add(rows[i], std::move(examples[i]), tokenizer);
        }
    } catch (const Error& e) {
        m_data.requireWhole();
        std::string why = badRowText(raw.line, e);
        if (m_wanted.options.strict || e.kind() != ErrorKind::Format) {
            throw Error(e.kind(), why);
        }
        addBadRow(m_bad, raw.line, std::move(why));
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

} // namespace

TokenizedData tokenizeFile(const std::filesystem::path& path, const DataOptions& options,
                           const Tokenizer& tokenizer, std::int64_t maxLength,
                           const JobContext& job)
{
    requireLength(maxLength);
    const Wanted wanted {options, tokenizer, maxLength, job};
    std::vector<RowMaker> makers;
    for (int i = 0; i < std::max(1, allowedCores()); ++i) {
        makers.emplace_back(options, &tokenizer);
    }
    const OpenData data = openData(path, job);
    Tally tally;
    BadRows bad;
    try {
        while (round(data, wanted, makers, tally, bad)) { }
        data.requireWhole();
        if (tally.rows() == 0) {
            throw Error(ErrorKind::Format,
                        bad.count > 0 ? bad.first.front().why : std::string(kNoRows));
        }
        TokenizedData result = tally.result(maxLength);
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

} // namespace pissarro::core::inline dataset
