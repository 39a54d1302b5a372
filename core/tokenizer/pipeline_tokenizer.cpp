// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"
#include "core/text/utf8.h"
#include "core/tokenizer/json_fields_p.h"
#include "core/tokenizer/tokenizer_spec_p.h"

#include <algorithm>

namespace pissarro::core::inline tokenizer {
namespace {

// A template that names long lists often would multiply them.
constexpr std::size_t kFrameLimit = 1024; // ids

// What the post_processor puts around a text.
struct Frame {
    std::vector<std::int32_t> before;
    std::vector<std::int32_t> after;
};

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
    Frame frameOf(const nlohmann::json& postProcessor) const;
    Frame templateFrame(const nlohmann::json& processor) const;
    void checkId(std::int32_t id) const;
    void encodeWords(std::string text, bool atStart, const JobContext& job,
                     std::vector<std::int32_t>& out) const;
    void encodeStretch(std::string text, bool atStart, const JobContext& job,
                       std::vector<std::int32_t>& out) const;

    Vocabulary m_vocabulary;
    std::vector<bool> m_special; // by id
    std::unique_ptr<TokenModel> m_model;
    AddedTokenFinder m_rawTokens;
    AddedTokenFinder m_normalizedTokens;
    Normalizer m_normalizer;
    PreTokenizer m_cut;
    PieceJoiner m_joiner;
    Frame m_frame;
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
    // Not by add_bos_token and add_eos_token: transformers 5 reads them for SentencePiece models only.
    m_frame = frameOf(spec.postProcessor);
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
    BpeModel::Options options;
    options.byteLevel = byteLevel;
    options.byteFallback = spec.byteFallback;
    options.fuseUnknown = spec.fuseUnknown;
    options.ignoreMerges = spec.ignoreMerges;
    options.unknownId = spec.unknownId;
    m_model = std::make_unique<BpeModel>(m_vocabulary, spec.merges, options);
    m_kind = byteLevel ? "byte-level BPE" : spec.byteFallback ? "SentencePiece BPE" : "BPE";
}

void PipelineTokenizer::addTokens(const TokenizerSpec& spec)
{
    std::vector<AddedToken> all = spec.added;
    for (const AddedToken& token : spec.settings.added) {
        const auto sameContent = [&](const AddedToken& other) {
            return other.content == token.content;
        };
        if (std::none_of(all.begin(), all.end(), sameContent)) {
            all.push_back(token);
        }
    }
    // Read beside the vocabulary, as Hugging Face does: bos, eos and pad are special even when
    // nobody added them.
    for (const std::string& named :
         {spec.settings.bosToken, spec.settings.eosToken, spec.settings.padToken}) {
        const auto same = [&](const AddedToken& other) { return other.content == named; };
        const auto place = std::find_if(all.begin(), all.end(), same);
        if (place != all.end()) {
            place->special = true;
        } else if (m_vocabulary.find(named) >= 0) {
            all.push_back({m_vocabulary.find(named), named, false, false, false, false, true});
        }
    }
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
}

void PipelineTokenizer::checkId(std::int32_t id) const
{
    if (id < 0 || id >= m_vocabulary.size()) {
        throw Error(ErrorKind::Format,
                    fmt::format("post_processor names the id {} (expected one below {})", id,
                                m_vocabulary.size()));
    }
}

Frame PipelineTokenizer::templateFrame(const nlohmann::json& processor) const
{
    constexpr const char* kWhere = "post_processor";
    Frame frame;
    bool behindText = false;
    for (const nlohmann::json& item : arrayField(processor, "single", kWhere)) {
        if (item.is_object() && item.contains("Sequence")) {
            behindText = true;
            continue;
        }
        const std::string name = stringField(fieldOf(item, "SpecialToken", kWhere), "id", kWhere);
        const nlohmann::json& tokens = fieldOf(processor, "special_tokens", kWhere);
        if (!tokens.is_object() || !tokens.contains(name)) {
            throw Error(ErrorKind::Format,
                        "post_processor.special_tokens has no " + shownText(name)
                            + ", which its template names");
        }
        const nlohmann::json& ids = arrayField(tokens.at(name), "ids", kWhere);
        for (const nlohmann::json& id : ids) {
            const std::int64_t value = integerField({{"id", id}}, "id", kWhere, -1);
            if (value < 0 || value >= kTokenIdLimit) {
                throw Error(ErrorKind::Format,
                            fmt::format("post_processor names the id {} (expected one below {})",
                                        value, m_vocabulary.size()));
            }
            checkId(static_cast<std::int32_t>(value));
            if (frame.before.size() + frame.after.size() >= kFrameLimit) {
                throw Error(
                    ErrorKind::Format,
                    fmt::format("post_processor puts more than {} ids around a text", kFrameLimit));
            }
            (behindText ? frame.after : frame.before).push_back(static_cast<std::int32_t>(value));
        }
    }
    return frame;
}

Frame PipelineTokenizer::frameOf(const nlohmann::json& postProcessor) const
{
    constexpr const char* kWhere = "post_processor";
    if (postProcessor.is_null()) {
        return {};
    }
    const std::string type = typeOf(postProcessor, kWhere);
    if (type == "ByteLevel") {
        return {};
    }
    if (type == "TemplateProcessing") {
        return templateFrame(postProcessor);
    }
    if (type == "Sequence") {
        Frame frame;
        for (const nlohmann::json& step : arrayField(postProcessor, "processors", kWhere)) {
            const Frame inner = frameOf(step);
            frame.before.insert(frame.before.begin(), inner.before.begin(), inner.before.end());
            frame.after.insert(frame.after.end(), inner.after.begin(), inner.after.end());
        }
        return frame;
    }
    if (type == "RobertaProcessing" || type == "BertProcessing") {
        Frame frame;
        for (const auto& [key, ids] :
             {std::pair("cls", &frame.before), std::pair("sep", &frame.after)}) {
            const nlohmann::json& pair = arrayField(postProcessor, key, kWhere);
            const std::string token = pair.empty() ? "" : jsonAs<std::string>(pair[0]).value_or("");
            checkId(m_vocabulary.find(token));
            ids->push_back(m_vocabulary.find(token));
        }
        return frame;
    }
    refuseType(type, kWhere,
               "TemplateProcessing, ByteLevel, RobertaProcessing, BertProcessing or Sequence");
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
    if (addSpecial) {
        out = m_frame.before;
    }
    try {
        for (const AddedTokenFinder::Part& part : m_rawTokens.split(text)) {
            if (part.id >= 0) {
                out.push_back(part.id);
            } else {
                encodeStretch(std::string(text.substr(part.begin, part.end - part.begin)),
                              part.begin == 0, job, out);
            }
        }
    } catch (const Error& e) { // a regular expression that explodes on this text
        throw e.within(m_file);
    }
    if (addSpecial) {
        out.insert(out.end(), m_frame.after.begin(), m_frame.after.end());
    }
    return out;
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
