// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/model_list.h"

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/catalog/finding_p.h"
#include "core/catalog/header_cache_p.h"
#include "core/catalog/headers_p.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <new>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

namespace pissarro::core::inline catalog {

namespace fs = std::filesystem;

namespace {

constexpr double kBatchS = 0.06; // rows wait no longer to be told
constexpr std::size_t kMostNotes = 1000;

// Rows on their way to whoever is told.
class Telling {
public:
    explicit Telling(const ModelLister::Batch& tell)
        : m_tell(tell)
    {
    }

    void add(const std::shared_ptr<const ListedModel>& model)
    {
        if (!m_tell) {
            return;
        }
        m_waiting.push_back(model);
        const bool isFirst = !std::exchange(m_hasTold, true);
        if (isFirst || m_waiting.size() >= ModelLister::kBatch || secondsSince(m_last) >= kBatchS) {
            flush();
        }
    }

    void flush()
    {
        if (m_tell && !m_waiting.empty()) {
            m_tell(std::exchange(m_waiting, {}));
            m_last = Clock::now();
        }
    }

private:
    const ModelLister::Batch& m_tell;
    ListedModels m_waiting;
    Clock::time_point m_last = Clock::now();
    bool m_hasTold = false;
};

// Headers of a model that lies are no reason to tell of no other.
std::optional<ListedModel> readGuarded(const FoundModel& found, const ModelPlace& place)
{
    try {
        return readHeaders(found, place);
    } catch (const Cancelled&) {
        throw;
    } catch (const std::bad_alloc&) {
        ListedModel model = listedBare(found, place);
        model.problem = "its headers need more memory than there is";
        return model;
    } catch (const std::exception& e) {
        ListedModel model = listedBare(found, place);
        model.problem = shownText(e.what(), 200);
        return model;
    }
}

// What the place says is not part of what is kept: one model may be listed by two places.
std::shared_ptr<const ListedModel> inPlace(std::shared_ptr<const ListedModel> model,
                                           const FoundModel& found, const ModelPlace& place)
{
    if (model->place == place && model->path == found.path) {
        return model;
    }
    auto here = std::make_shared<ListedModel>(*model);
    here->place = place;
    here->path = found.path;
    return here;
}

// What is kept of it, or what its headers say now. Null: it is no model.
std::shared_ptr<const ListedModel> modelOf(const FoundModel& found, const ModelPlace& place,
                                           Look how, HeaderCache& cache)
{
    // Two tags of one blob are two models with two names.
    const std::string key =
        fmt::format("{}\n{}\n{}", found.path.string(), found.name, found.version);
    const std::string identity = identityOf(found);
    auto model = how == Look::Afresh ? nullptr : cache.find(key, identity);
    if (model == nullptr) {
        auto read = readGuarded(found, place);
        if (!read) {
            return nullptr;
        }
        model = std::make_shared<const ListedModel>(std::move(*read));
        cache.add(key, identity, model);
    }
    return inPlace(std::move(model), found, place);
}

} // namespace

struct ModelLister::Private {
    std::unique_ptr<HeaderCache>
        cache; // made by the first look: who makes a lister may be in a hurry
};

ModelLister::ModelLister()
    : d(std::make_unique<Private>())
{
}

ModelLister::~ModelLister() = default;

ModelList ModelLister::look(const std::vector<ModelPlace>& places, const JobContext& job,
                            const Batch& tell, Look how)
{
    struct Saving { // also of a look that is cancelled
        HeaderCache& cache;
        ~Saving() { cache.save(); }
    };
    if (d->cache == nullptr) {
        d->cache = std::make_unique<HeaderCache>();
    }
    const Saving saving {*d->cache};
    ModelList list;
    Telling telling(tell);
    std::set<fs::path> listed;
    ListedPlace* at = nullptr;
    std::set<fs::path> counted; // of a place
    const auto take = [&](const FoundModel& found) {
        const bool isKnown = !listed.insert(found.path).second;
        if (isKnown && at->place.kind == PlaceKind::Opened) {
            return;
        }
        auto model = modelOf(found, at->place, how, *d->cache);
        if (model == nullptr) {
            return;
        }
        ++at->models;
        at->bytes += counted.insert(found.path).second ? model->diskBytes : 0;
        list.models.push_back(model);
        telling.add(model);
    };
    const auto note = [&list](std::string line) {
        if (list.notes.size() < kMostNotes) {
            list.notes.push_back(std::move(line));
        }
    };
    list.places.reserve(places.size());
    Finding finding(job, take, note);
    for (const ModelPlace& place : places) {
        std::error_code failed;
        list.places.push_back({place, fs::exists(place.folder, failed), 0, 0});
        at = &list.places.back();
        counted.clear();
        const std::size_t begin = list.models.size();
        finding.findIn(place);
        std::stable_sort(list.models.begin() + static_cast<std::ptrdiff_t>(begin),
                         list.models.end(), [](const auto& a, const auto& b) {
                             return std::pair(a->title(), a->version)
                                 < std::pair(b->title(), b->version);
                         });
    }
    telling.flush();
    return list;
}

} // namespace pissarro::core::inline catalog
