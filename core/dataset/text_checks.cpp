// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/data_columns_p.h"
#include "core/dataset/data_figures.h"
#include "core/dataset/open_data_p.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <string_view>
#include <unordered_map>

namespace pissarro::core::inline dataset {

namespace {

constexpr std::size_t kWords = 13; // of a stretch
constexpr std::size_t kMostWords = 50'000'000; // of a test set
constexpr std::int32_t kBoilerplate = 10; // test rows that may share a stretch
constexpr std::size_t kShownBytes = 2'000; // of a row's text
constexpr std::uint64_t kFactor = 0x9E3779B97F4A7C15ULL;

std::string beginningOf(std::string_view text, std::size_t bytes = kShownBytes)
{
    text = text.substr(0, bytes);
    return std::string(text.substr(0, wholeCharacters(text)));
}

// What a row says, turn by turn.
std::vector<std::string> textsOf(const Dialogue& dialogue)
{
    if (dialogue.text) {
        return {*dialogue.text};
    }
    std::vector<std::string> texts;
    for (const ChatMessage& turn : dialogue.turns) {
        texts.push_back(turn.content);
    }
    texts.push_back(dialogue.response);
    return texts;
}

using TakeRow = std::function<void(const RawRow&, const Dialogue&)>;

void forEachRowOf(const std::filesystem::path& path, const ColumnMap& columns,
                  const JobContext& job, std::string_view stage, const TakeRow& take)
{
    const OpenData data = openData(path, job);
    std::int64_t rows = 0;
    while (const std::optional<RawRow> raw = data.rows->next()) {
        if (rows++ % 64 == 0) {
            job.checkpoint(data.rows->fraction(), stage);
        }
        std::vector<Dialogue> dialogues;
        try {
            dialogues = raw->text.size() > kRowLimitBytes
                ? std::vector<Dialogue>()
                : dialoguesOf(data.rows->parse(*raw), columns);
        } catch (const Error&) { // told of where the rows are read
            data.requireWhole();
        }
        for (const Dialogue& dialogue : dialogues) {
            take(*raw, dialogue);
        }
    }
}

void forEachRow(const std::filesystem::path& path, const ColumnMap& columns, const JobContext& job,
                std::string_view stage, const TakeRow& take)
{
    for (const DataPart& part : dataParts(path)) {
        forEachRowOf(part.path, part.columns.empty() ? columns : part.columns, job, stage, take);
    }
}

// A word of a text: what it is in lower case, and where it stands. Scripts without spaces have a character a word.
struct Word {
    std::uint64_t hash = 0;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

std::vector<Word> wordsOf(std::string_view text)
{
    constexpr char32_t kFirstWithoutSpaces = 0x2E80;
    constexpr std::uint64_t kBasis = 0xCBF29CE484222325ULL;
    constexpr std::uint64_t kPrime = 0x100000001B3ULL;
    std::vector<Word> words;
    bool inWord = false;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        char32_t code = nextCodePoint(text, at);
        if (!isWordCharacter(code) || code == U'_') {
            inWord = false;
            continue;
        }
        code += code >= U'A' && code <= U'Z' ? U'a' - U'A' : 0;
        const bool isAlone = code >= kFirstWithoutSpaces;
        if (!inWord || isAlone) {
            words.push_back({kBasis, static_cast<std::uint32_t>(begin), 0});
        }
        inWord = !isAlone;
        words.back().hash = (words.back().hash ^ code) * kPrime;
        words.back().end = static_cast<std::uint32_t>(at);
    }
    return words;
}

std::uint64_t stretchHash(const std::vector<Word>& words, std::size_t first, std::size_t count)
{
    std::uint64_t hash = count;
    for (std::size_t i = first; i < first + count; ++i) {
        hash = (hash ^ words[i].hash) * kFactor;
        hash ^= hash >> 29U;
    }
    return hash;
}

// The test set as stretches of words.
class TestSet {
public:
    void add(std::int64_t line, const Dialogue& dialogue);
    std::int64_t rows() const { return static_cast<std::int64_t>(m_rows.size()); }
    // What of a row of the data stands in the test set; nullopt: nothing.
    std::optional<SharedText> sharedBy(std::int64_t line, const Dialogue& dialogue);
    std::int64_t met() const
    {
        return std::count_if(m_rows.begin(), m_rows.end(),
                             [](const Row& row) { return row.isMet; });
    }

private:
    struct Row {
        std::int64_t line = 0;
        std::size_t words = 0;
        std::string text;
        bool isMet = false;
    };
    struct Stretch {
        std::int32_t row = 0; // the first that has it
        std::int32_t rows = 1;
    };
    const Stretch* find(std::uint64_t hash) const
    {
        const auto found = m_stretches.find(hash);
        return found == m_stretches.end() || found->second.rows > kBoilerplate ? nullptr
                                                                               : &found->second;
    }
    void note(std::uint64_t hash);

    std::vector<Row> m_rows;
    std::unordered_map<std::uint64_t, Stretch> m_stretches;
    std::size_t m_words = 0;
};

void TestSet::note(std::uint64_t hash)
{
    const auto row = static_cast<std::int32_t>(m_rows.size() - 1);
    const auto [place, isNew] = m_stretches.emplace(hash, Stretch {row, 1});
    if (!isNew && place->second.row != row) {
        ++place->second.rows;
    }
}

void TestSet::add(std::int64_t line, const Dialogue& dialogue)
{
    const std::vector<std::string> texts = textsOf(dialogue);
    m_rows.push_back({line, 0, beginningOf(texts.front()), false});
    std::size_t all = 0;
    for (const std::string& text : texts) {
        const std::vector<Word> words = wordsOf(text);
        all += words.size();
        for (std::size_t i = 0; i + kWords <= words.size(); ++i) {
            note(stretchHash(words, i, kWords));
        }
        // A short question is the same only as a whole.
        if (&text == &texts.front() && words.size() < kWords && words.size() >= 3) {
            note(stretchHash(words, 0, words.size()));
        }
    }
    m_rows.back().words = all;
    m_words += all;
    if (m_words > kMostWords) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("the test set has more than {} words (expected one to test with); "
                                "give a part of it",
                                kMostWords));
    }
}

std::optional<SharedText> TestSet::sharedBy(std::int64_t line, const Dialogue& dialogue)
{
    struct Share {
        std::size_t words = 0;
        std::string first;
        std::string text;
    };
    std::map<std::int32_t, Share> shares; // by test row
    const std::vector<std::string> texts = textsOf(dialogue);
    for (const std::string& text : texts) {
        const std::vector<Word> words = wordsOf(text);
        const bool isShort = words.size() < kWords;
        if (isShort && (&text != &texts.front() || words.size() < 3)) {
            continue;
        }
        const std::size_t size = isShort ? words.size() : kWords;
        std::map<std::int32_t, std::size_t> counted; // behind the last word that was, by test row
        for (std::size_t i = 0; i + size <= words.size(); ++i) {
            const Stretch* const stretch = find(stretchHash(words, i, size));
            if (stretch == nullptr) {
                continue;
            }
            Share& share = shares[stretch->row];
            std::size_t& until = counted[stretch->row];
            share.words += i + size - std::max(until, i);
            until = i + size;
            if (share.first.empty()) {
                share.first = text.substr(words[i].begin, words[i + size - 1].end - words[i].begin);
                share.text = beginningOf(text);
            }
        }
    }
    const auto most =
        std::max_element(shares.begin(), shares.end(), [](const auto& a, const auto& b) {
            return a.second.words < b.second.words;
        });
    if (most == shares.end()) {
        return std::nullopt;
    }
    for (const auto& entry : shares) {
        m_rows[static_cast<std::size_t>(entry.first)].isMet = true;
    }
    const Row& row = m_rows[static_cast<std::size_t>(most->first)];
    const double share = static_cast<double>(most->second.words)
        / static_cast<double>(std::max<std::size_t>(row.words, 1));
    return SharedText {
        line, row.line, std::min(share, 1.0), most->second.first, most->second.text, row.text};
}

void add(FoundRows& found, std::int64_t line)
{
    ++found.count;
    if (found.lines.size() < FoundRows::kMostTold) {
        found.lines.push_back(line);
    }
}

// Characters that look like a space or like nothing.
bool holdsInvisible(std::string_view text)
{
    constexpr std::array<std::string_view, 8> kInvisible {
        "\xC2\xA0",     "\xC2\xAD",     "\xE2\x80\x8B", "\xE2\x80\x8C",
        "\xE2\x80\x8D", "\xE2\x81\xA0", "\xEF\xBB\xBF", "\xE2\x80\xAE"};
    return std::any_of(kInvisible.begin(), kInvisible.end(), [&](std::string_view one) {
        return text.find(one) != std::string_view::npos;
    });
}

void keep(std::vector<SharedText>& shared, SharedText one)
{
    const auto place = std::upper_bound(
        shared.begin(), shared.end(), one,
        [](const SharedText& a, const SharedText& b) { return a.share > b.share; });
    if (shared.size() < FoundRows::kMostTold || place != shared.end()) {
        shared.insert(place, std::move(one));
    }
    if (shared.size() > FoundRows::kMostTold) {
        shared.pop_back();
    }
}

} // namespace

TextChecks checkTexts(const std::filesystem::path& data, const ColumnMap& columns,
                      const std::filesystem::path& testSet, const JobContext& job)
{
    TextChecks out;
    TestSet test;
    if (!testSet.empty()) {
        forEachRow(
            testSet, {}, job, PISSARRO_SAID("pissarro::core", "reading the test set"),
            [&](const RawRow& raw, const Dialogue& dialogue) { test.add(raw.line, dialogue); });
        out.testRows = test.rows();
        if (out.testRows == 0) {
            throw Error(ErrorKind::Format,
                        "holds no row that can be read (expected rows as data have them)")
                .within(shownPath(testSet));
        }
    }
    forEachRow(data, columns, job, PISSARRO_SAID("pissarro::core", "checking the texts"),
               [&](const RawRow& raw, const Dialogue& dialogue) {
                   ++out.rows;
                   const std::string& answer = dialogue.text ? *dialogue.text : dialogue.response;
                   if (strippedText(answer).empty() && !dialogue.callsTools) {
                       add(out.emptyAnswers, raw.line);
                   }
                   const std::vector<std::string> texts = textsOf(dialogue);
                   if (std::any_of(texts.begin(), texts.end(), holdsInvisible)) {
                       add(out.invisible, raw.line);
                   }
                   if (out.testRows == 0) {
                       return;
                   }
                   if (auto shared = test.sharedBy(raw.line, dialogue)) {
                       ++out.near;
                       keep(out.shared, std::move(*shared));
                   }
               });
    out.nearTest = test.met();
    return out;
}

} // namespace pissarro::core::inline dataset
