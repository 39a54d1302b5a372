// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/step_batches.h"

#include "core/file/fingerprint.h"

#include <bit>

namespace pissarro::core::inline dataset {

std::int64_t countedTokens(const Batch& batch)
{
    if (!batch.targets.empty()) {
        return batch.rows;
    }
    std::int64_t count = 0;
    for (std::int64_t row = 0; row < batch.rows; ++row) {
        for (std::int64_t t = 0; t + 1 < batch.length; ++t) {
            const auto at = static_cast<std::size_t>(row * batch.length + t);
            count += batch.mask[at] != 0 && batch.labels[at + 1] != kIgnoreLabel ? 1 : 0;
        }
    }
    return count;
}

std::vector<Batch> nextStep(BatchSource& source, std::int64_t gradAccum)
{
    std::vector<Batch> batches;
    bool epochEnds = false;
    while (static_cast<std::int64_t>(batches.size()) < gradAccum && !epochEnds) {
        batches.push_back(source.next());
        const std::int64_t rows = source.rows();
        epochEnds = (source.cursor().position + rows - 1) / rows >= source.batchesPerEpoch();
    }
    return batches;
}

std::string epochFingerprint(BatchSource& source)
{
    Fingerprint print;
    source.seek({});
    for (std::int64_t i = 0; i < source.batchesPerEpoch(); ++i) {
        const Batch batch = source.next();
        for (std::size_t at = 0; at < batch.ids.size(); ++at) {
            if (batch.mask[at] != 0) {
                print.add(batch.ids[at]);
                print.add(batch.labels[at]);
            }
        }
        for (const double target : batch.targets) {
            print.add(std::bit_cast<std::int64_t>(target));
        }
        for (const std::int64_t type : batch.types) {
            print.add(type);
        }
        print.add(std::int64_t {-1}); // where a micro-batch ends
    }
    source.seek({});
    return print.text();
}

} // namespace pissarro::core::inline dataset
