// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace pissarro::core::inline format {

// Whether a key can name other modules than the one of this very name: module paths begin with "model.".
bool namesMany(const std::string& key);

// Values by key in the order in which the keys were given, which counts where several match one module.
template <class Value>
class PatternValues {
public:
    using Entry = std::pair<std::string, Value>;

    PatternValues() = default;
    PatternValues(std::initializer_list<Entry> entries)
    {
        for (const Entry& entry : entries) {
            (*this)[entry.first] = entry.second;
        }
    }

    // Of a key that is there its own place, else at the end.
    Value& operator[](const std::string& key)
    {
        const auto [found, isNew] = m_places.emplace(key, m_entries.size());
        if (isNew) {
            if (namesMany(key)) {
                m_wide.push_back(m_entries.size());
            }
            m_entries.emplace_back(key, Value());
        }
        return m_entries[found->second].second;
    }
    // Where the key stands; size(): nowhere.
    std::size_t placeOf(const std::string& key) const
    {
        const auto found = m_places.find(key);
        return found == m_places.end() ? m_entries.size() : found->second;
    }
    const Entry& at(std::size_t place) const { return m_entries.at(place); }
    // Places of the keys that namesMany(), in order: most maps name whole modules, and have none.
    const std::vector<std::size_t>& wide() const { return m_wide; }

    auto begin() const { return m_entries.begin(); }
    auto end() const { return m_entries.end(); }
    std::size_t size() const { return m_entries.size(); }
    bool empty() const { return m_entries.empty(); }
    void clear() { *this = {}; }
    template <class Predicate>
    void eraseIf(const Predicate& goes)
    {
        PatternValues kept;
        for (const Entry& entry : m_entries) {
            if (!goes(entry)) {
                kept[entry.first] = entry.second;
            }
        }
        *this = std::move(kept);
    }
    bool operator==(const PatternValues& other) const { return m_entries == other.m_entries; }

private:
    std::vector<Entry> m_entries;
    std::unordered_map<std::string, std::size_t> m_places;
    std::vector<std::size_t> m_wide;
};

} // namespace pissarro::core::inline format
