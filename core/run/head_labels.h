// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/labelled_texts.h"
#include "core/model/plan/encoder_parts.h"

namespace pissarro::core::inline run {

// What a model sorts texts into by its head; count 0: not known, it has none for that.
inline LabelSet labelsOf(const HeadShape& head)
{
    return head.kind == HeadKind::Sequence ? LabelSet {head.labels, head.labelNames} : LabelSet {};
}

} // namespace pissarro::core::inline run
