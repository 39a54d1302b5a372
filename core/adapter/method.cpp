// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/method.h"

#include "core/base/error.h"
#include "core/text/enum_names.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace pissarro::core {

namespace {

constexpr std::array kMethods {
    Named<Method> {Method::Pissa, "pissa"},   Named<Method> {Method::Lora, "lora"},
    Named<Method> {Method::Qpissa, "qpissa"}, Named<Method> {Method::Qlora, "qlora"},
    Named<Method> {Method::Loftq, "loftq"},   Named<Method> {Method::Full, "full"},
};

} // namespace

std::string_view methodName(Method method)
{
    return nameIn(kMethods, method);
}

std::string_view methodTitle(Method method)
{
    switch (method) {
    case Method::Pissa:
        return "PiSSA";
    case Method::Lora:
        return "LoRA";
    case Method::Qpissa:
        return "QPiSSA";
    case Method::Qlora:
        return "QLoRA";
    case Method::Loftq:
        return "LoftQ";
    case Method::Full:
        return "Full fine-tuning";
    }
    throw Error(ErrorKind::Internal, "a method without a title");
}

Method parseMethod(std::string_view text)
{
    return parseIn(kMethods, "method", text);
}

const std::vector<Method>& allMethods()
{
    static const std::vector<Method> all = [] {
        std::vector<Method> methods;
        std::transform(kMethods.begin(), kMethods.end(), std::back_inserter(methods),
                       [](const auto& entry) { return entry.value; });
        return methods;
    }();
    return all;
}

bool hasAdapter(Method method)
{
    return method != Method::Full;
}

bool isFourBit(Method method)
{
    return method == Method::Qpissa || method == Method::Qlora || method == Method::Loftq;
}

bool decomposes(Method method)
{
    return method == Method::Pissa || iterates(method);
}

bool iterates(Method method)
{
    return method == Method::Qpissa || method == Method::Loftq;
}

} // namespace pissarro::core
