// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/listed_model.h"
#include "core/file/cache.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace pissarro::core::inline catalog {

// What headers said, kept between runs of the program: one file of core/file/cache.h, another wherever the program knows
// other families or types, or would train another way. What is read of it may come from anybody.
// Threads: one user at a time of an object.
class HeaderCache {
public:
    HeaderCache();

    // Null: it is not known as it is now. `identity`: identityOf().
    std::shared_ptr<const ListedModel> find(const std::string& path, const std::string& identity);
    void add(const std::string& path, const std::string& identity,
             std::shared_ptr<const ListedModel> model);
    // With what other programs have written meanwhile. One that cannot be written is left out. Never throws.
    void save() noexcept;

private:
    struct Entry {
        std::string identity;
        std::shared_ptr<const ListedModel> model;
        bool isUsed = false; // by this object
    };
    using Entries = std::map<std::string, Entry>; // by path
    static Entries read(const std::filesystem::path& file);
    static void write(const std::filesystem::path& file, const Entries& entries);

    Cache m_cache;
    std::filesystem::path m_file;
    Entries m_entries;
    bool m_isRead = false;
    bool m_isChanged = false;
};

} // namespace pissarro::core::inline catalog
