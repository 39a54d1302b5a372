// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/gguf_header.h"

#include "core/base/fmt.h"
#include "core/model/families/family.h"
#include "core/text/message_text.h"

#include <charconv>
#include <cmath>
#include <variant>

namespace pissarro::core::inline model::inline families {

namespace {

// GGUF keeps float32: 1e-5 arrives as 9.99999974737875e-06.
double asWritten(double value)
{
    const auto single = static_cast<float>(value);
    if (static_cast<double>(single) != value) {
        return value;
    }
    char text[64];
    const auto written = std::to_chars(text, text + sizeof text, single);
    double exact = value;
    std::from_chars(text, written.ptr, exact);
    return exact;
}

} // namespace

GgufHeader::GgufHeader(const GgufFile& file, const std::string& architecture)
    : m_file(file)
    , m_prefix(fmt::format("{}.", architecture))
{
}

std::optional<std::int64_t> GgufHeader::whole(const std::string& key) const
{
    const std::string full = m_prefix + key;
    const auto found = m_file.values().find(full);
    const auto* const list = found == m_file.values().end()
        ? nullptr
        : std::get_if<std::vector<std::int64_t>>(&found->second);
    if (list == nullptr) {
        return m_file.integer(full);
    }
    for (const std::int64_t value : *list) {
        if (value != list->front()) {
            refuseConfig("value " + shownText(full)
                         + " differs from layer to layer, which is not supported");
        }
    }
    return list->empty() ? std::nullopt : std::optional<std::int64_t>(list->front());
}

std::int64_t GgufHeader::required(const std::string& key) const
{
    const std::optional<std::int64_t> value = whole(key);
    if (!value) {
        refuseConfig("value " + shownText(m_prefix + key)
                     + " is missing (expected a whole number)");
    }
    return *value;
}

std::optional<double> GgufHeader::number(const std::string& key) const
{
    const std::optional<double> value = m_file.number(m_prefix + key);
    return value ? std::optional<double>(asWritten(*value)) : std::nullopt;
}

std::optional<std::string> GgufHeader::text(const std::string& key) const
{
    return m_file.text(m_prefix + key);
}

std::vector<double> GgufHeader::factors(const std::string& tensor, std::int64_t count) const
{
    const TensorView* const view = m_file.find(tensor);
    if (view == nullptr) {
        return {};
    }
    if (view->dtype != DType::F32 || view->elements() != count) {
        refuseConfig(fmt::format("tensor {} is {} {} (expected F32 [{}])", shownText(view->name),
                                 dtypeName(view->dtype), shownShape(view->shape), count));
    }
    std::vector<float> values(static_cast<std::size_t>(count));
    toFloat32(*view, 0, count, values.data());
    for (const float value : values) {
        if (!std::isfinite(value) || value <= 0.0F) {
            refuseConfig("tensor " + shownText(view->name)
                         + " holds a factor that is not a finite number above 0");
        }
    }
    return {values.begin(), values.end()};
}

} // namespace pissarro::core::inline model::inline families
