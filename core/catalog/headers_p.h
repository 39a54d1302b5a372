// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/finding_p.h"
#include "core/catalog/listed_model.h"

#include <optional>
#include <string>

namespace pissarro::core::inline catalog {

// What the headers of a found model say, by ModelFiles where it can be opened, else as far as they tell. nullopt: it turned
// out to be no model. No weight is read.
std::optional<ListedModel> readHeaders(const FoundModel& found, const ModelPlace& place);

// What is known without them: names, place and size.
ListedModel listedBare(const FoundModel& found, const ModelPlace& place);

// By which a model is known to be the same as when its headers were read.
std::string identityOf(const FoundModel& found);

} // namespace pissarro::core::inline catalog
