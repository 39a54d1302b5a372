// SPDX-License-Identifier: GPL-3.0-or-later
// What tokenizer.json calls a post_processor: special tokens around one text and around two.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"
#include "core/tokenizer/json_fields_p.h"
#include "core/tokenizer/tokenizer_spec_p.h"

#include <algorithm>

namespace pissarro::core::inline tokenizer {
namespace {

using nlohmann::json;
using Items = std::vector<TextFrame::Item>;

constexpr const char* kWhere = "post_processor";
// A template that names long lists often would multiply them.
constexpr std::size_t kFrameLimit = 1024; // ids
constexpr std::int64_t kTypeLimit = 1'000'000; // of token types; models have one or two

void checkId(std::int64_t id, const Vocabulary& vocabulary)
{
    if (id < 0 || id >= vocabulary.size()) {
        throw Error(ErrorKind::Format,
                    fmt::format("post_processor names the id {} (expected one below {})", id,
                                vocabulary.size()));
    }
}

void checkCount(const Items& items)
{
    if (items.size() > kFrameLimit) {
        throw Error(ErrorKind::Format,
                    fmt::format("post_processor puts more than {} ids around a text", kFrameLimit));
    }
}

std::int32_t typeOfItem(const json& item)
{
    const std::int64_t type = integerField(item, "type_id", kWhere, 0);
    if (type < 0 || type > kTypeLimit) {
        throw Error(ErrorKind::Format,
                    fmt::format("post_processor has the type_id {} (expected 0 or 1)", type));
    }
    return static_cast<std::int32_t>(type);
}

// One of the two lists of a TemplateProcessing.
class TemplateReader {
public:
    TemplateReader(const json& processor, const Vocabulary& vocabulary)
        : m_processor(processor)
        , m_vocabulary(vocabulary)
    {
    }
    Items read(bool isPair) const;

private:
    void appendToken(const json& token, Items& items) const;

    const json& m_processor;
    const Vocabulary& m_vocabulary;
};

void TemplateReader::appendToken(const json& token, Items& items) const
{
    const std::string name = stringField(token, "id", kWhere);
    const json& tokens = fieldOf(m_processor, "special_tokens", kWhere);
    if (!tokens.is_object() || !tokens.contains(name)) {
        throw Error(ErrorKind::Format,
                    fmt::format("post_processor.special_tokens has no {}, which its template names",
                                shownText(name)));
    }
    for (const json& id : arrayField(tokens.at(name), "ids", kWhere)) {
        const std::int64_t value = integerField({{"id", id}}, "id", kWhere, -1);
        checkId(value, m_vocabulary);
        checkCount(items);
        items.push_back({static_cast<std::int32_t>(value), typeOfItem(token)});
    }
}

Items TemplateReader::read(bool isPair) const
{
    Items items;
    for (const json& item : arrayField(m_processor, isPair ? "pair" : "single", kWhere)) {
        if (item.is_object() && item.contains("Sequence")) {
            const json& sequence = item.at("Sequence");
            const bool isSecond = stringField(sequence, "id", kWhere, "A") == "B";
            const std::int32_t text = isSecond ? TextFrame::kSecond : TextFrame::kFirst;
            const auto isThis = [&](const TextFrame::Item& other) { return other.id == text; };
            if (std::any_of(items.begin(), items.end(), isThis)) {
                throw Error(ErrorKind::Format,
                            "post_processor has the same text twice (expected each text once)");
            }
            items.push_back({text, typeOfItem(sequence)});
        } else {
            appendToken(fieldOf(item, "SpecialToken", kWhere), items);
        }
    }
    const auto has = [&](std::int32_t text) {
        return std::any_of(items.begin(), items.end(),
                           [&](const TextFrame::Item& item) { return item.id == text; });
    };
    if (!has(TextFrame::kFirst) || (isPair && !has(TextFrame::kSecond))) {
        throw Error(ErrorKind::Format,
                    fmt::format("post_processor.{} has no place for {} (expected one)",
                                isPair ? "pair" : "single", isPair ? "both texts" : "the text"));
    }
    return items;
}

// "cls" or "sep" of BertProcessing and RobertaProcessing: ["[CLS]", 101]. The token counts, as its id may be another's.
std::int32_t namedToken(const json& processor, const char* key, const Vocabulary& vocabulary)
{
    const json& pair = arrayField(processor, key, kWhere);
    const std::string token = pair.empty() ? "" : jsonAs<std::string>(pair[0]).value_or("");
    checkId(vocabulary.find(token), vocabulary);
    return vocabulary.find(token);
}

TextFrame bertFrame(const json& processor, const Vocabulary& vocabulary, bool isRoberta)
{
    const std::int32_t cls = namedToken(processor, "cls", vocabulary);
    const std::int32_t sep = namedToken(processor, "sep", vocabulary);
    TextFrame frame;
    frame.single = {{cls, 0}, {TextFrame::kFirst, 0}, {sep, 0}};
    frame.pair = frame.single;
    if (isRoberta) { // a second separator, and one type for both
        frame.pair.push_back({sep, 0});
    }
    const std::int32_t second = isRoberta ? 0 : 1;
    frame.pair.push_back({TextFrame::kSecond, second});
    frame.pair.push_back({sep, second});
    return frame;
}

// `outer` with the stretches of ids that an earlier step made in the places of the texts. Types are the outer's.
Items nested(const Items& outer, const Items& first, const Items& second)
{
    Items items;
    for (const TextFrame::Item& item : outer) {
        if (item.id >= 0) {
            items.push_back(item);
            continue;
        }
        for (const TextFrame::Item& inner : item.id == TextFrame::kFirst ? first : second) {
            items.push_back({inner.id, item.type});
        }
    }
    return items;
}

// Where what belongs to the second text begins: at the text, or at the second of two separators.
std::ptrdiff_t secondBegins(const Items& pair)
{
    const auto place = std::find_if(pair.begin(), pair.end(), [](const TextFrame::Item& item) {
        return item.id == TextFrame::kSecond;
    });
    const std::ptrdiff_t at = place - pair.begin();
    const bool hasTwo = at >= 2 && (place - 1)->id >= 0 && (place - 1)->id == (place - 2)->id;
    return hasTwo ? at - 1 : at;
}

bool isPlain(const TextFrame& frame)
{
    return frame.single.size() == 1 && frame.single[0].type == 0 && frame.pair.size() == 2
        && frame.pair[0].type == 0 && frame.pair[1].type == 1;
}

TextFrame sequenceFrame(const json& processor, const Vocabulary& vocabulary)
{
    TextFrame frame;
    for (const json& step : arrayField(processor, "processors", kWhere)) {
        TextFrame next = makeFrame(step, vocabulary);
        if (isPlain(next)) {
            continue;
        }
        // Of two steps that each frame the second stands outside.
        const auto cut = frame.pair.begin() + secondBegins(frame.pair);
        frame.single = nested(next.single, frame.single, {});
        frame.pair = nested(next.pair, {frame.pair.begin(), cut}, {cut, frame.pair.end()});
        checkCount(frame.single);
        checkCount(frame.pair);
    }
    return frame;
}

} // namespace

TextFrame makeFrame(const json& postProcessor, const Vocabulary& vocabulary)
{
    if (postProcessor.is_null()) {
        return {};
    }
    const std::string type = typeOf(postProcessor, kWhere);
    if (type == "ByteLevel") {
        return {};
    }
    if (type == "TemplateProcessing") {
        const TemplateReader reader(postProcessor, vocabulary);
        TextFrame frame;
        frame.single = reader.read(false);
        if (const json* pair = jsonField(postProcessor, "pair");
            pair != nullptr && !pair->empty()) {
            frame.pair = reader.read(true);
        }
        return frame;
    }
    if (type == "Sequence") {
        return sequenceFrame(postProcessor, vocabulary);
    }
    if (type == "RobertaProcessing" || type == "BertProcessing") {
        return bertFrame(postProcessor, vocabulary, type == "RobertaProcessing");
    }
    refuseType(type, kWhere,
               "TemplateProcessing, ByteLevel, RobertaProcessing, BertProcessing or Sequence");
}

TextFrame bosEosFrame(std::int32_t bos, std::int32_t eos)
{
    const auto around = [&](std::int32_t text, std::int32_t type, Items& items) {
        if (bos >= 0) {
            items.push_back({bos, type});
        }
        items.push_back({text, type});
        if (eos >= 0) {
            items.push_back({eos, type});
        }
    };
    TextFrame frame {{}, {}};
    around(TextFrame::kFirst, 0, frame.single);
    frame.pair = frame.single;
    around(TextFrame::kSecond, 1, frame.pair);
    return frame;
}

} // namespace pissarro::core::inline tokenizer
