// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/protobuf.h"
#include "core/text/utf8.h"
#include "core/tokenizer/sentencepiece_unigram_p.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace pissarro::core::inline tokenizer {
namespace {

constexpr std::string_view kSpaceMark = "\xE2\x96\x81";
constexpr int kNormal = 1;
constexpr int kUnknown = 2;
constexpr int kUserDefined = 4;
constexpr int kByte = 6;

// SentencePiece: 1 piece, 2 score, 3 type.
SentencePieceParts::Piece pieceOf(std::string_view message)
{
    SentencePieceParts::Piece piece;
    ProtoReader reader(message);
    for (ProtoField field; reader.next(field);) {
        if (field.number == 1) {
            piece.text = field.bytes;
        } else if (field.number == 2 && field.type == ProtoType::Fixed32
                   && field.bytes.size() == 4) {
            std::uint32_t bits = 0;
            for (std::size_t i = 4; i-- > 0;) {
                bits = bits << 8U | static_cast<unsigned char>(field.bytes[i]);
            }
            piece.score = std::bit_cast<float>(bits);
        } else if (field.number == 3) {
            piece.type = static_cast<int>(std::min<std::uint64_t>(field.value, 100));
        }
    }
    return piece;
}

// TrainerSpec: 3 model_type, 24 treat_whitespace_as_suffix, 35 byte_fallback.
void readTrainer(std::string_view message, SentencePieceParts& parts)
{
    ProtoReader reader(message);
    for (ProtoField field; reader.next(field);) {
        switch (field.number) {
        case 3:
            parts.isUnigram = field.value == 1; // characters and words are the library's
            parts.isBpe = field.value == 2;
            break;
        case 24:
            parts.spaceBehind = field.value != 0;
            break;
        case 35:
            parts.byteFallback = field.value != 0;
            break;
        default:
            break;
        }
    }
}

// NormalizerSpec: 2 precompiled_charsmap, 3 add_dummy_prefix, 4 remove_extra_whitespaces, 5 escape_whitespaces.
void readNormalizer(std::string_view message, SentencePieceParts& parts)
{
    ProtoReader reader(message);
    for (ProtoField field; reader.next(field);) {
        switch (field.number) {
        case 2:
            parts.charsmap = field.bytes;
            break;
        case 3:
            parts.dummyPrefix = field.value != 0;
            break;
        case 4:
            parts.removesExtraSpace = field.value != 0;
            break;
        case 5:
            parts.escapesSpace = field.value != 0;
            break;
        default:
            break;
        }
    }
}

} // namespace

SentencePieceParts::SentencePieceParts(std::string_view model)
{
    ProtoReader outer(model);
    for (ProtoField part; outer.next(part);) {
        if (part.number == 1) {
            pieces.push_back(pieceOf(part.bytes));
        } else if (part.number == 2) {
            readTrainer(part.bytes, *this);
        } else if (part.number == 3) {
            readNormalizer(part.bytes, *this);
        }
    }
}

struct SentencePieceUnigram::Step {
    float score = 0;
    std::int32_t id = -1;
    std::ptrdiff_t begin = -1; // -1: not reached
};

bool SentencePieceUnigram::reads(const SentencePieceParts& parts)
{
    const auto isUnknown = [](const auto& piece) { return piece.type == kUnknown; };
    return parts.isUnigram && parts.escapesSpace && !parts.spaceBehind
        && std::count_if(parts.pieces.begin(), parts.pieces.end(), isUnknown) == 1;
}

SentencePieceUnigram::SentencePieceUnigram(SentencePieceParts parts)
    : m_parts(std::move(parts))
    , m_charsmap(m_parts.charsmap.empty() ? nullptr
                                          : std::make_unique<const Charsmap>(m_parts.charsmap))
{
    m_byteIds.fill(-1);
    float worst = std::numeric_limits<float>::max();
    m_bestScore = std::numeric_limits<float>::lowest();
    std::vector<std::pair<std::string_view, std::int32_t>> pieces;
    std::vector<std::pair<std::string_view, std::int32_t>> symbols;
    for (std::size_t i = 0; i < m_parts.pieces.size(); ++i) {
        const SentencePieceParts::Piece& piece = m_parts.pieces[i];
        const auto id = static_cast<std::int32_t>(i);
        if (piece.type == kUnknown) {
            m_unknownId = id;
        } else if (piece.type == kByte) {
            const int byte = byteOfPiece(piece.text);
            if (byte >= 0) {
                m_byteIds[static_cast<std::size_t>(byte)] = id;
            }
        } else if (piece.type == kNormal || piece.type == kUserDefined) {
            pieces.emplace_back(piece.text, id);
        }
        if (piece.type == kUserDefined) {
            symbols.emplace_back(piece.text, id);
        } else if (piece.type == kNormal) {
            worst = std::min(worst, piece.score);
            m_bestScore = std::max(m_bestScore, piece.score);
        }
    }
    m_unknownScore = worst - 10.0F;
    m_hasSymbols = !symbols.empty();
    m_pieces = PieceTrie(std::move(pieces));
    m_symbols = PieceTrie(std::move(symbols));
}

Charsmap::Prefix SentencePieceUnigram::prefixOf(std::string_view text) const
{
    if (m_hasSymbols) {
        std::size_t width = 0;
        PieceTrie::Node node = PieceTrie::kRoot;
        for (std::size_t at = 0; at < text.size(); ++at) {
            node = m_symbols.step(node, text[at]);
            if (node == PieceTrie::kNone) {
                break;
            }
            width = m_symbols.idAt(node) >= 0 ? at + 1 : width;
        }
        if (width > 0) {
            return {text.substr(0, width), width};
        }
    }
    if (m_charsmap) {
        return m_charsmap->longestPrefix(text);
    }
    const std::size_t width = std::min(utf8Width(text[0]), text.size());
    return {text.substr(0, width), width};
}

std::string SentencePieceUnigram::normalized(std::string_view text) const
{
    while (m_parts.removesExtraSpace && !text.empty()) {
        const Charsmap::Prefix prefix = prefixOf(text);
        if (prefix.text != " ") {
            break;
        }
        text.remove_prefix(prefix.width);
    }
    std::string out;
    if (text.empty()) {
        return out;
    }
    out.reserve(text.size() + text.size() / 2);
    if (m_parts.dummyPrefix) {
        out += kSpaceMark;
    }
    bool afterSpace = m_parts.removesExtraSpace;
    while (!text.empty()) {
        auto [written, width] = prefixOf(text);
        text.remove_prefix(width);
        while (afterSpace && written.starts_with(' ')) {
            written.remove_prefix(1);
        }
        for (const char c : written) {
            c == ' ' ? out += kSpaceMark : out += c;
        }
        if (!written.empty()) {
            afterSpace = m_parts.removesExtraSpace && written.ends_with(' ');
        }
    }
    while (m_parts.removesExtraSpace && out.ends_with(kSpaceMark)) {
        out.resize(out.size() - kSpaceMark.size());
    }
    return out;
}

std::vector<SentencePieceUnigram::Step> SentencePieceUnigram::bestSteps(std::string_view text) const
{
    std::vector<Step> steps(text.size() + 1);
    // As float throughout: so ties fall as in version 0.2.3 of the library. Older ones compare as double.
    const auto improve = [&](std::size_t end, std::size_t begin, float score, std::int32_t id) {
        const float total = steps[begin].score + score;
        if (steps[end].begin < 0 || total > steps[end].score) {
            steps[end] = {total, id, static_cast<std::ptrdiff_t>(begin)};
        }
    };
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t width = std::min(utf8Width(text[begin]), text.size() - begin);
        bool hasSingle = false;
        PieceTrie::Node node = PieceTrie::kRoot;
        for (std::size_t at = begin; at < text.size(); ++at) {
            node = m_pieces.step(node, text[at]);
            if (node == PieceTrie::kNone) {
                break;
            }
            const std::int32_t id = m_pieces.idAt(node);
            if (id < 0) {
                continue;
            }
            const SentencePieceParts::Piece& piece = m_parts.pieces[static_cast<std::size_t>(id)];
            const auto length = static_cast<float>(at + 1 - begin);
            const bool isSymbol = piece.type == kUserDefined; // scores so that it is always taken
            improve(at + 1, begin, isSymbol ? length * m_bestScore - 0.1F : piece.score, id);
            hasSingle = hasSingle || at + 1 - begin == width;
        }
        if (!hasSingle) {
            improve(begin + width, begin, m_unknownScore, m_unknownId);
        }
        begin += width;
    }
    return steps;
}

void SentencePieceUnigram::append(std::string_view piece, std::int32_t id, bool afterUnknown,
                                  std::vector<std::int32_t>& out) const
{
    if (id != m_unknownId) {
        out.push_back(id);
    } else if (m_parts.byteFallback) {
        for (const char c : piece) {
            const std::int32_t byte = m_byteIds[static_cast<unsigned char>(c)];
            out.push_back(byte >= 0 ? byte : m_unknownId);
        }
    } else if (!afterUnknown) { // unknown neighbours are one
        out.push_back(id);
    }
}

void SentencePieceUnigram::encode(std::string_view text, std::vector<std::int32_t>& out) const
{
    const std::string written = normalized(text);
    const std::vector<Step> steps = bestSteps(written);
    std::vector<std::size_t> ends; // last one first
    for (std::size_t end = written.size(); end > 0;) {
        ends.push_back(end);
        end = static_cast<std::size_t>(steps[end].begin);
    }
    bool afterUnknown = false;
    for (auto end = ends.rbegin(); end != ends.rend(); ++end) {
        const Step& step = steps[*end];
        const auto begin = static_cast<std::size_t>(step.begin);
        append(std::string_view(written).substr(begin, *end - begin), step.id, afterUnknown, out);
        afterUnknown = step.id == m_unknownId;
    }
}

} // namespace pissarro::core::inline tokenizer
