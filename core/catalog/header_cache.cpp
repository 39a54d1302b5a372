// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/version.h"
#include "core/catalog/header_cache_p.h"
#include "core/file/intact.h"
#include "core/file/regular_file.h"
#include "core/format/dtype.h"
#include "core/format/safetensors.h"
#include "core/kernels/table.h"
#include "core/model/families/family.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <array>
#include <utility>

namespace pissarro::core::inline catalog {

namespace fs = std::filesystem;

namespace {

using nlohmann::json;

constexpr int kVersion = 1; // of what a row says, and of how memory is foretold
constexpr const char* kTensor = "models";
constexpr std::size_t kMostEntries = 20'000;
constexpr std::uint64_t kLargest = 256U << 20; // bytes that are read

// All that decides what is said of headers beside themselves.
CacheKey keyOf()
{
    CacheKey key {version(), std::string(dtypeTitle(resolvedDType(BaseDType::Auto, "cpu"))),
                  kernels::tableOf().largeProducts ? "ours" : "libtorch"};
    for (const Family* family : allFamilies()) {
        key.emplace_back(family->modelType);
    }
    for (const DType type : allDTypes()) {
        key.emplace_back(dtypeName(type));
    }
    return key;
}

constexpr std::array kNumbers {
    std::pair {"parameters", &ListedModel::parameters},
    std::pair {"layers", &ListedModel::layers},
    std::pair {"width", &ListedModel::width},
    std::pair {"heads", &ListedModel::heads},
    std::pair {"kv_heads", &ListedModel::kvHeads},
    std::pair {"vocabulary", &ListedModel::vocabulary},
    std::pair {"positions", &ListedModel::maxPositions},
    std::pair {"written", &ListedModel::writtenNs},
};
constexpr std::array kTexts {
    std::pair {"author", &ListedModel::author},
    std::pair {"name", &ListedModel::name},
    std::pair {"version", &ListedModel::version},
    std::pair {"architecture", &ListedModel::architecture},
    std::pair {"stored_as", &ListedModel::storedAs},
    std::pair {"problem", &ListedModel::problem},
};
constexpr std::array kNeeds {
    std::pair {"adapter", &TrainingNeed::adapter},
    std::pair {"four_bit", &TrainingNeed::fourBit},
    std::pair {"full", &TrainingNeed::full},
};
constexpr std::array kParts {
    &MemoryEstimate::weights,     &MemoryEstimate::adapters, &MemoryEstimate::optimizer,
    &MemoryEstimate::activations, &MemoryEstimate::fixed,
};

json rowOf(const ListedModel& model)
{
    json row {{"gguf", model.isGguf}, {"bytes", model.diskBytes}};
    for (const auto& [key, member] : kNumbers) {
        row[key] = model.*member;
    }
    for (const auto& [key, member] : kTexts) {
        row[key] = replaceInvalidUtf8(model.*member);
    }
    row["types"] = json::array();
    for (const StoredType& type : model.types) {
        row["types"].push_back({{"name", type.name}, {"elements", type.elements}});
    }
    for (const auto& [key, member] : kNeeds) {
        for (const auto part : kParts) {
            row[key].push_back((model.need.*member).*part);
        }
    }
    return row;
}

std::shared_ptr<const ListedModel> modelOf(const json& row)
{
    if (!row.is_object()) {
        return nullptr;
    }
    auto model = std::make_shared<ListedModel>();
    model->isGguf = jsonFieldAs<bool>(row, "gguf").value_or(false);
    model->diskBytes = jsonFieldAs<std::uint64_t>(row, "bytes").value_or(0);
    for (const auto& [key, member] : kNumbers) {
        (*model).*member =
            std::max<std::int64_t>(0, jsonFieldAs<std::int64_t>(row, key).value_or(0));
    }
    for (const auto& [key, member] : kTexts) {
        (*model).*member = jsonFieldAs<std::string>(row, key).value_or("");
    }
    if (const json* const types = jsonField(row, "types"); types != nullptr && types->is_array()) {
        for (const json& type : *types) {
            if (type.is_object()) {
                model->types.push_back({jsonFieldAs<std::string>(type, "name").value_or(""),
                                        jsonFieldAs<std::int64_t>(type, "elements").value_or(0)});
            }
        }
    }
    for (const auto& [key, member] : kNeeds) {
        const auto parts = jsonFieldAs<std::vector<std::int64_t>>(row, key);
        if (!parts || parts->size() != kParts.size()) {
            return nullptr;
        }
        for (std::size_t i = 0; i < kParts.size(); ++i) {
            ((*model).need.*member).*kParts[i] =
                std::clamp<std::int64_t>((*parts)[i], 0, 1LL << 58);
        }
    }
    return model;
}

} // namespace

HeaderCache::HeaderCache()
    : m_cache("models", kVersion)
    , m_file(m_cache.fileOf(keyOf()))
{
}

HeaderCache::Entries HeaderCache::read(const fs::path& file)
{
    Entries entries;
    if (!pathExists(file)) {
        return entries;
    }
    try {
        const SafetensorsFile stored = SafetensorsFile::open(file);
        const TensorView& text = stored.at(kTensor);
        if (text.dtype != DType::U8 || text.sizeBytes > kLargest) {
            return entries;
        }
        const json all = parseOwnPlain(
            std::string_view(reinterpret_cast<const char*>(text.data), text.sizeBytes));
        requireIntact(text.data);
        if (!all.is_object()) {
            return entries;
        }
        for (const auto& [path, one] : all.items()) {
            const json* const row = one.is_object() ? jsonField(one, "row") : nullptr;
            const auto identity =
                one.is_object() ? jsonFieldAs<std::string>(one, "identity") : std::nullopt;
            auto model = row != nullptr && identity ? modelOf(*row) : nullptr;
            if (model != nullptr) {
                entries.emplace(path, Entry {*identity, std::move(model), false});
            }
        }
    } catch (const Error&) {
        return {}; // it is made again
    }
    return entries;
}

void HeaderCache::write(const fs::path& file, const Entries& entries)
{
    json all = json::object();
    for (const auto& [path, entry] : entries) {
        all[path] = {{"identity", entry.identity}, {"row", rowOf(*entry.model)}};
    }
    const std::string text = all.dump();
    SafetensorsWriter writer(file,
                             {{kTensor, DType::U8, {static_cast<std::int64_t>(text.size())}}});
    writer.append(text.data(), text.size());
    writer.commit(Durability::Crash); // it can be made again
}

std::shared_ptr<const ListedModel> HeaderCache::find(const std::string& path,
                                                     const std::string& identity)
{
    if (!std::exchange(m_isRead, true) && m_cache.isOn()) {
        m_entries = read(m_file);
        m_cache.touch(m_file);
    }
    const auto entry = m_entries.find(path);
    if (entry == m_entries.end() || entry->second.identity != identity) {
        return nullptr;
    }
    entry->second.isUsed = true;
    return entry->second.model;
}

void HeaderCache::add(const std::string& path, const std::string& identity,
                      std::shared_ptr<const ListedModel> model)
{
    m_entries.insert_or_assign(path, Entry {identity, std::move(model), true});
    m_isChanged = true;
}

void HeaderCache::save() noexcept
{
    if (!m_isChanged) {
        return;
    }
    try {
        m_cache.extend(m_file, [this](const fs::path& file) {
            Entries all = m_entries;
            Entries theirs = read(file);
            all.merge(theirs); // ours are the newer ones
            if (all.size() > kMostEntries) { // disks that were here once
                std::erase_if(all, [](const auto& one) { return !one.second.isUsed; });
            }
            write(file, all);
        });
        m_isChanged = false;
    } catch (const std::exception&) {
        // Without a cache headers are read again.
    }
}

} // namespace pissarro::core::inline catalog
