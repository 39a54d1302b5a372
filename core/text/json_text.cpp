// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/json_text.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/foreign_text.h"
#include "core/text/message_text.h"
#include "core/text/ordered_json.h"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>

namespace pissarro::core::inline text {

namespace {

constexpr int kDepthLimit = 64;
constexpr std::size_t kValueLimit = 5'000'000; // "{}," is 3 bytes of text and a hundred of memory

// Counts brackets and commas outside strings before anything is built from them.
void refuseWhatCostsMemory(std::string_view text)
{
    int depth = 0;
    std::size_t values = 0;
    bool inString = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (inString) {
            if (c == '\\') {
                ++i;
            } else if (c == '"') {
                inString = false;
            }
        } else if (c == '"') {
            inString = true;
        } else if (c == ',') {
            if (++values > kValueLimit) {
                throw Error(ErrorKind::Format,
                            Clause {fmt::format(
                                "is JSON of more than {} values (byte {}); get the file again",
                                kValueLimit, i + 1)});
            }
        } else if (c == '[' || c == '{') {
            if (++depth > kDepthLimit) {
                throw Error(
                    ErrorKind::Format,
                    Clause {fmt::format(
                        "is JSON nested deeper than {} levels (byte {}); get the file again",
                        kDepthLimit, i + 1)});
            }
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
}

// A text that the parser gets only as long as its job goes on.
struct Stoppable {
    using iterator_category = std::forward_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    const char* at = nullptr;
    const JobContext* job = nullptr;

    reference operator*() const { return *at; }
    Stoppable& operator++()
    {
        constexpr std::uintptr_t kEvery = 1U << 14U; // bytes: less than a millisecond
        if (reinterpret_cast<std::uintptr_t>(++at) % kEvery == 0) {
            job->throwIfCancelled();
        }
        return *this;
    }
    Stoppable operator++(int)
    {
        Stoppable before = *this;
        ++*this;
        return before;
    }
    bool operator==(const Stoppable& other) const { return at == other.at; }
};

// What `parse` makes of the text.
template <class Parse>
auto parsed(std::string_view text, const Parse& parse)
{
    using Json = nlohmann::json; // all kinds of it throw the same
    refuseWhatCostsMemory(text);
    try {
        return parse(text);
    } catch (const Json::parse_error& e) {
        refuseForeign(text);
        const bool encoding = std::string_view(e.what()).find("UTF-8") != std::string_view::npos;
        const char* const what = encoding ? "is not valid UTF-8" : "is not JSON";
        const std::string where = text.empty() ? "it is empty"
            : e.byte > text.size() ? fmt::format("it ends too early, after byte {}", text.size())
                                   : fmt::format("error at byte {} of {}", e.byte, text.size());
        throw Error(ErrorKind::Format,
                    Clause {fmt::format("{}: {}; get the file again", what, where)});
    } catch (const Json::exception&) {
        throw Error(ErrorKind::Format,
                    Clause {"is JSON with a number that no double can hold; correct it"});
    }
}

OrderedDocument documentOf(std::string_view text, const JobContext& job)
{
    return parsed(text, [&job](std::string_view all) {
        return parseOrdered(all, kDepthLimit, job); // deeper was refused before
    });
}

} // namespace

nlohmann::json parseJson(std::string_view text, const JobContext& job)
{
    return parsed(text, [&job](std::string_view all) {
        const char* const end = all.data() + all.size();
        return nlohmann::json::parse(Stoppable {all.data(), &job}, Stoppable {end, &job});
    });
}

nlohmann::ordered_json parseOrderedJson(std::string_view text)
{
    return parseDocument(text).value;
}

OrderedDocument parseDocument(std::string_view text)
{
    return documentOf(text, {});
}

nlohmann::ordered_json parseOwnJson(std::string_view text)
{
    OrderedDocument document = parseDocument(text);
    refuseRepeated(document);
    return std::move(document.value);
}

nlohmann::json parseOwnPlain(std::string_view text, const JobContext& job)
{
    const OrderedDocument document = documentOf(text, job);
    refuseRepeated(document);
    return nlohmann::json(document.value);
}

void refuseRepeated(const OrderedDocument& document)
{
    if (!document.repeated.empty()) {
        throw Error(ErrorKind::Format, repeatedText(document) + "; keep one");
    }
}

std::string repeatedText(const OrderedDocument& document)
{
    return document.repeated.empty()
        ? std::string()
        : "key " + shownText(document.repeated.front()) + " stands twice";
}

} // namespace pissarro::core::inline text
