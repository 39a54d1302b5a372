// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/utf8.h"
#include "core/tokenizer/tokenizer_spec_p.h"
#include "core/tokenizer/word_models_p.h"

#include <algorithm>
#include <unordered_map>

namespace pissarro::core::inline tokenizer {
namespace {

// Hugging Face's pipeline: added tokens, normalizer, pre-tokenizer, model, post-processor; decoder
// on the way back.
class PipelineTokenizer final : public Tokenizer {
public:
    explicit PipelineTokenizer(TokenizerSpec spec);

    std::vector<std::int32_t> encode(std::string_view text, bool addSpecial,
                                     const JobContext& job) const override;
    std::string decode(const std::vector<std::int32_t>& ids, bool skipSpecial) const override;
    std::string piece(std::int32_t id) const override;
    std::int64_t vocabularySize() const override { return m_vocabulary.size(); }
    bool isSpecial(std::int32_t id) const override
    {
        return id >= 0 && id < m_vocabulary.size() && m_special[static_cast<std::size_t>(id)];
    }
    std::string kind() const override { return m_kind; }

private:
    void addTokens(const TokenizerSpec& spec);
    void makeModel(TokenizerSpec& spec, bool byteLevel);
    void nameIds(const TokenizerSettings& settings);
    void encodeWords(std::string text, bool atStart, const JobContext& job,
                     std::vector<std::int32_t>& out) const;
    void encodeStretch(std::string text, bool atStart, const JobContext& job,
                       std::vector<std::int32_t>& out) const;
    void encodeText(std::string_view text, const JobContext& job,
                    std::vector<std::int32_t>& out) const;

    Vocabulary m_vocabulary;
    std::vector<bool> m_special; // by id
    std::unique_ptr<TokenModel> m_model;
    AddedTokenFinder m_rawTokens;
    AddedTokenFinder m_normalizedTokens;
    Normalizer m_normalizer;
    PreTokenizer m_cut;
    PieceJoiner m_joiner;
    std::string m_kind;
    std::string m_file;
};

PipelineTokenizer::PipelineTokenizer(TokenizerSpec spec)
    : m_vocabulary(std::move(spec.pieces))
    , m_normalizer(makeNormalizer(spec.normalizer))
    , m_joiner(makePieceJoiner(spec.decoder))
{
    PreTokenizerParts parts = makePreTokenizer(spec.preTokenizer);
    m_cut = std::move(parts.cut);
    makeModel(spec, parts.byteLevel);
    addTokens(spec);
    nameIds(spec.settings);
    // Not by add_bos_token and add_eos_token: transformers 5 forgets them beside a tokenizer.json.
    m_frame = spec.framesByFlags ? bosEosFrame(spec.settings.addBos.value_or(false) ? m_bosId : -1,
                                               spec.settings.addEos.value_or(false) ? m_eosId : -1)
                                 : makeFrame(spec.postProcessor, m_vocabulary);
    m_chatTemplate = spec.settings.chatTemplate;
    m_namedTokens = namedTokens(spec.settings);
    m_file = spec.file;
}

void PipelineTokenizer::makeModel(TokenizerSpec& spec, bool byteLevel)
{
    if (spec.model == TokenizerSpec::Model::Unigram) {
        m_model = std::make_unique<UnigramModel>(m_vocabulary, std::move(spec.scores),
                                                 spec.unknownId, spec.byteFallback);
        m_kind = "SentencePiece unigram";
        return;
    }
    if (spec.model == TokenizerSpec::Model::WordPiece) {
        WordPieceModel::Options options;
        options.prefix = spec.wordPiecePrefix;
        options.maxCharacters = static_cast<std::size_t>(spec.maxWordCharacters);
        options.unknownId = spec.unknownId;
        m_model = std::make_unique<WordPieceModel>(m_vocabulary, options);
        m_kind = "WordPiece";
        return;
    }
    if (spec.model == TokenizerSpec::Model::WordLevel) {
        m_model = std::make_unique<WordLevelModel>(m_vocabulary, spec.unknownId);
        m_kind = "word-level";
        return;
    }
    BpeModel::Options options;
    options.byteLevel = byteLevel;
    options.byteFallback = spec.byteFallback;
    options.fuseUnknown = spec.fuseUnknown;
    options.ignoreMerges = spec.ignoreMerges;
    options.unknownId = spec.unknownId;
    m_model = std::make_unique<BpeModel>(m_vocabulary, spec.merges, options);
    m_kind = byteLevel ? "byte-level BPE" : spec.byteFallback ? "SentencePiece BPE" : "BPE";
}

std::vector<AddedToken> allAdded(const TokenizerSpec& spec, const Vocabulary& vocabulary)
{
    std::vector<AddedToken> all = spec.added;
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < all.size(); ++i) {
        places.emplace(all[i].content, i);
    }
    for (AddedToken token : spec.settings.added) {
        if (places.emplace(token.content, all.size()).second) {
            const std::int32_t known =
                vocabulary.find(token.content); // counts, whatever the file says
            token.id = known >= 0 ? known : token.id;
            all.push_back(std::move(token));
        }
    }
    std::int32_t next = vocabulary.size();
    for (const AddedToken& token : all) {
        next = std::max(next, token.id + 1);
    }
    // Named tokens are special even when nobody added them; those without an id get the next one, as transformers does.
    for (AddedToken token : spec.settings.named) {
        const auto [place, isNew] = places.emplace(token.content, all.size());
        if (!isNew) {
            all[place->second].special = true;
            continue;
        }
        const std::int32_t known = vocabulary.find(token.content);
        token.id = known >= 0 ? known : next++;
        token.special = true;
        all.push_back(std::move(token));
    }
    return all;
}

void PipelineTokenizer::addTokens(const TokenizerSpec& spec)
{
    const std::vector<AddedToken> all = allAdded(spec, m_vocabulary);
    for (const AddedToken& token : all) {
        m_vocabulary.set(token.id, token.content);
    }
    m_special.resize(static_cast<std::size_t>(m_vocabulary.size()));
    for (const AddedToken& token : all) {
        const bool inNormalized = token.normalized && m_normalizer;
        if (inNormalized) {
            m_normalizedTokens.add(token, m_normalizer(token.content));
        } else {
            m_rawTokens.add(token, token.content);
        }
        m_special[static_cast<std::size_t>(token.id)] = token.special;
    }
}

void PipelineTokenizer::nameIds(const TokenizerSettings& settings)
{
    const auto idOf = [&](const std::string& token, std::int32_t otherwise) {
        return token.empty() ? (otherwise < m_vocabulary.size() ? otherwise : -1)
                             : m_vocabulary.find(token);
    };
    m_bosId = idOf(settings.bosToken, settings.bosId);
    m_eosId = idOf(settings.eosToken, settings.eosId);
    m_padId = idOf(settings.padToken, settings.padId);
    m_unkId = idOf(settings.unkToken, -1);
    for (const auto& [key, token] : settings.otherTokens) {
        std::int32_t& id = key == "cls_token" ? m_clsId : key == "sep_token" ? m_sepId : m_maskId;
        id = m_vocabulary.find(token);
    }
}

void PipelineTokenizer::encodeWords(std::string text, bool atStart, const JobContext& job,
                                    std::vector<std::int32_t>& out) const
{
    job.throwIfCancelled();
    if (!m_cut) {
        m_model->encode(text, out);
        return;
    }
    CutText cut;
    cut.text = std::move(text);
    cut.spans = {{0, cut.text.size()}};
    cut.atStart = atStart;
    m_cut(cut);
    for (const CutText::Span& span : cut.spans) {
        job.throwIfCancelled();
        m_model->encode(cut.piece(span), out);
    }
}

void PipelineTokenizer::encodeStretch(std::string text, bool atStart, const JobContext& job,
                                      std::vector<std::int32_t>& out) const
{
    if (m_normalizer) {
        text = m_normalizer(std::move(text));
    }
    for (const AddedTokenFinder::Part& part : m_normalizedTokens.split(text)) {
        if (part.id >= 0) {
            out.push_back(part.id);
        } else {
            encodeWords(text.substr(part.begin, part.end - part.begin), atStart && part.begin == 0,
                        job, out);
        }
    }
}

std::vector<std::int32_t> PipelineTokenizer::encode(std::string_view text, bool addSpecial,
                                                    const JobContext& job) const
{
    std::string repaired;
    if (!isValidUtf8(text)) {
        repaired = replaceInvalidUtf8(text);
        text = repaired;
    }
    std::vector<std::int32_t> out;
    out.reserve(text.size() / 3 + 4);
    try {
        for (const TextFrame::Item& item : m_frame.single) {
            if (item.id < 0) {
                encodeText(text, job, out);
            } else if (addSpecial) {
                out.push_back(item.id);
            }
        }
    } catch (const Error& e) { // a regular expression that explodes on this text
        throw e.within(m_file);
    }
    return out;
}

void PipelineTokenizer::encodeText(std::string_view text, const JobContext& job,
                                   std::vector<std::int32_t>& out) const
{
    for (const AddedTokenFinder::Part& part : m_rawTokens.split(text)) {
        if (part.id >= 0) {
            out.push_back(part.id);
        } else {
            encodeStretch(std::string(text.substr(part.begin, part.end - part.begin)),
                          part.begin == 0, job, out);
        }
    }
}

std::string PipelineTokenizer::decode(const std::vector<std::int32_t>& ids, bool skipSpecial) const
{
    std::vector<std::string> pieces;
    pieces.reserve(ids.size());
    for (const std::int32_t id : ids) {
        if (id < 0 || id >= m_vocabulary.size()) {
            throw Error(ErrorKind::InvalidArgument,
                        fmt::format("the token id {} is outside the vocabulary (expected 0 to {})",
                                    id, m_vocabulary.size() - 1));
        }
        if (!skipSpecial || !isSpecial(id)) {
            pieces.push_back(m_vocabulary.piece(id));
        }
    }
    if (m_joiner) {
        m_joiner(pieces);
    }
    std::string text;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        text += !m_joiner && i > 0 ? " " : "";
        text += pieces[i];
    }
    return text;
}

std::string PipelineTokenizer::piece(std::int32_t id) const
{
    return id >= 0 && id < m_vocabulary.size() ? m_vocabulary.piece(id) : std::string();
}

} // namespace

std::shared_ptr<const Tokenizer> makePipelineTokenizer(TokenizerSpec spec)
{
    return std::make_shared<PipelineTokenizer>(std::move(spec));
}

} // namespace pissarro::core::inline tokenizer
