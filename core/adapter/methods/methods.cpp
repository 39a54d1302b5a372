// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/method.h"
#include "core/text/enum_names.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <iterator>

namespace pissarro::core::inline adapter::inline methods {

// Each in a file of its own.
extern const MethodInfo kPissa, kLora, kOlora, kQpissa, kQlora, kLoftq, kFull;

} // namespace pissarro::core::inline adapter::inline methods

namespace pissarro::core::inline adapter {

namespace {

std::string listed(const std::vector<Method>& methods, std::string_view MethodInfo::*part,
                   std::string_view last)
{
    std::vector<std::string_view> words;
    for (const Method method : methods) {
        words.push_back(method.operator->()->*part);
    }
    return listText(words, last);
}

} // namespace

const std::vector<Method>& allMethods()
{
    static const std::vector<Method> all {
        Method(kPissa), Method(kLora),  Method(kOlora), Method(kQpissa),
        Method(kQlora), Method(kLoftq), Method(kFull),
    };
    return all;
}

std::ptrdiff_t placeOf(Method method)
{
    return std::find(allMethods().begin(), allMethods().end(), method) - allMethods().begin();
}

const MethodInfo& defaultMethod()
{
    return kPissa;
}

Method methodNamed(std::string_view name)
{
    std::vector<Named<Method>> names;
    for (const Method method : allMethods()) {
        names.push_back({method, method->name});
    }
    return parseIn(names, "method", name);
}

std::vector<Method> methodsWhere(bool (*is)(Method))
{
    std::vector<Method> found;
    std::copy_if(allMethods().begin(), allMethods().end(), std::back_inserter(found), is);
    return found;
}

Method firstWhere(bool (*is)(Method))
{
    const auto found = std::find_if(allMethods().begin(), allMethods().end(), is);
    if (found == allMethods().end()) {
        throw Error(ErrorKind::Internal, "no method of the kind asked for");
    }
    return *found;
}

std::string namesWhere(bool (*is)(Method), std::string_view last)
{
    return listed(methodsWhere(is), &MethodInfo::name, last);
}

std::string titlesOf(const std::vector<Method>& methods)
{
    return listed(methods, &MethodInfo::title, "and");
}

} // namespace pissarro::core::inline adapter
