// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/tensor_view.h"

#include "core/base/error.h"
#include "core/text/message_text.h"

#include <cassert>
#include <utility>

namespace pissarro::core::inline format {

void TensorTable::add(TensorView view)
{
    if (!m_index.emplace(view.name, m_tensors.size()).second) {
        throw Error(ErrorKind::Format, "tensor " + shownText(view.name) + " is listed twice");
    }
    m_tensors.push_back(std::move(view));
}

const TensorView* TensorTable::find(std::string_view name) const
{
    const auto found = m_index.find(name);
    return found == m_index.end() ? nullptr : &m_tensors[found->second];
}

void toFloat32(const TensorView& view, std::int64_t first, std::int64_t count, float* out)
{
    const DTypeInfo& type = view.dtype.info();
    if (type.toFloat32 == nullptr) {
        throw Error(ErrorKind::Format,
                    "tensor " + shownText(view.name) + " holds " + std::string(type.name)
                        + " (expected a floating-point type)");
    }
    assert(first >= 0 && count >= 0 && first + count <= view.elements());
    assert(first % type.elements == 0 && count % type.elements == 0);
    type.toFloat32(view.data + dtypeBytes(view.dtype, static_cast<std::uint64_t>(first)),
                   count / type.elements, out);
}

bool isFinite(const TensorView& view)
{
    const DTypeInfo& type = view.dtype.info();
    return type.isFinite == nullptr
        || type.isFinite(view.data, static_cast<std::uint64_t>(view.elements() / type.elements));
}

} // namespace pissarro::core::inline format
