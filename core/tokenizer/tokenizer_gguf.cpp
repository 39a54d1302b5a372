// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/format/gguf.h"
#include "core/text/message_text.h"
#include "core/text/utf8.h"
#include "core/tokenizer/tokenizer_spec_p.h"

#include <algorithm>
#include <cmath>

namespace pissarro::core::inline tokenizer {
namespace {

using nlohmann::json;

// A longer piece is never the result of a merge: the time to cut one grows with the square of its length.
constexpr std::size_t kMergedBytes = 256;
// Ways to cut all pieces into two others: so many a piece, and a few for small vocabularies.
constexpr std::size_t kWaysPerPiece = 8;
constexpr std::size_t kWaysFloor = 4096;

// tokenizer.ggml.token_type
enum class PieceType : std::int64_t {
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6
};

// Only what is needed at both ends of the table: lengths that agree, types that are known.
class GgufTokenizer {
public:
    explicit GgufTokenizer(const GgufFile& file)
        : m_file(file)
    {
    }
    TokenizerSpec read();

private:
    void readPieces();
    void readBytePairs(const std::string& pre);
    void readSentencePiece();
    void readWordPieces();
    void readNamedTokens(bool addsBos, bool addsEos);
    void writeSpacesAsMarks(bool prefix);
    std::vector<Merge> mergesOfFile() const;
    std::string preName() const;
    std::int64_t checkedId(const char* key, std::int64_t id) const;
    std::string tokenOf(const char* key) const;
    PieceType typeOf(std::size_t id) const
    {
        return m_types == nullptr ? PieceType::Normal : static_cast<PieceType>((*m_types)[id]);
    }

    const GgufFile& m_file;
    const std::vector<std::int64_t>* m_types = nullptr;
    TokenizerSpec m_spec;
};

void GgufTokenizer::readPieces()
{
    const std::vector<std::string>* pieces = m_file.texts("tokenizer.ggml.tokens");
    if (pieces == nullptr || pieces->empty()) {
        throw Error(
            ErrorKind::Format,
            "has no tokenizer.ggml.tokens (expected the vocabulary); convert the model again");
    }
    if (pieces->size() >= static_cast<std::size_t>(kTokenIdLimit)) {
        throw Error(
            ErrorKind::Format,
            fmt::format("tokenizer.ggml.tokens has {} pieces (expected fewer)", pieces->size()));
    }
    m_spec.pieces = *pieces;
    m_types = m_file.integers("tokenizer.ggml.token_type");
    if (m_types != nullptr && m_types->size() != pieces->size()) {
        throw Error(
            ErrorKind::Format,
            fmt::format(
                "tokenizer.ggml.token_type has {} entries (expected {}, one for each token)",
                m_types->size(), pieces->size()));
    }
    for (std::size_t id = 0; id < pieces->size(); ++id) {
        if (!isValidUtf8(m_spec.pieces[id])) {
            throw Error(ErrorKind::Format,
                        fmt::format("tokenizer.ggml.tokens[{}] is {} (expected UTF-8)", id,
                                    shownText(m_spec.pieces[id])));
        }
        const PieceType type = typeOf(id);
        const bool special = type == PieceType::Control || type == PieceType::Unknown;
        if ((special || type == PieceType::UserDefined) && !m_spec.pieces[id].empty()) {
            m_spec.added.push_back({static_cast<std::int32_t>(id), m_spec.pieces[id], false, false,
                                    false, false, special});
        }
    }
}

std::vector<Merge> GgufTokenizer::mergesOfFile() const
{
    const std::vector<std::string>* merges = m_file.texts("tokenizer.ggml.merges");
    if (merges == nullptr) {
        throw Error(ErrorKind::Format,
                    "has no tokenizer.ggml.merges (expected them for its tokenizer); convert the "
                    "model again");
    }
    const Vocabulary vocabulary(m_spec.pieces);
    std::vector<Merge> out;
    out.reserve(merges->size());
    for (std::size_t i = 0; i < merges->size(); ++i) {
        const std::string& text = (*merges)[i];
        const std::size_t cut = text.find(' ', 1);
        const std::string left = text.substr(0, cut);
        const std::string right = cut == std::string::npos ? "" : text.substr(cut + 1);
        const Merge merge {vocabulary.find(left), vocabulary.find(right),
                           vocabulary.find(left + right), static_cast<std::int32_t>(i)};
        if (merge.left < 0 || merge.right < 0 || merge.result < 0) {
            throw Error(
                ErrorKind::Format,
                fmt::format(
                    "tokenizer.ggml.merges[{}] is {} (expected two tokens whose union is a token)",
                    i, shownText(text)));
        }
        out.push_back(merge);
    }
    return out;
}

// How texts are cut is never guessed: wrong cuts give ids that look right and are not.
std::string GgufTokenizer::preName() const
{
    if (const auto name = m_file.text("tokenizer.ggml.pre"); name && !name->empty()) {
        return *name;
    }
    throw Error(ErrorKind::Format,
                "has no tokenizer.ggml.pre, which says how texts are cut; convert the model again "
                "with a newer llama.cpp, or write the right name into the file (gguf-new-metadata "
                "--pre-tokenizer NAME)");
}

void GgufTokenizer::readBytePairs(const std::string& pre)
{
    PreTokenizing cutting = preTokenizingNamed(pre);
    m_spec.merges = mergesOfFile();
    m_spec.ignoreMerges = cutting.ignoreMerges;
    m_spec.preTokenizer = std::move(cutting.preTokenizer);
    m_spec.decoder = byteLevelStage(true);
    if (cutting.nfc) {
        m_spec.normalizer = {{"type", "NFC"}};
    }
    if (cutting.rawText) { // SentencePiece's way to write spaces, with merges in the file
        writeSpacesAsMarks(false);
        m_spec.byteFallback = true;
        m_spec.fuseUnknown = true;
    }
    readNamedTokens(cutting.addsBos, cutting.addsEos);
    if (cutting.addsEos && !m_spec.postProcessor.is_null()) {
        const TokenizerSettings& settings = m_spec.settings;
        m_spec.postProcessor = {{"type", "RobertaProcessing"},
                                {"sep", json::array({settings.eosToken, 0})},
                                {"cls", json::array({settings.bosToken, 0})},
                                {"trim_offsets", true},
                                {"add_prefix_space", false}};
    }
}

// "▁to" is a word's beginning, "ing" its going on, what stands in brackets itself: BERT writes "to", "##ing".
void GgufTokenizer::readWordPieces()
{
    constexpr std::string_view kMark = "\xE2\x96\x81";
    for (std::size_t id = 0; id < m_spec.pieces.size(); ++id) {
        std::string& piece = m_spec.pieces[id];
        const bool isItself = typeOf(id) == PieceType::Control || typeOf(id) == PieceType::Unknown
            || typeOf(id) == PieceType::UserDefined
            || (piece.starts_with('[') && piece.ends_with(']'));
        if (isItself || piece.empty()) {
            continue;
        }
        piece.starts_with(kMark) ? piece.erase(0, kMark.size()) : piece.insert(0, "##");
    }
    const auto idOf = [&](const char* key, std::int64_t absent) {
        return static_cast<std::size_t>(checkedId(key, m_file.integer(key).value_or(absent)));
    };
    m_spec.model = TokenizerSpec::Model::WordPiece;
    m_spec.unknownId = static_cast<std::int32_t>(idOf("tokenizer.ggml.unknown_token_id", 100));
    m_spec.normalizer = {
        {"type", "BertNormalizer"},
        {"clean_text", true},
        {"handle_chinese_chars", true},
        {"strip_accents", nullptr},
        {"lowercase", m_file.boolean("tokenizer.ggml.normalizer.lowercase").value_or(true)}};
    m_spec.preTokenizer = {{"type", "BertPreTokenizer"}};
    m_spec.decoder = {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}};
    readNamedTokens(false, false);
    const std::string cls = m_spec.pieces[idOf(m_file.integer("tokenizer.ggml.cls_token_id")
                                                   ? "tokenizer.ggml.cls_token_id"
                                                   : "tokenizer.ggml.bos_token_id",
                                               101)];
    const std::string sep = m_spec.pieces[idOf("tokenizer.ggml.seperator_token_id", 102)];
    nameByDefault(m_spec.settings, {{"cls_token", cls.c_str()}, {"sep_token", sep.c_str()}});
    m_spec.postProcessor = {
        {"type", "BertProcessing"}, {"sep", json::array({sep, 0})}, {"cls", json::array({cls, 0})}};
}

void GgufTokenizer::readSentencePiece()
{
    const std::vector<double>* scores = m_file.numbers("tokenizer.ggml.scores");
    if (scores == nullptr || scores->size() != m_spec.pieces.size()) {
        throw Error(
            ErrorKind::Format,
            fmt::format("tokenizer.ggml.scores has {} entries (expected {}, one for each token)",
                        scores == nullptr ? 0 : scores->size(), m_spec.pieces.size()));
    }
    if (!std::all_of(scores->begin(), scores->end(),
                     [](double score) { return std::isfinite(score); })) {
        throw Error(ErrorKind::Format,
                    "tokenizer.ggml.scores holds a NaN or an infinity (expected finite scores)");
    }
    m_spec.model = TokenizerSpec::Model::SentencePieceBpe;
    m_spec.scores = *scores;
    std::vector<bool> normal(m_spec.pieces.size());
    for (std::size_t id = 0; id < normal.size(); ++id) {
        normal[id] = typeOf(id) == PieceType::Normal || typeOf(id) == PieceType::Unused;
        if (typeOf(id) == PieceType::Unknown) {
            m_spec.unknownId = static_cast<std::int32_t>(id);
        }
    }
    m_spec.merges = scoreMerges(m_spec.pieces, m_spec.scores, normal, true);
    m_spec.byteFallback = true;
    m_spec.fuseUnknown = true;
    writeSpacesAsMarks(m_file.boolean("tokenizer.ggml.add_space_prefix").value_or(true));
    readNamedTokens(true, false);
}

void GgufTokenizer::writeSpacesAsMarks(bool prefix)
{
    const json replace = {
        {"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "\xE2\x96\x81"}};
    const json restore = {
        {"type", "Replace"}, {"pattern", {{"String", "\xE2\x96\x81"}}}, {"content", " "}};
    json back = json::array({restore, {{"type", "ByteFallback"}}, {{"type", "Fuse"}}});
    m_spec.normalizer = replace;
    if (prefix) {
        const json prepend = {{"type", "Prepend"}, {"prepend", "\xE2\x96\x81"}};
        m_spec.normalizer = {{"type", "Sequence"},
                             {"normalizers", json::array({prepend, replace})}};
        back.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
    }
    m_spec.decoder = {{"type", "Sequence"}, {"decoders", back}};
}

std::string GgufTokenizer::tokenOf(const char* key) const
{
    const std::optional<std::int64_t> id = m_file.integer(key);
    return id ? m_spec.pieces[static_cast<std::size_t>(checkedId(key, *id))] : std::string();
}

std::int64_t GgufTokenizer::checkedId(const char* key, std::int64_t id) const
{
    if (id < 0 || id >= static_cast<std::int64_t>(m_spec.pieces.size())) {
        throw Error(
            ErrorKind::Format,
            fmt::format("{} is {} (expected an id below {})", key, id, m_spec.pieces.size()));
    }
    return id;
}

void GgufTokenizer::readNamedTokens(bool addsBos, bool addsEos)
{
    TokenizerSettings& settings = m_spec.settings;
    constexpr std::pair<const char*, const char*> kNames[] = {
        {"bos_token", "tokenizer.ggml.bos_token_id"},
        {"eos_token", "tokenizer.ggml.eos_token_id"},
        {"pad_token", "tokenizer.ggml.padding_token_id"},
        {"unk_token", "tokenizer.ggml.unknown_token_id"},
        {"mask_token", "tokenizer.ggml.mask_token_id"},
        {"cls_token", "tokenizer.ggml.cls_token_id"},
        {"sep_token", "tokenizer.ggml.seperator_token_id"}, // so it is written
    };
    for (const auto& [name, key] : kNames) {
        nameByDefault(settings, {{name, tokenOf(key).c_str()}});
    }
    settings.chatTemplate = m_file.text("tokenizer.chat_template").value_or("");
    if (!isValidUtf8(settings.chatTemplate)) {
        throw Error(ErrorKind::Format,
                    "tokenizer.chat_template is " + shownText(settings.chatTemplate)
                        + " (expected UTF-8)");
    }
    json single = json::array();
    json tokens = json::object();
    const auto add = [&](const std::string& token) {
        const auto place = std::find(m_spec.pieces.begin(), m_spec.pieces.end(), token);
        single.push_back({{"SpecialToken", {{"id", token}, {"type_id", 0}}}});
        tokens[token] = {{"id", token},
                         {"ids", json::array({place - m_spec.pieces.begin()})},
                         {"tokens", json::array({token})}};
    };
    if (m_file.boolean("tokenizer.ggml.add_bos_token").value_or(addsBos)
        && !settings.bosToken.empty()) {
        add(settings.bosToken);
    }
    single.push_back({{"Sequence", {{"id", "A"}, {"type_id", 0}}}});
    if (m_file.boolean("tokenizer.ggml.add_eos_token").value_or(addsEos)
        && !settings.eosToken.empty()) {
        add(settings.eosToken);
    }
    if (!tokens.empty()) {
        json pair = single;
        for (json item : single) {
            if (item.contains("Sequence")) {
                item["Sequence"]["id"] = "B";
            }
            pair.push_back(std::move(item));
        }
        m_spec.postProcessor = {{"type", "TemplateProcessing"},
                                {"single", single},
                                {"pair", pair},
                                {"special_tokens", tokens}};
    }
}

TokenizerSpec GgufTokenizer::read()
{
    const std::string model = m_file.text("tokenizer.ggml.model").value_or("");
    constexpr std::string_view kKnown[] = {"gpt2", "llama", "bert", "gemma4"};
    if (std::find(std::begin(kKnown), std::end(kKnown), model) == std::end(kKnown)) {
        throw Error(ErrorKind::Format,
                    model.empty()
                        ? "has no tokenizer.ggml.model (expected gpt2, llama, bert, t5 or gemma4); "
                          "convert the model with its tokenizer"
                        : fmt::format("tokenizer.ggml.model is {} (expected gpt2, llama, bert, t5 "
                                      "or gemma4)",
                                      shownText(model, 40)));
    }
    readPieces();
    if (model == "llama") {
        readSentencePiece();
    } else if (model == "bert") {
        readWordPieces();
    } else {
        readBytePairs(model == "gemma4" ? model : preName());
    }
    return std::move(m_spec);
}

} // namespace

std::vector<Merge> scoreMerges(const std::vector<std::string>& pieces,
                               const std::vector<double>& scores, const std::vector<bool>& isNormal,
                               bool byScore)
{
    const Vocabulary vocabulary(pieces);
    std::vector<std::int32_t> order;
    for (std::size_t id = 0; id < pieces.size(); ++id) {
        if (isNormal[id] && pieces[id].size() > 1 && pieces[id].size() <= kMergedBytes) {
            order.push_back(static_cast<std::int32_t>(id));
        }
    }
    const auto score = [&](std::int32_t id) { return scores[static_cast<std::size_t>(id)]; };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int32_t a, std::int32_t b) { return score(a) > score(b); });
    std::vector<Merge> merges;
    std::int32_t rank = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const std::string_view piece = vocabulary.piece(order[i]);
        rank += i > 0 && score(order[i]) != score(order[i - 1]) ? 1 : 0;
        const std::size_t first = merges.size();
        for (std::size_t cut = 1; cut < piece.size(); ++cut) {
            const std::int32_t left = vocabulary.find(piece.substr(0, cut));
            const std::int32_t right = left >= 0 ? vocabulary.find(piece.substr(cut)) : -1;
            if (right >= 0) {
                merges.push_back({left, right, order[i], rank});
            }
        }
        if (merges.size() > kWaysPerPiece * pieces.size() + kWaysFloor) {
            throw Error(ErrorKind::Format,
                        fmt::format("tokenizer.ggml.tokens has {} pieces that merge in more than "
                                    "{} ways (expected at most {} for each); get the file again",
                                    pieces.size(), merges.size() - 1, kWaysPerPiece));
        }
        std::sort(merges.begin() + static_cast<std::ptrdiff_t>(first), merges.end(),
                  [](const Merge& a, const Merge& b) {
                      return a.left != b.left ? a.left < b.left : a.right < b.right;
                  });
    }
    for (std::size_t i = 0; !byScore && i < merges.size(); ++i) {
        merges[i].rank = static_cast<std::int32_t>(i);
    }
    return merges;
}

TokenizerSpec specFromGguf(const std::filesystem::path& path)
{
    return specFromGguf(GgufFile::open(path));
}

TokenizerSpec specFromGguf(const GgufFile& file)
{
    TokenizerSpec spec = GgufTokenizer(file).read();
    const TensorView* const embedding = file.find("token_embd.weight");
    if (embedding != nullptr && !embedding->shape.empty()) {
        spec.embeddingRows = embedding->shape.front();
    }
    return spec;
}

} // namespace pissarro::core::inline tokenizer
