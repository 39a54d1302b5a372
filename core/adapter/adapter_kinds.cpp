// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/adapter_kind_tensors.h"

#include <string>

namespace pissarro::core::inline adapter {

const std::vector<const AdapterKind*>& allAdapterKinds()
{
    static const std::vector<const AdapterKind*> all {&kPlainLowRank};
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

std::string peftName(const std::string& module, const AdapterTensor& tensor)
{
    return "base_model.model." + module + "." + std::string(tensor.name) + ".weight";
}

std::string masterName(const std::string& module, const AdapterTensor& tensor)
{
    return module + "." + std::string(tensor.name);
}

} // namespace pissarro::core::inline adapter
