// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/adapter_kind_tensors.h"
#include "core/adapter/adapter_tensors.h"
#include "core/text/enum_names.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <string>

namespace pissarro::core::inline adapter {

// Each in a file of its own; kPlainLowRank is in the header, as what an adapter is where nobody says otherwise.
extern const AdapterKind kDora;

const std::vector<const AdapterKind*>& allAdapterKinds()
{
    static const std::vector<const AdapterKind*> all {&kPlainLowRank, &kDora};
    return all;
}

std::vector<PeftForm> peftForms()
{
    std::vector<PeftForm> forms;
    for (const AdapterKind* kind : allAdapterKinds()) {
        forms.push_back(kind->form);
    }
    return forms;
}

std::vector<AdapterKindName> adapterKindNames()
{
    std::vector<AdapterKindName> names;
    for (const AdapterKind* kind : allAdapterKinds()) {
        names.push_back(kind->named);
    }
    return names;
}

AdapterKindName defaultAdapterKind()
{
    return allAdapterKinds().front()->named;
}

const AdapterKind* findAdapterKind(std::string_view name)
{
    const auto& all = allAdapterKinds();
    const auto found = std::find_if(
        all.begin(), all.end(), [&](const AdapterKind* one) { return one->named.name == name; });
    return found == all.end() ? nullptr : *found;
}

const AdapterKind& adapterKindNamed(std::string_view name)
{
    std::vector<Named<const AdapterKind*>> names;
    for (const AdapterKind* one : allAdapterKinds()) {
        names.push_back({one, one->named.name});
    }
    return *parseIn(names, "adapter_kind", name);
}

std::vector<std::int64_t> adapterSizes(const AdapterKind& kind, const LinearModule& module,
                                       std::int64_t rank)
{
    std::vector<std::int64_t> sizes;
    for (const AdapterTensor& tensor : kind.tensors) {
        const auto shape = tensor.shape(module.rows, module.cols, rank);
        sizes.push_back(
            std::accumulate(shape.begin(), shape.end(), std::int64_t {1}, std::multiplies<>()));
    }
    return sizes;
}

std::int64_t adapterParameters(std::string_view kind, const std::vector<LinearModule>& modules,
                               std::int64_t rank, const RankPatterns& patterns)
{
    const AdapterKind* const named = findAdapterKind(kind);
    const AdapterKind& known = named == nullptr ? *allAdapterKinds().front() : *named;
    std::int64_t sum = 0;
    for (const LinearModule& module : modules) {
        const auto sizes = adapterSizes(known, module, adapterRank(module, rank, patterns));
        sum = std::accumulate(sizes.begin(), sizes.end(), sum);
    }
    return sum;
}

std::string peftName(const std::string& module, const AdapterTensor& tensor)
{
    return "base_model.model." + module + "." + std::string(tensor.name)
        + std::string(tensor.ending);
}

std::string masterName(const std::string& module, const AdapterTensor& tensor)
{
    return module + "." + std::string(tensor.name);
}

std::vector<Adapter> asFactors(std::vector<Adapter> adapters)
{
    for (Adapter& adapter : adapters) {
        adapter = {adapter.module, adapter.a_RI, adapter.b_OR, adapter.scale};
    }
    return adapters;
}

} // namespace pissarro::core::inline adapter
