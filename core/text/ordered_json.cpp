// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/ordered_json.h"

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <utility>

namespace pissarro::core::inline text {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t kFewKeys = 32; // so many are looked through
constexpr std::size_t kMostRepeated = 8; // so many are told of

// An array or object that is not closed yet.
struct Open {
    ordered_json* value = nullptr;
    std::string key; // of what comes next
    std::unordered_map<std::string, std::size_t> places; // of an object of more than a few keys
};

// Place of the key in the object; as many as there are: it is new.
std::size_t placeOf(Open& open, const ordered_json::object_t& object)
{
    if (object.size() <= kFewKeys) {
        const auto found = std::find_if(object.begin(), object.end(),
                                        [&](const auto& one) { return one.first == open.key; });
        return static_cast<std::size_t>(found - object.begin());
    }
    if (open.places.empty()) {
        for (std::size_t i = 0; i < object.size(); ++i) {
            open.places.emplace(object.begin()[static_cast<std::ptrdiff_t>(i)].first, i);
        }
    }
    return open.places.emplace(open.key, object.size()).first->second;
}

// What nlohmann's parser tells of, put together.
class Builder {
public:
    Builder(std::size_t mostLevels, const JobContext& job)
        : m_job(job)
        , m_mostLevels(mostLevels)
    {
    }
    OrderedDocument take() { return std::move(m_document); }

    bool null() { return put(nullptr) != nullptr; }
    bool boolean(bool value) { return put(value) != nullptr; }
    bool number_integer(std::int64_t value) { return put(value) != nullptr; }
    bool number_unsigned(std::uint64_t value) { return put(value) != nullptr; }
    bool number_float(double value, const std::string& /*text*/) { return put(value) != nullptr; }
    bool string(std::string& value) { return put(std::move(value)) != nullptr; }
    bool binary(ordered_json::binary_t& /*value*/) { return false; } // no text holds one
    bool start_object(std::size_t /*size*/) { return open(ordered_json::object()); }
    bool start_array(std::size_t /*size*/) { return open(ordered_json::array()); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }
    bool key(std::string& name)
    {
        m_open.back().key = std::move(name);
        return true;
    }
    template <class Exception>
    bool parse_error(std::size_t /*at*/, const std::string& /*token*/, const Exception& problem)
    {
        throw problem;
    }

private:
    // Where it lies from now on: until a neighbour comes.
    ordered_json* put(ordered_json value)
    {
        m_job.throwIfCancelled();
        if (m_open.empty()) {
            m_document.value = std::move(value);
            return &m_document.value;
        }
        Open& open = m_open.back();
        if (open.value->is_array()) {
            open.value->push_back(std::move(value));
            return &open.value->back();
        }
        auto& object = open.value->get_ref<ordered_json::object_t&>();
        const std::size_t place = placeOf(open, object);
        if (place == object.size()) {
            object.emplace_back(open.key,
                                std::move(value)); // of std::vector: nothing is looked for
            return &object.back().second;
        }
        if (m_document.repeated.size() < kMostRepeated) {
            m_document.repeated.push_back(pathOfKey());
        }
        ordered_json& there = object.begin()[static_cast<std::ptrdiff_t>(place)].second;
        there = std::move(value);
        return &there;
    }
    std::string pathOfKey() const
    {
        std::string path;
        for (const Open& one : m_open) {
            if (one.value->is_object()) {
                path += (path.empty() ? "" : ".") + one.key;
            }
        }
        return path;
    }
    bool open(ordered_json empty)
    {
        m_document.tooDeep = m_open.size() >= m_mostLevels;
        if (!m_document.tooDeep) {
            m_open.push_back({put(std::move(empty)), {}, {}});
        }
        return !m_document.tooDeep;
    }
    bool close()
    {
        m_open.pop_back();
        return true;
    }

    const JobContext& m_job;
    OrderedDocument m_document;
    std::vector<Open> m_open;
    std::size_t m_mostLevels;
};

} // namespace

OrderedDocument parseOrdered(std::string_view text, std::size_t mostLevels, const JobContext& job)
{
    Builder builder(mostLevels, job);
    ordered_json::sax_parse(text, &builder);
    return builder.take();
}

} // namespace pissarro::core::inline text
