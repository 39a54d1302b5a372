// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/catalog/listed_model.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pissarro::core::inline catalog {

using ListedModels = std::vector<std::shared_ptr<const ListedModel>>; // immutable

struct ListedPlace {
    ModelPlace place;
    bool isThere = false;
    std::int64_t models = 0;
    std::uint64_t bytes = 0; // of them on disk; a blob of two tags counts once
};

struct ModelList {
    ListedModels models; // place by place in the order that they were given, by title within
    std::vector<ListedPlace> places; // all that were looked into, there or not
    std::vector<std::string> notes; // a line each: what is no model and was passed over, and why
};

// Whether headers are read that were read before.
enum class Look { AtChanges, Afresh };

// Lists the models of places by their headers alone. Whoever is told of batches has the first rows at once, however many
// models there are; what headers said is kept in the program's cache, by path, size and time of the files.
//
// A model that cannot be opened is listed with the reason; what cannot even be listed is a note.
// Cost: for each folder its entries, for each model whose files changed the headers.
// Threads: one user at a time.
class ModelLister {
public:
    // Those found since the last batch, in the order in which they were found.
    using Batch = std::function<void(ListedModels)>;
    static constexpr std::size_t kBatch = 64;

    ModelLister();
    ~ModelLister();
    ModelLister(const ModelLister&) = delete;
    ModelLister& operator=(const ModelLister&) = delete;

    // Of an Opened place nothing is listed that another place has. Throws: Cancelled; what was read until then is kept.
    ModelList look(const std::vector<ModelPlace>& places, const JobContext& job,
                   const Batch& tell = {}, Look how = Look::AtChanges);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace pissarro::core::inline catalog
