// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/atomic_file.h"
#include "core/text/foreign_text.h"
#include "core/text/message_text.h"
#include "core/text/utf8.h"
#include "core/tokenizer/sentencepiece_unigram_p.h"
#include "core/tokenizer/tokenizer_spec_p.h"

#include <algorithm>
#include <sentencepiece_processor.h>

namespace pissarro::core::inline tokenizer {
namespace {

constexpr std::uint64_t kModelLimitBytes = 128U << 20U;
constexpr std::size_t kCachedWordBytes = 96;
constexpr std::string_view kSpaceMark = "\xE2\x96\x81";

// A tokenizer.model through the sentencepiece library, with special tokens found in the text as
// Hugging Face does.
class SentencePieceTokenizer final : public Tokenizer {
public:
    SentencePieceTokenizer(const std::string& model, const TokenizerSettings& settings,
                           std::filesystem::path path);

    std::vector<std::int32_t> encode(std::string_view text, bool addSpecial,
                                     const JobContext& job) const override;
    std::string decode(const std::vector<std::int32_t>& ids, bool skipSpecial) const override;
    std::string piece(std::int32_t id) const override;
    std::int64_t vocabularySize() const override { return m_size; }
    bool isSpecial(std::int32_t id) const override
    {
        return id >= 0 && id < m_size && m_special[static_cast<std::size_t>(id)];
    }
    std::string kind() const override
    {
        return m_traits.isBpe ? "SentencePiece BPE" : "SentencePiece unigram";
    }

private:
    void addTokens(const TokenizerSettings& settings);
    void addToken(const AddedToken& token);
    std::optional<std::int32_t>
    ownId(const std::string& piece) const; // nullopt: the model has no such piece
    std::int32_t namedId(const std::string& token, int otherwise) const;
    void frameTexts(const TokenizerSettings& settings);
    void encodeText(std::string_view text, const JobContext& job,
                    std::vector<std::int32_t>& out) const;
    void encodeStretch(std::string_view text, bool first, const JobContext& job,
                       std::vector<std::int32_t>& out) const;
    void encodeWord(std::string_view text, std::vector<std::int32_t>& out) const;
    std::vector<int> piecesOf(std::string_view text) const;
    bool piecesKeepToWords() const;

    std::filesystem::path m_path; // of the model, for messages
    sentencepiece::SentencePieceProcessor m_model;
    SentencePieceParts m_traits;
    std::unique_ptr<const SentencePieceUnigram> m_unigram; // null: the library cuts
    std::int32_t m_size = 0;
    std::vector<bool> m_special; // by id
    std::unordered_map<std::int32_t, std::string> m_added; // text of added tokens by id
    std::unordered_map<std::string, std::int32_t> m_addedIds;
    AddedTokenFinder m_finder;
    bool m_legacy = true;
    Normalizer m_lower; // for models of lower-case text; empty: none
    bool m_cutsWords = false; // words are encoded one by one, with the same ids
    WordCache m_cache;
};

SentencePieceTokenizer::SentencePieceTokenizer(const std::string& model,
                                               const TokenizerSettings& settings,
                                               std::filesystem::path path)
    : m_path(std::move(path))
    , m_traits(model)
    , m_legacy(settings.legacy)
{
    if (!m_traits.charsmap.empty()) {
        const Charsmap checked(m_traits.charsmap); // the library would believe it
    }
    const auto status = m_model.LoadFromSerializedProto(model);
    if (!status.ok() || m_model.GetPieceSize() <= 0) {
        refuseForeign(model);
        throw Error(
            ErrorKind::Format,
            "is not a SentencePiece model (expected a tokenizer.model); get the file again");
    }
    m_size = m_model.GetPieceSize();
    if (SentencePieceUnigram::reads(m_traits)) {
        m_unigram = std::make_unique<const SentencePieceUnigram>(m_traits);
    }
    m_traits.pieces.clear();
    m_cutsWords = piecesKeepToWords();
    addTokens(settings);
    m_bosId = namedId(settings.bosToken, settings.bosId >= 0 ? settings.bosId : m_model.bos_id());
    m_eosId = namedId(settings.eosToken, settings.eosId >= 0 ? settings.eosId : m_model.eos_id());
    m_unkId = m_model.unk_id();
    for (const auto& [key, token] : settings.otherTokens) {
        std::int32_t& id = key == "cls_token" ? m_clsId : key == "sep_token" ? m_sepId : m_maskId;
        id = namedId(token, -1);
    }
    if (settings.tokenizerClass == "DebertaV2Tokenizer" && settings.lowers.value_or(false)) {
        m_lower = makeNormalizer({{"type", "Lowercase"}});
    }
    m_padId = namedId(settings.padToken, settings.padId >= 0 ? settings.padId : m_model.pad_id());
    frameTexts(settings);
    m_chatTemplate = settings.chatTemplate;
    m_namedTokens = namedTokens(settings);
}

// What the class puts around texts; without a class, <s> as LLaMA's flags say. Without a tokenizer_config.json they are
// taken as LLaMA's own: transformers 4 adds <s> where no flag says otherwise, transformers 5 does not.
void SentencePieceTokenizer::frameTexts(const TokenizerSettings& settings)
{
    const std::string& name = settings.tokenizerClass;
    if (name == "DebertaV2Tokenizer" && m_clsId >= 0 && m_sepId >= 0) {
        m_frame.single = {{m_clsId, 0}, {TextFrame::kFirst, 0}, {m_sepId, 0}};
        m_frame.pair = m_frame.single;
        m_frame.pair.push_back({TextFrame::kSecond, 1});
        m_frame.pair.push_back({m_sepId, 1});
    } else if (name == "T5Tokenizer" && m_eosId >= 0) {
        m_frame.single = {{TextFrame::kFirst, 0}, {m_eosId, 0}};
        m_frame.pair = m_frame.single;
        m_frame.pair.push_back({TextFrame::kSecond, 0});
        m_frame.pair.push_back({m_eosId, 0});
    } else {
        const bool bos = settings.addBos.value_or(!settings.hasConfig);
        m_frame = bosEosFrame(bos ? m_bosId : -1, settings.addEos.value_or(false) ? m_eosId : -1);
    }
}

void SentencePieceTokenizer::addToken(const AddedToken& token)
{
    if (m_addedIds.contains(token.content)) {
        return;
    }
    m_size = std::max(m_size, token.id + 1);
    m_special.resize(static_cast<std::size_t>(m_size));
    m_special[static_cast<std::size_t>(token.id)] = token.special;
    m_added[token.id] = token.content;
    m_addedIds[token.content] = token.id;
    m_finder.add(token, token.content);
}

void SentencePieceTokenizer::addTokens(const TokenizerSettings& settings)
{
    const std::int32_t pieces = m_model.GetPieceSize();
    m_special.resize(static_cast<std::size_t>(pieces));
    for (const AddedToken& token : settings.added) {
        if (token.id > pieces + 65536) {
            throw Error(
                ErrorKind::Format,
                fmt::format("the added token {} has the id {} beside a vocabulary of {} pieces",
                            shownText(token.content), token.id, pieces));
        }
        AddedToken kept = token;
        kept.id =
            ownId(token.content).value_or(token.id); // the model's counts, whatever the file says
        addToken(kept);
    }
    // Named tokens are special; those that the model has not get the next ids, as in transformers.
    for (AddedToken token : settings.named) {
        token.id = ownId(token.content).value_or(m_size);
        token.special = true;
        addToken(token);
    }
    for (std::int32_t id = 0; id < pieces; ++id) {
        if (!m_model.IsControl(id) && !m_model.IsUnknown(id)) {
            continue;
        }
        if (!settings.listsAdded) { // nobody says which of them are tokens of the text: all
            addToken({id, m_model.IdToPiece(id), false, false, false, false, true});
        }
        m_special[static_cast<std::size_t>(id)] = true;
    }
}

std::optional<std::int32_t> SentencePieceTokenizer::ownId(const std::string& piece) const
{
    const int id = m_model.PieceToId(piece);
    return id >= 0 && m_model.IdToPiece(id) == piece ? std::optional<std::int32_t>(id)
                                                     : std::nullopt;
}

std::int32_t SentencePieceTokenizer::namedId(const std::string& token, int otherwise) const
{
    const auto place = m_addedIds.find(token);
    if (place != m_addedIds.end()) {
        return place->second;
    }
    return otherwise < m_size ? otherwise : -1;
}

// True when no piece goes on behind the end of a word: merging then never joins what a space keeps
// apart, and words can be encoded one by one. (The library takes more than linear time for a long
// text.)
bool SentencePieceTokenizer::piecesKeepToWords() const
{
    if (!m_traits.isBpe || m_traits.removesExtraSpace
        || m_model.PieceToId(kSpaceMark) == m_model.unk_id()) {
        return false;
    }
    for (int id = 0; id < m_model.GetPieceSize(); ++id) {
        std::string_view piece = m_model.IdToPiece(id);
        while (piece.starts_with(kSpaceMark)) {
            piece.remove_prefix(kSpaceMark.size());
        }
        if (piece.find(kSpaceMark) != std::string_view::npos
            || piece.find(' ') != std::string_view::npos) {
            return false;
        }
    }
    return true;
}

// Throws: Error{Format} naming the model: a text must not become no tokens.
std::vector<int> SentencePieceTokenizer::piecesOf(std::string_view text) const
{
    std::vector<int> ids;
    if (m_unigram) {
        m_unigram->encode(text, ids);
        return ids;
    }
    const auto status = m_model.Encode(text, &ids);
    if (!status.ok()) {
        throw Error(
            ErrorKind::Format,
            fmt::format("{}: cannot cut a text of {} bytes into pieces: {}; get the file again",
                        shownPath(m_path), text.size(), shownText(status.ToString())));
    }
    return ids;
}

void SentencePieceTokenizer::encodeWord(std::string_view text, std::vector<std::int32_t>& out) const
{
    const bool cached = text.size() <= kCachedWordBytes;
    if (cached && m_cache.lookUp(text, out)) {
        return;
    }
    const std::vector<int> ids = piecesOf(text);
    out.insert(out.end(), ids.begin(), ids.end());
    if (cached) {
        m_cache.store(text, ids.data(), ids.size());
    }
}

// Where the first word of `text` ends: at a space between two ASCII characters, which no
// normalisation joins.
std::size_t firstWordEnd(std::string_view text)
{
    const auto isVisible = [](char c) { return c > ' ' && c <= '~'; };
    for (std::size_t at = text.find(' ', 1); at < text.size() - 1; at = text.find(' ', at + 1)) {
        if (isVisible(text[at - 1]) && isVisible(text[at + 1])) {
            return at;
        }
    }
    return text.size();
}

void SentencePieceTokenizer::encodeStretch(std::string_view text, bool first, const JobContext& job,
                                           std::vector<std::int32_t>& out) const
{
    job.throwIfCancelled();
    std::size_t end = m_cutsWords ? firstWordEnd(text) : text.size();
    if (first || m_legacy || !m_traits.dummyPrefix || m_model.unk_id() < 0) {
        encodeWord(text.substr(0, end), out);
    } else {
        // Without the space that the model puts first: behind a piece whose ids are cut off again,
        // as Hugging Face does.
        const std::string& mark = m_model.IdToPiece(m_model.unk_id());
        const std::size_t skipped = piecesOf(mark).size();
        const std::vector<int> ids = piecesOf(mark + std::string(text.substr(0, end)));
        out.insert(out.end(),
                   ids.begin() + static_cast<std::ptrdiff_t>(std::min(skipped, ids.size())),
                   ids.end());
    }
    while (end < text.size()) {
        job.throwIfCancelled();
        text.remove_prefix(m_traits.dummyPrefix ? end + 1
                                                : end); // its space is the one the model puts first
        end = firstWordEnd(text);
        encodeWord(text.substr(0, end), out);
    }
}

std::vector<std::int32_t> SentencePieceTokenizer::encode(std::string_view text, bool addSpecial,
                                                         const JobContext& job) const
{
    std::string repaired;
    if (!isValidUtf8(text)) {
        repaired = replaceInvalidUtf8(text);
        text = repaired;
    }
    std::vector<std::int32_t> out;
    for (const TextFrame::Item& item : m_frame.single) {
        if (item.id < 0) {
            encodeText(text, job, out);
        } else if (addSpecial) {
            out.push_back(item.id);
        }
    }
    return out;
}

void SentencePieceTokenizer::encodeText(std::string_view text, const JobContext& job,
                                        std::vector<std::int32_t>& out) const
{
    for (const AddedTokenFinder::Part& part : m_finder.split(text)) {
        const std::string_view stretch = text.substr(part.begin, part.end - part.begin);
        if (part.id >= 0) {
            out.push_back(part.id);
        } else if (m_lower) {
            encodeStretch(m_lower(std::string(stretch)), part.begin == 0, job, out);
        } else {
            encodeStretch(stretch, part.begin == 0, job, out);
        }
    }
}

// Bytes as the library shows them: characters where they are some, else U+FFFD for each byte.
void appendByteRun(std::string& run, std::string& out)
{
    for (std::size_t at = 0; at < run.size();) {
        const std::size_t width = utf8Width(run[at]);
        const std::string_view character = std::string_view(run).substr(at, width);
        const bool valid = character.size() == width && isValidUtf8(character);
        out += valid ? character : std::string_view("\xEF\xBF\xBD");
        at += valid ? width : 1;
    }
    run.clear();
}

void appendWithSpaces(std::string_view piece, std::string& out)
{
    for (std::size_t at = piece.find(kSpaceMark); at != std::string_view::npos;
         at = piece.find(kSpaceMark)) {
        out.append(piece.substr(0, at)).push_back(' ');
        piece.remove_prefix(at + kSpaceMark.size());
    }
    out.append(piece);
}

std::string SentencePieceTokenizer::decode(const std::vector<std::int32_t>& ids,
                                           bool skipSpecial) const
{
    std::string out;
    std::string bytes;
    bool atStart = true; // the space that encoding put first is taken away again
    for (const std::int32_t id : ids) {
        if (id < 0 || id >= m_size) {
            throw Error(ErrorKind::InvalidArgument,
                        fmt::format("the token id {} is outside the vocabulary (expected 0 to {})",
                                    id, m_size - 1));
        }
        if (skipSpecial && isSpecial(id)) {
            continue;
        }
        const std::string text = piece(id);
        const bool isAdded = m_added.contains(id);
        if (!isAdded && m_model.IsByte(id)) {
            bytes += static_cast<char>(byteOfPiece(text));
            atStart = false;
            continue;
        }
        appendByteRun(bytes, out);
        std::string_view rest = text;
        if (atStart && !isAdded && (m_traits.dummyPrefix || m_traits.removesExtraSpace)
            && rest.starts_with(kSpaceMark)) {
            rest.remove_prefix(kSpaceMark.size());
        }
        atStart = false;
        isAdded ? static_cast<void>(out.append(rest)) : appendWithSpaces(rest, out);
    }
    appendByteRun(bytes, out);
    return out;
}

std::string SentencePieceTokenizer::piece(std::int32_t id) const
{
    const auto place = m_added.find(id);
    if (place != m_added.end()) {
        return place->second;
    }
    return id >= 0 && id < m_model.GetPieceSize() ? m_model.IdToPiece(id) : std::string();
}

} // namespace

namespace {

// Classes whose ids are not those of their SentencePiece model, or that change the text before it.
void requireKnownClass(const TokenizerSettings& settings)
{
    constexpr std::string_view kOthers[] = {
        "XLMRobertaTokenizer", "CamembertTokenizer", "MBartTokenizer",      "MBart50Tokenizer",
        "NllbTokenizer",       "BarthezTokenizer",   "PegasusTokenizer",    "AlbertTokenizer",
        "XLNetTokenizer",      "FNetTokenizer",      "RemBertTokenizer",    "BigBirdTokenizer",
        "M2M100Tokenizer",     "MarianTokenizer",    "SeamlessM4TTokenizer"};
    const bool isOther = std::find(std::begin(kOthers), std::end(kOthers), settings.tokenizerClass)
        != std::end(kOthers);
    if (isOther || settings.splitsPunctuation) {
        throw Error(ErrorKind::Format,
                    fmt::format("its tokenizer_class is {}{}, which a SentencePiece model alone "
                                "does not make (expected a tokenizer.json); save it with one",
                                shownText(settings.tokenizerClass, 40),
                                isOther ? "" : " with split_by_punct"));
    }
}

// The tokens that a class names by itself.
void nameClassTokens(TokenizerSettings& settings)
{
    if (settings.tokenizerClass == "DebertaV2Tokenizer") {
        nameByDefault(settings,
                      {{"bos_token", "[CLS]"},
                       {"eos_token", "[SEP]"},
                       {"unk_token", "[UNK]"},
                       {"sep_token", "[SEP]"},
                       {"pad_token", "[PAD]"},
                       {"cls_token", "[CLS]"},
                       {"mask_token", "[MASK]"}});
    } else if (settings.tokenizerClass == "T5Tokenizer") {
        nameByDefault(settings,
                      {{"eos_token", "</s>"}, {"unk_token", "<unk>"}, {"pad_token", "<pad>"}});
    }
}

} // namespace

std::shared_ptr<const Tokenizer> openSentencePiece(const std::filesystem::path& path,
                                                   const TokenizerSettings& settings)
{
    SentencePieceSource source;
    source.model = readWholeFile(path, kModelLimitBytes);
    source.settings = settings;
    try {
        requireKnownClass(settings);
        nameClassTokens(source.settings);
    } catch (const Error& e) {
        throw e.within(shownPath(path));
    }
    return makeSentencePiece(source, path);
}

std::shared_ptr<const Tokenizer> makeSentencePiece(const SentencePieceSource& source,
                                                   const std::filesystem::path& path)
{
    try {
        return std::make_shared<SentencePieceTokenizer>(source.model, source.settings, path);
    } catch (const Error& e) {
        throw e.within(shownPath(path));
    }
}

} // namespace pissarro::core::inline tokenizer
