// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/export/export_form.h"

#include <algorithm>

namespace pissarro::core::inline exports {

const std::vector<ExportForm>& allExportForms()
{
    static const std::vector<ExportForm> all {ExportForm::Lora, ExportForm::Pair,
                                              ExportForm::Merged};
    return all;
}

std::string exportFormNames(std::string_view between)
{
    std::string names;
    for (const ExportForm form : allExportForms()) {
        names +=
            fmt::format("{}{}", names.empty() ? std::string_view() : between, form.info().name);
    }
    return names;
}

std::string_view exportFormName(ExportForm form)
{
    return form.info().name;
}

ExportForm parseExportForm(std::string_view text)
{
    const auto& all = allExportForms();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](ExportForm form) { return form.info().name == text; });
    if (found == all.end()) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("unknown export form {} (expected {})", text, exportFormNames()));
    }
    return *found;
}

} // namespace pissarro::core::inline exports
