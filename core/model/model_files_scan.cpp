// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/model_files_scan.h"

#include "core/file/intact.h"
#include "core/format/coded_weight.h"

#include <algorithm>

namespace pissarro::core::inline model {

void requireFinite(const ModelFiles& files, std::string_view weightName, const JobContext& job)
{
    constexpr std::int64_t kPiece = 1 << 20; // elements: milliseconds from a slow disk
    const TensorView* const view = files.find(weightName);
    const std::int64_t block = view == nullptr ? 1 : view->dtype.info().elements;
    const std::int64_t size = kPiece / block * block; // whole blocks
    const std::int64_t count = view == nullptr ? 0 : view->elements();
    bool finite = view != nullptr;
    for (std::int64_t first = 0; first < count && finite; first += size) {
        job.throwIfCancelled();
        TensorView piece = *view;
        const auto before = dtypeBytes(view->dtype, static_cast<std::uint64_t>(first));
        piece.shape = {std::min(size, count - first)};
        piece.data += before;
        piece.sizeBytes = dtypeBytes(view->dtype, static_cast<std::uint64_t>(piece.shape[0]));
        finite = isFinite(piece);
    }
    const CodedWeight* const coded = files.codedWeight(weightName);
    if (!finite || (coded != nullptr && !coded->isFinite())) {
        files.requireFinite(weightName); // names the file
    }
    requireIntact(view->data);
}

} // namespace pissarro::core::inline model
